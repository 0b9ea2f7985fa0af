/* SPDX-License-Identifier: Apache-2.0
 * A connection and the calls that it has under way. Lives and dies on one io thread. For server/net alone. */
#ifndef ORDO_NET_CONN_H
#define ORDO_NET_CONN_H

#include <event2/event_struct.h>

#include "common/wire/frame.h"
#include "common/wire/tls.h"
#include "server/net/io_thread.h"
#include "server/rpc/methods.h"
#include "server/rpc/session.h"

struct subscription;

enum conn_state {
    CONN_NEW,           /* TLS, then waiting for HELLO */
    CONN_HELLO,         /* versions and limits are agreed */
    CONN_AUTHENTICATED,
    CONN_CLOSING,       /* the last words are on their way; what comes in is thrown away */
    CONN_GONE,          /* no socket any more; waits for its calls */
};

struct conn {
    struct io_thread *io;
    struct conn *prev, *next;      /* io->conns or io->gone */
    struct conn *next_dirty;
    int fd;
    struct od_tls *tls;            /* NULL on the Unix socket */
    struct event read_event, write_event;
    enum conn_state state;
    bool local, surplus;
    bool dirty;
    bool draining;                 /* the first GOAWAY went out */
    bool paused;                   /* not read: too much is owed to the peer or held for it */
    bool writable_awaited;
    bool pinged;                   /* nothing came since our PING */
    bool zstd;                     /* both sides have it */
    bool has_language;             /* HELLO said one; else it is the person's */
    enum od_language language;
    char peer[64];
    struct session *session;

    struct od_buf in;              /* plaintext that is not a whole frame yet, or waits for the pause to end */
    struct od_buf out;             /* plaintext of this turn's frames */
    struct od_buf unsent;          /* as it goes to the socket, from unsent_at on */
    size_t unsent_at;

    size_t max_in;                 /* payload bytes accepted, sent */
    size_t max_out;
    uint64_t last_id;              /* the newest id of the peer */
    uint64_t own_id;               /* the newest of ours: even */
    int64_t credit;                /* DATA and EVENT bytes that the peer takes, of all ids */
    uint32_t credit_call;          /* an id's first credit */
    int64_t credit_in;             /* DATA bytes that the peer may send, of all ids */

    struct call *calls;
    unsigned n_calls;              /* of them, those that count against OD_CALLS_IN_FLIGHT_MAX */
    unsigned n_uploads;
    unsigned n_away;               /* with workers or on the way there */
    struct call *auth;             /* the AUTH under way */
    size_t held_bytes;             /* bodies of calls that are away */
    struct subscription *subscriptions;
    unsigned n_subscriptions;

    int64_t handshake_until_us;
    int64_t received_us;           /* when something came last */
    int64_t drained_us;            /* when the end was announced */
    int64_t linger_until_us;
};

enum call_state {
    CALL_AWAY,      /* the rpc is a worker's, or queued for one */
    CALL_PARKED,    /* a list that waits for credit, with a page in rpc.out or between two */
    CALL_UPLOADING, /* waits for DATA */
};

enum call_kind { CALL_REQUEST, CALL_AUTH, CALL_PUSH };

/* A call of a connection: the rpc, which travels, and what stays with the io thread. */
struct call {
    struct rpc rpc;
    struct call *prev, *next;
    enum call_state state;
    enum call_kind kind;
    uint32_t timeout_ms;
    int64_t deadline_us;           /* as in the rpc, which may be away */
    bool cancelled;
    bool page;                     /* rpc.out holds one that was not sent yet */
    bool page_zstd;                /* it is deflated */
    uint32_t chunk;                /* the next DATA's number */
    int64_t credit;                /* list: bytes that may be sent; upload: bytes that may come */
    struct od_buf upload;
    size_t held_bytes;
    struct subscription *subscription; /* CALL_PUSH */
};

/* --- conn.c: bytes and life --- */
struct conn *conn_new(struct io_thread *t, const struct io_mail *socket);
void conn_turn_end(struct conn *c);   /* flushes; ends a pause */
void conn_tick(struct conn *c);
void conn_inform(struct conn *c);     /* INFO: the other nodes */
void conn_drain(struct conn *c);      /* announces, refuses, says goodbye, as far as it is time */
void conn_free(struct conn *c);       /* gone and without calls */
void conn_abort(struct conn *c);      /* closes the socket at once */

/* Frames out. They leave at the end of the turn; a connection that is closing takes none. */
void conn_send(struct conn *c, const struct od_frame *f);
void conn_send_message(struct conn *c, uint8_t type, uint64_t id, const ProtobufCMessage *m);
void conn_send_error(struct conn *c, uint64_t id, const struct od_err *err, const unsigned char trace[16]); /* ends the id */
void conn_fail(struct conn *c, uint64_t id, const struct od_err *err); /* says why on that id and closes */
void conn_close(struct conn *c);                                       /* after what was said so far */
bool conn_refuses(const struct conn *c);                               /* new calls and subscriptions: the end was announced */
size_t conn_owed_bytes(const struct conn *c);                          /* output that the peer has not taken */
enum od_language conn_language(const struct conn *c);                  /* of error texts: HELLO's, else the person's */
static inline bool conn_is_open(const struct conn *c) { return c->state < CONN_CLOSING; }

/* --- frame_in.c --- */
enum od_status frame_in(struct conn *c, const struct od_frame *f, struct od_err *err); /* not OD_OK: the connection fails */

/* --- call.c --- */
struct call *call_new(struct conn *c, enum call_kind kind, uint64_t id, uint32_t timeout_ms);
void call_free(struct call *call);          /* takes it off its connection */
void call_away(struct call *call);          /* to a worker */
void call_returned(struct rpc *rpc);
void call_refuse(struct call *call, const struct od_err *err); /* answers and frees */
struct call *call_find(struct conn *c, uint64_t id);
void call_cancel(struct call *call);
void call_credit(struct conn *c, uint64_t id, uint32_t bytes);
void call_pump(struct call *call);          /* a parked one: on with it as far as credit allows */
void calls_pump(struct conn *c);
void calls_tick(struct conn *c);
void calls_abandon(struct conn *c);         /* the connection is gone: parked ones end, the others are marked */
void call_pool_done(struct io_thread *t);

/* --- subscription.c --- */
void subscription_open(struct conn *c, uint64_t id, struct od_str payload);
bool subscription_close(struct conn *c, uint64_t id);
enum od_status subscription_ack(struct conn *c, uint64_t id, struct od_str payload);
bool subscription_credit(struct conn *c, uint64_t id, uint32_t bytes);
void subscription_returned(struct call *call);
void subscriptions_pump(struct conn *c);
void subscriptions_tick(struct conn *c);
void subscriptions_abandon(struct conn *c);
void inboxes_deliver(struct io_thread *t, const struct push_batch *batch);
void inboxes_done(struct io_thread *t);

#endif
