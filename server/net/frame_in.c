/* SPDX-License-Identifier: Apache-2.0
 * What a peer's frame does, one function a type. Order, ids and flags are judged by the table before; what breaks the protocol
 * fails the connection, what is merely refused answers on its id. */
#include <utlist.h>

#include "common.pb-c.h"
#include "common/base/time.h"
#include "common/wire/prescan.h"
#include "server/net/conn.h"
#include "server/server.h"
#include "session.pb-c.h"

struct frame_rule {
    enum od_status (*on)(struct conn *c, const struct od_frame *f, struct od_err *err); /* NULL: not a client's frame */
    enum conn_state from;  /* the earliest state it is allowed in */
    bool opens;            /* its id is new: odd and above all before */
    bool bare;             /* has no payload */
};

/* What cannot be read is told on the frame's id; the message then never happened. */
static enum od_status refuse(struct conn *c, const struct od_frame *f, const struct od_err *err)
{
    static const unsigned char no_trace[16];
    conn_send_error(c, f->id, err, no_trace);
    return OD_OK;
}

static enum od_status order_fault(const struct od_frame *f, const char *why, struct od_err *err)
{
    return od_fail(err, OD_R_FRAME_ORDER, "type=%s" OD_AND "why=%s", od_frame_type_name(f->type), why);
}

/* --- HELLO -------------------------------------------------------------------------------------------------------------- */

struct hello {
    uint32_t min_version, max_version, max_frame, credit_call, credit_connection;
    uint64_t features;
    bool has_language;
    enum od_language language;
};

static uint32_t given(protobuf_c_boolean has, uint32_t value, uint32_t otherwise) { return has ? value : otherwise; }

static enum od_status in_range(const char *field, uint32_t value, uint32_t min, uint32_t max, struct od_err *err)
{
    if (value >= min && value <= max)
        return OD_OK;
    return od_fail_field(err, field, OD_R_FIELD_RANGE, "min=%u" OD_AND "max=%u", min, max);
}

static enum od_status hello_read(struct od_str payload, struct hello *ret, struct od_err *err)
{
    struct od_arena arena;
    ProtobufCMessage *m = NULL;
    od_arena_init(&arena, OD_FRAME_MAX_BEFORE_AUTH);
    enum od_status status = od_message_unpack(&ordo__hello__descriptor, payload, &arena, &m, err);
    if (status == OD_OK) {
        const Ordo__Hello *h = (const Ordo__Hello *)m;
        *ret = (struct hello){
            .min_version = given(h->has_min_version, h->min_version, 0),
            .max_version = given(h->has_max_version, h->max_version, 0),
            .features = h->has_features ? h->features : 0,
            .has_language = h->language && *h->language,
            .language = od_language_of(h->language),
            .max_frame = given(h->has_max_frame, h->max_frame, OD_FRAME_MAX),
            .credit_call = given(h->has_credit_call, h->credit_call, OD_CREDIT_CALL_BYTES),
            .credit_connection = given(h->has_credit_connection, h->credit_connection, OD_CREDIT_CONNECTION_BYTES),
        };
    }
    od_arena_done(&arena);
    OD_TRY(status);
    if (ret->min_version > OD_PROTOCOL_MINOR || ret->min_version > ret->max_version)
        return od_fail(err, OD_R_VERSION_MISMATCH, "offered=%u-%u" OD_AND "spoken=0-%d", ret->min_version, ret->max_version,
                       OD_PROTOCOL_MINOR);
    od_err_clear(err);
    in_range("max_frame", ret->max_frame, OD_DATA_CHUNK_MAX, UINT32_MAX, err);
    in_range("credit_call", ret->credit_call, OD_CREDIT_MIN_BYTES, OD_CREDIT_MAX_BYTES, err);
    in_range("credit_connection", ret->credit_connection, OD_CREDIT_MIN_BYTES, OD_CREDIT_MAX_BYTES, err);
    return err->status;
}

static void hello_ok_send(struct conn *c, uint64_t id)
{
    const struct net *net = c->io->net;
    Ordo__HelloOk m = ORDO__HELLO_OK__INIT;
    m.has_version = m.has_features = m.has_max_frame = m.has_credit_call = m.has_credit_connection = true;
    m.has_max_in_flight = m.has_max_timeout_ms = m.has_ping_interval_ms = m.has_environment = m.has_server_time_us = true;
    m.version = OD_PROTOCOL_MINOR;
    m.features = c->zstd ? OD_FEATURE_ZSTD : 0;
    m.max_frame = OD_FRAME_MAX;
    m.credit_call = OD_CREDIT_CALL_BYTES;
    m.credit_connection = OD_CREDIT_CONNECTION_BYTES;
    m.max_in_flight = OD_CALLS_IN_FLIGHT_MAX;
    m.max_timeout_ms = OD_TIMEOUT_MAX_MS;
    m.ping_interval_ms = (uint32_t)net->options.ping_interval_ms;
    m.environment = (ProtobufCBinaryData){sizeof net->options.environment, (uint8_t *)net->options.environment};
    m.node = (char *)net->options.node;
    m.server_time_us = net->options.clock_us();
    m.server = (char *)"ordod/" ORDO_VERSION;
    conn_send_message(c, OD_F_HELLO_OK, id, &m.base);
}

static enum od_status on_hello(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    struct hello h;
    if (c->state != CONN_NEW)
        return order_fault(f, "it was said already", err);
    if (c->surplus)
        return od_fail(err, OD_R_CONNECTION_LIMIT, "max=%zu", c->io->net->options.connections_max);
    OD_TRY(hello_read(f->payload, &h, err)); /* without agreement there is nothing to go on with: it closes */
    c->state = CONN_HELLO;
    c->zstd = h.features & OD_FEATURE_ZSTD;
    c->has_language = h.has_language;
    c->language = h.language;
    c->max_out = h.max_frame < OD_FRAME_MAX ? h.max_frame : OD_FRAME_MAX;
    c->credit = h.credit_connection;
    c->credit_call = h.credit_call;
    hello_ok_send(c, f->id);
    if (c->io->draining)
        conn_drain(c);
    return OD_OK;
}

/* --- AUTH --------------------------------------------------------------------------------------------------------------- */

static enum od_status on_auth(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if (c->auth || c->n_calls || c->subscriptions)
        return order_fault(f, "calls or subscriptions are under way", err);
    struct call *call = call_new(c, CALL_AUTH, f->id, f->timeout_ms);
    if (!call)
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    call->rpc.method = &METHOD_AUTH;
    call->rpc.has_peer_certificate = c->tls && od_tls_peer_sha256(c->tls, call->rpc.peer_certificate);
    call->rpc.body = od_arena_copy(&call->rpc.arena, f->payload);
    c->auth = call;
    call_away(call);
    return OD_OK;
}

/* --- calls -------------------------------------------------------------------------------------------------------------- */

/* Flags and limits of a payload that may be deflated; the inflated one lies in the thread's scratch until the next frame. */
static enum od_status inflate(struct conn *c, const struct od_frame *f, size_t max, struct od_str *ret, struct od_err *err)
{
    *ret = f->payload;
    if (!(f->flags & OD_FLAG_ZSTD))
        return OD_OK;
    if (!c->zstd || c->state != CONN_AUTHENTICATED)
        return od_fail(err, OD_R_FRAME_FLAGS, "flags=0x%02x" OD_AND "type=%s", f->flags, od_frame_type_name(f->type));
    od_buf_clear(&c->io->scratch);
    OD_TRY(od_zstd_inflate(f->payload, max, &c->io->scratch, err));
    *ret = od_buf_view(&c->io->scratch);
    return OD_OK;
}

static enum od_status meta_read(struct call *call, struct od_str meta, struct od_err *err)
{
    struct rpc *rpc = &call->rpc;
    struct io_thread *t = rpc->conn->io;
    ProtobufCMessage *m = NULL;
    memcpy(rpc->trace, t->trace_base, 8);
    t->trace_n++;
    memcpy(rpc->trace + 8, &t->trace_n, 8);
    if (!meta.n)
        return OD_OK;
    OD_TRY(od_message_unpack(&ordo__meta__descriptor, meta, &rpc->arena, &m, err));
    const Ordo__Meta *given_meta = (const Ordo__Meta *)m;
    if (given_meta->has_trace && given_meta->trace.len != sizeof rpc->trace)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=trace: it must have 16 bytes" OD_AND "field=trace");
    if (given_meta->has_trace)
        memcpy(rpc->trace, given_meta->trace.data, sizeof rpc->trace);
    if (given_meta->has_key && given_meta->key.len != sizeof rpc->key.b)
        return od_fail(err, OD_R_KEY_FORMAT, NULL);
    if (given_meta->has_key)
        memcpy(rpc->key.b, given_meta->key.data, sizeof rpc->key.b);
    return OD_OK;
}

/* May this peer make this call now? */
static enum od_status call_allowed(const struct conn *c, const struct od_frame *f, const struct method **ret_method,
                                   struct od_err *err)
{
    const struct method *method = method_find(f->method);
    bool local_call = method && method->access == METHOD_LOCAL;
    if (local_call && !c->local)
        return od_fail(err, OD_R_LOCAL_ONLY, NULL);
    if (!local_call && c->state != CONN_AUTHENTICATED)
        return od_fail(err, OD_R_LOGIN_REQUIRED, NULL);
    if (!method)
        return od_fail(err, OD_R_METHOD_UNKNOWN, "method=%u", f->method);
    if (conn_refuses(c))
        return od_fail(err, OD_R_DRAINING, NULL);
    if (c->n_calls >= OD_CALLS_IN_FLIGHT_MAX)
        return od_fail(err, OD_R_IN_FLIGHT_LIMIT, "max=%d", OD_CALLS_IN_FLIGHT_MAX);
    if (f->timeout_ms > OD_TIMEOUT_MAX_MS)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=timeout_ms" OD_AND "max=%d", OD_TIMEOUT_MAX_MS);
    if (!(f->flags & OD_FLAG_END) && c->n_uploads >= OD_UPLOADS_PER_CONNECTION_MAX)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=uploads" OD_AND "max=%d", OD_UPLOADS_PER_CONNECTION_MAX);
    *ret_method = method;
    return OD_OK;
}

static enum od_status on_request(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    const struct method *method = NULL;
    struct od_str payload, meta, body;
    if (c->auth)
        return order_fault(f, "an AUTH is under way", err);
    if (call_allowed(c, f, &method, err) != OD_OK)
        return refuse(c, f, err);
    OD_TRY(inflate(c, f, c->max_in, &payload, err));
    if (od_request_split(payload, &meta, &body, err) != OD_OK)
        return refuse(c, f, err);

    struct call *call = call_new(c, CALL_REQUEST, f->id, f->timeout_ms);
    if (!call) {
        od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
        return refuse(c, f, err);
    }
    call->rpc.method = method;
    if (meta_read(call, meta, err) != OD_OK) {
        call_refuse(call, err);
        return OD_OK;
    }
    if (f->flags & OD_FLAG_END) {
        call->rpc.body = od_arena_copy(&call->rpc.arena, body);
        if (!call->rpc.body.p) {
            od_fail(err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
            call_refuse(call, err);
            return OD_OK;
        }
        call_away(call);
        return OD_OK;
    }
    call->state = CALL_UPLOADING;
    call->credit = OD_CREDIT_CALL_BYTES;
    c->n_uploads++;
    od_buf_init(&call->upload, OD_UPLOAD_BODY_MAX);
    od_buf_str(&call->upload, body);
    return OD_OK;
}

static void credit_send(struct conn *c, uint64_t id, int64_t *credit, int64_t window)
{
    if (*credit > window / 2)
        return;
    conn_send(c, &(struct od_frame){.type = OD_F_CREDIT, .id = id, .aux = (uint32_t)(window - *credit)});
    *credit = window;
}

static enum od_status data_into(struct call *call, const struct od_frame *f, struct od_err *err)
{
    struct conn *c = call->rpc.conn;
    struct od_str payload;
    if (f->aux != call->chunk)
        return od_fail(err, OD_R_FRAME_ORDER, "type=DATA" OD_AND "why=chunk %u was expected", call->chunk);
    if ((int64_t)f->payload.n > call->credit)
        return od_fail(err, OD_R_CREDIT_OVERRUN, NULL);
    OD_TRY(inflate(c, f, OD_DATA_CHUNK_MAX, &payload, err));
    call->chunk++;
    call->credit -= (int64_t)f->payload.n;
    od_buf_str(&call->upload, payload);
    if (call->upload.failed) {
        od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=upload" OD_AND "max=%d", OD_UPLOAD_BODY_MAX);
        call_refuse(call, err);
    } else if (f->flags & OD_FLAG_END) {
        c->n_uploads--;
        call->rpc.body = od_buf_view(&call->upload);
        call->chunk = 0;
        call->credit = c->credit_call;
        call_away(call);
    } else {
        credit_send(c, f->id, &call->credit, OD_CREDIT_CALL_BYTES);
    }
    return OD_OK;
}

static enum od_status on_data(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    struct call *call = call_find(c, f->id);
    if (f->payload.n > OD_DATA_CHUNK_MAX)
        return od_fail(err, OD_R_FRAME_TOO_LARGE, "length=%zu" OD_AND "max=%d", f->payload.n, OD_DATA_CHUNK_MAX);
    if (f->id > c->last_id || !(f->id & 1))
        return od_fail(err, OD_R_FRAME_ID, "id=%llu" OD_AND "why=not of a call", (unsigned long long)f->id);
    if (call && call->state != CALL_UPLOADING)
        return order_fault(f, "the call has all its data", err);
    c->credit_in -= (int64_t)f->payload.n;
    if (c->credit_in < 0)
        return od_fail(err, OD_R_CREDIT_OVERRUN, NULL);
    if (call) /* else it was sent before the call's refusal arrived: it only costs the connection's credit */
        OD_TRY(data_into(call, f, err));
    credit_send(c, 0, &c->credit_in, OD_CREDIT_CONNECTION_BYTES);
    return OD_OK;
}

static enum od_status known_id(const struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if ((f->id & 1) && f->id <= c->last_id)
        return OD_OK;
    return od_fail(err, OD_R_FRAME_ID, "id=%llu" OD_AND "why=not one that was opened", (unsigned long long)f->id);
}

static enum od_status on_cancel(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    struct call *call = call_find(c, f->id);
    OD_TRY(known_id(c, f, err));
    if (call) /* an answer may be on its way already */
        call_cancel(call);
    return OD_OK;
}

static enum od_status on_credit(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if (f->id)
        OD_TRY(known_id(c, f, err));
    call_credit(c, f->id, f->aux);
    return OD_OK;
}

/* --- push --------------------------------------------------------------------------------------------------------------- */

static enum od_status on_subscribe(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if (c->auth)
        return order_fault(f, "an AUTH is under way", err);
    if (c->state != CONN_AUTHENTICATED)
        od_fail(err, OD_R_LOGIN_REQUIRED, NULL);
    else if (conn_refuses(c))
        od_fail(err, OD_R_DRAINING, NULL);
    else if (c->n_subscriptions >= OD_SUBSCRIPTIONS_PER_CONNECTION_MAX)
        od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=subscriptions" OD_AND "max=%d", OD_SUBSCRIPTIONS_PER_CONNECTION_MAX);
    else {
        subscription_open(c, f->id, f->payload);
        return OD_OK;
    }
    return refuse(c, f, err);
}

static enum od_status on_unsubscribe(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    OD_TRY(known_id(c, f, err));
    subscription_close(c, f->id); /* one that is not there has ended with an ERROR that the peer has not read yet */
    return OD_OK;
}

static enum od_status on_event_ack(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    OD_TRY(known_id(c, f, err));
    return subscription_ack(c, f->id, f->payload);
}

/* --- the connection ----------------------------------------------------------------------------------------------------- */

static enum od_status on_ping(struct conn *c, const struct od_frame *f, struct od_err *err OD_UNUSED)
{
    conn_send(c, &(struct od_frame){.type = OD_F_PONG, .id = f->id});
    return OD_OK;
}

static enum od_status on_pong(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if (!f->id || (f->id & 1) || f->id > c->own_id)
        return od_fail(err, OD_R_FRAME_ID, "id=%llu" OD_AND "why=not that of a PING", (unsigned long long)f->id);
    return OD_OK; /* that it came is all it says */
}

static const struct frame_rule RULES[] = {
    [OD_F_HELLO] = {on_hello, CONN_NEW, .opens = true},
    [OD_F_AUTH] = {on_auth, CONN_HELLO, .opens = true},
    [OD_F_REQUEST] = {on_request, CONN_HELLO, .opens = true},
    [OD_F_DATA] = {on_data, CONN_HELLO},
    [OD_F_CANCEL] = {on_cancel, CONN_HELLO, .bare = true},
    [OD_F_CREDIT] = {on_credit, CONN_HELLO, .bare = true},
    [OD_F_SUBSCRIBE] = {on_subscribe, CONN_HELLO, .opens = true},
    [OD_F_UNSUBSCRIBE] = {on_unsubscribe, CONN_HELLO, .bare = true},
    [OD_F_EVENT_ACK] = {on_event_ack, CONN_HELLO},
    [OD_F_PING] = {on_ping, CONN_HELLO, .opens = true, .bare = true},
    [OD_F_PONG] = {on_pong, CONN_HELLO, .bare = true},
};

static enum od_status id_check(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    const char *why = NULL;
    if (!f->id || !(f->id & 1))
        why = "not odd";
    else if (f->id <= c->last_id)
        why = "not above the ones before";
    if (why)
        return od_fail(err, OD_R_FRAME_ID, "id=%llu" OD_AND "why=%s", (unsigned long long)f->id, why);
    c->last_id = f->id;
    return OD_OK;
}

enum od_status frame_in(struct conn *c, const struct od_frame *f, struct od_err *err)
{
    if (f->type >= OD_F_IGNORED_FROM)
        return OD_OK;
    const struct frame_rule *rule = f->type < OD_LEN(RULES) ? &RULES[f->type] : NULL;
    if (!rule || !rule->on)
        return order_fault(f, "only a server sends it", err);
    if (c->state < rule->from)
        return order_fault(f, "HELLO comes first", err);
    if (rule->bare && f->payload.n)
        return od_fail(err, OD_R_FRAME_BROKEN, "what=%s has no payload", od_frame_type_name(f->type));
    if (rule->opens)
        OD_TRY(id_check(c, f, err));
    return rule->on(c, f, err);
}
