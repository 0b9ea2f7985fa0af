/* SPDX-License-Identifier: Apache-2.0
 * Edges of the picture: the line over its way points, what stands at its ends, its name. */
#include "server/domain/process/picture_canvas.h"

#include <math.h>

#define ARROW "M0,0L-9,-4V4Z"
#define ARROW_OPEN "M-8,-4L0,0L-8,4"

struct point {
    double x, y;
};

static const struct xml_node *way_point(const struct xml_node *n)
{
    while (n && !(n->ns == XML_NS_DI && od_str_eq_c(n->name, "waypoint")))
        n = xml_sibling(n);
    return n;
}

static struct point point_of(const struct xml_node *n) { return (struct point){picture_number(n, "x"), picture_number(n, "y")}; }

/* A path whose tip is 0,0 and that looks to the right, at `to`, turned as the line comes from `from`. */
static void put_end(struct canvas *c, const char *path, const char *class_, struct point from, struct point to)
{
    double dx = to.x - from.x, dy = to.y - from.y, length = sqrt(dx * dx + dy * dy);
    if (length <= 0)
        return;
    dx /= length;
    dy /= length;
    od_buf_printf(c->out, "<path class=\"%s\" transform=\"matrix(%.3f,%.3f,%.3f,%.3f,%.1f,%.1f)\" d=\"%s\"/>", class_, dx, dy, -dy, dx,
                  to.x, to.y, path);
}

/* What a kind of edge has at its ends (8.4.1, 8.4.13, 9.4, 10.4.2). */
static void put_ends(struct canvas *c, const struct xml_node *e, const struct point first[2], const struct point last[2])
{
    if (e->kind == BPMN_SEQUENCE_FLOW) {
        const struct xml_node *source = model_source(c->m, e);
        bool by_default = source && xml_attr(source, "default").n && model_ref(c->m, source, "default") == e;
        put_end(c, ARROW, "f", last[0], last[1]);
        if (by_default)
            put_end(c, "M-14,-5L-8,5", "s", first[1], first[0]);
        else if (model_first(e, BPMN_CONDITION_EXPRESSION) && !bpmn_is(source, BPMN_GATEWAY))
            put_end(c, "M0,0L-8,-4L-16,0L-8,4Z", "b", first[1], first[0]);
    } else if (e->kind == BPMN_MESSAGE_FLOW) {
        put_end(c, ARROW, "b", last[0], last[1]);
        put_end(c, "M0,0a3.5,3.5 0 1 0 -7,0a3.5,3.5 0 1 0 7,0", "b", first[1], first[0]);
    } else if (bpmn_is(e, BPMN_DATA_ASSOCIATION)) {
        put_end(c, ARROW_OPEN, "s", last[0], last[1]);
    } else if (e->kind == BPMN_ASSOCIATION) {
        bool both = xml_attr_is(e, "associationDirection", "Both");
        if (both || xml_attr_is(e, "associationDirection", "One"))
            put_end(c, ARROW_OPEN, "s", last[0], last[1]);
        if (both)
            put_end(c, ARROW_OPEN, "s", first[1], first[0]);
    }
}

/* The middle of the middle segment. */
static struct point middle_of(const struct xml_node *di)
{
    const struct xml_node *p = way_point(xml_child(di));
    unsigned n = 0;
    for (const struct xml_node *w = p; w; w = way_point(xml_sibling(w)))
        n++;
    for (unsigned i = 1; i < n / 2; i++)
        p = way_point(xml_sibling(p));
    const struct xml_node *next = way_point(xml_sibling(p));
    struct point a = point_of(p), b = next ? point_of(next) : a;
    return (struct point){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

void picture_edge(struct canvas *c, const struct xml_node *di, const struct xml_node *e)
{
    const char *class_ = !e || e->kind == BPMN_SEQUENCE_FLOW ? "l"
                         : e->kind == BPMN_MESSAGE_FLOW       ? "l m"
                         : e->kind == BPMN_CONVERSATION_LINK  ? "l v"
                                                              : "l t";
    struct point first[2] = {{0, 0}, {0, 0}}, last[2] = {{0, 0}, {0, 0}};
    unsigned n = 0;
    unsigned heat = e ? picture_heat(picture_mark_of(c, e)) : 0;
    if (!way_point(xml_child(di)))
        return;
    od_buf_printf(c->out, "<path class=\"%s\"", class_);
    if (heat)
        od_buf_printf(c->out, " style=\"stroke:rgb(%u,0,0);stroke-width:%.1f\"", 55 + heat * 2, 1.4 + heat / 40.0);
    od_buf_c(c->out, " d=\"");
    for (const struct xml_node *p = way_point(xml_child(di)); p; p = way_point(xml_sibling(p))) {
        struct point at = point_of(p);
        od_buf_printf(c->out, "%c%.1f,%.1f", n ? 'L' : 'M', at.x, at.y);
        if (n < 2)
            first[n] = at;
        last[0] = last[1];
        last[1] = at;
        n++;
    }
    od_buf_c(c->out, "\"/>");
    if (!e || n < 2)
        return;
    put_ends(c, e, first, last);
    if (xml_attr(di, "messageVisibleKind").n) { /* the message itself: white for the one that begins (12) */
        struct point middle = middle_of(di);
        bool answer = xml_attr_is(di, "messageVisibleKind", "non_initiating");
        od_buf_printf(c->out, "<path class=\"b\"%s transform=\"translate(%.1f,%.1f)\" d=\"M-10,-7h20v14h-20zl10,7l10,-7\"/>",
                      answer ? " style=\"fill:#ccc\"" : "", middle.x, middle.y);
    }
}

void picture_edge_name(struct canvas *c, const struct xml_node *di, const struct xml_node *e)
{
    if (!e || !way_point(xml_child(di)))
        return;
    struct point middle = middle_of(di);
    picture_name_put(c, di, e, middle.x, middle.y + 2);
}
