/* SPDX-License-Identifier: Apache-2.0
 * Values as typed JSON: {"t":"number","v":"12.50"}. Types are number, string, boolean, date, time, dateTime, duration, null
 * (without v), list (v: array), context (v: object, order kept), range and function (v: text; a function does not come back).
 * Plain JSON can be read too: objects are contexts, numbers keep all their digits. */
#ifndef OD_FEEL_JSON_H
#define OD_FEEL_JSON_H

#include "server/domain/feel/value.h"

/* Appends; a value that nests deeper than FEEL_VALUE_DEPTH_MAX sets out->failed. */
void feel_json_encode(const struct feel_value *v, struct od_buf *out);
/* Appends as plain JSON: temporal values, ranges and functions become strings. */
void feel_json_encode_plain(const struct feel_value *v, struct od_buf *out);
void feel_json_string(struct od_str s, struct od_buf *out); /* quoted and escaped */

/* Reads one typed value, all of text. Strings are copied into arena where they hold escapes; otherwise they point into
 * text, which must then live as long. OD_R_MESSAGE_MALFORMED, OD_R_MEMORY_LIMIT. */
enum od_status feel_json_decode(struct od_str text, struct od_arena *arena, struct feel_value *ret_value, struct od_err *err);
enum od_status feel_json_decode_plain(struct od_str text, struct od_arena *arena, struct feel_value *ret_value, struct od_err *err);
/* A value that was read as plain JSON, understood as typed: {"t","v"} contexts become what they say. */
enum od_status feel_json_typed(const struct feel_value *plain, struct od_arena *arena, struct feel_value *ret_value,
                               struct od_err *err);

#endif
