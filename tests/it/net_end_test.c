/* SPDX-License-Identifier: Apache-2.0
 * Silence, limits of connections, the drain. */
#include "tests/it/net_world.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "session.pb-c.h"

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

/* Accepting rests while there are no descriptors, and goes on when there are. */
static void descriptors_may_run_out(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct rlimit was, none;
    world_start(w, NULL);
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(net_port(w->net)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = was;
    none.rlim_cur = (rlim_t)fd + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    usleep(200 * 1000);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    login(w, &p, 0);
    echo(&p);
    peer_close(&p);
    close(fd);
    world_stop(w, 0);
}

static void the_unix_socket_is_taken_over_from_the_dead_only(void **state)
{
    struct world *w = *state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", w->unix_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    close(fd); /* a file without a listener */
    world_start(w, NULL);
    struct server other = {0};
    struct net *net = NULL;
    struct od_err err;
    assert_int_equal(net_start(&other, &(struct net_options){.unix_path = w->unix_path}, &net, &err), OD_IO);
    assert_null(net);
    struct peer p;
    peer_open_local(w, &p);
    hello(&p, 0);
    peer_close(&p);
    world_stop(w, 0);
    assert_int_equal(access(w->unix_path, F_OK), -1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_asked_and_then_ended),
        cmocka_unit_test(connections_have_a_limit),
        cmocka_unit_test(descriptors_may_run_out),
        cmocka_unit_test(the_unix_socket_is_taken_over_from_the_dead_only),
        cmocka_unit_test(drain_says_goodbye_twice),
        cmocka_unit_test(stopping_does_not_wait_for_ever),
    };
    return cmocka_run_group_tests_name("net end", tests, world_new, world_free);
}
