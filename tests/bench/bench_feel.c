/* SPDX-License-Identifier: Apache-2.0
 * Evaluations per second of one condition, parsed once, on one core. Prints one JSON object. */
#include "server/domain/feel/feel.h"

#include "common/base/time.h"

#include <stdio.h>

enum { BATCH = 20000 };
#define RUN_US INT64_C(2000000)
#define FLOOR_PER_S 1000000

int main(void)
{
    static const char text[] = "amount > 1000 and status = \"open\"";
    static const struct od_str names[] = {{"amount", 6}, {"status", 6}};
    const struct feel_scope scope = {.names = names, .n_names = OD_LEN(names)};
    struct feel_entry entries[] = {{{"amount", 6}, feel_integer(1500)}, {{"status", 6}, feel_string(OD_STR("open"))}};
    const struct feel_context vars = {OD_LEN(entries), entries};
    const struct feel_env env = {.vars = &vars};
    const struct feel_program *p;
    struct od_arena programs, results;
    struct od_err err;
    int64_t n = 0;
    od_arena_init(&programs, 1 << 20);
    od_arena_init(&results, 1 << 20);
    if (feel_parse(od_str_c(text), FEEL_EXPRESSION, &scope, &programs, &p, &err) != OD_OK)
        return 1;
    int64_t start = od_mono_us(), now = start;
    while (now - start < RUN_US) {
        for (unsigned i = 0; i < BATCH; i++, n++) {
            struct feel_value v;
            entries[0].value.number = od_decimal_from_i64(1001 + i);
            if (feel_eval(p, &env, &results, &v, &err) != OD_OK || !feel_is_true(&v))
                return 1;
            od_arena_reset(&results);
        }
        now = od_mono_us();
    }
    printf("{\"bench\":\"feel_pure\",\"per_s\":%lld,\"floor\":%d}\n", (long long)(n * 1000000 / (now - start)), FLOOR_PER_S);
    od_arena_done(&programs);
    od_arena_done(&results);
    return 0;
}
