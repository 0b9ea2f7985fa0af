/* SPDX-License-Identifier: Apache-2.0
 * Models that would never end, or grow without bound, by rows: each ends in the bound that it names, or in an incident that says
 * why, after no more transitions, items and bytes than the row allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "server/domain/process/step.h"

#define HEAD "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"urn:test\">"
#define TAIL "</process></definitions>"
#define PROCESS "<process id=\"p\" isExecutable=\"true\">"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define MANY(n) "<multiInstanceLoopCharacteristics><loopCardinality>" n "</loopCardinality></multiInstanceLoopCharacteristics>"

enum end { BOUND, INCIDENT, COMPLETED };

struct poison {
    const char *name, *model;
    enum end end;
    const char *says;            /* in the error's arguments or in the incident */
    uint32_t transitions, items; /* at most, of the whole run */
    size_t bytes;                /* at most, of the state */
};

static const struct poison rows[] = {
    {"a circle without a wait",
     PROCESS "<startEvent id=\"s\"/><exclusiveGateway id=\"g\"/><task id=\"a\"/>" FLOW("f0", "s", "g") FLOW("f1", "g", "a")
         FLOW("f2", "a", "g"),
     BOUND, "transitions of a process without an event", 20000, 3, 200},
    {"a circle that doubles its tokens",
     PROCESS "<startEvent id=\"s\"/><task id=\"a\"/><task id=\"b\"/>" FLOW("f0", "s", "a") FLOW("f1", "a", "b") FLOW("f2", "b", "a")
         FLOW("f3", "a", "a"),
     BOUND, "transitions of a process without an event", 20000, 10000, 400000},
    {"a million tokens by quantity",
     PROCESS "<startEvent id=\"s\"/><task id=\"a\" completionQuantity=\"1000\"/><task id=\"b\" completionQuantity=\"1000\"/>"
             "<userTask id=\"u\"/>" FLOW("f0", "s", "a") FLOW("f1", "a", "b") FLOW("f2", "b", "u"),
     BOUND, "tokens and waits of a process", 2500, 10000, 400000},
    {"a million instances", PROCESS "<startEvent id=\"s\"/><userTask id=\"u\">" MANY("1000000") "</userTask>" FLOW("f0", "s", "u"),
     INCIDENT, "1000000 instances; an activity has at most 5000", 5, 3, 200},
    {"a million instances, a thousand of a thousand",
     PROCESS "<startEvent id=\"s\"/><subProcess id=\"sub\">" MANY("1000") "<userTask id=\"u\">" MANY(
         "1000") "</userTask></subProcess>" FLOW("f0", "s", "sub"),
     BOUND, "tokens and waits of a process", 20000, 10000, 1000000},
    {"as many instances as are allowed",
     PROCESS
     "<startEvent id=\"s\"/><scriptTask id=\"a\">"
     "<multiInstanceLoopCharacteristics isSequential=\"true\"><loopCardinality>5000</loopCardinality></multiInstanceLoopCharacteristics>"
     "<script>{n: 1}</script></scriptTask>" FLOW("f0", "s", "a"),
     COMPLETED, "", 20000, 5, 300},
    {"as many instances at once, each with its item",
     PROCESS "<startEvent id=\"s\"/><scriptTask id=\"a\"><multiInstanceLoopCharacteristics><extensionElements><z:loopCharacteristics "
             "xmlns:z=\"http://camunda.org/schema/zeebe/1.0\" inputCollection=\"=for i in 1..5000 return i\" inputElement=\"x\" "
             "outputCollection=\"out\" outputElement=\"=x * 2\"/></extensionElements></multiInstanceLoopCharacteristics>"
             "<script>{n: x}</script></scriptTask>" FLOW("f0", "s", "a"),
     COMPLETED, "", 20000, 5003, 1000000},
    {"rounds of a loop without a last one",
     PROCESS "<startEvent id=\"s\"/><task id=\"a\"><standardLoopCharacteristics><loopCondition>true</loopCondition>"
             "</standardLoopCharacteristics></task>" FLOW("f0", "s", "a"),
     BOUND, "transitions of a process without an event", 20000, 5, 300},
    {"a variable that doubles",
     PROCESS
     "<startEvent id=\"s\"/><exclusiveGateway id=\"g\"/><scriptTask id=\"a\"><script>{l: if l = null then [1] else concatenate(l, l)}"
     "</script></scriptTask>" FLOW("f0", "s", "g") FLOW("f1", "g", "a") FLOW("f2", "a", "g"),
     INCIDENT, "more memory than the 16777216 bytes", 100, 3, 1 << 20},
    {"an expression that would count for ever",
     PROCESS "<startEvent id=\"s\"/><scriptTask id=\"a\"><script>{all: every i in 1..1000000000 satisfies i > 0}"
             "</script></scriptTask>" FLOW("f0", "s", "a"),
     INCIDENT, "steps", 5, 3, 200},
    {"a signal that answers itself",
     "<signal id=\"g\" name=\"g\"/>" PROCESS
     "<startEvent id=\"s\"/><intermediateThrowEvent id=\"t\"><signalEventDefinition signalRef=\"g\"/>"
     "</intermediateThrowEvent><userTask id=\"u\"/><subProcess id=\"esp\" triggeredByEvent=\"true\"><startEvent id=\"es\" "
     "isInterrupting=\"false\">"
     "<signalEventDefinition signalRef=\"g\"/></startEvent><endEvent id=\"ee\"><signalEventDefinition signalRef=\"g\"/></endEvent>" FLOW(
         "g0", "es", "ee") "</subProcess>" FLOW("f0", "s", "t") FLOW("f1", "t", "u"),
     BOUND, "transitions of a process without an event", 20000, 10, 400},
    {"a condition that its own handler makes true again",
     PROCESS "<startEvent id=\"s\"/><scriptTask id=\"a\"><script>{n: 1}</script></scriptTask><userTask id=\"u\"/>"
             "<subProcess id=\"esp\" triggeredByEvent=\"true\"><startEvent id=\"es\" "
             "isInterrupting=\"false\"><conditionalEventDefinition><condition>n = 1</condition>"
             "</conditionalEventDefinition></startEvent><scriptTask id=\"x\"><script>{n: 0}</script></scriptTask><scriptTask "
             "id=\"y\"><script>{n: 1}</script></scriptTask>" FLOW("g0", "es", "x") FLOW("g1", "x", "y") "</subProcess>" FLOW("f0", "s", "a")
                 FLOW("f1", "a", "u"),
     BOUND, "transitions of a process without an event", 20000, 20, 1000},
    {"an error that its handler throws again",
     "<error id=\"x\" errorCode=\"X\"/>" PROCESS "<startEvent id=\"s\"/><subProcess id=\"sub\"><startEvent id=\"s2\"/>"
     "<endEvent id=\"e2\"><errorEventDefinition errorRef=\"x\"/></endEvent>" FLOW(
         "g0", "s2", "e2") "</subProcess><boundaryEvent id=\"b\" attachedToRef=\"sub\">"
                           "<errorEventDefinition errorRef=\"x\"/></boundaryEvent>" FLOW("f0", "s", "sub") FLOW("f1", "b", "sub"),
     BOUND, "transitions of a process without an event", 20000, 5, 300},
};

/* What a run has taken, at the end or where it met its bound. */
struct taken {
    uint32_t transitions, items;
    size_t bytes;
    enum end end;
    char says[512];
};

static const struct def *compile(const char *text, struct od_arena *arena)
{
    struct model *m;
    struct lint_report report;
    const struct def *d = NULL;
    struct od_err err;
    lint_report_init(&report, LINT_DEPLOY, arena);
    assert_int_equal(model_read(od_str_c(text), NULL, arena, &m, &err), OD_OK);
    assert_int_equal(def_compile(m, model_first(m->file.doc.root, BPMN_PROCESS), DEF_DEPLOY, NULL, arena, &report, &d, &err), OD_OK);
    for (unsigned i = 0; i < report.n; i++)
        print_message("    %s\n", report.findings[i].text);
    assert_non_null(d);
    return d;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Goes on as long as it is told to; no step makes more transitions than a step may. */
static void run(const struct def *d, struct taken *t)
{
    struct od_arena scratch, texts;
    struct process_effects fx;
    struct process_event e = {.kind = PROCESS_START, .node = DEF_NONE};
    struct state s;
    struct od_buf bytes;
    struct od_err err;
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    od_arena_init(&texts, 64 << 20);
    od_buf_init(&bytes, 64 << 20);
    process_effects_init(&fx, &texts);
    state_init(&s);
    struct process_env env = {.scratch = &scratch};
    *t = (struct taken){.end = COMPLETED};
    for (bool more = true; more;) {
        uint32_t before = s.transitions;
        od_arena_reset(&texts);
        process_effects_clear(&fx);
        enum od_status status = process_step(d, &s, &e, &env, &fx, &err);
        assert_in_range(s.transitions - before, 0, OD_PROCESS_STEP_TRANSITIONS);
        t->transitions = s.transitions;
        t->items = larger(t->items, s.live_items);
        if (status != OD_OK) {
            t->end = BOUND;
            assert_int_equal(err.reason, OD_R_LIMIT_EXCEEDED);
            snprintf(t->says, sizeof t->says, "%s", err.args);
            break;
        }
        od_buf_clear(&bytes);
        state_encode(&s, &bytes);
        t->bytes = t->bytes < bytes.n ? bytes.n : t->bytes;
        more = false;
        for (size_t i = 0; i < fx.n; i++) {
            more = more || fx.list[i].kind == PROCESS_FX_CONTINUE;
            if (fx.list[i].kind == PROCESS_FX_INCIDENT) {
                t->end = INCIDENT;
                snprintf(t->says, sizeof t->says, OD_STR_FMT, OD_STR_ARG(fx.list[i].text));
            }
        }
        e = (struct process_event){.kind = PROCESS_CONTINUE};
    }
    assert_true(t->end != COMPLETED || s.ended);
    state_done(&s);
    process_effects_done(&fx);
    od_buf_done(&bytes);
    od_arena_done(&texts);
    od_arena_done(&scratch);
}

static void ends_in_its_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct taken t;
        char text[4096];
        od_arena_init(&arena, OD_MODEL_BYTES_MAX);
        snprintf(text, sizeof text, HEAD "%s" TAIL, rows[i].model);
        run(compile(text, &arena), &t);
        print_message("  %s: %u transitions, %u items, %zu bytes; %s\n", rows[i].name, t.transitions, t.items, t.bytes, t.says);
        assert_int_equal(t.end, rows[i].end);
        assert_non_null(strstr(t.says, rows[i].says));
        assert_in_range(t.transitions, 1, rows[i].transitions);
        assert_in_range(t.items, 0, rows[i].items);
        assert_in_range(t.bytes, 1, rows[i].bytes);
        od_arena_done(&arena);
    }
}

/* Sub-processes in each other as deep as a file may be. */
static void nests_as_deep_as_a_file(void **state)
{
    enum { LEVELS = OD_MODEL_DEPTH_MAX - 2 };
    struct od_arena arena;
    struct od_buf b;
    struct taken t;
    (void)state;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_buf_init(&b, 1 << 20);
    od_buf_c(&b, HEAD PROCESS);
    for (unsigned i = 0; i < LEVELS; i++)
        od_buf_printf(&b, "<subProcess id=\"s%u\">", i);
    for (unsigned i = 0; i < LEVELS; i++)
        od_buf_c(&b, "</subProcess>");
    od_buf_c(&b, TAIL);
    run(compile(od_buf_cstr(&b), &arena), &t);
    assert_int_equal(t.end, COMPLETED);
    assert_in_range(t.transitions, LEVELS, 2 * LEVELS + 1);
    assert_in_range(t.items, LEVELS / 2, LEVELS + 1);
    assert_in_range(t.bytes, 1, 20 * LEVELS);
    od_buf_done(&b);
    od_arena_done(&arena);
}

/* Effects that their arena has no room for are an error, not effects without their values. */
static void effects_have_room_or_say_so(void **state)
{
    static const char text[] = HEAD PROCESS "<startEvent id=\"s\"/><callActivity id=\"c\" calledElement=\"other\"/>" FLOW("f0", "s", "c") TAIL;
    struct process_var var = {OD_STR("answer"), OD_STR("{\"t\":\"number\",\"v\":\"42\"}")};
    struct process_event e = {.kind = PROCESS_START, .node = DEF_NONE, .vars = &var, .n_vars = 1};
    static const size_t caps[] = {16, 80, 1 << 16};
    struct od_arena arena, scratch, texts;
    (void)state;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    const struct def *d = compile(text, &arena);
    for (size_t i = 0; i < OD_LEN(caps); i++) {
        struct process_effects fx;
        struct state s;
        struct od_err err = {.reason = OD_R_NONE};
        od_arena_init(&texts, caps[i]);
        process_effects_init(&fx, &texts);
        state_init(&s);
        enum od_status status = process_step(d, &s, &e, &(struct process_env){.scratch = &scratch}, &fx, &err);
        print_message("  %zu bytes: %s\n", caps[i], od_reason_name(err.reason));
        if (i + 1 < OD_LEN(caps)) {
            assert_int_equal(err.reason, OD_R_MEMORY_LIMIT);
        } else {
            assert_int_equal(status, OD_OK);
            assert_int_equal(fx.list[fx.n - 1].n_values, 1);
        }
        state_done(&s);
        process_effects_done(&fx);
        od_arena_done(&texts);
    }
    od_arena_done(&scratch);
    od_arena_done(&arena);
}

/* Names that the engine keeps for itself cannot come from outside. */
static void names_from_outside_are_names(void **state)
{
    static const struct od_str names[] = {{"", 0}, {"\x01i0", 3}, {"\tx", 2}};
    struct od_arena arena, scratch;
    (void)state;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    const struct def *d = compile(HEAD PROCESS "<startEvent id=\"s\"/><userTask id=\"a\"/>" FLOW("f0", "s", "a") TAIL, &arena);
    for (size_t i = 0; i < OD_LEN(names); i++) {
        struct process_var var = {names[i], OD_STR("{\"t\":\"null\"}")};
        struct process_event e = {.kind = PROCESS_START, .node = DEF_NONE, .vars = &var, .n_vars = 1};
        struct process_effects fx;
        struct state s;
        struct od_err err = {.reason = OD_R_NONE};
        process_effects_init(&fx, &arena);
        state_init(&s);
        assert_int_not_equal(process_step(d, &s, &e, &(struct process_env){.scratch = &scratch}, &fx, &err), OD_OK);
        assert_int_equal(err.reason, OD_R_MESSAGE_MALFORMED);
        assert_int_equal(fx.n, 0);
        state_done(&s);
        process_effects_done(&fx);
    }
    od_arena_done(&scratch);
    od_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends_in_its_bound), cmocka_unit_test(nests_as_deep_as_a_file),
                                       cmocka_unit_test(effects_have_room_or_say_so), cmocka_unit_test(names_from_outside_are_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
