/* SPDX-License-Identifier: Apache-2.0
 * Calendars by rows: working time over days, holidays and changes of the clocks; their text; and random calendars against an
 * oracle that looks at every minute. */
#include "tests/unit/server/domain/sla/ground.h"

#include "server/domain/sla/calendar.h"

#define SPLIT "mon-fri 08:00-13:00,14:00-18:00"
#define ALWAYS "mon-sun 00:00-24:00"

static const struct calendar *calendar(const char *week, const char *holidays, const char *zone)
{
    const struct calendar *cal = NULL;
    assert_int_equal(calendar_parse(od_str_c(week), od_str_c(holidays), od_str_c(zone), &arena, &cal, NULL), OD_OK);
    return cal;
}

static int64_t at(const char *text)
{
    int64_t us = 0;
    assert_true(od_time_parse(od_str_c(text), &us));
    return us;
}

static void expect_time(int64_t us, const char *text)
{
    char have[OD_TIME_TEXT], want[OD_TIME_TEXT];
    assert_string_equal(od_time_format(us, have), od_time_format(at(text), want));
}

static void add_rows(void **state)
{
    static const struct {
        const char *name, *week, *holidays, *zone, *from;
        int64_t seconds;
        const char *due;
    } rows[] = {
        {"within a span", OFFICE, "", "UTC", "2026-03-02T10:00:00Z", 7200, "2026-03-02T12:00:00Z"},
        {"before opening, time starts at opening", OFFICE, "", "UTC", "2026-03-02T07:00:00Z", 3600, "2026-03-02T10:00:00Z"},
        {"due exactly at closing time stays on that day", OFFICE, "", "UTC", "2026-03-06T17:00:00Z", 3600, "2026-03-06T18:00:00Z"},
        {"one second more is the next working day", OFFICE, "", "UTC", "2026-03-06T17:00:00Z", 3601, "2026-03-09T09:00:01Z"},
        {"nothing to use up is now, also at night", OFFICE, "", "UTC", "2026-03-02T03:00:00Z", 0, "2026-03-02T03:00:00Z"},
        {"microseconds are kept", OFFICE, "", "UTC", "2026-03-02T10:00:00.25Z", 1, "2026-03-02T10:00:01.25Z"},
        {"over the break between two spans", SPLIT, "", "UTC", "2026-03-02T12:30:00Z", 3600, "2026-03-02T14:30:00Z"},
        {"due at the start of a break, not at its end", SPLIT, "", "UTC", "2026-03-02T12:00:00Z", 3600, "2026-03-02T13:00:00Z"},
        {"a holiday of one year", OFFICE, "2026-03-03", "UTC", "2026-03-02T17:00:00Z", 7200, "2026-03-04T10:00:00Z"},
        {"a holiday of every year", OFFICE, "--03-03", "UTC", "2027-03-02T17:00:00Z", 7200, "2027-03-04T10:00:00Z"},
        {"29 February is a holiday in leap years alone", OFFICE, "--02-29", "UTC", "2027-02-26T17:00:00Z", 7200, "2027-03-01T10:00:00Z"},
        {"and in those it is", OFFICE, "--02-29", "UTC", "2028-02-28T17:00:00Z", 7200, "2028-03-01T10:00:00Z"},
        {"a date that is a yearly holiday too counts once", OFFICE, "--03-03,2026-03-03", "UTC", "2026-03-02T17:00:00Z", 36000 * 3,
         "2026-03-09T11:00:00Z"},
        {"a day whose clocks go forward has an hour less", ALWAYS, "", "Europe/Rome", "2026-03-28T23:00:00Z", 82800, "2026-03-29T22:00:00Z"},
        {"two spans on a day whose clocks go forward", "sun 01:00-02:30,02:45-12:00", "", "Europe/Rome", "2026-03-29T00:00:00Z", 7200,
         "2026-03-29T02:00:00Z"},
        {"two spans on a day whose clocks go back: the repeated hour counts again", "sun 01:00-02:30,03:00-12:00", "", "Europe/Rome",
         "2026-10-24T23:00:00Z", 3 * 3600, "2026-10-25T03:00:00Z"},
        {"a span over the gap", "sun 01:00-05:00", "", "Europe/Rome", "2026-03-29T00:00:00Z", 3 * 3600, "2026-03-29T03:00:00Z"},
        {"a span over the fold", "sun 01:00-05:00", "", "Europe/Rome", "2026-10-24T23:00:00Z", 5 * 3600, "2026-10-25T04:00:00Z"},
        {"a span inside the gap does not exist that day", "sun 02:00-03:00", "", "Europe/Rome", "2026-03-28T12:00:00Z", 60, "2026-04-05T00:01:00Z"},
        {"a day that begins at one o'clock", "sun 00:00-24:00", "", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 3600, "2018-11-04T04:00:00Z"},
        {"a day whose last hour comes twice", "sat 00:00-24:00", "", "America/Sao_Paulo", "2019-02-16T02:00:00Z", 90000, "2019-02-17T03:00:00Z"},
        {"half-hour offsets", ALWAYS, "", "Asia/Tehran", "2015-09-21T08:30:00Z", 54000, "2015-09-21T23:30:00Z"},
        {"a day that the zone left out", ALWAYS, "", "Pacific/Apia", "2011-12-29T10:00:00Z", 86400, "2011-12-30T10:00:00Z"},
        {"another zone, another due time", OFFICE, "", "America/New_York", "2026-03-02T10:00:00Z", 7200, "2026-03-02T16:00:00Z"},
        {"over a change of the clocks at the weekend", OFFICE, "", "Europe/Rome", "2026-03-27T16:00:00Z", 7200, "2026-03-30T08:00:00Z"},
        {"a working year", OFFICE, "", "UTC", "2026-01-01T00:00:00Z", 261 * 9 * 3600, "2026-12-31T18:00:00Z"},
        {"four thousand years of Mondays", "mon 09:00-10:00", "--01-01", "UTC", "2000-01-01T00:00:00Z", 100000 * 3600, "3921-09-05T10:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t due = 0;
        print_message("  %s\n", rows[i].name);
        const struct calendar *cal = calendar(rows[i].week, rows[i].holidays, rows[i].zone);
        assert_int_equal(calendar_add(cal, at(rows[i].from), rows[i].seconds * OD_US_PER_S, &due, NULL), OD_OK);
        expect_time(due, rows[i].due);
        assert_true(calendar_between(cal, at(rows[i].from), due) == rows[i].seconds * OD_US_PER_S);
    }
}

static void sub_rows(void **state)
{
    static const struct {
        const char *name, *week, *zone, *from;
        int64_t seconds;
        const char *to;
    } rows[] = {
        {"within a span", OFFICE, "UTC", "2026-03-02T12:00:00Z", 3600, "2026-03-02T11:00:00Z"},
        {"exactly at opening time stays on that day", OFFICE, "UTC", "2026-03-02T10:00:00Z", 3600, "2026-03-02T09:00:00Z"},
        {"one second more is the working day before", OFFICE, "UTC", "2026-03-02T10:00:00Z", 3601, "2026-02-27T17:59:59Z"},
        {"from a Sunday back", OFFICE, "UTC", "2026-03-01T10:00:00Z", 60, "2026-02-27T17:59:00Z"},
        {"nothing is now", OFFICE, "UTC", "2026-03-01T10:00:00Z", 0, "2026-03-01T10:00:00Z"},
        {"back over the fold", "sun 01:00-05:00", "Europe/Rome", "2026-10-25T04:00:00Z", 5 * 3600, "2026-10-24T23:00:00Z"},
        {"back over the gap", "sun 01:00-05:00", "Europe/Rome", "2026-03-29T03:00:00Z", 3 * 3600, "2026-03-29T00:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t to = 0;
        print_message("  %s\n", rows[i].name);
        const struct calendar *cal = calendar(rows[i].week, "", rows[i].zone);
        assert_int_equal(calendar_sub(cal, at(rows[i].from), rows[i].seconds * OD_US_PER_S, &to, NULL), OD_OK);
        expect_time(to, rows[i].to);
    }
}

static void next_open_rows(void **state)
{
    static const struct {
        const char *name, *week, *holidays, *zone, *from, *open;
    } rows[] = {
        {"open already", OFFICE, "", "UTC", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"},
        {"at opening time", OFFICE, "", "UTC", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"},
        {"closing time is closed", OFFICE, "", "UTC", "2026-03-06T18:00:00Z", "2026-03-09T09:00:00Z"},
        {"between touching spans it is open", "mon 09:00-12:00,12:00-15:00", "", "UTC", "2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z"},
        {"over holidays", OFFICE, "--12-25,--01-01,2026-12-28", "UTC", "2026-12-24T19:00:00Z", "2026-12-29T09:00:00Z"},
        {"an opening time that the clock leaves out", "sun 02:30-05:00", "", "Europe/Rome", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
        {"an opening time that comes twice opens twice", "sun 02:30-05:00", "", "Europe/Rome", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t open = 0;
        print_message("  %s\n", rows[i].name);
        const struct calendar *cal = calendar(rows[i].week, rows[i].holidays, rows[i].zone);
        assert_int_equal(calendar_next_open(cal, at(rows[i].from), &open, NULL), OD_OK);
        expect_time(open, rows[i].open);
    }
}

static void add_days_rows(void **state)
{
    static const struct {
        const char *name, *week, *holidays, *zone, *from;
        int n;
        const char *to;
    } rows[] = {
        {"counting starts on the next working day", OFFICE, "", "UTC", "2026-03-06T10:00:00Z", 1, "2026-03-09T10:00:00Z"},
        {"from a day off too", OFFICE, "", "UTC", "2026-03-07T10:00:00Z", 1, "2026-03-09T10:00:00Z"},
        {"the time of day is kept outside of working hours", OFFICE, "", "UTC", "2026-03-02T22:15:00Z", 2, "2026-03-04T22:15:00Z"},
        {"holidays do not count", OFFICE, "2026-03-03,--03-04", "UTC", "2026-03-02T10:00:00Z", 1, "2026-03-05T10:00:00Z"},
        {"none is now", OFFICE, "", "UTC", "2026-03-07T10:00:00Z", 0, "2026-03-07T10:00:00Z"},
        {"backwards", OFFICE, "", "UTC", "2026-03-09T10:00:00Z", -1, "2026-03-06T10:00:00Z"},
        {"backwards from a day off", OFFICE, "", "UTC", "2026-03-08T10:00:00Z", -2, "2026-03-05T10:00:00Z"},
        {"the wall clock's time of day, not the instant's", OFFICE, "", "Europe/Rome", "2026-03-27T09:00:00Z", 1, "2026-03-30T08:00:00Z"},
        {"the day is the zone's", OFFICE, "", "Asia/Tokyo", "2026-03-05T16:00:00Z", 1, "2026-03-08T16:00:00Z"},
        {"a thousand", OFFICE, "", "UTC", "2026-03-02T10:00:00Z", 1000, "2029-12-31T10:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t to = 0;
        print_message("  %s\n", rows[i].name);
        const struct calendar *cal = calendar(rows[i].week, rows[i].holidays, rows[i].zone);
        assert_int_equal(calendar_add_days(cal, at(rows[i].from), rows[i].n, &to, NULL), OD_OK);
        expect_time(to, rows[i].to);
    }
}

static void day_close_rows(void **state)
{
    (void)state;
    const struct calendar *cal = calendar("mon-thu 08:00-13:00,14:00-18:00; fri 00:00-24:00", "2026-03-03", "Europe/Rome");
    expect_time(calendar_day_close(cal, at("2026-03-02T02:00:00Z")), "2026-03-02T17:00:00Z");
    expect_time(calendar_day_close(cal, at("2026-03-06T12:00:00Z")), "2026-03-06T23:00:00Z");
    expect_time(calendar_day_close(cal, at("2026-03-03T12:00:00Z")), "2026-03-03T12:00:00Z"); /* a holiday has no closing */
}

static void pauses_count_once(void **state)
{
    (void)state;
    const struct calendar *cal = calendar(OFFICE, "", "UTC");
    struct calendar_pause p[] = {
        {at("2026-03-02T15:00:00Z"), at("2026-03-02T16:00:00Z")},
        {at("2026-03-02T10:00:00Z"), at("2026-03-02T12:00:00Z")},
        {at("2026-03-02T11:00:00Z"), at("2026-03-02T13:00:00Z")}, /* overlaps */
        {at("2026-03-02T13:00:00Z"), at("2026-03-02T13:30:00Z")}, /* touches */
        {at("2026-03-02T20:00:00Z"), at("2026-03-03T08:00:00Z")}, /* at night: no working time */
        {at("2026-03-02T11:00:00Z"), at("2026-03-02T11:00:00Z")}, /* empty */
    };
    int64_t due = 0;
    size_t n = calendar_pauses_join(p, OD_LEN(p));
    assert_int_equal(n, 3);
    assert_true(calendar_paused(cal, p, n, at("2026-03-02T00:00:00Z"), at("2026-03-04T00:00:00Z")) == 270 * MINUTE_US);
    assert_true(calendar_paused(cal, p, n, at("2026-03-02T11:30:00Z"), at("2026-03-02T15:15:00Z")) == 135 * MINUTE_US);
    assert_int_equal(calendar_add_paused(cal, at("2026-03-02T09:30:00Z"), 30 * MINUTE_US, p, n, &due, NULL), OD_OK);
    expect_time(due, "2026-03-02T10:00:00Z"); /* used up when the pause begins */
    assert_int_equal(calendar_add_paused(cal, at("2026-03-02T09:30:00Z"), 31 * MINUTE_US, p, n, &due, NULL), OD_OK);
    expect_time(due, "2026-03-02T13:31:00Z");
    assert_int_equal(calendar_add_paused(cal, at("2026-03-02T11:30:00Z"), 241 * MINUTE_US, p, n, &due, NULL), OD_OK);
    expect_time(due, "2026-03-03T09:31:00Z");
}

static void limit_rows(void **state)
{
    (void)state;
    const struct calendar *cal = calendar("mon 09:00-10:00", "", "Europe/Rome");
    struct od_err e = {0};
    int64_t due = 0, now = at("2026-03-02T10:00:00Z");
    assert_int_equal(calendar_add(cal, now, INT64_MAX / 2, &due, &e), OD_TOO_LARGE);
    assert_int_equal(e.reason, OD_R_LIMIT_EXCEEDED);
    assert_int_equal(calendar_sub(cal, now, INT64_MAX / 2, &due, &e), OD_TOO_LARGE);
    assert_int_equal(calendar_add_days(cal, now, INT64_MAX, &due, &e), OD_TOO_LARGE);
    assert_int_equal(calendar_add_days(cal, now, 500000, &due, &e), OD_TOO_LARGE);
    assert_int_equal(calendar_add_days(cal, now, -500000, &due, &e), OD_TOO_LARGE);
    assert_int_equal(calendar_add(cal, OD_TIME_NONE, 1, &due, &e), OD_TOO_LARGE);
    assert_int_equal(calendar_next_open(cal, INT64_MAX, &due, &e), OD_TOO_LARGE);
    assert_true(calendar_between(cal, INT64_MAX, INT64_MIN) == 0);
    assert_true(calendar_between(cal, INT64_MIN, INT64_MAX) / (3600 * OD_US_PER_S) == 521722); /* a Monday's hour in 9,999 years */
}

static void text_rows(void **state)
{
    static const struct {
        const char *name, *week, *holidays, *week_back, *holidays_back;
    } rows[] = {
        {"days that are alike become a range", "mon 09:00-18:00;tue 09:00-18:00; wed 09:00-18:00", "", "mon-wed 09:00-18:00", ""},
        {"lists of days", "mon,wed-thu,sun 09:00-10:00", "", "mon 09:00-10:00; wed-thu 09:00-10:00; sun 09:00-10:00", ""},
        {"a range over the week's end", "sat-mon 10:00-12:00", "", "mon 10:00-12:00; sat-sun 10:00-12:00", ""},
        {"a day's spans may come in two groups", "mon-tue 09:00-12:00; mon 13:00-15:00", "", "mon 09:00-12:00,13:00-15:00; tue 09:00-12:00", ""},
        {"white space is free", " mon - fri  09:00 - 18:00 ; ", " 2026-01-01 ,--05-01 ", "mon-fri 09:00-18:00", "--05-01, 2026-01-01"},
        {"the whole day", "sun 00:00-24:00", "", "sun 00:00-24:00", ""},
        {"holidays are sorted, each once", "sun 00:00-24:00", "2027-01-02,2026-05-04,--12-26,--12-25,2026-05-04", "sun 00:00-24:00",
         "--12-25, --12-26, 2026-05-04, 2027-01-02"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_buf week, holidays;
        print_message("  %s\n", rows[i].name);
        od_buf_init(&week, 4096);
        od_buf_init(&holidays, 4096);
        calendar_format(calendar(rows[i].week, rows[i].holidays, "UTC"), &week, &holidays);
        assert_string_equal(od_buf_cstr(&week), rows[i].week_back);
        assert_string_equal(od_buf_cstr(&holidays), rows[i].holidays_back);
        od_buf_done(&week);
        od_buf_done(&holidays);
    }
}

static void refused_rows(void **state)
{
    static const struct {
        const char *name, *week, *holidays, *zone, *text;
    } rows[] = {
        {"an unknown day", "mon 09:00-10:00; tuesday 09:00-10:00", "", "UTC", "some fields are wrong: week must be a span like 09:00-18:00 at character 21"},
        {"no day", "mon 09:00-10:00; 11:00-12:00", "", "UTC", "some fields are wrong: week must be days like mon-fri at character 18"},
        {"no span", "mon", "", "UTC", "some fields are wrong: week must be a span like 09:00-18:00 at character 4"},
        {"an hour beyond 24:00", "mon 09:00-24:01", "", "UTC", "some fields are wrong: week must be a span like 09:00-18:00 at character 16"},
        {"rubbish behind a span", "mon 09:00-10:00 x", "", "UTC", "some fields are wrong: week must be a comma, a semicolon or the end at character 17"},
        {"a span over midnight", "mon 22:00-06:00", "", "UTC", "some fields are wrong: week must be a span that opens before it closes, within 00:00-24:00 (mon, span 1)"},
        {"an empty span", "mon 09:00-09:00", "", "UTC", "some fields are wrong: week must be a span that opens before it closes, within 00:00-24:00 (mon, span 1)"},
        {"spans that overlap", "mon 09:00-12:00,11:59-13:00", "", "UTC", "some fields are wrong: week must be spans in order that do not overlap (mon, span 2)"},
        {"spans out of order", "mon 13:00-15:00,09:00-10:00", "", "UTC", "some fields are wrong: week must be spans in order that do not overlap (mon, span 2)"},
        {"a date that does not exist", OFFICE, "--05-01,2026-02-29", "UTC", "some fields are wrong: holidays must be a date like 2026-12-24 or --12-24 at character 19"},
        {"30 February of every year", OFFICE, "--02-30", "UTC", "some fields are wrong: holidays must be a date like 2026-12-24 or --12-24 at character 8"},
        {"positions count characters, not bytes", OFFICE, "\xc3\xa9", "UTC", "some fields are wrong: holidays must be a date like 2026-12-24 or --12-24 at character 1"},
        {"an unknown zone", OFFICE, "", "Mars/Base", "some fields are wrong: zone the time zone Mars/Base is not known; give an IANA name such as Europe/Rome"},
        {"no working time at all", "", "", "UTC", "the calendar has no working time"},
        {"all fields at once", "x", "y", "z", "some fields are wrong: week must be days like mon-fri at character 1; "
         "holidays must be a date like 2026-12-24 or --12-24 at character 1; "
         "zone the time zone z is not known; give an IANA name such as Europe/Rome"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const struct calendar *cal = NULL;
        struct od_err e = {0};
        char text[512];
        print_message("  %s\n", rows[i].name);
        assert_int_equal(calendar_parse(od_str_c(rows[i].week), od_str_c(rows[i].holidays), od_str_c(rows[i].zone), &arena, &cal, &e), OD_INVALID);
        assert_string_equal(od_err_text(&e, text, sizeof text), rows[i].text);
        assert_null(cal);
    }
}

/* Every day of every year a holiday: spans alone are no working time. */
static void a_calendar_of_holidays_is_empty(void **state)
{
    (void)state;
    struct od_buf text;
    struct od_err e = {0};
    const struct calendar *cal = NULL;
    od_buf_init(&text, 8192);
    for (unsigned month = 1; month <= 12; month++)
        for (unsigned day = 1; day <= od_days_in_month(2000, month); day++)
            od_buf_printf(&text, "%s--%02u-%02u", text.n ? "," : "", month, day);
    assert_int_equal(calendar_parse(OD_STR(ALWAYS), od_buf_view(&text), OD_STR("UTC"), &arena, &cal, &e), OD_INVALID);
    assert_int_equal(e.reason, OD_R_CALENDAR_EMPTY);
    text.n -= strlen(",--12-31");
    assert_int_equal(calendar_parse(OD_STR("sun 12:00-12:01"), od_buf_view(&text), OD_STR("UTC"), &arena, &cal, &e), OD_OK);
    int64_t open = 0;
    assert_int_equal(calendar_next_open(cal, at("2024-01-01T00:00:00Z"), &open, NULL), OD_OK);
    expect_time(open, "2028-12-31T12:00:00Z");
    od_buf_done(&text);
}

/* The oracle looks at every minute, by the calendar's spec alone. */

static bool minute_works(const struct calendar *cal, int64_t us)
{
    const struct calendar_spec *spec = calendar_spec(cal);
    int64_t wall = od_zone_wall_us(spec->zone, us);
    struct od_civil c = od_civil_from_us(wall);
    unsigned wd = od_weekday(od_days_from_civil(c.year, (unsigned)c.month, (unsigned)c.day));
    int32_t s = c.hour * 3600 + c.minute * 60;
    for (size_t i = 0; i < spec->n_holidays; i++) {
        struct calendar_holiday h = spec->holidays[i];
        if (h.month == c.month && h.day == c.day && (!h.year || h.year == c.year))
            return false;
    }
    for (unsigned i = 0; i < spec->week[wd].n; i++)
        if (s >= spec->week[wd].spans[i].open_s && s < spec->week[wd].spans[i].close_s)
            return true;
    return false;
}

static int64_t slow_between(const struct calendar *cal, int64_t from, int64_t to)
{
    int64_t minutes = 0;
    for (; from < to; from += MINUTE_US)
        minutes += minute_works(cal, from);
    return minutes;
}

static int64_t slow_add(const struct calendar *cal, int64_t from, int64_t minutes)
{
    for (; minutes; from += MINUTE_US)
        minutes -= minute_works(cal, from);
    return from;
}

static int64_t slow_sub(const struct calendar *cal, int64_t from, int64_t minutes)
{
    for (; minutes; from -= MINUTE_US)
        minutes -= minute_works(cal, from - MINUTE_US);
    return from;
}

static const struct calendar *random_calendar(int32_t year)
{
    static const char *const zones[] = {"UTC", "Europe/Rome", "America/Sao_Paulo", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Apia",
                                        "America/New_York", "Africa/Casablanca", "Asia/Kathmandu", "America/Havana"};
    struct calendar_spec spec = {0};
    struct calendar_holiday holidays[8];
    const struct calendar *cal = NULL;
    for (unsigned wd = 0; wd < 7; wd++) {
        int32_t edge = 0;
        unsigned n = random_below(4);
        for (unsigned i = 0; i < n && edge < 86400; i++) {
            int32_t open = edge + 900 * (int32_t)random_below(12), close = open + 900 * (int32_t)(1 + random_below(40));
            if (open >= 86400)
                break;
            spec.week[wd].spans[spec.week[wd].n++] = (struct calendar_span){open, close > 86400 ? 86400 : close};
            edge = close;
        }
    }
    spec.week[random_below(7)] = (__typeof__(spec.week[0])){1, {{0, 86400}}};
    spec.holidays = holidays;
    for (spec.n_holidays = 0; spec.n_holidays < OD_LEN(holidays); spec.n_holidays++)
        holidays[spec.n_holidays] = (struct calendar_holiday){
            (int16_t)(random_below(2) ? year + (int32_t)random_below(2) : 0), (int8_t)(1 + random_below(12)), (int8_t)(1 + random_below(28))};
    assert_int_equal(od_zone_get(od_str_c(zones[random_below(OD_LEN(zones))]), &spec.zone, NULL), OD_OK);
    assert_int_equal(calendar_build(&spec, &arena, &cal, NULL), OD_OK);
    return cal;
}

static void agrees_with_every_minute(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        od_arena_reset(&arena);
        int32_t year = 2005 + (int32_t)random_below(20);
        const struct calendar *cal = random_calendar(year);
        for (int k = 0; k < 6; k++) {
            int64_t from = od_days_from_civil(year, 1, 1) * OD_S_PER_DAY * OD_US_PER_S + random_below(366 * 1440) * MINUTE_US;
            int64_t to = from + random_below(40 * 1440) * MINUTE_US, minutes = random_below(3000), got = 0, back = 0;
            assert_true(calendar_between(cal, from, to) == slow_between(cal, from, to) * MINUTE_US);
            assert_int_equal(calendar_add(cal, from, minutes * MINUTE_US, &got, NULL), OD_OK);
            assert_true(got == slow_add(cal, from, minutes));
            assert_int_equal(calendar_sub(cal, from, minutes * MINUTE_US, &back, NULL), OD_OK);
            assert_true(back == slow_sub(cal, from, minutes));
            assert_int_equal(calendar_next_open(cal, from, &got, NULL), OD_OK);
            assert_true(got == slow_add(cal, from, 1) - MINUTE_US);
        }
    }
}

/* Parts add up to the microsecond, over years and beyond the end of the zone's table. */
static void parts_add_up(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        od_arena_reset(&arena);
        const struct calendar *cal = random_calendar(2100);
        int64_t a = at("2010-01-01T00:00:00Z") + random_below(1u << 30) * INT64_C(16) * OD_US_PER_S;
        int64_t b = a + random_below(1u << 30) * OD_US_PER_S + random_below(1000000), got = 0;
        int64_t middle = a + (b - a) / (1 + random_below(7)), work = calendar_between(cal, a, b);
        assert_true(calendar_between(cal, a, middle) + calendar_between(cal, middle, b) == work);
        assert_int_equal(calendar_add(cal, a, work, &got, NULL), OD_OK);
        assert_true(got <= b && calendar_between(cal, a, got) == work);
        assert_true(!work || calendar_between(cal, a, got - 1) == work - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_rows),
        cmocka_unit_test(sub_rows),
        cmocka_unit_test(next_open_rows),
        cmocka_unit_test(add_days_rows),
        cmocka_unit_test(day_close_rows),
        cmocka_unit_test(pauses_count_once),
        cmocka_unit_test(limit_rows),
        cmocka_unit_test(text_rows),
        cmocka_unit_test(refused_rows),
        cmocka_unit_test(a_calendar_of_holidays_is_empty),
        cmocka_unit_test(agrees_with_every_minute),
        cmocka_unit_test(parts_add_up),
    };
    return cmocka_run_group_tests_name("calendar", tests, arena_up, arena_down);
}
