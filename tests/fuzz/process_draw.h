/* SPDX-License-Identifier: Apache-2.0
 * For the step fuzzer: processes that the input draws, from the few kinds that gateways are about to everything that the engine
 * runs. They need not make sense: what is not compiled is passed over. */
#ifndef TESTS_FUZZ_PROCESS_DRAW_H
#define TESTS_FUZZ_PROCESS_DRAW_H

#include "common/base/buf.h"

struct input {
    const uint8_t *p;
    size_t n;
};

static unsigned byte(struct input *in)
{
    if (!in->n)
        return 0;
    in->n--;
    return *in->p++;
}

/* Random nodes and flows; a node may be a sub-process with a task of its own. */
static void draw_flat(struct input *in, struct od_buf *b)
{
    enum { NODES_MAX = 12, FLOWS_MAX = 20 };
    static const char *const kinds[] = {
        "task",     "userTask",    "exclusiveGateway",  "parallelGateway", "inclusiveGateway", "complexGateway", "intermediateThrowEvent",
        "endEvent", "receiveTask", "eventBasedGateway", "serviceTask"};
    unsigned n = 1 + byte(in) % NODES_MAX, flows = byte(in) % FLOWS_MAX;
    od_buf_c(b, "<startEvent id=\"n0\"/>");
    for (unsigned i = 1; i <= n; i++) {
        unsigned k = byte(in);
        const char *kind = kinds[k % OD_LEN(kinds)];
        if (k > 240)
            od_buf_printf(
                b,
                "<subProcess id=\"n%u\"><startEvent id=\"s%u\"/><userTask id=\"t%u\"/><sequenceFlow id=\"sf%u\" sourceRef=\"s%u\" "
                "targetRef=\"t%u\"/></subProcess>",
                i, i, i, i, i, i);
        else if (k > 200)
            od_buf_printf(b, "<task id=\"n%u\" startQuantity=\"%u\" completionQuantity=\"%u\"/>", i, 1 + k % 3, 1 + k % 2);
        else
            od_buf_printf(b, "<%s id=\"n%u\"/>", kind, i);
    }
    for (unsigned i = 0; i < flows; i++)
        od_buf_printf(b, "<sequenceFlow id=\"f%u\" sourceRef=\"n%u\" targetRef=\"n%u\"/>", i, byte(in) % (n + 1), 1 + byte(in) % n);
}

/* --- everything ----------------------------------------------------------------------------------------------------------- */

enum { DRAWN_NODES_MAX = 24, DRAWN_DEPTH_MAX = 3, DRAWN_IN_SCOPE_MAX = 7 };

struct drawing {
    struct input *in;
    struct od_buf *b;
    unsigned n; /* nodes so far: ids are n1, n2, ... */
};

/* What is thrown and caught: few names, so that they meet. */
static void draw_trigger(struct drawing *d)
{
    static const char *const all[] = {"<signalEventDefinition signalRef=\"g\"/>",
                                      "<messageEventDefinition messageRef=\"m\"/>",
                                      "<timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>",
                                      "<timerEventDefinition><timeCycle>R3/PT1M</timeCycle></timerEventDefinition>",
                                      "<conditionalEventDefinition><condition>n &gt; 2</condition></conditionalEventDefinition>",
                                      "<errorEventDefinition errorRef=\"x\"/>",
                                      "<errorEventDefinition/>",
                                      "<escalationEventDefinition escalationRef=\"y\"/>",
                                      "<escalationEventDefinition/>",
                                      "<compensateEventDefinition/>",
                                      "<cancelEventDefinition/>",
                                      "<terminateEventDefinition/>",
                                      "<linkEventDefinition name=\"l\"/>"};
    unsigned k = byte(d->in);
    od_buf_c(d->b, all[k % OD_LEN(all)]);
    if (k > 235) /* several at once */
        od_buf_c(d->b, all[byte(d->in) % OD_LEN(all)]);
}

static void draw_loop(struct drawing *d)
{
    static const char *const all[] = {
        "<standardLoopCharacteristics><loopCondition>n &lt; 3</loopCondition></standardLoopCharacteristics>",
        "<standardLoopCharacteristics testBefore=\"true\" loopMaximum=\"2\"><loopCondition>n &lt; "
        "9</loopCondition></standardLoopCharacteristics>",
        "<multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality></multiInstanceLoopCharacteristics>",
        "<multiInstanceLoopCharacteristics isSequential=\"true\"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>",
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality><completionCondition>numberOfCompletedInstances = n"
        "</completionCondition></multiInstanceLoopCharacteristics>",
        "<multiInstanceLoopCharacteristics behavior=\"None\" noneBehaviorEventRef=\"sg\"><loopCardinality>2</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"};
    unsigned k = byte(d->in);
    if (k > 150)
        od_buf_c(d->b, all[k % OD_LEN(all)]);
}

static void draw_scope(struct drawing *d, unsigned depth, bool event_sub_process);

static void draw_activity(struct drawing *d, unsigned id, unsigned depth)
{
    static const char *const tasks[] = {"userTask", "task",       "serviceTask",  "receiveTask",
                                        "sendTask", "scriptTask", "callActivity", "businessRuleTask"};
    static const char *const scopes[] = {"subProcess", "transaction", "adHocSubProcess"};
    unsigned k = byte(d->in), quantity = byte(d->in);
    bool inner = k > 170 && depth < DRAWN_DEPTH_MAX;
    const char *kind = inner ? scopes[k % OD_LEN(scopes)] : tasks[k % OD_LEN(tasks)];
    od_buf_printf(d->b, "<%s id=\"n%u\" messageRef=\"m\"", kind, id);
    if (quantity > 240)
        od_buf_printf(d->b, " startQuantity=\"%u\" completionQuantity=\"%u\"", 1 + quantity % 2, 1 + quantity % 3);
    if (inner && k % 2)
        od_buf_c(d->b, " ordering=\"Sequential\"");
    od_buf_char(d->b, '>');
    draw_loop(d);
    if (inner)
        draw_scope(d, depth + 1, false);
    else if (k % OD_LEN(tasks) == 5)
        od_buf_c(d->b, "<script>{n: n + 1}</script>");
    od_buf_printf(d->b, "</%s>", kind);
}

/* An event on the activity; one for compensation with the handler that undoes it. */
static void draw_boundary(struct drawing *d, unsigned host)
{
    unsigned id = ++d->n, k = byte(d->in);
    od_buf_printf(d->b, "<boundaryEvent id=\"n%u\" attachedToRef=\"n%u\" cancelActivity=\"%s\">", id, host, k % 2 ? "true" : "false");
    if (k > 190) {
        unsigned handler = ++d->n;
        od_buf_printf(d->b,
                      "<compensateEventDefinition/></boundaryEvent><%s id=\"n%u\" isForCompensation=\"true\"/>"
                      "<association sourceRef=\"n%u\" targetRef=\"n%u\"/>",
                      k % 3 ? "userTask" : "subProcess", handler, id, handler);
        return;
    }
    draw_trigger(d);
    od_buf_c(d->b, "</boundaryEvent>");
}

enum { FLOWS_IN = 1, FLOWS_OUT = 2 };

/* What flows the node may have. */
static unsigned draw_node(struct drawing *d, unsigned depth)
{
    static const char *const gateways[] = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway",
                                           "eventBasedGateway"};
    static const char *const events[] = {"intermediateThrowEvent", "endEvent", "intermediateCatchEvent"};
    unsigned k = byte(d->in), id = ++d->n;
    if (k < 110) {
        draw_activity(d, id, depth);
        for (unsigned more = byte(d->in); more > 150 && d->n < DRAWN_NODES_MAX; more = byte(d->in))
            draw_boundary(d, id);
        return FLOWS_IN | FLOWS_OUT;
    }
    if (k < 160) {
        const char *kind = gateways[k % OD_LEN(gateways)];
        od_buf_printf(d->b, "<%s id=\"n%u\">%s</%s>", kind, id,
                      k % OD_LEN(gateways) == 3 ? "<activationCondition>activationCount &gt; 1</activationCondition>" : "", kind);
        return FLOWS_IN | FLOWS_OUT;
    }
    if (k < 230 || depth >= DRAWN_DEPTH_MAX) {
        const char *kind = events[k % OD_LEN(events)];
        od_buf_printf(d->b, "<%s id=\"n%u\">", kind, id);
        if (k % 8)
            draw_trigger(d);
        od_buf_printf(d->b, "</%s>", kind);
        return k % OD_LEN(events) == 1 ? FLOWS_IN : FLOWS_IN | FLOWS_OUT;
    }
    od_buf_printf(d->b, "<subProcess id=\"n%u\" triggeredByEvent=\"true\">", id);
    draw_scope(d, depth + 1, true);
    od_buf_c(d->b, "</subProcess>");
    return 0;
}

static void draw_flow(struct drawing *d, const char *name, unsigned i, unsigned from, unsigned to)
{
    static const char *const conditions[] = {"n &gt; 1", "true", "false", "n = null", "n", "numbers[1]"};
    unsigned k = byte(d->in);
    od_buf_printf(d->b, "<sequenceFlow id=\"%s%u-%u-%u\" sourceRef=\"n%u\" targetRef=\"n%u\">", name, i, from, to, from, to);
    if (k > 40)
        od_buf_printf(d->b, "<conditionExpression>%s</conditionExpression>", conditions[k % OD_LEN(conditions)]);
    od_buf_c(d->b, "</sequenceFlow>");
}

static void draw_scope(struct drawing *d, unsigned depth, bool event_sub_process)
{
    unsigned n = 1 + byte(d->in) % DRAWN_IN_SCOPE_MAX, ids[DRAWN_IN_SCOPE_MAX + 1], flows[DRAWN_IN_SCOPE_MAX + 1], have = 0;
    ids[have] = ++d->n;
    flows[have++] = FLOWS_OUT;
    od_buf_printf(d->b, "<startEvent id=\"n%u\" isInterrupting=\"%s\">", d->n, byte(d->in) % 2 ? "true" : "false");
    if (event_sub_process)
        draw_trigger(d);
    od_buf_c(d->b, "</startEvent>");
    for (; have <= n && d->n < DRAWN_NODES_MAX; have++) {
        ids[have] = d->n + 1;
        flows[have] = draw_node(d, depth);
    }
    unsigned last = d->n; /* events on activities lie between their hosts and the next node */
    for (unsigned i = 0; i + 1 < have; i++)
        if ((flows[i] & FLOWS_OUT) && (flows[i + 1] & FLOWS_IN))
            draw_flow(d, "c", i, ids[i], ids[i + 1]);
    for (unsigned i = 0, more = byte(d->in) % 8; i < more; i++)
        draw_flow(d, "f", i, ids[0] + byte(d->in) % (last - ids[0] + 1), ids[byte(d->in) % have]);
}

static void draw_all(struct input *in, struct od_buf *b)
{
    struct drawing d = {.in = in, .b = b};
    draw_scope(&d, 0, false);
}

#endif
