/* SPDX-License-Identifier: Apache-2.0
 * A DMN text as a tree of its model's elements. Document types are refused; size, depth and number of elements are bounded;
 * what lies in other namespaces (diagrams, extensions) is left out. Internal. */
#ifndef OD_DMN_XML_H
#define OD_DMN_XML_H

#include "common/base/arena.h"

struct dmn_xml_attr {
    struct od_str name, value;
};

struct dmn_xml_node {
    struct od_str name; /* local */
    struct od_str text; /* of the node itself, in full */
    const struct dmn_xml_attr *attrs;
    unsigned n_attrs, line;
    struct dmn_xml_node *parent, *child, *last, *next;
};

/* The `definitions` of one of DMN's namespaces. */
enum od_status dmn_xml_read(struct od_str text, struct od_arena *arena, const struct dmn_xml_node **ret_root, struct od_err *err);

struct od_str dmn_xml_attr(const struct dmn_xml_node *n, const char *name); /* {NULL, 0} where there is none */
const struct dmn_xml_node *dmn_xml_child(const struct dmn_xml_node *n, const char *name);
const struct dmn_xml_node *dmn_xml_next(const struct dmn_xml_node *n, const char *name); /* the next sibling of that name */
unsigned dmn_xml_count(const struct dmn_xml_node *n, const char *name);
struct od_str dmn_xml_child_text(const struct dmn_xml_node *n, const char *name); /* of the child; trimmed */
/* The node behind n in the order of the text, within root; NULL behind the last. */
const struct dmn_xml_node *dmn_xml_walk(const struct dmn_xml_node *n, const struct dmn_xml_node *root);
bool dmn_xml_is(const struct dmn_xml_node *n, const char *name);

#define XML_EACH(it, parent, name) for (const struct dmn_xml_node *it = dmn_xml_child(parent, name); it; it = dmn_xml_next(it, name))

#endif
