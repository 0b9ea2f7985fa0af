/* SPDX-License-Identifier: Apache-2.0
 * Reading, comparing and writing the tree. */
#include "server/domain/process/xml.h"

static struct xml_node *element_from(struct xml_node *n)
{
    while (n && xml_is_text(n))
        n = n->next;
    return n;
}

struct xml_node *xml_child(const struct xml_node *parent) { return element_from(parent->first); }
struct xml_node *xml_sibling(const struct xml_node *n) { return element_from(n->next); }

struct xml_node *xml_walk(const struct xml_node *root, const struct xml_node *n)
{
    struct xml_node *next = xml_child(n);
    while (!next && n != root) {
        next = xml_sibling(n);
        n = n->parent;
    }
    return next;
}

struct od_str xml_attr_ns(const struct xml_node *n, enum xml_ns ns, const char *name)
{
    for (unsigned i = 0; i < n->n_attrs; i++)
        if (n->attrs[i].ns == ns && od_str_eq_c(n->attrs[i].name, name))
            return n->attrs[i].value;
    return (struct od_str){NULL, 0};
}

struct od_str xml_attr(const struct xml_node *n, const char *name) { return xml_attr_ns(n, XML_NS_NONE, name); }

bool xml_attr_is(const struct xml_node *n, const char *name, const char *value)
{
    struct od_str s = xml_attr(n, name);
    return s.p && od_str_eq_c(s, value);
}

struct od_str xml_text(const struct xml_node *n, struct od_arena *arena)
{
    const struct xml_node *only = NULL;
    size_t total = 0, runs = 0;
    for (const struct xml_node *c = n->first; c; c = c->next) {
        if (!xml_is_text(c))
            continue;
        only = c;
        total += c->text.n;
        runs++;
    }
    if (!runs)
        return (struct od_str){"", 0};
    if (runs == 1)
        return od_str_trim(only->text);
    char *p = od_arena_alloc(arena, total + 1), *to = p;
    if (!p)
        return (struct od_str){"", 0};
    for (const struct xml_node *c = n->first; c; c = c->next)
        if (xml_is_text(c) && c->text.n) {
            memcpy(to, c->text.p, c->text.n);
            to += c->text.n;
        }
    *to = 0;
    return od_str_trim((struct od_str){p, total});
}

struct od_str xml_uri(const struct xml_node *n, struct od_str prefix)
{
    for (const struct xml_binding *b = n->bindings; b; b = b->outer)
        if (od_str_eq(b->prefix, prefix))
            return b->uri;
    return (struct od_str){NULL, 0};
}

void xml_escaped(struct od_buf *out, struct od_str s, bool in_attribute)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '&')
            od_buf_c(out, "&amp;");
        else if (c == '<')
            od_buf_c(out, "&lt;");
        else if (c == '>')
            od_buf_c(out, "&gt;");
        else if (in_attribute && c == '"')
            od_buf_c(out, "&quot;");
        else if (c == '\r' || (in_attribute && (c == '\n' || c == '\t')))
            od_buf_printf(out, "&#%u;", (unsigned)c); /* a reader would turn the bare character into something else */
        else
            od_buf_char(out, (char)c);
    }
}

static bool has_text(const struct xml_node *n)
{
    for (const struct xml_node *c = n->first; c; c = c->next)
        if (xml_is_text(c))
            return true;
    return false;
}

static void indent(struct od_buf *out, unsigned depth)
{
    od_buf_printf(out, "\n%*s", (int)(2 * depth), "");
}

static void open_tag(const struct xml_node *n, struct od_buf *out)
{
    od_buf_char(out, '<');
    od_buf_str(out, n->qname);
    for (unsigned i = 0; i < n->n_attrs; i++) {
        od_buf_char(out, ' ');
        od_buf_str(out, n->attrs[i].qname);
        od_buf_c(out, "=\"");
        xml_escaped(out, n->attrs[i].value, true);
        od_buf_char(out, '"');
    }
    od_buf_c(out, n->first ? ">" : "/>");
}

static void close_tag(const struct xml_node *n, struct od_buf *out)
{
    od_buf_c(out, "</");
    od_buf_str(out, n->qname);
    od_buf_char(out, '>');
}

/* Without recursion: the depth of the input is not ours. Blanks are put only where there is no text beside. */
void xml_write(const struct xml_node *root, struct od_buf *out)
{
    od_buf_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    const struct xml_node *n = root;
    for (;;) {
        if (xml_is_text(n)) {
            xml_escaped(out, n->text, false);
        } else {
            if (n != root && !has_text(n->parent))
                indent(out, n->depth);
            open_tag(n, out);
            if (n->first) {
                n = n->first;
                continue;
            }
        }
        while (n != root && !n->next) {
            n = n->parent;
            if (!has_text(n))
                indent(out, n->depth);
            close_tag(n, out);
        }
        if (n == root)
            break;
        n = n->next;
    }
    od_buf_char(out, '\n');
}

static bool attrs_same(const struct xml_node *a, const struct xml_node *b)
{
    if (a->n_attrs != b->n_attrs)
        return false;
    for (unsigned i = 0; i < a->n_attrs; i++) {
        bool found = false;
        for (unsigned k = 0; k < b->n_attrs && !found; k++)
            found = od_str_eq(a->attrs[i].qname, b->attrs[k].qname) && od_str_eq(a->attrs[i].value, b->attrs[k].value);
        if (!found)
            return false;
    }
    return true;
}

bool xml_same(const struct xml_node *a, const struct xml_node *b)
{
    const struct xml_node *root = a;
    for (;;) {
        if (!od_str_eq(a->qname, b->qname) || !od_str_eq(a->ns_uri, b->ns_uri) || !od_str_eq(a->text, b->text) ||
            !attrs_same(a, b) || !a->first != !b->first)
            return false;
        if (a->first) {
            a = a->first;
            b = b->first;
            continue;
        }
        while (a != root && !a->next && !b->next) {
            a = a->parent;
            b = b->parent;
        }
        if (a == root)
            return true;
        if (!a->next != !b->next)
            return false;
        a = a->next;
        b = b->next;
    }
}
