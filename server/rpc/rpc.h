/* SPDX-License-Identifier: Apache-2.0
 * One call on its way: made by the io thread from a REQUEST, run by a worker, sent by the io thread. It belongs to exactly
 * one thread at a time and moves by queue; its arena holds everything that it needs. */
#ifndef ORDO_RPC_RPC_H
#define ORDO_RPC_RPC_H

#include <protobuf-c/protobuf-c.h>
#include <stdatomic.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/queue.h"
#include "common/base/uuid.h"

struct conn;
struct method;
struct session;
struct txn;
struct worker;
struct server;

/* What the io thread wants to hear from a call that comes back. */
enum rpc_result {
    RPC_REPLY,    /* `out` holds the frames that end the call (RESPONSE, ERROR, AUTH_OK) */
    RPC_PART,     /* a page of a list: `out` holds a DATA payload. more: the call is pushed to the work queue again when credit
                     allows. Otherwise it was the last one: DATA with END, then RESPONSE with `tail` */
    RPC_EVENTS,   /* internal, for a subscription: see server/net/push.h */
};

struct rpc {
    struct od_queue_item link;
    struct od_arena arena;

    /* where it comes from: set by the io thread, read-only for workers. conn outlives its calls. */
    struct conn *conn;
    uint64_t id;                       /* the frame's */
    const struct method *method;
    struct session *session;           /* a reference of its own, or NULL before a login */
    struct od_str body;                /* as sent, inflated; in the arena */
    struct od_uuid key;                /* all zero: none was sent */
    unsigned char trace[16];
    int64_t received_us;               /* monotonic */
    int64_t deadline_us;               /* monotonic */
    unsigned char peer_certificate[32]; /* SHA-256 of the TLS client certificate (DER) */
    bool has_peer_certificate;
    bool local;                        /* came over the Unix socket */
    enum od_language language;         /* of error texts */
    char peer[64];                     /* address, for audit and login throttling */
    atomic_bool cancelled;             /* set by the io thread; a mark, never an interruption (design §5) */

    /* the run: the worker's */
    struct worker *worker;
    struct txn *tx;
    ProtobufCMessage *req;
    ProtobufCMessage *rep;
    ProtobufCMessage *part;            /* list: the page that is being filled */
    int64_t now_us;                    /* business time of this call */
    int64_t real_us;                   /* the database's real time */
    struct od_err err;
    void *state;                       /* of an internal method, a list between its pages, a read across its wait; in the arena */
    enum od_status (*then)(struct rpc *rpc, ProtobufCMessage *rep); /* of a read: what is left to do behind its wait */
    struct effects *fx;                /* what a write wants to happen besides its own saves; in the arena */
    int64_t object_id;                 /* what was changed, for audit; set by the handler */
    int32_t branch_id;
    const char *password_hash;         /* of the password in the request, made by an auth thread before the run */
    bool more;                         /* list: there are further pages */
    unsigned rows;                     /* list: rows sent so far */

    /* the way back */
    enum rpc_result result;
    enum od_status status;
    bool replayed;
    struct od_buf out;                 /* payload of the answer */
    struct od_buf tail;                /* list: payload of the RESPONSE behind the last page */
    unsigned waits;                    /* on the database, for the log and the tests */
    unsigned statements;
};

/* A call of the server's own (conn is NULL then); NULL when memory is out. Any thread. The calls of a connection are made and
 * freed by its io thread, which keeps them for the next (server/net/conn.h). */
struct rpc *rpc_new(struct conn *conn);
void rpc_free(struct rpc *rpc); /* NULL is legal */

/* For owners that embed it: _reset drops the session and everything of the last use, and keeps a little memory. */
void rpc_init(struct rpc *rpc);
void rpc_reset(struct rpc *rpc);
void rpc_done(struct rpc *rpc);

#endif
