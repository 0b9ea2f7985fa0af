/* SPDX-License-Identifier: Apache-2.0
 * Builds a calendar's tables and reads them: sums by week, by holiday and by year of the Gregorian cycle make the
 * working time before any day a handful of additions, so that nothing walks over days. */
#include "server/domain/sla/calendar_table.h"

#include <stdlib.h>
#include <string.h>

#define CYCLE_WEEKS 20871 /* 400 years */

static bool holiday_in_year(struct calendar_holiday h, int64_t year)
{
    return (unsigned)h.day <= od_days_in_month(year, (unsigned)h.month);
}

static int64_t holiday_day(struct calendar_holiday h, int64_t year)
{
    return od_days_from_civil(year, (unsigned)h.month, (unsigned)h.day);
}

/* How many dated holidays lie before a day. */
static size_t dated_before(const struct calendar *cal, int64_t day)
{
    size_t lo = 0, hi = cal->n_dated;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cal->dated[mid] < day)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_yearly_holiday(const struct calendar *cal, int64_t day)
{
    int64_t year;
    unsigned month, dom;
    if (!cal->n_yearly)
        return false;
    od_civil_from_days(day, &year, &month, &dom);
    for (size_t i = 0; i < cal->n_yearly; i++)
        if ((unsigned)cal->yearly[i].month == month && (unsigned)cal->yearly[i].day == dom)
            return true;
    return false;
}

static bool is_holiday(const struct calendar *cal, int64_t day)
{
    size_t i = dated_before(cal, day);
    return (i < cal->n_dated && cal->dated[i] == day) || is_yearly_holiday(cal, day);
}

/* What the yearly holidays of one year take away before a day. */
static int64_t yearly_in(const struct calendar *cal, const struct calendar_tally *t, int64_t year, int64_t before_day)
{
    int64_t lost = 0;
    for (size_t i = 0; i < cal->n_yearly; i++) {
        int64_t day = holiday_day(cal->yearly[i], year);
        if (day >= before_day)
            break;
        if (holiday_in_year(cal->yearly[i], year))
            lost += t->day[od_weekday(day)];
    }
    return lost;
}

int64_t calendar_total_before(const struct calendar *cal, const struct calendar_tally *t, int64_t day)
{
    int64_t week = calendar_floor_div(day + 3, 7); /* 1970-01-01 was a Thursday */
    int64_t total = week * t->before[7] + t->before[day + 3 - week * 7] - t->dated[dated_before(cal, day)];
    if (cal->n_yearly) {
        int64_t year;
        unsigned month, dom;
        od_civil_from_days(day, &year, &month, &dom);
        int64_t cycle = calendar_floor_div(year, CALENDAR_CYCLE_YEARS);
        total -= cycle * t->yearly[CALENDAR_CYCLE_YEARS] + t->yearly[year - cycle * CALENDAR_CYCLE_YEARS] +
                 yearly_in(cal, t, year, day);
    }
    return total;
}

int64_t calendar_work_before(const struct calendar *cal, int64_t wall_us)
{
    int64_t day = calendar_day_of(wall_us), in_day = wall_us - day * CALENDAR_DAY_US;
    int64_t work = calendar_total_before(cal, &cal->work, day);
    if (!in_day || is_holiday(cal, day))
        return work;
    unsigned wd = od_weekday(day);
    for (unsigned i = 0; i < cal->spec.week[wd].n; i++) {
        const struct calendar_span *s = &cal->spec.week[wd].spans[i];
        int64_t open = s->open_s * OD_US_PER_S, close = s->close_s * OD_US_PER_S;
        if (in_day > open)
            work += (in_day < close ? in_day : close) - open;
    }
    return work;
}

int64_t calendar_find_day(const struct calendar *cal, const struct calendar_tally *t, int64_t lo, int64_t hi,
                          int64_t target, bool past)
{
    target += past;
    for (int64_t step = 1; lo + step < hi; step *= 2) { /* most answers are near */
        if (calendar_total_before(cal, t, lo + step) >= target) {
            hi = lo + step;
            break;
        }
        lo += step;
    }
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (calendar_total_before(cal, t, mid + 1) >= target)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

int64_t calendar_find_wall(const struct calendar *cal, int64_t lo, int64_t hi, int64_t target, bool past)
{
    int64_t day = calendar_find_day(cal, &cal->work, lo, hi + 1, target, past);
    int64_t left = target - calendar_total_before(cal, &cal->work, day);
    unsigned wd = od_weekday(day);
    for (unsigned i = 0;; i++) {
        od_assert(i < cal->spec.week[wd].n); /* the day has what its total says */
        const struct calendar_span *s = &cal->spec.week[wd].spans[i];
        int64_t length = (s->close_s - s->open_s) * OD_US_PER_S;
        if (left < length || (left == length && !past))
            return day * CALENDAR_DAY_US + s->open_s * OD_US_PER_S + left;
        left -= length;
    }
}

static enum od_status check_week(const struct calendar_spec *spec, struct od_err *err)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (unsigned wd = 0; wd < 7; wd++) {
        od_assert(spec->week[wd].n <= CALENDAR_SPANS_MAX);
        for (unsigned i = 0; i < spec->week[wd].n; i++) {
            const struct calendar_span *s = &spec->week[wd].spans[i];
            const char *expected = NULL;
            if (s->open_s < 0 || s->close_s > OD_S_PER_DAY || s->open_s >= s->close_s)
                expected = "a span that opens before it closes, within 00:00-24:00";
            else if (i && s->open_s < s[-1].close_s)
                expected = "spans in order that do not overlap";
            if (expected)
                return od_fail_field(err, "week", OD_R_FIELD_FORMAT, "expected=%s (%s, span %u)", expected, names[wd],
                                     i + 1);
        }
    }
    return OD_OK;
}

static enum od_status check_holidays(const struct calendar_spec *spec, struct od_err *err)
{
    if (spec->n_holidays > CALENDAR_HOLIDAYS_MAX)
        return od_fail_field(err, "holidays", OD_R_LIMIT_EXCEEDED, "limit=a calendar" OD_AND "max=%d holidays",
                             CALENDAR_HOLIDAYS_MAX);
    for (size_t i = 0; i < spec->n_holidays; i++) {
        struct calendar_holiday h = spec->holidays[i];
        if (h.year < 0 || h.year > 9999 || h.month < 1 || h.month > 12 || h.day < 1 ||
            (unsigned)h.day > od_days_in_month(h.year, (unsigned)h.month)) /* year 0 is a leap year */
            return od_fail_field(err, "holidays", OD_R_FIELD_FORMAT, "expected=dates (holiday %zu)", i + 1);
    }
    return OD_OK;
}

static int by_date(const void *a, const void *b)
{
    const struct calendar_holiday *x = a, *y = b;
    int dx = (x->year * 16 + x->month) * 32 + x->day, dy = (y->year * 16 + y->month) * 32 + y->day;
    return (dx > dy) - (dx < dy);
}

/* In order, each once; year 0 brings the yearly ones to the front. */
static size_t sort_holidays(const struct calendar_spec *spec, struct calendar_holiday *out)
{
    size_t kept = 0;
    if (!spec->n_holidays)
        return 0;
    memcpy(out, spec->holidays, spec->n_holidays * sizeof *out);
    qsort(out, spec->n_holidays, sizeof *out, by_date);
    for (size_t i = 0; i < spec->n_holidays; i++)
        if (!kept || by_date(&out[kept - 1], &out[i]))
            out[kept++] = out[i];
    return kept;
}

/* A date that is a holiday every year anyway takes nothing away. */
static void split_holidays(struct calendar *cal)
{
    const struct calendar_spec *spec = &cal->spec;
    while (cal->n_yearly < spec->n_holidays && !spec->holidays[cal->n_yearly].year)
        cal->n_yearly++;
    for (size_t i = cal->n_yearly; i < spec->n_holidays; i++) {
        int64_t day = holiday_day(spec->holidays[i], spec->holidays[i].year);
        if (!is_yearly_holiday(cal, day))
            cal->dated[cal->n_dated++] = day;
    }
}

static void sum_up(const struct calendar *cal, struct calendar_tally *t)
{
    for (unsigned wd = 0; wd < 7; wd++)
        t->before[wd + 1] = t->before[wd] + t->day[wd];
    for (size_t i = 0; i < cal->n_dated; i++)
        t->dated[i + 1] = t->dated[i] + t->day[od_weekday(cal->dated[i])];
    int64_t lost[2][7]; /* there are but 14 kinds of years: leap or not, by the weekday on which they begin */
    memset(lost, -1, sizeof lost);
    for (int64_t year = 0; year < CALENDAR_CYCLE_YEARS; year++) {
        int64_t *kind = &lost[od_days_in_month(year, 2) == 29][od_weekday(od_days_from_civil(year, 1, 1))];
        if (*kind < 0)
            *kind = yearly_in(cal, t, year, INT64_MAX);
        t->yearly[year + 1] = t->yearly[year] + *kind;
    }
}

enum od_status calendar_build(const struct calendar_spec *spec, struct od_arena *arena, const struct calendar **ret_cal,
                              struct od_err *err)
{
    enum od_status checked = check_week(spec, err);
    if (check_holidays(spec, err) != OD_OK || checked != OD_OK)
        return OD_INVALID;
    struct calendar *cal = OD_ARENA_NEW(arena, struct calendar);
    struct calendar_holiday *holidays = OD_ARENA_ARRAY(arena, spec->n_holidays, struct calendar_holiday);
    int64_t *days = OD_ARENA_ARRAY(arena, spec->n_holidays, int64_t);
    int64_t *lost_work = OD_ARENA_ARRAY(arena, spec->n_holidays + 1, int64_t);
    int64_t *lost_days = OD_ARENA_ARRAY(arena, spec->n_holidays + 1, int64_t);
    if (!cal || !holidays || !days || !lost_work || !lost_days)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    cal->spec = *spec;
    cal->spec.holidays = holidays;
    cal->spec.n_holidays = sort_holidays(spec, holidays);
    cal->yearly = holidays;
    cal->dated = days;
    cal->work.dated = lost_work;
    cal->days.dated = lost_days;
    split_holidays(cal);
    for (unsigned wd = 0; wd < 7; wd++) {
        for (unsigned i = 0; i < spec->week[wd].n; i++)
            cal->work.day[wd] += (spec->week[wd].spans[i].close_s - spec->week[wd].spans[i].open_s) * OD_US_PER_S;
        cal->days.day[wd] = cal->work.day[wd] > 0;
    }
    sum_up(cal, &cal->work);
    sum_up(cal, &cal->days);
    if (cal->days.before[7] * CYCLE_WEEKS <= cal->days.yearly[CALENDAR_CYCLE_YEARS])
        return od_fail(err, OD_R_CALENDAR_EMPTY, NULL);
    *ret_cal = cal;
    return OD_OK;
}

const struct calendar_spec *calendar_spec(const struct calendar *cal) { return &cal->spec; }
