/* SPDX-License-Identifier: Apache-2.0
 * Deadlines in order: a binary heap of intrusive timers. Knows no clock and no descriptor. */
#ifndef ORDO_CLIENT_TIMERS_H
#define ORDO_CLIENT_TIMERS_H

#include "common/base/base.h"

struct od_timer {
    int64_t at_us;
    size_t place; /* in the heap, from 1; 0: not set */
    void (*fire)(struct od_timer *timer);
};

struct od_timers {
    struct od_timer **heap;
    size_t n, cap;
};

/* Room for cap timers; setting never allocates. False: no memory. */
bool od_timers_init(struct od_timers *t, size_t cap);
void od_timers_done(struct od_timers *t);

void od_timer_set(struct od_timers *t, struct od_timer *timer, int64_t at_us); /* sets or moves */
void od_timer_clear(struct od_timers *t, struct od_timer *timer);              /* legal when not set */
int64_t od_timers_next_us(const struct od_timers *t);                          /* INT64_MAX: none */
struct od_timer *od_timers_pop(struct od_timers *t, int64_t now_us); /* one that is due, cleared; NULL: none */

#endif
