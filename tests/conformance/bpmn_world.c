/* SPDX-License-Identifier: Apache-2.0
 * Instances of one model and what they say to each other. */
#include "tests/conformance/bpmn_world.h"

#include <limits.h>

#include "common/base/limits.h"

enum { EFFECTS_BYTES_MAX = 64 << 20 };

bool world_init(struct world *w, const struct model *m, enum def_profile profile, struct od_arena *arena, struct lint_report *report)
{
    struct od_err err;
    w->m = m;
    w->n_defs = w->n_instances = 0;
    od_arena_init(&w->scratch, OD_PROCESS_EVAL_BYTES_MAX);
    od_arena_init(&w->effects_arena, EFFECTS_BYTES_MAX);
    w->env.scratch = &w->scratch;
    w->env.history = true;
    for (unsigned i = 0; i < m->file.n_elements && w->n_defs < WORLD_DEFS_MAX; i++) {
        const struct xml_node *e = m->file.elements[i];
        if (e->kind != BPMN_PROCESS && e->kind != BPMN_GLOBAL_SCRIPT_TASK)
            continue;
        const struct def *d;
        if (def_compile(m, e, profile, NULL, arena, report, &d, &err) != OD_OK || !d)
            return false;
        w->sources[w->n_defs] = e;
        w->defs[w->n_defs++] = d;
    }
    return true;
}

void world_done(struct world *w)
{
    for (unsigned i = 0; i < w->n_instances; i++)
        state_done(&w->instances[i].s);
    od_arena_done(&w->scratch);
    od_arena_done(&w->effects_arena);
}

unsigned world_def_by_id(const struct world *w, struct od_str id)
{
    for (unsigned i = 0; i < w->n_defs; i++)
        if (od_str_eq(w->defs[i]->nodes[0].id, id))
            return i;
    return UINT_MAX;
}

/* Start events of processes that this message or signal would start. */
static uint32_t start_for(const struct def *d, enum trigger_kind kind, struct od_str name)
{
    for (uint32_t n = 1; n < d->n_nodes; n = d->nodes[n].end)
        for (uint32_t k = 0; k < d->nodes[n].n_triggers; k++)
            if ((d->nodes[n].kind == NODE_START || d->nodes[n].instantiates) && def_trigger(d, n, k)->kind == kind &&
                od_str_eq(def_trigger(d, n, k)->name, name))
                return n;
    return DEF_NONE;
}

void world_signal(struct world *w, struct od_str name, uint32_t but)
{
    unsigned before = w->n_instances;
    for (unsigned i = 0; i < before; i++)
        if (i != but && !w->instances[i].ended)
            world_step(w, i, &(struct process_event){.kind = PROCESS_SIGNAL, .name = name});
    for (unsigned i = 0; i < w->n_defs; i++) {
        uint32_t node = start_for(w->defs[i], TRIGGER_SIGNAL, name);
        if (node != DEF_NONE)
            world_start(w, i, node, NULL, 0);
    }
}

bool world_message(struct world *w, struct od_str name, struct od_str correlation)
{
    for (unsigned i = 0; i < w->n_instances; i++) {
        const struct state *s = &w->instances[i].s;
        for (uint32_t k = 0; k < s->n_subs && !w->instances[i].ended; k++) {
            const struct def_trigger *t = s->subs[k].key ? &w->instances[i].d->triggers[s->subs[k].trigger] : NULL;
            if (!t || t->kind != TRIGGER_MESSAGE || !od_str_eq(t->name, name) || !od_str_eq(s->subs[k].correlation, correlation))
                continue;
            world_step(w, i, &(struct process_event){.kind = PROCESS_MESSAGE, .name = name, .correlation = correlation});
            return true;
        }
    }
    for (unsigned i = 0; i < w->n_defs; i++) {
        uint32_t node = start_for(w->defs[i], TRIGGER_MESSAGE, name);
        if (node != DEF_NONE)
            return world_start(w, i, node, NULL, 0) != UINT32_MAX;
    }
    return false;
}

static void to_caller(struct world *w, uint32_t instance, const struct process_effect *e)
{
    struct world_instance *i = &w->instances[instance];
    if (i->caller == UINT32_MAX || w->instances[i->caller].ended)
        return;
    if (e->kind == PROCESS_FX_ENDED && od_str_eq_c(e->text, "completed"))
        world_step(w, i->caller,
                   &(struct process_event){.kind = PROCESS_COMPLETE, .key = i->caller_key, .vars = e->values, .n_vars = e->n_values});
    else if (e->kind == PROCESS_FX_UNCAUGHT)
        world_step(w, i->caller,
                   &(struct process_event){.kind = e->flow ? PROCESS_ESCALATE : PROCESS_ERROR, .key = i->caller_key, .name = e->name});
}

static void call(struct world *w, uint32_t instance, const struct process_effect *e)
{
    unsigned def = world_def_by_id(w, e->name);
    uint32_t child = def == UINT_MAX || w->n_instances == WORLD_INSTANCES_MAX ? UINT32_MAX : w->n_instances;
    if (child == UINT32_MAX) {
        world_step(w, instance,
                   &(struct process_event){.kind = PROCESS_FAIL, .key = e->key, .name = OD_STR("the called element is not there")});
        return;
    }
    w->instances[child].caller = instance;
    w->instances[child].caller_key = e->key;
    world_start(w, def, DEF_NONE, e->values, e->n_values);
}

static void spread(struct world *w, uint32_t instance, const struct process_effect *e)
{
    if (e->kind == PROCESS_FX_ENDED)
        w->instances[instance].ended = true;
    if (w->on_effect)
        w->on_effect(w, instance, e);
    if (e->kind == PROCESS_FX_BROADCAST)
        world_signal(w, e->name, instance);
    else if (e->kind == PROCESS_FX_SEND && e->name.n)
        world_message(w, e->name, e->text);
    else if (e->kind == PROCESS_FX_CALL)
        call(w, instance, e);
    else if (e->kind == PROCESS_FX_ENDED || e->kind == PROCESS_FX_UNCAUGHT)
        to_caller(w, instance, e);
    else if (e->kind == PROCESS_FX_CONTINUE)
        world_step(w, instance, &(struct process_event){.kind = PROCESS_CONTINUE});
}

void world_step(struct world *w, uint32_t instance, const struct process_event *e)
{
    struct world_instance *i = &w->instances[instance];
    struct process_effects fx;
    struct od_err err;
    w->env.now_us = w->now_us;
    process_effects_init(&fx, &w->effects_arena); /* texts live as long as the world: effects of effects refer to them */
    enum od_status status = process_step(i->d, &i->s, e, &w->env, &fx, &err);
    if (status != OD_OK && status != OD_NOT_FOUND)
        w->failed = true;
    for (size_t k = 0; k < fx.n && status == OD_OK; k++)
        spread(w, instance, &fx.list[k]);
    process_effects_done(&fx);
}

uint32_t world_start(struct world *w, unsigned def, uint32_t node, const struct process_var *vars, size_t n)
{
    if (w->n_instances == WORLD_INSTANCES_MAX)
        return UINT32_MAX;
    uint32_t at = w->n_instances++;
    struct world_instance *i = &w->instances[at];
    i->d = w->defs[def];
    i->source = w->sources[def];
    i->ended = false;
    if (!i->caller_key)
        i->caller = UINT32_MAX;
    state_init(&i->s);
    world_step(w, at, &(struct process_event){.kind = PROCESS_START, .node = node, .vars = vars, .n_vars = n});
    return at;
}
