/* SPDX-License-Identifier: Apache-2.0
 * Models written in few words: definitions around parts, and a decision evaluated to text. */
#ifndef TESTS_DMN_MODELS_H
#define TESTS_DMN_MODELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/domain/dmn/dmn.h"
#include "server/domain/feel/feel_json.h"

#define DMN_15 "https://www.omg.org/spec/DMN/20230324/MODEL/"

#define LIT(text) "<literalExpression><text>" text "</text></literalExpression>"
#define INPUT(name) "<inputData id=\"i-" name "\" name=\"" name "\"><variable name=\"" name "\"/></inputData>"
#define TYPED_INPUT(name, type) "<inputData id=\"i-" name "\" name=\"" name "\"><variable name=\"" name "\" typeRef=\"" type "\"/></inputData>"
#define NEEDS_INPUT(name) "<informationRequirement><requiredInput href=\"#i-" name "\"/></informationRequirement>"
#define NEEDS_DECISION(name) "<informationRequirement><requiredDecision href=\"#d-" name "\"/></informationRequirement>"
#define NEEDS_KNOWLEDGE(name) "<knowledgeRequirement><requiredKnowledge href=\"#k-" name "\"/></knowledgeRequirement>"
#define DECISION(name, needs, logic) "<decision id=\"d-" name "\" name=\"" name "\"><variable name=\"" name "\"/>" needs logic "</decision>"
#define TYPED_DECISION(name, type, needs, logic) \
    "<decision id=\"d-" name "\" name=\"" name "\"><variable name=\"" name "\" typeRef=\"" type "\"/>" needs logic "</decision>"

static inline void model_text(struct od_buf *b, const char *name_space, const char *body)
{
    od_buf_init(b, 1 << 20);
    od_buf_printf(b, "<?xml version=\"1.0\"?><definitions xmlns=\"%s\" name=\"m\" namespace=\"urn:m\">%s</definitions>", name_space, body);
    assert_false(b->failed);
}

static inline struct dmn_model *model_new(const char *name_space, const char *body)
{
    struct od_buf b;
    struct dmn_model *m = NULL;
    struct od_err err;
    char why[300];
    model_text(&b, name_space, body);
    if (dmn_model_compile(od_buf_view(&b), NULL, NULL, NULL, &m, &err) != OD_OK)
        fail_msg("%s", od_err_text(&err, why, sizeof why));
    od_buf_done(&b);
    return m;
}

/* The decision's value as string() writes it; of a null its reason, if it has one. */
static inline void model_is(const struct dmn_model *m, const char *decision, const char *inputs, const char *want)
{
    struct od_arena a;
    struct od_buf out;
    struct feel_value vars;
    struct dmn_result r;
    struct od_err err;
    char why[300];
    od_arena_init(&a, 16 << 20);
    od_buf_init(&out, 1 << 20);
    assert_int_equal(feel_json_decode_plain(od_str_c(inputs), &a, &vars, &err), OD_OK);
    const struct feel_env env = {.vars = vars.context};
    if (dmn_evaluate(m, od_str_c(decision), &env, &a, &r, &err) != OD_OK)
        fail_msg("%s", od_err_text(&err, why, sizeof why));
    feel_value_format(&r.value, &out);
    feel_fault_text(&r.value, why, sizeof why);
    if (strcmp(od_buf_cstr(&out), want) != 0 && !(r.value.kind == FEEL_NULL && why[0] && strstr(why, want)))
        fail_msg("%s is %s, not %s (%s)", decision, od_buf_cstr(&out), want, why);
    od_buf_done(&out);
    od_arena_done(&a);
}

struct model_row {
    const char *name; /* the rule */
    const char *body;
    const char *inputs;
    const char *want; /* of the decision d */
};

static inline void model_rows_run(const struct model_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        print_message("  %s\n", rows[i].name);
        struct dmn_model *m = model_new(DMN_15, rows[i].body);
        model_is(m, "d", rows[i].inputs, rows[i].want);
        dmn_model_free(m);
    }
}
#define MODEL_ROWS(rows) model_rows_run((rows), OD_LEN(rows))

#endif
