/* SPDX-License-Identifier: Apache-2.0
 * What io threads and workers tell each other about inboxes (design §6). The content of an event is decided when it commits;
 * delivery never filters. */
#ifndef ORDO_NET_PUSH_H
#define ORDO_NET_PUSH_H

#include <stdatomic.h>

#include "common/base/limits.h"
#include "common/base/queue.h"
#include "common/base/str.h"

struct server;

/* One event in one inbox. payload: a packed ordo.Event without seq; the sender of the frame appends field 1 (seq), which is
 * the same message by protobuf's rule of concatenation. */
struct push_event {
    int64_t principal_id;
    uint64_t seq;
    struct od_str payload;
};

/* The events of one committed call, shared by all io threads; freed with the last reference. An event without payload
 * only says that the inbox has grown (told by another node), to seq where that is known: read it from the table. */
struct push_batch {
    atomic_uint refs;
    size_t n;
    struct push_event events[];
};

/* What a worker needs and answers for METHOD_PUSH_OPEN, _FETCH and _ACK; lies in the call's arena (rpc->state). */
struct push_call {
    int64_t principal_id;
    char name[64];                 /* of the subscription */
    uint64_t after;                /* OPEN: resume behind it (has_after); FETCH: rows behind it; ACK: acknowledged up to it */
    bool has_after;
    bool from_now;
    size_t max_bytes;              /* FETCH: about so much payload */
    /* answers */
    uint64_t acked;                /* OPEN: where to start from */
    uint64_t head;                 /* the newest sequence */
    uint64_t oldest;               /* the oldest one kept; head + 1 when nothing is */
    size_t n;
    struct push_event *rows;       /* contiguous from after + 1 */
};

/* Hands a committed call's events to the io threads; takes over the caller's reference. Any thread. */
void push_publish(struct server *server, struct push_batch *batch);
void push_batch_unref(struct push_batch *batch);

/* Asks every connection of this principal to end within the turn (rights lost). Any thread. */
void push_revoke(struct server *server, int64_t principal_id);

/* The principals that have subscriptions on this node, ascending; returns how many there are, fills at most max. Any thread.
 * For the wake thread's poll. */
size_t push_subscribed(struct server *server, int64_t *ret_ids, size_t max);

#endif
