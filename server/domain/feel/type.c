/* SPDX-License-Identifier: Apache-2.0
 * Which values a type has, and the implicit conversions to it. */
#include "server/domain/feel/type.h"

#include "server/domain/feel/lexer.h"
#include "server/domain/feel/run.h"

#include "common/base/limits.h"

static const struct feel_type BUILTIN[] = {
    {.kind = FEEL_ANY, .name = {"Any", 3}},
    {.kind = FEEL_NULL, .name = {"Null", 4}},
    {.kind = FEEL_BOOLEAN, .name = {"boolean", 7}},
    {.kind = FEEL_NUMBER, .name = {"number", 6}},
    {.kind = FEEL_STRING, .name = {"string", 6}},
    {.kind = FEEL_DATE, .name = {"date", 4}},
    {.kind = FEEL_TIME, .name = {"time", 4}},
    {.kind = FEEL_DATE_TIME, .name = {"date and time", 13}},
    {.kind = FEEL_DAYS_DURATION, .name = {"days and time duration", 22}},
    {.kind = FEEL_MONTHS_DURATION, .name = {"years and months duration", 25}},
    {.kind = FEEL_LIST, .name = {"list", 4}},
    {.kind = FEEL_CONTEXT, .name = {"context", 7}},
    {.kind = FEEL_RANGE, .name = {"range", 5}},
    {.kind = FEEL_FUNCTION, .name = {"function", 8}, .any_arity = true},
    /* names of DMN 1.1 and 1.2, and of other tools */
    {.kind = FEEL_DATE_TIME, .name = {"dateTime", 8}},
    {.kind = FEEL_DAYS_DURATION, .name = {"dayTimeDuration", 15}},
    {.kind = FEEL_MONTHS_DURATION, .name = {"yearMonthDuration", 17}},
    {.kind = FEEL_DAYS_DURATION, .name = {"day and time duration", 21}},
    {.kind = FEEL_MONTHS_DURATION, .name = {"year and month duration", 23}},
    {.kind = FEEL_ANY, .name = {"any", 3}},
};

const struct feel_type *feel_type_builtin(struct od_str name)
{
    for (size_t i = 0; i < OD_LEN(BUILTIN); i++)
        if (od_str_eq(BUILTIN[i].name, name))
            return &BUILTIN[i];
    return NULL;
}

const struct feel_type *feel_type_prefix(struct od_str s, size_t *ret_n)
{
    const struct feel_type *best = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < OD_LEN(BUILTIN); i++) {
        size_t n = BUILTIN[i].name.n;
        if (n > *ret_n && s.n >= n && !memcmp(s.p, BUILTIN[i].name.p, n) && !feel_name_part(s, (uint32_t)n)) {
            best = &BUILTIN[i];
            *ret_n = n;
        }
    }
    return best;
}

static bool has(struct feel_run *run, const struct feel_type *t, const struct feel_value *v, bool constrained, unsigned depth);

static bool has_items(struct feel_run *run, const struct feel_type *t, const struct feel_list *l, bool constrained, unsigned depth)
{
    for (size_t i = 0; t->item && i < l->n; i++)
        if (!feel_run_charge(run, 1) || !has(run, t->item, &l->items[i], constrained, depth))
            return false;
    return true;
}

static bool has_members(struct feel_run *run, const struct feel_type *t, const struct feel_context *c, bool constrained, unsigned depth)
{
    for (unsigned i = 0; i < t->n; i++) {
        const struct feel_value *v = feel_context_get(c, t->members[i].name);
        if (!feel_run_charge(run, c->n / FEEL_NAMES_PER_STEP) || !v ||
            (t->members[i].type && !has(run, t->members[i].type, v, constrained, depth)))
            return false;
    }
    return feel_run_charge(run, t->n);
}

/* A type that asks for no more than this one gives: §10.3.2.9.2, where both are known. */
static bool type_conforms(const struct feel_type *given, const struct feel_type *wanted, unsigned depth)
{
    if (!given || !wanted || given == wanted || wanted->kind == FEEL_ANY || depth > FEEL_VALUE_DEPTH_MAX)
        return true;
    if (given->kind != wanted->kind)
        return given->kind == FEEL_ANY ? false : given->kind == FEEL_NULL;
    if (wanted->kind == FEEL_LIST || wanted->kind == FEEL_RANGE)
        return type_conforms(given->item, wanted->item, depth + 1);
    for (unsigned i = 0; wanted->kind == FEEL_CONTEXT && i < wanted->n; i++) {
        unsigned k = 0;
        while (k < given->n && !od_str_eq(given->members[k].name, wanted->members[i].name))
            k++;
        if (k == given->n || !type_conforms(given->members[k].type, wanted->members[i].type, depth + 1))
            return false;
    }
    return true;
}

static bool has_signature(const struct feel_type *t, const struct feel_function *f)
{
    if (t->any_arity || f->kind == FEEL_FN_BUILTIN)
        return true;
    if (f->n_params != t->n)
        return false;
    for (unsigned i = 0; i < t->n; i++) /* a parameter may take more than is asked for */
        if (!type_conforms(t->members[i].type, feel_function_param_type(f, i), 0))
            return false;
    return type_conforms(f->result, t->result, 0);
}

static bool has_shape(struct feel_run *run, const struct feel_type *t, const struct feel_value *v, bool constrained, unsigned depth)
{
    if (t->kind == FEEL_ANY || v->kind == FEEL_NULL)
        return true;
    if (v->kind != t->kind || depth > FEEL_VALUE_DEPTH_MAX)
        return false;
    switch ((enum feel_kind)t->kind) {
    case FEEL_LIST: return has_items(run, t, v->list, constrained, depth + 1);
    case FEEL_CONTEXT: return has_members(run, t, v->context, constrained, depth + 1);
    case FEEL_FUNCTION: return has_signature(t, v->function);
    case FEEL_RANGE:
        return !t->item || ((v->range->no_start || has(run, t->item, &v->range->start, constrained, depth + 1)) &&
                            (v->range->no_end || has(run, t->item, &v->range->end, constrained, depth + 1)));
    case FEEL_NULL: case FEEL_BOOLEAN: case FEEL_NUMBER: case FEEL_STRING: case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME:
    case FEEL_DAYS_DURATION: case FEEL_MONTHS_DURATION: case FEEL_ANY: break;
    }
    return true;
}

static bool has(struct feel_run *run, const struct feel_type *t, const struct feel_value *v, bool constrained, unsigned depth)
{
    if (!has_shape(run, t, v, constrained, depth))
        return false;
    if (!constrained || v->kind == FEEL_NULL)
        return true;
    if (t->base && (depth > FEEL_VALUE_DEPTH_MAX || !has(run, t->base, v, true, depth + 1)))
        return false;
    if (!t->allowed)
        return true;
    struct feel_value passed = feel_run_test(run, t->allowed, NULL, v);
    return feel_is_true(&passed);
}

bool feel_type_has(struct feel_run *run, const struct feel_type *t, const struct feel_value *v) { return has(run, t, v, false, 0); }

/* A date as midnight in UTC, inside lists too. */
static struct feel_value convert(struct feel_run *run, const struct feel_type *t, const struct feel_value *v)
{
    struct feel_value r = *v;
    if (t->kind == FEEL_DATE_TIME && v->kind == FEEL_DATE) {
        r.kind = FEEL_DATE_TIME;
        r.temporal.zone_kind = FEEL_ZONE_OFFSET;
    } else if (t->kind == FEEL_LIST && v->kind != FEEL_LIST && v->kind != FEEL_NULL) {
        struct feel_value item = t->item ? convert(run, t->item, v) : *v;
        struct feel_vec vec = {0};
        r = feel_vec_add(run, &vec, &item) ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
    } else if (t->kind != FEEL_LIST && t->kind != FEEL_ANY && v->kind == FEEL_LIST && v->list->n == 1) {
        r = v->list->items[0].kind == FEEL_LIST ? r : convert(run, t, &v->list->items[0]);
    } else if (t->kind == FEEL_LIST && v->kind == FEEL_LIST && t->item && t->item->kind == FEEL_DATE_TIME) {
        struct feel_vec vec = {0};
        for (size_t i = 0; i < v->list->n; i++) {
            struct feel_value item = v->list->items[i].kind == FEEL_DATE ? convert(run, t->item, &v->list->items[i]) : v->list->items[i];
            if (!feel_vec_add(run, &vec, &item))
                return FEEL_NULL_VALUE;
        }
        r = feel_vec_list(run, &vec);
    }
    return r;
}

struct feel_value feel_type_coerce(struct feel_run *run, const struct feel_type *t, const struct feel_value *v)
{
    if (!t || v->kind == FEEL_NULL || (t->kind == FEEL_ANY && !t->allowed && !t->base))
        return *v;
    struct feel_value r = convert(run, t, v);
    if (has(run, t, &r, true, 0))
        return r;
    struct od_str name = t->name.n ? t->name : od_str_c(feel_kind_name((enum feel_kind)t->kind));
    return feel_run_fail(run, has(run, t, &r, false, 0) ? "the value is not allowed by the type %s" : "the value is no %s", name);
}
