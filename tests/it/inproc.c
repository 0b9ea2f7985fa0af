/* SPDX-License-Identifier: Apache-2.0
 * A server of one worker, driven by the test's own thread. */
#include "tests/it/inproc.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin.pb-c.h"
#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/inbox.h"
#include "server/rpc/login.h"
#include "server/rpc/methods.h"
#include "session.pb-c.h"

enum { REPLIES_BYTES_MAX = 256 * 1024 * 1024, CALL_TIMEOUT_S = 60, PAGES_MAX = 1000 };

static void conf_must(struct conf *c, const char *fmt, const char *value)
{
    char assignment[512], text[512];
    struct od_err err;
    snprintf(assignment, sizeof assignment, "%s=%s", fmt, value);
    if (conf_set(c, assignment, &err) != OD_OK)
        die("%s: %s", assignment, od_err_text(&err, text, sizeof text));
}

void inproc_start(struct inproc *p)
{
    struct od_err err;
    char text[512];
    *p = (struct inproc){.worker = {.server = NULL}};
    pg_cluster_start(&p->cluster);
    pg_database_new(&p->cluster, &p->db);
    conf_init(&p->conf);
    conf_must(&p->conf, "database", p->db.app);
    conf_must(&p->conf, "auth_threads", "1");
    conf_must(&p->conf, "auth_memory_kib", "8192");
    conf_must(&p->conf, "auth_passes", "1");
    p->server.conf = &p->conf;
    od_queue_init(&p->server.work, OD_WORK_QUEUE_MAX);
    od_queue_init(&p->server.auth, OD_AUTH_QUEUE_MAX);
    od_queue_init(&p->server.wake, OD_WORK_QUEUE_MAX);
    login_threads_start(&p->server);
    od_arena_init(&p->arena, REPLIES_BYTES_MAX);
    p->worker.server = &p->server;
    if (worker_db(&p->worker, &err) != OD_OK)
        die("%s", od_err_text(&err, text, sizeof text));
}

static void wake_drain(struct inproc *p)
{
    for (struct od_queue_item *i = od_queue_drain(&p->server.wake), *next; i; i = next) {
        next = i->next;
        free(OD_CONTAINER(i, struct wake_item, link));
    }
}

void inproc_stop(struct inproc *p)
{
    login_threads_join(&p->server);
    wake_drain(p);
    cache_done(&p->worker.cache);
    db_close(&p->worker.db);
    od_queue_done(&p->server.work);
    od_queue_done(&p->server.auth);
    od_queue_done(&p->server.wake);
    od_arena_done(&p->arena);
    conf_done(&p->conf);
    pg_database_drop(&p->cluster, &p->db);
    pg_cluster_stop(&p->cluster);
}

void inproc_forget(struct inproc *p)
{
    od_arena_reset(&p->arena);
    p->error = NULL;
    p->rep = p->part = NULL;
}

struct od_uuid inproc_key(void)
{
    unsigned char random[10];
    od_assert(RAND_bytes(random, sizeof random) == 1);
    return od_uuid7_make(od_real_us() / OD_US_PER_MS, random);
}

static struct rpc *call_new(const struct inproc *p, const struct method *method, struct session *session)
{
    struct rpc *rpc = rpc_new(NULL);
    od_assert(rpc != NULL);
    if (!rpc->tail.max_bytes)
        od_buf_init(&rpc->tail, OD_FRAME_MAX);
    rpc->method = method;
    rpc->session = session_ref(session);
    rpc->received_us = od_mono_us();
    rpc->deadline_us = rpc->received_us + CALL_TIMEOUT_S * OD_US_PER_S;
    rpc->local = p->local;
    snprintf(rpc->peer, sizeof rpc->peer, "inproc");
    return rpc;
}

static void call_free(struct rpc *rpc)
{
    od_buf_done(&rpc->tail);
    rpc_free(rpc);
}

static struct od_str pack(struct rpc *rpc, const void *message)
{
    struct od_buf out;
    od_buf_init(&out, OD_UPLOAD_MAX);
    od_message_pack(message, &out);
    struct od_str body = od_arena_copy(&rpc->arena, out.n ? od_buf_view(&out) : OD_STR(""));
    od_buf_done(&out);
    return body;
}

/* One run; a call that goes to the auth thread comes back through the work queue. */
static struct rpc *run(struct inproc *p, struct rpc *rpc)
{
    while (!dispatch_run(&p->worker, rpc)) {
        struct od_queue_item *item = od_queue_pop(&p->server.work, CALL_TIMEOUT_S * 1000);
        if (!item)
            die("the auth thread kept the call");
        rpc = OD_CONTAINER(item, struct rpc, link);
    }
    wake_drain(p);
    return rpc;
}

static const void *unpack(struct inproc *p, const ProtobufCMessageDescriptor *d, struct od_str bytes)
{
    ProtobufCMessage *m;
    struct od_err err;
    char text[512];
    if (od_message_unpack(d, bytes, &p->arena, &m, &err) != OD_OK)
        die("a reply that is no %s: %s", d->name, od_err_text(&err, text, sizeof text));
    return m;
}

static void take_reply(struct inproc *p, const struct rpc *rpc, struct od_str reply)
{
    p->status = rpc->status;
    p->replayed = rpc->replayed;
    p->waits = rpc->waits;
    p->statements = rpc->statements;
    if (rpc->status != OD_OK)
        p->error = unpack(p, &ordo__error__descriptor, reply);
    else
        p->rep = unpack(p, rpc->method->rep, reply);
}

/* Pages one behind the other are one message: repeated fields of a concatenation add up. */
static struct rpc *run_list(struct inproc *p, struct rpc *rpc, struct od_buf *all)
{
    do {
        rpc = run(p, rpc);
        if (rpc->status != OD_OK)
            return rpc;
        if (rpc->out.n > OD_DATA_CHUNK_MAX)
            die("a page of %zu bytes", rpc->out.n);
        od_buf_str(all, od_buf_view(&rpc->out));
    } while (++p->pages < PAGES_MAX && rpc->more);
    return rpc;
}

enum od_status inproc_call(struct inproc *p, struct session *session, enum inproc_method method, const void *req)
{
    const struct method *m = method_find((uint16_t)method);
    static const struct od_uuid none;
    od_assert(m && m->req == ((const ProtobufCMessage *)req)->descriptor);
    p->error = NULL;
    p->rep = p->part = NULL;
    p->pages = 0;
    struct rpc *rpc = call_new(p, m, session);
    rpc->body = pack(rpc, req);
    rpc->key = memcmp(&p->key, &none, sizeof none) ? p->key : inproc_key();
    p->key = none;
    p->local = false;
    if (m->access == METHOD_LIST) {
        struct od_buf all;
        od_buf_init(&all, REPLIES_BYTES_MAX);
        rpc = run_list(p, rpc, &all);
        take_reply(p, rpc, od_buf_view(rpc->status == OD_OK ? &rpc->tail : &rpc->out));
        p->part = rpc->status == OD_OK ? unpack(p, m->part, od_buf_view(&all)) : NULL;
        od_buf_done(&all);
    } else {
        rpc = run(p, rpc);
        take_reply(p, rpc, od_buf_view(&rpc->out));
    }
    call_free(rpc);
    return p->status;
}

static void print_error(const struct inproc *p)
{
    fprintf(stderr, "%s: %s: %s\n", od_status_name(p->status), p->error->reason, p->error->text);
    for (size_t i = 0; i < p->error->n_violations; i++)
        fprintf(stderr, "  %s: %s\n", p->error->violations[i]->field, p->error->violations[i]->text);
}

const void *inproc_must(struct inproc *p, struct session *session, enum inproc_method method, const void *req)
{
    if (inproc_call(p, session, method, req) != OD_OK) {
        print_error(p);
        die("%s was refused", method_find((uint16_t)method)->name);
    }
    return p->part ? p->part : p->rep;
}

const char *inproc_reason(const struct inproc *p) { return p->error && p->error->reason ? p->error->reason : ""; }

bool inproc_violates(const struct inproc *p, const char *field, const char *reason)
{
    for (size_t i = 0; p->error && i < p->error->n_violations; i++)
        if (!strcmp(p->error->violations[i]->field, field) && !strcmp(p->error->violations[i]->reason, reason))
            return true;
    return false;
}

const char *inproc_arg(const struct inproc *p, const char *name)
{
    for (size_t i = 0; p->error && i < p->error->n_args; i++)
        if (!strcmp(p->error->args[i]->name, name))
            return p->error->args[i]->value;
    return "";
}

struct session *inproc_login(struct inproc *p, const char *login, const char *password)
{
    Ordo__Auth auth = ORDO__AUTH__INIT;
    Ordo__PasswordLogin proof = ORDO__PASSWORD_LOGIN__INIT;
    proof.login = (char *)login;
    proof.password = (char *)password;
    auth.proof_case = ORDO__AUTH__PROOF_PASSWORD;
    auth.password = &proof;
    struct rpc *rpc = call_new(p, &METHOD_AUTH, NULL);
    rpc->body = pack(rpc, &auth);
    rpc = run(p, rpc);
    p->status = rpc->status;
    p->error = rpc->status == OD_OK ? NULL : unpack(p, &ordo__error__descriptor, od_buf_view(&rpc->out));
    struct session *session = rpc->status == OD_OK ? session_ref(rpc->session) : NULL;
    call_free(rpc);
    return session;
}

struct session *inproc_bootstrap(struct inproc *p)
{
    static char code[] = "ABCD-EFGH-IJKL";
    unsigned char hash[32];
    char hex[65], sql[256];
    od_assert(EVP_Digest(code, strlen(code), hash, NULL, EVP_sha256(), NULL));
    od_hex(hash, sizeof hash, hex);
    snprintf(sql, sizeof sql, "INSERT INTO setup_code(sha256, expires_at) VALUES (decode('%s', 'hex'), now() + interval '1 hour')", hex);
    pg_sql(p->db.owner, sql);
    Ordo__AdminBootstrapReq req = ORDO__ADMIN_BOOTSTRAP_REQ__INIT;
    req.code = code;
    req.login = (char *)"admin";
    req.name = (char *)"Ada Minister";
    req.password = (char *)INPROC_PASSWORD;
    req.branch = (char *)"Head office";
    req.zone = (char *)"Europe/Rome";
    req.language = (char *)"en";
    p->local = true;
    inproc_must(p, NULL, INPROC_admin_bootstrap, &req);
    struct session *session = inproc_login(p, "admin", INPROC_PASSWORD);
    if (!session)
        die("the administrator cannot log in");
    return session;
}
