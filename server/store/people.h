/* SPDX-License-Identifier: Apache-2.0
 * People, their roles, scopes and departments in the database: rows in and out, nothing decided. Each call queues one
 * statement. */
#ifndef ORDO_STORE_PEOPLE_H
#define ORDO_STORE_PEOPLE_H

#include "common/base/limits.h"
#include "server/store/txn.h"

struct department {
    int64_t id;
    int32_t branch_id;
    int64_t head_id;       /* 0: none */
};

/* NO_SUCH where there is none; _reach: also where the caller does not administer its branch. */
void store_department_get(struct txn *tx, int64_t id, struct department *into);
void store_department_reach(struct txn *tx, int64_t id, struct department *into);

/* Whether the user is active and works for the department's branch. */
void store_staff_of_department(struct txn *tx, int64_t department_id, int64_t user_id, bool *into);

/* Whether the user is active and may get requests of the branch that works on this request. */
void store_assignee_fit(struct txn *tx, int64_t user_id, int64_t request_id, bool *into);

struct principal {
    int64_t id;
    int kind;              /* enum principal_kind */
    struct od_str login;   /* folded; {NULL, 0}: none */
    struct od_str shown_login; /* as it was given */
    struct od_str name;
    int32_t branch_id;
    int64_t department_id; /* 0: none */
    int64_t customer_id;   /* 0: none */
    struct od_str language;
    struct od_str zone;
    const char *password;  /* Argon2id; NULL: none */
};

/* With his inbox. NAME_TAKEN for a login that somebody has. */
void store_principal_insert(struct txn *tx, const struct principal *p);

/* A person whom the caller administers, locked: id, kind and branch. By id, or (id 0) as the owner of an API key. may_give: the
 * caller's own permissions. NO_SUCH for nobody; PERMISSION_MISSING or NO_SUCH branch for one who has more than the caller. */
void store_principal_reach(struct txn *tx, int64_t id, int64_t api_key_id, const struct od_str *may_give, size_t n_may_give,
                           struct principal *into);

/* His sessions end and his connections are closed on every node. */
void store_rights_lost(struct txn *tx, int64_t principal_id);

void store_scope_size(struct txn *tx, int64_t principal_id, unsigned *into);
void store_scope_insert(struct txn *tx, int64_t principal_id, const int64_t *branch_ids, size_t n);

/* Roles that are given to somebody; each once. */
struct role_pick {
    size_t n;
    struct od_str names[OD_ROLES_MAX];
    int64_t ids[OD_ROLES_MAX];
    struct od_str staff_role;        /* the first that no customer user may have, and why; {NULL, 0}: none */
    struct od_str staff_permission;
};

/* Finds the ids by the names, held against new versions. NO_SUCH; PERMISSION_MISSING for a role with more than may_give. */
void store_roles_pick(struct txn *tx, const struct od_str *may_give, size_t n_may_give, const struct od_str *customers_may,
                      size_t n_customers_may, struct role_pick *into);
void store_roles_insert(struct txn *tx, int64_t principal_id, const struct role_pick *roles);

/* A role by name, locked; id 0: there is none. */
struct role {
    int64_t id;
    int32_t version;
    bool of_customers;     /* some customer user has it */
    bool own;              /* the caller has it */
};
void store_role_lock(struct txn *tx, struct od_str name, struct role *into);

#endif
