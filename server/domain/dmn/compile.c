/* SPDX-License-Identifier: Apache-2.0
 * From a text to a model: imported models first, then names, types, elements. */
#include "server/domain/dmn/compile.h"

#include "common/base/limits.h"

enum { SCRATCH_MAX = 256 * 1024 * 1024 };

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

/* The names of this model and of what it imports, in scratch; NULL out only counts them. */
static unsigned members_gather(struct compiler *c, const struct dmn_xml_node *root, struct od_str *out)
{
    static const char *const named[] = {"itemComponent", "variable",        "output",                 "column",    "inputData",
                                        "decision",      "decisionService", "businessKnowledgeModel", "parameters"};
    unsigned n = 0;
    for (const struct dmn_xml_node *x = root; x; x = dmn_xml_walk(x, root)) {
        bool is = false;
        for (size_t i = 0; i < OD_LEN(named) && !is; i++)
            is = dmn_xml_is(x, named[i]);
        if (!is || !odd_name(dmn_xml_attr(x, "name")))
            continue;
        if (out)
            out[n] = dmn_name(c, dmn_xml_attr(x, "name"));
        n++;
    }
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct dmn_model *m = c->m->imports[i].model;
        if (out && m->n_members)
            memcpy(out + n, m->members, m->n_members * sizeof *out);
        n += m->n_members;
    }
    return n;
}

/* Each once: every path in an expression is compared with all of them. */
static void members_read(struct compiler *c, const struct dmn_xml_node *root)
{
    unsigned n = members_gather(c, root, NULL);
    struct od_str *all = od_arena_array(c->scratch, n + 1, sizeof *all);
    struct dmn_index index;
    if (all)
        members_gather(c, root, all);
    if (!all || !dmn_index(c, c->scratch, all, n, &index) || !(c->m->members = DMN_ARRAY(c, n, struct od_str)))
        return;
    for (unsigned i = 0, first; i < n; i++)
        if (dmn_index_find(&index, all[i], &first) && first == i)
            c->m->members[c->m->n_members++] = all[i];
}

/* --- entry ------------------------------------------------------------------------------------------------------------- */

static void model_read(struct compiler *c, const struct dmn_xml_node *root)
{
    c->m->name = dmn_copy(c, dmn_xml_attr(root, "name"));
    c->m->name_space = dmn_copy(c, dmn_xml_attr(root, "namespace"));
    imports_read(c, root);
    if (dmn_going(c))
        members_read(c, root);
    if (dmn_going(c))
        dmn_compile_types(c, root);
    if (dmn_going(c))
        dmn_compile_elements(c, root);
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
    unsigned at;
    return dmn_index_find(&m->type_names, name, &at) ? m->types[at].type : NULL;
}

void dmn_model_scope(const struct dmn_model *m, struct feel_scope *scope)
{
    scope->types = m->types;
    scope->n_types = m->n_types;
    scope->members = m->members;
    scope->n_members = m->n_members;
}
