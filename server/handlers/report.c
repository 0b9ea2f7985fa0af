/* SPDX-License-Identifier: Apache-2.0
 * The summary report: computed by the database from what is stored, in one wait. */
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/store/txn.h"

enum { REPORT_ROWS_MAX = 5000 };

struct table {
    Ordo__Count ***rows;
    size_t *n;
    const char *(*name_of)(const PGresult *r, int row, struct od_arena *arena);
};

static const char *text_name(const PGresult *r, int row, struct od_arena *arena) { return pg_get_cstr(r, row, 0, arena); }

static const char *state_name(const PGresult *r, int row, struct od_arena *arena)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&ordo__request_state__descriptor, (int)pg_get_int(r, row, 0));
    (void)arena;
    return v ? v->name : "?";
}

static enum od_status read_counts(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct table *t = into;
    size_t n = (size_t)PQntuples(r);
    if (n > REPORT_ROWS_MAX)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=the rows of one table of the report" OD_AND "max=%d", REPORT_ROWS_MAX);
    *t->rows = OD_ARENA_ARRAY(tx->arena, n, Ordo__Count *);
    for (size_t i = 0; i < n; i++) {
        Ordo__Count *c = *t->rows ? od_arena_alloc(tx->arena, sizeof *c) : NULL;
        if (!c)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
        ordo__count__init(c);
        c->name = (char *)t->name_of(r, (int)i, tx->arena);
        c->has_n = 1;
        c->n = (uint64_t)pg_get_int(r, (int)i, 1);
        (*t->rows)[(*t->n)++] = c;
    }
    return OD_OK;
}

static enum od_status read_totals(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    Ordo__ReportSummaryRep *rep = into;
    (void)tx;
    (void)err;
    rep->has_requests = rep->has_waiting_us = 1;
    rep->requests = (uint64_t)pg_get_int(r, 0, 0);
    rep->waiting_us = pg_get_int(r, 0, 1);
    rep->has_lead_median_us = rep->has_lead_p90_us = !pg_is_null(r, 0, 2);
    rep->lead_median_us = pg_get_int(r, 0, 2);
    rep->lead_p90_us = pg_get_int(r, 0, 3);
    rep->has_working_lead_median_us = rep->has_working_lead_p90_us = !pg_is_null(r, 0, 4);
    rep->working_lead_median_us = pg_get_int(r, 0, 4);
    rep->working_lead_p90_us = pg_get_int(r, 0, 5);
    return OD_OK;
}

static enum od_status read_levels(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    Ordo__ReportSummaryRep *rep = into;
    size_t n = (size_t)PQntuples(r);
    rep->by_level = OD_ARENA_ARRAY(tx->arena, n, Ordo__LevelMarks *);
    for (size_t i = 0; i < n; i++) {
        Ordo__LevelMarks *m = rep->by_level ? od_arena_alloc(tx->arena, sizeof *m) : NULL;
        if (!m)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
        ordo__level_marks__init(m);
        m->level = pg_get_cstr(r, (int)i, 0, tx->arena);
        m->has_response_met = m->has_response_missed = m->has_resolution_met = m->has_resolution_missed = 1;
        m->response_met = (uint64_t)pg_get_int(r, (int)i, 1);
        m->response_missed = (uint64_t)pg_get_int(r, (int)i, 2);
        m->resolution_met = (uint64_t)pg_get_int(r, (int)i, 3);
        m->resolution_missed = (uint64_t)pg_get_int(r, (int)i, 4);
        rep->by_level[rep->n_by_level++] = m;
    }
    return OD_OK;
}

enum od_status rpc_report_summary(struct rpc *rpc, const Ordo__ReportSummaryReq *req, Ordo__ReportSummaryRep *rep)
{
    const struct pg_param params[] = {
        pg_time(check_time(rpc, "from_us", req->has_from_us, req->from_us, CHECK_TIME_FIRST_US)),
        pg_time(check_time(rpc, "to_us", req->has_to_us, req->to_us, CHECK_TIME_LAST_US)),
        req->has_branch_id ? pg_int(req->branch_id) : pg_null(),
    };
    struct table states = {&rep->by_state, &rep->n_by_state, state_name};
    struct table departments = {&rep->by_department, &rep->n_by_department, text_name};
    struct table customers = {&rep->by_customer, &rep->n_by_customer, text_name};
    struct table actors = {&rep->events_by_specialist, &rep->n_events_by_specialist, text_name};
    OD_TRY(check_done(rpc));
    txn_query(rpc->tx, STMT_report_totals, read_totals, rep, params, OD_LEN(params));
    txn_query(rpc->tx, STMT_report_by_state, read_counts, &states, params, OD_LEN(params));
    txn_query(rpc->tx, STMT_report_by_department, read_counts, &departments, params, OD_LEN(params));
    txn_query(rpc->tx, STMT_report_by_customer, read_counts, &customers, params, OD_LEN(params));
    txn_query(rpc->tx, STMT_report_by_level, read_levels, rep, params, OD_LEN(params));
    txn_query(rpc->tx, STMT_report_by_actor, read_counts, &actors, params, OD_LEN(params));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    rep->has_events = 1;
    for (size_t i = 0; i < rep->n_events_by_specialist; i++)
        rep->events += rep->events_by_specialist[i]->n;
    return OD_OK;
}
