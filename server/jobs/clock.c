/* SPDX-License-Identifier: Apache-2.0
 * Due timers. A claim is a committed statement of its own; the command goes through the same dispatch as every call and
 * deletes the timer by its claim, so that whoever was claimed over finds nothing. An expired claim is claimed again, later each
 * time; one that never ends well is parked for an operator. */
#include <stdio.h>
#include <time.h>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "server/jobs/internal.h"
#include "server/rpc/authz.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/methods.h"
#include "server/rpc/session.h"

enum { CLAIM_BATCH = 64 /* as timer_claim has it */, CLAIM_LEASE_S = 5 /* the first one */, TICK_MS = 50, UPKEEP_S = 3600,
       UPKEEP_RETRY_S = 60, PARKED_S = 10, FIRE_TIMEOUT_S = 5 };

struct claims {
    size_t n;
    struct timer_claim rows[CLAIM_BATCH];
};

static enum od_status read_claims(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct claims *c = into;
    (void)tx;
    (void)err;
    for (int i = 0; i < PQntuples(r) && c->n < CLAIM_BATCH; i++)
        c->rows[c->n++] = (struct timer_claim){(int)pg_get_int(r, i, 0), pg_get_int(r, i, 1), (int32_t)pg_get_int(r, i, 2),
                                               (int)pg_get_int(r, i, 3), (int)pg_get_int(r, i, 4), pg_get_int(r, i, 5) != 0};
    return OD_OK;
}

static enum od_status claim_due(struct worker *w, struct od_arena *arena, struct claims *c, struct od_err *err)
{
    OD_TRY(worker_db(w, err));
    txn_init(&w->tx, &w->db, arena);
    txn_query(&w->tx, STMT_timer_claim, read_claims, c, PG(pg_int(CLAIM_LEASE_S), pg_int(OD_TIMER_TRIES_MAX)));
    return txn_load(&w->tx, err); /* one implicit transaction: committed when it returns */
}

/* The system's session for one branch: a timer sees what lies in the branch that works on its request. */
static struct session *system_session(int32_t branch_id)
{
    struct session *s = session_new();
    od_assert(s);
    s->kind = PRINCIPAL_SYSTEM;
    s->permissions = PERMISSION(SYSTEM_TIMER);
    s->expires_us = OD_TIME_NONE;
    snprintf(s->branches, sizeof s->branches, "{%d}", branch_id);
    snprintf(s->name, sizeof s->name, "clock");
    return s;
}

static void log_unfired(const struct timer_claim *claim, const struct od_err *err)
{
    char text[512];
    od_log(OD_LOG_WARN, "a timer was not fired", "kind=%d ref=%lld claim=%d try=%d of=%d why=\"%s\"", claim->kind,
           (long long)claim->ref, claim->claim, claim->tries, OD_TIMER_TRIES_MAX, od_err_text(err, text, sizeof text));
}

static void log_parked(const struct timer_claim *claim)
{
    od_log(OD_LOG_ERROR, "a timer was parked: it was never fired well; see to its cause, then `ordod release-timers`",
           "kind=%d ref=%lld tries=%d", claim->kind, (long long)claim->ref, claim->tries);
}

static void fire(struct worker *w, const struct timer_claim *claim)
{
    struct rpc *rpc = rpc_new(NULL);
    struct timer_claim *state = rpc ? OD_ARENA_NEW(&rpc->arena, struct timer_claim) : NULL;
    od_assert(state);
    *state = *claim;
    rpc->method = &METHOD_TIMER_FIRE;
    rpc->session = system_session(claim->branch_id);
    rpc->received_us = od_mono_us();
    rpc->deadline_us = rpc->received_us + FIRE_TIMEOUT_S * OD_US_PER_S;
    rpc->state = state;
    snprintf(rpc->peer, sizeof rpc->peer, "clock");
    dispatch_run(w, rpc);
    if (rpc->status == OD_OK)
        metrics_add(&w->server->metrics.timers_fired, 1);
    else if (rpc->err.reason != OD_R_TIMER_GONE)
        log_unfired(claim, &rpc->err);
    rpc_free(rpc);
}

static enum od_status read_parked(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct server *server = into;
    (void)tx;
    (void)err;
    atomic_store_explicit(&server->metrics.timers_parked, (unsigned)pg_get_int(r, 0, 0), memory_order_relaxed);
    return OD_OK;
}

/* Of all nodes: any of them may have parked one, and an operator may have released it. */
static void count_parked(struct worker *w, struct od_arena *arena)
{
    struct od_err err;
    txn_init(&w->tx, &w->db, arena);
    txn_query(&w->tx, STMT_timer_parked_count, read_parked, w->server, PG_NONE);
    (void)txn_load(&w->tx, &err); /* what is wrong shows with the next claim */
}

/* Seconds until it is due again. */
static int upkeep(struct worker *w, struct od_arena *arena)
{
    struct od_err err;
    txn_init(&w->tx, &w->db, arena);
    txn_exec(&w->tx, STMT_maintain, PG(pg_int(OD_PARTITION_DAYS_AHEAD), pg_int(OD_INBOX_KEPT_DAYS), pg_int(OD_INBOX_KEPT_ROWS)));
    if (txn_load(&w->tx, &err) == OD_OK)
        return UPKEEP_S;
    od_log(OD_LOG_ERROR, "upkeep failed", "why=\"%.300s\"", err.args);
    return UPKEEP_RETRY_S;
}

void *clock_main(void *arg)
{
    struct server *server = arg;
    struct worker *w = &server->jobs->clock_worker;
    struct od_arena arena;
    struct od_err err;
    int64_t upkeep_us = 0, parked_us = 0;
    bool down = false;
    od_arena_init(&arena, 1024 * 1024);
    while (!atomic_load(&server->jobs->stop)) {
        struct claims claims = {0};
        od_arena_reset(&arena);
        enum od_status status = claim_due(w, &arena, &claims, &err);
        if ((status != OD_OK) != down) {
            down = !down;
            od_log(down ? OD_LOG_WARN : OD_LOG_INFO, down ? "timers are held up" : "timers go on", "why=\"%.300s\"",
                   down ? err.args : "");
        }
        for (size_t i = 0; status == OD_OK && i < claims.n; i++)
            if (claims.rows[i].parked)
                log_parked(&claims.rows[i]);
            else
                fire(w, &claims.rows[i]);
        if (status == OD_OK && od_mono_us() > parked_us) {
            parked_us = od_mono_us() + PARKED_S * OD_US_PER_S;
            count_parked(w, &arena);
        }
        if (status == OD_OK && od_mono_us() > upkeep_us)
            upkeep_us = od_mono_us() + upkeep(w, &arena) * OD_US_PER_S;
        if (claims.n < CLAIM_BATCH) {
            struct timespec tick = {0, TICK_MS * 1000000};
            nanosleep(&tick, NULL);
        }
    }
    od_arena_done(&arena);
    return NULL;
}
