/* SPDX-License-Identifier: Apache-2.0
 * The network side as the rest of the server sees it: start, stop, and the way back for calls. */
#ifndef ORDO_NET_NET_H
#define ORDO_NET_NET_H

#include "common/wire/tls.h"
#include "server/rpc/rpc.h"

struct net;

struct net_options {
    const char *listen;           /* host:port, [host]:port; NULL: none */
    const char *unix_path;        /* NULL: none */
    unsigned io_threads;
    size_t connections_max;
    const struct od_tls_context *tls;
    unsigned char environment[16];
    char node[64];
    int64_t (*clock_us)(void);    /* real time for HELLO_OK */
};

/* Counters for the metrics page and the tests; each is only ever written by its own thread. */
struct net_stats {
    uint64_t connections_open, connections_total, frames_in, frames_out, bytes_in, bytes_out, protocol_errors, events_sent;
};

/* Binds and starts the io threads; calls go to server->work (see server/server.h). */
enum od_status net_start(struct server *server, const struct net_options *o, struct net **ret_net, struct od_err *err);
uint16_t net_port(const struct net *net); /* the bound one, for listen port 0 */

/* A call comes back from a worker. Any thread; ownership passes. */
void net_return(struct rpc *rpc);

/* Graceful end: announces GOAWAY, stops accepting, lets calls in flight end for at most drain_ms, sends the second GOAWAY with
 * the true last ids, closes, joins the threads. */
void net_stop(struct net *net, int drain_ms);
void net_free(struct net *net);

void net_stats(const struct net *net, struct net_stats *ret_stats);

#endif
