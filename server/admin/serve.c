/* SPDX-License-Identifier: Apache-2.0
 * The life of a serving node: check, start, run, drain. Everything that a call needs is started by rpc and net. */
#include "server/admin/serve.h"

#include <event2/event.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/admin/migrate.h"
#include "server/admin/program.h"
#include "server/net/metrics.h"
#include "server/net/net.h"
#include "server/server.h"

enum { NODE_TEXT_MAX = 256 }; /* as clients take it */

static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};

struct serve {
    const struct conf *conf;
    struct event_base *base;
    struct event *signals[OD_LEN(SIGNALS)];
    struct event *watchdog;
    struct event *drained; /* drained_fd became readable */
    int drained_fd;        /* an eventfd: written by the draining thread, the base itself has no locks */
    struct metrics_http *http;
    struct od_tls_context *tls;
    struct server server;
    bool started; /* workers and jobs */
    bool stopping;
    pthread_t drainer;
};

/* --- before ----------------------------------------------------------------------------------------------------------
 */

/* Root owns too much to serve; the data's owner takes over. The socket's directory may have to be made while root still
 * can. */
static enum od_status root_off(const struct conf *c, struct od_err *err)
{
    struct account owner;
    char path[256];
    if (geteuid() != 0)
        return OD_OK;
    if (!account_of(c->data_dir, &owner) || owner.uid == 0)
        return od_fail(err, OD_R_USAGE_WRONG,
                       "why=it does not serve as root: start it as another user, or let `ordod init` make %s for one",
                       c->data_dir);
    snprintf(path, sizeof path, "%s", c->unix_socket);
    const char *dir = dirname(path);
    if (*c->unix_socket && mkdir(dir, 0755) == 0 && chown(dir, owner.uid, owner.gid) != 0)
        return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", dir, strerror(errno));
    OD_TRY(account_become(&owner, err));
    od_log(OD_LOG_INFO, "root steps down", "user=%s", owner.name);
    return OD_OK;
}

/* As many descriptors as the system grants: a connection is one. */
static void descriptors_raise(void)
{
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Who this node is, and whether program, schema and database fit. */
static enum od_status database_check(struct serve *s, struct od_err *err)
{
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *r = NULL;
    OD_TRY(pg_open(s->conf->database, &conn, err));
    OD_TRY(migrate_check(conn, err));
    OD_TRY(pg_query(conn, STMT_environment_id, NULL, &r, err));
    if (PQntuples(r) != 1 ||
        !od_unhex(od_str_c(PQgetvalue(r, 0, 0)), s->server.environment, sizeof s->server.environment))
        return od_fail(err, OD_R_DATABASE_UNFIT, "why=the table environment must have one row");
    s->server.development = *PQgetvalue(r, 0, 1) == 't';
    if (*s->conf->node)
        snprintf(s->server.node, sizeof s->server.node, "%s", s->conf->node);
    else if (gethostname(s->server.node, sizeof s->server.node) != 0)
        snprintf(s->server.node, sizeof s->server.node, "unnamed");
    s->server.node[sizeof s->server.node - 1] = '\0';
    return OD_OK;
}

/* --- while -----------------------------------------------------------------------------------------------------------
 */

/* net_stop waits for calls in flight; meanwhile the main thread still answers /health and hears a second signal. */
static void *drain(void *arg)
{
    struct serve *s = arg;
    net_stop(s->server.net, (int)s->conf->drain_ms);
    eventfd_write(s->drained_fd, 1);
    return NULL;
}

static void on_drained(evutil_socket_t fd, short what, void *arg)
{
    struct serve *s = arg;
    (void)fd, (void)what;
    event_base_loopbreak(s->base);
}

static enum od_status certificates_read(const struct conf *c, struct od_tls_context **ret_tls, struct od_err *err)
{
    struct od_tls_options t = {.ca_file = *c->tls_client_ca ? c->tls_client_ca : NULL,
                               .cert_file = c->tls_cert,
                               .key_file = c->tls_key,
                               .server = true};
    return od_tls_context_new(&t, ret_tls, err);
}

/* New connections get the new ones, or, where the files do not do, the old ones as before. Settings stay as they are. */
static void certificates_reload(struct serve *s)
{
    struct od_tls_context *fresh;
    struct od_err err;
    char text[512];
    if (s->stopping || !s->tls)
        return;
    if (certificates_read(s->conf, &fresh, &err) != OD_OK) {
        od_log(OD_LOG_ERROR, "the certificates were not reloaded, the old ones stay", "why=\"%s\" tls_cert=%s tls_key=%s tls_client_ca=%s",
               od_err_text(&err, text, sizeof text), s->conf->tls_cert, s->conf->tls_key, s->conf->tls_client_ca);
        return;
    }
    net_tls_set(s->server.net, fresh);
    od_tls_context_free(s->tls);
    s->tls = fresh;
    od_log(OD_LOG_INFO, "certificates reloaded: new connections get them; other settings are read at the start only", NULL);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct serve *s = arg;
    (void)what;
    if (number == SIGHUP) {
        certificates_reload(s);
        return;
    }
    if (s->stopping) {
        od_log(OD_LOG_WARN, "second signal: ending at once", "signal=%d", (int)number);
        _exit(EXIT_SUCCESS); /* as asked for: what was acknowledged is committed, everything else is the peer's to repeat */
    }
    s->stopping = true;
    atomic_store(&s->server.draining, true);
    sd_notify(0, "STOPPING=1\nSTATUS=draining");
    od_log(OD_LOG_INFO, "draining", "signal=%d drain_ms=%u", (int)number, s->conf->drain_ms);
    int failed = pthread_create(&s->drainer, NULL, drain, s);
    od_assert(!failed);
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
    sd_notify(0, "WATCHDOG=1");
}

/* Half of the interval that the service manager asks for. */
static void watchdog_start(struct serve *s)
{
    uint64_t us;
    if (sd_watchdog_enabled(0, &us) <= 0)
        return;
    struct timeval half = {.tv_sec = (time_t)(us / 2 / 1000000), .tv_usec = (suseconds_t)(us / 2 % 1000000)};
    s->watchdog = event_new(s->base, -1, EV_PERSIST, on_watchdog, s);
    od_assert(s->watchdog);
    event_add(s->watchdog, &half);
}

/* Signals are the main thread's alone: whatever starts later inherits them blocked. */
static void signals_take(struct serve *s)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; i < OD_LEN(SIGNALS); i++) {
        sigaddset(&ours, SIGNALS[i]);
        s->signals[i] = evsignal_new(s->base, SIGNALS[i], on_signal, s);
        od_assert(s->signals[i]);
        evsignal_add(s->signals[i], NULL);
    }
    pthread_sigmask(SIG_BLOCK, &ours, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void signals_open(void)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; i < OD_LEN(SIGNALS); i++)
        sigaddset(&ours, SIGNALS[i]);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

/* --- start and end ---------------------------------------------------------------------------------------------------
 */

static int64_t real_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What clients could not use would be of no use only when a node is gone. */
static enum od_status nodes_check(const struct conf_list *nodes, struct od_err *err)
{
    for (size_t i = 0; i < nodes->n; i++) {
        const char *at = nodes->items[i], *colon = strrchr(at, ':');
        int64_t port;
        bool bracketed = *at == '[' && colon && colon[-1] == ']';
        bool plain = colon && strchr(at, ':') == colon && colon != at;
        if (strlen(at) >= NODE_TEXT_MAX || !(bracketed || plain) || !od_str_int(od_str_c(colon + 1), 1, 65535, &port))
            return od_fail(err, OD_R_CONFIG_VALUE_GIVEN, "where=the settings" OD_AND "key=nodes" OD_AND
                           "expected=host:port or [address]:port between commas");
    }
    return OD_OK;
}

static enum od_status network_start(struct serve *s, struct od_err *err)
{
    const struct conf *c = s->conf;
    struct net *net;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct net_options o = {
        .listen = *c->listen ? c->listen : NULL,
        .unix_path = *c->unix_socket ? c->unix_socket : NULL,
        .io_threads = c->io_threads ? c->io_threads
                      : cores > 3   ? (unsigned)cores / 2
                                    : 1,
        .connections_max = c->connections_max,
        .clock_us = real_us,
        .nodes = (const char *const *)c->nodes.items,
        .n_nodes = c->nodes.n,
    };
    OD_TRY(nodes_check(&c->nodes, err));
    if (!o.listen && !o.unix_path)
        return od_fail(err, OD_R_USAGE_WRONG,
                       "why=listen and unix_socket are both empty: nobody could reach the server");
    if (o.listen) {
        OD_TRY(certificates_read(c, &s->tls, err));
        o.tls = s->tls;
    }
    memcpy(o.environment, s->server.environment, sizeof o.environment);
    memcpy(o.node, s->server.node, sizeof o.node);
    return net_start(&s->server, &o, &net, err); /* and sets server.net */
}

static enum od_status start(struct serve *s, struct od_err *err)
{
    const struct conf *c = s->conf;
    signals_take(s);
    OD_TRY(database_check(s, err));
    if (*c->metrics_listen)
        OD_TRY(metrics_http_start(s->base, c->metrics_listen, &s->server, &s->http, err));
    server_start(&s->server, c);
    s->started = true;
    return network_start(s, err);
}

static void serve_done(struct serve *s)
{
    if (s->stopping)
        pthread_join(s->drainer, NULL);
    if (s->started)
        server_stop(&s->server);
    metrics_http_free(s->http);
    if (s->server.net)
        net_free(s->server.net);
    od_tls_context_free(s->tls);
    for (size_t i = 0; i < OD_LEN(SIGNALS); i++)
        if (s->signals[i])
            event_free(s->signals[i]);
    if (s->watchdog)
        event_free(s->watchdog);
    event_free(s->drained);
    close(s->drained_fd);
    event_base_free(s->base);
}

enum od_status admin_serve(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    (void)o;
    od_log_level_set(c->log_level);
    OD_TRY(root_off(c, err));
    descriptors_raise();

    od_cleanup(serve_done) struct serve s = {.conf = c, .server = {.conf = c}};
    s.base = event_base_new();
    od_assert(s.base);
    s.drained_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s.drained = event_new(s.base, s.drained_fd, EV_READ, on_drained, &s);
    od_assert(s.drained_fd >= 0 && s.drained && !event_add(s.drained, NULL));
    OD_TRY(start(&s, err));

    char quoted[128];
    od_log(OD_LOG_INFO, "serving", "version=%s node=%s listen=%s port=%d metrics_port=%d development=%d", ORDO_VERSION,
           od_log_quote(s.server.node, quoted, sizeof quoted), c->listen, (int)net_port(s.server.net),
           s.http ? (int)metrics_http_port(s.http) : 0, s.server.development);
    signals_open();
    watchdog_start(&s);
    sd_notify(0, "READY=1\nSTATUS=serving");
    event_base_loop(s.base, EVLOOP_NO_EXIT_ON_EMPTY);
    od_log(OD_LOG_INFO, "drained", NULL);
    return OD_OK;
}
