/* SPDX-License-Identifier: Apache-2.0
 * Kind `feel`: each expression evaluated with its context and coerced to its result type. */
#include "tests/conformance/conform.h"

#include "server/domain/feel/feel_json.h"
#include "server/domain/feel/run.h"
#include "tests/conformance/dmn_case.h"

#include "common/base/limits.h"

enum { CASE_ARENA_MAX = 64 * 1024 * 1024, NAMES_MAX = 256 };

static const struct feel_type *type_of(struct od_str name, const struct dmn_model *m, struct od_arena *a)
{
    if (name.n > 6 && !memcmp(name.p, "list<", 5) && name.p[name.n - 1] == '>') {
        struct feel_type *list = OD_ARENA_NEW(a, struct feel_type);
        struct od_str inner = {name.p + 5, name.n - 6};
        if (list)
            *list = (struct feel_type){.kind = FEEL_LIST, .name = name, .item = type_of(inner, m, a)};
        return list;
    }
    const struct feel_type *t = m ? dmn_model_type(m, name) : NULL;
    return t ? t : feel_type_builtin(name);
}

/* The context's values; a text without a type is read by its input's type. */
static void retype(struct feel_context *vars, const struct feel_context *given, const struct feel_value *input_types,
                   const struct dmn_model *m, struct od_arena *a)
{
    for (size_t i = 0; input_types && input_types->kind == FEEL_CONTEXT && i < vars->n; i++) {
        const struct feel_value *name = feel_context_get(input_types->context, vars->entries[i].name);
        const struct feel_type *t = name && name->kind == FEEL_STRING ? type_of(name->string, m, a) : NULL;
        if (t)
            vars->entries[i].value = dmn_case_read_untyped(t, &given->entries[i].value, &vars->entries[i].value, a);
    }
}

static enum od_status evaluate(const struct feel_value *row, const char *dir, struct od_arena *a, struct feel_value *ret,
                               struct od_err *err)
{
    const struct feel_context *c = row->context;
    const struct feel_value *context = feel_context_get(c, OD_STR("context")), *pure = feel_context_get(c, OD_STR("pure"));
    const struct feel_value *result = feel_context_get(c, OD_STR("result_type")), *text = feel_context_get(c, OD_STR("expression"));
    const struct feel_value *in = feel_context_get(c, OD_STR("dir"));
    const struct feel_context none = {0}, *given = context && context->kind == FEEL_CONTEXT ? context->context : &none;
    struct feel_context *vars = feel_context_new(a, given->n);
    struct od_str names[NAMES_MAX];
    const struct dmn_model *m = NULL;
    const struct feel_program *p;
    if (!vars || !text || text->kind != FEEL_STRING || given->n > NAMES_MAX)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the case");
    if (pure && feel_is_false(pure) && in && in->kind == FEEL_STRING)
        OD_TRY(dmn_case_model_in(dir, in->string, a, &m, err));
    for (size_t i = 0; i < given->n; i++) {
        names[i] = vars->entries[i].name = given->entries[i].name;
        OD_TRY(feel_json_typed(&given->entries[i].value, a, &vars->entries[i].value, err));
    }
    retype(vars, given, feel_context_get(c, OD_STR("input_types")), m, a);
    struct feel_scope scope = {.names = names, .n_names = vars->n};
    if (m)
        dmn_model_scope(m, &scope);
    struct feel_env env = {.vars = vars};
    struct feel_run run;
    OD_TRY(feel_parse(text->string, FEEL_EXPRESSION, &scope, a, &p, err));
    feel_run_init(&run, &env, a);
    *ret = feel_run_program(&run, p, NULL);
    const struct feel_type *t = result && result->kind == FEEL_STRING ? type_of(result->string, m, a) : NULL;
    if (t)
        *ret = feel_type_coerce(&run, t, ret);
    return feel_run_status(&run, err);
}

static enum od_status answer(const struct feel_value *row, const char *dir, struct od_arena *a, struct od_buf *out, struct od_err *err)
{
    struct feel_value v;
    OD_TRY(evaluate(row, dir, a, &v, err));
    od_buf_c(out, ",\"value\":");
    feel_json_encode(&v, out);
    return out->failed ? od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=an answer") : OD_OK;
}

enum od_status conform_feel(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return dmn_case_lines(cases, dir, out, CASE_ARENA_MAX, answer, err);
}
