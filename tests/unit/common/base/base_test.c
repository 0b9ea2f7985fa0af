/* SPDX-License-Identifier: Apache-2.0
 * The base layer by rows: strings, UTF-8, time, arena, buffer, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/base/uuid.h"

static void int_rows(void **state)
{
    static const struct {
        const char *name, *text;
        bool ok;
        int64_t value;
    } rows[] = {
        {"zero", "0", true, 0},
        {"the smallest", "-9223372036854775808", true, INT64_MIN},
        {"the largest", "9223372036854775807", true, INT64_MAX},
        {"one beyond the largest is refused", "9223372036854775808", false, 0},
        {"one beyond the smallest is refused", "-9223372036854775809", false, 0},
        {"a sign alone is no number", "-", false, 0},
        {"a trailing space is refused", "1 ", false, 0},
        {"empty is refused", "", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t v = 0;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_str_int(od_str_c(rows[i].text), INT64_MIN, INT64_MAX, &v), rows[i].ok);
        assert_true(v == rows[i].value);
    }
}

/* Every length up to three words, and every place at which two strings may differ. */
static void same_is_eq(void **state)
{
    char a[24], b[24];
    (void)state;
    for (size_t n = 0; n <= sizeof a; n++)
        for (size_t at = 0; at <= n; at++) {
            memset(a, 'x', sizeof a);
            memset(b, 'x', sizeof b);
            if (at < n)
                b[at] = 'y';
            const struct od_str s = {a, n}, t = {b, n};
            assert_int_equal(od_str_same(s, t), od_str_eq(s, t));
            assert_int_equal(od_str_same(s, t), at == n);
            assert_false(n && od_str_same(s, (struct od_str){a, n - 1}));
        }
}

static void utf8_rows(void **state)
{
    static const struct {
        const char *name;
        struct od_str s;
        size_t len;
    } rows[] = {
        {"ASCII", {"abc", 3}, 3},
        {"two, three and four bytes", {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9}, 3},
        {"overlong NUL is refused", {"\xc0\x80", 2}, SIZE_MAX},
        {"overlong slash of three bytes is refused", {"\xe0\x80\xaf", 3}, SIZE_MAX},
        {"a surrogate is refused", {"\xed\xa0\x80", 3}, SIZE_MAX},
        {"beyond U+10FFFF is refused", {"\xf4\x90\x80\x80", 4}, SIZE_MAX},
        {"a cut sequence is refused", {"\xe2\x82", 2}, SIZE_MAX},
        {"a lone continuation is refused", {"\x80", 1}, SIZE_MAX},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_true(od_utf8_len(rows[i].s) == rows[i].len);
    }
}

static void time_rows(void **state)
{
    static const struct {
        const char *name, *text, *back;
        int64_t us;
    } rows[] = {
        {"the epoch", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0},
        {"before the epoch", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z", -500000},
        {"an offset is taken off", "2024-02-29T12:00:00+05:30", "2024-02-29T06:30:00Z", INT64_C(1709188200000000)},
        {"29 February of a common year is refused", "2023-02-29T12:00:00Z", NULL, 0},
        {"the year 2000 is a leap year", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z", INT64_C(951782400000000)},
        {"rubbish behind is refused", "1970-01-01T00:00:00Zx", NULL, 0},
        {"no zone is refused", "1970-01-01T00:00:00", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t us = 0;
        char text[OD_TIME_TEXT];
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_time_parse(od_str_c(rows[i].text), &us), rows[i].back != NULL);
        if (rows[i].back) {
            assert_true(us == rows[i].us);
            assert_string_equal(od_time_format(us, text), rows[i].back);
        }
    }
    assert_int_equal(od_weekday(od_days_from_civil(2026, 11, 22)), 6);
}

static void civil_days_round_trip(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 17) {
        int64_t y;
        unsigned m, d;
        od_civil_from_days(day, &y, &m, &d);
        assert_true(od_days_from_civil(y, m, d) == day && d <= od_days_in_month(y, m));
    }
}

static void arena_keeps_its_cap(void **state)
{
    (void)state;
    struct od_arena a;
    od_arena_init(&a, 64 * 1024);
    size_t got = 0;
    while (od_arena_alloc(&a, 1000))
        got += 1000;
    assert_true(a.exhausted && got <= 64 * 1024 && got >= 48 * 1024);
    assert_true(a.used_bytes <= 64 * 1024);
    od_arena_reset(&a);
    assert_non_null(od_arena_alloc(&a, 1000));
    assert_null(od_arena_array(&a, SIZE_MAX / 2, 3));
    od_arena_done(&a);
}

static void buf_keeps_its_maximum(void **state)
{
    (void)state;
    struct od_buf b;
    od_buf_init(&b, 10);
    od_buf_c(&b, "12345");
    od_buf_printf(&b, "%d", 678);
    assert_false(b.failed);
    od_buf_c(&b, "9ab");
    assert_true(b.failed);
    assert_int_equal(b.n, 8);
    od_buf_c(&b, "9");
    assert_int_equal(b.n, 8);
    od_buf_drop(&b, 3);
    assert_memory_equal(b.p, "45678", 5);
    od_buf_done(&b);
}

static void error_text_fills_in_names(void **state)
{
    (void)state;
    struct od_err e;
    char text[512];
    assert_int_equal(od_fail(&e, OD_R_REQUEST_STATE, "action=%s" OD_AND "state=%s", "take", "closed"), OD_CONFLICT);
    assert_string_equal(od_err_text(&e, text, sizeof text), "take is not possible while the request is closed");
    od_err_clear(&e);
    assert_int_equal(od_fail_field(&e, "title", OD_R_FIELD_REQUIRED, NULL), OD_INVALID);
    assert_int_equal(od_fail_field(&e, "n", OD_R_FIELD_RANGE, "min=%d" OD_AND "max=%d", 1, 5), OD_INVALID);
    assert_string_equal(od_err_text(&e, text, sizeof text),
                        "some fields are wrong: title must be given; n must lie between 1 and 5");
    for (int i = 1; i < OD_R_COUNT; i++)
        assert_int_equal(od_reason_from_name(od_reason_name((enum od_reason)i)), i);
}

static void error_text_in_another_language(void **state)
{
    static const struct {
        const char *tag;
        enum od_language language;
    } tags[] = {{"it", OD_LANGUAGE_IT}, {"it-CH", OD_LANGUAGE_IT}, {"IT", OD_LANGUAGE_IT}, {"en", OD_LANGUAGE_EN}, {"fr", OD_LANGUAGE_EN},
                {"ita", OD_LANGUAGE_EN}, {"", OD_LANGUAGE_EN}, {NULL, OD_LANGUAGE_EN}};
    struct od_err e;
    char text[512], english[512];
    (void)state;
    for (size_t i = 0; i < OD_LEN(tags); i++)
        assert_int_equal(od_language_of(tags[i].tag), tags[i].language);
    od_fail(&e, OD_R_REQUEST_STATE, "action=%s" OD_AND "state=%s", "take", "closed");
    assert_string_equal(od_err_text_in(OD_LANGUAGE_IT, &e, text, sizeof text),
                        "l'azione \"prendere in carico\" non è possibile: lo stato della richiesta è \"chiusa\"");
    assert_string_equal(od_err_text_in(OD_LANGUAGE_EN, &e, text, sizeof text), "take is not possible while the request is closed");
    od_fail(&e, OD_R_NAME_TAKEN, "kind=role" OD_AND "name=role"); /* a name is nobody's word but its giver's */
    assert_string_equal(od_err_text_in(OD_LANGUAGE_IT, &e, text, sizeof text), "esiste già: ruolo role");
    od_fail(&e, OD_R_CONFIG_KEY, "path=p" OD_AND "line=1" OD_AND "key=k"); /* programs speak English */
    assert_string_equal(od_err_text_in(OD_LANGUAGE_IT, &e, text, sizeof text), od_err_text(&e, english, sizeof english));
    for (int i = 1; i < OD_R_COUNT; i++) { /* without arguments their places stay: no text has one that the registry does not */
        od_reason_text_in(OD_LANGUAGE_IT, (enum od_reason)i, "", text, sizeof text);
        od_reason_text((enum od_reason)i, "", english, sizeof english);
        for (char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
            char place[64];
            snprintf(place, sizeof place, "%.*s", (int)strcspn(open, "}") + 1, open);
            if (!strstr(english, place))
                fail_msg("%s: %s", od_reason_name((enum od_reason)i), place);
        }
    }
}

static void uuid7_carries_its_time(void **state)
{
    (void)state;
    unsigned char random10[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    char text[OD_UUID_TEXT];
    struct od_uuid u = od_uuid7_make(INT64_C(1763771180123), random10), v;
    int64_t ms = 0;
    assert_true(od_uuid7_check(&u, &ms) && ms == INT64_C(1763771180123));
    assert_true(od_uuid_parse(od_str_c(od_uuid_format(&u, text)), &v));
    assert_memory_equal(&u, &v, sizeof u);
    v.b[6] = 0x4f;
    assert_false(od_uuid7_check(&v, &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int_rows),
        cmocka_unit_test(same_is_eq),
        cmocka_unit_test(utf8_rows),
        cmocka_unit_test(time_rows),
        cmocka_unit_test(civil_days_round_trip),
        cmocka_unit_test(arena_keeps_its_cap),
        cmocka_unit_test(buf_keeps_its_maximum),
        cmocka_unit_test(error_text_fills_in_names),
        cmocka_unit_test(error_text_in_another_language),
        cmocka_unit_test(uuid7_carries_its_time),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
