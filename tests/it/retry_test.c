/* SPDX-License-Identifier: Apache-2.0
 * Calls that are run, or sent, a second time: a caller who lost his right meanwhile, and statements that a change of the schema made
 * stale. */
#include "tests/it/inproc_ground.h"

#include <stdio.h>
#include <stdlib.h>

static struct session *ann;
static int64_t customer_id, type_id;

static int setup(void **state)
{
    inproc_given(state);
    type_id = company_type(&p, admin, "Fault", company_department(&p, admin, "Service"));
    customer_id = company_customer(&p, admin, "Bakery");
    company_contract(&p, admin, customer_id, company_sla(&p, admin, "Gold"));
    company_user(&p, admin, "ann", "specialist");
    ann = inproc_login(&p, "ann", INPROC_PASSWORD);
    return 0;
}

static int teardown(void **state)
{
    session_unref(ann);
    return inproc_taken(state);
}

static enum od_status request_register(struct session *s, struct od_uuid key, const char *title)
{
    Ordo__RequestRegisterReq req = company_register_req(customer_id, type_id, title);
    p.key = key;
    return inproc_call(&p, s, INPROC_request_register, &req);
}

static long requests(void) { return strtol(pg_sql(p.db.super, "SELECT count(*) FROM request"), NULL, 10); }

/* ── a right that was lost ────────────────────────────────────────────────────────────────────────────────────────── */

static void a_retry_hears_its_answer_though_the_right_is_gone(void **state)
{
    struct od_uuid key = inproc_key();
    struct session *later = session_copy(ann); /* the same person, some rights poorer */
    (void)state;
    later->permissions = 0;
    assert_int_equal(request_register(ann, key, "done"), OD_OK);
    int64_t id = ((const Ordo__RequestRegisterRep *)p.rep)->id;
    long before = requests();

    assert_int_equal(request_register(later, key, "done"), OD_OK);
    assert_true(p.replayed);
    assert_int_equal(((const Ordo__RequestRegisterRep *)p.rep)->id, id);
    assert_int_equal(p.waits, 1);
    assert_int_equal(request_register(later, key, "something else under that key"), OD_KEY_REUSED);

    assert_int_equal(request_register(later, inproc_key(), "new"), OD_FORBIDDEN);
    assert_string_equal(inproc_reason(&p), "PERMISSION_MISSING");
    assert_int_equal(p.error->outcome, ORDO__OUTCOME__NOT_EXECUTED);
    assert_int_equal(requests(), before);
    session_unref(later);
}

static void nobody_elses_answer_is_heard_that_way(void **state)
{
    struct od_uuid key = inproc_key();
    struct session *other = session_copy(admin);
    (void)state;
    other->permissions = 0;
    assert_int_equal(request_register(ann, key, "mine"), OD_OK);
    assert_int_equal(request_register(other, key, "mine"), OD_FORBIDDEN);
    assert_int_equal(request_register(other, (struct od_uuid){{1}}, "no key at all"), OD_FORBIDDEN);
    session_unref(other);
}

/* "Not executed" is said by whoever has looked, and nobody can. */
static void a_refusal_that_nobody_could_check_is_none(void **state)
{
    struct od_uuid key = inproc_key();
    struct session *later = session_copy(ann);
    char sql[96];
    (void)state;
    later->permissions = 0;
    assert_int_equal(request_register(ann, key, "unheard"), OD_OK);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(p.worker.db.pg));
    pg_sql(p.db.super, sql);
    assert_int_equal(request_register(later, key, "unheard"), OD_UNAVAILABLE);
    assert_int_equal(request_register(later, key, "unheard"), OD_OK);
    assert_true(p.replayed);
    session_unref(later);
}

/* ── statements that went stale ───────────────────────────────────────────────────────────────────────────────────── */

/* As a pooler does that hands out another connection. */
static void forget(enum stmt stmt)
{
    PGconn *c = p.worker.db.pg;
    char sql[32];
    PGresult *r;
    snprintf(sql, sizeof sql, "DEALLOCATE s%u", (unsigned)stmt);
    assert_true(PQsendQueryParams(c, sql, 0, NULL, NULL, NULL, NULL, 0) && PQpipelineSync(c));
    assert_int_equal(PQresultStatus(r = PQgetResult(c)), PGRES_COMMAND_OK);
    PQclear(r);
    assert_null(PQgetResult(c));
    assert_int_equal(PQresultStatus(r = PQgetResult(c)), PGRES_PIPELINE_SYNC);
    PQclear(r);
}

static enum od_status request_list(struct session *s)
{
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    return inproc_call(&p, s, INPROC_request_list, &req);
}

static void a_forgotten_statement_costs_a_connection_and_no_call(void **state)
{
    static const struct {
        const char *name;
        enum stmt stmt;
        bool list;
    } rows[] = {
        {"among the loads", STMT_request_register_load, false},
        {"among the saves, behind others that went well", STMT_audit_insert, false},
        {"COMMIT itself", STMT_txn_commit, false},
        {"the scope that comes first", STMT_txn_scope, false},
        {"of a list", STMT_request_branches_newest_list, true},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        int backend = PQbackendPID(p.worker.db.pg);
        long before = requests();
        forget(rows[i].stmt);
        if (rows[i].list) {
            assert_int_equal(request_list(ann), OD_OK);
            assert_int_equal(((const Ordo__RequestListPart *)p.part)->n_rows, before);
        } else {
            assert_int_equal(request_register(ann, inproc_key(), rows[i].name), OD_OK);
            assert_false(p.replayed);
            assert_int_equal(requests(), before + 1);
        }
        assert_int_not_equal(PQbackendPID(p.worker.db.pg), backend);
    }
}

/* Another program level widened a column: what was prepared would give other types than it promised. */
static void a_column_that_changed_its_type_is_met_by_preparing_anew(void **state)
{
    long before = requests();
    (void)state;
    pg_sql(p.db.super, "ALTER TABLE clock ALTER COLUMN factor TYPE bigint");
    assert_int_equal(request_register(ann, inproc_key(), "wider"), OD_OK);
    assert_int_equal(requests(), before + 1);
    pg_sql(p.db.super, "ALTER TABLE clock ALTER COLUMN factor TYPE int");
    assert_int_equal(request_list(ann), OD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_hears_its_answer_though_the_right_is_gone),
        cmocka_unit_test(nobody_elses_answer_is_heard_that_way),
        cmocka_unit_test(a_refusal_that_nobody_could_check_is_none),
        cmocka_unit_test(a_forgotten_statement_costs_a_connection_and_no_call),
        cmocka_unit_test(a_column_that_changed_its_type_is_met_by_preparing_anew),
    };
    return cmocka_run_group_tests_name("second runs", tests, setup, teardown);
}
