/* SPDX-License-Identifier: Apache-2.0
 * TZif bytes by rows: rules of the footer, what is refused, every cut of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/base/tzif.h"

enum { UNTIL_YEAR = 2500, MAX = 8192, FILE_MAX = 4096 };

/* A file with one listed transition, at 2000-01-01T00:00:00Z, from `first_s` to `second_s`. */
struct file {
    char version;
    uint32_t leap, times, types, chars;
    int32_t first_s, second_s;
    int64_t at_s, next_at_s;  /* next_at_s: where there are two times, both of the second type */
    unsigned char index;
    const char *footer;
};

/* A row says after FILE_OK what is different in its file. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define FILE_OK .version = '2', .times = 1, .types = 2, .chars = 4, .at_s = 946684800, .index = 1

static void put_be(struct od_buf *b, uint64_t v, unsigned n)
{
    while (n--)
        od_buf_char(b, (char)(v >> (8 * n)));
}

static void put_header(struct od_buf *b, const struct file *f, bool full)
{
    od_buf_c(b, "TZif");
    od_buf_char(b, f->version);
    for (int i = 0; i < 15 + 8; i++)
        od_buf_char(b, '\0');
    put_be(b, f->leap, 4);
    put_be(b, full ? f->times : 0, 4);
    put_be(b, full ? f->types : 1, 4);
    put_be(b, full ? f->chars : 0, 4);
}

static struct od_str make(struct od_buf *b, const struct file *f)
{
    od_buf_init(b, FILE_MAX);
    put_header(b, f, false);
    put_be(b, 0, 6);
    put_header(b, f, true);
    for (uint32_t i = 0; i < f->times && i < 8; i++)
        put_be(b, (uint64_t)(i ? f->next_at_s : f->at_s), 8);
    for (uint32_t i = 0; i < f->times && i < 8; i++)
        od_buf_char(b, (char)f->index);
    put_be(b, (uint32_t)f->first_s, 4);
    put_be(b, 0, 2);
    put_be(b, (uint32_t)f->second_s, 4);
    put_be(b, 0, 2);
    od_buf_c(b, "ABC");
    od_buf_char(b, '\0');
    od_buf_c(b, f->footer ? f->footer : "\n\n");
    return od_buf_view(b);
}

static size_t read_file(const struct file *f, struct od_transition *t)
{
    struct od_buf b;
    size_t n = od_tzif_read(make(&b, f), UNTIL_YEAR, t, MAX);
    od_buf_done(&b);
    return n;
}

static int32_t offset_at(const struct od_transition *t, size_t n, const char *utc)
{
    int64_t us = 0;
    assert_true(od_time_parse(od_str_c(utc), &us));
    size_t i = n - 1;
    while (t[i].at_us > us)
        i--;
    return t[i].offset_s;
}

static struct od_transition table[MAX];

static void rule_rows(void **state)
{
    static const struct {
        const char *name, *footer;
        int32_t last_s;   /* of the listed transition */
        const char *utc;
        int32_t offset_s;
    } rows[] = {
        {"no rule: the last offset stays", "\n\n", 3600, "2400-07-01T00:00:00Z", 3600},
        {"a rule without saving time", "\nABC-1\n", 3600, "2400-07-01T00:00:00Z", 3600},
        {"names in brackets", "\n<+0330>-3:30\n", 12600, "2400-07-01T00:00:00Z", 12600},
        {"west is positive, and has a zone's half hours", "\nNST3:30NDT,M3.2.0,M11.1.0\n", -12600, "2024-01-01T00:00:00Z", -12600},
        {"saving time is an hour unless said", "\nNST3:30NDT,M3.2.0,M11.1.0\n", -12600, "2024-07-01T00:00:00Z", -9000},
        {"at two o'clock unless said: before", "\nEST5EDT,M3.2.0,M11.1.0\n", -18000, "2024-03-10T06:59:59Z", -18000},
        {"at two o'clock unless said: then", "\nEST5EDT,M3.2.0,M11.1.0\n", -18000, "2024-03-10T07:00:00Z", -14400},
        {"the end is saving time's wall clock", "\nEST5EDT,M3.2.0,M11.1.0\n", -18000, "2024-11-03T06:00:00Z", -18000},
        {"the fifth Sunday is the last", "\nCET-1CEST,M3.5.0,M10.5.0/3\n", 3600, "2024-03-31T01:00:00Z", 7200},
        {"a fifth that there is", "\nCET-1CEST,M3.5.0,M10.5.0/3\n", 3600, "2026-03-29T00:59:59Z", 3600},
        {"in the south the year begins with it", "\nAEST-10AEDT,M10.1.0,M4.1.0/3\n", 36000, "2024-01-01T00:00:00Z", 39600},
        {"saving time that is less than the standard", "\nIST-1GMT0,M10.5.0,M3.5.0/1\n", 3600, "2024-01-01T00:00:00Z", 0},
        {"a time before the day", "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n", -7200, "2024-03-31T01:00:00Z", -3600},
        {"a time days behind the day", "\nIST-2IDT,M3.4.4/50,M10.4.4/50\n", 7200, "2025-03-29T00:00:00Z", 10800},
        {"a numbered day never counts February 29", "\nABC0DEF,J60/0,J100/0\n", 0, "2024-03-01T00:00:00Z", 3600},
        {"the day before it", "\nABC0DEF,J60/0,J100/0\n", 0, "2024-02-29T23:59:59Z", 0},
        {"a day numbered from zero counts it", "\nABC0DEF,59/0,99/0\n", 0, "2024-02-29T00:00:00Z", 3600},
        {"saving time all the year", "\nXXX3EDT4,0/0,J365/23\n", -14400, "2024-12-31T23:59:59Z", -14400},
        {"also at the turn of the year", "\nXXX3EDT4,0/0,J365/23\n", -14400, "2025-01-01T03:30:00Z", -14400},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        size_t n = read_file(&(struct file){FILE_OK, .second_s = rows[i].last_s, .first_s = 42, .footer = rows[i].footer}, table);
        assert_true(n > 1);
        assert_int_equal(table[0].offset_s, 42);
        assert_int_equal(offset_at(table, n, rows[i].utc), rows[i].offset_s);
    }
}

static void refused_rows(void **state)
{
    static const struct {
        const char *name;
        struct file file;
    } rows[] = {
        {"version 1 has no 64-bit times", {FILE_OK, .version = '\0'}},
        {"leap seconds", {FILE_OK, .leap = 1}},
        {"more types than can be", {FILE_OK, .types = 257}},
        {"no type", {FILE_OK, .types = 0}},
        {"a transition to a type that is not there", {FILE_OK, .index = 2}},
        {"times that go back", {FILE_OK, .times = 2, .next_at_s = 946684799}},
        {"the same time twice", {FILE_OK, .times = 2, .next_at_s = 946684800}},
        {"more times than bytes", {FILE_OK, .times = 4000}},
        {"more times than ever", {FILE_OK, .times = UINT32_MAX}},
        {"more names than bytes", {FILE_OK, .chars = 4000}},
        {"an offset of more than a day", {FILE_OK, .second_s = 26 * 3600}},
        {"an offset that no 32 bits can turn round", {FILE_OK, .first_s = INT32_MIN}},
        {"no footer", {FILE_OK, .footer = ""}},
        {"a footer without an end", {FILE_OK, .footer = "\nABC0"}},
        {"something behind the footer", {FILE_OK, .footer = "\nABC0\n\n"}},
        {"something behind an empty footer", {FILE_OK, .footer = "\n\nABC"}},
        {"a short name", {FILE_OK, .footer = "\nAB0\n"}},
        {"an open bracket", {FILE_OK, .footer = "\n<+0330-3:30\n"}},
        {"a name without an offset", {FILE_OK, .footer = "\nABC\n"}},
        {"saving time without its dates", {FILE_OK, .footer = "\nABC0DEF\n"}},
        {"one date", {FILE_OK, .footer = "\nABC0DEF,M3.5.0\n"}},
        {"month 13", {FILE_OK, .footer = "\nABC0DEF,M13.5.0,M10.5.0\n"}},
        {"week 0", {FILE_OK, .footer = "\nABC0DEF,M3.0.0,M10.5.0\n"}},
        {"weekday 7", {FILE_OK, .footer = "\nABC0DEF,M3.5.7,M10.5.0\n"}},
        {"day J0", {FILE_OK, .footer = "\nABC0DEF,J0,J100\n"}},
        {"day 366", {FILE_OK, .footer = "\nABC0DEF,366,100\n"}},
        {"an hour beyond a week", {FILE_OK, .footer = "\nABC0DEF,M3.5.0/168,M10.5.0\n"}},
        {"a rule that contradicts the last transition", {FILE_OK, .footer = "\nABC-1\n"}},
    };
    (void)state;
    assert_int_equal(read_file(&(struct file){FILE_OK, .second_s = 3600}, table), 2);
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(read_file(&rows[i].file, table), 0);
    }
}

static void listed_rows(void **state)
{
    (void)state;
    struct file same = {FILE_OK, .first_s = 3600, .second_s = 3600};
    assert_int_equal(read_file(&same, table), 1); /* a change of name alone is none */
    struct file ancient = {FILE_OK, .at_s = -(INT64_C(1) << 59), .second_s = 3600};
    assert_int_equal(read_file(&ancient, table), 1);
    assert_true(table[0].at_us == INT64_MIN && table[0].offset_s == 3600);
    struct file beyond = {FILE_OK, .at_s = INT64_MAX, .second_s = 3600, .footer = "\nABC-1\n"};
    assert_int_equal(read_file(&beyond, table), 1);
    assert_int_equal(table[0].offset_s, 0);
    struct file many = {FILE_OK, .footer = "\nABC0DEF,M3.5.0,M10.5.0\n"};
    struct od_buf b;
    struct od_str bytes = make(&b, &many);
    assert_int_equal(od_tzif_read(bytes, UNTIL_YEAR, table, 1001), 1 + 2 * 500);
    assert_int_equal(od_tzif_read(bytes, UNTIL_YEAR, table, 1000), 0); /* rather none than some */
    od_buf_done(&b);
}

/* However a file is cut, it is refused: the footer's last byte says that it is whole. */
static void cuts_are_refused(void **state)
{
    struct file f = {FILE_OK, .footer = "\nCET-1CEST,M3.5.0,M10.5.0/3\n"};
    struct od_buf b;
    struct od_str bytes = make(&b, &f);
    (void)state;
    assert_true(od_tzif_read(bytes, UNTIL_YEAR, table, MAX) > 1);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(od_tzif_read((struct od_str){bytes.p, n}, UNTIL_YEAR, table, MAX), 0);
    od_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_rows),
        cmocka_unit_test(refused_rows),
        cmocka_unit_test(listed_rows),
        cmocka_unit_test(cuts_are_refused),
    };
    return cmocka_run_group_tests_name("tzif", tests, NULL, NULL);
}
