/* SPDX-License-Identifier: Apache-2.0
 * Errors of the command line itself, in the SDK's form, and how any error is shown. */
#ifndef ORDO_CLI_ERROR_H
#define ORDO_CLI_ERROR_H

#include <stdio.h>

#include "client/lib/ordo.h"
#include "common/base/status.h"

/* Fills *error and returns status. The reason is a name of the registry. */
enum ordo_status cli_fail(ordo_error *error, enum ordo_status status, const char *reason, const char *fmt, ...)
    od_printf(4, 5);
/* "wrong usage": what was typed cannot be meant. */
enum ordo_status cli_usage(ordo_error *error, const char *fmt, ...) od_printf(2, 3);
/* A file that cannot be used: errno says why. */
enum ordo_status cli_file(ordo_error *error, const char *path);
/* An error of the base layer, taken over. */
enum ordo_status cli_base(ordo_error *error, const struct od_err *err);

/* Says what happened, which fields are wrong and what to do next. command: "request take". */
void cli_error_print(FILE *f, const char *command, const ordo_error *error);
/* The same as one JSON object a line, for programs. */
void cli_error_print_json(FILE *f, const char *command, const ordo_error *error);

/* What to do next; "" where there is nothing to say. */
const char *cli_error_hint(const ordo_error *error);

#endif
