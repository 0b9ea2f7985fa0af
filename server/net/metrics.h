/* SPDX-License-Identifier: Apache-2.0
 * /health and /metrics over plain HTTP, for loopback: served by the main thread, so that they answer while workers are
 * busy. */
#ifndef ORDO_NET_METRICS_H
#define ORDO_NET_METRICS_H

#include "common/base/buf.h"
#include "server/net/net.h"
#include "server/server.h"

struct event_base;
struct metrics_http;

enum { METRICS_PAGE_MAX = 64 * 1024 };

/* listen: host:port or [host]:port, port 0 for any. The server's fields may change until the network starts. */
enum od_status metrics_http_start(struct event_base *base, const char *listen, struct server *server,
                                  struct metrics_http **ret_http, struct od_err *err);
uint16_t metrics_http_port(const struct metrics_http *http); /* the bound one */
void metrics_http_free(struct metrics_http *http);

/* The pages themselves. stats: of the network, NULL before it has started. metrics_health returns whether the node is
 * well: it serves, does not drain, and has a worker with a database. */
void metrics_page(struct server *server, const struct net_stats *stats, struct od_buf *out);
bool metrics_health(struct server *server, struct od_buf *out);

#endif
