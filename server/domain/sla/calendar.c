/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic with working time. Between two changes of the zone's offset the wall clock runs evenly, so the way is
 * measured stretch by stretch, as differences of working time on the wall (calendar_table.h). */
#include "server/domain/sla/calendar_table.h"

#include <stdlib.h>

#define FIRST_US (CALENDAR_FIRST_DAY * CALENDAR_DAY_US)
#define END_US (CALENDAR_END_DAY * CALENDAR_DAY_US)

/* A part of a stretch of constant offset, on the wall. */
struct leg {
    int64_t from_us, until_us;
    int64_t offset_us;
    int64_t work_from, work_until; /* working time before its two ends */
};

static struct leg leg_of(const struct calendar *cal, int64_t from_us, int64_t until_us, int32_t offset_s)
{
    struct leg g = {.from_us = from_us, .until_us = until_us, .offset_us = offset_s * OD_US_PER_S};
    g.work_from = calendar_work_before(cal, from_us + g.offset_us);
    g.work_until = calendar_work_before(cal, until_us + g.offset_us);
    return g;
}

/* From an instant to where its stretch ends, at the latest to end_us. */
static struct leg leg_ahead(const struct calendar *cal, int64_t from_us, int64_t end_us)
{
    struct od_zone_stretch s = od_zone_stretch(cal->spec.zone, from_us);
    return leg_of(cal, from_us, s.until_us < end_us ? s.until_us : end_us, s.offset_s);
}

/* Back from an instant to where the stretch before it begins. */
static struct leg leg_behind(const struct calendar *cal, int64_t until_us)
{
    struct od_zone_stretch s = od_zone_stretch(cal->spec.zone, until_us - 1);
    return leg_of(cal, s.from_us > FIRST_US ? s.from_us : FIRST_US, until_us, s.offset_s);
}

static int64_t leg_find(const struct calendar *cal, const struct leg *g, int64_t target, bool past)
{
    int64_t lo = calendar_day_of(g->from_us + g->offset_us), hi = calendar_day_of(g->until_us + g->offset_us);
    return calendar_find_wall(cal, lo, hi, target, past) - g->offset_us;
}

static bool in_range(int64_t us) { return us >= FIRST_US && us < END_US; }

static enum od_status beyond(struct od_err *err)
{
    return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=a due time" OD_AND "max=the years 1 to 9999");
}

enum od_status calendar_add(const struct calendar *cal, int64_t from_us, int64_t work_us, int64_t *ret_us,
                            struct od_err *err)
{
    od_assert(work_us >= 0);
    if (!in_range(from_us))
        return beyond(err);
    while (work_us > 0 && from_us < END_US) {
        struct leg g = leg_ahead(cal, from_us, END_US);
        if (work_us <= g.work_until - g.work_from) {
            *ret_us = leg_find(cal, &g, g.work_from + work_us, false);
            return OD_OK;
        }
        work_us -= g.work_until - g.work_from;
        from_us = g.until_us;
    }
    if (work_us > 0)
        return beyond(err);
    *ret_us = from_us;
    return OD_OK;
}

enum od_status calendar_sub(const struct calendar *cal, int64_t from_us, int64_t work_us, int64_t *ret_us,
                            struct od_err *err)
{
    od_assert(work_us >= 0);
    if (!in_range(from_us))
        return beyond(err);
    while (work_us > 0 && from_us > FIRST_US) {
        struct leg g = leg_behind(cal, from_us);
        if (work_us <= g.work_until - g.work_from) {
            *ret_us = leg_find(cal, &g, g.work_until - work_us, true);
            return OD_OK;
        }
        work_us -= g.work_until - g.work_from;
        from_us = g.from_us;
    }
    if (work_us > 0)
        return beyond(err);
    *ret_us = from_us;
    return OD_OK;
}

int64_t calendar_between(const struct calendar *cal, int64_t from_us, int64_t to_us)
{
    int64_t work = 0;
    if (from_us < FIRST_US)
        from_us = FIRST_US;
    if (to_us > END_US)
        to_us = END_US;
    while (from_us < to_us) {
        struct leg g = leg_ahead(cal, from_us, to_us);
        work += g.work_until - g.work_from;
        from_us = g.until_us;
    }
    return work;
}

enum od_status calendar_next_open(const struct calendar *cal, int64_t from_us, int64_t *ret_us, struct od_err *err)
{
    if (!in_range(from_us))
        return beyond(err);
    while (from_us < END_US) {
        struct leg g = leg_ahead(cal, from_us, END_US);
        if (g.work_until > g.work_from) {
            *ret_us = leg_find(cal, &g, g.work_from, true);
            return OD_OK;
        }
        from_us = g.until_us;
    }
    return beyond(err);
}

/* Back, the n-th working day before today is the one that has as many working days before it as today has, less n. */
enum od_status calendar_add_days(const struct calendar *cal, int64_t from_us, int64_t n, int64_t *ret_us,
                                 struct od_err *err)
{
    if (!in_range(from_us) || n > CALENDAR_END_DAY || n < -CALENDAR_END_DAY)
        return beyond(err);
    if (!n) {
        *ret_us = from_us;
        return OD_OK;
    }
    int64_t wall = od_zone_wall_us(cal->spec.zone, from_us), today = calendar_day_of(wall);
    int64_t lo = n > 0 ? today + 1 : CALENDAR_FIRST_DAY;
    int64_t target = calendar_total_before(cal, &cal->days, n > 0 ? today + 1 : today) + n;
    if (target < calendar_total_before(cal, &cal->days, CALENDAR_FIRST_DAY))
        return beyond(err);
    int64_t day = calendar_find_day(cal, &cal->days, lo, CALENDAR_END_DAY, target, n < 0);
    int64_t us = od_zone_to_us(cal->spec.zone, wall + (day - today) * CALENDAR_DAY_US, false);
    if (!in_range(us))
        return beyond(err);
    *ret_us = us;
    return OD_OK;
}

int64_t calendar_day_close(const struct calendar *cal, int64_t us)
{
    int64_t close = us;
    if (!in_range(us))
        return us;
    int64_t day = calendar_day_of(od_zone_wall_us(cal->spec.zone, us));
    int64_t start = od_zone_to_us(cal->spec.zone, day * CALENDAR_DAY_US, false);
    int64_t work = calendar_between(cal, start, od_zone_to_us(cal->spec.zone, (day + 1) * CALENDAR_DAY_US, false));
    if (work && calendar_add(cal, start, work, &close, NULL) != OD_OK)
        return us;
    return close;
}

static int by_from(const void *a, const void *b)
{
    int64_t x = ((const struct calendar_pause *)a)->from_us, y = ((const struct calendar_pause *)b)->from_us;
    return (x > y) - (x < y);
}

size_t calendar_pauses_join(struct calendar_pause *pauses, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(pauses, n, sizeof *pauses, by_from);
    for (size_t i = 0; i < n; i++) {
        struct calendar_pause p = pauses[i];
        if (p.to_us <= p.from_us)
            continue;
        if (kept && p.from_us <= pauses[kept - 1].to_us) {
            if (p.to_us > pauses[kept - 1].to_us)
                pauses[kept - 1].to_us = p.to_us;
            continue;
        }
        pauses[kept++] = p;
    }
    return kept;
}

int64_t calendar_paused(const struct calendar *cal, const struct calendar_pause *pauses, size_t n, int64_t from_us,
                        int64_t to_us)
{
    int64_t work = 0;
    for (size_t i = 0; i < n && pauses[i].from_us < to_us; i++)
        work += calendar_between(cal, pauses[i].from_us > from_us ? pauses[i].from_us : from_us,
                                 pauses[i].to_us < to_us ? pauses[i].to_us : to_us);
    return work;
}

enum od_status calendar_add_paused(const struct calendar *cal, int64_t from_us, int64_t work_us,
                                   const struct calendar_pause *pauses, size_t n, int64_t *ret_us, struct od_err *err)
{
    for (size_t i = 0; i < n && work_us > 0; i++) {
        int64_t until = calendar_between(cal, from_us, pauses[i].from_us);
        if (work_us <= until)
            break;
        work_us -= until;
        if (pauses[i].to_us > from_us)
            from_us = pauses[i].to_us;
    }
    return calendar_add(cal, from_us, work_us, ret_us, err);
}
