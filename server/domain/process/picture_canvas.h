/* SPDX-License-Identifier: Apache-2.0
 * What the files of the picture share: the canvas, numbers and boxes of the interchange, text and signs. Internal. */
#ifndef PROCESS_PICTURE_CANVAS_H
#define PROCESS_PICTURE_CANVAS_H

#include "server/domain/process/picture.h"

struct box {
    double x, y, w, h;
};

struct canvas {
    const struct model *m;
    struct od_buf *out;
    /* by an element's ordinal, NULL where there is none */
    const struct picture_mark **mark_of;
    const struct xml_node **shape_of; /* in the diagram that is being drawn */
};

double picture_number(const struct xml_node *n, const char *attribute);
const struct xml_node *picture_child(const struct xml_node *n, enum xml_ns ns, const char *name);
bool picture_bounds(const struct xml_node *n, struct box *ret);

/* A colour that a modeler gave a shape or an edge (bioc: and color: extensions); {NULL, 0} where there is none that CSS knows. */
struct od_str picture_stroke(const struct xml_node *di);
struct od_str picture_fill(const struct xml_node *di);

const struct picture_mark *picture_mark_of(const struct canvas *c, const struct xml_node *e); /* or NULL */
unsigned picture_heat(const struct picture_mark *k); /* 0 to 100; k may be NULL */

/* Text wrapped into a box: what does not fit is cut, and ends in an ellipsis; only from the left it may be higher than its box. */
enum picture_place {
    PICTURE_MIDDLE,
    PICTURE_TOP,
    PICTURE_LEFT, /* in the middle of the height, from the left */
};
void picture_text(struct canvas *c, struct od_str s, struct box b, enum picture_place place);
double picture_text_height(struct od_str s, double width);
/* A name outside of what it names: around x, from y down. */
void picture_label(struct canvas *c, struct od_str s, double x, double y, double width);
/* The name of e where the interchange has its label, or around x, from y down. */
void picture_name_put(struct canvas *c, const struct xml_node *di, const struct xml_node *e, double x, double y);
void picture_escaped(struct od_buf *out, struct od_str s);

/* A path around 0,0, placed; filled for what is thrown. A path of NULL is none. */
void picture_sign(struct canvas *c, const char *path, double x, double y, double scale, bool filled);

/* The text that stands beside an element: its name, or what it takes its name from. */
struct od_str picture_name(const struct canvas *c, const struct xml_node *e);

/* Shapes and edges without the names that stand beside them: those are put above all lines. */
void picture_shape(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b);
void picture_shape_name(struct canvas *c, const struct xml_node *di, const struct xml_node *e, struct box b);
void picture_edge(struct canvas *c, const struct xml_node *di, const struct xml_node *e);
void picture_edge_name(struct canvas *c, const struct xml_node *di, const struct xml_node *e);

#endif
