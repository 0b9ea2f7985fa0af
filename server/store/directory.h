/* SPDX-License-Identifier: Apache-2.0
 * Branches, departments and the versioned terms in the database: rows in and out, nothing decided. Each call queues one
 * statement. */
#ifndef ORDO_STORE_DIRECTORY_H
#define ORDO_STORE_DIRECTORY_H

#include "server/store/txn.h"

struct branch {
    int32_t id;
    char *zone;            /* in the arena */
    char *language;
    bool in_scope;         /* of the session too, not only of the principal as he is now */
};

/* A new id for a branch; the row comes with the saves. */
void store_branch_id(struct txn *tx, int32_t *into);
void store_branch_insert(struct txn *tx, int32_t id, struct od_str name, struct od_str zone, struct od_str language);

/* A branch that the caller administers; NO_SUCH for any other. */
void store_branch_reach(struct txn *tx, int32_t id, struct branch *into);
/* NO_SUCH with the first of these branches that the caller does not administer. */
void store_branches_reach(struct txn *tx, const int64_t *ids, size_t n);

void store_department_insert(struct txn *tx, int64_t id, int32_t branch_id, struct od_str name);

/* Something of which only immutable versions exist: the row of `newest` that says which is the last. */
struct versioned {
    const char *kind;      /* as in newest */
    const char *noun;      /* as people say */
    int64_t id;
    int32_t version;
};
#define VERSIONED_CALENDAR ((struct versioned){.kind = "calendar", .noun = "calendar"})
#define VERSIONED_SLA ((struct versioned){.kind = "sla", .noun = "SLA"})
#define VERSIONED_REQUEST_TYPE ((struct versioned){.kind = "request_type", .noun = "request type"})
#define VERSIONED_ROLE ((struct versioned){.kind = "role", .noun = "role"})
#define VERSIONED_CONTRACT ((struct versioned){.kind = "contract", .noun = "contract"})

/* The newest version of id; NO_SUCH where there is none. _lock: nobody else makes a version until the transaction ends. */
void store_newest_get(struct txn *tx, int64_t id, struct versioned *into);
void store_newest_lock(struct txn *tx, int64_t id, struct versioned *into);

/* After the wait: the version that is being made; a new thing (id 0) gets an id and version 1. */
void store_version_next(struct txn *tx, struct versioned *v);
/* Makes it the newest. name: unique within the kind, {NULL, 0} for none. */
void store_newest_put(struct txn *tx, const struct versioned *v, struct od_str name);

#endif
