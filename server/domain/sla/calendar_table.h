/* SPDX-License-Identifier: Apache-2.0
 * A calendar from within: its tables, and working time as a rising function of the wall clock. Only for calendar*.c;
 * knows days and wall times, and neither instants nor offsets. */
#ifndef ORDO_DOMAIN_SLA_CALENDAR_TABLE_H
#define ORDO_DOMAIN_SLA_CALENDAR_TABLE_H

#include "server/domain/sla/calendar.h"

#define CALENDAR_DAY_US (OD_S_PER_DAY * OD_US_PER_S)

/* The years 1 to 9999 in days since 1970, kept clear of both ends by more than any zone is off from UTC. */
#define CALENDAR_FIRST_DAY (-719161)
#define CALENDAR_END_DAY 2932895

enum { CALENDAR_CYCLE_YEARS = 400 };

/* One measure of days and its sums: microseconds of work, or 1 for a day that has any. */
struct calendar_tally {
    int64_t day[7];                           /* 0 = Monday */
    int64_t before[8];                        /* of the weekdays before; [7] is a whole week */
    int64_t *dated;                           /* lost by the dated holidays before; n_dated + 1 */
    int64_t yearly[CALENDAR_CYCLE_YEARS + 1]; /* lost by the yearly holidays before that year of the Gregorian cycle */
};

struct calendar {
    struct calendar_spec spec; /* its holidays: the yearly ones, then the dated ones, each in order */
    size_t n_yearly;
    const struct calendar_holiday *yearly;
    size_t n_dated;             /* without those that fall on a yearly one */
    int64_t *dated;             /* days since 1970 */
    struct calendar_tally work; /* microseconds */
    struct calendar_tally days;
};

static inline int64_t calendar_floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
static inline int64_t calendar_day_of(int64_t wall_us) { return calendar_floor_div(wall_us, CALENDAR_DAY_US); }

/* The measure of all days before one, from a point that is the same for all calls. */
int64_t calendar_total_before(const struct calendar *cal, const struct calendar_tally *t, int64_t day);

/* Working time before a wall time, in microseconds from that point. */
int64_t calendar_work_before(const struct calendar *cal, int64_t wall_us);

/* The first day from lo on with whose end the total reaches target (`past`: exceeds it); hi if none before hi does. */
int64_t calendar_find_day(const struct calendar *cal, const struct calendar_tally *t, int64_t lo, int64_t hi,
                          int64_t target, bool past);

/* The wall time at which the working time before it reaches target (`past`: behind which it exceeds it). The caller
 * knows that it lies in the days from lo to hi. */
int64_t calendar_find_wall(const struct calendar *cal, int64_t lo, int64_t hi, int64_t target, bool past);

#endif
