/* SPDX-License-Identifier: Apache-2.0
 * Rows of one expression and what string() makes of its value, in one context. */
#ifndef TESTS_FEEL_ROWS_H
#define TESTS_FEEL_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/domain/feel/feel.h"
#include "server/domain/feel/feel_json.h"

struct feel_row {
    const char *name; /* the rule */
    const char *text;
    const char *want; /* "null" for null; "!" and a part of the message where it cannot be parsed */
};

/* 2026-02-14T10:30:00Z */
#define ROWS_NOW_US INT64_C(1771065000000000)

static inline void feel_rows_run(const struct feel_row *rows, size_t n, const char *context)
{
    static const struct od_str members[] = {{"unit price", 10}, {"p+q", 3}};
    struct od_str names[32];
    struct feel_value vars;
    struct od_arena a;
    struct od_err err;
    char why[512];
    for (size_t i = 0; i < n; i++) {
        od_arena_init(&a, 32 << 20);
        assert_int_equal(feel_json_decode_plain(od_str_c(context), &a, &vars, &err), OD_OK);
        assert_true(vars.context->n <= OD_LEN(names));
        for (size_t k = 0; k < vars.context->n; k++)
            names[k] = vars.context->entries[k].name;
        const struct feel_scope scope = {.names = names, .n_names = vars.context->n, .members = members, .n_members = OD_LEN(members)};
        const struct feel_env env = {.vars = vars.context, .now_us = ROWS_NOW_US};
        const struct feel_program *p;
        struct feel_value v;
        struct od_buf out;
        print_message("  %s\n", rows[i].name);
        od_buf_init(&out, 1 << 20);
        if (feel_parse(od_str_c(rows[i].text), FEEL_EXPRESSION, &scope, &a, &p, &err) != OD_OK) {
            od_err_text(&err, why, sizeof why);
            if (rows[i].want[0] != '!' || !strstr(why, rows[i].want + 1))
                fail_msg("%s: %s", rows[i].text, why);
        } else {
            assert_int_equal(feel_eval(p, &env, &a, &v, &err), OD_OK);
            feel_value_format(&v, &out);
            if (strcmp(od_buf_cstr(&out), rows[i].want) != 0)
                fail_msg("%s is %s, not %s (%s)", rows[i].text, od_buf_cstr(&out), rows[i].want, feel_fault_text(&v, why, sizeof why));
        }
        od_buf_done(&out);
        od_arena_done(&a);
    }
}

#define FEEL_ROWS(rows, context) feel_rows_run((rows), OD_LEN(rows), (context))

#endif
