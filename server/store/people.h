/* SPDX-License-Identifier: Apache-2.0
 * People, departments and directories in the database. Each call queues one statement. */
#ifndef ORDO_STORE_PEOPLE_H
#define ORDO_STORE_PEOPLE_H

#include "server/store/txn.h"

struct department {
    int64_t id;
    int32_t branch_id;
    int64_t head_id;       /* 0: none */
};

/* NO_SUCH where there is none. */
void store_department_get(struct txn *tx, int64_t id, struct department *into);

/* Whether the user is active and may get requests of the branch that works on this request. */
void store_assignee_fit(struct txn *tx, int64_t user_id, int64_t request_id, bool *into);

#endif
