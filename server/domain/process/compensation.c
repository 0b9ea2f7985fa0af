/* SPDX-License-Identifier: Apache-2.0
 * Compensation (BPMN 2.0.2, 10.7, 13.5.5). A completed activity that can be undone leaves a record in its scope; a completed
 * sub-process leaves one with the records and variables that it had. Throwing compensation collects records and undoes them
 * one after the other, the youngest first. */
#include "server/domain/process/engine.h"

static uint32_t compensation_start(const struct run *r, uint32_t node)
{
    const struct def_node *n = &r->d->nodes[node];
    for (uint32_t i = 0; i < n->n_event_subs; i++) {
        uint32_t start = r->d->event_subs[n->first_event_sub + i];
        for (uint32_t k = 0; k < r->d->nodes[start].n_triggers; k++)
            if (def_trigger(r->d, start, k)->kind == TRIGGER_COMPENSATION)
                return start;
    }
    return DEF_NONE;
}

static bool has_records(const struct run *r, uint32_t slot)
{
    for (uint32_t c = at(r, slot)->first; c != SLOT_NONE; c = at(r, c)->next)
        if (at(r, c)->kind == ITEM_RECORD)
            return true;
    return false;
}

static void move_records(struct run *r, uint32_t from, uint32_t to)
{
    uint32_t next;
    for (uint32_t c = at(r, from)->first; c != SLOT_NONE; c = next) {
        next = at(r, c)->next;
        if (at(r, c)->kind == ITEM_RECORD)
            item_move(r->s, c, to);
    }
}

/* The instance of a looped activity hands its records to the loop, an activity to its scope. */
void record(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    bool undoable = n->handler != DEF_NONE || compensation_start(r, at(r, slot)->node) != DEF_NONE;
    if (n->for_compensation || (!undoable && !has_records(r, slot))) {
        terminate_children(r, slot, false);
        return;
    }
    uint32_t rec = spawn(r, ITEM_RECORD, at(r, slot)->node, at(r, slot)->parent);
    if (rec == SLOT_NONE)
        return;
    move_records(r, slot, rec);
    at(r, rec)->first_var = at(r, slot)->first_var; /* a snapshot: nobody else changes them any more */
    at(r, slot)->first_var = SLOT_NONE;
    terminate_children(r, slot, false);
}

/* The level whose activities a throwing event undoes: its own, or the enclosing one if it lies in an event sub-process. */
static uint32_t level_of(const struct run *r, uint32_t thrower, uint32_t activity)
{
    uint32_t s = at(r, thrower)->parent;
    while (at(r, s)->kind != ITEM_SCOPE)
        s = at(r, s)->parent;
    if (activity == DEF_NONE) {
        while (node_of(r, s)->event_sub_process && at(r, s)->parent != SLOT_NONE)
            s = at(r, s)->parent;
        return s;
    }
    while (at(r, s)->parent != SLOT_NONE && (at(r, s)->kind != ITEM_SCOPE || at(r, s)->node != r->d->nodes[activity].parent))
        s = at(r, s)->parent;
    return s;
}

static uint32_t collect(struct run *r, uint32_t level, uint32_t activity)
{
    uint32_t next, comp = SLOT_NONE;
    for (uint32_t c = at(r, level)->first; c != SLOT_NONE && ok(r); c = next) {
        next = at(r, c)->next;
        if (at(r, c)->kind != ITEM_RECORD || (activity != DEF_NONE && at(r, c)->node != activity))
            continue;
        if (comp == SLOT_NONE) {
            comp = spawn(r, ITEM_COMPENSATION, at(r, level)->node, level);
            if (comp == SLOT_NONE)
                return comp;
        }
        item_move(r->s, c, comp);
    }
    if (comp != SLOT_NONE && ok(r))
        queue_push(r->s, comp, PHASE_COMPLETING);
    return comp;
}

bool compensate(struct run *r, uint32_t thrower, uint32_t activity, bool wait)
{
    uint32_t comp = collect(r, level_of(r, thrower, activity), activity);
    if (comp == SLOT_NONE || !ok(r))
        return false;
    if (wait)
        at(r, comp)->owner = at(r, thrower)->key;
    return wait;
}

/* 13.5.5, cancel: what runs ends, what was done is undone, then the cancel boundary event happens. */
void cancel_transaction(struct run *r, uint32_t thrower)
{
    uint32_t t = at(r, thrower)->parent;
    while (t != SLOT_NONE && !(at(r, t)->kind == ITEM_SCOPE && node_of(r, t)->transaction))
        t = at(r, t)->parent;
    if (t == SLOT_NONE)
        return;
    terminate_children(r, t, true);
    uint32_t comp = collect(r, t, DEF_NONE);
    if (comp == SLOT_NONE && ok(r)) {
        comp = spawn(r, ITEM_COMPENSATION, at(r, t)->node, t);
        if (comp != SLOT_NONE)
            queue_push(r->s, comp, PHASE_COMPLETING);
    }
    if (comp != SLOT_NONE)
        at(r, comp)->cancelling = true;
}

static void run_handler(struct run *r, uint32_t comp, uint32_t node)
{
    uint32_t token = spawn(r, ITEM_TOKEN, node, comp);
    if (token != SLOT_NONE)
        queue_push(r->s, token, PHASE_ARRIVING);
}

/* The record of a loop: it has those of its instances. */
static bool of_loop(const struct run *r, uint32_t rec)
{
    return at(r, rec)->first != SLOT_NONE && at(r, at(r, rec)->first)->node == at(r, rec)->node;
}

/* One record: the sub-process's own compensation, in each of its instances, or the records in it, or its handler. */
static void undo(struct run *r, uint32_t comp, uint32_t rec)
{
    uint32_t node = at(r, rec)->node, start = compensation_start(r, node), handler = r->d->nodes[node].handler;
    if (start != DEF_NONE || (handler == DEF_NONE && has_records(r, rec))) {
        item_set_kind(r->s, rec, ITEM_SCOPE);
        at(r, rec)->compensating = true;
        at(r, rec)->phase = PHASE_WAITING;
        if (start != DEF_NONE && !of_loop(r, rec))
            event_sub_fire(r, rec, start, NULL);
        else
            collect(r, rec, DEF_NONE);
        return;
    }
    terminate_children(r, rec, false);
    drop(r, rec);
    if (handler != DEF_NONE)
        run_handler(r, comp, handler);
    else
        queue_push(r->s, comp, PHASE_COMPLETING);
}

/* The transaction is over with all of its instances. */
static void cancel_done(struct run *r, uint32_t transaction)
{
    const struct def_node *n = node_of(r, transaction);
    if (at(r, transaction)->in_loop)
        transaction = at(r, transaction)->parent;
    for (uint32_t i = 0; i < n->n_boundaries; i++) {
        uint32_t b = r->d->attached[n->first_boundary + i];
        for (uint32_t k = 0; k < r->d->nodes[b].n_triggers; k++)
            if (def_trigger(r->d, b, k)->kind == TRIGGER_CANCEL) {
                boundary_fire(r, transaction, b, NULL, true);
                return;
            }
    }
    uint32_t scope = at(r, transaction)->parent;
    terminate(r, transaction);
    if (at(r, scope)->kind == ITEM_SCOPE)
        scope_check(r, scope);
    else
        queue_push(r->s, scope, PHASE_COMPLETING);
}

static void compensation_done(struct run *r, uint32_t slot)
{
    uint32_t scope = at(r, slot)->parent, owner = item_find(r->s, at(r, slot)->owner);
    bool cancelling = at(r, slot)->cancelling;
    drop(r, slot);
    if (owner != SLOT_NONE)
        queue_push(r->s, owner, PHASE_COMPLETING);
    if (cancelling)
        cancel_done(r, scope);
    else
        scope_check(r, scope);
}

void compensation_turn(struct run *r, uint32_t slot)
{
    uint32_t rec = at(r, slot)->last;
    at(r, slot)->phase = PHASE_WAITING;
    if (at(r, slot)->n_live) /* a handler still runs */
        return;
    while (rec != SLOT_NONE && at(r, rec)->kind != ITEM_RECORD)
        rec = at(r, rec)->prev;
    if (rec == SLOT_NONE)
        compensation_done(r, slot);
    else
        undo(r, slot, rec);
}
