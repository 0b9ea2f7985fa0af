/* SPDX-License-Identifier: Apache-2.0
 * The network side against a raw client: sockets, TLS and threads are real, only the workers are doubles that answer echo,
 * pages and inboxes by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zstd.h>

#include "admin.pb-c.h"
#include "common.pb-c.h"
#include "common/base/time.h"
#include "common/wire/frame.h"
#include "common/wire/prescan.h"
#include "push.pb-c.h"
#include "server/net/net.h"
#include "server/net/push.h"
#include "server/rpc/methods.h"
#include "server/rpc/session.h"
#include "server/server.h"
#include "session.pb-c.h"

enum { ECHO = 1, BOOTSTRAP = 4, LIST = 11, UPLOAD = 12, WORKERS = 2, PAGE_BYTES = 40000, INBOX_MAX = 400 };

/* --- the workers' double ------------------------------------------------------------------------------------------------ */

static const struct method METHODS[] = {
    {.id = ECHO, .access = METHOD_NODB, .name = "echo"},
    {.id = BOOTSTRAP, .access = METHOD_LOCAL, .name = "admin_bootstrap"},
    {.id = LIST, .access = METHOD_LIST, .name = "branch_list"},
    {.id = UPLOAD, .access = METHOD_WRITE, .name = "upload"},
};
const struct method METHOD_AUTH = {.access = METHOD_INTERNAL, .name = "auth"};
const struct method METHOD_PUSH_OPEN = {.access = METHOD_INTERNAL, .name = "push_open"};
const struct method METHOD_PUSH_FETCH = {.access = METHOD_INTERNAL, .name = "push_fetch"};
const struct method METHOD_PUSH_ACK = {.access = METHOD_INTERNAL, .name = "push_ack"};

const struct method *method_find(uint16_t id)
{
    for (size_t i = 0; i < OD_LEN(METHODS); i++)
        if (METHODS[i].id == id)
            return &METHODS[i];
    return NULL;
}

/* One inbox, the test's table. */
struct table {
    pthread_mutex_t lock;
    uint64_t oldest, head, acked;
    unsigned fetches, acks;
    size_t event_bytes;
};

struct world {
    struct server server;
    struct net *net;
    struct od_tls_context *server_tls, *client_tls;
    pthread_t workers[WORKERS];
    struct table table;
    char dir[64], ca[96], cert[96], key[96], unix_path[96];
};

static void event_payload(const struct table *table, uint64_t seq, struct od_buf *out)
{
    static const char filler[16384] = {0};
    char text[sizeof filler];
    memset(text, 'x', sizeof text);
    snprintf(text, sizeof text, "event %llu", (unsigned long long)seq);
    text[strlen(text)] = table->event_bytes ? ' ' : '\0';
    text[table->event_bytes < sizeof text ? (table->event_bytes ? table->event_bytes : 20) : sizeof text - 1] = '\0';
    Ordo__Event e = ORDO__EVENT__INIT;
    e.text = text;
    e.has_request_id = true;
    e.request_id = (int64_t)seq * 10;
    od_message_pack(&e.base, out);
}

static void double_auth(struct rpc *rpc)
{
    ProtobufCMessage *m;
    rpc->status = od_message_unpack(&ordo__auth__descriptor, rpc->body, &rpc->arena, &m, &rpc->err);
    if (rpc->status != OD_OK)
        return;
    const Ordo__Auth *a = (const Ordo__Auth *)m;
    if (a->proof_case == ORDO__AUTH__PROOF_PASSWORD && !strcmp(a->password->login, "slow"))
        usleep(300 * 1000);
    if (a->proof_case != ORDO__AUTH__PROOF_PASSWORD || strcmp(a->password->password, "right") != 0) {
        rpc->status = od_fail(&rpc->err, OD_R_LOGIN_FAILED, NULL);
        return;
    }
    rpc->session = session_new();
    rpc->session->principal_id = 17;
    rpc->session->kind = PRINCIPAL_USER;
    if (!strcmp(a->password->login, "brief"))
        rpc->session->expires_us = od_real_us() + 300 * OD_US_PER_MS;
    Ordo__AuthOk ok = ORDO__AUTH_OK__INIT;
    ok.has_principal_id = true;
    ok.principal_id = 17;
    od_message_pack(&ok.base, &rpc->out);
}

static void double_echo(struct rpc *rpc)
{
    ProtobufCMessage *m;
    rpc->status = od_message_unpack(&ordo__echo_req__descriptor, rpc->body, &rpc->arena, &m, &rpc->err);
    if (rpc->status != OD_OK)
        return;
    const Ordo__EchoReq *req = (const Ordo__EchoReq *)m;
    if (req->payload.len == 4 && !memcmp(req->payload.data, "slow", 4))
        usleep(400 * 1000);
    if (atomic_load(&rpc->cancelled)) {
        rpc->status = od_fail(&rpc->err, OD_R_CALL_CANCELLED, NULL);
        return;
    }
    Ordo__EchoRep rep = ORDO__ECHO_REP__INIT;
    rep.has_payload = req->has_payload;
    rep.payload = req->payload;
    od_message_pack(&rep.base, &rpc->out);
}

/* EchoReq.payload: how many pages, as text. */
static void double_list(struct rpc *rpc)
{
    ProtobufCMessage *m;
    if (!rpc->state) {
        int64_t pages = 0;
        rpc->status = od_message_unpack(&ordo__echo_req__descriptor, rpc->body, &rpc->arena, &m, &rpc->err);
        if (rpc->status != OD_OK)
            return;
        const Ordo__EchoReq *req = (const Ordo__EchoReq *)m;
        od_str_int((struct od_str){(const char *)req->payload.data, req->payload.len}, 0, 100000, &pages);
        rpc->state = OD_ARENA_NEW(&rpc->arena, int64_t);
        *(int64_t *)rpc->state = pages;
    }
    int64_t *left = rpc->state;
    if (*left) {
        static uint8_t filler[PAGE_BYTES];
        Ordo__EchoRep part = ORDO__ECHO_REP__INIT;
        part.has_payload = true;
        part.payload = (ProtobufCBinaryData){sizeof filler, filler};
        od_message_pack(&part.base, &rpc->out);
        rpc->rows++;
        --*left;
    }
    rpc->more = *left > 0;
    if (!rpc->more) {
        Ordo__BranchListRep rep = ORDO__BRANCH_LIST_REP__INIT;
        rep.has_rows = true;
        rep.rows = rpc->rows;
        od_message_pack(&rep.base, &rpc->tail);
    }
    rpc->result = RPC_PART;
}

static void double_push(struct table *table, struct rpc *rpc)
{
    struct push_call *p = rpc->state;
    pthread_mutex_lock(&table->lock);
    p->oldest = table->oldest;
    p->head = table->head;
    if (rpc->method == &METHOD_PUSH_ACK) {
        table->acks++;
        if (p->after > table->acked)
            table->acked = p->after;
    } else if (rpc->method == &METHOD_PUSH_OPEN) {
        p->acked = p->has_after ? p->after : p->from_now ? table->head : table->acked;
        if (p->acked + 1 < table->oldest)
            rpc->status = od_fail(&rpc->err, OD_R_SUBSCRIPTION_GAP, "oldest=%llu", (unsigned long long)table->oldest);
    } else {
        size_t bytes = 0;
        table->fetches++;
        p->rows = OD_ARENA_ARRAY(&rpc->arena, INBOX_MAX, struct push_event);
        for (uint64_t seq = p->after + 1; seq <= table->head && (!p->n || bytes < p->max_bytes); seq++) {
            struct od_buf b;
            od_buf_init(&b, 20000);
            event_payload(table, seq, &b);
            p->rows[p->n++] = (struct push_event){p->principal_id, seq, od_arena_copy(&rpc->arena, od_buf_view(&b))};
            bytes += b.n;
            od_buf_done(&b);
        }
    }
    pthread_mutex_unlock(&table->lock);
}

static void *double_work(void *arg)
{
    struct world *w = arg;
    for (struct od_queue_item *at; (at = od_queue_pop(&w->server.work, -1));) {
        struct rpc *rpc = OD_CONTAINER(at, struct rpc, link);
        rpc->status = OD_OK;
        rpc->result = RPC_REPLY;
        if (rpc->method == &METHOD_AUTH)
            double_auth(rpc);
        else if (rpc->method->access == METHOD_INTERNAL)
            double_push(&w->table, rpc);
        else if (rpc->method->id == LIST)
            double_list(rpc);
        else if (rpc->method->id == UPLOAD)
            od_buf_printf(&rpc->out, "\x0a%c%05zu", 5, rpc->body.n);
        else
            double_echo(rpc);
        net_return(rpc);
    }
    return NULL;
}

/* --- the world ---------------------------------------------------------------------------------------------------------- */

static void world_start(struct world *w, const struct net_options *extra)
{
    struct od_err err;
    struct net_options o = extra ? *extra : (struct net_options){0};
    od_queue_init(&w->server.work, OD_WORK_QUEUE_MAX);
    pthread_mutex_init(&w->table.lock, NULL);
    w->table.oldest = 1;
    w->table.head = w->table.acked = w->table.event_bytes = w->table.fetches = w->table.acks = 0;
    atomic_store(&w->server.draining, false);
    o.listen = "127.0.0.1:0";
    o.unix_path = w->unix_path;
    o.io_threads = 2;
    o.tls = w->server_tls;
    snprintf(o.node, sizeof o.node, "test-node");
    if (net_start(&w->server, &o, &w->net, &err) != OD_OK)
        fail_msg("net_start: %s", err.args);
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&w->workers[i], NULL, double_work, w);
}

static void world_stop(struct world *w, int drain_ms)
{
    net_stop(w->net, drain_ms);
    od_queue_close(&w->server.work);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(w->workers[i], NULL);
    struct net_stats stats;
    net_stats(w->net, &stats);
    assert_int_equal(stats.connections_open, 0);
    net_free(w->net);
    od_queue_drain(&w->server.work);
    od_queue_done(&w->server.work);
    pthread_mutex_destroy(&w->table.lock);
}

static int run(const char *dir, const char *script)
{
    char line[1024];
    snprintf(line, sizeof line, "cd %s && exec >/dev/null 2>&1 && set -e; %s", dir, script);
    return system(line); /* NOLINT(cert-env33-c): a test's own openssl(1) */
}

static int world_new(void **state)
{
    struct world *w = od_xcalloc(1, sizeof *w);
    struct od_err err;
    snprintf(w->dir, sizeof w->dir, "/tmp/ordo-net-XXXXXX");
    if (!mkdtemp(w->dir))
        return -1;
    snprintf(w->ca, sizeof w->ca, "%s/ca.pem", w->dir);
    snprintf(w->cert, sizeof w->cert, "%s/server.pem", w->dir);
    snprintf(w->key, sizeof w->key, "%s/server.key", w->dir);
    snprintf(w->unix_path, sizeof w->unix_path, "%s/socket", w->dir);
    if (run(w->dir, "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';"
                    "openssl req -x509 $new -subj /CN=ca -keyout ca.key -out ca.pem;"
                    "openssl req $new -subj /CN=server -keyout server.key -out server.csr;"
                    "echo subjectAltName=IP:127.0.0.1 > san;"
                    "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san "
                    "-out server.pem"))
        return -1;
    const struct od_tls_options server = {.server = true, .cert_file = w->cert, .key_file = w->key};
    const struct od_tls_options client = {.ca_file = w->ca};
    if (od_tls_context_new(&server, &w->server_tls, &err) != OD_OK ||
        od_tls_context_new(&client, &w->client_tls, &err) != OD_OK)
        return -1;
    *state = w;
    return 0;
}

static int world_free(void **state)
{
    struct world *w = *state;
    od_tls_context_free(w->server_tls);
    od_tls_context_free(w->client_tls);
    int rc = run(w->dir, "rm -f ./*; cd ..; rmdir $OLDPWD");
    free(w);
    return rc;
}

static int started(void **state)
{
    world_start(*state, NULL);
    return 0;
}

static int stopped(void **state)
{
    world_stop(*state, 0);
    return 0;
}

/* --- the raw client ----------------------------------------------------------------------------------------------------- */

enum { READ_MS = 3000 };

struct peer {
    int fd;
    struct od_tls *tls; /* NULL on the Unix socket */
    struct od_buf plain, cipher;
    size_t drop;        /* of plain: the frame that was given last */
    bool closed;
    uint64_t next_id;
};

static void wire_send(struct peer *p, struct od_str bytes)
{
    while (bytes.n) {
        ssize_t n = send(p->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server has closed: what it said is still to be read */
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
}

/* Takes what comes within the time; false: nothing came, or the end. */
static bool wire_receive(struct peer *p, int timeout_ms)
{
    char raw[16384];
    struct pollfd ready = {.fd = p->fd, .events = POLLIN};
    if (p->closed || poll(&ready, 1, timeout_ms) <= 0)
        return false;
    ssize_t n = recv(p->fd, raw, sizeof raw, 0);
    if (n <= 0) {
        p->closed = true;
        return false;
    }
    if (!p->tls) {
        od_buf_put(&p->plain, raw, (size_t)n);
        return true;
    }
    struct od_err err;
    bool closed = false;
    enum od_status status = od_tls_feed(p->tls, (struct od_str){raw, (size_t)n}, &p->plain, &p->cipher, &closed, &err);
    wire_send(p, od_buf_view(&p->cipher));
    od_buf_clear(&p->cipher);
    p->closed = closed || status != OD_OK;
    return status == OD_OK;
}

static void peer_connect(struct world *w, struct peer *p)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(net_port(w->net)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *p = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0), .next_id = 1};
    od_buf_init(&p->plain, 8 << 20);
    od_buf_init(&p->cipher, 8 << 20);
    assert_int_equal(connect(p->fd, (const struct sockaddr *)&to, sizeof to), 0);
}

static void peer_open(struct world *w, struct peer *p)
{
    struct od_err err;
    peer_connect(w, p);
    p->tls = od_tls_new(w->client_tls, "127.0.0.1");
    assert_int_equal(od_tls_start(p->tls, &p->cipher, &err), OD_OK);
    wire_send(p, od_buf_view(&p->cipher));
    od_buf_clear(&p->cipher);
    while (!od_tls_ready(p->tls))
        assert_true(wire_receive(p, READ_MS));
}

static void peer_open_local(struct world *w, struct peer *p)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", w->unix_path);
    *p = (struct peer){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .next_id = 1};
    od_buf_init(&p->plain, 8 << 20);
    od_buf_init(&p->cipher, 8 << 20);
    assert_int_equal(connect(p->fd, (const struct sockaddr *)&to, sizeof to), 0);
}

static void peer_close(struct peer *p)
{
    close(p->fd);
    od_tls_free(p->tls);
    od_buf_done(&p->plain);
    od_buf_done(&p->cipher);
}

static void peer_write(struct peer *p, struct od_str bytes)
{
    if (p->tls) {
        assert_int_equal(od_tls_write(p->tls, bytes, &p->cipher, NULL), OD_OK);
        wire_send(p, od_buf_view(&p->cipher));
        od_buf_clear(&p->cipher);
    } else {
        wire_send(p, bytes);
    }
}

static void peer_send(struct peer *p, const struct od_frame *f)
{
    struct od_buf b;
    od_buf_init(&b, 4 << 20);
    od_frame_write(&b, f);
    peer_write(p, od_buf_view(&b));
    od_buf_done(&b);
}

/* The next frame; its payload is good until the next call. False: none within the time, or the end. */
static bool peer_next(struct peer *p, struct od_frame *f, int timeout_ms)
{
    int64_t until_us = od_mono_us() + timeout_ms * OD_US_PER_MS;
    od_buf_drop(&p->plain, p->drop);
    p->drop = 0;
    for (;;) {
        assert_int_equal(od_frame_read(od_buf_view(&p->plain), OD_FRAME_MAX, f, &p->drop, NULL, NULL), OD_OK);
        if (p->drop)
            return true;
        int64_t left_us = until_us - od_mono_us();
        if (p->closed || left_us <= 0)
            return false;
        wire_receive(p, (int)(left_us / OD_US_PER_MS) + 1);
    }
}

static void peer_expect(struct peer *p, struct od_frame *f, uint8_t type, uint64_t id)
{
    if (!peer_next(p, f, READ_MS))
        fail_msg("%s was expected, nothing came%s", od_frame_type_name(type), p->closed ? " but the end" : "");
    if (f->type != type || f->id != id)
        fail_msg("%s for %llu was expected, %s for %llu came", od_frame_type_name(type), (unsigned long long)id,
                 od_frame_type_name(f->type), (unsigned long long)f->id);
}

static const ProtobufCMessage *decoded(const ProtobufCMessageDescriptor *d, struct od_str payload, struct od_arena *arena)
{
    ProtobufCMessage *m = NULL;
    struct od_err err;
    assert_int_equal(od_message_unpack(d, payload, arena, &m, &err), OD_OK);
    return m;
}

static void expect_error(struct peer *p, uint64_t id, const char *reason)
{
    struct od_frame f;
    struct od_arena arena;
    peer_expect(p, &f, OD_F_ERROR, id);
    od_arena_init(&arena, 1 << 20);
    const Ordo__Error *e = (const Ordo__Error *)decoded(&ordo__error__descriptor, f.payload, &arena);
    assert_string_equal(e->reason, reason);
    assert_int_equal(f.method, od_reason_status(od_reason_from_name(reason)));
    od_arena_done(&arena);
}

static void expect_end(struct peer *p)
{
    struct od_frame f;
    while (!p->closed)
        assert_false(peer_next(p, &f, READ_MS));
}

static uint64_t send_message(struct peer *p, uint8_t type, const ProtobufCMessage *m)
{
    struct od_buf b;
    od_buf_init(&b, 4 << 20);
    od_message_pack(m, &b);
    uint64_t id = p->next_id;
    p->next_id += 2;
    peer_send(p, &(struct od_frame){.type = type, .id = id, .payload = od_buf_view(&b)});
    od_buf_done(&b);
    return id;
}

static void hello(struct peer *p, uint64_t features)
{
    struct od_frame f;
    Ordo__Hello m = ORDO__HELLO__INIT;
    m.has_features = true;
    m.features = features;
    m.has_credit_call = true;
    m.credit_call = OD_CREDIT_MIN_BYTES;
    uint64_t id = send_message(p, OD_F_HELLO, &m.base);
    peer_expect(p, &f, OD_F_HELLO_OK, id);
}

static uint64_t auth_send(struct peer *p, const char *login, const char *password)
{
    Ordo__Auth m = ORDO__AUTH__INIT;
    Ordo__PasswordLogin proof = ORDO__PASSWORD_LOGIN__INIT;
    proof.login = (char *)login;
    proof.password = (char *)password;
    m.proof_case = ORDO__AUTH__PROOF_PASSWORD;
    m.password = &proof;
    return send_message(p, OD_F_AUTH, &m.base);
}

static void login(struct world *w, struct peer *p, uint64_t features)
{
    struct od_frame f;
    peer_open(w, p);
    hello(p, features);
    uint64_t id = auth_send(p, "ada", "right");
    peer_expect(p, &f, OD_F_AUTH_OK, id);
}

/* A REQUEST with an empty meta. */
static uint64_t call_send(struct peer *p, uint16_t method, const char *payload, size_t n, uint32_t timeout_ms)
{
    struct od_buf b;
    Ordo__EchoReq m = ORDO__ECHO_REQ__INIT;
    m.has_payload = true;
    m.payload = (ProtobufCBinaryData){n, (uint8_t *)payload};
    od_buf_init(&b, 4 << 20);
    od_buf_put(&b, "\0\0", 2);
    od_message_pack(&m.base, &b);
    uint64_t id = p->next_id;
    p->next_id += 2;
    peer_send(p, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = method, .id = id,
                                    .timeout_ms = timeout_ms, .payload = od_buf_view(&b)});
    od_buf_done(&b);
    return id;
}

static void echo(struct peer *p)
{
    struct od_frame f;
    uint64_t id = call_send(p, ECHO, "ping", 4, 0);
    peer_expect(p, &f, OD_F_RESPONSE, id);
    assert_true(od_str_eq(f.payload, OD_STR("\x0a\x04ping")));
}

static void credit(struct peer *p, uint64_t id, uint32_t bytes)
{
    peer_send(p, &(struct od_frame){.type = OD_F_CREDIT, .id = id, .aux = bytes});
}

/* --- calls -------------------------------------------------------------------------------------------------------------- */

static void echo_over_tls_and_locally(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    echo(&p);
    peer_close(&p);

    peer_open_local(w, &p);
    hello(&p, 0);
    uint64_t id = call_send(&p, ECHO, "", 0, 0);
    expect_error(&p, id, "LOGIN_REQUIRED");
    struct od_frame f;
    id = call_send(&p, BOOTSTRAP, "once", 4, 0); /* possible here without a login */
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    id = auth_send(&p, "ada", "right");
    peer_expect(&p, &f, OD_F_AUTH_OK, id);
    echo(&p);
    peer_close(&p);
}

static void many_calls_in_flight_all_answer(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    for (int round = 0; round < 20; round++) {
        uint64_t first = p.next_id;
        for (int i = 0; i < 100; i++)
            call_send(&p, ECHO, "ping", 4, 0);
        bool seen[100] = {false};
        for (int i = 0; i < 100; i++) {
            struct od_frame f;
            assert_true(peer_next(&p, &f, READ_MS));
            assert_int_equal(f.type, OD_F_RESPONSE);
            assert_false(seen[(f.id - first) / 2]);
            seen[(f.id - first) / 2] = true;
        }
    }
    peer_close(&p);
}

static void bytes_come_one_by_one(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_buf b;
    struct od_frame f;
    login(w, &p, 0);
    od_buf_init(&b, 1000);
    od_frame_write(&b, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .id = p.next_id,
                                          .payload = OD_STR("\0\0\x0a\x02hi")});
    for (size_t i = 0; i < b.n; i++)
        peer_write(&p, (struct od_str){b.p + i, 1});
    peer_expect(&p, &f, OD_F_RESPONSE, p.next_id);
    od_buf_done(&b);
    peer_close(&p);
}

static void large_payloads_and_zstd(void **state)
{
    struct world *w = *state;
    static char big[900000];
    struct peer p;
    struct od_frame f;
    for (uint64_t features = 0; features <= OD_FEATURE_ZSTD; features++) {
        login(w, &p, features);
        memset(big, 'z', sizeof big);
        uint64_t id = call_send(&p, ECHO, big, sizeof big, 0);
        peer_expect(&p, &f, OD_F_RESPONSE, id);
        assert_int_equal(f.flags, features ? OD_FLAG_ZSTD : 0);
        if (features) {
            struct od_buf b, sent, packed;
            od_buf_init(&b, OD_FRAME_MAX);
            assert_int_equal(od_zstd_inflate(f.payload, OD_FRAME_MAX, &b, NULL), OD_OK);
            assert_true(b.n > sizeof big);
            od_buf_init(&sent, OD_FRAME_MAX);
            od_buf_init(&packed, OD_FRAME_MAX);
            od_buf_put(&sent, "\0\0", 2);
            od_buf_str(&sent, od_buf_view(&b));
            assert_true(od_zstd_deflate(od_buf_view(&sent), &packed));
            peer_send(&p, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END | OD_FLAG_ZSTD, .method = ECHO,
                                             .id = p.next_id, .payload = od_buf_view(&packed)});
            peer_expect(&p, &f, OD_F_RESPONSE, p.next_id);
            od_buf_done(&b);
            od_buf_done(&sent);
            od_buf_done(&packed);
        } else {
            assert_true(f.payload.n > sizeof big);
        }
        peer_close(&p);
    }
}

static void cancel_and_deadline(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    uint64_t id = call_send(&p, ECHO, "slow", 4, 0);
    usleep(50 * 1000);
    peer_send(&p, &(struct od_frame){.type = OD_F_CANCEL, .id = id});
    expect_error(&p, id, "CALL_CANCELLED"); /* by the worker, when it looks */

    id = call_send(&p, LIST, "100", 3, 0);
    for (int i = 0; i < 3; i++)
        peer_expect(&p, &f, OD_F_DATA, id);
    assert_false(peer_next(&p, &f, 100)); /* parked */
    peer_send(&p, &(struct od_frame){.type = OD_F_CANCEL, .id = id});
    expect_error(&p, id, "CALL_CANCELLED");
    peer_send(&p, &(struct od_frame){.type = OD_F_CANCEL, .id = id}); /* once more does no harm */
    credit(&p, id, 1000);

    id = call_send(&p, LIST, "100", 3, 300);
    for (int i = 0; i < 3; i++)
        peer_expect(&p, &f, OD_F_DATA, id);
    expect_error(&p, id, "DEADLINE_PASSED");
    echo(&p);
    peer_close(&p);
}

static void auth_may_repeat(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    peer_open(w, &p);
    hello(&p, 0);
    uint64_t id = auth_send(&p, "ada", "wrong");
    expect_error(&p, id, "LOGIN_FAILED");
    id = auth_send(&p, "ada", "right");
    peer_expect(&p, &f, OD_F_AUTH_OK, id);
    echo(&p);
    id = auth_send(&p, "bob", "wrong"); /* the login that there was stays */
    expect_error(&p, id, "LOGIN_FAILED");
    echo(&p);
    id = auth_send(&p, "bob", "right");
    peer_expect(&p, &f, OD_F_AUTH_OK, id);
    echo(&p);
    peer_close(&p);
}

/* --- lists and uploads -------------------------------------------------------------------------------------------------- */

static void list_pages_follow_credit(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    uint64_t id = call_send(&p, LIST, "10", 2, 0);
    size_t window = OD_CREDIT_MIN_BYTES;
    for (uint32_t chunk = 0; chunk < 10; chunk++) {
        peer_expect(&p, &f, OD_F_DATA, id);
        assert_int_equal(f.aux, chunk);
        assert_int_equal(f.flags, chunk == 9 ? OD_FLAG_END : 0);
        assert_true(f.payload.n <= window);
        window -= f.payload.n;
        if (window < f.payload.n && chunk < 9) {
            echo(&p); /* not kept waiting by the list; and no DATA comes in between */
            credit(&p, id, 100000);
            window += 100000;
        }
    }
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    assert_true(od_str_eq(f.payload, OD_STR("\x08\x0a"))); /* BranchListRep.rows */
    id = call_send(&p, LIST, "0", 1, 0);
    peer_expect(&p, &f, OD_F_DATA, id); /* an empty list has an empty page */
    assert_true(f.flags == OD_FLAG_END && !f.payload.n);
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    peer_close(&p);
}

static void list_with_zstd_counts_what_travels(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, OD_FEATURE_ZSTD);
    uint64_t id = call_send(&p, LIST, "50", 2, 0); /* 2 MB of zeros fit the first credit when deflated */
    for (uint32_t chunk = 0; chunk < 50; chunk++) {
        peer_expect(&p, &f, OD_F_DATA, id);
        assert_true(f.flags & OD_FLAG_ZSTD);
    }
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    peer_close(&p);
}

static void stalled_readers_do_not_keep_others_waiting(void **state)
{
    struct world *w = *state;
    struct peer stalled[8], p;
    for (size_t i = 0; i < OD_LEN(stalled); i++) {
        login(w, &stalled[i], 0);
        for (int k = 0; k < 20; k++)
            call_send(&stalled[i], LIST, "1000", 4, 0);
    }
    login(w, &p, 0);
    for (int i = 0; i < 20; i++) {
        int64_t from_us = od_mono_us();
        echo(&p);
        assert_true(od_mono_us() - from_us < OD_US_PER_S);
    }
    for (size_t i = 0; i < OD_LEN(stalled); i++)
        peer_close(&stalled[i]);
    peer_close(&p);
}

/* Sends as much of what waits as the socket takes. */
static void send_some(struct peer *p, struct od_buf *waiting)
{
    ssize_t n = send(p->fd, waiting->p, waiting->n, MSG_NOSIGNAL | MSG_DONTWAIT);
    od_buf_drop(waiting, n > 0 ? (size_t)n : 0);
}

/* A peer that sends calls and never reads: it is no longer read, others are served, and when it reads all is there. */
static void a_peer_that_does_not_read_is_not_read(void **state)
{
    struct world *w = *state;
    static char big[200000];
    struct peer deaf, p;
    struct od_buf payload, frame, waiting;
    login(w, &deaf, 0);
    od_buf_init(&payload, 1 << 20);
    od_buf_init(&frame, 1 << 20);
    od_buf_init(&waiting, 1 << 20);
    od_buf_put(&payload, "\0\0\x0a\xc0\x9a\x0c", 6); /* EchoReq.payload: 200,000 bytes */
    od_buf_put(&payload, big, sizeof big);
    unsigned sent = 0;
    for (; sent < 200 && !waiting.n; sent++) {
        od_buf_clear(&frame);
        od_frame_write(&frame, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO,
                                                  .id = deaf.next_id, .payload = od_buf_view(&payload)});
        assert_int_equal(od_tls_write(deaf.tls, od_buf_view(&frame), &waiting, NULL), OD_OK);
        deaf.next_id += 2;
        for (int64_t until_us = od_mono_us() + 200000; waiting.n && od_mono_us() < until_us; usleep(1000))
            send_some(&deaf, &waiting);
    }
    assert_true(sent < 200); /* 40 MB were not taken */
    login(w, &p, 0);
    echo(&p);
    peer_close(&p);

    struct od_frame f;
    for (unsigned answers = 0; answers < sent; answers++) {
        assert_true(peer_next(&deaf, &f, READ_MS));
        assert_int_equal(f.type, OD_F_RESPONSE);
        send_some(&deaf, &waiting);
    }
    od_buf_done(&payload);
    od_buf_done(&frame);
    od_buf_done(&waiting);
    peer_close(&deaf);
}

static void data_send(struct peer *p, uint64_t id, uint32_t chunk, size_t n, bool end)
{
    static char bytes[OD_DATA_CHUNK_MAX + 1];
    peer_send(p, &(struct od_frame){.type = OD_F_DATA, .flags = end ? OD_FLAG_END : 0, .id = id, .aux = chunk,
                                    .payload = {bytes, n}});
}

static uint64_t upload_begin(struct peer *p)
{
    uint64_t id = p->next_id;
    p->next_id += 2;
    peer_send(p, &(struct od_frame){.type = OD_F_REQUEST, .method = UPLOAD, .id = id, .payload = OD_STR("\0\0")});
    return id;
}

static void uploads_come_in_chunks(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    uint64_t id = upload_begin(&p);
    data_send(&p, id, 0, 50000, false);
    echo(&p);
    data_send(&p, id, 1, 10000, true);
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    assert_true(od_str_eq(f.payload, OD_STR("\x0a\x05" "60000")));

    id = upload_begin(&p); /* more than the first credit: it comes back at half */
    int64_t window = OD_CREDIT_CALL_BYTES;
    for (uint32_t chunk = 0; chunk < 20; chunk++) {
        while (window < 50000) {
            assert_true(peer_next(&p, &f, READ_MS));
            assert_int_equal(f.type, OD_F_CREDIT);
            window += f.id == id ? f.aux : 0;
        }
        data_send(&p, id, chunk, 50000, chunk == 19);
        window -= 50000;
    }
    do
        assert_true(peer_next(&p, &f, READ_MS));
    while (f.type == OD_F_CREDIT);
    assert_true(f.type == OD_F_RESPONSE && f.id == id);
    peer_close(&p);
}

/* --- bad input ---------------------------------------------------------------------------------------------------------- */

enum stage { AT_START, AFTER_HELLO, AFTER_AUTH };

#define NONE {NULL, 0}
#define BYTES(literal) {literal, sizeof(literal) - 1}

static void bad_input_is_named_and_the_next_is_served(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *name;
        enum stage stage;
        struct od_frame frame[2]; /* id 0 takes the next; UINT64_MAX is 0 */
        bool closes;
        const char *reason;
    } rows[] = {
        {"REQUEST before HELLO", AT_START, {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\0\0")}},
         true, "FRAME_ORDER"},
        {"AUTH before HELLO", AT_START, {{.type = OD_F_AUTH}}, true, "FRAME_ORDER"},
        {"HELLO that is not a message", AT_START, {{.type = OD_F_HELLO, .payload = BYTES("\xff\xff")}}, true, "MESSAGE_MALFORMED"},
        {"HELLO of a later protocol", AT_START, {{.type = OD_F_HELLO, .payload = BYTES("\x08\x01\x10\x02")}}, true,
         "VERSION_MISMATCH"},
        {"HELLO with a window that would stall", AT_START, {{.type = OD_F_HELLO, .payload = BYTES("\x28\x64")}}, true,
         "FIELDS_INVALID"},
        {"HELLO twice", AFTER_HELLO, {{.type = OD_F_HELLO}}, true, "FRAME_ORDER"},
        {"a payload above 16 KiB before AUTH", AFTER_HELLO, {{.type = OD_F_AUTH, .payload = {NULL, 16385}}}, true,
         "FRAME_TOO_LARGE"},
        {"a call before AUTH", AFTER_HELLO, {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\0\0")}},
         false, "LOGIN_REQUIRED"},
        {"SUBSCRIBE before AUTH", AFTER_HELLO, {{.type = OD_F_SUBSCRIBE}}, false, "LOGIN_REQUIRED"},
        {"ZSTD before AUTH", AFTER_HELLO,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END | OD_FLAG_ZSTD, .method = ECHO, .payload = BYTES("\0\0")}}, false,
         "LOGIN_REQUIRED"},
        {"AUTH that is not a message", AFTER_HELLO, {{.type = OD_F_AUTH, .payload = BYTES("\xff")}}, false, "MESSAGE_MALFORMED"},
        {"ids restart behind AUTH", AFTER_AUTH, {{.type = OD_F_PING, .id = 3}}, true, "FRAME_ID"},
        {"an id is used twice", AFTER_AUTH, {{.type = OD_F_PING, .id = 101}, {.type = OD_F_PING, .id = 101}}, true, "FRAME_ID"},
        {"an even id", AFTER_AUTH, {{.type = OD_F_PING, .id = 100}}, true, "FRAME_ID"},
        {"id 0", AFTER_AUTH, {{.type = OD_F_PING, .id = UINT64_MAX}}, true, "FRAME_ID"},
        {"an unknown type", AFTER_AUTH, {{.type = 0x44}}, true, "FRAME_TYPE_UNKNOWN"},
        {"a server's frame", AFTER_AUTH, {{.type = OD_F_RESPONSE}}, true, "FRAME_ORDER"},
        {"an unknown flag", AFTER_AUTH, {{.type = OD_F_PING, .flags = 0x40}}, true, "FRAME_FLAGS"},
        {"a payload above 1 MiB", AFTER_AUTH, {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO,
                                                .payload = {NULL, OD_FRAME_MAX + 1}}}, true, "FRAME_TOO_LARGE"},
        {"PING with a payload", AFTER_AUTH, {{.type = OD_F_PING, .payload = BYTES("x")}}, true, "FRAME_BROKEN"},
        {"PONG of no PING", AFTER_AUTH, {{.type = OD_F_PONG, .id = 2}}, true, "FRAME_ID"},
        {"CANCEL of a call to come", AFTER_AUTH, {{.type = OD_F_CANCEL, .id = 999}}, true, "FRAME_ID"},
        {"CREDIT of a call to come", AFTER_AUTH, {{.type = OD_F_CREDIT, .id = 999}}, true, "FRAME_ID"},
        {"DATA of a call to come", AFTER_AUTH, {{.type = OD_F_DATA, .id = 999}}, true, "FRAME_ID"},
        {"DATA above 64 KiB", AFTER_AUTH, {{.type = OD_F_DATA, .id = 1, .payload = {NULL, OD_DATA_CHUNK_MAX + 1}}}, true,
         "FRAME_TOO_LARGE"},
        {"an unknown method", AFTER_AUTH, {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = 9999, .payload = BYTES("\0\0")}},
         false, "METHOD_UNKNOWN"},
        {"a local method over TCP", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = BOOTSTRAP, .payload = BYTES("\0\0")}}, false, "LOCAL_ONLY"},
        {"a deadline above the maximum", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .timeout_ms = 600001, .payload = BYTES("\0\0")}}, false,
         "LIMIT_EXCEEDED"},
        {"a meta beyond the payload", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\x09\0")}}, false, "MESSAGE_MALFORMED"},
        {"a meta that is not a message", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\x01\0\xff")}}, false,
         "MESSAGE_MALFORMED"},
        {"a key of 3 bytes", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\x05\0\x0a\x03" "abc")}}, false, "KEY_FORMAT"},
        {"a trace of 3 bytes", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\x05\0\x12\x03" "abc")}}, false,
         "MESSAGE_MALFORMED"},
        {"a body with a wrong wire type", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\0\0\x08\x01")}}, false,
         "MESSAGE_MALFORMED"},
        {"a body that is cut", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .payload = BYTES("\0\0\x0a\x7f")}}, false,
         "MESSAGE_MALFORMED"},
        {"ZSTD that was not agreed", AFTER_AUTH,
         {{.type = OD_F_REQUEST, .flags = OD_FLAG_END | OD_FLAG_ZSTD, .method = ECHO, .payload = BYTES("\0\0")}}, true,
         "FRAME_FLAGS"},
        {"a subscription without name", AFTER_AUTH, {{.type = OD_F_SUBSCRIBE}}, false, "FIELDS_INVALID"},
        {"a subscription's name in bad UTF-8", AFTER_AUTH, {{.type = OD_F_SUBSCRIBE, .payload = BYTES("\x0a\x01\xff")}}, false,
         "MESSAGE_MALFORMED"},
    };
    static char zeros[OD_FRAME_MAX + 1];
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct peer p;
        struct od_frame f;
        uint64_t id = 0;
        print_message("  %s\n", rows[i].name);
        if (rows[i].stage == AFTER_AUTH) {
            login(w, &p, 0);
        } else {
            peer_open(w, &p);
            if (rows[i].stage == AFTER_HELLO)
                hello(&p, 0);
        }
        for (int k = 0; k < 2 && rows[i].frame[k].type; k++) {
            f = rows[i].frame[k];
            if (!f.payload.p)
                f.payload.p = zeros;
            f.id = f.id == UINT64_MAX ? 0 : f.id ? f.id : p.next_id;
            p.next_id = f.id == p.next_id ? p.next_id + 2 : p.next_id;
            id = f.id;
            peer_send(&p, &f);
        }
        if (rows[i].frame[1].type)
            peer_expect(&p, &f, OD_F_PONG, id);
        expect_error(&p, id, rows[i].reason);
        if (rows[i].closes)
            expect_end(&p);
        else if (rows[i].stage == AFTER_AUTH)
            echo(&p);
        peer_close(&p);
        login(w, &p, 0);
        echo(&p);
        peer_close(&p);
    }
}

static void a_zstd_bomb_closes(void **state)
{
    struct world *w = *state;
    struct peer p;
    static char zeros[OD_FRAME_MAX * 4], packed[4096];
    size_t n = ZSTD_compress(packed, sizeof packed, zeros, sizeof zeros, 1);
    assert_false(ZSTD_isError(n));
    login(w, &p, OD_FEATURE_ZSTD);
    peer_send(&p, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END | OD_FLAG_ZSTD, .method = ECHO, .id = 5,
                                     .payload = {packed, n}});
    expect_error(&p, 5, "FRAME_TOO_LARGE");
    expect_end(&p);
    peer_close(&p);
}

static void data_beyond_credit_and_out_of_order(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    uint64_t id = upload_begin(&p);
    data_send(&p, id, 1, 10, false);
    expect_error(&p, id, "FRAME_ORDER");
    expect_end(&p);
    peer_close(&p);

    /* Five ids, of which the first was refused: its DATA costs the connection's credit, and gets it back at half. */
    login(w, &p, 0);
    id = p.next_id;
    p.next_id += 2;
    peer_send(&p, &(struct od_frame){.type = OD_F_REQUEST, .method = 9999, .id = id, .payload = OD_STR("\0\0")});
    for (uint32_t chunk = 0; chunk < 9; chunk++)
        data_send(&p, id, chunk, OD_DATA_CHUNK_MAX, false);
    expect_error(&p, id, "METHOD_UNKNOWN");
    peer_expect(&p, &f, OD_F_CREDIT, 0);
    assert_int_equal(f.aux, 8 * OD_DATA_CHUNK_MAX);
    echo(&p);

    id = upload_begin(&p);
    for (int i = 0; i < 4; i++)
        upload_begin(&p);
    expect_error(&p, id + 8, "LIMIT_EXCEEDED");
    peer_close(&p);
}

static void an_upload_above_its_limit_is_refused(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    uint64_t id = upload_begin(&p);
    int64_t window = OD_CREDIT_CALL_BYTES;
    bool refused = false;
    for (uint32_t chunk = 0; chunk < 70 && !refused; chunk++) {
        while (!refused && window < OD_DATA_CHUNK_MAX) {
            assert_true(peer_next(&p, &f, READ_MS));
            refused = f.type == OD_F_ERROR;
            window += f.type == OD_F_CREDIT && f.id == id ? f.aux : 0;
        }
        if (!refused)
            data_send(&p, id, chunk, OD_DATA_CHUNK_MAX, false);
        window -= OD_DATA_CHUNK_MAX;
    }
    assert_true(refused);
    echo(&p);
    peer_close(&p);
}

static void auth_with_something_under_way_closes(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    call_send(&p, ECHO, "slow", 4, 0);
    uint64_t id = auth_send(&p, "ada", "right");
    expect_error(&p, id, "FRAME_ORDER");
    expect_end(&p);
    peer_close(&p);

    peer_open(w, &p);
    hello(&p, 0);
    auth_send(&p, "slow", "right");
    id = call_send(&p, ECHO, "x", 1, 0);
    expect_error(&p, id, "FRAME_ORDER");
    expect_end(&p);
    peer_close(&p);
}

static void in_flight_has_a_limit(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    login(w, &p, 0);
    call_send(&p, ECHO, "slow", 4, 0);
    call_send(&p, ECHO, "slow", 4, 0); /* both workers are busy */
    uint64_t first = p.next_id;
    for (int i = 0; i < 300; i++)
        call_send(&p, ECHO, "x", 1, 0);
    for (int i = 0; i < 300 - 254; i++)
        expect_error(&p, first + 2 * (254 + (uint64_t)i), "IN_FLIGHT_LIMIT");
    for (int i = 0; i < 256; i++) {
        assert_true(peer_next(&p, &f, READ_MS));
        assert_int_equal(f.type, OD_F_RESPONSE);
    }
    echo(&p);
    peer_close(&p);
}

static void unknown_types_from_0x80_are_ignored(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    peer_send(&p, &(struct od_frame){.type = 0x99, .flags = 0xff, .id = 4, .payload = OD_STR("whatever")});
    echo(&p);
    peer_close(&p);
}

/* Half a frame and away, half a handshake and away, rubbish. */
static void cut_connections_cost_only_themselves(void **state)
{
    struct world *w = *state;
    struct peer p;
    for (int i = 0; i < 20; i++) {
        login(w, &p, 0);
        call_send(&p, ECHO, "slow", 4, 0);
        call_send(&p, LIST, "50", 2, 0);
        upload_begin(&p);
        peer_write(&p, OD_STR("\xff\0\0\0\x10"));
        peer_close(&p);
        peer_connect(w, &p);
        wire_send(&p, OD_STR("\x16\x03\x01\x02\x00"));
        peer_close(&p);
        peer_connect(w, &p);
        wire_send(&p, OD_STR("GET / HTTP/1.1\r\n\r\n"));
        while (wire_receive(&p, READ_MS)) {
        }
        assert_true(p.closed);
        peer_close(&p);
    }
    login(w, &p, 0);
    echo(&p);
    peer_close(&p);
}

/* A client of OpenSSL's own, to break the policy with. Returns the reason of its last error, 0 when it came in. */
static int tls_try(struct world *w, int version, const char *alpn)
{
    struct peer p;
    peer_connect(w, &p);
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(c, version);
    SSL *ssl = SSL_new(c);
    if (alpn)
        SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    SSL_set_fd(ssl, p.fd);
    ERR_clear_error();
    char byte;
    int rc = SSL_connect(ssl);
    if (rc == 1)
        rc = SSL_write(ssl, "x", 1) == 1 && SSL_read(ssl, &byte, 1) >= 0;
    int reason = rc == 1 ? 0 : ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    SSL_free(ssl);
    SSL_CTX_free(c);
    peer_close(&p);
    return reason;
}

static void tls_policy(void **state)
{
    struct world *w = *state;
    assert_int_equal(tls_try(w, TLS1_2_VERSION, "\x06ordo/1"), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
    assert_int_equal(tls_try(w, TLS1_3_VERSION, NULL), SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
    assert_int_equal(tls_try(w, TLS1_3_VERSION, "\x02h2"), SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
    struct peer p;
    login(w, &p, 0);
    echo(&p);
    peer_close(&p);
}

/* --- push --------------------------------------------------------------------------------------------------------------- */

/* Commits n events to the inbox of 17. */
static void commit(struct world *w, unsigned n)
{
    pthread_mutex_lock(&w->table.lock);
    w->table.head += n;
    pthread_mutex_unlock(&w->table.lock);
}

/* Tells the io threads of one event of it; seq 0: only that it has grown. */
static void publish(struct world *w, uint64_t seq)
{
    struct od_buf b;
    od_buf_init(&b, 20000);
    event_payload(&w->table, seq, &b);
    struct push_batch *batch = od_xmalloc(sizeof *batch + sizeof(struct push_event) + b.n);
    char *bytes = (char *)&batch->events[1];
    memcpy(bytes, b.p, b.n);
    atomic_init(&batch->refs, 1);
    batch->n = 1;
    batch->events[0] = (struct push_event){17, seq, {seq ? bytes : NULL, seq ? b.n : 0}};
    push_publish(&w->server, batch);
    od_buf_done(&b);
}

static uint64_t subscribe(struct peer *p, const char *name, bool has_after, uint64_t after)
{
    Ordo__Subscribe m = ORDO__SUBSCRIBE__INIT;
    m.name = (char *)name;
    m.has_after = has_after;
    m.after = after;
    return send_message(p, OD_F_SUBSCRIBE, &m.base);
}

static void expect_bookmark(struct peer *p, uint64_t id, uint64_t seq)
{
    struct od_frame f;
    struct od_arena arena;
    od_arena_init(&arena, 1 << 20);
    peer_expect(p, &f, OD_F_BOOKMARK, id);
    const Ordo__Bookmark *m = (const Ordo__Bookmark *)decoded(&ordo__bookmark__descriptor, f.payload, &arena);
    assert_int_equal(m->seq, seq);
    od_arena_done(&arena);
}

/* Returns the payload's size. */
static size_t expect_event(struct peer *p, uint64_t id, uint64_t seq)
{
    struct od_frame f;
    struct od_arena arena;
    od_arena_init(&arena, 1 << 20);
    peer_expect(p, &f, OD_F_EVENT, id);
    const Ordo__Event *m = (const Ordo__Event *)decoded(&ordo__event__descriptor, f.payload, &arena);
    assert_int_equal(m->seq, seq);
    assert_int_equal(m->request_id, (int64_t)seq * 10);
    od_arena_done(&arena);
    return f.payload.n;
}

static void ack(struct peer *p, uint64_t id, uint64_t seq)
{
    Ordo__EventAck m = ORDO__EVENT_ACK__INIT;
    struct od_buf b;
    od_buf_init(&b, 100);
    m.has_seq = true;
    m.seq = seq;
    od_message_pack(&m.base, &b);
    peer_send(p, &(struct od_frame){.type = OD_F_EVENT_ACK, .id = id, .payload = od_buf_view(&b)});
    od_buf_done(&b);
}

static uint64_t table_acked(struct world *w)
{
    pthread_mutex_lock(&w->table.lock);
    uint64_t seq = w->table.acked;
    pthread_mutex_unlock(&w->table.lock);
    return seq;
}

static void events_come_in_order_whatever_is_heard(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    commit(w, 3);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    for (uint64_t seq = 1; seq <= 3; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 3); /* behind the backlog */

    unsigned fetches = w->table.fetches;
    commit(w, 2);
    publish(w, 4); /* from memory */
    publish(w, 5);
    expect_event(&p, id, 4);
    expect_event(&p, id, 5);
    assert_int_equal(w->table.fetches, fetches);

    publish(w, 5); /* heard twice */
    commit(w, 3);
    publish(w, 8); /* out of order: the table has them all */
    publish(w, 6);
    publish(w, 7);
    for (uint64_t seq = 6; seq <= 8; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 8);

    commit(w, 2);
    publish(w, 0); /* told by another node */
    expect_event(&p, id, 9);
    expect_event(&p, id, 10);
    expect_bookmark(&p, id, 10);
    publish(w, 0); /* a false alarm */
    expect_bookmark(&p, id, 10);
    assert_false(peer_next(&p, &f, 100));

    int64_t ids[4];
    assert_int_equal(push_subscribed(&w->server, ids, 4), 1);
    assert_int_equal(ids[0], 17);
    peer_close(&p);
}

static void acknowledgements_are_kept_and_resumed_from(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    commit(w, 5);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        expect_event(&p, id, seq);
        ack(&p, id, seq > 4 ? 4 : seq);
    }
    expect_bookmark(&p, id, 5);
    peer_send(&p, &(struct od_frame){.type = OD_F_UNSUBSCRIBE, .id = id});
    peer_expect(&p, &f, OD_F_RESPONSE, id);
    assert_int_equal(table_acked(w), 4); /* before the answer */
    echo(&p);
    assert_int_equal(push_subscribed(&w->server, NULL, 0), 0);

    id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 4);
    expect_event(&p, id, 5);
    expect_bookmark(&p, id, 5);
    ack(&p, id, 6);
    expect_error(&p, id, "FIELDS_INVALID"); /* not delivered yet; only the subscription ends */
    peer_close(&p);                         /* cut */

    commit(w, 1);
    login(w, &p, 0);
    id = subscribe(&p, "laptop", true, 2);
    expect_bookmark(&p, id, 2);
    for (uint64_t seq = 3; seq <= 6; seq++)
        expect_event(&p, id, seq);
    expect_bookmark(&p, id, 6);
    peer_close(&p);

    w->table.oldest = 5;
    login(w, &p, 0);
    id = subscribe(&p, "laptop", true, 2);
    expect_error(&p, id, "SUBSCRIPTION_GAP");
    echo(&p);
    peer_close(&p);
}

static void events_follow_credit(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    w->table.event_bytes = 10000;
    commit(w, 60);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0), seq = 1;
    expect_bookmark(&p, id, 0);
    int64_t window = OD_CREDIT_MIN_BYTES;
    while (window > 10500) /* an event has a little over 10,000 */
        window -= (int64_t)expect_event(&p, id, seq++);
    assert_false(peer_next(&p, &f, 100));
    publish(w, 60);
    echo(&p);
    credit(&p, id, 1000000);
    while (seq <= 60)
        expect_event(&p, id, seq++);
    expect_bookmark(&p, id, 60);
    peer_close(&p);
}

static void lost_rights_end_the_connection(void **state)
{
    struct world *w = *state;
    struct peer p, other;
    login(w, &p, 0);
    login(w, &other, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    push_revoke(&w->server, 18);
    echo(&p);
    push_revoke(&w->server, 17);
    expect_error(&p, 0, "SESSION_ENDED");
    expect_end(&p);
    expect_error(&other, 0, "SESSION_ENDED");
    peer_close(&p);
    peer_close(&other);
}

static void a_session_ends_by_itself(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_frame f;
    peer_open(w, &p);
    hello(&p, 0);
    uint64_t id = auth_send(&p, "brief", "right");
    peer_expect(&p, &f, OD_F_AUTH_OK, id);
    echo(&p);
    expect_error(&p, 0, "SESSION_ENDED");
    peer_close(&p);
}

static void subscriptions_have_a_limit(void **state)
{
    struct world *w = *state;
    struct peer p;
    login(w, &p, 0);
    for (int i = 0; i < OD_SUBSCRIPTIONS_PER_CONNECTION_MAX; i++)
        expect_bookmark(&p, subscribe(&p, "laptop", false, 0), 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_error(&p, id, "LIMIT_EXCEEDED");
    commit(w, 1);
    publish(w, 1);
    struct od_frame f;
    for (int i = 0; i < OD_SUBSCRIPTIONS_PER_CONNECTION_MAX; i++) {
        assert_true(peer_next(&p, &f, READ_MS));
        assert_int_equal(f.type, OD_F_EVENT);
    }
    peer_close(&p);
}

/* --- time and the end --------------------------------------------------------------------------------------------------- */

static void silence_is_asked_and_then_ended(void **state)
{
    struct world *w = *state;
    struct peer p, mute, half;
    struct od_frame f;
    world_start(w, &(struct net_options){.handshake_timeout_ms = 500, .ping_interval_ms = 400, .idle_timeout_ms = 1500,
                                         .bookmark_interval_ms = 600});
    peer_connect(w, &mute);
    peer_open(w, &half);
    hello(&half, 0);
    login(w, &p, 0);
    uint64_t id = subscribe(&p, "laptop", false, 0);
    expect_bookmark(&p, id, 0);
    peer_expect(&p, &f, OD_F_PING, 2);
    peer_send(&p, &(struct od_frame){.type = OD_F_PONG, .id = 2});
    expect_bookmark(&p, id, 0);
    peer_expect(&p, &f, OD_F_PING, 4);

    expect_error(&half, 0, "DEADLINE_PASSED");
    expect_end(&half);
    assert_false(wire_receive(&mute, READ_MS));
    assert_true(mute.closed);
    do
        assert_true(peer_next(&p, &f, READ_MS));
    while (f.type == OD_F_BOOKMARK);
    assert_int_equal(f.type, OD_F_ERROR);
    expect_end(&p);
    peer_close(&p);
    peer_close(&half);
    peer_close(&mute);
    world_stop(w, 0);
}

static void connections_have_a_limit(void **state)
{
    struct world *w = *state;
    struct peer a, b, c;
    world_start(w, &(struct net_options){.connections_max = 2});
    login(w, &a, 0);
    login(w, &b, 0);
    peer_open(w, &c);
    Ordo__Hello m = ORDO__HELLO__INIT;
    uint64_t id = send_message(&c, OD_F_HELLO, &m.base);
    expect_error(&c, id, "CONNECTION_LIMIT");
    expect_end(&c);
    peer_close(&c);
    peer_close(&b);
    usleep(200 * 1000);
    login(w, &c, 0);
    echo(&c);
    peer_close(&c);
    peer_close(&a);
    world_stop(w, 0);
}

static void *stop_thread(void *arg)
{
    struct world *w = arg;
    net_stop(w->net, 5000);
    return NULL;
}

static void goaway(struct peer *p, struct od_frame *f, bool *ret_last, uint64_t *ret_id)
{
    struct od_arena arena;
    od_arena_init(&arena, 1 << 20);
    const Ordo__GoAway *m = (const Ordo__GoAway *)decoded(&ordo__go_away__descriptor, f->payload, &arena);
    *ret_last = m->has_last_id;
    *ret_id = m->last_id;
    assert_true(m->reconnect_max_ms > m->reconnect_min_ms);
    assert_int_equal(f->id % 2, 0);
    (void)p;
    od_arena_done(&arena);
}

static void drain_says_goodbye_twice(void **state)
{
    struct world *w = *state;
    struct peer p, idle;
    struct od_frame f;
    bool last;
    uint64_t last_id;
    pthread_t stopper;
    world_start(w, NULL);
    login(w, &p, 0);
    login(w, &idle, 0);
    uint64_t slow = call_send(&p, ECHO, "slow", 4, 0);
    usleep(100 * 1000);
    pthread_create(&stopper, NULL, stop_thread, w);

    assert_true(peer_next(&p, &f, READ_MS));
    assert_int_equal(f.type, OD_F_GOAWAY);
    goaway(&p, &f, &last, &last_id);
    assert_false(last);
    echo(&p); /* still taken: it may have been under way */
    usleep(250 * 1000);
    uint64_t id = call_send(&p, ECHO, "late", 4, 0);
    for (int i = 0; i < 2; i++) {
        assert_true(peer_next(&p, &f, READ_MS));
        if (f.id == slow)
            assert_int_equal(f.type, OD_F_RESPONSE);
        else
            assert_int_equal(f.type, OD_F_ERROR); /* DRAINING, for the late one */
    }
    assert_true(peer_next(&p, &f, READ_MS));
    assert_int_equal(f.type, OD_F_GOAWAY);
    goaway(&p, &f, &last, &last_id);
    assert_true(last);
    assert_int_equal(last_id, id);
    expect_end(&p);

    for (int i = 0; i < 2; i++) {
        assert_true(peer_next(&idle, &f, READ_MS));
        assert_int_equal(f.type, OD_F_GOAWAY);
    }
    expect_end(&idle);
    peer_close(&p);
    peer_close(&idle);
    pthread_join(stopper, NULL);
    world_stop(w, 0);
}

/* Calls that the workers never give back are freed with the net. */
static void stopping_does_not_wait_for_ever(void **state)
{
    struct world *w = *state;
    struct peer p;
    world_start(w, NULL);
    login(w, &p, 0);
    for (int i = 0; i < 20; i++)
        call_send(&p, ECHO, "slow", 4, 0);
    usleep(100 * 1000);
    peer_close(&p);
    int64_t from_us = od_mono_us();
    world_stop(w, 300);
    assert_true(od_mono_us() - from_us < 10 * OD_US_PER_S);
}

#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, started, stopped)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SERVER(echo_over_tls_and_locally),
        ON_A_SERVER(many_calls_in_flight_all_answer),
        ON_A_SERVER(bytes_come_one_by_one),
        ON_A_SERVER(large_payloads_and_zstd),
        ON_A_SERVER(cancel_and_deadline),
        ON_A_SERVER(auth_may_repeat),
        ON_A_SERVER(list_pages_follow_credit),
        ON_A_SERVER(list_with_zstd_counts_what_travels),
        ON_A_SERVER(stalled_readers_do_not_keep_others_waiting),
        ON_A_SERVER(a_peer_that_does_not_read_is_not_read),
        ON_A_SERVER(uploads_come_in_chunks),
        ON_A_SERVER(bad_input_is_named_and_the_next_is_served),
        ON_A_SERVER(a_zstd_bomb_closes),
        ON_A_SERVER(data_beyond_credit_and_out_of_order),
        ON_A_SERVER(an_upload_above_its_limit_is_refused),
        ON_A_SERVER(auth_with_something_under_way_closes),
        ON_A_SERVER(in_flight_has_a_limit),
        ON_A_SERVER(unknown_types_from_0x80_are_ignored),
        ON_A_SERVER(cut_connections_cost_only_themselves),
        ON_A_SERVER(tls_policy),
        ON_A_SERVER(events_come_in_order_whatever_is_heard),
        ON_A_SERVER(acknowledgements_are_kept_and_resumed_from),
        ON_A_SERVER(events_follow_credit),
        ON_A_SERVER(lost_rights_end_the_connection),
        ON_A_SERVER(a_session_ends_by_itself),
        ON_A_SERVER(subscriptions_have_a_limit),
        cmocka_unit_test(silence_is_asked_and_then_ended),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(drain_says_goodbye_twice),
        cmocka_unit_test(stopping_does_not_wait_for_ever),
    };
    return cmocka_run_group_tests_name("net", tests, world_new, world_free);
}
