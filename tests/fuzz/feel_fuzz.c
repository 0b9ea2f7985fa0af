/* SPDX-License-Identifier: Apache-2.0
 * FEEL on any bytes: parse as expression and as unary tests, evaluate within tight bounds, write the value and read it back. */
#include "server/domain/feel/feel_json.h"
#include "server/domain/feel/feel.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { ARENA_MAX = 16 << 20, OUT_MAX = 1 << 20 };

static struct feel_value twice(struct feel_call *call, void *opaque, const struct feel_value *args, unsigned n)
{
    (void)opaque;
    if (n != 1 || args[0].kind != FEEL_NUMBER)
        return feel_call_fail(call, "%s wants a number", OD_STR("twice"));
    return feel_number(od_decimal_add(args[0].number, args[0].number));
}

static void round_trip(const struct feel_value *v, struct od_arena *a)
{
    struct od_buf out, again;
    struct feel_value back, copy;
    struct od_err err;
    char why[256];
    od_buf_init(&out, OUT_MAX);
    od_buf_init(&again, OUT_MAX);
    feel_json_encode(v, &out);
    if (!out.failed && feel_json_decode(od_buf_view(&out), a, &back, &err) == OD_OK) {
        feel_json_encode(&back, &again);
        od_assert(again.failed || again.n > 0);
    }
    od_buf_clear(&again);
    feel_value_format(v, &again);
    feel_fault_text(v, why, sizeof why);
    if (feel_value_copy(a, v, &copy, &err) == OD_OK)
        od_assert(copy.kind == v->kind || v->kind == FEEL_FUNCTION);
    od_buf_done(&out);
    od_buf_done(&again);
}

static void evaluate(struct od_str text, enum feel_grammar grammar, const struct feel_value *vars)
{
    static const char *const params[] = {"n"};
    static const struct feel_host_function functions[] = {{"twice", params, 1, 1, twice, NULL}};
    static const struct feel_host host = {functions, 1};
    static const struct od_str names[] = {{"a", 1}, {"b c", 3}, {"d-e", 3}, {"list", 4}, {"when", 4}};
    static const struct od_str members[] = {{"x y", 3}, {"p+q", 3}};
    const struct feel_scope scope = {names, OD_LEN(names), members, OD_LEN(members), NULL, 0, &host};
    const struct feel_limits limits = {.steps = 20000, .depth = 300};
    const struct feel_env env = {.vars = vars->context, .host = &host, .now_us = 1700000000000000, .limits = &limits};
    const struct feel_program *p;
    struct od_arena a;
    struct feel_value v, input = feel_integer(7);
    struct od_err err;
    size_t n;
    od_arena_init(&a, ARENA_MAX);
    if (feel_parse(text, grammar, &scope, &a, &p, &err) == OD_OK) {
        feel_program_inputs(p, &n);
        if (feel_eval(p, &env, &a, &v, &err) == OD_OK)
            round_trip(&v, &a);
        if (grammar == FEEL_UNARY_TESTS && feel_test(p, &env, &input, &a, &v, &err) == OD_OK)
            od_assert(v.kind == FEEL_BOOLEAN || v.kind == FEEL_NULL);
    }
    od_arena_done(&a);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char context[] = "{\"a\":3,\"b c\":\"text\",\"d-e\":[1,2,{\"x y\":4,\"p+q\":true}],\"list\":[3,1,2,2],\"when\":null}";
    struct od_str text = {(const char *)data, size};
    struct feel_value vars, v;
    struct od_arena a;
    struct od_err err;
    od_arena_init(&a, ARENA_MAX);
    od_assert(feel_json_decode_plain(od_str_c(context), &a, &vars, &err) == OD_OK);
    evaluate(text, FEEL_EXPRESSION, &vars);
    evaluate(text, FEEL_UNARY_TESTS, &vars);
    if (feel_json_decode_plain(text, &a, &v, &err) == OD_OK)
        round_trip(&v, &a);
    if (feel_json_decode(text, &a, &v, &err) == OD_OK)
        round_trip(&v, &a);
    feel_at_literal(text);
    od_arena_done(&a);
    return 0;
}
