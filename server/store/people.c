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

void store_department_reach(struct txn *tx, int64_t id, struct department *into)
{
    *into = (struct department){.id = id};
    txn_query(tx, STMT_department_reach, read_department, into, PG(pg_int(id)));
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

void store_staff_of_department(struct txn *tx, int64_t department_id, int64_t user_id, bool *into)
{
    txn_query(tx, STMT_staff_of_department, read_fit, into, PG(pg_int(department_id), pg_int(user_id)));
}

void store_principal_insert(struct txn *tx, const struct principal *p)
{
    txn_unique(tx, "principal_login_key", "user", p->shown_login);
    txn_exec(tx, STMT_principal_insert,
             PG(pg_int(p->id), pg_int(p->kind), pg_str(p->login), pg_str(p->name), pg_int(p->branch_id), pg_id(p->department_id),
                pg_id(p->customer_id), pg_str(p->language), pg_str(p->zone), pg_text(p->password)));
    txn_exec(tx, STMT_inbox_head_insert, PG(pg_int(p->id)));
}

/* Who has a permission or a branch more than the caller is not his to administer. */
static enum od_status read_reach(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct principal *p = into;
    (void)tx;
    OD_TRY(txn_one_row(r, p->id ? "user" : "API key", p->id ? p->id : p->department_id, err));
    if (!pg_is_null(r, 0, 3))
        return od_fail(err, OD_R_PERMISSION_MISSING, "permission=" OD_STR_FMT, OD_STR_ARG(pg_get_str(r, 0, 3)));
    if (!pg_is_null(r, 0, 4))
        return od_fail(err, OD_R_NO_SUCH, "kind=branch" OD_AND "id=%lld", (long long)pg_get_int(r, 0, 4));
    *p = (struct principal){
        .id = pg_get_int(r, 0, 0),
        .kind = (int)pg_get_int(r, 0, 1),
        .branch_id = (int32_t)pg_get_int(r, 0, 2),
    };
    return OD_OK;
}

void store_principal_reach(struct txn *tx, int64_t id, int64_t api_key_id, const struct od_str *may_give, size_t n_may_give,
                           struct principal *into)
{
    *into = (struct principal){.id = id, .department_id = api_key_id}; /* what was asked for, until it is read */
    txn_query(tx, STMT_principal_reach, read_reach, into, PG(pg_id(id), pg_texts(may_give, n_may_give), pg_id(api_key_id)));
}

void store_rights_lost(struct txn *tx, int64_t principal_id)
{
    txn_exec(tx, STMT_session_end_all, PG(pg_int(principal_id)));
    txn_exec(tx, STMT_rights_change_insert, PG(pg_int(principal_id)));
}

static enum od_status read_size(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    unsigned *size = into;
    (void)tx;
    (void)err;
    *size = (unsigned)pg_get_int(r, 0, 0);
    return OD_OK;
}

void store_scope_size(struct txn *tx, int64_t principal_id, unsigned *into)
{
    txn_query(tx, STMT_scope_size, read_size, into, PG(pg_int(principal_id)));
}

void store_scope_insert(struct txn *tx, int64_t principal_id, const int64_t *branch_ids, size_t n)
{
    if (n)
        txn_exec(tx, STMT_scope_insert, PG(pg_int(principal_id), pg_ints(branch_ids, n)));
}

static enum od_status read_roles(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct role_pick *roles = into;
    od_assert(PQntuples(r) == (int)roles->n);
    for (int i = 0; i < PQntuples(r); i++) {
        struct od_str name = pg_get_str(r, i, 0);
        if (pg_is_null(r, i, 1))
            return od_fail(err, OD_R_NO_SUCH, "kind=role" OD_AND "id=" OD_STR_FMT, OD_STR_ARG(name));
        if (!pg_is_null(r, i, 2))
            return od_fail(err, OD_R_PERMISSION_MISSING, "permission=" OD_STR_FMT OD_AND "role=" OD_STR_FMT,
                           OD_STR_ARG(pg_get_str(r, i, 2)), OD_STR_ARG(name));
        if (!roles->staff_role.p && !pg_is_null(r, i, 3)) {
            roles->staff_role = od_arena_copy(tx->arena, name);
            roles->staff_permission = pg_get_copy(r, i, 3, tx->arena);
        }
        roles->ids[i] = pg_get_int(r, i, 1);
    }
    return OD_OK;
}

void store_roles_pick(struct txn *tx, const struct od_str *may_give, size_t n_may_give, const struct od_str *customers_may,
                      size_t n_customers_may, struct role_pick *into)
{
    if (!into->n)
        return;
    txn_exec(tx, STMT_roles_hold, PG(pg_texts(into->names, into->n)));
    txn_query(tx, STMT_roles_pick, read_roles, into,
              PG(pg_texts(into->names, into->n), pg_texts(may_give, n_may_give), pg_texts(customers_may, n_customers_may)));
}

void store_roles_insert(struct txn *tx, int64_t principal_id, const struct role_pick *roles)
{
    if (roles->n)
        txn_exec(tx, STMT_principal_roles_insert, PG(pg_int(principal_id), pg_ints(roles->ids, roles->n)));
}

static enum od_status read_role(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct role *role = into;
    (void)tx;
    (void)err;
    if (PQntuples(r) == 1)
        *role = (struct role){
            .id = pg_get_int(r, 0, 0),
            .version = (int32_t)pg_get_int(r, 0, 1),
            .of_customers = pg_get_int(r, 0, 2),
            .own = pg_get_int(r, 0, 3),
        };
    return OD_OK;
}

void store_role_lock(struct txn *tx, struct od_str name, struct role *into)
{
    *into = (struct role){0};
    txn_query(tx, STMT_role_lock, read_role, into, PG(pg_str(name)));
}
