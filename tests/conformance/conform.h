/* SPDX-License-Identifier: Apache-2.0
 * Answers reference cases with the product's own code: one function a kind, one JSON object a line in and out. What a case
 * expects is never read. A case that fails costs its own line. */
#ifndef TESTS_CONFORM_H
#define TESTS_CONFORM_H

#include <stdio.h>

#include "common/base/status.h"

/* cases: the case file, at its start; dir: the folder it lies in; out: takes the answers. */
typedef enum od_status (*conform_fn)(FILE *cases, const char *dir, FILE *out, struct od_err *err);

enum od_status conform_feel(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_dmn(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_betsy(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_tsim(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_valid(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_import(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_vector(FILE *cases, const char *dir, FILE *out, struct od_err *err);

#endif
