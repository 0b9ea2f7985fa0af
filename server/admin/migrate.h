/* SPDX-License-Identifier: Apache-2.0
 * Brings a database to this program's schema, and says whether a schema and this program fit. */
#ifndef ORDO_ADMIN_MIGRATE_H
#define ORDO_ADMIN_MIGRATE_H

#include <stdio.h>

#include "server/admin/pg.h"

/* Applies the migrations that are missing, each in a transaction of its own, and makes partitions ahead. Two at once
 * are safe: the second waits and finds nothing to do. One line per step to out (NULL: silent). conninfo: as ordo_owner.
 * SCHEMA_CHECKSUM when an applied migration differs from ours, SCHEMA_NEW when the schema no longer lets us in. */
enum od_status migrate_run(const char *conninfo, FILE *out, struct od_err *err);

/* May this program serve from this database? SCHEMA_OLD, SCHEMA_NEW, PARTITIONS_MISSING, DATABASE_UNFIT. */
enum od_status migrate_check(PGconn *conn, struct od_err *err);

#endif
