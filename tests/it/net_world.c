/* SPDX-License-Identifier: Apache-2.0
 * The doubled workers, the server around them, and the raw client. */
#include "tests/it/net_world.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "admin.pb-c.h"
#include "common.pb-c.h"
#include "push.pb-c.h"
#include "server/rpc/methods.h"
#include "server/rpc/session.h"
#include "session.pb-c.h"

/* --- the workers' double ------------------------------------------------------------------------------------------------ */

void event_payload(const struct table *table, uint64_t seq, struct od_buf *out)
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

void world_start(struct world *w, const struct net_options *extra)
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

void world_stop(struct world *w, int drain_ms)
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

int world_new(void **state)
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

int world_free(void **state)
{
    struct world *w = *state;
    od_tls_context_free(w->server_tls);
    od_tls_context_free(w->client_tls);
    int rc = run(w->dir, "rm -f ./*; cd ..; rmdir $OLDPWD");
    free(w);
    return rc;
}

int started(void **state)
{
    world_start(*state, NULL);
    return 0;
}

int stopped(void **state)
{
    world_stop(*state, 0);
    return 0;
}

/* --- the raw client ----------------------------------------------------------------------------------------------------- */

void wire_send(struct peer *p, struct od_str bytes)
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
bool wire_receive(struct peer *p, int timeout_ms)
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

void peer_connect(struct world *w, struct peer *p)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(net_port(w->net)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *p = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0), .next_id = 1};
    od_buf_init(&p->plain, 8 << 20);
    od_buf_init(&p->cipher, 8 << 20);
    assert_int_equal(connect(p->fd, (const struct sockaddr *)&to, sizeof to), 0);
}

void peer_open(struct world *w, struct peer *p)
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

void peer_open_local(struct world *w, struct peer *p)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", w->unix_path);
    *p = (struct peer){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .next_id = 1};
    od_buf_init(&p->plain, 8 << 20);
    od_buf_init(&p->cipher, 8 << 20);
    assert_int_equal(connect(p->fd, (const struct sockaddr *)&to, sizeof to), 0);
}

void peer_close(struct peer *p)
{
    close(p->fd);
    od_tls_free(p->tls);
    od_buf_done(&p->plain);
    od_buf_done(&p->cipher);
}

void peer_write(struct peer *p, struct od_str bytes)
{
    if (p->tls) {
        assert_int_equal(od_tls_write(p->tls, bytes, &p->cipher, NULL), OD_OK);
        wire_send(p, od_buf_view(&p->cipher));
        od_buf_clear(&p->cipher);
    } else {
        wire_send(p, bytes);
    }
}

void peer_send(struct peer *p, const struct od_frame *f)
{
    struct od_buf b;
    od_buf_init(&b, 4 << 20);
    od_frame_write(&b, f);
    peer_write(p, od_buf_view(&b));
    od_buf_done(&b);
}

/* The next frame; its payload is good until the next call. False: none within the time, or the end. */
bool peer_next(struct peer *p, struct od_frame *f, int timeout_ms)
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

void peer_expect(struct peer *p, struct od_frame *f, uint8_t type, uint64_t id)
{
    if (!peer_next(p, f, READ_MS))
        fail_msg("%s was expected, nothing came%s", od_frame_type_name(type), p->closed ? " but the end" : "");
    if (f->type != type || f->id != id)
        fail_msg("%s for %llu was expected, %s for %llu came", od_frame_type_name(type), (unsigned long long)id,
                 od_frame_type_name(f->type), (unsigned long long)f->id);
}

const ProtobufCMessage *decoded(const ProtobufCMessageDescriptor *d, struct od_str payload, struct od_arena *arena)
{
    ProtobufCMessage *m = NULL;
    struct od_err err;
    assert_int_equal(od_message_unpack(d, payload, arena, &m, &err), OD_OK);
    return m;
}

void expect_error(struct peer *p, uint64_t id, const char *reason)
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

void expect_end(struct peer *p)
{
    struct od_frame f;
    while (!p->closed)
        assert_false(peer_next(p, &f, READ_MS));
}

uint64_t send_message(struct peer *p, uint8_t type, const ProtobufCMessage *m)
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

void hello(struct peer *p, uint64_t features)
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

uint64_t auth_send(struct peer *p, const char *login, const char *password)
{
    Ordo__Auth m = ORDO__AUTH__INIT;
    Ordo__PasswordLogin proof = ORDO__PASSWORD_LOGIN__INIT;
    proof.login = (char *)login;
    proof.password = (char *)password;
    m.proof_case = ORDO__AUTH__PROOF_PASSWORD;
    m.password = &proof;
    return send_message(p, OD_F_AUTH, &m.base);
}

void login(struct world *w, struct peer *p, uint64_t features)
{
    struct od_frame f;
    peer_open(w, p);
    hello(p, features);
    uint64_t id = auth_send(p, "ada", "right");
    peer_expect(p, &f, OD_F_AUTH_OK, id);
}

/* A REQUEST with an empty meta. */
uint64_t call_send(struct peer *p, uint16_t method, const char *payload, size_t n, uint32_t timeout_ms)
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

void echo(struct peer *p)
{
    struct od_frame f;
    uint64_t id = call_send(p, ECHO, "ping", 4, 0);
    peer_expect(p, &f, OD_F_RESPONSE, id);
    assert_true(od_str_eq(f.payload, OD_STR("\x0a\x04ping")));
}

void credit(struct peer *p, uint64_t id, uint32_t bytes)
{
    peer_send(p, &(struct od_frame){.type = OD_F_CREDIT, .id = id, .aux = bytes});
}

void data_send(struct peer *p, uint64_t id, uint32_t chunk, size_t n, bool end)
{
    static char bytes[OD_DATA_CHUNK_MAX + 1];
    peer_send(p, &(struct od_frame){.type = OD_F_DATA, .flags = end ? OD_FLAG_END : 0, .id = id, .aux = chunk,
                                    .payload = {bytes, n}});
}

uint64_t upload_begin(struct peer *p)
{
    uint64_t id = p->next_id;
    p->next_id += 2;
    peer_send(p, &(struct od_frame){.type = OD_F_REQUEST, .method = UPLOAD, .id = id, .payload = OD_STR("\0\0")});
    return id;
}

uint64_t subscribe(struct peer *p, const char *name, bool has_after, uint64_t after)
{
    Ordo__Subscribe m = ORDO__SUBSCRIBE__INIT;
    m.name = (char *)name;
    m.has_after = has_after;
    m.after = after;
    return send_message(p, OD_F_SUBSCRIBE, &m.base);
}

void expect_bookmark(struct peer *p, uint64_t id, uint64_t seq)
{
    struct od_frame f;
    struct od_arena arena;
    od_arena_init(&arena, 1 << 20);
    peer_expect(p, &f, OD_F_BOOKMARK, id);
    const Ordo__Bookmark *m = (const Ordo__Bookmark *)decoded(&ordo__bookmark__descriptor, f.payload, &arena);
    assert_int_equal(m->seq, seq);
    od_arena_done(&arena);
}
