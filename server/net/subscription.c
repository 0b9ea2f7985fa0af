/* SPDX-License-Identifier: Apache-2.0
 * Inboxes and who listens to them on this thread. An event comes out of memory only as the very next one; anything else is
 * read from the table, so that order and completeness rest on the inbox's sequence alone. */
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

#include "common/base/time.h"
#include "common/wire/prescan.h"
#include "push.pb-c.h"
#include "server/net/conn.h"
#include "server/rpc/reply.h"

enum { FETCH_BYTES = 64 * 1024, RETRY_MS = 1000 };

enum subscription_state { SUBSCRIPTION_OPENING, SUBSCRIPTION_LIVE, SUBSCRIPTION_ENDING };

struct subscription {
    struct conn *conn;
    struct inbox *inbox;                       /* NULL once it is ending */
    struct subscription *prev, *next;          /* of the connection */
    struct subscription *peer_prev, *peer_next;/* of the inbox */
    enum subscription_state state;
    uint64_t id;
    char name[sizeof((struct push_call *)NULL)->name];
    uint64_t last;          /* delivered up to here */
    uint64_t newest;        /* heard of up to here */
    uint64_t oldest;        /* kept from here on, as last heard */
    uint64_t ack_wanted, ack_done;
    int64_t credit;
    int64_t retry_us;       /* the table was not to be had: not before then */
    int64_t bookmark_us;    /* when the last one went out */
    bool grown;             /* somebody says that there is more, not how much */
    bool fetching, acking;  /* a call of ours is away */
    bool backlog;           /* a bookmark is owed when the table is read to its end */
    bool starved;           /* the next event is larger than the credit */
};

struct inbox {
    int64_t principal_id;
    struct subscription *subscriptions;
    UT_hash_handle hh;
};

/* --- inboxes ------------------------------------------------------------------------------------------------------------ */

/* Keeps the list that other threads read: ascending, one entry an inbox. */
static void subscribed_change(struct io_thread *t, int64_t principal_id, bool add)
{
    pthread_mutex_lock(&t->subscribed_lock);
    size_t at = 0;
    while (at < t->n_subscribed && t->subscribed[at] < principal_id)
        at++;
    if (add) {
        if (t->n_subscribed == t->cap_subscribed) {
            t->cap_subscribed = t->cap_subscribed ? t->cap_subscribed * 2 : 16;
            t->subscribed = od_xrealloc(t->subscribed, t->cap_subscribed * sizeof *t->subscribed);
        }
        memmove(t->subscribed + at + 1, t->subscribed + at, (t->n_subscribed - at) * sizeof *t->subscribed);
        t->subscribed[at] = principal_id;
        t->n_subscribed++;
    } else {
        t->n_subscribed--;
        memmove(t->subscribed + at, t->subscribed + at + 1, (t->n_subscribed - at) * sizeof *t->subscribed);
    }
    pthread_mutex_unlock(&t->subscribed_lock);
}

static void inbox_join(struct io_thread *t, struct subscription *s, int64_t principal_id)
{
    struct inbox *inbox;
    HASH_FIND(hh, t->inboxes, &principal_id, sizeof principal_id, inbox);
    if (!inbox) {
        inbox = od_xcalloc(1, sizeof *inbox);
        inbox->principal_id = principal_id;
        HASH_ADD(hh, t->inboxes, principal_id, sizeof inbox->principal_id, inbox);
        subscribed_change(t, principal_id, true);
    }
    s->inbox = inbox;
    DL_APPEND2(inbox->subscriptions, s, peer_prev, peer_next);
}

static void inbox_leave(struct io_thread *t, struct subscription *s)
{
    struct inbox *inbox = od_take(s->inbox);
    if (!inbox)
        return;
    DL_DELETE2(inbox->subscriptions, s, peer_prev, peer_next);
    if (inbox->subscriptions)
        return;
    HASH_DEL(t->inboxes, inbox);
    subscribed_change(t, inbox->principal_id, false);
    free(inbox);
}

void inboxes_done(struct io_thread *t) { od_assert(!t->inboxes); }

/* --- life --------------------------------------------------------------------------------------------------------------- */

static struct subscription *subscription_find(struct conn *c, uint64_t id)
{
    struct subscription *s;
    DL_FOREACH(c->subscriptions, s) {
        if (s->id == id)
            return s;
    }
    return NULL;
}

static void subscription_free(struct subscription *s)
{
    struct conn *c = s->conn;
    struct call *call;
    DL_FOREACH(c->calls, call) {
        if (call->subscription == s)
            call->subscription = NULL;
    }
    inbox_leave(c->io, s);
    DL_DELETE(c->subscriptions, s);
    c->n_subscriptions--;
    free(s);
}

static void subscription_fail(struct subscription *s, const struct od_err *err)
{
    static const unsigned char no_trace[16];
    conn_send_error(s->conn, s->id, err, no_trace);
    subscription_free(s);
}

/* The answer to UNSUBSCRIBE comes when what was acknowledged is kept. */
static void end_if_done(struct subscription *s)
{
    if (s->state != SUBSCRIPTION_ENDING || s->acking || s->ack_wanted > s->ack_done)
        return;
    conn_send(s->conn, &(struct od_frame){.type = OD_F_RESPONSE, .id = s->id});
    subscription_free(s);
}

/* A call for the table on behalf of s; the caller fills the rest of what it returns. */
static struct push_call *push_call_new(struct subscription *s, const struct method *method, struct call **ret_call)
{
    struct conn *c = s->conn;
    struct call *call = call_new(c, CALL_PUSH, s->id, 0);
    struct push_call *p = call ? OD_ARENA_NEW(&call->rpc.arena, struct push_call) : NULL;
    if (!p) {
        if (call)
            call_free(call);
        return NULL;
    }
    p->principal_id = c->session->principal_id;
    memcpy(p->name, s->name, sizeof p->name);
    call->subscription = s;
    call->rpc.method = method;
    call->rpc.state = p;
    *ret_call = call;
    return p;
}

static void retry_later(struct subscription *s) { s->retry_us = s->conn->io->now_us + RETRY_MS * OD_US_PER_MS; }

/* --- delivery ----------------------------------------------------------------------------------------------------------- */

static void bookmark(struct subscription *s)
{
    Ordo__Bookmark m = ORDO__BOOKMARK__INIT;
    m.has_seq = m.has_oldest = true;
    m.seq = s->last;
    m.oldest = s->oldest;
    conn_send_message(s->conn, OD_F_BOOKMARK, s->id, &m.base);
    s->bookmark_us = s->conn->io->now_us;
    s->backlog = false;
}

/* Field 1 (seq) of ordo.Event, to stand behind the rest. */
static size_t seq_field(uint64_t seq, char out[11])
{
    size_t n = 0;
    out[n++] = 0x08;
    for (; seq >= 0x80; seq >>= 7)
        out[n++] = (char)(seq | 0x80);
    out[n++] = (char)seq;
    return n;
}

static bool room_for_output(const struct subscription *s)
{
    return conn_owed_bytes(s->conn) <= OD_OUT_QUEUE_MAX_BYTES / 2;
}

/* Sends the next event; false when credit or room is missing. */
static bool deliver(struct subscription *s, const struct push_event *e)
{
    struct conn *c = s->conn;
    char seq[11];
    size_t n_seq = seq_field(e->seq, seq);
    int64_t n = (int64_t)(e->payload.n + n_seq);
    if (n > s->credit || n > c->credit) {
        s->starved = true;
        return false;
    }
    if (!room_for_output(s))
        return false;
    od_buf_clear(&c->io->scratch);
    od_buf_str(&c->io->scratch, e->payload);
    od_buf_put(&c->io->scratch, seq, n_seq);
    conn_send(c, &(struct od_frame){.type = OD_F_EVENT, .id = s->id, .payload = od_buf_view(&c->io->scratch)});
    s->credit -= n;
    c->credit -= n;
    s->last = e->seq;
    counter_add(&c->io->counters.events_sent, 1);
    return true;
}

static size_t least(size_t a, int64_t b) { return b < (int64_t)a ? (size_t)b : a; }

/* Reads the table when there is more than was delivered and the peer can take it. */
static void pump(struct subscription *s)
{
    struct conn *c = s->conn;
    bool behind = s->newest > s->last || s->grown;
    if (s->state != SUBSCRIPTION_LIVE || s->fetching || !behind || s->starved || !room_for_output(s) ||
        s->credit <= 0 || c->credit <= 0 || c->io->now_us < s->retry_us)
        return;
    struct call *call;
    struct push_call *p = push_call_new(s, &METHOD_PUSH_FETCH, &call);
    if (!p) {
        retry_later(s);
        return;
    }
    p->after = s->last;
    p->max_bytes = least(least(FETCH_BYTES, s->credit), c->credit);
    s->fetching = true;
    s->grown = false;
    s->backlog = true;
    call_away(call);
}

void inboxes_deliver(struct io_thread *t, const struct push_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const struct push_event *e = &batch->events[i];
        struct inbox *inbox;
        struct subscription *s, *next;
        HASH_FIND(hh, t->inboxes, &e->principal_id, sizeof e->principal_id, inbox);
        if (!inbox)
            continue;
        for (s = inbox->subscriptions; s; s = next) {
            next = s->peer_next;
            s->grown = s->grown || !e->seq;
            if (e->seq > s->newest)
                s->newest = e->seq;
            bool is_next = e->payload.p && s->state == SUBSCRIPTION_LIVE && !s->fetching && e->seq == s->last + 1;
            if (!is_next || s->starved || !deliver(s, e))
                pump(s);
        }
    }
}

/* --- what workers answer ------------------------------------------------------------------------------------------------ */

static void worker_error(const struct rpc *rpc, struct subscription *s)
{
    struct od_err err = rpc->err;
    if (err.status == OD_OK)
        od_fail(&err, OD_R_INTERNAL_ERROR, "trace=a step of a subscription");
    subscription_fail(s, &err);
}

static void opened(struct subscription *s, const struct rpc *rpc)
{
    const struct push_call *p = rpc->state;
    if (s->state == SUBSCRIPTION_ENDING) {
        end_if_done(s);
        return;
    }
    if (rpc->status != OD_OK) {
        worker_error(rpc, s);
        return;
    }
    s->state = SUBSCRIPTION_LIVE;
    s->last = p->acked;
    s->oldest = p->oldest;
    if (p->head > s->newest)
        s->newest = p->head;
    bookmark(s);
    pump(s);
}

static void fetched(struct subscription *s, const struct rpc *rpc)
{
    const struct push_call *p = rpc->state;
    struct od_err err;
    s->fetching = false;
    if (s->state != SUBSCRIPTION_LIVE)
        return;
    if (rpc->status == OD_RESYNC_REQUIRED) {
        worker_error(rpc, s);
        return;
    }
    if (rpc->status != OD_OK) {
        s->grown = true;
        retry_later(s);
        return;
    }
    s->oldest = p->oldest;
    if (p->head > s->newest)
        s->newest = p->head;
    bool moved = false;
    for (size_t i = 0; i < p->n && p->rows[i].seq == s->last + 1 && deliver(s, &p->rows[i]); i++)
        moved = true;
    if (s->last < p->head && p->oldest > s->last + 1) {
        od_fail(&err, OD_R_SUBSCRIPTION_GAP, "oldest=%llu", (unsigned long long)p->oldest);
        subscription_fail(s, &err);
        return;
    }
    if (!p->n && p->head <= s->last) /* what was heard of is not there */
        s->newest = s->last;
    else if (!moved && !s->starved && s->newest > s->last)
        retry_later(s);
    if (s->last >= s->newest && !s->grown) {
        if (s->backlog)
            bookmark(s);
    } else {
        pump(s);
    }
}

static void ack_start(struct subscription *s)
{
    struct call *call;
    struct push_call *p;
    if (s->acking || s->state == SUBSCRIPTION_OPENING || s->ack_wanted <= s->ack_done || s->conn->io->now_us < s->retry_us ||
        !(p = push_call_new(s, &METHOD_PUSH_ACK, &call)))
        return;
    p->after = s->ack_wanted;
    s->acking = true;
    call_away(call);
}

static void acked(struct subscription *s, const struct rpc *rpc)
{
    const struct push_call *p = rpc->state;
    s->acking = false;
    if (rpc->status == OD_OK)
        s->ack_done = p->after;
    else if (s->state == SUBSCRIPTION_ENDING) {
        worker_error(rpc, s);
        return;
    } else {
        retry_later(s);
    }
    ack_start(s);
    end_if_done(s);
}

void subscription_returned(struct call *call)
{
    struct subscription *s = call->subscription;
    if (!s || !conn_is_open(call->rpc.conn))
        return;
    if (call->rpc.method == &METHOD_PUSH_OPEN)
        opened(s, &call->rpc);
    else if (call->rpc.method == &METHOD_PUSH_FETCH)
        fetched(s, &call->rpc);
    else
        acked(s, &call->rpc);
}

/* --- what the peer asks ------------------------------------------------------------------------------------------------- */

static enum od_status subscribe_read(struct call *call, struct od_str payload, struct push_call *p, struct od_err *err)
{
    ProtobufCMessage *m = NULL;
    OD_TRY(od_message_unpack(&ordo__subscribe__descriptor, payload, &call->rpc.arena, &m, err));
    const Ordo__Subscribe *wanted = (const Ordo__Subscribe *)m;
    size_t n = wanted->name ? strlen(wanted->name) : 0;
    od_err_clear(err);
    if (!n)
        return od_fail_field(err, "name", OD_R_FIELD_REQUIRED, NULL);
    if (n >= sizeof p->name)
        return od_fail_field(err, "name", OD_R_FIELD_TOO_LONG, "max=%zu", sizeof p->name - 1);
    memcpy(p->name, wanted->name, n + 1);
    p->after = wanted->after;
    p->has_after = wanted->has_after;
    p->from_now = wanted->has_from_now && wanted->from_now;
    return OD_OK;
}

void subscription_open(struct conn *c, uint64_t id, struct od_str payload)
{
    struct od_err err;
    struct call *call;
    struct subscription *s = calloc(1, sizeof *s);
    if (!s) {
        static const unsigned char no_trace[16];
        od_fail(&err, OD_R_OUT_OF_MEMORY, NULL);
        conn_send_error(c, id, &err, no_trace);
        return;
    }
    s->conn = c;
    s->id = id;
    s->credit = c->credit_call;
    DL_APPEND(c->subscriptions, s);
    c->n_subscriptions++;

    struct push_call *p = push_call_new(s, &METHOD_PUSH_OPEN, &call);
    if (!p)
        od_fail(&err, OD_R_OUT_OF_MEMORY, NULL);
    if (!p || subscribe_read(call, payload, p, &err) != OD_OK) {
        subscription_fail(s, &err);
        if (p)
            call_free(call);
        return;
    }
    memcpy(s->name, p->name, sizeof s->name);
    inbox_join(c->io, s, c->session->principal_id); /* before the table is read: what commits meanwhile is heard of */
    call_away(call);
}

bool subscription_close(struct conn *c, uint64_t id)
{
    struct subscription *s = subscription_find(c, id);
    if (!s || s->state == SUBSCRIPTION_ENDING)
        return false;
    bool opening = s->state == SUBSCRIPTION_OPENING;
    s->state = SUBSCRIPTION_ENDING;
    s->retry_us = 0;
    inbox_leave(c->io, s);
    ack_start(s);
    if (!opening)
        end_if_done(s);
    return true;
}

enum od_status subscription_ack(struct conn *c, uint64_t id, struct od_str payload)
{
    struct subscription *s = subscription_find(c, id);
    struct call *call;
    if (!s || s->state != SUBSCRIPTION_LIVE)
        return OD_OK; /* it ended while this was under way */
    if (!push_call_new(s, &METHOD_PUSH_ACK, &call))
        return OD_OK; /* acknowledging is cumulative: the next one says it again */
    struct od_err err;
    ProtobufCMessage *m = NULL;
    enum od_status status = od_message_unpack(&ordo__event_ack__descriptor, payload, &call->rpc.arena, &m, &err);
    uint64_t seq = status == OD_OK ? ((const Ordo__EventAck *)m)->seq : 0;
    call_free(call);
    if (status == OD_OK && seq > s->last) {
        od_err_clear(&err);
        status = od_fail_field(&err, "seq", OD_R_FIELD_RANGE, "min=0" OD_AND "max=%llu", (unsigned long long)s->last);
    }
    if (status != OD_OK) {
        subscription_fail(s, &err);
        return OD_OK;
    }
    if (seq > s->ack_wanted)
        s->ack_wanted = seq;
    ack_start(s);
    return OD_OK;
}

bool subscription_credit(struct conn *c, uint64_t id, uint32_t bytes)
{
    struct subscription *s = subscription_find(c, id);
    if (!s)
        return false;
    s->credit = s->credit + bytes > OD_CREDIT_MAX_BYTES ? OD_CREDIT_MAX_BYTES : s->credit + bytes;
    s->starved = false;
    pump(s);
    return true;
}

void subscriptions_pump(struct conn *c)
{
    struct subscription *s, *next;
    DL_FOREACH_SAFE(c->subscriptions, s, next) {
        s->starved = false; /* the connection's credit may have been what was missing */
        pump(s);
    }
}

void subscriptions_tick(struct conn *c)
{
    int64_t now_us = c->io->now_us, interval_us = c->io->net->options.bookmark_interval_ms * OD_US_PER_MS;
    struct subscription *s, *next;
    DL_FOREACH_SAFE(c->subscriptions, s, next) {
        ack_start(s);
        pump(s);
        if (s->state == SUBSCRIPTION_LIVE && !s->fetching && s->last >= s->newest && now_us - s->bookmark_us >= interval_us)
            bookmark(s);
    }
}

void subscriptions_abandon(struct conn *c)
{
    struct subscription *s, *next;
    DL_FOREACH_SAFE(c->subscriptions, s, next)
        subscription_free(s);
}
