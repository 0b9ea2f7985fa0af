/* SPDX-License-Identifier: Apache-2.0
 * Functions that make one value of a list (§10.3.4.4). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

static struct feel_value extreme(struct feel_run *run, const struct feel_list *l, int sign)
{
    int order = 0;
    if (!l->n)
        return feel_run_fail(run, "an empty list has no extreme", FEEL_NO_SUBJECT);
    struct feel_value best = l->items[0];
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++) {
        if (!feel_run_compare(run, &l->items[i], &best, &order))
            return feel_fail_from(run, &l->items[i], NULL, "the items cannot be ordered");
        if (order * sign > 0)
            best = l->items[i];
    }
    return best;
}

struct feel_value fn_min(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return extreme(run, args[0].list, -1);
}

struct feel_value fn_max(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return extreme(run, args[0].list, 1);
}

/* Folds + or * over the items: sums may also be of durations. */
static struct feel_value fold(struct feel_run *run, const struct feel_list *l, enum feel_op op)
{
    if (!l->n)
        return feel_run_fail(run, "the list is empty", FEEL_NO_SUBJECT);
    struct feel_value total = l->items[0];
    bool right = total.kind == FEEL_NUMBER ||
                 (op == FN_ADD && (total.kind == FEEL_DAYS_DURATION || total.kind == FEEL_MONTHS_DURATION));
    for (size_t i = 1; right && i < l->n && feel_run_charge(run, 1); i++) {
        right = l->items[i].kind == total.kind;
        if (right)
            total = feel_arithmetic(run, op, &total, &l->items[i]);
    }
    return right ? total : feel_run_fail(run, "the items are not all numbers", FEEL_NO_SUBJECT);
}

struct feel_value fn_sum(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return fold(run, args[0].list, FN_ADD);
}

struct feel_value fn_product(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return fold(run, args[0].list, FN_MUL);
}

struct feel_value fn_mean(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value total = fold(run, args[0].list, FN_ADD), n = feel_integer((int64_t)args[0].list->n);
    (void)n_given;
    return total.kind == FEEL_NULL ? total : feel_arithmetic(run, FN_DIV, &total, &n);
}

/* Table 50 over a list: one `decides` decides; what is no boolean leaves the rest unknown. */
static struct feel_value junction(struct feel_run *run, const struct feel_list *l, bool decides)
{
    const struct feel_value *unknown = NULL;
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++) {
        if (l->items[i].kind != FEEL_BOOLEAN)
            unknown = unknown ? unknown : &l->items[i];
        else if (l->items[i].boolean == decides)
            return feel_boolean(decides);
    }
    return unknown ? feel_fail_from(run, unknown, NULL, "the items are not all true or false") : feel_boolean(!decides);
}

struct feel_value fn_all(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return junction(run, args[0].list, false);
}

struct feel_value fn_any(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return junction(run, args[0].list, true);
}

/* --- statistics ------------------------------------------------------------------------------------------------------ */

static struct feel_value sorted_numbers(struct feel_run *run, const struct feel_list *l)
{
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++)
        if (l->items[i].kind != FEEL_NUMBER)
            return feel_run_fail(run, "the items are not all numbers", FEEL_NO_SUBJECT);
    struct feel_value args[2] = {feel_list_value(l), FEEL_NULL_VALUE};
    return fn_sort(run, args, 1);
}

static struct feel_value add(struct feel_value a, struct feel_value b) { return feel_number(od_decimal_add(a.number, b.number)); }

struct feel_value fn_median(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = sorted_numbers(run, args[0].list);
    (void)n_given;
    if (v.kind != FEEL_LIST || !v.list->n)
        return feel_fail_from(run, &v, NULL, "an empty list has no median");
    size_t n = v.list->n;
    if (n % 2)
        return v.list->items[n / 2];
    struct feel_value both = feel_arithmetic(run, FN_ADD, &v.list->items[n / 2 - 1], &v.list->items[n / 2]), two = feel_integer(2);
    return feel_arithmetic(run, FN_DIV, &both, &two);
}

/* Of the sample: divided by n - 1. */
struct feel_value fn_stddev(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct feel_value v = sorted_numbers(run, l), squares = feel_integer(0);
    if (v.kind != FEEL_LIST || l->n < 2)
        return feel_fail_from(run, &v, NULL, "a deviation needs two numbers");
    struct feel_value mean = fn_mean(run, args, n_given);
    for (size_t i = 0; i < l->n && mean.kind == FEEL_NUMBER; i++) {
        struct od_decimal d = od_decimal_sub(l->items[i].number, mean.number);
        squares = add(squares, feel_number(od_decimal_mul(d, d)));
    }
    struct od_decimal r = od_decimal_sqrt(od_decimal_div(squares.number, od_decimal_from_i64((int64_t)l->n - 1)));
    return od_decimal_finite(r) ? feel_number(r) : feel_run_fail(run, "the result is out of range", FEEL_NO_SUBJECT);
}

/* The most frequent numbers, ascending. */
struct feel_value fn_mode(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = sorted_numbers(run, args[0].list);
    struct feel_vec vec = {0};
    size_t best = 0;
    (void)n_given;
    if (v.kind != FEEL_LIST)
        return v;
    for (size_t i = 0, run_n = 0; i < v.list->n; i++) {
        run_n = i && od_decimal_cmp(v.list->items[i].number, v.list->items[i - 1].number) == 0 ? run_n + 1 : 1;
        if (run_n > best) {
            best = run_n;
            vec.n = 0;
        }
        if (run_n == best && !feel_vec_add(run, &vec, &v.list->items[i]))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}
