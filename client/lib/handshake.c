/* SPDX-License-Identifier: Apache-2.0
 * HELLO and AUTH, and what the server says about itself later: GOAWAY, INFO. Credentials live here and are wiped here.
 */
#include "client/lib/internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "common/wire/prescan.h"

static void handshake_fail(ordo_client *c, enum od_reason reason, const char *why)
{
    struct od_err err;
    const struct od_host *host = &c->hosts.list[c->hosts.at];
    od_fail(&err, reason, "host=%s%s%s" OD_AND "why=%s", host->name, host->local ? "" : ":", host->port, why);
    od_conn_failed(c, &err);
}

static void frame_message(ordo_client *c, enum od_frame_type type, uint64_t id, const ProtobufCMessage *m)
{
    size_t at = od_frame_begin(&c->conn.out);
    od_message_pack(m, &c->conn.out);
    od_frame_end(&c->conn.out, at, (uint8_t)type, 0, 0, id, 0, 0);
}

void od_handshake_hello(ordo_client *c)
{
    Ordo__Hello m = ORDO__HELLO__INIT;
    m.has_min_version = m.has_max_version = m.has_features = m.has_max_frame = true;
    m.max_version = OD_PROTOCOL_MINOR;
    m.features = c->compress ? OD_FEATURE_ZSTD : 0;
    m.max_frame = OD_FRAME_MAX;
    m.has_credit_call = m.has_credit_connection = true;
    m.credit_call = c->credit_call;
    m.credit_connection = c->credit_connection;
    m.client = c->program;
    m.language = c->language;
    c->conn.state = OD_CONN_HELLO;
    frame_message(c, OD_F_HELLO, c->conn.next_id, &m.base);
    c->conn.next_id += 2;
}

static void conn_usable(ordo_client *c)
{
    struct od_conn *n = &c->conn;
    struct od_err err;
    int64_t interval_us =
        (c->server->ping_interval_ms ? c->server->ping_interval_ms : OD_PING_INTERVAL_MS) * OD_US_PER_MS;
    n->state = OD_CONN_READY;
    od_timer_set(&c->timers, &n->timer, c->now_us + interval_us);
    od_hosts_connected(&c->hosts);
    if (c->journal) {
        int64_t principal_id = c->identity ? c->identity->principal_id : 0;
        c->journal_bad = od_journal_bind(c->journal, c->environment, principal_id, &err) != OD_OK;
        if (c->journal_bad)
            od_error_local(&c->journal_why, &err);
    }
    od_client_state(c, ORDO_STATE_READY, NULL);
}

static void identity_set(ordo_client *c, Ordo__AuthOk *m)
{
    if (c->identity && c->identity->has_session)
        OPENSSL_cleanse(c->identity->session.data, c->identity->session.len);
    ordo__auth_ok__free_unpacked(c->identity, NULL);
    c->identity = m;
}

void od_handshake_auth(ordo_client *c)
{
    const struct od_credentials *cred = &c->credentials;
    Ordo__Auth m = ORDO__AUTH__INIT;
    Ordo__PasswordLogin password = ORDO__PASSWORD_LOGIN__INIT;
    c->conn.reauth = false;
    c->conn.by_token = cred->has_token;
    if (cred->kind == OD_AUTH_NONE) {
        identity_set(c, NULL);
        conn_usable(c);
        return;
    }
    if (cred->has_token) {
        m.proof_case = ORDO__AUTH__PROOF_SESSION;
        m.session = (ProtobufCBinaryData){sizeof cred->token, (uint8_t *)cred->token};
    } else if (cred->kind == OD_AUTH_PASSWORD) {
        m.proof_case = ORDO__AUTH__PROOF_PASSWORD;
        m.password = &password;
        password.login = cred->login;
        password.password = cred->password;
    } else if (cred->kind == OD_AUTH_API_KEY) {
        m.proof_case = ORDO__AUTH__PROOF_API_KEY;
        m.api_key = (ProtobufCBinaryData){sizeof cred->secret, (uint8_t *)cred->secret};
    } else if (cred->kind == OD_AUTH_SESSION) {
        m.proof_case = ORDO__AUTH__PROOF_SESSION;
        m.session = (ProtobufCBinaryData){sizeof cred->secret, (uint8_t *)cred->secret};
    } else if (cred->kind == OD_AUTH_CERTIFICATE) {
        m.proof_case = ORDO__AUTH__PROOF_CERTIFICATE;
        m.certificate = true;
    } else {
        m.proof_case = ORDO__AUTH__PROOF_LOCAL_PEER;
        m.local_peer = true;
    }
    c->conn.state = OD_CONN_AUTH;
    c->conn.auth_id = c->conn.next_id;
    frame_message(c, OD_F_AUTH, c->conn.next_id, &m.base);
    c->conn.next_id += 2;
    od_timer_set(&c->timers, &c->conn.timer, c->now_us + c->connect_timeout_ms * OD_US_PER_MS);
}

/* Keys are good within one environment: a call that may have happened in one must not be repeated in another. */
static bool environment_same(ordo_client *c, const Ordo__HelloOk *m)
{
    unsigned char environment[16] = {0};
    if (m->has_environment && m->environment.len == sizeof environment)
        memcpy(environment, m->environment.data, sizeof environment);
    if (c->has_environment && memcmp(c->environment, environment, sizeof environment) != 0)
        return false;
    memcpy(c->environment, environment, sizeof environment);
    c->has_environment = true;
    return true;
}

static void hello_ok(ordo_client *c, const struct od_frame *f)
{
    struct od_conn *n = &c->conn;
    bool readable = od_prescan_answer(&ordo__hello_ok__descriptor, f->payload, NULL) == OD_OK;
    Ordo__HelloOk *m = readable ? ordo__hello_ok__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p) : NULL;
    if (!m) {
        handshake_fail(c, OD_R_CONNECT_FAILED, "its HELLO_OK cannot be read");
        return;
    }
    if (!environment_same(c, m)) {
        ordo__hello_ok__free_unpacked(m, NULL);
        handshake_fail(c, OD_R_CONNECT_FAILED, "it serves another database than before");
        return;
    }
    ordo__hello_ok__free_unpacked(c->server, NULL);
    c->server = m;
    n->max_send = m->max_frame ? m->max_frame : OD_FRAME_MAX;
    n->max_in_flight = m->max_in_flight ? m->max_in_flight : OD_CALLS_IN_FLIGHT_MAX;
    n->zstd = c->compress && (m->features & OD_FEATURE_ZSTD);
    if (m->has_server_time_us) {
        c->clock_offset_us = m->server_time_us - od_mono_us();
        c->has_clock = true;
    }
    od_client_state(c, ORDO_STATE_CONNECTED, NULL);
    od_handshake_auth(c);
}

static void token_keep(ordo_client *c, const Ordo__AuthOk *m)
{
    struct od_credentials *cred = &c->credentials;
    if ((cred->kind != OD_AUTH_PASSWORD && cred->kind != OD_AUTH_CERTIFICATE) || !m->has_session ||
        m->session.len != sizeof cred->token)
        return;
    memcpy(cred->token, m->session.data, sizeof cred->token);
    cred->has_token = true;
}

static void auth_ok(ordo_client *c, const struct od_frame *f)
{
    bool readable = od_prescan_answer(&ordo__auth_ok__descriptor, f->payload, NULL) == OD_OK;
    Ordo__AuthOk *m = readable ? ordo__auth_ok__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p) : NULL;
    if (!m) {
        handshake_fail(c, OD_R_CONNECT_FAILED, "its AUTH_OK cannot be read");
        return;
    }
    token_keep(c, m);
    identity_set(c, m);
    conn_usable(c);
}

/* The login was refused. A session may have ended: the password behind it is tried next. A server that is only busy is
 * tried again; anything else ends what waits. */
static void auth_refused(ordo_client *c, const struct od_frame *f)
{
    od_arena_reset(&c->arena);
    od_error_wire(&c->why, f->method, f->payload, &c->arena);
    if (c->conn.by_token && c->why.status == ORDO_UNAUTHENTICATED) {
        OPENSSL_cleanse(c->credentials.token, sizeof c->credentials.token);
        c->credentials.has_token = false;
        od_handshake_auth(c);
        return;
    }
    int64_t after_us = c->why.retry_after_ms * OD_US_PER_MS;
    c->refused = c->why.retry != ORDO_RETRY_YES;
    od_conn_failed(c, NULL);
    if (!c->refused && after_us)
        od_timer_set(&c->timers, &c->conn.timer, c->now_us + after_us);
    if (c->refused) {
        od_calls_refuse(c);
        od_subscriptions_refuse(c);
    }
}

void od_handshake_frame(ordo_client *c, const struct od_frame *f)
{
    if (c->conn.reauth)
        return; /* the answer to credentials that are no longer those */
    if (f->flags & OD_FLAG_ZSTD)
        handshake_fail(c, OD_R_CONNECT_FAILED, "ZSTD before the login");
    else if (f->type == OD_F_HELLO_OK && c->conn.state == OD_CONN_HELLO)
        hello_ok(c, f);
    else if (f->type == OD_F_AUTH_OK && c->conn.state == OD_CONN_AUTH)
        auth_ok(c, f);
    else if (f->type == OD_F_ERROR && c->conn.state == OD_CONN_AUTH && (!f->id || f->id == c->conn.auth_id))
        auth_refused(c, f);
    else if (f->type == OD_F_ERROR) {
        od_arena_reset(&c->arena);
        od_error_wire(&c->why, f->method, f->payload, &c->arena);
        od_conn_failed(c, NULL);
    } else if (f->type == OD_F_GOAWAY)
        handshake_fail(c, OD_R_CONNECT_FAILED, "it is shutting down");
    else if (f->type < OD_F_IGNORED_FROM && f->type != OD_F_PONG)
        handshake_fail(c, OD_R_CONNECT_FAILED, "it sent a frame out of order");
}

void od_handshake_goaway(ordo_client *c, const struct od_frame *f)
{
    struct od_conn *n = &c->conn;
    Ordo__GoAway *m = (Ordo__GoAway *)od_client_read(c, &ordo__go_away__descriptor, f->payload);
    if (!m)
        return;
    if (!n->going_away) {
        uint32_t min_ms = m->reconnect_min_ms, max_ms = m->reconnect_max_ms > min_ms ? m->reconnect_max_ms : min_ms;
        int64_t span_us = (max_ms - min_ms) * OD_US_PER_MS;
        n->reconnect_us =
            c->now_us + min_ms * OD_US_PER_MS + (int64_t)od_random_below(&c->random, (uint64_t)span_us + 1);
        n->going_away = true;
        od_timer_set(&c->timers, &n->timer, n->reconnect_us);
    }
    bool has_last = m->has_last_id;
    uint64_t last_id = m->last_id;
    if (c->state != ORDO_STATE_GOING_AWAY)
        od_client_state(c, ORDO_STATE_GOING_AWAY, NULL);
    if (has_last)
        od_calls_requeue(c, last_id, false);
}

void od_handshake_info(ordo_client *c, const struct od_frame *f)
{
    Ordo__Info *m = (Ordo__Info *)od_client_read(c, &ordo__info__descriptor, f->payload);
    if (!m)
        return;
    for (size_t i = 0; c->tls && i < m->n_hosts; i++)
        if (!strstr(m->hosts[i], "unix:")) /* a server names no socket of this machine: there is no TLS to tell whose it is */
            (void)od_hosts_add(&c->hosts, m->hosts[i],
                               NULL); /* one that cannot be read, or too many: those known suffice */
    if (m->text && c->on_info) {
        c->in_callback = true;
        c->on_info(c, m->text, c->arg);
        c->in_callback = false;
    }
}

/* --- credentials -------------------------------------------------------------------------------------------------- */

static void string_wipe(char **s)
{
    if (*s)
        OPENSSL_cleanse(*s, strlen(*s));
    free(*s);
    *s = NULL;
}

void od_credentials_wipe(struct od_credentials *cred)
{
    string_wipe(&cred->login);
    string_wipe(&cred->password);
    OPENSSL_cleanse(cred, sizeof *cred);
}

void od_handshake_forget(ordo_client *c)
{
    identity_set(c, NULL);
    ordo__hello_ok__free_unpacked(c->server, NULL);
    c->server = NULL;
}

static enum ordo_status credentials_set(ordo_client *c, struct od_credentials *cred)
{
    enum ordo_status status = ORDO_USAGE;
    od_client_enter(c);
    if (!c->calls.n_open && !c->subscriptions) {
        struct od_credentials old = c->credentials;
        c->credentials = *cred;
        *cred = old;
        c->refused = false;
        c->conn.reauth = c->conn.state >= OD_CONN_AUTH; /* the next flush sees to it */
        status = ORDO_OK;
    }
    od_client_leave(c);
    od_credentials_wipe(cred);
    return status;
}

enum ordo_status ordo_auth_password(ordo_client *client, const char *login, const char *password)
{
    struct od_credentials cred = {.kind = OD_AUTH_PASSWORD, .login = strdup(login), .password = strdup(password)};
    if (cred.login && cred.password)
        return credentials_set(client, &cred);
    od_credentials_wipe(&cred);
    return ORDO_INTERNAL;
}

static enum ordo_status secret_set(ordo_client *c, enum od_auth_kind kind, const unsigned char secret[32])
{
    struct od_credentials cred = {.kind = kind};
    if (secret)
        memcpy(cred.secret, secret, sizeof cred.secret);
    return credentials_set(c, &cred);
}

enum ordo_status ordo_auth_api_key(ordo_client *client, const unsigned char key[32])
{
    return secret_set(client, OD_AUTH_API_KEY, key);
}

enum ordo_status ordo_auth_session(ordo_client *client, const unsigned char token[32])
{
    return secret_set(client, OD_AUTH_SESSION, token);
}

enum ordo_status ordo_auth_certificate(ordo_client *client) { return secret_set(client, OD_AUTH_CERTIFICATE, NULL); }
enum ordo_status ordo_auth_local(ordo_client *client) { return secret_set(client, OD_AUTH_LOCAL, NULL); }
enum ordo_status ordo_auth_none(ordo_client *client) { return secret_set(client, OD_AUTH_NONE, NULL); }
