/* SPDX-License-Identifier: Apache-2.0
 * The transaction and the dispatcher at their edges: dates of keys, what was queued before a refusal, deadlocks, connections that
 * break before COMMIT and inside it, guesses side by side. */
#include "tests/it/inproc_ground.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "request.pb-c.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/idempotency.h"
#include "server/rpc/methods.h"
#include "server/store/listen.h"
#include "session.pb-c.h"

static int64_t customer_id, type_id, department_id, ann_id, bob_id;

static int setup(void **state)
{
    inproc_given(state);
    department_id = company_department(&p, admin, "Service");
    customer_id = company_customer(&p, admin, "Bakery");
    company_contract(&p, admin, customer_id, company_sla(&p, admin, "Gold"));
    type_id = company_type(&p, admin, "Fault", department_id);
    ann_id = company_user(&p, admin, "ann", "specialist");
    bob_id = company_user(&p, admin, "bob", "specialist");
    return 0;
}

static int64_t request_make(void) { return company_request(&p, admin, customer_id, type_id, "something"); }

static enum od_status assign(int64_t request_id, int64_t assignee_id)
{
    Ordo__RequestAssignReq req = ORDO__REQUEST_ASSIGN_REQ__INIT;
    req.has_request_id = req.has_assignee_id = 1;
    req.request_id = request_id;
    req.assignee_id = assignee_id;
    return inproc_call(&p, admin, INPROC_request_assign, &req);
}

static long count(const char *what) { return pg_count(p.db.super, what); }

static void keys_are_judged_by_their_own_day(void **state)
{
    enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
    static const int64_t now_ms = INT64_C(1795312800000); /* 2026-11-22T02:00:00Z */
    static const struct {
        const char *name;
        int64_t ahead_ms;
        const char *reason;
    } rows[] = {
        {"now", 0, ""},
        {"the first moment of the oldest day that is kept", -13 * (int64_t)DAY_MS - 2 * HOUR_MS, ""},
        {"a moment before it nobody remembers", -13 * (int64_t)DAY_MS - 2 * HOUR_MS - 1, "KEY_TOO_OLD"},
        {"a clock that is ten minutes ahead", OD_KEY_FUTURE_MINUTES * 60000, ""},
        {"and a moment more", OD_KEY_FUTURE_MINUTES * 60000 + 1, "KEY_TOO_NEW"},
    };
    struct rpc *rpc = rpc_new(NULL);
    struct idem idem;
    struct od_err err;
    (void)state;
    rpc->method = method_find(INPROC_request_register);
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        unsigned char random[10] = {0};
        print_message("  %s\n", rows[i].name);
        od_err_clear(&err);
        rpc->key = od_uuid7_make(now_ms + rows[i].ahead_ms, random);
        enum od_status status = idem_check(rpc, now_ms * 1000, &idem, &err);
        assert_string_equal(status == OD_OK ? "" : od_reason_name(err.reason), rows[i].reason);
        assert_int_equal(err.outcome, status == OD_KEY_EXPIRED ? OD_OUTCOME_UNKNOWN : OD_NOT_EXECUTED);
        if (status == OD_OK)
            assert_int_equal(idem.day, (now_ms + rows[i].ahead_ms) / DAY_MS);
    }
    rpc->key = (struct od_uuid){{0}};
    assert_int_equal(idem_check(rpc, now_ms * 1000, &idem, &err), OD_INVALID);
    assert_int_equal(err.reason, OD_R_KEY_REQUIRED);
    rpc->key.b[6] = 0x40; /* a UUIDv4 */
    assert_int_equal(idem_check(rpc, now_ms * 1000, &idem, &err), OD_INVALID);
    assert_int_equal(err.reason, OD_R_KEY_FORMAT);
    rpc_free(rpc);
}

static void a_refusal_is_kept_and_leaves_nothing_else(void **state)
{
    int64_t id = request_make();
    long audits = count("audit"), keys = count("idempotency"), history = count("history");
    struct od_uuid key = inproc_key();
    (void)state;
    p.key = key;
    assert_int_equal(assign(id, 999999), OD_CONFLICT);
    assert_string_equal(inproc_reason(&p), "ASSIGNEE_UNFIT");
    assert_int_equal(count("idempotency"), keys + 1);
    assert_int_equal(count("audit"), audits);
    assert_int_equal(count("history"), history);
    p.key = key;
    assert_int_equal(assign(id, 999999), OD_CONFLICT);
    assert_true(p.replayed);
    p.key = key; /* other bytes under that key */
    assert_int_equal(assign(id, ann_id), OD_KEY_REUSED);
    assert_int_equal(assign(id, ann_id), OD_OK);
}

static enum od_status read_into(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)tx;
    (void)r;
    (void)err;
    *(bool *)into = true;
    return OD_OK;
}

/* The places of a handler's results go with the handler. */
static void what_was_queued_before_a_refusal_is_read_by_nobody(void **state)
{
    struct txn *tx = &p.worker.tx;
    const struct txn_scope scope = {.branches = "{1}"};
    struct od_err err;
    bool read = false;
    (void)state;
    txn_init(tx, &p.worker.db, &p.arena);
    txn_begin(tx, &scope, TXN_WRITE);
    txn_query(tx, STMT_clock_get, read_into, &read, PG_NONE);
    txn_exec(tx, STMT_branch_insert, PG(pg_int(77), pg_text("Nowhere"), pg_text("UTC"), pg_text("en")));
    txn_rollback(tx);
    assert_false(read);
    assert_int_equal(tx->fault, TXN_FAULT_NONE);
    assert_int_equal(count("branch WHERE id = 77"), 0);
    txn_begin(tx, &scope, TXN_READ);
    txn_query(tx, STMT_clock_get, read_into, &read, PG_NONE);
    assert_int_equal(txn_load(tx, &err), OD_OK);
    assert_true(read);
}

static void an_error_among_the_saves_undoes_them_and_the_connection_goes_on(void **state)
{
    struct txn *tx = &p.worker.tx;
    const struct txn_scope scope = {.branches = "{1}"};
    struct od_err err;
    (void)state;
    for (int round = 0; round < 2; round++) {
        txn_init(tx, &p.worker.db, &p.arena);
        txn_begin(tx, &scope, TXN_WRITE);
        assert_int_equal(txn_load(tx, &err), OD_OK);
        txn_unique(tx, "branch_pkey", "branch", OD_STR("one"));
        txn_exec(tx, STMT_branch_insert, PG(pg_int(78), pg_text("Kept?"), pg_text("UTC"), pg_text("en")));
        txn_exec(tx, STMT_branch_insert, PG(pg_int(1), pg_text("Again"), pg_text("UTC"), pg_text("en")));
        txn_exec(tx, STMT_branch_insert, PG(pg_int(79), pg_text("Behind it"), pg_text("UTC"), pg_text("en")));
        assert_int_equal(txn_commit(tx, &err), OD_EXISTS);
        assert_int_equal(tx->fault, TXN_FAULT_UNIQUE);
        assert_string_equal(tx->where, "branch");
        txn_rollback(tx);
        assert_int_equal(tx->fault, TXN_FAULT_UNIQUE); /* what the caller asks for afterwards */
        assert_int_equal(count("branch WHERE id > 1"), 0);
    }
}

/* ── deadlock ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static struct {
    pthread_barrier_t held;
    int64_t request_id;
} crossing;

static void other_must(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    od_assert(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK);
    PQclear(r);
}

static bool other_sees(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    bool yes = PQntuples(r) == 1 && *PQgetvalue(r, 0, 0) == 't';
    PQclear(r);
    return yes;
}

/* Holds Ann's inbox, waits until somebody wants it, then wants what he has. It is patient: the other one is the victim. */
static void *cross(void *arg)
{
    char sql[160];
    PGconn *c = PQconnectdb(p.db.super);
    (void)arg;
    od_assert(PQstatus(c) == CONNECTION_OK);
    other_must(c, "SET search_path = ordo; SET deadlock_timeout = '60s'; BEGIN");
    snprintf(sql, sizeof sql, "SELECT FROM inbox_head WHERE principal_id = %lld FOR UPDATE", (long long)ann_id);
    other_must(c, sql);
    pthread_barrier_wait(&crossing.held);
    while (!other_sees(c, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
        usleep(10000);
    snprintf(sql, sizeof sql, "SELECT FROM request WHERE id = %lld FOR UPDATE", (long long)crossing.request_id);
    other_must(c, sql);
    other_must(c, "COMMIT");
    PQfinish(c);
    return NULL;
}

static void a_deadlock_is_run_again(void **state)
{
    pthread_t thread;
    (void)state;
    crossing.request_id = request_make();
    long events = count("inbox");
    pthread_barrier_init(&crossing.held, NULL, 2);
    od_assert(pthread_create(&thread, NULL, cross, NULL) == 0);
    pthread_barrier_wait(&crossing.held);
    enum od_status status = assign(crossing.request_id, ann_id);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&crossing.held);
    assert_int_equal(status, OD_OK);
    assert_true(p.waits > 2); /* it was */
    assert_int_equal(count("inbox"), events + 1);
}

/* ── connections that break ───────────────────────────────────────────────────────────────────────────────────────── */

static void an_event_without_an_inbox_fails_the_change(void **state)
{
    char sql[160];
    int64_t id = request_make();
    long history = count("history");
    (void)state;
    snprintf(sql, sizeof sql, "DELETE FROM inbox_head WHERE principal_id = %lld", (long long)bob_id);
    pg_sql(p.db.super, sql);
    assert_int_equal(assign(id, bob_id), OD_CONFLICT);
    assert_string_equal(inproc_reason(&p), "SAVE_LOST");
    assert_int_equal(count("history"), history);
    snprintf(sql, sizeof sql, "INSERT INTO inbox_head(principal_id) VALUES (%lld)", (long long)bob_id);
    pg_sql(p.db.super, sql);
}

static void a_connection_that_broke_between_calls_is_made_anew(void **state)
{
    char sql[96];
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    (void)state;
    get.has_request_id = 1;
    get.request_id = request_make();
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(p.worker.db.pg));
    pg_sql(p.db.super, sql);
    assert_int_equal(inproc_call(&p, admin, INPROC_request_get, &get), OD_UNAVAILABLE);
    assert_int_equal(p.error->outcome, ORDO__OUTCOME__NOT_EXECUTED);
    assert_int_equal(inproc_call(&p, admin, INPROC_request_get, &get), OD_OK);
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(p.worker.db.pg));
    pg_sql(p.db.super, sql);
    db_look(&p.worker.db); /* an idle worker does this, so that no call finds out */
    assert_false(db_fit(&p.worker.db));
    assert_int_equal(inproc_call(&p, admin, INPROC_request_get, &get), OD_OK);
}

/* A parameter that cannot be encoded: nothing behind it may go out, COMMIT least of all. */
static void a_statement_that_cannot_be_sent_commits_nothing(void **state)
{
    struct txn *tx = &p.worker.tx;
    const struct txn_scope scope = {.branches = "{1}"};
    struct od_err err;
    (void)state;
    txn_init(tx, &p.worker.db, &p.arena);
    txn_begin(tx, &scope, TXN_WRITE);
    txn_exec(tx, STMT_branch_insert, PG(pg_int(80), pg_text("Half"), pg_text("UTC"), pg_text("en")));
    size_t max = p.worker.db.params.max_bytes;
    p.worker.db.params.max_bytes = 0;
    txn_exec(tx, STMT_branch_insert, PG(pg_int(81), pg_text("Other half"), pg_text("UTC"), pg_text("en")));
    p.worker.db.params.max_bytes = max;
    assert_int_equal(txn_commit(tx, &err), OD_UNAVAILABLE);
    assert_int_equal(tx->fault, TXN_FAULT_LOST);
    txn_rollback(tx);
    assert_false(db_fit(&p.worker.db));
    assert_int_equal(worker_db(&p.worker, &err), OD_OK);
    assert_int_equal(count("branch WHERE id > 1"), 0);
}

static void a_connection_that_breaks_inside_commit_leaves_the_outcome_open(void **state)
{
    Ordo__RequestRegisterReq req = company_register_req(customer_id, type_id, "something");
    struct od_uuid key = inproc_key();
    long before = count("request");
    (void)state;
    pg_sql(p.db.super,
           "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
           "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
           "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()");
    p.key = key;
    assert_int_equal(inproc_call(&p, admin, INPROC_request_register, &req), OD_UNKNOWN);
    assert_int_equal(p.error->outcome, ORDO__OUTCOME__OUTCOME_UNKNOWN);
    pg_sql(p.db.super, "DROP TRIGGER die ON request; DROP FUNCTION die()");
    p.key = key;
    assert_int_equal(inproc_call(&p, admin, INPROC_request_register, &req), OD_OK);
    assert_false(p.replayed); /* this time it had not happened */
    assert_int_equal(count("request"), before + 1);
    p.key = key;
    assert_int_equal(inproc_call(&p, admin, INPROC_request_register, &req), OD_OK);
    assert_true(p.replayed);
}

/* A role may be everybody's: all of its holders are told, once, also when the look comes late or over a new connection. */
static void lost_rights_are_told_to_all_and_once(void **state)
{
    struct listen l = {0};
    const int64_t *ids;
    struct od_err err;
    size_t n;
    (void)state;
    assert_int_equal(listen_open(&l, p.db.app, &err), OD_OK);
    assert_int_equal(listen_rights(&l, &ids, &n, &err), OD_OK); /* what the other tests did */
    assert_int_equal(listen_rights(&l, &ids, &n, &err), OD_OK);
    assert_int_equal(n, 0);
    pg_sql(p.db.super, "INSERT INTO rights_change(principal_id) SELECT i FROM generate_series(1, 3000) i");
    assert_int_equal(listen_rights(&l, &ids, &n, &err), OD_OK);
    assert_int_equal(n, 3000);
    assert_int_equal(ids[2999], 3000);
    pg_sql(p.db.super, "INSERT INTO rights_change(principal_id, at) SELECT 4000, now() - interval '20 seconds'");
    l.looked_us -= 20 * OD_US_PER_S; /* the connection was away for so long */
    listen_close(&l);
    assert_int_equal(listen_open(&l, p.db.app, &err), OD_OK);
    assert_int_equal(listen_rights(&l, &ids, &n, &err), OD_OK);
    assert_int_equal(n, 1);
    assert_int_equal(ids[0], 4000);
    listen_done(&l);
}

/* ── logins side by side ──────────────────────────────────────────────────────────────────────────────────────────── */

static struct rpc *guess(const char *password)
{
    Ordo__Auth auth = ORDO__AUTH__INIT;
    Ordo__PasswordLogin proof = ORDO__PASSWORD_LOGIN__INIT;
    struct od_buf packed;
    proof.login = S("ann");
    proof.password = S(password);
    auth.proof_case = ORDO__AUTH__PROOF_PASSWORD;
    auth.password = &proof;
    od_buf_init(&packed, OD_FRAME_MAX);
    od_message_pack(&auth.base, &packed);
    struct rpc *rpc = rpc_new(NULL);
    rpc->method = &METHOD_AUTH;
    rpc->body = od_arena_copy(&rpc->arena, od_buf_view(&packed));
    od_buf_done(&packed);
    rpc->received_us = od_mono_us();
    rpc->deadline_us = rpc->received_us + 60 * OD_US_PER_S;
    snprintf(rpc->peer, sizeof rpc->peer, "guesser");
    return rpc;
}

/* All look the account up before the first of them has failed; then they fail one after the other, and the last one is right. */
static void guessing_side_by_side_gains_nothing(void **state)
{
    enum { GUESSES = 9, FREE = 5 };
    (void)state;
    for (int i = 0; i < GUESSES; i++)
        assert_false(dispatch_run(&p.worker, guess(i + 1 < GUESSES ? "not this one, surely" : INPROC_PASSWORD)));
    for (int i = 0; i < GUESSES; i++) {
        struct od_queue_item *item = od_queue_pop(&p.server.work, 10000);
        assert_non_null(item);
        struct rpc *rpc = OD_CONTAINER(item, struct rpc, link);
        assert_true(dispatch_run(&p.worker, rpc));
        assert_int_equal(rpc->err.reason, i < FREE ? OD_R_LOGIN_FAILED : OD_R_LOGIN_SLOWED);
        assert_null(rpc->session);
        rpc_free(rpc);
    }
    assert_int_equal(count("session s JOIN principal p ON p.id = s.principal_id AND p.login = 'ann'"), 0);
    pg_sql(p.db.super, "UPDATE login_failure SET last_at = now() - interval '16 minutes'");
    struct session *s = inproc_login(&p, "ann", INPROC_PASSWORD);
    assert_non_null(s);
    session_unref(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_judged_by_their_own_day),
        cmocka_unit_test(a_refusal_is_kept_and_leaves_nothing_else),
        cmocka_unit_test(what_was_queued_before_a_refusal_is_read_by_nobody),
        cmocka_unit_test(an_error_among_the_saves_undoes_them_and_the_connection_goes_on),
        cmocka_unit_test(a_deadlock_is_run_again),
        cmocka_unit_test(an_event_without_an_inbox_fails_the_change),
        cmocka_unit_test(a_connection_that_broke_between_calls_is_made_anew),
        cmocka_unit_test(a_statement_that_cannot_be_sent_commits_nothing),
        cmocka_unit_test(a_connection_that_breaks_inside_commit_leaves_the_outcome_open),
        cmocka_unit_test(lost_rights_are_told_to_all_and_once),
        cmocka_unit_test(guessing_side_by_side_gains_nothing),
    };
    return cmocka_run_group_tests_name("dispatch", tests, setup, inproc_taken);
}
