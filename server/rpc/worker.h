/* SPDX-License-Identifier: Apache-2.0
 * A worker: one thread, one connection to PostgreSQL, one call at a time or a few reads together. */
#ifndef ORDO_RPC_WORKER_H
#define ORDO_RPC_WORKER_H

#include <pthread.h>

#include "server/rpc/cache.h"
#include "server/server.h"
#include "server/store/txn.h"

struct worker {
    struct server *server;
    pthread_t thread;
    unsigned number;
    struct db db;
    bool db_ready;
    bool pooled;                /* one of the n_workers; the clock's own is not */
    bool down;                  /* counted in metrics.workers_down */
    int64_t db_retry_us;        /* monotonic: not before this the database is tried again */
    struct txn tx;
    bool moved;                 /* the call that was run went on to another thread */
    struct cache cache;         /* what never changes: versions of SLAs and types, departments */
};

void worker_start(struct worker *w, struct server *server, unsigned number);
void worker_join(struct worker *w);

/* Makes sure that there is a connection. DATABASE_DOWN otherwise; a broken one is made anew, at most once in 200 ms. */
enum od_status worker_db(struct worker *w, struct od_err *err);

#endif
