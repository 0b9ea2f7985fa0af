/* SPDX-License-Identifier: Apache-2.0
 * + - * / ** (§10.3.2.15, tables 56 to 60): numbers, strings, temporal values and durations. What has no meaning is null. */
#include "server/domain/feel/eval.h"

#include "server/domain/feel/temporal.h"

#include "common/base/limits.h"

static struct feel_value number(struct feel_run *run, struct od_decimal d)
{
    return od_decimal_finite(d) ? feel_number(d) : feel_run_fail(run, "the result is out of range", FEEL_NO_SUBJECT);
}

static struct feel_value arith_numbers(struct feel_run *run, enum feel_op op, struct od_decimal a, struct od_decimal b)
{
    if (op == FN_ADD)
        return number(run, od_decimal_add(a, b));
    if (op == FN_SUB)
        return number(run, od_decimal_sub(a, b));
    if (op == FN_MUL)
        return number(run, od_decimal_mul(a, b));
    if (op == FN_EXP)
        return number(run, od_decimal_pow(a, b));
    if (od_decimal_is_zero(b))
        return feel_run_fail(run, "division by zero", FEEL_NO_SUBJECT);
    return number(run, od_decimal_div(a, b));
}

static struct feel_value concatenate(struct feel_run *run, struct od_str a, struct od_str b)
{
    if (a.n + b.n > FEEL_STRING_MAX_BYTES)
        return feel_run_fail(run, "the string is too long", FEEL_NO_SUBJECT);
    char *p = feel_run_charge(run, (a.n + b.n) / FEEL_BYTES_PER_STEP) ? feel_run_alloc(run, a.n + b.n) : NULL;
    if (!p)
        return FEEL_NULL_VALUE;
    if (a.n)
        memcpy(p, a.p, a.n);
    if (b.n)
        memcpy(p + a.n, b.p, b.n);
    return feel_string((struct od_str){p, a.n + b.n});
}

static struct feel_value checked(struct feel_run *run, struct feel_value v)
{
    return v.kind == FEEL_NULL ? feel_run_fail(run, "the result is out of range", FEEL_NO_SUBJECT) : v;
}

static struct feel_value move(struct feel_run *run, const struct feel_value *point, const struct feel_value *by, bool back)
{
    if (by->kind == FEEL_MONTHS_DURATION)
        return checked(run, feel_add_months(point, back ? -by->months : by->months));
    return checked(run, feel_add_days(point, back ? feel_days_negate(by->days) : by->days));
}

/* Two points of one time line: both with a zone, or both without; a date is its midnight in UTC. */
static struct feel_value distance(struct feel_run *run, const struct feel_value *a, const struct feel_value *b)
{
    if ((a->kind == FEEL_TIME) != (b->kind == FEEL_TIME))
        return feel_run_fail(run, "a time and a date have no distance", FEEL_NO_SUBJECT);
    if (feel_has_zone(a) != feel_has_zone(b))
        return feel_run_fail(run, "one side has a time zone and the other has none", FEEL_NO_SUBJECT);
    return checked(run, feel_days_value(feel_days_add(feel_instant(a), feel_days_negate(feel_instant(b)))));
}

/* Far beyond the dates there are, far below overflow. */
#define MONTHS_MAX INT64_C(1000000000000)

static struct feel_value months(struct feel_run *run, int64_t m)
{
    return checked(run, m > MONTHS_MAX || m < -MONTHS_MAX ? FEEL_NULL_VALUE : feel_months(m));
}

static struct feel_value sum(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, bool back)
{
    bool a_duration = a->kind == FEEL_DAYS_DURATION || a->kind == FEEL_MONTHS_DURATION;
    bool b_duration = b->kind == FEEL_DAYS_DURATION || b->kind == FEEL_MONTHS_DURATION;
    if (a->kind == FEEL_DAYS_DURATION && b->kind == a->kind)
        return checked(run, feel_days_value(feel_days_add(a->days, back ? feel_days_negate(b->days) : b->days)));
    if (a->kind == FEEL_MONTHS_DURATION && b->kind == a->kind)
        return months(run, back ? a->months - b->months : a->months + b->months);
    if (feel_is_temporal(a) && b_duration)
        return move(run, a, b, back);
    if (feel_is_temporal(b) && a_duration && !back)
        return move(run, b, a, false);
    if (back && feel_is_temporal(a) && feel_is_temporal(b))
        return distance(run, a, b);
    return feel_fail_from(run, a, b, back ? "these values cannot be subtracted" : "these values cannot be added");
}

static struct feel_value months_from(struct feel_run *run, struct od_decimal d)
{
    int64_t m;
    return od_decimal_to_i64(d, &m) ? months(run, m) : checked(run, FEEL_NULL_VALUE);
}

/* A duration times or by a number; the months' fraction is cut. */
static struct feel_value scale(struct feel_run *run, enum feel_op op, const struct feel_value *duration, struct od_decimal by)
{
    bool by_month = duration->kind == FEEL_MONTHS_DURATION;
    struct od_decimal d = by_month ? od_decimal_from_i64(duration->months) : feel_days_decimal(duration->days);
    struct feel_value r = arith_numbers(run, op, d, by);
    if (r.kind == FEEL_NULL)
        return r;
    return by_month ? months_from(run, r.number) : checked(run, feel_days_from_decimal(r.number));
}

static struct feel_value product(struct feel_run *run, enum feel_op op, const struct feel_value *a, const struct feel_value *b)
{
    bool a_duration = a->kind == FEEL_DAYS_DURATION || a->kind == FEEL_MONTHS_DURATION;
    bool b_duration = b->kind == FEEL_DAYS_DURATION || b->kind == FEEL_MONTHS_DURATION;
    if (a_duration && b->kind == FEEL_NUMBER)
        return scale(run, op, a, b->number);
    if (op == FN_MUL && a->kind == FEEL_NUMBER && b_duration)
        return scale(run, op, b, a->number);
    if (op == FN_DIV && a_duration && a->kind == b->kind) {
        if (a->kind == FEEL_MONTHS_DURATION)
            return arith_numbers(run, op, od_decimal_from_i64(a->months), od_decimal_from_i64(b->months));
        return arith_numbers(run, op, feel_days_decimal(a->days), feel_days_decimal(b->days));
    }
    return feel_fail_from(run, a, b, op == FN_MUL ? "these values cannot be multiplied" : "these values cannot be divided");
}

struct feel_value feel_arithmetic(struct feel_run *run, enum feel_op op, const struct feel_value *a, const struct feel_value *b)
{
    if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER)
        return arith_numbers(run, op, a->number, b->number);
    if (op == FN_ADD && a->kind == FEEL_STRING && b->kind == FEEL_STRING)
        return concatenate(run, a->string, b->string);
    if (op == FN_ADD || op == FN_SUB)
        return sum(run, a, b, op == FN_SUB);
    if (op == FN_MUL || op == FN_DIV)
        return product(run, op, a, b);
    return feel_fail_from(run, a, b, "only numbers have powers");
}

struct feel_value feel_negate(struct feel_run *run, const struct feel_value *a)
{
    if (a->kind == FEEL_NUMBER)
        return feel_number(od_decimal_neg(a->number));
    if (a->kind == FEEL_MONTHS_DURATION)
        return feel_months(-a->months);
    if (a->kind == FEEL_DAYS_DURATION)
        return checked(run, feel_days_value(feel_days_negate(a->days)));
    return feel_fail_from(run, a, NULL, "only numbers and durations have a sign");
}
