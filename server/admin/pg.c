/* SPDX-License-Identifier: Apache-2.0
 * The operator's connection to PostgreSQL: opens, runs, turns failures into errors. */
#include "server/admin/pg.h"

#include "common/base/str.h"

/* libpq ends its messages with a line feed and may give several lines; an error's argument is one. */
static struct od_str first_line(const char *message)
{
    struct od_str all = od_str_trim(od_str_c(message));
    return od_str_trim(od_str_cut(&all, '\n'));
}

static enum od_status refused(const PGconn *conn, const PGresult *result, struct od_err *err)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    struct od_str text = first_line(primary ? primary : PQerrorMessage(conn));
    return od_fail(err, OD_R_DATABASE_ERROR, "message=" OD_STR_FMT "%s%s", OD_STR_ARG(text), detail ? "; " : "",
                   detail ? detail : "");
}

static void no_notice(void *arg, const PGresult *result) { (void)arg, (void)result; }

enum od_status pg_open(const char *conninfo, PGconn **ret_conn, struct od_err *err)
{
    od_cleanup(pg_closep) PGconn *conn = PQconnectdb(conninfo);
    if (!conn)
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    if (PQstatus(conn) != CONNECTION_OK) {
        struct od_str why = first_line(PQerrorMessage(conn));
        return od_fail(err, OD_R_DATABASE_CONNECT, "why=" OD_STR_FMT, OD_STR_ARG(why));
    }
    PQsetNoticeReceiver(conn, no_notice, NULL);
    OD_TRY(pg_exec(conn, "SET search_path = ordo", err));
    *ret_conn = od_take(conn);
    return OD_OK;
}

void pg_closep(PGconn **conn) { PQfinish(*conn); }
void pg_clearp(PGresult **result) { PQclear(*result); }

enum od_status pg_exec(PGconn *conn, const char *sql, struct od_err *err)
{
    od_cleanup(pg_clearp) PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
               ? OD_OK
               : refused(conn, result, err);
}

enum od_status pg_query(PGconn *conn, enum stmt stmt, const char *const *params, PGresult **ret_result,
                        struct od_err *err)
{
    const struct stmt_row *row = &STATEMENTS[stmt];
    od_cleanup(pg_clearp) PGresult *result =
        PQexecParams(conn, row->sql, (int)row->n_params, NULL, params, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return refused(conn, result, err);
    *ret_result = od_take(result);
    return OD_OK;
}

long pg_long(const PGresult *result, int row, int column)
{
    int64_t value = 0;
    od_str_int(od_str_c(PQgetvalue(result, row, column)), INT32_MIN, INT32_MAX, &value);
    return (long)value;
}
