/* SPDX-License-Identifier: Apache-2.0
 * Opening a connection and preparing every statement in one pipeline. */
#include "server/store/db.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/time.h"

/* Statements are written so that one plan fits every value, and `make check-sql` looks at that plan. Left to choose, PostgreSQL
 * plans some of them anew for each call, for no better a plan: a create took twice the processor time (docs/bench.md). */
static const char OPTIONS[] = "-c search_path=ordo -c lock_timeout=2s -c timezone=UTC -c plan_cache_mode=force_generic_plan";

static enum od_status refuse(struct db *db, const PGresult *r, const char *what, struct od_err *err)
{
    const char *message = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return od_fail(err, OD_R_DATABASE_ERROR, "message=%s: %.200s", what, message ? message : PQerrorMessage(db->pg));
}

/* Synchronous replication that was not confirmed comes as a mere warning on COMMIT. */
static void on_notice(void *arg, const PGresult *r)
{
    struct db *db = arg;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (state && !strcmp(state, "01000"))
        db->warned = true;
}

static enum od_status connect_pg(struct db *db, struct od_err *err)
{
    /* What stands before dbname is a default that the connection string may change: a database that went silent is given up. */
    const char *keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                          "dbname", "options", "client_encoding", "application_name", NULL};
    const char *values[] = {"5", "30000", "10", "5", "4",
                            db->conninfo, OPTIONS, "UTF8", "ordod", NULL};
    db->pg = PQconnectdbParams(keys, values, 1);
    if (PQstatus(db->pg) != CONNECTION_OK)
        return od_fail(err, OD_R_DATABASE_DOWN, "why=%.200s", PQerrorMessage(db->pg));
    PQsetNoticeReceiver(db->pg, on_notice, db);
    return OD_OK;
}

static enum od_status take_description(struct db *db, enum stmt s, struct od_err *err)
{
    PGresult *r = PQgetResult(db->pg); /* of the prepare */
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    enum od_status status = ok ? OD_OK : refuse(db, r, STATEMENTS[s].name, err);
    PQclear(r);
    while ((r = PQgetResult(db->pg)))
        PQclear(r);
    OD_TRY(status);
    r = PQgetResult(db->pg); /* of the describe */
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        status = refuse(db, r, STATEMENTS[s].name, err);
    } else {
        int n = PQnparams(r);
        od_assert(n == (int)STATEMENTS[s].n_params);
        free(db->param_oids[s]);
        db->param_oids[s] = od_xcalloc((size_t)n, sizeof(Oid));
        for (int i = 0; i < n; i++)
            db->param_oids[s][i] = PQparamtype(r, i);
    }
    PQclear(r);
    while ((r = PQgetResult(db->pg)))
        PQclear(r);
    return status;
}

static enum od_status prepare_all(struct db *db, struct od_err *err)
{
    char name[16];
    for (unsigned s = 0; s < STMT_COUNT; s++) {
        snprintf(name, sizeof name, "s%u", s);
        if (!PQsendPrepare(db->pg, name, STATEMENTS[s].sql, 0, NULL) || !PQsendDescribePrepared(db->pg, name))
            return refuse(db, NULL, STATEMENTS[s].name, err);
    }
    if (!PQpipelineSync(db->pg))
        return refuse(db, NULL, "sync", err);
    for (unsigned s = 0; s < STMT_COUNT; s++)
        OD_TRY(take_description(db, (enum stmt)s, err));
    PQclear(PQgetResult(db->pg)); /* the sync */
    db->prepared_us = od_mono_us();
    return OD_OK;
}

enum od_status db_open(struct db *db, const char *conninfo, struct od_err *err)
{
    *db = (struct db){.conninfo = conninfo};
    od_buf_init(&db->params, (size_t)64 * 1024 * 1024);
    OD_TRY(connect_pg(db, err));
    if (!PQenterPipelineMode(db->pg))
        return refuse(db, NULL, "pipeline", err);
    return prepare_all(db, err);
}

void db_close(struct db *db)
{
    if (db->pg)
        PQfinish(db->pg);
    db->pg = NULL;
    for (unsigned s = 0; s < STMT_COUNT; s++) {
        free(db->param_oids[s]);
        db->param_oids[s] = NULL;
    }
    od_buf_done(&db->params);
}

bool db_fit(const struct db *db) { return db->pg && !db->broken && PQstatus(db->pg) == CONNECTION_OK; }

void db_look(struct db *db)
{
    for (int i = 0; i < 2 && db_fit(db); i++) /* the first may find last words, the second the end behind them */
        if (!PQconsumeInput(db->pg))
            db->broken = true;
}

int64_t db_id(struct db *db)
{
    od_assert(db->id_next < db->id_end);
    return db->id_next++;
}
