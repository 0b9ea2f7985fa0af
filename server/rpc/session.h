/* SPDX-License-Identifier: Apache-2.0
 * Who is on the other end: immutable once made, counted by reference, shared by the calls of a connection. */
#ifndef ORDO_RPC_SESSION_H
#define ORDO_RPC_SESSION_H

#include <stdatomic.h>

#include "common/base/base.h"
#include "common/base/limits.h"

enum principal_kind { PRINCIPAL_USER = 1, PRINCIPAL_CUSTOMER_USER = 2, PRINCIPAL_SYSTEM = 3 };

struct session {
    atomic_uint refs;
    int64_t principal_id;
    enum principal_kind kind;
    uint64_t permissions;              /* bits of proto/permissions.def */
    char branches[OD_SCOPE_BRANCHES_MAX * 11 + 3]; /* the scope as a PostgreSQL array: {1,2}; {} for customer users */
    int64_t customer_id;               /* of a customer user, else 0 */
    int32_t branch_id;                 /* the principal's own */
    int64_t department_id;
    char name[OD_NAME_MAX * 4 + 1];
    char login[OD_LOGIN_MAX * 4 * 4 + 1]; /* folding may lengthen it */
    char language[OD_LANGUAGE_MAX + 1];
    char zone[OD_ZONE_MAX + 1];
    int64_t expires_us;                /* real time; OD_TIME_NONE: does not */
    unsigned char token_sha256[32];    /* of a session token; all zero otherwise */
    bool has_token;
};

struct session *session_new(void);     /* one reference */
struct session *session_copy(const struct session *s); /* likewise */
struct session *session_ref(struct session *s);
void session_unref(struct session *s); /* NULL is legal */

#endif
