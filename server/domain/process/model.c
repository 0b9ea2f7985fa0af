/* SPDX-License-Identifier: Apache-2.0
 * Building the model from the tree: classes, ids, imports, ends of flows. */
#include "server/domain/process/model.h"

#include "common/base/limits.h"

static const struct {
    const char *name;
    enum bpmn_kind parent;
} kinds[BPMN_KINDS] = {
    [BPMN_NONE] = {"", BPMN_NONE},
    [BPMN_UNKNOWN] = {"", BPMN_UNKNOWN},
#define K(sym, n, p) [BPMN_##sym] = {n, BPMN_##p},
#include "server/domain/process/kinds.def"
#undef K
};

struct model_id {
    struct od_str id;
    struct xml_node *node;
};

const char *bpmn_kind_name(enum bpmn_kind kind) { return kinds[kind].name; }
enum bpmn_kind bpmn_kind_parent(enum bpmn_kind kind) { return kinds[kind].parent; }

static uint32_t hash(struct od_str s)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return h;
}

enum bpmn_kind bpmn_kind_from_name(struct od_str name)
{
    /* A few dozen elements a file and 170 rows: the first letter and length decide nearly all without a table of our own. */
    for (unsigned k = BPMN_BASE; k < BPMN_KINDS; k++)
        if (kinds[k].name[0] && kinds[k].name[0] == name.p[0] && od_str_eq_c(name, kinds[k].name))
            return (enum bpmn_kind)k;
    return BPMN_UNKNOWN;
}

bool bpmn_is(const struct xml_node *n, enum bpmn_kind class_)
{
    if (!n || n->kind <= BPMN_UNKNOWN)
        return false;
    for (enum bpmn_kind k = (enum bpmn_kind)n->kind;; k = kinds[k].parent) {
        if (k == class_)
            return true;
        if (k == BPMN_BASE)
            return false;
    }
}

static enum bpmn_kind classify(const struct xml_node *n)
{
    if (n->ns != XML_NS_BPMN || (n->parent && (n->parent->kind == BPMN_EXTENSION_ELEMENTS || n->parent->kind == BPMN_NONE)))
        return BPMN_NONE;
    enum bpmn_kind k = bpmn_kind_from_name(n->name);
    if (od_str_eq_c(n->name, "event") && n->parent && n->parent->kind == BPMN_COMPLEX_BEHAVIOR)
        k = BPMN_BEHAVIOR_EVENT;
    return k;
}

static enum od_status out_of_memory(struct od_err *err)
{
    return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=a model's memory" OD_AND "max=%u", OD_MODEL_BYTES_MAX);
}

static void add_id(struct model_file *f, struct xml_node *n)
{
    struct od_str id = xml_attr(n, "id");
    if (!id.n)
        return;
    for (unsigned i = hash(id) & f->id_mask;; i = (i + 1) & f->id_mask) {
        if (!f->ids[i].node) {
            f->ids[i] = (struct model_id){id, n};
            return;
        }
        if (od_str_eq(f->ids[i].id, id)) {
            f->duplicate_ids[f->n_duplicates++] = n;
            return;
        }
    }
}

/* Nothing refers to a shape. */
static struct xml_node *find_id(const struct model_file *f, struct od_str id)
{
    if (!f->ids || !id.n)
        return NULL;
    for (unsigned i = hash(id) & f->id_mask; f->ids[i].node; i = (i + 1) & f->id_mask)
        if (od_str_eq(f->ids[i].id, id))
            return f->ids[i].node->kind == BPMN_NONE ? NULL : f->ids[i].node;
    return NULL;
}

/* Classes and ids of one file. */
static enum od_status index_file(struct model_file *f, bool foreign, struct od_arena *arena, struct od_err *err)
{
    unsigned n = f->doc.n_elements, size = 16;
    while (size < 2 * n)
        size *= 2;
    f->id_mask = size - 1;
    f->ids = OD_ARENA_ARRAY(arena, size, struct model_id);
    f->elements = OD_ARENA_ARRAY(arena, n + 1, struct xml_node *);
    f->duplicate_ids = OD_ARENA_ARRAY(arena, n + 1, struct xml_node *);
    if (!f->ids || !f->elements || !f->duplicate_ids)
        return out_of_memory(err);
    for (struct xml_node *e = f->doc.root; e; e = xml_walk(f->doc.root, e)) {
        e->kind = (uint16_t)classify(e);
        e->foreign = foreign;
        if (e->kind != BPMN_NONE) {
            f->elements[f->n_elements++] = e;
            add_id(f, e);
        }
    }
    for (struct xml_node *e = f->doc.root; e; e = xml_walk(f->doc.root, e))
        if (e->ns == XML_NS_BPMNDI)
            add_id(f, e);
    if (f->doc.root)
        f->namespace_uri = xml_attr(f->doc.root, "targetNamespace");
    return OD_OK;
}

static enum od_status add_end(struct od_arena *arena, struct model_end **list, struct xml_node *flow, struct od_err *err)
{
    struct model_end *e = OD_ARENA_NEW(arena, struct model_end);
    if (!e)
        return out_of_memory(err);
    *e = (struct model_end){flow, *list};
    *list = e;
    return OD_OK;
}

static struct xml_node *own_ref(const struct model *m, const struct xml_node *n, const char *attribute)
{
    struct xml_node *to = model_ref(m, n, attribute);
    return to && !to->foreign ? to : NULL;
}

/* The ends of sequence flows and the hosts of boundary events; backwards, so that prepending leaves document order. The
 * attributes of the flow are what counts; `incoming` and `outgoing` of the node repeat them (8.4.13) and are only compared
 * by the linter. */
static enum od_status connect(struct model *m, struct od_err *err)
{
    m->nodes = OD_ARENA_ARRAY(m->arena, m->file.doc.n_elements + 1, struct model_node);
    if (!m->nodes)
        return out_of_memory(err);
    for (unsigned i = m->file.n_elements; i-- > 0;) {
        struct xml_node *e = m->file.elements[i];
        if (e->kind == BPMN_SEQUENCE_FLOW) {
            struct xml_node *from = own_ref(m, e, "sourceRef"), *to = own_ref(m, e, "targetRef");
            if (from)
                OD_TRY(add_end(m->arena, &m->nodes[from->ordinal].out, e, err));
            if (to)
                OD_TRY(add_end(m->arena, &m->nodes[to->ordinal].in, e, err));
        } else if (e->kind == BPMN_START_EVENT && e->parent) {
            m->nodes[e->parent->ordinal].has_start = true;
        } else if (e->kind == BPMN_END_EVENT && e->parent) {
            m->nodes[e->parent->ordinal].has_end = true;
        } else if (e->kind == BPMN_BOUNDARY_EVENT) {
            struct xml_node *host = own_ref(m, e, "attachedToRef");
            if (!host)
                continue;
            m->nodes[e->ordinal].boundary = m->nodes[host->ordinal].boundary;
            m->nodes[host->ordinal].boundary = e;
        }
    }
    return OD_OK;
}

/* An address on some server: nobody here goes there, so it is neither there nor missing. */
static bool is_remote(struct od_str location)
{
    static const struct od_str marks[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < OD_LEN(marks); i++)
        if (location.n > marks[i].n && !memcmp(location.p, marks[i].p, marks[i].n))
            return true;
    return false;
}

static enum od_status read_import(struct model *m, const struct model_loader *loader, struct xml_node *node, struct od_err *err)
{
    struct model_import *imp = &m->imports[m->n_imports++];
    struct od_str location = xml_attr(node, "location"), bytes;
    *imp = (struct model_import){.node = node, .state = IMPORT_NOT_SOUGHT, .namespace_uri = xml_attr(node, "namespace")};
    if (!loader || is_remote(location))
        return OD_OK;
    if (loader->load(loader->ctx, location, m->arena, &bytes) != OD_OK) {
        imp->state = IMPORT_MISSING;
        return OD_OK;
    }
    struct model_file *f = OD_ARENA_NEW(m->arena, struct model_file);
    if (!f)
        return out_of_memory(err);
    struct od_err ignored;
    if (xml_read(bytes, m->arena, &f->doc, &ignored) != OD_OK) {
        imp->state = IMPORT_BROKEN;
        return OD_OK;
    }
    OD_TRY(index_file(f, true, m->arena, err));
    imp->state = f->doc.root->kind == BPMN_DEFINITIONS ? IMPORT_READ : IMPORT_FOREIGN;
    imp->file = imp->state == IMPORT_READ ? f : NULL;
    return OD_OK;
}

static enum od_status read_imports(struct model *m, const struct model_loader *loader, struct od_err *err)
{
    m->imports = OD_ARENA_ARRAY(m->arena, OD_MODEL_IMPORTS_MAX, struct model_import);
    if (!m->imports)
        return out_of_memory(err);
    for (struct xml_node *n = model_first(m->file.doc.root, BPMN_IMPORT); n; n = model_next(n, BPMN_IMPORT)) {
        if (m->n_imports == OD_MODEL_IMPORTS_MAX)
            return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=imports of a model" OD_AND "max=%u", OD_MODEL_IMPORTS_MAX);
        OD_TRY(read_import(m, loader, n, err));
    }
    return OD_OK;
}

enum od_status model_read(struct od_str input, const struct model_loader *loader, struct od_arena *arena,
                          struct model **ret_model, struct od_err *err)
{
    struct model *m = OD_ARENA_NEW(arena, struct model);
    if (!m)
        return out_of_memory(err);
    m->arena = arena;
    OD_TRY(xml_read(input, arena, &m->file.doc, err));
    OD_TRY(index_file(&m->file, false, arena, err));
    OD_TRY(read_imports(m, loader, err));
    OD_TRY(connect(m, err));
    *ret_model = m;
    return OD_OK;
}

/* The file that an element lies in: names without prefix mean what is beside them. */
static const struct model_file *file_of(const struct model *m, const struct xml_node *at)
{
    const struct xml_node *root = at;
    while (at->foreign && root->parent)
        root = root->parent;
    for (unsigned i = 0; at->foreign && i < m->n_imports; i++)
        if (m->imports[i].file && m->imports[i].file->doc.root == root)
            return m->imports[i].file;
    return &m->file;
}

struct xml_node *model_find(const struct model *m, const struct xml_node *at, struct od_str ref)
{
    struct od_str rest = od_str_trim(ref), whole = rest, prefix = od_str_cut(&rest, ':');
    const struct model_file *own_file = file_of(m, at);
    if (prefix.n == whole.n || !rest.n)
        return find_id(own_file, whole);
    struct od_str uri = xml_uri(at, prefix);
    if (!uri.p || od_str_eq(uri, own_file->namespace_uri)) {
        struct xml_node *own = find_id(own_file, rest);
        if (own)
            return own;
    }
    for (unsigned i = 0; uri.p && i < m->n_imports; i++)
        if (m->imports[i].file && od_str_eq(m->imports[i].namespace_uri, uri)) {
            struct xml_node *n = find_id(m->imports[i].file, rest);
            if (n)
                return n;
        }
    return find_id(own_file, whole);
}

struct xml_node *model_ref(const struct model *m, const struct xml_node *n, const char *attribute)
{
    struct od_str ref = xml_attr(n, attribute);
    return ref.n ? model_find(m, n, ref) : NULL;
}
