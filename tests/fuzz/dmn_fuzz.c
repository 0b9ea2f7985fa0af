/* SPDX-License-Identifier: Apache-2.0
 * DMN on any bytes: compile, then make every decision within tight bounds. */
#include "server/domain/dmn/dmn.h"
#include "server/domain/feel/feel_json.h"
#include "tests/fuzz/fuzz.h"

enum { ARENA_MAX = 16 << 20, OUT_MAX = 1 << 20, DECISIONS_MAX = 50 };

static void count(void *opaque, const struct dmn_finding *f)
{
    od_assert(f->why[0] != '\0');
    ++*(unsigned *)opaque;
}

static void decide(const struct dmn_model *m, struct od_str name)
{
    struct feel_entry entries[] = {{{"a", 1}, feel_integer(3)}, {{"b", 1}, feel_string(OD_STR("x"))}};
    const struct feel_context vars = {OD_LEN(entries), entries};
    const struct feel_limits limits = {.steps = 20000, .depth = 300};
    const struct feel_env env = {.vars = &vars, .limits = &limits};
    struct od_arena a;
    struct od_buf out;
    struct dmn_result r;
    struct od_err err;
    od_arena_init(&a, ARENA_MAX);
    od_buf_init(&out, OUT_MAX);
    if (dmn_evaluate(m, name, &env, &a, &r, &err) == OD_OK) {
        feel_json_encode(&r.value, &out);
        for (const struct dmn_trace *t = r.trace; t; t = t->next)
            for (size_t i = 0; i < t->n_matched; i++)
                od_assert(t->matched[i] > 0);
    }
    od_buf_done(&out);
    od_arena_done(&a);
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dmn_model *m = NULL;
    struct od_err err;
    unsigned findings = 0;
    if (dmn_model_compile((struct od_str){(const char *)data, size}, NULL, count, &findings, &m, &err) != OD_OK)
        return 0;
    for (size_t i = 0; i < dmn_model_elements(m) && i < DECISIONS_MAX; i++)
        decide(m, dmn_model_element(m, i).name);
    dmn_model_free(m);
    return 0;
}
