/* SPDX-License-Identifier: Apache-2.0
 * Decisions per second of one table of 1,000 rules and 5 inputs, compiled once, on one core. Prints one JSON object. */
#include "server/domain/dmn/dmn.h"

#include "common/base/time.h"

#include <stdio.h>

enum { RULES = 1000, INPUTS = 5, ARENA_MAX = 64 << 20, MODEL_MAX = 8 << 20 };
#define RUN_US INT64_C(2000000)
#define FLOOR_PER_S 20000

/* Every rule tests all inputs: a region, a product, a range of quantities, a customer class and a price limit. */
static void model_write(struct od_buf *b)
{
    static const char *const inputs[INPUTS] = {"region", "product", "quantity", "class", "price"};
    od_buf_c(b, "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"bench\" namespace=\"urn:bench\">");
    for (unsigned i = 0; i < INPUTS; i++)
        od_buf_printf(b, "<inputData id=\"i%u\" name=\"%s\"><variable name=\"%s\"/></inputData>", i, inputs[i], inputs[i]);
    od_buf_c(b, "<decision id=\"d\" name=\"discount\"><variable name=\"discount\"/>");
    for (unsigned i = 0; i < INPUTS; i++)
        od_buf_printf(b, "<informationRequirement><requiredInput href=\"#i%u\"/></informationRequirement>", i);
    od_buf_c(b, "<decisionTable hitPolicy=\"UNIQUE\">");
    for (unsigned i = 0; i < INPUTS; i++)
        od_buf_printf(b, "<input><inputExpression><text>%s</text></inputExpression></input>", inputs[i]);
    od_buf_c(b, "<output/>");
    for (unsigned r = 0; r < RULES; r++) {
        od_buf_printf(b, "<rule><inputEntry><text>\"region %u\"</text></inputEntry><inputEntry><text>\"product %u\", \"part %u\"</text></inputEntry>",
                      r % 10, r / 10, r / 10);
        od_buf_printf(b, "<inputEntry><text>[%u..%u)</text></inputEntry><inputEntry><text>not(\"closed %u\")</text></inputEntry>", r, r + 100, r % 7);
        od_buf_printf(b, "<inputEntry><text>&lt;= %u.50</text></inputEntry><outputEntry><text>%u.25</text></outputEntry></rule>", 5000 + r, r);
    }
    od_buf_c(b, "</decisionTable></decision></definitions>");
}

int main(void)
{
    struct od_buf xml;
    struct od_arena arena;
    struct dmn_model *m;
    struct od_err err;
    struct feel_entry entries[INPUTS] = {{{"region", 6}, {0}}, {{"product", 7}, {0}}, {{"quantity", 8}, {0}}, {{"class", 5}, {0}}, {{"price", 5}, {0}}};
    const struct feel_context vars = {INPUTS, entries};
    const struct feel_env env = {.vars = &vars};
    char region[16], product[16];
    int64_t n = 0;
    od_buf_init(&xml, MODEL_MAX);
    od_arena_init(&arena, ARENA_MAX);
    model_write(&xml);
    if (xml.failed || dmn_model_compile(od_buf_view(&xml), NULL, NULL, NULL, &m, &err) != OD_OK)
        return 1;
    int64_t start = od_mono_us(), now = start;
    for (; now - start < RUN_US; n++) {
        unsigned r = (unsigned)(n * 7919 % RULES);
        struct dmn_result result;
        snprintf(region, sizeof region, "region %u", r % 10);
        snprintf(product, sizeof product, "product %u", r / 10);
        entries[0].value = feel_string(od_str_c(region));
        entries[1].value = feel_string(od_str_c(product));
        entries[2].value = feel_integer(r + 50);
        entries[3].value = feel_string(OD_STR("open"));
        entries[4].value = feel_integer(100);
        if (dmn_evaluate(m, OD_STR("discount"), &env, &arena, &result, &err) != OD_OK || result.value.kind != FEEL_NUMBER)
            return 1;
        od_arena_reset(&arena);
        if (n % 256 == 0)
            now = od_mono_us();
    }
    printf("{\"bench\":\"dmn_table\",\"per_s\":%lld,\"floor\":%d}\n", (long long)(n * 1000000 / (now - start)), FLOOR_PER_S);
    dmn_model_free(m);
    od_arena_done(&arena);
    od_buf_done(&xml);
    return 0;
}
