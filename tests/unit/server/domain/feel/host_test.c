/* SPDX-License-Identifier: Apache-2.0
 * What a host gives and gets: functions, a look-up, typed JSON. */
#include "tests/unit/server/domain/feel/rows.h"

/* due(start, duration, calendar): as a host would offer working time; here the calendar only counts the calls. */
static struct feel_value due(struct feel_call *call, void *opaque, const struct feel_value *args, unsigned n)
{
    assert_int_equal(n, 3);
    ++*(int *)opaque;
    if (args[0].kind != FEEL_NUMBER || args[1].kind != FEEL_NUMBER)
        return feel_call_fail(call, "due in calendar %s: numbers are wanted", args[2].kind == FEEL_STRING ? args[2].string : OD_STR("?"));
    return feel_number(od_decimal_add(args[0].number, args[1].number));
}

static bool lookup(void *opaque, struct od_str name, struct feel_value *ret)
{
    *ret = feel_integer((int64_t)name.n);
    return od_str_eq_c(name, opaque);
}

static void hosts_functions(void **state)
{
    static const struct {
        const char *name, *text, *want, *why;
    } rows[] = {
        {"by position", "working due(1, 2, \"office\")", "3", ""},
        {"by name", "working due(duration: 5, start: 1)", "6", ""},
        {"what is optional may lack", "working due(1, 2)", "3", ""},
        {"what is required may not", "working due(1)", "null", "line 1, column 1: an argument is missing"},
        {"a reason of the host's own", "working due(1, \"x\", \"office\")", "null", "line 1, column 1: due in calendar office: numbers are wanted"},
        {"a function as a value", "{f: working due, r: f(2, 2)}.r", "4", ""},
        {"a name that only the look-up knows", "three + 1", "6", ""},
    };
    static const char *const params[] = {"start", "duration", "calendar"};
    int calls = 0;
    const struct feel_host_function functions[] = {{"working due", params, 3, 2, due, &calls}};
    const struct feel_host host = {functions, 1};
    const struct feel_scope scope = {.host = &host};
    const struct feel_env env = {.host = &host, .lookup = lookup, .opaque = (void *)"three"};
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena a;
        struct od_buf out;
        const struct feel_program *p;
        struct feel_value v;
        struct od_err err;
        char why[200];
        print_message("  %s\n", rows[i].name);
        od_arena_init(&a, 1 << 20);
        od_buf_init(&out, 1000);
        assert_int_equal(feel_parse(od_str_c(rows[i].text), FEEL_EXPRESSION, &scope, &a, &p, &err), OD_OK);
        assert_int_equal(feel_eval(p, &env, &a, &v, &err), OD_OK);
        feel_value_format(&v, &out);
        assert_string_equal(od_buf_cstr(&out), rows[i].want);
        assert_string_equal(feel_fault_text(&v, why, sizeof why), rows[i].why);
        od_buf_done(&out);
        od_arena_done(&a);
    }
    assert_int_equal(calls, 5);
}

/* The place that the scope gives is only where a name is looked for first. */
static void variables_may_lie_anywhere(void **state)
{
    static const struct od_str names[] = {{"a", 1}, {"b", 1}, {"long name of it", 15}};
    static const struct {
        const char *name, *text, *want;
        unsigned order[3], n; /* of the names in the context */
    } rows[] = {
        {"in the scope's order", "[a, b, long name of it]", "[0, 1, 2]", {0, 1, 2}, 3},
        {"in another", "[a, b, long name of it]", "[0, 1, 2]", {2, 0, 1}, 3},
        {"fewer than the scope has", "[a, b, long name of it]", "[null, 1, 2]", {2, 1}, 2},
        {"none", "[a]", "[null]", {0}, 0},
        {"a variable of the text hides one of the host", "for b in [7] return [a, b]", "[[0, 7]]", {0, 1, 2}, 3},
        {"so does an entry", "{b: 8, c: b}.c", "8", {0, 1, 2}, 3},
        {"and a parameter", "(function(a) a + b)(5)", "6", {0, 1, 2}, 3},
    };
    const struct feel_scope scope = {.names = names, .n_names = OD_LEN(names)};
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena a;
        struct od_buf out;
        const struct feel_program *p;
        struct feel_value v;
        struct od_err err;
        struct feel_entry entries[3];
        print_message("  %s\n", rows[i].name);
        for (unsigned k = 0; k < rows[i].n; k++)
            entries[k] = (struct feel_entry){names[rows[i].order[k]], feel_integer(rows[i].order[k])};
        const struct feel_context vars = {rows[i].n, entries};
        const struct feel_env env = {.vars = &vars};
        od_arena_init(&a, 1 << 20);
        od_buf_init(&out, 1000);
        assert_int_equal(feel_parse(od_str_c(rows[i].text), FEEL_EXPRESSION, &scope, &a, &p, &err), OD_OK);
        assert_int_equal(feel_eval(p, &env, &a, &v, &err), OD_OK);
        feel_value_format(&v, &out);
        assert_string_equal(od_buf_cstr(&out), rows[i].want);
        od_buf_done(&out);
        od_arena_done(&a);
    }
}

static void json_round_trips(void **state)
{
    static const struct {
        const char *name, *text, *want; /* NULL: the same */
    } rows[] = {
        {"a number keeps all its digits", "{\"t\":\"number\",\"v\":\"1234567890.123456789012345678901\"}", NULL},
        {"a string with escapes", "{\"t\":\"string\",\"v\":\"a\\\"\\n\\u0001é\"}", NULL},
        {"a boolean and null", "{\"t\":\"list\",\"v\":[{\"t\":\"boolean\",\"v\":true},{\"t\":\"null\"}]}", NULL},
        {"dates and times", "{\"t\":\"list\",\"v\":[{\"t\":\"date\",\"v\":\"2026-02-14\"},{\"t\":\"time\",\"v\":\"10:00:00Z\"},"
                            "{\"t\":\"dateTime\",\"v\":\"2026-02-14T10:00:00@Europe/Rome\"}]}", NULL},
        {"both durations", "{\"t\":\"list\",\"v\":[{\"t\":\"duration\",\"v\":\"P1DT2H\"},{\"t\":\"duration\",\"v\":\"-P1Y2M\"}]}", NULL},
        {"a context keeps its order", "{\"t\":\"context\",\"v\":{\"b\":{\"t\":\"null\"},\"a\":{\"t\":\"null\"}}}", NULL},
        {"a range", "{\"t\":\"range\",\"v\":\"[1..5)\"}", NULL},
        {"an unbounded range", "{\"t\":\"range\",\"v\":\"<=5\"}", NULL},
        {"a pair of surrogates", "{\"t\":\"string\",\"v\":\"\\ud83d\\ude00\"}", "{\"t\":\"string\",\"v\":\"😀\"}"},
        {"an equal number has one text", "{\"t\":\"number\",\"v\":\"1.500\"}", "{\"t\":\"number\",\"v\":\"1.5\"}"},
        {"an unknown type is refused", "{\"t\":\"money\",\"v\":\"1\"}", "!"},
        {"v that does not fit t is refused", "{\"t\":\"date\",\"v\":\"tomorrow\"}", "!"},
        {"what follows is refused", "{\"t\":\"null\"} x", "!"},
        {"a number that is none is refused", "{\"t\":\"number\",\"v\":\"0x10\"}", "!"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena a;
        struct od_buf out;
        struct feel_value v;
        struct od_err err;
        const char *want = rows[i].want ? rows[i].want : rows[i].text;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&a, 1 << 20);
        od_buf_init(&out, 10000);
        enum od_status s = feel_json_decode(od_str_c(rows[i].text), &a, &v, &err);
        assert_int_equal(s == OD_OK, want[0] != '!');
        if (s == OD_OK) {
            feel_json_encode(&v, &out);
            assert_string_equal(od_buf_cstr(&out), want);
        }
        od_buf_done(&out);
        od_arena_done(&a);
    }
}

/* A result outlives the arena it was made in. */
static void values_are_copied(void **state)
{
    struct od_arena first, second;
    const struct feel_program *p;
    struct feel_value v, kept;
    struct od_buf out;
    (void)state;
    od_arena_init(&first, 1 << 20);
    od_arena_init(&second, 1 << 20);
    od_buf_init(&out, 1000);
    assert_int_equal(feel_parse(OD_STR("{a: [1, \"b\" + \"c\"], r: [1..2], f: function(x) x}"), FEEL_EXPRESSION, NULL, &first, &p, NULL), OD_OK);
    assert_int_equal(feel_eval(p, NULL, &first, &v, NULL), OD_OK);
    assert_int_equal(feel_value_copy(&second, &v, &kept, NULL), OD_OK);
    od_arena_done(&first);
    feel_value_format(&kept, &out);
    assert_string_equal(od_buf_cstr(&out), "{a: [1, \"bc\"], r: [1..2], f: null}");
    od_buf_done(&out);
    od_arena_done(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_functions), cmocka_unit_test(variables_may_lie_anywhere),
        cmocka_unit_test(json_round_trips),
        cmocka_unit_test(values_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
