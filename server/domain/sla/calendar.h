/* SPDX-License-Identifier: Apache-2.0
 * Working calendars: opening hours by weekday, holidays and one time zone, and arithmetic with working time.
 *
 * An instant is working time when the clock on the wall of the calendar's zone shows a time inside a span of that day,
 * and the day is no holiday. So an hour that the wall shows twice counts twice, and one that it leaves out does not
 * count.
 *
 * A calendar is immutable; any thread may use it. Instants are those of the years 1 to 9999, in microseconds; durations
 * are microseconds too. Every function is pure and takes the time of a few look-ups, however long the way is. */
#ifndef ORDO_DOMAIN_SLA_CALENDAR_H
#define ORDO_DOMAIN_SLA_CALENDAR_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/zone.h"

enum {
    CALENDAR_SPANS_MAX = 12, /* of one weekday */
    CALENDAR_HOLIDAYS_MAX = 2000,
    CALENDAR_TEXT_MAX = 32 * 1024, /* bytes of a week or of the holidays as text */
};

/* [open, close) in seconds of the wall clock's day; 86400 closes at midnight, so 0-86400 is the whole day. */
struct calendar_span {
    int32_t open_s;
    int32_t close_s;
};

/* A day without working time; year 0 is every year. */
struct calendar_holiday {
    int16_t year;
    int8_t month;
    int8_t day;
};

struct calendar_spec {
    struct {
        unsigned n;
        struct calendar_span spans[CALENDAR_SPANS_MAX];
    } week[7]; /* 0 = Monday */
    const struct calendar_holiday *holidays;
    size_t n_holidays;
    const struct od_zone *zone;
};

struct calendar;

/* Builds a calendar in the arena from a checked copy of spec. Violations name "week" or "holidays": spans must be in
 * order and may touch but not overlap; a holiday must be a date. OD_R_CALENDAR_EMPTY if no day of the calendar has
 * working time. */
enum od_status calendar_build(const struct calendar_spec *spec, struct od_arena *arena, const struct calendar **ret_cal,
                              struct od_err *err);

/* What it was built from, in the one canonical form: holidays sorted, each once. */
const struct calendar_spec *calendar_spec(const struct calendar *cal);

/* The form in which calendars are stored and sent:
 *   week      "mon-fri 09:00-13:00,14:00-18:00; sat 10:00-14:00"   days as names and ranges, by comma
 *   holidays  "--01-01, --12-25, 2026-04-06"                       with a year, or every year
 * Violations name "week", "holidays" and "zone", with the position (in characters, from 1) where the text cannot be
 * read; they join those that err has already. */
enum od_status calendar_parse(struct od_str week, struct od_str holidays, struct od_str zone, struct od_arena *arena,
                              const struct calendar **ret_cal, struct od_err *err);
/* Writes the same form; parsing it gives an equal calendar. */
void calendar_format(const struct calendar *cal, struct od_buf *week, struct od_buf *holidays);

/* The instant at which `work_us` (>= 0) of working time since `from_us` are used up. Reached exactly at closing time,
 * it is that closing time; nothing to use up is from_us itself. LIMIT_EXCEEDED if that is not before the year 10000. */
enum od_status calendar_add(const struct calendar *cal, int64_t from_us, int64_t work_us, int64_t *ret_us,
                            struct od_err *err);

/* Backwards: the latest instant from which `work_us` of working time lie before `from_us`. */
enum od_status calendar_sub(const struct calendar *cal, int64_t from_us, int64_t work_us, int64_t *ret_us,
                            struct od_err *err);

/* Working time in [from, to); 0 if to is not after from. */
int64_t calendar_between(const struct calendar *cal, int64_t from_us, int64_t to_us);

/* The first working instant at or after from_us. */
enum od_status calendar_next_open(const struct calendar *cal, int64_t from_us, int64_t *ret_us, struct od_err *err);

/* The n-th working day after the day of from_us (before it, if n < 0), at the same time of day, which need not be
 * working time. n = 0 is from_us itself. */
enum od_status calendar_add_days(const struct calendar *cal, int64_t from_us, int64_t n, int64_t *ret_us,
                                 struct od_err *err);

/* When the last span of the day of `us` closes; `us` itself on a day without working time. */
int64_t calendar_day_close(const struct calendar *cal, int64_t us);

/* Pauses: [from, to), in any order; they may overlap and count once then. */
struct calendar_pause {
    int64_t from_us;
    int64_t to_us;
};

/* Sorts them and joins those that overlap or touch; empty ones go. Returns how many are left. */
size_t calendar_pauses_join(struct calendar_pause *pauses, size_t n);

/* For joined pauses: working time inside them, within [from, to). */
int64_t calendar_paused(const struct calendar *cal, const struct calendar_pause *pauses, size_t n, int64_t from_us,
                        int64_t to_us);

/* calendar_add that leaves out working time inside joined pauses. */
enum od_status calendar_add_paused(const struct calendar *cal, int64_t from_us, int64_t work_us,
                                   const struct calendar_pause *pauses, size_t n, int64_t *ret_us, struct od_err *err);

#endif
