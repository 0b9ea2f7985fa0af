/* SPDX-License-Identifier: Apache-2.0
 * libordo and a server that says what it should not: newer things are taken for what they are, broken ones cost the connection,
 * with a name, and never the client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/lib/ordo.h"
#include "common/base/base.h"
#include "common/base/time.h"
#include "tests/it/libordo_peer.h"

static char directory[64];

struct world {
    struct peer_control control;
    struct peer *peer;
    ordo_client *client;
    char lost[64]; /* why the connection was lost last */
    unsigned n_lost;
    uint64_t last_seq;
    int last_kind;
};

static void note_state(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg)
{
    struct world *w = arg;
    (void)client;
    if (state != ORDO_STATE_LOST)
        return;
    snprintf(w->lost, sizeof w->lost, "%s", why->reason);
    w->n_lost++;
}

static int setup(void **state)
{
    struct world *w = od_xcalloc(1, sizeof *w);
    char ca_file[96];
    ordo_error error;
    w->peer = peer_start(directory, false, &w->control);
    snprintf(ca_file, sizeof ca_file, "%s/server.pem", directory);
    ordo_options o = {.struct_size = sizeof o, .hosts = peer_host(w->peer), .ca_file = ca_file, .timeout_ms = 5000,
                      .reconnect_min_ms = 5, .reconnect_max_ms = 20, .on_state = note_state, .arg = w};
    assert_int_equal(ordo_client_new(&o, &w->client, &error), ORDO_OK);
    assert_int_equal(ordo_auth_password(w->client, "ann", "correct horse"), ORDO_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    ordo_client_free(w->client);
    peer_stop(w->peer);
    free(w);
    return 0;
}

static void fault_set(struct world *w, enum peer_fault fault) { atomic_store(&w->control.fault, (int)fault); }

static enum ordo_status echo(struct world *w)
{
    Ordo__EchoReq req = ORDO__ECHO_REQ__INIT;
    return ordo_echo(w->client, &req, NULL, NULL);
}

static enum ordo_status register_one(struct world *w, ordo_error *error)
{
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    Ordo__RequestRegisterRep *rep;
    enum ordo_status status = ordo_request_register(w->client, &req, &rep, error);
    ordo_free_message(rep);
    return status;
}

static void take_event(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    struct world *w = arg;
    (void)subscription;
    w->last_seq = event->seq;
    w->last_kind = (int)event->kind;
    assert_int_equal(strncmp(event->text, "event ", 6), 0);
}

static bool turns_until(struct world *w, const uint64_t *seq, uint64_t wanted, unsigned lost)
{
    for (int64_t end_us = od_mono_us() + 5 * OD_US_PER_S; od_mono_us() < end_us;) {
        ordo_process(w->client, 20);
        if (*seq >= wanted && w->n_lost >= lost)
            return true;
    }
    return false;
}

static void subscribe(struct world *w)
{
    ordo_subscribe_options o = {.struct_size = sizeof o, .name = "test", .on_event = take_event, .arg = w};
    assert_int_equal(ordo_subscribe(w->client, &o, NULL, NULL), ORDO_OK);
}

static void an_event_of_a_newer_server_is_an_event(void **state)
{
    struct world *w = *state;
    fault_set(w, PEER_FAULT_NEW_KIND);
    atomic_store(&w->control.inbox, 3);
    subscribe(w);
    assert_true(turns_until(w, &w->last_seq, 3, 0));
    assert_int_equal(w->last_kind, 4711);
    assert_int_equal(w->n_lost, 0);
}

/* It is not skipped: the connection goes, and it comes again. */
static void a_broken_event_costs_the_connection_and_is_not_lost(void **state)
{
    static const enum peer_fault rows[] = {PEER_FAULT_EVENT, PEER_FAULT_BOOKMARK};
    struct world *w = *state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        uint64_t until = w->last_seq + 2;
        unsigned lost = w->n_lost;
        fault_set(w, rows[i]);
        atomic_store(&w->control.inbox, until);
        if (i == 0)
            subscribe(w);
        assert_true(turns_until(w, &(uint64_t){until}, until, lost + (i == 0 ? 2 : 1))); /* an event comes again and again */
        assert_string_equal(w->lost, "MESSAGE_MALFORMED");
        fault_set(w, PEER_FAULT_NONE);
        assert_true(turns_until(w, &w->last_seq, until, 0));
    }
}

static void an_answer_that_cannot_be_read_ends_the_call_as_executed(void **state)
{
    struct world *w = *state;
    ordo_error error;
    fault_set(w, PEER_FAULT_ANSWER);
    assert_int_equal(register_one(w, &error), ORDO_INVALID);
    assert_string_equal(error.reason, "MESSAGE_MALFORMED");
    assert_int_equal(error.outcome, ORDO_EXECUTED);
    assert_int_equal(w->n_lost, 1);
    assert_string_equal(w->lost, "MESSAGE_MALFORMED");
    assert_int_equal(atomic_load(&w->control.executed), 1); /* it is not tried for ever */
    fault_set(w, PEER_FAULT_NONE);
    assert_int_equal(register_one(w, &error), ORDO_OK);
}

static void a_refusal_that_cannot_be_read_leaves_the_outcome_open(void **state)
{
    struct world *w = *state;
    ordo_error error;
    fault_set(w, PEER_FAULT_ERROR);
    assert_int_equal(register_one(w, &error), ORDO_UNKNOWN);
    assert_string_equal(error.reason, "MESSAGE_MALFORMED");
    assert_int_equal(error.outcome, ORDO_OUTCOME_UNKNOWN);
    assert_int_equal(w->n_lost, 1);
    fault_set(w, PEER_FAULT_NONE);
    assert_int_equal(echo(w), ORDO_OK);
}

static void a_part_that_cannot_be_read_ends_its_list(void **state)
{
    struct world *w = *state;
    ordo_error error;
    Ordo__RequestListReq req = ORDO__REQUEST_LIST_REQ__INIT;
    req.has_limit = true;
    req.limit = 100;
    fault_set(w, PEER_FAULT_PART);
    assert_int_equal(ordo_request_list(w->client, &req, NULL, NULL, NULL, &error), ORDO_INVALID);
    assert_string_equal(error.reason, "MESSAGE_MALFORMED");
    assert_string_equal(w->lost, "MESSAGE_MALFORMED");
    fault_set(w, PEER_FAULT_NONE);
    assert_int_equal(ordo_request_list(w->client, &req, NULL, NULL, NULL, &error), ORDO_OK);
}

/* The peer's echo gives back whatever bytes it gets. */
static void bytes_of_an_answer_are_looked_at_too(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t n;
        enum ordo_status status;
    } rows[] = {
        {"a field that is not known", "\xc0\x3e\x01", 3, ORDO_OK},
        {"bytes beyond the message", "\x0a\x7fx", 3, ORDO_INVALID},
        {"a wrong wire type", "\x08\x01", 2, ORDO_INVALID},
        {"a group", "\x0b\x0c", 2, ORDO_INVALID},
    };
    enum { METHOD_ECHO = 1 };
    struct world *w = *state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        ordo_bytes_callbacks none = {0};
        unsigned lost = w->n_lost;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(ordo_bytes(w->client, METHOD_ECHO, rows[i].bytes, rows[i].n, &none, NULL), rows[i].status);
        assert_int_equal(w->n_lost, lost + (rows[i].status != ORDO_OK));
    }
}

static void a_handshake_that_cannot_be_read_is_no_connection(void **state)
{
    static const struct {
        const char *name;
        enum peer_fault fault;
        const char *reason;
    } rows[] = {
        {"HELLO_OK", PEER_FAULT_HELLO_OK, "CONNECT_FAILED"},
        {"AUTH_OK", PEER_FAULT_AUTH_OK, "CONNECT_FAILED"},
        {"GOAWAY", PEER_FAULT_GOAWAY, "MESSAGE_MALFORMED"},
        {"INFO", PEER_FAULT_INFO, "MESSAGE_MALFORMED"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        unsigned lost = w->n_lost;
        print_message("  %s\n", rows[i].name);
        fault_set(w, rows[i].fault);
        assert_int_equal(ordo_connect_start(w->client), ORDO_OK);
        if (ordo_client_state(w->client) == ORDO_STATE_READY)
            peer_cut(w->peer);
        assert_true(turns_until(w, &(uint64_t){0}, 0, lost + 3));
        assert_string_equal(w->lost, rows[i].reason);
        fault_set(w, PEER_FAULT_NONE);
        assert_int_equal(echo(w), ORDO_OK);
    }
}

/* A server may name other hosts; a socket of the client's own machine, where nothing tells who listens, it may not. */
static void a_server_names_no_socket_of_this_machine(void **state)
{
    struct world *w = *state;
    char host[128];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/trap", directory);
    snprintf(host, sizeof host, "127.0.0.1:1, unix:%s", at.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof at) && !listen(fd, 5));
    atomic_store(&w->control.info, host);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(echo(w), ORDO_OK);
        peer_cut(w->peer);
        assert_true(turns_until(w, &(uint64_t){0}, 0, w->n_lost + 1));
    }
    assert_int_equal(accept(fd, NULL, NULL), -1);
    atomic_store(&w->control.info, NULL);
    close(fd);
    unlink(at.sun_path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(an_event_of_a_newer_server_is_an_event),
        T(a_broken_event_costs_the_connection_and_is_not_lost),
        T(an_answer_that_cannot_be_read_ends_the_call_as_executed),
        T(a_refusal_that_cannot_be_read_leaves_the_outcome_open),
        T(a_part_that_cannot_be_read_ends_its_list),
        T(bytes_of_an_answer_are_looked_at_too),
        T(a_handshake_that_cannot_be_read_is_no_connection),
        T(a_server_names_no_socket_of_this_machine),
#undef T
    };
    snprintf(directory, sizeof directory, "/tmp/libordo_answers.XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    int failed = cmocka_run_group_tests_name("libordo: answers", tests, NULL, NULL);
    static const char *const left[] = {"server.pem", "server.key", "socket"};
    for (size_t i = 0; i < OD_LEN(left); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, left[i]);
        unlink(path);
    }
    rmdir(directory);
    return failed;
}
