/* SPDX-License-Identifier: Apache-2.0
 * The peer's thread: one connection after another, each a loop of poll, recv, frames, send. */
#include "tests/it/libordo_peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common.pb-c.h"
#include "common/base/base.h"
#include "common/base/limits.h"
#include "common/base/time.h"
#include "common/wire/frame.h"
#include "common/wire/prescan.h"
#include "common/wire/tls.h"
#include "push.pb-c.h"
#include "request.pb-c.h"
#include "session.pb-c.h"

enum { ANSWERS_MAX = 4096, ROWS_PER_PART = 20, BUFFER_MAX = 8 * 1024 * 1024 };
enum { METHOD_ECHO = 1, METHOD_REGISTER = 70, METHOD_LIST = 72 };

struct answer {
    unsigned char key[16];
    int64_t number;
};

/* A list or a subscription that runs against credit. */
struct stream {
    uint64_t id;
    bool list;
    uint32_t left; /* list: parts to go */
    uint32_t part;
    uint64_t next_seq; /* subscription */
    int64_t credit;
};

struct peer {
    struct peer_control *control;
    struct od_tls_context *tls;
    int listener, stop_fd, cut_fd;
    char host[160];
    pthread_t thread;
    struct answer answers[ANSWERS_MAX];
    unsigned n_answers;

    /* the connection that is there */
    int fd;
    struct od_tls *session;
    struct od_buf in, out, wire;
    struct stream streams[16];
    unsigned n_streams;
    int64_t credit;
    uint32_t credit_call, credit_connection;
    bool cut, zstd;
};

/* One step of a countdown: true when it reaches zero by this. */
static bool counts_down(atomic_int *n)
{
    int before = atomic_load(n);
    return before > 0 && atomic_fetch_sub(n, 1) == 1;
}

static void message(struct peer *p, enum od_frame_type type, uint64_t id, uint8_t flags, uint32_t aux,
                    const ProtobufCMessage *m)
{
    size_t at = od_frame_begin(&p->out);
    od_message_pack(m, &p->out);
    od_frame_end(&p->out, at, (uint8_t)type, flags, 0, id, 0, aux);
}

static bool faulty(const struct peer *p, enum peer_fault fault) { return atomic_load(&p->control->fault) == (int)fault; }

/* A frame whose message ends inside a field. */
static void cut_message(struct peer *p, enum od_frame_type type, uint64_t id, uint16_t status)
{
    od_frame_write(&p->out, &(struct od_frame){.type = (uint8_t)type, .id = id, .method = status, .payload = OD_STR("\x0a\x7fx")});
}

static void refuse(struct peer *p, uint64_t id, enum od_reason reason, char *name, char *value, Ordo__Retry retry)
{
    Ordo__Error m = ORDO__ERROR__INIT;
    Ordo__Arg arg = ORDO__ARG__INIT, *args[] = {&arg};
    char text[200] = "the peer says no";
    arg.name = name;
    arg.value = value;
    m.reason = (char *)od_reason_name(reason);
    m.text = text;
    m.n_args = name ? 1 : 0;
    m.args = args;
    m.has_outcome = m.has_retry = true;
    m.outcome = ORDO__OUTCOME__NOT_EXECUTED;
    m.retry = retry;
    size_t at = od_frame_begin(&p->out);
    od_message_pack(&m.base, &p->out);
    od_frame_end(&p->out, at, OD_F_ERROR, 0, (uint16_t)od_reason_status(reason), id, 0, 0);
}

static void hello(struct peer *p, const struct od_frame *f)
{
    Ordo__Hello *h = ordo__hello__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p);
    od_assert(h);
    p->credit = p->credit_connection = h->credit_connection;
    p->credit_call = h->credit_call;
    p->zstd = h->features & OD_FEATURE_ZSTD;
    ordo__hello__free_unpacked(h, NULL);
    uint8_t environment[16] = {[15] = atomic_load(&p->control->environment)};
    Ordo__HelloOk m = ORDO__HELLO_OK__INIT;
    m.has_features = m.has_environment = m.has_max_frame = m.has_max_in_flight = m.has_ping_interval_ms =
        m.has_server_time_us = true;
    m.environment = (ProtobufCBinaryData){sizeof environment, environment};
    m.features = p->zstd ? OD_FEATURE_ZSTD : 0;
    m.max_frame = OD_FRAME_MAX;
    m.max_in_flight = 64;
    m.ping_interval_ms = 200;
    m.server_time_us = od_real_us() + atomic_load(&p->control->clock_ahead_us);
    if (faulty(p, PEER_FAULT_HELLO_OK))
        cut_message(p, OD_F_HELLO_OK, f->id, 0);
    else
        message(p, OD_F_HELLO_OK, f->id, 0, 0, &m.base);
}

static void auth(struct peer *p, const struct od_frame *f)
{
    struct peer_control *k = p->control;
    uint8_t token[32] = "a session token of 32 bytes ....";
    Ordo__Auth *a = ordo__auth__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p);
    od_assert(a);
    bool by_password = a->proof_case == ORDO__AUTH__PROOF_PASSWORD;
    bool good = by_password ? !strcmp(a->password->password, "correct horse")
                : a->proof_case == ORDO__AUTH__PROOF_SESSION
                    ? !atomic_load(&k->refuse_tokens) && !memcmp(a->session.data, token, 32)
                    : true;
    ordo__auth__free_unpacked(a, NULL);
    if (atomic_load(&k->busy_logins) > 0) {
        atomic_fetch_sub(&k->busy_logins, 1);
        refuse(p, f->id, OD_R_AUTH_BUSY, NULL, NULL, ORDO__RETRY__RETRY_YES);
        return;
    }
    if (!good) {
        refuse(p, f->id, by_password ? OD_R_LOGIN_FAILED : OD_R_SESSION_ENDED, NULL, NULL, ORDO__RETRY__RETRY_NO);
        return;
    }
    atomic_fetch_add(&k->logins, 1);
    if (by_password)
        atomic_fetch_add(&k->password_logins, 1);
    Ordo__AuthOk m = ORDO__AUTH_OK__INIT;
    m.has_principal_id = true;
    m.principal_id = 7;
    m.has_session = by_password;
    m.session = (ProtobufCBinaryData){sizeof token, token};
    if (faulty(p, PEER_FAULT_AUTH_OK))
        cut_message(p, OD_F_AUTH_OK, f->id, 0);
    else
        message(p, OD_F_AUTH_OK, f->id, 0, 0, &m.base);
    if (faulty(p, PEER_FAULT_GOAWAY))
        cut_message(p, OD_F_GOAWAY, 2, 0);
    if (faulty(p, PEER_FAULT_INFO))
        cut_message(p, OD_F_INFO, 2, 0);
    Ordo__Info info = ORDO__INFO__INIT;
    char *host = (char *)atomic_load(&k->info);
    info.n_hosts = host != NULL;
    info.hosts = &host;
    if (host)
        message(p, OD_F_INFO, 2, 0, 0, &info.base);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

/* False: the credit does not cover it. */
static bool list_part(struct peer *p, struct stream *s)
{
    Ordo__RequestListPart m = ORDO__REQUEST_LIST_PART__INIT;
    Ordo__RequestRow rows[ROWS_PER_PART], *at[ROWS_PER_PART];
    char title[400];
    memset(title, 'x', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    for (unsigned i = 0; i < ROWS_PER_PART; i++) {
        ordo__request_row__init(&rows[i]);
        rows[i].has_id = true;
        rows[i].id = (int64_t)s->part * ROWS_PER_PART + i;
        rows[i].title = title;
        at[i] = &rows[i];
    }
    m.n_rows = ROWS_PER_PART;
    m.rows = at;
    size_t before = p->out.n;
    message(p, OD_F_DATA, s->id, s->left == 1 ? OD_FLAG_END : 0, s->part, &m.base);
    int64_t size = (int64_t)(p->out.n - before - OD_FRAME_HEADER_BYTES);
    if (faulty(p, PEER_FAULT_PART)) {
        p->out.n = before;
        cut_message(p, OD_F_DATA, s->id, 0);
    }
    if (size > s->credit || size > p->credit) {
        p->out.n = before;
        return false;
    }
    s->part++;
    s->left--;
    s->credit -= size;
    p->credit -= size;
    atomic_fetch_add(&p->control->parts, 1);
    if (counts_down(&p->control->cut_after_parts))
        p->cut = true;
    return true;
}

static void event(struct peer *p, struct stream *s)
{
    Ordo__Event m = ORDO__EVENT__INIT;
    char text[64];
    snprintf(text, sizeof text, "event %llu", (unsigned long long)s->next_seq);
    m.has_seq = true;
    m.seq = s->next_seq++;
    m.text = text;
    size_t before = p->out.n;
    if (faulty(p, PEER_FAULT_NEW_KIND)) {
        m.has_kind = true;
        m.kind = (Ordo__EventKind)4711;
    }
    size_t at = od_frame_begin(&p->out);
    od_message_pack(&m.base, &p->out);
    if (faulty(p, PEER_FAULT_NEW_KIND))
        od_buf_str(&p->out, OD_STR("\xc0\x3e\x01\xca\x3e\x03new")); /* fields 1000 and 1001 */
    if (faulty(p, PEER_FAULT_EVENT))
        p->out.p[p->out.n - 1] = '\0'; /* the text is the last field */
    od_frame_end(&p->out, at, OD_F_EVENT, 0, 0, s->id, 0, 0);
    s->credit -= (int64_t)(p->out.n - before - OD_FRAME_HEADER_BYTES);
    if (counts_down(&p->control->cut_after_events))
        p->cut = true;
}

static void stream_end(struct peer *p, unsigned i) { p->streams[i] = p->streams[--p->n_streams]; }

static void streams_run(struct peer *p)
{
    for (unsigned i = 0; i < p->n_streams && !p->cut; i++) {
        struct stream *s = &p->streams[i];
        while (s->list && s->left && !p->cut && list_part(p, s)) {
        }
        if (s->list && !s->left) {
            Ordo__RequestListRep m = ORDO__REQUEST_LIST_REP__INIT;
            m.has_rows = true;
            m.rows = s->part * ROWS_PER_PART;
            message(p, OD_F_RESPONSE, s->id, 0, 0, &m.base);
            stream_end(p, i--);
            continue;
        }
        uint64_t head = atomic_load(&p->control->inbox);
        bool behind = !s->list && s->next_seq <= head;
        while (!s->list && s->next_seq <= head && s->credit > 0 && !p->cut)
            event(p, s);
        if (behind && s->next_seq > head && !p->cut) {
            Ordo__Bookmark m = ORDO__BOOKMARK__INIT;
            m.has_seq = m.has_oldest = true;
            m.seq = head;
            m.oldest = atomic_load(&p->control->oldest);
            if (faulty(p, PEER_FAULT_BOOKMARK))
                cut_message(p, OD_F_BOOKMARK, s->id, 0);
            else
                message(p, OD_F_BOOKMARK, s->id, 0, 0, &m.base);
        }
    }
}

static void subscribe(struct peer *p, const struct od_frame *f)
{
    Ordo__Subscribe *m = ordo__subscribe__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p);
    od_assert(m && m->name && p->n_streams < OD_LEN(p->streams));
    uint64_t after = m->has_after ? m->after : atomic_load(&p->control->acked);
    bool lost = after + 1 < atomic_load(&p->control->oldest);
    ordo__subscribe__free_unpacked(m, NULL);
    if (lost) {
        char oldest[24];
        snprintf(oldest, sizeof oldest, "%llu", (unsigned long long)atomic_load(&p->control->oldest));
        refuse(p, f->id, OD_R_SUBSCRIPTION_GAP, (char[]){"oldest"}, oldest, ORDO__RETRY__RETRY_FRESH);
        return;
    }
    p->streams[p->n_streams++] = (struct stream){.id = f->id, .next_seq = after + 1, .credit = p->credit_call};
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static int64_t run_once(struct peer *p, const ProtobufCBinaryData *key, bool *ret_replayed)
{
    od_assert(key->len == 16 && p->n_answers < ANSWERS_MAX);
    for (unsigned i = 0; i < 16; i++)
        atomic_store(&p->control->last_key[i], key->data[i]);
    for (unsigned i = 0; i < p->n_answers; i++)
        if (!memcmp(p->answers[i].key, key->data, 16)) {
            *ret_replayed = true;
            atomic_fetch_add(&p->control->replayed, 1);
            return p->answers[i].number;
        }
    struct answer *a = &p->answers[p->n_answers++];
    memcpy(a->key, key->data, 16);
    a->number = atomic_fetch_add(&p->control->executed, 1) + 1;
    return a->number;
}

static void answer(struct peer *p, const struct od_frame *f, struct od_str body, const Ordo__Meta *meta)
{
    if (f->method == METHOD_REGISTER) {
        Ordo__RequestRegisterRep m = ORDO__REQUEST_REGISTER_REP__INIT;
        bool replayed = false;
        m.has_id = true;
        m.id = run_once(p, &meta->key, &replayed);
        if (counts_down(&p->control->cut_before_answer)) {
            p->cut = true;
            return;
        }
        if (faulty(p, PEER_FAULT_ANSWER))
            cut_message(p, OD_F_RESPONSE, f->id, 0);
        else if (faulty(p, PEER_FAULT_ERROR))
            cut_message(p, OD_F_ERROR, f->id, OD_CONFLICT);
        else
            message(p, OD_F_RESPONSE, f->id, replayed ? OD_FLAG_REPLAYED : 0, 0, &m.base);
    } else if (f->method == METHOD_LIST) {
        Ordo__RequestListReq *m = ordo__request_list_req__unpack(NULL, body.n, (const uint8_t *)body.p);
        od_assert(m && p->n_streams < OD_LEN(p->streams));
        p->streams[p->n_streams++] =
            (struct stream){.id = f->id, .list = true, .left = m->limit / ROWS_PER_PART, .credit = p->credit_call};
        ordo__request_list_req__free_unpacked(m, NULL);
    } else {
        od_cleanup(od_buf_done) struct od_buf small;
        struct od_frame reply = {.type = OD_F_RESPONSE, .id = f->id, .payload = body};
        od_buf_init(&small, OD_FRAME_MAX);
        if (p->zstd && od_zstd_deflate(body, &small)) {
            reply.flags = OD_FLAG_ZSTD;
            reply.payload = od_buf_view(&small);
        }
        od_frame_write(&p->out, &reply);
    }
}

static void goaway(struct peer *p, uint64_t last_id)
{
    Ordo__GoAway m = ORDO__GO_AWAY__INIT;
    m.has_last_id = last_id > 0;
    m.last_id = last_id;
    m.has_reconnect_min_ms = m.has_reconnect_max_ms = true;
    m.reconnect_min_ms = atomic_load(&p->control->go_away_min_ms);
    m.reconnect_max_ms = atomic_load(&p->control->go_away_max_ms);
    message(p, OD_F_GOAWAY, last_id ? 4 : 2, 0, 0, &m.base);
}

static void request(struct peer *p, const struct od_frame *f)
{
    struct peer_control *k = p->control;
    struct od_str meta_bytes, body;
    struct od_err err;
    atomic_fetch_add(&k->requests, 1);
    atomic_store(&k->last_timeout_ms, f->timeout_ms);
    od_cleanup(od_buf_done) struct od_buf inflated;
    struct od_str payload = f->payload;
    od_buf_init(&inflated, OD_FRAME_MAX);
    if (f->flags & OD_FLAG_ZSTD) {
        od_assert(p->zstd && od_zstd_inflate(f->payload, OD_FRAME_MAX, &inflated, &err) == OD_OK);
        payload = od_buf_view(&inflated);
        atomic_fetch_add(&k->compressed, 1);
    }
    od_assert(od_request_split(payload, &meta_bytes, &body, &err) == OD_OK && (f->flags & OD_FLAG_END));
    Ordo__Meta *meta = ordo__meta__unpack(NULL, meta_bytes.n, (const uint8_t *)meta_bytes.p);
    od_assert(meta);
    bool away = counts_down(&k->go_away);
    if (counts_down(&k->cut_before_run)) {
        p->cut = true;
    } else if (atomic_load(&k->contend) > 0) {
        atomic_fetch_sub(&k->contend, 1);
        refuse(p, f->id, OD_R_ROW_CONTENTION, NULL, NULL, ORDO__RETRY__RETRY_YES);
    } else if (!atomic_load(&k->silent)) {
        if (away)
            goaway(p, 0);
        answer(p, f, body, meta);
        if (away)
            goaway(p, f->id);
    }
    ordo__meta__free_unpacked(meta, NULL);
}

/* A client that grants more than it has taken would grow the window. */
static void credit_note(struct peer *p, int64_t credit, uint32_t window)
{
    if (credit > window)
        atomic_fetch_add(&p->control->credit_overruns, 1);
}

static void stream_frame(struct peer *p, const struct od_frame *f)
{
    if (f->type == OD_F_CREDIT && !f->id) {
        p->credit += f->aux;
        credit_note(p, p->credit, p->credit_connection);
    }
    for (unsigned i = 0; i < p->n_streams; i++) {
        struct stream *s = &p->streams[i];
        if (s->id != f->id)
            continue;
        if (f->type == OD_F_CREDIT) {
            s->credit += f->aux;
            credit_note(p, s->credit, p->credit_call);
        } else if (f->type == OD_F_EVENT_ACK) {
            Ordo__EventAck *m = ordo__event_ack__unpack(NULL, f->payload.n, (const uint8_t *)f->payload.p);
            od_assert(m);
            atomic_store(&p->control->acked, m->seq);
            ordo__event_ack__free_unpacked(m, NULL);
        } else {
            refuse(p, f->id, OD_R_CALL_CANCELLED, NULL, NULL, ORDO__RETRY__RETRY_NO);
            stream_end(p, i);
        }
        return;
    }
    if (f->type == OD_F_CANCEL && !atomic_load(&p->control->silent))
        refuse(p, f->id, OD_R_CALL_CANCELLED, NULL, NULL, ORDO__RETRY__RETRY_NO);
}

static void frame(struct peer *p, const struct od_frame *f)
{
    switch (f->type) {
    case OD_F_HELLO: hello(p, f); break;
    case OD_F_AUTH: auth(p, f); break;
    case OD_F_REQUEST: request(p, f); break;
    case OD_F_SUBSCRIBE: subscribe(p, f); break;
    case OD_F_CANCEL:
        atomic_fetch_add(&p->control->cancels, 1);
        stream_frame(p, f);
        break;
    case OD_F_PING:
        atomic_fetch_add(&p->control->pings, 1);
        if (!atomic_load(&p->control->silent))
            od_frame_write(&p->out, &(struct od_frame){.type = OD_F_PONG, .id = f->id});
        break;
    default: stream_frame(p, f);
    }
}

/* --- the connection ----------------------------------------------------------------------------------------------- */

static bool flush(struct peer *p)
{
    struct od_err err;
    if (p->session && p->out.n)
        od_assert(od_tls_write(p->session, od_buf_view(&p->out), &p->wire, &err) == OD_OK);
    else
        od_buf_str(&p->wire, od_buf_view(&p->out));
    od_buf_clear(&p->out);
    od_assert(!p->wire.failed);
    for (size_t at = 0; at < p->wire.n;) {
        ssize_t n = send(p->fd, p->wire.p + at, p->wire.n - at, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    od_buf_clear(&p->wire);
    return true;
}

static bool take(struct peer *p)
{
    char bytes[64 * 1024];
    struct od_err err;
    bool closed = false;
    ssize_t n = recv(p->fd, bytes, sizeof bytes, 0);
    if (n <= 0)
        return false;
    if (p->session &&
        od_tls_feed(p->session, (struct od_str){bytes, (size_t)n}, &p->in, &p->wire, &closed, &err) != OD_OK)
        return false;
    if (!p->session)
        od_buf_put(&p->in, bytes, (size_t)n);
    size_t at = 0, size;
    int batch = 0;
    while (!p->cut) {
        struct od_frame f;
        struct od_str rest = {p->in.p + at, p->in.n - at};
        od_assert(od_frame_read(rest, OD_FRAME_MAX, &f, &size, NULL, &err) == OD_OK);
        if (!size)
            break;
        at += size;
        batch += f.type == OD_F_REQUEST;
        frame(p, &f);
    }
    od_buf_drop(&p->in, at);
    if (batch > atomic_load(&p->control->largest_batch))
        atomic_store(&p->control->largest_batch, batch);
    return !closed;
}

/* False: the peer shall stop. */
static bool serve(struct peer *p)
{
    bool go_on = true, open = true;
    atomic_fetch_add(&p->control->connections, 1);
    (void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    p->session = p->tls ? od_tls_new(p->tls, NULL) : NULL;
    p->n_streams = 0;
    p->cut = false;
    while (open && !p->cut) {
        struct pollfd fds[] = {{p->fd, POLLIN, 0}, {p->stop_fd, POLLIN, 0}, {p->cut_fd, POLLIN, 0}};
        (void)poll(fds, 3, 10); /* the inbox may have grown */
        if (fds[1].revents) {
            go_on = false;
            break;
        }
        if (fds[2].revents) {
            uint64_t n;
            (void)!read(p->cut_fd, &n, sizeof n);
            break;
        }
        if (fds[0].revents)
            open = take(p);
        if (open)
            streams_run(p);
        open = flush(p) && open;
    }
    close(p->fd);
    od_tls_free(p->session);
    od_buf_clear(&p->in);
    od_buf_clear(&p->out);
    od_buf_clear(&p->wire);
    return go_on;
}

static void *run(void *arg)
{
    struct peer *p = arg;
    for (;;) {
        struct pollfd fds[] = {{p->listener, POLLIN, 0}, {p->stop_fd, POLLIN, 0}, {p->cut_fd, POLLIN, 0}};
        (void)poll(fds, 3, -1);
        if (fds[1].revents)
            return NULL;
        if (fds[2].revents) {
            uint64_t n;
            (void)!read(p->cut_fd, &n, sizeof n);
        }
        if (!fds[0].revents)
            continue;
        p->fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
        if (p->fd >= 0 && !serve(p))
            return NULL;
    }
}

static void listen_local(struct peer *p, const char *directory)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int n = snprintf(a.sun_path, sizeof a.sun_path, "%s/socket", directory);
    od_assert(n > 0 && (size_t)n < sizeof a.sun_path);
    unlink(a.sun_path);
    p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    od_assert(bind(p->listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(p->listener, 16) == 0);
    snprintf(p->host, sizeof p->host, "unix:%s", a.sun_path);
}

static void listen_tls(struct peer *p, const char *directory)
{
    char cert[256], key[256], line[1024];
    snprintf(cert, sizeof cert, "%s/server.pem", directory);
    snprintf(key, sizeof key, "%s/server.key", directory);
    if (access(cert, R_OK) != 0) {
        snprintf(line, sizeof line,
                 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
                 "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout %s -out %s 2>/dev/null",
                 key, cert);
        od_assert(system(line) == 0); /* NOLINT(cert-env33-c): a test's own openssl(1) */
    }
    struct od_tls_options o = {.cert_file = cert, .key_file = key, .server = true};
    struct od_err err;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    od_assert(od_tls_context_new(&o, &p->tls, &err) == OD_OK);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    od_assert(bind(p->listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(p->listener, 16) == 0);
    od_assert(getsockname(p->listener, (struct sockaddr *)&a, &size) == 0);
    snprintf(p->host, sizeof p->host, "localhost:%u", ntohs(a.sin_port));
}

struct peer *peer_start(const char *directory, bool local, struct peer_control *control)
{
    struct peer *p = od_xcalloc(1, sizeof *p);
    p->control = control;
    od_buf_init(&p->in, BUFFER_MAX);
    od_buf_init(&p->out, BUFFER_MAX);
    od_buf_init(&p->wire, BUFFER_MAX);
    p->stop_fd = eventfd(0, EFD_CLOEXEC);
    p->cut_fd = eventfd(0, EFD_CLOEXEC);
    if (local)
        listen_local(p, directory);
    else
        listen_tls(p, directory);
    od_assert(pthread_create(&p->thread, NULL, run, p) == 0);
    return p;
}

void peer_cut(struct peer *p)
{
    uint64_t one = 1;
    od_assert(write(p->cut_fd, &one, sizeof one) == sizeof one);
}

void peer_stop(struct peer *p)
{
    uint64_t one = 1;
    od_assert(write(p->stop_fd, &one, sizeof one) == sizeof one);
    pthread_join(p->thread, NULL);
    close(p->listener);
    close(p->stop_fd);
    close(p->cut_fd);
    od_buf_done(&p->in);
    od_buf_done(&p->out);
    od_buf_done(&p->wire);
    od_tls_context_free(p->tls);
    free(p);
}

const char *peer_host(const struct peer *p) { return p->host; }
