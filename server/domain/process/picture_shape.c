/* SPDX-License-Identifier: Apache-2.0
 * Shapes of the picture as the notation of clauses 7, 9 and 10 has them. */
#include "server/domain/process/picture_canvas.h"

/* --- signs -------------------------------------------------------------------------------------------------------------------- */

#define SIGN_MESSAGE "M-7,-5h14v10h-14zl7,5l7,-5"
#define SIGN_PENTAGON "M0,-8L8,-2L5,7H-5L-8,-2Z"
#define SIGN_BARS "M-5,-6v12M0,-6v12M5,-6v12"
#define SIGN_CROSS "M-7,-7L7,7M7,-7L-7,7"
#define SIGN_REWIND "M0,-6V6L-8,0ZM8,-6V6L0,0Z"

static const char *event_sign(const struct xml_node *definition)
{
    switch (definition ? (int)definition->kind : 0) {
    case BPMN_MESSAGE_DEFINITION: return SIGN_MESSAGE;
    case BPMN_TIMER_DEFINITION: return "M-8,0a8,8 0 1 0 16,0a8,8 0 1 0 -16,0M0,-6V0L4,3";
    case BPMN_SIGNAL_DEFINITION: return "M0,-8L8,6H-8Z";
    case BPMN_ERROR_DEFINITION: return "M-7,6L-3,-6L2,2L7,-6L3,6L-2,-1Z";
    case BPMN_ESCALATION_DEFINITION: return "M0,-8L6,7L0,1L-6,7Z";
    case BPMN_COMPENSATE_DEFINITION: return SIGN_REWIND;
    case BPMN_CONDITIONAL_DEFINITION: return "M-6,-8h12v16h-12zM-4,-4h8M-4,0h8M-4,4h8";
    case BPMN_LINK_DEFINITION: return "M-8,-3h9v-4l7,7l-7,7v-4h-9z";
    case BPMN_TERMINATE_DEFINITION: return "M-8,0a8,8 0 1 0 16,0a8,8 0 1 0 -16,0";
    case BPMN_CANCEL_DEFINITION: return "M-7,-4L-4,-7L0,-3L4,-7L7,-4L3,0L7,4L4,7L0,3L-4,7L-7,4L-3,0Z";
    default: return NULL;
    }
}

/* Of all its definitions: several are a pentagon, several that are waited for together a cross (10.5.2). */
static const char *sign_of_event(const struct canvas *c, const struct xml_node *e)
{
    struct xml_node *defs[1] = {NULL};
    unsigned n = model_event_definitions(c->m, e, defs, 1);
    if (n < 2)
        return event_sign(defs[0]);
    return model_flag(e, "parallelMultiple", false) ? "M-3,-8h6v5h5v6h-5v5h-6v-5h-5v-6h5z" : SIGN_PENTAGON;
}

static const char *gateway_sign(const struct xml_node *e)
{
    bool starts = model_flag(e, "instantiate", false);
    switch ((int)e->kind) {
    case BPMN_EXCLUSIVE_GATEWAY: return SIGN_CROSS;
    case BPMN_PARALLEL_GATEWAY: return "M-10,0H10M0,-10V10";
    case BPMN_INCLUSIVE_GATEWAY: return "M-9,0a9,9 0 1 0 18,0a9,9 0 1 0 -18,0";
    case BPMN_COMPLEX_GATEWAY: return "M-10,0H10M0,-10V10" SIGN_CROSS;
    default: break;
    }
    if (starts && xml_attr_is(e, "eventGatewayType", "Parallel"))
        return "M-11,0a11,11 0 1 0 22,0a11,11 0 1 0 -22,0M-2,-7h4v5h5v4h-5v5h-4v-5h-5v-4h5z";
    return starts ? "M-11,0a11,11 0 1 0 22,0a11,11 0 1 0 -22,0M0,-6L6,-2L4,5H-4L-6,-2Z"
                  : "M-12,0a12,12 0 1 0 24,0a12,12 0 1 0 -24,0M-9,0a9,9 0 1 0 18,0a9,9 0 1 0 -18,0M0,-6L6,-2L4,5H-4L-6,-2Z";
}

static const char *task_sign(const struct xml_node *e)
{
    switch (e ? (int)e->kind : 0) {
    case BPMN_USER_TASK:
    case BPMN_GLOBAL_USER_TASK: return "M-4,-3a4,4 0 1 1 8,0a4,4 0 1 1 -8,0M-8,8q0,-7 8,-7t8,7z";
    case BPMN_SERVICE_TASK: return "M-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0M0,-7v4M0,3v4M-7,0h4M3,0h4M-5,-5l3,3M2,2l3,3M5,-5l-3,3M-2,2l-3,3";
    case BPMN_SCRIPT_TASK:
    case BPMN_GLOBAL_SCRIPT_TASK: return "M-5,-7h10q-4,4 0,7t0,7h-10q4,-4 0,-7t0,-7M-3,-3h6M-1,1h6";
    case BPMN_RULE_TASK:
    case BPMN_GLOBAL_RULE_TASK: return "M-8,-6h16v12h-16zM-8,-2h16M-3,-6v12";
    case BPMN_MANUAL_TASK:
    case BPMN_GLOBAL_MANUAL_TASK: return "M-8,2l5,-7h8v3h-5h8v3h-8h7v3h-7h5v3h-8z";
    case BPMN_SEND_TASK:
    case BPMN_RECEIVE_TASK: return "M-8,-5h16v11h-16zl8,5l8,-5";
    default: return NULL;
    }
}

/* The signs at the foot of an activity, from left to right; a tilde is the last (10.3). */
static size_t foot_signs(const struct xml_node *e, bool collapsed, const char *ret[4])
{
    const struct xml_node *loop = model_first(e, BPMN_LOOP);
    size_t n = 0;
    if (loop && loop->kind == BPMN_STANDARD_LOOP)
        ret[n++] = "M-2,6a6,6 0 1 1 4,0M-7,6h5v-5";
    else if (loop)
        ret[n++] = model_flag(loop, "isSequential", false) ? "M-6,-5h12M-6,0h12M-6,5h12" : SIGN_BARS;
    if (model_flag(e, "isForCompensation", false))
        ret[n++] = SIGN_REWIND;
    if (collapsed)
        ret[n++] = "M-6,-6h12v12h-12zM-4,0h8M0,-4v8";
    if (e->kind == BPMN_AD_HOC_SUB_PROCESS)
        ret[n++] = "M-7,2q3,-7 7,-2t7,-2v2q-3,7 -7,2t-7,2z";
    return n;
}

void picture_sign(struct canvas *c, const char *path, double x, double y, double scale, bool filled)
{
    if (!path)
        return;
    od_buf_printf(c->out, "<path class=\"%s\" transform=\"translate(%.1f,%.1f)", filled ? "f" : "s", x, y);
    if (scale < 0.95 || scale > 1.05)
        od_buf_printf(c->out, " scale(%.2f)", scale);
    od_buf_printf(c->out, "\" d=\"%s\"/>", path);
}

/* --- shapes ------------------------------------------------------------------------------------------------------------------- */

/* Ends the element of a shape's body: with its heat, or the colour that the modeler gave it. */
static void end_body(struct canvas *c, const struct xml_node *di, const struct xml_node *e)
{
    unsigned heat = picture_heat(picture_mark_of(c, e));
    struct od_str fill = picture_fill(di);
    if (heat)
        od_buf_printf(c->out, " style=\"fill:rgb(255,%u,%u)\"", 245 - heat * 2, 235 - heat * 2);
    else if (fill.n)
        od_buf_printf(c->out, " style=\"fill:" OD_STR_FMT "\"", OD_STR_ARG(fill));
    od_buf_c(c->out, "/>");
}

static void put_rect(struct canvas *c, const char *class_, struct box b, double round)
{
    od_buf_printf(c->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"", class_, b.x, b.y, b.w, b.h);
    if (round > 0)
        od_buf_printf(c->out, " rx=\"%.0f\"", round);
}

static void draw_event(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    double r = b.w / 2, x = b.x + r, y = b.y + b.h / 2;
    bool alongside = (e->kind == BPMN_BOUNDARY_EVENT && !model_flag(e, "cancelActivity", true)) || !model_flag(e, "isInterrupting", true);
    od_buf_printf(c->out, "<circle class=\"%s%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", e->kind == BPMN_END_EVENT ? "b e" : "b",
                  alongside ? " d" : "", x, y, r);
    end_body(c, di, e);
    if (e->kind != BPMN_START_EVENT && e->kind != BPMN_END_EVENT && r > 4)
        od_buf_printf(c->out, "<circle class=\"n%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", alongside ? " d" : "", x, y, r - 3);
    picture_sign(c, sign_of_event(c, e), x, y, r / 18, bpmn_is(e, BPMN_THROW_EVENT));
}

static void draw_gateway(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    double x = b.x + b.w / 2, y = b.y + b.h / 2;
    od_buf_printf(c->out, "<path class=\"b\" d=\"M%.1f,%.1fL%.1f,%.1fL%.1f,%.1fL%.1f,%.1fZ\"", x, b.y, b.x + b.w, y, x, b.y + b.h, b.x, y);
    end_body(c, di, e);
    if (e->kind != BPMN_EXCLUSIVE_GATEWAY || model_flag(di, "isMarkerVisible", true))
        picture_sign(c, gateway_sign(e), x, y, b.w / 50, false);
}

/* The sign at the head: of a task, of the global task that is called, of what starts an event sub-process that is collapsed. */
static void put_head_sign(struct canvas *c, const struct xml_node *e, const struct xml_node *called, struct box b, bool expanded)
{
    const char *sign = task_sign(called ? called : e);
    const struct xml_node *start = !expanded && model_is_event_sub_process(e) ? model_first(e, BPMN_START_EVENT) : NULL;
    picture_sign(c, start ? sign_of_event(c, start) : sign, b.x + 13, b.y + 13, 1, e->kind == BPMN_SEND_TASK);
}

static void draw_activity(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    enum { TASK_WIDTH = 100, TASK_HEIGHT = 80, HEAD = 20, FOOT = 20, PAD = 4 };
    bool sub = bpmn_is(e, BPMN_ANY_SUB_PROCESS), call = e->kind == BPMN_CALL_ACTIVITY;
    /* where the interchange does not say, what is much larger than a task is open */
    bool expanded = (sub || call) && model_flag(di, "isExpanded", b.w > 1.5 * TASK_WIDTH && b.h > 1.2 * TASK_HEIGHT);
    const struct xml_node *called = call ? model_ref(c->m, e, "calledElement") : NULL;
    bool event_sub = model_is_event_sub_process(e), whole = !called || !bpmn_is(called, BPMN_GLOBAL_TASK);
    const char *foot[4], *border = call ? "b e" : expanded ? "b o" : "b";
    char class_[16];
    snprintf(class_, sizeof class_, "%s%s", border, event_sub ? " t" : "");
    put_rect(c, class_, b, 8);
    end_body(c, di, e);
    if (e->kind == BPMN_TRANSACTION && b.w > 8 && b.h > 8) {
        put_rect(c, "n", (struct box){b.x + 3, b.y + 3, b.w - 6, b.h - 6}, 6);
        od_buf_c(c->out, "/>");
    }
    put_head_sign(c, e, called, b, expanded);
    size_t n = foot_signs(e, !expanded && (sub || (call && whole)), foot);
    for (size_t i = 0; i < n; i++)
        picture_sign(c, foot[i], b.x + b.w / 2 + ((double)i - (double)(n - 1) / 2) * 18, b.y + b.h - 11, 1,
                     e->kind == BPMN_AD_HOC_SUB_PROCESS && i + 1 == n);
    struct od_str name = picture_name(c, e);
    struct box all = {b.x + PAD, b.y + PAD, b.w - 2 * PAD, b.h - 2 * PAD}, free_ = all;
    if (task_sign(called ? called : e)) {
        free_.y += HEAD - PAD;
        free_.h -= HEAD - PAD;
    }
    free_.h -= n ? FOOT - PAD : 0;
    double missing = picture_text_height(name, all.w) - free_.h;
    if (missing > 0) { /* rather over the sign than cut */
        free_.y -= missing < free_.y - all.y ? missing : free_.y - all.y;
        free_.h = all.y + all.h - free_.y;
    }
    picture_text(c, name, expanded ? all : free_, expanded ? PICTURE_TOP : PICTURE_MIDDLE);
}

static void draw_pool(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    enum { HEAD = 30 };
    bool pool = e->kind == BPMN_PARTICIPANT, across = model_flag(di, "isHorizontal", b.w >= b.h);
    bool closed = pool && (!xml_attr(e, "processRef").n || xml_attr(di, "participantBandKind").n); /* nothing is seen inside (9.3) */
    put_rect(c, "b o", b, 0);
    end_body(c, di, e);
    if (pool && model_first(e, BPMN_PARTICIPANT_MULTIPLICITY))
        picture_sign(c, SIGN_BARS, b.x + b.w / 2, b.y + b.h - 10, 1, false);
    if (closed) {
        picture_text(c, picture_name(c, e), b, PICTURE_MIDDLE);
        return;
    }
    if (pool)
        od_buf_printf(c->out, across ? "<path class=\"s\" d=\"M%.1f,%.1fv%.1f\"/>" : "<path class=\"s\" d=\"M%.1f,%.1fh%.1f\"/>",
                      across ? b.x + HEAD : b.x, across ? b.y : b.y + HEAD, across ? b.h : b.w);
    if (!across) {
        picture_text(c, picture_name(c, e), (struct box){b.x, b.y, b.w, HEAD}, PICTURE_MIDDLE);
        return;
    }
    od_buf_printf(c->out, "<g transform=\"translate(%.1f,%.1f) rotate(-90)\">", b.x + HEAD / 2.0, b.y + b.h / 2);
    picture_text(c, picture_name(c, e), (struct box){-b.h / 2, -HEAD / 2.0, b.h, HEAD}, PICTURE_MIDDLE);
    od_buf_c(c->out, "</g>");
}

static void draw_data(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    const struct xml_node *object = e->kind == BPMN_DATA_OBJECT_REFERENCE ? model_ref(c->m, e, "dataObjectRef") : e;
    double fold = (b.w < b.h ? b.w : b.h) / 4;
    od_buf_printf(c->out, "<path class=\"b\" d=\"M%.1f,%.1fh%.1fl%.1f,%.1fv%.1fh%.1fz\"", b.x, b.y, b.w - fold, fold, fold, b.h - fold,
                  -b.w);
    end_body(c, di, e);
    od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fv%.1fh%.1f\"/>", b.x + b.w - fold, b.y, fold, fold);
    if (bpmn_is(e, BPMN_DATA_INPUT) || bpmn_is(e, BPMN_DATA_OUTPUT))
        picture_sign(c, "M-6,-3h6v-3l6,6l-6,6v-3h-6z", b.x + 9, b.y + 9, 0.8, bpmn_is(e, BPMN_DATA_OUTPUT));
    if (model_flag(e, "isCollection", object && model_flag(object, "isCollection", false)))
        picture_sign(c, SIGN_BARS, b.x + b.w / 2, b.y + b.h - 8, 0.8, false);
}

static void draw_store(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    double rx = b.w / 2, ry = b.h / 8;
    od_buf_printf(c->out, "<path class=\"b\" d=\"M%.1f,%.1fa%.1f,%.1f 0 0 1 %.1f,0v%.1fa%.1f,%.1f 0 0 1 %.1f,0z\"", b.x, b.y + ry, rx,
                  ry, b.w, b.h - 2 * ry, rx, ry, -b.w);
    end_body(c, di, e);
    for (int i = 0; i < 3; i++)
        od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fa%.1f,%.1f 0 0 0 %.1f,0\"/>", b.x, b.y + ry * (1 + 0.8 * i), rx, ry, b.w);
}

static void draw_annotation(struct canvas *c, const struct xml_node *e, struct box b)
{
    const struct xml_node *text = model_first(e, BPMN_TEXT);
    od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fh-10v%.1fh10\"/>", b.x + 10, b.y, b.h);
    if (text) /* tools draw boxes that are too small for it */
        picture_text(c, xml_text(text, c->m->arena), (struct box){b.x + 6, b.y, b.w < 66 ? 60 : b.w - 6, b.h}, PICTURE_LEFT);
}

static void draw_other(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    if (e->kind == BPMN_GROUP) {
        put_rect(c, "n g", b, 10);
        od_buf_c(c->out, "/>");
    } else if (e->kind == BPMN_MESSAGE) {
        put_rect(c, "b", b, 0);
        end_body(c, di, e);
        od_buf_printf(c->out, "<path class=\"s\" d=\"M%.1f,%.1fl%.1f,%.1fl%.1f,%.1f\"/>", b.x, b.y, b.w / 2, b.h / 2, b.w / 2, -b.h / 2);
    } else if (bpmn_is(e, BPMN_CONVERSATION_NODE)) {
        double side = b.w / 4, half = b.h / 2;
        od_buf_printf(c->out, "<path class=\"%s\" d=\"M%.1f,%.1fl%.1f,%.1fh%.1fl%.1f,%.1fl%.1f,%.1fh%.1fz\"",
                      e->kind == BPMN_CALL_CONVERSATION ? "b e" : "b", b.x, b.y + half, side, -half, b.w - 2 * side, side, half, -side,
                      half, 2 * side - b.w);
        end_body(c, di, e);
    } else { /* of a choreography, or nothing that has a notation */
        put_rect(c, "b", b, bpmn_is(e, BPMN_CHOREOGRAPHY_ACTIVITY) ? 8 : 0);
        end_body(c, di, e);
        picture_text(c, picture_name(c, e), b, PICTURE_MIDDLE);
    }
}

/* What has its name beside it, not inside. */
static bool has_label(const struct xml_node *e)
{
    return bpmn_is(e, BPMN_EVENT) || bpmn_is(e, BPMN_GATEWAY) || bpmn_is(e, BPMN_ITEM_AWARE) || e->kind == BPMN_DATA_OBJECT ||
           e->kind == BPMN_DATA_OBJECT_REFERENCE || e->kind == BPMN_DATA_STORE_REFERENCE || e->kind == BPMN_DATA_STORE ||
           e->kind == BPMN_GROUP || e->kind == BPMN_MESSAGE || bpmn_is(e, BPMN_CONVERSATION_NODE);
}

void picture_shape_name(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    if (has_label(e))
        picture_name_put(c, di, e, b.x + b.w / 2, b.y + (e->kind == BPMN_GROUP ? 2 : b.h + 2)); /* a group's name is in it */
}

void picture_shape(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b)
{
    if (bpmn_is(e, BPMN_EVENT))
        draw_event(c, di, e, b);
    else if (bpmn_is(e, BPMN_GATEWAY))
        draw_gateway(c, di, e, b);
    else if (bpmn_is(e, BPMN_ACTIVITY))
        draw_activity(c, di, e, b);
    else if (e->kind == BPMN_PARTICIPANT || e->kind == BPMN_LANE)
        draw_pool(c, di, e, b);
    else if (e->kind == BPMN_DATA_OBJECT || e->kind == BPMN_DATA_OBJECT_REFERENCE || bpmn_is(e, BPMN_ITEM_AWARE))
        draw_data(c, di, e, b);
    else if (e->kind == BPMN_DATA_STORE_REFERENCE || e->kind == BPMN_DATA_STORE)
        draw_store(c, di, e, b);
    else if (e->kind == BPMN_TEXT_ANNOTATION)
        draw_annotation(c, e, b);
    else
        draw_other(c, di, e, b);
}
