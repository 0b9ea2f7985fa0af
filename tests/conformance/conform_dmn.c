/* SPDX-License-Identifier: Apache-2.0
 * Kind `dmn`: every decision that a case names, or its decision service, with its inputs. */
#include "tests/conformance/conform.h"

#include "server/domain/feel/feel_json.h"
#include "tests/conformance/dmn_case.h"

enum { CASE_ARENA_MAX = 128 * 1024 * 1024 };

static const struct feel_type *input_type(const struct dmn_model *m, struct od_str name)
{
    for (size_t i = 0; i < dmn_model_elements(m); i++) {
        struct dmn_element_info e = dmn_model_element(m, i);
        if (e.kind == DMN_INPUT && od_str_eq(e.name, name))
            return e.type;
    }
    return NULL;
}

static enum od_status inputs(const struct feel_value *list, const struct dmn_model *m, struct od_arena *a, struct feel_context **ret,
                             struct od_err *err)
{
    size_t n = list && list->kind == FEEL_LIST ? list->list->n : 0;
    *ret = feel_context_new(a, n);
    if (!*ret)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%d", CASE_ARENA_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct feel_value *item = &list->list->items[i];
        const struct feel_value *name = item->kind == FEEL_CONTEXT ? feel_context_get(item->context, OD_STR("name")) : NULL;
        const struct feel_value *value = name ? feel_context_get(item->context, OD_STR("value")) : NULL;
        if (!value || name->kind != FEEL_STRING)
            return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=an input of the case");
        struct feel_entry *e = &(*ret)->entries[i];
        e->name = name->string;
        OD_TRY(feel_json_typed(value, a, &e->value, err));
        const struct feel_type *t = input_type(m, e->name);
        if (t)
            e->value = dmn_case_read_untyped(t, value, &e->value, a);
    }
    return OD_OK;
}

static void one(const struct dmn_model *m, struct od_str evaluate, struct od_str name, const struct feel_context *vars, struct od_arena *a,
                bool first, struct od_buf *out)
{
    struct feel_env env = {.vars = vars};
    struct dmn_result r;
    struct od_err err = {0};
    char why[512];
    od_buf_c(out, first ? "" : ",");
    feel_json_string(name, out);
    od_buf_char(out, ':');
    if (dmn_evaluate(m, evaluate, &env, a, &r, &err) == OD_OK) {
        size_t at = out->n;
        feel_json_encode(&r.value, out);
        if (!out->failed)
            return;
        out->failed = false;
        out->n = at;
        od_fail(&err, OD_R_LIMIT_EXCEEDED, "limit=an answer");
    }
    od_buf_c(out, "{\"error\":");
    feel_json_string(od_str_c(od_err_text(&err, why, sizeof why)), out);
    od_buf_char(out, '}');
}

static const struct feel_value *text_of(const struct feel_context *c, struct od_str name)
{
    const struct feel_value *v = feel_context_get(c, name);
    return v && v->kind == FEEL_STRING ? v : NULL;
}

static enum od_status answer(const struct feel_value *row, const char *dir, struct od_arena *a, struct od_buf *out, struct od_err *err)
{
    const struct feel_context *c = row->context;
    const struct feel_value *in = text_of(c, OD_STR("dir")), *file = text_of(c, OD_STR("model")),
                            *service = text_of(c, OD_STR("invocable"));
    const struct feel_value *results = feel_context_get(c, OD_STR("results"));
    const struct dmn_model *m;
    struct feel_context *vars;
    if (!in || !file || !results || results->kind != FEEL_LIST)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the case");
    OD_TRY(dmn_case_model(dir, in->string, file->string, &m, err));
    OD_TRY(inputs(feel_context_get(c, OD_STR("inputs")), m, a, &vars, err));
    od_buf_c(out, ",\"results\":{");
    for (size_t i = 0; i < results->list->n; i++) {
        const struct feel_value *r = &results->list->items[i],
                                *name = r->kind == FEEL_CONTEXT ? text_of(r->context, OD_STR("decision")) : NULL;
        if (name)
            one(m, service ? service->string : name->string, name->string, vars, a, i == 0, out);
    }
    od_buf_char(out, '}');
    return OD_OK;
}

enum od_status conform_dmn(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return dmn_case_lines(cases, dir, out, CASE_ARENA_MAX, answer, err);
}
