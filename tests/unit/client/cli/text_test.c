/* SPDX-License-Identifier: Apache-2.0
 * Widths, cutting, cleaning and near names by rows; the lines of long work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/cli/progress.h"
#include "client/cli/text.h"

static void width_rows(void **state)
{
    static const struct {
        const char *name, *text;
        size_t width;
        const char *padded; /* to 6 columns */
    } rows[] = {
        {"ASCII counts one each", "abc", 3, "abc   "},
        {"accents count one", "Jos\xc3\xa9", 4, "Jos\xc3\xa9  "},
        {"a combining accent counts nothing", "Jose\xcc\x81", 4, "Jose\xcc\x81  "},
        {"CJK counts two", "\xe6\x9d\xb1\xe4\xba\xac", 4, "\xe6\x9d\xb1\xe4\xba\xac  "},
        {"what is too long ends in an ellipsis", "abcdefghi", 9, "abcde\xe2\x80\xa6"},
        {"a wide character is not halved", "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe5\xba\x9c", 8,
         "\xe6\x9d\xb1\xe4\xba\xac\xe2\x80\xa6 "},
        {"bytes that are not UTF-8 count one each", "\xff\xfe", 2, "\xff\xfe    "},
        {"nothing is nothing", "", 0, "      "},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_buf b;
        od_buf_init(&b, 256);
        text_pad(&b, od_str_c(rows[i].text), 6, false);
        if (text_width(od_str_c(rows[i].text)) != rows[i].width || strcmp(od_buf_cstr(&b), rows[i].padded) != 0)
            fail_msg("%s: width %zu, \"%s\"", rows[i].name, text_width(od_str_c(rows[i].text)), od_buf_cstr(&b));
        od_buf_done(&b);
    }
}

static void clean_rows(void **state)
{
    static const struct {
        const char *name, *text, *clean;
    } rows[] = {
        {"an escape sequence cannot command the terminal", "a\033[31mb", "a?[31mb"},
        {"line breaks and tabs become spaces", "a\nb\tc", "a b c"},
        {"a control character of Latin-1 too", "a\xc2\x9b" "b", "a?b"},
        {"a zero-width space is shown", "a\xe2\x80\x8b" "b", "a?b"},
        {"other text stays", "Gr\xc3\xbc\xc3\x9f\x65", "Gr\xc3\xbc\xc3\x9f\x65"},
        {"broken UTF-8 is shown", "a\xff", "a?"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_buf b;
        od_buf_init(&b, 256);
        text_clean(&b, od_str_c(rows[i].text));
        if (strcmp(od_buf_cstr(&b), rows[i].clean) != 0)
            fail_msg("%s: \"%s\"", rows[i].name, od_buf_cstr(&b));
        od_buf_done(&b);
    }
}

static void near_rows(void **state)
{
    static const char *const names[] = {"list", "limit", "format", "customer", "resolve"};
    static const struct {
        const char *name, *typed, *near;
    } rows[] = {
        {"a letter too few", "lst", "list"},
        {"two letters changed places", "fromat", "format"},
        {"an abbreviation", "cust", "customer"},
        {"the nearest wins", "limet", "limit"},
        {"nothing is near", "xyzzy", NULL},
        {"one letter means nothing", "l", NULL},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const char *near = text_nearest(od_str_c(rows[i].typed), names, OD_LEN(names));
        if (!near != !rows[i].near || (near && strcmp(near, rows[i].near) != 0))
            fail_msg("%s: %s", rows[i].name, near ? near : "nothing");
    }
}

static void progress_rows(void **state)
{
    static const struct {
        const char *name;
        struct progress p;
        uint64_t done;
        int64_t now_us;
        const char *line;
    } rows[] = {
        {"a line has percent, speed and what is left", {.what = "events", .total = 1000}, 250, 1000000,
         " 25 %  250 of 1000 events, 250/s, 0:03 left"},
        {"a bar fits its width", {.what = "events", .total = 10, .bar = true, .width = 74}, 5, 100000,
         "[#####.....]  50 %  5 of 10 events"},
        {"what was there before is not our speed", {.what = "events", .total = 1000, .first = 500}, 600, 2000000,
         " 60 %  600 of 1000 events, 50/s, 0:08 left"},
        {"nothing to do is all done", {.what = "events"}, 0, 1000000, "100 %  0 of 0 events"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_buf b;
        od_buf_init(&b, 256);
        progress_line(&b, &rows[i].p, rows[i].done, rows[i].now_us);
        if (strcmp(od_buf_cstr(&b), rows[i].line) != 0)
            fail_msg("%s: \"%s\"", rows[i].name, od_buf_cstr(&b));
        od_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_rows),
        cmocka_unit_test(clean_rows),
        cmocka_unit_test(near_rows),
        cmocka_unit_test(progress_rows),
    };
    return cmocka_run_group_tests_name("cli text", tests, NULL, NULL);
}
