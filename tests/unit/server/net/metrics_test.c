/* SPDX-License-Identifier: Apache-2.0
 * What the metrics and health pages say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/conf/conf.h"
#include "server/net/metrics.h"

static const char *page_of(struct server *server, struct od_buf *out)
{
    struct net_stats stats = {.connections_open = 3, .bytes_in = UINT64_MAX};
    od_buf_clear(out);
    metrics_page(server, &stats, out);
    return od_buf_cstr(out);
}

static void figures_come_with_their_names(void **state)
{
    static const char *const lines[] = {
        "\nordo_calls_total{status=\"OK\"} 2\n",
        "\nordo_calls_total{status=\"CONFLICT\"} 1\n",
        "\nordo_database_waits_total 5\n",
        "\nordo_database_statements_total 20\n",
        "\nordo_connections_open 3\n",
        "\nordo_bytes_in_total 18446744073709551615\n",
        "\n# TYPE ordo_connections_open gauge\n",
        "\n# TYPE ordo_bytes_in_total counter\n",
        "\nordo_work_queue_length 0\n",
        ",node=\"a \\\"b\\\"\"} 1\n",
    };
    struct server server = {.node = "a \"b\""};
    struct od_buf out;
    (void)state;
    od_buf_init(&out, METRICS_PAGE_MAX);
    od_queue_init(&server.work, 8);
    od_queue_init(&server.auth, 8);
    metrics_call(&server.metrics, OD_OK, 2, 9);
    metrics_call(&server.metrics, OD_OK, 2, 10);
    metrics_call(&server.metrics, OD_CONFLICT, 1, 1);
    const char *page = page_of(&server, &out);
    for (size_t i = 0; i < OD_LEN(lines); i++)
        if (!strstr(page, lines[i]))
            fail_msg("%s is missing in\n%s", lines[i], page);
    assert_false(out.failed);
    od_queue_done(&server.work);
    od_queue_done(&server.auth);
    od_buf_done(&out);
}

static void health_rows(void **state)
{
    static const struct {
        const char *name;
        bool network, draining;
        unsigned workers_down;
        bool well;
        const char *status;
    } rows[] = {
        {"before the network there is no service", false, false, 0, false, "\"starting\""},
        {"serving", true, false, 0, true, "\"ok\""},
        {"some workers without a database are still a service", true, false, 3, true, "\"ok\""},
        {"no worker with a database", true, false, 4, false, "\"no database\""},
        {"a node that drains wants no new connections", true, true, 0, false, "\"draining\""},
    };
    struct conf conf;
    (void)state;
    conf_init(&conf);
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct server server = {.conf = &conf, .n_workers = 4, .node = "n\n1", .net = rows[i].network ? (struct net *)&conf : NULL};
        struct od_buf out;
        print_message("  %s\n", rows[i].name);
        od_buf_init(&out, METRICS_PAGE_MAX);
        atomic_store(&server.draining, rows[i].draining);
        atomic_store(&server.metrics.workers_down, rows[i].workers_down);
        assert_int_equal(metrics_health(&server, &out), rows[i].well);
        assert_non_null(strstr(od_buf_cstr(&out), rows[i].status));
        assert_non_null(strstr(od_buf_cstr(&out), "\"node\":\"n\\u000a1\""));
        od_buf_done(&out);
    }
    conf_done(&conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_come_with_their_names),
        cmocka_unit_test(health_rows),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
