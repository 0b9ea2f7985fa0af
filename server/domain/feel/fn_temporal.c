/* SPDX-License-Identifier: Apache-2.0
 * Functions that make dates, times and durations (§10.3.4.1), and those that ask about them (§10.3.4.6, .8, .11). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"
#include "server/domain/feel/temporal.h"

static struct feel_value single(const struct feel_value *v)
{
    return v->kind == FEEL_LIST && v->list->n == 1 ? v->list->items[0] : *v;
}

static struct feel_value parsed(struct feel_run *run, struct od_str s, enum feel_kind kind, const char *why)
{
    struct feel_value v = feel_temporal_parse(s, kind);
    return v.kind == FEEL_NULL ? feel_run_fail(run, why, s) : v;
}

struct feel_value fn_date_from(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = single(&args[0]);
    (void)n_given;
    if (v.kind == FEEL_STRING)
        return parsed(run, v.string, FEEL_DATE, "\"%s\" is no date");
    if (v.kind == FEEL_DATE || v.kind == FEEL_DATE_TIME)
        return feel_date_of(&v);
    return feel_fail_from(run, &v, NULL, "a date is made from a string, a date, or a date and time");
}

/* Year, month and day into t; the fields must be whole numbers that make a date. */
static bool date_parts(const struct feel_value *args, struct feel_value *ret)
{
    int64_t year, month, day;
    if (!feel_arg_int(&args[0], &year) || !feel_arg_int(&args[1], &month) || !feel_arg_int(&args[2], &day))
        return false;
    if (year < -FEEL_YEAR_MAX || year > FEEL_YEAR_MAX || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    ret->temporal.year = (int32_t)year;
    ret->temporal.month = (uint8_t)month;
    ret->temporal.day = (uint8_t)day;
    return feel_temporal_valid(ret);
}

struct feel_value fn_date(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = {.kind = FEEL_DATE, .temporal = {0}};
    (void)n_given;
    return date_parts(args, &v) ? v : feel_run_fail(run, "there is no such date", FEEL_NO_SUBJECT);
}

struct feel_value fn_time_from(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = single(&args[0]);
    (void)n_given;
    if (v.kind == FEEL_STRING)
        return parsed(run, v.string, FEEL_TIME, "\"%s\" is no time");
    if (v.kind == FEEL_DATE) /* its midnight in UTC */
        return (struct feel_value){.kind = FEEL_TIME, .temporal = {.zone_kind = FEEL_ZONE_OFFSET}};
    if (v.kind != FEEL_TIME && v.kind != FEEL_DATE_TIME)
        return feel_fail_from(run, &v, NULL, "a time is made from a string, a time, or a date and time");
    v.kind = FEEL_TIME;
    v.temporal.year = 0;
    v.temporal.month = v.temporal.day = 0;
    return v;
}

static bool time_parts(const struct feel_value *args, struct feel_value *ret)
{
    int64_t hour, minute, second, nanos;
    struct od_decimal whole = od_decimal_round(args[2].number, 0, OD_ROUND_FLOOR);
    struct od_decimal rest = od_decimal_mul(od_decimal_sub(args[2].number, whole), od_decimal_from_i64(1000000000));
    if (!feel_arg_int(&args[0], &hour) || !feel_arg_int(&args[1], &minute) || !od_decimal_to_i64(whole, &second) ||
        !od_decimal_to_i64(rest, &nanos))
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    ret->temporal.hour = (uint8_t)hour;
    ret->temporal.minute = (uint8_t)minute;
    ret->temporal.second = (uint8_t)second;
    ret->temporal.nanos = (uint32_t)nanos;
    return true;
}

/* An offset as a duration, a zone as its name, null for neither. */
static bool zone_part(const struct feel_value *v, struct feel_temporal *t)
{
    if (v->kind == FEEL_NULL)
        return true;
    if (v->kind == FEEL_STRING) {
        t->zone_kind = FEEL_ZONE_NAMED;
        return od_zone_get(v->string, &t->zone, NULL) == OD_OK;
    }
    t->zone_kind = FEEL_ZONE_OFFSET;
    t->offset_s = (int32_t)v->days.seconds;
    return v->kind == FEEL_DAYS_DURATION && v->days.seconds >= -FEEL_OFFSET_MAX_S && v->days.seconds <= FEEL_OFFSET_MAX_S;
}

struct feel_value fn_time(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = {.kind = FEEL_TIME, .temporal = {0}};
    (void)n_given;
    bool ok = time_parts(args, &v) && args[3].kind != FEEL_STRING && zone_part(&args[3], &v.temporal);
    return ok ? v : feel_run_fail(run, "there is no such time", FEEL_NO_SUBJECT);
}

struct feel_value fn_date_time_from(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = single(&args[0]);
    (void)n_given;
    if (v.kind == FEEL_STRING)
        return parsed(run, v.string, FEEL_DATE_TIME, "\"%s\" is no date and time");
    if (v.kind == FEEL_DATE)
        v.temporal.zone_kind = FEEL_ZONE_OFFSET;
    else if (v.kind != FEEL_DATE_TIME)
        return feel_fail_from(run, &v, NULL, "a date and time is made from a string, a date, or a date and time");
    v.kind = FEEL_DATE_TIME;
    return v;
}

struct feel_value fn_date_time(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value date = single(&args[0]), v = single(&args[1]);
    (void)n_given;
    if ((date.kind != FEEL_DATE && date.kind != FEEL_DATE_TIME) || v.kind != FEEL_TIME)
        return feel_fail_from(run, &date, &v, "a date and a time are wanted");
    v.kind = FEEL_DATE_TIME;
    v.temporal.year = date.temporal.year;
    v.temporal.month = date.temporal.month;
    v.temporal.day = date.temporal.day;
    return v;
}

struct feel_value fn_date_time_parts(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value v = {.kind = FEEL_DATE_TIME, .temporal = {0}};
    bool ok = date_parts(args, &v) && time_parts(args + 3, &v) && (n_given < 7 || zone_part(&args[6], &v.temporal));
    return ok ? v : feel_run_fail(run, "there is no such date and time", FEEL_NO_SUBJECT);
}

struct feel_value fn_duration(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return parsed(run, args[0].string, FEEL_DAYS_DURATION, "\"%s\" is no duration");
}

/* Whole months between the dates of both; the times of day do not count. */
struct feel_value fn_months_between(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value from = single(&args[0]), to = single(&args[1]);
    (void)n_given;
    if ((from.kind != FEEL_DATE && from.kind != FEEL_DATE_TIME) || (to.kind != FEEL_DATE && to.kind != FEEL_DATE_TIME))
        return feel_fail_from(run, &from, &to, "two dates are wanted");
    int64_t months = ((int64_t)to.temporal.year - from.temporal.year) * 12 + to.temporal.month - from.temporal.month;
    int days = to.temporal.day - from.temporal.day;
    return feel_months(months > 0 && days < 0 ? months - 1 : months < 0 && days > 0 ? months + 1 : months);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

static bool same_zone(const struct feel_temporal *a, const struct feel_temporal *b)
{
    if (a->zone_kind != b->zone_kind)
        return false;
    if (a->zone_kind == FEEL_ZONE_NAMED)
        return a->zone == b->zone || !strcmp(od_zone_name(a->zone), od_zone_name(b->zone));
    return a->offset_s == b->offset_s;
}

/* The same element of the same domain: 12:00Z is not 13:00+01:00. */
struct feel_value fn_is(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_value *a = &args[0], *b = &args[1];
    (void)n_given;
    if (a->kind != b->kind)
        return feel_boolean(false);
    if (!feel_is_temporal(a))
        return feel_boolean(feel_run_equal(run, a, b) == FEEL_TRUE);
    const struct feel_temporal *x = &a->temporal, *y = &b->temporal;
    return feel_boolean(x->year == y->year && x->month == y->month && x->day == y->day && x->hour == y->hour &&
                        x->minute == y->minute && x->second == y->second && x->nanos == y->nanos && same_zone(x, y));
}

struct feel_value fn_now(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)args;
    (void)n_given;
    return feel_value_from_us(run->env->now_us, run->env->zone);
}

struct feel_value fn_today(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_value now = fn_now(run, args, n_given);
    return feel_date_of(&now);
}

struct feel_value fn_day_of_year(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)run;
    (void)n_given;
    return feel_integer(feel_date_days(&args[0].temporal) - od_days_from_civil(args[0].temporal.year, 1, 1) + 1);
}

struct feel_value fn_day_of_week(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    (void)run;
    (void)n_given;
    return feel_string(od_str_c(days[feel_weekday(&args[0]) - 1]));
}

struct feel_value fn_month_of_year(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    (void)run;
    (void)n_given;
    return feel_string(od_str_c(months[args[0].temporal.month - 1]));
}

/* ISO 8601: the week of the year that its Thursday belongs to. */
struct feel_value fn_week_of_year(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    int64_t days = feel_date_days(&args[0].temporal), year;
    int64_t thursday = days - ((int64_t)feel_weekday(&args[0]) - 1) + 3;
    unsigned month, day;
    (void)run;
    (void)n_given;
    od_civil_from_days(thursday, &year, &month, &day);
    return feel_integer((thursday - od_days_from_civil(year, 1, 1)) / 7 + 1);
}
