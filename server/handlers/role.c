/* SPDX-License-Identifier: Apache-2.0
 * Roles: named sets of permissions in immutable versions; whoever has the role has the newest. */
#include <stdio.h>

#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/handlers/rights.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/directory.h"
#include "server/store/people.h"

static enum od_status check_permissions(struct rpc *rpc, const Ordo__RolePutReq *req, uint64_t *ret_bits)
{
    *ret_bits = 0;
    check_count(rpc, "permissions", req->n_permissions, PERMISSION_COUNT);
    for (size_t i = 0; i < req->n_permissions && i < PERMISSION_COUNT; i++) {
        char field[OD_ERR_FIELD_MAX];
        uint64_t bit;
        snprintf(field, sizeof field, "permissions[%zu]", i);
        if (permission_find(od_str_c(req->permissions[i]), &bit))
            *ret_bits |= bit;
        else
            od_fail_field(&rpc->err, field, OD_R_FIELD_UNKNOWN, "value=%.60s", req->permissions[i]);
    }
    OD_TRY(check_done(rpc));
    uint64_t beyond = *ret_bits & ~rpc->session->permissions;
    if (beyond)
        return od_fail(&rpc->err, OD_R_PERMISSION_MISSING, "permission=%s", permission_name((unsigned)__builtin_ctzll(beyond)));
    return OD_OK;
}

/* Who has the role already must be able to have what it becomes. */
static enum od_status check_holders(struct rpc *rpc, const struct role *role, uint64_t bits)
{
    if (role->of_customers && bits & ~RIGHTS_OF_CUSTOMERS)
        return od_fail_field(&rpc->err, "permissions", OD_R_FIELD_FORMAT, "expected=for customers, who have this role; not %s",
                             permission_name((unsigned)__builtin_ctzll(bits & ~RIGHTS_OF_CUSTOMERS)));
    if (role->own && !(bits & PERMISSION(ADMIN_USERS))) /* so that somebody is left who can administer people */
        return od_fail_field(&rpc->err, "permissions", OD_R_FIELD_FORMAT, "expected=with admin.users in a role of your own");
    return OD_OK;
}

/* role_put: a new role, or by its name a new version of one. Whoever has it logs in anew. */
enum od_status rpc_role_put(struct rpc *rpc, const Ordo__RolePutReq *req, Ordo__RolePutRep *rep)
{
    struct versioned v = VERSIONED_ROLE;
    struct role role;
    struct rights rights;
    uint64_t bits;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    OD_TRY(check_permissions(rpc, req, &bits));
    store_role_lock(rpc->tx, name, &role);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    OD_TRY(check_holders(rpc, &role, bits));
    v.id = role.id;
    v.version = role.version;
    store_version_next(rpc->tx, &v);
    store_newest_put(rpc->tx, &v, name);
    rights_of_bits(bits, &rights);
    txn_exec(rpc->tx, STMT_role_insert, PG(pg_int(v.id), pg_int(v.version), pg_str(name), pg_texts(rights.names, rights.n)));
    txn_exec(rpc->tx, STMT_role_rights_change, PG(pg_int(v.id)));
    rpc->object_id = v.id;
    rep->has_id = rep->has_version = 1;
    rep->id = v.id;
    rep->version = (uint32_t)v.version;
    return OD_OK;
}

static ProtobufCMessage *role_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Role *m = page_message(arena, &ordo__role__descriptor);
    if (!m)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    PAGE_INT(m, version, r, i, 1);
    m->name = pg_get_cstr(r, i, 2, arena);
    m->permissions = pg_get_cstrs(r, i, 3, arena, &m->n_permissions);
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_role_list(struct rpc *rpc, const Ordo__RoleListReq *req, Ordo__RoleListRep *rep)
{
    struct page page = {.rpc = rpc, .row = role_row};
    (void)req;
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_role_list, page_read, &page, PG(pg_int(list_of(rpc)->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}
