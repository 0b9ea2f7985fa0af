/* SPDX-License-Identifier: Apache-2.0
 * Reading requests: one, the lists, the history. The exemplary list: start, query behind the place, add rows, end. */
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/list.h"
#include "server/rpc/cache.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/request.h"

/* The names of what never changes, and why the request has its priority. */
static enum od_status name_request(struct rpc *rpc, ProtobufCMessage *message)
{
    const struct request_get *get = rpc->state;
    Ordo__RequestGetRep *rep = (Ordo__RequestGetRep *)message;
    Ordo__RequestRow *row = rep->request;
    const struct cached_department *department;
    const struct cached_type *type;
    const struct cached_sla *sla;
    OD_TRY(cache_department(rpc, row->department_id, &department));
    row->department = department->name;
    OD_TRY(cache_sla(rpc, get->sla_id, get->sla_version, &sla));
    row->level = sla->name;
    if (!row->has_type_id) /* imported */
        return OD_OK;
    OD_TRY(cache_type(rpc, row->type_id, get->type_version, &type));
    row->type = type->name;
    rep->priority_why = od_arena_alloc(&rpc->arena, PRIORITY_WHY_TEXT);
    if (rep->priority_why)
        request_priority(type->impact, (int)rep->urgency, rep->priority_why);
    return OD_OK;
}

enum od_status rpc_request_get(struct rpc *rpc, const Ordo__RequestGetReq *req, Ordo__RequestGetRep *rep)
{
    struct request_get *get = OD_ARENA_NEW(&rpc->arena, struct request_get);
    bool by_number = !req->has_request_id && req->has_number; /* people know numbers; ids are for programs */
    if (!by_number)
        check_id(rpc, "request_id", req->has_request_id, req->request_id);
    OD_TRY(check_done(rpc));
    if (!get)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    get->rep = rep;
    rpc->state = get;
    rpc->then = name_request;
    if (by_number)
        store_request_get_by_number(rpc->tx, req->number, get);
    else
        store_request_get(rpc->tx, req->request_id, get);
    return OD_OK;
}

/* What a list is asked for. */
struct request_filter {
    bool oldest, open_only;
    int64_t from_us, to_us;
    int64_t customer_id, assignee_id, department_id; /* 0: any */
    int64_t states[REQUEST_CANCELLED];
    size_t n_states;
};

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

enum { BRANCHES_MERGED_MAX = 8 }; /* whoever sees more of them sees most of what the company has */

/* The way in with the most selective index that the filters and the scope allow. */
static enum stmt list_stmt(const struct rpc *rpc, const struct request_filter *f)
{
    if (f->customer_id)
        return f->oldest ? STMT_request_customer_oldest_list : STMT_request_customer_newest_list;
    if (f->assignee_id)
        return f->oldest ? STMT_request_assignee_oldest_list : STMT_request_assignee_newest_list;
    if (f->department_id && f->open_only)
        return f->oldest ? STMT_request_queue_oldest_list : STMT_request_queue_newest_list;
    if (scope_branch_count(rpc) <= BRANCHES_MERGED_MAX)
        return f->oldest ? STMT_request_branches_oldest_list : STMT_request_branches_newest_list;
    return f->oldest ? STMT_request_all_oldest_list : STMT_request_all_newest_list;
}

/* Each state once, whatever the caller repeats; all of them where he names none. */
static void take_states(struct request_filter *f, const Ordo__RequestListReq *req)
{
    unsigned wanted = 0;
    for (size_t i = 0; i < req->n_states; i++)
        wanted |= 1U << req->states[i];
    for (unsigned s = REQUEST_OPEN; s <= REQUEST_CANCELLED; s++)
        if (!wanted || wanted & 1U << s)
            f->states[f->n_states++] = s;
    f->open_only = wanted && f->states[f->n_states - 1] <= REQUEST_WAITING;
}

/* A customer user sees his company alone: the wall would let nothing else through, but this way finds it by an index. */
static enum od_status take_filter(struct rpc *rpc, const Ordo__RequestListReq *req, struct request_filter *f)
{
    f->oldest = req->has_order && req->order == ORDO__REQUEST_ORDER__OLDEST;
    f->from_us = check_time(rpc, "created_from_us", req->has_created_from_us, req->created_from_us, CHECK_TIME_FIRST_US);
    f->to_us = check_time(rpc, "created_to_us", req->has_created_to_us, req->created_to_us, CHECK_TIME_LAST_US);
    f->customer_id = req->customer_id || !scope_is_customer(rpc) ? req->customer_id : rpc->session->customer_id;
    f->assignee_id = req->assignee_id;
    f->department_id = req->department_id;
    take_states(f, req);
    OD_TRY(check_done(rpc));
    return list_start(rpc, (struct od_str){(char *)req->cursor.data, req->cursor.len});
}

enum od_status rpc_request_list(struct rpc *rpc, const Ordo__RequestListReq *req, Ordo__RequestListRep *rep)
{
    struct request_filter f = {0};
    struct page page = {.rpc = rpc};
    struct list *l = list_of(rpc);
    OD_TRY(take_filter(rpc, req, &f));
    unsigned asked = list_take(rpc, req->limit);
    int64_t behind_us = l->at_us != OD_TIME_NONE ? l->at_us : f.oldest ? f.from_us : f.to_us;
    txn_query(rpc->tx, list_stmt(rpc, &f), read_requests, &page,
              PG(pg_ints(f.states, f.n_states), pg_bool(req->missed), pg_time(f.from_us), pg_time(f.to_us), pg_time(behind_us),
                 pg_int(l->id), pg_bool(req->unassigned), pg_id(f.customer_id), pg_id(f.assignee_id), pg_id(f.department_id),
                 pg_int(asked)));
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
