/* SPDX-License-Identifier: Apache-2.0
 * Numeric functions (§10.3.4.5). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"
#include "server/domain/feel/temporal.h"

static struct feel_value checked(struct feel_run *run, struct od_decimal d)
{
    return od_decimal_finite(d) ? feel_number(d) : feel_run_fail(run, "the result is out of range", FEEL_NO_SUBJECT);
}

static struct feel_value rounded(struct feel_run *run, const struct feel_value *args, unsigned n, enum od_rounding how)
{
    int64_t scale = 0;
    if (n > 1 && (!feel_arg_int(&args[1], &scale) || scale < OD_DECIMAL_SCALE_MIN || scale > OD_DECIMAL_SCALE_MAX))
        return feel_run_fail(run, "a scale lies between -6111 and 6176", FEEL_NO_SUBJECT);
    return checked(run, od_decimal_round(args[0].number, (int)scale, how));
}

#define ROUNDING(fn, how) \
    struct feel_value fn(struct feel_run *run, const struct feel_value *args, unsigned n_given) { return rounded(run, args, n_given, how); }
ROUNDING(fn_decimal, OD_ROUND_HALF_EVEN)
ROUNDING(fn_floor, OD_ROUND_FLOOR)
ROUNDING(fn_ceiling, OD_ROUND_CEILING)
ROUNDING(fn_round_up, OD_ROUND_UP)
ROUNDING(fn_round_down, OD_ROUND_DOWN)
ROUNDING(fn_round_half_up, OD_ROUND_HALF_UP)
ROUNDING(fn_round_half_down, OD_ROUND_HALF_DOWN)

struct feel_value fn_abs(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = args[0];
    (void)n_given;
    if (v.kind == FEEL_LIST && v.list->n == 1)
        v = v.list->items[0];
    if (v.kind == FEEL_NUMBER)
        return feel_number(od_decimal_abs(v.number));
    if (v.kind == FEEL_MONTHS_DURATION)
        return feel_months(v.months < 0 ? -v.months : v.months);
    if (v.kind == FEEL_DAYS_DURATION)
        return feel_days_value(v.days.seconds < 0 ? feel_days_negate(v.days) : v.days);
    return feel_fail_from(run, &v, NULL, "abs is of a number or a duration");
}

/* dividend - divisor * floor(dividend / divisor), without the rounding of a long quotient: the sign is the divisor's. */
struct feel_value fn_modulo(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    if (od_decimal_is_zero(args[1].number))
        return feel_run_fail(run, "division by zero", FEEL_NO_SUBJECT);
    struct od_decimal rest = od_decimal_rem(args[0].number, args[1].number);
    bool add = !od_decimal_is_zero(rest) && od_decimal_is_negative(rest) != od_decimal_is_negative(args[1].number);
    return checked(run, add ? od_decimal_add(rest, args[1].number) : rest);
}

struct feel_value fn_sqrt(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return checked(run, od_decimal_sqrt(args[0].number));
}

struct feel_value fn_log(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return checked(run, od_decimal_log(args[0].number));
}

struct feel_value fn_exp(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return checked(run, od_decimal_exp(args[0].number));
}

static struct feel_value parity(struct feel_run *run, struct od_decimal d, bool odd)
{
    const struct od_decimal two = od_decimal_from_i64(2);
    if (!od_decimal_is_integer(d))
        return feel_run_fail(run, "only whole numbers are odd or even", FEEL_NO_SUBJECT);
    struct od_decimal half = od_decimal_round(od_decimal_div(d, two), 0, OD_ROUND_DOWN);
    return feel_boolean((od_decimal_cmp(od_decimal_mul(half, two), d) != 0) == odd);
}

struct feel_value fn_odd(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return parity(run, args[0].number, true);
}

struct feel_value fn_even(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return parity(run, args[0].number, false);
}
