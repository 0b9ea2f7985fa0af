/* SPDX-License-Identifier: Apache-2.0
 * Calls, logins, lists and uploads over real connections. */
#include "tests/it/net_world.h"

#include <sys/socket.h>

#include "admin.pb-c.h"

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
    };
    return cmocka_run_group_tests_name("net calls", tests, world_new, world_free);
}
