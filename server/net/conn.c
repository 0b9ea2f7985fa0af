/* SPDX-License-Identifier: Apache-2.0
 * The bytes of a connection: one recv per wake, one send per turn, TLS between; its birth and its end. What time does to it
 * is in conn_time.c. */
#include "server/net/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "common/base/time.h"
#include "common/wire/prescan.h"
#include "server/rpc/reply.h"

enum {
    DEFLATE_FROM_BYTES = 1024,
    OUT_KEPT_BYTES = 4 * 1024, /* of an idle connection */
    UNSENT_COMPACT_BYTES = 64 * 1024,
};

static const unsigned char NO_TRACE[16];

/* --- frames out --------------------------------------------------------------------------------------------------------- */

static void dirty(struct conn *c)
{
    if (c->dirty)
        return;
    c->dirty = true;
    c->next_dirty = c->io->dirty;
    c->io->dirty = c;
}

enum od_language conn_language(const struct conn *c)
{
    if (c->has_language || !c->session)
        return c->language;
    return od_language_of(c->session->language);
}

size_t conn_owed_bytes(const struct conn *c) { return c->out.n + c->unsent.n - c->unsent_at; }

/* Deflating pays from about a kilobyte on; DATA is deflated by its call, which counts credit with it. */
static bool deflated(struct conn *c, struct od_frame *f)
{
    bool may = f->type == OD_F_RESPONSE || f->type == OD_F_ERROR;
    if (!c->zstd || !may || c->state != CONN_AUTHENTICATED || f->payload.n < DEFLATE_FROM_BYTES)
        return false;
    od_buf_clear(&c->io->scratch);
    if (!od_zstd_deflate(f->payload, &c->io->scratch))
        return false;
    f->payload = od_buf_view(&c->io->scratch);
    f->flags |= OD_FLAG_ZSTD;
    return true;
}

void conn_send(struct conn *c, const struct od_frame *f)
{
    struct od_frame frame = *f;
    if (!conn_is_open(c))
        return;
    deflated(c, &frame);
    od_frame_write(&c->out, &frame);
    counter_add(&c->io->counters.frames_out, 1);
    dirty(c);
}

void conn_send_message(struct conn *c, uint8_t type, uint64_t id, const ProtobufCMessage *m)
{
    if (!conn_is_open(c))
        return;
    size_t begin = od_frame_begin(&c->out);
    od_message_pack(m, &c->out);
    od_frame_end(&c->out, begin, type, 0, 0, id, 0, 0);
    counter_add(&c->io->counters.frames_out, 1);
    dirty(c);
}

void conn_send_error(struct conn *c, uint64_t id, const struct od_err *err, const unsigned char trace[16])
{
    if (!conn_is_open(c))
        return;
    size_t begin = od_frame_begin(&c->out);
    reply_error(err, trace, conn_language(c), &c->out);
    od_frame_end(&c->out, begin, OD_F_ERROR, 0, (uint16_t)err->status, id, 0, 0);
    counter_add(&c->io->counters.frames_out, 1);
    dirty(c);
}

void conn_fail(struct conn *c, uint64_t id, const struct od_err *err)
{
    if (!conn_is_open(c))
        return;
    if (err->status == OD_PROTOCOL)
        counter_add(&c->io->counters.protocol_errors, 1);
    conn_send_error(c, id, err, NO_TRACE);
    conn_close(c);
}

/* --- the socket --------------------------------------------------------------------------------------------------------- */

void conn_close(struct conn *c)
{
    if (!conn_is_open(c))
        return;
    c->state = CONN_CLOSING;
    c->linger_until_us = c->io->now_us + OD_LINGER_MS * OD_US_PER_MS;
    calls_abandon(c);
    subscriptions_abandon(c);
    if (c->paused) /* from now on what comes is thrown away */
        event_add(&c->read_event, NULL);
    c->paused = false;
    od_buf_clear(&c->in);
    dirty(c);
}

void conn_abort(struct conn *c)
{
    if (c->state == CONN_GONE)
        return;
    if (conn_is_open(c)) {
        calls_abandon(c);
        subscriptions_abandon(c);
    }
    c->state = CONN_GONE;
    event_del(&c->read_event);
    event_del(&c->write_event);
    close(c->fd);
    c->fd = -1;
    od_tls_free(c->tls);
    c->tls = NULL;
    od_buf_done(&c->in);
    od_buf_done(&c->out);
    od_buf_done(&c->unsent);
    c->unsent_at = 0;
    DL_DELETE(c->io->conns, c);
    DL_APPEND(c->io->gone, c);
    counter_add(&c->io->counters.connections_open, UINT64_MAX); /* one less */
    atomic_fetch_sub(&c->io->net->connections, 1);
}

void conn_free(struct conn *c)
{
    od_assert(c->state == CONN_GONE && !c->calls && !c->subscriptions);
    DL_DELETE(c->io->gone, c);
    if (c->dirty) {
        struct conn **at = &c->io->dirty;
        while (*at != c)
            at = &(*at)->next_dirty;
        *at = c->next_dirty;
    }
    session_unref(c->session);
    free(c);
}

/* Hands bytes to the socket; returns how many it took, SIZE_MAX when the peer is gone. */
static size_t socket_send(struct conn *c, struct od_str bytes)
{
    size_t sent = 0;
    while (sent < bytes.n) {
        ssize_t n = send(c->fd, bytes.p + sent, bytes.n - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? sent : SIZE_MAX;
        sent += (size_t)n;
        counter_add(&c->io->counters.bytes_out, (uint64_t)n);
        if (sent < bytes.n)
            break; /* a full socket: the next try would only say so */
    }
    return sent;
}

static void await_writable(struct conn *c, bool wanted)
{
    if (wanted == c->writable_awaited)
        return;
    c->writable_awaited = wanted;
    if (wanted)
        event_add(&c->write_event, NULL);
    else
        event_del(&c->write_event);
}

/* Encrypts this turn's frames behind what is still unsent and sends. Returns false when the peer is gone. */
static bool flush(struct conn *c)
{
    struct od_buf *cipher = &c->io->cipher;
    bool behind = c->unsent.n > 0; /* order: nothing overtakes what waits */
    struct od_buf *to = behind ? &c->unsent : cipher;
    od_buf_clear(cipher);
    if (c->out.n && c->tls) {
        if (!od_tls_ready(c->tls) || od_tls_write(c->tls, od_buf_view(&c->out), to, NULL) != OD_OK)
            return false;
    } else if (c->out.n && behind) {
        od_buf_str(&c->unsent, od_buf_view(&c->out));
    }
    struct od_str bytes = behind ? od_buf_view(&c->unsent) : c->tls ? od_buf_view(cipher) : od_buf_view(&c->out);
    if (c->unsent.failed)
        return false;
    bytes.p += c->unsent_at;
    bytes.n -= c->unsent_at;
    size_t sent = bytes.n ? socket_send(c, bytes) : 0;
    if (sent == SIZE_MAX)
        return false;
    if (!behind) {
        od_buf_put(&c->unsent, bytes.p + sent, bytes.n - sent);
    } else {
        c->unsent_at += sent;
        if (c->unsent_at == c->unsent.n || c->unsent_at > UNSENT_COMPACT_BYTES) {
            od_buf_drop(&c->unsent, c->unsent_at);
            c->unsent_at = 0;
        }
    }
    od_buf_clear(&c->out);
    od_buf_shrink(&c->out, OUT_KEPT_BYTES);
    od_buf_shrink(&c->unsent, 0);
    await_writable(c, c->unsent.n > 0);
    return !c->unsent.failed;
}

/* The last record of ours, then the end of our direction; the peer has OD_LINGER_MS to read it all. */
static void goodbye(struct conn *c)
{
    if (c->tls) {
        struct od_buf *to = c->unsent.n ? &c->unsent : &c->io->cipher;
        od_buf_clear(&c->io->cipher);
        od_tls_close(c->tls, to);
        size_t sent = to != &c->unsent && to->n ? socket_send(c, od_buf_view(to)) : 0;
        if (sent == SIZE_MAX) {
            conn_abort(c);
            return;
        }
        if (to != &c->unsent)
            od_buf_put(&c->unsent, to->p + sent, to->n - sent);
        od_tls_free(c->tls);
        c->tls = NULL;
    }
    await_writable(c, c->unsent.n > 0);
    if (!c->unsent.n)
        shutdown(c->fd, SHUT_WR);
}

static bool over_limit(const struct conn *c, size_t limit) { return conn_owed_bytes(c) + c->held_bytes > limit; }

static void frames_read(struct conn *c, struct od_buf *from);

void conn_turn_end(struct conn *c)
{
    if (c->state == CONN_GONE)
        return;
    if (c->out.n && !flush(c)) {
        conn_abort(c);
        return;
    }
    if (c->state == CONN_CLOSING) {
        goodbye(c);
        return;
    }
    if (c->draining)
        conn_drain(c);
    if (c->paused && !over_limit(c, OD_OUT_QUEUE_MAX_BYTES / 2)) {
        c->paused = false;
        c->received_us = c->io->now_us;
        event_add(&c->read_event, NULL);
        calls_pump(c);
        subscriptions_pump(c);
        frames_read(c, &c->in);
    }
}

/* Takes every whole frame out of the buffer; the rest stays in it. */
static void frames_read(struct conn *c, struct od_buf *from)
{
    size_t at = 0;
    while (conn_is_open(c)) {
        struct od_frame f;
        struct od_err err;
        size_t size;
        if (over_limit(c, OD_OUT_QUEUE_MAX_BYTES)) {
            c->paused = true;
            event_del(&c->read_event);
            break;
        }
        f.id = 0;
        enum od_status status =
            od_frame_read((struct od_str){from->p + at, from->n - at}, c->max_in, &f, &size, NULL, &err);
        if (status == OD_OK && !size)
            break;
        counter_add(&c->io->counters.frames_in, 1);
        if (status == OD_OK)
            status = frame_in(c, &f, &err);
        if (status != OD_OK)
            conn_fail(c, f.id, &err);
        at += size;
    }
    if (!conn_is_open(c)) {
        od_buf_clear(&c->in);
        return;
    }
    if (from == &c->in) {
        od_buf_drop(from, at);
        od_buf_shrink(from, 0);
    } else if (at < from->n) {
        od_buf_put(&c->in, from->p + at, from->n - at);
    }
}

/* Ciphertext in, plaintext to the buffer; what TLS wants to say goes straight out. Returns false when the connection is lost. */
static bool decrypt(struct conn *c, struct od_str bytes, struct od_buf *plain, bool *ret_closed)
{
    struct od_buf *cipher = &c->io->cipher;
    od_buf_clear(cipher);
    enum od_status status = od_tls_feed(c->tls, bytes, plain, cipher, ret_closed, NULL);
    if (cipher->n && c->unsent.n) {
        od_buf_str(&c->unsent, od_buf_view(cipher));
    } else if (cipher->n) {
        size_t sent = socket_send(c, od_buf_view(cipher));
        if (sent == SIZE_MAX)
            return false;
        od_buf_put(&c->unsent, cipher->p + sent, cipher->n - sent);
        await_writable(c, c->unsent.n > 0);
    }
    return status == OD_OK;
}

static void on_readable(evutil_socket_t fd, short what OD_UNUSED, void *arg)
{
    struct conn *c = arg;
    struct io_thread *t = c->io;
    ssize_t got = recv(fd, t->rx, sizeof t->rx, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (got <= 0) {
        conn_abort(c);
        return;
    }
    counter_add(&t->counters.bytes_in, (uint64_t)got);
    if (c->state == CONN_CLOSING)
        return;
    t->now_us = od_mono_us();
    c->received_us = t->now_us;
    c->pinged = false;

    struct od_buf *plain = c->in.n ? &c->in : &t->plain;
    const struct od_str bytes = {t->rx, (size_t)got};
    bool closed = false;
    if (plain != &c->in)
        od_buf_clear(plain);
    if (!c->tls)
        od_buf_str(plain, bytes);
    else if (!decrypt(c, bytes, plain, &closed)) {
        conn_abort(c);
        return;
    }
    if (plain->n)
        frames_read(c, plain);
    if (closed)
        conn_close(c);
}

static void on_writable(evutil_socket_t fd OD_UNUSED, short what OD_UNUSED, void *arg)
{
    struct conn *c = arg;
    c->io->now_us = od_mono_us();
    if (!flush(c)) {
        conn_abort(c);
        return;
    }
    if (c->state == CONN_CLOSING && !c->unsent.n)
        shutdown(c->fd, SHUT_WR);
    if (conn_is_open(c) && conn_owed_bytes(c) < OD_OUT_QUEUE_MAX_BYTES / 2) {
        calls_pump(c);
        subscriptions_pump(c);
    }
    dirty(c);
}

/* --- life --------------------------------------------------------------------------------------------------------------- */

struct conn *conn_new(struct io_thread *t, const struct io_mail *socket)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    if (!socket->local && !(c->tls = od_tls_new(t->tls, NULL))) {
        free(c);
        return NULL;
    }
    c->io = t;
    c->fd = socket->fd;
    c->local = socket->local;
    c->surplus = socket->surplus;
    memcpy(c->peer, socket->peer, sizeof c->peer);
    c->max_in = OD_FRAME_MAX_BEFORE_AUTH;
    c->max_out = OD_FRAME_MAX_BEFORE_AUTH;
    c->credit_in = OD_CREDIT_CONNECTION_BYTES;
    c->received_us = t->now_us;
    c->handshake_until_us = t->now_us + t->net->options.handshake_timeout_ms * OD_US_PER_MS;
    od_buf_init(&c->in, OD_FRAME_MAX + OD_FRAME_HEADER_BYTES + 2 * IO_RX_BYTES);
    od_buf_init(&c->out, SIZE_MAX / 2); /* bounded by what may be in flight: OD_OUT_QUEUE_MAX_BYTES stops the reading */
    od_buf_init(&c->unsent, SIZE_MAX / 2);
    event_assign(&c->read_event, t->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
    event_assign(&c->write_event, t->base, c->fd, EV_WRITE | EV_PERSIST, on_writable, c);
    event_add(&c->read_event, NULL);
    DL_APPEND(t->conns, c);
    counter_add(&t->counters.connections_open, 1);
    counter_add(&t->counters.connections_total, 1);
    return c;
}
