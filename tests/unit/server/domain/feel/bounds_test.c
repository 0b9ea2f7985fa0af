/* SPDX-License-Identifier: Apache-2.0
 * What a hostile or careless text can cost: every bound by its name, and one program on many threads. */
#include "tests/unit/server/domain/feel/rows.h"

#include "common/base/limits.h"

#include <pthread.h>

static enum od_status run(const char *text, const struct feel_limits *limits, size_t arena_bytes, struct od_err *err)
{
    struct od_arena programs, a;
    const struct feel_program *p;
    const struct feel_env env = {.limits = limits};
    struct feel_value v;
    od_arena_init(&programs, 256 << 20);
    od_arena_init(&a, arena_bytes);
    enum od_status s = feel_parse(od_str_c(text), FEEL_EXPRESSION, NULL, &programs, &p, err);
    if (s == OD_OK)
        s = feel_eval(p, &env, &a, &v, err);
    od_arena_done(&a);
    od_arena_done(&programs);
    return s;
}

static void bounds_have_names(void **state)
{
    static const struct {
        const char *name, *text;
        struct feel_limits limits;
        size_t arena_bytes;
        enum od_reason reason;
    } rows[] = {
        {"an endless iteration", "for i in 1..1000000000 return i", {1000, 100}, 8 << 20, OD_R_FEEL_STEPS},
        {"iterations inside each other", "some a in 1..99999, b in 1..99999, c in 1..99999 satisfies false", {10000, 100}, 8 << 20, OD_R_FEEL_STEPS},
        {"a built-in function over a long list", "count(distinct values(for i in 1..3000 return i))", {100000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"equal lists, often", "{a: for i in 1..9999 return i, b: for i in 1..9999 return i, r: some i in 1..1000 satisfies a != b}.r", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"a list that contains equal lists", "{a: for i in 1..9999 return i, b: for i in 1..9999 return i, r: index of(for i in 1..1000 return a, b)}.r", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"long equal strings, often", "{s: string join(for i in 1..9999 return \"0123456789\"), r: some i in 1..2000 satisfies s + \"a\" = s + \"b\"}.r", {1000000, 100}, 256 << 20, OD_R_FEEL_STEPS},
        {"long strings in order, often", "{s: string join(for i in 1..9999 return \"0123456789\"), a: s + \"a\", b: s + \"b\", r: every i in 1..1000 satisfies a < b}.r", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"long beginnings, often", "{s: string join(for i in 1..9999 return \"0123456789\"), a: s + \"a\", r: every i in 1..1000 satisfies starts with(a, s)}.r", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"long ends, often", "{s: string join(for i in 1..9999 return \"0123456789\"), a: \"a\" + s, r: every i in 1..1000 satisfies ends with(a, s)}.r", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"a pattern that backtracks, often", "for i in 1..1000 return matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\", \"(a*)*c\")", {1000000, 100}, 8 << 20, OD_R_FEEL_STEPS},
        {"a long pattern without case", "matches(\"x\", string join(for i in 1..9999 return \"abcdefghij\"), \"i\")", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"wide ranges without case", "matches(\"x\", string join(for i in 1..999 return \"[ -\U0010FFFD]\"), \"i\")", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"sets of characters", "matches(\"x\", string join(for i in 1..99999 return \"\\w\"))", {1000000, 100}, 32 << 20, OD_R_FEEL_STEPS},
        {"endless recursion", "{f: function(f) f(f), r: f(f)}.r", {1000000, 200}, 8 << 20, OD_R_FEEL_DEPTH},
        {"a list that doubles", "for i in 1..60 return concatenate(flatten(partial), flatten(partial), [1])", {100000000, 100}, 4 << 20, OD_R_MEMORY_LIMIT},
        {"a string that doubles", "{f: function(f, s, n) if n = 0 then s else f(f, s + s, n - 1), r: string length(f(f, \"x\", 30))}.r", {100000000, 1000}, 8 << 20, OD_R_MEMORY_LIMIT},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_err err = {0};
        print_message("  %s\n", rows[i].name);
        assert_int_not_equal(run(rows[i].text, &rows[i].limits, rows[i].arena_bytes, &err), OD_OK);
        assert_string_equal(od_reason_name(err.reason), od_reason_name(rows[i].reason));
    }
}

/* text = head × n, middle, tail × n */
static void nested(struct od_buf *b, const char *head, const char *middle, const char *tail, unsigned n)
{
    od_buf_clear(b);
    for (unsigned i = 0; i < n; i++)
        od_buf_c(b, head);
    od_buf_c(b, middle);
    for (unsigned i = 0; i < n; i++)
        od_buf_c(b, tail);
}

static void nesting_is_bounded(void **state)
{
    static const struct {
        const char *name, *head, *middle, *tail;
    } rows[] = {
        {"parentheses", "(", "1", ")"},         {"lists", "[", "1", "]"},
        {"contexts", "{a:", "1", "}"},          {"signs", "-", "1", ""},
        {"additions", "1+", "1", ""},           {"filters", "a[", "1", "]"},
        {"functions", "function() ", "1", ""},  {"conditions", "if true then 1 else ", "1", ""},
        {"ranges with open ends", "[1..", "1", "["}, {"types", "1 instance of list<", "Any", ">"},
        {"paths", "", "a", ".a"},               {"calls", "", "f", "()"},
    };
    struct od_buf b;
    (void)state;
    od_buf_init(&b, 1 << 20);
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_err err = {0};
        print_message("  %s\n", rows[i].name);
        nested(&b, rows[i].head, rows[i].middle, rows[i].tail, 5000);
        assert_int_not_equal(run(od_buf_cstr(&b), NULL, 8 << 20, &err), OD_OK);
        assert_true(err.reason == OD_R_FEEL_TOO_DEEP || err.reason == OD_R_FEEL_SYNTAX);
    }
    od_buf_done(&b);
}

/* Deep backtracking and many names at once: refused before it takes long. */
static void reading_is_bounded(void **state)
{
    struct od_buf b;
    struct od_err err = {0};
    (void)state;
    od_buf_init(&b, FEEL_TEXT_MAX_BYTES);
    nested(&b, "1 in (", "1", ") + 1", 100);
    assert_int_equal(run(od_buf_cstr(&b), NULL, 8 << 20, &err), OD_TOO_LARGE);
    assert_int_equal(err.reason, OD_R_LIMIT_EXCEEDED);
    od_buf_clear(&b);
    for (unsigned i = 0; i < 30000; i++)
        od_buf_printf(&b, "%sn%u", i ? "," : "[", i);
    od_buf_char(&b, ']');
    assert_int_equal(run(od_buf_cstr(&b), NULL, 8 << 20, &err), OD_TOO_LARGE);
    assert_int_equal(err.reason, OD_R_LIMIT_EXCEEDED);
    od_buf_done(&b);
}

static void a_text_has_a_largest_size(void **state)
{
    struct od_buf b;
    struct od_err err = {0};
    (void)state;
    od_buf_init(&b, 2 * FEEL_TEXT_MAX_BYTES);
    nested(&b, "1+", "1", "", FEEL_TEXT_MAX_BYTES / 2 + 1);
    assert_int_equal(run(od_buf_cstr(&b), NULL, 8 << 20, &err), OD_TOO_LARGE);
    assert_int_equal(err.reason, OD_R_LIMIT_EXCEEDED);
    od_buf_done(&b);
}

static void a_string_has_a_largest_size(void **state)
{
    static const struct feel_row rows[] = {
        {"a string of 4 MiB", "{f: function(f, s, n) if n = 0 then s else f(f, s + s, n - 1), r: string length(f(f, \"x\", 22))}.r", "4194304"},
        {"one character more is null", "{f: function(f, s, n) if n = 0 then s else f(f, s + s, n - 1), r: f(f, \"x\", 22) + \"x\"}.r", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

/* Its time is bounded, not its chance to be wrong: null, soon. */
static void a_pattern_that_backtracks_is_stopped(void **state)
{
    static const struct feel_row rows[] = {
        {"catastrophic backtracking ends as null", "matches(string join(for i in 1..5000 return \"a\"), \"^(a+)+$b\")", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

/* What shares structure can be compared in time, and written only within a buffer's maximum. */
static void shared_structure_does_not_explode(void **state)
{
    struct od_arena a;
    struct od_buf out;
    const struct feel_program *p;
    struct feel_value v;
    struct od_err err;
    (void)state;
    od_arena_init(&a, 8 << 20);
    od_buf_init(&out, 1 << 16);
    assert_int_equal(feel_parse(OD_STR("{f: function(f, l, n) if n = 0 then l else f(f, [l, l], n - 1), r: [f(f, [], 60), f(f, [], 60)]}.r"),
                                FEEL_EXPRESSION, NULL, &a, &p, &err), OD_OK);
    assert_int_equal(feel_eval(p, NULL, &a, &v, &err), OD_OK);
    assert_int_equal(v.kind, FEEL_LIST);
    feel_json_encode(&v, &out);
    assert_true(out.failed);
    assert_int_not_equal(feel_equal(&v.list->items[0], &v.list->items[1]), FEEL_TRUE);
    od_buf_done(&out);
    od_arena_done(&a);
}

struct shared {
    const struct feel_program *program;
    int64_t sum;
};

static void *evaluate_often(void *arg)
{
    struct shared *s = arg;
    struct od_arena a;
    od_arena_init(&a, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        struct feel_entry entry = {OD_STR("n"), feel_integer(i)};
        const struct feel_context vars = {1, &entry};
        const struct feel_env env = {.vars = &vars};
        struct feel_value v;
        int64_t n = 0;
        if (feel_eval(s->program, &env, &a, &v, NULL) == OD_OK && v.kind == FEEL_NUMBER && od_decimal_to_i64(v.number, &n))
            s->sum += n;
        od_arena_reset(&a);
    }
    od_arena_done(&a);
    return NULL;
}

static void a_program_is_shared_between_threads(void **state)
{
    struct od_arena programs;
    const struct feel_program *p;
    pthread_t threads[4];
    struct shared s[4];
    (void)state;
    od_arena_init(&programs, 1 << 20);
    assert_int_equal(feel_parse(OD_STR("sum(for i in 1..3 return i * n)"), FEEL_EXPRESSION, NULL, &programs, &p, NULL), OD_OK);
    for (size_t i = 0; i < OD_LEN(threads); i++) {
        s[i] = (struct shared){p, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, evaluate_often, &s[i]), 0);
    }
    for (size_t i = 0; i < OD_LEN(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(s[i].sum, 6 * 1999 * 2000 / 2);
    }
    od_arena_done(&programs);
}

/* Recursion as deep as the default allows, through what takes most stack, on a thread of 4 MiB. */
static void *recurse(void *arg)
{
    static const char *const texts[] = {
        "{f: function(f) sort([1, 2], function(a, b) f(f)), r: f(f)}.r",
        "{f: function(f) [1][(1 + f(f)) > 1], r: f(f)}.r",
        "{f: function(f) for i in [1] return {a: f(f)}, r: f(f)}.r",
    };
    for (size_t i = 0; i < OD_LEN(texts); i++) {
        struct od_err err = {0};
        enum od_status s = run(texts[i], NULL, 64 << 20, &err);
        *(bool *)arg &= s != OD_OK && err.reason == OD_R_FEEL_DEPTH;
    }
    return NULL;
}

static void the_default_depth_fits_a_small_stack(void **state)
{
    pthread_attr_t attr;
    pthread_t thread;
    bool ok = true;
    (void)state;
#ifdef OD_BUILD_ASAN
    skip(); /* its frames are several times larger */
#endif
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, 4 << 20), 0);
    assert_int_equal(pthread_create(&thread, &attr, recurse, &ok), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    assert_true(ok);
}

static void inputs_are_told(void **state)
{
    struct od_arena a;
    const struct feel_program *p;
    size_t n;
    (void)state;
    od_arena_init(&a, 1 << 20);
    assert_int_equal(feel_parse(OD_STR("for i in items return i * rate + count(items) + {k: rate, m: k}.m"), FEEL_EXPRESSION, NULL, &a, &p, NULL),
                     OD_OK);
    const struct od_str *names = feel_program_inputs(p, &n);
    assert_int_equal(n, 2);
    assert_true(od_str_eq_c(names[0], "items") && od_str_eq_c(names[1], "rate"));
    od_arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_have_names),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(reading_is_bounded),
        cmocka_unit_test(a_text_has_a_largest_size),
        cmocka_unit_test(a_string_has_a_largest_size),
        cmocka_unit_test(a_pattern_that_backtracks_is_stopped),
        cmocka_unit_test(shared_structure_does_not_explode),
        cmocka_unit_test(a_program_is_shared_between_threads),
        cmocka_unit_test(the_default_depth_fits_a_small_stack),
        cmocka_unit_test(inputs_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
