/* SPDX-License-Identifier: Apache-2.0
 * Deadlines come out in order, whatever was set, moved and cleared before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/lib/timers.h"

enum { TIMERS = 500 };

/* A small generator, so that a failure can be repeated. */
static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void the_earliest_comes_first(void **state)
{
    static struct od_timer timers[TIMERS];
    struct od_timers t;
    uint32_t seed = 1;
    (void)state;
    assert_true(od_timers_init(&t, TIMERS));
    assert_true(od_timers_next_us(&t) == INT64_MAX);
    for (int round = 0; round < 200; round++) {
        for (unsigned i = 0; i < TIMERS; i++)
            if (next(&seed) % 4)
                od_timer_set(&t, &timers[i], next(&seed) % 10000);
            else
                od_timer_clear(&t, &timers[i]);
        size_t set = 0, popped = 0;
        for (unsigned i = 0; i < TIMERS; i++)
            set += timers[i].place != 0;
        assert_true(set == t.n);
        int64_t last = -1, until = next(&seed) % 12000;
        for (struct od_timer *timer; (timer = od_timers_pop(&t, until)); popped++) {
            assert_true(timer->at_us >= last && timer->at_us <= until);
            assert_true(timer->place == 0);
            last = timer->at_us;
        }
        for (unsigned i = 0; i < TIMERS; i++)
            assert_true(!timers[i].place || timers[i].at_us > until);
        assert_true(popped + t.n == set);
        assert_true(od_timers_next_us(&t) > until);
    }
    od_timers_done(&t);
}

static void a_timer_may_be_cleared_twice(void **state)
{
    struct od_timers t;
    struct od_timer a = {0};
    (void)state;
    assert_true(od_timers_init(&t, 1));
    od_timer_clear(&t, &a);
    od_timer_set(&t, &a, 5);
    od_timer_set(&t, &a, 7);
    assert_int_equal(t.n, 1);
    assert_null(od_timers_pop(&t, 6));
    od_timer_clear(&t, &a);
    od_timer_clear(&t, &a);
    assert_null(od_timers_pop(&t, INT64_MAX));
    od_timers_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_comes_first),
        cmocka_unit_test(a_timer_may_be_cleared_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
