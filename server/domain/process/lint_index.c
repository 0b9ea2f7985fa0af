/* SPDX-License-Identifier: Apache-2.0
 * Looks up once what rules would look for in the whole file for every element: links, associations, who is referred to. */
#include "server/domain/process/lint.h"

#include <stdlib.h>

bool lint_is_global(const struct xml_node *n)
{
    return n->kind == BPMN_MESSAGE || n->kind == BPMN_SIGNAL || n->kind == BPMN_ERROR || n->kind == BPMN_ESCALATION;
}

const struct xml_node *lint_link_of(const struct lint_ctx *c, const struct xml_node *event)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++)
        if (defs[i]->kind == BPMN_LINK_DEFINITION)
            return defs[i];
    return NULL;
}

static void mark_used(struct lint_ctx *c, const struct xml_node *to)
{
    if (to && !to->foreign)
        c->index.marks[to->ordinal] |= LINT_USED;
}

static void mark_references(struct lint_ctx *c, const struct xml_node *e)
{
    static const char *const attributes[] = {"messageRef", "signalRef", "errorRef", "escalationRef"};
    static const enum bpmn_kind children[] = {BPMN_IN_MESSAGE_REF, BPMN_OUT_MESSAGE_REF, BPMN_ERROR_REF};
    for (size_t k = 0; k < OD_LEN(attributes); k++)
        mark_used(c, model_ref(c->m, e, attributes[k]));
    for (size_t k = 0; k < OD_LEN(children); k++)
        if (e->kind == children[k])
            mark_used(c, model_find(c->m, e, xml_text(e, c->m->arena)));
}

static int by_kind_and_name(const void *pa, const void *pb)
{
    const struct xml_node *const *a = pa, *const *b = pb;
    struct od_str x = xml_attr(*a, "name"), y = xml_attr(*b, "name");
    if ((*a)->kind != (*b)->kind)
        return (*a)->kind < (*b)->kind ? -1 : 1;
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order ? order : x.n < y.n ? -1 : x.n > y.n;
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

bool lint_index(struct lint_ctx *c)
{
    struct lint_index *x = &c->index;
    unsigned n = c->m->file.n_elements, n_named = 0;
    const struct xml_node **named = OD_ARENA_ARRAY(c->r->arena, n + 1, const struct xml_node *);
    x->links = OD_ARENA_ARRAY(c->r->arena, n + 1, struct lint_link);
    x->lines = OD_ARENA_ARRAY(c->r->arena, n + 1, struct lint_line);
    x->marks = OD_ARENA_ARRAY(c->r->arena, c->m->file.doc.n_elements + 1, uint8_t);
    if (!named || !x->links || !x->lines || !x->marks)
        return false;
    for (unsigned i = 0; i < n; i++) {
        const struct xml_node *e = c->m->file.elements[i], *link = bpmn_is(e, BPMN_EVENT) ? lint_link_of(c, e) : NULL;
        struct od_str name = link ? xml_attr(link, "name") : (struct od_str){NULL, 0};
        if (link)
            x->links[x->n_links++] = (struct lint_link){e, link, model_scope(e), name, model_hash(name)};
        if (e->kind == BPMN_ASSOCIATION)
            x->lines[x->n_lines++] = (struct lint_line){e, model_ref(c->m, e, "sourceRef"), model_ref(c->m, e, "targetRef")};
        if (lint_is_global(e) && xml_attr(e, "name").n)
            named[n_named++] = e;
        mark_references(c, e);
    }
    mark_namesakes(c, named, n_named);
    return true;
}
