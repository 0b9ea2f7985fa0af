/* SPDX-License-Identifier: Apache-2.0
 * The node: what its threads share. Made by main (or by a test), passed down; no globals. */
#ifndef ORDO_SERVER_H
#define ORDO_SERVER_H

#include <stdatomic.h>

#include "common/base/queue.h"
#include "server/metrics.h"

struct conf;
struct jobs;
struct net;
struct worker;

struct server {
    const struct conf *conf;          /* immutable after start */
    _Atomic(struct net *) net;        /* NULL until the network stands: the jobs run before it */
    struct od_queue work;             /* struct rpc: io threads -> workers */
    struct od_queue auth;             /* struct rpc: workers -> auth threads (Argon2id) -> back to work */
    struct od_queue wake;             /* struct wake_item: committed inboxes, for the coalesced NOTIFY */
    atomic_bool draining;
    unsigned char environment[16];
    char node[64];
    bool development;                 /* the database is marked so */
    char decoy[192];                  /* an Argon2id hash of nothing known: what unknown names are compared with */
    pthread_t auth_threads[16];
    struct worker *workers;
    unsigned n_workers;               /* as set, or by the time that a commit takes */
    struct jobs *jobs;                /* clock and wake */
    struct metrics metrics;
};

/* Starts workers, auth threads and jobs; environment, node and development are known, the network comes after it. */
void server_start(struct server *s, const struct conf *conf);
/* After the network has stopped: ends the threads, closes the connections. */
void server_stop(struct server *s);

#endif
