/* SPDX-License-Identifier: Apache-2.0
 * When a timer is due: dates, durations, ISO 8601 repetitions and cron lines (BPMN 2.0.2, table 10.101). Pure. */
#ifndef PROCESS_TIMER_H
#define PROCESS_TIMER_H

#include "server/domain/process/def.h"

struct timer_plan {
    int64_t due_us;
    uint32_t remaining; /* how often it still fires, this time included; UINT32_MAX = without end */
};

/* What a timer's expression gave, seen at now. A date or duration may come as text. last_us: when the cycle was due before, from
 * which it goes on whenever now is; OD_TIME_NONE: never. Times of a cycle that are past are left out. False: it is no time. */
bool timer_plan(const struct feel_value *v, enum timer_kind kind, int64_t last_us, int64_t now_us, const struct od_zone *zone,
                struct timer_plan *ret);

/* The next time after `after_us` of a cron line (second minute hour day month weekday; or five fields without second). */
bool timer_cron_next(struct od_str line, int64_t after_us, const struct od_zone *zone, int64_t *ret_us);

#endif
