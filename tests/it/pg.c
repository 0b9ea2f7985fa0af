/* SPDX-License-Identifier: Apache-2.0
 * The throw-away PostgreSQL of the integration tests. */
#include "tests/it/pg.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/admin/migrate.h"
#include "server/store/migrations.h"

_Noreturn void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "tests/it: ");
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(1);
}

/* Runs tests/it/pg.sh; the first line that it says goes to out. */
static void script(const char *args, char *out, size_t n)
{
    char command[256];
    snprintf(command, sizeof command, "tests/it/pg.sh %s", args);
    FILE *f = popen(command, "r");
    if (!f)
        die("%s: no shell", command);
    if (!fgets(out, (int)n, f))
        out[0] = '\0';
    if (pclose(f) != 0)
        die("%s failed", command);
}

void pg_cluster_start(struct pg_cluster *ret_cluster)
{
    const char *given = getenv("ORDO_TEST_PG");
    char args[64], line[512];
    ret_cluster->ours = !given || !*given;
    if (!ret_cluster->ours) {
        snprintf(ret_cluster->dir, sizeof ret_cluster->dir, "%s", given);
        return;
    }
    snprintf(args, sizeof args, "start --until %ld", (long)getpid());
    script(args, line, sizeof line);
    if (sscanf(line, "ORDO_TEST_PG='%95[^']'", ret_cluster->dir) != 1)
        die("tests/it/pg.sh start said %s", line);
}

void pg_cluster_stop(struct pg_cluster *cluster)
{
    char args[128], line[64];
    if (!cluster->ours)
        return;
    snprintf(args, sizeof args, "stop %s", cluster->dir);
    script(args, line, sizeof line);
}

void pg_cluster_kill(const struct pg_cluster *cluster)
{
    char args[128], line[64];
    snprintf(args, sizeof args, "kill %s", cluster->dir);
    script(args, line, sizeof line);
}

void pg_cluster_restart(const struct pg_cluster *cluster)
{
    char args[128], line[64];
    snprintf(args, sizeof args, "restart %s", cluster->dir);
    script(args, line, sizeof line);
}

static void conninfo(const struct pg_cluster *cluster, const char *role, const char *database, char out[256])
{
    snprintf(out, 256, "host=%s user=%s dbname=%s", cluster->dir, role, database);
}

const char *pg_sql(const char *conninfo, const char *sql)
{
    static _Thread_local char value[4096];
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        die("%s", PQerrorMessage(conn));
    PQclear(PQexec(conn, "SET client_min_messages = warning; SET search_path = ordo"));
    PGresult *r = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        die("%s: %s", sql, PQerrorMessage(conn));
    snprintf(value, sizeof value, "%s", PQntuples(r) && PQnfields(r) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    PQfinish(conn);
    return value;
}

long pg_count(const char *conninfo, const char *what)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
    return strtol(pg_sql(conninfo, sql), NULL, 10);
}

/* Migrated once for each set of migrations, whatever program comes first; the others wait for it. */
static void template_make(const struct pg_cluster *cluster, char name[64])
{
    char super[256], owner[256], sql[512], text[512];
    unsigned char hash[8] = {0};
    char hex[2 * sizeof hash + 1];
    struct od_err err;

    for (unsigned i = 0; i < MIGRATIONS_COUNT; i++)
        for (unsigned k = 0; k < 32; k++)
            hash[(i + k) % 8] = (unsigned char)(hash[(i + k) % 8] * 31 + MIGRATIONS[i].sha256[k]);
    od_hex(hash, sizeof hash, hex);
    snprintf(name, 64, "template_%s", hex);
    conninfo(cluster, "postgres", "postgres", super);
    conninfo(cluster, "ordo_owner", name, owner);

    PGconn *lock = PQconnectdb(super);
    if (PQstatus(lock) != CONNECTION_OK)
        die("%s", PQerrorMessage(lock));
    PQclear(PQexec(lock, "SELECT pg_advisory_lock(1)"));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_database WHERE datname = '%s' AND datistemplate", name);
    if (!strcmp(pg_sql(super, sql), "0")) {
        snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s", name); /* one that was left half done */
        pg_sql(super, sql);
        snprintf(sql, sizeof sql, "CREATE DATABASE %s OWNER ordo_owner TEMPLATE template0", name);
        pg_sql(super, sql);
        if (migrate_run(owner, NULL, &err) != OD_OK)
            die("%s", od_err_text(&err, text, sizeof text));
        snprintf(sql, sizeof sql, "ALTER DATABASE %s IS_TEMPLATE true", name);
        pg_sql(super, sql);
    }
    PQfinish(lock);
}

static void database_make(const struct pg_cluster *cluster, const char *template, struct pg_database *ret_database)
{
    char super[256], sql[256];
    static atomic_uint made;
    snprintf(ret_database->name, sizeof ret_database->name, "t%ld_%u", (long)getpid(), atomic_fetch_add(&made, 1));
    conninfo(cluster, "postgres", "postgres", super);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s OWNER ordo_owner TEMPLATE %s", ret_database->name, template);
    pg_sql(super, sql);
    conninfo(cluster, "ordo_app", ret_database->name, ret_database->app);
    conninfo(cluster, "ordo_owner", ret_database->name, ret_database->owner);
    conninfo(cluster, "postgres", ret_database->name, ret_database->super);
}

void pg_database_new(const struct pg_cluster *cluster, struct pg_database *ret_database)
{
    char template[64];
    template_make(cluster, template);
    database_make(cluster, template, ret_database);
}

void pg_database_empty(const struct pg_cluster *cluster, struct pg_database *ret_database)
{
    database_make(cluster, "template0", ret_database);
}

void pg_database_drop(const struct pg_cluster *cluster, const struct pg_database *database)
{
    char super[256], sql[256];
    conninfo(cluster, "postgres", "postgres", super);
    snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", database->name);
    pg_sql(super, sql);
}
