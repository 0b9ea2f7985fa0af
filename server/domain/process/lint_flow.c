/* SPDX-License-Identifier: Apache-2.0
 * Rules about sequence flows (BPMN 2.0.2 table 7.3, 8.4.13, 10.2.1). */
#include "server/domain/process/lint.h"

static bool is_flow_end(const struct xml_node *n)
{
    return bpmn_is(n, BPMN_FLOW_NODE) && !model_is_event_sub_process(n);
}

void lint_flow_to_artifact(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(model_target(c->m, n), BPMN_ARTIFACT))
        lint_hit(c, n);
}

void lint_flow_from_artifact(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(model_source(c->m, n), BPMN_ARTIFACT))
        lint_hit(c, n);
}

void lint_flow_source_kind(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_source(c->m, n);
    if (!xml_attr(n, "sourceRef").n || (from && !is_flow_end(from)))
        lint_hit(c, n);
}

void lint_flow_target_kind(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *to = model_target(c->m, n);
    if (!xml_attr(n, "targetRef").n || (to && !is_flow_end(to)))
        lint_hit(c, n);
}

void lint_flow_ends_agree(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_source(c->m, n), *to = model_target(c->m, n);
    if (bpmn_is(from, BPMN_FLOW_NODE) && !(c->index.marks[n->ordinal] & LINT_OUTGOING))
        lint_tell(c, n, "its source " OD_STR_FMT " does not list it as outgoing", OD_STR_ARG(model_id_of(from)));
    if (bpmn_is(to, BPMN_FLOW_NODE) && !(c->index.marks[n->ordinal] & LINT_INCOMING))
        lint_tell(c, n, "its target " OD_STR_FMT " does not list it as incoming", OD_STR_ARG(model_id_of(to)));
}

void lint_flow_immediate(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_executable(n) && xml_attr(n, "isImmediate").p && !model_flag(n, "isImmediate", true))
        lint_hit(c, n);
}

void lint_lone_conditional_flow(struct lint_ctx *c, const struct xml_node *n)
{
    const struct model_end *out = model_node(c->m, n)->out;
    if (out && !out->next && model_first(out->flow, BPMN_CONDITION_EXPRESSION))
        lint_hit(c, out->flow);
}

void lint_default_flow(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *flow = model_ref(c->m, n, "default");
    if (bpmn_is(flow, BPMN_SEQUENCE_FLOW) && model_source(c->m, flow) != n)
        lint_hit(c, n);
}

void lint_flow_crosses_process(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_source(c->m, n), *to = model_target(c->m, n);
    if (bpmn_is(from, BPMN_FLOW_NODE) && bpmn_is(to, BPMN_FLOW_NODE) && model_scope(from) != model_scope(to))
        lint_hit(c, n);
}

static const struct xml_node *pool_of(const struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *process = model_above(n, BPMN_PROCESS);
    for (unsigned i = 0; process && i < c->m->file.n_elements; i++) {
        const struct xml_node *e = c->m->file.elements[i];
        if (e->kind == BPMN_PARTICIPANT && model_ref(c->m, e, "processRef") == process)
            return e;
    }
    return NULL;
}

void lint_flow_crosses_pool(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_source(c->m, n), *to = model_target(c->m, n);
    if (!from || !to || model_above(from, BPMN_PROCESS) == model_above(to, BPMN_PROCESS))
        return;
    if (pool_of(c, from) || pool_of(c, to))
        lint_hit(c, n);
}

/* What needs no incoming flow though its level has a start event. */
static bool starts_elsewhere(const struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(n, BPMN_START_EVENT) || bpmn_is(n, BPMN_BOUNDARY_EVENT) || model_is_event_sub_process(n) ||
        bpmn_is(n, BPMN_CHOREOGRAPHY_ACTIVITY))
        return true;
    if (bpmn_is(n, BPMN_ACTIVITY) && model_flag(n, "isForCompensation", false))
        return true;
    if (bpmn_is(n, BPMN_CATCH_INTERMEDIATE) && lint_defines(c, n, BPMN_LINK_DEFINITION))
        return true;
    return (bpmn_is(n, BPMN_RECEIVE_TASK) || bpmn_is(n, BPMN_EVENT_GATEWAY)) && model_flag(n, "instantiate", false);
}

static bool ends_elsewhere(const struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(n, BPMN_END_EVENT) || model_is_event_sub_process(n) || bpmn_is(n, BPMN_CHOREOGRAPHY_ACTIVITY))
        return true;
    if (bpmn_is(n, BPMN_ACTIVITY) && model_flag(n, "isForCompensation", false))
        return true;
    if (bpmn_is(n, BPMN_BOUNDARY_EVENT) && lint_defines(c, n, BPMN_COMPENSATE_DEFINITION))
        return true;
    return bpmn_is(n, BPMN_THROW_INTERMEDIATE) && lint_defines(c, n, BPMN_LINK_DEFINITION);
}

/* An ad-hoc sub-process has no beginning and end (10.3.5). */
static const struct model_node *ordered_level(const struct lint_ctx *c, const struct xml_node *n)
{
    return n->parent && n->parent->kind != BPMN_AD_HOC_SUB_PROCESS ? model_node(c->m, n->parent) : NULL;
}

void lint_needs_incoming(struct lint_ctx *c, const struct xml_node *n)
{
    const struct model_node *level = ordered_level(c, n);
    if (level && level->has_start && !model_node(c->m, n)->in && !starts_elsewhere(c, n))
        lint_hit(c, n);
}

void lint_needs_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    const struct model_node *level = ordered_level(c, n);
    if (level && level->has_end && !model_node(c->m, n)->out && !ends_elsewhere(c, n))
        lint_hit(c, n);
}
