/* SPDX-License-Identifier: Apache-2.0
 * The handle: options, the epoll set and its timerfd, turns, waiting, the optional thread. */
#include "client/lib/internal.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/base/queue.h"
#include "common/wire/prescan.h"

enum { TURN_EVENTS = 16, TIMERS_OWN = 32, TIMER_GRAIN_US = 1000 };

/* --- descriptors -------------------------------------------------------------------------------------------------- */

bool od_client_watch(ordo_client *c, struct od_source *s, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = s};
    if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0)
        return false;
    s->fd = fd;
    return true;
}

void od_client_rewatch(ordo_client *c, struct od_source *s, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = s};
    int rc = epoll_ctl(c->epoll_fd, EPOLL_CTL_MOD, s->fd, &e);
    od_assert(rc == 0);
}

int od_client_release(ordo_client *c, struct od_source *s)
{
    int fd = s->fd;
    (void)epoll_ctl(c->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    s->fd = -1;
    return fd;
}

void od_client_unwatch(ordo_client *c, struct od_source *s) { close(od_client_release(c, s)); }

/* --- time --------------------------------------------------------------------------------------------------------- */

static void timer_arm(ordo_client *c, int64_t at_us)
{
    struct itimerspec when = {.it_value = {.tv_sec = at_us / OD_US_PER_S, .tv_nsec = at_us % OD_US_PER_S * 1000 + 1}};
    (void)timerfd_settime(c->timer_source.fd, TFD_TIMER_ABSTIME, &when, NULL);
    c->armed_us = at_us;
}

/* Only an earlier deadline costs a system call; an answered call leaves the timer to fire once in vain. */
static void timers_arm(ordo_client *c)
{
    int64_t next_us = od_timers_next_us(&c->timers);
    if (next_us < c->armed_us)
        timer_arm(c, next_us + TIMER_GRAIN_US);
}

static void timer_ready(struct od_source *source, uint32_t events OD_UNUSED)
{
    ordo_client *c = OD_CONTAINER(source, ordo_client, timer_source);
    uint64_t ticks;
    (void)!read(source->fd, &ticks, sizeof ticks);
    c->armed_us = INT64_MAX;
    c->woken = false;
}

static void client_wake(ordo_client *c)
{
    if (!c->woken)
        timer_arm(c, 0);
    c->woken = true;
}

int64_t od_client_real_us(const ordo_client *c)
{
    return c->has_clock ? od_mono_us() + c->clock_offset_us : od_real_us();
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

bool od_client_wants(const ordo_client *c) { return c->keep_up || c->calls.queue.n || c->subscriptions; }

static bool turn_begin(ordo_client *c)
{
    c->in_turn = true;
    c->now_us = od_mono_us();
    bool calls = od_calls_deliver(c), subscriptions = od_subscriptions_deliver(c);
    od_conn_flush(c);
    timers_arm(c);
    c->in_turn = false;
    return calls || subscriptions || c->calls.ended.first;
}

static void turn_take(ordo_client *c, const struct epoll_event *events, int n)
{
    c->in_turn = true;
    c->now_us = od_mono_us();
    for (int i = 0; i < n; i++) {
        struct od_source *s = events[i].data.ptr;
        if (s->fd >= 0) /* not closed by an earlier one */
            s->ready(s, events[i].events);
    }
    for (struct od_timer *timer; (timer = od_timers_pop(&c->timers, c->now_us));)
        timer->fire(timer);
    (void)od_calls_deliver(c);
    (void)od_subscriptions_deliver(c);
    od_conn_flush(c);
    timers_arm(c);
    if (c->calls.ended.first)
        client_wake(c);
    c->in_turn = false;
    if (c->waiters)
        pthread_cond_broadcast(&c->turned);
}

/* The lock is held, but not while it sleeps. */
static void client_turn(ordo_client *c, int timeout_ms)
{
    struct epoll_event events[TURN_EVENTS];
    if (turn_begin(c))
        timeout_ms = 0;
    if (c->threaded)
        pthread_mutex_unlock(&c->lock);
    int n = epoll_wait(c->epoll_fd, events, TURN_EVENTS, timeout_ms);
    if (c->threaded)
        pthread_mutex_lock(&c->lock);
    turn_take(c, events, n);
}

void od_client_enter(ordo_client *c)
{
    if (c->threaded)
        pthread_mutex_lock(&c->lock);
}

void od_client_leave(ordo_client *c)
{
    const struct od_conn *n = &c->conn;
    bool connect = n->state == OD_CONN_NONE && !n->timer.place && !c->refused && od_client_wants(c);
    bool send = n->state == OD_CONN_READY && (c->calls.queue.n || n->out.n || n->reauth);
    if (!c->in_turn && (connect || send || c->calls.ended.n || c->subscriptions_due))
        client_wake(c);
    if (c->threaded)
        pthread_mutex_unlock(&c->lock);
}

void od_client_wait(ordo_client *c, bool (*done)(void *arg), void *arg)
{
    c->waiters++;
    if (c->threaded && !done(arg))
        client_wake(c);
    while (!done(arg)) {
        if (c->threaded)
            pthread_cond_wait(&c->turned, &c->lock);
        else
            client_turn(c, -1);
    }
    c->waiters--;
}

int ordo_fd(const ordo_client *client) { return client->epoll_fd; }

enum ordo_status ordo_process(ordo_client *client, int timeout_ms)
{
    if (client->threaded || client->in_turn)
        return ORDO_USAGE;
    client_turn(client, timeout_ms);
    return ORDO_OK;
}

void od_client_state(ordo_client *c, enum ordo_state state, const ordo_error *why)
{
    c->state = state;
    if (!c->on_state)
        return;
    c->in_callback = true;
    c->on_state(c, state, why, c->arg);
    c->in_callback = false;
}

static void *arena_alloc(void *arena, size_t n) { return od_arena_alloc(arena, n); }
static void arena_free(void *arena OD_UNUSED, void *p OD_UNUSED) {}

ProtobufCAllocator od_arena_protobuf(struct od_arena *arena)
{
    return (ProtobufCAllocator){arena_alloc, arena_free, arena};
}

ProtobufCMessage *od_client_decode(ordo_client *c, const ProtobufCMessageDescriptor *d, struct od_str bytes)
{
    ProtobufCAllocator in_arena = od_arena_protobuf(&c->arena);
    od_arena_reset(&c->arena);
    return protobuf_c_message_unpack(d, &in_arena, bytes.n, (const uint8_t *)bytes.p);
}

ProtobufCMessage *od_client_read(ordo_client *c, const ProtobufCMessageDescriptor *d, struct od_str bytes)
{
    struct od_err err = {.status = OD_OK};
    od_arena_reset(&c->arena);
    ProtobufCMessage *m = od_prescan_answer(d, bytes, &err) == OD_OK ? od_client_decode(c, d, bytes) : NULL;
    if (m)
        return m;
    if (c->arena.exhausted || err.status == OD_OK)
        od_fail(&err, OD_R_OUT_OF_MEMORY, NULL);
    od_conn_failed(c, &err);
    return NULL;
}

/* --- making and ending -------------------------------------------------------------------------------------------- */

/* Copies an optional string; false: no memory. */
static bool string_take(char **ret, const char *s)
{
    *ret = s ? strdup(s) : NULL;
    return *ret || !s;
}

static uint32_t or_default(uint32_t value, uint32_t standard) { return value ? value : standard; }

static uint32_t credit_bounded(uint32_t bytes)
{
    return bytes < OD_CREDIT_MIN_BYTES   ? OD_CREDIT_MIN_BYTES
           : bytes < OD_CREDIT_MAX_BYTES ? bytes
                                         : OD_CREDIT_MAX_BYTES;
}

static bool options_copy(ordo_client *c, const ordo_options *o)
{
    c->timeout_ms = or_default(o->timeout_ms, OD_TIMEOUT_DEFAULT_MS);
    c->connect_timeout_ms = or_default(o->connect_timeout_ms, OD_HANDSHAKE_TIMEOUT_MS);
    c->reconnect_min_ms = or_default(o->reconnect_min_ms, 100);
    c->reconnect_max_ms = or_default(o->reconnect_max_ms, 10000);
    c->calls_max = or_default(o->calls_max, 4096);
    c->credit_call = credit_bounded(or_default(o->credit_bytes, OD_CREDIT_CALL_BYTES));
    c->credit_connection = credit_bounded(or_default(o->credit_all_bytes, OD_CREDIT_CONNECTION_BYTES));
    c->compress = o->compress;
    c->on_state = o->on_state;
    c->on_info = o->on_info;
    c->arg = o->arg;
    return string_take(&c->program, o->program ? o->program : "libordo " ORDO_VERSION) &&
           string_take(&c->language, o->language) && string_take(&c->server_name, o->server_name);
}

static enum od_status loop_open(ordo_client *c, struct od_err *err)
{
    struct od_source *s = &c->timer_source;
    *s = (struct od_source){-1, timer_ready};
    c->armed_us = INT64_MAX;
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    bool ok = c->epoll_fd >= 0 && timer_fd >= 0 && od_client_watch(c, s, timer_fd, EPOLLIN);
    if (!ok && timer_fd >= 0)
        close(timer_fd);
    return ok ? OD_OK : od_fail(err, OD_R_FILE_ERROR, "path=epoll" OD_AND "why=%s", strerrordesc_np(errno));
}

static enum od_status client_setup(ordo_client *c, const ordo_options *o, struct od_err *err)
{
    if (!options_copy(c, o) || !od_timers_init(&c->timers, c->calls_max + TIMERS_OWN))
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    OD_TRY(loop_open(c, err));
    OD_TRY(od_hosts_add(&c->hosts, o->hosts, err));
    if (!c->hosts.n)
        return od_fail(err, OD_R_USAGE_WRONG, "why=no host to connect to");
    c->hosts.at = (unsigned)od_random_below(&c->random, c->hosts.n);
    bool tls = false;
    for (unsigned i = 0; i < c->hosts.n; i++)
        tls = tls || !c->hosts.list[i].local;
    struct od_tls_options to = {.ca_file = o->ca_file, .cert_file = o->cert_file, .key_file = o->key_file};
    if (tls)
        OD_TRY(od_tls_context_new(&to, &c->tls, err));
    return o->journal_path ? od_journal_open(o->journal_path, &c->journal, err) : OD_OK;
}

static void lock_open(ordo_client *c)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr); /* none of these can fail with valid arguments on this platform */
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&c->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    pthread_cond_init(&c->turned, NULL);
}

enum ordo_status ordo_client_new(const ordo_options *options, ordo_client **ret_client, ordo_error *error)
{
    struct od_err err;
    ordo_options o = {0};
    *ret_client = NULL;
    memcpy(&o, options, options->struct_size < sizeof o ? options->struct_size : sizeof o);
    if (!o.hosts)
        return od_error_set(error, OD_R_USAGE_WRONG, "why=the options need struct_size and hosts");
    ordo_client *c = calloc(1, sizeof *c);
    if (!c)
        return od_error_set(error, OD_R_OUT_OF_MEMORY, NULL);
    c->epoll_fd = -1;
    od_arena_init(&c->arena, OD_CLIENT_ARENA_MAX);
    lock_open(c);
    od_conn_init(c);
    if (client_setup(c, &o, &err) != OD_OK) {
        ordo_client_free(c);
        return od_error_local(error, &err);
    }
    *ret_client = c;
    return od_error_local(error, &(struct od_err){.status = OD_OK});
}

void ordo_client_free(ordo_client *client)
{
    ordo_client *c = client;
    if (!c)
        return;
    od_assert(!c->in_callback);
    if (c->threaded) {
        pthread_mutex_lock(&c->lock);
        c->stopping = true;
        client_wake(c);
        pthread_mutex_unlock(&c->lock);
        pthread_join(c->thread, NULL);
        c->threaded = false;
    }
    c->in_turn = true;
    od_conn_done(c);
    od_subscriptions_done(c);
    od_calls_done(c);
    od_journal_close(c->journal);
    od_timers_done(&c->timers);
    od_credentials_wipe(&c->credentials);
    od_handshake_forget(c);
    od_tls_context_free(c->tls);
    od_arena_done(&c->arena);
    if (c->timer_source.fd >= 0 && c->epoll_fd >= 0)
        od_client_unwatch(c, &c->timer_source);
    if (c->epoll_fd >= 0)
        close(c->epoll_fd);
    pthread_cond_destroy(&c->turned);
    pthread_mutex_destroy(&c->lock);
    free(c->program);
    free(c->language);
    free(c->server_name);
    OPENSSL_cleanse(&c->random, sizeof c->random);
    free(c);
}

/* --- connecting, state, thread ------------------------------------------------------------------------------------ */

enum ordo_status ordo_connect_start(ordo_client *client)
{
    od_client_enter(client);
    client->keep_up = true;
    od_client_leave(client);
    return ORDO_OK;
}

struct connect_wait {
    ordo_client *client;
    struct od_timer timer;
    uint64_t rounds;
    bool late;
};

static void connect_late(struct od_timer *timer) { OD_CONTAINER(timer, struct connect_wait, timer)->late = true; }

static bool connected(const ordo_client *c) { return c->conn.state == OD_CONN_READY && !c->conn.reauth; }

static bool connect_done(void *arg)
{
    struct connect_wait *w = arg;
    return connected(w->client) || w->client->refused || w->client->rounds != w->rounds || w->late;
}

enum ordo_status ordo_connect(ordo_client *client, uint32_t timeout_ms, ordo_error *error)
{
    struct connect_wait w = {.client = client, .timer.fire = connect_late};
    enum ordo_status status;
    od_client_enter(client);
    if (client->in_callback) {
        status = od_error_set(error, OD_R_USAGE_WRONG, "why=ordo_connect() inside a callback");
    } else {
        timeout_ms = timeout_ms ? timeout_ms : client->timeout_ms;
        w.rounds = client->rounds;
        client->keep_up = true;
        od_timer_set(&client->timers, &w.timer, od_mono_us() + timeout_ms * OD_US_PER_MS);
        od_client_wait(client, connect_done, &w);
        od_timer_clear(&client->timers, &w.timer);
        client->keep_up = connected(client);
        if (connected(client)) {
            status = od_error_local(error, &(struct od_err){.status = OD_OK});
        } else if (client->why.status != ORDO_OK) {
            status = client->why.status;
            if (error)
                *error = client->why;
        } else {
            status = od_error_set(error, OD_R_DEADLINE_PASSED, "timeout_ms=%u", timeout_ms);
        }
    }
    od_client_leave(client);
    return status;
}

enum ordo_state ordo_client_state(const ordo_client *client)
{
    ordo_client *c = (ordo_client *)client; /* for its lock */
    od_client_enter(c);
    enum ordo_state state = c->state;
    od_client_leave(c);
    return state;
}

const Ordo__AuthOk *ordo_identity(const ordo_client *client) { return client->identity; }
const Ordo__HelloOk *ordo_server(const ordo_client *client) { return client->server; }

int64_t ordo_server_time_us(const ordo_client *client)
{
    ordo_client *c = (ordo_client *)client;
    od_client_enter(c);
    int64_t us = od_client_real_us(c);
    od_client_leave(c);
    return us;
}

enum ordo_status ordo_key_make(ordo_client *client, unsigned char ret_key[16])
{
    struct od_uuid key;
    od_client_enter(client);
    bool made = od_key_make(&client->random, od_client_real_us(client), &key);
    od_client_leave(client);
    if (made)
        memcpy(ret_key, key.b, sizeof key.b);
    return made ? ORDO_OK : ORDO_INTERNAL;
}

static void *thread_run(void *arg)
{
    ordo_client *c = arg;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping)
        client_turn(c, -1);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum ordo_status ordo_start_thread(ordo_client *client, ordo_error *error)
{
    sigset_t all, before;
    if (client->threaded || client->in_turn)
        return od_error_set(error, OD_R_USAGE_WRONG, "why=the client has a thread or is inside a callback");
    client->threaded = true;
    sigfillset(&all); /* signals are the program's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&client->thread, NULL, thread_run, client);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        return od_error_local(error, &(struct od_err){.status = OD_OK});
    client->threaded = false;
    return od_error_set(error, OD_R_OUT_OF_MEMORY, NULL);
}
