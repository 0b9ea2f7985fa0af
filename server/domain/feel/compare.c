/* SPDX-License-Identifier: Apache-2.0
 * Equality, order and membership (§10.3.2.15, tables 52 to 55), three-valued. */
#include "server/domain/feel/eval.h"

#include "server/domain/feel/temporal.h"

#include "common/base/limits.h"

/* Values share structure, so comparing two can visit far more places than there are. */
enum { EQUAL_VISITS_MAX = 1000000 };

struct budget {
    size_t visits;
    unsigned depth;
};

static enum feel_truth equal(const struct feel_value *a, const struct feel_value *b, struct budget *left);

static enum feel_truth truth(bool b) { return b ? FEEL_TRUE : FEEL_FALSE; }

static bool spend(struct budget *left)
{
    if (!left->visits || !left->depth)
        return false;
    left->visits--;
    return true;
}

/* Inside lists and contexts what cannot be compared is different. */
static enum feel_truth equal_lists(const struct feel_list *a, const struct feel_list *b, struct budget *left)
{
    if (a == b)
        return FEEL_TRUE;
    enum feel_truth t = truth(a->n == b->n);
    left->depth--;
    for (size_t i = 0; i < a->n && t == FEEL_TRUE; i++)
        t = spend(left) ? equal(&a->items[i], &b->items[i], left) : FEEL_UNKNOWN;
    left->depth++;
    return t == FEEL_UNKNOWN && left->visits ? FEEL_FALSE : t;
}

/* The entry of that name: mostly it stands in the same place. */
static const struct feel_value *counterpart(const struct feel_context *c, struct od_str name, size_t place, struct budget *left)
{
    if (place < c->n && od_str_same(c->entries[place].name, name))
        return &c->entries[place].value;
    left->visits -= c->n / FEEL_NAMES_PER_STEP < left->visits ? c->n / FEEL_NAMES_PER_STEP : left->visits;
    return feel_context_get(c, name);
}

static enum feel_truth equal_contexts(const struct feel_context *a, const struct feel_context *b, struct budget *left)
{
    if (a == b)
        return FEEL_TRUE;
    enum feel_truth t = truth(a->n == b->n);
    left->depth--;
    for (size_t i = 0; i < a->n && t == FEEL_TRUE; i++) {
        const struct feel_value *other = counterpart(b, a->entries[i].name, i, left);
        t = !spend(left) ? FEEL_UNKNOWN : other ? equal(&a->entries[i].value, other, left) : FEEL_FALSE;
    }
    left->depth++;
    return t == FEEL_UNKNOWN && left->visits ? FEEL_FALSE : t;
}

static enum feel_truth equal_ranges(const struct feel_range *a, const struct feel_range *b, struct budget *left)
{
    if (a->start_open != b->start_open || a->end_open != b->end_open || a->no_start != b->no_start || a->no_end != b->no_end ||
        a->not_equal != b->not_equal || !spend(left))
        return FEEL_FALSE;
    left->depth--;
    bool same = equal(&a->start, &b->start, left) == FEEL_TRUE && equal(&a->end, &b->end, left) == FEEL_TRUE;
    left->depth++;
    return truth(same);
}

/* A value with a zone and one without are not the same point of the time line. */
static enum feel_truth equal_times(const struct feel_value *a, const struct feel_value *b)
{
    if (feel_has_zone(a) != feel_has_zone(b))
        return FEEL_FALSE;
    struct feel_days_duration x = feel_instant(a), y = feel_instant(b);
    if (a->kind == FEEL_TIME) /* §10.3.2.3.4: the value of a time is in whole seconds, on the circle of a day */
        return truth((x.seconds - y.seconds) % OD_S_PER_DAY == 0);
    return truth(feel_days_cmp(x, y) == 0);
}

static enum feel_truth equal_strings(struct od_str a, struct od_str b, struct budget *left)
{
    size_t cost = a.n == b.n ? a.n / FEEL_BYTES_PER_STEP : 0;
    left->visits -= cost < left->visits ? cost : left->visits;
    return truth(od_str_eq(a, b));
}

static enum feel_truth equal(const struct feel_value *a, const struct feel_value *b, struct budget *left)
{
    if (a->kind == FEEL_NULL || b->kind == FEEL_NULL)
        return truth(a->kind == b->kind);
    if (a->kind != b->kind)
        return FEEL_UNKNOWN;
    switch ((enum feel_kind)a->kind) {
    case FEEL_BOOLEAN: return truth(a->boolean == b->boolean);
    case FEEL_NUMBER: return truth(od_decimal_cmp(a->number, b->number) == 0);
    case FEEL_STRING: return equal_strings(a->string, b->string, left);
    case FEEL_DATE: return truth(feel_date_days(&a->temporal) == feel_date_days(&b->temporal));
    case FEEL_TIME: case FEEL_DATE_TIME: return equal_times(a, b);
    case FEEL_DAYS_DURATION: return truth(feel_days_cmp(a->days, b->days) == 0);
    case FEEL_MONTHS_DURATION: return truth(a->months == b->months);
    case FEEL_LIST: return equal_lists(a->list, b->list, left);
    case FEEL_CONTEXT: return equal_contexts(a->context, b->context, left);
    case FEEL_RANGE: return equal_ranges(a->range, b->range, left);
    case FEEL_FUNCTION: return truth(a->function == b->function);
    case FEEL_NULL: case FEEL_ANY: break;
    }
    return FEEL_UNKNOWN;
}

enum feel_truth feel_run_equal(struct feel_run *run, const struct feel_value *a, const struct feel_value *b)
{
    struct budget left = {EQUAL_VISITS_MAX, FEEL_VALUE_DEPTH_MAX};
    enum feel_truth t = equal(a, b, &left);
    return !run || feel_run_charge(run, EQUAL_VISITS_MAX - left.visits) ? t : FEEL_UNKNOWN;
}

enum feel_truth feel_equal(const struct feel_value *a, const struct feel_value *b) { return feel_run_equal(NULL, a, b); }

/* Table 54: a side without a zone is in the zone of the other. */
static int order_in_time(const struct feel_value *a, const struct feel_value *b)
{
    struct feel_value x = *a, y = *b;
    if (feel_has_zone(a) != feel_has_zone(b)) {
        struct feel_temporal *lacks = feel_has_zone(a) ? &y.temporal : &x.temporal;
        const struct feel_temporal *has = feel_has_zone(a) ? &a->temporal : &b->temporal;
        lacks->zone_kind = has->zone_kind;
        lacks->offset_s = has->offset_s;
        lacks->zone = has->zone;
    }
    return feel_days_cmp(feel_instant(&x), feel_instant(&y));
}

/* By code points: UTF-8 keeps their order. */
static int compare_strings(struct od_str a, struct od_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? (c > 0) - (c < 0) : (a.n > b.n) - (a.n < b.n);
}

bool feel_compare(const struct feel_value *a, const struct feel_value *b, int *ret_order)
{
    if (a->kind != b->kind)
        return false;
    switch ((enum feel_kind)a->kind) {
    case FEEL_NUMBER: *ret_order = od_decimal_cmp(a->number, b->number); return true;
    case FEEL_STRING: *ret_order = compare_strings(a->string, b->string); return true;
    case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME: *ret_order = order_in_time(a, b); return true;
    case FEEL_DAYS_DURATION: *ret_order = feel_days_cmp(a->days, b->days); return true;
    case FEEL_MONTHS_DURATION: *ret_order = (a->months > b->months) - (a->months < b->months); return true;
    case FEEL_NULL: case FEEL_BOOLEAN: case FEEL_LIST: case FEEL_CONTEXT: case FEEL_RANGE: case FEEL_FUNCTION: case FEEL_ANY: break;
    }
    return false;
}

bool feel_run_compare(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, int *ret_order)
{
    if (run && a->kind == FEEL_STRING && b->kind == FEEL_STRING) {
        size_t n = a->string.n < b->string.n ? a->string.n : b->string.n;
        if (n >= FEEL_BYTES_PER_STEP && !feel_run_charge(run, n / FEEL_BYTES_PER_STEP))
            return false;
    }
    return feel_compare(a, b, ret_order);
}

/* The orders of which each comparison is true: less, equal and greater are bits 0, 1 and 2. */
static inline bool order_fits(enum feel_cmp cmp, int order)
{
    static const uint8_t orders[] = {[FEEL_EQ] = 2, [FEEL_NE] = 5, [FEEL_LT] = 1, [FEEL_LE] = 3, [FEEL_GT] = 4, [FEEL_GE] = 6};
    return orders[cmp] >> (order + 1) & 1;
}

OD_OUT_OF_LINE static enum feel_truth compares(struct feel_run *run, const struct feel_value *a, enum feel_cmp cmp,
                                               const struct feel_value *b)
{
    int order;
    if (cmp == FEEL_EQ || cmp == FEEL_NE) {
        enum feel_truth t = feel_run_equal(run, a, b);
        return t == FEEL_UNKNOWN || cmp == FEEL_EQ ? t : truth(t == FEEL_FALSE);
    }
    return feel_run_compare(run, a, b, &order) ? truth(order_fits(cmp, order)) : FEEL_UNKNOWN;
}

enum feel_truth feel_compares(struct feel_run *run, const struct feel_value *a, enum feel_cmp cmp, const struct feel_value *b)
{
    if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER)
        return truth(order_fits(cmp, od_decimal_cmp(a->number, b->number)));
    if (a->kind == FEEL_STRING && b->kind == FEEL_STRING && (cmp == FEEL_EQ || cmp == FEEL_NE) && a->string.n < FEEL_BYTES_PER_STEP)
        return truth(od_str_same(a->string, b->string) == (cmp == FEEL_EQ));
    return compares(run, a, cmp, b);
}

enum feel_truth feel_in(struct feel_run *run, const struct feel_value *v, const struct feel_range *r)
{
    if (r->not_equal)
        return feel_compares(run, v, FEEL_NE, &r->start);
    if (!r->no_start && !r->no_end && !r->start_open && !r->end_open && feel_run_equal(run, &r->start, &r->end) == FEEL_TRUE)
        return feel_run_equal(run, v, &r->start); /* `= e`, which also holds what has no order */
    enum feel_truth above = r->no_start ? FEEL_TRUE : feel_compares(run, v, r->start_open ? FEEL_GT : FEEL_GE, &r->start);
    enum feel_truth below = r->no_end ? FEEL_TRUE : feel_compares(run, v, r->end_open ? FEEL_LT : FEEL_LE, &r->end);
    if (above == FEEL_UNKNOWN || below == FEEL_UNKNOWN)
        return FEEL_UNKNOWN;
    return truth(above == FEEL_TRUE && below == FEEL_TRUE);
}

enum feel_truth feel_matches(struct feel_run *run, const struct feel_value *v, const struct feel_value *test)
{
    if (test->kind == FEEL_RANGE && v->kind != FEEL_RANGE)
        return feel_in(run, v, test->range);
    if (test->kind != FEEL_LIST)
        return feel_run_equal(run, v, test);
    if (v->kind == FEEL_LIST && feel_run_equal(run, v, test) == FEEL_TRUE)
        return FEEL_TRUE;
    for (size_t i = 0; i < test->list->n && (!run || feel_run_charge(run, 1)); i++) {
        const struct feel_value *t = &test->list->items[i];
        enum feel_truth is = t->kind == FEEL_RANGE && v->kind != FEEL_RANGE ? feel_in(run, v, t->range) : feel_run_equal(run, v, t);
        if (is == FEEL_TRUE)
            return FEEL_TRUE;
    }
    return FEEL_FALSE;
}
