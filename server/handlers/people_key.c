/* SPDX-License-Identifier: Apache-2.0
 * What people prove themselves with: passwords, API keys, client certificates. No secret comes here: a password is a hash
 * already, a key is its digest. */
#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/rights.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/people.h"

/* The year 9999: what the database knows. */
#define EXPIRES_MAX_US INT64_C(253402300799999999)

static void reach(struct rpc *rpc, int64_t user_id, int64_t key_id, struct principal *into)
{
    struct rights may_give;
    rights_of_bits(rpc->session->permissions, &may_give);
    store_principal_reach(rpc->tx, user_id, key_id, may_give.names, may_give.n, into);
}

/* The sessions of whoever changes his own password go on where he does that, and end everywhere else. */
static void end_sessions(struct rpc *rpc, int64_t principal_id)
{
    const struct session *s = rpc->session;
    if (principal_id != s->principal_id || !s->has_token) {
        store_rights_lost(rpc->tx, principal_id);
        return;
    }
    txn_exec(rpc->tx, STMT_session_end_others,
             PG(pg_int(principal_id), pg_bytes((struct od_str){(const char *)s->token_sha256, sizeof s->token_sha256})));
    txn_exec(rpc->tx, STMT_rights_change_insert, PG(pg_int(principal_id)));
}

/* user_password: one's own, or with admin.users somebody else's. */
enum od_status rpc_user_password(struct rpc *rpc, const Ordo__UserPasswordReq *req, Ordo__UserPasswordRep *rep)
{
    const struct session *s = rpc->session;
    struct principal p = {.id = s->principal_id, .branch_id = s->branch_id};
    bool own = !req->has_user_id || req->user_id == s->principal_id;
    (void)rep;
    if (!own)
        check_id(rpc, "user_id", true, req->user_id);
    if (!rpc->password_hash)
        od_fail_field(&rpc->err, "password", OD_R_FIELD_REQUIRED, NULL);
    OD_TRY(check_done(rpc));
    if (!own && !(s->permissions & PERMISSION(ADMIN_USERS)))
        return od_fail(&rpc->err, OD_R_PERMISSION_MISSING, "permission=admin.users");
    if (!own)
        reach(rpc, req->user_id, 0, &p);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    txn_exec(rpc->tx, STMT_principal_password, PG(pg_int(p.id), pg_text(rpc->password_hash)));
    end_sessions(rpc, p.id);
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}

enum od_status rpc_api_key_create(struct rpc *rpc, const Ordo__ApiKeyCreateReq *req, Ordo__ApiKeyCreateRep *rep)
{
    struct principal p;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX), sha256 = check_sha256(rpc, "sha256", req->sha256);
    check_id(rpc, "user_id", req->has_user_id, req->user_id);
    if (req->has_expires_us && (req->expires_us <= od_real_us() || req->expires_us > EXPIRES_MAX_US))
        od_fail_field(&rpc->err, "expires_us", OD_R_FIELD_FORMAT, "expected=an instant to come");
    OD_TRY(check_done(rpc));
    reach(rpc, req->user_id, 0, &p);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    rep->has_id = 1;
    rep->id = db_id(rpc->tx->db);
    txn_unique(rpc->tx, "api_key_sha256_key", "API key", name);
    txn_exec(rpc->tx, STMT_api_key_insert,
             PG(pg_int(rep->id), pg_int(p.id), pg_str(name), pg_bytes(sha256), req->has_expires_us ? pg_time(req->expires_us) : pg_null()));
    rpc->object_id = rep->id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}

enum od_status rpc_api_key_revoke(struct rpc *rpc, const Ordo__ApiKeyRevokeReq *req, Ordo__ApiKeyRevokeRep *rep)
{
    struct principal p;
    (void)rep;
    check_id(rpc, "key_id", req->has_key_id, req->key_id);
    OD_TRY(check_done(rpc));
    reach(rpc, 0, req->key_id, &p);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    txn_exec(rpc->tx, STMT_api_key_revoke, PG(pg_int(req->key_id)));
    txn_exec(rpc->tx, STMT_rights_change_insert, PG(pg_int(p.id)));
    rpc->object_id = req->key_id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}

enum od_status rpc_certificate_add(struct rpc *rpc, const Ordo__CertificateAddReq *req, Ordo__CertificateAddRep *rep)
{
    struct principal p;
    char *hex = od_arena_alloc(&rpc->arena, 65);
    struct od_str sha256 = check_sha256(rpc, "sha256", req->sha256);
    (void)rep;
    if (!hex)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    check_id(rpc, "user_id", req->has_user_id, req->user_id);
    OD_TRY(check_done(rpc));
    od_hex(sha256.p, sha256.n, hex);
    reach(rpc, req->user_id, 0, &p);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    txn_unique(rpc->tx, "certificate_pkey", "certificate", od_str_c(hex));
    txn_exec(rpc->tx, STMT_certificate_insert, PG(pg_bytes(sha256), pg_int(p.id)));
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}
