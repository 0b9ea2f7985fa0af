/* SPDX-License-Identifier: Apache-2.0
 * One loop, its connections and its calls. Everything here is the thread's own but the two queues, `awake`, the counters and
 * the list of subscribed principals. For server/net alone. */
#ifndef ORDO_NET_IO_THREAD_H
#define ORDO_NET_IO_THREAD_H

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>

#include "server/net/net.h"
#include "server/net/push.h"

struct call;
struct conn;
struct inbox;
struct listener;

enum { IO_RX_BYTES = 64 * 1024 };

enum io_mail_kind { IO_MAIL_SOCKET, IO_MAIL_BATCH, IO_MAIL_REVOKE, IO_MAIL_TLS, IO_MAIL_DRAIN };

/* What other threads ask of this one. */
struct io_mail {
    struct od_queue_item link;
    enum io_mail_kind kind;
    int fd;                    /* SOCKET: accepted, non-blocking */
    bool local;                /* SOCKET: of the Unix socket */
    bool surplus;              /* SOCKET: above the maximum; hears so and goes */
    char peer[64];             /* SOCKET */
    struct push_batch *batch;  /* BATCH: one reference */
    int64_t principal_id;      /* REVOKE */
    struct od_tls_context *tls; /* TLS: one reference */
    int64_t until_us;          /* DRAIN */
};

/* Written by one thread, read by any. */
struct io_counters {
    _Atomic uint64_t connections_open, connections_total, frames_in, frames_out, bytes_in, bytes_out, protocol_errors,
        events_sent;
};

static inline void counter_add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

struct io_thread {
    struct net *net;
    pthread_t thread;
    struct event_base *base;
    struct event *wake_event;
    struct event *tick_event;
    int wake_fd;

    struct od_queue returned;  /* struct rpc, from workers */
    struct od_queue mail;      /* struct io_mail */
    atomic_bool awake;         /* who sets it from false writes wake_fd */

    struct od_tls_context *tls; /* of connections to come */
    struct conn *conns;        /* open ones */
    struct conn *dirty;        /* with output to flush, by next_dirty */
    struct conn *gone;         /* closed, freed when their last call is back and the turn is over */
    struct od_queue_item *work_first, *work_last; /* calls of this turn, pushed together */
    size_t work_n;
    struct call *free_calls;
    unsigned n_free_calls;
    int64_t now_us;            /* monotonic, of this turn */
    bool draining;
    int64_t drain_until_us;
    uint64_t trace_n;
    unsigned char trace_base[8];

    struct inbox *inboxes;     /* by principal */
    pthread_mutex_t subscribed_lock;
    int64_t *subscribed;       /* their principals, ascending; under subscribed_lock */
    size_t n_subscribed, cap_subscribed;

    struct od_buf plain;       /* what was decrypted in this wake */
    struct od_buf cipher;      /* what is being sent */
    struct od_buf scratch;     /* inflating, deflating */
    struct io_counters counters;
    char rx[IO_RX_BYTES];
};

struct net {
    struct server *server;
    struct net_options options;
    struct listener *listener;
    atomic_size_t connections;
    unsigned n_threads;
    bool joined;
    struct io_thread threads[];
};

enum od_status io_thread_init(struct io_thread *t, struct net *net, struct od_err *err);
enum od_status io_thread_start(struct io_thread *t, struct od_err *err);
void io_thread_done(struct io_thread *t); /* after it was joined or never started; frees the calls that never came back */

void io_mail_post(struct io_thread *t, struct io_mail *mail); /* any thread; takes it over */
void io_return(struct io_thread *t, struct rpc *rpc);         /* any thread; takes it over */

/* The thread's own: queues a call for the push at the end of the turn. */
void io_work_add(struct io_thread *t, struct rpc *rpc);

#endif
