/* SPDX-License-Identifier: Apache-2.0
 * The scenario files over the wire: a node, PostgreSQL, people who log in. The business clock stands still between steps, so
 * that the instants are exact. */
#include "tests/it/node_ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/scenario/scenario.h"

static ordo_client *clients[4], *admin;
static int64_t request_id;

static void begin(void *self, const struct scenario_terms *t)
{
    static int n;
    char name[32];
    ordo_error e;
    (void)self;
    snprintf(name, sizeof name, "scenario %d", ++n);
    Ordo__CalendarPutReq k = ORDO__CALENDAR_PUT_REQ__INIT;
    Ordo__CalendarPutRep *krep;
    k.name = name;
    k.zone = TXT(t->zone);
    k.week = TXT(t->week);
    must(ordo_calendar_put(admin, &k, &krep, &e), &e, "calendar");
    Ordo__SlaTarget targets[4], *list[4];
    for (uint32_t i = 0; i < 4; i++) {
        ordo__sla_target__init(&targets[i]);
        targets[i].has_priority = targets[i].has_response_s = targets[i].has_resolution_s = true;
        targets[i].priority = i + 1;
        targets[i].response_s = t->response_s;
        targets[i].resolution_s = t->resolution_s;
        list[i] = &targets[i];
    }
    Ordo__SlaPutReq l = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaPutRep *lrep;
    l.name = name;
    l.has_calendar_id = l.has_response_rule = true;
    l.calendar_id = krep->id;
    l.response_rule = ORDO__RESPONSE_RULE__FIRST_TAKE;
    l.n_targets = 4;
    l.targets = list;
    must(ordo_sla_put(admin, &l, &lrep, &e), &e, "SLA");
    Ordo__ContractPutReq c = ORDO__CONTRACT_PUT_REQ__INIT;
    c.has_contract_id = c.has_customer_id = c.has_sla_id = true;
    c.contract_id = site.contract_id;
    c.customer_id = site.customer_id;
    c.sla_id = lrep->id;
    c.number = TXT("2026/1");
    c.signed_on = TXT("2026-01-31");
    must(ordo_contract_put(admin, &c, NULL, &e), &e, "contract");
    ordo_free_message(krep);
    ordo_free_message(lrep);
    request_id = 0;
}

/* Stands the clock at an instant and waits until what is due by then has fired. */
static void set_clock(int64_t us)
{
    char text[OD_TIME_TEXT], sql[160];
    snprintf(sql, sizeof sql, "UPDATE ordo.clock SET real_at = now(), business_at = '%s', factor = 0", od_time_format(us, text));
    pg_sql(site.db.super, sql);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ordo.timer WHERE due_at <= '%s' AND ref = %lld", text, (long long)request_id);
    for (int64_t end_ms = mono_ms() + 5000; mono_ms() < end_ms && pg_sql(site.db.super, sql)[0] != '0';)
        usleep(20000);
}

#define ACT(name, Stem, setup_)                                                                                        \
    do {                                                                                                               \
        Ordo__##Stem##Req req_;                                                                                        \
        ordo__##name##_req__init(&req_);                                                                               \
        req_.has_request_id = true;                                                                                    \
        req_.request_id = request_id;                                                                                  \
        setup_;                                                                                                        \
        status = ordo_##name(c, &req_, NULL, &e);                                                                      \
    } while (0)

static enum od_reason act(const struct scenario_step *s)
{
    ordo_client *c = clients[s->who];
    ordo_error e = {0};
    enum ordo_status status = ORDO_OK;
    enum request_action a;
    if (!strcmp(s->verb, "comment")) {
        ACT(request_comment, RequestComment, req_.text = TXT("a word"));
    } else if (!strcmp(s->verb, "work")) {
        ACT(request_work, RequestWork, req_.has_minutes = true; req_.minutes = 15);
    } else if (scenario_action(s->verb, &a)) {
        switch (a) {
        case ACTION_TAKE: ACT(request_take, RequestTake, ); break;
        case ACTION_ASSIGN: ACT(request_assign, RequestAssign, req_.has_assignee_id = true; req_.assignee_id = site.specialist_ids[1]); break;
        case ACTION_TRANSFER: ACT(request_transfer, RequestTransfer, req_.has_department_id = true; req_.department_id = site.department_id); break;
        case ACTION_RETURN: ACT(request_return, RequestReturn, ); break;
        case ACTION_WAIT: ACT(request_wait, RequestWait, req_.has_wait_for = true; req_.wait_for = (Ordo__WaitFor)scenario_wait_for(s->argument)); break;
        case ACTION_RESUME: ACT(request_resume, RequestResume, ); break;
        case ACTION_RESOLVE: ACT(request_resolve, RequestResolve, ); break;
        case ACTION_CLOSE: ACT(request_close, RequestClose, ); break;
        case ACTION_CANCEL: ACT(request_cancel, RequestCancel, ); break;
        case ACTION_REOPEN: ACT(request_reopen, RequestReopen, ); break;
        case ACTION_COUNT: break;
        }
    }
    return status == ORDO_OK ? OD_R_NONE : od_reason_from_name(e.reason);
}

static enum od_reason step(void *self, const struct scenario_step *s)
{
    (void)self;
    set_clock(s->at_us);
    if (!strcmp(s->verb, "register"))
        request_id = request_make(clients[WHO_HEAD], &site, "A printer", 0);
    else if (strcmp(s->verb, "tick") != 0)
        return act(s);
    return OD_R_NONE;
}

static struct sla_target target_of(const Ordo__Target *t)
{
    return (struct sla_target){(enum sla_state)t->state, t->has_due_us ? t->due_us : OD_TIME_NONE,
                               t->has_reached_us ? t->reached_us : OD_TIME_NONE};
}

static void view(void *self, struct scenario_view *v)
{
    ordo_error e;
    Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
    Ordo__RequestGetRep *rep;
    (void)self;
    req.has_request_id = true;
    req.request_id = request_id;
    must(ordo_request_get(clients[WHO_CLIENT], &req, &rep, &e), &e, "get");
    v->state = (enum request_state)rep->request->state;
    v->response = target_of(rep->request->response);
    v->resolution = target_of(rep->request->resolution);
    ordo_free_message(rep);
}

/* R0.8: due times come from the contract's SLA, and move by its rules alone. */
static void scenarios_hold_over_the_wire(void **state)
{
    (void)state;
    scenario_run_all(&(struct scenario_backend){begin, step, view, NULL});
}

/* Runs every method that changes a request, once each. */
static void live_once(void)
{
    static const struct {
        enum scenario_who who;
        const char *verb, *argument;
    } life[] = {
        {WHO_HEAD, "register", ""},    {WHO_HEAD, "assign", "bob"},    {WHO_BOB, "return", ""},   {WHO_ANN, "take", ""},
        {WHO_ANN, "wait", "customer"}, {WHO_CLIENT, "comment", ""},    {WHO_ANN, "wait", "supplier"}, {WHO_ANN, "resume", ""},
        {WHO_ANN, "work", ""},         {WHO_ANN, "comment", ""},       {WHO_ANN, "resolve", ""},  {WHO_CLIENT, "reopen", ""},
        {WHO_HEAD, "transfer", ""},    {WHO_ANN, "take", ""},          {WHO_ANN, "resolve", ""},  {WHO_CLIENT, "close", ""},
        {WHO_CLIENT, "reopen", ""},    {WHO_CLIENT, "cancel", ""},
    };
    for (size_t i = 0; i < OD_LEN(life); i++) {
        struct scenario_step s = {.at_us = INT64_C(1775000000000000) + (int64_t)i * 60 * OD_US_PER_S, .who = life[i].who};
        snprintf(s.verb, sizeof s.verb, "%s", life[i].verb);
        snprintf(s.argument, sizeof s.argument, "%s", life[i].argument);
        enum od_reason reason = step(NULL, &s);
        if (reason != OD_R_NONE)
            fail_msg("%s: %s", life[i].verb, od_reason_name(reason));
    }
}

static int over_two(void)
{
    return node_log_count(&node, " waits=3 ", NULL) + node_log_count(&node, " waits=4 ", NULL) + node_log_count(&node, " waits=5 ", NULL);
}

/* A changing call waits on the database twice, a reading one once. Only the first call that meets an immutable version reads it. */
static void round_trips_are_two(void **state)
{
    struct scenario_view v;
    (void)state;
    live_once();
    int cold = over_two(), writes = node_log_count(&node, " waits=2 ", NULL);
    live_once();
    view(NULL, &v);
    assert_int_equal(over_two(), cold);
    assert_int_equal(node_log_count(&node, " waits=2 ", NULL), writes + 18);
    assert_true(node_log_count(&node, "method=request_get ", " waits=1 ") > 0);
    assert_int_equal(node_log_count(&node, "method=request_get ", " waits=2 "), 0);
}

/* R1.2, R1.24: a required answer that is missing, or one that the type does not know, is refused with its field; R0.1: without a
 * signed contract there is no request. Nothing is kept of either. */
static void wrongly_noted_requests_are_refused(void **state)
{
    static const struct {
        const char *name, *field, *value, *violation;
    } rows[] = {
        {"a required answer is missing", NULL, NULL, "fields.site"},
        {"a required answer is white space", "site", "  ", "fields.site"},
        {"an answer that nobody asked for", "colour", "red", "fields[0].colour"},
    };
    ordo_error e;
    (void)state;
    char before[32];
    snprintf(before, sizeof before, "%s", pg_sql(site.db.super, "SELECT count(*) FROM ordo.request"));
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        Ordo__Field f = ORDO__FIELD__INIT, *fields[] = {&f};
        Ordo__RequestRegisterReq r = ORDO__REQUEST_REGISTER_REQ__INIT;
        print_message("  %s\n", rows[i].name);
        r.has_customer_id = r.has_type_id = true;
        r.customer_id = site.customer_id;
        r.type_id = site.type_id;
        r.title = TXT("A printer");
        f.name = TXT(rows[i].field);
        f.value = TXT(rows[i].value);
        r.n_fields = rows[i].field != NULL;
        r.fields = fields;
        assert_int_equal(ordo_request_register(clients[WHO_HEAD], &r, NULL, &e), ORDO_INVALID);
        assert_string_equal(e.violations[0].field, rows[i].violation);
    }
    Ordo__CustomerCreateReq c = ORDO__CUSTOMER_CREATE_REQ__INIT;
    Ordo__CustomerCreateRep *crep;
    Ordo__RequestRegisterReq r = ORDO__REQUEST_REGISTER_REQ__INIT;
    c.has_branch_id = true;
    c.branch_id = site.branch_id;
    c.name = TXT("Without a contract");
    must(ordo_customer_create(admin, &c, &crep, &e), &e, "customer");
    r.has_customer_id = r.has_type_id = true;
    r.customer_id = crep->id;
    r.type_id = site.type_id;
    r.title = TXT("A printer");
    assert_int_equal(ordo_request_register(admin, &r, NULL, &e), ORDO_CONFLICT);
    assert_string_equal(e.reason, "NO_CONTRACT");
    ordo_free_message(crep);
    assert_string_equal(pg_sql(site.db.super, "SELECT count(*) FROM ordo.request"), before);
}

static int setup(void **state)
{
    static const char *const logins[] = {"ann", "bob", "head", "client"};
    (void)state;
    site_start(&site);
    pg_sql(site.db.owner, "ALTER TABLE ordo.clock DROP CONSTRAINT clock_factor_check"); /* to let it stand still */
    node_start(&site, &node, "workers=1");
    site_company(&site, &node);
    for (int i = 0; i < 4; i++)
        clients[i] = client_login(&site, &node, NULL, logins[i], NULL);
    admin = client_login(&site, &node, NULL, "admin", NULL);
    return 0;
}

static int teardown(void **state)
{
    for (int i = 0; i < 4; i++)
        ordo_client_free(clients[i]);
    ordo_client_free(admin);
    return site_taken(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenarios_hold_over_the_wire), cmocka_unit_test(round_trips_are_two),
                                       cmocka_unit_test(wrongly_noted_requests_are_refused)};
    return cmocka_run_group_tests_name("scenarios over the wire", tests, setup, teardown);
}
