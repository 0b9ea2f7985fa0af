/* SPDX-License-Identifier: Apache-2.0
 * Rules about link events (BPMN 2.0.2, 10.5.5): two ends of one flow that was too long to draw. */
#include "server/domain/process/lint.h"

static const struct xml_node *link_of(const struct lint_ctx *c, const struct xml_node *event)
{
    struct xml_node *defs[32];
    unsigned n = model_event_definitions(c->m, event, defs, OD_LEN(defs));
    for (unsigned i = 0; i < n && i < OD_LEN(defs); i++)
        if (defs[i]->kind == BPMN_LINK_DEFINITION)
            return defs[i];
    return NULL;
}

struct ends {
    unsigned in_level, elsewhere;
};

/* Events of the other direction with a link of the same name. */
static struct ends counterparts(const struct lint_ctx *c, const struct xml_node *event, const struct xml_node *link)
{
    struct ends r = {0, 0};
    enum bpmn_kind other = bpmn_is(event, BPMN_THROW_EVENT) ? BPMN_CATCH_EVENT : BPMN_THROW_EVENT;
    for (unsigned i = 0; i < c->m->file.n_elements; i++) {
        const struct xml_node *e = c->m->file.elements[i], *l = bpmn_is(e, other) ? link_of(c, e) : NULL;
        if (!l || !od_str_eq(xml_attr(l, "name"), xml_attr(link, "name")))
            continue;
        if (model_scope(e) == model_scope(event))
            r.in_level++;
        else
            r.elsewhere++;
    }
    return r;
}

void lint_link_flows(struct lint_ctx *c, const struct xml_node *n)
{
    if (link_of(c, n) && model_node(c->m, n)->in && model_node(c->m, n)->out)
        lint_hit(c, n);
}

/* Definitions may name each other besides (`source`, `target`): then that is the pair. */
static bool paired_by_reference(const struct xml_node *link)
{
    return model_first(link, BPMN_SOURCE) || model_first(link, BPMN_TARGET);
}

void lint_link_target(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = link_of(c, n);
    if (!l || paired_by_reference(l))
        return;
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && !e.elsewhere)
        lint_hit(c, n);
}

void lint_link_one_target(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = link_of(c, n);
    if (l && counterparts(c, n, l).in_level > 1)
        lint_hit(c, n);
}

void lint_link_source(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = link_of(c, n);
    if (!l || paired_by_reference(l))
        return;
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && !e.elsewhere)
        lint_hit(c, n);
}

void lint_link_level(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = link_of(c, n);
    if (!l)
        return;
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && e.elsewhere)
        lint_hit(c, n);
}
