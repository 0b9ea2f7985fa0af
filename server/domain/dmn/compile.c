/* SPDX-License-Identifier: Apache-2.0
 * From a text to a model: imported models first, then names, types, elements. */
#include "server/domain/dmn/compile.h"

#include "common/base/limits.h"

enum { SCRATCH_MAX = 256 * 1024 * 1024 };

/* --- imports ----------------------------------------------------------------------------------------------------------- */

static enum od_status compile(struct od_str xml, struct compiler *importing, const struct dmn_options *options, dmn_report_fn report,
                              void *opaque, struct dmn_model **ret, struct od_err *err);

static struct imported_model *library_find(const struct library *l, struct od_str name_space)
{
    struct imported_model *m = l->first;
    while (m && !od_str_eq(m->name_space, name_space))
        m = m->next;
    return m;
}

static struct imported_model *library_add(struct compiler *c, struct od_str name_space)
{
    struct imported_model *m = OD_ARENA_NEW(c->library->arena, struct imported_model);
    if (!m) {
        c->status = od_fail(c->err, OD_R_MEMORY_LIMIT, "max=%zu", c->library->arena->cap_bytes);
        return NULL;
    }
    *m = (struct imported_model){name_space, NULL, c->library->first};
    c->library->first = m;
    c->library->n++;
    return m;
}

/* Compiles the imported model, at its first import. */
static void import_compile(struct compiler *c, const struct dmn_xml_node *n, struct od_str name_space)
{
    struct od_str xml;
    bool many = c->library->n > DMN_IMPORTS_MAX; /* the importing one is among them */
    if (many || c->import_depth >= DMN_IMPORT_DEPTH_MAX) {
        dmn_refuse(c, n, many ? "there are too many imported models" : "models import each other too deeply");
        return;
    }
    if (!c->options->import || !c->options->import(c->options->opaque, name_space, dmn_xml_attr(n, "locationURI"), &xml)) {
        dmn_find(c, n, false, "the imported model %.*s is not there", OD_STR_ARG(name_space));
        return;
    }
    struct imported_model *m = library_add(c, name_space);
    enum od_status s = m ? compile(xml, c, c->options, c->report, c->opaque, &m->model, c->err) : c->status;
    if (c->status == OD_OK)
        c->status = s;
}

static void import_read(struct compiler *c, const struct dmn_xml_node *n)
{
    struct import *i = &c->m->imports[c->m->n_imports];
    struct od_str type = dmn_xml_attr(n, "importType");
    if (!memmem(type.p ? type.p : "", type.n, "DMN", 3)) {
        dmn_find(c, n, true, "only DMN models are imported");
        return;
    }
    i->name = dmn_name(c, dmn_xml_attr(n, "name"));
    i->name_space = dmn_copy(c, dmn_xml_attr(n, "namespace"));
    for (unsigned k = 0; i->name.n && k < c->m->n_imports; k++)
        if (od_str_eq(c->m->imports[k].name, i->name))
            dmn_find(c, n, false, "there is another import of the name %.*s", OD_STR_ARG(i->name));
    if (c->options->alone) {
        dmn_find(c, n, true, "the imported model %.*s is not looked at", OD_STR_ARG(i->name_space));
        c->unfollowed++;
        return;
    }
    const struct imported_model *m = library_find(c->library, i->name_space);
    if (m && !m->model) {
        dmn_find(c, n, false, "the model %.*s imports itself, by a circle of imports", OD_STR_ARG(i->name_space));
        return;
    }
    if (!m)
        import_compile(c, n, i->name_space);
    m = dmn_going(c) ? library_find(c->library, i->name_space) : NULL;
    if (m && m->model) {
        i->model = m->model;
        c->m->n_imports++;
    }
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
    c->language = dmn_xml_attr(root, "expressionLanguage");
    dmn_check_vocabulary(c, root);
    if (!c->import_depth && !library_add(c, c->m->name_space))
        return;
    imports_read(c, root);
    if (dmn_going(c))
        members_read(c, root);
    if (dmn_going(c))
        dmn_compile_types(c, root);
    if (dmn_going(c))
        dmn_compile_elements(c, root);
}

/* What the importing model, if there is one, makes of it: that owns all that are compiled, in the end. */
static enum od_status compile(struct od_str xml, struct compiler *importing, const struct dmn_options *options, dmn_report_fn report,
                              void *opaque, struct dmn_model **ret, struct od_err *err)
{
    struct od_arena scratch;
    struct library library = {.arena = &scratch};
    const struct dmn_xml_node *root = NULL;
    struct dmn_model *m = od_xcalloc(1, sizeof *m);
    od_arena_init(&m->arena, DMN_MODEL_ARENA_MAX);
    od_arena_init(&scratch, SCRATCH_MAX);
    m->host = options->host;
    struct compiler c = {.m = m, .options = options, .arena = &m->arena, .scratch = &scratch, .report = report, .opaque = opaque,
                         .err = err, .import_depth = importing ? importing->import_depth + 1 : 0,
                         .library = importing ? importing->library : &library};
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
    } else if (importing) {
        struct dmn_model *last = m;
        while (last->next)
            last = last->next;
        last->next = importing->m->next;
        importing->m->next = m;
    }
    *ret = m;
    return c.status;
}

enum od_status dmn_model_compile(struct od_str xml, const struct dmn_options *options, dmn_report_fn report, void *opaque,
                                 struct dmn_model **ret_model, struct od_err *err)
{
    static const struct dmn_options plain;
    return compile(xml, NULL, options ? options : &plain, report, opaque, ret_model, err);
}

void dmn_model_free(struct dmn_model *m)
{
    while (m) {
        struct dmn_model *next = m->next;
        od_arena_done(&m->arena);
        free(m);
        m = next;
    }
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
