/* SPDX-License-Identifier: Apache-2.0
 * What the pre-scan lets through and what it names, by rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common.pb-c.h"
#include "common/base/buf.h"
#include "common/wire/prescan.h"
#include "request.pb-c.h"
#include "session.pb-c.h"

#define BYTES(literal) {literal, sizeof(literal) - 1}

static void scan_rows(void **state)
{
    static const struct {
        const char *name;
        const ProtobufCMessageDescriptor *d;
        struct od_str bytes;
        const char *why; /* NULL: it is good */
        const char *field;
    } rows[] = {
        {"empty", &ordo__error__descriptor, BYTES(""), NULL, NULL},
        {"a string", &ordo__error__descriptor, BYTES("\x0a\x03"
                                                     "abc"), NULL, NULL},
        {"tab and line ends", &ordo__error__descriptor, BYTES("\x0a\x03\t\r\n"), NULL, NULL},
        {"a repeated message", &ordo__error__descriptor, BYTES("\x12\x03\x0a\x01"
                                                               "n"), NULL, NULL},
        {"an unknown field is skipped", &ordo__error__descriptor, BYTES("\x98\x06\x05"), NULL, NULL},
        {"an int32 below zero", &ordo__auth_ok__descriptor, BYTES("\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), NULL, NULL},
        {"packed and unpacked repetitions", &ordo__auth_ok__descriptor, BYTES("\x42\x02\x01\x02\x40\x03"), NULL, NULL},
        {"an enum that exists", &ordo__error__descriptor, BYTES("\x28\x02"), NULL, NULL},

        {"a NUL in a string", &ordo__error__descriptor, BYTES("\x0a\x03" "a\0c"), "a NUL character", "reason"},
        {"a control character in a string", &ordo__error__descriptor, BYTES("\x0a\x01\x1b"), "a control character", "reason"},
        {"not UTF-8", &ordo__error__descriptor, BYTES("\x0a\x02\xc0\x80"), "not UTF-8", "reason"},
        {"a fault in an item names item and field", &ordo__error__descriptor,
         BYTES("\x12\x03\x0a\x01n\x12\x03\x12\x01\xff"), "not UTF-8", "args[1].value"},
        {"an enum that does not exist", &ordo__error__descriptor, BYTES("\x28\x03"), "the enum has no such number", "outcome"},
        {"an enum beyond 32 bits", &ordo__error__descriptor, BYTES("\x28\x80\x80\x80\x80\x10"), "the enum has no such number",
         "outcome"},
        {"a uint32 beyond 32 bits", &ordo__error__descriptor, BYTES("\x38\x80\x80\x80\x80\x10"),
         "the number is out of its type's range", "retry_after_ms"},
        {"an int32 beyond 32 bits", &ordo__auth_ok__descriptor, BYTES("\x40\x80\x80\x80\x80\x08"),
         "the number is out of its type's range", "branch_ids[0]"},
        {"a bool of 2", &ordo__auth__descriptor, BYTES("\x20\x02"), "the number is out of its type's range", "certificate"},
        {"a number where a string belongs", &ordo__error__descriptor, BYTES("\x08\x01"), "wrong wire type", "reason"},
        {"bytes where a number belongs", &ordo__error__descriptor, BYTES("\x3a\x01\x01"), "wrong wire type", "retry_after_ms"},
        {"a fixed number where a varint belongs", &ordo__error__descriptor, BYTES("\x3d\1\2\3\4"), "wrong wire type",
         "retry_after_ms"},
        {"a group", &ordo__error__descriptor, BYTES("\x0b\x0c"), "groups and unknown wire types are not accepted", "reason"},
        {"a wire type that does not exist", &ordo__error__descriptor, BYTES("\x0f"),
         "groups and unknown wire types are not accepted", "reason"},
        {"field number 0", &ordo__error__descriptor, BYTES("\x02\x00"), "a field's tag is broken", NULL},
        {"a cut tag", &ordo__error__descriptor, BYTES("\x8a"), "a field's tag is broken", NULL},
        {"a cut varint", &ordo__error__descriptor, BYTES("\x38\x80"), "a number is cut or overlong", "retry_after_ms"},
        {"an overlong varint", &ordo__error__descriptor, BYTES("\x38\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"),
         "a number is cut or overlong", "retry_after_ms"},
        {"a varint beyond 64 bits", &ordo__error__descriptor, BYTES("\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
         "a number is cut or overlong", "retry_after_ms"},
        {"a cut fixed number", &ordo__hello_ok__descriptor, BYTES("\x59\1\2\3"), "a number is cut or overlong",
         "server_time_us"},
        {"a length beyond the message", &ordo__error__descriptor, BYTES("\x0a\x05" "ab"), "a length lies outside the message",
         "reason"},
        {"a length of 2^63", &ordo__error__descriptor, BYTES("\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
         "a length lies outside the message", "reason"},
        {"an item's length beyond the item", &ordo__error__descriptor, BYTES("\x12\x02\x0a\x05"),
         "a length lies outside the message", "args[0].name"},
        {"a cut packed number", &ordo__auth_ok__descriptor, BYTES("\x42\x01\x80"), "a number is cut or overlong",
         "branch_ids[0]"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_err err;
        char args[300] = "";
        print_message("  %s\n", rows[i].name);
        od_err_clear(&err);
        enum od_status status = od_prescan(rows[i].d, rows[i].bytes, &err);
        assert_int_equal(status, rows[i].why ? OD_INVALID : OD_OK);
        if (rows[i].field)
            snprintf(args, sizeof args, "why=%s: %s" OD_AND "field=%s", rows[i].field, rows[i].why, rows[i].field);
        else if (rows[i].why)
            snprintf(args, sizeof args, "why=%s", rows[i].why);
        assert_string_equal(err.args, args);
    }
}

static void counts_have_limits(void **state)
{
    (void)state;
    struct od_buf b;
    struct od_err err;
    od_buf_init(&b, 1 << 20);

    for (int i = 0; i <= OD_MESSAGE_REPEATED_MAX; i++)
        od_buf_put(&b, "\x12\x00", 2);
    assert_int_equal(od_prescan(&ordo__error__descriptor, od_buf_view(&b), &err), OD_INVALID);
    assert_string_equal(err.args, "why=args[10000]: too many repetitions" OD_AND "field=args[10000]");
    assert_int_equal(od_prescan(&ordo__error__descriptor, (struct od_str){b.p, b.n - 2}, &err), OD_OK);

    od_buf_clear(&b);
    for (int i = 0; i <= OD_MESSAGE_FIELDS_MAX; i++)
        od_buf_put(&b, "\x38\x01", 2);
    assert_int_equal(od_prescan(&ordo__error__descriptor, od_buf_view(&b), &err), OD_INVALID);
    assert_string_equal(err.args, "why=retry_after_ms: too many fields" OD_AND "field=retry_after_ms");
    od_buf_done(&b);
}

/* A client meets servers that are newer than it is; what would harm it is refused all the same. */
static void an_answer_may_be_newer(void **state)
{
    static const struct {
        const char *name;
        struct od_str bytes;
        bool good;
    } rows[] = {
        {"an enum that does not exist yet", BYTES("\x28\x03"), true},
        {"an enum below zero", BYTES("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true},
        {"an enum beyond 32 bits", BYTES("\x28\x80\x80\x80\x80\x10"), false},
        {"a control character", BYTES("\x0a\x01\x1b"), true},
        {"a NUL", BYTES("\x0a\x03" "a\0c"), false},
        {"not UTF-8", BYTES("\x0a\x02\xc0\x80"), false},
        {"a wrong wire type", BYTES("\x08\x01"), false},
        {"a length beyond the message", BYTES("\x0a\x05" "ab"), false},
    };
    struct od_err err;
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_prescan_answer(&ordo__error__descriptor, rows[i].bytes, &err), rows[i].good ? OD_OK : OD_INVALID);
    }
    struct od_buf b;
    od_buf_init(&b, 1 << 20);
    for (int i = 0; i <= OD_ANSWER_REPEATED_MAX; i++)
        od_buf_put(&b, "\x12\x00", 2);
    assert_int_equal(od_prescan_answer(&ordo__error__descriptor, od_buf_view(&b), &err), OD_INVALID);
    assert_int_equal(od_prescan_answer(&ordo__error__descriptor, (struct od_str){b.p, b.n - 2}, &err), OD_OK);
    od_buf_clear(&b);
    for (int i = 0; i <= OD_ANSWER_FIELDS_MAX; i++)
        od_buf_put(&b, "\x38\x01", 2);
    assert_int_equal(od_prescan_answer(&ordo__error__descriptor, od_buf_view(&b), &err), OD_INVALID);
    od_buf_done(&b);
}

/* No message of the protocol nests in itself, so the depth has a descriptor of its own here. */
static void depth_has_a_limit(void **state)
{
    (void)state;
    static ProtobufCMessageDescriptor node;
    static const ProtobufCFieldDescriptor fields[] = {
        {.name = "n", .id = 1, .label = PROTOBUF_C_LABEL_OPTIONAL, .type = PROTOBUF_C_TYPE_MESSAGE, .descriptor = &node},
    };
    static const ProtobufCIntRange ranges[] = {{1, 0}, {0, 1}};
    node = (ProtobufCMessageDescriptor){
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .name = "Node", .n_fields = 1, .fields = fields,
        .n_field_ranges = 1, .field_ranges = ranges,
    };
    char bytes[200];
    for (unsigned depth = 1; depth < 20; depth++) {
        size_t at = sizeof bytes; /* from the inside out */
        for (unsigned i = 1; i < depth; i++) {
            size_t inner = sizeof bytes - at;
            bytes[--at] = (char)inner;
            bytes[--at] = 0x0a;
        }
        struct od_err err;
        assert_int_equal(od_prescan(&node, (struct od_str){bytes + at, sizeof bytes - at}, &err),
                         depth <= OD_MESSAGE_DEPTH_MAX ? OD_OK : OD_INVALID);
        if (depth > OD_MESSAGE_DEPTH_MAX)
            assert_non_null(strstr(err.args, "nested too deep"));
    }
}

static void unpack_lands_in_the_arena(void **state)
{
    (void)state;
    struct od_arena arena;
    struct od_err err;
    ProtobufCMessage *m = NULL;
    od_arena_init(&arena, 65536);
    struct od_str bytes = BYTES("\x0a\x03" "abc\x12\x06\x0a\x01n\x12\x01v");
    assert_int_equal(od_message_unpack(&ordo__error__descriptor, bytes, &arena, &m, &err), OD_OK);
    Ordo__Error *e = (Ordo__Error *)m;
    assert_string_equal(e->reason, "abc");
    assert_int_equal(e->n_args, 1);
    assert_string_equal(e->args[0]->value, "v");

    struct od_buf big;
    od_buf_init(&big, 100000);
    for (int i = 0; i < 5000; i++)
        od_buf_put(&big, "\x12\x00", 2); /* 5,000 items out of 10,000 bytes */
    assert_int_equal(od_message_unpack(&ordo__error__descriptor, od_buf_view(&big), &arena, &m, &err), OD_TOO_LARGE);
    assert_int_equal(err.reason, OD_R_MEMORY_LIMIT);
    od_buf_done(&big);
    od_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_rows),
        cmocka_unit_test(counts_have_limits),
        cmocka_unit_test(an_answer_may_be_newer),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(unpack_lands_in_the_arena),
    };
    return cmocka_run_group_tests_name("prescan", tests, NULL, NULL);
}
