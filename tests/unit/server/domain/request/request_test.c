/* SPDX-License-Identifier: Apache-2.0
 * The request's core: every state with every action, the scenarios with a fake clock, who is told what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/scenario/scenario.h"

struct core {
    struct od_arena arena;
    struct sla_terms terms;
    struct request r;
    struct effects fx;
};

static const struct actor ACTORS[] = {
    [WHO_ANN] = {.id = 1}, [WHO_BOB] = {.id = 2}, [WHO_HEAD] = {.id = 3, .may_assign = true}, [WHO_CLIENT] = {.id = 4, .customer = true}};

static void core_begin(void *self, const struct scenario_terms *t)
{
    struct core *c = self;
    const struct calendar *cal;
    od_arena_done(&c->arena);
    od_arena_init(&c->arena, 1024 * 1024);
    assert_int_equal(calendar_parse(od_str_c(t->week), OD_STR(""), od_str_c(t->zone), &c->arena, &cal, NULL), OD_OK);
    c->terms = (struct sla_terms){.calendar = cal, .response_rule = SLA_RESPONSE_TAKE, .response = {t->response_s, 0},
                                  .resolution = {t->resolution_s, 0}};
    c->r = (struct request){.id = 7, .number = 7, .priority = 1, .contact_principal_id = 4, .head_id = 3, .title = OD_STR("A printer")};
}

/* Timers fire at their due times, before what happens later. */
static void core_fire(struct core *c, int64_t now_us)
{
    int64_t due_us;
    while (c->r.version && (due_us = sla_next_timer(&c->r.clock)) != OD_TIME_NONE && due_us <= now_us) {
        c->fx = (struct effects){0};
        request_fire(&c->r, due_us, &c->fx);
    }
}

static enum od_reason core_step(void *self, const struct scenario_step *s)
{
    struct core *c = self;
    struct od_err err = {0};
    enum od_status status = OD_OK;
    struct request_command command = {.wait_for = scenario_wait_for(s->argument), .assignee_id = !strcmp(s->argument, "bob") ? 2 : 1};
    core_fire(c, s->at_us);
    c->fx = (struct effects){0};
    if (!strcmp(s->verb, "register"))
        status = request_register(&c->r, &c->terms, &ACTORS[WHO_HEAD], s->at_us, &c->fx, &err);
    else if (!strcmp(s->verb, "comment"))
        status = request_comment(&c->r, OD_STR("a word"), &c->terms, &ACTORS[s->who], s->at_us, &c->fx, &err);
    else if (!strcmp(s->verb, "work"))
        status = request_work(&c->r, 15, OD_STR("worked"), OD_TIME_NONE, &ACTORS[s->who], s->at_us, &c->fx, &err);
    else if (scenario_action(s->verb, &command.action))
        status = request_act(&c->r, &command, &c->terms, &ACTORS[s->who], s->at_us, &c->fx, &err);
    return status == OD_OK ? OD_R_NONE : err.reason;
}

static void core_view(void *self, struct scenario_view *v)
{
    const struct core *c = self;
    *v = (struct scenario_view){c->r.state, c->r.clock.response, c->r.clock.resolution};
}

static void scenarios_hold_in_the_core(void **state)
{
    struct core c = {0};
    (void)state;
    scenario_run_all(&(struct scenario_backend){core_begin, core_step, core_view, &c});
    od_arena_done(&c.arena);
}

static struct core made(enum request_state s, int64_t assignee)
{
    static const struct scenario_terms terms = {"mon-sun 00:00-24:00", "UTC", 3600, 36000};
    struct core c = {0};
    core_begin(&c, &terms);
    core_step(&c, &(struct scenario_step){.at_us = 1, .verb = "register"});
    c.r.state = s;
    c.r.assignee_id = assignee;
    c.fx = (struct effects){0};
    return c;
}

/* The whole table: 7 states x 10 actions, by the head, who may everything. */
static void every_state_and_action(void **state)
{
    static const char *const allowed[] = {
        [REQUEST_OPEN] = "take assign transfer cancel",
        [REQUEST_ASSIGNED] = "take assign transfer return cancel",
        [REQUEST_IN_WORK] = "assign transfer return wait resolve cancel",
        [REQUEST_WAITING] = "resume resolve cancel",
        [REQUEST_RESOLVED] = "close reopen",
        [REQUEST_CLOSED] = "reopen",
        [REQUEST_CANCELLED] = "reopen",
    };
    (void)state;
    for (int s = REQUEST_OPEN; s <= REQUEST_CANCELLED; s++) {
        for (int a = 0; a < ACTION_COUNT; a++) {
            struct core c = made((enum request_state)s, s == REQUEST_OPEN ? 0 : 1);
            struct od_err err;
            struct request_command command = {.action = (enum request_action)a, .assignee_id = 2, .wait_for = WAIT_CUSTOMER,
                                              .department_id = 5, .department_branch_id = 6};
            const char *name = request_action_name(command.action), *at = strstr(allowed[s], name);
            bool may = at && (at[strlen(name)] == ' ' || !at[strlen(name)]) && (at == allowed[s] || at[-1] == ' ');
            enum od_status status = request_act(&c.r, &command, &c.terms, &ACTORS[WHO_HEAD], 2, &c.fx, &err);
            if ((status == OD_OK) != may)
                fail_msg("%s while %s: %s", name, request_state_name((enum request_state)s), od_reason_name(err.reason));
            assert_int_equal(c.fx.n_history, may);
            if (may)
                assert_true(c.r.version == 2 && c.r.history_seq == 2 && c.fx.timer_changed);
            else
                assert_true(c.r.version == 1 && (int)c.r.state == s);
            od_arena_done(&c.arena);
        }
    }
}

static void who_is_told_what(void **state)
{
    static const struct {
        const char *name;
        enum request_action action;
        enum request_state from;
        int64_t actor, assignee;
        int64_t told[3];
        enum event_kind kinds[3];
    } rows[] = {
        {"the assignee of an assignment", ACTION_ASSIGN, REQUEST_OPEN, 3, 0, {2}, {EVENT_ASSIGNED}},
        {"the one who loses it, too", ACTION_ASSIGN, REQUEST_IN_WORK, 3, 1, {1, 2}, {EVENT_UNASSIGNED, EVENT_ASSIGNED}},
        {"the contact of a take, not the taker", ACTION_TAKE, REQUEST_OPEN, 1, 0, {4}, {EVENT_STATE_CHANGED}},
        {"assignee and contact of a cancellation by the head", ACTION_CANCEL, REQUEST_IN_WORK, 3, 1, {1, 4},
         {EVENT_STATE_CHANGED, EVENT_STATE_CHANGED}},
        {"nobody but the old assignee of a transfer", ACTION_TRANSFER, REQUEST_IN_WORK, 3, 1, {1}, {EVENT_UNASSIGNED}},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct core c = made(rows[i].from, rows[i].assignee);
        struct od_err err;
        const struct actor actor = {.id = rows[i].actor, .may_assign = true};
        struct request_command command = {.action = rows[i].action, .assignee_id = 2, .department_id = 5};
        print_message("  %s\n", rows[i].name);
        assert_int_equal(request_act(&c.r, &command, &c.terms, &actor, 2, &c.fx, &err), OD_OK);
        for (unsigned k = 0; k < 3 && rows[i].told[k]; k++) {
            assert_true(k < c.fx.n_events);
            assert_true(c.fx.events[k].principal_id == rows[i].told[k]);
            assert_int_equal(c.fx.events[k].kind, rows[i].kinds[k]);
        }
        assert_true(c.fx.n_events == 3 || !rows[i].told[c.fx.n_events]);
        od_arena_done(&c.arena);
    }
}

static void internal_things_tell_no_customer(void **state)
{
    (void)state;
    struct core c = made(REQUEST_IN_WORK, 1);
    struct od_err err;
    request_note(&c.r, OD_STR("between us"), &ACTORS[WHO_BOB], 2, &c.fx);
    assert_int_equal(request_work(&c.r, 15, OD_STR("looked"), OD_TIME_NONE, &ACTORS[WHO_ANN], 3, &c.fx, &err), OD_OK);
    assert_int_equal(c.fx.n_events, 1);
    assert_true(c.fx.events[0].principal_id == 1);
    assert_true(c.fx.history[0].internal && c.fx.history[1].internal);
    assert_int_equal(c.r.minutes_total, 15);
    assert_int_equal(request_work(&c.r, 0, OD_STR("x"), OD_TIME_NONE, &ACTORS[WHO_ANN], 3, &c.fx, &err), OD_INVALID);
    od_arena_done(&c.arena);
}

/* R1.24: a wrongly noted entry is refused, by the name of its field. */
static void work_lies_in_the_past(void **state)
{
    static const int64_t NOW_US = INT64_C(1767261600000000); /* 2026-01-01T10:00:00Z */
    static const struct {
        const char *name;
        int64_t worked_us;
        bool refused;
        int64_t happened_us;
    } rows[] = {
        {"not said: now", OD_TIME_NONE, false, NOW_US},
        {"yesterday", NOW_US - 86400 * OD_US_PER_S, false, NOW_US - 86400 * OD_US_PER_S},
        {"now", NOW_US, false, NOW_US},
        {"by a clock that is a little ahead: now", NOW_US + 60 * OD_US_PER_S, false, NOW_US},
        {"later today", NOW_US + 60 * OD_US_PER_S + 1, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct core c = made(REQUEST_IN_WORK, 1);
        struct od_err err;
        char text[256];
        print_message("  %s\n", rows[i].name);
        od_err_clear(&err);
        enum od_status status = request_work(&c.r, 15, OD_STR("x"), rows[i].worked_us, &ACTORS[WHO_ANN], NOW_US, &c.fx, &err);
        assert_int_equal(status, rows[i].refused ? OD_INVALID : OD_OK);
        if (rows[i].refused) {
            assert_string_equal(err.violations[0].field, "worked_us");
            assert_int_equal(err.violations[0].reason, OD_R_FIELD_IN_FUTURE);
            assert_string_equal(od_reason_text(err.violations[0].reason, err.violations[0].args, text, sizeof text),
                                "must not lie in the future; it is 2026-01-01T10:00:00Z now");
            assert_int_equal(c.fx.n_history, 0);
            assert_int_equal(c.r.minutes_total, 0);
        } else {
            assert_true(c.fx.history[0].happened_us == rows[i].happened_us);
        }
        od_arena_done(&c.arena);
    }
}

/* R0.9: derived from type x urgency, and explained. */
static void priority_is_derived_and_explained(void **state)
{
    static const struct {
        int impact, urgency, priority;
    } rows[] = {{1, 4, 1}, {1, 1, 3}, {2, 3, 2}, {3, 2, 3}, {4, 4, 3}, {4, 1, 4}};
    char why[PRIORITY_WHY_TEXT];
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++)
        assert_int_equal(request_priority(rows[i].impact, rows[i].urgency, why), rows[i].priority);
    assert_string_equal(why, "impact 4 of the request type x urgency low = priority 4");
}

static void an_event_text_is_cut_at_a_code_point(void **state)
{
    (void)state;
    struct effects fx = {0};
    char long_text[400];
    memset(long_text, 'x', sizeof long_text);
    static const char euro[3] = {'\xe2', '\x82', '\xac'};
    memcpy(long_text + OD_EVENT_TEXT_MAX - 2, euro, sizeof euro);
    effects_tell(&fx, 9, EVENT_COMMENTED, "%.*s", 300, long_text);
    assert_true(od_utf8_len(od_str_c(fx.events[0].text)) == OD_EVENT_TEXT_MAX - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios_hold_in_the_core),
        cmocka_unit_test(every_state_and_action),
        cmocka_unit_test(who_is_told_what),
        cmocka_unit_test(internal_things_tell_no_customer),
        cmocka_unit_test(work_lies_in_the_past),
        cmocka_unit_test(priority_is_derived_and_explained),
        cmocka_unit_test(an_event_text_is_cut_at_a_code_point),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
