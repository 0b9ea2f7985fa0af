/* SPDX-License-Identifier: Apache-2.0
 * The reader over expat. Namespaces are resolved here rather than by expat, so that prefixes survive a round trip. */
#include "server/domain/process/xml.h"

#include <expat.h>

#include "common/base/encoding.h"
#include "common/base/limits.h"

static const struct {
    const char *uri;
    enum xml_ns ns;
} known_uris[] = {
    {"http://www.w3.org/XML/1998/namespace", XML_NS_XML},
    {"http://www.w3.org/2000/xmlns/", XML_NS_XMLNS},
    {"http://www.w3.org/2001/XMLSchema-instance", XML_NS_XSI},
    {"http://www.omg.org/spec/BPMN/20100524/MODEL", XML_NS_BPMN},
    {"http://www.omg.org/spec/BPMN/20100524/DI", XML_NS_BPMNDI},
    {"http://www.omg.org/spec/DD/20100524/DC", XML_NS_DC},
    {"http://www.omg.org/spec/DD/20100524/DI", XML_NS_DI},
    {"http://camunda.org/schema/1.0/bpmn", XML_NS_CAMUNDA},
    {"http://activiti.org/bpmn", XML_NS_CAMUNDA},
    {"http://camunda.org/schema/zeebe/1.0", XML_NS_ZEEBE},
    {"urn:ordo:bpmn:1", XML_NS_ORDO},
    {"http://www.omg.org/spec/DMN/20151101/dmn.xsd", XML_NS_DMN},
    {"http://www.omg.org/spec/DMN/20180521/MODEL/", XML_NS_DMN},
    {"https://www.omg.org/spec/DMN/20191111/MODEL/", XML_NS_DMN},
    {"https://www.omg.org/spec/DMN/20211108/MODEL/", XML_NS_DMN},
    {"https://www.omg.org/spec/DMN/20230324/MODEL/", XML_NS_DMN},
};

struct reader {
    XML_Parser parser;
    struct od_arena *arena;
    struct xml_doc *doc;
    struct xml_node *at;                /* the element that is open */
    const struct xml_binding *bindings;
    struct od_buf text;                 /* run of text that is being gathered */
    unsigned depth;
    enum od_status status;
    struct od_err *err;
};

static enum xml_ns ns_of(struct od_str uri)
{
    if (!uri.n)
        return XML_NS_NONE;
    for (size_t i = 0; i < OD_LEN(known_uris); i++)
        if (od_str_eq_c(uri, known_uris[i].uri))
            return known_uris[i].ns;
    return XML_NS_OTHER;
}

static void stop(struct reader *r, enum od_status status)
{
    if (r->status == OD_OK)
        r->status = status;
    XML_StopParser(r->parser, XML_FALSE);
}

static void stop_malformed(struct reader *r, const char *why)
{
    stop(r, od_fail(r->err, OD_R_MODEL_MALFORMED, "line=%lu" OD_AND "why=%s",
                    (unsigned long)XML_GetCurrentLineNumber(r->parser), why));
}

static void stop_limit(struct reader *r, const char *limit, unsigned max)
{
    stop(r, od_fail(r->err, OD_R_LIMIT_EXCEEDED, "limit=%s" OD_AND "max=%u" OD_AND "line=%lu", limit, max,
                    (unsigned long)XML_GetCurrentLineNumber(r->parser)));
}

static const struct od_str *binding_of(const struct xml_binding *b, struct od_str prefix)
{
    static const struct od_str xml_uri_text = {"http://www.w3.org/XML/1998/namespace", 36};
    static const struct od_str xmlns_uri_text = {"http://www.w3.org/2000/xmlns/", 29};
    if (od_str_eq_c(prefix, "xml"))
        return &xml_uri_text;
    if (od_str_eq_c(prefix, "xmlns"))
        return &xmlns_uri_text;
    for (; b; b = b->outer)
        if (od_str_eq(b->prefix, prefix))
            return &b->uri;
    return NULL;
}

static struct od_str split(struct od_str qname, struct od_str *ret_prefix)
{
    struct od_str rest = qname, head = od_str_cut(&rest, ':');
    if (!rest.p || head.n == qname.n) {
        *ret_prefix = (struct od_str){"", 0};
        return qname;
    }
    *ret_prefix = head;
    return rest;
}

/* At most one colon, with something on either side (Namespaces in XML, rules 7 to 11). */
static bool is_qname(struct od_str name)
{
    const char *colon = memchr(name.p, ':', name.n);
    if (!colon)
        return true;
    size_t before = (size_t)(colon - name.p), after = name.n - before - 1;
    return before && after && !memchr(colon + 1, ':', after);
}

static struct xml_node *append(struct reader *r)
{
    struct xml_node *n = OD_ARENA_NEW(r->arena, struct xml_node);
    if (!n) {
        stop_limit(r, "a model's memory", OD_MODEL_BYTES_MAX);
        return NULL;
    }
    n->parent = r->at;
    n->line = (unsigned)XML_GetCurrentLineNumber(r->parser);
    if (r->at) {
        if (r->at->last)
            r->at->last->next = n;
        else
            r->at->first = n;
        r->at->last = n;
    } else if (!r->doc->root) {
        r->doc->root = n;
    }
    return n;
}

/* Closes the run of text in front of a tag. Blanks between elements carry nothing and are not kept. */
static void flush_text(struct reader *r, bool closing)
{
    struct od_str s = od_buf_view(&r->text);
    bool keep = od_str_trim(s).n || (closing && s.n && r->at && !r->at->first);
    if (keep && r->at) {
        struct xml_node *n = append(r);
        if (n)
            n->text = od_arena_copy(r->arena, s);
    }
    od_buf_clear(&r->text);
}

static bool read_attrs(struct reader *r, struct xml_node *n, const char **atts)
{
    for (unsigned i = 0; atts[i]; i += 2)
        n->n_attrs++;
    if (n->n_attrs > OD_MODEL_ATTRIBUTES_MAX) {
        stop_limit(r, "attributes of an element", OD_MODEL_ATTRIBUTES_MAX);
        return false;
    }
    n->attrs = OD_ARENA_ARRAY(r->arena, n->n_attrs + 1, struct xml_attr);
    if (!n->attrs)
        return false;
    for (unsigned i = 0; i < n->n_attrs; i++) {
        struct xml_attr *a = &n->attrs[i];
        a->qname = od_arena_copy(r->arena, od_str_c(atts[2 * i]));
        a->value = od_arena_copy(r->arena, od_str_c(atts[2 * i + 1]));
        struct od_str prefix;
        a->name = split(a->qname, &prefix);
        bool is_default = od_str_eq_c(a->qname, "xmlns");
        if (!is_default && !od_str_eq_c(prefix, "xmlns"))
            continue;
        struct xml_binding *b = OD_ARENA_NEW(r->arena, struct xml_binding);
        if (!b)
            return false;
        *b = (struct xml_binding){n->bindings, is_default ? (struct od_str){"", 0} : a->name, a->value};
        n->bindings = b;
    }
    return true;
}

static void resolve_names(struct reader *r, struct xml_node *n)
{
    struct od_str prefix;
    bool fine = is_qname(n->qname);
    for (unsigned i = 0; i < n->n_attrs; i++)
        fine = fine && is_qname(n->attrs[i].qname);
    if (!fine) {
        stop_malformed(r, "a name has a colon at an end, or two of them");
        return;
    }
    n->name = split(n->qname, &prefix);
    const struct od_str *uri = binding_of(n->bindings, prefix);
    if (!uri && prefix.n) {
        stop_malformed(r, "a prefix is bound to no namespace");
        return;
    }
    n->ns_uri = uri ? *uri : (struct od_str){"", 0};
    n->ns = ns_of(n->ns_uri);
    for (unsigned i = 0; i < n->n_attrs; i++) {
        struct xml_attr *a = &n->attrs[i];
        a->name = split(a->qname, &prefix);
        if (od_str_eq_c(a->qname, "xmlns")) {
            a->ns = XML_NS_XMLNS;
        } else if (prefix.n) {
            uri = binding_of(n->bindings, prefix);
            if (!uri)
                stop_malformed(r, "a prefix is bound to no namespace");
            else
                a->ns = ns_of(*uri);
        }
    }
}

static void on_start(void *user, const char *name, const char **atts)
{
    struct reader *r = user;
    if (r->status != OD_OK)
        return;
    flush_text(r, false);
    if (r->depth >= OD_MODEL_DEPTH_MAX) {
        stop_limit(r, "nesting of a model", OD_MODEL_DEPTH_MAX);
        return;
    }
    if (r->doc->n_elements >= OD_MODEL_ELEMENTS_MAX) {
        stop_limit(r, "elements of a model", OD_MODEL_ELEMENTS_MAX);
        return;
    }
    struct xml_node *n = append(r);
    if (!n)
        return;
    n->depth = (uint16_t)r->depth++;
    n->ordinal = r->doc->n_elements++;
    n->qname = od_arena_copy(r->arena, od_str_c(name));
    n->bindings = r->bindings;
    if (read_attrs(r, n, atts))
        resolve_names(r, n);
    if (r->arena->exhausted)
        stop_limit(r, "a model's memory", OD_MODEL_BYTES_MAX);
    r->bindings = n->bindings;
    r->at = n;
}

static void on_end(void *user, const char *name)
{
    struct reader *r = user;
    (void)name;
    if (r->status != OD_OK || !r->at)
        return;
    flush_text(r, true);
    r->at = r->at->parent;
    r->bindings = r->at ? r->at->bindings : NULL;
    r->depth--;
}

static void on_text(void *user, const char *s, int n)
{
    struct reader *r = user;
    od_buf_put(&r->text, s, (size_t)n);
}

static void on_doctype(void *user, const char *name, const char *sysid, const char *pubid, int has_subset)
{
    (void)name, (void)sysid, (void)pubid, (void)has_subset;
    stop_malformed(user, "a document type declaration is not accepted");
}

/* XML_StopParser may not be called from here: expat stops by itself. */
static int on_encoding(void *user, const char *name, XML_Encoding *info)
{
    struct reader *r = user;
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    if (od_encoding_map(name, info->map))
        return XML_STATUS_OK;
    r->status = od_fail(r->err, OD_R_MODEL_MALFORMED, "line=1" OD_AND "why=the encoding %.40s is not known", name);
    return XML_STATUS_ERROR;
}

enum od_status xml_read(struct od_str input, struct od_arena *arena, struct xml_doc *ret_doc, struct od_err *err)
{
    *ret_doc = (struct xml_doc){0};
    if (input.n > OD_MODEL_FILE_MAX)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=bytes of a model file" OD_AND "max=%u", OD_MODEL_FILE_MAX);
    struct reader r = {.parser = XML_ParserCreate(NULL), .arena = arena, .doc = ret_doc, .status = OD_OK, .err = err};
    if (!r.parser)
        return od_fail(err, OD_R_OUT_OF_MEMORY, "%s", "");
    od_buf_init(&r.text, OD_MODEL_FILE_MAX);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    XML_SetUnknownEncodingHandler(r.parser, on_encoding, &r);
    enum XML_Status s = XML_Parse(r.parser, input.p ? input.p : "", (int)input.n, XML_TRUE);
    if (s != XML_STATUS_OK && r.status == OD_OK)
        stop_malformed(&r, XML_ErrorString(XML_GetErrorCode(r.parser)));
    od_buf_done(&r.text);
    XML_ParserFree(r.parser);
    return r.status;
}
