/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as the state of an instance, and as a definition. What is accepted keeps the invariants, is written back as the same
 * bytes, and can be run without breaking anything. */
#include "common/base/limits.h"
#include "server/domain/process/step.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/process_model.h"

enum { ARENA_BYTES = 32 << 20, BUFFER_BYTES = 1 << 20 };

static void run_on(const struct def *d, struct state *s)
{
    struct od_arena scratch, texts;
    struct process_effects fx;
    struct od_err err;
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    od_arena_init(&texts, ARENA_BYTES);
    process_effects_init(&fx, &texts);
    struct process_env env = {.scratch = &scratch};
    struct process_event e = {.kind = PROCESS_SIGNAL, .name = OD_STR("g")};
    if (process_step(d, s, &e, &env, &fx, &err) == OD_OK)
        must_hold(s, d);
    process_effects_done(&fx);
    od_arena_done(&texts);
    od_arena_done(&scratch);
}

static void as_state(const struct def *d, struct od_str bytes)
{
    struct state s;
    struct od_err err;
    if (state_decode(bytes, d, &s, &err) != OD_OK)
        return;
    must_hold(&s, d);
    struct od_buf b, c;
    struct state again;
    od_buf_init(&b, BUFFER_BYTES);
    od_buf_init(&c, BUFFER_BYTES);
    state_encode(&s, &b);
    od_assert(b.failed || state_decode(od_buf_view(&b), d, &again, &err) == OD_OK);
    if (!b.failed) {
        state_encode(&again, &c);
        od_assert(od_str_eq(od_buf_view(&b), od_buf_view(&c)));
        state_done(&again);
    }
    od_buf_done(&b);
    od_buf_done(&c);
    run_on(d, &s);
    state_done(&s);
}

static void as_definition(struct od_str bytes)
{
    struct od_arena arena;
    const struct def *d;
    struct od_err err;
    od_arena_init(&arena, ARENA_BYTES);
    if (def_decode(bytes, NULL, &arena, &d, &err) == OD_OK) {
        struct state s;
        state_init(&s);
        struct od_arena scratch, texts;
        struct process_effects fx;
        od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
        od_arena_init(&texts, ARENA_BYTES);
        process_effects_init(&fx, &texts);
        struct process_env env = {.scratch = &scratch};
        if (process_step(d, &s, &(struct process_event){.kind = PROCESS_START, .node = DEF_NONE}, &env, &fx, &err) == OD_OK)
            must_hold(&s, d);
        process_effects_done(&fx);
        od_arena_done(&texts);
        od_arena_done(&scratch);
        state_done(&s);
    }
    od_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct od_arena arena;
    static const struct def *d;
    if (!d) {
        od_arena_init(&arena, ARENA_BYTES);
        d = compile_text(rich_model, &arena, DEF_DEPLOY);
        od_assert(d);
    }
    if (size > 8192)
        return 0;
    as_state(d, (struct od_str){(const char *)data, size});
    as_definition((struct od_str){(const char *)data, size});
    return 0;
}
