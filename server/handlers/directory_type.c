/* SPDX-License-Identifier: Apache-2.0
 * Request types: immutable versions of what a request of a kind must say (R1.2), how much it matters and where it goes. */
#include <stdio.h>

#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/handlers/check.h"
#include "server/handlers/handlers.h"
#include "server/handlers/page.h"
#include "server/rpc/cache.h"
#include "server/rpc/scope.h"
#include "server/rpc/worker.h"
#include "server/store/directory.h"
#include "server/store/people.h"

static bool said_before(char *const *texts, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(texts[i], text))
            return true;
    return false;
}

/* A trimmed copy that is none of the n before it; "" after a violation. */
static char *check_unique(struct rpc *rpc, const char *field, const char *value, char *const *before, size_t n)
{
    struct od_str s = check_text(rpc, field, value, OD_NAME_MAX);
    char *text = od_arena_strn(&rpc->arena, s.p, s.n);
    if (!text)
        return (char *)"";
    if (s.n && said_before(before, n, text))
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=different from those before it");
    return text;
}

static void check_choices(struct rpc *rpc, size_t i, const Ordo__FieldSpec *in, Ordo__FieldSpec *out)
{
    char field[OD_ERR_FIELD_MAX];
    snprintf(field, sizeof field, "fields[%zu].choices", i);
    if (out->kind != ORDO__FIELD_KIND__CHOICE) {
        if (in->n_choices)
            od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=absent in a field of another kind");
        return;
    }
    if (!in->n_choices)
        od_fail_field(&rpc->err, field, OD_R_FIELD_REQUIRED, NULL);
    check_count(rpc, field, in->n_choices, OD_TYPE_CHOICES_MAX);
    out->choices = OD_ARENA_ARRAY(&rpc->arena, in->n_choices, char *);
    for (size_t c = 0; out->choices && c < in->n_choices && c < OD_TYPE_CHOICES_MAX; c++) {
        snprintf(field, sizeof field, "fields[%zu].choices[%zu]", i, c);
        out->choices[c] = check_unique(rpc, field, in->choices[c], out->choices, c);
        out->n_choices = c + 1;
    }
}

/* What is stored: a copy of the request's fields with trimmed names and known kinds. */
static enum od_status check_fields(struct rpc *rpc, const Ordo__RequestTypePutReq *req, Ordo__FieldSpecs *ret_specs)
{
    size_t n = req->n_fields < OD_TYPE_FIELDS_MAX ? req->n_fields : OD_TYPE_FIELDS_MAX;
    Ordo__FieldSpec *specs = OD_ARENA_ARRAY(&rpc->arena, n, Ordo__FieldSpec);
    char **names = OD_ARENA_ARRAY(&rpc->arena, n, char *);
    ret_specs->fields = OD_ARENA_ARRAY(&rpc->arena, n, Ordo__FieldSpec *);
    if (n && (!specs || !names || !ret_specs->fields))
        return od_fail(&rpc->err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
    check_count(rpc, "fields", req->n_fields, OD_TYPE_FIELDS_MAX);
    for (size_t i = 0; i < n; i++) {
        const Ordo__FieldSpec *in = req->fields[i];
        char field[OD_ERR_FIELD_MAX];
        ordo__field_spec__init(&specs[i]);
        snprintf(field, sizeof field, "fields[%zu].name", i);
        specs[i].name = names[i] = check_unique(rpc, field, in->name, names, i);
        specs[i].has_kind = specs[i].has_mandatory = 1;
        specs[i].kind = in->has_kind ? in->kind : ORDO__FIELD_KIND__TEXT;
        specs[i].mandatory = in->mandatory;
        specs[i].has_max_chars = in->max_chars != 0;
        specs[i].max_chars = in->max_chars;
        snprintf(field, sizeof field, "fields[%zu].max_chars", i);
        if (in->max_chars > OD_TEXT_MAX)
            od_fail_field(&rpc->err, field, OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", OD_TEXT_MAX);
        check_choices(rpc, i, in, &specs[i]);
        ret_specs->fields[ret_specs->n_fields++] = &specs[i];
    }
    return check_done(rpc);
}

/* {NULL, 0} when memory is out: the dispatcher sees that then. */
static struct od_str pack_fields(struct rpc *rpc, const Ordo__FieldSpecs *specs)
{
    size_t n = ordo__field_specs__get_packed_size(specs);
    uint8_t *p = od_arena_alloc(&rpc->arena, n);
    if (p)
        ordo__field_specs__pack(specs, p);
    return (struct od_str){(char *)p, p ? n : 0};
}

enum od_status rpc_request_type_put(struct rpc *rpc, const Ordo__RequestTypePutReq *req, Ordo__RequestTypePutRep *rep)
{
    struct versioned v = VERSIONED_REQUEST_TYPE;
    struct department department;
    Ordo__FieldSpecs specs = ORDO__FIELD_SPECS__INIT;
    struct od_str name = check_text(rpc, "name", req->name, OD_NAME_MAX);
    if (req->has_type_id)
        check_id(rpc, "type_id", true, req->type_id);
    if (!req->has_impact)
        od_fail_field(&rpc->err, "impact", OD_R_FIELD_REQUIRED, NULL);
    else if (req->impact < 1 || req->impact > PRIORITIES)
        od_fail_field(&rpc->err, "impact", OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", PRIORITIES);
    check_id(rpc, "department_id", req->has_department_id, req->department_id);
    OD_TRY(check_fields(rpc, req, &specs));
    if (ordo__field_specs__get_packed_size(&specs) > OD_TYPE_BYTES_MAX)
        return od_fail(&rpc->err, OD_R_LIMIT_EXCEEDED, "limit=the size of all fields together" OD_AND "max=%d bytes",
                       OD_TYPE_BYTES_MAX);
    store_department_reach(rpc->tx, req->department_id, &department);
    if (req->has_type_id)
        store_newest_lock(rpc->tx, req->type_id, &v);
    OD_TRY(txn_load(rpc->tx, &rpc->err));

    store_version_next(rpc->tx, &v);
    store_newest_put(rpc->tx, &v, name);
    txn_exec(rpc->tx, STMT_request_type_insert,
             PG(pg_int(v.id), pg_int(v.version), pg_str(name), pg_int(req->impact), pg_int(department.id), pg_bytes(pack_fields(rpc, &specs))));
    rpc->object_id = v.id;
    rpc->branch_id = department.branch_id;
    rep->has_id = rep->has_version = 1;
    rep->id = v.id;
    rep->version = (uint32_t)v.version;
    return OD_OK;
}

static ProtobufCMessage *type_row(const PGresult *r, int i, struct od_arena *arena, struct list *place)
{
    Ordo__RequestType *m = page_message(arena, &ordo__request_type__descriptor);
    ProtobufCMessage *packed;
    if (!m || od_message_unpack(&ordo__field_specs__descriptor, pg_get_str(r, i, 5), arena, &packed, NULL) != OD_OK)
        return NULL;
    PAGE_INT(m, id, r, i, 0);
    PAGE_INT(m, version, r, i, 1);
    m->name = pg_get_cstr(r, i, 2, arena);
    PAGE_INT(m, impact, r, i, 3);
    PAGE_INT(m, department_id, r, i, 4);
    m->n_fields = ((Ordo__FieldSpecs *)packed)->n_fields;
    m->fields = ((Ordo__FieldSpecs *)packed)->fields;
    place->id = m->id;
    return &m->base;
}

enum od_status rpc_request_type_list(struct rpc *rpc, const Ordo__RequestTypeListReq *req, Ordo__RequestTypeListRep *rep)
{
    struct page page = {.rpc = rpc, .row = type_row};
    (void)req;
    OD_TRY(list_start(rpc, OD_STR("")));
    unsigned asked = list_take(rpc, 0);
    txn_query(rpc->tx, STMT_request_type_list, page_read, &page, PG(pg_int(list_of(rpc)->id), pg_int(asked)));
    OD_TRY(txn_load(rpc->tx, &rpc->err));
    list_end(rpc, 0, asked, page.got, page.added, NULL, NULL);
    rep->has_rows = 1;
    rep->rows = rpc->rows;
    return OD_OK;
}
