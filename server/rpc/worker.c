/* SPDX-License-Identifier: Apache-2.0
 * The worker's loop. */
#include "server/rpc/worker.h"

#include <stdio.h>

#include "common/base/log.h"
#include "server/conf/conf.h"
#include "server/net/net.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/methods.h"
#include "server/rpc/scope.h"

enum { DB_RETRY_MS = 200, IDLE_MS = 500 };

static void tell_down(struct worker *w, bool down)
{
    if (!w->pooled || w->down == down)
        return;
    w->down = down;
    if (down)
        atomic_fetch_add_explicit(&w->server->metrics.workers_down, 1, memory_order_relaxed);
    else
        atomic_fetch_sub_explicit(&w->server->metrics.workers_down, 1, memory_order_relaxed);
}

enum od_status worker_db(struct worker *w, struct od_err *err)
{
    if (w->db_ready && db_fit(&w->db))
        return OD_OK;
    if (w->db_ready) {
        db_close(&w->db);
        w->db_ready = false;
    }
    tell_down(w, true);
    if (od_mono_us() < w->db_retry_us)
        return od_fail(err, OD_R_DATABASE_DOWN, NULL);
    enum od_status status = db_open(&w->db, w->server->conf->database, err);
    if (status != OD_OK) {
        db_close(&w->db);
        w->db_retry_us = od_mono_us() + DB_RETRY_MS * OD_US_PER_MS;
        return status;
    }
    w->db_ready = true;
    tell_down(w, false);
    return OD_OK;
}

/* A worker without work sees to its connection: what broke meanwhile shows on /health, and the next call finds a good one. */
static void look_after(struct worker *w)
{
    struct od_err err;
    if (w->db_ready)
        db_look(&w->db);
    (void)worker_db(w, &err); /* tried again at the next turn */
}

/* A list comes by with every page; it ends with the last one. Steps of subscriptions are nobody's calls. */
static bool is_over(const struct rpc *rpc)
{
    return rpc->result == RPC_REPLY || (rpc->result == RPC_PART && !rpc->more);
}

/* One line per finished call: who, what, how it ended, what it cost. Never a body, a secret or a token. */
static void log_call(const struct worker *w, const struct rpc *rpc)
{
    char trace[33];
    if (!w->server->conf->log_calls)
        return;
    od_hex(rpc->trace, sizeof rpc->trace, trace);
    od_log(rpc->status == OD_INTERNAL ? OD_LOG_ERROR : OD_LOG_INFO, "call",
           "method=%s id=%llu principal=%lld status=%s reason=%s replayed=%d us=%lld waits=%u statements=%u trace=%s%s%.300s",
           rpc->method->name, (unsigned long long)rpc->id, (long long)scope_principal(rpc), od_status_name(rpc->status),
           od_reason_name(rpc->err.reason), rpc->replayed, (long long)(od_mono_us() - rpc->received_us), rpc->waits,
           rpc->statements, trace, rpc->status == OD_INTERNAL ? " " : "", rpc->status == OD_INTERNAL ? rpc->err.args : "");
}

static void hand_back(struct worker *w, struct rpc *rpc)
{
    if (is_over(rpc)) {
        metrics_call(&w->server->metrics, rpc->status, rpc->waits, rpc->statements);
        if (rpc->method->access != METHOD_NODB)
            log_call(w, rpc);
    }
    if (rpc->conn)
        net_return(rpc);
    else
        rpc_free(rpc);
}

static bool is_read(const struct od_queue_item *item)
{
    return OD_CONTAINER(item, const struct rpc, link)->method->access == METHOD_READ;
}

static void run(struct worker *w, struct od_queue_item *const items[], size_t n)
{
    struct rpc *rpcs[DISPATCH_READS_MAX];
    for (size_t i = 0; i < n; i++)
        rpcs[i] = OD_CONTAINER(items[i], struct rpc, link);
    if (n > 1)
        dispatch_reads(w, rpcs, n);
    else if (!dispatch_run(w, rpcs[0]))
        return;
    for (size_t i = 0; i < n; i++)
        hand_back(w, rpcs[i]);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct od_queue_item *items[DISPATCH_READS_MAX];
    size_t n;
    while ((n = od_queue_pop_some(&w->server->work, is_read, items, OD_LEN(items), IDLE_MS)) || !od_queue_over(&w->server->work)) {
        if (n)
            run(w, items, n);
        else
            look_after(w);
    }
    return NULL;
}

void worker_start(struct worker *w, struct server *server, unsigned number)
{
    struct od_err err;
    *w = (struct worker){.server = server, .number = number, .pooled = true};
    if (worker_db(w, &err) != OD_OK) { /* it is tried again with the first call */
        char text[512];
        od_log(OD_LOG_WARN, "no database yet", "worker=%u why=\"%s\" %s", number, od_err_text(&err, text, sizeof text), err.args);
    }
    od_assert(pthread_create(&w->thread, NULL, worker_main, w) == 0);
}

void worker_join(struct worker *w)
{
    pthread_join(w->thread, NULL);
    cache_done(&w->cache);
    if (w->db_ready)
        db_close(&w->db);
}
