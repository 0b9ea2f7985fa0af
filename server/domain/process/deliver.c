/* SPDX-License-Identifier: Apache-2.0
 * An event happens: what waited for it goes on (BPMN 2.0.2, 10.5.6, 13.5). */
#include "server/domain/process/engine.h"

static bool all_met(const struct run *r, uint32_t slot, uint32_t node)
{
    for (uint32_t s = at(r, slot)->first_sub; s != SLOT_NONE; s = r->s->subs[s].next)
        if (r->s->subs[s].node == node && !r->s->subs[s].met)
            return false;
    return true;
}

/* A timer that has come: the next time of a cycle. False: a date or duration has had its time. */
static bool timer_again(struct run *r, uint32_t sub)
{
    const struct sub *u = &r->s->subs[sub];
    const struct def_trigger *t = &r->d->triggers[u->trigger];
    uint32_t left = u->remaining == UINT32_MAX ? UINT32_MAX : u->remaining - 1;
    if (t->external && (t->timer == TIMER_CYCLE || t->expr == DEF_NONE))
        return true;
    if (t->timer != TIMER_CYCLE || left == 0) {
        unsubscribe_one(r, sub);
        return false;
    }
    timer_next(r, sub, left);
    return true;
}

/* A time that cannot be told is an incident of who waits; the retry asks for it again. */
void timer_next(struct run *r, uint32_t sub, uint32_t remaining)
{
    struct sub *u = &r->s->subs[sub];
    char why[400];
    bool fine = timer_due(r, u->item, &r->d->triggers[u->trigger], u, why, sizeof why);
    u->remaining = remaining;
    if (fine) {
        effect(r, PROCESS_FX_TIMER, u->key, u->node)->due_us = u->due_us;
        return;
    }
    u->due_us = OD_TIME_NONE;
    incident(r, u->item, (enum item_phase)at(r, u->item)->phase, OD_STR_FMT ": %s", OD_STR_ARG(r->d->nodes[u->node].id), why);
}

/* The event stays where it is after a non-interrupting one. One that needs all of its triggers needs them all again; without
 * a timer that has had its time it cannot happen any more. */
static void rearm(struct run *r, uint64_t key, uint32_t sub)
{
    if (sub >= r->s->n_subs || r->s->subs[sub].key != key)
        return;
    uint32_t slot = r->s->subs[sub].item, node = r->s->subs[sub].node, next;
    bool all = r->d->nodes[node].parallel_multiple;
    for (uint32_t s = at(r, slot)->first_sub; s != SLOT_NONE; s = next) {
        struct sub *u = &r->s->subs[s];
        const struct def_trigger *t = &r->d->triggers[u->trigger];
        next = u->next;
        if (u->node != node || (!all && s != sub))
            continue;
        if (t->kind != TRIGGER_CONDITION)
            u->met = false;
        if (t->kind == TRIGGER_TIMER && !timer_again(r, s) && all) {
            unsubscribe_node(r, slot, node);
            return;
        }
    }
}

/* An intermediate event or receive task that a token rests on, or that stands behind an event-based gateway. */
static void fire_resting(struct run *r, uint32_t slot, uint32_t node, const struct process_event *e)
{
    bool behind_gateway = at(r, slot)->node != node;
    resolve(r, slot);
    vars_from(r, at(r, slot)->parent, e, false);
    if (behind_gateway) {
        unsubscribe(r, slot);
        effect_history(r, PROCESS_FX_LEFT, slot);
        for (uint32_t i = 0; r->env->history && i < r->d->nodes[node].n_in; i++) {
            uint32_t flow = r->d->in[r->d->nodes[node].first_in + i];
            if (r->d->flows[flow].from == at(r, slot)->node)
                effect(r, PROCESS_FX_FLOW, at(r, slot)->key, at(r, slot)->node)->flow = flow;
        }
        at(r, slot)->node = node;
        if (r->d->nodes[node].kind == NODE_RECEIVE)
            item_set_kind(r->s, slot, ITEM_ACTIVITY);
        effect_history(r, PROCESS_FX_ENTERED, slot);
    } else {
        unsubscribe_node(r, slot, node);
    }
    queue_push(r->s, slot, PHASE_COMPLETING);
}

void fire(struct run *r, uint32_t sub, const struct process_event *e)
{
    struct sub *u = &r->s->subs[sub];
    uint32_t slot = u->item, node = u->node;
    uint64_t key = u->key;
    const struct def_node *n = &r->d->nodes[node];
    if (n->parallel_multiple && n->n_triggers > 1) {
        u->met = true;
        vars_from(r, at(r, slot)->parent == SLOT_NONE ? slot : at(r, slot)->parent, e, false);
        if (!all_met(r, slot, node))
            return;
    }
    if (n->kind == NODE_BOUNDARY) {
        boundary_fire(r, slot, node, e, n->interrupting);
        rearm(r, key, sub);
    } else if (n->kind == NODE_START) {
        event_sub_fire(r, slot, node, e);
        rearm(r, key, sub);
    } else {
        fire_resting(r, slot, node, e);
    }
}

void boundary_fire(struct run *r, uint32_t host, uint32_t node, const struct process_event *e, bool interrupting)
{
    uint32_t parent = at(r, host)->parent, scope = parent;
    while (at(r, scope)->kind != ITEM_SCOPE) /* the host may be a compensation handler */
        scope = at(r, scope)->parent;
    vars_from(r, scope, e, false);
    if (interrupting) {
        terminate(r, host);
        if (scope != parent)
            queue_push(r->s, parent, PHASE_COMPLETING);
    }
    token_born(r, scope, node);
}

void event_sub_fire(struct run *r, uint32_t scope, uint32_t start, const struct process_event *e)
{
    uint32_t esp = r->d->nodes[start].parent;
    if (r->d->nodes[start].interrupting && !at(r, scope)->compensating) {
        at(r, scope)->interrupted = true;
        unsubscribe_event_subs(r, scope);
        terminate_children(r, scope, true);
    }
    uint32_t slot = spawn(r, ITEM_SCOPE, esp, scope);
    if (slot == SLOT_NONE)
        return;
    queue_drop(r->s, scope); /* it may have been about to complete */
    at(r, scope)->phase = PHASE_WAITING;
    effect_history(r, PROCESS_FX_ENTERED, slot);
    vars_from(r, slot, e, true);
    if (!mappings_in(r, slot) || !subscribe_event_subs(r, slot))
        return; /* a retry begins with its start event too: an event sub-process has only one */
    const struct def_node *n = &r->d->nodes[esp];
    token_born(r, slot, start);
    for (uint32_t i = 0; ok(r) && i < n->n_starts; i++)
        if (r->d->nodes[r->d->starts[n->first_start + i]].implicit_start)
            token_born(r, slot, r->d->starts[n->first_start + i]);
}

/* --- to many at once: in the order in which they began to wait, whatever the memory looks like -------------------------- */

struct waiting {
    uint64_t key;
    uint32_t sub;
    bool takes_over; /* starts an interrupting event sub-process: it comes first, or others would begin only to be cancelled */
};

static int by_key(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    if (x->takes_over != y->takes_over)
        return x->takes_over ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static struct waiting *gather(struct run *r, enum trigger_kind kind, const struct od_str *name, size_t *ret_n)
{
    size_t n = 0;
    struct waiting *list = run_array(r, r->env->scratch, r->s->live_subs, sizeof *list);
    for (uint32_t i = 0; list && i < r->s->n_subs; i++) {
        const struct sub *u = &r->s->subs[i];
        const struct def_trigger *t = u->key ? &r->d->triggers[u->trigger] : NULL;
        if (t && t->kind == kind && !t->external && (!name || od_str_eq(t->name, *name)))
            list[n++] = (struct waiting){u->key, i, r->d->nodes[u->node].kind == NODE_START && r->d->nodes[u->node].interrupting};
    }
    if (list)
        qsort(list, n, sizeof *list, by_key);
    *ret_n = n;
    return list;
}

void deliver_signal(struct run *r, struct od_str name, const struct process_event *e)
{
    size_t n;
    struct waiting *list = gather(r, TRIGGER_SIGNAL, &name, &n);
    for (size_t i = 0; list && ok(r) && i < n; i++)
        if (r->s->subs[list[i].sub].key == list[i].key)
            fire(r, list[i].sub, e);
}

/* Variables have changed: keys that follow them first, then conditions. A conditional event happens when its condition becomes true
 * (10.5.5): one that held when last looked at must fail first. */
void conditions_look(struct run *r)
{
    size_t n;
    r->changed = false;
    struct waiting *list = r->d->follows ? gather(r, TRIGGER_MESSAGE, NULL, &n) : NULL;
    for (size_t i = 0; list && ok(r) && i < n; i++)
        key_look(r, list[i].sub);
    if (!r->s->n_conditions)
        return;
    list = gather(r, TRIGGER_CONDITION, NULL, &n);
    for (size_t i = 0; list && ok(r) && i < n; i++) {
        struct sub *u = &r->s->subs[list[i].sub];
        char why[400];
        bool holds = false;
        if (u->key != list[i].key || at(r, u->item)->incident)
            continue;
        if (!expr_truth(r, u->item, r->d->triggers[u->trigger].expr, NULL, 0, &holds, why, sizeof why)) {
            if (at(r, u->item)->queued) /* about to go on, perhaps for good: looked at again after that */
                r->changed = true;
            else
                incident(r, u->item, (enum item_phase)at(r, u->item)->phase, "%s", why);
            continue;
        }
        bool held = u->met;
        u->met = holds;
        if (holds && !held)
            fire(r, list[i].sub, NULL);
    }
}
