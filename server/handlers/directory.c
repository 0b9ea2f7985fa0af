/* SPDX-License-Identifier: Apache-2.0
 * Branches and departments. */
#include "server/store/directory.h"

#include "common/base/limits.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/people.h"

/* branch_create: whoever makes a branch has it in his scope, from his next login on. */
enum od_status rpc_branch_create(struct rpc *rpc, const Ordo__BranchCreateReq *req, Ordo__BranchCreateRep *rep)
{
    const int64_t self = rpc->session->principal_id;
    int32_t id;
    unsigned scope_size;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    struct od_str zone = check_text(rpc, "zone", req->zone, OD_ZONE_MAX);
    struct od_str language = check_language(rpc, "language", req->language);
    if (zone.n)
        check_zone(rpc, "zone", req->zone);
    OD_TRY(check_done(rpc));
    store_branch_id(rpc->tx, &id);
    store_scope_size(rpc->tx, self, &scope_size);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    if (scope_size >= OD_SCOPE_BRANCHES_MAX)
        return od_fail(&rpc->err, OD_R_LIMIT_EXCEEDED, "limit=the number of branches of one person" OD_AND "max=%d",
                       OD_SCOPE_BRANCHES_MAX);
    store_branch_insert(rpc->tx, id, name, zone, language.p ? language : OD_STR("en"));
    store_scope_insert(rpc->tx, self, (int64_t[]){id}, 1);
    rpc->object_id = rpc->branch_id = id;
    rep->has_id = 1;
    rep->id = id;
    return OD_OK;
}

static ProtobufCMessage *branch_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Branch *m = page_message(arena, &ordo__branch__descriptor);
    if (!m)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    m->name = pg_get_cstr(r, i, 1, arena);
    m->zone = pg_get_cstr(r, i, 2, arena);
    m->language = pg_get_cstr(r, i, 3, arena);
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_branch_list(struct rpc *rpc, const Ordo__BranchListReq *req, Ordo__BranchListRep *rep)
{
    struct page page = {.rpc = rpc, .row = branch_row};
    (void)req;
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_branch_list, page_read, &page, PG(pg_int(list_of(rpc)->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}

enum od_status rpc_department_create(struct rpc *rpc, const Ordo__DepartmentCreateReq *req, Ordo__DepartmentCreateRep *rep)
{
    struct branch branch;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    check_id(rpc, "branch_id", req->has_branch_id, req->branch_id);
    OD_TRY(check_done(rpc));
    store_branch_reach(rpc->tx, req->branch_id, &branch);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    rep->has_id = 1;
    rep->id = db_id(rpc->tx->db);
    store_department_insert(rpc->tx, rep->id, branch.id, name);
    rpc->object_id = rep->id;
    rpc->branch_id = branch.id;
    return OD_OK;
}

static ProtobufCMessage *department_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__Department *m = page_message(arena, &ordo__department__descriptor);
    if (!m)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    PAGE_INT(m, branch_id, r, i, 1);
    m->name = pg_get_cstr(r, i, 2, arena);
    PAGE_INT(m, head_id, r, i, 3);
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_department_list(struct rpc *rpc, const Ordo__DepartmentListReq *req, Ordo__DepartmentListRep *rep)
{
    struct page page = {.rpc = rpc, .row = department_row};
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_department_list, page_read, &page,
              PG(pg_int(list_of(rpc)->id), pg_id(req->branch_id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}

/* department_head: who is told of escalations. Absent: nobody. */
enum od_status rpc_department_head(struct rpc *rpc, const Ordo__DepartmentHeadReq *req, Ordo__DepartmentHeadRep *rep)
{
    struct department department;
    bool fit = true;
    (void)rep;
    check_id(rpc, "department_id", req->has_department_id, req->department_id);
    OD_TRY(check_done(rpc));
    store_department_reach(rpc->tx, req->department_id, &department);
    if (req->head_id)
        store_staff_of_department(rpc->tx, req->department_id, req->head_id, &fit);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    if (!fit)
        return od_fail(&rpc->err, OD_R_ASSIGNEE_UNFIT, "user=%lld", (long long)req->head_id);
    txn_exec(rpc->tx, STMT_department_head_set, PG(pg_int(department.id), pg_id(req->head_id)));
    rpc->object_id = department.id;
    rpc->branch_id = department.branch_id;
    return OD_OK;
}
