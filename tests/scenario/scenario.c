/* SPDX-License-Identifier: Apache-2.0
 * Reading scenario files and holding the outcome against them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/scenario/scenario.h"

#include <glob.h>
#include <stdio.h>

#include "common/base/zone.h"

struct run {
    const char *path;
    int line;
    struct scenario_terms terms;
    const struct od_zone *zone;
    const struct scenario_backend *backend;
    bool begun;
};

#define MUST(run, cond, what)                                                                                          \
    do {                                                                                                               \
        if (!(cond))                                                                                                   \
            fail_msg("%s:%d: %s", (run)->path, (run)->line, what);                                                     \
    } while (0)

static int64_t instant(struct run *r, const char *date, const char *time)
{
    char text[48];
    int64_t wall_us;
    snprintf(text, sizeof text, "%.10sT%.5s:00Z", date, time);
    MUST(r, od_time_parse(od_str_c(text), &wall_us), "not a time");
    return od_zone_to_us(r->zone, wall_us, false);
}

bool scenario_action(const char *verb, enum request_action *ret_action)
{
    for (int a = 0; a < ACTION_COUNT; a++) {
        if (!strcmp(verb, request_action_name((enum request_action)a))) {
            *ret_action = (enum request_action)a;
            return true;
        }
    }
    return false;
}

enum wait_for scenario_wait_for(const char *argument)
{
    return !strcmp(argument, "customer") ? WAIT_CUSTOMER : !strcmp(argument, "supplier") ? WAIT_SUPPLIER : WAIT_INTERNAL;
}

static uint32_t duration_s(struct run *r, const char *text)
{
    char *unit;
    uint32_t n = (uint32_t)strtoul(text, &unit, 10);
    MUST(r, unit != text && (!strcmp(unit, "h") || !strcmp(unit, "m")), "not a duration such as 4h");
    return n * (*unit == 'h' ? 3600 : 60);
}

static bool head_line(struct run *r, const char *line)
{
    char value[128];
    if (sscanf(line, "calendar %127[^\n]", value) == 1)
        snprintf(r->terms.week, sizeof r->terms.week, "%s", value);
    else if (sscanf(line, "zone %63s", r->terms.zone) == 1)
        MUST(r, od_zone_get(od_str_c(r->terms.zone), &r->zone, NULL) == OD_OK, "unknown zone");
    else if (sscanf(line, "response %127s", value) == 1)
        r->terms.response_s = duration_s(r, value);
    else if (sscanf(line, "resolution %127s", value) == 1)
        r->terms.resolution_s = duration_s(r, value);
    else
        return false;
    return true;
}

static void expect_target(struct run *r, const struct sla_target *t, const char *rest)
{
    char state[16], what[8], date[16], time[16];
    static const char *const names[] = {"none", "open", "met", "missed"};
    int n = sscanf(rest, "%15s %7s %15s %15s", state, what, date, time);
    if (n < 1 || strcmp(state, names[t->state]) != 0)
        fail_msg("%s:%d: expected %s, it is %s", r->path, r->line, state, names[t->state]);
    if (n < 4)
        return;
    int64_t want = instant(r, date, time), is = !strcmp(what, "due") ? t->due_us : t->reached_us;
    char is_text[OD_TIME_TEXT] = "not set", want_text[OD_TIME_TEXT];
    if (is != OD_TIME_NONE)
        od_time_format(is, is_text);
    if (is != want)
        fail_msg("%s:%d: %s %s expected, it is %s", r->path, r->line, what, od_time_format(want, want_text), is_text);
}

static void expect_line(struct run *r, const char *rest)
{
    struct scenario_view v;
    r->backend->view(r->backend->self, &v);
    if (!strncmp(rest, "state ", 6)) {
        const char *is = request_state_name(v.state);
        size_t n = strcspn(rest + 6, "\n");
        if (strlen(is) != n || strncmp(is, rest + 6, n) != 0)
            fail_msg("%s:%d: expected state %.*s, it is %s", r->path, r->line, (int)n, rest + 6, is);
    } else if (!strncmp(rest, "response ", 9)) {
        expect_target(r, &v.response, rest + 9);
    } else if (!strncmp(rest, "resolution ", 11)) {
        expect_target(r, &v.resolution, rest + 11);
    } else {
        fail_msg("%s:%d: expect what?", r->path, r->line);
    }
}

static void event_line(struct run *r, const char *line)
{
    char date[16], time[16], who[16] = "", rest[96] = "", reason[48];
    struct scenario_step s = {.who = WHO_ANN};
    static const char *const people[] = {"ann", "bob", "head", "client"};
    MUST(r, sscanf(line, "%15s %15s %15s %95[^\n]", date, time, who, rest) >= 3, "not a line of a scenario");
    s.at_us = instant(r, date, time);
    const char *arrow = strstr(rest, "-> ");
    if (arrow && sscanf(arrow, "-> %47s", reason) == 1)
        MUST(r, (s.refused = od_reason_from_name(reason)) != OD_R_NONE, "unknown reason");
    if (!strcmp(who, "register") || !strcmp(who, "tick")) {
        snprintf(s.verb, sizeof s.verb, "%s", who);
    } else {
        size_t i = 0;
        while (i < OD_LEN(people) && strcmp(people[i], who) != 0)
            i++;
        MUST(r, i < OD_LEN(people), "nobody of that name");
        s.who = (enum scenario_who)i;
        MUST(r, sscanf(rest, "%23s %47s", s.verb, s.argument) >= 1, "what does he do?");
    }
    if (!r->begun)
        r->backend->begin(r->backend->self, &r->terms);
    r->begun = true;
    enum od_reason got = r->backend->step(r->backend->self, &s);
    if (got != s.refused)
        fail_msg("%s:%d: expected %s, got %s", r->path, r->line, od_reason_name(s.refused), od_reason_name(got));
}

void scenario_run(const char *path, const struct scenario_backend *backend)
{
    struct run r = {.path = path, .backend = backend};
    char line[256];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    print_message("  %s\n", path);
    while (fgets(line, sizeof line, f)) {
        r.line++;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (!strncmp(line, "expect ", 7))
            expect_line(&r, line + 7);
        else if (r.begun || !head_line(&r, line))
            event_line(&r, line);
    }
    fclose(f);
    MUST(&r, r.begun, "nothing happens");
}

void scenario_run_all(const struct scenario_backend *backend)
{
    glob_t g;
    assert_int_equal(glob("tests/scenario/request/*.txt", 0, NULL, &g), 0);
    for (size_t i = 0; i < g.gl_pathc; i++)
        scenario_run(g.gl_pathv[i], backend);
    globfree(&g);
}
