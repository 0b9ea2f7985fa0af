/* SPDX-License-Identifier: Apache-2.0
 * Rules about link events (BPMN 2.0.2, 10.5.5): two ends of one flow that was too long to draw. */
#include "server/domain/process/lint.h"

#include <stdlib.h>

static int by_ordinal(const void *event, const void *row)
{
    unsigned a = ((const struct xml_node *)event)->ordinal, b = ((const struct lint_link *)row)->event->ordinal;
    return a < b ? -1 : a > b;
}

/* The link of the event; NULL where it is none. */
static const struct lint_link *link_of(const struct lint_ctx *c, const struct xml_node *event)
{
    return bsearch(event, c->index.links, c->index.n_links, sizeof *c->index.links, by_ordinal);
}

void lint_link_flows(struct lint_ctx *c, const struct xml_node *n)
{
    if (link_of(c, n) && model_node(c->m, n)->in && model_node(c->m, n)->out)
        lint_hit(c, n);
}

/* The definitions may also name each other (`target` in the throwing one, `source` in the catching one): then that is the
 * pair, and both must agree on it. */
static const struct xml_node *named_counterpart(const struct lint_ctx *c, const struct xml_node *link, enum bpmn_kind direction)
{
    const struct xml_node *r = model_first(link, direction);
    return r ? model_find(c->m, r, xml_text(r, c->m->arena)) : NULL;
}

static bool names_back(const struct lint_ctx *c, const struct xml_node *other, enum bpmn_kind direction, const struct xml_node *link)
{
    bool any = false;
    for (const struct xml_node *k = model_first(other, direction); k; k = model_next(k, direction)) {
        any = true;
        if (model_find(c->m, k, xml_text(k, c->m->arena)) == link)
            return true;
    }
    return !any;
}

static bool paired_by_reference(const struct xml_node *link)
{
    return model_first(link, BPMN_SOURCE) || model_first(link, BPMN_TARGET);
}

void lint_link_target(struct lint_ctx *c, const struct xml_node *n)
{
    const struct lint_link *l = link_of(c, n);
    if (!l)
        return;
    if (paired_by_reference(l->definition)) {
        const struct xml_node *to = named_counterpart(c, l->definition, BPMN_TARGET);
        if (bpmn_is(to, BPMN_LINK_DEFINITION) && !names_back(c, to, BPMN_SOURCE, l->definition))
            lint_hit(c, n);
        return;
    }
    if (!l->in_level && !l->elsewhere)
        lint_hit(c, n);
}

void lint_link_one_target(struct lint_ctx *c, const struct xml_node *n)
{
    const struct lint_link *l = link_of(c, n);
    if (l && (l->in_level > 1 || model_count_children(l->definition, BPMN_TARGET) > 1))
        lint_hit(c, n);
}

/* One end names the other and is not named by it: the two are opposite ends of one association, so both say it or neither. */
static void check_named_back(struct lint_ctx *c, const struct xml_node *n, enum bpmn_kind own, unsigned named)
{
    const struct lint_link *l = link_of(c, n);
    if (l && !model_first(l->definition, own) && !l->definition->foreign && c->index.marks[l->definition->ordinal] & named)
        lint_hit(c, n);
}

void lint_link_names_target(struct lint_ctx *c, const struct xml_node *n) { check_named_back(c, n, BPMN_TARGET, LINT_AS_SOURCE); }
void lint_link_names_source(struct lint_ctx *c, const struct xml_node *n) { check_named_back(c, n, BPMN_SOURCE, LINT_AS_TARGET); }

void lint_link_source(struct lint_ctx *c, const struct xml_node *n)
{
    const struct lint_link *l = link_of(c, n);
    if (l && !paired_by_reference(l->definition) && !l->in_level && !l->elsewhere)
        lint_hit(c, n);
}

void lint_link_level(struct lint_ctx *c, const struct xml_node *n)
{
    const struct lint_link *l = link_of(c, n);
    if (!l)
        return;
    if (paired_by_reference(l->definition)) {
        const struct xml_node *other = named_counterpart(c, l->definition, bpmn_is(n, BPMN_THROW_EVENT) ? BPMN_TARGET : BPMN_SOURCE);
        if (bpmn_is(other, BPMN_LINK_DEFINITION) && model_scope(other->parent) != model_scope(n))
            lint_hit(c, n);
        return;
    }
    if (!l->in_level && l->elsewhere)
        lint_hit(c, n);
}
