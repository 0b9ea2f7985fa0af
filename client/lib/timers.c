/* SPDX-License-Identifier: Apache-2.0
 * The heap behind timers.h. Deadlines mostly rise, so that an insertion rarely moves anything. */
#include "client/lib/timers.h"

#include <stdlib.h>

bool od_timers_init(struct od_timers *t, size_t cap)
{
    *t = (struct od_timers){.heap = calloc(cap + 1, sizeof *t->heap), .cap = cap};
    return t->heap != NULL;
}

void od_timers_done(struct od_timers *t)
{
    free(t->heap);
    *t = (struct od_timers){0};
}

static void put(struct od_timers *t, size_t place, struct od_timer *timer)
{
    t->heap[place] = timer;
    timer->place = place;
}

static void rise(struct od_timers *t, struct od_timer *timer)
{
    size_t place = timer->place;
    for (; place > 1 && t->heap[place / 2]->at_us > timer->at_us; place /= 2)
        put(t, place, t->heap[place / 2]);
    put(t, place, timer);
}

static void sink(struct od_timers *t, struct od_timer *timer)
{
    size_t place = timer->place;
    for (size_t child; (child = place * 2) <= t->n; place = child) {
        if (child < t->n && t->heap[child + 1]->at_us < t->heap[child]->at_us)
            child++;
        if (t->heap[child]->at_us >= timer->at_us)
            break;
        put(t, place, t->heap[child]);
    }
    put(t, place, timer);
}

void od_timer_set(struct od_timers *t, struct od_timer *timer, int64_t at_us)
{
    if (!timer->place) {
        od_assert(t->n < t->cap);
        put(t, ++t->n, timer);
    }
    timer->at_us = at_us;
    rise(t, timer);
    sink(t, timer);
}

void od_timer_clear(struct od_timers *t, struct od_timer *timer)
{
    if (!timer->place)
        return;
    struct od_timer *last = t->heap[t->n--];
    if (last != timer) {
        put(t, timer->place, last);
        rise(t, last);
        sink(t, last);
    }
    timer->place = 0;
}

int64_t od_timers_next_us(const struct od_timers *t) { return t->n ? t->heap[1]->at_us : INT64_MAX; }

struct od_timer *od_timers_pop(struct od_timers *t, int64_t now_us)
{
    struct od_timer *timer = t->n ? t->heap[1] : NULL;
    if (!timer || timer->at_us > now_us)
        return NULL;
    od_timer_clear(t, timer);
    return timer;
}
