/* SPDX-License-Identifier: Apache-2.0
 * Rows of people and departments. */
#include "server/store/people.h"

static enum od_status read_department(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct department *d = into;
    (void)tx;
    OD_TRY(txn_one_row(r, "department", d->id, err));
    d->branch_id = (int32_t)pg_get_int(r, 0, 1);
    d->head_id = pg_get_int(r, 0, 3);
    return OD_OK;
}

void store_department_get(struct txn *tx, int64_t id, struct department *into)
{
    *into = (struct department){.id = id};
    txn_query(tx, STMT_department_get, read_department, into, PG(pg_int(id)));
}

static enum od_status read_fit(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    bool *fit = into;
    (void)tx;
    (void)err;
    *fit = PQntuples(r) == 1;
    return OD_OK;
}

void store_assignee_fit(struct txn *tx, int64_t user_id, int64_t request_id, bool *into)
{
    txn_query(tx, STMT_assignee_fit_request, read_fit, into, PG(pg_int(user_id), pg_int(request_id)));
}
