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
    struct od_tls_context *tls;
    const char *const *nodes;     /* host:port of every node, told to clients; must outlive the network */
    size_t n_nodes;
    unsigned char environment[16];
    char node[64];
    int64_t (*clock_us)(void);    /* real time for HELLO_OK and the sessions' ends; NULL: the machine's */
    /* milliseconds; 0: as limits.h has it. For tests. */
    int handshake_timeout_ms, idle_timeout_ms, ping_interval_ms, bookmark_interval_ms;
};

/* Counters for the metrics page and the tests; each is only ever written by its own thread. */
struct net_stats {
    uint64_t connections_open, connections_total, frames_in, frames_out, bytes_in, bytes_out, protocol_errors, events_sent;
};

/* Binds and starts the io threads; calls go to server->work (see server/server.h). Sets server->net. */
enum od_status net_start(struct server *server, const struct net_options *o, struct net **ret_net, struct od_err *err);
/* Connections that are accepted from now on get this one; live ones keep theirs. The caller keeps his reference. */
void net_tls_set(struct net *net, struct od_tls_context *tls);
uint16_t net_port(const struct net *net); /* the bound one, for listen port 0 */

/* A call comes back from a worker. Any thread; ownership passes. By rpc->result:
 * RPC_REPLY: with status OD_OK rpc->out is the payload of the RESPONSE (AUTH_OK), else of the ERROR (server/rpc/reply.h; an
 *   empty one is made from rpc->err). For METHOD_AUTH rpc->session becomes the connection's; METHOD_PUSH_* answer in rpc->state.
 * RPC_PART: rpc->out is a page, at most OD_DATA_CHUNK_MAX bytes. With rpc->more the call is pushed to the work queue again when
 *   credit has let the page go; without, it was the last one, and rpc->tail is the payload of the RESPONSE behind it. */
void net_return(struct rpc *rpc);

/* Graceful end: announces GOAWAY, stops accepting, lets calls in flight end for at most drain_ms, sends the second GOAWAY with
 * the true last ids, closes, joins the threads. */
void net_stop(struct net *net, int drain_ms);
/* After the workers have ended: calls that never came back are freed here. */
void net_free(struct net *net);

void net_stats(const struct net *net, struct net_stats *ret_stats);

#endif
