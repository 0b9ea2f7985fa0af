/* SPDX-License-Identifier: Apache-2.0
 * Case by case: each line is answered in a process of its own, with a limit of time. */
#ifndef TESTS_CASE_LINES_H
#define TESTS_CASE_LINES_H

#include <stdio.h>

/* Calls answer for every line that is not blank; it writes one line to out. A case that crashes or does not end costs its own
 * line, which then has an error. */
void case_lines(FILE *cases, void (*answer)(void *ctx, const char *line, FILE *out), void *ctx, FILE *out);

#endif
