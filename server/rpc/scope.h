/* SPDX-License-Identifier: Apache-2.0
 * The scope of a call's transactions: what the second wall sees of its session. */
#ifndef ORDO_RPC_SCOPE_H
#define ORDO_RPC_SCOPE_H

#include <stdlib.h>

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

/* branches: as PostgreSQL writes an int[], {1,2}. */
static inline bool scope_holds(const char *branches, int32_t branch_id)
{
    for (const char *at = branches; *at && *at != '}';) {
        char *end;
        if (strtol(at + 1, &end, 10) == branch_id && end > at + 1)
            return true;
        at = end;
    }
    return false;
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
