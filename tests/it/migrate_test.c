/* SPDX-License-Identifier: Apache-2.0
 * Migrations against a real database: what is applied, what is refused, two at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "common/base/str.h"
#include "server/admin/migrate.h"
#include "server/store/migrations.h"
#include "tests/it/pg.h"

static struct pg_cluster cluster;

static int setup(void **state)
{
    (void)state;
    pg_cluster_start(&cluster);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pg_cluster_stop(&cluster);
    return 0;
}

static enum od_status check(const char *conninfo, struct od_err *err)
{
    od_cleanup(pg_closep) PGconn *conn = NULL;
    OD_TRY(pg_open(conninfo, &conn, err));
    return migrate_check(conn, err);
}

static void *migrate_thread(void *conninfo)
{
    struct od_err err;
    return migrate_run(conninfo, NULL, &err) == OD_OK ? NULL : conninfo;
}

static void two_at_once_are_safe(void **state)
{
    struct pg_database db;
    pthread_t threads[3];
    (void)state;
    pg_database_empty(&cluster, &db);
    for (size_t i = 0; i < OD_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_thread, db.owner), 0);
    for (size_t i = 0; i < OD_LEN(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    char count[16];
    snprintf(count, sizeof count, "%u", MIGRATIONS_COUNT);
    assert_string_equal(pg_sql(db.super, "SELECT count(*) FROM migration"), count);
    assert_string_equal(pg_sql(db.super, "SELECT version FROM schema_version"), count);
    pg_database_drop(&cluster, &db);
}

/* What migrate and the check before serving say of databases that do not fit. */
static void refusals(void **state)
{
    static const struct {
        const char *name, *sql; /* sql: done to a migrated database first, as superuser */
        enum od_status migrate, check;
        const char *text; /* of the check, or of migrate where that refuses too; NULL: not looked at */
    } rows[] = {
        {"as migrated it fits", "SELECT 1", OD_OK, OD_OK, NULL},
        {"an older schema is refused with what to do", "UPDATE schema_version SET version = 0", OD_OK, OD_SCHEMA,
         "run `ordod migrate`"},
        {"a schema that needs a newer program is refused", "UPDATE schema_version SET min_program = 99", OD_SCHEMA,
         OD_SCHEMA, "the database needs program level 99"},
        {"a newer schema that lets us in is served", "UPDATE schema_version SET version = 99", OD_OK, OD_OK, NULL},
        {"a migration that was changed is refused", "UPDATE migration SET sha256 = '\\x00' WHERE number = 1", OD_SCHEMA,
         OD_OK, "migration 1 was applied with other contents"},
        {"a damaged version table is refused", "DELETE FROM schema_version", OD_CONFIG, OD_CONFIG, "must have one row"},
        {"missing partitions are refused, and migrate makes them",
         "DO $$ DECLARE t text; BEGIN FOR t IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = "
         "'idempotency'::regclass LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$",
         OD_OK, OD_SCHEMA, "days of partitions lie ahead; 2 are needed"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct pg_database db;
        struct od_err err;
        char text[512];
        print_message("  %s\n", rows[i].name);
        pg_database_new(&cluster, &db);
        pg_sql(db.super, rows[i].sql);
        assert_int_equal(check(db.app, &err), rows[i].check);
        if (rows[i].check != OD_OK && rows[i].text)
            assert_non_null(strstr(od_err_text(&err, text, sizeof text), rows[i].text));
        assert_int_equal(migrate_run(db.owner, NULL, &err), rows[i].migrate);
        if (rows[i].migrate != OD_OK && rows[i].text)
            assert_non_null(strstr(od_err_text(&err, text, sizeof text), rows[i].text));
        pg_database_drop(&cluster, &db);
    }
}

static void who_serves_and_how(void **state)
{
    struct pg_database db;
    struct od_err err;
    char text[512];
    (void)state;
    pg_database_new(&cluster, &db);
    assert_int_equal(check(db.super, &err), OD_CONFIG);
    assert_non_null(strstr(od_err_text(&err, text, sizeof text), "connect as ordo_app"));
    snprintf(text, sizeof text, "ALTER ROLE ordo_app IN DATABASE %s SET synchronous_commit = off", db.name);
    pg_sql(db.super, text);
    assert_int_equal(check(db.app, &err), OD_CONFIG);
    assert_non_null(strstr(od_err_text(&err, text, sizeof text), "synchronous_commit is off"));
    pg_database_drop(&cluster, &db);
    assert_int_equal(check(db.app, &err), OD_UNAVAILABLE);
    assert_non_null(strstr(od_err_text(&err, text, sizeof text), "does not exist"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_at_once_are_safe),
        cmocka_unit_test(refusals),
        cmocka_unit_test(who_serves_and_how),
    };
    return cmocka_run_group_tests_name("migrate", tests, setup, teardown);
}
