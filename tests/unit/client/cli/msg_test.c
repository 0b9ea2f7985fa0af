/* SPDX-License-Identifier: Apache-2.0
 * Messages to JSON and back, and what is refused, by rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/cli/msg.h"

static void round_trip_rows(void **state)
{
    static const struct {
        const char *name;
        const ProtobufCMessageDescriptor *d;
        const char *json, *back; /* back NULL: the same */
    } rows[] = {
        {"numbers, texts, enums and members", &ordo__request_register_req__descriptor,
         "{\"customer_id\":9007199254740993,\"title\":\"\\u00e9\",\"fields\":[{\"name\":\"a\",\"value\":\"\"}],\"channel\":\"phone\"}", NULL},
        {"an instant is RFC 3339", &ordo__clock_set_req__descriptor, "{\"business_us\":\"2026-11-22T09:00:00.5Z\",\"factor\":60}",
         "{\"business_us\":\"2026-11-22T09:00:00.500000Z\",\"factor\":60}"},
        {"an offset is taken, UTC is given", &ordo__clock_set_req__descriptor, "{\"business_us\":\"2026-11-22T09:00:00+01:00\"}",
         "{\"business_us\":\"2026-11-22T08:00:00Z\"}"},
        {"an instant may be microseconds", &ordo__clock_set_req__descriptor, "{\"business_us\":0}",
         "{\"business_us\":\"1970-01-01T00:00:00Z\"}"},
        {"enums without their prefix, with hyphens", &ordo__target__descriptor, "{\"state\":\"met\"}", "{\"state\":\"target_met\"}"},
        {"repeated enums", &ordo__request_list_req__descriptor, "{\"states\":[\"in-work\",\"OPEN\"]}",
         "{\"states\":[\"in_work\",\"open\"]}"},
        {"bytes are hexadecimal", &ordo__echo_req__descriptor, "{\"payload\":\"00ff\"}", NULL},
        {"false is a value", &ordo__request_list_req__descriptor, "{\"states\":[],\"unassigned\":false}", NULL},
        {"null is nothing", &ordo__echo_req__descriptor, "{\"payload\":null}", "{}"},
        {"a later value wins over none", &ordo__branch_create_req__descriptor, "{\"name\":\"\"}", NULL},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        ordo_error error = {.status = ORDO_OK};
        ProtobufCMessage *m = NULL;
        json_t *json = json_loads(rows[i].json, 0, NULL);
        const char *want = rows[i].back ? rows[i].back : rows[i].json;
        assert_non_null(json);
        if (msg_from_json(rows[i].d, json, &m, &error) != ORDO_OK)
            fail_msg("%s: %s %s", rows[i].name, error.violations[0].field, error.violations[0].text);
        json_t *back = msg_to_json(m, NULL), *expected = json_loads(want, 0, NULL);
        json_t *trimmed = json_deep_copy(back);
        const char *key;
        json_t *value;
        void *next;
        json_object_foreach_safe(trimmed, next, key, value) if (json_is_array(value) && !json_array_size(value) &&
                                                                !json_object_get(expected, key)) json_object_del(trimmed, key);
        if (!json_equal(trimmed, expected))
            fail_msg("%s: %s", rows[i].name, json_dumps(back, JSON_COMPACT));
        json_decref(trimmed);
        json_decref(expected);
        json_decref(back);
        json_decref(json);
        msg_free(m);
    }
}

static void refusal_rows(void **state)
{
    static const struct {
        const char *name, *json, *field;
    } rows[] = {
        {"an unknown field by its path", "{\"fields\":[{\"name\":\"a\"},{\"nme\":\"b\"}]}", "fields[1].nme"},
        {"a text where a number belongs", "{\"customer_id\":\"x\"}", "customer_id"},
        {"a fraction where a number belongs", "{\"customer_id\":1.5}", "customer_id"},
        {"a list where one value belongs", "{\"title\":[\"a\"]}", "title"},
        {"one value where a list belongs", "{\"fields\":{\"name\":\"a\"}}", "fields"},
        {"null in a list", "{\"fields\":[null]}", "fields[0]"},
        {"an enum's value that does not exist", "{\"channel\":\"pigeon\"}", "channel"},
        {"an enum's number that does not exist", "{\"channel\":99}", "channel"},
        {"a number where a text belongs", "{\"title\":5}", "title"},
        {"a NUL in a text", "{\"title\":\"a\\u0000b\"}", "title"},
        {"a list is no message", "[]", "the message"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        ordo_error error = {.status = ORDO_OK};
        ProtobufCMessage *m = NULL;
        json_t *json = json_loads(rows[i].json, JSON_ALLOW_NUL, NULL);
        assert_non_null(json);
        if (msg_from_json(&ordo__request_register_req__descriptor, json, &m, &error) != ORDO_INVALID || m ||
            strcmp(error.violations[0].field, rows[i].field) != 0)
            fail_msg("%s: \"%s\"", rows[i].name, error.violations[0].field);
        json_decref(json);
    }
}

static void instant_rows(void **state)
{
    static const struct {
        const char *name, *zone;
        int64_t us;
        bool plain;
        const char *text;
    } rows[] = {
        {"UTC", NULL, 1795311200000000, false, "2026-11-22T01:33:20Z"},
        {"a zone with its offset", "Europe/Rome", 1795311200000000, false, "2026-11-22T02:33:20+01:00"},
        {"a zone west of Greenwich", "America/St_Johns", 1795311200000000, false, "2026-11-21T22:03:20-03:30"},
        {"a zone at UTC's time", "Europe/London", 1795311200000000, false, "2026-11-22T01:33:20Z"},
        {"for people, without the fraction", "Europe/Rome", 1795311200999999, true, "2026-11-22 02:33:20"},
        {"for people, UTC says so", NULL, 1795311200000001, true, "2026-11-22 01:33:20Z"},
        {"before 1970", NULL, -1, true, "1969-12-31 23:59:59Z"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const struct od_zone *zone = NULL;
        struct od_buf b;
        if (rows[i].zone)
            assert_int_equal(od_zone_get(od_str_c(rows[i].zone), &zone, NULL), OD_OK);
        od_buf_init(&b, 64);
        msg_instant(&b, rows[i].us, zone, rows[i].plain);
        if (strcmp(od_buf_cstr(&b), rows[i].text) != 0)
            fail_msg("%s: %s", rows[i].name, od_buf_cstr(&b));
        od_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_rows),
        cmocka_unit_test(refusal_rows),
        cmocka_unit_test(instant_rows),
    };
    return cmocka_run_group_tests_name("cli messages", tests, NULL, NULL);
}
