/* SPDX-License-Identifier: Apache-2.0
 * The table of what never changes. Every entry has an arena of its own and is freed with it. */
#include "server/rpc/cache.h"

#include <stdlib.h>
#include <uthash.h>

#include "common/wire/prescan.h"
#include "server/rpc/rpc.h"
#include "server/rpc/worker.h"

enum { ENTRY_BYTES_MAX = 1024 * 1024 };
enum entry_kind { ENTRY_SLA = 1, ENTRY_TYPE = 2, ENTRY_DEPARTMENT = 3 };

struct entry_key {
    int64_t id;
    int64_t kind_version; /* kind << 32 | version: no padding in a hashed key */
};

struct cache_entry {
    struct entry_key key;
    struct od_arena arena;
    union {
        struct cached_sla sla;
        struct cached_type type;
        struct cached_department department;
    } v;
    UT_hash_handle hh;
};

void cache_done(struct cache *c)
{
    struct cache_entry *e = c->entries, *next;
    HASH_CLEAR(hh, c->entries);
    for (; e; e = next) {
        next = e->hh.next;
        od_arena_done(&e->arena);
        free(e);
    }
}

void cache_trim(struct cache *c)
{
    if (HASH_COUNT(c->entries) > CACHE_ENTRIES_MAX)
        cache_done(c);
}

static struct cache_entry *entry_find(struct cache *c, enum entry_kind kind, int64_t id, int32_t version)
{
    struct entry_key key = {id, (int64_t)kind << 32 | version};
    struct cache_entry *e;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it does not follow bytes of a whole struct */
    HASH_FIND(hh, c->entries, &key, sizeof key, e);
    return e;
}

static struct cache_entry *entry_new(enum entry_kind kind, int64_t id, int32_t version)
{
    struct cache_entry *e = od_xcalloc(1, sizeof *e);
    e->key = (struct entry_key){id, (int64_t)kind << 32 | version};
    od_arena_init(&e->arena, ENTRY_BYTES_MAX);
    return e;
}

static enum od_status entry_keep(struct cache *c, struct cache_entry *e, enum od_status status)
{
    if (status != OD_OK) {
        od_arena_done(&e->arena);
        free(e);
        return status;
    }
    HASH_ADD(hh, c->entries, key, sizeof e->key, e);
    return OD_OK;
}

static enum od_status read_targets(struct cache_entry *e, struct od_str packed, struct od_err *err)
{
    ProtobufCMessage *m;
    OD_TRY(od_message_unpack(&ordo__sla_put_req__descriptor, packed, &e->arena, &m, err));
    const Ordo__SlaPutReq *targets = (const Ordo__SlaPutReq *)m;
    for (size_t i = 0; i < targets->n_targets; i++) {
        const Ordo__SlaTarget *t = targets->targets[i];
        if (t->priority < 1 || t->priority > PRIORITIES)
            continue;
        struct sla_terms *terms = &e->v.sla.terms[t->priority - 1];
        terms->response = (struct sla_amount){t->response_s, t->response_days};
        terms->resolution = (struct sla_amount){t->resolution_s, t->resolution_days};
    }
    return OD_OK;
}

static enum od_status read_sla(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct cache_entry *e = into;
    const struct calendar *calendar;
    (void)tx;
    OD_TRY(txn_one_row(r, "SLA", e->key.id, err));
    OD_TRY(calendar_parse(pg_get_str(r, 0, 6), pg_get_str(r, 0, 7), pg_get_str(r, 0, 5), &e->arena, &calendar, err));
    e->v.sla.name = pg_get_cstr(r, 0, 0, &e->arena);
    e->v.sla.calendar_id = pg_get_int(r, 0, 1);
    e->v.sla.calendar_version = (int32_t)pg_get_int(r, 0, 2);
    for (unsigned i = 0; i < PRIORITIES; i++) {
        e->v.sla.terms[i].calendar = calendar;
        e->v.sla.terms[i].response_rule = (enum sla_response_rule)pg_get_int(r, 0, 3);
    }
    return read_targets(e, pg_get_str(r, 0, 4), err);
}

enum od_status cache_sla(struct rpc *rpc, int64_t id, int32_t version, const struct cached_sla **ret_sla)
{
    struct cache *c = &rpc->worker->cache;
    struct cache_entry *e = entry_find(c, ENTRY_SLA, id, version);
    if (!e) {
        e = entry_new(ENTRY_SLA, id, version);
        e->v.sla.id = id;
        e->v.sla.version = version;
        txn_query(rpc->tx, STMT_sla_terms, read_sla, e, PG(pg_int(id), pg_int(version)));
        OD_TRY(entry_keep(c, e, txn_load(rpc->tx, &rpc->err)));
    }
    *ret_sla = &e->v.sla;
    return OD_OK;
}

static enum od_status read_type(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct cache_entry *e = into;
    ProtobufCMessage *m;
    (void)tx;
    OD_TRY(txn_one_row(r, "request type", e->key.id, err));
    OD_TRY(od_message_unpack(&ordo__field_specs__descriptor, pg_get_str(r, 0, 4), &e->arena, &m, err));
    e->v.type.name = pg_get_cstr(r, 0, 0, &e->arena);
    e->v.type.impact = (int)pg_get_int(r, 0, 1);
    e->v.type.department_id = pg_get_int(r, 0, 2);
    e->v.type.department_branch_id = (int32_t)pg_get_int(r, 0, 3);
    e->v.type.fields = (Ordo__FieldSpecs *)m;
    return OD_OK;
}

enum od_status cache_type(struct rpc *rpc, int64_t id, int32_t version, const struct cached_type **ret_type)
{
    struct cache *c = &rpc->worker->cache;
    struct cache_entry *e = entry_find(c, ENTRY_TYPE, id, version);
    if (!e) {
        e = entry_new(ENTRY_TYPE, id, version);
        e->v.type.id = id;
        e->v.type.version = version;
        txn_query(rpc->tx, STMT_request_type_version, read_type, e, PG(pg_int(id), pg_int(version)));
        OD_TRY(entry_keep(c, e, txn_load(rpc->tx, &rpc->err)));
    }
    *ret_type = &e->v.type;
    return OD_OK;
}

static enum od_status read_department(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct cache_entry *e = into;
    (void)tx;
    OD_TRY(txn_one_row(r, "department", e->key.id, err));
    e->v.department.branch_id = (int32_t)pg_get_int(r, 0, 1);
    e->v.department.name = pg_get_cstr(r, 0, 2, &e->arena);
    return OD_OK;
}

enum od_status cache_department(struct rpc *rpc, int64_t id, const struct cached_department **ret_department)
{
    struct cache *c = &rpc->worker->cache;
    struct cache_entry *e = entry_find(c, ENTRY_DEPARTMENT, id, 0);
    if (!e) {
        e = entry_new(ENTRY_DEPARTMENT, id, 0);
        e->v.department.id = id;
        txn_query(rpc->tx, STMT_department_get, read_department, e, PG(pg_int(id)));
        OD_TRY(entry_keep(c, e, txn_load(rpc->tx, &rpc->err)));
    }
    *ret_department = &e->v.department;
    return OD_OK;
}
