/* SPDX-License-Identifier: Apache-2.0
 * CSV, map, times, order and batches of a log, by rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/cli/import_csv.h"
#include "client/cli/import_log.h"
#include "client/cli/import_time.h"

static void csv_rows(void **state)
{
    static const struct {
        const char *name, *text, *seen; /* fields by |, rows by /, a bad row as !LINE */
    } rows[] = {
        {"plain rows", "a,b\nc,d\n", "a|b/c|d/"},
        {"CRLF, and none at the end", "a,b\r\nc,d", "a|b/c|d/"},
        {"a byte order mark is skipped", "\xef\xbb\xbf" "a,b\n", "a|b/"},
        {"quotes hold commas and line breaks", "\"a,1\",\"b\n2\"\nc,d\n", "a,1|b\n2/c|d/"},
        {"a doubled quote is one", "\"a\"\"b\",\"\"\n", "a\"b|/"},
        {"empty fields", ",,\n", "||/"},
        {"empty lines are skipped", "a\n\r\n\nb\n", "a/b/"},
        {"a quote inside a plain field", "a,b\"c\nd,e\n", "!1d|e/"},
        {"text behind a closing quote", "\"a\"b,c\nd\n", "!1d/"},
        {"a quote that is not closed", "a\nb,\"c\nd\n", "a/!2d/"},
        {"a carriage return inside stays", "a\rb,c\n", "a\rb|c/"},
        {"nothing", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        char text[64];
        struct csv c;
        struct od_buf b;
        enum csv_result r;
        size_t n = strlen(rows[i].text);
        memcpy(text, rows[i].text, n);
        od_buf_init(&b, 4096);
        csv_init(&c, text, n, ',');
        while ((r = csv_next(&c)) != CSV_END) {
            if (r == CSV_BAD) {
                od_buf_printf(&b, "!%zu", c.line);
                continue;
            }
            for (size_t k = 0; k < c.n_fields; k++) {
                od_buf_c(&b, k ? "|" : "");
                od_buf_str(&b, c.fields[k]);
            }
            od_buf_char(&b, '/');
        }
        if (strcmp(od_buf_cstr(&b), rows[i].seen) != 0)
            fail_msg("%s: \"%s\"", rows[i].name, od_buf_cstr(&b));
        od_buf_done(&b);
        csv_done(&c);
    }
}

static void line_numbers_count_quoted_breaks(void **state)
{
    char text[] = "a\n\"b\n\n\"\nc\n";
    struct csv c;
    (void)state;
    csv_init(&c, text, sizeof text - 1, ',');
    assert_int_equal(csv_next(&c), CSV_ROW);
    assert_int_equal(csv_next(&c), CSV_ROW);
    assert_int_equal(c.line, 2);
    assert_int_equal(csv_next(&c), CSV_ROW);
    assert_int_equal(c.line, 5);
    csv_done(&c);
}

static void time_rows(void **state)
{
    static const struct {
        const char *name, *format, *text, *utc; /* NULL: refused */
    } rows[] = {
        {"a fraction", "%Y/%m/%d %H:%M:%S.%f", "2012/04/03 08:55:38.250", "2012-04-03T06:55:38.250000Z"},
        {"the earlier of two on a fold", "%F %T", "2012-10-28 02:30:00", "2012-10-28T00:30:00Z"},
        {"a time in a gap moves forward", "%F %T", "2012-03-25 02:30:00", "2012-03-25T01:30:00Z"},
        {"an offset wins over the zone", "%FT%T%z", "2012-10-28T02:30:00-05:00", "2012-10-28T07:30:00Z"},
        {"Z is an offset", "%FT%T%z", "2012-10-28T02:30:00Z", "2012-10-28T02:30:00Z"},
        {"a month's name and half days", "%d %b %Y %I:%M %p", "3 Apr 2012 12:05 PM", "2012-04-03T10:05:00Z"},
        {"midnight on a twelve-hour clock", "%d %b %Y %I:%M %p", "3 apr 2012 12:05 am", "2012-04-02T22:05:00Z"},
        {"seconds since 1970", "%s", "1333436138", "2012-04-03T06:55:38Z"},
        {"nine digits of a fraction", "%F %T.%f", "2012-04-03 08:55:38.123456789", "2012-04-03T06:55:38.123456Z"},
        {"a day that does not exist", "%F %T", "2011-02-29 10:00:00", NULL},
        {"an hour that does not exist", "%F %T", "2011-02-28 24:00:00", NULL},
        {"text behind the time", "%F %T", "2011-02-28 10:00:00x", NULL},
        {"a time that is cut", "%F %T", "2011-02-28 10:00", NULL},
    };
    const struct od_zone *rome;
    (void)state;
    assert_int_equal(od_zone_get(OD_STR("Europe/Rome"), &rome, NULL), OD_OK);
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        char text[OD_TIME_TEXT] = "refused";
        int64_t us;
        if (time_read(rows[i].format, od_str_c(rows[i].text), rome, &us))
            od_time_format(us, text);
        if (strcmp(text, rows[i].utc ? rows[i].utc : "refused") != 0)
            fail_msg("%s: %s", rows[i].name, text);
    }
}

#define HEAD "name = n\nzone = Europe/Rome\ntime = %F %T\nweek = mon-fri 09:00-18:00\n"
#define COLUMNS "column.request = r\ncolumn.activity = a\ncolumn.actor = w\ncolumn.time = t\n"
#define FIRST "first.customer = c\nalways.department = Desk\nfirst.level = l\nlevel = 60/480 Gold level\n"
#define MEANING "state.waiting = Wait\nstate.resolved = Done\nstate.closed = Shut\n" \
    "response = Take\nresolution = Done\nclosing = Shut\nassigns = Take\n"
#define MAP HEAD COLUMNS FIRST MEANING

static void map_rows(void **state)
{
    static const struct {
        const char *name, *text, *refused;
    } rows[] = {
        {"a whole map", MAP, NULL},
        {"comments and empty lines", "# x\n\n" MAP, NULL},
        {"an unknown key with its line and the nearest", MAP "respnse = x\n",
         "line 20: the key respnse is not known; did you mean response?"},
        {"two states for an activity", MAP "state.closed = Wait\n", "Wait has another state already, in line 13"},
        {"two marks for an activity", MAP "closing = Take\n", "Take can be only one of"},
        {"a key twice", MAP "name = m\n", "name was given before"},
        {"no time", HEAD FIRST, "column.request is missing"},
        {"a level that is no level", MAP "level = 60 Gold\n", "level is RESPONSE/RESOLUTION NAME"},
        {"a level twice", MAP "level = 1/2 Gold level\n", "was given before"},
        {"a zone that does not exist", "name = n\nzone = Mars\ntime = %F %T\nweek = w\n" COLUMNS FIRST, "Mars is not known"},
        {"a format without a time of day", "name = n\nzone = UTC\ntime = %F\nweek = w\n" COLUMNS FIRST,
         "must give a date and a time of day"},
        {"a source twice", MAP "always.customer = x\n", "exclude each other"},
        {"a state that does not exist", MAP "other = lost\n", "other is one of"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct import_map m;
        ordo_error error = {.status = ORDO_OK};
        enum ordo_status s = import_map_read(&m, "x.map", od_str_c(rows[i].text), &error);
        if (rows[i].refused ? s != ORDO_INVALID || !strstr(error.text, rows[i].refused) : s != ORDO_OK)
            fail_msg("%s: %s", rows[i].name, error.text);
        import_map_done(&m);
    }
}

struct seen {
    size_t n, line;
};

static bool count_error(size_t line, const char *why, void *arg)
{
    struct seen *s = arg;
    (void)why;
    s->n++;
    s->line = line;
    return true;
}

static void log_is_ordered(void **state)
{
    static const char csv[] = "r,a,w,t,c,l\n"
                              "B,Open,ann,2026-01-05 10:00:00,Acme,Gold level\n"
                              "A,Shut,bob,2026-01-05 12:00:00,Acme,Gold level\n"
                              "A,Take,bob,2026-01-05 09:00:00,Acme,Gold level\n"
                              "B,Wait,ann,2026-01-05 11:00:00,,\n"
                              "B,Done,ann,2026-01-05 11:00:00,,\n";
    static const char *const activities[] = {"Take", "Shut", "Open", "Wait", "Done"};
    struct import_map m;
    struct import_log log;
    struct seen seen = {0};
    ordo_error error;
    char text[sizeof csv];
    (void)state;
    memcpy(text, csv, sizeof csv);
    assert_int_equal(import_map_read(&m, "x.map", od_str_c(MAP), &error), ORDO_OK);
    assert_int_equal(import_log_read(&log, &m, "x.csv", text, sizeof csv - 1, count_error, &seen, &error), ORDO_OK);
    assert_int_equal(log.n_events, 5);
    assert_int_equal(log.n_requests, 2);
    assert_int_equal(log.n_batches, 1);
    for (size_t i = 0; i < OD_LEN(activities); i++)
        assert_true(od_str_eq_c(log.events[i].activity, activities[i]));
    assert_true(log.events[0].first && log.events[2].first && !log.events[1].first);
    assert_true(log.events[0].meaning->assigns);
    assert_null(log.events[2].meaning);
    assert_true(od_str_eq_c(log.events[0].department, "Desk"));
    import_log_done(&log);
    import_map_done(&m);
}

static void batches_keep_requests_whole(void **state)
{
    struct import_map m;
    struct import_log log;
    struct seen seen = {0};
    struct od_buf b;
    ordo_error error;
    static const int lengths[] = {60, 50, 40, 230, 5};
    static const size_t cuts[] = {60, 90, 100, 100, 35};
    (void)state;
    od_buf_init(&b, 1 << 20);
    od_buf_c(&b, "r,a,w,t,c,l\n");
    for (size_t i = 0; i < OD_LEN(lengths); i++)
        for (int k = 0; k < lengths[i]; k++)
            od_buf_printf(&b, "R%zu,x,ann,2026-01-%02zu 10:%02d:%02d,Acme,Gold level\n", i, i + 1, k / 60, k % 60);
    assert_int_equal(import_map_read(&m, "x.map", od_str_c(MAP), &error), ORDO_OK);
    assert_int_equal(import_log_read(&log, &m, "x.csv", b.p, b.n, count_error, &seen, &error), ORDO_OK);
    assert_int_equal(log.n_batches, OD_LEN(cuts));
    for (size_t i = 0, from = 0; i < OD_LEN(cuts); from += cuts[i++]) {
        assert_int_equal(log.batches[i].from, from);
        assert_int_equal(log.batches[i].n, cuts[i]);
    }
    import_log_done(&log);
    import_map_done(&m);
    od_buf_done(&b);
}

static void bad_row_rows(void **state)
{
    static const struct {
        const char *name, *rows;
        size_t n, line;
    } rows[] = {
        {"a time of another form", "A,x,ann,2026-01-05,Acme,Gold level\n", 1, 2},
        {"a row with too few fields", "A,x,ann\n", 1, 2},
        {"an actor is missing", "A,x,,2026-01-05 10:00:00,Acme,Gold level\n", 1, 2},
        {"a level that the map does not have", "A,x,ann,2026-01-05 10:00:00,Acme,Silver\n", 1, 2},
        {"no customer in the first event", "A,x,ann,2026-01-05 10:00:00,,Gold level\n", 1, 2},
        {"text that is not UTF-8", "A,\xff,ann,2026-01-05 10:00:00,Acme,Gold level\n", 1, 2},
        {"each bad row is told", "A,x\nB,x\nA,x,ann,2026-01-05 10:00:00,Acme,Gold level\nC,x\n", 3, 5},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct import_map m;
        struct import_log log;
        struct seen seen = {0};
        struct od_buf b;
        ordo_error error;
        od_buf_init(&b, 4096);
        od_buf_printf(&b, "r,a,w,t,c,l\n%s", rows[i].rows);
        assert_int_equal(import_map_read(&m, "x.map", od_str_c(MAP), &error), ORDO_OK);
        enum ordo_status s = import_log_read(&log, &m, "x.csv", b.p, b.n, count_error, &seen, &error);
        if (s != ORDO_INVALID || seen.n != rows[i].n || seen.line != rows[i].line)
            fail_msg("%s: %zu rows, the last in line %zu", rows[i].name, seen.n, seen.line);
        import_log_done(&log);
        import_map_done(&m);
        od_buf_done(&b);
    }
}

static void digest_names_both_files(void **state)
{
    unsigned char a[IMPORT_DIGEST_BYTES], b[IMPORT_DIGEST_BYTES];
    (void)state;
    assert_true(import_digest(OD_STR("ab"), OD_STR("c"), a));
    assert_true(import_digest(OD_STR("a"), OD_STR("bc"), b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(import_digest(OD_STR("ab"), OD_STR("c"), b));
    assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_rows),
        cmocka_unit_test(line_numbers_count_quoted_breaks),
        cmocka_unit_test(time_rows),
        cmocka_unit_test(map_rows),
        cmocka_unit_test(log_is_ordered),
        cmocka_unit_test(batches_keep_requests_whole),
        cmocka_unit_test(bad_row_rows),
        cmocka_unit_test(digest_names_both_files),
    };
    return cmocka_run_group_tests_name("cli import", tests, NULL, NULL);
}
