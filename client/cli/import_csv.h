/* SPDX-License-Identifier: Apache-2.0
 * CSV after RFC 4180, read in place: quotes, doubled quotes, CRLF or LF, a byte order mark. Knows no meaning. */
#ifndef ORDO_CLI_IMPORT_CSV_H
#define ORDO_CLI_IMPORT_CSV_H

#include "common/base/str.h"

enum csv_result { CSV_ROW, CSV_END, CSV_BAD };

/* A reader over a text that it changes: quoted fields are unquoted where they stand, so that nothing is copied. */
struct csv {
    char *p;
    size_t n, at;
    char separator;
    size_t next_line;      /* the line that is read next, from 1 */
    size_t line;           /* where the row began */
    struct od_str *fields; /* of the row; point into the text */
    size_t n_fields, cap_fields;
    const char *why;       /* of a bad row */
};

void csv_init(struct csv *c, char *p, size_t n, char separator);
void csv_done(struct csv *c);
/* The next row that is not empty. After CSV_BAD (line and why say which row and how) the reader stands at the next line. */
enum csv_result csv_next(struct csv *c);

#endif
