/* SPDX-License-Identifier: Apache-2.0
 * Times of timers. */
#include "server/domain/process/timer.h"

#define US_PER_DAY (OD_S_PER_DAY * OD_US_PER_S)

static bool add_duration(const struct feel_value *d, int64_t from_us, const struct od_zone *zone, int64_t *ret_us)
{
    if (d->kind == FEEL_DAYS_DURATION)
        return !__builtin_mul_overflow(d->days.seconds, OD_US_PER_S, ret_us) && !__builtin_add_overflow(*ret_us, from_us, ret_us) &&
               !__builtin_add_overflow(*ret_us, d->days.nanos / 1000, ret_us);
    if (d->kind != FEEL_MONTHS_DURATION || d->months < -12000 || d->months > 12000)
        return false;
    int64_t wall = zone ? od_zone_wall_us(zone, from_us) : from_us, year;
    unsigned month, day;
    int64_t days = wall / US_PER_DAY - (wall % US_PER_DAY < 0), in_day = wall - days * US_PER_DAY;
    od_civil_from_days(days, &year, &month, &day);
    int64_t months = year * 12 + (int64_t)month - 1 + d->months;
    year = months / 12 - (months % 12 < 0);
    month = (unsigned)(months - year * 12) + 1;
    unsigned last = od_days_in_month(year, month);
    wall = od_days_from_civil(year, month, day < last ? day : last) * US_PER_DAY + in_day;
    *ret_us = zone ? od_zone_to_us(zone, wall, false) : wall;
    return true;
}

static bool is_duration(const struct feel_value *v) { return v->kind == FEEL_DAYS_DURATION || v->kind == FEEL_MONTHS_DURATION; }

/* A duration as text; weeks (P2W) are ISO 8601 but not FEEL. */
static struct feel_value duration_of(struct od_str s)
{
    int64_t weeks;
    if (s.n > 2 && s.p[0] == 'P' && s.p[s.n - 1] == 'W' && od_str_int((struct od_str){s.p + 1, s.n - 2}, 0, 100000, &weeks))
        return (struct feel_value){.kind = FEEL_DAYS_DURATION, .days = {weeks * 7 * OD_S_PER_DAY, 0}};
    struct feel_value v = feel_temporal_parse(s, FEEL_DAYS_DURATION);
    return v.kind == FEEL_NULL ? feel_temporal_parse(s, FEEL_MONTHS_DURATION) : v;
}

static bool instant_of(struct od_str s, const struct od_zone *zone, int64_t *ret_us)
{
    struct feel_value v = feel_temporal_parse(s, FEEL_DATE_TIME);
    if (v.kind == FEEL_NULL)
        v = feel_temporal_parse(s, FEEL_DATE);
    return v.kind != FEEL_NULL && feel_value_to_us(&v, zone, ret_us);
}

/* k times a duration later: the 31st of January, and a month, and a month, are the end of February and the 31st of March. */
static bool nth(struct feel_value d, int64_t k, int64_t from_us, const struct od_zone *zone, int64_t *ret_us)
{
    if (d.kind == FEEL_MONTHS_DURATION)
        return !__builtin_mul_overflow(d.months, k, &d.months) && add_duration(&d, from_us, zone, ret_us);
    int64_t us;
    return !__builtin_mul_overflow(d.days.seconds, OD_US_PER_S, &us) && !__builtin_add_overflow(us, d.days.nanos / 1000, &us) &&
           !__builtin_mul_overflow(us, k, &us) && !__builtin_add_overflow(from_us, us, ret_us);
}

/* About how often the duration fits between the two, and not more often. */
static int64_t fits(const struct feel_value *d, int64_t from_us, int64_t to_us)
{
    int64_t us = d->kind == FEEL_MONTHS_DURATION ? d->months * 31 * US_PER_DAY : d->days.seconds * OD_US_PER_S + d->days.nanos / 1000;
    int64_t between;
    if (us <= 0 || __builtin_sub_overflow(to_us, from_us, &between) || between < 0)
        return 0;
    return between / us;
}

static bool goes_on(const struct feel_value *d)
{
    return d->kind == FEEL_MONTHS_DURATION ? d->months > 0 && d->months <= 12000
                                           : d->days.seconds >= 0 && d->days.seconds <= INT32_MAX * OD_S_PER_DAY &&
                                                 (d->days.seconds > 0 || d->days.nanos >= 1000);
}

/* The first time from `start` on, k steps later at least, that is neither past nor the last one again. */
static bool cycle(const struct feel_value *d, int64_t start_us, int64_t k, int64_t last_us, int64_t now_us, const struct od_zone *zone,
                  int64_t *ret_us)
{
    if (!goes_on(d))
        return false;
    int64_t from_us = last_us != OD_TIME_NONE && last_us >= now_us ? last_us + 1 : now_us, near = fits(d, start_us, from_us);
    for (k = near > k ? near : k; nth(*d, k, start_us, zone, ret_us); k++)
        if (*ret_us >= from_us)
            return true;
    return false;
}

/* How often the cycle comes until its end, the time that is due included. */
static uint32_t until(const struct feel_value *d, int64_t due_us, int64_t end_us, const struct od_zone *zone)
{
    int64_t k = due_us > end_us ? -1 : fits(d, due_us, end_us), us;
    while (k >= 0 && nth(*d, k + 1, due_us, zone, &us) && us <= end_us)
        k++;
    return k >= UINT32_MAX - 1 ? UINT32_MAX : (uint32_t)(k + 1);
}

/* R3/PT1H, R/2026-01-01T08:00:00Z/P1D, R/PT1H/2026-12-31T00:00:00Z. */
static bool repetition(struct od_str s, int64_t last_us, int64_t now_us, const struct od_zone *zone, struct timer_plan *ret)
{
    struct od_str rest = s, head = od_str_cut(&rest, '/'), second = od_str_cut(&rest, '/');
    int64_t count, start_us = last_us == OD_TIME_NONE ? now_us : last_us, end_us;
    if (!head.n || head.p[0] != 'R')
        return false;
    ret->remaining = UINT32_MAX;
    if (head.n > 1) {
        if (!od_str_int((struct od_str){head.p + 1, head.n - 1}, 1, UINT32_MAX - 1, &count))
            return false;
        ret->remaining = (uint32_t)count;
    }
    bool has_start = instant_of(second, zone, &start_us);
    struct feel_value d = duration_of(has_start ? rest : second);
    if (!is_duration(&d) || !cycle(&d, start_us, has_start ? 0 : 1, last_us, now_us, zone, &ret->due_us))
        return false;
    if (has_start || !rest.n)
        return true;
    uint32_t left = instant_of(rest, zone, &end_us) ? until(&d, ret->due_us, end_us, zone) : 0;
    ret->remaining = left < ret->remaining ? left : ret->remaining;
    return left > 0;
}

bool timer_plan(const struct feel_value *v, enum timer_kind kind, int64_t last_us, int64_t now_us, const struct od_zone *zone,
                struct timer_plan *ret)
{
    struct feel_value d = v->kind == FEEL_STRING ? duration_of(od_str_trim(v->string)) : *v;
    *ret = (struct timer_plan){.remaining = 1};
    if (v->kind == FEEL_STRING && kind == TIMER_CYCLE && repetition(od_str_trim(v->string), last_us, now_us, zone, ret))
        return true;
    if (is_duration(&d) && kind == TIMER_CYCLE) {
        ret->remaining = UINT32_MAX;
        return cycle(&d, last_us == OD_TIME_NONE ? now_us : last_us, 1, last_us, now_us, zone, &ret->due_us);
    }
    if (is_duration(&d))
        return add_duration(&d, now_us, zone, &ret->due_us);
    if (v->kind != FEEL_STRING)
        return feel_value_to_us(v, zone, &ret->due_us);
    if (instant_of(od_str_trim(v->string), zone, &ret->due_us))
        return true;
    ret->remaining = UINT32_MAX;
    return kind == TIMER_CYCLE &&
           timer_cron_next(od_str_trim(v->string), last_us != OD_TIME_NONE && last_us > now_us ? last_us : now_us, zone, &ret->due_us);
}

/* --- cron --------------------------------------------------------------------------------------------------------------- */

static bool cron_number(struct od_str text, int64_t min, int64_t max, const char *const *names, int64_t *ret)
{
    for (int64_t i = 0; names && names[i]; i++)
        if (od_str_eq_c(text, names[i])) {
            *ret = min + i;
            return true;
        }
    return od_str_int(text, min, max, ret);
}

/* A part of a field as a set of numbers: "*", "5", "1-5", "0/10", "MON-FRI". */
static bool cron_item(struct od_str item, int64_t min, int64_t max, const char *const *names, uint64_t *set)
{
    struct od_str step_text = item, range = od_str_cut(&step_text, '/');
    int64_t step = 1, from = min, to = max;
    if (step_text.n && !od_str_int(step_text, 1, max - min + 1, &step))
        return false;
    if (!od_str_eq_c(range, "*") && !od_str_eq_c(range, "?")) {
        struct od_str high = range, low = od_str_cut(&high, '-');
        if (!cron_number(low, min, max, names, &from))
            return false;
        to = high.n ? from : step_text.n ? max : from;
        if (high.n && (!cron_number(high, min, max, names, &to) || to < from))
            return false;
    }
    for (int64_t i = from; i <= to; i += step)
        *set |= UINT64_C(1) << i;
    return true;
}

static bool cron_field(struct od_str field, int64_t min, int64_t max, const char *const *names, uint64_t *ret_set)
{
    *ret_set = 0;
    while (field.n)
        if (!cron_item(od_str_cut(&field, ','), min, max, names, ret_set))
            return false;
    return *ret_set != 0;
}

struct cron {
    uint64_t second, minute, hour, day, month, weekday; /* weekday: 0 = Monday */
};

static bool cron_parse(struct od_str line, struct cron *c)
{
    static const char *const days[] = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN", NULL};
    static const char *const months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
    static const struct {
        const char *name, *line;
    } nicknames[] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
                     {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
    struct od_str f[6];
    unsigned n = 0;
    for (size_t i = 0; i < OD_LEN(nicknames); i++)
        if (od_str_eq_c(line, nicknames[i].name))
            line = od_str_c(nicknames[i].line);
    while (line.n && n < 6) {
        f[n] = od_str_cut(&line, ' ');
        n += f[n].n > 0;
    }
    if ((n != 5 && n != 6) || line.n)
        return false;
    struct od_str *at = f + (n == 6);
    uint64_t weekday;
    c->second = 1;
    if ((n == 6 && !cron_field(f[0], 0, 59, NULL, &c->second)) || !cron_field(at[0], 0, 59, NULL, &c->minute) ||
        !cron_field(at[1], 0, 23, NULL, &c->hour) || !cron_field(at[2], 1, 31, NULL, &c->day) ||
        !cron_field(at[3], 1, 12, months, &c->month))
        return false;
    c->weekday = 0;
    bool named = at[4].n && at[4].p[0] >= 'A';
    if (named)
        return cron_field(at[4], 0, 6, days, &c->weekday);
    if (!cron_field(at[4], 0, 7, NULL, &weekday)) /* 0 and 7 are Sunday */
        return false;
    for (unsigned i = 0; i < 8; i++)
        if (weekday >> i & 1)
            c->weekday |= UINT64_C(1) << ((i + 6) % 7);
    return true;
}

static int64_t first_of(uint64_t set, int64_t from)
{
    for (int64_t i = from; i < 64; i++)
        if (set >> i & 1)
            return i;
    return -1;
}

bool timer_cron_next(struct od_str line, int64_t after_us, const struct od_zone *zone, int64_t *ret_us)
{
    struct cron c;
    if (!cron_parse(line, &c))
        return false;
    int64_t wall = (zone ? od_zone_wall_us(zone, after_us) : after_us) / OD_US_PER_S + 1;
    int64_t days = wall / OD_S_PER_DAY, s = wall - days * OD_S_PER_DAY;
    for (unsigned tries = 0; tries < 366 * 9; tries++, days++, s = 0) { /* 29 February comes within eight years */
        int64_t year;
        unsigned month, day;
        od_civil_from_days(days, &year, &month, &day);
        if (!(c.month >> month & 1) || !(c.day >> day & 1) || !(c.weekday >> od_weekday(days) & 1))
            continue;
        for (int64_t h = first_of(c.hour, s / 3600); h >= 0 && h < 24; h = first_of(c.hour, h + 1)) {
            int64_t m = first_of(c.minute, h == s / 3600 ? s / 60 % 60 : 0);
            for (; m >= 0 && m < 60; m = first_of(c.minute, m + 1)) {
                bool same = h == s / 3600 && m == s / 60 % 60;
                int64_t sec = first_of(c.second, same ? s % 60 : 0);
                if (sec < 0 || sec > 59)
                    continue;
                int64_t us = (days * OD_S_PER_DAY + h * 3600 + m * 60 + sec) * OD_US_PER_S;
                *ret_us = zone ? od_zone_to_us(zone, us, false) : us;
                if (*ret_us > after_us)
                    return true;
            }
        }
    }
    return false;
}
