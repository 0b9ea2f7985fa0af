/* SPDX-License-Identifier: Apache-2.0
 * What a peer may do wrong, by rows: the named error, and the next client is served. */
#include "tests/it/net_world.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <zstd.h>

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

/* 20,001 fields in 40 KB; nothing is decoded of them. Depth has its row in prescan_test: no message of the protocol nests. */
static void huge_counts_are_refused(void **state)
{
    struct world *w = *state;
    struct peer p;
    struct od_buf b;
    login(w, &p, 0);
    od_buf_init(&b, 100000);
    od_buf_put(&b, "\0\0", 2);
    for (int i = 0; i <= OD_MESSAGE_FIELDS_MAX; i++)
        od_buf_put(&b, "\x0a\0", 2);
    peer_send(&p, &(struct od_frame){.type = OD_F_REQUEST, .flags = OD_FLAG_END, .method = ECHO, .id = p.next_id,
                                     .payload = od_buf_view(&b)});
    expect_error(&p, p.next_id, "MESSAGE_MALFORMED");
    p.next_id += 2;
    echo(&p);
    od_buf_done(&b);
    peer_close(&p);
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

/* R4.37: what comes over the network is let in with TLS 1.3 and ordo/1, and not otherwise. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_SERVER(bad_input_is_named_and_the_next_is_served),
        ON_A_SERVER(huge_counts_are_refused),
        ON_A_SERVER(a_zstd_bomb_closes),
        ON_A_SERVER(data_beyond_credit_and_out_of_order),
        ON_A_SERVER(an_upload_above_its_limit_is_refused),
        ON_A_SERVER(auth_with_something_under_way_closes),
        ON_A_SERVER(in_flight_has_a_limit),
        ON_A_SERVER(unknown_types_from_0x80_are_ignored),
        ON_A_SERVER(cut_connections_cost_only_themselves),
        ON_A_SERVER(tls_policy),
    };
    return cmocka_run_group_tests_name("net input", tests, world_new, world_free);
}
