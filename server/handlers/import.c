/* SPDX-License-Identifier: Apache-2.0
 * Another desk's history: a source is opened once, its batches come in order of number, each in one transaction. */
#include <stdio.h>

#include "common/base/limits.h"
#include "server/domain/request/history_import.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/rpc/cache.h"
#include "server/rpc/worker.h"
#include "server/store/import.h"

/* ── opening a source ─────────────────────────────────────────────────────────────────────────────────────────────── */

static enum od_status read_found(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    Ordo__ImportBeginRep *rep = into;
    (void)tx;
    (void)err;
    rep->has_source_id = rep->has_next_batch = PQntuples(r) == 1;
    if (rep->has_source_id) {
        rep->source_id = pg_get_int(r, 0, 0);
        rep->next_batch = (uint64_t)pg_get_int(r, 0, 1);
    }
    return OD_OK;
}

static struct od_str pack_targets(struct rpc *rpc, const Ordo__ImportLevel *level)
{
    Ordo__SlaPutReq m = ORDO__SLA_PUT_REQ__INIT;
    Ordo__SlaTarget targets[PRIORITIES], *list[PRIORITIES];
    for (unsigned i = 0; i < PRIORITIES; i++) {
        ordo__sla_target__init(&targets[i]);
        targets[i].has_priority = targets[i].has_response_s = targets[i].has_resolution_s = 1;
        targets[i].priority = i + 1;
        targets[i].response_s = level->response_s;
        targets[i].resolution_s = level->resolution_s;
        list[i] = &targets[i];
    }
    m.n_targets = PRIORITIES;
    m.targets = list;
    size_t n = ordo__sla_put_req__get_packed_size(&m);
    uint8_t *p = od_arena_alloc(&rpc->arena, n);
    if (p)
        ordo__sla_put_req__pack(&m, p);
    return (struct od_str){(char *)p, p ? n : 0};
}

static void insert_level(struct rpc *rpc, int64_t source_id, int64_t calendar_id, const Ordo__ImportLevel *level)
{
    int64_t sla_id = db_id(rpc->tx->db);
    txn_exec(rpc->tx, STMT_import_sla_insert,
             PG(pg_int(sla_id), pg_text(level->name), pg_int(calendar_id), pg_bytes(pack_targets(rpc, level))));
    txn_exec(rpc->tx, STMT_import_newest_insert, PG(pg_text("sla"), pg_int(sla_id)));
    txn_exec(rpc->tx, STMT_import_level_insert, PG(pg_int(source_id), pg_text(level->name), pg_int(sla_id)));
}

static enum od_status check_begin(struct rpc *rpc, const Ordo__ImportBeginReq *req, const struct calendar **ret_calendar)
{
    struct od_err refused;
    check_text(rpc, "name", req->name, OD_NAME_MAX);
    if (req->digest.len != 32)
        od_fail_field(&rpc->err, "digest", OD_R_FIELD_FORMAT, "expected=32 bytes");
    if (!req->has_branch_id)
        od_fail_field(&rpc->err, "branch_id", OD_R_FIELD_REQUIRED, NULL);
    if (!req->n_levels || req->n_levels > IMPORT_LEVELS_MAX)
        od_fail_field(&rpc->err, "levels", OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", IMPORT_LEVELS_MAX);
    for (size_t i = 0; i < req->n_levels; i++) {
        char field[OD_ERR_FIELD_MAX];
        snprintf(field, sizeof field, "levels[%zu].name", i);
        check_text(rpc, field, req->levels[i]->name, OD_NAME_MAX);
    }
    OD_TRY(check_done(rpc));
    enum od_status status = calendar_parse(od_str_c(req->week ? req->week : ""), od_str_c(req->holidays ? req->holidays : ""),
                                           od_str_c(req->zone ? req->zone : ""), &rpc->arena, ret_calendar, &refused);
    if (status != OD_OK)
        rpc->err = refused;
    return status;
}

enum od_status rpc_import_begin(struct rpc *rpc, const Ordo__ImportBeginReq *req, Ordo__ImportBeginRep *rep)
{
    const struct calendar *calendar;
    OD_TRY(check_begin(rpc, req, &calendar));
    struct od_str digest = {(char *)req->digest.data, req->digest.len};
    txn_ids(rpc->tx, IMPORT_LEVELS_MAX + 8);
    txn_query(rpc->tx, STMT_import_source_find, read_found, rep, PG(pg_bytes(digest)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    if (rep->has_source_id) {
        rpc->object_id = rep->source_id;
        return OD_OK;
    }
    int64_t source_id = db_id(rpc->tx->db), calendar_id = db_id(rpc->tx->db);
    txn_exec(rpc->tx, STMT_import_calendar_insert,
             PG(pg_int(calendar_id), pg_text(req->name), pg_text(req->zone), pg_text(req->week),
                pg_text(req->holidays ? req->holidays : "")));
    txn_exec(rpc->tx, STMT_import_newest_insert, PG(pg_text("calendar"), pg_int(calendar_id)));
    txn_exec(rpc->tx, STMT_import_source_insert,
             PG(pg_int(source_id), pg_bytes(digest), pg_text(req->name), pg_int(req->branch_id), pg_int(calendar_id)));
    for (size_t i = 0; i < req->n_levels; i++)
        insert_level(rpc, source_id, calendar_id, req->levels[i]);
    rpc->object_id = source_id;
    rpc->branch_id = req->branch_id;
    rep->has_source_id = rep->has_next_batch = 1;
    rep->source_id = source_id;
    rep->next_batch = 0;
    return OD_OK;
}

/* ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Everything of a batch on its way from events to rows; in the call's arena. */
struct batch {
    struct import_source source;
    struct import_requests requests;
    struct import_names customers, departments, people;
    struct import_history history;
    size_t request_of[OD_IMPORT_EVENTS_MAX];  /* by event */
    size_t person_of[OD_IMPORT_EVENTS_MAX];
};

static void fail_event(struct rpc *rpc, const Ordo__ImportEvent *e, size_t i, const char *member, enum od_reason reason,
                       const char *value)
{
    char field[OD_ERR_FIELD_MAX];
    snprintf(field, sizeof field, "events[%zu].%s (line %u)", i, member, e->row);
    if (reason == OD_R_FIELD_UNKNOWN)
        od_fail_field(&rpc->err, field, reason, "value=%.60s", value);
    else if (reason == OD_R_FIELD_TOO_LONG)
        od_fail_field(&rpc->err, field, reason, "max=%d", OD_NAME_MAX);
    else
        od_fail_field(&rpc->err, field, reason, NULL);
}

/* Names and keys of another desk: as long as ours, for they become ours, and indexed. */
static void check_event_name(struct rpc *rpc, const Ordo__ImportEvent *e, size_t i, const char *member, const char *value, bool required)
{
    if (required && (!value || !value[0]))
        fail_event(rpc, e, i, member, OD_R_FIELD_REQUIRED, NULL);
    else if (value && od_utf8_len(od_str_c(value)) > OD_NAME_MAX)
        fail_event(rpc, e, i, member, OD_R_FIELD_TOO_LONG, NULL);
}

static enum od_status check_events(struct rpc *rpc, const Ordo__ImportEventsReq *req)
{
    if (!req->n_events || req->n_events > OD_IMPORT_EVENTS_MAX)
        return od_fail_field(&rpc->err, "events", OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", OD_IMPORT_EVENTS_MAX);
    for (size_t i = 0; i < req->n_events; i++) {
        const Ordo__ImportEvent *e = req->events[i];
        check_event_name(rpc, e, i, "request", e->request, true);
        check_event_name(rpc, e, i, "actor", e->actor, true);
        if (!e->activity || !e->activity[0])
            fail_event(rpc, e, i, "activity", OD_R_FIELD_REQUIRED, NULL);
        check_event_name(rpc, e, i, "customer", e->customer, false);
        check_event_name(rpc, e, i, "department", e->department, false);
        if (!e->has_at_us || e->at_us < INT64_C(-2208988800000000) || e->at_us > INT64_C(4102444800000000)) /* 1900 to 2100 */
            fail_event(rpc, e, i, "at_us", OD_R_FIELD_REQUIRED, NULL);
        if (!e->has_state)
            fail_event(rpc, e, i, "state", OD_R_FIELD_REQUIRED, NULL);
    }
    return check_done(rpc);
}

static size_t request_add(struct import_requests *q, struct od_str key)
{
    for (size_t i = 0; i < q->n; i++)
        if (od_str_eq(q->rows[i].key, key))
            return i;
    q->rows[q->n].key = key;
    q->rows[q->n].fresh = true;
    return q->n++;
}

static void collect(struct batch *b, const Ordo__ImportEventsReq *req)
{
    for (size_t i = 0; i < req->n_events; i++) {
        const Ordo__ImportEvent *e = req->events[i];
        b->request_of[i] = request_add(&b->requests, od_str_c(e->request));
        b->person_of[i] = import_names_add(&b->people, od_str_c(e->actor));
        if (e->customer && e->customer[0])
            import_names_add(&b->customers, od_str_c(e->customer));
        if (e->department && e->department[0])
            import_names_add(&b->departments, od_str_c(e->department));
    }
}

static void name_ids(struct rpc *rpc, struct import_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        names->made[i] = names->ids[i] == 0;
        if (names->made[i])
            names->ids[i] = db_id(rpc->tx->db);
    }
}

/* The first event of a request says what it belongs to. */
static enum od_status begin_request(struct rpc *rpc, struct batch *b, struct request *r, const Ordo__ImportEvent *e, size_t i)
{
    const struct import_level *level = NULL;
    if (!e->customer || !e->customer[0])
        fail_event(rpc, e, i, "customer", OD_R_FIELD_REQUIRED, NULL);
    if (!e->department || !e->department[0])
        fail_event(rpc, e, i, "department", OD_R_FIELD_REQUIRED, NULL);
    for (size_t k = 0; k < b->source.n_levels && e->level; k++)
        if (od_str_eq_c(b->source.levels[k].name, e->level))
            level = &b->source.levels[k];
    if (!level)
        fail_event(rpc, e, i, "level", OD_R_FIELD_UNKNOWN, e->level ? e->level : "");
    OD_TRY(check_done(rpc));
    od_assert(level);
    r->id = db_id(rpc->tx->db);
    r->customer_id = b->customers.ids[import_names_add(&b->customers, od_str_c(e->customer))];
    r->department_id = b->departments.ids[import_names_add(&b->departments, od_str_c(e->department))];
    r->sla_id = level->sla_id;
    r->sla_version = level->sla_version;
    return OD_OK;
}

static unsigned marks_of(Ordo__ImportMark mark)
{
    switch (mark) {
    case ORDO__IMPORT_MARK__RESPONSE: return SLA_LOG_RESPONSE;
    case ORDO__IMPORT_MARK__RESOLUTION: return SLA_LOG_RESOLUTION;
    case ORDO__IMPORT_MARK__CLOSING: return SLA_LOG_CLOSING;
    case ORDO__IMPORT_MARK__PLAIN:
    case _ORDO__IMPORT_MARK_IS_INT_SIZE: break;
    }
    return 0;
}

static enum od_status fold_event(struct rpc *rpc, struct batch *b, const Ordo__ImportEvent *e, size_t i)
{
    struct import_request *q = &b->requests.rows[b->request_of[i]];
    const struct cached_sla *sla;
    if (q->fresh && q->r.version == 0)
        OD_TRY(begin_request(rpc, b, &q->r, e, i));
    OD_TRY(cache_sla(rpc, q->r.sla_id, q->r.sla_version, &sla));
    const struct import_event event = {
        .at_us = e->at_us,
        .actor_id = b->people.ids[b->person_of[i]],
        .state = (enum request_state)e->state,
        .marks = marks_of(e->mark),
        .assigns = e->assigns,
    };
    OD_TRY(request_import(&q->r, &sla->terms[0], &event, &rpc->err));
    struct import_history *h = &b->history;
    h->request_id[h->n] = q->r.id;
    h->seq[h->n] = q->r.history_seq;
    h->customer_id[h->n] = q->r.customer_id;
    h->happened_us[h->n] = e->at_us;
    h->actor_id[h->n] = event.actor_id;
    h->state[h->n] = (int64_t)event.state;
    h->body[h->n++] = od_str_c(e->activity);
    return OD_OK;
}

static void save(struct rpc *rpc, const struct batch *b, int64_t source_id, uint64_t number)
{
    store_import_names_insert(rpc->tx, STMT_import_customer_insert, b->source.branch_id, &b->customers);
    store_import_names_insert(rpc->tx, STMT_import_department_insert, b->source.branch_id, &b->departments);
    store_import_names_insert(rpc->tx, STMT_import_people_insert, b->source.branch_id, &b->people);
    store_import_requests_insert(rpc->tx, source_id, &b->requests);
    store_import_requests_update(rpc->tx, &b->requests);
    store_import_history_insert(rpc->tx, b->source.branch_id, &b->history);
    txn_exec(rpc->tx, STMT_import_source_advance, PG(pg_int(source_id), pg_int((int64_t)number)));
}

enum od_status rpc_import_events(struct rpc *rpc, const Ordo__ImportEventsReq *req, Ordo__ImportEventsRep *rep)
{
    struct batch *b = OD_ARENA_NEW(&rpc->arena, struct batch);
    if (!b)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    check_id(rpc, "source_id", req->has_source_id, req->source_id);
    OD_TRY(check_events(rpc, req));
    collect(b, req);
    txn_ids(rpc->tx, (unsigned)(b->requests.n + b->customers.n + b->departments.n + b->people.n + 8));
    store_import_source_lock(rpc->tx, req->source_id, &b->source);
    store_import_requests_lock(rpc->tx, req->source_id, &b->requests);
    store_import_names(rpc->tx, STMT_import_customers, req->source_id, &b->customers);
    store_import_names(rpc->tx, STMT_import_departments, req->source_id, &b->departments);
    store_import_names(rpc->tx, STMT_import_people, req->source_id, &b->people);
    store_import_numbers(rpc->tx, &b->requests);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    rpc->object_id = req->source_id;
    rpc->branch_id = b->source.branch_id;
    rep->has_next_batch = rep->has_events = 1;
    rep->next_batch = b->source.next_batch;
    if (req->batch < b->source.next_batch) /* done before, by (source, number): nothing is doubled */
        return OD_OK;
    if (req->batch > b->source.next_batch)
        return od_fail(&rpc->err, OD_R_IMPORT_ORDER, "number=%llu" OD_AND "next=%llu", (unsigned long long)req->batch,
                       (unsigned long long)b->source.next_batch);
    name_ids(rpc, &b->customers);
    name_ids(rpc, &b->departments);
    name_ids(rpc, &b->people);
    for (size_t i = 0; i < req->n_events; i++)
        OD_TRY(fold_event(rpc, b, req->events[i], i));

    save(rpc, b, req->source_id, req->batch);
    rep->next_batch = req->batch + 1;
    rep->events = (uint32_t)req->n_events;
    return OD_OK;
}
