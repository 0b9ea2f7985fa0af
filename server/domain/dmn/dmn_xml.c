/* SPDX-License-Identifier: Apache-2.0
 * expat events into a tree. The versions' namespaces differ, their elements mean the same. */
#include "server/domain/dmn/dmn_xml.h"

#include "common/base/buf.h"
#include "common/base/encoding.h"
#include "common/base/limits.h"

#include <expat.h>

static const char *const NAMESPACES[] = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",     /* 1.1 */
    "http://www.omg.org/spec/DMN/20180521/MODEL/",      /* 1.2 */
    "https://www.omg.org/spec/DMN/20191111/MODEL/",     /* 1.3 */
    "https://www.omg.org/spec/DMN/20211108/MODEL/",     /* 1.4 */
    "https://www.omg.org/spec/DMN/20230324/MODEL/",     /* 1.5 */
};

enum { SEPARATOR = '\n' };

struct reader {
    XML_Parser parser;
    struct od_arena *arena;
    struct od_err *err;
    enum od_status status;
    struct dmn_xml_node *root, *at;
    struct od_buf text;       /* of the element at hand */
    unsigned elements, depth; /* depth counts foreign elements too */
    unsigned foreign;         /* depth of the outermost foreign element; 0: none */
};

static void stop(struct reader *r, enum od_status status)
{
    if (r->status == OD_OK)
        r->status = status;
    XML_StopParser(r->parser, XML_FALSE);
}

static void refuse(struct reader *r, const char *why)
{
    if (r->status == OD_OK)
        stop(r, od_fail(r->err, OD_R_MODEL_MALFORMED, "line=%lu" OD_AND "why=%s",
                        (unsigned long)XML_GetCurrentLineNumber(r->parser), why));
}

static void no_memory(struct reader *r) { stop(r, od_fail(r->err, OD_R_MEMORY_LIMIT, "max=%zu", r->arena->cap_bytes)); }

/* The local name where the element lies in one of the namespaces. */
static const char *local_name(const char *name)
{
    for (size_t i = 0; i < OD_LEN(NAMESPACES); i++) {
        size_t n = strlen(NAMESPACES[i]);
        if (!strncmp(name, NAMESPACES[i], n) && name[n] == SEPARATOR)
            return name + n + 1;
    }
    return NULL;
}

static struct od_str keep(struct reader *r, const char *s, size_t n)
{
    char *p = od_arena_strn(r->arena, s, n);
    if (!p)
        no_memory(r);
    return (struct od_str){p ? p : "", p ? n : 0};
}

/* What has come since the last tag belongs to the element at hand. Indentation is not kept: a table of 10,000 rules would
 * have a copy of all of it for each. */
static void flush_text(struct reader *r)
{
    if (!od_str_trim(od_buf_view(&r->text)).n && !r->text.failed)
        od_buf_clear(&r->text);
    if (!r->at || !r->text.n)
        return;
    struct od_str before = r->at->text;
    char *all = od_arena_alloc(r->arena, before.n + r->text.n);
    if (!all || r->text.failed) {
        no_memory(r);
        return;
    }
    if (before.n)
        memcpy(all, before.p, before.n);
    memcpy(all + before.n, r->text.p, r->text.n);
    r->at->text = (struct od_str){all, before.n + r->text.n};
    od_buf_clear(&r->text);
}

static void attrs_read(struct reader *r, struct dmn_xml_node *n, const char **attrs)
{
    size_t count = 0;
    while (attrs[count * 2])
        count++;
    struct dmn_xml_attr *out = OD_ARENA_ARRAY(r->arena, count + 1, struct dmn_xml_attr);
    if (!out) {
        no_memory(r);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        out[i].name = keep(r, attrs[i * 2], strlen(attrs[i * 2]));
        out[i].value = keep(r, attrs[i * 2 + 1], strlen(attrs[i * 2 + 1]));
    }
    n->attrs = out;
    n->n_attrs = (unsigned)count;
}

static void on_start(void *data, const char *name, const char **attrs)
{
    struct reader *r = data;
    const char *local = local_name(name);
    if (++r->depth > DMN_XML_DEPTH_MAX || ++r->elements > DMN_ELEMENTS_MAX) {
        stop(r, od_fail(r->err, OD_R_LIMIT_EXCEEDED, "limit=%s" OD_AND "max=%d" OD_AND "line=%lu",
                        r->depth > DMN_XML_DEPTH_MAX ? "the depth of a model" : "the number of a model's elements",
                        r->depth > DMN_XML_DEPTH_MAX ? DMN_XML_DEPTH_MAX : DMN_ELEMENTS_MAX,
                        (unsigned long)XML_GetCurrentLineNumber(r->parser)));
        return;
    }
    if (r->foreign)
        return;
    if (!local && r->root) {
        r->foreign = r->depth;
        return;
    }
    if (!r->root && (!local || strcmp(local, "definitions") != 0)) {
        refuse(r, "the root must be the definitions of DMN 1.1 to 1.5");
        return;
    }
    flush_text(r);
    struct dmn_xml_node *n = OD_ARENA_NEW(r->arena, struct dmn_xml_node);
    if (!n) {
        no_memory(r);
        return;
    }
    n->name = keep(r, local, strlen(local));
    n->line = (unsigned)XML_GetCurrentLineNumber(r->parser);
    n->parent = r->at;
    attrs_read(r, n, attrs);
    if (!r->root)
        r->root = n;
    else if (r->at->last)
        r->at->last = r->at->last->next = n;
    else
        r->at->child = r->at->last = n;
    r->at = n;
}

static void on_end(void *data, const char *name)
{
    struct reader *r = data;
    (void)name;
    r->depth--;
    if (r->foreign) {
        if (r->depth < r->foreign)
            r->foreign = 0;
        return;
    }
    flush_text(r);
    if (r->at)
        r->at = r->at->parent;
}

static void on_text(void *data, const char *s, int n)
{
    struct reader *r = data;
    if (!r->foreign && r->at)
        od_buf_put(&r->text, s, (size_t)n);
}

static void on_doctype(void *data, const char *name, const char *system, const char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(data, "a document type is not accepted");
}

static int on_encoding(void *user, const char *name, XML_Encoding *info)
{
    (void)user;
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    return od_encoding_map(name, info->map) ? XML_STATUS_OK : XML_STATUS_ERROR;
}

enum od_status dmn_xml_read(struct od_str text, struct od_arena *arena, const struct dmn_xml_node **ret_root, struct od_err *err)
{
    struct reader r = {.arena = arena, .err = err};
    if (text.n > DMN_MODEL_MAX_BYTES)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=a model" OD_AND "max=%d bytes", DMN_MODEL_MAX_BYTES);
    r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
    od_assert(r.parser != NULL);
    od_buf_init(&r.text, DMN_MODEL_MAX_BYTES);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    XML_SetUnknownEncodingHandler(r.parser, on_encoding, NULL);
    if (XML_Parse(r.parser, text.n ? text.p : "", (int)text.n, 1) != XML_STATUS_OK)
        refuse(&r, XML_ErrorString(XML_GetErrorCode(r.parser)));
    XML_ParserFree(r.parser);
    od_buf_done(&r.text);
    *ret_root = r.root;
    return r.status;
}

bool dmn_xml_is(const struct dmn_xml_node *n, const char *name) { return od_str_eq_c(n->name, name); }

struct od_str dmn_xml_attr(const struct dmn_xml_node *n, const char *name)
{
    for (unsigned i = 0; i < n->n_attrs; i++)
        if (od_str_eq_c(n->attrs[i].name, name))
            return n->attrs[i].value;
    return (struct od_str){NULL, 0};
}

const struct dmn_xml_node *dmn_xml_child(const struct dmn_xml_node *n, const char *name)
{
    const struct dmn_xml_node *c = n ? n->child : NULL;
    return !c || !name || dmn_xml_is(c, name) ? c : dmn_xml_next(c, name);
}

const struct dmn_xml_node *dmn_xml_next(const struct dmn_xml_node *n, const char *name)
{
    for (n = n->next; n; n = n->next)
        if (!name || dmn_xml_is(n, name))
            return n;
    return NULL;
}

unsigned dmn_xml_count(const struct dmn_xml_node *n, const char *name)
{
    unsigned count = 0;
    XML_EACH(c, n, name)
        count++;
    return count;
}

struct od_str dmn_xml_child_text(const struct dmn_xml_node *n, const char *name)
{
    const struct dmn_xml_node *c = n ? dmn_xml_child(n, name) : NULL;
    return c ? od_str_trim(c->text) : (struct od_str){NULL, 0};
}

const struct dmn_xml_node *dmn_xml_walk(const struct dmn_xml_node *n, const struct dmn_xml_node *root)
{
    if (n->child)
        return n->child;
    while (n != root && !n->next)
        n = n->parent;
    return n != root ? n->next : NULL;
}
