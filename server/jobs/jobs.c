/* SPDX-License-Identifier: Apache-2.0
 * Starting and stopping the jobs. */
#include <stdlib.h>

#include "server/jobs/internal.h"

void jobs_start(struct server *server)
{
    server->jobs = od_xcalloc(1, sizeof *server->jobs);
    atomic_init(&server->jobs->stop, false);
    server->jobs->clock_worker.server = server;
    od_assert(pthread_create(&server->jobs->clock_thread, NULL, clock_main, server) == 0);
    od_assert(pthread_create(&server->jobs->wake_thread, NULL, wake_main, server) == 0);
}

void jobs_stop(struct server *server)
{
    struct jobs *j = server->jobs;
    atomic_store(&j->stop, true);
    pthread_join(j->clock_thread, NULL);
    pthread_join(j->wake_thread, NULL);
    cache_done(&j->clock_worker.cache);
    if (j->clock_worker.db_ready)
        db_close(&j->clock_worker.db);
    free(j);
    server->jobs = NULL;
}
