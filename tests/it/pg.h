/* SPDX-License-Identifier: Apache-2.0
 * PostgreSQL for cmocka programs. One cluster serves many programs when ORDO_TEST_PG names it (tests/it/pg.sh start),
 * otherwise a program starts its own, which goes away with it. Every database is fresh and migrated.
 *
 *     static int setup(void **state) { pg_cluster_start(&cluster); pg_database_new(&cluster, &db); ... }
 *
 * What goes wrong here ends the program with a message: there is nothing to test then. */
#ifndef ORDO_TESTS_IT_PG_H
#define ORDO_TESTS_IT_PG_H

#include <stdbool.h>

#include "common/base/base.h"

_Noreturn void die(const char *fmt, ...) od_printf(1, 2); /* ends the program with a message */

struct pg_cluster {
    char dir[96]; /* also the socket's directory */
    bool ours;    /* started here */
};

/* Connection strings of one database, for the roles that use it. */
struct pg_database {
    char name[64];
    char app[256];   /* ordo_app: serving */
    char owner[256]; /* ordo_owner: migrating */
    char super[256]; /* superuser: looking behind the walls */
};

void pg_cluster_start(struct pg_cluster *ret_cluster);
void pg_cluster_stop(struct pg_cluster *cluster); /* only one that was started here */

void pg_cluster_kill(const struct pg_cluster *cluster);    /* a crash of PostgreSQL: no checkpoint, no goodbye */
void pg_cluster_restart(const struct pg_cluster *cluster); /* after a kill */

void pg_database_new(const struct pg_cluster *cluster,
                     struct pg_database *ret_database); /* migrated; partitions made */
void pg_database_empty(const struct pg_cluster *cluster, struct pg_database *ret_database); /* nothing in it */
void pg_database_drop(const struct pg_cluster *cluster, const struct pg_database *database);

/* Runs SQL as given by conninfo, prints what fails and ends the program. Returns the first value as text ("" when there
 * is none) in a buffer that the next call of this thread overwrites. */
const char *pg_sql(const char *conninfo, const char *sql);
long pg_count(const char *conninfo, const char *what); /* rows of a table, with its WHERE if any */

#endif
