/* SPDX-License-Identifier: Apache-2.0
 * The table of named statements, made at build time from server/store/sql/<aggregate>.sql: C names STMT_request_lock
 * and never writes SQL. */
#ifndef ORDO_STORE_STMT_H
#define ORDO_STORE_STMT_H

#include "statements.h" /* generated: enum stmt { STMT_request_lock, ..., STMT_COUNT } */

struct stmt_row {
    const char *name;  /* also its name on the connection, once prepared */
    const char *sql;   /* without comments */
    unsigned n_params; /* the highest $n; all of 1..n are used */
};

extern const struct stmt_row STATEMENTS[]; /* by enum stmt; behind STMT_COUNT rows lies one with name NULL */

#endif
