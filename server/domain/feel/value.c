/* SPDX-License-Identifier: Apache-2.0
 * Making, finding, copying and writing values. */
#include "server/domain/feel/value.h"

#include "server/domain/feel/feel_json.h"
#include "server/domain/feel/lexer.h"
#include "server/domain/feel/temporal.h"

#include "common/base/limits.h"

const struct feel_value feel_booleans[2] = {{.kind = FEEL_BOOLEAN, .boolean = false}, {.kind = FEEL_BOOLEAN, .boolean = true}};

const char *feel_kind_name(enum feel_kind k)
{
    switch (k) {
    case FEEL_NULL: return "Null";
    case FEEL_BOOLEAN: return "boolean";
    case FEEL_NUMBER: return "number";
    case FEEL_STRING: return "string";
    case FEEL_DATE: return "date";
    case FEEL_TIME: return "time";
    case FEEL_DATE_TIME: return "date and time";
    case FEEL_DAYS_DURATION: return "days and time duration";
    case FEEL_MONTHS_DURATION: return "years and months duration";
    case FEEL_LIST: return "list";
    case FEEL_CONTEXT: return "context";
    case FEEL_RANGE: return "range";
    case FEEL_FUNCTION: return "function";
    case FEEL_ANY: break;
    }
    return "Any";
}

struct feel_list *feel_list_new(struct od_arena *a, size_t n)
{
    struct feel_list *l = OD_ARENA_NEW(a, struct feel_list);
    struct feel_value *items = OD_ARENA_ARRAY(a, n ? n : 1, struct feel_value);
    if (!l || !items)
        return NULL;
    *l = (struct feel_list){n, items};
    return l;
}

struct feel_context *feel_context_new(struct od_arena *a, size_t n)
{
    struct feel_context *c = OD_ARENA_NEW(a, struct feel_context);
    struct feel_entry *entries = OD_ARENA_ARRAY(a, n ? n : 1, struct feel_entry);
    if (!c || !entries)
        return NULL;
    *c = (struct feel_context){n, entries};
    return c;
}

struct feel_value feel_list_value(const struct feel_list *l)
{
    return l ? (struct feel_value){.kind = FEEL_LIST, .list = l} : FEEL_NULL_VALUE;
}

struct feel_value feel_context_value(const struct feel_context *c)
{
    return c ? (struct feel_value){.kind = FEEL_CONTEXT, .context = c} : FEEL_NULL_VALUE;
}

const struct feel_value *feel_context_get(const struct feel_context *c, struct od_str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (od_str_same(c->entries[i].name, name))
            return &c->entries[i].value;
    return NULL;
}

const struct feel_context *feel_context_put(struct od_arena *a, const struct feel_context *c, struct od_str name,
                                            const struct feel_value *v)
{
    size_t at = 0;
    while (at < c->n && !od_str_eq(c->entries[at].name, name))
        at++;
    struct feel_context *r = feel_context_new(a, c->n + (at == c->n));
    if (!r)
        return NULL;
    if (c->n)
        memcpy(r->entries, c->entries, c->n * sizeof *c->entries);
    r->entries[at] = (struct feel_entry){name, *v};
    return r;
}

/* --- copying --------------------------------------------------------------------------------------------------------- */

static bool copy(struct od_arena *a, const struct feel_value *v, struct feel_value *ret, unsigned depth);

static bool copy_string(struct od_arena *a, struct od_str s, struct od_str *ret)
{
    *ret = s.n ? od_arena_copy(a, s) : FEEL_NO_SUBJECT;
    return !s.n || ret->p;
}

static bool copy_list(struct od_arena *a, const struct feel_list *from, struct feel_value *ret, unsigned depth)
{
    struct feel_list *l = feel_list_new(a, from->n);
    for (size_t i = 0; l && i < from->n; i++)
        if (!copy(a, &from->items[i], &l->items[i], depth))
            return false;
    *ret = feel_list_value(l);
    return l != NULL;
}

static bool copy_context(struct od_arena *a, const struct feel_context *from, struct feel_value *ret, unsigned depth)
{
    struct feel_context *c = feel_context_new(a, from->n);
    for (size_t i = 0; c && i < from->n; i++)
        if (!copy_string(a, from->entries[i].name, &c->entries[i].name) ||
            !copy(a, &from->entries[i].value, &c->entries[i].value, depth))
            return false;
    *ret = feel_context_value(c);
    return c != NULL;
}

static bool copy_range(struct od_arena *a, const struct feel_range *from, struct feel_value *ret, unsigned depth)
{
    struct feel_range *r = OD_ARENA_NEW(a, struct feel_range);
    if (!r)
        return false;
    *r = *from;
    *ret = (struct feel_value){.kind = FEEL_RANGE, .range = r};
    return copy(a, &from->start, &r->start, depth) && copy(a, &from->end, &r->end, depth);
}

static bool copy(struct od_arena *a, const struct feel_value *v, struct feel_value *ret, unsigned depth)
{
    *ret = *v;
    if (depth > FEEL_VALUE_DEPTH_MAX)
        return false;
    switch ((enum feel_kind)v->kind) {
    case FEEL_STRING: return copy_string(a, v->string, &ret->string);
    case FEEL_LIST: return copy_list(a, v->list, ret, depth + 1);
    case FEEL_CONTEXT: return copy_context(a, v->context, ret, depth + 1);
    case FEEL_RANGE: return copy_range(a, v->range, ret, depth + 1);
    case FEEL_NULL: case FEEL_FUNCTION: *ret = FEEL_NULL_VALUE; return true;
    case FEEL_BOOLEAN: case FEEL_NUMBER: case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME: case FEEL_DAYS_DURATION:
    case FEEL_MONTHS_DURATION: case FEEL_ANY: break;
    }
    return true;
}

enum od_status feel_value_copy(struct od_arena *a, const struct feel_value *v, struct feel_value *ret, struct od_err *err)
{
    if (copy(a, v, ret, 0))
        return OD_OK;
    *ret = FEEL_NULL_VALUE;
    if (a->exhausted)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", a->cap_bytes);
    return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=the nesting of a value" OD_AND "max=%d", FEEL_VALUE_DEPTH_MAX);
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

static void format(const struct feel_value *v, struct od_buf *out, unsigned depth);

/* A key stands without quotes where it could be read back as a name. */
static void format_key(struct od_str key, struct od_buf *out)
{
    bool plain = key.n && !(key.p[0] >= '0' && key.p[0] <= '9') && feel_name_part(key, 0);
    for (uint32_t i = 0; plain && i < key.n; i++)
        plain = key.p[i] == ' ' || feel_name_part(key, i);
    if (plain)
        od_buf_str(out, key);
    else
        feel_json_string(key, out);
}

static void format_range(const struct feel_range *r, struct od_buf *out, unsigned depth)
{
    if (r->not_equal)
        od_buf_c(out, "!=");
    else if (r->no_start)
        od_buf_c(out, r->end_open ? "<" : "<=");
    else if (r->no_end)
        od_buf_c(out, r->start_open ? ">" : ">=");
    if (r->not_equal || r->no_start || r->no_end) {
        format(r->no_start ? &r->end : &r->start, out, depth + 1);
        return;
    }
    od_buf_char(out, r->start_open ? '(' : '[');
    format(&r->start, out, depth + 1);
    od_buf_c(out, "..");
    format(&r->end, out, depth + 1);
    od_buf_char(out, r->end_open ? ')' : ']');
}

static void format(const struct feel_value *v, struct od_buf *out, unsigned depth)
{
    char number[OD_DECIMAL_TEXT];
    if (depth > FEEL_VALUE_DEPTH_MAX)
        out->failed = true;
    if (out->failed)
        return;
    switch ((enum feel_kind)v->kind) {
    case FEEL_NULL: od_buf_c(out, "null"); break;
    case FEEL_BOOLEAN: od_buf_c(out, v->boolean ? "true" : "false"); break;
    case FEEL_NUMBER: od_buf_put(out, number, od_decimal_format(v->number, number)); break;
    case FEEL_STRING:
        if (depth)
            feel_json_string(v->string, out);
        else
            od_buf_str(out, v->string);
        break;
    case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME: case FEEL_DAYS_DURATION: case FEEL_MONTHS_DURATION:
        feel_temporal_format(v, out);
        break;
    case FEEL_LIST:
        od_buf_char(out, '[');
        for (size_t i = 0; i < v->list->n && !out->failed; i++) {
            od_buf_c(out, i ? ", " : "");
            format(&v->list->items[i], out, depth + 1);
        }
        od_buf_char(out, ']');
        break;
    case FEEL_CONTEXT:
        od_buf_char(out, '{');
        for (size_t i = 0; i < v->context->n && !out->failed; i++) {
            od_buf_c(out, i ? ", " : "");
            format_key(v->context->entries[i].name, out);
            od_buf_c(out, ": ");
            format(&v->context->entries[i].value, out, depth + 1);
        }
        od_buf_char(out, '}');
        break;
    case FEEL_RANGE: format_range(v->range, out, depth); break;
    case FEEL_FUNCTION: case FEEL_ANY: od_buf_c(out, "function"); break;
    }
}

void feel_value_format(const struct feel_value *v, struct od_buf *out) { format(v, out, 0); }
