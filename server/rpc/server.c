/* SPDX-License-Identifier: Apache-2.0
 * Starting and ending what stands behind the network: queues, workers, auth threads, jobs. */
#include "server/server.h"

#include <stdlib.h>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "server/conf/conf.h"
#include "server/jobs/jobs.h"
#include "server/rpc/login.h"
#include "server/rpc/worker.h"

enum { PROBES = 15 };

/* The median time of a commit, 0 when the database does not answer yet. */
static int64_t commit_us(const struct conf *conf)
{
    const struct txn_scope nobody = {.branches = "{}"};
    int64_t us[PROBES] = {0};
    struct db db;
    struct txn tx;
    struct od_arena arena;
    enum od_status status = db_open(&db, conf->database, NULL);
    od_arena_init(&arena, 64 * 1024);
    for (int i = 0; status == OD_OK && i < PROBES; i++) {
        txn_init(&tx, &db, &arena);
        txn_begin(&tx, &nobody, TXN_WRITE);
        txn_exec(&tx, STMT_commit_probe, PG_NONE);
        status = txn_load(&tx, NULL);
        int64_t start_us = od_mono_us(), took_us;
        if (status == OD_OK)
            status = txn_commit(&tx, NULL);
        took_us = od_mono_us() - start_us;
        int k = i;
        for (; k > 0 && us[k - 1] > took_us; k--)
            us[k] = us[k - 1];
        us[k] = took_us;
    }
    db_close(&db);
    od_arena_done(&arena);
    return status == OD_OK ? us[PROBES / 2] : 0;
}

/* A worker waits for its commit; the slower that is, the more of them keep the processor and the log busy. Measured: at 60 us
 * four are best and eight cost 15 %; at 300 us eight write 1.5 times as much as four and read 10 % less; at 2 ms sixteen write
 * 1.7 times as much as four. */
static unsigned workers_for(int64_t us) { return us < 100 ? 4 : us < 1500 ? 8 : 16; }

void server_start(struct server *s, const struct conf *conf)
{
    s->conf = conf;
    atomic_init(&s->draining, false);
    od_queue_init(&s->work, OD_WORK_QUEUE_MAX);
    od_queue_init(&s->auth, OD_AUTH_QUEUE_MAX);
    od_queue_init(&s->wake, OD_WORK_QUEUE_MAX);
    int64_t us = conf->workers ? 0 : commit_us(conf);
    s->n_workers = conf->workers ? conf->workers : workers_for(us);
    od_log(OD_LOG_INFO, "workers", "n=%u commit_us=%lld", s->n_workers, (long long)us);
    s->workers = od_xcalloc(s->n_workers, sizeof *s->workers);
    for (unsigned i = 0; i < s->n_workers; i++)
        worker_start(&s->workers[i], s, i);
    login_threads_start(s);
    jobs_start(s);
}

void server_stop(struct server *s)
{
    jobs_stop(s);
    login_threads_join(s);
    od_queue_close(&s->work);
    for (unsigned i = 0; i < s->n_workers; i++)
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
