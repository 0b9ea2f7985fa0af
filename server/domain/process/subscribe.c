/* SPDX-License-Identifier: Apache-2.0
 * What an item waits for: a subscription for each trigger of an event. Errors, escalations, compensation and cancel need none:
 * whoever throws them looks upwards (throw.c). */
#include "server/domain/process/engine.h"

#include "common/base/limits.h"
#include "server/domain/process/timer.h"

static bool is_awaited(const struct def_trigger *t)
{
    return t->external || t->kind == TRIGGER_MESSAGE || t->kind == TRIGGER_TIMER || t->kind == TRIGGER_SIGNAL ||
           t->kind == TRIGGER_CONDITION;
}

bool timer_due(struct run *r, uint32_t slot, const struct def_trigger *t, struct sub *u, char *why, size_t n_why)
{
    struct feel_value v;
    if (!expr_eval(r, slot, t->expr, NULL, 0, &v, why, n_why))
        return false;
    struct timer_plan plan;
    if (!timer_plan(&v, (enum timer_kind)t->timer, u->due_us, r->env->now_us, r->env->zone, &plan)) {
        struct od_str text = value_plain(r, &v);
        snprintf(why, n_why, "\"" OD_STR_FMT "\" is no time", OD_STR_ARG(text));
        return false;
    }
    u->due_us = plan.due_us;
    u->remaining = plan.remaining;
    return true;
}

/* What the outside must know to wake us up. */
static void tell(struct run *r, const struct sub *u, const struct def_trigger *t)
{
    static const enum process_effect_kind kinds[TRIGGER_KINDS] = {
        [TRIGGER_MESSAGE] = PROCESS_FX_MESSAGE, [TRIGGER_TIMER] = PROCESS_FX_TIMER, [TRIGGER_SIGNAL] = PROCESS_FX_SIGNAL};
    if (t->external || t->kind == TRIGGER_CONDITION)
        return;
    struct process_effect *e = effect(r, kinds[t->kind], u->key, u->node);
    e->due_us = u->due_us;
    e->name = t->name;
    e->text = effect_text(r, u->correlation);
}

static void key_set(struct sub *u, struct od_str text)
{
    char *copy = od_xmalloc(text.n + 1);
    memcpy(copy, text.p ? text.p : "", text.n);
    free((void *)u->correlation.p);
    u->correlation = (struct od_str){copy, text.n};
}

static bool correlation_key(struct run *r, uint32_t slot, const struct def_trigger *t, struct sub *u, char *why, size_t n_why)
{
    struct feel_value v;
    if (t->key == DEF_NONE)
        return true;
    if (!expr_eval(r, slot, t->key, NULL, 0, &v, why, n_why))
        return false;
    if (v.kind == FEEL_NULL) {
        snprintf(why, n_why, "the correlation key is null");
        return false;
    }
    key_set(u, value_text(r, &v));
    return ok(r);
}

/* What waits for another key from now on is told anew. A key that cannot be told stays what it was: the data is on its way. */
void key_look(struct run *r, uint32_t sub)
{
    struct sub *u = &r->s->subs[sub];
    const struct def_trigger *t = &r->d->triggers[u->trigger];
    struct feel_value v;
    char why[400];
    if (!t->follows || u->met || !expr_eval(r, u->item, t->key, NULL, 0, &v, why, sizeof why) || v.kind == FEEL_NULL)
        return;
    struct od_str text = value_text(r, &v);
    if (!ok(r) || od_str_eq(text, u->correlation))
        return;
    key_set(u, text);
    effect(r, PROCESS_FX_CLOSE, u->key, u->node);
    tell(r, u, t);
}

bool subscribe(struct run *r, uint32_t slot, uint32_t node)
{
    const struct def_node *n = &r->d->nodes[node];
    char why[400];
    for (uint32_t i = 0; i < n->n_triggers; i++) {
        const struct def_trigger *t = def_trigger(r->d, node, i);
        if (!is_awaited(t))
            continue;
        uint32_t sub = sub_new(r->s, slot);
        if (sub == SLOT_NONE) {
            limit(r, "tokens and waits of a process", OD_PROCESS_ITEMS_MAX);
            return false;
        }
        struct sub *u = &r->s->subs[sub];
        u->node = node;
        u->trigger = n->first_trigger + i;
        if (t->kind == TRIGGER_CONDITION)
            r->s->n_conditions++, r->changed = true;
        bool fine = t->external || (t->kind == TRIGGER_TIMER     ? timer_due(r, slot, t, u, why, sizeof why)
                                    : t->kind == TRIGGER_MESSAGE ? correlation_key(r, slot, t, u, why, sizeof why)
                                                                 : true);
        if (!fine) { /* a retry begins anew */
            sub_remove(r->s, r->d, sub);
            unsubscribe_node(r, slot, node);
            incident(r, slot, PHASE_ENTERED, OD_STR_FMT ": %s", OD_STR_ARG(n->id), why);
            return false;
        }
        tell(r, u, t);
    }
    return true;
}

void unsubscribe_one(struct run *r, uint32_t sub)
{
    const struct sub *u = &r->s->subs[sub];
    const struct def_trigger *t = &r->d->triggers[u->trigger];
    if (!t->external && t->kind != TRIGGER_CONDITION)
        effect(r, PROCESS_FX_CLOSE, u->key, u->node);
    sub_remove(r->s, r->d, sub);
}

void unsubscribe(struct run *r, uint32_t slot)
{
    while (at(r, slot)->first_sub != SLOT_NONE)
        unsubscribe_one(r, at(r, slot)->first_sub);
}

void unsubscribe_node(struct run *r, uint32_t slot, uint32_t event_node)
{
    uint32_t next;
    for (uint32_t s = at(r, slot)->first_sub; s != SLOT_NONE; s = next) {
        next = r->s->subs[s].next;
        if (r->s->subs[s].node == event_node)
            unsubscribe_one(r, s);
    }
}

bool subscribe_event_subs(struct run *r, uint32_t scope)
{
    const struct def_node *n = node_of(r, scope);
    for (uint32_t i = 0; i < n->n_event_subs; i++)
        if (!subscribe(r, scope, r->d->event_subs[n->first_event_sub + i])) {
            unsubscribe_event_subs(r, scope);
            return false;
        }
    return true;
}

void unsubscribe_event_subs(struct run *r, uint32_t scope)
{
    const struct def_node *n = node_of(r, scope);
    for (uint32_t i = 0; i < n->n_event_subs; i++)
        unsubscribe_node(r, scope, r->d->event_subs[n->first_event_sub + i]);
}
