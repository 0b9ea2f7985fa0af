/* SPDX-License-Identifier: Apache-2.0
 * Rules about the file as a whole: ids, references, imports. */
#include "server/domain/process/lint.h"

static const struct ref {
    enum bpmn_kind class_;
    const char *attribute;        /* or NULL for a child element */
    enum bpmn_kind child;
    enum bpmn_kind target;
} refs[] = {
#define A(class_, attribute, target) {BPMN_##class_, attribute, BPMN_NONE, BPMN_##target},
#define E(class_, child, target) {BPMN_##class_, NULL, BPMN_##child, BPMN_##target},
#include "server/domain/process/refs.def"
#undef A
#undef E
};

void lint_not_bpmn(struct lint_ctx *c, const struct xml_node *n)
{
    if (n->parent == NULL && n->kind != BPMN_DEFINITIONS)
        lint_hit(c, n);
}

void lint_unknown_elements(struct lint_ctx *c, const struct xml_node *n)
{
    for (unsigned i = 0; i < c->m->file.n_elements; i++) {
        const struct xml_node *e = c->m->file.elements[i];
        /* below an unknown element nothing is known either: the topmost one is enough */
        if (e->kind == BPMN_UNKNOWN && (e->parent == n || e->parent->kind != BPMN_UNKNOWN))
            lint_hit(c, e);
    }
}

void lint_imports_resolve(struct lint_ctx *c, const struct xml_node *n)
{
    (void)n;
    for (unsigned i = 0; i < c->m->n_imports; i++)
        if (c->m->imports[i].state == IMPORT_MISSING || c->m->imports[i].state == IMPORT_BROKEN)
            lint_hit(c, c->m->imports[i].node);
}

void lint_ids_unique(struct lint_ctx *c, const struct xml_node *n)
{
    const struct model *m = c->m;
    for (unsigned i = 0; i < m->file.n_duplicates; i++)
        if (m->file.duplicate_ids[i]->kind != BPMN_NONE)
            lint_hit(c, m->file.duplicate_ids[i]);
    /* a file that is imported into the same namespace shares its ids */
    for (unsigned i = 0; i < m->n_imports; i++) {
        const struct model_file *f = m->imports[i].file;
        if (!f || !od_str_eq(f->namespace_uri, m->file.namespace_uri))
            continue;
        for (unsigned k = 0; k < f->n_elements; k++) {
            struct od_str id = model_id_of(f->elements[k]);
            struct xml_node *own = id.n ? model_find(m, n, id) : NULL;
            if (own)
                lint_hit(c, own);
        }
    }
}

void lint_diagram_ids(struct lint_ctx *c, const struct xml_node *n)
{
    (void)n;
    for (unsigned i = 0; i < c->m->file.n_duplicates; i++)
        if (c->m->file.duplicate_ids[i]->kind == BPMN_NONE)
            lint_hit(c, c->m->file.duplicate_ids[i]);
}

/* A reference that no file of ours can answer: a qualified name into a namespace that was not read. */
static bool out_of_sight(const struct lint_ctx *c, const struct xml_node *at, struct od_str ref)
{
    struct od_str rest = ref, prefix = od_str_cut(&rest, ':');
    if (prefix.n == ref.n || !rest.n)
        return false;
    struct od_str uri = xml_uri(at, prefix);
    if (!uri.p || od_str_eq(uri, c->m->file.namespace_uri))
        return false;
    for (unsigned i = 0; i < c->m->n_imports; i++)
        if (od_str_eq(c->m->imports[i].namespace_uri, uri))
            return c->m->imports[i].file == NULL;
    return false;
}

/* Nothing here calls operations, and only the standard's own rules look at types: what is missing is worth a word, no more. */
static bool is_idle(const struct lint_ctx *c, enum bpmn_kind want)
{
    return want == BPMN_OPERATION || (c->r->profile != LINT_OMG && want == BPMN_ITEM_DEFINITION);
}

/* What is called is deployed by itself, often from another file, and may be named by an expression. */
static bool may_be_elsewhere(const struct lint_ctx *c, enum bpmn_kind want)
{
    return c->r->profile != LINT_OMG && want == BPMN_CALLABLE_ELEMENT;
}

/* The n rows are the alternatives of one reference. */
static void check_ref(struct lint_ctx *c, const struct xml_node *at, struct od_str ref, const struct ref *rows, unsigned n)
{
    const char *what = rows->attribute ? rows->attribute : bpmn_kind_name(rows->child), *want = bpmn_kind_name(rows->target);
    ref = od_str_trim(ref);
    if (!ref.n || out_of_sight(c, at, ref))
        return;
    const struct xml_node *to = model_find(c->m, at, ref);
    bool fits = false;
    for (unsigned i = 0; i < n; i++)
        fits = fits || bpmn_is(to, rows[i].target);
    if (!to && may_be_elsewhere(c, rows->target))
        return;
    if (!to)
        lint_add(c->r, is_idle(c, rows->target) ? LINT_WARNING : LINT_ERROR, "REF_EXISTENCE", at,
                 "%s leads to \"" OD_STR_FMT "\", which does not exist", what, OD_STR_ARG(ref));
    else if (!fits)
        lint_add(c->r, LINT_ERROR, "REF_TYPE", at, "%s leads to \"" OD_STR_FMT "\", a " OD_STR_FMT ", where %s%s is expected", what,
                 OD_STR_ARG(ref), OD_STR_ARG(to->name), *want && n == 1 ? "a " : "another kind of element", *want && n == 1 ? want : "");
}

static bool is_alternative(const struct ref *a, const struct ref *b)
{
    bool same = a->attribute ? b->attribute && !strcmp(a->attribute, b->attribute) : !b->attribute && a->child == b->child;
    return same && a->class_ == b->class_;
}

void lint_references(struct lint_ctx *c, const struct xml_node *n)
{
    unsigned k;
    for (size_t i = 0; i < OD_LEN(refs); i += k) {
        for (k = 1; i + k < OD_LEN(refs) && is_alternative(&refs[i], &refs[i + k]); k++)
            continue;
        if (!bpmn_is(n, refs[i].class_))
            continue;
        if (refs[i].attribute) {
            check_ref(c, n, xml_attr(n, refs[i].attribute), &refs[i], k);
            continue;
        }
        for (struct xml_node *e = xml_child(n); e; e = xml_sibling(e))
            if (e->kind == refs[i].child)
                check_ref(c, e, xml_text(e, c->m->arena), &refs[i], k);
    }
}
