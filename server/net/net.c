/* SPDX-License-Identifier: Apache-2.0
 * Start, stop, and the doors through which other threads come in. */
#include "server/net/net.h"

#include <stdlib.h>

#include "common/base/time.h"
#include "server/net/conn.h"
#include "server/net/listener.h"
#include "server/server.h"

static void options_fill(struct net_options *o)
{
    if (!o->io_threads)
        o->io_threads = 1;
    if (!o->connections_max)
        o->connections_max = OD_CONNECTIONS_MAX;
    if (!o->handshake_timeout_ms)
        o->handshake_timeout_ms = OD_HANDSHAKE_TIMEOUT_MS;
    if (!o->idle_timeout_ms)
        o->idle_timeout_ms = OD_IDLE_TIMEOUT_MS;
    if (!o->ping_interval_ms)
        o->ping_interval_ms = OD_PING_INTERVAL_MS;
    if (!o->bookmark_interval_ms)
        o->bookmark_interval_ms = OD_BOOKMARK_INTERVAL_MS;
    if (!o->clock_us)
        o->clock_us = od_real_us;
}

enum od_status net_start(struct server *server, const struct net_options *o, struct net **ret_net, struct od_err *err)
{
    struct net_options options = *o;
    options_fill(&options);
    struct net *net = od_xcalloc(1, sizeof *net + options.io_threads * sizeof(struct io_thread));
    net->server = server;
    net->options = options;
    enum od_status status = OD_OK;
    while (status == OD_OK && net->n_threads < options.io_threads)
        status = io_thread_init(&net->threads[net->n_threads++], net, err);
    if (status == OD_OK)
        status = listener_new(net, &net->listener, err);
    if (status != OD_OK) {
        net->joined = true;
        net_free(net);
        return status;
    }
    atomic_store(&server->net, net); /* whole: the jobs may publish through it from now on */
    *ret_net = net;
    for (unsigned i = 0; i < net->n_threads; i++) {
        struct od_err fatal;
        bool started = io_thread_start(&net->threads[i], &fatal) == OD_OK;
        od_assert(started); /* a machine that cannot start a thread cannot serve */
    }
    return OD_OK;
}

uint16_t net_port(const struct net *net) { return listener_port(net->listener); }

void net_tls_set(struct net *net, struct od_tls_context *tls)
{
    for (unsigned i = 0; i < net->n_threads; i++) {
        struct io_mail *mail = od_xcalloc(1, sizeof *mail);
        mail->kind = IO_MAIL_TLS;
        mail->tls = od_tls_context_ref(tls);
        io_mail_post(&net->threads[i], mail);
    }
}

void net_return(struct rpc *rpc)
{
    if (rpc->conn)
        io_return(rpc->conn->io, rpc);
    else
        rpc_free(rpc);
}

void net_stop(struct net *net, int drain_ms)
{
    if (net->joined)
        return;
    atomic_store(&net->server->draining, true);
    for (unsigned i = 0; i < net->n_threads; i++) {
        struct io_mail *mail = od_xcalloc(1, sizeof *mail);
        mail->kind = IO_MAIL_DRAIN;
        mail->until_us = od_mono_us() + drain_ms * OD_US_PER_MS;
        io_mail_post(&net->threads[i], mail);
    }
    for (unsigned i = 0; i < net->n_threads; i++)
        pthread_join(net->threads[i].thread, NULL);
    net->joined = true;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    net_stop(net, 0);
    if (atomic_load(&net->server->net) == net)
        atomic_store(&net->server->net, NULL);
    listener_free(net->listener);
    for (unsigned i = 0; i < net->n_threads; i++)
        io_thread_done(&net->threads[i]);
    free(net);
}

void net_stats(const struct net *net, struct net_stats *ret_stats)
{
    *ret_stats = (struct net_stats){0};
    for (unsigned i = 0; i < net->n_threads; i++) {
        const struct io_counters *c = &net->threads[i].counters;
#define ADD(field) ret_stats->field += atomic_load_explicit(&c->field, memory_order_relaxed)
        ADD(connections_open);
        ADD(connections_total);
        ADD(frames_in);
        ADD(frames_out);
        ADD(bytes_in);
        ADD(bytes_out);
        ADD(protocol_errors);
        ADD(events_sent);
#undef ADD
    }
}
