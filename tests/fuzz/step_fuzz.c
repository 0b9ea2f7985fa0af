/* SPDX-License-Identifier: Apache-2.0
 * Any events against models: the first byte chooses between the model with everything in it and ways to draw one from the next
 * bytes. After every step the invariants hold, inside and outside, and the same step done again on the same bytes gives the same
 * bytes. */
#include "common/base/limits.h"
#include "server/domain/process/step.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/process_draw.h"
#include "tests/fuzz/process_model.h"
#include "tests/unit/server/domain/process/outside.h"

/* An input is played until its states have had ITEMS_MAX items together: a step may still leave as many as it likes, but what is
 * large is not looked at again and again. */
enum { ARENA_BYTES = 32 << 20, BUFFER_BYTES = 4 << 20, EVENTS_MAX = 24, ITEMS_MAX = 250 };

/* What runs is the definition as it comes back from its bytes. */
static const struct def *from_bytes(const struct def *d, struct od_arena *arena)
{
    struct od_buf b;
    struct od_err err;
    const struct def *again = d;
    od_buf_init(&b, BUFFER_BYTES);
    def_encode(d, &b);
    od_assert(b.failed || def_decode(od_arena_copy(arena, od_buf_view(&b)), NULL, arena, &again, &err) == OD_OK);
    od_buf_done(&b);
    return again;
}

/* What the input draws; a simulation, where what the model leaves open is the input's too, or what can be deployed. */
static const struct def *drawn(struct input *in, void (*draw)(struct input *, struct od_buf *), enum def_profile profile,
                               struct od_arena *arena)
{
    struct od_buf b;
    od_buf_init(&b, 1 << 16);
    od_buf_c(&b, HEAD DECLARED "<process id=\"p\" isExecutable=\"true\">");
    draw(in, &b);
    od_buf_c(&b, "</process></definitions>");
    const struct def *d = b.failed ? NULL : compile_text(od_buf_cstr(&b), arena, profile);
    od_buf_done(&b);
    return d ? from_bytes(d, arena) : NULL;
}

static uint64_t choose(void *ctx, uint32_t node, uint32_t n_out, bool several)
{
    (void)node, (void)several;
    return UINT64_C(1) << (byte(ctx) % (n_out ? n_out : 1) % 64);
}

static bool waits(void *ctx, uint32_t node)
{
    (void)ctx;
    return node % 2;
}

/* Keys are small: what is there is met often. */
static struct process_event draw_event(struct input *in, const struct def *d, struct process_var *var)
{
    static const struct od_str values[] = {{"{\"t\":\"number\",\"v\":\"0\"}", 22}, {"{\"t\":\"number\",\"v\":\"3\"}", 22},
                                           {"{\"t\":\"number\",\"v\":\"9\"}", 22}, {"{\"t\":\"null\"}", 12},
                                           {"{\"t\":\"string\",\"v\":\"x\"}", 22}, {"rubbish", 7}};
    static const struct od_str names[] = {{"m", 1}, {"g", 1}, {"X", 1}, {"Y", 1}, {"", 0}};
    *var = (struct process_var){OD_STR("n"), values[byte(in) % OD_LEN(values)]};
    struct process_event e = {.kind = (enum process_event_kind)(byte(in) % (PROCESS_CANCEL + 1)),
                              .key = byte(in),
                              .node = byte(in) % d->n_nodes,
                              .name = names[byte(in) % OD_LEN(names)],
                              .vars = var,
                              .n_vars = byte(in) % 2};
    if (e.kind == PROCESS_CANCEL && byte(in) % 8)
        e.kind = PROCESS_COMPLETE;
    return e;
}

static enum od_status step(const struct def *d, struct state *s, const struct process_event *e, struct input *in, struct outside *o,
                           struct od_buf *bytes)
{
    struct od_arena scratch, texts;
    struct process_effects fx;
    struct od_err err;
    od_arena_init(&scratch, OD_PROCESS_EVAL_BYTES_MAX);
    od_arena_init(&texts, ARENA_BYTES);
    process_effects_init(&fx, &texts);
    struct process_env env = {.scratch = &scratch, .history = true, .choose = choose, .waits = waits, .ctx = in, .now_us = OD_US_PER_S};
    enum od_status status = process_step(d, s, e, &env, &fx, &err);
    if (status == OD_OK) {
        must_hold(s, d);
        must_be(o ? outside_take(o, e, &fx, s) : NULL);
        od_buf_clear(bytes);
        state_encode(s, bytes);
    }
    must_be(status == OD_NOT_FOUND && fx.n ? "an event for nobody has no effects" : NULL);
    process_effects_done(&fx);
    od_arena_done(&texts);
    od_arena_done(&scratch);
    return status;
}

static void play(const struct def *d, struct input in)
{
    struct state s;
    struct od_buf before, after, twice;
    struct od_err err;
    struct outside outside = {0};
    uint64_t items = 0;
    state_init(&s);
    od_buf_init(&before, BUFFER_BYTES);
    od_buf_init(&after, BUFFER_BYTES);
    od_buf_init(&twice, BUFFER_BYTES);
    state_encode(&s, &before);
    for (unsigned i = 0; i < EVENTS_MAX && (i == 0 || in.n) && items < ITEMS_MAX; i++) {
        struct process_var var;
        struct process_event e = draw_event(&in, d, &var);
        struct state copy;
        if (i == 0)
            e = (struct process_event){.kind = PROCESS_START, .node = DEF_NONE, .vars = &var, .n_vars = 1};
        enum od_status decoded = state_decode(od_buf_view(&before), d, &copy, &err);
        od_assert(before.failed || decoded == OD_OK);
        struct input same = in;
        enum od_status a = step(d, &s, &e, &in, &outside, &after);
        enum od_status b = before.failed ? a : step(d, &copy, &e, &same, NULL, &twice);
        od_assert(a == b);
        if (a == OD_OK && !before.failed)
            od_assert(od_str_eq(od_buf_view(&after), od_buf_view(&twice)));
        state_done(&copy);
        if (a != OD_OK && a != OD_NOT_FOUND)
            break;
        items += s.live_items;
        if (a == OD_OK) {
            struct od_buf spare = before;
            before = after;
            after = spare;
        } else {
            od_buf_clear(&before);
            state_encode(&s, &before);
        }
    }
    outside_done(&outside);
    state_done(&s);
    od_buf_done(&before);
    od_buf_done(&after);
    od_buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct od_arena arena;
    static const struct def *rich;
    struct input in = {data, size};
    if (!rich) {
        od_arena_init(&arena, ARENA_BYTES);
        rich = compile_text(rich_model, &arena, DEF_DEPLOY);
        od_assert(rich);
    }
    unsigned which = byte(&in) % 4;
    if (which == 1) {
        play(rich, in);
        return 0;
    }
    struct od_arena own;
    od_arena_init(&own, ARENA_BYTES);
    const struct def *d = drawn(&in, which ? draw_all : draw_flat, which == 3 ? DEF_DEPLOY : DEF_SIMULATE, &own);
    if (d)
        play(d, in);
    od_arena_done(&own);
    return 0;
}
