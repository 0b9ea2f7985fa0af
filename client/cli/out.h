/* SPDX-License-Identifier: Apache-2.0
 * Results on standard output: aligned tables, JSON, CSV (RFC 4180). Rows are messages; the columns are paths into them. */
#ifndef ORDO_CLI_OUT_H
#define ORDO_CLI_OUT_H

#include <stdio.h>

#include "client/cli/msg.h"

enum out_format { OUT_TABLE, OUT_JSON, OUT_CSV };

/* A column of a list. */
struct column {
    const char *title; /* over the table; CSV has the path */
    const char *path;  /* "resolution.due_us" */
};

struct out {
    FILE *f;
    enum out_format format;
    const struct od_zone *zone; /* NULL: UTC */
    size_t width;               /* of the terminal; 0: lines are not cut */
    bool color;
};

/* A list under way. */
struct rows {
    struct out *out;
    const struct column *columns; /* ends with {0} */
    size_t n_columns;
    size_t *widths;
    bool *right;                  /* numbers stand to the right */
    struct od_buf cells;          /* of the rows that wait for their widths: each cell ends with NUL */
    size_t n_waiting;
    bool headed;                  /* the title line is out: widths are fixed */
    size_t n;
};

/* The answer of a call: `name  value` lines, or one JSON object. */
void out_message(struct out *out, const ProtobufCMessage *m);
/* One JSON value, indented; ends with a line break. Takes the reference. */
void out_json(struct out *out, json_t *json);
/* One cell of CSV, quoted where it must be. */
void out_csv_cell(struct od_buf *b, struct od_str cell);

void rows_begin(struct rows *r, struct out *out, const struct column *columns);
void rows_add(struct rows *r, const ProtobufCMessage *row);
/* cursor: of the next page, shown where there is one. */
void rows_end(struct rows *r, const ProtobufCBinaryData *cursor);
/* Instead of the end, when nothing came of it. */
void rows_drop(struct rows *r);

#endif
