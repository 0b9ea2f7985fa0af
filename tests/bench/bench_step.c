/* SPDX-License-Identifier: Apache-2.0
 * Element transitions a second of step() on one core: one instance after the other of a model with gateways that split, decide
 * and join, and tasks in between, parsed once. Prints one number; the first argument is the seconds to run (2). */
#include <stdio.h>

#include "common/base/limits.h"
#include "server/domain/process/step.h"

static const char model_text[] =
    "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"urn:bench\"><process id=\"p\" isExecutable=\"true\">"
    "<startEvent id=\"s\"/><parallelGateway id=\"split\"/><task id=\"a\"/><task id=\"b\"/><task id=\"c\"/><parallelGateway id=\"join\"/>"
    "<exclusiveGateway id=\"which\" default=\"f9\"/><task id=\"d\"/><task id=\"e\"/><exclusiveGateway id=\"merge\"/><endEvent id=\"end\"/>"
    "<sequenceFlow id=\"f0\" sourceRef=\"s\" targetRef=\"split\"/><sequenceFlow id=\"f1\" sourceRef=\"split\" targetRef=\"a\"/>"
    "<sequenceFlow id=\"f2\" sourceRef=\"split\" targetRef=\"b\"/><sequenceFlow id=\"f3\" sourceRef=\"split\" targetRef=\"c\"/>"
    "<sequenceFlow id=\"f4\" sourceRef=\"a\" targetRef=\"join\"/><sequenceFlow id=\"f5\" sourceRef=\"b\" targetRef=\"join\"/>"
    "<sequenceFlow id=\"f6\" sourceRef=\"c\" targetRef=\"join\"/><sequenceFlow id=\"f7\" sourceRef=\"join\" targetRef=\"which\"/>"
    "<sequenceFlow id=\"f8\" sourceRef=\"which\" targetRef=\"d\"><conditionExpression>amount &gt; 1000</conditionExpression></sequenceFlow>"
    "<sequenceFlow id=\"f9\" sourceRef=\"which\" targetRef=\"e\"/><sequenceFlow id=\"f10\" sourceRef=\"d\" targetRef=\"merge\"/>"
    "<sequenceFlow id=\"f11\" sourceRef=\"e\" targetRef=\"merge\"/><sequenceFlow id=\"f12\" sourceRef=\"merge\" targetRef=\"end\"/>"
    "</process></definitions>";

/* Time that this process had a core: neighbours on the machine do not count. */
static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * OD_US_PER_S + t.tv_nsec / 1000;
}

/* Nodes that one instance passes: s, split, a, b, c, join three times, which, e, merge, end. */
enum { NODES_PASSED = 12, BATCH = 1000, MODEL_BYTES = 1 << 24 };

static const struct def *compile(struct od_arena *arena)
{
    struct model *m;
    struct lint_report report;
    struct od_err err;
    const struct def *d = NULL;
    lint_report_init(&report, LINT_DEPLOY, arena);
    if (model_read(od_str_c(model_text), NULL, arena, &m, &err) == OD_OK)
        (void)!def_compile(m, model_first(m->file.doc.root, BPMN_PROCESS), DEF_DEPLOY, NULL, arena, &report, &d, &err);
    return d;
}

int main(int argc, char **argv)
{
    struct od_arena arena, scratch;
    int64_t seconds = 2;
    if (argc > 1)
        od_str_int(od_str_c(argv[1]), 1, 600, &seconds);
    od_arena_init(&arena, MODEL_BYTES);
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    const struct def *d = compile(&arena);
    if (!d)
        return 1;
    struct od_arena texts;
    od_arena_init(&texts, MODEL_BYTES);
    struct process_effects fx;
    process_effects_init(&fx, &texts);
    struct process_env env = {.scratch = &scratch};
    struct process_var amount = {od_str_c("amount"), od_str_c("{\"t\":\"number\",\"v\":\"50\"}")};
    struct process_event start = {.kind = PROCESS_START, .node = DEF_NONE, .vars = &amount, .n_vars = 1};
    struct state s;
    struct od_err err;
    uint64_t instances = 0;
    int64_t began_us = cpu_us(), end_us = od_mono_us() + seconds * OD_US_PER_S;
    while (od_mono_us() < end_us)
        for (unsigned i = 0; i < BATCH; i++, instances++) {
            state_init(&s);
            od_arena_reset(&texts);
            process_effects_clear(&fx);
            if (process_step(d, &s, &start, &env, &fx, &err) != OD_OK || !s.ended)
                return 1;
            state_done(&s);
        }
    double took_s = (double)(cpu_us() - began_us) / (double)OD_US_PER_S;
    printf("%.0f\n", (double)(instances * NODES_PASSED) / took_s);
    process_effects_done(&fx);
    od_arena_done(&texts);
    od_arena_done(&scratch);
    od_arena_done(&arena);
    return 0;
}
