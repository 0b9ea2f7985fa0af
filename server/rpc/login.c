/* SPDX-License-Identifier: Apache-2.0
 * From a proof to a session. */
#include "server/rpc/login.h"

#include <argon2.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "admin.pb-c.h"
#include "common/base/fold.h"
#include "common/base/limits.h"
#include "common/wire/prescan.h"
#include "server/conf/conf.h"
#include "server/rpc/authz.h"
#include "server/rpc/methods.h"
#include "server/rpc/session.h"
#include "server/rpc/worker.h"
#include "session.pb-c.h"

enum {
    SALT_BYTES = 16,
    HASH_BYTES = 32,
    SECRET_BYTES = 32,          /* of a token or an API key, and of its SHA-256 */
    ENCODED_MAX = 160,
    SESSION_HOURS = 12,
    FAILURES_FREE = 5,          /* of an account, within 15 minutes */
    ADDRESS_FAILURES_FREE = 50, /* of an address: an office has one address and many people */
    SLOW_MAX_S = 300,
};

/* Between the steps of a login; in the call's arena. */
struct login {
    bool verify;               /* an auth thread is to compare; else to make a hash */
    bool matched;
    struct od_str password;
    const char *encoded;       /* what to compare with; of the decoy for an unknown name */
    struct od_str folded;      /* login name */
    int64_t principal_id;      /* whose password it is, 0: nobody's */
    struct session *account;   /* as it will be; in the arena like all of this, so that an abandoned login leaves nothing */
    bool want_token;
    int failures, address_failures;
    int64_t failed_us, address_failed_us, now_us;
    bool found;
};

static enum od_status login_failed(struct rpc *rpc) { return od_fail(&rpc->err, OD_R_LOGIN_FAILED, NULL); }

/* ── the auth threads ─────────────────────────────────────────────────────────────────────────────────────────────── */

static void auth_one(struct server *server, struct rpc *rpc)
{
    struct login *l = rpc->state;
    if (l->verify) {
        l->matched = argon2id_verify(l->encoded, l->password.p, l->password.n) == ARGON2_OK;
    } else {
        unsigned char salt[SALT_BYTES];
        char *encoded = od_arena_alloc(&rpc->arena, ENCODED_MAX);
        if (encoded && RAND_bytes(salt, sizeof salt) == 1 &&
            argon2id_hash_encoded(server->conf->auth_passes, server->conf->auth_memory_kib, 1, l->password.p, l->password.n, salt,
                                  sizeof salt, HASH_BYTES, encoded, ENCODED_MAX) == ARGON2_OK)
            rpc->password_hash = encoded;
        else
            rpc->password_hash = ""; /* no password will ever match it */
        rpc->state = NULL;
    }
}

static void *auth_main(void *arg)
{
    struct server *server = arg;
    struct od_queue_item *item;
    while ((item = od_queue_pop(&server->auth, -1))) {
        struct rpc *rpc = OD_CONTAINER(item, struct rpc, link);
        auth_one(server, rpc);
        while (!od_queue_push(&server->work, &rpc->link, &rpc->link, 1)) { /* full: the workers make room */
            struct timespec pause = {0, 1000000};
            nanosleep(&pause, NULL);
        }
    }
    return NULL;
}

void login_threads_start(struct server *server)
{
    char *encoded = server->decoy;
    static const unsigned char salt[SALT_BYTES] = {1};
    unsigned char random[HASH_BYTES];
    od_assert(RAND_bytes(random, sizeof random) == 1);
    od_assert(argon2id_hash_encoded(server->conf->auth_passes, server->conf->auth_memory_kib, 1, random, sizeof random, salt,
                                    sizeof salt, HASH_BYTES, encoded, sizeof server->decoy) == ARGON2_OK);
    for (unsigned i = 0; i < server->conf->auth_threads; i++)
        od_assert(pthread_create(&server->auth_threads[i], NULL, auth_main, server) == 0);
}

void login_threads_join(struct server *server)
{
    od_queue_close(&server->auth);
    for (unsigned i = 0; i < server->conf->auth_threads; i++)
        pthread_join(server->auth_threads[i], NULL);
}

static enum od_status to_auth(struct rpc *rpc, struct login *l)
{
    struct worker *w = rpc->worker;
    rpc->state = l;
    w->moved = true; /* before the push: afterwards the call is somebody else's */
    if (od_queue_push(&w->server->auth, &rpc->link, &rpc->link, 1))
        return OD_OK;
    w->moved = false;
    rpc->state = NULL;
    return od_fail(&rpc->err, OD_R_AUTH_BUSY, NULL);
}

/* ── hashing a new password ───────────────────────────────────────────────────────────────────────────────────────── */

static const char *new_password(const struct rpc *rpc)
{
    if (!rpc->req)
        return NULL;
    if (rpc->req->descriptor == &ordo__user_create_req__descriptor)
        return ((const Ordo__UserCreateReq *)rpc->req)->password;
    if (rpc->req->descriptor == &ordo__user_password_req__descriptor)
        return ((const Ordo__UserPasswordReq *)rpc->req)->password;
    if (rpc->req->descriptor == &ordo__admin_bootstrap_req__descriptor)
        return ((const Ordo__AdminBootstrapReq *)rpc->req)->password;
    return NULL;
}

bool login_wants_hash(const struct rpc *rpc) { return !rpc->password_hash && new_password(rpc); }

enum od_status login_hash_later(struct rpc *rpc)
{
    struct od_str password = od_str_c(new_password(rpc));
    size_t chars = od_utf8_len(password);
    if (chars < OD_PASSWORD_MIN || chars > OD_PASSWORD_MAX)
        return od_fail_field(&rpc->err, "password", OD_R_FIELD_RANGE, "min=%d characters" OD_AND "max=%d", OD_PASSWORD_MIN,
                             OD_PASSWORD_MAX);
    struct login *l = OD_ARENA_NEW(&rpc->arena, struct login);
    if (!l)
        return od_fail(&rpc->err, OD_R_OUT_OF_MEMORY, NULL);
    l->password = password;
    return to_auth(rpc, l);
}

/* ── AUTH ─────────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void copy_text(char *to, size_t n, struct od_str s) { snprintf(to, n, OD_STR_FMT, OD_STR_ARG(s)); }

/* text[] in binary: dimensions, flags, element type, then per dimension size and bound, then the elements. */
static uint64_t permission_bits(struct od_str array)
{
    uint64_t bits = 0, bit;
    size_t at = 20;
    if (array.n < 20)
        return 0;
    while (at + 4 <= array.n) {
        const unsigned char *p = (const unsigned char *)array.p + at;
        size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        if (n > array.n - at - 4)
            break;
        if (permission_find((struct od_str){array.p + at + 4, n}, &bit))
            bits |= bit;
        at += 4 + n;
    }
    return bits;
}

static struct session *read_account(const PGresult *r, struct od_arena *arena)
{
    struct session *s = OD_ARENA_NEW(arena, struct session);
    if (!s)
        return NULL;
    s->principal_id = pg_get_int(r, 0, 0);
    s->kind = (enum principal_kind)pg_get_int(r, 0, 1);
    copy_text(s->name, sizeof s->name, pg_get_str(r, 0, 2));
    copy_text(s->login, sizeof s->login, pg_get_str(r, 0, 3));
    s->branch_id = (int32_t)pg_get_int(r, 0, 5);
    s->department_id = pg_get_int(r, 0, 6);
    s->customer_id = pg_get_int(r, 0, 7);
    copy_text(s->language, sizeof s->language, pg_get_str(r, 0, 8));
    copy_text(s->zone, sizeof s->zone, pg_get_str(r, 0, 9));
    copy_text(s->branches, sizeof s->branches, pg_get_str(r, 0, 10));
    s->permissions = permission_bits(pg_get_str(r, 0, 11)) | PERMISSION(SELF);
    s->expires_us = pg_get_time(r, 0, 12);
    return s;
}

static enum od_status read_lookup(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct login *l = into;
    l->found = PQntuples(r) == 1 && !pg_is_null(r, 0, 0);
    l->failures = (int)pg_get_int(r, 0, 13);
    l->failed_us = pg_get_time(r, 0, 14);
    l->address_failures = (int)pg_get_int(r, 0, 15);
    l->address_failed_us = pg_get_time(r, 0, 16);
    l->now_us = pg_get_time(r, 0, 17);
    if (!l->found)
        return OD_OK;
    l->principal_id = pg_get_int(r, 0, 0);
    if (l->password.p && !l->matched) { /* only what the password is held against */
        l->encoded = pg_get_cstr(r, 0, 4, tx->arena);
        return OD_OK;
    }
    l->account = read_account(r, tx->arena);
    return l->account ? OD_OK : od_fail(err, OD_R_MEMORY_LIMIT, "max=%d", OD_RPC_ARENA_MAX);
}

/* Seconds still to wait after `failures` in a row, the last at failed_us: doubling beyond the free ones. */
static int64_t slowed_s(int failures, int free_failures, int64_t failed_us, int64_t now_us)
{
    if (failures < free_failures || failed_us == OD_TIME_NONE)
        return 0;
    int over = failures - free_failures;
    int64_t wait_s = over > 8 ? SLOW_MAX_S : (int64_t)1 << over;
    if (wait_s > SLOW_MAX_S)
        wait_s = SLOW_MAX_S;
    int64_t left_us = failed_us + wait_s * OD_US_PER_S - now_us;
    return left_us > 0 ? (left_us + OD_US_PER_S - 1) / OD_US_PER_S : 0;
}

static enum od_status slowed(struct rpc *rpc, int64_t wait_s)
{
    return od_fail(&rpc->err, OD_R_LOGIN_SLOWED, "seconds=%lld", (long long)wait_s);
}

static void sha256(struct od_str s, unsigned char out[SECRET_BYTES]) { od_assert(EVP_Digest(s.p, s.n, out, NULL, EVP_sha256(), NULL)); }

static enum od_status look_up(struct rpc *rpc, struct login *l, struct od_str login, const struct od_str hashes[3])
{
    struct txn_scope scope = {.branches = "{}"};
    txn_begin(rpc->tx, &scope, TXN_READ);
    txn_query(rpc->tx, STMT_login_lookup, read_lookup, l,
              PG(pg_str(login), pg_bytes(hashes[0]), pg_bytes(hashes[1]), pg_bytes(hashes[2]),
                 l->matched ? pg_int(l->principal_id) : pg_null(), pg_text(rpc->peer)));
    return txn_load(rpc->tx, &rpc->err);
}

static enum od_status start_password(struct rpc *rpc, struct login *l, const Ordo__PasswordLogin *p)
{
    const struct od_str none[3] = {{NULL, 0}};
    if (!p->login || !p->password || strlen(p->password) > (size_t)4 * OD_PASSWORD_MAX)
        return login_failed(rpc);
    l->folded = od_fold(od_str_c(p->login), &rpc->arena);
    if (!l->folded.p)
        return login_failed(rpc);
    l->verify = true;
    l->want_token = true;
    l->password = od_str_c(p->password);
    OD_TRY(look_up(rpc, l, l->folded, none));
    int64_t wait_s = slowed_s(l->failures, FAILURES_FREE, l->failed_us, l->now_us);
    int64_t address_s = slowed_s(l->address_failures, ADDRESS_FAILURES_FREE, l->address_failed_us, l->now_us);
    if (wait_s < address_s)
        wait_s = address_s;
    if (wait_s)
        return slowed(rpc, wait_s);
    if (!l->found || !l->encoded)
        l->encoded = rpc->worker->server->decoy;
    return to_auth(rpc, l);
}

static void pack_auth_ok(struct rpc *rpc, const struct session *s, struct od_str token)
{
    Ordo__AuthOk m = ORDO__AUTH_OK__INIT;
    char *permissions[PERMISSION_COUNT];
    int32_t branches[256];
    if (token.p) {
        m.has_session = 1;
        m.session.data = (uint8_t *)token.p;
        m.session.len = token.n;
    }
    m.has_expires_us = s->expires_us != OD_TIME_NONE;
    m.expires_us = s->expires_us;
    m.has_principal_id = m.has_kind = 1;
    m.principal_id = s->principal_id;
    m.kind = (Ordo__PrincipalKind)s->kind;
    m.name = (char *)s->name;
    m.login = (char *)s->login;
    m.language = (char *)s->language;
    m.zone = (char *)s->zone;
    for (unsigned i = 0; i < PERMISSION_COUNT; i++)
        if (s->permissions & UINT64_C(1) << i)
            permissions[m.n_permissions++] = (char *)permission_name(i);
    m.permissions = permissions;
    struct od_str list = {s->branches + 1, strlen(s->branches) > 2 ? strlen(s->branches) - 2 : 0};
    int64_t id;
    while (list.n && m.n_branch_ids < OD_LEN(branches))
        if (od_str_int(od_str_cut(&list, ','), 1, INT32_MAX, &id))
            branches[m.n_branch_ids++] = (int32_t)id;
    m.branch_ids = branches;
    m.has_customer_id = s->customer_id != 0;
    m.customer_id = s->customer_id;
    od_message_pack(&m.base, &rpc->out);
}

static enum od_status read_failures(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    int *failures = into;
    (void)tx;
    (void)err;
    *failures = (int)pg_get_int(r, 0, 0);
    return OD_OK;
}

/* Also for an unknown name, so that both leave the same trace and take the same time. Those who tried at once with many others
 * hear that they were too many, the right password like the wrong ones: guessing side by side gains nothing. */
static enum od_status record_failure(struct rpc *rpc, struct login *l)
{
    struct txn_scope scope = {.branches = "{}"};
    int failures = 0;
    txn_begin(rpc->tx, &scope, TXN_WRITE);
    txn_query(rpc->tx, STMT_login_failed, read_failures, &failures, PG(pg_str(l->folded), pg_text(rpc->peer)));
    OD_TRY(txn_commit(rpc->tx, &rpc->err));
    if (failures > l->failures + FAILURES_FREE)
        return slowed(rpc, slowed_s(failures, FAILURES_FREE, l->now_us, l->now_us));
    return login_failed(rpc);
}

/* The account is proven: a token where one was asked for, and the session becomes the call's. */
static enum od_status finish(struct rpc *rpc, struct login *l)
{
    unsigned char token[SECRET_BYTES];
    struct session *account = l->account;
    struct od_str shown = {NULL, 0};
    struct txn_scope scope = {.branches = "{}", .principal_id = account->principal_id};
    if (l->want_token) {
        od_assert(RAND_bytes(token, sizeof token) == 1);
        shown = (struct od_str){(char *)token, sizeof token};
        sha256(shown, account->token_sha256);
        account->has_token = true;
        account->expires_us = od_real_us() + SESSION_HOURS * (3600 * OD_US_PER_S);
        txn_begin(rpc->tx, &scope, TXN_WRITE);
        txn_exec(rpc->tx, STMT_session_insert,
                 PG(pg_bytes((struct od_str){(char *)account->token_sha256, sizeof account->token_sha256}),
                    pg_int(account->principal_id), pg_time(account->expires_us)));
        if (l->folded.p)
            txn_exec(rpc->tx, STMT_login_succeeded, PG(pg_str(l->folded), pg_int(l->failures + FAILURES_FREE)));
        enum od_status status = txn_commit(rpc->tx, &rpc->err);
        if (rpc->err.reason == OD_R_LOGIN_SLOWED) {
            txn_rollback(rpc->tx);
            return record_failure(rpc, l);
        }
        OD_TRY(status);
    }
    pack_auth_ok(rpc, account, shown);
    session_unref(rpc->session);
    rpc->session = session_copy(account);
    return OD_OK;
}

static enum od_status password_proven(struct rpc *rpc, struct login *l)
{
    const struct od_str none[3] = {{NULL, 0}};
    OD_TRY(look_up(rpc, l, none[0], none));
    return l->account ? finish(rpc, l) : login_failed(rpc); /* disabled meanwhile */
}

static enum od_status by_hash(struct rpc *rpc, struct login *l, unsigned which, struct od_str secret, bool hash_it)
{
    unsigned char hash[SECRET_BYTES];
    struct od_str hashes[3] = {{NULL, 0}};
    if (secret.n != sizeof hash)
        return login_failed(rpc);
    if (hash_it)
        sha256(secret, hash);
    else
        memcpy(hash, secret.p, sizeof hash);
    hashes[which] = (struct od_str){(char *)hash, sizeof hash};
    OD_TRY(look_up(rpc, l, (struct od_str){NULL, 0}, hashes));
    if (!l->found)
        return login_failed(rpc);
    if (which == 0) {
        memcpy(l->account->token_sha256, hash, sizeof hash);
        l->account->has_token = true;
    }
    return finish(rpc, l);
}

static enum od_status start(struct rpc *rpc, struct login *l)
{
    ProtobufCMessage *m;
    OD_TRY(od_message_unpack(&ordo__auth__descriptor, rpc->body, &rpc->arena, &m, &rpc->err));
    const Ordo__Auth *auth = (const Ordo__Auth *)m;
    switch (auth->proof_case) {
    case ORDO__AUTH__PROOF_PASSWORD: return start_password(rpc, l, auth->password);
    case ORDO__AUTH__PROOF_SESSION:
        return by_hash(rpc, l, 0, (struct od_str){(char *)auth->session.data, auth->session.len}, true);
    case ORDO__AUTH__PROOF_API_KEY:
        return by_hash(rpc, l, 1, (struct od_str){(char *)auth->api_key.data, auth->api_key.len}, true);
    case ORDO__AUTH__PROOF_CERTIFICATE:
        l->want_token = true;
        return by_hash(rpc, l, 2, (struct od_str){(char *)rpc->peer_certificate, rpc->has_peer_certificate ? 32 : 0}, false);
    case ORDO__AUTH__PROOF_LOCAL_PEER:
    case ORDO__AUTH__PROOF__NOT_SET:
    case _ORDO__AUTH__PROOF__CASE_IS_INT_SIZE: break;
    }
    return od_fail_field(&rpc->err, "proof", OD_R_FIELD_REQUIRED, NULL);
}

static enum od_status run_auth(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)
{
    struct login *l = rpc->state;
    const struct worker *w = rpc->worker; /* a call that has moved on may be over by now: it cannot be asked where it is */
    enum od_status status;
    (void)req;
    (void)rep;
    if (!l) {
        l = OD_ARENA_NEW(&rpc->arena, struct login);
        if (!l)
            return od_fail(&rpc->err, OD_R_OUT_OF_MEMORY, NULL);
        status = start(rpc, l);
        if (w->moved)
            return OD_OK;
    } else {
        status = l->matched && l->principal_id ? password_proven(rpc, l) : record_failure(rpc, l);
    }
    rpc->state = NULL;
    return status;
}

const struct method METHOD_AUTH = {.name = "auth", .access = METHOD_INTERNAL, .run = run_auth};
