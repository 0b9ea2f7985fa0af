/* SPDX-License-Identifier: Apache-2.0
 * What the jobs share among themselves. */
#ifndef ORDO_JOBS_INTERNAL_H
#define ORDO_JOBS_INTERNAL_H

#include <stdatomic.h>

#include "server/jobs/jobs.h"
#include "server/rpc/worker.h"

struct jobs {
    struct worker clock_worker;   /* without a loop of its own: the clock thread runs its calls by it */
    pthread_t clock_thread;
    pthread_t wake_thread;
    atomic_bool stop;
};

void *clock_main(void *server);
void *wake_main(void *server);

#endif
