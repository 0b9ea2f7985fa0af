/* SPDX-License-Identifier: Apache-2.0
 * An XML document as a tree in an arena: names with their namespaces, attributes, text, lines. Knows nothing of BPMN beyond
 * the list of namespaces that matter. DTDs are refused, so there are no entities but the five of XML itself. */
#ifndef PROCESS_XML_H
#define PROCESS_XML_H

#include "common/base/arena.h"
#include "common/base/buf.h"

/* Known namespaces; several addresses may stand for one (xml.c has the table). */
enum xml_ns {
    XML_NS_NONE,
    XML_NS_OTHER,
    XML_NS_XML,
    XML_NS_XMLNS,
    XML_NS_XSI,
    XML_NS_BPMN,
    XML_NS_BPMNDI,
    XML_NS_DC,
    XML_NS_DI,
    XML_NS_CAMUNDA, /* camunda: and its elder activiti: */
    XML_NS_ZEEBE,
    XML_NS_ORDO,
    XML_NS_DMN,
};

struct xml_attr {
    struct od_str qname;  /* as written, with its prefix */
    struct od_str name;   /* local part */
    struct od_str value;
    enum xml_ns ns;
};

/* An element, or a run of text (`name.n == 0`). Children are a list in document order. */
struct xml_node {
    struct xml_node *parent, *first, *last, *next;
    struct od_str qname, name;
    struct od_str text;      /* of a run of text */
    struct od_str ns_uri;
    struct xml_attr *attrs;
    unsigned n_attrs;
    unsigned line;
    unsigned ordinal;        /* elements in document order, from 0 */
    enum xml_ns ns;
    uint16_t kind;           /* enum bpmn_kind, set by the model */
    uint16_t depth;
    bool foreign;            /* of an imported file, set by the model: its ordinal means nothing in the importing one */
    const struct xml_binding *bindings; /* namespaces in scope */
};

struct xml_binding {
    const struct xml_binding *outer;
    struct od_str prefix, uri;
};

struct xml_doc {
    struct xml_node *root;
    unsigned n_elements;
};

/* Reads a whole document; everything lies in the arena afterwards and the input may go. OD_R_MODEL_MALFORMED with line and
 * cause (a syntax error, a DTD, an unknown encoding), OD_R_LIMIT_EXCEEDED for a named bound. */
enum od_status xml_read(struct od_str input, struct od_arena *arena, struct xml_doc *ret_doc, struct od_err *err);

/* Writes the tree back as UTF-8: the same elements, attributes, prefixes and text; white space between elements is new. */
void xml_write(const struct xml_node *root, struct od_buf *out);
/* Text as it stands between tags, or between double quotes. */
void xml_escaped(struct od_buf *out, struct od_str s, bool in_attribute);

/* Both trees have the same elements, attributes in any order, and text. */
bool xml_same(const struct xml_node *a, const struct xml_node *b);

/* Next element after n in document order within root; NULL at the end. */
struct xml_node *xml_walk(const struct xml_node *root, const struct xml_node *n);

static inline bool xml_is_text(const struct xml_node *n) { return n->name.n == 0; }

/* First child element and the one after; text is skipped. */
struct xml_node *xml_child(const struct xml_node *parent);
struct xml_node *xml_sibling(const struct xml_node *n);

/* Attribute without a namespace, or one of a namespace; {NULL, 0} where it is missing (`p` tells it from an empty one). */
struct od_str xml_attr(const struct xml_node *n, const char *name);
struct od_str xml_attr_ns(const struct xml_node *n, enum xml_ns ns, const char *name);
bool xml_attr_is(const struct xml_node *n, const char *name, const char *value);

/* The element's own text without white space around it. */
struct od_str xml_text(const struct xml_node *n, struct od_arena *arena);

/* Address bound to a prefix at n; {NULL, 0} if none. The empty prefix is the default namespace. */
struct od_str xml_uri(const struct xml_node *n, struct od_str prefix);

#endif
