/* SPDX-License-Identifier: Apache-2.0
 * Answers reference cases with the product's own code: one function a kind, one JSON object a line in and out. */
#ifndef TESTS_CONFORM_H
#define TESTS_CONFORM_H

#include <stdio.h>

#include "common/base/status.h"

enum od_status conform_valid(FILE *cases, const char *dir, FILE *out, struct od_err *err);
enum od_status conform_import(FILE *cases, const char *dir, FILE *out, struct od_err *err);

#endif
