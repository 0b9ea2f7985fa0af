/* SPDX-License-Identifier: Apache-2.0
 * The server's own work: due timers, waking other nodes, upkeep. Each has a thread and a connection of its own, so that no
 * queue of calls can hold it up. */
#ifndef ORDO_JOBS_H
#define ORDO_JOBS_H

#include "server/server.h"

void jobs_start(struct server *server);
void jobs_stop(struct server *server);

/* A due timer that this node holds; METHOD_TIMER_FIRE's input (rpc->state). */
struct timer_claim {
    int kind;
    int64_t ref;
    int32_t branch_id;
    int claim;
    int tries;        /* claims since it was set, this one included */
    bool parked;      /* too many: it is not to be fired */
};

#endif
