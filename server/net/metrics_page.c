/* SPDX-License-Identifier: Apache-2.0
 * What the metrics and health pages say. Prometheus text format 0.0.4. */
#include <inttypes.h>

#include "server/conf/conf.h"
#include "server/net/metrics.h"

/* A node's name may hold any character; JSON and a label's value quote alike. */
static void quoted(struct od_buf *out, const char *s)
{
    od_buf_char(out, '"');
    for (; *s; s++) {
        if ((unsigned char)*s < ' ')
            od_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*s);
        else if (*s == '"' || *s == '\\')
            od_buf_printf(out, "\\%c", *s);
        else
            od_buf_char(out, *s);
    }
    od_buf_char(out, '"');
}

static void figure(struct od_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
    od_buf_printf(out, "# HELP ordo_%s %s\n# TYPE ordo_%s %s\nordo_%s %" PRIu64 "\n", name, help, name, type, name,
                  value);
}

static uint64_t count(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void calls(struct od_buf *out, const struct metrics *m)
{
    od_buf_c(out, "# HELP ordo_calls_total Finished calls by status.\n# TYPE ordo_calls_total counter\n");
    for (unsigned i = 0; i < METRICS_STATUSES; i++) {
        bool known = od_status_from_wire(i) == (enum od_status)i;
        if (known)
            od_buf_printf(out, "ordo_calls_total{status=\"%s\"} %" PRIu64 "\n", od_status_name((enum od_status)i),
                          count(&m->calls[i]));
    }
}

void metrics_page(struct server *server, const struct net_stats *stats, struct od_buf *out)
{
    const struct metrics *m = &server->metrics;
    od_buf_c(out, "# HELP ordo_build_info Version of the program.\n# TYPE ordo_build_info gauge\n"
                  "ordo_build_info{version=\"" ORDO_VERSION "\",node=");
    quoted(out, server->node);
    od_buf_c(out, "} 1\n");
    calls(out, m);
    figure(out, "database_waits_total", "counter", "Times that calls waited on the database.", count(&m->waits));
    figure(out, "database_statements_total", "counter", "Statements that calls sent.", count(&m->statements));
    figure(out, "timers_fired_total", "counter", "Due timers that this node fired.", count(&m->timers_fired));
    figure(out, "timers_parked", "gauge", "Due timers, of all nodes, that were given up until an operator releases them.",
           atomic_load(&m->timers_parked));
    figure(out, "events_published_total", "counter", "Inbox rows that this node committed.",
           count(&m->events_published));
    figure(out, "workers_down", "gauge", "Workers without a database connection.", atomic_load(&m->workers_down));
    figure(out, "work_queue_length", "gauge", "Calls that wait for a worker.", od_queue_count(&server->work));
    figure(out, "auth_queue_length", "gauge", "Logins that wait for a password check.", od_queue_count(&server->auth));
    figure(out, "draining", "gauge", "1 after SIGTERM.", atomic_load(&server->draining));
    if (!stats)
        return;
    figure(out, "connections_open", "gauge", "Client connections now.", stats->connections_open);
    figure(out, "connections_total", "counter", "Client connections since the start.", stats->connections_total);
    figure(out, "frames_in_total", "counter", "Frames read.", stats->frames_in);
    figure(out, "frames_out_total", "counter", "Frames written.", stats->frames_out);
    figure(out, "bytes_in_total", "counter", "Bytes read, as on the wire.", stats->bytes_in);
    figure(out, "bytes_out_total", "counter", "Bytes written, as on the wire.", stats->bytes_out);
    figure(out, "protocol_errors_total", "counter", "Connections that were closed for broken frames.",
           stats->protocol_errors);
    figure(out, "events_sent_total", "counter", "EVENT frames sent.", stats->events_sent);
}

bool metrics_health(struct server *server, struct od_buf *out)
{
    bool draining = atomic_load(&server->draining);
    bool database = atomic_load(&server->metrics.workers_down) < server->n_workers;
    const char *status = draining ? "draining" : !server->net ? "starting" : !database ? "no database" : "ok";
    bool well = server->net && !draining && database;
    od_buf_printf(out, "{\"status\":\"%s\",\"version\":\"" ORDO_VERSION "\",\"node\":", status);
    quoted(out, server->node);
    od_buf_printf(out, ",\"database\":%s,\"development\":%s}\n", database ? "true" : "false",
                  server->development ? "true" : "false");
    return well;
}
