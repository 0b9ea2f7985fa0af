/* SPDX-License-Identifier: Apache-2.0
 * The connection: bytes in and out, frames to whom they concern, its end and the next attempt. One recv and one send a
 * turn. Knows no message but what handshake.c reads. */
#include "client/lib/internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/queue.h"

enum { PINGS_UNANSWERED = 3 };

static void conn_ready(struct od_source *source, uint32_t events);
static void conn_timer(struct od_timer *timer);

void od_conn_init(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    n->source = (struct od_source){-1, conn_ready};
    n->timer.fire = conn_timer;
    od_buf_init(&n->in, OD_FRAME_MAX + OD_FRAME_HEADER_BYTES + OD_CLIENT_RECV_BYTES + OD_DATA_CHUNK_MAX);
    od_buf_init(&n->out, 4 * OD_CLIENT_OUT_HIGH);
    od_buf_init(&n->wire, 8 * OD_CLIENT_OUT_HIGH);
    od_buf_init(&n->inflated, OD_FRAME_MAX);
    od_dial_init(c);
}

/* Forgets the socket and everything that is bound to it. */
static void conn_reset(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    od_dial_stop(c);
    if (n->source.fd >= 0)
        od_client_unwatch(c, &n->source);
    od_tls_free(od_take(n->tls));
    od_timer_clear(&c->timers, &n->timer);
    od_buf_clear(&n->in);
    od_buf_clear(&n->out);
    od_buf_clear(&n->wire);
    n->wire_sent = 0;
    n->state = OD_CONN_NONE;
    n->ungranted = n->in_flight = n->max_in_flight = 0;
    n->zstd = n->writable_wanted = n->by_token = n->going_away = n->reauth = false;
}

void od_conn_done(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    struct od_err err;
    if (n->state == OD_CONN_READY) { /* last acknowledgements and a goodbye; whether they leave does not matter */
        od_subscriptions_send(c);
        if (!n->tls)
            od_buf_str(&n->wire, od_buf_view(&n->out));
        else if (od_tls_write(n->tls, od_buf_view(&n->out), &n->wire, &err) == OD_OK)
            od_tls_close(n->tls, &n->wire);
        if (!n->out.failed && !n->wire.failed && n->wire.n > n->wire_sent)
            (void)!send(n->source.fd, n->wire.p + n->wire_sent, n->wire.n - n->wire_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    conn_reset(c);
    od_buf_done(&n->in);
    od_buf_done(&n->out);
    od_buf_done(&n->wire);
    od_buf_done(&n->inflated);
}

/* --- from nothing to a connection and back ------------------------------------------------------------------------ */

static void conn_start(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    n->state = OD_CONN_DIALING;
    n->next_id = 1;
    n->max_send = OD_FRAME_MAX_BEFORE_AUTH;
    od_timer_set(&c->timers, &n->timer, c->now_us + c->connect_timeout_ms * OD_US_PER_MS);
    od_client_state(c, ORDO_STATE_CONNECTING, NULL);
    od_dial_start(c, &c->hosts.list[c->hosts.at]);
}

void od_conn_failed(ordo_client *c, const struct od_err *err)
{
    struct od_conn *n = &c->conn;
    bool was_ready = n->state == OD_CONN_READY, round = false;
    bool going_away = n->going_away;
    int64_t wait_us;
    conn_reset(c);
    od_calls_requeue(c, 0, true);
    od_subscriptions_lost(c);
    if (going_away)
        wait_us = od_hosts_left(&c->hosts, n->reconnect_us - c->now_us);
    else if (was_ready)
        wait_us = od_hosts_lost(&c->hosts, &c->random, c->reconnect_min_ms * OD_US_PER_MS);
    else
        wait_us = od_hosts_failed(&c->hosts, &c->random, c->reconnect_min_ms * OD_US_PER_MS,
                                  c->reconnect_max_ms * OD_US_PER_MS, &round);
    c->rounds += round;
    if (err)
        od_error_local(&c->why, err);
    od_timer_set(&c->timers, &n->timer, c->now_us + wait_us);
    od_client_state(c, c->refused ? ORDO_STATE_REFUSED : ORDO_STATE_LOST, &c->why);
}

static void conn_broken(ordo_client *c, enum od_reason reason, const char *why)
{
    struct od_err err;
    if (c->conn.state != OD_CONN_READY && reason == OD_R_CONNECTION_LOST) {
        const struct od_host *host = &c->hosts.list[c->hosts.at];
        od_fail(&err, OD_R_CONNECT_FAILED, "host=%s%s%s" OD_AND "why=%s", host->name, host->local ? "" : ":",
                host->port, why);
    } else
        od_fail(&err, reason, "what=%s" OD_AND "why=%s", why, why);
    od_conn_failed(c, &err);
}

void od_conn_dialed(ordo_client *c, int fd)
{
    struct od_conn *n = &c->conn;
    const struct od_host *host = &c->hosts.list[c->hosts.at];
    struct od_err err;
    if (!od_client_watch(c, &n->source, fd, EPOLLIN)) {
        close(fd);
        conn_broken(c, OD_R_CONNECTION_LOST, strerrordesc_np(errno));
        return;
    }
    n->received_us = c->now_us;
    if (host->local) {
        od_handshake_hello(c);
        return;
    }
    n->state = OD_CONN_TLS;
    n->tls = od_tls_new(c->tls, c->server_name ? c->server_name : host->name);
    if (!n->tls)
        od_fail(&err, OD_R_OUT_OF_MEMORY, NULL);
    if (!n->tls || od_tls_start(n->tls, &n->wire, &err) != OD_OK)
        od_conn_failed(c, &err);
}

static void conn_timer(struct od_timer *timer)
{
    ordo_client *c = OD_CONTAINER(timer, ordo_client, conn.timer);
    struct od_conn *n = &c->conn;
    if (n->state == OD_CONN_NONE)
        return; /* od_conn_flush() connects if something waits */
    if (n->state != OD_CONN_READY) {
        conn_broken(c, OD_R_CONNECTION_LOST, "no answer in time");
        return;
    }
    int64_t interval_us =
        (c->server->ping_interval_ms ? c->server->ping_interval_ms : OD_PING_INTERVAL_MS) * OD_US_PER_MS;
    int64_t silent_us = c->now_us - n->received_us;
    if (silent_us >= PINGS_UNANSWERED * interval_us) {
        conn_broken(c, OD_R_CONNECTION_LOST, "the server is silent");
        return;
    }
    if (silent_us >= interval_us) {
        od_conn_put(c, OD_F_PING, n->next_id, 0);
        n->next_id += 2;
    }
    od_timer_set(&c->timers, timer, c->now_us + interval_us);
}

/* Leaves a server that asked for it, once nothing is in flight and the chosen moment is there. */
static void conn_leave(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    if (!n->going_away || n->in_flight || c->now_us < n->reconnect_us)
        return;
    struct od_err err;
    od_fail(&err, OD_R_DRAINING, NULL);
    if (n->tls)
        od_tls_close(n->tls, &n->wire);
    od_conn_failed(c, &err);
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

void od_conn_put(ordo_client *c, enum od_frame_type type, uint64_t id, uint32_t aux)
{
    od_frame_write(&c->conn.out, &(struct od_frame){.type = (uint8_t)type, .id = id, .aux = aux});
}

void od_conn_grant(ordo_client *c, uint64_t id, uint32_t *ungranted, size_t n)
{
    struct od_conn *conn = &c->conn;
    if (conn->state != OD_CONN_READY)
        return;
    conn->ungranted += (uint32_t)n;
    if (conn->ungranted >= c->credit_connection / 2) {
        od_conn_put(c, OD_F_CREDIT, 0, conn->ungranted);
        conn->ungranted = 0;
    }
    if (!ungranted)
        return;
    *ungranted += (uint32_t)n;
    if (*ungranted >= c->credit_call / 2) {
        od_conn_put(c, OD_F_CREDIT, id, *ungranted);
        *ungranted = 0;
    }
}

/* Encrypts the frames and gives the socket what it takes. */
static void conn_send(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    struct od_err err;
    enum od_status status = OD_OK;
    if (n->out.n && !n->out.failed && n->tls)
        status = od_tls_ready(n->tls) ? od_tls_write(n->tls, od_buf_view(&n->out), &n->wire, &err) : OD_OK;
    else
        od_buf_str(&n->wire, od_buf_view(&n->out));
    if (n->out.failed || n->wire.failed)
        status = od_fail(&err, OD_R_OUT_OF_MEMORY, NULL);
    if (status != OD_OK) {
        od_conn_failed(c, &err);
        return;
    }
    od_buf_clear(&n->out);
    while (n->wire_sent < n->wire.n) {
        ssize_t sent = send(n->source.fd, n->wire.p + n->wire_sent, n->wire.n - n->wire_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN) {
            conn_broken(c, OD_R_CONNECTION_LOST, strerrordesc_np(errno));
            return;
        }
        if (sent < 0)
            break;
        n->wire_sent += (size_t)sent;
    }
    if (n->wire_sent == n->wire.n) {
        od_buf_clear(&n->wire);
        od_buf_shrink(&n->wire, OD_CLIENT_OUT_HIGH);
        n->wire_sent = 0;
    }
    bool wanted = n->wire.n > 0;
    if (wanted != n->writable_wanted)
        od_client_rewatch(c, &n->source, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
    n->writable_wanted = wanted;
}

/* Other credentials: a live connection can show them; one without a login, or amid another one, begins anew. */
static void conn_reauth(ordo_client *c)
{
    if (c->conn.state == OD_CONN_READY && c->credentials.kind != OD_AUTH_NONE)
        od_handshake_auth(c);
    else
        conn_reset(c);
    c->conn.reauth = false;
}

void od_conn_flush(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    if (n->reauth && !n->in_flight)
        conn_reauth(c);
    if (n->state == OD_CONN_NONE && !n->timer.place && !c->refused && od_client_wants(c))
        conn_start(c);
    if (n->state == OD_CONN_READY && !n->going_away && !n->reauth) {
        od_subscriptions_send(c);
        od_calls_send(c);
    }
    if (n->source.fd >= 0 && (n->out.n || n->out.failed || n->wire.n > n->wire_sent))
        conn_send(c);
    if (n->state == OD_CONN_READY)
        conn_leave(c);
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

static void ready_frame(ordo_client *c, const struct od_frame *f, struct od_str payload)
{
    switch (f->type) {
    case OD_F_RESPONSE:
    case OD_F_ERROR:
        if (!f->id)
            conn_broken(c, OD_R_CONNECTION_LOST, "the server gave the connection up");
        else if (!od_subscriptions_frame(c, f, payload))
            od_calls_answer(c, f, payload);
        break;
    case OD_F_DATA: od_calls_part(c, f, payload); break;
    case OD_F_EVENT:
    case OD_F_BOOKMARK:
        if (!od_subscriptions_frame(c, f, payload) && f->type == OD_F_EVENT)
            od_conn_grant(c, 0, NULL, f->payload.n); /* of one that was just given up */
        break;
    case OD_F_CREDIT: /* this library uploads nothing */
    case OD_F_PONG: break;
    case OD_F_GOAWAY: od_handshake_goaway(c, f); break;
    default:
        if (f->type < OD_F_IGNORED_FROM)
            conn_broken(c, OD_R_FRAME_BROKEN, od_frame_type_name(f->type));
    }
}

static void conn_frame(ordo_client *c, const struct od_frame *f)
{
    struct od_conn *n = &c->conn;
    struct od_err err;
    if (f->type == OD_F_PING) {
        od_frame_write(&n->out, &(struct od_frame){.type = OD_F_PONG, .id = f->id, .payload = f->payload});
        return;
    }
    if (f->type == OD_F_INFO) {
        od_handshake_info(c, f);
        return;
    }
    if (n->state != OD_CONN_READY) {
        od_handshake_frame(c, f);
        return;
    }
    struct od_str payload = f->payload;
    if (f->flags & OD_FLAG_ZSTD) {
        od_buf_clear(&n->inflated);
        if (!n->zstd) {
            conn_broken(c, OD_R_FRAME_BROKEN, "ZSTD was not agreed");
            return;
        }
        if (od_zstd_inflate(f->payload, OD_FRAME_MAX, &n->inflated, &err) != OD_OK) {
            od_conn_failed(c, &err);
            return;
        }
        payload = od_buf_view(&n->inflated);
    }
    ready_frame(c, f, payload);
}

/* Hands whole frames on until the connection is gone or bytes run out. */
static void conn_parse(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    size_t at = 0;
    while (n->source.fd >= 0) {
        struct od_frame f;
        struct od_err err;
        size_t size;
        struct od_str rest = {n->in.p + at, n->in.n - at};
        if (!rest.n)
            break;
        if (od_frame_read(rest, OD_FRAME_MAX, &f, &size, NULL, &err) != OD_OK) {
            od_conn_failed(c, &err);
            return;
        }
        if (!size)
            break;
        at += size;
        conn_frame(c, &f);
    }
    if (n->source.fd >= 0)
        od_buf_drop(&n->in, at);
}

static bool conn_take(ordo_client *c, const char *p, size_t got)
{
    struct od_conn *n = &c->conn;
    struct od_err err;
    bool closed = false, was_ready = od_tls_ready(n->tls);
    if (od_tls_feed(n->tls, (struct od_str){p, got}, &n->in, &n->wire, &closed, &err) != OD_OK) {
        conn_send(c); /* the alert */
        if (n->source.fd >= 0)
            od_conn_failed(c, &err);
        return false;
    }
    if (!was_ready && od_tls_ready(n->tls))
        od_handshake_hello(c);
    if (closed) {
        conn_parse(c);
        if (n->source.fd >= 0)
            conn_broken(c, OD_R_CONNECTION_LOST, "the server closed it");
        return false;
    }
    return true;
}

static void conn_ready(struct od_source *source, uint32_t events)
{
    ordo_client *c = OD_CONTAINER(source, ordo_client, conn.source);
    struct od_conn *n = &c->conn;
    char bytes[OD_CLIENT_RECV_BYTES];
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return; /* writable: the flush of this turn */
    ssize_t got = recv(source->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        conn_broken(c, OD_R_CONNECTION_LOST, got ? strerrordesc_np(errno) : "the server closed it");
        return;
    }
    n->received_us = c->now_us;
    if (n->tls) {
        if (!conn_take(c, bytes, (size_t)got))
            return;
    } else {
        od_buf_put(&n->in, bytes, (size_t)got);
        if (n->in.failed) {
            conn_broken(c, OD_R_OUT_OF_MEMORY, "");
            return;
        }
    }
    conn_parse(c);
}
