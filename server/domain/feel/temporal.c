/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic and properties of temporal values. Texts: temporal_text.c. */
#include "server/domain/feel/temporal.h"

#include "server/domain/feel/eval.h"

#define NANOS INT64_C(1000000000)
/* Beyond the dates there are; keeps every sum below INT64_MAX. */
#define SECONDS_MAX INT64_C(1000000000000000000)
#define MONTHS_MAX (INT64_C(12) * 2 * FEEL_YEAR_MAX)
/* A time in a named zone has no date; this moment stands for one: 2000-01-01T00:00:00Z. */
#define ZONE_REFERENCE_US INT64_C(946684800000000)

bool feel_is_temporal(const struct feel_value *v)
{
    return v->kind == FEEL_DATE || v->kind == FEEL_TIME || v->kind == FEEL_DATE_TIME;
}

int64_t feel_date_days(const struct feel_temporal *t) { return od_days_from_civil(t->year, t->month, t->day); }

struct feel_value feel_date_from_days(int64_t days)
{
    int64_t year;
    unsigned month, day;
    if (days < -SECONDS_MAX / OD_S_PER_DAY || days > SECONDS_MAX / OD_S_PER_DAY)
        return FEEL_NULL_VALUE;
    od_civil_from_days(days, &year, &month, &day);
    if (year < -FEEL_YEAR_MAX || year > FEEL_YEAR_MAX)
        return FEEL_NULL_VALUE;
    return (struct feel_value){.kind = FEEL_DATE,
                               .temporal = {.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day}};
}

struct feel_value feel_date_of(const struct feel_value *v)
{
    return (struct feel_value){.kind = FEEL_DATE,
                               .temporal = {.year = v->temporal.year, .month = v->temporal.month, .day = v->temporal.day}};
}

unsigned feel_weekday(const struct feel_value *v) { return od_weekday(feel_date_days(&v->temporal)) + 1; }

bool feel_has_zone(const struct feel_value *v) { return v->kind == FEEL_DATE || v->temporal.zone_kind != FEEL_ZONE_NONE; }

/* Zones know instants of 292,000 years around 1970; further out the rules at that end go on. */
#define INSTANT_MAX_S (INT64_MAX / OD_US_PER_S - OD_S_PER_DAY)

static int64_t clamp_us(int64_t seconds)
{
    return (seconds > INSTANT_MAX_S ? INSTANT_MAX_S : seconds < -INSTANT_MAX_S ? -INSTANT_MAX_S : seconds) * OD_US_PER_S;
}

static int64_t second_of_day(const struct feel_temporal *t) { return t->hour * 3600 + t->minute * 60 + t->second; }

static int64_t wall_seconds(const struct feel_value *v)
{
    int64_t s = v->kind == FEEL_DATE ? 0 : second_of_day(&v->temporal);
    return v->kind == FEEL_TIME ? s : feel_date_days(&v->temporal) * OD_S_PER_DAY + s;
}

int32_t feel_zone_offset(const struct feel_value *v)
{
    const struct feel_temporal *t = &v->temporal;
    if (t->zone_kind == FEEL_ZONE_OFFSET)
        return t->offset_s;
    if (t->zone_kind != FEEL_ZONE_NAMED)
        return 0;
    if (v->kind == FEEL_TIME)
        return od_zone_offset_s(t->zone, ZONE_REFERENCE_US);
    return od_zone_offset_s(t->zone, od_zone_to_us(t->zone, clamp_us(wall_seconds(v)), false));
}

struct feel_days_duration feel_instant(const struct feel_value *v)
{
    return (struct feel_days_duration){wall_seconds(v) - feel_zone_offset(v), (int32_t)v->temporal.nanos};
}

/* --- durations ------------------------------------------------------------------------------------------------------- */

static struct feel_days_duration normal(int64_t seconds, int64_t nanos)
{
    seconds += nanos / NANOS;
    nanos %= NANOS;
    if (nanos < 0) {
        nanos += NANOS;
        seconds--;
    }
    return (struct feel_days_duration){seconds, (int32_t)nanos};
}

struct feel_days_duration feel_days_add(struct feel_days_duration a, struct feel_days_duration b)
{
    return normal(a.seconds + b.seconds, (int64_t)a.nanos + b.nanos);
}

struct feel_days_duration feel_days_negate(struct feel_days_duration a) { return normal(-a.seconds, -(int64_t)a.nanos); }

int feel_days_cmp(struct feel_days_duration a, struct feel_days_duration b)
{
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

struct feel_value feel_days_value(struct feel_days_duration d)
{
    if (d.seconds > SECONDS_MAX || d.seconds < -SECONDS_MAX)
        return FEEL_NULL_VALUE;
    return (struct feel_value){.kind = FEEL_DAYS_DURATION, .days = d};
}

struct od_decimal feel_days_decimal(struct feel_days_duration d)
{
    struct od_decimal nanos = od_decimal_div(od_decimal_from_i64(d.nanos), od_decimal_from_i64(NANOS));
    return od_decimal_add(od_decimal_from_i64(d.seconds), nanos);
}

struct feel_value feel_days_from_decimal(struct od_decimal s)
{
    struct od_decimal whole = od_decimal_round(s, 0, OD_ROUND_FLOOR);
    struct od_decimal rest = od_decimal_mul(od_decimal_sub(s, whole), od_decimal_from_i64(NANOS));
    int64_t seconds, nanos;
    if (!od_decimal_to_i64(whole, &seconds) || !od_decimal_to_i64(rest, &nanos) || seconds > SECONDS_MAX || seconds < -SECONDS_MAX)
        return FEEL_NULL_VALUE;
    return feel_days_value(normal(seconds, nanos));
}

/* --- moving ---------------------------------------------------------------------------------------------------------- */

struct feel_value feel_add_months(const struct feel_value *v, int64_t months)
{
    struct feel_value r = *v;
    if (v->kind == FEEL_TIME || months > MONTHS_MAX || months < -MONTHS_MAX)
        return FEEL_NULL_VALUE;
    int64_t total = (int64_t)v->temporal.year * 12 + (v->temporal.month - 1) + months;
    int64_t year = total / 12, month = total % 12;
    if (month < 0) {
        month += 12;
        year--;
    }
    if (year < -FEEL_YEAR_MAX || year > FEEL_YEAR_MAX)
        return FEEL_NULL_VALUE;
    unsigned last = od_days_in_month(year, (unsigned)month + 1);
    r.temporal.year = (int32_t)year;
    r.temporal.month = (uint8_t)(month + 1);
    if (r.temporal.day > last)
        r.temporal.day = (uint8_t)last;
    return r;
}

static void set_time(struct feel_temporal *t, int64_t second, int32_t nanos)
{
    t->hour = (uint8_t)(second / 3600);
    t->minute = (uint8_t)(second / 60 % 60);
    t->second = (uint8_t)(second % 60);
    t->nanos = (uint32_t)nanos;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

struct feel_value feel_add_days(const struct feel_value *v, struct feel_days_duration d)
{
    struct feel_value r = *v;
    struct feel_days_duration at;
    if (d.seconds > SECONDS_MAX || d.seconds < -SECONDS_MAX)
        return FEEL_NULL_VALUE;
    bool by_instant = v->kind == FEEL_DATE_TIME && v->temporal.zone_kind == FEEL_ZONE_NAMED;
    at = by_instant ? feel_instant(v) : (struct feel_days_duration){wall_seconds(v), (int32_t)v->temporal.nanos};
    at = feel_days_add(at, d);
    if (by_instant) /* a day of 23 hours is shorter: the clock on the wall follows the instant */
        at.seconds += od_zone_offset_s(v->temporal.zone, clamp_us(at.seconds));
    int64_t days = floor_div(at.seconds, OD_S_PER_DAY);
    if (v->kind != FEEL_TIME) {
        struct feel_value date = feel_date_from_days(days);
        if (date.kind == FEEL_NULL)
            return date;
        r.temporal.year = date.temporal.year;
        r.temporal.month = date.temporal.month;
        r.temporal.day = date.temporal.day;
    }
    if (v->kind != FEEL_DATE)
        set_time(&r.temporal, at.seconds - days * OD_S_PER_DAY, at.nanos);
    return r;
}

bool feel_temporal_valid(const struct feel_value *v)
{
    const struct feel_temporal *t = &v->temporal;
    if (v->kind != FEEL_TIME && (t->year < -FEEL_YEAR_MAX || t->year > FEEL_YEAR_MAX || t->month < 1 || t->month > 12 || t->day < 1 ||
                                 t->day > od_days_in_month(t->year, t->month)))
        return false;
    return t->hour < 24 && t->minute < 60 && t->second < 60 && t->nanos < NANOS;
}

/* --- properties (tables 65 and 66) ------------------------------------------------------------------------------------------- */

static bool date_property(const struct feel_value *v, struct od_str name, struct feel_value *ret)
{
    if (od_str_eq_c(name, "year"))
        *ret = feel_integer(v->temporal.year);
    else if (od_str_eq_c(name, "month"))
        *ret = feel_integer(v->temporal.month);
    else if (od_str_eq_c(name, "day"))
        *ret = feel_integer(v->temporal.day);
    else if (od_str_eq_c(name, "weekday"))
        *ret = feel_integer(feel_weekday(v));
    else
        return false;
    return true;
}

static bool time_property(const struct feel_value *v, struct od_str name, struct feel_value *ret)
{
    const struct feel_temporal *t = &v->temporal;
    if (od_str_eq_c(name, "hour"))
        *ret = feel_integer(t->hour);
    else if (od_str_eq_c(name, "minute"))
        *ret = feel_integer(t->minute);
    else if (od_str_eq_c(name, "second"))
        *ret = feel_number(feel_days_decimal((struct feel_days_duration){t->second, (int32_t)t->nanos}));
    else if (od_str_eq_c(name, "time offset"))
        *ret = t->zone_kind == FEEL_ZONE_NONE ? FEEL_NULL_VALUE
                                              : feel_days_value((struct feel_days_duration){feel_zone_offset(v), 0});
    else if (od_str_eq_c(name, "timezone"))
        *ret = t->zone_kind == FEEL_ZONE_NAMED ? feel_string(od_str_c(od_zone_name(t->zone))) : FEEL_NULL_VALUE;
    else
        return false;
    return true;
}

/* Of the absolute value, each with the sign of the whole. */
static bool days_property(const struct feel_value *v, struct od_str name, struct feel_value *ret)
{
    bool negative = v->days.seconds < 0;
    struct feel_days_duration d = negative ? feel_days_negate(v->days) : v->days;
    int64_t s = d.seconds, n;
    if (od_str_eq_c(name, "seconds")) {
        struct od_decimal seconds = feel_days_decimal((struct feel_days_duration){s % 60, d.nanos});
        *ret = feel_number(negative ? od_decimal_neg(seconds) : seconds);
        return true;
    }
    if (od_str_eq_c(name, "days"))
        n = s / OD_S_PER_DAY;
    else if (od_str_eq_c(name, "hours"))
        n = s / 3600 % 24;
    else if (od_str_eq_c(name, "minutes"))
        n = s / 60 % 60;
    else
        return false;
    *ret = feel_integer(negative ? -n : n);
    return true;
}

struct feel_value feel_temporal_property(struct feel_run *run, const struct feel_value *a, struct od_str name)
{
    struct feel_value v;
    if (a->kind == FEEL_MONTHS_DURATION) {
        if (od_str_eq_c(name, "years"))
            return feel_integer(a->months / 12);
        if (od_str_eq_c(name, "months"))
            return feel_integer(a->months % 12);
    } else if (a->kind == FEEL_DAYS_DURATION) {
        if (days_property(a, name, &v))
            return v;
    } else if ((a->kind != FEEL_TIME && date_property(a, name, &v)) || (a->kind != FEEL_DATE && time_property(a, name, &v))) {
        return v;
    }
    return feel_run_fail(run, "there is no property %s", name);
}

/* --- instants -------------------------------------------------------------------------------------------------------- */

bool feel_value_to_us(const struct feel_value *v, const struct od_zone *zone, int64_t *ret_us)
{
    if (v->kind != FEEL_DATE && v->kind != FEEL_DATE_TIME)
        return false;
    struct feel_value local = *v;
    if (zone && local.temporal.zone_kind == FEEL_ZONE_NONE) {
        local.temporal.zone_kind = FEEL_ZONE_NAMED;
        local.temporal.zone = zone;
    }
    struct feel_days_duration at = feel_instant(&local);
    if (at.seconds > INSTANT_MAX_S || at.seconds < -INSTANT_MAX_S)
        return false;
    *ret_us = at.seconds * OD_US_PER_S + at.nanos / 1000;
    return true;
}

struct feel_value feel_value_from_us(int64_t us, const struct od_zone *zone)
{
    int64_t wall = zone ? od_zone_wall_us(zone, us) : us;
    int64_t seconds = floor_div(wall, OD_US_PER_S), days = floor_div(seconds, OD_S_PER_DAY);
    struct feel_value v = feel_date_from_days(days);
    v.kind = FEEL_DATE_TIME;
    set_time(&v.temporal, seconds - days * OD_S_PER_DAY, (int32_t)((wall - seconds * OD_US_PER_S) * 1000));
    v.temporal.zone_kind = zone ? FEEL_ZONE_NAMED : FEEL_ZONE_OFFSET;
    v.temporal.zone = zone;
    return v;
}
