/* SPDX-License-Identifier: Apache-2.0
 * Tasks (BPMN 2.0.2, 10.3.3, 13.3.3): what each kind asks of the world, and what it does by itself. */
#include "server/domain/process/engine.h"

/* In a simulation a task passes at once unless its host wants it to wait. */
static bool passes(struct run *r, uint32_t slot)
{
    if (r->d->profile != DEF_SIMULATE || (r->env->waits && r->env->waits(r->env->ctx, at(r, slot)->node)))
        return false;
    queue_push(r->s, slot, PHASE_COMPLETING);
    return true;
}

/* The settings of a task, evaluated, as values of the effect. */
static bool settings(struct run *r, uint32_t slot, struct process_effect *e)
{
    const struct def_node *n = node_of(r, slot);
    struct process_var *values = run_array(r, r->fx->arena, n->n_settings, sizeof *values);
    char why[400];
    size_t count = 0;
    for (uint32_t i = 0; values && i < n->n_settings; i++) {
        const struct def_setting *s = &r->d->settings[n->first_setting + i];
        struct feel_value v = feel_string(s->text);
        if (s->expr != DEF_NONE && !expr_eval(r, slot, s->expr, NULL, 0, &v, why, sizeof why)) {
            incident(r, slot, PHASE_ENTERED, OD_STR_FMT ": %s", OD_STR_ARG(s->name), why);
            return false;
        }
        values[count++] = (struct process_var){s->name, effect_text(r, value_text(r, &v))};
    }
    e->values = values;
    e->n_values = count;
    return ok(r);
}

static void open_outside(struct run *r, uint32_t slot, enum process_effect_kind kind)
{
    struct process_effect e = {.kind = kind, .key = at(r, slot)->key, .node = at(r, slot)->node, .flow = DEF_NONE, .due_us = OD_TIME_NONE,
                               .name = node_of(r, slot)->called};
    if (passes(r, slot) || !settings(r, slot, &e))
        return;
    *effect(r, kind, e.key, e.node) = e;
    at(r, slot)->opened = true;
}

/* Undefined and manual tasks are nobody's business here: they are done when they are reached (10.3.3). */
void node_task_enter(struct run *r, uint32_t slot)
{
    if (!passes(r, slot) && r->d->profile == DEF_DEPLOY)
        queue_push(r->s, slot, PHASE_COMPLETING);
}

void node_user_enter(struct run *r, uint32_t slot) { open_outside(r, slot, PROCESS_FX_TASK); }
void node_job_enter(struct run *r, uint32_t slot) { open_outside(r, slot, PROCESS_FX_JOB); }
void node_script_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    struct feel_value v;
    char why[400];
    if (passes(r, slot) || n->expr == DEF_NONE)
        return;
    if (!expr_eval(r, slot, n->expr, NULL, 0, &v, why, sizeof why)) {
        incident(r, slot, PHASE_ENTERED, "%s", why);
        return;
    }
    if (n->result.n) {
        var_assign(r, slot, n->result, value_text(r, &v));
    } else if (v.kind == FEEL_CONTEXT) { /* {a: 1, b: a + 1} sets variables */
        for (size_t i = 0; i < v.context->n && ok(r); i++)
            var_assign(r, slot, v.context->entries[i].name, value_text(r, &v.context->entries[i].value));
    }
    queue_push(r->s, slot, PHASE_COMPLETING);
}

/* Variables that a decision may use: those of the item, then those around it. */
static struct process_var *visible(struct run *r, uint32_t slot, size_t *ret_n)
{
    size_t n = 0;
    struct process_var *list = run_array(r, r->env->scratch, r->s->live_vars, sizeof *list);
    for (; list && slot != SLOT_NONE; slot = at(r, slot)->parent)
        for (uint32_t v = at(r, slot)->first_var; v != SLOT_NONE; v = r->s->vars[v].next) {
            bool hidden = r->s->vars[v].name.p[0] == 1;
            for (size_t i = 0; i < n && !hidden; i++)
                hidden = od_str_eq(list[i].name, r->s->vars[v].name);
            if (!hidden)
                list[n++] = (struct process_var){r->s->vars[v].name, r->s->vars[v].value};
        }
    *ret_n = list ? n : 0;
    return list;
}

static bool has_input(const struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    for (uint32_t i = 0; i < n->n_mappings; i++)
        if (!r->d->mappings[n->first_mapping + i].output && r->d->mappings[n->first_mapping + i].expr != DEF_NONE)
            return true;
    return false;
}

/* The instance that is called gets what its inputs name, or all that can be seen where nothing is named (10.3.6). */
void node_call_enter(struct run *r, uint32_t slot)
{
    size_t n;
    if (passes(r, slot))
        return;
    struct process_var *vars = visible(r, slot, &n), *copy = run_array(r, r->fx->arena, n, sizeof *copy);
    bool named = has_input(r, slot);
    struct process_effect *e = effect(r, PROCESS_FX_CALL, at(r, slot)->key, at(r, slot)->node);
    e->name = node_of(r, slot)->called;
    size_t count = 0;
    for (size_t i = 0; copy && vars && i < n; i++)
        if (!named || var_get(r->s, slot, vars[i].name))
            copy[count++] = (struct process_var){effect_text(r, vars[i].name), effect_text(r, vars[i].value)};
    e = &r->fx->list[r->fx->n - 1];
    e->values = copy;
    e->n_values = count;
    at(r, slot)->opened = true;
}

void node_rule_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    if (!n->called.n) { /* no decision named: a worker knows */
        open_outside(r, slot, PROCESS_FX_JOB);
        return;
    }
    if (!r->env->decide) {
        open_outside(r, slot, PROCESS_FX_DECIDE);
        return;
    }
    if (passes(r, slot))
        return;
    size_t n_vars;
    struct process_var *vars = visible(r, slot, &n_vars);
    struct od_str value;
    struct od_err err;
    char text[512];
    if (r->env->decide(r->env->ctx, n->called, vars, n_vars, r->env->scratch, &value, &err) != OD_OK) {
        incident(r, slot, PHASE_ENTERED, "%s", od_err_text(&err, text, sizeof text));
        return;
    }
    if (n->result.n)
        var_assign(r, slot, n->result, value);
    queue_push(r->s, slot, PHASE_COMPLETING);
}

static bool names_work(const struct run *r, const struct def_node *n)
{
    for (uint32_t i = 0; i < n->n_settings; i++) {
        struct od_str name = r->d->settings[n->first_setting + i].name;
        if (od_str_eq_c(name, "type") || od_str_eq_c(name, "implementation"))
            return true;
    }
    return false;
}

/* A send task with a message sends it and is done; one that names work, or has no message, is a job. */
void node_send_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    if (names_work(r, n) || (!n->called.n && n->n_settings))
        open_outside(r, slot, PROCESS_FX_JOB);
    else if (!passes(r, slot) && (!n->n_triggers || send_message(r, slot, def_trigger(r->d, at(r, slot)->node, 0))))
        queue_push(r->s, slot, PHASE_COMPLETING);
}

void node_receive_enter(struct run *r, uint32_t slot) { (void)subscribe(r, slot, at(r, slot)->node); }

void node_task_done(struct run *r, uint32_t slot)
{
    unsubscribe_node(r, slot, at(r, slot)->node);
    activity_done(r, slot);
}
