/* SPDX-License-Identifier: Apache-2.0
 * Reading requests: one, the lists, the history. The exemplary list: start, query behind the place, add rows, end. */
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/list.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/request.h"

static enum od_status read_id(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    int64_t *id = into;
    (void)tx;
    OD_TRY(txn_one_row(r, "request number", *id, err));
    *id = pg_get_int(r, 0, 0);
    return OD_OK;
}

enum od_status rpc_request_get(struct rpc *rpc, const Ordo__RequestGetReq *req, Ordo__RequestGetRep *rep)
{
    int64_t id = req->request_id;
    if (!req->has_request_id && req->has_number) { /* people know numbers; ids are for programs: one wait more */
        struct txn_scope scope = scope_of(rpc);
        id = req->number;
        txn_query(rpc->tx, STMT_request_id_of_number, read_id, &id, PG(pg_int(id)));
        OD_TRY(txn_load(rpc->tx, &rpc->err));
        txn_begin(rpc->tx, &scope, true);
    } else {
        check_id(rpc, "request_id", req->has_request_id, id);
        OD_TRY(check_done(rpc));
    }
    store_request_get(rpc->tx, id, rep);
    return txn_load(rpc->tx, &rpc->err);
}

/* A list's page and its counts: got from the database, added to the page. */
struct page {
    struct rpc *rpc;
    unsigned got;
    unsigned added;
};

static enum od_status read_requests(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct page *page = into;
    struct list *l = list_of(page->rpc);
    Ordo__RequestListPart *part = (Ordo__RequestListPart *)page->rpc->part;
    page->got = (unsigned)PQntuples(r);
    part->rows = OD_ARENA_ARRAY(tx->arena, page->got, Ordo__RequestRow *);
    for (unsigned i = 0; i < page->got; i++) {
        Ordo__RequestRow *row = store_request_row(r, (int)i, tx->arena);
        if (!part->rows || !row)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
        if (!list_add(page->rpc, &row->base))
            break;
        part->rows[part->n_rows++] = row;
        l->at_us = row->created_us;
        l->id = row->id;
    }
    page->added = (unsigned)part->n_rows;
    return OD_OK;
}

/* The way in with the most selective index that the filters allow. */
static enum stmt list_stmt(const Ordo__RequestListReq *req, bool open_only)
{
    bool oldest = req->has_order && req->order == ORDO__REQUEST_ORDER__OLDEST;
    if (req->has_customer_id)
        return oldest ? STMT_request_customer_oldest_list : STMT_request_customer_newest_list;
    if (req->has_assignee_id)
        return oldest ? STMT_request_assignee_oldest_list : STMT_request_assignee_newest_list;
    if (req->has_department_id && open_only)
        return oldest ? STMT_request_queue_oldest_list : STMT_request_queue_newest_list;
    return oldest ? STMT_request_all_oldest_list : STMT_request_all_newest_list;
}

/* Beyond any instant of ours, for PostgreSQL's comparison. */
#define FIRST_US INT64_C(-62135596800000000) /* 0001-01-01 */
#define LAST_US INT64_C(253402300799000000)  /* 9999-12-31 */

enum od_status rpc_request_list(struct rpc *rpc, const Ordo__RequestListReq *req, Ordo__RequestListRep *rep)
{
    static const int64_t every[] = {1, 2, 3, 4, 5, 6, 7};
    int64_t states[OD_LEN(every)];
    struct page page = {.rpc = rpc};
    struct list *l = list_of(rpc);
    bool open_only = req->n_states > 0, oldest = req->has_order && req->order == ORDO__REQUEST_ORDER__OLDEST;
    OD_TRY(list_start(rpc, (struct od_str){(char *)req->cursor.data, req->cursor.len}));
    size_t n_states = req->n_states < OD_LEN(states) ? req->n_states : OD_LEN(states);
    for (size_t i = 0; i < n_states; i++) {
        states[i] = req->states[i];
        open_only = open_only && states[i] <= REQUEST_WAITING;
    }
    unsigned asked = list_take(rpc, req->limit);
    bool begin = l->at_us == OD_TIME_NONE;
    txn_query(rpc->tx, list_stmt(req, open_only), read_requests, &page,
              PG(n_states ? pg_ints(states, n_states) : pg_ints(every, OD_LEN(every)), pg_bool(req->missed),
                 pg_time(req->has_created_from_us ? req->created_from_us : FIRST_US),
                 pg_time(req->has_created_to_us ? req->created_to_us : LAST_US),
                 pg_time(!begin ? l->at_us : oldest ? FIRST_US : LAST_US), pg_int(begin ? 0 : l->id), pg_bool(req->unassigned),
                 pg_id(req->customer_id), pg_id(req->assignee_id), pg_id(req->department_id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, req->limit, asked, page.got, page.added, &rep->cursor, &rep->has_cursor);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}

static Ordo__HistoryRow *history_row(const PGresult *r, int i, struct od_arena *arena)
{
    Ordo__HistoryRow *row = od_arena_alloc(arena, sizeof *row);
    if (!row)
        return NULL;
    ordo__history_row__init(row);
    row->has_seq = row->has_kind = row->has_happened_us = row->has_recorded_us = row->has_actor_id = row->has_state = 1;
    row->seq = (uint32_t)pg_get_int(r, i, 0);
    row->kind = (Ordo__HistoryKind)pg_get_int(r, i, 1);
    row->happened_us = pg_get_time(r, i, 2);
    row->recorded_us = pg_get_time(r, i, 3);
    row->actor_id = pg_get_int(r, i, 4);
    row->actor = row->actor_id ? pg_get_cstr(r, i, 5, arena) : od_arena_strn(arena, "Ordo", 4);
    row->state = (Ordo__RequestState)pg_get_int(r, i, 6);
    row->text = pg_get_cstr(r, i, 7, arena);
    row->has_subject_id = !pg_is_null(r, i, 8);
    row->subject_id = pg_get_int(r, i, 8);
    row->has_minutes = !pg_is_null(r, i, 9);
    row->minutes = (uint32_t)pg_get_int(r, i, 9);
    return row;
}

static enum od_status read_history(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct page *page = into;
    Ordo__RequestHistoryPart *part = (Ordo__RequestHistoryPart *)page->rpc->part;
    page->got = (unsigned)PQntuples(r);
    part->rows = OD_ARENA_ARRAY(tx->arena, page->got, Ordo__HistoryRow *);
    for (unsigned i = 0; i < page->got; i++) {
        Ordo__HistoryRow *row = history_row(r, (int)i, tx->arena);
        if (!part->rows || !row)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
        if (!list_add(page->rpc, &row->base))
            break;
        part->rows[part->n_rows++] = row;
        list_of(page->rpc)->id = row->seq;
    }
    page->added = (unsigned)part->n_rows;
    return OD_OK;
}

enum od_status rpc_request_history(struct rpc *rpc, const Ordo__RequestHistoryReq *req, Ordo__RequestHistoryRep *rep)
{
    struct page page = {.rpc = rpc};
    struct list *l = list_of(rpc);
    check_id(rpc, "request_id", req->has_request_id, req->request_id);
    OD_TRY(check_done(rpc));
    OD_TRY(list_start(rpc, OD_STR("")));
    if (!l->sent && !l->id)
        l->id = req->after_seq;
    unsigned asked = list_take(rpc, req->limit);
    txn_query(rpc->tx, STMT_request_history, read_history, &page, PG(pg_int(req->request_id), pg_int(l->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    if (!l->sent && !page.got && !req->after_seq) /* every request has history: this one is not there for the caller */
        return od_fail(&rpc->err, OD_R_NO_SUCH, "kind=request" OD_AND "id=%lld", (long long)req->request_id);
    list_end(rpc, req->limit, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = rep->has_last_seq = 1;
    rep->rows = rpc->rows;
    rep->last_seq = (uint32_t)l->id;
    return OD_OK;
}
