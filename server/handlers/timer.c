/* SPDX-License-Identifier: Apache-2.0
 * A due timer as a command from inside: takes the timer by its claim, judges the request's targets, arms the next. */
#include "common.pb-c.h"
#include "server/jobs/jobs.h"
#include "server/rpc/methods.h"
#include "server/rpc/rpc.h"
#include "server/rpc/worker.h"
#include "server/store/request.h"

static enum od_status read_taken(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)tx;
    (void)into;
    return pg_get_int(r, 0, 0) == 1 ? OD_OK : od_fail(err, OD_R_TIMER_GONE, NULL);
}

static enum od_status timer_fire(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)
{
    const struct timer_claim *claim = rpc->state;
    struct request r;
    (void)req;
    (void)rep;
    od_assert(claim->kind == TIMER_REQUEST);
    store_request_lock(rpc->tx, claim->ref, &r); /* before its timer, as every other change of a request does */
    txn_query(rpc->tx, STMT_timer_take, read_taken, NULL, PG(pg_int(claim->kind), pg_int(claim->ref), pg_int(claim->claim)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    request_fire(&r, rpc->tx->now_us, rpc->fx);

    if (rpc->fx->n_history) /* else it was early: only the timer is armed again */
        store_request_save(rpc->tx, &r);
    store_effects(rpc->tx, &r, rpc->fx, false);
    rpc->object_id = r.id;
    rpc->branch_id = r.branch_id;
    return OD_OK;
}

const struct method METHOD_TIMER_FIRE = {.name = "timer_fire", .access = METHOD_COMMAND, .req = NULL,
                                         .rep = &ordo__empty__descriptor, .run = timer_fire};
