/* SPDX-License-Identifier: Apache-2.0
 * `ordod timers` and `ordod release-timers`: due timers whose command failed each time it was tried. What a timer means is the
 * business of server/handlers/timer.c; here it is a kind and an id. */
#include <stdio.h>

#include "server/admin/admin.h"
#include "server/admin/pg.h"

enum { ROWS_MAX = 1000 };

enum od_status admin_timers(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    (void)o;
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *r = NULL;
    char max[16];
    OD_TRY(pg_open(c->database_owner, &conn, err));
    snprintf(max, sizeof max, "%d", ROWS_MAX);
    OD_TRY(pg_query(conn, STMT_timers_parked, (const char *[]){max}, &r, err));
    for (int i = 0; i < PQntuples(r); i++)
        printf("%s %s of branch %s, due %s UTC business time: parked %s UTC after %s tries\n", PQgetvalue(r, i, 0),
               PQgetvalue(r, i, 1), PQgetvalue(r, i, 2), PQgetvalue(r, i, 3), PQgetvalue(r, i, 5), PQgetvalue(r, i, 4));
    if (PQntuples(r) == ROWS_MAX)
        printf("... these are the first %d\n", ROWS_MAX);
    if (PQntuples(r))
        printf("the log says why each was not fired; when that is seen to: `ordod release-timers`\n");
    else
        printf("no timer is parked\n");
    return OD_OK;
}

enum od_status admin_release_timers(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    (void)o;
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *r = NULL;
    OD_TRY(pg_open(c->database_owner, &conn, err));
    OD_TRY(pg_query(conn, STMT_timers_release, NULL, &r, err));
    printf("timers released: %s\n", PQgetvalue(r, 0, 0));
    return OD_OK;
}
