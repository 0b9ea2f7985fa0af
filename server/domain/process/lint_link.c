/* SPDX-License-Identifier: Apache-2.0
 * Rules about link events (BPMN 2.0.2, 10.5.5): two ends of one flow that was too long to draw. */
#include "server/domain/process/lint.h"

struct ends {
    unsigned in_level, elsewhere;
};

/* Events of the other direction with a link of the same name. */
static struct ends counterparts(const struct lint_ctx *c, const struct xml_node *event, const struct xml_node *link)
{
    struct ends r = {0, 0};
    struct od_str name = xml_attr(link, "name");
    uint32_t hash = model_hash(name);
    const struct xml_node *scope = model_scope(event);
    enum bpmn_kind other = bpmn_is(event, BPMN_THROW_EVENT) ? BPMN_CATCH_EVENT : BPMN_THROW_EVENT;
    for (unsigned i = 0; i < c->index.n_links; i++) {
        const struct lint_link *l = &c->index.links[i];
        if (l->name_hash != hash || !od_str_eq(l->name, name) || !bpmn_is(l->event, other))
            continue;
        if (l->scope == scope)
            r.in_level++;
        else
            r.elsewhere++;
    }
    return r;
}

void lint_link_flows(struct lint_ctx *c, const struct xml_node *n)
{
    if (lint_link_of(c, n) && model_node(c->m, n)->in && model_node(c->m, n)->out)
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
    const struct xml_node *l = lint_link_of(c, n);
    if (!l)
        return;
    if (paired_by_reference(l)) {
        const struct xml_node *to = named_counterpart(c, l, BPMN_TARGET);
        if (bpmn_is(to, BPMN_LINK_DEFINITION) && !names_back(c, to, BPMN_SOURCE, l))
            lint_hit(c, n);
        return;
    }
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && !e.elsewhere)
        lint_hit(c, n);
}

void lint_link_one_target(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = lint_link_of(c, n);
    if (l && (counterparts(c, n, l).in_level > 1 || model_count_children(l, BPMN_TARGET) > 1))
        lint_hit(c, n);
}

/* One end names the other and is not named by it: the two are opposite ends of one association, so both say it or neither. */
static void check_named_back(struct lint_ctx *c, const struct xml_node *n, enum bpmn_kind own, enum bpmn_kind others)
{
    const struct xml_node *l = lint_link_of(c, n);
    for (unsigned i = 0; l && !model_first(l, own) && i < c->index.n_links; i++)
        for (const struct xml_node *e = model_first(c->index.links[i].definition, others); e; e = model_next(e, others))
            if (model_find(c->m, e, xml_text(e, c->m->arena)) == l) {
                lint_hit(c, n);
                return;
            }
}

void lint_link_names_target(struct lint_ctx *c, const struct xml_node *n) { check_named_back(c, n, BPMN_TARGET, BPMN_SOURCE); }
void lint_link_names_source(struct lint_ctx *c, const struct xml_node *n) { check_named_back(c, n, BPMN_SOURCE, BPMN_TARGET); }

void lint_link_source(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = lint_link_of(c, n);
    if (!l || paired_by_reference(l))
        return;
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && !e.elsewhere)
        lint_hit(c, n);
}

void lint_link_level(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *l = lint_link_of(c, n);
    if (!l)
        return;
    if (paired_by_reference(l)) {
        const struct xml_node *other = named_counterpart(c, l, bpmn_is(n, BPMN_THROW_EVENT) ? BPMN_TARGET : BPMN_SOURCE);
        if (bpmn_is(other, BPMN_LINK_DEFINITION) && model_scope(other->parent) != model_scope(n))
            lint_hit(c, n);
        return;
    }
    struct ends e = counterparts(c, n, l);
    if (!e.in_level && e.elsewhere)
        lint_hit(c, n);
}
