/* SPDX-License-Identifier: Apache-2.0
 * What time does to a connection: handshakes that do not come to an end, silence, sessions that are over, the drain; and what is
 * said of the other nodes. */
#include "common/base/time.h"
#include "server/net/conn.h"
#include "session.pb-c.h"

static void time_out(struct conn *c, int timeout_ms)
{
    struct od_err err;
    if (c->tls && !od_tls_ready(c->tls)) {
        conn_abort(c);
        return;
    }
    od_fail(&err, OD_R_DEADLINE_PASSED, "timeout_ms=%d", timeout_ms);
    conn_fail(c, 0, &err);
}

static void tick_silence(struct conn *c)
{
    const struct net_options *o = &c->io->net->options;
    int64_t silent_ms = (c->io->now_us - c->received_us) / OD_US_PER_MS;
    if (c->paused && !conn_owed_bytes(c))
        return; /* we are the ones who do not listen: its calls are at work */
    if (silent_ms >= o->idle_timeout_ms) {
        time_out(c, o->idle_timeout_ms);
    } else if (silent_ms >= o->ping_interval_ms && !c->pinged && c->state == CONN_AUTHENTICATED) {
        c->pinged = true;
        c->own_id += 2;
        conn_send(c, &(struct od_frame){.type = OD_F_PING, .id = c->own_id});
    }
}

void conn_tick(struct conn *c)
{
    int64_t now_us = c->io->now_us;
    if (c->state == CONN_CLOSING) {
        if (now_us > c->linger_until_us)
            conn_abort(c);
        return;
    }
    bool expected = c->state == CONN_NEW || (c->state == CONN_HELLO && !c->local && !c->auth);
    if (expected && now_us > c->handshake_until_us) {
        time_out(c, c->io->net->options.handshake_timeout_ms);
        return;
    }
    if (c->session && c->session->expires_us != OD_TIME_NONE && c->io->net->options.clock_us() > c->session->expires_us) {
        struct od_err err;
        od_fail(&err, OD_R_SESSION_ENDED, NULL);
        conn_fail(c, 0, &err);
        return;
    }
    tick_silence(c);
    if (!conn_is_open(c))
        return;
    calls_tick(c);
    subscriptions_tick(c);
    if (c->draining)
        conn_drain(c);
}

/* Once one is in, so that who knew a single node can go on at another when it is gone without a word; and again before the end. */
void conn_inform(struct conn *c)
{
    const struct net_options *o = &c->io->net->options;
    Ordo__Info m = ORDO__INFO__INIT;
    if (!o->n_nodes || c->local)
        return;
    m.n_hosts = o->n_nodes;
    m.hosts = (char **)o->nodes;
    c->own_id += 2;
    conn_send_message(c, OD_F_INFO, c->own_id, &m.base);
}

static void send_goaway(struct conn *c, bool last)
{
    Ordo__GoAway m = ORDO__GO_AWAY__INIT;
    m.has_last_id = last;
    m.last_id = c->last_id;
    m.has_reconnect_min_ms = m.has_reconnect_max_ms = true;
    m.reconnect_min_ms = OD_RECONNECT_MIN_MS;
    m.reconnect_max_ms = OD_RECONNECT_MAX_MS;
    m.reason = (char *)"the server is shutting down";
    c->own_id += 2;
    conn_send_message(c, OD_F_GOAWAY, c->own_id, &m.base);
}

/* What was sent before the announcement came over is still taken. */
bool conn_refuses(const struct conn *c)
{
    return c->draining && c->io->now_us >= c->drained_us + OD_DRAIN_GRACE_MS * OD_US_PER_MS;
}

void conn_drain(struct conn *c)
{
    struct io_thread *t = c->io;
    if (!conn_is_open(c))
        return;
    if (c->state == CONN_NEW) {
        if (c->tls && !od_tls_ready(c->tls))
            conn_abort(c);
        else
            conn_close(c);
        return;
    }
    if (!c->draining) {
        c->draining = true;
        c->drained_us = t->now_us;
        conn_inform(c);
        send_goaway(c, false);
    }
    if (t->now_us >= t->drain_until_us || (conn_refuses(c) && !c->n_calls && !c->auth)) {
        send_goaway(c, true);
        conn_close(c);
    }
}
