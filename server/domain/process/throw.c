/* SPDX-License-Identifier: Apache-2.0
 * Throwing: errors and escalations go upwards until something catches them (BPMN 2.0.2, 10.5.7), signals go everywhere,
 * messages go out. */
#include "server/domain/process/engine.h"

/* The event definition of that kind that catches the code: one that names it before one that takes everything. */
static uint32_t catching(const struct run *r, const uint32_t *events, uint32_t n, uint32_t but, enum trigger_kind kind, struct od_str code)
{
    uint32_t general = DEF_NONE;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; r->d->nodes[events[i]].parent != but && k < r->d->nodes[events[i]].n_triggers; k++) {
            const struct def_trigger *t = def_trigger(r->d, events[i], k);
            if (t->kind != kind)
                continue;
            if (!t->any && od_str_eq(t->name, code))
                return events[i];
            if (t->any && general == DEF_NONE)
                general = events[i];
        }
    return general;
}

struct catcher {
    uint32_t slot, event; /* the scope of an event sub-process, or the host of a boundary event */
};

/* From the thrower outwards: the event sub-processes of each scope, then the boundary events of its activity. An event
 * sub-process does not catch what is thrown in it, and what has completed and is being undone catches nothing any more. */
static struct catcher find_catcher(const struct run *r, uint32_t from, enum trigger_kind kind, struct od_str code)
{
    uint32_t thrown_in = DEF_NONE;
    for (uint32_t s = from; s != SLOT_NONE; s = at(r, s)->parent) {
        const struct def_node *n = node_of(r, s);
        enum item_kind k = (enum item_kind)at(r, s)->kind;
        uint32_t event = DEF_NONE;
        if (k == ITEM_TOKEN || k == ITEM_COMPENSATION || at(r, s)->compensating)
            continue;
        if (s != from && k == ITEM_SCOPE && !at(r, s)->interrupted)
            event = catching(r, r->d->event_subs + n->first_event_sub, n->n_event_subs, thrown_in, kind, code);
        if (event == DEF_NONE && def_has(r->d, at(r, s)->node, NODE_ACTIVITY) && !at(r, s)->in_loop)
            event = catching(r, r->d->attached + n->first_boundary, n->n_boundaries, DEF_NONE, kind, code);
        if (event != DEF_NONE)
            return (struct catcher){s, event};
        thrown_in = k == ITEM_SCOPE && n->event_sub_process ? at(r, s)->node : DEF_NONE;
    }
    return (struct catcher){SLOT_NONE, DEF_NONE};
}

/* What is thrown, and its code where the catcher has a variable for it. */
static struct process_event with_code(struct run *r, uint32_t event, enum trigger_kind kind, struct od_str code,
                                      const struct process_event *e)
{
    struct process_event with = e ? *e : (struct process_event){.vars = NULL};
    struct od_str variable = {NULL, 0};
    for (uint32_t i = 0; i < r->d->nodes[event].n_triggers; i++) {
        const struct def_trigger *t = def_trigger(r->d, event, i);
        if (t->kind == kind && (t->any || od_str_eq(t->name, code)))
            variable = t->result;
    }
    struct process_var *vars = variable.n ? run_array(r, r->env->scratch, with.n_vars + 1, sizeof *vars) : NULL;
    if (!vars)
        return with;
    if (with.n_vars)
        memcpy(vars, with.vars, with.n_vars * sizeof *vars);
    struct feel_value text = feel_string(code);
    vars[with.n_vars++] = (struct process_var){variable, value_text(r, &text)};
    with.vars = vars;
    return with;
}

static void catch_it(struct run *r, struct catcher c, enum trigger_kind kind, struct od_str code, const struct process_event *e)
{
    struct process_event with = with_code(r, c.event, kind, code, e);
    if (r->d->nodes[c.event].kind == NODE_BOUNDARY)
        boundary_fire(r, c.slot, c.event, &with, r->d->nodes[c.event].interrupting);
    else
        event_sub_fire(r, c.slot, c.event, &with);
}

static void uncaught(struct run *r, uint32_t from, struct od_str code, uint32_t is_escalation)
{
    struct process_effect *e = effect(r, PROCESS_FX_UNCAUGHT, at(r, from)->key, at(r, from)->node);
    e->name = effect_text(r, code);
    e->flow = is_escalation;
}

/* An error that nothing catches ends the instance (10.5.7); in a simulation it only ends the path that it was drawn on. */
void throw_error(struct run *r, uint32_t from, struct od_str code, const struct process_event *e)
{
    struct catcher c = find_catcher(r, from, TRIGGER_ERROR, code);
    if (c.slot != SLOT_NONE) {
        catch_it(r, c, TRIGGER_ERROR, code, e);
        return;
    }
    uncaught(r, from, code, 0);
    if (r->d->profile == DEF_SIMULATE)
        return;
    uint32_t root = r->s->root;
    terminate_children(r, root, false);
    effect(r, PROCESS_FX_ENDED, at(r, root)->key, 0)->text = od_str_c("failed");
    terminate(r, root);
    r->s->ended = true;
}

void throw_escalation(struct run *r, uint32_t from, struct od_str code, const struct process_event *e)
{
    struct catcher c = find_catcher(r, from, TRIGGER_ESCALATION, code);
    if (c.slot != SLOT_NONE)
        catch_it(r, c, TRIGGER_ESCALATION, code, e);
    else
        uncaught(r, from, code, 1);
}

/* Sends or throws what a trigger names, and with it what the data inputs of its event or task name (10.4.1). Returns what a
 * catcher in this instance gets. */
static struct process_event carry(struct run *r, uint32_t slot, enum process_effect_kind kind, struct od_str name, struct od_str text)
{
    const struct def_node *n = node_of(r, slot);
    struct process_var *values = run_array(r, r->fx->arena, n->n_mappings, sizeof *values);
    size_t count = 0;
    for (uint32_t i = 0; values && i < n->n_mappings; i++) {
        const struct def_mapping *m = &r->d->mappings[n->first_mapping + i];
        const struct var *v = m->output ? NULL : var_get(r->s, slot, m->target);
        if (v)
            values[count++] = (struct process_var){m->target, effect_text(r, v->value)};
    }
    struct process_effect *e = effect(r, kind, at(r, slot)->key, at(r, slot)->node);
    e->name = name;
    e->text = text;
    e->values = values;
    e->n_values = count;
    return (struct process_event){.vars = values, .n_vars = count};
}

bool send_message(struct run *r, uint32_t slot, const struct def_trigger *t)
{
    struct feel_value v;
    char why[400];
    struct od_str correlation = {NULL, 0};
    if (t->key != DEF_NONE) {
        if (!expr_eval(r, slot, t->key, NULL, 0, &v, why, sizeof why)) {
            incident(r, slot, PHASE_ENTERED, "correlation key: %s", why);
            return false;
        }
        if (v.kind == FEEL_NULL) {
            incident(r, slot, PHASE_ENTERED, "the correlation key is null");
            return false;
        }
        correlation = value_text(r, &v);
    }
    carry(r, slot, PROCESS_FX_SEND, t->name, effect_text(r, correlation));
    return ok(r);
}

/* The instance gets it at once, the others by the outside. */
static void throw_signal(struct run *r, uint32_t slot, const struct def_trigger *t)
{
    struct process_event e = carry(r, slot, PROCESS_FX_BROADCAST, t->name, (struct od_str){NULL, 0});
    deliver_signal(r, t->name, &e);
}

/* Everything in the scope ends, and the scope with it; what was completed stays so (table 10.88). */
static void terminate_scope(struct run *r, uint32_t slot)
{
    uint32_t scope = at(r, slot)->parent;
    terminate_children(r, scope, true);
    scope_check(r, scope);
}

void throw_trigger(struct run *r, uint32_t slot, uint32_t trigger)
{
    const struct def_trigger *t = &r->d->triggers[trigger];
    switch ((enum trigger_kind)t->kind) {
    case TRIGGER_MESSAGE:
        if (!send_message(r, slot, t) && ok(r))
            at(r, slot)->started--; /* the retry throws it */
        break;
    case TRIGGER_SIGNAL:
        throw_signal(r, slot, t);
        break;
    case TRIGGER_ERROR:
        throw_error(r, slot, t->name, NULL);
        break;
    case TRIGGER_ESCALATION:
        throw_escalation(r, slot, t->name, NULL);
        break;
    case TRIGGER_COMPENSATION:
        if (compensate(r, slot, t->activity, t->wait))
            at(r, slot)->phase = PHASE_WAITING;
        break;
    case TRIGGER_TERMINATE:
        terminate_scope(r, slot);
        break;
    case TRIGGER_CANCEL:
        cancel_transaction(r, slot);
        break;
    case TRIGGER_LINK:
        if (r->d->nodes[at(r, slot)->node].link_target != DEF_NONE)
            token_born(r, at(r, slot)->parent, r->d->nodes[at(r, slot)->node].link_target);
        break;
    case TRIGGER_TIMER:
    case TRIGGER_CONDITION:
    case TRIGGER_KINDS:
        break; /* can only be caught */
    }
}
