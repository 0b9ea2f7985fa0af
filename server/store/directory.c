/* SPDX-License-Identifier: Apache-2.0
 * Rows of branches, departments and versions. */
#include "server/store/directory.h"

static enum od_status read_branch_id(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    int32_t *id = into;
    (void)tx;
    (void)err;
    *id = (int32_t)pg_get_int(r, 0, 0);
    return OD_OK;
}

void store_branch_id(struct txn *tx, int32_t *into) { txn_query(tx, STMT_branch_next_id, read_branch_id, into, PG_NONE); }

void store_branch_insert(struct txn *tx, int32_t id, struct od_str name, struct od_str zone, struct od_str language)
{
    txn_unique(tx, "branch_name_key", "branch", name);
    txn_exec(tx, STMT_branch_insert, PG(pg_int(id), pg_str(name), pg_str(zone), pg_str(language)));
}

static enum od_status read_branch(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct branch *b = into;
    OD_TRY(txn_one_row(r, "branch", b->id, err));
    b->zone = pg_get_cstr(r, 0, 0, tx->arena);
    b->language = pg_get_cstr(r, 0, 1, tx->arena);
    b->in_scope = pg_get_int(r, 0, 2);
    return b->zone && b->language ? OD_OK : od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
}

void store_branch_reach(struct txn *tx, int32_t id, struct branch *into)
{
    *into = (struct branch){.id = id};
    txn_query(tx, STMT_branch_reach, read_branch, into, PG(pg_int(id)));
}

static enum od_status read_beyond(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)tx;
    (void)into;
    return PQntuples(r) ? od_fail(err, OD_R_NO_SUCH, "kind=branch" OD_AND "id=%lld", (long long)pg_get_int(r, 0, 0)) : OD_OK;
}

void store_branches_reach(struct txn *tx, const int64_t *ids, size_t n)
{
    if (n)
        txn_query(tx, STMT_branches_beyond, read_beyond, NULL, PG(pg_ints(ids, n)));
}

void store_department_insert(struct txn *tx, int64_t id, int32_t branch_id, struct od_str name)
{
    txn_unique(tx, "department_branch_id_name_key", "department", name);
    txn_exec(tx, STMT_department_insert, PG(pg_int(id), pg_int(branch_id), pg_str(name)));
}

static enum od_status read_newest(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct versioned *v = into;
    (void)tx;
    OD_TRY(txn_one_row(r, v->noun, v->id, err));
    v->version = (int32_t)pg_get_int(r, 0, 0);
    return OD_OK;
}

static void query_newest(struct txn *tx, enum stmt stmt, int64_t id, struct versioned *into)
{
    into->id = id;
    txn_query(tx, stmt, read_newest, into, PG(pg_text(into->kind), pg_int(id)));
}

void store_newest_get(struct txn *tx, int64_t id, struct versioned *into) { query_newest(tx, STMT_newest_get, id, into); }

void store_newest_lock(struct txn *tx, int64_t id, struct versioned *into) { query_newest(tx, STMT_newest_lock, id, into); }

void store_version_next(struct txn *tx, struct versioned *v)
{
    if (!v->id)
        v->id = db_id(tx->db);
    v->version++;
}

void store_newest_put(struct txn *tx, const struct versioned *v, struct od_str name)
{
    if (name.p)
        txn_unique(tx, "newest_kind_name_key", v->noun, name);
    txn_exec(tx, v->version == 1 ? STMT_newest_insert : STMT_newest_raise,
             PG(pg_text(v->kind), pg_int(v->id), pg_int(v->version), pg_str(name)));
}
