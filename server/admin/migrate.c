/* SPDX-License-Identifier: Apache-2.0
 * Migrations and the check before serving. Knows the schema's bookkeeping tables and nothing of what they hold. */
#include "server/admin/migrate.h"

#include <string.h>

#include "common/base/limits.h"
#include "common/base/str.h"
#include "server/store/migrations.h"
#include "server/store/schema.h"

/* Bookkeeping must stand before the first migration can be noted, so it is no migration itself. */
static const char BOOK[] = "CREATE SCHEMA IF NOT EXISTS ordo;"
                           "CREATE TABLE IF NOT EXISTS ordo.migration ("
                           "number int PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL,"
                           " applied_at timestamptz NOT NULL DEFAULT now())";

static enum od_status schema_exists(PGconn *conn, bool *ret_exists, struct od_err *err)
{
    od_cleanup(pg_clearp) PGresult *r = NULL;
    OD_TRY(pg_query(conn, STMT_schema_exists, NULL, &r, err));
    *ret_exists = *PQgetvalue(r, 0, 0) == 't';
    return OD_OK;
}

/* Does the schema let this program in, and how far is it? Version 0: nothing was migrated yet. */
static enum od_status schema_version(PGconn *conn, long *ret_version, struct od_err *err)
{
    bool exists;
    *ret_version = 0;
    OD_TRY(schema_exists(conn, &exists, err));
    if (!exists)
        return OD_OK;
    od_cleanup(pg_clearp) PGresult *r = NULL;
    OD_TRY(pg_query(conn, STMT_schema_version_get, NULL, &r, err));
    if (PQntuples(r) != 1)
        return od_fail(err, OD_R_DATABASE_UNFIT, "why=the table schema_version must have one row");
    if (pg_long(r, 0, 1) > PROGRAM_LEVEL)
        return od_fail(err, OD_R_SCHEMA_NEW, "need=%ld" OD_AND "have=%d", pg_long(r, 0, 1), PROGRAM_LEVEL);
    *ret_version = pg_long(r, 0, 0);
    return OD_OK;
}

static enum od_status apply(PGconn *conn, const struct migration *m, struct od_err *err)
{
    char number[16], sha256[65];
    od_cleanup(pg_clearp) PGresult *noted = NULL, *set = NULL;

    snprintf(number, sizeof number, "%u", m->number);
    od_hex(m->sha256, sizeof m->sha256, sha256);
    OD_TRY(pg_exec(conn, "BEGIN", err));
    OD_TRY(pg_exec(conn, m->sql, err));
    OD_TRY(pg_query(conn, STMT_migration_add, (const char *[]){number, m->name, sha256}, &noted, err));
    OD_TRY(pg_query(conn, STMT_schema_version_set, (const char *[]){number}, &set, err));
    return pg_exec(conn, "COMMIT", err);
}

/* Says which migration failed; the transaction is gone with the error, the connection stays of use. */
static enum od_status apply_failed(PGconn *conn, const struct migration *m, struct od_err *err)
{
    char why[OD_ERR_ARGS_MAX];
    (void)pg_exec(conn, "ROLLBACK", NULL);
    od_err_text(err, why, sizeof why);
    return od_fail(err, OD_R_MIGRATION_FAILED, "number=%04u" OD_AND "name=%s" OD_AND "why=%.400s", m->number, m->name,
                   why);
}

static enum od_status apply_missing(PGconn *conn, FILE *out, struct od_err *err)
{
    od_cleanup(pg_clearp) PGresult *applied = NULL;
    OD_TRY(pg_query(conn, STMT_migration_applied, NULL, &applied, err));
    int n = PQntuples(applied);
    for (unsigned i = 0; i < MIGRATIONS_COUNT; i++) {
        const struct migration *m = &MIGRATIONS[i];
        unsigned char sha256[32];
        if ((int)i < n) {
            if (!od_unhex(od_str_c(PQgetvalue(applied, (int)i, 2)), sha256, sizeof sha256) ||
                memcmp(sha256, m->sha256, sizeof sha256) != 0)
                return od_fail(err, OD_R_SCHEMA_CHECKSUM, "number=%u", m->number);
            continue;
        }
        if (apply(conn, m, err) != OD_OK)
            return apply_failed(conn, m, err);
        if (out)
            fprintf(out, "migration %04u %s: applied\n", m->number, m->name);
    }
    if (out && n > (int)MIGRATIONS_COUNT)
        fprintf(out, "the database has %d migrations, this program knows %u: a newer program was here\n", n,
                MIGRATIONS_COUNT);
    else if (out && n == (int)MIGRATIONS_COUNT)
        fprintf(out, "all %u migrations were there already\n", MIGRATIONS_COUNT);
    return OD_OK;
}

enum od_status migrate_run(const char *conninfo, FILE *out, struct od_err *err)
{
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *lock = NULL, *made = NULL;
    char days[16];
    long version;

    OD_TRY(pg_open(conninfo, &conn, err));
    OD_TRY(pg_query(conn, STMT_migration_lock, NULL, &lock, err));
    OD_TRY(schema_version(conn, &version, err));
    OD_TRY(pg_exec(conn, BOOK, err));
    OD_TRY(apply_missing(conn, out, err));
    snprintf(days, sizeof days, "%d", OD_PARTITION_DAYS_AHEAD);
    OD_TRY(pg_query(conn, STMT_partitions_make, (const char *[]){days}, &made, err));
    if (out)
        fprintf(out, "partitions reach %d days ahead\n", OD_PARTITION_DAYS_AHEAD);
    return OD_OK;
}

/* A database that may lose or garble what it acknowledged is refused, and so is a role that walks through the walls. */
static enum od_status check_fitness(PGconn *conn, struct od_err *err)
{
    od_cleanup(pg_clearp) PGresult *r = NULL;
    OD_TRY(pg_query(conn, STMT_database_fitness, NULL, &r, err));
    static const struct {
        bool equal; /* the column must have this value, or must not have it */
        const char *value, *why;
    } columns[] = {
        {true, "on", "fsync is off, so a power cut would lose acknowledged changes"},
        {true, "on", "full_page_writes is off, so a power cut could damage pages"},
        {false, "off", "synchronous_commit is off, so a crash would lose acknowledged changes"},
        {true, "UTF8", "its encoding is not UTF8"},
        {true, "t", "PostgreSQL 15 or newer is needed"},
        {true, "f", "the serving role is a superuser, row-level security would not hold; connect as ordo_app"},
        {true, "f", "the serving role bypasses row-level security; connect as ordo_app"},
    };
    for (int i = 0; i < (int)OD_LEN(columns); i++)
        if (!strcmp(PQgetvalue(r, 0, i), columns[i].value) != columns[i].equal)
            return od_fail(err, OD_R_DATABASE_UNFIT, "why=%s", columns[i].why);
    return OD_OK;
}

enum od_status migrate_check(PGconn *conn, struct od_err *err)
{
    od_cleanup(pg_clearp) PGresult *days = NULL;
    long version, needed = (long)MIGRATIONS_COUNT - SCHEMA_CONTRACTIONS;

    OD_TRY(check_fitness(conn, err));
    OD_TRY(schema_version(conn, &version, err));
    if (version < needed)
        return od_fail(err, OD_R_SCHEMA_OLD, "have=%ld" OD_AND "need=%ld", version, needed);
    OD_TRY(pg_query(conn, STMT_partition_days, NULL, &days, err));
    if (pg_long(days, 0, 0) < OD_PARTITION_DAYS_NEEDED)
        return od_fail(err, OD_R_PARTITIONS_MISSING, "have=%ld" OD_AND "need=%d", pg_long(days, 0, 0),
                       OD_PARTITION_DAYS_NEEDED);
    return OD_OK;
}
