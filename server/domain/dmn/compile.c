/* SPDX-License-Identifier: Apache-2.0
 * From the tree to a model: elements by id, what they require, imported models, and in the scope of each its logic. */
#include "server/domain/dmn/compile.h"

#include "common/base/limits.h"

#include <stdio.h>

enum { SCRATCH_MAX = 256 * 1024 * 1024 };

/* --- findings, memory -------------------------------------------------------------------------------------------------- */

static struct od_str nearest_id(const struct dmn_xml_node *n)
{
    for (; n; n = n->parent) {
        struct od_str id = dmn_xml_attr(n, "id");
        if (id.n)
            return id;
    }
    return OD_STR("");
}

static void refused(struct compiler *c, const struct dmn_finding *f)
{
    if (c->status == OD_OK)
        c->status = od_fail(c->err, OD_R_DMN_REFUSED, "line=%u" OD_AND "element=%s" OD_AND "id=%s" OD_AND "why=%s", f->line,
                            f->element, f->id, f->why);
}

static void finding(struct compiler *c, const struct dmn_xml_node *n, bool warning, bool refuse, const char *why)
{
    struct dmn_finding f = {.warning = warning, .line = n->line};
    struct od_str id = nearest_id(n);
    snprintf(f.element, sizeof f.element, "%.*s", OD_STR_ARG(n->name));
    snprintf(f.id, sizeof f.id, "%.*s", OD_STR_ARG(id));
    snprintf(f.why, sizeof f.why, "%s", why);
    if (c->report)
        c->report(c->opaque, &f);
    if (refuse)
        refused(c, &f);
}

void dmn_find(struct compiler *c, const struct dmn_xml_node *n, bool warning, const char *fmt, ...)
{
    char why[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    finding(c, n, warning, !warning && c->options->strict, why);
}

void dmn_refuse(struct compiler *c, const struct dmn_xml_node *n, const char *why) { finding(c, n, false, true, why); }

void *dmn_alloc(struct compiler *c, size_t n, size_t size)
{
    void *p = od_arena_array(c->arena, n ? n : 1, size);
    if (!p && c->status == OD_OK)
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->arena->cap_bytes);
    return p;
}

struct od_str dmn_copy(struct compiler *c, struct od_str s)
{
    char *p = dmn_alloc(c, s.n + 1, 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return (struct od_str){p ? p : "", p ? s.n : 0};
}

struct od_str dmn_name(struct compiler *c, struct od_str s)
{
    char *p = dmn_alloc(c, s.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; p && i < s.n; i++) {
        bool space = s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r');
        if (!space)
            p[n++] = s.p[i];
        else if (n && p[n - 1] != ' ')
            p[n++] = ' ';
    }
    if (n && p[n - 1] == ' ')
        n--;
    return (struct od_str){p ? p : "", n};
}

void dmn_scope_push(struct compiler *c, struct od_str name)
{
    if (c->n_names == c->cap_names) {
        unsigned cap = c->cap_names ? c->cap_names * 2 : 64;
        struct od_str *names = od_arena_array(c->scratch, cap, sizeof *names);
        if (!names) {
            c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->scratch->cap_bytes);
            return;
        }
        if (c->n_names)
            memcpy(names, c->names, c->n_names * sizeof *names);
        c->names = names;
        c->cap_names = cap;
    }
    c->names[c->n_names++] = name;
}

const struct feel_program *dmn_parse(struct compiler *c, const struct dmn_xml_node *n, struct od_str text, enum feel_grammar g,
                                     const char **ret_why)
{
    const struct feel_scope scope = {.names = c->names, .n_names = c->n_names, .members = c->m->members, .n_members = c->m->n_members,
                                     .types = c->m->types, .n_types = c->m->n_types, .host = c->m->host};
    const struct feel_program *p = NULL;
    struct od_err err;
    char why[256];
    *ret_why = NULL;
    if (!dmn_going(c))
        return NULL;
    if (feel_parse(text, g, &scope, c->arena, &p, &err) == OD_OK)
        return p;
    if (c->arena->exhausted) {
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->arena->cap_bytes);
        return NULL;
    }
    od_err_text(&err, why, sizeof why);
    dmn_find(c, n, false, "%s", why);
    *ret_why = dmn_copy(c, od_str_c(why)).p;
    return NULL;
}

/* --- elements ---------------------------------------------------------------------------------------------------------- */

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
        struct od_str name = variable ? dmn_xml_attr(variable, "name") : OD_STR("");
        *el = (struct element){.kind = kind, .line = e->line, .node = e, .id = dmn_copy(c, dmn_xml_attr(e, "id"))};
        el->name = dmn_name(c, name.n ? name : dmn_xml_attr(e, "name"));
        if (!el->name.n)
            dmn_find(c, e, false, "the element has no name");
        el->type = variable ? dmn_type_of(c, variable) : NULL;
    }
}

static unsigned hash(struct od_str s)
{
    unsigned h = 2166136261u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h;
}

/* Open addressing over the ids of one model. */
struct ids {
    unsigned *slots; /* index + 1 */
    unsigned mask;
};

static bool ids_build(struct compiler *c, const struct dmn_model *m, struct ids *ids)
{
    unsigned size = 16;
    while (size < m->n_elements * 2)
        size *= 2;
    ids->slots = od_arena_array(c->scratch, size, sizeof *ids->slots);
    ids->mask = size - 1;
    if (!ids->slots)
        return false;
    for (unsigned i = 0; i < m->n_elements; i++) {
        unsigned at = hash(m->elements[i].id) & ids->mask;
        while (ids->slots[at] && !od_str_eq(m->elements[ids->slots[at] - 1].id, m->elements[i].id))
            at = (at + 1) & ids->mask;
        ids->slots[at] = i + 1;
    }
    return true;
}

static bool ids_find(const struct dmn_model *m, const struct ids *ids, struct od_str id, unsigned *ret)
{
    unsigned at = hash(id) & ids->mask;
    for (; ids->slots[at]; at = (at + 1) & ids->mask)
        if (od_str_eq(m->elements[ids->slots[at] - 1].id, id)) {
            *ret = ids->slots[at] - 1;
            return true;
        }
    return false;
}

/* "#id" or "namespace#id" */
static bool resolve(struct compiler *c, const struct ids *own, const struct dmn_xml_node *n, struct element_ref *ret)
{
    struct od_str href = dmn_xml_attr(n, "href"), space = href;
    const char *mark = href.n ? memrchr(href.p, '#', href.n) : NULL;
    struct od_str id = mark ? (struct od_str){mark + 1, href.n - (size_t)(mark + 1 - href.p)} : href;
    space.n = mark ? (size_t)(mark - href.p) : 0;
    *ret = (struct element_ref){.import = -1};
    if ((!space.n || od_str_eq(space, c->m->name_space)) && ids_find(c->m, own, id, &ret->index))
        return true;
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct dmn_model *m = c->m->imports[i].model;
        if (!m || (space.n && !od_str_eq(space, c->m->imports[i].name_space)))
            continue;
        for (unsigned k = 0; k < m->n_elements; k++)
            if (od_str_eq(m->elements[k].id, id)) {
                *ret = (struct element_ref){(int)i, k};
                return true;
            }
    }
    dmn_find(c, n, false, "there is no element %.*s", OD_STR_ARG(href));
    return false;
}

static void add_refs(struct compiler *c, const struct ids *ids, const struct dmn_xml_node *n, const char *name, struct element_ref *refs,
                     unsigned *count)
{
    XML_EACH(r, n, name)
        *count += resolve(c, ids, r, &refs[*count]);
}

static void requirements_read(struct compiler *c, const struct ids *ids, struct element *e)
{
    const struct dmn_xml_node *n = e->node;
    struct element_ref *refs = DMN_ARRAY(c, dmn_xml_count(n, "informationRequirement") * 2 + dmn_xml_count(n, "knowledgeRequirement"),
                                         struct element_ref);
    if (!refs)
        return;
    XML_EACH(r, n, "informationRequirement")
    {
        const struct dmn_xml_node *what = r->child;
        if (what && (dmn_xml_is(what, "requiredInput") || dmn_xml_is(what, "requiredDecision")))
            e->n_requires += resolve(c, ids, what, &refs[e->n_requires]);
    }
    XML_EACH(r, n, "knowledgeRequirement")
    {
        const struct dmn_xml_node *what = dmn_xml_child(r, "requiredKnowledge");
        if (what)
            e->n_requires += resolve(c, ids, what, &refs[e->n_requires]);
    }
    e->requires = refs;
}

static const struct element *element_at(const struct dmn_model *m, struct element_ref r)
{
    return r.import < 0 ? &m->elements[r.index] : &m->imports[r.import].model->elements[r.index];
}

/* §10.4: the parameters are the input data, then the input decisions. */
static void service_read(struct compiler *c, const struct ids *ids, struct element *e)
{
    unsigned n = dmn_xml_count(e->node, "inputData") + dmn_xml_count(e->node, "inputDecision");
    struct element_ref *params = DMN_ARRAY(c, n, struct element_ref);
    struct element_ref *outputs = DMN_ARRAY(c, dmn_xml_count(e->node, "outputDecision"), struct element_ref);
    struct feel_param *names = DMN_ARRAY(c, n, struct feel_param);
    if (!params || !outputs || !names)
        return;
    add_refs(c, ids, e->node, "inputData", params, &e->n_params);
    add_refs(c, ids, e->node, "inputDecision", params, &e->n_params);
    add_refs(c, ids, e->node, "outputDecision", outputs, &e->n_outputs);
    for (unsigned i = 0; i < e->n_params; i++)
        names[i] = (struct feel_param){element_at(c->m, params[i])->name, element_at(c->m, params[i])->type};
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
        const struct dmn_xml_node *x = dmn_expression_child(n);
        e->logic = x ? dmn_compile_logic(c, x) : NULL;
    }
    if (!e->logic && (e->kind == DMN_DECISION || e->kind == DMN_KNOWLEDGE))
        dmn_find(c, e->node, true, "the element has no logic: its value is null");
    dmn_scope_pop(c, outer);
}

/* A decision that needs itself can never be made. What is left when nothing more can be taken off depends on a circle. */
static void circles_find(struct compiler *c)
{
    unsigned n = c->m->n_elements, left = n;
    unsigned *open = od_arena_array(c->scratch, n + 1, sizeof *open), *queue = od_arena_array(c->scratch, n + 1, sizeof *queue);
    unsigned head = 0, tail = 0;
    if (!open || !queue)
        return;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < c->m->elements[i].n_requires; k++) {
            struct element_ref r = c->m->elements[i].requires[k];
            open[r.index] += r.import < 0 && c->m->elements[r.index].kind == DMN_DECISION;
        }
    for (unsigned i = 0; i < n; i++)
        if (!open[i])
            queue[tail++] = i;
    for (; head < tail; left--) {
        const struct element *e = &c->m->elements[queue[head++]];
        for (unsigned k = 0; k < e->n_requires; k++) {
            struct element_ref r = e->requires[k];
            if (r.import < 0 && c->m->elements[r.index].kind == DMN_DECISION && !--open[r.index])
                queue[tail++] = r.index;
        }
    }
    for (unsigned i = 0; left && i < n; i++)
        if (open[i]) {
            dmn_find(c, c->m->elements[i].node, false, "the decision requires itself, by a circle of requirements");
            return;
        }
}

/* --- imports ----------------------------------------------------------------------------------------------------------- */

static enum od_status compile(struct od_str xml, const struct dmn_options *options, dmn_report_fn report, void *opaque, unsigned depth,
                              struct dmn_model **ret, struct od_err *err);

static void import_read(struct compiler *c, const struct dmn_xml_node *n)
{
    struct import *i = &c->m->imports[c->m->n_imports];
    struct od_str xml, type = dmn_xml_attr(n, "importType");
    if (!memmem(type.p ? type.p : "", type.n, "DMN", 3)) {
        dmn_find(c, n, true, "only DMN models are imported");
        return;
    }
    i->name = dmn_name(c, dmn_xml_attr(n, "name"));
    i->name_space = dmn_copy(c, dmn_xml_attr(n, "namespace"));
    if (c->import_depth >= DMN_IMPORT_DEPTH_MAX) {
        dmn_refuse(c, n, "models import each other too deeply");
        return;
    }
    if (!c->options->import || !c->options->import(c->options->opaque, i->name_space, dmn_xml_attr(n, "locationURI"), &xml)) {
        dmn_find(c, n, false, "the imported model %.*s is not there", OD_STR_ARG(i->name_space));
        return;
    }
    enum od_status s = compile(xml, c->options, c->report, c->opaque, c->import_depth + 1, &i->model, c->err);
    if (s != OD_OK)
        c->status = s;
    else
        c->m->n_imports++;
}

static void imports_read(struct compiler *c, const struct dmn_xml_node *root)
{
    c->m->imports = DMN_ARRAY(c, dmn_xml_count(root, "import"), struct import);
    XML_EACH(n, root, "import")
        if (dmn_going(c))
            import_read(c, n);
}

/* Names that a run of words would not find may follow a dot: gather them all. */
static bool odd_name(struct od_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr(" .-/+*'", s.p[i]) && s.p[i])
            return true;
    return false;
}

static unsigned members_gather(struct compiler *c, const struct dmn_xml_node *root, struct od_str *out)
{
    static const char *const named[] = {"itemComponent", "variable", "output", "column", "inputData", "decision", "parameters"};
    unsigned n = 0;
    for (const struct dmn_xml_node *x = root; x;) {
        bool is = false;
        for (size_t i = 0; i < OD_LEN(named) && !is; i++)
            is = dmn_xml_is(x, named[i]);
        if (is && odd_name(dmn_xml_attr(x, "name"))) {
            if (out)
                out[n] = dmn_name(c, dmn_xml_attr(x, "name"));
            n++;
        }
        if (x->child) {
            x = x->child;
            continue;
        }
        while (x && x != root && !x->next)
            x = x->parent;
        x = x && x != root ? x->next : NULL;
    }
    return n;
}

static void members_read(struct compiler *c, const struct dmn_xml_node *root)
{
    unsigned n = members_gather(c, root, NULL), own = n;
    for (unsigned i = 0; i < c->m->n_imports; i++)
        n += c->m->imports[i].model->n_members;
    c->m->members = DMN_ARRAY(c, n, struct od_str);
    if (!c->m->members)
        return;
    members_gather(c, root, c->m->members);
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct dmn_model *m = c->m->imports[i].model;
        if (m->n_members)
            memcpy(c->m->members + own, m->members, m->n_members * sizeof *m->members);
        own += m->n_members;
    }
    c->m->n_members = n;
}

/* --- entry ------------------------------------------------------------------------------------------------------------- */

static void model_read(struct compiler *c, const struct dmn_xml_node *root)
{
    struct ids ids;
    c->m->name = dmn_copy(c, dmn_xml_attr(root, "name"));
    c->m->name_space = dmn_copy(c, dmn_xml_attr(root, "namespace"));
    imports_read(c, root);
    if (dmn_going(c))
        members_read(c, root);
    if (dmn_going(c))
        dmn_compile_types(c, root);
    if (dmn_going(c))
        elements_read(c, root);
    if (!dmn_going(c) || !ids_build(c, c->m, &ids))
        return;
    for (unsigned i = 0; i < c->m->n_elements && dmn_going(c); i++) {
        if (c->m->elements[i].kind == DMN_SERVICE)
            service_read(c, &ids, &c->m->elements[i]);
        else
            requirements_read(c, &ids, &c->m->elements[i]);
    }
    for (unsigned i = 0; i < c->m->n_elements && dmn_going(c); i++)
        logic_read(c, &c->m->elements[i]);
    if (dmn_going(c))
        circles_find(c);
}

static enum od_status compile(struct od_str xml, const struct dmn_options *options, dmn_report_fn report, void *opaque, unsigned depth,
                              struct dmn_model **ret, struct od_err *err)
{
    struct od_arena scratch;
    const struct dmn_xml_node *root = NULL;
    struct dmn_model *m = od_xcalloc(1, sizeof *m);
    od_arena_init(&m->arena, DMN_MODEL_ARENA_MAX);
    od_arena_init(&scratch, SCRATCH_MAX);
    m->host = options->host;
    struct compiler c = {.m = m, .options = options, .arena = &m->arena, .scratch = &scratch, .report = report, .opaque = opaque,
                         .err = err, .import_depth = depth};
    c.status = dmn_xml_read(xml, &scratch, &root, err);
    if (dmn_going(&c))
        model_read(&c, root);
    if (dmn_going(&c) && scratch.exhausted)
        c.status = od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", scratch.cap_bytes);
    od_arena_done(&scratch);
    for (unsigned i = 0; i < m->n_elements; i++)
        m->elements[i].node = NULL;
    if (c.status != OD_OK) {
        dmn_model_free(m);
        m = NULL;
    }
    *ret = m;
    return c.status;
}

enum od_status dmn_model_compile(struct od_str xml, const struct dmn_options *options, dmn_report_fn report, void *opaque,
                                 struct dmn_model **ret_model, struct od_err *err)
{
    static const struct dmn_options plain;
    return compile(xml, options ? options : &plain, report, opaque, 0, ret_model, err);
}

void dmn_model_free(struct dmn_model *m)
{
    if (!m)
        return;
    for (unsigned i = 0; i < m->n_imports; i++)
        dmn_model_free(m->imports[i].model);
    od_arena_done(&m->arena);
    free(m);
}

/* --- questions --------------------------------------------------------------------------------------------------------- */

size_t dmn_model_elements(const struct dmn_model *m) { return m->n_elements; }
struct od_str dmn_model_name(const struct dmn_model *m) { return m->name; }
struct od_str dmn_model_namespace(const struct dmn_model *m) { return m->name_space; }

struct dmn_element_info dmn_model_element(const struct dmn_model *m, size_t i)
{
    const struct element *e = &m->elements[i];
    return (struct dmn_element_info){e->kind, e->name, e->id, e->type};
}

const struct feel_type *dmn_model_type(const struct dmn_model *m, struct od_str name)
{
    for (unsigned i = 0; i < m->n_types; i++)
        if (od_str_eq(m->types[i].name, name))
            return m->types[i].type;
    return NULL;
}

void dmn_model_scope(const struct dmn_model *m, struct feel_scope *scope)
{
    scope->types = m->types;
    scope->n_types = m->n_types;
    scope->members = m->members;
    scope->n_members = m->n_members;
}
