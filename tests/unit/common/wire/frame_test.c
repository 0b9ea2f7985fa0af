/* SPDX-License-Identifier: Apache-2.0
 * Frames by rows: what is read, what is refused, and the golden bytes of every type, to and fro. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <zstd.h>

#include "common.pb-c.h"
#include "common/wire/frame.h"
#include "common/wire/prescan.h"
#include "push.pb-c.h"
#include "request.pb-c.h"
#include "admin.pb-c.h"
#include "session.pb-c.h"

#define HEAD(length, type, flags) length type flags "\0\0" "\5\0\0\0\0\0\0\0" "\0\0\0\0" "\0\0\0\0"
#define BYTES(literal) {literal, sizeof(literal) - 1}

static void read_rows(void **state)
{
    static const struct {
        const char *name;
        struct od_str in;
        enum od_reason reason;
        size_t size, need;
    } rows[] = {
        {"nothing yet", BYTES(""), OD_R_NONE, 0, 24},
        {"half a header", BYTES("\0\0\0\0\x30"), OD_R_NONE, 0, 24},
        {"a frame without payload", BYTES(HEAD("\0\0\0\0", "\x30", "\0")), OD_R_NONE, 24, 24},
        {"a payload that is still coming", BYTES(HEAD("\3\0\0\0", "\x11", "\0") "ab"), OD_R_NONE, 0, 27},
        {"a frame and the head of the next", BYTES(HEAD("\3\0\0\0", "\x11", "\0") "abcX"), OD_R_NONE, 27, 27},
        {"the largest payload that is allowed", BYTES(HEAD("\0\1\0\0", "\x11", "\0")), OD_R_NONE, 0, 280},
        {"one byte more is refused before it comes", BYTES(HEAD("\1\1\0\0", "\x11", "\0")), OD_R_FRAME_TOO_LARGE, 0, 24},
        {"a length of 4 GiB is refused", BYTES(HEAD("\xff\xff\xff\xff", "\x11", "\0")), OD_R_FRAME_TOO_LARGE, 0, 24},
        {"an unknown type is refused", BYTES(HEAD("\0\0\0\0", "\x05", "\0")), OD_R_FRAME_TYPE_UNKNOWN, 0, 24},
        {"type 0 is refused", BYTES(HEAD("\0\0\0\0", "\0", "\0")), OD_R_FRAME_TYPE_UNKNOWN, 0, 24},
        {"type 0x7f is refused", BYTES(HEAD("\0\0\0\0", "\x7f", "\0")), OD_R_FRAME_TYPE_UNKNOWN, 0, 24},
        {"an unknown type from 0x80 on is a frame", BYTES(HEAD("\0\0\0\0", "\x80", "\xff")), OD_R_NONE, 24, 24},
        {"an unknown flag is refused", BYTES(HEAD("\0\0\0\0", "\x10", "\x10")), OD_R_FRAME_FLAGS, 0, 24},
        {"a flag that means nothing here is refused", BYTES(HEAD("\0\0\0\0", "\x30", "\1")), OD_R_FRAME_FLAGS, 0, 24},
        {"END and ZSTD go with DATA", BYTES(HEAD("\0\0\0\0", "\x13", "\3")), OD_R_NONE, 24, 24},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_frame f;
        struct od_err err;
        size_t size, need;
        print_message("  %s\n", rows[i].name);
        od_err_clear(&err);
        assert_int_equal(od_frame_read(rows[i].in, 256, &f, &size, &need, &err), od_reason_status(rows[i].reason));
        assert_int_equal(err.reason, rows[i].reason);
        assert_int_equal(size, rows[i].size);
        assert_int_equal(need, rows[i].need);
        if (rows[i].in.n >= 24)
            assert_int_equal(f.id, 5);
    }
}

static void request_split_rows(void **state)
{
    static const struct {
        const char *name;
        struct od_str in;
        bool ok;
        size_t meta, body;
    } rows[] = {
        {"no meta, no body", BYTES("\0\0"), true, 0, 0},
        {"meta and body", BYTES("\2\0mmbbb"), true, 2, 3},
        {"empty is refused", BYTES(""), false, 0, 0},
        {"half a length is refused", BYTES("\0"), false, 0, 0},
        {"a meta beyond the payload is refused", BYTES("\3\0mm"), false, 0, 0},
        {"a meta of 64 KiB is refused", BYTES("\xff\xffmm"), false, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_str meta = {NULL, 0}, body = {NULL, 0};
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_request_split(rows[i].in, &meta, &body, &err), rows[i].ok ? OD_OK : OD_INVALID);
        assert_int_equal(meta.n, rows[i].meta);
        assert_int_equal(body.n, rows[i].body);
    }
}

static void begin_and_end_make_the_frame_that_write_makes(void **state)
{
    (void)state;
    const struct od_frame f = {OD_F_DATA, OD_FLAG_END, 300, 0x123456789abcdef1, 77, 0xfffffffe, OD_STR("payload")};
    struct od_buf a, b;
    od_buf_init(&a, 1000);
    od_buf_init(&b, 1000);
    od_frame_write(&a, &f);
    size_t begin = od_frame_begin(&b);
    od_buf_str(&b, f.payload);
    od_frame_end(&b, begin, f.type, f.flags, f.method, f.id, f.timeout_ms, f.aux);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);

    struct od_frame g;
    size_t size;
    assert_int_equal(od_frame_read(od_buf_view(&a), 1000, &g, &size, NULL, NULL), OD_OK);
    assert_true(g.id == f.id && g.aux == f.aux && g.method == f.method && od_str_eq(g.payload, f.payload));
    od_buf_done(&a);
    od_buf_done(&b);
}

static void a_refused_append_leaves_no_half_frame(void **state)
{
    (void)state;
    struct od_buf b;
    od_buf_init(&b, 30);
    size_t begin = od_frame_begin(&b);
    od_buf_c(&b, "longer than six");
    od_frame_end(&b, begin, OD_F_PING, 0, 0, 1, 0, 0);
    assert_true(b.failed && b.n == 0);
    od_buf_done(&b);
}

static void zstd_round_trip(void **state)
{
    (void)state;
    static char text[5000];
    struct od_buf packed, back;
    memset(text, 'a', sizeof text);
    od_buf_init(&packed, sizeof text);
    od_buf_init(&back, sizeof text);
    assert_true(od_zstd_deflate((struct od_str){text, sizeof text}, &packed));
    assert_true(packed.n < 100);
    assert_int_equal(od_zstd_inflate(od_buf_view(&packed), sizeof text, &back, NULL), OD_OK);
    assert_int_equal(back.n, sizeof text);
    assert_memory_equal(back.p, text, sizeof text);
    packed.n = 0;
    assert_false(od_zstd_deflate(OD_STR("xyz"), &packed)); /* would not be smaller */
    assert_int_equal(packed.n, 0);
    od_buf_done(&packed);
    od_buf_done(&back);
}

static void zstd_refusals(void **state)
{
    (void)state;
    static char zeros[200000];
    char packed[400], streamed[400];
    struct od_buf out;
    struct od_err err;
    od_buf_init(&out, sizeof zeros);
    size_t n = ZSTD_compress(packed, sizeof packed, zeros, sizeof zeros, 1);
    assert_false(ZSTD_isError(n));

    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
    size_t unsized = ZSTD_compress2(c, streamed, sizeof streamed, zeros, 1000);
    ZSTD_freeCCtx(c);

    const struct {
        const char *name;
        struct od_str in;
        enum od_reason reason;
    } rows[] = {
        {"a bomb: 200 KB out of a few bytes", {packed, n}, OD_R_FRAME_TOO_LARGE},
        {"no size in it", {streamed, unsized}, OD_R_FRAME_BROKEN},
        {"nothing", {"", 0}, OD_R_FRAME_BROKEN},
        {"not zstd", OD_STR("plain text"), OD_R_FRAME_BROKEN},
        {"cut", {packed, n - 1}, OD_R_FRAME_BROKEN},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_not_equal(od_zstd_inflate(rows[i].in, 100000, &out, &err), OD_OK);
        assert_int_equal(err.reason, rows[i].reason);
        assert_int_equal(out.n, 0);
    }
    od_buf_done(&out);
}

/* --- golden frames: tests/golden/frames/<file>.hex ---------------------------------------------------------------------- */

struct golden {
    const char *file;
    uint8_t type;
    uint8_t flags;
    const ProtobufCMessageDescriptor *payload; /* NULL: none */
};

static const struct golden GOLDEN[] = {
    {"hello", OD_F_HELLO, 0, &ordo__hello__descriptor},
    {"hello_ok", OD_F_HELLO_OK, 0, &ordo__hello_ok__descriptor},
    {"auth", OD_F_AUTH, 0, &ordo__auth__descriptor},
    {"auth_ok", OD_F_AUTH_OK, 0, &ordo__auth_ok__descriptor},
    {"request", OD_F_REQUEST, OD_FLAG_END, &ordo__request_comment_req__descriptor},
    {"response", OD_F_RESPONSE, OD_FLAG_REPLAYED, &ordo__request_comment_rep__descriptor},
    {"error", OD_F_ERROR, 0, &ordo__error__descriptor},
    {"data", OD_F_DATA, 0, &ordo__branch_list_part__descriptor},
    {"data_end", OD_F_DATA, OD_FLAG_END, &ordo__branch_list_part__descriptor},
    {"cancel", OD_F_CANCEL, 0, NULL},
    {"credit", OD_F_CREDIT, 0, NULL},
    {"credit_connection", OD_F_CREDIT, 0, NULL},
    {"subscribe", OD_F_SUBSCRIBE, 0, &ordo__subscribe__descriptor},
    {"unsubscribe", OD_F_UNSUBSCRIBE, 0, NULL},
    {"event", OD_F_EVENT, 0, &ordo__event__descriptor},
    {"event_ack", OD_F_EVENT_ACK, 0, &ordo__event_ack__descriptor},
    {"bookmark", OD_F_BOOKMARK, 0, &ordo__bookmark__descriptor},
    {"ping", OD_F_PING, 0, NULL},
    {"pong", OD_F_PONG, 0, NULL},
    {"goaway", OD_F_GOAWAY, 0, &ordo__go_away__descriptor},
    {"goaway_last", OD_F_GOAWAY, 0, &ordo__go_away__descriptor},
    {"info", OD_F_INFO, 0, &ordo__info__descriptor},
};

/* Reads "0a ff  # why" lines. */
static void golden_read(const char *file, struct od_buf *out)
{
    char path[128], line[512];
    snprintf(path, sizeof path, "tests/golden/frames/%s.hex", file);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in)) {
        struct od_str rest = od_str_c(line);
        struct od_str hex = od_str_trim(od_str_cut(&rest, '#'));
        while (hex.n) {
            unsigned char byte;
            assert_true(od_unhex(od_str_cut(&hex, ' '), &byte, 1));
            od_buf_put(out, &byte, 1);
        }
    }
    fclose(in);
    assert_false(out->failed);
}

/* Decodes a message and encodes it again behind what is in out. */
static void message_again(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_buf *out)
{
    struct od_arena arena;
    struct od_err err;
    ProtobufCMessage *m = NULL;
    char text[200];
    od_arena_init(&arena, 100000);
    if (od_message_unpack(d, bytes, &arena, &m, &err) != OD_OK)
        fail_msg("%s: %s", d->name, od_err_text(&err, text, sizeof text));
    assert_int_equal(m->n_unknown_fields, 0);
    if (d == &ordo__event__descriptor) { /* a server puts the sequence behind what was decided when the event committed */
        Ordo__Event *e = (Ordo__Event *)m;
        Ordo__Event seq = ORDO__EVENT__INIT;
        seq.has_seq = true;
        seq.seq = e->seq;
        e->has_seq = false;
        od_message_pack(m, out);
        od_message_pack(&seq.base, out);
    } else {
        od_message_pack(m, out);
    }
    od_arena_done(&arena);
}

static void golden_frames_decode_and_encode(void **state)
{
    (void)state;
    bool seen[256] = {false};
    for (size_t i = 0; i < OD_LEN(GOLDEN); i++) {
        const struct golden *g = &GOLDEN[i];
        struct od_buf bytes, again;
        struct od_frame f;
        struct od_err err;
        size_t size;
        print_message("  %s\n", g->file);
        od_buf_init(&bytes, 4096);
        od_buf_init(&again, 4096);
        golden_read(g->file, &bytes);
        assert_int_equal(od_frame_read(od_buf_view(&bytes), OD_FRAME_MAX, &f, &size, NULL, &err), OD_OK);
        assert_int_equal(size, bytes.n);
        assert_int_equal(f.type, g->type);
        assert_int_equal(f.flags, g->flags);
        seen[f.type] = true;

        size_t begin = od_frame_begin(&again);
        struct od_str body = f.payload;
        if (f.type == OD_F_REQUEST) {
            struct od_str meta;
            assert_int_equal(od_request_split(f.payload, &meta, &body, &err), OD_OK);
            unsigned char n[2] = {(unsigned char)meta.n, (unsigned char)(meta.n >> 8)};
            od_buf_put(&again, n, 2);
            message_again(&ordo__meta__descriptor, meta, &again);
        }
        if (g->payload)
            message_again(g->payload, body, &again);
        else
            assert_int_equal(body.n, 0);
        od_frame_end(&again, begin, f.type, f.flags, f.method, f.id, f.timeout_ms, f.aux);
        assert_int_equal(again.n, bytes.n);
        assert_memory_equal(again.p, bytes.p, bytes.n);
        od_buf_done(&bytes);
        od_buf_done(&again);
    }
    for (unsigned type = 0; type < OD_F_IGNORED_FROM; type++) /* every type of the protocol has its golden file */
        assert_int_equal(seen[type], *od_frame_type_name((uint8_t)type) != '?');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_rows),
        cmocka_unit_test(request_split_rows),
        cmocka_unit_test(begin_and_end_make_the_frame_that_write_makes),
        cmocka_unit_test(a_refused_append_leaves_no_half_frame),
        cmocka_unit_test(zstd_round_trip),
        cmocka_unit_test(zstd_refusals),
        cmocka_unit_test(golden_frames_decode_and_encode),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
