/* SPDX-License-Identifier: Apache-2.0
 * Inboxes between the transaction and the io threads (design §6). */
#include "server/rpc/inbox.h"

#include <stdlib.h>

#include "common/wire/prescan.h"
#include "push.pb-c.h"
#include "server/domain/request/effects.h"
#include "server/rpc/methods.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"

static struct od_str pack_event(struct od_arena *arena, const struct effects *fx, const struct effect_event *e)
{
    Ordo__Event m = ORDO__EVENT__INIT;
    m.has_kind = m.has_at_us = m.has_request_id = m.has_request_number = m.has_actor_id = m.has_request_version = 1;
    m.kind = (Ordo__EventKind)e->kind;
    m.at_us = fx->at_us;
    m.request_id = fx->request_id;
    m.request_number = fx->request_number;
    m.actor_id = fx->actor_id;
    m.request_version = fx->request_version;
    m.text = (char *)e->text;
    size_t n = ordo__event__get_packed_size(&m);
    uint8_t *p = od_arena_alloc(arena, n);
    if (p)
        ordo__event__pack(&m, p);
    return p ? (struct od_str){(const char *)p, n} : OD_STR(""); /* the arena remembers: check_room() */
}

static struct push_batch *batch_new(const struct effects *fx, const struct od_str payloads[])
{
    size_t bytes = 0;
    for (unsigned i = 0; i < fx->n_events; i++)
        bytes += payloads[i].n;
    struct push_batch *b = od_xmalloc(sizeof *b + fx->n_events * sizeof b->events[0] + bytes);
    char *at = (char *)&b->events[fx->n_events];
    atomic_init(&b->refs, 1);
    b->n = fx->n_events;
    for (unsigned i = 0; i < fx->n_events; i++) {
        memcpy(at, payloads[i].p, payloads[i].n);
        b->events[i] = (struct push_event){.principal_id = fx->events[i].principal_id, .payload = {at, payloads[i].n}};
        at += payloads[i].n;
    }
    return b;
}

static enum od_status read_sequences(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct push_batch *b = into;
    (void)tx;
    (void)err;
    od_assert((size_t)PQntuples(r) == b->n); /* the statement raises where one of them has no inbox */
    for (size_t i = 0; i < b->n; i++)
        b->events[i].seq = (uint64_t)pg_get_int(r, (int)i, 0);
    return OD_OK;
}

static int by_principal(const void *a, const void *b)
{
    const struct effect_event *x = a, *y = b;
    return (x->principal_id > y->principal_id) - (x->principal_id < y->principal_id);
}

void inbox_queue(struct rpc *rpc, struct push_batch **ret_batch)
{
    struct effects *fx = rpc->fx;
    int64_t ids[EFFECT_EVENTS_MAX];
    struct od_str payloads[EFFECT_EVENTS_MAX];
    if (!fx->n_events)
        return;
    qsort(fx->events, fx->n_events, sizeof fx->events[0], by_principal); /* the order in which inboxes are locked */
    for (unsigned i = 0; i < fx->n_events; i++) {
        ids[i] = fx->events[i].principal_id;
        payloads[i] = pack_event(&rpc->arena, fx, &fx->events[i]);
    }
    *ret_batch = batch_new(fx, payloads);
    txn_query(rpc->tx, STMT_inbox_add, read_sequences, *ret_batch, PG(pg_ints(ids, fx->n_events), pg_byteses(payloads, fx->n_events)));
}

void inbox_publish(struct rpc *rpc, struct push_batch *batch)
{
    if (!batch)
        return;
    struct server *server = rpc->worker->server;
    metrics_add(&server->metrics.events_published, batch->n);
    struct wake_item *item = od_xmalloc(sizeof *item + batch->n * sizeof item->principal_ids[0]);
    item->n = batch->n;
    for (size_t i = 0; i < batch->n; i++)
        item->principal_ids[i] = batch->events[i].principal_id;
    if (!od_queue_push(&server->wake, &item->link, &item->link, 1))
        free(item); /* the other nodes' poll finds it within a second */
    push_publish(server, batch);
}

static enum od_status read_head(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct push_call *call = into;
    (void)tx;
    OD_TRY(txn_one_row(r, "inbox", call->principal_id, err));
    call->head = (uint64_t)pg_get_int(r, 0, 0);
    call->oldest = (uint64_t)pg_get_int(r, 0, 1);
    uint64_t begin = call->from_now ? call->head : call->oldest - 1;
    call->acked = pg_is_null(r, 0, 2) ? begin : (uint64_t)pg_get_int(r, 0, 2);
    return OD_OK;
}

/* Where the subscription starts. A new name is written down, so that what it has not acknowledged is kept. */
static enum od_status push_open(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)
{
    struct push_call *call = rpc->state;
    struct txn_scope scope = scope_of(rpc);
    (void)req;
    (void)rep;
    txn_begin(rpc->tx, &scope, TXN_WRITE);
    txn_query(rpc->tx, STMT_inbox_head_get, read_head, call, PG(pg_int(call->principal_id), pg_text(call->name)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    if (call->has_after)
        call->acked = call->after;
    if (call->acked + 1 < call->oldest || call->acked > call->head)
        return od_fail(&rpc->err, OD_R_SUBSCRIPTION_GAP, "oldest=%llu", (unsigned long long)call->oldest);
    txn_exec(rpc->tx, STMT_subscription_put, PG(pg_int(call->principal_id), pg_text(call->name), pg_int((int64_t)call->acked)));
    return txn_commit(rpc->tx, &rpc->err);
}

enum { PAGE_ROWS = 200 };

static enum od_status read_page(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct push_call *call = into;
    size_t bytes = 0, n = (size_t)PQntuples(r);
    call->rows = OD_ARENA_ARRAY(tx->arena, n, struct push_event);
    if (n && !call->rows)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
    for (size_t i = 0; i < n && (i == 0 || bytes < call->max_bytes); i++) {
        uint64_t seq = (uint64_t)pg_get_int(r, (int)i, 0);
        if (seq != call->after + i + 1)
            return od_fail(err, OD_R_SUBSCRIPTION_GAP, "oldest=%llu", (unsigned long long)seq);
        call->rows[i] = (struct push_event){call->principal_id, seq, pg_get_copy(r, (int)i, 1, tx->arena)};
        bytes += call->rows[i].payload.n;
        call->n = i + 1;
    }
    return OD_OK;
}

static enum od_status push_fetch(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)
{
    struct push_call *call = rpc->state;
    struct txn_scope scope = scope_of(rpc);
    (void)req;
    (void)rep;
    rpc->result = RPC_EVENTS;
    call->n = 0;
    txn_begin(rpc->tx, &scope, TXN_READ);
    txn_query(rpc->tx, STMT_inbox_head_get, read_head, call, PG(pg_int(call->principal_id), pg_text(call->name)));
    txn_query(rpc->tx, STMT_inbox_page, read_page, call,
              PG(pg_int(call->principal_id), pg_int((int64_t)call->after), pg_int(PAGE_ROWS)));
    return txn_load(rpc->tx, &rpc->err);
}

static enum od_status push_ack(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)
{
    struct push_call *call = rpc->state;
    struct txn_scope scope = scope_of(rpc);
    (void)req;
    (void)rep;
    rpc->result = RPC_EVENTS;
    txn_begin(rpc->tx, &scope, TXN_WRITE);
    txn_exec(rpc->tx, STMT_subscription_ack, PG(pg_int(call->principal_id), pg_text(call->name), pg_int((int64_t)call->after)));
    return txn_commit(rpc->tx, &rpc->err);
}

const struct method METHOD_PUSH_OPEN = {.name = "push_open", .access = METHOD_INTERNAL, .run = push_open};
const struct method METHOD_PUSH_FETCH = {.name = "push_fetch", .access = METHOD_INTERNAL, .run = push_fetch};
const struct method METHOD_PUSH_ACK = {.name = "push_ack", .access = METHOD_INTERNAL, .run = push_ack};
