/* SPDX-License-Identifier: Apache-2.0
 * When timers are due, by rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/domain/process/timer.h"

static void plan_rows(void **state)
{
    static const struct {
        const char *name, *text;
        enum timer_kind kind;
        const char *due; /* NULL: no time */
        uint32_t remaining;
    } rows[] = {
        {"a duration counts from now", "PT1H30M", TIMER_DURATION, "2026-01-30T13:30:00Z", 1},
        {"weeks are ISO 8601", "P2W", TIMER_DURATION, "2026-02-13T12:00:00Z", 1},
        {"a month from the 30th of January is the end of February", "P1M", TIMER_DURATION, "2026-02-28T12:00:00Z", 1},
        {"a date", "2026-03-01T08:00:00Z", TIMER_DATE, "2026-03-01T08:00:00Z", 1},
        {"a cycle with a count", "R3/PT10M", TIMER_CYCLE, "2026-01-30T12:10:00Z", 3},
        {"a cycle without end", "R/PT10M", TIMER_CYCLE, "2026-01-30T12:10:00Z", UINT32_MAX},
        {"a cycle with a start to come begins there", "R2/2026-02-01T00:00:00Z/P1D", TIMER_CYCLE, "2026-02-01T00:00:00Z", 2},
        {"a cycle with a start in the past goes on", "R/2026-01-01T00:00:00Z/P1D", TIMER_CYCLE, "2026-01-31T00:00:00Z", UINT32_MAX},
        {"however long ago that was", "R/2001-01-01T00:00:00Z/PT7S", TIMER_CYCLE, "2026-01-30T12:00:01Z", UINT32_MAX},
        {"months are counted from the start", "R/2025-12-31T08:00:00Z/P2M", TIMER_CYCLE, "2026-02-28T08:00:00Z", UINT32_MAX},
        {"a cycle ends at its end", "R/PT1H/2026-01-30T15:30:00Z", TIMER_CYCLE, "2026-01-30T13:00:00Z", 3},
        {"or after its count", "R2/PT1H/2026-01-30T15:30:00Z", TIMER_CYCLE, "2026-01-30T13:00:00Z", 2},
        {"an end that is past leaves no time", "R/PT1H/2026-01-30T12:30:00Z", TIMER_CYCLE, NULL, 0},
        {"a cycle that does not move is no time", "R/PT0S", TIMER_CYCLE, NULL, 0},
        {"nor one that goes back", "R3/-PT1M", TIMER_CYCLE, NULL, 0},
        {"every day at nine", "0 0 9 * * *", TIMER_CYCLE, "2026-01-31T09:00:00Z", UINT32_MAX},
        {"on weekdays", "0 30 8 * * MON-FRI", TIMER_CYCLE, "2026-02-02T08:30:00Z", UINT32_MAX},
        {"on Mondays by name", "0 30 8 * * MON", TIMER_CYCLE, "2026-02-02T08:30:00Z", UINT32_MAX},
        {"five fields have no seconds", "*/15 * * * *", TIMER_CYCLE, "2026-01-30T12:15:00Z", UINT32_MAX},
        {"0 and 7 are Sunday", "0 0 0 * * 7", TIMER_CYCLE, "2026-02-01T00:00:00Z", UINT32_MAX},
        {"29 February is waited for", "0 0 0 29 2 *", TIMER_CYCLE, "2028-02-29T00:00:00Z", UINT32_MAX},
        {"30 February never comes", "0 0 0 30 2 *", TIMER_CYCLE, NULL, 0},
        {"every week is at the beginning of Sunday, as cron has it", "@weekly", TIMER_CYCLE, "2026-02-01T00:00:00Z", UINT32_MAX},
        {"every month", "@monthly", TIMER_CYCLE, "2026-02-01T00:00:00Z", UINT32_MAX},
        {"every year", "@yearly", TIMER_CYCLE, "2027-01-01T00:00:00Z", UINT32_MAX},
        {"words are no time", "tomorrow", TIMER_DURATION, NULL, 0},
        {"no count of nothing", "R0/PT1M", TIMER_CYCLE, NULL, 0},
    };
    int64_t now_us = 0;
    (void)state;
    assert_true(od_time_parse(OD_STR("2026-01-30T12:00:00Z"), &now_us));
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct feel_value v = feel_string(od_str_c(rows[i].text));
        struct timer_plan plan;
        char text[OD_TIME_TEXT];
        print_message("  %s\n", rows[i].name);
        bool ok = timer_plan(&v, rows[i].kind, OD_TIME_NONE, now_us, NULL, &plan);
        assert_int_equal(ok, rows[i].due != NULL);
        if (!ok)
            continue;
        assert_string_equal(od_time_format(plan.due_us, text), rows[i].due);
        assert_int_equal(plan.remaining, rows[i].remaining);
    }
}

/* After the time that was due last, whenever it came. */
static void again_rows(void **state)
{
    static const struct {
        const char *name, *text, *last, *now, *due;
    } rows[] = {
        {"on time", "R3/PT10M", "2026-01-30T12:00:00Z", "2026-01-30T12:00:00Z", "2026-01-30T12:10:00Z"},
        {"a little late", "R3/PT10M", "2026-01-30T12:00:00Z", "2026-01-30T12:00:07Z", "2026-01-30T12:10:00Z"},
        {"so late that one was missed", "PT10M", "2026-01-30T12:00:00Z", "2026-01-30T12:15:00Z", "2026-01-30T12:20:00Z"},
        {"with a start, on time", "R3/2026-01-30T12:00:00Z/PT1H", "2026-01-30T12:00:00Z", "2026-01-30T12:00:00Z", "2026-01-30T13:00:00Z"},
        {"the last day of every month", "R/2026-01-31T08:00:00Z/P1M", "2026-02-28T08:00:00Z", "2026-02-28T08:00:00Z", "2026-03-31T08:00:00Z"},
        {"a cron line", "0 0 9 * * *", "2026-01-30T09:00:00Z", "2026-01-30T09:00:00Z", "2026-01-31T09:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct feel_value v = feel_string(od_str_c(rows[i].text));
        struct timer_plan plan;
        char text[OD_TIME_TEXT];
        int64_t last_us = 0, now_us = 0;
        print_message("  %s\n", rows[i].name);
        assert_true(od_time_parse(od_str_c(rows[i].last), &last_us));
        assert_true(od_time_parse(od_str_c(rows[i].now), &now_us));
        assert_true(timer_plan(&v, TIMER_CYCLE, last_us, now_us, NULL, &plan));
        assert_string_equal(od_time_format(plan.due_us, text), rows[i].due);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plan_rows), cmocka_unit_test(again_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
