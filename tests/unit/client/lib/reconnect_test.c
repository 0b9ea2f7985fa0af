/* SPDX-License-Identifier: Apache-2.0
 * The host list by rows, the jitter by its bounds, keys by their date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/lib/keys.h"
#include "client/lib/reconnect.h"

static void host_rows(void **state)
{
    static const struct {
        const char *name, *text;
        unsigned n; /* 0: refused */
        const char *host, *port;
    } rows[] = {
        {"a name and a port", "desk.example.com:7420", 1, "desk.example.com", "7420"},
        {"an IPv6 address stands in brackets", "[2001:db8::1]:1", 1, "2001:db8::1", "1"},
        {"a path needs no port", "unix:/run/ordo/socket", 1, "/run/ordo/socket", ""},
        {"spaces around commas do not matter", " a:1 , b:2 ,unix:/c", 3, "a", "1"},
        {"the same host twice is one", "a:1,a:1,a:2", 2, "a", "1"},
        {"a port is required", "a", 0, NULL, NULL},
        {"an empty name is refused", ":1", 0, NULL, NULL},
        {"port 0 is refused", "a:0", 0, NULL, NULL},
        {"port 65536 is refused", "a:65536", 0, NULL, NULL},
        {"a bare IPv6 address is ambiguous", "2001:db8::1:7420", 0, NULL, NULL},
        {"an open bracket is refused", "[::1:7420", 0, NULL, NULL},
        {"an empty item is refused", "a:1,,b:1", 0, NULL, NULL},
        {"more than sixteen are refused", "a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9,a:10,a:11,a:12,a:13,a:14,a:15,a:16,a:17",
         0, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_hosts h = {0};
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        enum od_status status = od_hosts_add(&h, rows[i].text, &err);
        assert_int_equal(status, rows[i].n ? OD_OK : OD_USAGE);
        if (!rows[i].n)
            continue;
        assert_int_equal(h.n, rows[i].n);
        assert_string_equal(h.list[0].name, rows[i].host);
        assert_string_equal(h.list[0].port, rows[i].port);
    }
}

static void jitter_rows(void **state)
{
    static const struct {
        const char *name;
        int64_t min_us, max_us;
        unsigned round;
        int64_t bound_us;
    } rows[] = {
        {"the first wait lies within the minimum", 1000, 60000, 0, 1000},
        {"each round doubles it", 1000, 60000, 3, 8000},
        {"the maximum bounds it", 1000, 60000, 6, 60000},
        {"many rounds do not overflow", 1000, 60000, 4000, 60000},
        {"a maximum below the minimum wins", 1000, 10, 0, 10},
    };
    struct od_random r = {0};
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        int64_t low = INT64_MAX, high = -1;
        print_message("  %s\n", rows[i].name);
        for (int k = 0; k < 2000; k++) {
            int64_t us = od_jitter_us(&r, rows[i].min_us, rows[i].max_us, rows[i].round);
            low = us < low ? us : low;
            high = us > high ? us : high;
        }
        assert_true(low >= 0 && high <= rows[i].bound_us);
        assert_true(low <= rows[i].bound_us / 5 && high >= rows[i].bound_us - rows[i].bound_us / 5); /* it is full */
    }
}

static void a_round_tries_every_host_without_a_wait(void **state)
{
    struct od_hosts h = {0};
    struct od_random r = {0};
    bool round, waited = false;
    (void)state;
    assert_int_equal(od_hosts_add(&h, "a:1,b:1,c:1", NULL), OD_OK);
    h.at = 2;
    for (int k = 0; k < 50; k++) {
        static const unsigned order[] = {0, 1, 2};
        for (unsigned i = 0; i < 3; i++) {
            int64_t us = od_hosts_failed(&h, &r, 1000000, 2000000, &round);
            assert_int_equal(h.at, order[i]);
            assert_int_equal(round, i == 2);
            assert_true(i == 2 || us == 0);
            waited = waited || us > 0;
        }
    }
    assert_true(waited);
    assert_true(h.round > 2);
    od_hosts_connected(&h);
    assert_int_equal(h.round, 0);
}

static void keys_carry_the_given_time(void **state)
{
    struct od_random r = {0};
    struct od_uuid before = {0};
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct od_uuid key;
        int64_t ms;
        assert_true(od_key_make(&r, INT64_C(1700000000123456) + i * 1000, &key));
        assert_true(od_uuid7_check(&key, &ms));
        assert_true(ms == INT64_C(1700000000123) + i);
        assert_true(memcmp(key.b + 6, before.b + 6, 10) != 0);
        before = key;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_rows),
        cmocka_unit_test(jitter_rows),
        cmocka_unit_test(a_round_tries_every_host_without_a_wait),
        cmocka_unit_test(keys_carry_the_given_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
