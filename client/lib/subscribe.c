/* SPDX-License-Identifier: Apache-2.0
 * Subscriptions: open on every connection behind the last event that was handed out, so that a cut leaves neither gap
 * nor repeat; acknowledgements go out once a turn. */
#include "client/lib/internal.h"

#include <stdlib.h>

#include "common/wire/prescan.h"

enum subscription_state {
    SUBSCRIPTION_WAITING, /* to be sent on the connection */
    SUBSCRIPTION_OPEN,
    SUBSCRIPTION_OVER, /* on_end is due */
};

struct ordo_subscription {
    ordo_subscription *next;
    ordo_client *client;
    enum subscription_state state;
    char *name;
    bool has_after, from_now;
    uint64_t after; /* what the caller began with */
    uint64_t seq;   /* the last one handed out */
    uint64_t acked, ack_due;
    uint64_t id; /* on this connection */
    uint32_t ungranted;
    ordo_event_cb on_event;
    ordo_bookmark_cb on_bookmark;
    ordo_end_cb on_end;
    void *arg;
    bool left;         /* the caller gave it up */
    bool refused;      /* by the login: client->why */
    ordo_error *error; /* why it is over; NULL: one of the two above, or no memory for it */
};

static void frame_message(ordo_client *c, enum od_frame_type type, uint64_t id, const ProtobufCMessage *m)
{
    size_t at = od_frame_begin(&c->conn.out);
    od_message_pack(m, &c->conn.out);
    od_frame_end(&c->conn.out, at, (uint8_t)type, 0, 0, id, 0, 0);
}

static void subscription_over(ordo_subscription *s)
{
    s->state = SUBSCRIPTION_OVER;
    s->client->subscriptions_due = true;
}

static void subscription_open(ordo_client *c, ordo_subscription *s)
{
    Ordo__Subscribe m = ORDO__SUBSCRIBE__INIT;
    m.name = s->name;
    m.has_after = s->seq || s->has_after;
    m.after = s->seq ? s->seq : s->after;
    m.has_from_now = s->from_now && !m.has_after;
    m.from_now = s->from_now;
    s->id = c->conn.next_id;
    c->conn.next_id += 2;
    s->ungranted = 0;
    s->state = SUBSCRIPTION_OPEN;
    frame_message(c, OD_F_SUBSCRIBE, s->id, &m.base);
}

static void subscription_acknowledge(ordo_client *c, ordo_subscription *s)
{
    if (s->state != SUBSCRIPTION_OPEN || s->ack_due <= s->acked)
        return;
    Ordo__EventAck m = ORDO__EVENT_ACK__INIT;
    m.has_seq = true;
    m.seq = s->acked = s->ack_due;
    frame_message(c, OD_F_EVENT_ACK, s->id, &m.base);
}

void od_subscriptions_send(ordo_client *c)
{
    if (!c->subscriptions_due)
        return;
    c->subscriptions_due = false;
    for (ordo_subscription *s = c->subscriptions; s; s = s->next) {
        if (s->state == SUBSCRIPTION_WAITING)
            subscription_open(c, s);
        subscription_acknowledge(c, s);
        c->subscriptions_due = c->subscriptions_due || s->state == SUBSCRIPTION_OVER;
    }
}

void od_subscriptions_lost(ordo_client *c)
{
    for (ordo_subscription *s = c->subscriptions; s; s = s->next)
        if (s->state == SUBSCRIPTION_OPEN) {
            s->state = SUBSCRIPTION_WAITING;
            s->acked = 0; /* whether the last one arrived is not known: it goes out again */
        }
    c->subscriptions_due = c->subscriptions != NULL;
}

void od_subscriptions_refuse(ordo_client *c)
{
    for (ordo_subscription *s = c->subscriptions; s; s = s->next) {
        s->refused = s->state != SUBSCRIPTION_OVER;
        subscription_over(s);
    }
}

static void subscription_free(ordo_subscription *s)
{
    free(s->error);
    free(s->name);
    free(s);
}

static void subscription_end(ordo_client *c, ordo_subscription *s)
{
    ordo_error cancelled;
    const ordo_error *error = s->error;
    if (!error || s->left) {
        error = &cancelled;
        if (s->refused)
            cancelled = c->why;
        else
            od_error_set(&cancelled, s->left ? OD_R_CALL_CANCELLED : OD_R_OUT_OF_MEMORY, NULL);
    }
    if (s->on_end) {
        c->in_callback = true;
        s->on_end(s, error, s->arg);
        c->in_callback = false;
    }
    subscription_free(s);
}

bool od_subscriptions_deliver(ordo_client *c)
{
    bool any = false;
    for (ordo_subscription **at = &c->subscriptions; c->subscriptions_due && *at;) {
        ordo_subscription *s = *at;
        if (s->state != SUBSCRIPTION_OVER) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        subscription_end(c, s);
        any = true;
        at = &c->subscriptions; /* the callback may have changed the list */
    }
    return any;
}

void od_subscriptions_done(ordo_client *c)
{
    for (ordo_subscription *s = c->subscriptions; s; s = s->next) {
        s->left = true;
        subscription_over(s);
    }
    od_subscriptions_deliver(c);
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

static void sequence_broken(ordo_client *c, const ordo_subscription *s, uint64_t seq)
{
    struct od_err err;
    od_fail(&err, OD_R_FRAME_ORDER, "type=EVENT" OD_AND "why=%llu came behind %llu", (unsigned long long)seq,
            (unsigned long long)s->seq);
    od_conn_failed(c, &err); /* the next connection resumes behind the last good one */
}

static void event_take(ordo_client *c, ordo_subscription *s, const struct od_frame *f, struct od_str payload)
{
    const Ordo__Event *e = (const Ordo__Event *)od_client_read(c, &ordo__event__descriptor, payload);
    uint64_t last = s->seq ? s->seq : s->after;
    bool first = !s->seq && !s->has_after;
    if (!e)
        return;
    if (!e->seq || (!first && e->seq > last + 1)) {
        sequence_broken(c, s, e->seq);
        return;
    }
    if (first || e->seq == last + 1) {
        s->seq = e->seq;
        c->in_callback = true;
        s->on_event(s, e, s->arg);
        c->in_callback = false;
    }
    od_conn_grant(c, s->id, &s->ungranted, f->payload.n);
}

static void bookmark_take(ordo_client *c, ordo_subscription *s, struct od_str payload)
{
    const Ordo__Bookmark *b = (const Ordo__Bookmark *)od_client_read(c, &ordo__bookmark__descriptor, payload);
    if (!b || !s->on_bookmark)
        return;
    c->in_callback = true;
    s->on_bookmark(s, b->seq, b->oldest, s->arg);
    c->in_callback = false;
}

static void error_take(ordo_client *c, ordo_subscription *s, const struct od_frame *f, struct od_str payload)
{
    bool readable = true;
    struct od_err err;
    s->error = malloc(sizeof *s->error);
    od_arena_reset(&c->arena);
    if (s->error)
        readable = od_error_wire(s->error, f->method, payload, &c->arena);
    subscription_over(s);
    if (readable)
        return;
    od_fail(&err, OD_R_MESSAGE_MALFORMED, "why=an ERROR of the server");
    od_conn_failed(c, &err);
}

bool od_subscriptions_frame(ordo_client *c, const struct od_frame *f, struct od_str payload)
{
    ordo_subscription *s = c->subscriptions;
    while (s && (s->state != SUBSCRIPTION_OPEN || s->id != f->id))
        s = s->next;
    if (!s)
        return false;
    switch (f->type) {
    case OD_F_EVENT: event_take(c, s, f, payload); break;
    case OD_F_BOOKMARK: bookmark_take(c, s, payload); break;
    case OD_F_ERROR: error_take(c, s, f, payload); break;
    default: /* RESPONSE: the server ended it */ s->left = true; subscription_over(s);
    }
    return true;
}

/* --- public ------------------------------------------------------------------------------------------------------- */

static ordo_subscription *subscription_new(ordo_client *c, const ordo_subscribe_options *o)
{
    ordo_subscription *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->client = c;
    s->name = strdup(o->name);
    s->has_after = o->has_after;
    s->after = o->after;
    s->from_now = o->from_now;
    s->on_event = o->on_event;
    s->on_bookmark = o->on_bookmark;
    s->on_end = o->on_end;
    s->arg = o->arg;
    s->refused = c->refused;
    s->state = c->refused ? SUBSCRIPTION_OVER : SUBSCRIPTION_WAITING;
    if (!s->name) {
        subscription_free(s);
        return NULL;
    }
    return s;
}

enum ordo_status ordo_subscribe(ordo_client *client, const ordo_subscribe_options *options,
                                ordo_subscription **ret_subscription, ordo_error *error)
{
    ordo_subscribe_options o = {0};
    unsigned open = 0;
    memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    if (!o.name || !o.on_event)
        return od_error_set(error, OD_R_USAGE_WRONG, "why=a subscription needs struct_size, name and on_event");
    od_client_enter(client);
    enum ordo_status status = ORDO_OK;
    for (const ordo_subscription *s = client->subscriptions; s; s = s->next)
        open++;
    ordo_subscription *s = NULL;
    if (open >= OD_SUBSCRIPTIONS_PER_CONNECTION_MAX)
        status = od_error_set(error, OD_R_LIMIT_EXCEEDED, "limit=subscriptions of a client" OD_AND "max=%d",
                              OD_SUBSCRIPTIONS_PER_CONNECTION_MAX);
    else if (!(s = subscription_new(client, &o)))
        status = od_error_set(error, OD_R_OUT_OF_MEMORY, NULL);
    if (s) {
        s->next = client->subscriptions;
        client->subscriptions = s;
        client->subscriptions_due = true;
        if (ret_subscription)
            *ret_subscription = s;
    }
    od_client_leave(client);
    return status;
}

enum ordo_status ordo_subscription_ack(ordo_subscription *subscription, uint64_t seq)
{
    ordo_client *c = subscription->client;
    od_client_enter(c);
    enum ordo_status status = seq <= subscription->seq ? ORDO_OK : ORDO_USAGE;
    if (status == ORDO_OK && seq > subscription->ack_due) {
        subscription->ack_due = seq;
        c->subscriptions_due = true;
    }
    od_client_leave(c);
    return status;
}

uint64_t ordo_subscription_seq(const ordo_subscription *subscription)
{
    od_client_enter(subscription->client);
    uint64_t seq = subscription->seq;
    od_client_leave(subscription->client);
    return seq;
}

void ordo_unsubscribe(ordo_subscription *subscription)
{
    ordo_client *c = subscription->client;
    od_client_enter(c);
    subscription_acknowledge(c, subscription);
    if (subscription->state == SUBSCRIPTION_OPEN)
        od_conn_put(c, OD_F_UNSUBSCRIBE, subscription->id, 0);
    subscription->left = true;
    subscription_over(subscription);
    od_client_leave(c);
}
