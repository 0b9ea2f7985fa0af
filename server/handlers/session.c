/* SPDX-License-Identifier: Apache-2.0
 * The caller himself: echo, who he is, the end of his session. */
#include "common/base/limits.h"
#include "server/handlers/handlers.h"
#include "server/handlers/rights.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"

/* echo: nothing is copied; the reply points into the request. */
enum od_status rpc_echo(struct rpc *rpc, const Ordo__EchoReq *req, Ordo__EchoRep *rep)
{
    (void)rpc;
    rep->has_payload = req->has_payload;
    rep->payload = req->payload;
    return OD_OK;
}

enum od_status rpc_whoami(struct rpc *rpc, const Ordo__WhoamiReq *req, Ordo__WhoamiRep *rep)
{
    struct rights *rights = OD_ARENA_NEW(&rpc->arena, struct rights);
    char **names = OD_ARENA_ARRAY(&rpc->arena, PERMISSION_COUNT, char *);
    struct session *s = rpc->session;
    (void)req;
    if (!rights || !names)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    rights_of_bits(s->permissions, rights);
    for (size_t i = 0; i < rights->n; i++)
        names[i] = (char *)rights->names[i].p;
    rep->has_principal_id = 1;
    rep->principal_id = s->principal_id;
    rep->name = s->name;
    rep->login = s->login;
    rep->permissions = names;
    rep->n_permissions = rights->n;
    return OD_OK; /* the scope is read all the same: the answer says too that the database is there */
}

/* session_end: the token is of no use any more, on no node; connections that it opened are closed within two seconds. A session
 * by API key has no token: it ends with its connection. */
enum od_status rpc_session_end(struct rpc *rpc, const Ordo__SessionEndReq *req, Ordo__SessionEndRep *rep)
{
    const struct session *s = rpc->session;
    (void)req;
    (void)rep;
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    if (s->has_token)
        txn_exec(rpc->tx, STMT_session_end,
                 PG(pg_bytes((struct od_str){(const char *)s->token_sha256, sizeof s->token_sha256}), pg_int(s->principal_id)));
    txn_exec(rpc->tx, STMT_rights_change_insert, PG(pg_int(s->principal_id)));
    rpc->object_id = s->principal_id;
    return OD_OK;
}
