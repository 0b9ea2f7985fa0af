/* SPDX-License-Identifier: Apache-2.0
 * Input data, decisions, knowledge and services: found by id, joined by what they require, each with its logic. */
#include "server/domain/dmn/compile.h"

static bool element_kind(const struct dmn_xml_node *n, enum dmn_kind *ret)
{
    static const struct {
        const char *name;
        enum dmn_kind kind;
    } kinds[] = {{"inputData", DMN_INPUT}, {"decision", DMN_DECISION}, {"decisionService", DMN_SERVICE},
                 {"businessKnowledgeModel", DMN_KNOWLEDGE}};
    for (size_t i = 0; i < OD_LEN(kinds); i++)
        if (dmn_xml_is(n, kinds[i].name)) {
            *ret = kinds[i].kind;
            return true;
        }
    return false;
}

static void elements_read(struct compiler *c, const struct dmn_xml_node *root)
{
    enum dmn_kind kind;
    unsigned n = 0;
    for (const struct dmn_xml_node *e = root->child; e; e = e->next)
        n += element_kind(e, &kind);
    c->m->elements = DMN_ARRAY(c, n, struct element);
    for (const struct dmn_xml_node *e = root->child; e && dmn_going(c); e = e->next) {
        if (!element_kind(e, &kind))
            continue;
        struct element *el = &c->m->elements[c->m->n_elements++];
        const struct dmn_xml_node *variable = dmn_xml_child(e, "variable");
        struct od_str own = dmn_name(c, dmn_xml_attr(e, "name"));
        struct od_str name = dmn_name(c, variable ? dmn_xml_attr(variable, "name") : OD_STR(""));
        *el = (struct element){.kind = kind, .line = e->line, .node = e, .id = dmn_copy(c, dmn_xml_attr(e, "id"))};
        el->name = name.n ? name : own;
        if (!el->name.n)
            dmn_find(c, e, false, "the element has no name");
        if (own.n && !od_str_eq(own, el->name)) { /* §7.3.4: an element and its variable have one name */
            el->title = own;
            dmn_find(c, e, true, "the variable has another name, %.*s: that is what expressions use", OD_STR_ARG(el->name));
        }
        el->type = variable ? dmn_type_of(c, variable) : NULL;
    }
}

static void ids_index(struct compiler *c)
{
    struct dmn_model *m = c->m;
    struct od_str *ids = DMN_ARRAY(c, m->n_elements, struct od_str);
    unsigned first;
    for (unsigned i = 0; ids && i < m->n_elements; i++)
        ids[i] = m->elements[i].id;
    if (!ids || !dmn_index(c, c->arena, ids, m->n_elements, &m->ids))
        return;
    for (unsigned i = 0; i < m->n_elements; i++)
        if (ids[i].n && dmn_index_find(&m->ids, ids[i], &first) && first != i)
            dmn_find(c, m->elements[i].node, false, "there is another element of the id %.*s", OD_STR_ARG(ids[i]));
}

/* §6.3.2, §6.3.3: what is named in expressions is named once: elements, and imports beside them. */
static void names_check(struct compiler *c)
{
    const struct dmn_model *m = c->m;
    struct dmn_index index;
    struct od_str *names = od_arena_array(c->scratch, m->n_imports + m->n_elements + 1, sizeof *names);
    for (unsigned i = 0; names && i < m->n_imports; i++)
        names[i] = m->imports[i].name;
    for (unsigned i = 0; names && i < m->n_elements; i++)
        names[m->n_imports + i] = m->elements[i].name;
    if (!names || !dmn_index(c, c->scratch, names, m->n_imports + m->n_elements, &index))
        return;
    for (unsigned i = 0, first; i < m->n_elements; i++) {
        struct od_str name = m->elements[i].name;
        if (name.n && dmn_index_find(&index, name, &first) && first != m->n_imports + i)
            dmn_find(c, m->elements[i].node, false, "the name %.*s is also that of %s", OD_STR_ARG(name),
                     first < m->n_imports ? "an imported model" : "another element");
    }
}

/* "#id" or "namespace#id" */
static bool resolve(struct compiler *c, const struct dmn_xml_node *n, struct element_ref *ret)
{
    struct od_str href = dmn_xml_attr(n, "href"), space = href;
    const char *mark = href.n ? memrchr(href.p, '#', href.n) : NULL;
    struct od_str id = mark ? (struct od_str){mark + 1, href.n - (size_t)(mark + 1 - href.p)} : href;
    space.n = mark ? (size_t)(mark - href.p) : 0;
    *ret = (struct element_ref){.import = -1};
    if ((!space.n || od_str_eq(space, c->m->name_space)) && dmn_index_find(&c->m->ids, id, &ret->index))
        return true;
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct dmn_model *m = c->m->imports[i].model;
        if (!m || (space.n && !od_str_eq(space, c->m->imports[i].name_space)))
            continue;
        if (dmn_index_find(&m->ids, id, &ret->index)) {
            ret->import = (int)i;
            return true;
        }
    }
    if (!c->unfollowed || !space.n || od_str_eq(space, c->m->name_space))
        dmn_find(c, n, false, "there is no element %.*s", OD_STR_ARG(href));
    return false;
}

static const struct element *element_at(const struct dmn_model *m, struct element_ref r)
{
    return r.import < 0 ? &m->elements[r.index] : &m->imports[r.import].model->elements[r.index];
}

/* What may stand at the end of a reference, by the name of the reference. */
static const struct {
    const char *name;
    unsigned kinds;
    const char *what;
} REFERENCES[] = {
    {"requiredInput", 1u << DMN_INPUT, "input data"},
    {"requiredDecision", 1u << DMN_DECISION, "a decision"},
    {"requiredKnowledge", 1u << DMN_KNOWLEDGE | 1u << DMN_SERVICE, "a business knowledge model or decision service"},
    {"inputData", 1u << DMN_INPUT, "input data"},
    {"inputDecision", 1u << DMN_DECISION, "a decision"},
    {"outputDecision", 1u << DMN_DECISION, "a decision"},
    {"encapsulatedDecision", 1u << DMN_DECISION, "a decision"},
};

/* Adds what the children of that name refer to. */
static unsigned add_refs(struct compiler *c, const struct dmn_xml_node *n, const char *name, struct element_ref *refs, unsigned *count)
{
    unsigned row = 0, seen = 0;
    while (strcmp(REFERENCES[row].name, name) != 0)
        row++;
    XML_EACH(r, n, name)
    {
        struct element_ref ref;
        seen++;
        if (!resolve(c, r, &ref))
            continue;
        if (!(1u << element_at(c->m, ref)->kind & REFERENCES[row].kinds))
            dmn_find(c, r, false, "%.*s is not %s", OD_STR_ARG(element_at(c->m, ref)->name), REFERENCES[row].what);
        if (refs)
            refs[(*count)++] = ref;
    }
    return seen;
}

static bool requirement(const struct dmn_xml_node *n)
{
    return dmn_xml_is(n, "informationRequirement") || dmn_xml_is(n, "knowledgeRequirement");
}

static void requirements_read(struct compiler *c, struct element *e)
{
    const struct dmn_xml_node *n = e->node;
    unsigned room = 0;
    for (const struct dmn_xml_node *r = n->child; r; r = r->next) /* each of its children could be a reference */
        for (const struct dmn_xml_node *what = requirement(r) ? r->child : NULL; what; what = what->next)
            room++;
    struct element_ref *refs = DMN_ARRAY(c, room, struct element_ref);
    if (!refs)
        return;
    XML_EACH(r, n, "informationRequirement")
    {
        unsigned inputs = add_refs(c, r, "requiredInput", refs, &e->n_requires);
        if (inputs + add_refs(c, r, "requiredDecision", refs, &e->n_requires) != 1)
            dmn_find(c, r, false, "the requirement must name one input or decision");
    }
    XML_EACH(r, n, "knowledgeRequirement")
        if (add_refs(c, r, "requiredKnowledge", refs, &e->n_requires) != 1)
            dmn_find(c, r, false, "the requirement must name one function");
    e->requires = refs;
}

/* An element's name, behind that of the import that it comes by. */
static struct od_str qualified_name(struct compiler *c, struct element_ref r)
{
    struct od_str name = element_at(c->m, r)->name, import = r.import < 0 ? OD_STR("") : c->m->imports[r.import].name;
    size_t n = import.n + 1 + name.n;
    char *p = import.n ? dmn_alloc(c, n + 1, 1) : NULL;
    if (!p)
        return name;
    snprintf(p, n + 1, "%.*s.%.*s", OD_STR_ARG(import), OD_STR_ARG(name));
    return (struct od_str){p, n};
}

/* §10.4: the parameters are the input data, then the input decisions. */
static void service_read(struct compiler *c, struct element *e)
{
    unsigned n = dmn_xml_count(e->node, "inputData") + dmn_xml_count(e->node, "inputDecision");
    struct element_ref *params = DMN_ARRAY(c, n, struct element_ref);
    struct element_ref *outputs = DMN_ARRAY(c, dmn_xml_count(e->node, "outputDecision"), struct element_ref);
    struct feel_param *names = DMN_ARRAY(c, n, struct feel_param);
    if (!params || !outputs || !names)
        return;
    add_refs(c, e->node, "inputData", params, &e->n_params);
    add_refs(c, e->node, "inputDecision", params, &e->n_params);
    add_refs(c, e->node, "outputDecision", outputs, &e->n_outputs);
    add_refs(c, e->node, "encapsulatedDecision", NULL, NULL);
    for (unsigned i = 0; i < e->n_params; i++)
        names[i] = (struct feel_param){qualified_name(c, params[i]), element_at(c->m, params[i])->type};
    e->params = params;
    e->param_names = names;
    e->outputs = outputs;
    if (!e->n_outputs)
        dmn_find(c, e->node, false, "the decision service has no output decision");
}

/* The names that the element's logic may use: of what it requires, and of the models that they come from. */
static void scope_of(struct compiler *c, const struct element *e)
{
    for (unsigned i = 0; i < e->n_requires; i++) {
        struct element_ref r = e->requires[i];
        struct od_str import = r.import < 0 ? OD_STR("") : c->m->imports[r.import].name;
        dmn_scope_push(c, import.n ? import : element_at(c->m, r)->name);
    }
    if (e->kind == DMN_KNOWLEDGE) /* it may call itself */
        dmn_scope_push(c, e->name);
}

static void logic_read(struct compiler *c, struct element *e)
{
    unsigned outer = c->n_names;
    scope_of(c, e);
    const struct dmn_xml_node *n = e->kind == DMN_KNOWLEDGE ? dmn_xml_child(e->node, "encapsulatedLogic") : e->node;
    if (e->kind == DMN_KNOWLEDGE && n) {
        e->logic = dmn_compile_logic(c, n);
    } else if (e->kind == DMN_DECISION) {
        const struct dmn_xml_node *x = dmn_expression_child(c, n);
        e->logic = x ? dmn_compile_logic(c, x) : NULL;
    }
    if (!e->logic && (e->kind == DMN_DECISION || e->kind == DMN_KNOWLEDGE))
        dmn_find(c, e->node, true, "the element has no logic: its value is null");
    dmn_scope_pop(c, outer);
}

/* The next decision of this model that element i requires, from its k-th requirement on; n_requires: there is none. */
static unsigned next_decision(const struct dmn_model *m, unsigned i, unsigned k)
{
    const struct element *e = &m->elements[i];
    while (k < e->n_requires && (e->requires[k].import >= 0 || m->elements[e->requires[k].index].kind != DMN_DECISION))
        k++;
    return k;
}

/* A decision that needs itself can never be made. A walk along the requirements, on a stack of its own: one that leads back
 * to where it has not yet come away from closes a circle. */
static void circles_find(struct compiler *c)
{
    const struct dmn_model *m = c->m;
    enum { NEW, OPEN, DONE };
    unsigned n = 0, *stack = od_arena_array(c->scratch, m->n_elements + 1, sizeof *stack);
    unsigned *next = od_arena_array(c->scratch, m->n_elements + 1, sizeof *next);
    unsigned char *state = od_arena_array(c->scratch, m->n_elements + 1, 1);
    for (unsigned start = 0; stack && next && state && start < m->n_elements; start++) {
        if (state[start] == NEW)
            state[stack[n++] = start] = OPEN;
        while (n) {
            unsigned at = stack[n - 1], k = next_decision(m, at, next[at]);
            next[at] = k + 1;
            if (k >= m->elements[at].n_requires) {
                state[at] = DONE;
                n--;
                continue;
            }
            unsigned to = m->elements[at].requires[k].index;
            if (state[to] == OPEN)
                dmn_find(c, m->elements[at].node, false, "the decision requires itself, by a circle of requirements over %.*s",
                         OD_STR_ARG(m->elements[to].name));
            else if (state[to] == NEW)
                state[stack[n++] = to] = OPEN;
        }
    }
}

void dmn_compile_elements(struct compiler *c, const struct dmn_xml_node *root)
{
    elements_read(c, root);
    if (dmn_going(c))
        ids_index(c);
    if (dmn_going(c))
        names_check(c);
    for (unsigned i = 0; i < c->m->n_elements && dmn_going(c); i++) {
        if (c->m->elements[i].kind == DMN_SERVICE)
            service_read(c, &c->m->elements[i]);
        else
            requirements_read(c, &c->m->elements[i]);
    }
    for (unsigned i = 0; i < c->m->n_elements && dmn_going(c); i++)
        logic_read(c, &c->m->elements[i]);
    if (dmn_going(c))
        circles_find(c);
}
