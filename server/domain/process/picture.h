/* SPDX-License-Identifier: Apache-2.0
 * The drawn diagram as SVG, from its interchange (BPMN DI), with what happens in it: tokens, incidents, heat. Pure. */
#ifndef PROCESS_PICTURE_H
#define PROCESS_PICTURE_H

#include "server/domain/process/model.h"

enum { PICTURE_DIAGRAMS_MAX = 64 };

struct picture_mark {
    struct od_str id;       /* of the element */
    unsigned tokens;        /* a badge with the number */
    unsigned incidents;     /* a red badge */
    unsigned heat_percent;  /* fill from nothing to red, of a flow its line; 0 = none */
};

/* Appends one <svg> element: the file's first diagram in its own coordinates, further ones (at most PICTURE_DIAGRAMS_MAX in all)
 * below it. Each element is a <g data-id="its id">, all style is of the class "ordo": a page may hold several. A model without a
 * diagram gives one that says so. Text of the model is escaped: nothing in it becomes markup. out->failed tells that the picture
 * did not fit. */
void picture_draw(const struct model *m, const struct picture_mark *marks, size_t n_marks, struct od_buf *out);

#endif
