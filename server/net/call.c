/* SPDX-License-Identifier: Apache-2.0
 * The calls of a connection: out to a worker and back, lists by pages as credit allows, the end by whatever comes first. */
#include <stdlib.h>
#include <utlist.h>

#include "common/base/time.h"
#include "server/net/conn.h"
#include "server/rpc/reply.h"
#include "server/server.h"

enum { FREE_CALLS_KEPT = 512, DEFLATE_PAGE_FROM_BYTES = 1024 };

/* --- life --------------------------------------------------------------------------------------------------------------- */

static struct call *call_take(struct io_thread *t)
{
    struct call *call = t->free_calls;
    if (call) {
        t->free_calls = call->next;
        t->n_free_calls--;
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call)
        rpc_init(&call->rpc);
    return call;
}

struct call *call_new(struct conn *c, enum call_kind kind, uint64_t id, uint32_t timeout_ms)
{
    struct io_thread *t = c->io;
    struct call *call = call_take(t);
    if (!call)
        return NULL;
    uint32_t ms = !timeout_ms ? OD_TIMEOUT_DEFAULT_MS : timeout_ms > OD_TIMEOUT_MAX_MS ? OD_TIMEOUT_MAX_MS : timeout_ms;
    call->state = CALL_PARKED;
    call->kind = kind;
    call->timeout_ms = ms;
    call->deadline_us = t->now_us + ms * OD_US_PER_MS;
    call->cancelled = call->page = call->page_zstd = false;
    call->chunk = 0;
    call->credit = c->credit_call;
    call->upload = (struct od_buf){0};
    call->held_bytes = 0;
    call->subscription = NULL;

    struct rpc *rpc = &call->rpc;
    rpc->conn = c;
    rpc->id = id;
    rpc->session = kind == CALL_AUTH ? NULL : session_ref(c->session);
    rpc->received_us = t->now_us;
    rpc->deadline_us = call->deadline_us;
    rpc->local = c->local;
    rpc->language = conn_language(c);
    memcpy(rpc->peer, c->peer, sizeof rpc->peer);
    DL_APPEND(c->calls, call);
    if (kind == CALL_REQUEST)
        c->n_calls++;
    return call;
}

void call_free(struct call *call)
{
    struct conn *c = call->rpc.conn;
    struct io_thread *t = c->io;
    DL_DELETE(c->calls, call);
    if (call->kind == CALL_REQUEST)
        c->n_calls--;
    if (call->state == CALL_UPLOADING)
        c->n_uploads--;
    if (c->auth == call)
        c->auth = NULL;
    c->held_bytes -= call->held_bytes;
    od_buf_done(&call->upload);
    if (t->n_free_calls >= FREE_CALLS_KEPT) {
        rpc_done(&call->rpc);
        free(call);
        return;
    }
    rpc_reset(&call->rpc);
    call->next = t->free_calls;
    t->free_calls = call;
    t->n_free_calls++;
}

void call_pool_done(struct io_thread *t)
{
    for (struct call *call = t->free_calls, *next; call; call = next) {
        next = call->next;
        rpc_done(&call->rpc);
        free(call);
    }
    t->free_calls = NULL;
}

void call_away(struct call *call)
{
    struct conn *c = call->rpc.conn;
    if (!call->held_bytes) {
        call->held_bytes = call->rpc.body.n;
        c->held_bytes += call->held_bytes;
    }
    call->state = CALL_AWAY;
    io_work_add(c->io, &call->rpc);
}

struct call *call_find(struct conn *c, uint64_t id)
{
    struct call *call;
    DL_FOREACH(c->calls, call) {
        if (call->rpc.id == id && call->kind == CALL_REQUEST)
            return call;
    }
    return NULL;
}

/* --- the end of a call -------------------------------------------------------------------------------------------------- */

void call_refuse(struct call *call, const struct od_err *err)
{
    conn_send_error(call->rpc.conn, call->rpc.id, err, call->rpc.trace);
    call_free(call);
}

static void end_with(struct call *call, enum od_reason reason, const char *args)
{
    struct od_err err;
    od_fail(&err, reason, args ? "%s" : NULL, args);
    call_refuse(call, &err);
}

static void end_late(struct call *call)
{
    char args[40];
    snprintf(args, sizeof args, "timeout_ms=%u", call->timeout_ms);
    end_with(call, OD_R_DEADLINE_PASSED, args);
}

/* The worker's answer, as RESPONSE or ERROR. */
static void answer(struct call *call, uint8_t type_ok, struct od_buf *payload)
{
    struct rpc *rpc = &call->rpc;
    struct conn *c = rpc->conn;
    struct od_frame f = {
        .type = rpc->status == OD_OK ? type_ok : OD_F_ERROR,
        .flags = rpc->replayed && call->kind == CALL_REQUEST ? OD_FLAG_REPLAYED : 0,
        .method = (uint16_t)rpc->status,
        .id = rpc->id,
    };
    if (rpc->status != OD_OK && !payload->n)
        reply_error(&rpc->err, rpc->trace, rpc->language, payload);
    if (payload->n > c->max_out || payload->failed) {
        struct od_err err;
        od_fail(&err, OD_R_LIMIT_EXCEEDED, "limit=reply" OD_AND "max=%zu", c->max_out);
        err.outcome = rpc->status == OD_OK ? OD_EXECUTED : rpc->err.outcome;
        conn_send_error(c, rpc->id, &err, rpc->trace);
        return;
    }
    f.payload = od_buf_view(payload);
    conn_send(c, &f);
}

static void auth_answer(struct call *call)
{
    struct rpc *rpc = &call->rpc;
    struct conn *c = rpc->conn;
    if (rpc->status == OD_OK && !rpc->session)
        rpc->status = od_fail(&rpc->err, OD_R_INTERNAL_ERROR, "trace=a login without a session");
    if (rpc->status == OD_OK) {
        session_unref(c->session);
        c->session = od_take(rpc->session);
        c->state = CONN_AUTHENTICATED;
        c->max_in = OD_FRAME_MAX;
    } else {
        c->handshake_until_us = c->io->now_us + c->io->net->options.handshake_timeout_ms * OD_US_PER_MS;
    }
    bool in = rpc->status == OD_OK;
    answer(call, OD_F_AUTH_OK, &rpc->out);
    if (in)
        conn_inform(c);
}

/* --- lists -------------------------------------------------------------------------------------------------------------- */

/* Once a page, so that credit is counted in the bytes that will travel. */
static void page_deflate(struct call *call)
{
    struct rpc *rpc = &call->rpc;
    struct od_buf *scratch = &rpc->conn->io->scratch;
    if (!rpc->conn->zstd || rpc->out.n < DEFLATE_PAGE_FROM_BYTES)
        return;
    od_buf_clear(scratch);
    if (!od_zstd_deflate(od_buf_view(&rpc->out), scratch))
        return;
    od_buf_clear(&rpc->out);
    od_buf_str(&rpc->out, od_buf_view(scratch));
    call->page_zstd = true;
}

/* Returns false when it has to wait. */
static bool page_send(struct call *call)
{
    struct rpc *rpc = &call->rpc;
    struct conn *c = rpc->conn;
    int64_t n = (int64_t)rpc->out.n;
    if (n > call->credit || n > c->credit || conn_owed_bytes(c) > OD_OUT_QUEUE_MAX_BYTES / 2)
        return false;
    call->credit -= n;
    c->credit -= n;
    conn_send(c, &(struct od_frame){
                     .type = OD_F_DATA,
                     .flags = (uint8_t)((rpc->more ? 0 : OD_FLAG_END) | (call->page_zstd ? OD_FLAG_ZSTD : 0)),
                     .id = rpc->id,
                     .aux = call->chunk++,
                     .payload = od_buf_view(&rpc->out),
                 });
    od_buf_clear(&rpc->out);
    call->page = false;
    return true;
}

void call_pump(struct call *call)
{
    struct rpc *rpc = &call->rpc;
    struct conn *c = rpc->conn;
    if (call->state != CALL_PARKED)
        return;
    if (call->cancelled || !conn_is_open(c)) {
        end_with(call, OD_R_CALL_CANCELLED, NULL);
        return;
    }
    if (c->io->now_us >= call->deadline_us) {
        end_late(call);
        return;
    }
    if (call->page && !page_send(call))
        return;
    if (!rpc->more) {
        answer(call, OD_F_RESPONSE, &rpc->tail);
        call_free(call);
    } else if (call->credit > 0 && c->credit > 0 && conn_owed_bytes(c) <= OD_OUT_QUEUE_MAX_BYTES / 2) {
        call_away(call); /* a further page is made only for a peer that reads */
    }
}

static void page_returned(struct call *call)
{
    if (call->rpc.out.n > OD_DATA_CHUNK_MAX || call->rpc.out.failed) {
        end_with(call, OD_R_INTERNAL_ERROR, "trace=a page of a list is too large");
        return;
    }
    call->state = CALL_PARKED;
    call->page = true;
    call->page_zstd = false;
    page_deflate(call);
    call_pump(call);
}

void call_returned(struct rpc *rpc)
{
    struct call *call = OD_CONTAINER(rpc, struct call, rpc);
    struct conn *c = rpc->conn;
    if (call->kind == CALL_PUSH) {
        subscription_returned(call);
    } else if (rpc->result == RPC_PART) {
        page_returned(call);
        return;
    } else if (conn_is_open(c)) {
        if (call->kind == CALL_AUTH)
            auth_answer(call);
        else
            answer(call, OD_F_RESPONSE, &rpc->out);
    }
    call_free(call);
}

/* --- what happens to calls from outside --------------------------------------------------------------------------------- */

void call_cancel(struct call *call)
{
    call->cancelled = true;
    if (call->state == CALL_AWAY)
        atomic_store_explicit(&call->rpc.cancelled, true, memory_order_relaxed);
    else
        end_with(call, OD_R_CALL_CANCELLED, NULL);
}

static int64_t credit_sum(int64_t credit, uint32_t more)
{
    credit += more;
    return credit > OD_CREDIT_MAX_BYTES ? OD_CREDIT_MAX_BYTES : credit;
}

void calls_pump(struct conn *c)
{
    struct call *call, *next;
    DL_FOREACH_SAFE(c->calls, call, next)
        call_pump(call);
}

void call_credit(struct conn *c, uint64_t id, uint32_t bytes)
{
    if (!id) {
        c->credit = credit_sum(c->credit, bytes);
        calls_pump(c);
        subscriptions_pump(c);
        return;
    }
    struct call *call = call_find(c, id);
    if (!call) {
        subscription_credit(c, id, bytes);
    } else if (call->state != CALL_UPLOADING) {
        call->credit = credit_sum(call->credit, bytes);
        call_pump(call);
    }
}

void calls_tick(struct conn *c)
{
    struct call *call, *next;
    DL_FOREACH_SAFE(c->calls, call, next) {
        if (call->state != CALL_AWAY && c->io->now_us >= call->deadline_us)
            end_late(call);
    }
}

void calls_abandon(struct conn *c)
{
    struct call *call, *next;
    DL_FOREACH_SAFE(c->calls, call, next) {
        if (call->state == CALL_AWAY)
            atomic_store_explicit(&call->rpc.cancelled, true, memory_order_relaxed);
        else
            call_free(call);
    }
}
