/* SPDX-License-Identifier: Apache-2.0
 * Other nodes: one NOTIFY for all inboxes that grew within 10 ms, never inside a business transaction; what others notify
 * goes to the io threads as "read the table". Behind it, each second, a poll of what is subscribed here and of lost rights. */
#include <stdlib.h>
#include <time.h>

#include "common/base/log.h"
#include "server/conf/conf.h"
#include "server/jobs/internal.h"
#include "server/net/push.h"
#include "server/rpc/inbox.h"
#include "server/store/listen.h"

enum { TICK_MS = 10, POLL_MS = 1000, IDS_MAX = 4096 };

static size_t drain(struct server *server, int64_t *ids, size_t max)
{
    size_t n = 0;
    struct od_queue_item *next;
    for (struct od_queue_item *item = od_queue_drain(&server->wake); item; item = next) {
        struct wake_item *w = OD_CONTAINER(item, struct wake_item, link);
        next = item->next;
        for (size_t i = 0; i < w->n && n < max; i++)
            ids[n++] = w->principal_ids[i];
        free(w);
    }
    return n;
}

/* Without payload: the inbox has grown, to seqs[] or (NULL) nobody knows how far. */
static void tell_io(struct server *server, const int64_t *ids, const int64_t *seqs, size_t n)
{
    if (!n)
        return;
    struct push_batch *b = od_xcalloc(1, sizeof *b + n * sizeof b->events[0]);
    atomic_init(&b->refs, 1);
    b->n = n;
    for (size_t i = 0; i < n; i++)
        b->events[i] = (struct push_event){.principal_id = ids[i], .seq = seqs ? (uint64_t)seqs[i] : 0};
    push_publish(server, b);
}

static void poll_rights(struct server *server, struct listen *l)
{
    struct od_err err;
    const int64_t *ids;
    size_t n;
    if (listen_rights(l, &ids, &n, &err) != OD_OK)
        return; /* the connection is looked after by the loop */
    for (size_t i = 0; i < n; i++)
        push_revoke(server, ids[i]);
}

/* A notification that was lost costs a second, not the event. */
static void poll_heads(struct server *server, struct listen *l, int64_t *ids)
{
    struct od_err err;
    int64_t *heads = od_xcalloc(2 * IDS_MAX, sizeof *heads);
    size_t n = push_subscribed(server, ids, IDS_MAX);
    if (n && listen_heads(l, ids, n < IDS_MAX ? n : IDS_MAX, heads, heads + IDS_MAX, &n, &err) == OD_OK)
        tell_io(server, heads, heads + IDS_MAX, n);
    free(heads);
}

static void tick(struct server *server, struct listen *l, int64_t *ids, bool poll)
{
    struct od_err err;
    size_t n = drain(server, ids, IDS_MAX);
    if (n && listen_notify(l, ids, n, &err) != OD_OK)
        od_log(OD_LOG_WARN, "other nodes were not woken; their poll finds it", "why=\"%.200s\"", err.args);
    tell_io(server, ids, NULL, listen_take(l, ids, IDS_MAX));
    if (!poll)
        return;
    poll_heads(server, l, ids);
    poll_rights(server, l);
}

static void reopen(struct server *server, struct listen *l, bool *down)
{
    struct od_err err;
    listen_close(l);
    bool failed = listen_open(l, server->conf->database, &err) != OD_OK;
    if (failed != *down)
        od_log(failed ? OD_LOG_WARN : OD_LOG_INFO, failed ? "other nodes are not heard" : "other nodes are heard again", "why=\"%.200s\"",
               failed ? err.args : "");
    *down = failed;
}

void *wake_main(void *arg)
{
    struct server *server = arg;
    struct listen l = {0};
    bool down = false;
    int64_t *ids = od_xcalloc(IDS_MAX, sizeof *ids), poll_us = 0;
    while (!atomic_load(&server->jobs->stop)) {
        struct timespec pause = {0, TICK_MS * 1000000};
        int64_t now_us = od_mono_us();
        bool poll = now_us >= poll_us;
        if (poll)
            poll_us = now_us + POLL_MS * OD_US_PER_MS;
        if (!listen_ok(&l) && poll) /* tried once a second */
            reopen(server, &l, &down);
        if (listen_ok(&l))
            tick(server, &l, ids, poll);
        nanosleep(&pause, NULL);
    }
    drain(server, ids, IDS_MAX);
    listen_done(&l);
    free(ids);
    return NULL;
}
