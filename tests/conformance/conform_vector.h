/* SPDX-License-Identifier: Apache-2.0
 * Kind `vector` of conform: facts about working time. */
#ifndef TESTS_CONFORM_VECTOR_H
#define TESTS_CONFORM_VECTOR_H

#include <stdio.h>

#include "common/base/status.h"

/* One answer a line for each of the file's vectors; one that cannot be answered gives a line with "error". */
enum od_status conform_vector(FILE *cases, const char *dir, FILE *out, struct od_err *err);

#endif
