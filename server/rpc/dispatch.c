/* SPDX-License-Identifier: Apache-2.0
 * What holds for every method, in order: deadline, permission, message, password, transaction, key, audit, reply. */
#include "server/rpc/dispatch.h"

#include <openssl/rand.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/domain/request/effects.h"
#include "server/rpc/authz.h"
#include "server/rpc/idempotency.h"
#include "server/rpc/inbox.h"
#include "server/rpc/login.h"
#include "server/rpc/methods.h"
#include "server/rpc/reply.h"
#include "server/rpc/scope.h"

enum { RUNS_MAX = 4 }; /* of a handler, after soft errors */

static enum od_status check_deadline(struct rpc *rpc)
{
    if (atomic_load_explicit(&rpc->cancelled, memory_order_relaxed))
        return od_fail(&rpc->err, OD_R_CALL_CANCELLED, NULL);
    int64_t now_us = od_mono_us();
    if (now_us > rpc->deadline_us)
        return od_fail(&rpc->err, OD_R_DEADLINE_PASSED, "timeout_ms=%lld",
                       (long long)((rpc->deadline_us - rpc->received_us) / OD_US_PER_MS));
    return OD_OK;
}

static enum od_status check_rights(struct rpc *rpc)
{
    const struct method *m = rpc->method;
    if (m->access == METHOD_LOCAL)
        return rpc->local ? OD_OK : od_fail(&rpc->err, OD_R_LOCAL_ONLY, NULL);
    if (!rpc->session)
        return od_fail(&rpc->err, OD_R_LOGIN_REQUIRED, NULL);
    if (rpc->session->expires_us != OD_TIME_NONE && od_real_us() > rpc->session->expires_us)
        return od_fail(&rpc->err, OD_R_SESSION_ENDED, NULL);
    if (m->permission & ~rpc->session->permissions)
        return od_fail(&rpc->err, OD_R_PERMISSION_MISSING, "permission=%s",
                       permission_name((unsigned)__builtin_ctzll(m->permission)));
    return OD_OK;
}

static ProtobufCMessage *message_new(struct rpc *rpc, const ProtobufCMessageDescriptor *d)
{
    ProtobufCMessage *m = od_arena_alloc(&rpc->arena, d->sizeof_message);
    if (m)
        d->message_init(m);
    return m;
}

static enum od_status memory_refused(struct rpc *rpc)
{
    return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
}

static enum od_status run_handler(struct rpc *rpc)
{
    rpc->rep = message_new(rpc, rpc->method->rep);
    if (!rpc->rep)
        return memory_refused(rpc);
    enum od_status status = rpc->method->run(rpc, rpc->req, rpc->rep);
    return status == OD_OK && rpc->arena.exhausted ? memory_refused(rpc) : status;
}

/* Once the answer is packed: nothing of it, nor of the events, may be missing for want of room. */
static enum od_status check_room(struct rpc *rpc)
{
    if (rpc->arena.exhausted)
        return memory_refused(rpc);
    if (rpc->out.failed || rpc->tail.failed)
        return od_fail(&rpc->err, OD_R_LIMIT_EXCEEDED, "limit=the reply" OD_AND "max=%d bytes", OD_FRAME_MAX);
    return OD_OK;
}

static enum od_status pack_reply(struct rpc *rpc)
{
    od_message_pack(rpc->rep, &rpc->out);
    return check_room(rpc);
}

static enum od_status run_nodb(struct rpc *rpc)
{
    OD_TRY(run_handler(rpc));
    return pack_reply(rpc);
}

/* A read queues what it wants; the wait is between these two. */
static enum od_status read_queue(struct rpc *rpc)
{
    struct txn_scope scope = scope_of(rpc);
    rpc->then = NULL;
    txn_begin(rpc->tx, &scope, TXN_READ);
    return run_handler(rpc);
}

static enum od_status read_finish(struct rpc *rpc)
{
    if (rpc->then)
        OD_TRY(rpc->then(rpc, rpc->rep));
    return pack_reply(rpc);
}

static enum od_status run_read(struct rpc *rpc)
{
    OD_TRY(read_queue(rpc));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    return read_finish(rpc);
}

static enum od_status run_report(struct rpc *rpc)
{
    struct txn_scope scope = scope_of(rpc);
    txn_begin(rpc->tx, &scope, TXN_REPORT);
    OD_TRY(run_handler(rpc));
    return pack_reply(rpc);
}

/* One page. The handler keeps its place in rpc->state; what it allocates besides is gone after the page. */
static enum od_status run_list(struct rpc *rpc)
{
    struct txn_scope scope = scope_of(rpc);
    if (!rpc->state && !(rpc->state = od_arena_zalloc(&rpc->arena, LIST_STATE_BYTES)))
        return memory_refused(rpc);
    struct od_arena_mark mark = od_arena_mark(&rpc->arena);
    rpc->part = message_new(rpc, rpc->method->part);
    if (!rpc->part)
        return memory_refused(rpc);
    rpc->more = false;
    txn_begin(rpc->tx, &scope, TXN_READ);
    enum od_status status = run_handler(rpc);
    if (status == OD_OK) {
        od_message_pack(rpc->part, &rpc->out);
        if (!rpc->more)
            od_message_pack(rpc->rep, &rpc->tail);
        rpc->result = RPC_PART;
        status = check_room(rpc);
    }
    od_arena_release(&rpc->arena, mark);
    return status;
}

static void audit(struct rpc *rpc, const struct idem *idem)
{
    txn_exec(rpc->tx, STMT_audit_insert,
             PG(pg_int(db_id(rpc->tx->db)), pg_int(scope_principal(rpc)), pg_id(rpc->object_id),
                idem ? pg_uuid(&rpc->key) : pg_null(), pg_bytes((struct od_str){(const char *)rpc->trace, sizeof rpc->trace}),
                pg_text(rpc->peer), pg_bytes(idem ? (struct od_str){(const char *)idem->digest, 32} : OD_STR("")),
                pg_id(rpc->branch_id), pg_int(rpc->method->id)));
}

/* The handler's run in one transaction, to COMMIT. idem is NULL for a command from inside. */
static enum od_status run_once(struct rpc *rpc, const struct idem *idem, struct push_batch **ret_batch)
{
    struct txn_scope scope = scope_of(rpc);
    rpc->fx = od_arena_zalloc(&rpc->arena, sizeof *rpc->fx);
    if (!rpc->fx)
        return memory_refused(rpc);
    txn_begin(rpc->tx, &scope, TXN_WRITE);
    txn_ids(rpc->tx, IDS_PER_CALL);
    OD_TRY(run_handler(rpc));
    od_buf_clear(&rpc->out);
    od_message_pack(rpc->rep, &rpc->out);
    if (rpc->out.n > OD_STORED_REPLY_MAX)
        return od_fail(&rpc->err, OD_R_LIMIT_EXCEEDED, "limit=the stored reply" OD_AND "max=%d bytes", OD_STORED_REPLY_MAX);
    audit(rpc, idem);
    if (idem)
        idem_insert(rpc->tx, rpc, idem, OD_OK, od_buf_view(&rpc->out));
    inbox_queue(rpc, ret_batch);
    OD_TRY(check_room(rpc));
    return txn_commit(rpc->tx, &rpc->err);
}

static enum od_status run_until_settled(struct rpc *rpc, const struct idem *idem)
{
    enum od_status status = OD_INTERNAL;
    for (unsigned run = 0; run < RUNS_MAX; run++) {
        struct push_batch *batch = NULL;
        struct od_arena_mark mark = od_arena_mark(&rpc->arena);
        rpc->tx->fault = TXN_FAULT_NONE;
        status = run_once(rpc, idem, &batch);
        if (status == OD_OK) {
            inbox_publish(rpc, batch);
            return OD_OK;
        }
        push_batch_unref(batch);
        if (rpc->tx->fault != TXN_FAULT_UNKNOWN)
            txn_rollback(rpc->tx);
        if (rpc->tx->fault != TXN_FAULT_RETRY && rpc->tx->fault != TXN_FAULT_STALE)
            return status;
        OD_TRY(check_deadline(rpc));
        od_arena_release(&rpc->arena, mark); /* the first run leaves nothing behind */
        od_err_clear(&rpc->err);
        OD_TRY(worker_db(rpc->worker, &rpc->err)); /* another one, if its statements were stale */
    }
    return status;
}

/* A deterministic refusal is an answer too: it is kept with the key in a transaction of its own. */
static enum od_status keep_refusal(struct rpc *rpc, const struct idem *idem, enum od_status status)
{
    struct txn_scope scope = scope_of(rpc);
    struct od_err refusal = rpc->err;
    od_buf_clear(&rpc->out);
    reply_error(&rpc->err, rpc->trace, rpc->language, &rpc->out);
    txn_begin(rpc->tx, &scope, TXN_WRITE);
    idem_insert(rpc->tx, rpc, idem, status, od_buf_view(&rpc->out));
    if (txn_commit(rpc->tx, &rpc->err) == OD_OK) {
        rpc->err = refusal;
        rpc->status = status;
        return status;
    }
    txn_rollback(rpc->tx);
    if (idem_collided(rpc->tx))
        return idem_replay(rpc->tx, rpc, idem, NULL);
    return rpc->err.status;
}

/* A refusal that is not kept must not hide that the same call was done before: it may have taken its own right away. Nor may
 * one be given as "not executed" when nobody could look. */
static enum od_status refuse_unless_done(struct rpc *rpc, const struct idem *idem, enum od_status status)
{
    struct od_err refusal = rpc->err;
    bool found = false;
    rpc->tx->fault = TXN_FAULT_NONE;
    enum od_status replayed = idem_replay(rpc->tx, rpc, idem, &found);
    if (found || rpc->tx->fault != TXN_FAULT_NONE)
        return replayed;
    rpc->err = refusal;
    return status;
}

/* Who may no longer make a call may still learn that it was done while he could: the stored answer is his. Only this refusal
 * pays for the look. */
static enum od_status forbidden_unless_done(struct worker *w, struct rpc *rpc, enum od_status status)
{
    struct idem idem;
    struct od_err none;
    if (rpc->method->access != METHOD_WRITE || idem_check(rpc, od_real_us(), &idem, &none) != OD_OK)
        return status;
    struct od_err refusal = rpc->err;
    OD_TRY(worker_db(w, &rpc->err));
    rpc->err = refusal;
    return refuse_unless_done(rpc, &idem, status);
}

static enum od_status run_write(struct rpc *rpc)
{
    struct idem idem;
    if (rpc->method->access == METHOD_COMMAND)
        return run_until_settled(rpc, NULL);
    OD_TRY(idem_check(rpc, od_real_us(), &idem, &rpc->err));
    enum od_status status = run_until_settled(rpc, &idem);
    if (idem_collided(rpc->tx))
        return idem_replay(rpc->tx, rpc, &idem, NULL);
    if (status == OD_OK || rpc->tx->fault == TXN_FAULT_UNKNOWN || !db_fit(rpc->tx->db))
        return status;
    return od_status_stored(status) ? keep_refusal(rpc, &idem, status) : refuse_unless_done(rpc, &idem, status);
}

static enum od_status prepare(struct worker *w, struct rpc *rpc)
{
    OD_TRY(check_deadline(rpc));
    if (rpc->method->access == METHOD_INTERNAL || rpc->method->access == METHOD_COMMAND)
        return worker_db(w, &rpc->err);
    OD_TRY(check_rights(rpc));
    if (!rpc->req)
        OD_TRY(od_message_unpack(rpc->method->req, rpc->body, &rpc->arena, &rpc->req, &rpc->err));
    return rpc->method->access == METHOD_NODB ? OD_OK : worker_db(w, &rpc->err);
}

/* A reading call, or a page, changes nothing: after stale statements it is simply run again. */
static enum od_status run_fresh(struct rpc *rpc, enum od_status (*run)(struct rpc *rpc))
{
    enum od_status status = run(rpc);
    if (rpc->tx->fault != TXN_FAULT_STALE)
        return status;
    txn_rollback(rpc->tx);
    rpc->tx->fault = TXN_FAULT_NONE;
    od_err_clear(&rpc->err);
    od_buf_clear(&rpc->out);
    od_buf_clear(&rpc->tail);
    OD_TRY(worker_db(rpc->worker, &rpc->err));
    return run(rpc);
}

static enum od_status run_by_access(struct rpc *rpc)
{
    switch (rpc->method->access) {
    case METHOD_NODB: return run_nodb(rpc);
    case METHOD_READ: return run_fresh(rpc, run_read);
    case METHOD_REPORT: return run_fresh(rpc, run_report);
    case METHOD_LIST: return run_fresh(rpc, run_list);
    case METHOD_INTERNAL: return rpc->method->run(rpc, NULL, NULL);
    case METHOD_WRITE:
    case METHOD_LOCAL:
    case METHOD_COMMAND: break;
    }
    return run_write(rpc);
}

static enum od_status start(struct worker *w, struct rpc *rpc, struct txn *tx)
{
    rpc->worker = w;
    rpc->tx = tx;
    rpc->result = RPC_REPLY;
    rpc->replayed = false;
    od_buf_clear(&rpc->out);
    od_buf_clear(&rpc->tail);
    txn_init(tx, &w->db, &rpc->arena);
    od_err_clear(&rpc->err);
    rpc->status = OD_OK;
    return prepare(w, rpc);
}

static void finish(struct rpc *rpc, enum od_status status)
{
    if (!rpc->replayed) {
        rpc->status = status;
        if (status != OD_OK) {
            od_buf_clear(&rpc->out);
            reply_error(&rpc->err, rpc->trace, rpc->language, &rpc->out);
            rpc->result = RPC_REPLY;
        }
    }
    if (rpc->tx->open || rpc->tx->n_queued)
        txn_rollback(rpc->tx);
    rpc->waits += rpc->tx->waits;
    rpc->statements += rpc->tx->statements;
}

bool dispatch_run(struct worker *w, struct rpc *rpc)
{
    w->moved = false;
    cache_trim(&w->cache);
    enum od_status status = start(w, rpc, &w->tx);
    if (status == OD_FORBIDDEN)
        status = forbidden_unless_done(w, rpc, status);
    else if (status == OD_OK && login_wants_hash(rpc))
        status = login_hash_later(rpc);
    else if (status == OD_OK)
        status = run_by_access(rpc);
    if (w->moved) /* an auth thread has it now */
        return false;
    finish(rpc, status);
    return true;
}

void dispatch_reads(struct worker *w, struct rpc *const rpcs[], size_t n)
{
    struct txn txs[DISPATCH_READS_MAX], *queued[DISPATCH_READS_MAX];
    enum od_status statuses[DISPATCH_READS_MAX], outcomes[DISPATCH_READS_MAX];
    struct od_err *errs[DISPATCH_READS_MAX];
    size_t n_queued = 0;
    cache_trim(&w->cache);
    for (size_t i = 0; i < n; i++)
        statuses[i] = start(w, rpcs[i], &txs[i]); /* all of them before the first statement: this may connect anew */
    for (size_t i = 0; i < n; i++) {
        if (statuses[i] == OD_OK)
            statuses[i] = read_queue(rpcs[i]);
        if (!txs[i].n_queued)
            continue;
        queued[n_queued] = &txs[i]; /* also what a handler queued and then refused: it runs, and its error stands */
        errs[n_queued++] = statuses[i] == OD_OK ? &rpcs[i]->err : NULL;
    }
    if (n_queued && !txn_load_together(queued, n_queued, outcomes, errs)) {
        for (size_t i = 0; i < n; i++)
            (void)dispatch_run(w, rpcs[i]);
        return;
    }
    for (size_t i = 0, at = 0; i < n; i++) {
        bool loaded = at < n_queued && queued[at] == &txs[i];
        if (statuses[i] == OD_OK)
            statuses[i] = outcomes[at];
        at += loaded;
        finish(rpcs[i], statuses[i] == OD_OK ? read_finish(rpcs[i]) : statuses[i]);
    }
}
