/* SPDX-License-Identifier: Apache-2.0
 * Questions to a model that is built. */
#include "server/domain/process/model.h"

struct od_str model_id_of(const struct xml_node *n)
{
    struct od_str id = xml_attr(n, "id");
    return id.p ? id : (struct od_str){"", 0};
}

struct od_str model_name_of(const struct xml_node *n)
{
    struct od_str name = xml_attr(n, "name");
    return name.n ? name : model_id_of(n);
}

/* What flows in an imported file is not looked at. */
const struct model_node *model_node(const struct model *m, const struct xml_node *n)
{
    static const struct model_node nothing;
    return n->foreign ? &nothing : &m->nodes[n->ordinal];
}

unsigned model_count(const struct model_end *ends)
{
    unsigned n = 0;
    for (; ends; ends = ends->next)
        n++;
    return n;
}

struct xml_node *model_source(const struct model *m, const struct xml_node *flow) { return model_ref(m, flow, "sourceRef"); }
struct xml_node *model_target(const struct model *m, const struct xml_node *flow) { return model_ref(m, flow, "targetRef"); }

struct xml_node *model_next_boundary(const struct model *m, const struct xml_node *boundary)
{
    return m->nodes[boundary->ordinal].boundary;
}

struct xml_node *model_above(const struct xml_node *n, enum bpmn_kind class_)
{
    struct xml_node *p = n->parent;
    while (p && !bpmn_is(p, class_))
        p = p->parent;
    return p;
}

struct xml_node *model_scope(const struct xml_node *n)
{
    struct xml_node *p = n->parent;
    while (p && !bpmn_is(p, BPMN_PROCESS) && !bpmn_is(p, BPMN_ANY_SUB_PROCESS) && !bpmn_is(p, BPMN_COLLABORATION) &&
           !bpmn_is(p, BPMN_SUB_CHOREOGRAPHY))
        p = p->parent;
    return p;
}

bool model_flag(const struct xml_node *n, const char *attribute, bool by_default)
{
    struct od_str s = xml_attr(n, attribute);
    if (!s.p)
        return by_default;
    s = od_str_trim(s);
    return od_str_eq_c(s, "true") || od_str_eq_c(s, "1");
}

bool model_is_executable(const struct xml_node *n)
{
    const struct xml_node *p = bpmn_is(n, BPMN_PROCESS) ? n : model_above(n, BPMN_PROCESS);
    return p && model_flag(p, "isExecutable", false);
}

bool model_is_event_sub_process(const struct xml_node *n)
{
    return bpmn_is(n, BPMN_ANY_SUB_PROCESS) && model_flag(n, "triggeredByEvent", false);
}

struct xml_node *model_first(const struct xml_node *parent, enum bpmn_kind class_)
{
    struct xml_node *c = xml_child(parent);
    while (c && !bpmn_is(c, class_))
        c = xml_sibling(c);
    return c;
}

struct xml_node *model_next(const struct xml_node *n, enum bpmn_kind class_)
{
    struct xml_node *c = xml_sibling(n);
    while (c && !bpmn_is(c, class_))
        c = xml_sibling(c);
    return c;
}

unsigned model_count_children(const struct xml_node *parent, enum bpmn_kind class_)
{
    unsigned n = 0;
    for (const struct xml_node *c = model_first(parent, class_); c; c = model_next(c, class_))
        n++;
    return n;
}

unsigned model_event_definitions(const struct model *m, const struct xml_node *event, struct xml_node **out, unsigned max)
{
    unsigned n = 0;
    for (struct xml_node *c = xml_child(event); c; c = xml_sibling(c)) {
        struct xml_node *def = bpmn_is(c, BPMN_EVENT_DEFINITION) ? c : NULL;
        if (c->kind == BPMN_EVENT_DEFINITION_REF)
            def = model_find(m, c, xml_text(c, m->arena));
        if (!def || !bpmn_is(def, BPMN_EVENT_DEFINITION))
            continue;
        if (n < max)
            out[n] = def;
        n++;
    }
    return n;
}
