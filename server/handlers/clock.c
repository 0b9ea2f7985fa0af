/* SPDX-License-Identifier: Apache-2.0
 * The business clock: read by everybody, set in development databases alone. */
#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/rpc/worker.h"

/* The years 2000 to 2099: within them every calendar can reckon. */
#define BUSINESS_MIN_US INT64_C(946684800000000)
#define BUSINESS_MAX_US INT64_C(4102444799000000)
enum { FACTOR_MAX = 100000 };

/* clock_set: what is absent goes on as it is. */
enum od_status rpc_clock_set(struct rpc *rpc, const Ordo__ClockSetReq *req, Ordo__ClockSetRep *rep)
{
    (void)rep;
    if (req->has_factor && (req->factor < 1 || req->factor > FACTOR_MAX))
        od_fail_field(&rpc->err, "factor", OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", FACTOR_MAX);
    if (req->has_business_us && (req->business_us < BUSINESS_MIN_US || req->business_us > BUSINESS_MAX_US))
        od_fail_field(&rpc->err, "business_us", OD_R_FIELD_RANGE, "min=the year 2000" OD_AND "max=the year 2099");
    OD_TRY(check_done(rpc));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    txn_exec(rpc->tx, STMT_clock_set,
             PG(req->has_business_us ? pg_time(req->business_us) : pg_null(), req->has_factor ? pg_int(req->factor) : pg_null()));
    return OD_OK;
}

static enum od_status read_clock(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    Ordo__ClockGetRep *rep = into;
    OD_TRY(txn_one_row(r, "clock", 0, err));
    rep->has_business_us = rep->has_real_us = rep->has_factor = 1;
    rep->factor = (uint32_t)pg_get_int(r, 0, 0);
    rep->business_us = tx->now_us;
    rep->real_us = tx->real_us;
    return OD_OK;
}

enum od_status rpc_clock_get(struct rpc *rpc, const Ordo__ClockGetReq *req, Ordo__ClockGetRep *rep)
{
    (void)req;
    txn_query(rpc->tx, STMT_clock_get, read_clock, rep, PG_NONE);
    return OD_OK;
}
