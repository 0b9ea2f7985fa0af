/* SPDX-License-Identifier: Apache-2.0
 * Rules about activities, loops and calls (BPMN 2.0.2, 10.3). */
#include "server/domain/process/lint.h"

static bool below(const struct xml_node *n, const char *attribute, int64_t least)
{
    struct od_str s = xml_attr(n, attribute);
    int64_t v;
    return s.p && od_str_int(od_str_trim(s), INT64_MIN, INT64_MAX, &v) && v < least;
}

void lint_start_quantity(struct lint_ctx *c, const struct xml_node *n)
{
    if (below(n, "startQuantity", 1))
        lint_hit(c, n);
}

void lint_completion_quantity(struct lint_ctx *c, const struct xml_node *n)
{
    if (below(n, "completionQuantity", 1))
        lint_hit(c, n);
}

void lint_loop_bounds(struct lint_ctx *c, const struct xml_node *n)
{
    int64_t v;
    const struct xml_node *count = model_first(n, BPMN_LOOP_CARDINALITY);
    if (below(n, "loopMaximum", 0) ||
        (count && od_str_int(xml_text(count, c->m->arena), INT64_MIN, INT64_MAX, &v) && v < 0))
        lint_hit(c, n);
}

void lint_receive_instantiates(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_flag(n, "instantiate", false) && model_node(c->m, n)->in)
        lint_hit(c, n);
}

void lint_sub_process_choreography(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = model_first(n, BPMN_CHOREOGRAPHY_ACTIVITY); k; k = model_next(k, BPMN_CHOREOGRAPHY_ACTIVITY))
        lint_hit(c, k);
}

void lint_event_sub_process_flows(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_event_sub_process(n) && (model_node(c->m, n)->in || model_node(c->m, n)->out))
        lint_hit(c, n);
}

void lint_event_sub_process_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_event_sub_process(n) && model_count_children(n, BPMN_START_EVENT) != 1)
        lint_hit(c, n);
}

void lint_event_sub_process_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind any[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION, BPMN_ERROR_DEFINITION,
                                         BPMN_ESCALATION_DEFINITION, BPMN_COMPENSATE_DEFINITION,
                                         BPMN_CONDITIONAL_DEFINITION, BPMN_SIGNAL_DEFINITION};
    static const enum bpmn_kind alongside[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION, BPMN_ESCALATION_DEFINITION,
                                               BPMN_CONDITIONAL_DEFINITION, BPMN_SIGNAL_DEFINITION};
    if (!model_is_event_sub_process(n))
        return;
    for (struct xml_node *s = model_first(n, BPMN_START_EVENT); s; s = model_next(s, BPMN_START_EVENT)) {
        bool interrupting = model_flag(s, "isInterrupting", true);
        bool ok = interrupting ? lint_defines_only(c, s, any, OD_LEN(any)) : lint_defines_only(c, s, alongside, OD_LEN(alongside));
        if (!lint_definitions(c, s) || !ok)
            lint_hit(c, s);
    }
}

void lint_ad_hoc_activity(struct lint_ctx *c, const struct xml_node *n)
{
    if (!model_first(n, BPMN_ACTIVITY))
        lint_hit(c, n);
}

void lint_ad_hoc_contents(struct lint_ctx *c, const struct xml_node *n)
{
    for (struct xml_node *k = xml_child(n); k; k = xml_sibling(k))
        if (bpmn_is(k, BPMN_START_EVENT) || bpmn_is(k, BPMN_END_EVENT) || bpmn_is(k, BPMN_CONVERSATION_NODE) ||
            bpmn_is(k, BPMN_CONVERSATION_LINK) || bpmn_is(k, BPMN_CHOREOGRAPHY_ACTIVITY))
            lint_hit(c, k);
}

static unsigned count_in(const struct xml_node *io, enum bpmn_kind kind)
{
    return io ? model_count_children(io, kind) : 0;
}

void lint_call_data(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *called = model_ref(c->m, n, "calledElement");
    if (!bpmn_is(called, BPMN_CALLABLE_ELEMENT))
        return;
    const struct xml_node *mine = model_first(n, BPMN_IO_SPECIFICATION), *theirs = model_first(called, BPMN_IO_SPECIFICATION);
    if (!mine && !theirs)
        return;
    static const enum bpmn_kind parts[] = {BPMN_DATA_INPUT, BPMN_DATA_OUTPUT, BPMN_INPUT_SET, BPMN_OUTPUT_SET};
    bool same = true;
    for (size_t i = 0; i < OD_LEN(parts); i++)
        same = same && count_in(mine, parts[i]) == count_in(theirs, parts[i]);
    for (size_t i = 0; same && i < 2; i++) {
        const struct xml_node *a = model_first(mine, parts[i]), *b = model_first(theirs, parts[i]);
        for (; same && a && b; a = model_next(a, parts[i]), b = model_next(b, parts[i]))
            same = lint_items_equal(c, lint_item_of(c, a), lint_item_of(c, b));
    }
    if (!same)
        lint_hit(c, n);
}

void lint_service_binding(struct lint_ctx *c, const struct xml_node *n)
{
    bool service = false;
    for (struct xml_node *k = xml_child(n); k; k = xml_sibling(k))
        service = service || k->kind == BPMN_SUPPORTED_INTERFACE_REF;
    if (service && !model_first(n, BPMN_IO_BINDING))
        lint_hit(c, n);
}

void lint_io_binding(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *io = model_first(n->parent, BPMN_IO_SPECIFICATION);
    const struct xml_node *in = model_ref(c->m, n, "inputDataRef"), *out = model_ref(c->m, n, "outputDataRef");
    if (!bpmn_is(model_ref(c->m, n, "operationRef"), BPMN_OPERATION) || !io || !bpmn_is(in, BPMN_DATA_INPUT) || in->parent != io ||
        !bpmn_is(out, BPMN_DATA_OUTPUT) || out->parent != io)
        lint_hit(c, n);
}

/* --- multi-instance (10.3.8.2) -------------------------------------------------------------------------------------- */

static const struct xml_node *loop_data(const struct lint_ctx *c, const struct xml_node *loop, enum bpmn_kind ref)
{
    const struct xml_node *r = model_first(loop, ref);
    return r ? model_find(c->m, r, xml_text(r, c->m->arena)) : NULL;
}

void lint_multi_instance_count(struct lint_ctx *c, const struct xml_node *n)
{
    bool ours = model_first(n, BPMN_EXTENSION_ELEMENTS) || xml_attr_ns(n, XML_NS_CAMUNDA, "collection").p;
    (void)c;
    if (model_is_executable(n) && !ours && !model_first(n, BPMN_LOOP_CARDINALITY) && !model_first(n, BPMN_LOOP_DATA_INPUT_REF))
        lint_hit(c, n);
}

void lint_multi_instance_input(struct lint_ctx *c, const struct xml_node *n)
{
    if (!model_is_executable(n) || !model_first(n, BPMN_LOOP_DATA_INPUT_REF) || bpmn_is(n->parent, BPMN_ANY_SUB_PROCESS))
        return;
    const struct xml_node *data = loop_data(c, n, BPMN_LOOP_DATA_INPUT_REF);
    if (!data || data->kind != BPMN_DATA_INPUT || data->parent->parent != n->parent)
        lint_hit(c, n);
}

/* An item of a collection has the collection's structure and is none itself. */
static bool is_scalar_of(const struct lint_ctx *c, const struct xml_node *item, const struct xml_node *collection)
{
    const struct xml_node *a = lint_item_of(c, item), *b = lint_item_of(c, collection);
    if (!a || !b)
        return true;
    struct od_str x = xml_attr(a, "structureRef"), y = xml_attr(b, "structureRef");
    return od_str_eq(x, y) && !model_flag(a, "isCollection", false);
}

void lint_multi_instance_output_type(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *item = model_first(n, BPMN_OUTPUT_DATA_ITEM), *data = loop_data(c, n, BPMN_LOOP_DATA_OUTPUT_REF);
    if (model_is_executable(n) && item && data && !is_scalar_of(c, item, data))
        lint_hit(c, n);
}

void lint_multi_instance_input_type(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *item = model_first(n, BPMN_INPUT_DATA_ITEM), *data = loop_data(c, n, BPMN_LOOP_DATA_INPUT_REF);
    if (model_is_executable(n) && item && data && !is_scalar_of(c, item, data))
        lint_hit(c, n);
}
