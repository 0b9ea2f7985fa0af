/* SPDX-License-Identifier: Apache-2.0
 * Dates, times and durations (DMN 1.5 §10.3.2.3.4 to .8, tables 54, 56 to 59, 65 and 66) by rows. */
#include "tests/unit/server/domain/feel/rows.h"

static void texts(void **state)
{
    static const struct feel_row rows[] = {
        {"years of nine digits, and before Christ", "[string(@\"-2017-12-31\"), string(@\"999999999-12-31\"), date(\"9999999999-01-01\")]",
         "[\"-2017-12-31\", \"999999999-12-31\", null]"},
        {"a year of more digits has no leading zero", "date(\"02017-12-31\")", "null"},
        {"nanoseconds", "@\"11:22:33.123456789\"", "11:22:33.123456789"},
        {"an offset with seconds", "time(11, 59, 45, @\"-PT2H45M55S\")", "11:59:45-02:45:55"},
        {"an offset of 19 hours is none", "time(\"11:00:00+19:00\")", "null"},
        {"a zone that nobody knows", "time(\"13:20:00@xyz/abc\")", "null"},
        {"an offset and a zone at once", "date and time(\"2017-12-31T13:20:00+02:00@Europe/Paris\")", "null"},
        {"a duration is normalised", "[@\"P2DT274M\", @\"P26M\", @\"PT0H\", @\"P0Y\", @\"-PT90S\"]", "[P2DT4H34M, P2Y2M, PT0S, P0M, -PT1M30S]"},
        {"a duration's parts come in order", "[duration(\"P\"), duration(\"PT\"), duration(\"P1H\"), duration(\"P1D1Y\")]", "[null, null, null, null]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void arithmetic(void **state)
{
    static const struct feel_row rows[] = {
        {"a month later is clamped to the month's end", "@\"2026-01-31\" + @\"P1M\"", "2026-02-28"},
        {"hours move a date by whole days", "[@\"2026-02-28\" + @\"PT36H\", @\"2026-02-28\" - @\"PT1S\"]", "[2026-03-01, 2026-02-27]"},
        {"a time goes round the clock", "@\"23:59:00\" + @\"PT2M\"", "00:01:00"},
        {"hours count through the change to summer time", "@\"2026-03-29T01:30:00@Europe/Rome\" + @\"PT1H\"", "2026-03-29T03:30:00@Europe/Rome"},
        {"the distance of two zoned moments", "@\"2026-02-14T12:00:00@Europe/Rome\" - @\"2026-02-14T12:00:00Z\"", "-PT1H"},
        {"a zoned and a local moment have no distance", "@\"2026-02-14T12:00:00Z\" - @\"2026-02-14T12:00:00\"", "null"},
        {"a date is its midnight in UTC", "@\"2026-02-14T01:00:00Z\" - @\"2026-02-14\"", "PT1H"},
        {"durations times and by numbers", "[@\"PT1H\" * 1.5, 2 * @\"P7M\", @\"P10D\" / 4, @\"P1Y\" / @\"P6M\"]", "[PT1H30M, P1Y2M, P2DT12H, 2]"},
        {"durations of two kinds are not added", "@\"P1Y\" + @\"P1D\"", "null"},
        {"two dates are not added", "@\"2026-01-01\" + @\"2026-01-01\"", "null"},
        {"beyond the last year", "@\"999999999-12-31\" + @\"P1D\"", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void comparison(void **state)
{
    static const struct feel_row rows[] = {
        {"moments are compared on one time line", "@\"2026-02-14T12:00:00+01:00\" = @\"2026-02-14T11:00:00Z\"", "true"},
        {"a zone counts as its offset then", "@\"2026-07-01T12:00:00@Europe/Rome\" = @\"2026-07-01T12:00:00+02:00\"", "true"},
        {"a local moment differs from a zoned one", "@\"2026-02-14T12:00:00\" = @\"2026-02-14T12:00:00Z\"", "false"},
        {"and is ordered as if it were in the other's zone", "[@\"2026-02-14T12:00:00\" < @\"2026-02-14T13:00:00+01:00\", @\"14:00:00\" < @\"13:00:00Z\"]", "[true, false]"},
        {"times are equal to the second", "@\"10:30:00.1\" = @\"10:30:00.2\"", "true"},
        {"durations", "[@\"PT24H\" = @\"P1D\", @\"P1Y\" > @\"P11M\", @\"P1Y\" = @\"P365D\"]", "[true, true, null]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void properties(void **state)
{
    static const struct feel_row rows[] = {
        {"of a date", "[@\"2026-02-14\".year, @\"2026-02-14\".month, @\"2026-02-14\".day, @\"2026-02-14\".weekday]", "[2026, 2, 14, 6]"},
        {"of a time", "[@\"10:20:30.5\".hour, @\"10:20:30.5\".minute, @\"10:20:30.5\".second, @\"PT1.25S\".seconds]", "[10, 20, 30.5, 1.25]"},
        {"the offset and the zone", "[@\"10:00:00+02:00\".time offset, @\"10:00:00\".time offset, @\"2026-07-01T10:00:00@Europe/Rome\".timezone]",
         "[PT2H, null, \"Europe/Rome\"]"},
        {"of durations, with the sign of the whole", "[@\"-P1DT2H\".days, @\"-P1DT2H\".hours, @\"-P14M\".years, @\"-P14M\".months]", "[-1, -2, -1, -2]"},
        {"of a range", "[(1..2].start, (1..2].start included, (1..2].end included]", "[1, false, true]"},
        {"none of that name", "@\"2026-02-14\".hour", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void instants(void **state)
{
    const struct od_zone *rome;
    int64_t us;
    char text[OD_TIME_TEXT];
    (void)state;
    assert_int_equal(od_zone_get(OD_STR("Europe/Rome"), &rome, NULL), OD_OK);
    struct feel_value v = feel_value_from_us(ROWS_NOW_US, rome);
    assert_int_equal(v.temporal.hour, 11);
    assert_true(feel_value_to_us(&v, NULL, &us) && us == ROWS_NOW_US);
    v = feel_at_literal(OD_STR("2026-02-14"));
    assert_true(feel_value_to_us(&v, rome, &us)); /* its midnight there */
    assert_string_equal(od_time_format(us, text), "2026-02-13T23:00:00Z");
    v = feel_at_literal(OD_STR("999999999-01-01"));
    assert_false(feel_value_to_us(&v, rome, &us));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),      cmocka_unit_test(arithmetic), cmocka_unit_test(comparison),
        cmocka_unit_test(properties), cmocka_unit_test(instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
