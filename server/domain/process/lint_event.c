/* SPDX-License-Identifier: Apache-2.0
 * Rules about start, end, intermediate and boundary events (BPMN 2.0.2, 10.5, tables 10.84 to 10.93). */
#include "server/domain/process/lint.h"

static bool has_start(const struct xml_node *level)
{
    if (model_first(level, BPMN_START_EVENT))
        return true;
    for (struct xml_node *k = model_first(level, BPMN_FLOW_NODE); k; k = model_next(k, BPMN_FLOW_NODE))
        if ((k->kind == BPMN_RECEIVE_TASK || k->kind == BPMN_EVENT_GATEWAY) && model_flag(k, "instantiate", false))
            return true;
    return false;
}

static bool is_level(const struct xml_node *n) { return n->kind == BPMN_PROCESS || bpmn_is(n, BPMN_ANY_SUB_PROCESS); }

void lint_end_needs_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (is_level(n) && model_first(n, BPMN_END_EVENT) && !has_start(n))
        lint_hit(c, model_first(n, BPMN_END_EVENT));
}

void lint_start_needs_end(struct lint_ctx *c, const struct xml_node *n)
{
    if (is_level(n) && model_first(n, BPMN_START_EVENT) && !model_first(n, BPMN_END_EVENT))
        lint_hit(c, model_first(n, BPMN_START_EVENT));
}

void lint_start_incoming(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_node(c->m, n)->in)
        lint_hit(c, n);
}

void lint_start_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    if (!model_node(c->m, n)->out)
        lint_hit(c, n);
}

void lint_start_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind allowed[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION, BPMN_CONDITIONAL_DEFINITION,
                                             BPMN_SIGNAL_DEFINITION};
    if (n->parent->kind == BPMN_PROCESS && !lint_defines_only(c, n, allowed, OD_LEN(allowed)))
        lint_hit(c, n);
}

void lint_sub_process_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(n->parent, BPMN_ANY_SUB_PROCESS) && !model_is_event_sub_process(n->parent) && lint_definitions(c, n))
        lint_hit(c, n);
}

void lint_called_start(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *called = model_ref(c->m, n, "calledElement");
    if (!bpmn_is(called, BPMN_PROCESS))
        return;
    const struct xml_node *s = model_first(called, BPMN_START_EVENT);
    if (!s)
        return; /* without start events, whatever has no incoming flow starts (13.1) */
    for (; s; s = model_next(s, BPMN_START_EVENT))
        if (!lint_definitions(c, s))
            return;
    lint_hit(c, n);
}

void lint_end_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_node(c->m, n)->out)
        lint_hit(c, n);
}

void lint_end_incoming(struct lint_ctx *c, const struct xml_node *n)
{
    if (!model_node(c->m, n)->in)
        lint_hit(c, n);
}

void lint_end_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind allowed[] = {BPMN_MESSAGE_DEFINITION,    BPMN_ESCALATION_DEFINITION, BPMN_ERROR_DEFINITION,
                                             BPMN_CANCEL_DEFINITION,     BPMN_COMPENSATE_DEFINITION, BPMN_SIGNAL_DEFINITION,
                                             BPMN_TERMINATE_DEFINITION};
    if (!lint_defines_only(c, n, allowed, OD_LEN(allowed)))
        lint_hit(c, n);
}

void lint_cancel_end(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_defines(c, n, BPMN_CANCEL_DEFINITION) && !model_above(n, BPMN_TRANSACTION))
        lint_hit(c, n);
}

void lint_boundary_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind any[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION,      BPMN_ERROR_DEFINITION,
                                         BPMN_ESCALATION_DEFINITION, BPMN_CANCEL_DEFINITION, BPMN_COMPENSATE_DEFINITION,
                                         BPMN_CONDITIONAL_DEFINITION, BPMN_SIGNAL_DEFINITION};
    static const enum bpmn_kind alongside[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION, BPMN_ESCALATION_DEFINITION,
                                               BPMN_CONDITIONAL_DEFINITION, BPMN_SIGNAL_DEFINITION};
    bool ok = model_flag(n, "cancelActivity", true) ? lint_defines_only(c, n, any, OD_LEN(any))
                                                    : lint_defines_only(c, n, alongside, OD_LEN(alongside));
    /* compensation neither cancels nor goes alongside: the attribute means nothing there (table 10.93) */
    if (lint_defines(c, n, BPMN_COMPENSATE_DEFINITION) && c->r->profile == LINT_DEPLOY)
        ok = true;
    if (!lint_definitions(c, n) || !ok)
        lint_hit(c, n);
}

void lint_cancel_boundary(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *host = model_ref(c->m, n, "attachedToRef");
    if (lint_defines(c, n, BPMN_CANCEL_DEFINITION) && host && host->kind != BPMN_TRANSACTION)
        lint_hit(c, n);
}

void lint_boundary_incoming(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_node(c->m, n)->in)
        lint_hit(c, n);
}

void lint_boundary_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    if (!model_node(c->m, n)->out && !lint_defines(c, n, BPMN_COMPENSATE_DEFINITION))
        lint_hit(c, n);
}

void lint_compensation_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_node(c->m, n)->out && lint_defines(c, n, BPMN_COMPENSATE_DEFINITION))
        lint_hit(c, n);
}

static bool is_intermediate(const struct xml_node *n)
{
    return n->kind == BPMN_CATCH_INTERMEDIATE || n->kind == BPMN_THROW_INTERMEDIATE;
}

void lint_intermediate_incoming(struct lint_ctx *c, const struct xml_node *n)
{
    bool link = n->kind == BPMN_CATCH_INTERMEDIATE && lint_defines(c, n, BPMN_LINK_DEFINITION);
    if (is_intermediate(n) && !link && !model_node(c->m, n)->in)
        lint_hit(c, n);
}

void lint_intermediate_outgoing(struct lint_ctx *c, const struct xml_node *n)
{
    bool link = n->kind == BPMN_THROW_INTERMEDIATE && lint_defines(c, n, BPMN_LINK_DEFINITION);
    if (is_intermediate(n) && !link && !model_node(c->m, n)->out)
        lint_hit(c, n);
}

void lint_compensation_catch(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_defines(c, n, BPMN_COMPENSATE_DEFINITION))
        lint_hit(c, n);
}

void lint_catch_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind allowed[] = {BPMN_MESSAGE_DEFINITION, BPMN_TIMER_DEFINITION, BPMN_CONDITIONAL_DEFINITION,
                                             BPMN_LINK_DEFINITION, BPMN_SIGNAL_DEFINITION};
    if (!lint_definitions(c, n) || !lint_defines_only(c, n, allowed, OD_LEN(allowed)))
        lint_hit(c, n);
}

void lint_throw_trigger(struct lint_ctx *c, const struct xml_node *n)
{
    static const enum bpmn_kind allowed[] = {BPMN_MESSAGE_DEFINITION, BPMN_ESCALATION_DEFINITION, BPMN_COMPENSATE_DEFINITION,
                                             BPMN_LINK_DEFINITION, BPMN_SIGNAL_DEFINITION};
    if (!lint_defines_only(c, n, allowed, OD_LEN(allowed)))
        lint_hit(c, n);
}

/* --- compensation (10.7) -------------------------------------------------------------------------------------------- */

void lint_compensation_association(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_defines(c, n, BPMN_COMPENSATE_DEFINITION) && !c->index.handlers[n->ordinal])
        lint_hit(c, n);
}

void lint_compensation_handler(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *h = lint_defines(c, n, BPMN_COMPENSATE_DEFINITION) ? c->index.handlers[n->ordinal] : NULL;
    if (h && !model_flag(h, "isForCompensation", false))
        lint_hit(c, h);
}
