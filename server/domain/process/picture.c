/* SPDX-License-Identifier: Apache-2.0
 * The order of the picture: each diagram below the one before; in it shapes, the large ones first, so that what lies in another
 * lies above it whatever the order of the file; then edges, then marks. */
#include "server/domain/process/picture_canvas.h"

#include <stdlib.h>

enum { MARGIN = 30, TITLE = 40, BOTTOM = 40 };

struct drawn {
    const struct xml_node *di, *e; /* the element of an edge may be NULL */
    struct box box;                /* of a shape */
    unsigned nth;
};

struct diagram {
    const struct xml_node *root;
    struct drawn *shapes, *edges; /* those that the diagram hides are dropped when it is drawn */
    unsigned n_shapes, n_edges;
    double left, top, right, bottom;
};

/* A number of the interchange. Others than finite ones of a sane size are taken as 0. */
double picture_number(const struct xml_node *n, const char *attribute)
{
    struct od_str s = xml_attr(n, attribute);
    char text[32], *end;
    if (!s.n || s.n >= sizeof text)
        return 0;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    double v = strtod(text, &end);
    return *end || !(v > -1e6 && v < 1e6) ? 0 : v;
}

const struct xml_node *picture_child(const struct xml_node *n, enum xml_ns ns, const char *name)
{
    for (const struct xml_node *c = xml_child(n); c; c = xml_sibling(c))
        if (c->ns == ns && od_str_eq_c(c->name, name))
            return c;
    return NULL;
}

bool picture_bounds(const struct xml_node *n, struct box *ret)
{
    const struct xml_node *b = picture_child(n, XML_NS_DC, "Bounds");
    if (!b)
        return false;
    struct box box = {picture_number(b, "x"), picture_number(b, "y"), picture_number(b, "width"), picture_number(b, "height")};
    if (!(box.w > 0 && box.h > 0))
        return false;
    *ret = box;
    return true;
}

/* Only what is a colour and nothing else can be: #a0f, rgb(1, 2, 3), a word. */
static struct od_str colour(const struct xml_node *di, const char *name, const char *other)
{
    static const char allowed[] = "#(),.% 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (unsigned i = 0; i < di->n_attrs; i++) {
        const struct xml_attr *a = &di->attrs[i];
        if (a->ns != XML_NS_OTHER || !(od_str_eq_c(a->name, name) || od_str_eq_c(a->name, other)))
            continue;
        size_t n = 0;
        while (n < a->value.n && a->value.p[n] && strchr(allowed, a->value.p[n]))
            n++;
        if (n == a->value.n && n < 32)
            return a->value;
    }
    return (struct od_str){NULL, 0};
}

struct od_str picture_stroke(const struct xml_node *di) { return colour(di, "border-color", "stroke"); }
struct od_str picture_fill(const struct xml_node *di) { return colour(di, "background-color", "fill"); }

struct od_str picture_name(const struct canvas *c, const struct xml_node *e)
{
    struct od_str name = xml_attr(e, "name");
    const struct xml_node *other = NULL;
    if (name.n)
        return name;
    if (e->kind == BPMN_DATA_OBJECT_REFERENCE)
        other = model_ref(c->m, e, "dataObjectRef");
    else if (e->kind == BPMN_DATA_STORE_REFERENCE)
        other = model_ref(c->m, e, "dataStoreRef");
    else if (e->kind == BPMN_GROUP)
        other = model_ref(c->m, e, "categoryValueRef");
    return other ? xml_attr(other, e->kind == BPMN_GROUP ? "value" : "name") : name;
}

/* --- marks ---------------------------------------------------------------------------------------------------------------------- */

const struct picture_mark *picture_mark_of(const struct canvas *c, const struct xml_node *e)
{
    return e->foreign ? NULL : c->mark_of[e->ordinal];
}

unsigned picture_heat(const struct picture_mark *k) { return !k ? 0 : k->heat_percent > 100 ? 100 : k->heat_percent; }

static void draw_badges(struct canvas *c, const struct drawn *s)
{
    const struct picture_mark *k = picture_mark_of(c, s->e);
    const struct box b = s->box;
    static const char badge[] =
        "<g class=\"%c\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" rx=\"9\"/><text x=\"%.1f\" y=\"%.1f\">%u</text></g>";
    const struct {
        unsigned n;
        char class_;
        double x;
    } badges[] = {{k ? k->tokens : 0, 'k', b.x}, {k ? k->incidents : 0, 'i', b.x + b.w}};
    for (size_t i = 0; i < OD_LEN(badges); i++) {
        double w = 18;
        for (unsigned n = badges[i].n; n > 99; n /= 10) /* two digits fit into a circle */
            w += 7;
        if (badges[i].n)
            od_buf_printf(c->out, badge, badges[i].class_, badges[i].x - w / 2, b.y - 9, w, badges[i].x, b.y + 4, badges[i].n);
    }
}

/* --- a diagram ------------------------------------------------------------------------------------------------------------------- */

static void stretch(struct diagram *d, double x, double y)
{
    d->left = x < d->left ? x : d->left;
    d->top = y < d->top ? y : d->top;
    d->right = x > d->right ? x : d->right;
    d->bottom = y > d->bottom ? y : d->bottom;
}

static bool is_named(const struct xml_node *n, const char *name) { return n->ns == XML_NS_BPMNDI && od_str_eq_c(n->name, name); }

/* What of the interchange has a place, and how far it goes. false: there is no memory, or nothing is drawn. */
static bool diagram_read(struct canvas *c, const struct xml_node *root, struct diagram *ret)
{
    struct diagram d = {.root = root, .left = 1e6, .top = 1e6, .right = -1e6, .bottom = -1e6};
    unsigned n_shapes = 0, n_edges = 0;
    for (const struct xml_node *n = root; n; n = xml_walk(root, n)) {
        double x = picture_number(n, "x"), y = picture_number(n, "y");
        n_shapes += is_named(n, "BPMNShape");
        n_edges += is_named(n, "BPMNEdge");
        if (n->ns == XML_NS_DC && od_str_eq_c(n->name, "Bounds")) {
            stretch(&d, x, y);
            stretch(&d, x + picture_number(n, "width"), y + picture_number(n, "height"));
        } else if (n->ns == XML_NS_DI && od_str_eq_c(n->name, "waypoint")) {
            stretch(&d, x, y);
        }
    }
    d.shapes = OD_ARENA_ARRAY(c->m->arena, n_shapes + 1, struct drawn);
    d.edges = OD_ARENA_ARRAY(c->m->arena, n_edges + 1, struct drawn);
    if (!d.shapes || !d.edges) {
        c->out->failed = true;
        return false;
    }
    for (const struct xml_node *n = root; n; n = xml_walk(root, n)) {
        struct drawn it = {.di = n, .e = model_ref(c->m, n, "bpmnElement"), .nth = d.n_shapes};
        if (is_named(n, "BPMNShape") && it.e && picture_bounds(n, &it.box))
            d.shapes[d.n_shapes++] = it;
        else if (is_named(n, "BPMNEdge"))
            d.edges[d.n_edges++] = it;
    }
    *ret = d;
    return d.right > d.left;
}

static int larger_first(const void *a, const void *b)
{
    const struct drawn *s = a, *t = b;
    double more = t->box.w * t->box.h - s->box.w * s->box.h;
    return more > 0 ? 1 : more < 0 ? -1 : s->nth < t->nth ? -1 : s->nth > t->nth;
}

/* In a sub-process that this diagram shows closed. */
static bool is_hidden(const struct canvas *c, const struct xml_node *e)
{
    for (const struct xml_node *p = model_above(e, BPMN_ANY_SUB_PROCESS); p; p = model_above(p, BPMN_ANY_SUB_PROCESS))
        if (!p->foreign && c->shape_of[p->ordinal] && !model_flag(c->shape_of[p->ordinal], "isExpanded", true))
            return true;
    return false;
}

static unsigned drop_hidden(const struct canvas *c, struct drawn *list, unsigned n)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (!list[i].e || !is_hidden(c, list[i].e))
            list[kept++] = list[i];
    return kept;
}

/* One group an element: with its id, and the colour of its lines where it has one. */
static void group_begin(struct canvas *c, const struct drawn *it)
{
    struct od_str stroke = picture_stroke(it->di);
    od_buf_c(c->out, "<g");
    if (it->e && model_id_of(it->e).n) {
        od_buf_c(c->out, " data-id=\"");
        picture_escaped(c->out, model_id_of(it->e));
        od_buf_char(c->out, '"');
    }
    if (stroke.n)
        od_buf_printf(c->out, " style=\"color:" OD_STR_FMT "\"", OD_STR_ARG(stroke));
    od_buf_c(c->out, ">");
}

static void diagram_draw(struct canvas *c, const struct diagram *d)
{
    memset(c->shape_of, 0, (c->m->file.doc.n_elements + 1) * sizeof *c->shape_of);
    for (unsigned i = 0; i < d->n_shapes; i++)
        if (!d->shapes[i].e->foreign)
            c->shape_of[d->shapes[i].e->ordinal] = d->shapes[i].di;
    unsigned n_shapes = drop_hidden(c, d->shapes, d->n_shapes), n_edges = drop_hidden(c, d->edges, d->n_edges);
    qsort(d->shapes, n_shapes, sizeof *d->shapes, larger_first);
    for (const struct drawn *s = d->shapes; s < d->shapes + n_shapes; s++) {
        group_begin(c, s);
        picture_shape(c, s->di, s->e, s->box);
        od_buf_c(c->out, "</g>\n");
    }
    for (const struct drawn *s = d->edges; s < d->edges + n_edges; s++) {
        group_begin(c, s);
        picture_edge(c, s->di, s->e);
        od_buf_c(c->out, "</g>\n");
    }
    for (const struct drawn *s = d->shapes; s < d->shapes + n_shapes; s++)
        picture_shape_name(c, s->di, s->e, s->box);
    for (const struct drawn *s = d->edges; s < d->edges + n_edges; s++)
        picture_edge_name(c, s->di, s->e);
    for (const struct drawn *s = d->shapes; s < d->shapes + n_shapes; s++)
        draw_badges(c, s);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------- */

#define SVG "<svg xmlns=\"http://www.w3.org/2000/svg\""

static const char style[] =
    "<style>.ordo{color:#333;background:#fff}.ordo .b{fill:#fff;stroke:currentColor;stroke-width:1.5}"
    ".ordo .e{stroke-width:3.5}.ordo .o{fill:#fcfcfc}"
    ".ordo .n{fill:none;stroke:currentColor;stroke-width:1.2}.ordo .d{stroke-dasharray:4 3}.ordo .t{stroke-dasharray:2 3}"
    ".ordo .g{stroke-dasharray:8 4 2 4}.ordo .s{fill:none;stroke:currentColor;stroke-width:1.3}"
    ".ordo .f{fill:currentColor;stroke:currentColor}"
    ".ordo .l{fill:none;stroke:currentColor;stroke-width:1.4}.ordo .m{stroke-dasharray:7 4}.ordo .v{stroke-width:4}"
    ".ordo text{font:12px Arial,Helvetica,sans-serif;text-anchor:middle;fill:#222}"
    ".ordo text.h{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
    ".ordo .k rect{fill:#2a7}.ordo .i rect{fill:#d33}.ordo .k text,.ordo .i text{fill:#fff}</style>\n";

static void whole_begin(struct canvas *c, const struct diagram *d, size_t n)
{
    double width = 0, height = 0;
    for (size_t i = 0; i < n; i++) {
        double w = d[i].right - d[i].left + 2 * MARGIN;
        width = w > width ? w : width;
        height += d[i].bottom - d[i].top + MARGIN + BOTTOM + (i ? TITLE : 0);
    }
    od_buf_printf(c->out, SVG " class=\"ordo\" viewBox=\"%.1f %.1f %.1f %.1f\" width=\"%.0f\" height=\"%.0f\">%s", d[0].left - MARGIN,
                  d[0].top - MARGIN, width, height, width, height, style);
}

/* The first diagram has the coordinates of the file; the others are moved below it, with their names. */
static void whole_draw(struct canvas *c, const struct diagram *d, size_t n)
{
    double y = d[0].top - MARGIN;
    whole_begin(c, d, n);
    for (size_t i = 0; i < n; i++) {
        if (i) {
            od_buf_printf(c->out, "<g transform=\"translate(%.1f,%.1f)\">\n", d[0].left - d[i].left, y + TITLE + MARGIN - d[i].top);
            picture_text(c, xml_attr(d[i].root, "name"), (struct box){d[i].left, d[i].top - TITLE, 1000, TITLE}, PICTURE_LEFT);
        }
        diagram_draw(c, &d[i]);
        od_buf_c(c->out, i ? "</g>\n" : "");
        y += d[i].bottom - d[i].top + MARGIN + BOTTOM + (i ? TITLE : 0);
    }
    od_buf_c(c->out, "</svg>\n");
}

void picture_draw(const struct model *m, const struct picture_mark *marks, size_t n_marks, struct od_buf *out)
{
    struct canvas c = {.m = m, .out = out};
    struct diagram diagrams[PICTURE_DIAGRAMS_MAX];
    size_t n = 0;
    c.shape_of = OD_ARENA_ARRAY(m->arena, m->file.doc.n_elements + 1, const struct xml_node *);
    c.mark_of = OD_ARENA_ARRAY(m->arena, m->file.doc.n_elements + 1, const struct picture_mark *);
    if (!c.shape_of || !c.mark_of) {
        out->failed = true;
        return;
    }
    const struct xml_node *root = m->file.doc.root;
    for (size_t i = 0; root && i < n_marks; i++) {
        const struct xml_node *e = model_find(m, root, marks[i].id);
        if (e && !e->foreign)
            c.mark_of[e->ordinal] = &marks[i];
    }
    for (const struct xml_node *k = root ? xml_child(root) : NULL; k && n < PICTURE_DIAGRAMS_MAX; k = xml_sibling(k))
        n += is_named(k, "BPMNDiagram") && diagram_read(&c, k, &diagrams[n]);
    if (n)
        whole_draw(&c, diagrams, n);
    else
        od_buf_c(out, SVG " viewBox=\"0 0 300 40\"><text x=\"10\" y=\"25\">the model has no diagram</text></svg>\n");
}
