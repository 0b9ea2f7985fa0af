/* SPDX-License-Identifier: Apache-2.0
 * Shapes in the order in which the interchange lists them, then edges, then marks. */
#include "server/domain/process/picture.h"

#include <stdlib.h>

struct box {
    double x, y, w, h;
};

struct canvas {
    const struct model *m;
    struct od_buf *out;
    const struct picture_mark *marks;
    size_t n_marks;
    double left, top, right, bottom;
};

/* A number of the interchange. Others than finite ones of a sane size are taken as 0. */
static double number(const struct xml_node *n, const char *attribute)
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

static const struct xml_node *child(const struct xml_node *n, enum xml_ns ns, const char *name)
{
    for (const struct xml_node *c = xml_child(n); c; c = xml_sibling(c))
        if (c->ns == ns && od_str_eq_c(c->name, name))
            return c;
    return NULL;
}

static bool bounds(const struct xml_node *n, struct box *ret)
{
    const struct xml_node *b = child(n, XML_NS_DC, "Bounds");
    if (!b)
        return false;
    *ret = (struct box){number(b, "x"), number(b, "y"), number(b, "width"), number(b, "height")};
    return ret->w > 0 && ret->h > 0;
}

static void put_escaped(struct od_buf *out, struct od_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '&')
            od_buf_c(out, "&amp;");
        else if (c == '<')
            od_buf_c(out, "&lt;");
        else if (c == '>')
            od_buf_c(out, "&gt;");
        else if (c == '"')
            od_buf_c(out, "&quot;");
        else
            od_buf_char(out, c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
    }
}

static const struct picture_mark *mark_of(const struct canvas *c, const struct xml_node *e)
{
    struct od_str id = model_id_of(e);
    for (size_t i = 0; i < c->n_marks; i++)
        if (od_str_eq(c->marks[i].id, id))
            return &c->marks[i];
    return NULL;
}

/* --- text ------------------------------------------------------------------------------------------------------------------- */

enum { FONT_PX = 12, LINE_PX = 14, LINES_MAX = 6 };

/* Bytes of a line that fits, broken at a blank if there is one. */
static size_t line_length(struct od_str s, size_t max)
{
    if (s.n <= max)
        return s.n;
    size_t cut = max;
    while (cut > 0 && s.p[cut] != ' ')
        cut--;
    if (!cut)
        for (cut = max; cut < s.n && ((unsigned char)s.p[cut] & 0xC0) == 0x80; cut++) /* not inside of a character */
            continue;
    return cut;
}

static void put_text(struct canvas *c, struct od_str s, double x, double y, double width, bool middle)
{
    size_t per_line = width > 3 * FONT_PX ? (size_t)(width / (FONT_PX * 0.56)) : 5, n = 0;
    struct od_str lines[LINES_MAX];
    s = od_str_trim(s);
    while (s.n && n < LINES_MAX) {
        size_t k = line_length(s, per_line);
        lines[n++] = (struct od_str){s.p, k};
        s = od_str_trim((struct od_str){s.p + k, s.n - k});
    }
    double top = middle ? y - (double)n * LINE_PX / 2 + FONT_PX - 1 : y + FONT_PX;
    for (size_t i = 0; i < n; i++) {
        od_buf_printf(c->out, "<text x=\"%.1f\" y=\"%.1f\">", x, top + (double)i * LINE_PX);
        put_escaped(c->out, lines[i]);
        od_buf_c(c->out, "</text>");
    }
}

/* --- what stands inside ------------------------------------------------------------------------------------------------------ */

static const char *event_sign(const struct xml_node *definition)
{
    switch (definition ? (int)definition->kind : 0) {
    case BPMN_MESSAGE_DEFINITION:
        return "M-7,-5h14v10h-14zl7,5l7,-5";
    case BPMN_TIMER_DEFINITION:
        return "M-8,0a8,8 0 1 0 16,0a8,8 0 1 0 -16,0M0,-6V0L4,3";
    case BPMN_SIGNAL_DEFINITION:
        return "M0,-8L8,6H-8Z";
    case BPMN_ERROR_DEFINITION:
        return "M-7,6L-3,-6L2,2L7,-6L3,6L-2,-1Z";
    case BPMN_ESCALATION_DEFINITION:
        return "M0,-8L6,7L0,1L-6,7Z";
    case BPMN_COMPENSATE_DEFINITION:
        return "M0,-6V6L-8,0ZM8,-6V6L0,0Z";
    case BPMN_CONDITIONAL_DEFINITION:
        return "M-6,-8h12v16h-12zM-4,-4h8M-4,0h8M-4,4h8";
    case BPMN_LINK_DEFINITION:
        return "M-8,-3h9v-4l7,7l-7,7v-4h-9z";
    case BPMN_TERMINATE_DEFINITION:
        return "M-8,0a8,8 0 1 0 16,0a8,8 0 1 0 -16,0";
    case BPMN_CANCEL_DEFINITION:
        return "M-7,-7L7,7M7,-7L-7,7";
    default:
        return NULL;
    }
}

static const char *gateway_sign(const struct xml_node *e)
{
    switch ((int)e->kind) {
    case BPMN_EXCLUSIVE_GATEWAY:
        return "M-7,-7L7,7M7,-7L-7,7";
    case BPMN_PARALLEL_GATEWAY:
        return "M-10,0H10M0,-10V10";
    case BPMN_INCLUSIVE_GATEWAY:
        return "M-9,0a9,9 0 1 0 18,0a9,9 0 1 0 -18,0";
    case BPMN_COMPLEX_GATEWAY:
        return "M-10,0H10M0,-10V10M-7,-7L7,7M7,-7L-7,7";
    default:
        return "M-10,0a10,10 0 1 0 20,0a10,10 0 1 0 -20,0M0,-6L6,-2L4,5H-4L-6,-2Z";
    }
}

static const char *task_sign(const struct xml_node *e)
{
    switch ((int)e->kind) {
    case BPMN_USER_TASK:
        return "M-4,-3a4,4 0 1 1 8,0a4,4 0 1 1 -8,0M-8,8q0,-7 8,-7t8,7z";
    case BPMN_SERVICE_TASK:
        return "M-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0M0,-7v4M0,3v4M-7,0h4M3,0h4M-5,-5l3,3M2,2l3,3M5,-5l-3,3M-2,2l-3,3";
    case BPMN_SCRIPT_TASK:
        return "M-5,-7h10q-4,4 0,7t0,7h-10q4,-4 0,-7t0,-7M-3,-3h6M-1,1h6";
    case BPMN_RULE_TASK:
        return "M-8,-6h16v12h-16zM-8,-2h16M-3,-6v12";
    case BPMN_MANUAL_TASK:
        return "M-8,2l5,-7h8v3h-5h8v3h-8h7v3h-7h5v3h-8z";
    case BPMN_SEND_TASK:
    case BPMN_RECEIVE_TASK:
        return "M-8,-5h16v11h-16zl8,5l8,-5";
    default:
        return NULL;
    }
}

static void put_sign(struct canvas *c, const char *path, double x, double y, bool filled)
{
    if (path)
        od_buf_printf(c->out, "<path class=\"%s\" transform=\"translate(%.1f,%.1f)\" d=\"%s\"/>", filled ? "f" : "s", x, y, path);
}

/* --- shapes -------------------------------------------------------------------------------------------------------------------- */

static void heat(struct canvas *c, const struct xml_node *e)
{
    const struct picture_mark *k = mark_of(c, e);
    if (k && k->heat_percent)
        od_buf_printf(c->out, " style=\"fill:rgb(255,%u,%u)\"", 245 - (k->heat_percent > 100 ? 100 : k->heat_percent) * 2,
                      235 - (k->heat_percent > 100 ? 100 : k->heat_percent) * 2);
}

static void draw_event(struct canvas *c, const struct xml_node *e, struct box b)
{
    double r = b.w / 2, x = b.x + r, y = b.y + b.h / 2;
    bool alongside = (e->kind == BPMN_BOUNDARY_EVENT && !model_flag(e, "cancelActivity", true)) || !model_flag(e, "isInterrupting", true);
    struct xml_node *defs[1] = {NULL};
    unsigned n = model_event_definitions(c->m, e, defs, 1);
    od_buf_printf(c->out, "<circle class=\"%s%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", e->kind == BPMN_END_EVENT ? "b e" : "b", alongside ? " d" : "", x, y, r);
    heat(c, e);
    od_buf_c(c->out, "/>");
    if (e->kind != BPMN_START_EVENT && e->kind != BPMN_END_EVENT && r > 4)
        od_buf_printf(c->out, "<circle class=\"n%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", alongside ? " d" : "", x, y, r - 3);
    put_sign(c, n > 1 ? "M0,-8L8,-2L5,7H-5L-8,-2Z" : event_sign(defs[0]), x, y, bpmn_is(e, BPMN_THROW_EVENT));
}

static void draw_gateway(struct canvas *c, const struct xml_node *e, struct box b)
{
    double x = b.x + b.w / 2, y = b.y + b.h / 2;
    od_buf_printf(c->out, "<path class=\"b\" d=\"M%.1f,%.1fL%.1f,%.1fL%.1f,%.1fL%.1f,%.1fZ\"", x, b.y, b.x + b.w, y, x, b.y + b.h, b.x, y);
    heat(c, e);
    od_buf_c(c->out, "/>");
    put_sign(c, gateway_sign(e), x, y, false);
}

static void put_loop_signs(struct canvas *c, const struct xml_node *e, struct box b, bool collapsed)
{
    const struct xml_node *loop = model_first(e, BPMN_LOOP);
    double x = b.x + b.w / 2, y = b.y + b.h - 10;
    if (loop && loop->kind == BPMN_STANDARD_LOOP)
        put_sign(c, "M4,-5a6,6 0 1 0 2,5M6,-6v4h-4", x, y, false);
    else if (loop)
        put_sign(c, model_flag(loop, "isSequential", false) ? "M-6,-5h12M-6,0h12M-6,5h12" : "M-5,-6v12M0,-6v12M5,-6v12", x, y, false);
    if (collapsed)
        put_sign(c, "M-6,-6h12v12h-12zM-4,0h8M0,-4v8", x + (loop ? 16 : 0), y - 1, false);
}

static void draw_activity(struct canvas *c, const struct xml_node *e, struct box b, bool expanded)
{
    bool sub = bpmn_is(e, BPMN_ANY_SUB_PROCESS), event_sub = model_is_event_sub_process(e);
    od_buf_printf(c->out, "<rect class=\"%s%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"",
                  e->kind == BPMN_CALL_ACTIVITY ? "b e" : sub && expanded ? "b o" : "b", event_sub ? " t" : "", b.x, b.y, b.w, b.h);
    heat(c, e);
    od_buf_c(c->out, "/>");
    if (e->kind == BPMN_TRANSACTION && b.w > 8 && b.h > 8)
        od_buf_printf(c->out, "<rect class=\"n\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\"/>", b.x + 3, b.y + 3, b.w - 6, b.h - 6);
    put_sign(c, task_sign(e), b.x + 13, b.y + 13, e->kind == BPMN_SEND_TASK);
    put_loop_signs(c, e, b, sub && !expanded);
    double middle = b.y + b.h / 2 + (task_sign(e) ? 7 : 0); /* below the sign */
    put_text(c, xml_attr(e, "name"), b.x + b.w / 2, sub && expanded ? b.y + 4 : middle, b.w - 8, !(sub && expanded));
}

static void draw_pool(struct canvas *c, const struct xml_node *e, struct box b, bool across)
{
    od_buf_printf(c->out, "<rect class=\"b o\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", b.x, b.y, b.w, b.h);
    heat(c, e);
    od_buf_c(c->out, "/>");
    if (!across) {
        put_text(c, xml_attr(e, "name"), b.x + b.w / 2, b.y + 6, b.w, false);
        return;
    }
    if (e->kind == BPMN_PARTICIPANT)
        od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fv%.1f\"/>", b.x + 30, b.y, b.h);
    od_buf_printf(c->out, "<g transform=\"translate(%.1f,%.1f) rotate(-90)\">", b.x + 15, b.y + b.h / 2);
    put_text(c, xml_attr(e, "name"), 0, 0, b.h, true);
    od_buf_c(c->out, "</g>");
}

static void draw_other(struct canvas *c, const struct xml_node *e, struct box b)
{
    if (e->kind == BPMN_TEXT_ANNOTATION) {
        const struct xml_node *text = model_first(e, BPMN_TEXT);
        od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fh-10v%.1fh10\"/>", b.x + 10, b.y, b.h);
        put_text(c, text ? xml_text(text, c->m->arena) : (struct od_str){"", 0}, b.x + b.w / 2, b.y + b.h / 2, b.w - 8, true);
        return;
    }
    od_buf_printf(c->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", e->kind == BPMN_GROUP ? "n t" : "b", b.x, b.y, b.w, b.h);
}

static void draw_label(struct canvas *c, const struct xml_node *di, const struct xml_node *e, double x, double y)
{
    const struct xml_node *label = child(di, XML_NS_BPMNDI, "BPMNLabel");
    struct box b;
    if (label && bounds(label, &b))
        put_text(c, xml_attr(e, "name"), b.x + b.w / 2, b.y, b.w < 60 ? 60 : b.w, false);
    else
        put_text(c, xml_attr(e, "name"), x, y, 90, false);
}

static void draw_shape(struct canvas *c, const struct xml_node *di)
{
    const struct xml_node *e = model_ref(c->m, di, "bpmnElement");
    struct box b;
    if (!e || !bounds(di, &b))
        return;
    if (bpmn_is(e, BPMN_EVENT))
        draw_event(c, e, b);
    else if (bpmn_is(e, BPMN_GATEWAY))
        draw_gateway(c, e, b);
    else if (bpmn_is(e, BPMN_ACTIVITY))
        draw_activity(c, e, b, model_flag(di, "isExpanded", false));
    else if (e->kind == BPMN_PARTICIPANT || e->kind == BPMN_LANE)
        draw_pool(c, e, b, model_flag(di, "isHorizontal", b.w >= b.h));
    else
        draw_other(c, e, b);
    if (bpmn_is(e, BPMN_FLOW_ELEMENT) && !bpmn_is(e, BPMN_ACTIVITY)) /* an activity has its name inside */
        draw_label(c, di, e, b.x + b.w / 2, b.y + b.h + 2);
}

static void draw_edge(struct canvas *c, const struct xml_node *di)
{
    const struct xml_node *e = model_ref(c->m, di, "bpmnElement");
    const char *class_ = !e                              ? "l"
                         : e->kind == BPMN_MESSAGE_FLOW  ? "l m"
                         : e->kind == BPMN_SEQUENCE_FLOW ? "l q"
                                                         : "l t";
    double x = 0, y = 0;
    unsigned n = 0;
    od_buf_printf(c->out, "<path class=\"%s\" d=\"", class_);
    for (const struct xml_node *p = xml_child(di); p; p = xml_sibling(p)) {
        if (p->ns != XML_NS_DI || !od_str_eq_c(p->name, "waypoint"))
            continue;
        x = n ? (x + number(p, "x")) / 2 : number(p, "x");
        y = n ? (y + number(p, "y")) / 2 : number(p, "y");
        od_buf_printf(c->out, "%c%.1f,%.1f", n++ ? 'L' : 'M', number(p, "x"), number(p, "y"));
    }
    od_buf_c(c->out, n ? "\"/>" : "M0,0\"/>");
    if (e)
        draw_label(c, di, e, x, y);
}

static void draw_marks(struct canvas *c, const struct xml_node *di)
{
    const struct xml_node *e = model_ref(c->m, di, "bpmnElement");
    const struct picture_mark *k = e ? mark_of(c, e) : NULL;
    struct box b;
    if (!k || !bounds(di, &b))
        return;
    if (k->tokens)
        od_buf_printf(c->out, "<g class=\"k\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/><text x=\"%.1f\" y=\"%.1f\">%u</text></g>", b.x, b.y, b.x, b.y + 4, k->tokens);
    if (k->incidents)
        od_buf_printf(c->out, "<g class=\"i\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/><text x=\"%.1f\" y=\"%.1f\">%u</text></g>", b.x + b.w, b.y, b.x + b.w,
                      b.y + 4, k->incidents);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------- */

static void stretch(struct canvas *c, double x, double y)
{
    c->left = x < c->left ? x : c->left;
    c->top = y < c->top ? y : c->top;
    c->right = x > c->right ? x : c->right;
    c->bottom = y > c->bottom ? y : c->bottom;
}

static void measure(struct canvas *c, const struct xml_node *diagram)
{
    for (const struct xml_node *n = diagram; n; n = xml_walk(diagram, n)) {
        double x = number(n, "x"), y = number(n, "y");
        if (n->ns == XML_NS_DC && od_str_eq_c(n->name, "Bounds")) {
            stretch(c, x, y);
            stretch(c, x + number(n, "width"), y + number(n, "height"));
        } else if (n->ns == XML_NS_DI && od_str_eq_c(n->name, "waypoint")) {
            stretch(c, x, y);
        }
    }
}

static const char style[] =
    "<style>.b{fill:#fff;stroke:#333;stroke-width:1.5}.e{stroke-width:3}.o{fill:#fcfcfc}.n{fill:none;stroke:#333;stroke-width:1.2}"
    ".d{stroke-dasharray:4 3}.t{stroke-dasharray:2 3}.s{fill:none;stroke:#333;stroke-width:1.3}.f{fill:#333;stroke:#333}"
    ".l{fill:none;stroke:#333;stroke-width:1.4}.q{marker-end:url(#a)}.m{stroke-dasharray:7 4;marker-end:url(#a)}"
    "text{font:12px sans-serif;text-anchor:middle;fill:#222}.k circle{fill:#2a7}.i circle{fill:#d33}.k text,.i text{fill:#fff}</style>"
    "<defs><marker id=\"a\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
    "<path d=\"M0,0L10,5L0,10Z\" fill=\"#333\"/></marker></defs>";

static void draw_all(struct canvas *c, const struct xml_node *diagram, const char *name, void (*draw)(struct canvas *, const struct xml_node *))
{
    for (const struct xml_node *n = diagram; n; n = xml_walk(diagram, n))
        if (n->ns == XML_NS_BPMNDI && od_str_eq_c(n->name, name))
            draw(c, n);
}

void picture_draw(const struct model *m, const struct picture_mark *marks, size_t n_marks, struct od_buf *out)
{
    struct canvas c = {.m = m, .out = out, .marks = marks, .n_marks = n_marks, .left = 1e6, .top = 1e6, .right = -1e6, .bottom = -1e6};
    const struct xml_node *diagram = m->file.doc.root ? child(m->file.doc.root, XML_NS_BPMNDI, "BPMNDiagram") : NULL;
    if (diagram)
        measure(&c, diagram);
    if (!diagram || c.right <= c.left) {
        od_buf_c(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 300 40\"><text x=\"10\" y=\"25\">the model has no diagram</text></svg>\n");
        return;
    }
    od_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"%.1f %.1f %.1f %.1f\" width=\"%.0f\" height=\"%.0f\">%s", c.left - 20, c.top - 20,
                  c.right - c.left + 40, c.bottom - c.top + 60, c.right - c.left + 40, c.bottom - c.top + 60, style);
    draw_all(&c, diagram, "BPMNShape", draw_shape);
    draw_all(&c, diagram, "BPMNEdge", draw_edge);
    draw_all(&c, diagram, "BPMNShape", draw_marks);
    od_buf_c(out, "</svg>\n");
}
