/* SPDX-License-Identifier: Apache-2.0
 * libordo over real sockets and TLS against a peer that fails on demand: what its callers are promised, one test each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/lib/ordo.h"
#include "common/base/base.h"
#include "common/base/time.h"
#include "tests/it/libordo_peer.h"

static char directory[64];
static char ca_file[96];
static char journal_file[96];

struct world {
    struct peer_control control;
    struct peer *peer;
    ordo_client *client;
    enum ordo_state states[64];
    unsigned n_states;
};

static void note_state(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg)
{
    struct world *w = arg;
    (void)client;
    assert_true((why != NULL) == (state == ORDO_STATE_LOST || state == ORDO_STATE_REFUSED));
    if (w->n_states < OD_LEN(w->states))
        w->states[w->n_states++] = state;
}

static ordo_options options_for(struct world *w, const char *hosts)
{
    return (ordo_options){
        .struct_size = sizeof(ordo_options),
        .hosts = hosts,
        .ca_file = ca_file,
        .program = "libordo_test",
        .timeout_ms = 10000,
        .reconnect_min_ms = 5,
        .reconnect_max_ms = 50,
        .on_state = note_state,
        .arg = w,
    };
}

static ordo_client *client_for(struct world *w, const ordo_options *o)
{
    ordo_client *client;
    ordo_error error;
    enum ordo_status status = ordo_client_new(o, &client, &error);
    if (status != ORDO_OK)
        print_error("%s\n", error.text);
    assert_int_equal(status, ORDO_OK);
    (void)w;
    return client;
}

static int setup(void **state)
{
    struct world *w = od_xcalloc(1, sizeof *w);
    w->peer = peer_start(directory, false, &w->control);
    ordo_options o = options_for(w, peer_host(w->peer));
    w->client = client_for(w, &o);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    ordo_client_free(w->client);
    peer_stop(w->peer);
    free(w);
    unlink(journal_file);
    return 0;
}

/* For a test whose callbacks write to its own frame. */
static void client_end(struct world *w)
{
    ordo_client_free(w->client);
    w->client = NULL;
}

/* Gives the client of this test other options. */
static void client_again(struct world *w, const ordo_options *o)
{
    ordo_client_free(w->client);
    w->client = client_for(w, o);
}

static void client_with_journal(struct world *w)
{
    ordo_options o = options_for(w, peer_host(w->peer));
    o.journal_path = journal_file;
    client_again(w, &o);
}

static enum ordo_status echo(ordo_client *client, ordo_error *error)
{
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    Ordo__EchoRep *rep;
    uint8_t bytes[100] = "hello";
    req.has_payload = true;
    req.payload = (ProtobufCBinaryData){sizeof bytes, bytes};
    enum ordo_status status = ordo_echo(client, &req, &rep, error);
    if (status == ORDO_OK) {
        assert_int_equal(rep->payload.len, sizeof bytes);
        assert_memory_equal(rep->payload.data, bytes, sizeof bytes);
        ordo_free_message(rep);
    } else {
        assert_null(rep);
    }
    return status;
}

static enum ordo_status register_one(ordo_client *client, int64_t *ret_id, ordo_error *error)
{
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep;
    req.title = (char[]){"the printer is on fire"};
    enum ordo_status status = ordo_request_register(client, &req, &rep, error);
    if (status == ORDO_OK && ret_id)
        *ret_id = rep->id;
    ordo_free_message(rep);
    return status;
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static void a_call_is_answered(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_client_state(w->client), ORDO_STATE_IDLE);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_client_state(w->client), ORDO_STATE_READY);
    static const enum ordo_state way[] = {ORDO_STATE_CONNECTING, ORDO_STATE_CONNECTED, ORDO_STATE_READY};
    assert_int_equal(w->n_states, OD_LEN(way));
    assert_memory_equal(w->states, way, sizeof way);
    assert_int_equal(ordo_server(w->client)->max_in_flight, 64);
}

static void a_local_socket_needs_no_tls(void **state)
{
    struct world *w = *state;
    struct peer *local = peer_start(directory, true, &w->control);
    ordo_options o = options_for(w, peer_host(local));
    o.ca_file = "/does/not/exist";
    client_again(w, &o);
    assert_int_equal(ordo_auth_local(w->client), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_identity(w->client)->principal_id, 7);
    peer_stop(local);
}

struct many {
    ordo_client *client;
    unsigned started, left, target;
};

static void many_next(ordo_call *call, const Ordo__EchoRep *rep, const ordo_error *error, void *arg)
{
    struct many *m = arg;
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    (void)call;
    assert_non_null(rep);
    assert_null(error);
    m->left--;
    if (m->started < m->target) {
        m->started++;
        m->left++;
        assert_int_equal(ordo_echo_start(m->client, &req, many_next, m, NULL), ORDO_OK);
    }
}

static void calls_started_together_leave_together(void **state)
{
    struct world *w = *state;
    struct many m = {.client = w->client, .target = 5000};
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    for (; m.started < 100; m.started++, m.left++)
        assert_int_equal(ordo_echo_start(w->client, &req, many_next, &m, NULL), ORDO_OK);
    while (m.left)
        assert_int_equal(ordo_process(w->client, -1), ORDO_OK);
    assert_int_equal(m.started, m.target);
    assert_int_equal(atomic_load(&w->control.requests), m.target);
    assert_true(atomic_load(&w->control.largest_batch) >= 32);
}

static void the_descriptor_tells_that_something_waits(void **state)
{
    struct world *w = *state;
    struct many m = {.client = w->client, .started = 1, .left = 1, .target = 1};
    int fd = ordo_fd(w->client);
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    assert_int_equal(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0), 0);
    assert_int_equal(ordo_echo_start(w->client, &req, many_next, &m, NULL), ORDO_OK);
    while (m.left) {
        assert_int_equal(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 5000), 1);
        assert_int_equal(ordo_process(w->client, 0), ORDO_OK);
        assert_int_equal(ordo_fd(w->client), fd);
    }
}

static void cut_calls_are_sent_again_with_their_key(void **state)
{
    static const struct {
        const char *name;
        bool executed;
    } rows[] = {
        {"executed, then cut: the stored answer comes", true},
        {"cut, then executed: it is done once", false},
    };
    struct world *w = *state;
    for (unsigned i = 0; i < OD_LEN(rows); i++) {
        int64_t id = 0;
        print_message("  %s\n", rows[i].name);
        atomic_store(rows[i].executed ? &w->control.cut_before_answer : &w->control.cut_before_run, 1);
        assert_int_equal(register_one(w->client, &id, NULL), ORDO_OK);
        assert_int_equal(id, i + 1);
        assert_int_equal(atomic_load(&w->control.executed), i + 1);
        assert_int_equal(atomic_load(&w->control.replayed), 1);
    }
    assert_int_equal(atomic_load(&w->control.connections), 3);
}

static void contention_is_tried_again_with_the_same_key(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_call_options once = {.struct_size = sizeof once, .no_retry = true};
    atomic_store(&w->control.contend, 3);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.requests), 4);
    assert_int_equal(atomic_load(&w->control.executed), 1);
    atomic_store(&w->control.contend, 1);
    assert_int_equal(ordo_next_call(w->client, &once), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_CONTENTION);
    assert_string_equal(error.reason, "ROW_CONTENTION");
    assert_int_equal(error.outcome, ORDO_NOT_EXECUTED);
}

static void a_deadline_tells_what_is_known(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 100};
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(echo(w->client, &error), ORDO_DEADLINE);
    assert_int_equal(error.outcome, ORDO_NOT_EXECUTED);
    assert_true(atomic_load(&w->control.last_timeout_ms) <= 90);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_UNKNOWN);
    assert_int_equal(error.outcome, ORDO_OUTCOME_UNKNOWN);
    assert_string_equal(error.reason, "OUTCOME_NOT_KNOWN");
}

static void a_call_waits_for_a_connection_until_its_deadline(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_options o = options_for(w, "127.0.0.1:1");
    o.timeout_ms = 150;
    client_again(w, &o);
    assert_int_equal(ordo_connect(w->client, 5000, &error), ORDO_UNAVAILABLE);
    assert_string_equal(error.reason, "CONNECT_FAILED");
    char host[64];
    assert_true(ordo_error_arg(&error, "host", host, sizeof host));
    assert_string_equal(host, "127.0.0.1:1");
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_UNAVAILABLE);
    assert_int_equal(error.outcome, ORDO_NOT_EXECUTED);
}

static void the_next_host_is_tried(void **state)
{
    struct world *w = *state;
    char hosts[300];
    snprintf(hosts, sizeof hosts, "127.0.0.1:1, [::1]:1,unix:/does/not/exist,%s", peer_host(w->peer));
    ordo_options o = options_for(w, hosts);
    for (int i = 0; i < 4; i++) {
        client_again(w, &o);
        assert_int_equal(echo(w->client, NULL), ORDO_OK);
    }
}

static void a_wrong_certificate_is_refused(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_options o = options_for(w, peer_host(w->peer));
    o.server_name = "another.example";
    client_again(w, &o);
    assert_int_equal(ordo_connect(w->client, 5000, &error), ORDO_UNAVAILABLE);
    assert_string_equal(error.reason, "TLS_FAILED");
}

static void cancel_me(ordo_call *call, const Ordo__RequestRegisterRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    assert_null(rep);
    *(enum ordo_status *)arg = error->status;
}

static void a_cancelled_call_ends_once(void **state)
{
    struct world *w = *state;
    ordo_call *call;
    enum ordo_status status = ORDO_OK;
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    assert_int_equal(ordo_request_register_start(w->client, &req, cancel_me, &status, &call), ORDO_OK);
    ordo_call_cancel(call);
    ordo_call_cancel(call);
    assert_int_equal(status, ORDO_OK);
    while (status == ORDO_OK)
        ordo_process(w->client, 1000);
    assert_int_equal(status, ORDO_CANCELLED);
    assert_int_equal(atomic_load(&w->control.requests), 0);

    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_request_register_start(w->client, &req, cancel_me, &status, &call), ORDO_OK);
    while (!atomic_load(&w->control.requests))
        ordo_process(w->client, 10);
    atomic_store(&w->control.silent, false);
    ordo_call_cancel(call);
    for (status = ORDO_OK; status == ORDO_OK;)
        ordo_process(w->client, 1000);
    assert_int_equal(status, ORDO_CANCELLED);
    assert_int_equal(atomic_load(&w->control.cancels), 1);
}

static void count_end(ordo_call *call, const Ordo__EchoRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    assert_null(rep);
    assert_int_equal(error->status, ORDO_CANCELLED);
    ++*(int *)arg;
}

static void freeing_the_client_ends_its_calls(void **state)
{
    struct world *w = *state;
    int ended = 0;
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    atomic_store(&w->control.silent, true);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ordo_echo_start(w->client, &req, count_end, &ended, NULL), ORDO_OK);
    ordo_process(w->client, 0);
    client_end(w);
    assert_int_equal(ended, 100);
}

static void sync_inside(ordo_call *call, const Ordo__EchoRep *rep, const ordo_error *error, void *arg)
{
    struct many *m = arg;
    (void)call;
    (void)rep;
    (void)error;
    assert_int_equal(echo(m->client, NULL), ORDO_USAGE);
    assert_int_equal(ordo_process(m->client, 0), ORDO_USAGE);
    assert_int_equal(ordo_connect(m->client, 0, NULL), ORDO_USAGE);
    m->left = 0;
}

static void waiting_inside_a_callback_is_refused(void **state)
{
    struct world *w = *state;
    struct many m = {.client = w->client, .left = 1};
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    assert_int_equal(ordo_echo_start(w->client, &req, sync_inside, &m, NULL), ORDO_OK);
    while (m.left)
        ordo_process(w->client, -1);
}

static void a_message_without_init_is_refused(void **state)
{
    struct world *w = *state;
    Ordo__RequestTakeReq req = {0};
    ordo_error error;
    assert_int_equal(ordo_request_take(w->client, &req, NULL, &error), ORDO_USAGE);
    assert_int_equal(ordo_request_take_start(w->client, &req, NULL, NULL, NULL), ORDO_USAGE);
}

static void bytes_are_a_call_like_any(void **state)
{
    struct world *w = *state;
    const ordo_method *m = ordo_method_by_name("request_list");
    ordo_bytes_callbacks none = {0};
    ordo_error error;
    assert_non_null(m);
    assert_ptr_equal(m, ordo_method_find(m->id));
    assert_int_equal(m->access, ORDO_ACCESS_LIST);
    assert_string_equal(m->part->short_name, "RequestListPart");
    assert_int_equal(ordo_bytes(w->client, m->id, NULL, 0, &none, &error), ORDO_OK);
    assert_int_equal(ordo_bytes(w->client, 9999, NULL, 0, &none, &error), ORDO_UNIMPLEMENTED);
    uint16_t last = 0;
    for (size_t i = 0; i < ordo_method_count(); i++) {
        assert_true(ordo_method_at(i)->id > last);
        last = ordo_method_at(i)->id;
    }
    assert_null(ordo_method_at(ordo_method_count()));
}

static void large_calls_are_compressed_where_it_is_wanted(void **state)
{
    static uint8_t bytes[200 * 1024];
    struct world *w = *state;
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    Ordo__EchoRep *rep;
    req.has_payload = true;
    req.payload = (ProtobufCBinaryData){sizeof bytes, bytes};
    for (int compress = 0; compress < 2; compress++) {
        ordo_options o = options_for(w, peer_host(w->peer));
        o.compress = compress;
        client_again(w, &o);
        assert_int_equal(ordo_echo(w->client, &req, &rep, NULL), ORDO_OK);
        assert_int_equal(rep->payload.len, sizeof bytes);
        assert_memory_equal(rep->payload.data, bytes, sizeof bytes);
        ordo_free_message(rep);
        assert_int_equal(atomic_load(&w->control.compressed), compress);
    }
}

static void a_call_beyond_the_largest_frame_is_refused(void **state)
{
    static uint8_t bytes[1024 * 1024 + 1];
    struct world *w = *state;
    ordo_error error;
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    req.has_payload = true;
    req.payload = (ProtobufCBinaryData){sizeof bytes, bytes};
    for (size_t size = sizeof bytes; size > sizeof bytes - 6; size -= 5) {
        req.payload.len = size; /* too large by itself, then together with what goes before it */
        assert_int_equal(ordo_echo(w->client, &req, NULL, &error), ORDO_TOO_LARGE);
        assert_string_equal(error.reason, "LIMIT_EXCEEDED");
    }
    assert_int_equal(echo(w->client, &error), ORDO_OK);
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

static void a_token_stands_for_the_password(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    atomic_store(&w->control.cut_before_run, 1);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.logins), 2);
    assert_int_equal(atomic_load(&w->control.password_logins), 1);
    atomic_store(&w->control.refuse_tokens, true);
    atomic_store(&w->control.cut_before_run, 1);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.password_logins), 2);
}

static void a_refused_login_ends_what_waits(void **state)
{
    struct world *w = *state;
    ordo_error error;
    assert_int_equal(ordo_auth_password(w->client, "ann", "wrong horse"), ORDO_OK);
    assert_int_equal(echo(w->client, &error), ORDO_UNAUTHENTICATED);
    assert_string_equal(error.reason, "LOGIN_FAILED");
    assert_int_equal(ordo_client_state(w->client), ORDO_STATE_REFUSED);
    assert_int_equal(ordo_connect(w->client, 0, &error), ORDO_UNAUTHENTICATED);
    assert_int_equal(echo(w->client, &error), ORDO_UNAUTHENTICATED);
    assert_int_equal(atomic_load(&w->control.connections), 1);
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, &error), ORDO_OK);
}

static void a_busy_login_is_tried_again(void **state)
{
    struct world *w = *state;
    unsigned char key[32] = {1};
    atomic_store(&w->control.busy_logins, 2);
    assert_int_equal(ordo_auth_api_key(w->client, key), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.logins), 1);
}

static void another_login_goes_over_the_same_connection(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_auth_password(w->client, "bob", "correct horse"), ORDO_OK);
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    assert_int_equal(atomic_load(&w->control.password_logins), 2);
    assert_int_equal(atomic_load(&w->control.connections), 1);
    assert_int_equal(ordo_auth_none(w->client), ORDO_OK);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    assert_null(ordo_identity(w->client));
    assert_int_equal(atomic_load(&w->control.connections), 2);
}

static void another_database_is_no_substitute(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 200};
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
    atomic_store(&w->control.environment, 1);
    atomic_store(&w->control.cut_before_answer, 1);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_UNKNOWN);
    assert_int_equal(atomic_load(&w->control.executed), 1);
    assert_int_equal(atomic_load(&w->control.replayed), 0);
}

static void keys_are_dated_by_the_server(void **state)
{
    struct world *w = *state;
    const int64_t ahead_us = 3600 * OD_US_PER_S;
    atomic_store(&w->control.clock_ahead_us, ahead_us);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | atomic_load(&w->control.last_key[i]);
    int64_t off_us = ms * OD_US_PER_MS - od_real_us() - ahead_us;
    assert_in_range(off_us + 5 * OD_US_PER_S, 0, 10 * OD_US_PER_S);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

struct rows {
    int64_t next;
    unsigned parts, stop_after;
};

static bool take_rows(ordo_call *call, const Ordo__RequestListPart *part, void *arg)
{
    struct rows *r = arg;
    (void)call;
    for (size_t i = 0; i < part->n_rows; i++)
        assert_int_equal(part->rows[i]->id, r->next++);
    return ++r->parts != r->stop_after;
}

static enum ordo_status list(ordo_client *client, struct rows *r, uint32_t rows, ordo_error *error)
{
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    Ordo__RequestListRep *rep;
    req.has_limit = true;
    req.limit = rows;
    enum ordo_status status = ordo_request_list(client, &req, take_rows, r, &rep, error);
    if (status == ORDO_OK)
        assert_int_equal(rep->rows, rows);
    ordo_free_message(rep);
    return status;
}

static void credit_comes_back_as_parts_are_taken(void **state)
{
    struct world *w = *state;
    ordo_options o = options_for(w, peer_host(w->peer));
    o.credit_bytes = 1; /* the least there is */
    o.credit_all_bytes = 160 * 1024;
    client_again(w, &o);
    for (int i = 0; i < 3; i++) {
        struct rows r = {0};
        assert_int_equal(list(w->client, &r, 4000, NULL), ORDO_OK);
        assert_int_equal(r.next, 4000);
        assert_int_equal(r.parts, 200);
    }
    assert_int_equal(atomic_load(&w->control.credit_overruns), 0);
}

static void a_list_that_is_left_is_cancelled(void **state)
{
    struct world *w = *state;
    struct rows r = {.stop_after = 3};
    ordo_error error;
    assert_int_equal(list(w->client, &r, 20000, &error), ORDO_CANCELLED);
    assert_int_equal(r.parts, 3);
    assert_true(atomic_load(&w->control.parts) < 1000);
    r = (struct rows){0};
    assert_int_equal(list(w->client, &r, 100, &error), ORDO_OK);
}

static void a_list_is_not_begun_again_behind_its_back(void **state)
{
    struct world *w = *state;
    struct rows r = {0};
    ordo_error error;
    atomic_store(&w->control.cut_after_parts, 4);
    assert_int_equal(list(w->client, &r, 200, &error), ORDO_UNAVAILABLE);
    assert_string_equal(error.reason, "CONNECTION_LOST");
    assert_int_equal(r.parts, 4);
}

/* --- subscriptions ------------------------------------------------------------------------------------------------ */

struct inbox {
    uint64_t last, bookmark;
    unsigned events, ends;
    enum ordo_status end;
    bool acknowledge;
    char oldest[24];
};

static void take_event(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    struct inbox *in = arg;
    if (in->last)
        assert_int_equal(event->seq, in->last + 1);
    in->last = event->seq;
    in->events++;
    assert_int_equal(ordo_subscription_seq(subscription), event->seq);
    if (in->acknowledge)
        assert_int_equal(ordo_subscription_ack(subscription, event->seq), ORDO_OK);
    assert_int_equal(ordo_subscription_ack(subscription, event->seq + 1), ORDO_USAGE);
}

static void take_bookmark(ordo_subscription *subscription, uint64_t seq, uint64_t oldest, void *arg)
{
    (void)subscription;
    (void)oldest;
    ((struct inbox *)arg)->bookmark = seq;
}

static void take_end(ordo_subscription *subscription, const ordo_error *error, void *arg)
{
    struct inbox *in = arg;
    (void)subscription;
    in->ends++;
    in->end = error->status;
    (void)ordo_error_arg(error, "oldest", in->oldest, sizeof in->oldest);
}

static ordo_subscribe_options inbox_options(struct inbox *in)
{
    return (ordo_subscribe_options){
        .struct_size = sizeof(ordo_subscribe_options),
        .name = "test",
        .on_event = take_event,
        .on_bookmark = take_bookmark,
        .on_end = take_end,
        .arg = in,
    };
}

static void a_cut_subscription_resumes_without_gap_or_repeat(void **state)
{
    struct world *w = *state;
    struct inbox in = {.acknowledge = true};
    ordo_subscribe_options o = inbox_options(&in);
    ordo_subscription *s;
    atomic_store(&w->control.inbox, 100);
    atomic_store(&w->control.cut_after_events, 7);
    assert_int_equal(ordo_subscribe(w->client, &o, &s, NULL), ORDO_OK);
    for (uint64_t until = 100; until <= 1000; until += 100) {
        atomic_store(&w->control.inbox, until);
        while (in.bookmark < until)
            ordo_process(w->client, 1000);
        assert_int_equal(in.events, until);
        atomic_store(&w->control.cut_after_events, (int)(until % 90));
    }
    while (atomic_load(&w->control.acked) != 1000)
        ordo_process(w->client, 100);
    assert_true(atomic_load(&w->control.connections) >= 10);
    assert_int_equal(atomic_load(&w->control.credit_overruns), 0);
    ordo_unsubscribe(s);
    assert_int_equal(in.ends, 0);
    while (!in.ends)
        ordo_process(w->client, 1000);
    assert_int_equal(in.end, ORDO_CANCELLED);
}

static void what_was_not_acknowledged_comes_again(void **state)
{
    struct world *w = *state;
    struct inbox first = {0}, second = {0};
    ordo_subscribe_options o = inbox_options(&first);
    ordo_subscription *s;
    atomic_store(&w->control.inbox, 10);
    assert_int_equal(ordo_subscribe(w->client, &o, &s, NULL), ORDO_OK);
    while (first.last < 10)
        ordo_process(w->client, 1000);
    assert_int_equal(ordo_subscription_ack(s, 4), ORDO_OK);
    client_end(w); /* at once: it still goes out */
    while (atomic_load(&w->control.acked) != 4)
        usleep(1000);
    ordo_options co = options_for(w, peer_host(w->peer));
    client_again(w, &co);
    o = inbox_options(&second);
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (second.last < 10)
        ordo_process(w->client, 1000);
    assert_int_equal(second.events, 6);
    client_end(w);
    assert_int_equal(second.end, ORDO_CANCELLED);
}

static void events_that_are_gone_ask_for_a_snapshot(void **state)
{
    struct world *w = *state;
    struct inbox in = {0};
    ordo_subscribe_options o = inbox_options(&in);
    atomic_store(&w->control.inbox, 100);
    atomic_store(&w->control.oldest, 50);
    o.has_after = true;
    o.after = 20;
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (!in.ends)
        ordo_process(w->client, 1000);
    assert_int_equal(in.end, ORDO_RESYNC_REQUIRED);
    assert_string_equal(in.oldest, "50");
    o.after = 49;
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
    while (in.bookmark < 100)
        ordo_process(w->client, 1000);
    assert_int_equal(in.events, 51);
    client_end(w);
}

/* --- the connection ----------------------------------------------------------------------------------------------- */

static void a_leaving_server_is_left_within_its_window(void **state)
{
    struct world *w = *state;
    atomic_store(&w->control.go_away_min_ms, 200);
    atomic_store(&w->control.go_away_max_ms, 400);
    atomic_store(&w->control.go_away, 1);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    int64_t from_us = od_mono_us();
    int64_t id = 0;
    assert_int_equal(register_one(w->client, &id, NULL), ORDO_OK);
    assert_in_range(od_mono_us() - from_us, 150 * OD_US_PER_MS, 2000 * OD_US_PER_MS);
    assert_int_equal(id, 2);
    assert_int_equal(atomic_load(&w->control.connections), 2);
    assert_int_equal(atomic_load(&w->control.executed), 2);
}

static void a_silent_server_is_given_up(void **state)
{
    struct world *w = *state;
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    atomic_store(&w->control.silent, true);
    int64_t from_us = od_mono_us();
    while (ordo_client_state(w->client) == ORDO_STATE_READY)
        ordo_process(w->client, 1000);
    assert_in_range(od_mono_us() - from_us, 400 * OD_US_PER_MS, 3000 * OD_US_PER_MS);
    assert_true(atomic_load(&w->control.pings) >= 1);
    atomic_store(&w->control.silent, false);
    assert_int_equal(echo(w->client, NULL), ORDO_OK);
}

static void *echo_thread(void *arg)
{
    for (int i = 0; i < 200; i++)
        if (echo(arg, NULL) != ORDO_OK)
            return arg;
    return NULL;
}

static void a_client_with_a_thread_serves_many(void **state)
{
    struct world *w = *state;
    pthread_t threads[4];
    struct inbox in = {0};
    ordo_options o = options_for(w, peer_host(w->peer));
    o.on_state = NULL;
    client_again(w, &o);
    assert_int_equal(ordo_start_thread(w->client, NULL), ORDO_OK);
    assert_int_equal(ordo_connect(w->client, 0, NULL), ORDO_OK);
    assert_int_equal(ordo_process(w->client, 0), ORDO_USAGE);
    (void)in;
    for (size_t i = 0; i < OD_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, echo_thread, w->client), 0);
    peer_cut(w->peer);
    for (size_t i = 0; i < OD_LEN(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

/* --- the journal -------------------------------------------------------------------------------------------------- */

struct entries {
    unsigned n, resolved, replies;
    enum ordo_status error;
};

static bool count_entry(const ordo_journal_entry *entry, void *arg)
{
    struct entries *e = arg;
    e->n++;
    assert_int_equal(entry->method, 70);
    return true;
}

static void count_outcome(const ordo_journal_entry *entry, const void *reply, size_t size, const ordo_error *error,
                          void *arg)
{
    struct entries *e = arg;
    Ordo__RequestRegisterReq *req = ordo__request_register_req__unpack(NULL, entry->request_size, entry->request);
    assert_non_null(req);
    assert_string_equal(req->title, "the printer is on fire");
    ordo_free_message(req);
    e->resolved++;
    if (error)
        e->error = error->status;
    if (reply) {
        Ordo__RequestRegisterRep *rep = ordo__request_register_rep__unpack(NULL, size, reply);
        assert_non_null(rep);
        ordo_free_message(rep);
        e->replies++;
    }
}

static unsigned journal_entries(ordo_client *client)
{
    struct entries e = {0};
    assert_int_equal(ordo_journal_list(client, count_entry, &e, NULL), ORDO_OK);
    return e.n;
}

/* In a process of its own: sends a changing call and dies before the answer can come. */
static int child(const char *host)
{
    struct world *w = od_xcalloc(1, sizeof *w);
    ordo_options o = options_for(w, host);
    ordo_client *client;
    ordo_call *call;
    unsigned char key[16];
    o.journal_path = journal_file;
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    req.title = (char[]){"the printer is on fire"};
    if (ordo_client_new(&o, &client, NULL) != ORDO_OK ||
        ordo_request_register_start(client, &req, cancel_me, NULL, &call) != ORDO_OK)
        return 1;
    while (!ordo_call_key(call, key))
        ordo_process(client, 10);
    _exit(9);
}

extern char **environ;

static void a_killed_client_learns_what_its_call_did(void **state)
{
    struct world *w = *state;
    char name[] = "libordo_test", verb[] = "child";
    char *argv[] = {name, verb, (char *)peer_host(w->peer), directory, NULL};
    pid_t pid;
    int status;
    struct entries e = {0};
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 1);
    while (atomic_load(&w->control.executed) == 0)
        usleep(1000);
    assert_int_equal(ordo_journal_resolve(w->client, count_outcome, &e, NULL), ORDO_OK);
    assert_int_equal(e.resolved, 1);
    assert_int_equal(e.replies, 1);
    assert_int_equal(atomic_load(&w->control.executed), 1);
    assert_int_equal(atomic_load(&w->control.replayed), 1);
    assert_int_equal(journal_entries(w->client), 0);
}

static void a_journal_keeps_what_is_unknown_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct entries e = {0};
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 100};
    client_with_journal(w);
    for (int i = 0; i < 20; i++)
        assert_int_equal(register_one(w->client, NULL, NULL), ORDO_OK);
    assert_int_equal(journal_entries(w->client), 0);
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_UNKNOWN);
    atomic_store(&w->control.silent, false);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 1);
    size_t count = 0;
    assert_int_equal(ordo_journal_resolve_start(w->client, count_outcome, &e, &count, NULL), ORDO_OK);
    assert_int_equal(count, 1);
    while (!e.resolved)
        ordo_process(w->client, 1000);
    assert_int_equal(e.replies, 1);
    assert_int_equal(atomic_load(&w->control.executed), 21);
    client_with_journal(w);
    assert_int_equal(journal_entries(w->client), 0);
}

static void a_journal_is_one_process_s_and_one_login_s(void **state)
{
    struct world *w = *state;
    ordo_error error;
    ordo_client *second;
    ordo_call_options soon = {.struct_size = sizeof soon, .timeout_ms = 100};
    client_with_journal(w);
    ordo_options o = options_for(w, peer_host(w->peer));
    o.journal_path = journal_file;
    assert_int_equal(ordo_client_new(&o, &second, &error), ORDO_CONFIG);
    assert_string_equal(error.reason, "JOURNAL_BUSY");
    atomic_store(&w->control.silent, true);
    assert_int_equal(ordo_next_call(w->client, &soon), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, NULL), ORDO_UNKNOWN);
    atomic_store(&w->control.silent, false);
    client_with_journal(w);
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    assert_int_equal(register_one(w->client, NULL, &error), ORDO_CONFIG);
    assert_string_equal(error.reason, "JOURNAL_OTHER");
    assert_int_equal(echo(w->client, &error), ORDO_OK);
    assert_int_equal(journal_entries(w->client), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_call_is_answered),
        T(a_local_socket_needs_no_tls),
        T(calls_started_together_leave_together),
        T(the_descriptor_tells_that_something_waits),
        T(cut_calls_are_sent_again_with_their_key),
        T(contention_is_tried_again_with_the_same_key),
        T(a_deadline_tells_what_is_known),
        T(a_call_waits_for_a_connection_until_its_deadline),
        T(the_next_host_is_tried),
        T(a_wrong_certificate_is_refused),
        T(a_cancelled_call_ends_once),
        T(freeing_the_client_ends_its_calls),
        T(waiting_inside_a_callback_is_refused),
        T(a_message_without_init_is_refused),
        T(bytes_are_a_call_like_any),
        T(large_calls_are_compressed_where_it_is_wanted),
        T(a_call_beyond_the_largest_frame_is_refused),
        T(a_token_stands_for_the_password),
        T(a_refused_login_ends_what_waits),
        T(a_busy_login_is_tried_again),
        T(another_login_goes_over_the_same_connection),
        T(another_database_is_no_substitute),
        T(keys_are_dated_by_the_server),
        T(credit_comes_back_as_parts_are_taken),
        T(a_list_that_is_left_is_cancelled),
        T(a_list_is_not_begun_again_behind_its_back),
        T(a_cut_subscription_resumes_without_gap_or_repeat),
        T(what_was_not_acknowledged_comes_again),
        T(events_that_are_gone_ask_for_a_snapshot),
        T(a_leaving_server_is_left_within_its_window),
        T(a_silent_server_is_given_up),
        T(a_client_with_a_thread_serves_many),
        T(a_killed_client_learns_what_its_call_did),
        T(a_journal_keeps_what_is_unknown_and_nothing_else),
        T(a_journal_is_one_process_s_and_one_login_s),
#undef T
    };
    bool is_child = argc == 4 && !strcmp(argv[1], "child");
    snprintf(directory, sizeof directory, "%s", is_child ? argv[3] : "/tmp/libordo_test.XXXXXX");
    if (!is_child && !mkdtemp(directory))
        return 1;
    snprintf(ca_file, sizeof ca_file, "%s/server.pem", directory);
    snprintf(journal_file, sizeof journal_file, "%s/journal", directory);
    if (is_child)
        return child(argv[2]);
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const left[] = {"server.pem", "server.key", "socket", "journal"};
    for (size_t i = 0; i < OD_LEN(left); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, left[i]);
        unlink(path);
    }
    rmdir(directory);
    return failed;
}
