/* SPDX-License-Identifier: Apache-2.0
 * Starting and ending what stands behind the network: queues, workers, auth threads, jobs. */
#include "server/server.h"

#include <stdlib.h>

#include "common/base/limits.h"
#include "server/conf/conf.h"
#include "server/jobs/jobs.h"
#include "server/rpc/login.h"
#include "server/rpc/worker.h"

static enum od_status read_environment(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct server *s = into;
    (void)tx;
    OD_TRY(txn_one_row(r, "environment", 0, err));
    struct od_str id = pg_get_str(r, 0, 0);
    memcpy(s->environment, id.p, id.n < sizeof s->environment ? id.n : sizeof s->environment);
    s->development = pg_get_int(r, 0, 1) != 0;
    return OD_OK;
}

static enum od_status know_environment(struct server *s, struct od_err *err)
{
    struct db db;
    struct od_arena arena;
    struct txn tx;
    enum od_status status = db_open(&db, s->conf->database, err);
    od_arena_init(&arena, 64 * 1024);
    if (status == OD_OK) {
        txn_init(&tx, &db, &arena);
        txn_query(&tx, STMT_environment_get, read_environment, s, PG_NONE);
        status = txn_load(&tx, err);
    }
    db_close(&db);
    od_arena_done(&arena);
    return status;
}

enum od_status server_start(struct server *s, const struct conf *conf, struct od_err *err)
{
    s->conf = conf;
    atomic_init(&s->draining, false);
    OD_TRY(know_environment(s, err));
    od_queue_init(&s->work, OD_WORK_QUEUE_MAX);
    od_queue_init(&s->auth, OD_AUTH_QUEUE_MAX);
    od_queue_init(&s->wake, OD_WORK_QUEUE_MAX);
    s->workers = od_xcalloc(conf->workers, sizeof *s->workers);
    for (unsigned i = 0; i < conf->workers; i++)
        worker_start(&s->workers[i], s, i);
    login_threads_start(s);
    jobs_start(s);
    return OD_OK;
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
