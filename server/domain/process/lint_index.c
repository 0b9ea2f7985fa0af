/* SPDX-License-Identifier: Apache-2.0
 * Looks up once what rules would look for in the whole file for every element: links, associations, who is referred to. */
#include "server/domain/process/lint.h"

#include <stdlib.h>

bool lint_is_global(const struct xml_node *n)
{
    return n->kind == BPMN_MESSAGE || n->kind == BPMN_SIGNAL || n->kind == BPMN_ERROR || n->kind == BPMN_ESCALATION;
}

/* Of a link event. */
static const struct xml_node *definition_of(const struct lint_ctx *c, const struct xml_node *event)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++)
        if (defs[i]->kind == BPMN_LINK_DEFINITION)
            return defs[i];
    return NULL;
}

static void mark(struct lint_ctx *c, const struct xml_node *to, unsigned how)
{
    if (to && !to->foreign)
        c->index.marks[to->ordinal] |= (uint8_t)how;
}

/* What the text of e refers to. */
static const struct xml_node *named_by(const struct lint_ctx *c, const struct xml_node *e)
{
    return model_find(c->m, e, xml_text(e, c->m->arena));
}

static void mark_references(struct lint_ctx *c, const struct xml_node *e)
{
    static const char *const attributes[] = {"messageRef", "signalRef", "errorRef", "escalationRef"};
    static const enum bpmn_kind children[] = {BPMN_IN_MESSAGE_REF, BPMN_OUT_MESSAGE_REF, BPMN_ERROR_REF};
    for (size_t k = 0; k < OD_LEN(attributes); k++)
        mark(c, model_ref(c->m, e, attributes[k]), LINT_USED);
    for (size_t k = 0; k < OD_LEN(children); k++)
        if (e->kind == children[k])
            mark(c, named_by(c, e), LINT_USED);
}

/* `incoming` and `outgoing` of a flow node. */
static void mark_listed(struct lint_ctx *c, const struct xml_node *e)
{
    bool in = e->kind == BPMN_INCOMING;
    const struct xml_node *flow = in || e->kind == BPMN_OUTGOING ? named_by(c, e) : NULL;
    if (bpmn_is(flow, BPMN_SEQUENCE_FLOW) && (in ? model_target(c->m, flow) : model_source(c->m, flow)) == e->parent)
        mark(c, flow, in ? LINT_INCOMING : LINT_OUTGOING);
}

static void mark_ends(struct lint_ctx *c, const struct xml_node *link)
{
    for (const struct xml_node *e = model_first(link, BPMN_SOURCE); e; e = model_next(e, BPMN_SOURCE))
        mark(c, named_by(c, e), LINT_AS_SOURCE);
    for (const struct xml_node *e = model_first(link, BPMN_TARGET); e; e = model_next(e, BPMN_TARGET))
        mark(c, named_by(c, e), LINT_AS_TARGET);
}

static void add_handler(struct lint_ctx *c, const struct xml_node *boundary, const struct xml_node *activity)
{
    if (bpmn_is(boundary, BPMN_BOUNDARY_EVENT) && !boundary->foreign && bpmn_is(activity, BPMN_ACTIVITY) &&
        !c->index.handlers[boundary->ordinal])
        c->index.handlers[boundary->ordinal] = activity;
}

static void add_association(struct lint_ctx *c, const struct xml_node *e)
{
    const struct xml_node *from = model_ref(c->m, e, "sourceRef"), *to = model_ref(c->m, e, "targetRef");
    add_handler(c, from, to);
    if (!xml_attr_is(e, "associationDirection", "One")) /* without an arrow it has no first end */
        add_handler(c, to, from);
}

static int order_of(struct od_str x, struct od_str y)
{
    size_t n = x.n < y.n ? x.n : y.n;
    int order = n ? memcmp(x.p, y.p, n) : 0;
    return order ? order : x.n < y.n ? -1 : x.n > y.n;
}

static int by_kind_and_name(const void *pa, const void *pb)
{
    const struct xml_node *const *a = pa, *const *b = pb;
    if ((*a)->kind != (*b)->kind)
        return (*a)->kind < (*b)->kind ? -1 : 1;
    return order_of(xml_attr(*a, "name"), xml_attr(*b, "name"));
}

static void mark_namesakes(struct lint_ctx *c, const struct xml_node **named, unsigned n)
{
    qsort(named, n, sizeof *named, by_kind_and_name);
    for (unsigned i = 1; i < n; i++)
        if (!by_kind_and_name(&named[i - 1], &named[i])) {
            c->index.marks[named[i - 1]->ordinal] |= LINT_NAMESAKE;
            c->index.marks[named[i]->ordinal] |= LINT_NAMESAKE;
        }
}

/* --- links: how many there are at the other end -------------------------------------------------------------------------- */

static int by_name(const void *pa, const void *pb)
{
    const struct lint_link *const *a = pa, *const *b = pb;
    return order_of((*a)->name, (*b)->name);
}

static int by_name_and_scope(const void *pa, const void *pb)
{
    const struct lint_link *const *a = pa, *const *b = pb;
    unsigned x = (*a)->scope ? (*a)->scope->ordinal + 1 : 0, y = (*b)->scope ? (*b)->scope->ordinal + 1 : 0;
    int order = by_name(pa, pb);
    return order ? order : x < y ? -1 : x > y;
}

/* How many of those from i on are alike; *ret_throwing is how many of these throw. */
static unsigned alike(struct lint_link *const *list, unsigned n, unsigned i, int (*order)(const void *, const void *),
                      unsigned *ret_throwing)
{
    unsigned end = i;
    *ret_throwing = 0;
    for (; end < n && !order(&list[i], &list[end]); end++)
        *ret_throwing += bpmn_is(list[end]->event, BPMN_THROW_EVENT);
    return end - i;
}

static void count_ends(struct lint_link **sorted, unsigned n)
{
    qsort(sorted, n, sizeof *sorted, by_name_and_scope);
    for (unsigned i = 0, all, throwing; i < n; i += all) {
        all = alike(sorted, n, i, by_name, &throwing);
        for (unsigned k = i, here, throwing_here; k < i + all; k += here) {
            here = alike(sorted, n, k, by_name_and_scope, &throwing_here);
            for (unsigned l = k; l < k + here; l++) {
                bool throws = bpmn_is(sorted[l]->event, BPMN_THROW_EVENT);
                unsigned others = throws ? all - throwing : throwing;
                sorted[l]->in_level = throws ? here - throwing_here : throwing_here;
                sorted[l]->elsewhere = others - sorted[l]->in_level;
            }
        }
    }
}

bool lint_index(struct lint_ctx *c)
{
    struct lint_index *x = &c->index;
    unsigned n = c->m->file.n_elements, n_named = 0;
    const struct xml_node **named = OD_ARENA_ARRAY(c->r->arena, n + 1, const struct xml_node *);
    x->links = OD_ARENA_ARRAY(c->r->arena, n + 1, struct lint_link);
    struct lint_link **sorted = OD_ARENA_ARRAY(c->r->arena, n + 1, struct lint_link *);
    x->handlers = OD_ARENA_ARRAY(c->r->arena, c->m->file.doc.n_elements + 1, const struct xml_node *);
    x->marks = OD_ARENA_ARRAY(c->r->arena, c->m->file.doc.n_elements + 1, uint8_t);
    if (!named || !x->links || !sorted || !x->handlers || !x->marks)
        return false;
    for (unsigned i = 0; i < n; i++) {
        const struct xml_node *e = c->m->file.elements[i], *link = bpmn_is(e, BPMN_EVENT) ? definition_of(c, e) : NULL;
        if (link) {
            sorted[x->n_links] = &x->links[x->n_links];
            x->links[x->n_links++] =
                (struct lint_link){.event = e, .definition = link, .scope = model_scope(e), .name = xml_attr(link, "name")};
            mark_ends(c, link);
        }
        if (e->kind == BPMN_ASSOCIATION)
            add_association(c, e);
        if (lint_is_global(e) && xml_attr(e, "name").n)
            named[n_named++] = e;
        mark_references(c, e);
        mark_listed(c, e);
    }
    count_ends(sorted, x->n_links);
    mark_namesakes(c, named, n_named);
    return true;
}
