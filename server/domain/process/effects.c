/* SPDX-License-Identifier: Apache-2.0
 * The list of effects of one step. */
#include "server/domain/process/engine.h"

void process_effects_init(struct process_effects *fx, struct od_arena *arena) { *fx = (struct process_effects){.arena = arena}; }

void process_effects_clear(struct process_effects *fx) { fx->n = 0; }

void process_effects_done(struct process_effects *fx)
{
    free(fx->list);
    *fx = (struct process_effects){.arena = fx->arena};
}

struct process_effect *effect(struct run *r, enum process_effect_kind kind, uint64_t key, uint32_t node)
{
    struct process_effects *fx = r->fx;
    if (fx->n == fx->cap) {
        fx->cap = fx->cap ? 2 * fx->cap : 32;
        fx->list = od_xrealloc(fx->list, fx->cap * sizeof *fx->list);
    }
    struct process_effect *e = &fx->list[fx->n++];
    *e = (struct process_effect){.kind = kind, .key = key, .node = node, .flow = DEF_NONE, .due_us = OD_TIME_NONE};
    return e;
}

void effect_history(struct run *r, enum process_effect_kind kind, uint32_t slot)
{
    if (r->env->history)
        effect(r, kind, at(r, slot)->key, at(r, slot)->node)->flow = at(r, slot)->flow;
}

struct od_str effect_text(struct run *r, struct od_str s)
{
    struct od_str copy = od_arena_copy(r->fx->arena, s);
    if (s.n && !copy.p)
        r->status = od_fail(r->err, OD_R_MEMORY_LIMIT, "max=%zu", r->fx->arena->cap_bytes);
    return copy;
}
