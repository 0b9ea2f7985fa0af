/* SPDX-License-Identifier: Apache-2.0
 * Advice: what is allowed and still not what the author meant. An error here is something that cannot work as drawn. */
#include "server/domain/process/lint.h"

static unsigned n_in(const struct lint_ctx *c, const struct xml_node *n) { return model_count(model_node(c->m, n)->in); }
static unsigned n_out(const struct lint_ctx *c, const struct xml_node *n) { return model_count(model_node(c->m, n)->out); }

/* A level that must have a beginning and an end: nothing in it could start otherwise. Ad-hoc sub-processes have neither
 * (10.3.5), and a drawing that nobody executes may be empty. */
static bool is_empty_level(const struct xml_node *n)
{
    bool level = n->kind == BPMN_PROCESS ? model_is_executable(n) : bpmn_is(n, BPMN_ANY_SUB_PROCESS) && n->kind != BPMN_AD_HOC_SUB_PROCESS;
    return level && !model_first(n, BPMN_FLOW_NODE);
}

void lint_advice_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (is_empty_level(n))
        lint_hit(c, n);
}

void lint_advice_end(struct lint_ctx *c, const struct xml_node *n)
{
    if (is_empty_level(n))
        lint_hit(c, n);
}

void lint_advice_single_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->kind != BPMN_PROCESS && !bpmn_is(n, BPMN_ANY_SUB_PROCESS))
        return;
    unsigned blank = 0, connected = 0;
    for (struct xml_node *s = model_first(n, BPMN_START_EVENT); s; s = model_next(s, BPMN_START_EVENT))
        if (!lint_definitions(c, s)) {
            blank++;
            connected += n_out(c, s) > 0;
        }
    /* several that all lead somewhere are separate beginnings, and what 10.5.2 allows; one that leads nowhere is a slip */
    if (blank > 1 && connected < blank)
        lint_hit(c, n);
}

void lint_advice_blank_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (bpmn_is(n->parent, BPMN_ANY_SUB_PROCESS) && !model_is_event_sub_process(n->parent) && lint_definitions(c, n))
        lint_hit(c, n);
}

void lint_advice_typed_start(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_event_sub_process(n->parent) && !lint_definitions(c, n))
        lint_hit(c, n);
}

/* Tasks and gateways that nothing leads to and that lead nowhere. Events wait or send by themselves, send and receive tasks
 * are tied to the rest by their messages, sub-processes by what they hold. */
void lint_advice_connected(struct lint_ctx *c, const struct xml_node *n)
{
    bool tied = bpmn_is(n, BPMN_EVENT) || bpmn_is(n, BPMN_ANY_SUB_PROCESS) || n->kind == BPMN_SEND_TASK || n->kind == BPMN_RECEIVE_TASK ||
                bpmn_is(n, BPMN_CHOREOGRAPHY_ACTIVITY) || n->parent->kind == BPMN_AD_HOC_SUB_PROCESS ||
                model_flag(n, "isForCompensation", false);
    if (!tied && !n_in(c, n) && !n_out(c, n))
        lint_hit(c, n);
}

static struct od_str condition_of(const struct lint_ctx *c, const struct xml_node *flow)
{
    const struct xml_node *e = model_first(flow, BPMN_CONDITION_EXPRESSION);
    return e ? xml_text(e, c->m->arena) : (struct od_str){"", 0};
}

void lint_advice_duplicate_flow(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *from = model_source(c->m, n), *to = model_target(c->m, n);
    if (!from || !to)
        return;
    for (const struct model_end *e = model_node(c->m, from)->out; e && e->flow != n; e = e->next)
        if (model_target(c->m, e->flow) == to && od_str_eq(condition_of(c, e->flow), condition_of(c, n))) {
            lint_hit(c, n);
            lint_hit(c, from);
            lint_hit(c, to);
            return;
        }
}

void lint_advice_conditions(struct lint_ctx *c, const struct xml_node *n)
{
    const struct model_end *out = model_node(c->m, n)->out;
    const struct xml_node *by_default = model_ref(c->m, n, "default");
    bool conditional = by_default != NULL;
    if (!out || !out->next || n->kind == BPMN_PARALLEL_GATEWAY || n->kind == BPMN_EVENT_GATEWAY || n->kind == BPMN_COMPLEX_GATEWAY)
        return;
    for (const struct model_end *e = out; e; e = e->next)
        conditional = conditional || model_first(e->flow, BPMN_CONDITION_EXPRESSION);
    for (const struct model_end *e = out; conditional && e; e = e->next)
        if (e->flow != by_default && !model_first(e->flow, BPMN_CONDITION_EXPRESSION))
            lint_hit(c, e->flow);
}

/* An event that leads nowhere is not finished in more ways than this one. */
void lint_advice_conditional_event(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *condition = model_first(n, BPMN_CONDITION);
    if (model_is_executable(n) && n_out(c, n->parent) && (!condition || !xml_text(condition, c->m->arena).n))
        lint_hit(c, bpmn_is(n->parent, BPMN_EVENT) ? n->parent : n);
}

void lint_advice_event_gateway(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_out(c, n) < 2)
        lint_hit(c, n);
}

void lint_advice_single_definition(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_definitions(c, n) > 1)
        lint_hit(c, n);
}

/* --- links ------------------------------------------------------------------------------------------------------------ */

/* Links carry the name of their event where the definition has none: modelers draw it there. */
static struct od_str link_name(const struct lint_link *l) { return l->name.n ? l->name : xml_attr(l->event, "name"); }

void lint_advice_link(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *definition = model_first(n, BPMN_LINK_DEFINITION);
    if (!definition)
        return;
    const struct lint_link self = {.event = n, .definition = definition, .scope = model_scope(n), .name = xml_attr(definition, "name")};
    struct od_str name = link_name(&self);
    bool throws = bpmn_is(n, BPMN_THROW_EVENT), counterpart = false, twin = false;
    for (unsigned i = 0; i < c->index.n_links; i++) {
        const struct lint_link *l = &c->index.links[i];
        if (l->scope != self.scope || !od_str_same(link_name(l), name))
            continue;
        bool other = bpmn_is(l->event, BPMN_THROW_EVENT) != throws;
        counterpart = counterpart || other;
        twin = twin || (l->event != n && !throws && !other);
    }
    if (!name.n || !counterpart || twin)
        lint_hit(c, n);
}

/* --- messages, signals, errors, escalations ---------------------------------------------------------------------------- */

void lint_advice_global_name(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_is_global(n) && !xml_attr(n, "name").n)
        lint_hit(c, n);
}

void lint_advice_global_unused(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_is_global(n) && !(c->index.marks[n->ordinal] & LINT_USED))
        lint_hit(c, n);
}

void lint_advice_global_unique(struct lint_ctx *c, const struct xml_node *n)
{
    if (c->index.marks[n->ordinal] & LINT_NAMESAKE)
        lint_hit(c, n);
}

/* --- warnings ---------------------------------------------------------------------------------------------------------- */

void lint_advice_superfluous_gateway(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_in(c, n) == 1 && n_out(c, n) == 1)
        lint_hit(c, n);
}

void lint_advice_fake_join(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_in(c, n) > 1)
        lint_hit(c, n);
}

void lint_advice_label(struct lint_ctx *c, const struct xml_node *n)
{
    bool silent = n->kind == BPMN_PARALLEL_GATEWAY || n->kind == BPMN_EVENT_GATEWAY || (bpmn_is(n, BPMN_GATEWAY) && n_out(c, n) < 2) ||
                  bpmn_is(n, BPMN_ANY_SUB_PROCESS) || n->kind == BPMN_START_EVENT;
    if (!silent && !xml_attr(n, "name").n)
        lint_hit(c, n);
}

void lint_advice_join_fork(struct lint_ctx *c, const struct xml_node *n)
{
    if (n_in(c, n) > 1 && n_out(c, n) > 1)
        lint_hit(c, n);
}

void lint_advice_termination(struct lint_ctx *c, const struct xml_node *n)
{
    unsigned ends = model_count_children(n->parent, BPMN_END_EVENT);
    bool forks = model_first(n->parent, BPMN_PARALLEL_GATEWAY) || model_first(n->parent, BPMN_INCLUSIVE_GATEWAY) ||
                 model_first(n->parent, BPMN_COMPLEX_GATEWAY) || model_first(n->parent, BPMN_ANY_SUB_PROCESS);
    if (lint_defines(c, n, BPMN_TERMINATE_DEFINITION) && ends == 1 && !forks)
        lint_hit(c, n);
}
