/* SPDX-License-Identifier: Apache-2.0
 * The scope of a call's transactions: what the second wall sees of its session. */
#ifndef ORDO_RPC_SCOPE_H
#define ORDO_RPC_SCOPE_H

#include "server/rpc/rpc.h"
#include "server/rpc/session.h"
#include "server/store/txn.h"

/* 0 before a login. */
static inline int64_t scope_principal(const struct rpc *rpc) { return rpc->session ? rpc->session->principal_id : 0; }

static inline struct txn_scope scope_of(const struct rpc *rpc)
{
    const struct session *s = rpc->session;
    if (!s)
        return (struct txn_scope){.branches = "{}"};
    return (struct txn_scope){.principal_id = s->principal_id, .branches = s->branches, .customer_id = s->customer_id};
}

static inline unsigned scope_branch_count(const struct rpc *rpc)
{
    unsigned n = 0;
    for (const char *at = rpc->session ? rpc->session->branches : ""; *at; at++)
        n += *at == ',' || (*at == '{' && at[1] != '}');
    return n;
}

static inline bool scope_is_customer(const struct rpc *rpc)
{
    return rpc->session && rpc->session->kind == PRINCIPAL_CUSTOMER_USER;
}

#endif
