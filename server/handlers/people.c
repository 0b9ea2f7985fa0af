/* SPDX-License-Identifier: Apache-2.0
 * People: employees and customer users. Nobody makes or changes somebody who would have more than he has himself. */
#include "server/store/people.h"

#include <stdio.h>

#include "common/base/fold.h"
#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/handlers/rights.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/customer.h"
#include "server/store/directory.h"

/* Roles and branches as a request names them, each once. */
struct grant {
    struct role_pick roles;
    int64_t branches[OD_SCOPE_BRANCHES_MAX];
    size_t n_branches;
};

static void check_grant(struct rpc *rpc, char *const *roles, size_t n_roles, const int32_t *branch_ids, size_t n_branch_ids,
                        struct grant *ret_grant)
{
    struct role_pick *pick = &ret_grant->roles;
    check_count(rpc, "roles", n_roles, OD_ROLES_MAX);
    check_count(rpc, "branch_ids", n_branch_ids, OD_SCOPE_BRANCHES_MAX);
    for (size_t i = 0; i < n_roles && i < OD_ROLES_MAX; i++) {
        char field[OD_ERR_FIELD_MAX];
        bool again = false;
        snprintf(field, sizeof field, "roles[%zu]", i);
        struct od_str name = check_text(rpc, field, roles[i], OD_NAME_MAX);
        for (size_t k = 0; k < pick->n; k++)
            again |= od_str_eq(pick->names[k], name);
        if (!again)
            pick->names[pick->n++] = name;
    }
    for (size_t i = 0; i < n_branch_ids && i < OD_SCOPE_BRANCHES_MAX; i++) {
        bool again = false;
        for (size_t k = 0; k < ret_grant->n_branches; k++)
            again |= ret_grant->branches[k] == branch_ids[i];
        if (!again)
            ret_grant->branches[ret_grant->n_branches++] = branch_ids[i];
    }
}

static void pick_roles(struct rpc *rpc, struct role_pick *roles)
{
    struct rights may_give, customers_may;
    rights_of_bits(rpc->session->permissions, &may_give);
    rights_of_bits(RIGHTS_OF_CUSTOMERS, &customers_may);
    store_roles_pick(rpc->tx, may_give.names, may_give.n, customers_may.names, customers_may.n, roles);
}

static enum od_status check_customer_roles(struct rpc *rpc, const struct role_pick *roles)
{
    if (!roles->staff_role.p)
        return OD_OK;
    return od_fail_field(&rpc->err, "roles", OD_R_FIELD_FORMAT, "expected=for customers; %.40s has %.30s", roles->staff_role.p,
                         roles->staff_permission.p);
}

/* ── making one ───────────────────────────────────────────────────────────────────────────────────────────────────── */

static void absent_for_customers(struct rpc *rpc, const char *field, bool given)
{
    if (given)
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=absent for a customer user");
}

static enum od_status check_user(struct rpc *rpc, const Ordo__UserCreateReq *req, struct principal *p, struct grant *grant)
{
    p->kind = req->has_customer_id ? PRINCIPAL_CUSTOMER_USER : PRINCIPAL_USER;
    p->shown_login = check_text(rpc, "login", req->login, OD_LOGIN_MAX);
    p->name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    p->language = check_language(rpc, "language", req->language);
    p->zone = check_zone_optional(rpc, "zone", req->zone);
    p->password = rpc->password_hash;
    check_grant(rpc, req->roles, req->n_roles, req->branch_ids, req->n_branch_ids, grant);
    if (req->has_customer_id) {
        p->customer_id = check_id(rpc, "customer_id", true, req->customer_id);
        absent_for_customers(rpc, "branch_id", req->has_branch_id);
        absent_for_customers(rpc, "branch_ids", req->n_branch_ids);
        absent_for_customers(rpc, "department_id", req->has_department_id);
    } else {
        p->branch_id = req->has_branch_id ? req->branch_id : rpc->session->branch_id;
        p->department_id = req->department_id;
        check_id(rpc, "branch_id", true, p->branch_id);
        if (req->has_department_id)
            check_id(rpc, "department_id", true, req->department_id);
        if (!grant->n_branches)
            grant->branches[grant->n_branches++] = p->branch_id;
    }
    OD_TRY(check_done(rpc));
    p->login = od_fold(p->shown_login, &rpc->arena);
    if (!p->login.n || od_utf8_len(p->login) > (size_t)4 * OD_LOGIN_MAX)
        return od_fail_field(&rpc->err, "login", OD_R_FIELD_FORMAT, "expected=a name of letters and digits, or a mail address");
    return OD_OK;
}

/* Where the defaults come from, and whether it may be. */
static enum od_status settle(struct rpc *rpc, struct principal *p, const struct branch *branch, const struct customer *customer,
                             const struct department *department)
{
    bool outside = p->kind == PRINCIPAL_CUSTOMER_USER;
    if (outside && customer->state == ORDO__CUSTOMER_STATE__LEFT)
        return od_fail(&rpc->err, OD_R_CUSTOMER_CLOSED, "customer=%lld", (long long)customer->id);
    if (p->department_id && department->branch_id != p->branch_id)
        return od_fail_field(&rpc->err, "department_id", OD_R_FIELD_FORMAT, "expected=a department of the user's branch");
    if (outside)
        p->branch_id = customer->branch_id;
    if (!p->language.p)
        p->language = outside ? customer->language : od_str_c(branch->language);
    if (!p->zone.p)
        p->zone = outside ? customer->zone : od_str_c(branch->zone);
    p->id = db_id(rpc->tx->db);
    return OD_OK;
}

/* A customer user is one of the customer's contacts: events about his requests go there. */
static void save_contact(struct rpc *rpc, const struct principal *p, int64_t contact_id)
{
    if (contact_id) {
        store_contact_link(rpc->tx, contact_id, p->id);
        return;
    }
    const struct contact c = {
        .id = db_id(rpc->tx->db),
        .customer_id = p->customer_id,
        .branch_id = p->branch_id,
        .name = p->name,
        .mail = memchr(p->shown_login.p, '@', p->shown_login.n) ? p->shown_login : (struct od_str){NULL, 0},
        .language = p->language,
        .zone = p->zone,
        .principal_id = p->id,
    };
    store_contact_insert(rpc->tx, &c);
}

enum od_status rpc_user_create(struct rpc *rpc, const Ordo__UserCreateReq *req, Ordo__UserCreateRep *rep)
{
    struct principal p = {0};
    struct grant *grant = OD_ARENA_NEW(&rpc->arena, struct grant);
    struct branch branch = {0};
    struct customer customer = {0};
    struct department department = {0};
    int64_t contact_id = 0;
    if (!grant)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    OD_TRY(check_user(rpc, req, &p, grant));

    if (p.customer_id) {
        store_customer_get(rpc->tx, p.customer_id, &customer);
        store_contact_match(rpc->tx, p.customer_id, p.name, p.shown_login, &contact_id);
    } else {
        store_branch_reach(rpc->tx, p.branch_id, &branch);
        store_branches_reach(rpc->tx, grant->branches, grant->n_branches);
    }
    if (p.department_id)
        store_department_get(rpc->tx, p.department_id, &department);
    pick_roles(rpc, &grant->roles);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    if (p.customer_id)
        OD_TRY(check_customer_roles(rpc, &grant->roles));
    OD_TRY(settle(rpc, &p, &branch, &customer, &department));
    store_principal_insert(rpc->tx, &p);
    store_scope_insert(rpc->tx, p.id, grant->branches, grant->n_branches);
    store_roles_insert(rpc->tx, p.id, &grant->roles);
    if (p.customer_id)
        save_contact(rpc, &p, contact_id);
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    rep->has_id = 1;
    rep->id = p.id;
    return OD_OK;
}

/* ── changing one ─────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Nobody takes rights from himself or gives them to himself: so somebody is left who can. */
static enum od_status check_other(struct rpc *rpc, bool has, int64_t user_id)
{
    check_id(rpc, "user_id", has, user_id);
    if (user_id == rpc->session->principal_id)
        od_fail_field(&rpc->err, "user_id", OD_R_FIELD_FORMAT, "expected=somebody else: another administrator does that for you");
    return check_done(rpc);
}

/* user_disable: he stays in the history, but cannot log in any more and loses his connections. */
enum od_status rpc_user_disable(struct rpc *rpc, const Ordo__UserDisableReq *req, Ordo__UserDisableRep *rep)
{
    struct principal p;
    struct rights may_give;
    (void)rep;
    OD_TRY(check_other(rpc, req->has_user_id, req->user_id));
    rights_of_bits(rpc->session->permissions, &may_give);
    store_principal_reach(rpc->tx, req->user_id, 0, may_give.names, may_give.n, &p);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    txn_exec(rpc->tx, STMT_principal_disable, PG(pg_int(p.id)));
    store_rights_lost(rpc->tx, p.id);
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}

static enum od_status check_customer_grant(struct rpc *rpc, const struct principal *p, const Ordo__UserRolesReq *req,
                                           struct grant *grant)
{
    if (p->kind == PRINCIPAL_USER) {
        if (!grant->n_branches)
            grant->branches[grant->n_branches++] = p->branch_id;
        return OD_OK;
    }
    absent_for_customers(rpc, "branch_ids", req->n_branch_ids);
    OD_TRY(check_done(rpc));
    return check_customer_roles(rpc, &grant->roles);
}

/* user_roles: in place of what he had. Absent branches: his own. */
enum od_status rpc_user_roles(struct rpc *rpc, const Ordo__UserRolesReq *req, Ordo__UserRolesRep *rep)
{
    struct principal p;
    struct grant *grant = OD_ARENA_NEW(&rpc->arena, struct grant);
    struct rights may_give;
    (void)rep;
    if (!grant)
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    check_grant(rpc, req->roles, req->n_roles, req->branch_ids, req->n_branch_ids, grant);
    OD_TRY(check_other(rpc, req->has_user_id, req->user_id));
    rights_of_bits(rpc->session->permissions, &may_give);
    store_principal_reach(rpc->tx, req->user_id, 0, may_give.names, may_give.n, &p);
    store_branches_reach(rpc->tx, grant->branches, grant->n_branches);
    pick_roles(rpc, &grant->roles);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    OD_TRY(check_customer_grant(rpc, &p, req, grant));
    txn_exec(rpc->tx, STMT_principal_roles_drop, PG(pg_int(p.id)));
    txn_exec(rpc->tx, STMT_scope_drop, PG(pg_int(p.id)));
    store_roles_insert(rpc->tx, p.id, &grant->roles);
    store_scope_insert(rpc->tx, p.id, grant->branches, grant->n_branches);
    txn_exec(rpc->tx, STMT_rights_change_insert, PG(pg_int(p.id)));
    rpc->object_id = p.id;
    rpc->branch_id = p.branch_id;
    return OD_OK;
}

/* ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static ProtobufCMessage *user_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__User *m = page_message(arena, &ordo__user__descriptor);
    if (!m)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    m->login = pg_get_cstr(r, i, 1, arena);
    m->name = pg_get_cstr(r, i, 2, arena);
    PAGE_INT(m, branch_id, r, i, 3);
    PAGE_INT(m, department_id, r, i, 4);
    PAGE_INT(m, customer_id, r, i, 5);
    PAGE_INT(m, active, r, i, 6);
    m->roles = pg_get_cstrs(r, i, 8, arena, &m->n_roles);
    place->at_us = pg_get_time(r, i, 7);
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_user_list(struct rpc *rpc, const Ordo__UserListReq *req, Ordo__UserListRep *rep)
{
    struct page page = {.rpc = rpc, .row = user_row};
    struct list *l = list_of(rpc);
    OD_TRY(list_start(rpc, (struct od_str){(char *)req->cursor.data, req->cursor.len}));
    unsigned asked = list_take(rpc, req->limit);
    struct pg_param at = pg_time(l->at_us == OD_TIME_NONE ? 0 : l->at_us); /* nobody was written down before 1970 */
    if (scope_is_customer(rpc))
        txn_query(rpc->tx, STMT_user_customer_list, page_read, &page, PG(at, pg_int(l->id), pg_int(asked)));
    else if (req->has_branch_id)
        txn_query(rpc->tx, STMT_user_branch_list, page_read, &page, PG(at, pg_int(l->id), pg_int(asked), pg_int(req->branch_id)));
    else
        txn_query(rpc->tx, STMT_user_list, page_read, &page, PG(at, pg_int(l->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, req->limit, asked, page.got, page.added, &rep->cursor, &rep->has_cursor);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}
