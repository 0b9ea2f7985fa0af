/* SPDX-License-Identifier: Apache-2.0
 * Calls as their callers know them: made, queued, at rest before another try, cancelled, ended. A call keeps its packed
 * request until its callback has run, so that the same bytes can go out again with the same key. */
#include "client/lib/internal.h"

#include <stdlib.h>

#include "common/base/queue.h"
#include "common/wire/prescan.h"

enum { META_FIELD_BYTES = 18 };

/* --- lists and the pool ------------------------------------------------------------------------------------------- */

void od_call_list_add(struct od_call_list *l, ordo_call *call)
{
    call->next = NULL;
    call->prev = l->last;
    *(l->last ? &l->last->next : &l->first) = call;
    l->last = call;
    l->n++;
}

void od_call_list_remove(struct od_call_list *l, ordo_call *call)
{
    od_assert(!call->prev == (l->first == call) && !call->next == (l->last == call));
    *(call->prev ? &call->prev->next : &l->first) = call->next;
    *(call->next ? &call->next->prev : &l->last) = call->prev;
    call->next = call->prev = NULL;
    l->n--;
}

static void call_timer(struct od_timer *timer);

static ordo_call *pool_take(ordo_client *c)
{
    ordo_call *call = c->calls.pool.first;
    if (call) {
        od_call_list_remove(&c->calls.pool, call);
        return call;
    }
    call = calloc(1, sizeof *call);
    if (call)
        od_buf_init(&call->payload, OD_FRAME_MAX + OD_REQUEST_META_MAX);
    return call;
}

static void pool_put(ordo_client *c, ordo_call *call)
{
    struct od_buf payload = call->payload;
    od_buf_clear(&payload);
    if (c->calls.pool.n >= OD_CLIENT_POOL_MAX) {
        od_buf_done(&payload);
        free(call);
        return;
    }
    od_buf_shrink(&payload, OD_CLIENT_PAYLOAD_KEPT);
    *call = (ordo_call){.payload = payload};
    od_call_list_add(&c->calls.pool, call);
}

/* --- starting ----------------------------------------------------------------------------------------------------- */

static void meta_field(struct od_buf *b, char tag, const unsigned char *value)
{
    static const unsigned char later[16];
    od_buf_char(b, tag);
    od_buf_char(b, 16);
    od_buf_put(b, value ? value : later, 16);
}

/* u16 length of meta ‖ Meta{key, trace} ‖ body. A key that nobody gave is filled in when the call is sent: the server's
 * clock dates it. */
static bool payload_build(ordo_call *call, const struct od_start *s, const unsigned char *key,
                          const unsigned char *trace)
{
    struct od_buf *b = &call->payload;
    od_buf_char(b, (char)((call->keyed ? META_FIELD_BYTES : 0) + (trace ? META_FIELD_BYTES : 0)));
    od_buf_char(b, 0);
    if (call->keyed)
        meta_field(b, 0x0a, key);
    if (trace)
        meta_field(b, 0x12, trace);
    call->body_at = b->n;
    if (s->message)
        od_message_pack(s->message, b);
    else
        od_buf_str(b, s->bytes);
    call->has_key = call->keyed && key;
    return !b->failed;
}

void od_call_end(ordo_call *call, enum od_call_end end)
{
    ordo_client *c = call->client;
    od_timer_clear(&c->timers, &call->timer);
    call->end = end;
    call->state = OD_CALL_ENDED;
    od_call_list_add(&c->calls.ended, call);
}

static void call_queue(ordo_call *call)
{
    call->state = OD_CALL_QUEUED;
    od_call_list_add(&call->client->calls.queue, call);
    od_timer_set(&call->client->timers, &call->timer, call->deadline_us);
}

enum od_status od_call_start(ordo_client *c, const struct od_start *s, ordo_call **ret_call)
{
    ordo_call_options o = c->calls.next;
    c->calls.next = (ordo_call_options){0};
    if (c->calls.n_open >= c->calls_max)
        return OD_OVERLOADED;
    if (s->message && s->message->descriptor != s->method->request)
        return OD_USAGE; /* not initialised by its __INIT */
    ordo_call *call = pool_take(c);
    if (!call)
        return OD_INTERNAL;
    call->client = c;
    call->method = s->method;
    call->keyed = s->method->access == ORDO_ACCESS_WRITE || s->method->access == ORDO_ACCESS_LOCAL;
    if (!payload_build(call, s, s->entry ? s->entry->key.b : o.key, o.trace)) {
        pool_put(c, call);
        return (s->message ? protobuf_c_message_get_packed_size(s->message) : s->bytes.n) > OD_FRAME_MAX ? OD_TOO_LARGE
                                                                                                         : OD_INTERNAL;
    }
    call->timeout_ms = o.timeout_ms ? o.timeout_ms : c->timeout_ms;
    if (call->timeout_ms > OD_TIMEOUT_MAX_MS)
        call->timeout_ms = OD_TIMEOUT_MAX_MS;
    call->no_retry = o.no_retry;
    call->deadline_us = (c->in_turn ? c->now_us : od_mono_us()) + call->timeout_ms * OD_US_PER_MS;
    call->timer.fire = call_timer;
    call->entry = s->entry;
    call->maybe_executed = s->entry != NULL;
    call->finish = s->finish;
    call->part = s->part;
    call->on_reply = s->on_reply;
    call->on_part = s->on_part;
    call->arg = s->arg;
    call->waiter = s->waiter;
    if (call->entry)
        call->entry->busy = true;
    c->calls.n_open++;
    if (c->refused)
        od_call_end(call, OD_END_CLIENT);
    else
        call_queue(call);
    if (ret_call)
        *ret_call = call;
    return OD_OK;
}

/* --- ending ------------------------------------------------------------------------------------------------------- */

/* Tells the caller, once. The call itself may have to stay until the server lets its slot go. */
void od_call_tell(ordo_call *call, struct od_str reply, const ordo_error *error)
{
    ordo_client *c = call->client;
    od_finish_fn finish = od_take(call->finish);
    od_timer_clear(&c->timers, &call->timer);
    if (!finish)
        return;
    c->calls.n_open--;
    c->in_callback = true;
    finish(call, reply, error);
    c->in_callback = false;
}

void od_call_release(ordo_call *call, bool outcome_known)
{
    ordo_client *c = call->client;
    if (call->entry && outcome_known)
        od_journal_strike(c->journal, call->entry);
    else if (call->entry)
        call->entry->busy = false;
    pool_put(c, call);
}

static void error_of_end(const ordo_call *call, ordo_error *error)
{
    const ordo_client *c = call->client;
    struct od_err err;
    if (call->keyed && (call->maybe_executed || call->state == OD_CALL_SENT)) {
        od_fail(&err, OD_R_OUTCOME_NOT_KNOWN, NULL);
        err.outcome = OD_OUTCOME_UNKNOWN;
        od_error_local(error, &err);
        return;
    }
    switch (call->end) {
    case OD_END_DEADLINE:
        if (c->conn.state != OD_CONN_READY && c->why.status != ORDO_OK)
            *error = c->why; /* never sent: what kept it is more to the point */
        else
            od_error_set(error, OD_R_DEADLINE_PASSED, "timeout_ms=%u", call->timeout_ms);
        break;
    case OD_END_CANCELLED: od_error_set(error, OD_R_CALL_CANCELLED, NULL); break;
    case OD_END_LOST: od_error_set(error, OD_R_CONNECTION_LOST, NULL); break;
    case OD_END_TOO_LARGE:
        od_error_set(error, OD_R_LIMIT_EXCEEDED, "limit=request bytes" OD_AND "max=%zu", c->conn.max_send);
        break;
    case OD_END_MALFORMED: od_error_set(error, OD_R_MESSAGE_MALFORMED, "why=a part of the answer"); break;
    case OD_END_CLIENT: *error = c->why; break;
    case OD_END_JOURNAL: *error = c->journal_why; break;
    case OD_END_NONE:
    case OD_END_MEMORY: od_error_set(error, OD_R_OUT_OF_MEMORY, NULL); break;
    }
}

void od_call_tell_end(ordo_call *call)
{
    ordo_error error;
    error_of_end(call, &error);
    od_call_tell(call, (struct od_str){NULL, 0}, &error);
}

bool od_calls_deliver(ordo_client *c)
{
    bool any = c->calls.ended.first != NULL;
    ordo_call *call;
    while ((call = c->calls.ended.first)) {
        od_call_list_remove(&c->calls.ended, call);
        od_call_tell_end(call);
        od_call_release(call, !call->maybe_executed);
    }
    return any;
}

static void call_timer(struct od_timer *timer)
{
    ordo_call *call = OD_CONTAINER(timer, ordo_call, timer);
    ordo_client *c = call->client;
    bool late = c->now_us >= call->deadline_us;
    if (call->state == OD_CALL_RESTING && !late) {
        if (c->refused)
            od_call_end(call, OD_END_CLIENT);
        else
            call_queue(call);
    } else if (call->state == OD_CALL_SENT) {
        call->end = OD_END_DEADLINE;
        od_conn_put(c, OD_F_CANCEL, call->id, 0);
        od_call_tell_end(call); /* its slot is the server's until it answers */
    } else {
        if (call->state == OD_CALL_QUEUED)
            od_call_list_remove(&c->calls.queue, call);
        od_call_end(call, OD_END_DEADLINE);
    }
}

void ordo_call_cancel(ordo_call *call)
{
    ordo_client *c = call->client;
    od_client_enter(c);
    if (call->state == OD_CALL_QUEUED || call->state == OD_CALL_RESTING) {
        if (call->state == OD_CALL_QUEUED)
            od_call_list_remove(&c->calls.queue, call);
        od_call_end(call, OD_END_CANCELLED);
    } else if (call->state == OD_CALL_SENT && call->finish && !call->cancelled) {
        od_conn_put(c, OD_F_CANCEL, call->id, 0);
    }
    call->cancelled = true;
    od_client_leave(c);
}

void od_calls_refuse(ordo_client *c)
{
    ordo_call *call;
    while ((call = c->calls.queue.first)) {
        od_call_list_remove(&c->calls.queue, call);
        od_call_end(call, OD_END_CLIENT);
    }
}

void od_calls_done(ordo_client *c)
{
    ordo_call *call;
    c->refused = true; /* what a callback starts now ends at once */
    od_error_set(&c->why, OD_R_CALL_CANCELLED, NULL);
    while ((call = od_calls_take_sent(c))) {
        call->maybe_executed = call->keyed;
        od_call_end(call, OD_END_CANCELLED);
    }
    od_calls_refuse(c);
    while (c->timers.n) /* calls at rest; the connection's own timers are cleared */
        od_call_end(OD_CONTAINER(od_timers_pop(&c->timers, INT64_MAX), ordo_call, timer), OD_END_CANCELLED);
    while (od_calls_deliver(c)) {
    }
    while ((call = c->calls.pool.first)) {
        od_call_list_remove(&c->calls.pool, call);
        od_buf_done(&call->payload);
        free(call);
    }
}

/* --- about one call ----------------------------------------------------------------------------------------------- */

enum ordo_status ordo_next_call(ordo_client *client, const ordo_call_options *options)
{
    struct od_calls *calls = &client->calls;
    ordo_call_options o = {0};
    if (options->struct_size < offsetof(ordo_call_options, timeout_ms) + sizeof o.timeout_ms)
        return ORDO_USAGE;
    memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    od_client_enter(client);
    calls->next = o;
    if (o.key)
        calls->next.key = memcpy(calls->next_key, o.key, sizeof calls->next_key);
    if (o.trace)
        calls->next.trace = memcpy(calls->next_trace, o.trace, sizeof calls->next_trace);
    od_client_leave(client);
    return ORDO_OK;
}

uint16_t ordo_call_method(const ordo_call *call) { return call->method->id; }
bool ordo_call_replayed(const ordo_call *call) { return call->replayed; }

bool ordo_call_key(const ordo_call *call, unsigned char ret_key[16])
{
    od_client_enter(call->client);
    bool has_key = call->has_key;
    if (has_key)
        memcpy(ret_key, call->payload.p + OD_CALL_KEY_AT, 16);
    od_client_leave(call->client);
    return has_key;
}
