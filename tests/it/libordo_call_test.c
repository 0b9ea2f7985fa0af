/* SPDX-License-Identifier: Apache-2.0
 * Calls through libordo over real sockets and TLS against a peer that fails on demand: what their callers are promised, one test
 * each. */
#include "tests/it/libordo_world.h"

#include <poll.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_PEER(a_call_is_answered),
        ON_A_PEER(a_local_socket_needs_no_tls),
        ON_A_PEER(calls_started_together_leave_together),
        ON_A_PEER(the_descriptor_tells_that_something_waits),
        ON_A_PEER(cut_calls_are_sent_again_with_their_key),
        ON_A_PEER(contention_is_tried_again_with_the_same_key),
        ON_A_PEER(a_deadline_tells_what_is_known),
        ON_A_PEER(a_call_waits_for_a_connection_until_its_deadline),
        ON_A_PEER(the_next_host_is_tried),
        ON_A_PEER(a_wrong_certificate_is_refused),
        ON_A_PEER(a_cancelled_call_ends_once),
        ON_A_PEER(freeing_the_client_ends_its_calls),
        ON_A_PEER(waiting_inside_a_callback_is_refused),
        ON_A_PEER(a_message_without_init_is_refused),
        ON_A_PEER(bytes_are_a_call_like_any),
        ON_A_PEER(large_calls_are_compressed_where_it_is_wanted),
        ON_A_PEER(a_call_beyond_the_largest_frame_is_refused),
    };
    return cmocka_run_group_tests_name("libordo: calls", tests, directory_new, directory_free);
}
