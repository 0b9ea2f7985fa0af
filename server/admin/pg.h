/* SPDX-License-Identifier: Apache-2.0
 * One plain connection for the operator's commands. The serving side has store/txn instead. */
#ifndef ORDO_ADMIN_PG_H
#define ORDO_ADMIN_PG_H

#include <libpq-fe.h>

#include "common/base/base.h"
#include "server/store/stmt.h"

/* DATABASE_CONNECT with the reason when there is no connection. */
enum od_status pg_open(const char *conninfo, PGconn **ret_conn, struct od_err *err);
void pg_closep(PGconn **conn);
void pg_clearp(PGresult **result);

/* Runs SQL text, several statements too; DATABASE_ERROR with the server's message. */
enum od_status pg_exec(PGconn *conn, const char *sql, struct od_err *err);

/* Runs one named statement with text parameters, STATEMENTS[stmt].n_params of them. */
enum od_status pg_query(PGconn *conn, enum stmt stmt, const char *const *params, PGresult **ret_result,
                        struct od_err *err);

/* An integer of a result; 0 where it is null. */
long pg_long(const PGresult *result, int row, int column);

#endif
