/* SPDX-License-Identifier: Apache-2.0
 * A request from its registration to its acceptance, as those concerned see it. Each test names the requirements that it shows. */
#include "tests/it/node_ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/base.h"
#include "common/base/time.h"

enum { HISTORY_MAX = 32 };

static ordo_client *admin, *head, *mona, *ann, *bob, *client;

/* What is asked at the company's shop, by nobody in particular. */
static Ordo__RequestRegisterReq register_req(const char *title)
{
    static Ordo__Field field, *fields[] = {&field};
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    ordo__field__init(&field);
    field.name = TXT("site");
    field.value = TXT("Shop");
    req.has_type_id = true;
    req.type_id = site.type_id;
    req.title = TXT(title);
    req.n_fields = 1;
    req.fields = fields;
    return req;
}

/* What a request looks like to somebody. To be freed. */
static Ordo__RequestGetRep *request_seen(ordo_client *c, int64_t id)
{
    ordo_error e;
    Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
    Ordo__RequestGetRep *rep;
    req.has_request_id = true;
    req.request_id = id;
    must(ordo_request_get(c, &req, &rep, &e), &e, "get");
    return rep;
}

static Ordo__RequestState state_seen(ordo_client *c, int64_t id)
{
    Ordo__RequestGetRep *rep = request_seen(c, id);
    Ordo__RequestState state = rep->request->state;
    ordo_free_message(rep);
    return state;
}

struct history {
    size_t n;
    struct {
        uint32_t seq;
        Ordo__HistoryKind kind;
        int64_t happened_us, actor_id, subject_id;
        char actor[32], text[64];
    } rows[HISTORY_MAX];
};

static bool take_history(ordo_call *call, const Ordo__RequestHistoryPart *part, void *arg)
{
    struct history *h = arg;
    (void)call;
    for (size_t i = 0; i < part->n_rows; i++, h->n++) {
        const Ordo__HistoryRow *r = part->rows[i];
        assert_true(h->n < HISTORY_MAX);
        h->rows[h->n].seq = r->seq;
        h->rows[h->n].kind = r->kind;
        h->rows[h->n].happened_us = r->happened_us;
        h->rows[h->n].actor_id = r->actor_id;
        h->rows[h->n].subject_id = r->subject_id;
        snprintf(h->rows[h->n].actor, sizeof h->rows[h->n].actor, "%s", r->actor ? r->actor : "");
        snprintf(h->rows[h->n].text, sizeof h->rows[h->n].text, "%s", r->text ? r->text : "");
    }
    return true;
}

static void history_of(ordo_client *c, int64_t id, struct history *h)
{
    ordo_error e;
    Ordo__RequestHistoryReq req = ORDO__REQUEST_HISTORY_REQ__INIT;
    req.has_request_id = true;
    req.request_id = id;
    memset(h, 0, sizeof *h);
    must(ordo_request_history(c, &req, take_history, h, NULL, &e), &e, "history");
}

/* Any action that needs no more than the request's id. */
#define DO(c, name, Stem, id, ...)                                                                                     \
    do {                                                                                                               \
        ordo_error e_;                                                                                                 \
        Ordo__##Stem##Req req_;                                                                                        \
        ordo__##name##_req__init(&req_);                                                                               \
        req_.has_request_id = true;                                                                                    \
        req_.request_id = (id);                                                                                        \
        __VA_ARGS__;                                                                                                   \
        must(ordo_##name(c, &req_, NULL, &e_), &e_, #name);                                                            \
    } while (0)

/* R0.1: head and manager register customers, nobody else does; and no request is taken before a contract is signed. */
static void customers_are_registered_by_those_who_may(void **state)
{
    const struct {
        const char *name;
        ordo_client *who;
        enum ordo_status status;
    } rows[] = {
        {"a specialist", ann, ORDO_FORBIDDEN},
        {"a customer", client, ORDO_FORBIDDEN},
        {"the head", head, ORDO_OK},
        {"a manager", mona, ORDO_OK},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        ordo_error e;
        Ordo__CustomerCreateReq req = ORDO__CUSTOMER_CREATE_REQ__INIT;
        Ordo__CustomerCreateRep *rep;
        print_message("  %s\n", rows[i].name);
        req.has_branch_id = true;
        req.branch_id = site.branch_id;
        req.name = TXT(rows[i].name);
        assert_int_equal(ordo_customer_create(rows[i].who, &req, &rep, &e), rows[i].status);
        if (rows[i].status != ORDO_OK)
            continue;
        Ordo__RequestRegisterReq r = register_req("without a contract, then with one");
        Ordo__ContractPutReq k = ORDO__CONTRACT_PUT_REQ__INIT;
        r.customer_id = k.customer_id = rep->id;
        r.has_customer_id = k.has_customer_id = k.has_sla_id = true;
        assert_int_equal(ordo_request_register(rows[i].who, &r, NULL, &e), ORDO_CONFLICT);
        assert_string_equal(e.reason, "NO_CONTRACT");
        k.sla_id = site.sla_id;
        k.number = TXT("2026/2");
        assert_int_equal(ordo_contract_put(rows[i].who, &k, NULL, &e), ORDO_INVALID); /* not signed */
        assert_string_equal(e.violations[0].field, "signed_on");
        k.signed_on = TXT("2026-02-28");
        must(ordo_contract_put(rows[i].who, &k, NULL, &e), &e, "contract");
        must(ordo_request_register(rows[i].who, &r, NULL, &e), &e, "register");
        ordo_free_message(rep);
    }
}

/* R0.12: the customer's answer has number, state and the expected times. R0.8: those come from the contract's SLA, there is no
 * field to type them into. */
static void a_customer_is_answered_with_number_state_and_times(void **state)
{
    ordo_error e;
    Ordo__RequestRegisterReq req = register_req("The oven display is dark");
    Ordo__RequestRegisterRep *rep;
    (void)state;
    must(ordo_request_register(client, &req, &rep, &e), &e, "register");
    Ordo__RequestGetRep *seen = request_seen(client, rep->id);
    assert_true(rep->number > 0 && rep->number == seen->request->number);
    assert_int_equal(rep->state, ORDO__REQUEST_STATE__OPEN);
    assert_true(rep->response->due_us == seen->request->created_us + 3600 * OD_US_PER_S);
    assert_true(rep->resolution->due_us == seen->request->created_us + 4 * 3600 * OD_US_PER_S);
    assert_true(seen->contract_id == site.contract_id);
    ordo_free_message(seen);
    ordo_free_message(rep);
    for (unsigned i = 0; i < ordo__request_register_req__descriptor.n_fields; i++)
        assert_null(strstr(ordo__request_register_req__descriptor.fields[i].name, "due"));
}

/* R0.4: a manager notes what came by telephone, and specialists and the head see it at once. R4.31: with who called, what it is
 * and until when. */
static void what_was_received_elsewhere_is_seen_at_once(void **state)
{
    ordo_error e;
    ordo_client *readers[] = {ann, bob, head};
    Ordo__RequestRegisterReq req = register_req("The printer does not answer");
    Ordo__RequestRegisterRep *rep;
    (void)state;
    req.has_customer_id = req.has_contact_id = req.has_channel = true;
    req.customer_id = site.customer_id;
    req.contact_id = site.contact_id;
    req.channel = ORDO__CHANNEL__PHONE;
    must(ordo_request_register(mona, &req, &rep, &e), &e, "register");
    for (size_t i = 0; i < OD_LEN(readers); i++) {
        Ordo__RequestGetRep *seen = request_seen(readers[i], rep->id);
        assert_int_equal(seen->request->channel, ORDO__CHANNEL__PHONE);
        assert_true(seen->contact_id == site.contact_id && seen->request->type_id == site.type_id);
        assert_true(seen->request->response->has_due_us && seen->request->resolution->has_due_us);
        ordo_free_message(seen);
    }
    ordo_free_message(rep);
}

/* R1.24, R2.4: an answer that has not the form of its field is refused, and the field is named. */
static void answers_have_the_form_of_their_field(void **state)
{
    static const struct {
        const char *name, *field, *value;
        bool fits;
    } rows[] = {
        {"a number", "films a month", "120.5", true},       {"no number", "films a month", "many", false},
        {"a date", "from", "2026-02-28", true},             {"no date of the calendar", "from", "2026-02-30", false},
        {"one of the choices", "kind", "matt", true},       {"none of the choices", "kind", "gloss", false},
        {"as long as it may be", "remark", "\xc3\xa9t\xc3\xa9s", true}, {"longer than it may be", "remark", "summers", false},
    };
    ordo_error e;
    char *choices[] = {TXT("matt"), TXT("clear")};
    Ordo__FieldSpec number = ORDO__FIELD_SPEC__INIT, date = ORDO__FIELD_SPEC__INIT, choice = ORDO__FIELD_SPEC__INIT,
                    text = ORDO__FIELD_SPEC__INIT, *specs[] = {&number, &date, &choice, &text};
    Ordo__RequestTypePutReq t = ORDO__REQUEST_TYPE_PUT_REQ__INIT;
    Ordo__RequestTypePutRep *type;
    (void)state;
    number.name = TXT("films a month");
    date.name = TXT("from");
    choice.name = TXT("kind");
    text.name = TXT("remark");
    number.has_kind = date.has_kind = choice.has_kind = text.has_kind = text.has_max_chars = true;
    number.kind = ORDO__FIELD_KIND__NUMBER;
    date.kind = ORDO__FIELD_KIND__DATE;
    choice.kind = ORDO__FIELD_KIND__CHOICE;
    choice.n_choices = 2;
    choice.choices = choices;
    text.kind = ORDO__FIELD_KIND__TEXT;
    text.max_chars = 4;
    t.name = TXT("Film");
    t.has_impact = t.has_department_id = true;
    t.impact = 2;
    t.department_id = site.department_id;
    t.n_fields = OD_LEN(specs);
    t.fields = specs;
    must(ordo_request_type_put(admin, &t, &type, &e), &e, "request type");
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        Ordo__RequestRegisterReq req = register_req("Films");
        char path[64];
        print_message("  %s\n", rows[i].name);
        req.fields[0]->name = TXT(rows[i].field);
        req.fields[0]->value = TXT(rows[i].value);
        req.has_customer_id = true;
        req.customer_id = site.customer_id;
        req.type_id = type->id;
        long before = pg_count(site.db.super, "request");
        assert_int_equal(ordo_request_register(mona, &req, NULL, &e), rows[i].fits ? ORDO_OK : ORDO_INVALID);
        assert_int_equal(pg_count(site.db.super, "request"), before + rows[i].fits);
        snprintf(path, sizeof path, "fields[0].%s", rows[i].field);
        if (!rows[i].fits)
            assert_string_equal(e.violations[0].field, path);
    }
    ordo_free_message(type);
}

/* R0.14: the question, its answer, who wrote them and when stand in the request, for both sides. */
static void questions_and_answers_stay_with_the_request(void **state)
{
    static const struct {
        Ordo__HistoryKind kind;
        const char *actor, *text;
    } want[] = {
        {ORDO__HISTORY_KIND__H_WAITING, "ann", "Which floor is it?"},
        {ORDO__HISTORY_KIND__H_COMMENT, "client", "The third one"},
    };
    ordo_client *readers[] = {ann, client};
    struct history h;
    (void)state;
    int64_t id = request_make(mona, &site, "No network", 0);
    DO(ann, request_take, RequestTake, id, );
    DO(ann, request_wait, RequestWait, id, req_.has_wait_for = true; req_.wait_for = ORDO__WAIT_FOR__CUSTOMER;
       req_.reason = TXT("Which floor is it?"));
    DO(client, request_comment, RequestComment, id, req_.text = TXT("The third one"));
    for (size_t i = 0; i < OD_LEN(readers); i++) {
        size_t found = 0;
        history_of(readers[i], id, &h);
        for (size_t k = 0; k < h.n && found < OD_LEN(want); k++)
            if (h.rows[k].kind == want[found].kind) {
                assert_string_equal(h.rows[k].text, want[found].text);
                assert_string_equal(h.rows[k].actor, want[found].actor);
                assert_true(h.rows[k].happened_us > 0 && (k == 0 || h.rows[k].happened_us >= h.rows[k - 1].happened_us));
                found++;
            }
        assert_int_equal(found, OD_LEN(want));
    }
}

/* R0.41: what the specialist resolved is closed by a step of the customer's own. R2.30: who passed the work to whom is recorded.
 * R0.7: the history is complete and in order. R4.2: it stays, with their names, when people leave. */
static void a_life_is_recorded_from_step_to_step(void **state)
{
    ordo_error e;
    struct history h, later;
    int64_t cat = user_make(admin, &site, "cathy", "specialist", 0);
    ordo_client *cathy = client_login(&site, &node, NULL, "cathy", NULL);
    (void)state;
    int64_t id = request_make(head, &site, "The line is down", 0);
    DO(head, request_assign, RequestAssign, id, req_.has_assignee_id = true; req_.assignee_id = cat);
    DO(cathy, request_take, RequestTake, id, );
    DO(cathy, request_transfer, RequestTransfer, id, req_.has_department_id = true; req_.department_id = site.department_id);
    DO(bob, request_take, RequestTake, id, );
    DO(bob, request_resolve, RequestResolve, id, req_.solution = TXT("Switched over"));
    assert_int_equal(state_seen(client, id), ORDO__REQUEST_STATE__RESOLVED);
    DO(client, request_close, RequestClose, id, );
    assert_int_equal(state_seen(client, id), ORDO__REQUEST_STATE__CLOSED);

    const struct {
        Ordo__HistoryKind kind;
        int64_t actor, subject;
    } want[] = {
        {ORDO__HISTORY_KIND__H_REGISTERED, site.head_id, 0},
        {ORDO__HISTORY_KIND__H_ASSIGNED, site.head_id, cat},
        {ORDO__HISTORY_KIND__H_TAKEN, cat, 0},
        {ORDO__HISTORY_KIND__H_TRANSFERRED, cat, site.department_id},
        {ORDO__HISTORY_KIND__H_TAKEN, site.specialist_ids[1], 0},
        {ORDO__HISTORY_KIND__H_RESOLVED, site.specialist_ids[1], 0},
        {ORDO__HISTORY_KIND__H_CLOSED, site.customer_user_id, 0},
    };
    history_of(head, id, &h);
    assert_int_equal(h.n, OD_LEN(want));
    for (size_t i = 0; i < h.n; i++) {
        assert_int_equal(h.rows[i].seq, i + 1);
        assert_int_equal(h.rows[i].kind, want[i].kind);
        assert_true(h.rows[i].actor_id == want[i].actor);
        assert_true(!want[i].subject || h.rows[i].subject_id == want[i].subject);
        assert_true(i == 0 || h.rows[i].happened_us >= h.rows[i - 1].happened_us);
    }
    Ordo__UserDisableReq out = ORDO__USER_DISABLE_REQ__INIT;
    out.has_user_id = true;
    out.user_id = cat;
    must(ordo_user_disable(admin, &out, NULL, &e), &e, "disable");
    history_of(head, id, &later);
    assert_memory_equal(&h, &later, sizeof h);
    assert_string_equal(later.rows[2].actor, "cathy");
    ordo_client_free(cathy);
}

/* R4.16: how long it took from the call to the department's taking it is measured; R2.2: so is whether that was a minute. */
static void the_time_until_somebody_takes_it_is_measured(void **state)
{
    struct history h;
    (void)state;
    int64_t id = request_make(mona, &site, "Call me back", 0);
    usleep(50000);
    DO(ann, request_take, RequestTake, id, );
    Ordo__RequestGetRep *seen = request_seen(head, id);
    history_of(head, id, &h);
    assert_int_equal(h.n, 2);
    assert_true(seen->request->response->reached_us == h.rows[1].happened_us);
    assert_true(seen->request->created_us == h.rows[0].happened_us);
    assert_in_range(seen->request->response->reached_us - seen->request->created_us, 50000, 60 * OD_US_PER_S);
    assert_int_equal(seen->request->response->state, ORDO__TARGET_STATE__TARGET_MET);
    ordo_free_message(seen);
}

/* How many requests the head's report counts in a state. */
static uint64_t reported(const char *name)
{
    ordo_error e;
    Ordo__ReportSummaryReq req = ORDO__REPORT_SUMMARY_REQ__INIT;
    Ordo__ReportSummaryRep *rep;
    uint64_t n = 0;
    must(ordo_report_summary(head, &req, &rep, &e), &e, "report");
    for (size_t i = 0; i < rep->n_by_state; i++)
        if (!strcmp(rep->by_state[i]->name, name))
            n = rep->by_state[i]->n;
    ordo_free_message(rep);
    return n;
}

struct overdue {
    int64_t late, taken;
    bool has_late, has_taken;
};

static bool take_overdue(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    struct overdue *o = arg;
    (void)call;
    for (size_t i = 0; i < part->n_rows; i++) {
        const Ordo__RequestRow *r = part->rows[i];
        assert_true(r->response->state == ORDO__TARGET_STATE__TARGET_MISSED || r->resolution->state == ORDO__TARGET_STATE__TARGET_MISSED);
        o->has_late |= r->id == o->late;
        o->has_taken |= r->id == o->taken;
    }
    return true;
}

/* R1.9: at any time the head sees how many are in work, and at which stage. R1.13: and which of them are overdue. */
static void the_head_sees_states_and_what_is_overdue(void **state)
{
    ordo_error e;
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    (void)state;
    uint64_t open = reported("OPEN"), in_work = reported("IN_WORK"), waiting = reported("WAITING");
    struct overdue o = {.late = request_make(mona, &site, "late", 0), .taken = request_make(mona, &site, "taken", 0)};
    assert_int_equal(reported("OPEN"), open + 2);
    DO(bob, request_take, RequestTake, o.taken, );
    assert_int_equal(reported("OPEN"), open + 1);
    assert_int_equal(reported("IN_WORK"), in_work + 1);
    DO(bob, request_wait, RequestWait, o.taken, req_.has_wait_for = true; req_.wait_for = ORDO__WAIT_FOR__CUSTOMER);
    assert_int_equal(reported("IN_WORK"), in_work);
    assert_int_equal(reported("WAITING"), waiting + 1);

    pg_sql(site.db.super, "UPDATE ordo.clock SET business_at = business_at + interval '61 minutes'"); /* past the response target */
    req.has_missed = req.missed = true;
    for (int64_t end_ms = mono_ms() + 10000; !o.has_late && mono_ms() < end_ms; usleep(20000))
        must(ordo_request_list(head, &req, take_overdue, &o, NULL, &e), &e, "list");
    assert_true(o.has_late && !o.has_taken);
}

static int setup(void **state)
{
    site_given(state);
    admin = client_login(&site, &node, NULL, "admin", NULL);
    user_make(admin, &site, "mona", "manager", 0);
    head = client_login(&site, &node, NULL, "head", NULL);
    mona = client_login(&site, &node, NULL, "mona", NULL);
    ann = client_login(&site, &node, NULL, "ann", NULL);
    bob = client_login(&site, &node, NULL, "bob", NULL);
    client = client_login(&site, &node, NULL, "client", NULL);
    return 0;
}

static int teardown(void **state)
{
    ordo_client *all[] = {admin, head, mona, ann, bob, client};
    for (size_t i = 0; i < OD_LEN(all); i++)
        ordo_client_free(all[i]);
    return site_taken(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(customers_are_registered_by_those_who_may),
        cmocka_unit_test(a_customer_is_answered_with_number_state_and_times),
        cmocka_unit_test(what_was_received_elsewhere_is_seen_at_once),
        cmocka_unit_test(answers_have_the_form_of_their_field),
        cmocka_unit_test(questions_and_answers_stay_with_the_request),
        cmocka_unit_test(a_life_is_recorded_from_step_to_step),
        cmocka_unit_test(the_time_until_somebody_takes_it_is_measured),
        cmocka_unit_test(the_head_sees_states_and_what_is_overdue),
    };
    return cmocka_run_group_tests_name("a request's life", tests, setup, teardown);
}
