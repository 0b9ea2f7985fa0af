/* SPDX-License-Identifier: Apache-2.0
 * Starting and ending what stands behind the network: queues, workers, auth threads, jobs. */
#include "server/server.h"

#include <stdlib.h>

#include "common/base/limits.h"
#include "server/conf/conf.h"
#include "server/jobs/jobs.h"
#include "server/rpc/login.h"
#include "server/rpc/worker.h"

void server_start(struct server *s, const struct conf *conf)
{
    s->conf = conf;
    atomic_init(&s->draining, false);
    od_queue_init(&s->work, OD_WORK_QUEUE_MAX);
    od_queue_init(&s->auth, OD_AUTH_QUEUE_MAX);
    od_queue_init(&s->wake, OD_WORK_QUEUE_MAX);
    s->workers = od_xcalloc(conf->workers, sizeof *s->workers);
    for (unsigned i = 0; i < conf->workers; i++)
        worker_start(&s->workers[i], s, i);
    login_threads_start(s);
    jobs_start(s);
}

void server_stop(struct server *s)
{
    jobs_stop(s);
    login_threads_join(s);
    od_queue_close(&s->work);
    for (unsigned i = 0; i < s->conf->workers; i++)
        worker_join(&s->workers[i]);
    free(s->workers);
    od_queue_close(&s->wake);
    for (struct od_queue_item *item = od_queue_drain(&s->wake), *next; item; item = next) {
        next = item->next;
        free(item);
    }
    od_queue_done(&s->work);
    od_queue_done(&s->auth);
    od_queue_done(&s->wake);
}
