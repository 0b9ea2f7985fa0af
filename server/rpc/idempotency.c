/* SPDX-License-Identifier: Apache-2.0
 * Keys in the database. */
#include "server/rpc/idempotency.h"

#include <openssl/evp.h>

#include "common/base/limits.h"
#include "server/rpc/methods.h"
#include "server/rpc/scope.h"

static void digest_of(const struct rpc *rpc, unsigned char out[32])
{
    unsigned char method[2] = {(unsigned char)rpc->method->id, (unsigned char)(rpc->method->id >> 8)};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    od_assert(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) && EVP_DigestUpdate(ctx, method, sizeof method) &&
              EVP_DigestUpdate(ctx, rpc->body.p, rpc->body.n) && EVP_DigestFinal_ex(ctx, out, NULL));
    EVP_MD_CTX_free(ctx);
}

enum od_status idem_check(const struct rpc *rpc, int64_t real_us, struct idem *ret_idem, struct od_err *err)
{
    static const struct od_uuid none;
    int64_t ms;
    if (!memcmp(&rpc->key, &none, sizeof none))
        return od_fail(err, OD_R_KEY_REQUIRED, NULL);
    if (!od_uuid7_check(&rpc->key, &ms) || ms > INT64_C(253402300799000)) /* the year 9999 */
        return od_fail(err, OD_R_KEY_FORMAT, NULL);
    ret_idem->day = ms / (OD_S_PER_DAY * 1000);
    int64_t today = real_us / (OD_S_PER_DAY * OD_US_PER_S);
    if (ret_idem->day <= today - OD_KEY_DAYS_KEPT) {
        char text[OD_TIME_TEXT];
        od_time_format(ret_idem->day * OD_S_PER_DAY * OD_US_PER_S, text);
        enum od_status status = od_fail(err, OD_R_KEY_TOO_OLD, "day=%.10s" OD_AND "days=%d", text, OD_KEY_DAYS_KEPT);
        err->outcome = OD_OUTCOME_UNKNOWN; /* nobody remembers whether it was done */
        return status;
    }
    if (ms * OD_US_PER_MS > real_us + OD_KEY_FUTURE_MINUTES * (60 * OD_US_PER_S))
        return od_fail(err, OD_R_KEY_TOO_NEW, "minutes=%d", OD_KEY_FUTURE_MINUTES);
    digest_of(rpc, ret_idem->digest);
    return OD_OK;
}

void idem_insert(struct txn *tx, const struct rpc *rpc, const struct idem *idem, enum od_status status, struct od_str reply)
{
    txn_exec(tx, STMT_idempotency_insert,
             PG(pg_day(idem->day), pg_int(scope_principal(rpc)), pg_uuid(&rpc->key),
                pg_bytes((struct od_str){(const char *)idem->digest, 32}), pg_int(status),
                pg_bytes(reply.p ? reply : OD_STR(""))));
}

bool idem_collided(const struct txn *tx)
{
    return tx->fault == TXN_FAULT_UNIQUE && !strncmp(tx->where, "idempotency", strlen("idempotency"));
}

struct replay {
    bool found;
    bool same;
    const struct idem *idem;
    struct rpc *rpc;
};

static enum od_status read_stored(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct replay *replay = into;
    (void)tx;
    (void)err;
    replay->found = PQntuples(r) == 1;
    if (!replay->found)
        return OD_OK;
    struct od_str digest = pg_get_str(r, 0, 0), reply = pg_get_str(r, 0, 2);
    replay->same = digest.n == 32 && !memcmp(digest.p, replay->idem->digest, 32);
    if (!replay->same)
        return OD_OK;
    replay->rpc->status = od_status_from_wire((unsigned)pg_get_int(r, 0, 1));
    replay->rpc->replayed = true;
    od_buf_clear(&replay->rpc->out);
    od_buf_str(&replay->rpc->out, reply);
    return OD_OK;
}

enum od_status idem_replay(struct txn *tx, struct rpc *rpc, const struct idem *idem, bool *ret_found)
{
    struct replay replay = {.idem = idem, .rpc = rpc};
    struct txn_scope scope = scope_of(rpc);
    txn_begin(tx, &scope, TXN_READ);
    txn_query(tx, STMT_idempotency_get, read_stored, &replay,
              PG(pg_day(idem->day), pg_int(scope_principal(rpc)), pg_uuid(&rpc->key)));
    OD_TRY(txn_load(tx, &rpc->err));
    if (ret_found)
        *ret_found = replay.found;
    if (!replay.found) /* the other one rolled back meanwhile */
        return od_fail(&rpc->err, OD_R_ROW_CONTENTION, NULL);
    return replay.same ? OD_OK : od_fail(&rpc->err, OD_R_KEY_OTHER_CALL, NULL);
}
