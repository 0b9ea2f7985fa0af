/* SPDX-License-Identifier: Apache-2.0
 * Rules about gateways (BPMN 2.0.2, 10.6). */
#include "server/domain/process/lint.h"

static unsigned n_in(const struct lint_ctx *c, const struct xml_node *n) { return model_count(model_node(c->m, n)->in); }
static unsigned n_out(const struct lint_ctx *c, const struct xml_node *n) { return model_count(model_node(c->m, n)->out); }

void lint_gateway_converging(struct lint_ctx *c, const struct xml_node *n)
{
    if (xml_attr_is(n, "gatewayDirection", "Converging") && n_out(c, n) > 1)
        lint_hit(c, n);
}

void lint_gateway_diverging(struct lint_ctx *c, const struct xml_node *n)
{
    if (xml_attr_is(n, "gatewayDirection", "Diverging") && n_in(c, n) > 1)
        lint_hit(c, n);
}

void lint_gateway_mixed(struct lint_ctx *c, const struct xml_node *n)
{
    if (xml_attr_is(n, "gatewayDirection", "Mixed") && (n_in(c, n) < 2 || n_out(c, n) < 2))
        lint_hit(c, n);
}

void lint_gateway_has_purpose(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_in(c, n) < 2 && n_out(c, n) < 2)
        lint_hit(c, n);
}

void lint_event_gateway_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_out(c, n) < 2)
        lint_hit(c, n);
}

void lint_event_gateway_condition(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct model_end *e = model_node(c->m, n)->out; e; e = e->next)
        if (model_first(e->flow, BPMN_CONDITION_EXPRESSION))
            lint_hit(c, e->flow);
}

void lint_event_gateway_targets(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind allowed[] = {BPMN_MESSAGE_DEFINITION, BPMN_SIGNAL_DEFINITION, BPMN_TIMER_DEFINITION,
                                             BPMN_CONDITIONAL_DEFINITION};
    for (const struct model_end *e = model_node(c->m, n)->out; e; e = e->next) {
        const struct xml_node *to = model_target(c->m, e->flow);
        if (!to || to->kind == BPMN_RECEIVE_TASK)
            continue;
        if (to->kind != BPMN_CATCH_INTERMEDIATE || !lint_definitions(c, to) || !lint_defines_only(c, to, allowed, OD_LEN(allowed)))
            lint_hit(c, n);
    }
}

void lint_event_gateway_mix(struct lint_ctx *c, const struct xml_node *n)
{
    bool task = false, message = false;
    for (const struct model_end *e = model_node(c->m, n)->out; e; e = e->next) {
        const struct xml_node *to = model_target(c->m, e->flow);
        task = task || bpmn_is(to, BPMN_RECEIVE_TASK);
        message = message || (bpmn_is(to, BPMN_CATCH_INTERMEDIATE) && lint_defines(c, to, BPMN_MESSAGE_DEFINITION));
    }
    if (task && message)
        lint_hit(c, n);
}

void lint_event_gateway_boundary(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct model_end *e = model_node(c->m, n)->out; e; e = e->next) {
        const struct xml_node *to = model_target(c->m, e->flow);
        if (bpmn_is(to, BPMN_RECEIVE_TASK) && model_node(c->m, to)->boundary)
            lint_hit(c, to);
    }
}

void lint_event_gateway_targets_own(struct lint_ctx *c, const struct xml_node *n)
{
    for (const struct model_end *e = model_node(c->m, n)->out; e; e = e->next) {
        const struct xml_node *to = model_target(c->m, e->flow);
        for (const struct model_end *in = to ? model_node(c->m, to)->in : NULL; in; in = in->next)
            if (model_source(c->m, in->flow) != n) {
                lint_hit(c, n);
                break;
            }
    }
}

void lint_event_gateway_instantiates(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_flag(n, "instantiate", false) && n_in(c, n))
        lint_hit(c, n);
}
