/* SPDX-License-Identifier: Apache-2.0
 * Text for a terminal: how wide it is, how it is cut, what must not reach it; and names that are nearly right. */
#ifndef ORDO_CLI_TEXT_H
#define ORDO_CLI_TEXT_H

#include "common/base/buf.h"

/* Columns that s takes: 0 for combining and format characters, 2 for wide ones; a byte that is not UTF-8 counts 1. */
size_t text_width(struct od_str s);
/* The longest beginning of s that is at most `columns` wide. */
struct od_str text_fit(struct od_str s, size_t columns);
/* s padded with spaces, or cut with an ellipsis, to exactly `columns`. */
void text_pad(struct od_buf *b, struct od_str s, size_t columns, bool right);
/* s without control characters (a stored text could otherwise command the terminal); a line break becomes a space. */
void text_clean(struct od_buf *b, struct od_str s);

/* The name in names[0..n) that somebody who typed `s` most likely meant; NULL if none is near. */
const char *text_nearest(struct od_str s, const char *const names[], size_t n);

#endif
