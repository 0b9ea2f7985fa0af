/* SPDX-License-Identifier: Apache-2.0
 * Calls in flight: sent with key and journal record, found again by id, answered, sent again. */
#include "client/lib/internal.h"

#include "common/wire/prescan.h"

enum {
    REST_MIN_MS = 20,
    REST_MAX_MS = 2000,
    SERVER_MARGIN_MS = 100, /* the server gives up this much earlier, so that its answer still arrives */
};

static ordo_call **table_slot(ordo_client *c, uint64_t id)
{
    return &c->calls.table[id / 2 % OD_CLIENT_CALL_TABLE]; /* ours are odd */
}

static ordo_call *table_find(ordo_client *c, uint64_t id)
{
    ordo_call *call = *table_slot(c, id);
    while (call && call->id != id)
        call = call->hash_next;
    return call;
}

static void table_remove(ordo_client *c, ordo_call *call)
{
    ordo_call **at = table_slot(c, call->id);
    while (*at != call)
        at = &(*at)->hash_next;
    *at = call->hash_next;
    call->hash_next = NULL;
    c->conn.in_flight--;
}

ordo_call *od_calls_take_sent(ordo_client *c)
{
    for (unsigned i = 0; i < OD_CLIENT_CALL_TABLE; i++)
        if (c->calls.table[i]) {
            ordo_call *call = c->calls.table[i];
            table_remove(c, call);
            return call;
        }
    return NULL;
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

/* Gives a changing call its key and its place in the journal. False: it has ended. */
static bool call_prepare(ordo_client *c, ordo_call *call)
{
    struct od_err err;
    struct od_uuid key;
    if (call->payload.n > c->conn.max_send) {
        od_call_end(call, OD_END_TOO_LARGE);
        return false;
    }
    if (!call->keyed)
        return true;
    if (!call->has_key) {
        if (!od_key_make(&c->random, od_client_real_us(c), &key)) {
            od_call_end(call, OD_END_MEMORY);
            return false;
        }
        memcpy(call->payload.p + OD_CALL_KEY_AT, key.b, sizeof key.b);
        call->has_key = true;
    }
    if (!c->journal || (call->entry && !c->journal_bad))
        return true;
    memcpy(key.b, call->payload.p + OD_CALL_KEY_AT, sizeof key.b);
    struct od_str body = {call->payload.p + call->body_at, call->payload.n - call->body_at};
    enum od_status status = OD_OK;
    if (!c->journal_bad)
        status = od_journal_add(c->journal, &key, call->method->id, od_client_real_us(c), body, &call->entry, &err);
    if (status != OD_OK)
        od_error_local(&c->journal_why, &err);
    if (c->journal_bad || status != OD_OK) {
        od_call_end(call, OD_END_JOURNAL);
        return false;
    }
    call->fresh = true;
    return true;
}

static void call_send(ordo_client *c, ordo_call *call)
{
    struct od_conn *n = &c->conn;
    int64_t left_ms = (call->deadline_us - c->now_us) / OD_US_PER_MS;
    int64_t margin_ms = left_ms / 10 < SERVER_MARGIN_MS ? left_ms / 10 : SERVER_MARGIN_MS;
    left_ms -= margin_ms;
    call->id = n->next_id;
    n->next_id += 2;
    call->state = OD_CALL_SENT;
    call->attempts++;
    call->next_part = call->ungranted = 0;
    struct od_frame f = {
        .type = OD_F_REQUEST,
        .flags = OD_FLAG_END,
        .method = call->method->id,
        .id = call->id,
        .timeout_ms = left_ms > 1 ? (uint32_t)left_ms : 1,
        .payload = od_buf_view(&call->payload),
    };
    od_buf_clear(&n->inflated);
    if (n->zstd && f.payload.n >= OD_CLIENT_PAYLOAD_KEPT && od_zstd_deflate(f.payload, &n->inflated)) {
        f.flags |= OD_FLAG_ZSTD;
        f.payload = od_buf_view(&n->inflated);
    }
    od_frame_write(&n->out, &f);
    ordo_call **slot = table_slot(c, call->id);
    call->hash_next = *slot;
    *slot = call;
    n->in_flight++;
}

void od_calls_send(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    struct od_call_list batch = {0};
    size_t bytes = n->out.n + n->wire.n - n->wire_sent;
    bool fresh = false;
    ordo_call *call;
    while ((call = c->calls.queue.first) && n->in_flight + batch.n < n->max_in_flight && bytes < OD_CLIENT_OUT_HIGH) {
        od_call_list_remove(&c->calls.queue, call);
        if (!call_prepare(c, call))
            continue;
        bytes += call->payload.n;
        fresh = fresh || call->fresh;
        od_call_list_add(&batch, call);
    }
    struct od_err err;
    bool saved = !fresh || od_journal_sync(c->journal, &err) == OD_OK; /* one wait for the disk for all of them */
    if (!saved)
        od_error_local(&c->journal_why, &err);
    while ((call = batch.first)) {
        od_call_list_remove(&batch, call);
        if (call->fresh && !saved) {
            call->entry = NULL;
            od_call_end(call, OD_END_JOURNAL);
        } else {
            call_send(c, call);
        }
        call->fresh = false;
    }
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* Whether an error tells how the call came out over all its attempts. An earlier one may have been executed: then only
 * an answer that was given with the key in view does. */
static bool outcome_known(const ordo_call *call, const ordo_error *error)
{
    if (error->status == ORDO_KEY_EXPIRED || error->status == ORDO_KEY_REUSED)
        return true; /* as known as it will ever be */
    if (error->outcome == ORDO_OUTCOME_UNKNOWN)
        return false;
    return !call->maybe_executed || call->replayed || od_status_stored((enum od_status)error->status);
}

static bool worth_retry(const ordo_call *call, const ordo_error *error)
{
    if (call->cancelled || call->no_retry || call->parts_seen || !call->finish || error->retry != ORDO_RETRY_YES)
        return false;
    return error->status == ORDO_CONTENTION || error->status == ORDO_OVERLOADED || error->status == ORDO_UNAVAILABLE ||
           error->status == ORDO_UNKNOWN;
}

/* Lets it rest with jitter. False: the deadline comes first. */
static bool call_rest(ordo_client *c, ordo_call *call, uint32_t after_ms)
{
    int64_t rest_us =
        od_jitter_us(&c->random, REST_MIN_MS * OD_US_PER_MS, REST_MAX_MS * OD_US_PER_MS, call->attempts - 1);
    int64_t at_us = c->now_us + after_ms * OD_US_PER_MS + rest_us;
    if (at_us >= call->deadline_us)
        return false;
    call->state = OD_CALL_RESTING;
    od_timer_set(&c->timers, &call->timer, at_us);
    return true;
}

static void call_failed(ordo_client *c, ordo_call *call, ordo_error *error)
{
    if (error->status == ORDO_UNKNOWN || error->outcome == ORDO_OUTCOME_UNKNOWN)
        call->maybe_executed = call->keyed;
    if (worth_retry(call, error) && call_rest(c, call, error->retry_after_ms))
        return;
    bool known = !call->keyed || outcome_known(call, error);
    if (!known) {
        error->status = ORDO_UNKNOWN;
        error->outcome = ORDO_OUTCOME_UNKNOWN;
    }
    od_call_tell(call, (struct od_str){NULL, 0}, error);
    od_call_release(call, known);
}

/* The call was executed, and a retry would get the same bytes: it ends here, and with it the connection to such a server. */
static void answer_unreadable(ordo_client *c, ordo_call *call, const struct od_err *why)
{
    struct od_err err = *why;
    ordo_error error;
    err.outcome = OD_EXECUTED;
    od_error_local(&error, &err);
    od_call_tell(call, (struct od_str){NULL, 0}, &error);
    od_call_release(call, true);
    od_conn_failed(c, why);
}

void od_calls_answer(ordo_client *c, const struct od_frame *f, struct od_str payload)
{
    ordo_call *call = table_find(c, f->id);
    if (!call)
        return; /* of something that was given up */
    table_remove(c, call);
    call->state = OD_CALL_ENDED;
    call->replayed = f->flags & OD_FLAG_REPLAYED;
    struct od_err err;
    if (f->type == OD_F_ERROR) {
        ordo_error error;
        od_arena_reset(&c->arena);
        bool readable = od_error_wire(&error, f->method, payload, &c->arena);
        call_failed(c, call, &error);
        if (!readable) {
            od_fail(&err, OD_R_MESSAGE_MALFORMED, "why=an ERROR of the server");
            od_conn_failed(c, &err);
        }
        return;
    }
    call->maybe_executed = false;
    if (call->end == OD_END_NONE && od_prescan_answer(call->method->reply, payload, &err) != OD_OK) {
        answer_unreadable(c, call, &err);
        return;
    }
    if (call->end == OD_END_NONE)
        od_call_tell(call, payload, NULL);
    else
        od_call_tell_end(call);
    od_call_release(call, true);
}

void od_calls_part(ordo_client *c, const struct od_frame *f, struct od_str payload)
{
    ordo_call *call = table_find(c, f->id);
    if (!call || !call->finish || call->cancelled || call->end != OD_END_NONE) {
        od_conn_grant(c, 0, NULL, f->payload.n);
        return;
    }
    if (f->aux != call->next_part) {
        struct od_err err;
        od_fail(&err, OD_R_FRAME_ORDER, "type=DATA" OD_AND "why=part %u came, %u was due", f->aux, call->next_part);
        od_conn_failed(c, &err);
        return;
    }
    struct od_err bad;
    if (call->method->part && od_prescan_answer(call->method->part, payload, &bad) != OD_OK) {
        call->end = OD_END_MALFORMED;
        od_conn_failed(c, &bad);
        return;
    }
    call->next_part++;
    bool go_on = true;
    if (payload.n && call->part) {
        call->parts_seen = true;
        c->in_callback = true;
        go_on = call->part(call, payload);
        c->in_callback = false;
    }
    if (!go_on && !call->cancelled)
        ordo_call_cancel(call);
    od_conn_grant(c, call->id, &call->ungranted, f->payload.n);
}

/* What becomes of a call whose connection is gone. True: it goes back to the queue. */
static bool call_lost(ordo_call *call, bool lost)
{
    if (!call->finish) {
        od_call_release(call, false);
        return false;
    }
    if (lost && call->keyed)
        call->maybe_executed = true;
    if (call->cancelled || call->end != OD_END_NONE || (lost && (call->no_retry || call->parts_seen))) {
        od_call_end(call, call->end != OD_END_NONE ? call->end : call->cancelled ? OD_END_CANCELLED : OD_END_LOST);
        return false;
    }
    call->state = OD_CALL_QUEUED;
    return true;
}

void od_calls_requeue(ordo_client *c, uint64_t above_id, bool lost)
{
    struct od_call_list back = {0};
    for (unsigned i = 0; i < OD_CLIENT_CALL_TABLE; i++)
        for (ordo_call *call = c->calls.table[i], *next; call; call = next) {
            next = call->hash_next;
            if (!lost && call->id <= above_id)
                continue;
            if (lost)
                call->hash_next = NULL;
            else
                table_remove(c, call);
            if (call_lost(call, lost))
                od_call_list_add(&back, call);
        }
    if (lost)
        memset(c->calls.table, 0, sizeof c->calls.table);
    /* They go before what was never sent, the oldest first. */
    while (back.first) {
        ordo_call *newest = back.first;
        for (ordo_call *call = newest->next; call; call = call->next)
            if (call->id > newest->id)
                newest = call;
        od_call_list_remove(&back, newest);
        newest->next = c->calls.queue.first;
        *(newest->next ? &newest->next->prev : &c->calls.queue.last) = newest;
        c->calls.queue.first = newest;
        c->calls.queue.n++;
    }
}
