/* SPDX-License-Identifier: Apache-2.0
 * What a node says of itself over HTTP, and how it lives through a PostgreSQL that goes away: told on /health, refused as
 * UNAVAILABLE, well again without a restart. A cluster of its own, because it is killed. */
#include "tests/it/node_ground.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOON_MS = 10000, PAGE_MAX = 64 * 1024 };

static int metrics_port;

/* GET over HTTP/1.0: the code, the whole answer in page. */
static int http_get(const char *path, char page[PAGE_MAX])
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)metrics_port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    dprintf(fd, "GET %s HTTP/1.0\r\n\r\n", path);
    size_t n = 0;
    for (ssize_t got; n < PAGE_MAX - 1 && (got = read(fd, page + n, PAGE_MAX - 1 - n)) > 0;)
        n += (size_t)got;
    page[n] = '\0';
    close(fd);
    const char *code = strchr(page, ' ');
    assert_true(!strncmp(page, "HTTP/1.", 7) && code);
    return (int)strtol(code, NULL, 10);
}

static long figure(const char *name)
{
    static char page[PAGE_MAX];
    char line[128];
    assert_int_equal(http_get("/metrics", page), 200);
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(page, line);
    assert_non_null(at);
    return strtol(at + strlen(line), NULL, 10);
}

static bool health_becomes(int code)
{
    static char page[PAGE_MAX];
    for (int64_t end_ms = mono_ms() + SOON_MS; mono_ms() < end_ms; usleep(20000))
        if (http_get("/health", page) == code)
            return true;
    return false;
}

static void every_call_is_counted(void **state)
{
    (void)state;
    enum { CALLS = 5 };
    ordo_client *c = client_login(&site, &node, NULL, "head", NULL);
    long ok = figure("ordo_calls_total{status=\"OK\"}"), conflicts = figure("ordo_calls_total{status=\"CONFLICT\"}");
    long waits = figure("ordo_database_waits_total"), statements = figure("ordo_database_statements_total");
    long events = figure("ordo_events_published_total");
    ordo_error e;
    int64_t id = 0;
    for (int i = 0; i < CALLS; i++)
        id = request_make(c, &site, "counted", site.specialist_ids[1]);
    Ordo__RequestReopenReq refused = ORDO__REQUEST_REOPEN_REQ__INIT;
    refused.has_request_id = true;
    refused.request_id = id;
    assert_int_equal(ordo_request_reopen(c, &refused, NULL, &e), ORDO_CONFLICT);
    assert_int_equal(figure("ordo_calls_total{status=\"OK\"}"), ok + CALLS);
    assert_int_equal(figure("ordo_calls_total{status=\"CONFLICT\"}"), conflicts + 1);
    assert_in_range(figure("ordo_database_waits_total") - waits, 2 * CALLS + 1, 5 * CALLS + 4); /* two each, and one for each thing that a worker did not know yet */
    assert_true(figure("ordo_database_statements_total") - statements >= 8 * CALLS);
    assert_true(figure("ordo_events_published_total") - events >= CALLS); /* bob is told, and the contact */
    assert_int_equal(figure("ordo_workers_down"), 0);
    ordo_client_free(c);
}

static void a_list_of_many_pages_is_one_call(void **state)
{
    (void)state;
    ordo_client *c = client_login(&site, &node, NULL, "ann", NULL);
    ordo_error e;
    pg_sql(site.db.super, "INSERT INTO department(id, branch_id, name) SELECT 1000000 + i, 1, 'department ' || i FROM generate_series(1, 250) i");
    long ok = figure("ordo_calls_total{status=\"OK\"}");
    Ordo__DepartmentListReq req = ORDO__DEPARTMENT_LIST_REQ__INIT;
    must(ordo_department_list(c, &req, NULL, NULL, NULL, &e), &e, "list");
    assert_int_equal(figure("ordo_calls_total{status=\"OK\"}"), ok + 1);
    ordo_client_free(c);
}

static void a_fired_timer_is_counted(void **state)
{
    (void)state;
    ordo_client *c = client_login(&site, &node, NULL, "ann", NULL);
    long fired = figure("ordo_timers_fired_total");
    char sql[128];
    int64_t id = request_make(c, &site, "late", 0);
    snprintf(sql, sizeof sql, "UPDATE timer SET due_at = now() - interval '1 second' WHERE ref = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    int64_t end_ms = mono_ms() + SOON_MS;
    while (figure("ordo_timers_fired_total") < fired + 1 && mono_ms() < end_ms)
        usleep(20000);
    assert_true(figure("ordo_timers_fired_total") >= fired + 1);
    ordo_client_free(c);
}

/* The operator's view: everything that a command of ordod says. */
static void ordod_says(const char *command, char *out, size_t size)
{
    char line[512];
    snprintf(line, sizeof line, "%s --config=/dev/null --set 'database_owner=%s' %s 2>&1",
             getenv("ORDOD") ? getenv("ORDOD") : "build/release/ordod", site.db.owner, command);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    assert_int_equal(pclose(f), 0);
}

static void await_log(const char *a, const char *b)
{
    for (int64_t end_ms = mono_ms() + SOON_MS; !node_log_count(&node, a, b) && mono_ms() < end_ms;)
        usleep(20000);
    assert_true(node_log_count(&node, a, b) > 0);
}

/* A request whose clock cannot be read: its timer's command fails whenever it is tried. */
static void a_timer_that_never_ends_well_is_parked_and_released(void **state)
{
    (void)state;
    ordo_client *c = client_login(&site, &node, NULL, "ann", NULL);
    char sql[256], ref[32], out[2048];
    int64_t id = request_make(c, &site, "poisoned", 0);
    snprintf(ref, sizeof ref, "ref=%lld ", (long long)id);
    snprintf(sql, sizeof sql, "CREATE TABLE public.kept AS SELECT clock FROM request WHERE id = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    snprintf(sql, sizeof sql, "UPDATE request SET clock = '' WHERE id = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    snprintf(sql, sizeof sql, "UPDATE timer SET due_at = now() - interval '1 second' WHERE ref = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    await_log("a timer was not fired", "try=1 of=8");
    ordod_says("timers", out, sizeof out);
    assert_string_equal(out, "no timer is parked\n");

    /* the pauses double: five seconds, …, ten minutes; they are cut short here */
    snprintf(sql, sizeof sql, "UPDATE timer SET tries = 7, claimed_until = now() WHERE ref = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    await_log("a timer was not fired", "try=8 of=8");
    snprintf(sql, sizeof sql, "SELECT claimed_until - now() BETWEEN interval '9 minutes' AND interval '11 minutes' FROM timer WHERE ref = %lld",
             (long long)id);
    assert_string_equal(pg_sql(site.db.super, sql), "t");
    snprintf(sql, sizeof sql, "UPDATE timer SET claimed_until = now() WHERE ref = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    await_log("a timer was parked", ref);
    for (int64_t end_ms = mono_ms() + 2 * SOON_MS; figure("ordo_timers_parked") != 1 && mono_ms() < end_ms;)
        usleep(100000);
    assert_int_equal(figure("ordo_timers_parked"), 1);
    ordod_says("timers", out, sizeof out);
    snprintf(ref, sizeof ref, "request id %lld ", (long long)id);
    assert_non_null(strstr(out, ref));
    assert_non_null(strstr(out, "after 8 tries"));

    snprintf(sql, sizeof sql, "UPDATE request SET clock = (SELECT clock FROM public.kept) WHERE id = %lld", (long long)id);
    pg_sql(site.db.super, sql);
    long fired = figure("ordo_timers_fired_total");
    ordod_says("release-timers", out, sizeof out);
    assert_string_equal(out, "timers released: 1\n");
    for (int64_t end_ms = mono_ms() + SOON_MS; figure("ordo_timers_fired_total") == fired && mono_ms() < end_ms;)
        usleep(20000);
    assert_int_equal(figure("ordo_timers_fired_total"), fired + 1);
    pg_sql(site.db.super, "DROP TABLE public.kept");
    ordo_client_free(c);
}

static void a_lost_database_is_told_without_any_call(void **state)
{
    (void)state;
    static char page[PAGE_MAX];
    assert_int_equal(http_get("/health", page), 200);
    pg_cluster_kill(&site.cluster);
    assert_true(health_becomes(503));
    http_get("/health", page);
    assert_non_null(strstr(page, "\"database\":false"));
    assert_true(figure("ordo_workers_down") > 0);
    pg_cluster_restart(&site.cluster);
    assert_true(health_becomes(200));
}

/* The client repeats what may be repeated; here it must not, so that the refusal itself is seen. */
static void calls_are_unavailable_meanwhile_and_go_on_after(void **state)
{
    (void)state;
    ordo_client *c = client_login(&site, &node, NULL, "ann", NULL);
    ordo_error e;
    Ordo__RequestGetReq get = ORDO__REQUEST_GET_REQ__INIT;
    get.has_request_id = true;
    get.request_id = request_make(c, &site, "before", 0);
    pg_cluster_kill(&site.cluster);
    ordo_call_options once = {.struct_size = sizeof once, .timeout_ms = 1000};
    must(ordo_next_call(c, &once), NULL, "options");
    enum ordo_status status = ordo_request_get(c, &get, NULL, &e);
    assert_true(status == ORDO_UNAVAILABLE || status == ORDO_DEADLINE);
    assert_int_equal(e.outcome, ORDO_NOT_EXECUTED);
    pg_cluster_restart(&site.cluster);
    assert_true(health_becomes(200));
    must(ordo_request_get(c, &get, NULL, &e), &e, "get after the restart");
    request_make(c, &site, "after", 0);
    ordo_client_free(c);
}

static int setup(void **state)
{
    char line[4096], path[160];
    (void)state;
    unsetenv("ORDO_TEST_PG");
    site_serve("metrics_listen=127.0.0.1:0");
    snprintf(path, sizeof path, "%s/log", node.dir);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *at = strstr(line, " metrics_port=");
        if (at)
            metrics_port = (int)strtol(at + strlen(" metrics_port="), NULL, 10);
    }
    if (f)
        fclose(f);
    assert_true(metrics_port > 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_counted),
        cmocka_unit_test(a_list_of_many_pages_is_one_call),
        cmocka_unit_test(a_fired_timer_is_counted),
        cmocka_unit_test(a_timer_that_never_ends_well_is_parked_and_released),
        cmocka_unit_test(a_lost_database_is_told_without_any_call),
        cmocka_unit_test(calls_are_unavailable_meanwhile_and_go_on_after),
    };
    return cmocka_run_group_tests_name("a node and its database", tests, setup, site_taken);
}
