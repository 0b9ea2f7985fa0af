/* SPDX-License-Identifier: Apache-2.0
 * Item definitions (§7.3.2) into FEEL types: references resolved, allowed values and constraints parsed. */
#include "server/domain/dmn/compile.h"

#include "common/base/limits.h"

/* A definition on its way; `busy` while what it refers to is being made. A member or an item may be of the type that is
 * being made (a tree); a type that is nothing but itself may not. */
struct definition {
    const struct dmn_xml_node *node;
    struct feel_type *type;
    bool done, busy;
    unsigned inside; /* members and items around, when it was begun */
};

struct definitions {
    struct definition *all;
    struct feel_type *types; /* in the same order */
    unsigned n, depth, inside;
};

static const struct feel_type *known(struct compiler *c, struct definitions *d, struct od_str name);
static void define(struct compiler *c, struct definitions *d, const struct dmn_xml_node *n, struct feel_type *t);

/* "feel:number" of DMN 1.1 is number; a qualified name "import.type" stays. */
static struct od_str local_ref(struct od_str ref)
{
    const char *colon = ref.n ? memchr(ref.p, ':', ref.n) : NULL;
    ref = colon ? (struct od_str){colon + 1, ref.n - (size_t)(colon + 1 - ref.p)} : ref;
    return od_str_trim(ref);
}

/* DMN 1.1 tells the model by a prefix: any import's type of that name. */
static const struct feel_type *imported(struct compiler *c, struct od_str name)
{
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct feel_type *t = dmn_model_type(c->m->imports[i].model, name);
        if (t)
            return t;
    }
    return NULL;
}

static const struct feel_type *defined(struct compiler *c, struct definitions *d, struct definition *def)
{
    if (def->busy && d->inside > def->inside)
        return def->type;
    if (def->busy || d->depth > DMN_XML_DEPTH_MAX) {
        dmn_find(c, def->node, false, "%s",
                 def->busy ? "the item definition refers to itself" : "item definitions refer to each other too deeply");
        return NULL;
    }
    if (!def->done) {
        def->busy = true;
        def->inside = d->inside;
        d->depth++;
        define(c, d, def->node, def->type);
        d->depth--;
        def->busy = false;
        def->done = true;
    }
    return def->type;
}

static const struct feel_type *known(struct compiler *c, struct definitions *d, struct od_str name)
{
    unsigned at;
    if (dmn_index_find(&c->m->type_names, name, &at))
        return d && at < d->n ? defined(c, d, &d->all[at]) : c->m->types[at].type;
    const struct feel_type *t = imported(c, name);
    return t ? t : feel_type_builtin(name);
}

static const struct feel_type *reference(struct compiler *c, struct definitions *d, const struct dmn_xml_node *n, struct od_str ref)
{
    struct od_str name = dmn_name(c, local_ref(ref));
    if (!name.n)
        return NULL;
    const struct feel_type *t = known(c, d, name);
    unsigned at; /* one that is there and has no type refers to itself, which was said */
    if (!t && !c->unfollowed && !dmn_index_find(&c->m->type_names, name, &at))
        dmn_find(c, n, true, "there is no type %.*s", OD_STR_ARG(name));
    return t && t->kind == FEEL_ANY && !t->allowed && !t->base ? NULL : t;
}

const struct feel_type *dmn_type_ref(struct compiler *c, const struct dmn_xml_node *n, struct od_str ref)
{
    return reference(c, NULL, n, ref);
}

const struct feel_type *dmn_type_of(struct compiler *c, const struct dmn_xml_node *n)
{
    return dmn_type_ref(c, n, dmn_xml_attr(n, "typeRef"));
}

static const struct feel_program *tests_of(struct compiler *c, const struct dmn_xml_node *n, const char *child)
{
    const struct dmn_xml_node *tests = dmn_xml_child(n, child);
    struct od_str text = dmn_xml_child_text(tests, "text");
    const char *why;
    return text.n ? dmn_parse(c, tests, text, FEEL_UNARY_TESTS, &why) : NULL;
}

/* The members of a context, each an item definition without a name of its own in the model. */
static void define_members(struct compiler *c, struct definitions *d, const struct dmn_xml_node *n, struct feel_type *t)
{
    unsigned count = dmn_xml_count(n, "itemComponent"), i = 0;
    struct feel_member *members = DMN_ARRAY(c, count, struct feel_member);
    struct feel_type *types = DMN_ARRAY(c, count, struct feel_type);
    if (!members || !types)
        return;
    dmn_names_check(c, n, "itemComponent", NULL);
    XML_EACH(m, n, "itemComponent")
    {
        members[i].name = dmn_name(c, dmn_xml_attr(m, "name"));
        types[i].name = members[i].name;
        d->inside++;
        define(c, d, m, &types[i]);
        d->inside--;
        members[i].type = &types[i];
        i++;
    }
    t->kind = FEEL_CONTEXT;
    t->members = members;
    t->n = count;
}

static void define_function(struct compiler *c, struct definitions *d, const struct dmn_xml_node *f, struct feel_type *t)
{
    unsigned i = 0;
    struct feel_member *params = DMN_ARRAY(c, dmn_xml_count(f, "parameters"), struct feel_member);
    if (!params)
        return;
    XML_EACH(p, f, "parameters")
    {
        params[i].name = dmn_name(c, dmn_xml_attr(p, "name"));
        params[i++].type = reference(c, d, p, dmn_xml_attr(p, "typeRef"));
    }
    t->kind = FEEL_FUNCTION;
    t->members = params;
    t->n = i;
    t->result = reference(c, d, f, dmn_xml_attr(f, "outputTypeRef"));
}

static bool is_busy(const struct definitions *d, const struct feel_type *t)
{
    uintptr_t at = (uintptr_t)t, first = (uintptr_t)d->types;
    return at >= first && at < first + d->n * sizeof *t && d->all[(at - first) / sizeof *t].busy;
}

/* A type made from another: its shape, and where it has tests, those too. One that is not made yet is only pointed to. */
static void derive(const struct definitions *d, const struct feel_type *base, struct feel_type *t)
{
    bool unfinished = base && is_busy(d, base);
    if (base && !unfinished)
        *t = *base;
    else
        t->kind = FEEL_ANY;
    t->allowed = NULL;
    t->base = base && (unfinished || base->allowed || base->base) ? base : NULL;
}

/* Fills t, whose name is set, from an itemDefinition or itemComponent. */
static void define(struct compiler *c, struct definitions *d, const struct dmn_xml_node *n, struct feel_type *t)
{
    struct od_str name = t->name, collection = dmn_xml_attr(n, "isCollection");
    const struct dmn_xml_node *function = dmn_xml_child(n, "functionItem");
    struct feel_type *item = t;
    bool is_list = od_str_eq_c(collection, "true") || od_str_eq_c(collection, "1");
    if (is_list && !(item = DMN_ARRAY(c, 1, struct feel_type)))
        return;
    if (dmn_xml_child(n, "itemComponent")) {
        define_members(c, d, n, item);
    } else if (function) {
        define_function(c, d, function, item);
    } else {
        d->inside += is_list;
        derive(d, reference(c, d, n, dmn_xml_child_text(n, "typeRef")), item);
        d->inside -= is_list;
    }
    item->name = name;
    item->allowed = tests_of(c, n, "allowedValues");
    const struct feel_program *constraint = tests_of(c, n, "typeConstraint");
    if (is_list) {
        *t = (struct feel_type){.kind = FEEL_LIST, .name = name, .item = item, .allowed = constraint};
    } else if (constraint && item->allowed) {
        struct feel_type *both = DMN_ARRAY(c, 1, struct feel_type);
        if (both) {
            *both = *item;
            item->base = both;
            item->allowed = constraint;
        }
    } else if (constraint) {
        item->allowed = constraint;
    }
}

static void types_import(struct compiler *c)
{
    for (unsigned i = 0; i < c->m->n_imports; i++) {
        const struct import *from = &c->m->imports[i];
        for (unsigned k = 0; k < from->model->n_types; k++) {
            struct od_str name = from->model->types[k].name, prefix = from->name;
            char *p = dmn_alloc(c, prefix.n + name.n + 2, 1);
            if (!p)
                return;
            int n = prefix.n ? snprintf(p, prefix.n + name.n + 2, "%.*s.%.*s", OD_STR_ARG(prefix), OD_STR_ARG(name))
                             : snprintf(p, name.n + 1, "%.*s", OD_STR_ARG(name));
            c->m->types[c->m->n_types++] = (struct feel_named_type){{p, (size_t)n}, from->model->types[k].type};
        }
    }
}

static void names_index(struct compiler *c)
{
    struct od_str *names = DMN_ARRAY(c, c->m->n_types, struct od_str);
    for (unsigned i = 0; names && i < c->m->n_types; i++)
        names[i] = c->m->types[i].name;
    if (names)
        dmn_index(c, c->arena, names, c->m->n_types, &c->m->type_names);
}

void dmn_compile_types(struct compiler *c, const struct dmn_xml_node *root)
{
    struct definitions d = {.n = dmn_xml_count(root, "itemDefinition")};
    unsigned total = d.n, i = 0;
    for (unsigned k = 0; k < c->m->n_imports; k++)
        total += c->m->imports[k].model->n_types;
    c->m->types = DMN_ARRAY(c, total, struct feel_named_type);
    d.all = od_arena_array(c->scratch, d.n + 1, sizeof *d.all);
    d.types = DMN_ARRAY(c, d.n, struct feel_type);
    if (!c->m->types || !d.all || !d.types)
        return;
    XML_EACH(n, root, "itemDefinition")
    {
        struct feel_type *t = &d.types[i];
        t->name = dmn_name(c, dmn_xml_attr(n, "name"));
        d.all[i++] = (struct definition){.node = n, .type = t};
        c->m->types[c->m->n_types++] = (struct feel_named_type){t->name, t};
    }
    types_import(c);
    names_index(c);
    for (i = 0; i < d.n && dmn_going(c); i++)
        if (known(c, &d, d.types[i].name) != &d.types[i])
            dmn_find(c, d.all[i].node, false, "there is another item definition of the name %.*s", OD_STR_ARG(d.types[i].name));
}
