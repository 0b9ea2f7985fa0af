/* SPDX-License-Identifier: Apache-2.0
 * What the kinds feel and dmn share: lines in and out, models beside the case file. */
#ifndef TESTS_DMN_CASE_H
#define TESTS_DMN_CASE_H

#include <stdio.h>

#include "server/domain/dmn/dmn.h"

/* Appends the answer's members, each with a comma before it; a failure becomes the line's "error". */
typedef enum od_status (*dmn_case_fn)(const struct feel_value *row, const char *dir, struct od_arena *a, struct od_buf *out,
                                      struct od_err *err);
enum od_status dmn_case_lines(FILE *cases, const char *dir, FILE *out, size_t arena_max, dmn_case_fn answer, struct od_err *err);

/* The one model in models/<in>, or the one of that file name; it lives as long as the process, which is the
 * case's own. */
enum od_status dmn_case_model_in(const char *dir, struct od_str in, struct od_arena *a, const struct dmn_model **ret, struct od_err *err);
enum od_status dmn_case_model(const char *dir, struct od_str in, struct od_str file, const struct dmn_model **ret, struct od_err *err);

/* v, which was read from the case's value. What the case calls untyped, also within lists and contexts, is a text whose type
 * only its input data tells; a string where a number is wanted stays a string. */
struct feel_value dmn_case_read_untyped(const struct feel_type *t, const struct feel_value *from, const struct feel_value *v,
                                        struct od_arena *a);

#endif
