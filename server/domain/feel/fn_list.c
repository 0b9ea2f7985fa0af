/* SPDX-License-Identifier: Apache-2.0
 * List functions (§10.3.4.4) that give lists or look for items. Positions start at 1, or at -1 from the end. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

enum { FLATTEN_DEPTH_MAX = 100 };

struct feel_value fn_count(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)run;
    (void)n_given;
    return feel_integer((int64_t)args[0].list->n);
}

struct feel_value fn_list_contains(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    (void)n_given;
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++)
        if (feel_run_equal(run, &l->items[i], &args[1]) == FEEL_TRUE)
            return feel_boolean(true);
    return feel_boolean(false);
}

struct feel_value fn_index_of(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    (void)n_given;
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++) {
        struct feel_value at = feel_integer((int64_t)i + 1);
        if (feel_run_equal(run, &l->items[i], &args[1]) == FEEL_TRUE && !feel_vec_add(run, &vec, &at))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}

/* A position as an index from 0; false outside the list. */
static bool index_at(const struct feel_list *l, const struct feel_value *position, size_t *ret)
{
    int64_t p, n = (int64_t)l->n;
    if (!feel_arg_int(position, &p) || p == 0 || p > n || p < -n)
        return false;
    *ret = (size_t)(p > 0 ? p - 1 : n + p);
    return true;
}

static struct feel_value outside(struct feel_run *run)
{
    return feel_run_fail(run, "the position lies outside the list", FEEL_NO_SUBJECT);
}

/* The items [from, to) into vec. */
static bool add_items(struct feel_run *run, struct feel_vec *vec, const struct feel_list *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!feel_run_charge(run, 1) || !feel_vec_add(run, vec, &l->items[i]))
            return false;
    return true;
}

struct feel_value fn_sublist(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    size_t from;
    int64_t length = 0;
    (void)n_given;
    if (!index_at(l, &args[1], &from))
        return outside(run);
    if (args[2].kind == FEEL_NUMBER && (!feel_arg_int(&args[2], &length) || length < 1 || length > (int64_t)(l->n - from)))
        return outside(run);
    size_t to = args[2].kind == FEEL_NUMBER ? from + (size_t)length : l->n;
    return add_items(run, &vec, l, from, to) ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
}

struct feel_value fn_append(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_vec vec = {0};
    (void)n_given;
    bool ok = args[1].kind == FEEL_LIST && add_items(run, &vec, args[0].list, 0, args[0].list->n) &&
              add_items(run, &vec, args[1].list, 0, args[1].list->n);
    return ok ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
}

struct feel_value fn_insert_before(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    size_t at;
    (void)n_given;
    if (!index_at(l, &args[1], &at))
        return outside(run);
    bool ok = add_items(run, &vec, l, 0, at) && feel_vec_add(run, &vec, &args[2]) && add_items(run, &vec, l, at, l->n);
    return ok ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
}

struct feel_value fn_remove(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    size_t at;
    (void)n_given;
    if (!index_at(l, &args[1], &at))
        return outside(run);
    bool ok = add_items(run, &vec, l, 0, at) && add_items(run, &vec, l, at + 1, l->n);
    return ok ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
}

struct feel_value fn_reverse(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    (void)n_given;
    for (size_t i = l->n; i-- && feel_run_charge(run, 1);)
        if (!feel_vec_add(run, &vec, &l->items[i]))
            return FEEL_NULL_VALUE;
    return feel_vec_list(run, &vec);
}

struct feel_value fn_list_replace_at(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_vec vec = {0};
    size_t at;
    (void)n_given;
    if (!index_at(args[0].list, &args[1], &at))
        return outside(run);
    if (!add_items(run, &vec, args[0].list, 0, args[0].list->n))
        return FEEL_NULL_VALUE;
    vec.items[at] = args[2];
    return feel_vec_list(run, &vec);
}

struct feel_value fn_list_replace_if(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_vec vec = {0};
    (void)n_given;
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++) {
        struct feel_value pair[2] = {l->items[i], args[2]};
        struct feel_value match = feel_run_call(run, args[1].function, pair, 2);
        if (match.kind != FEEL_BOOLEAN)
            return feel_fail_from(run, &match, NULL, "the match is neither true nor false");
        if (!feel_vec_add(run, &vec, match.boolean ? &args[2] : &l->items[i]))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}

/* --- joining --------------------------------------------------------------------------------------------------------- */

static bool known(struct feel_run *run, const struct feel_vec *vec, const struct feel_value *v)
{
    for (size_t i = 0; i < vec->n && feel_run_charge(run, 1); i++)
        if (feel_run_equal(run, &vec->items[i], v) == FEEL_TRUE)
            return true;
    return false;
}

static bool add_list(struct feel_run *run, struct feel_vec *vec, const struct feel_value *v, bool distinct)
{
    const struct feel_list *l = v->list, single = {1, (struct feel_value[]){*v}};
    if (v->kind == FEEL_NULL)
        return false;
    if (v->kind != FEEL_LIST)
        l = &single;
    for (size_t i = 0; i < l->n; i++)
        if (!feel_run_charge(run, 1) || ((!distinct || !known(run, vec, &l->items[i])) && !feel_vec_add(run, vec, &l->items[i])))
            return false;
    return true;
}

static struct feel_value joined(struct feel_run *run, const struct feel_value *args, bool distinct)
{
    struct feel_vec vec = {0};
    bool ok = args[1].kind == FEEL_LIST && add_list(run, &vec, &args[0], distinct);
    for (size_t i = 0; ok && i < args[1].list->n; i++)
        ok = add_list(run, &vec, &args[1].list->items[i], distinct);
    return ok ? feel_vec_list(run, &vec) : feel_run_fail(run, "lists are wanted", FEEL_NO_SUBJECT);
}

struct feel_value fn_concatenate(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return joined(run, args, false);
}

struct feel_value fn_union(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return joined(run, args, true);
}

struct feel_value fn_distinct_values(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_vec vec = {0};
    (void)n_given;
    return add_list(run, &vec, &args[0], true) ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
}

static bool flatten(struct feel_run *run, struct feel_vec *vec, const struct feel_list *l, unsigned depth)
{
    bool ok = depth <= FLATTEN_DEPTH_MAX;
    for (size_t i = 0; ok && i < l->n; i++) {
        ok = feel_run_charge(run, 1);
        if (ok)
            ok = l->items[i].kind == FEEL_LIST ? flatten(run, vec, l->items[i].list, depth + 1) : feel_vec_add(run, vec, &l->items[i]);
    }
    return ok;
}

struct feel_value fn_flatten(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_vec vec = {0};
    (void)n_given;
    if (!flatten(run, &vec, args[0].list, 0))
        return feel_run_fail(run, "the lists are nested too deeply", FEEL_NO_SUBJECT);
    return feel_vec_list(run, &vec);
}

/* --- sorting --------------------------------------------------------------------------------------------------------- */

struct sorting {
    struct feel_run *run;
    const struct feel_function *precedes; /* NULL: the order of the values themselves */
    struct feel_value fault;
    bool failed;
};

static bool precedes(struct sorting *s, const struct feel_value *a, const struct feel_value *b)
{
    int order;
    if (!s->precedes) {
        s->failed |= !feel_run_compare(s->run, a, b, &order);
        return !s->failed && order < 0;
    }
    struct feel_value pair[2] = {*a, *b}, v = feel_run_call(s->run, s->precedes, pair, 2);
    if (v.kind != FEEL_BOOLEAN && !s->failed) {
        s->failed = true;
        s->fault = v;
    }
    return feel_is_true(&v);
}

/* Merges the sorted halves [from, mid) and [mid, to); an item stays before its equals. */
static void merge(struct sorting *s, struct feel_value *items, struct feel_value *spare, size_t from, size_t mid, size_t to)
{
    size_t a = from, b = mid;
    for (size_t i = from; i < to; i++) {
        bool second = a == mid || (b < to && feel_run_charge(s->run, 1) && !s->failed && precedes(s, &items[b], &items[a]));
        spare[i] = second ? items[b++] : items[a++];
    }
    memcpy(items + from, spare + from, (to - from) * sizeof *items);
}

struct feel_value fn_sort(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    size_t n = args[0].list->n;
    struct sorting s = {.run = run, .precedes = args[1].kind == FEEL_FUNCTION ? args[1].function : NULL};
    struct feel_vec vec = {FEEL_ARRAY(run, n, struct feel_value), n, n};
    struct feel_value *spare = FEEL_ARRAY(run, n, struct feel_value);
    (void)n_given;
    if (!vec.items || !spare)
        return FEEL_NULL_VALUE;
    if (n)
        memcpy(vec.items, args[0].list->items, n * sizeof *spare);
    for (size_t width = 1; width < n && !feel_run_over(run); width *= 2)
        for (size_t from = 0; from + width < n; from += 2 * width)
            merge(&s, vec.items, spare, from, from + width, from + 2 * width < n ? from + 2 * width : n);
    if (s.failed)
        return feel_fail_from(run, &s.fault, NULL, "the items cannot be ordered");
    return feel_vec_list(run, &vec);
}
