/* SPDX-License-Identifier: Apache-2.0
 * Reads that share one wait: each has its own caller, outcome and wall, and none of them suffers for another. And a report, whose
 * statements see one moment. */
#include "tests/it/inproc_ground.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "import.pb-c.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/methods.h"

enum { N = DISPATCH_READS_MAX };

static struct session *stranger;
static int64_t request_ids[N];
static struct rpc *rpcs[N];

static int setup(void **state)
{
    inproc_given(state);
    int64_t type_id = company_type(&p, admin, "Fault", company_department(&p, admin, "Service"));
    int64_t customer_id = company_customer(&p, admin, "Bakery");
    company_contract(&p, admin, customer_id, company_sla(&p, admin, "Gold"));
    for (int i = 0; i < N; i++) {
        char title[32];
        snprintf(title, sizeof title, "number %d", i);
        request_ids[i] = company_request(&p, admin, customer_id, type_id, title);
    }
    stranger = session_copy(admin); /* with the same rights, but nothing of this branch is his */
    snprintf(stranger->branches, sizeof stranger->branches, "{99}");
    return 0;
}

static int teardown(void **state)
{
    session_unref(stranger);
    return inproc_taken(state);
}

static void call(int i, struct session *session, int64_t request_id)
{
    Ordo__RequestGetReq req = ORDO__REQUEST_GET_REQ__INIT;
    uint8_t packed[32];
    req.has_request_id = 1;
    req.request_id = request_id;
    rpcs[i] = rpc_new(NULL);
    assert_non_null(rpcs[i]);
    rpcs[i]->method = method_find(INPROC_request_get);
    rpcs[i]->session = session_ref(session);
    rpcs[i]->received_us = od_mono_us();
    rpcs[i]->deadline_us = rpcs[i]->received_us + 60 * OD_US_PER_S;
    size_t n = ordo__request_get_req__pack(&req, packed);
    rpcs[i]->body = od_arena_copy(&rpcs[i]->arena, (struct od_str){(char *)packed, n});
}

static const Ordo__RequestGetRep *reply(int i)
{
    ProtobufCMessage *m;
    struct od_err err;
    assert_int_equal(rpcs[i]->status, OD_OK);
    assert_int_equal(od_message_unpack(&ordo__request_get_rep__descriptor, od_buf_view(&rpcs[i]->out), &rpcs[i]->arena, &m, &err), OD_OK);
    return (const Ordo__RequestGetRep *)m;
}

static void calls_free(void)
{
    for (int i = 0; i < N; i++)
        rpc_free(rpcs[i]);
}

static void all_are_answered_with_one_wait(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        call(i, admin, request_ids[i]);
    dispatch_reads(&p.worker, rpcs, N); /* reads what the worker keeps */
    calls_free();
    for (int i = 0; i < N; i++)
        call(i, admin, request_ids[N - 1 - i]);
    dispatch_reads(&p.worker, rpcs, N);
    for (int i = 0; i < N; i++) {
        const Ordo__RequestGetRep *rep = reply(i);
        assert_int_equal(rep->request->id, request_ids[N - 1 - i]);
        assert_string_equal(rep->request->type, "Fault");
        assert_string_equal(rep->request->department, "Service");
        assert_string_equal(rep->request->level, "Gold");
        assert_string_equal(rep->request->customer, "Bakery");
        assert_non_null(rep->priority_why);
        assert_int_equal(rpcs[i]->waits, 1);
        assert_int_equal(rpcs[i]->statements, 2);
    }
    calls_free();
}

/* The second wall is that of each caller, whoever read before or after him on this connection. */
static void each_has_his_own_wall_and_outcome(void **state)
{
    assert_true(N >= 4);
    (void)state;
    call(0, admin, request_ids[0]);
    call(1, stranger, request_ids[1]);
    call(2, admin, 0); /* no request has this id, and the handler says so before it asks */
    call(3, admin, request_ids[3]);
    for (int i = 4; i < N; i++)
        call(i, admin, 4711);
    dispatch_reads(&p.worker, rpcs, N);
    assert_int_equal(reply(0)->request->id, request_ids[0]);
    assert_int_equal(rpcs[1]->status, OD_NOT_FOUND);
    assert_int_equal(rpcs[2]->status, OD_INVALID);
    assert_int_equal(reply(3)->request->id, request_ids[3]);
    for (int i = 4; i < N; i++)
        assert_int_equal(rpcs[i]->status, OD_NOT_FOUND);
    calls_free();
}

/* The first run finds the connection gone; each is run again by itself, on a new one. */
static void a_connection_that_breaks_costs_them_a_second_run(void **state)
{
    char sql[96];
    (void)state;
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(p.worker.db.pg));
    pg_sql(p.db.super, sql);
    for (int i = 0; i < N; i++)
        call(i, admin, request_ids[i]);
    dispatch_reads(&p.worker, rpcs, N);
    for (int i = 0; i < N; i++)
        assert_int_equal(reply(i)->request->id, request_ids[i]);
    calls_free();
}

/* ── a report ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static pthread_barrier_t held;

static bool other(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    bool yes = PQresultStatus(r) == PGRES_COMMAND_OK || (PQntuples(r) == 1 && *PQgetvalue(r, 0, 0) == 't');
    PQclear(r);
    return yes;
}

/* Stops the report between its statements and registers one request more meanwhile. */
static void *register_in_between(void *arg)
{
    PGconn *c = PQconnectdb(p.db.super);
    (void)arg;
    od_assert(other(c, "SET search_path = ordo") && other(c, "BEGIN") && other(c, "LOCK TABLE department"));
    pthread_barrier_wait(&held);
    while (!other(c, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
        usleep(10000);
    od_assert(other(c, "INSERT INTO request SELECT (jsonb_populate_record(r, '{\"id\": 6000000, \"number\": 6000000}')).* FROM request r LIMIT 1"));
    od_assert(other(c, "COMMIT"));
    PQfinish(c);
    return NULL;
}

static uint64_t sum(Ordo__Count *const counts[], size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += counts[i]->n;
    return total;
}

static void a_report_sees_one_moment(void **state)
{
    Ordo__ReportSummaryReq req = ORDO__REPORT_SUMMARY_REQ__INIT;
    pthread_t thread;
    (void)state;
    pthread_barrier_init(&held, NULL, 2);
    od_assert(pthread_create(&thread, NULL, register_in_between, NULL) == 0);
    pthread_barrier_wait(&held);
    const Ordo__ReportSummaryRep *rep = inproc_must(&p, admin, INPROC_report_summary, &req);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&held);
    assert_int_equal(rep->requests, N);
    assert_int_equal(sum(rep->by_state, rep->n_by_state), N);
    assert_int_equal(sum(rep->by_department, rep->n_by_department), N);
    assert_int_equal(sum(rep->by_customer, rep->n_by_customer), N);
    rep = inproc_must(&p, admin, INPROC_report_summary, &req);
    assert_int_equal(rep->requests, N + 1);
    assert_int_equal(sum(rep->by_department, rep->n_by_department), N + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_answered_with_one_wait),
        cmocka_unit_test(each_has_his_own_wall_and_outcome),
        cmocka_unit_test(a_connection_that_breaks_costs_them_a_second_run),
        cmocka_unit_test(a_report_sees_one_moment),
    };
    return cmocka_run_group_tests_name("reads", tests, setup, teardown);
}
