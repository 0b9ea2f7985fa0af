/* SPDX-License-Identifier: Apache-2.0
 * The loop. A turn: sockets are read and calls collected; calls are pushed at once; what came back becomes frames; every
 * connection with output is flushed; what was closed is freed. */
#include "server/net/io_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include <utlist.h>

#include "common/base/limits.h"
#include "common/base/time.h"
#include "server/net/conn.h"
#include "server/net/listener.h"
#include "server/server.h"

enum { TICK_MS = 100, SCRATCH_KEPT_BYTES = 256 * 1024 };

static void wake(struct io_thread *t)
{
    if (atomic_exchange(&t->awake, true))
        return;
    uint64_t one = 1;
    ssize_t n OD_UNUSED = write(t->wake_fd, &one, sizeof one); /* cannot fail: the counter is far from its end */
}

void io_mail_post(struct io_thread *t, struct io_mail *mail)
{
    bool pushed = od_queue_push(&t->mail, &mail->link, &mail->link, 1);
    od_assert(pushed);
    wake(t);
}

void io_return(struct io_thread *t, struct rpc *rpc)
{
    bool pushed = od_queue_push(&t->returned, &rpc->link, &rpc->link, 1);
    od_assert(pushed);
    wake(t);
}

void io_work_add(struct io_thread *t, struct rpc *rpc)
{
    rpc->link.next = NULL;
    if (t->work_last)
        t->work_last->next = &rpc->link;
    else
        t->work_first = &rpc->link;
    t->work_last = &rpc->link;
    t->work_n++;
}

/* All at once; where the queue has no room for all, as many as fit, and the others hear that it is full. */
static void work_push(struct io_thread *t)
{
    struct od_queue *work = &t->net->server->work;
    struct od_queue_item *at = t->work_first, *last = t->work_last;
    size_t n = t->work_n;
    t->work_first = t->work_last = NULL;
    t->work_n = 0;
    if (!n || od_queue_push(work, at, last, n))
        return;
    for (struct od_queue_item *next; at; at = next) {
        next = at->next;
        if (od_queue_push(work, at, at, 1))
            continue;
        struct rpc *rpc = OD_CONTAINER(at, struct rpc, link);
        rpc->status = od_fail(&rpc->err, OD_R_QUEUE_FULL, NULL);
        rpc->result = RPC_REPLY;
        od_buf_clear(&rpc->out);
        call_returned(rpc);
    }
}

static void mail_socket(struct io_thread *t, const struct io_mail *mail)
{
    if (t->draining || !conn_new(t, mail)) {
        close(mail->fd);
        atomic_fetch_sub(&t->net->connections, 1);
    }
}

static void mail_revoke(struct io_thread *t, int64_t principal_id)
{
    struct conn *c, *next;
    DL_FOREACH_SAFE(t->conns, c, next) {
        struct od_err err;
        if (!c->session || c->session->principal_id != principal_id || !conn_is_open(c))
            continue;
        od_fail(&err, OD_R_SESSION_ENDED, NULL);
        conn_fail(c, 0, &err);
    }
}

static void mail_drain(struct io_thread *t, int64_t until_us)
{
    struct conn *c, *next;
    t->draining = true;
    t->drain_until_us = until_us;
    if (t == t->net->threads)
        listener_stop(t->net->listener);
    DL_FOREACH_SAFE(t->conns, c, next)
        conn_drain(c);
}

static void mail_read(struct io_thread *t)
{
    for (struct od_queue_item *at = od_queue_drain(&t->mail), *next; at; at = next) {
        struct io_mail *mail = OD_CONTAINER(at, struct io_mail, link);
        next = at->next;
        switch (mail->kind) {
        case IO_MAIL_SOCKET: mail_socket(t, mail); break;
        case IO_MAIL_BATCH:
            inboxes_deliver(t, mail->batch);
            push_batch_unref(mail->batch);
            break;
        case IO_MAIL_REVOKE: mail_revoke(t, mail->principal_id); break;
        case IO_MAIL_TLS:
            od_tls_context_free(t->tls);
            t->tls = mail->tls;
            break;
        case IO_MAIL_DRAIN: mail_drain(t, mail->until_us); break;
        }
        free(mail);
    }
}

static void flush(struct io_thread *t)
{
    while (t->dirty) {
        struct conn *c = t->dirty;
        t->dirty = c->next_dirty;
        c->dirty = false;
        conn_turn_end(c);
    }
}

/* A closed connection rests until nobody up the stack can still hold it. */
static void sweep(struct io_thread *t)
{
    struct conn *c, *next;
    DL_FOREACH_SAFE(t->gone, c, next) {
        if (!c->calls)
            conn_free(c);
    }
}

static bool waiting(struct io_thread *t) { return od_queue_count(&t->returned) || od_queue_count(&t->mail); }

static void turn(struct io_thread *t)
{
    t->now_us = od_mono_us();
    work_push(t);
    for (struct od_queue_item *at = od_queue_drain(&t->returned), *next; at; at = next) {
        next = at->next;
        call_returned(OD_CONTAINER(at, struct rpc, link));
    }
    mail_read(t);
    flush(t); /* may end a pause and so find more calls */
    work_push(t);
    sweep(t);
    od_buf_clear(&t->plain);
    od_buf_shrink(&t->plain, SCRATCH_KEPT_BYTES);
    od_buf_clear(&t->scratch);
    od_buf_shrink(&t->scratch, SCRATCH_KEPT_BYTES);
}

static bool finished(const struct io_thread *t)
{
    return t->draining && (!t->conns || t->now_us > t->drain_until_us + 2 * (OD_LINGER_MS * OD_US_PER_MS));
}

static void *run(void *arg)
{
    struct io_thread *t = arg;
    while (!finished(t)) {
        atomic_store(&t->awake, false);
        int flags = EVLOOP_ONCE;
        if (waiting(t) || t->dirty || t->work_n)
            flags |= EVLOOP_NONBLOCK;
        event_base_loop(t->base, flags);
        atomic_store(&t->awake, true);
        turn(t);
    }
    struct conn *c, *next;
    DL_FOREACH_SAFE(t->conns, c, next)
        conn_abort(c);
    sweep(t);
    return NULL;
}

/* Edge-triggered, so never read: that it ends the wait is all, the queues are looked at every turn. */
static void on_wake(evutil_socket_t fd OD_UNUSED, short what OD_UNUSED, void *arg OD_UNUSED) {}

static void on_tick(evutil_socket_t fd OD_UNUSED, short what OD_UNUSED, void *arg)
{
    struct io_thread *t = arg;
    struct conn *c, *next;
    t->now_us = od_mono_us();
    DL_FOREACH_SAFE(t->conns, c, next)
        conn_tick(c);
}

enum od_status io_thread_init(struct io_thread *t, struct net *net, struct od_err *err)
{
    t->net = net;
    t->wake_fd = -1;
    t->now_us = od_mono_us();
    t->tls = od_tls_context_ref(net->options.tls);
    od_queue_init(&t->returned, SIZE_MAX);
    od_queue_init(&t->mail, SIZE_MAX);
    pthread_mutex_init(&t->subscribed_lock, NULL);
    atomic_init(&t->awake, true);
    od_buf_init(&t->plain, OD_FRAME_MAX + OD_FRAME_HEADER_BYTES + 2 * IO_RX_BYTES);
    od_buf_init(&t->cipher, SIZE_MAX / 2);
    od_buf_init(&t->scratch, 2 * (size_t)OD_FRAME_MAX);
    struct event_config *config = event_config_new();
    if (config) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
        t->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    t->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!t->base || t->wake_fd < 0 || getrandom(t->trace_base, sizeof t->trace_base, 0) != sizeof t->trace_base)
        return od_fail(err, OD_R_INTERNAL_ERROR, "trace=no event loop");
    t->wake_event = event_new(t->base, t->wake_fd, EV_READ | EV_ET | EV_PERSIST, on_wake, t);
    t->tick_event = event_new(t->base, -1, EV_PERSIST, on_tick, t);
    const struct timeval tick = {0, TICK_MS * 1000L};
    if (!t->wake_event || !t->tick_event || event_add(t->wake_event, NULL) || event_add(t->tick_event, &tick))
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    return OD_OK;
}

enum od_status io_thread_start(struct io_thread *t, struct od_err *err)
{
    int rc = pthread_create(&t->thread, NULL, run, t);
    return rc ? od_fail(err, OD_R_INTERNAL_ERROR, "trace=pthread_create: %s", strerror(rc)) : OD_OK;
}

void io_thread_done(struct io_thread *t)
{
    struct conn *c, *next;
    od_queue_drain(&t->returned); /* their calls are freed with their connections */
    for (struct od_queue_item *at = od_queue_drain(&t->mail), *after; at; at = after) {
        struct io_mail *mail = OD_CONTAINER(at, struct io_mail, link);
        after = at->next;
        if (mail->kind == IO_MAIL_SOCKET)
            close(mail->fd);
        push_batch_unref(mail->batch);
        od_tls_context_free(mail->tls);
        free(mail);
    }
    DL_FOREACH_SAFE(t->gone, c, next) {
        while (c->calls)
            call_free(c->calls);
        conn_free(c);
    }
    call_pool_done(t);
    inboxes_done(t);
    od_tls_context_free(t->tls);
    if (t->wake_event)
        event_free(t->wake_event);
    if (t->tick_event)
        event_free(t->tick_event);
    if (t->base)
        event_base_free(t->base);
    if (t->wake_fd >= 0)
        close(t->wake_fd);
    od_buf_done(&t->plain);
    od_buf_done(&t->cipher);
    od_buf_done(&t->scratch);
    od_queue_done(&t->returned);
    od_queue_done(&t->mail);
    pthread_mutex_destroy(&t->subscribed_lock);
    free(t->subscribed);
}
