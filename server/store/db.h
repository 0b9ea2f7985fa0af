/* SPDX-License-Identifier: Apache-2.0
 * One worker's connection to PostgreSQL, in pipeline mode, with every statement prepared, and the ids that it holds. One
 * thread. */
#ifndef ORDO_STORE_DB_H
#define ORDO_STORE_DB_H

#include <libpq-fe.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "server/store/stmt.h"

struct db {
    PGconn *pg;
    const char *conninfo;
    Oid *param_oids[STMT_COUNT];   /* of each prepared statement */
    int64_t id_next;               /* ids left: [id_next, id_end) */
    int64_t id_end;
    int64_t prepared_us;           /* monotonic; plans are made anew when they are old */
    bool warned;                   /* the server sent a warning 01000 */
    bool broken;                   /* answers may be outstanding that nobody knows any more: it is to be closed */
    struct od_buf params;          /* encoded parameters of the statement being sent */
};

/* Connects, enters pipeline mode, prepares and describes every statement. DATABASE_DOWN or DATABASE_ERROR. */
enum od_status db_open(struct db *db, const char *conninfo, struct od_err *err);
void db_close(struct db *db);

/* Whether the connection can take the next call. What broke since it was used last shows only when db_look() reads it. */
bool db_fit(const struct db *db);
void db_look(struct db *db); /* between calls; never blocks */

/* The next id of the held block; the caller has made sure by txn_ids() that there is one. */
int64_t db_id(struct db *db);

#endif
