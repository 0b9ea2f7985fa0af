/* SPDX-License-Identifier: Apache-2.0
 * Zones by rows: offsets, wall times in folds and gaps, the far future, names, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "common/base/zone.h"

static const struct od_zone *zone(const char *name)
{
    const struct od_zone *z = NULL;
    assert_int_equal(od_zone_get(od_str_c(name), &z, NULL), OD_OK);
    return z;
}

/* "2024-03-31T02:30:00" and a Z: also used for wall times, which are kept as if UTC. */
static int64_t at(const char *text)
{
    int64_t us = 0;
    assert_true(od_time_parse(od_str_c(text), &us));
    return us;
}

static void offset_rows(void **state)
{
    static const struct {
        const char *name, *zone, *utc;
        int32_t offset_s;
    } rows[] = {
        {"UTC is UTC", "UTC", "2024-07-01T00:00:00Z", 0},
        {"a fixed offset east", "+05:30", "2024-07-01T00:00:00Z", 19800},
        {"a fixed offset west", "-03:00", "1700-07-01T00:00:00Z", -10800},
        {"winter", "Europe/Rome", "2024-01-01T00:00:00Z", 3600},
        {"summer", "Europe/Rome", "2024-07-01T00:00:00Z", 7200},
        {"the last second before the change", "Europe/Rome", "2024-03-31T00:59:59.999999Z", 3600},
        {"the change itself belongs to the new offset", "Europe/Rome", "2024-03-31T01:00:00Z", 7200},
        {"local mean time before the first clocks, in seconds", "Europe/Rome", "1850-01-01T00:00:00Z", 2996},
        {"a change by half an hour", "Australia/Lord_Howe", "2024-07-01T00:00:00Z", 37800},
        {"the southern summer", "Australia/Lord_Howe", "2024-01-01T00:00:00Z", 39600},
        {"summer is the standard time of Ireland, winter its negative saving", "Europe/Dublin", "2024-01-01T00:00:00Z", 0},
        {"and in summer", "Europe/Dublin", "2024-07-01T00:00:00Z", 3600},
        {"saving time left out for Ramadan", "Africa/Casablanca", "2022-04-10T00:00:00Z", 0},
        {"and back", "Africa/Casablanca", "2022-06-10T00:00:00Z", 3600},
        {"saving time that was given up", "America/Sao_Paulo", "2020-01-01T00:00:00Z", -10800},
        {"while it lasted", "America/Sao_Paulo", "2019-01-01T00:00:00Z", -7200},
        {"Mexico gave saving time up in 2022", "America/Mexico_City", "2023-07-01T00:00:00Z", -21600},
        {"before that", "America/Mexico_City", "2022-07-01T00:00:00Z", -18000},
        {"a zone of its own since 2022, by its northern neighbour", "America/Ciudad_Juarez", "2023-07-01T00:00:00Z", -21600},
        {"and in winter", "America/Ciudad_Juarez", "2024-01-01T00:00:00Z", -25200},
        {"Egypt brought saving time back in 2023", "Africa/Cairo", "2024-07-01T00:00:00Z", 10800},
        {"and in winter", "Africa/Cairo", "2024-01-01T00:00:00Z", 7200},
        {"by its rule in later years: the last Friday of April", "Africa/Cairo", "2060-04-30T00:00:00Z", 10800},
        {"the last Thursday of October", "Africa/Cairo", "2060-10-28T21:00:00Z", 7200},
        {"Kazakhstan became one zone in 2024", "Asia/Almaty", "2024-07-01T00:00:00Z", 18000},
        {"Paraguay kept summer from 2024", "America/Asuncion", "2025-07-01T00:00:00Z", -10800},
        {"a rule of the southern year", "Australia/Sydney", "2060-01-01T00:00:00Z", 39600},
        {"and its winter", "Australia/Sydney", "2060-07-01T00:00:00Z", 36000},
        {"a rule with a negative time of day", "America/Nuuk", "2060-03-27T20:00:00Z", -7200},
        {"which begins on the day before", "America/Nuuk", "2060-03-28T01:00:00Z", -3600},
        {"a zone whose offset never changed", "Etc/GMT+5", "1850-01-01T00:00:00Z", -18000},
        {"the end of the table that was read", "Europe/Rome", "2499-07-01T00:00:00Z", 7200},
        {"behind it the cycle repeats: summer", "Europe/Rome", "2500-07-01T00:00:00Z", 7200},
        {"the last year: summer", "Europe/Rome", "9999-07-01T00:00:00Z", 7200},
        {"the last year: winter", "Europe/Rome", "9999-12-31T00:00:00Z", 3600},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_zone_offset_s(zone(rows[i].zone), at(rows[i].utc)), rows[i].offset_s);
    }
}

static void wall_rows(void **state)
{
    static const struct {
        const char *name, *zone, *wall;
        bool later;
        const char *utc;
    } rows[] = {
        {"an ordinary time", "Europe/Rome", "2024-07-01T09:00:00Z", false, "2024-07-01T07:00:00Z"},
        {"a time that occurs twice: the earlier", "Europe/Rome", "2024-10-27T02:30:00Z", false, "2024-10-27T00:30:00Z"},
        {"a time that occurs twice: the later", "Europe/Rome", "2024-10-27T02:30:00Z", true, "2024-10-27T01:30:00Z"},
        {"the first time of a fold is in it", "Europe/Rome", "2024-10-27T02:00:00Z", false, "2024-10-27T00:00:00Z"},
        {"the first time behind a fold occurs once", "Europe/Rome", "2024-10-27T03:00:00Z", false, "2024-10-27T02:00:00Z"},
        {"the last time before a fold occurs once", "Europe/Rome", "2024-10-27T01:59:59Z", true, "2024-10-26T23:59:59Z"},
        {"a time in a gap moves forward by the gap", "Europe/Rome", "2024-03-31T02:30:00Z", false, "2024-03-31T01:30:00Z"},
        {"whichever was asked for", "Europe/Rome", "2024-03-31T02:30:00Z", true, "2024-03-31T01:30:00Z"},
        {"the first time behind a gap", "Europe/Rome", "2024-03-31T03:00:00Z", false, "2024-03-31T01:00:00Z"},
        {"a midnight that does not exist", "America/Sao_Paulo", "2018-11-04T00:00:00Z", false, "2018-11-04T03:00:00Z"},
        {"a midnight that does not exist, by half-hour offsets", "Asia/Tehran", "2016-03-21T00:00:00Z", false, "2016-03-20T20:30:00Z"},
        {"a midnight that is reached twice occurs once", "America/Sao_Paulo", "2019-02-17T00:00:00Z", false, "2019-02-17T03:00:00Z"},
        {"a day that was left out", "Pacific/Apia", "2011-12-30T12:00:00Z", false, "2011-12-30T22:00:00Z"},
        {"a fold in the last year", "Europe/Rome", "9999-10-31T02:30:00Z", false, "9999-10-31T00:30:00Z"},
        {"a fold in the last year: the later", "Europe/Rome", "9999-10-31T02:30:00Z", true, "9999-10-31T01:30:00Z"},
        {"a fixed offset", "-11:00", "2024-01-01T00:00:00.5Z", false, "2024-01-01T11:00:00.5Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_true(od_zone_to_us(zone(rows[i].zone), at(rows[i].wall), rows[i].later) == at(rows[i].utc));
    }
}

static void name_rows(void **state)
{
    static const struct {
        const char *name, *zone;
        bool ok;
    } rows[] = {
        {"an IANA name", "America/Argentina/Buenos_Aires", true},
        {"an old IANA name", "Asia/Calcutta", true},
        {"a short IANA name", "EST", true},
        {"a fixed offset", "+00:00", true},
        {"the widest offset", "-18:00", true},
        {"empty", "", false},
        {"a zone that is new since 2022", "America/Ciudad_Juarez", true},
        {"an unknown name", "Europe/Atlantis", false},
        {"an unknown name of a known area", "Etc/Unknown", false},
        {"an area", "Europe", false},
        {"an area with its stroke", "Europe/", false},
        {"a file that is no zone", "leapseconds", false},
        {"the zones with leap seconds", "right/Europe/Rome", false},
        {"the system's own zone", "localtime", false},
        {"no zone at all", "Factory", false},
        {"an absolute path", "/usr/share/zoneinfo/Europe/Rome", false},
        {"names are case sensitive", "europe/rome", false},
        {"an abbreviation", "BST", false},
        {"a custom zone", "GMT+3", false},
        {"an offset without a colon", "+0200", false},
        {"an offset with too many minutes", "+02:60", false},
        {"an offset beyond 18 hours", "+18:01", false},
        {"white space", "Europe/Rome ", false},
        {"a path", "../Europe/Rome", false},
        {"a very long name", "Europe/Romeromeromeromeromeromeromeromeromeromeromeromeromeromeromerome", false},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const struct od_zone *z = NULL;
        struct od_err e = {0};
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_zone_get(od_str_c(rows[i].zone), &z, &e), rows[i].ok ? OD_OK : OD_INVALID);
        if (rows[i].ok)
            assert_string_equal(od_zone_name(z), rows[i].zone);
        else
            assert_int_equal(e.reason, OD_R_ZONE_UNKNOWN);
    }
}

/* Stretches follow each other without a hole, and the offset is constant in each and another beyond (within the table). */
static void stretches_are_seamless(void **state)
{
    static const char *const names[] = {"Europe/Rome", "Europe/Dublin", "America/Sao_Paulo", "Asia/Tehran", "Africa/Casablanca",
                                        "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tokyo", "UTC", "+05:45"};
    (void)state;
    for (size_t i = 0; i < OD_LEN(names); i++) {
        const struct od_zone *z = zone(names[i]);
        struct od_zone_stretch s = od_zone_stretch(z, at("0001-01-01T00:00:00Z"));
        assert_true(s.from_us == INT64_MIN);
        while (s.until_us < at("9990-01-01T00:00:00Z")) {
            struct od_zone_stretch next = od_zone_stretch(z, s.until_us);
            assert_true(next.from_us == s.until_us && next.until_us > next.from_us);
            assert_int_equal(od_zone_offset_s(z, s.until_us - 1), s.offset_s);
            assert_true(next.offset_s != s.offset_s || next.from_us > at("2100-01-01T00:00:00Z"));
            s = next;
        }
    }
}

/* An instant to its wall time and back is the same instant, by one of the two readings. */
static void wall_round_trip(void **state)
{
    static const char *const names[] = {"Europe/Rome", "America/Sao_Paulo", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Apia"};
    (void)state;
    for (size_t i = 0; i < OD_LEN(names); i++) {
        const struct od_zone *z = zone(names[i]);
        for (int64_t us = at("2010-01-01T00:00:00Z"); us < at("2020-01-01T00:00:00Z"); us += 1000 * OD_US_PER_S) {
            int64_t wall = od_zone_wall_us(z, us);
            int64_t first = od_zone_to_us(z, wall, false), second = od_zone_to_us(z, wall, true);
            assert_true(first <= second && (us == first || us == second));
        }
    }
}

static void *get_many(void *arg)
{
    static const char *const names[] = {"Asia/Kolkata", "Asia/Nicosia", "America/Lima", "Africa/Lagos", "+01:15", "Nowhere/Land"};
    const struct od_zone **got = arg;
    for (size_t i = 0; i < OD_LEN(names); i++)
        (void)!od_zone_get(od_str_c(names[i]), &got[i], NULL);
    return NULL;
}

static void threads_share_one_zone(void **state)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    const struct od_zone *got[THREADS][6] = {{0}};
    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, get_many, got[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_memory_equal(got[i], got[0], sizeof got[0]);
        assert_non_null(got[i][4]);
        assert_null(got[i][5]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_one_zone), /* first: the table is still empty */
        cmocka_unit_test(offset_rows),
        cmocka_unit_test(wall_rows),
        cmocka_unit_test(name_rows),
        cmocka_unit_test(stretches_are_seamless),
        cmocka_unit_test(wall_round_trip),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
