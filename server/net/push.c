/* SPDX-License-Identifier: Apache-2.0
 * From committed calls to the io threads: every thread that has subscribers gets a reference to the one batch. */
#include "server/net/push.h"

#include <stdlib.h>

#include "server/net/io_thread.h"
#include "server/server.h"

void push_batch_unref(struct push_batch *batch)
{
    if (batch && atomic_fetch_sub_explicit(&batch->refs, 1, memory_order_acq_rel) == 1)
        free(batch);
}

static bool thread_has_subscribers(struct io_thread *t)
{
    pthread_mutex_lock(&t->subscribed_lock);
    bool has = t->n_subscribed > 0;
    pthread_mutex_unlock(&t->subscribed_lock);
    return has;
}

void push_publish(struct server *server, struct push_batch *batch)
{
    for (unsigned i = 0; server->net && i < server->net->n_threads; i++) {
        struct io_thread *t = &server->net->threads[i];
        if (!thread_has_subscribers(t))
            continue;
        struct io_mail *mail = od_xcalloc(1, sizeof *mail);
        mail->kind = IO_MAIL_BATCH;
        mail->batch = batch;
        atomic_fetch_add_explicit(&batch->refs, 1, memory_order_relaxed);
        io_mail_post(t, mail);
    }
    push_batch_unref(batch);
}

void push_revoke(struct server *server, int64_t principal_id)
{
    for (unsigned i = 0; server->net && i < server->net->n_threads; i++) {
        struct io_mail *mail = od_xcalloc(1, sizeof *mail);
        mail->kind = IO_MAIL_REVOKE;
        mail->principal_id = principal_id;
        io_mail_post(&server->net->threads[i], mail);
    }
}

/* Merges one thread's ascending ids into the n found so far, which may be more than max: only as many are kept. */
static size_t merge(const int64_t *from, size_t n_from, int64_t *ids, size_t n, size_t max)
{
    for (size_t i = 0; i < n_from; i++) {
        size_t at = 0, kept = n < max ? n : max;
        while (at < kept && ids[at] < from[i])
            at++;
        if (at < kept && ids[at] == from[i])
            continue;
        n++;
        if (at < max) {
            size_t moved = (kept < max ? kept : max - 1) - at;
            memmove(ids + at + 1, ids + at, moved * sizeof *ids);
            ids[at] = from[i];
        }
    }
    return n;
}

size_t push_subscribed(struct server *server, int64_t *ret_ids, size_t max)
{
    size_t n = 0;
    for (unsigned i = 0; server->net && i < server->net->n_threads; i++) {
        struct io_thread *t = &server->net->threads[i];
        pthread_mutex_lock(&t->subscribed_lock);
        n = merge(t->subscribed, t->n_subscribed, ret_ids, n, max);
        pthread_mutex_unlock(&t->subscribed_lock);
    }
    return n;
}
