/* SPDX-License-Identifier: Apache-2.0
 * The clocks of a request by rows of steps, and random histories against an oracle that counts minutes. All in March 2026, whose
 * 2nd is a Monday; the calendar is 09:00-18:00 on weekdays in UTC unless a row says otherwise. */
#include "tests/unit/server/domain/sla/ground.h"

#include "server/domain/sla/clock_bytes.h"

#define HOUR_US (INT64_C(3600) * OD_US_PER_S)
enum { H = 3600 };

static const struct calendar *calendar(const char *week, const char *zone)
{
    const struct calendar *cal = NULL;
    assert_int_equal(calendar_parse(od_str_c(week), OD_STR(""), od_str_c(zone), &arena, &cal, NULL), OD_OK);
    return cal;
}

/* "02 09:30" is Monday the 2nd of March 2026, half past nine; "" is no time. */
static int64_t at(const char *text)
{
    int64_t us = OD_TIME_NONE;
    char full[OD_TIME_TEXT];
    if (*text) {
        snprintf(full, sizeof full, "2026-03-%.2sT%s:00Z", text, text + 3);
        assert_true(od_time_parse(od_str_c(full), &us));
    }
    return us;
}

static void expect_time(int64_t us, const char *text)
{
    char have[OD_TIME_TEXT] = "", want[OD_TIME_TEXT] = "";
    if (us != OD_TIME_NONE)
        od_time_format(us, have);
    if (*text)
        od_time_format(at(text), want);
    assert_string_equal(have, want);
}

/* A script is steps by comma, each a letter and a time: t take, a answer, p pause, r resume, d done (resolve), o reopen, c close,
 * x cancel; f fires what is due. */
static bool next_step(struct od_str *script, struct sla_step *ret_step, bool *ret_fire)
{
    static const char letters[] = " taprdocx"; /* by sla_step_kind */
    char when[9] = "";
    if (!script->n)
        return false;
    struct od_str step = od_str_trim(od_str_cut(script, ','));
    const char *kind = strchr(letters, step.p[0]);
    memcpy(when, step.p + 2, 8);
    *ret_fire = step.p[0] == 'f';
    assert_true(kind || *ret_fire);
    *ret_step = (struct sla_step){*ret_fire ? SLA_STEP_TAKE : (enum sla_step_kind)(kind - letters), at(when)};
    return true;
}

static unsigned run(struct sla_clock *c, const struct sla_terms *t, const char *script)
{
    struct od_str s = od_str_c(script);
    struct sla_step step;
    bool fire;
    unsigned fired = 0;
    while (next_step(&s, &step, &fire)) {
        if (fire)
            fired |= sla_fire(c, step.at_us);
        else
            assert_int_equal(sla_apply(c, t, step, NULL), OD_OK);
    }
    return fired;
}

static void step_rows(void **state)
{
    static const struct {
        const char *name;
        uint32_t response_s, resolution_s, resolution_days;
        const char *start, *script;
        enum sla_state response, resolution;
        const char *response_due, *resolution_due, *timer;
        unsigned fired;
    } rows[] = {
        {"nothing is promised", 0, 0, 0, "02 09:00", "t 02 10:00", SLA_NONE, SLA_NONE, "", "", "", 0},
        {"the earliest open due time is the timer", 4 * H, 8 * H, 0, "02 09:00", "", SLA_OPEN, SLA_OPEN, "02 13:00", "02 17:00", "02 13:00", 0},
        {"the first take is the response", 4 * H, 8 * H, 0, "02 09:00", "t 02 10:00, t 02 16:00", SLA_MET, SLA_OPEN, "02 13:00", "02 17:00",
         "02 17:00", 0},
        {"reached exactly when due is met", H, 0, 0, "02 09:00", "t 02 10:00", SLA_MET, SLA_NONE, "02 10:00", "", "", 0},
        {"also if the timer came first at that very instant", H, 0, 0, "02 09:00", "f 02 10:00, t 02 10:00", SLA_MET, SLA_NONE, "02 10:00", "", "",
         SLA_RESPONSE},
        {"reached later is missed, though the timer is late", H, 0, 0, "02 09:00", "t 02 10:01", SLA_MISSED, SLA_NONE, "02 10:00", "", "", 0},
        {"each target is fired once", H, 2 * H, 0, "02 09:00", "f 02 10:30, f 02 10:40", SLA_MISSED, SLA_OPEN, "02 10:00", "02 11:00", "02 11:00",
         SLA_RESPONSE},
        {"nothing is fired before it is due", H, 2 * H, 0, "02 09:00", "f 02 09:59", SLA_OPEN, SLA_OPEN, "02 10:00", "02 11:00", "02 10:00", 0},
        {"a pause suspends the resolution and not the response", 4 * H, 8 * H, 0, "02 09:00", "p 02 10:00", SLA_OPEN, SLA_OPEN, "02 13:00", "",
         "02 13:00", 0},
        {"a pause keeps the remaining time, not the deadline", 0, 8 * H, 0, "02 09:00", "p 02 10:00, r 02 12:00", SLA_NONE, SLA_OPEN, "",
         "03 10:00", "03 10:00", 0},
        {"a pause outside of working time changes nothing", 0, 8 * H, 0, "02 17:00", "p 02 19:00, r 03 08:00", SLA_NONE, SLA_OPEN, "", "03 16:00",
         "03 16:00", 0},
        {"only working time inside a pause counts", 0, 8 * H, 0, "02 09:00", "p 02 17:00, r 03 10:00", SLA_NONE, SLA_OPEN, "", "03 10:00",
         "03 10:00", 0},
        {"a pause in a pause counts once", 0, 8 * H, 0, "02 09:00", "p 02 10:00, p 02 11:00, r 02 12:00, r 02 13:00", SLA_NONE, SLA_OPEN, "",
         "03 10:00", "03 10:00", 0},
        {"a pause after the due time does not move it", 0, 2 * H, 0, "02 09:00", "f 02 11:00, p 02 12:00, r 02 15:00", SLA_NONE, SLA_MISSED, "",
         "02 11:00", "", SLA_RESOLUTION},
        {"nor does it when the timer is late", 0, 2 * H, 0, "02 09:00", "p 02 12:00, r 02 15:00", SLA_NONE, SLA_OPEN, "", "02 11:00", "02 11:00", 0},
        {"resolved in time", H, 8 * H, 0, "02 09:00", "t 02 09:30, d 02 16:00", SLA_MET, SLA_MET, "02 10:00", "02 17:00", "", 0},
        {"resolved while the customer is awaited: the pause ends there", 0, 2 * H, 0, "02 09:00", "p 02 10:00, d 02 15:00", SLA_NONE, SLA_MET, "",
         "02 16:00", "", 0},
        {"resolving is the response where there was none", H, 8 * H, 0, "02 09:00", "d 02 11:00", SLA_MISSED, SLA_MET, "02 10:00", "02 17:00", "", 0},
        {"reopened from resolved, the time between counts", 0, 8 * H, 0, "02 09:00", "d 02 10:00, o 02 15:00", SLA_NONE, SLA_OPEN, "", "02 17:00",
         "02 17:00", 0},
        {"and may have passed meanwhile", 0, 2 * H, 0, "02 09:00", "d 02 10:00, o 02 15:00, f 02 15:00", SLA_NONE, SLA_MISSED, "", "02 11:00", "",
         SLA_RESOLUTION},
        {"the last resolve decides", 0, 8 * H, 0, "02 09:00", "d 02 10:00, o 02 15:00, d 03 09:00", SLA_NONE, SLA_MISSED, "", "02 17:00", "", 0},
        {"reopened from closed, the time since the resolution does not count", 0, 8 * H, 0, "02 09:00", "d 02 10:00, c 02 12:00, o 03 09:00",
         SLA_NONE, SLA_OPEN, "", "03 16:00", "03 16:00", 0},
        {"and the second resolve can still be in time", 0, 8 * H, 0, "02 09:00", "d 02 10:00, c 02 12:00, o 03 09:00, d 03 16:00", SLA_NONE, SLA_MET,
         "", "03 16:00", "", 0},
        {"missed stays missed after a reopening", 0, 2 * H, 0, "02 09:00", "f 02 11:00, d 02 12:00, c 02 12:00, o 03 09:00, d 03 09:30", SLA_NONE,
         SLA_MISSED, "", "02 11:00", "", SLA_RESOLUTION},
        {"closing resolves what was not resolved", 0, 8 * H, 0, "02 09:00", "c 02 12:00", SLA_NONE, SLA_MET, "", "02 17:00", "", 0},
        {"cancelled, nothing is promised any more", H, 8 * H, 0, "02 09:00", "x 02 09:30, f 05 09:00", SLA_NONE, SLA_NONE, "", "", "", 0},
        {"reopened from cancelled, the promises are back and the time between does not count", H, 8 * H, 0, "02 09:00",
         "x 02 09:30, o 03 09:30", SLA_OPEN, SLA_OPEN, "03 10:00", "03 17:00", "03 10:00", 0},
        {"working days keep the time of day", 0, 0, 5, "02 10:00", "", SLA_NONE, SLA_OPEN, "", "09 10:00", "09 10:00", 0},
        {"and a pause is added as working time", 0, 0, 5, "02 10:00", "p 03 16:00, r 04 10:00", SLA_NONE, SLA_OPEN, "", "09 13:00", "09 13:00", 0},
        {"due at closing time, it passes then", 0, 9 * H, 0, "06 09:00", "d 07 10:00", SLA_NONE, SLA_MISSED, "", "06 18:00", "", 0},
        {"an instant before the last one counts as that one", 0, 8 * H, 0, "02 09:00", "p 02 10:00, r 02 09:59", SLA_NONE, SLA_OPEN, "", "02 17:00",
         "02 17:00", 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        struct sla_terms t = {.calendar = calendar(OFFICE, "UTC"),
                              .response_rule = SLA_RESPONSE_TAKE,
                              .response = {rows[i].response_s, 0},
                              .resolution = {rows[i].resolution_s, rows[i].resolution_days}};
        struct sla_clock c;
        assert_int_equal(sla_start(&c, &t, at(rows[i].start), NULL), OD_OK);
        assert_int_equal(run(&c, &t, rows[i].script), rows[i].fired);
        assert_int_equal(c.response.state, rows[i].response);
        assert_int_equal(c.resolution.state, rows[i].resolution);
        expect_time(c.response.due_us, rows[i].response_due);
        expect_time(c.resolution.due_us, rows[i].resolution_due);
        expect_time(sla_next_timer(&c), rows[i].timer);
    }
}

static void answers_restart_the_update(void **state)
{
    (void)state;
    struct sla_terms t = {.calendar = calendar(OFFICE, "UTC"), .response_rule = SLA_RESPONSE_ANSWER, .response = {8 * H, 0}, .update = {4 * H, 0}};
    struct sla_clock c;
    assert_int_equal(sla_start(&c, &t, at("02 09:00"), NULL), OD_OK);
    expect_time(c.update.due_us, "02 13:00");
    run(&c, &t, "t 02 10:00");
    assert_int_equal(c.response.state, SLA_OPEN); /* a take is no public answer */
    run(&c, &t, "a 02 11:00");
    assert_int_equal(c.response.state, SLA_MET);
    expect_time(c.update.due_us, "02 15:00");
    run(&c, &t, "p 02 12:00, a 02 13:00");
    expect_time(c.update.due_us, "");
    run(&c, &t, "r 02 14:00"); /* counted from 13:00, less the hour that was still a pause */
    expect_time(c.update.due_us, "02 18:00");
    assert_int_equal(run(&c, &t, "f 03 09:00, f 03 10:00"), SLA_UPDATE);
    run(&c, &t, "a 03 10:00");
    assert_int_equal(c.update.state, SLA_OPEN);
    expect_time(c.update.due_us, "03 14:00");
    run(&c, &t, "d 03 11:00");
    assert_int_equal(c.update.state, SLA_NONE);
    run(&c, &t, "o 03 12:00");
    expect_time(c.update.due_us, "03 16:00");
}

static void times_are_measured(void **state)
{
    (void)state;
    struct sla_terms t = {.calendar = calendar(OFFICE, "UTC"), .resolution = {8 * H, 0}};
    struct sla_clock c;
    assert_int_equal(sla_start(&c, &t, at("02 16:00"), NULL), OD_OK);
    run(&c, &t, "p 02 17:00, r 03 10:00, d 03 12:00, c 04 09:00");
    assert_true(c.worked_us == 9 * HOUR_US);      /* 1 before the pause, 8 behind it: a resolved request is not closed yet */
    assert_true(c.paused_us == 2 * HOUR_US);      /* of working time */
    assert_true(c.waiting_us == 17 * HOUR_US);    /* elapsed */
    assert_true(c.lead_us == 41 * HOUR_US && c.working_lead_us == 9 * HOUR_US);
    sla_advance(&c, &t, at("20 09:00"));
    assert_true(c.worked_us == 9 * HOUR_US); /* closed: for those who look, time stands still */
    run(&c, &t, "o 04 11:00, d 04 13:00, c 04 13:00");
    assert_true(c.excused_us == 8 * HOUR_US); /* from the resolution at noon to the reopening */
    assert_true(c.lead_us == 45 * HOUR_US && c.working_lead_us == 13 * HOUR_US);
}

static void retarget_rows(void **state)
{
    static const struct {
        const char *name;
        uint32_t resolution_s;
        const char *zone;
        const char *script, *now;
        enum sla_state resolution;
        const char *due;
        unsigned fired;
    } rows[] = {
        {"another level: what was consumed and paused is kept", 4 * H, "UTC", "p 02 10:00, r 02 12:00", "02 12:30", SLA_OPEN, "02 15:00", 0},
        {"another zone: as if it had held from the start", 8 * H, "America/New_York", "p 02 15:00, r 02 17:00", "02 18:00", SLA_OPEN, "03 15:00", 0},
        {"a shorter promise that has passed fires", H, "UTC", "p 02 11:00, r 02 12:00", "02 13:00", SLA_MISSED, "02 10:00", SLA_RESOLUTION},
        {"what was missed and still would be is not fired again", 4 * H, "UTC", "f 02 17:00", "02 17:30", SLA_MISSED, "02 13:00", 0},
        {"what was missed is open again under a longer promise", 20 * H, "UTC", "f 02 17:00", "02 17:30", SLA_OPEN, "04 11:00", 0},
        {"during a pause", 4 * H, "UTC", "p 02 10:00", "02 12:00", SLA_OPEN, "", 0},
        {"a resolution is judged anew", H, "UTC", "d 02 12:00", "02 14:00", SLA_MISSED, "02 10:00", 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        struct sla_terms t = {.calendar = calendar(OFFICE, "UTC"), .response_rule = SLA_RESPONSE_TAKE, .resolution = {8 * H, 0}};
        struct sla_terms other = {.calendar = calendar(OFFICE, rows[i].zone), .response_rule = SLA_RESPONSE_TAKE,
                                  .resolution = {rows[i].resolution_s, 0}};
        struct sla_clock c;
        struct sla_step steps[8];
        size_t n = 0;
        bool fire;
        assert_int_equal(sla_start(&c, &t, at("02 09:00"), NULL), OD_OK);
        run(&c, &t, rows[i].script);
        struct od_str s = od_str_c(rows[i].script);
        while (next_step(&s, &steps[n], &fire))
            n += !fire; /* what fired is no history */
        assert_int_equal(sla_retarget(&c, &other, steps, n, at(rows[i].now), NULL), OD_OK);
        assert_int_equal(sla_fire(&c, at(rows[i].now)), rows[i].fired);
        assert_int_equal(c.resolution.state, rows[i].resolution);
        expect_time(c.resolution.due_us, rows[i].due);
    }
}

static void a_refused_step_changes_nothing(void **state)
{
    (void)state;
    struct sla_terms t = {.calendar = calendar("mon 09:00-09:01", "UTC"), .resolution = {60 * 416000, 0}};
    struct sla_clock c, before;
    struct od_err e = {0};
    assert_int_equal(sla_start(&c, &t, at("02 09:00"), NULL), OD_OK); /* due in the year 9998 */
    assert_int_equal(sla_pause(&c, &t, at("02 09:00"), NULL), OD_OK);
    before = c;
    assert_int_equal(sla_resume(&c, &t, at("02 09:00") + INT64_C(86400) * 366 * 200 * OD_US_PER_S, &e), OD_TOO_LARGE);
    assert_memory_equal(&c, &before, sizeof c);
    t.resolution.seconds *= 2;
    assert_int_equal(sla_start(&c, &t, at("02 09:00"), &e), OD_TOO_LARGE);
    assert_memory_equal(&c, &before, sizeof c);
}

/* The same clock comes back, whatever is set in it; bytes that are cut, longer or of another form are refused. */
static void bytes_round_trip(void **state)
{
    static const char *const scripts[] = {"", "t 02 10:00, a 02 10:30, p 02 11:00", "f 03 09:00, d 03 10:00, c 03 11:00, o 04 09:00", "x 02 10:00"};
    (void)state;
    struct sla_terms t = {.calendar = calendar(OFFICE, "UTC"),
                          .response_rule = SLA_RESPONSE_TAKE,
                          .response = {H, 0},
                          .update = {2 * H, 0},
                          .resolution = {0, 3}};
    for (size_t i = 0; i < OD_LEN(scripts); i++) {
        struct sla_clock c, back;
        unsigned char bytes[SLA_CLOCK_BYTES_MAX + 1] = {0};
        memset(&c, 0, sizeof c);
        memset(&back, 0, sizeof back);
        assert_int_equal(sla_start(&c, &t, at("02 09:00"), NULL), OD_OK);
        run(&c, &t, scripts[i]);
        size_t n = sla_clock_encode(&c, bytes);
        assert_true(n <= SLA_CLOCK_BYTES_MAX);
        assert_true(sla_clock_decode((struct od_str){(const char *)bytes, n}, &back));
        assert_true(back.mode == c.mode && back.created_us == c.created_us && back.at_us == c.at_us && back.worked_us == c.worked_us &&
                    back.paused_us == c.paused_us && back.excused_us == c.excused_us && back.stopped_worked_us == c.stopped_worked_us &&
                    back.waiting_us == c.waiting_us && back.update_from_us == c.update_from_us &&
                    back.update_added_us == c.update_added_us && back.closed_us == c.closed_us && back.lead_us == c.lead_us &&
                    back.working_lead_us == c.working_lead_us);
        assert_memory_equal(&back.response, &c.response, sizeof c.response);
        assert_memory_equal(&back.update, &c.update, sizeof c.update);
        assert_memory_equal(&back.resolution, &c.resolution, sizeof c.resolution);
        for (size_t cut = 0; cut < n; cut++)
            assert_false(sla_clock_decode((struct od_str){(const char *)bytes, cut}, &back));
        assert_false(sla_clock_decode((struct od_str){(const char *)bytes, n + 1}, &back));
        bytes[0]++;
        assert_false(sla_clock_decode((struct od_str){(const char *)bytes, n}, &back));
    }
}

/* The oracle counts minutes, by the one rule that a minute works. */

enum { EVENTS_MAX = 12 };

struct log_case {
    size_t n;
    int64_t at_us[EVENTS_MAX];
    unsigned marks[EVENTS_MAX];
};

static void random_case(struct log_case *k)
{
    int64_t us = at("20 08:00") + random_below(1440 * 7) * MINUTE_US; /* the clocks change on the 29th */
    k->n = 1 + random_below(EVENTS_MAX);
    for (size_t i = 0; i < k->n; i++) {
        k->at_us[i] = us;
        k->marks[i] = random_below(3) ? 1U << random_below(4) : 0;
        us += random_below(5) ? random_below(900) * MINUTE_US : 0;
    }
}

/* Working minutes of Rome's office from the case's first event to one time, less its waits if asked for. */
static int64_t slow_worked(const struct log_case *k, const struct od_zone *rome, int64_t until, bool less_waits)
{
    int64_t minutes = 0;
    for (int64_t us = k->at_us[0]; us < until; us += MINUTE_US) {
        struct od_civil c = od_civil_from_us(od_zone_wall_us(rome, us));
        bool waits = false;
        for (size_t i = 0; less_waits && i + 1 < k->n; i++)
            waits |= (k->marks[i] & SLA_LOG_WAITING) && us >= k->at_us[i] && us < k->at_us[i + 1];
        if (!waits && c.hour >= 9 && c.hour < 18 && od_weekday(od_days_from_civil(c.year, (unsigned)c.month, (unsigned)c.day)) < 5)
            minutes++;
    }
    return minutes;
}

static void logs_agree_with_every_minute(void **state)
{
    (void)state;
    const struct od_zone *rome;
    assert_int_equal(od_zone_get(OD_STR("Europe/Rome"), &rome, NULL), OD_OK);
    const struct calendar *cal = calendar(OFFICE, "Europe/Rome");
    for (int round = 0; round < 400; round++) {
        struct log_case k = {.n = 0};
        random_case(&k);
        const struct sla_terms t = {.calendar = cal, .response = {(1 + random_below(20)) * 1800, 0}, .resolution = {(1 + random_below(60)) * 1800, 0}};
        struct sla_clock c;
        int64_t take = OD_TIME_NONE, resolve = OD_TIME_NONE, closing = OD_TIME_NONE, waiting = 0;
        assert_int_equal(sla_log_start(&c, &t, k.at_us[0], NULL), OD_OK);
        for (size_t i = 0; i < k.n; i++) {
            assert_int_equal(sla_log_event(&c, &t, k.at_us[i], k.marks[i], NULL), OD_OK);
            if ((k.marks[i] & SLA_LOG_RESPONSE) && take == OD_TIME_NONE)
                take = k.at_us[i];
            if (k.marks[i] & SLA_LOG_RESOLUTION)
                resolve = k.at_us[i];
            if (k.marks[i] & SLA_LOG_CLOSING)
                closing = k.at_us[i];
            if ((k.marks[i] & SLA_LOG_WAITING) && i + 1 < k.n)
                waiting += k.at_us[i + 1] - k.at_us[i];
        }
        bool responded = take != OD_TIME_NONE && slow_worked(&k, rome, take, false) * 60 <= t.response.seconds;
        bool resolved = resolve != OD_TIME_NONE && slow_worked(&k, rome, resolve, true) * 60 <= t.resolution.seconds;
        assert_int_equal(c.response.state, responded ? SLA_MET : SLA_MISSED);
        assert_int_equal(c.resolution.state, resolved ? SLA_MET : SLA_MISSED);
        assert_true(c.waiting_us == waiting);
        assert_true(c.closed_us == closing);
        if (closing != OD_TIME_NONE) {
            assert_true(c.lead_us == closing - k.at_us[0]);
            assert_true(c.working_lead_us == slow_worked(&k, rome, closing, true) * MINUTE_US);
        }
        assert_true(sla_next_timer(&c) == OD_TIME_NONE);
    }
}

/* Pauses at random: a request is due when its promise is used up outside of them, to the minute. */
static void due_times_agree_with_every_minute(void **state)
{
    (void)state;
    const struct calendar *cal = calendar("mon-sat 08:00-12:00,13:00-17:30; sun 01:00-04:00", "Europe/Rome");
    for (int round = 0; round < 300; round++) {
        struct sla_terms t = {.calendar = cal, .resolution = {(1 + random_below(40)) * 1800, 0}};
        struct sla_clock c;
        int64_t us = at("26 08:00") + random_below(1440) * MINUTE_US, left = t.resolution.seconds / 60, minute;
        bool paused = false;
        assert_int_equal(sla_start(&c, &t, us, NULL), OD_OK);
        for (unsigned steps = random_below(6); steps--; paused = !paused) {
            int64_t until = us + random_below(700) * MINUTE_US;
            for (; us < until; us += MINUTE_US)
                left -= !paused && calendar_between(cal, us, us + MINUTE_US);
            assert_int_equal((paused ? sla_resume : sla_pause)(&c, &t, us, NULL), OD_OK);
            if (left <= 0)
                break;
        }
        if (left <= 0)
            continue;
        assert_int_equal(sla_resume(&c, &t, us, NULL), OD_OK);
        for (minute = us; left; minute += MINUTE_US)
            left -= calendar_between(cal, minute, minute + MINUTE_US) > 0;
        assert_true(c.resolution.due_us == minute);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_rows),
        cmocka_unit_test(answers_restart_the_update),
        cmocka_unit_test(times_are_measured),
        cmocka_unit_test(retarget_rows),
        cmocka_unit_test(a_refused_step_changes_nothing),
        cmocka_unit_test(bytes_round_trip),
        cmocka_unit_test(logs_agree_with_every_minute),
        cmocka_unit_test(due_times_agree_with_every_minute),
    };
    return cmocka_run_group_tests_name("clock", tests, arena_up, arena_down);
}
