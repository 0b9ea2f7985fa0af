/* SPDX-License-Identifier: Apache-2.0
 * Processes, embedded sub-processes, transactions and event sub-processes (BPMN 2.0.2, 10.3.5, 13.3.4). */
#include "server/domain/process/engine.h"

/* Where an instance begins that an event has started. */
static void begin_at(struct run *r, uint32_t root, uint32_t node)
{
    const struct def_node *n = &r->d->nodes[node];
    bool happened = n->kind == NODE_CATCH || n->kind == NODE_RECEIVE;
    if (!happened || n->implicit_start) {
        token_born(r, root, node);
        return;
    }
    node_event_gateway_start(r, root, node);
    uint32_t slot = spawn(r, n->kind == NODE_RECEIVE ? ITEM_ACTIVITY : ITEM_EVENT, node, root);
    if (slot == SLOT_NONE)
        return;
    effect_history(r, PROCESS_FX_ENTERED, slot);
    queue_push(r->s, slot, PHASE_COMPLETING);
}

/* The event that happened, which the instance keeps in `started`, or the starts without trigger; and whatever starts by itself. */
void node_process_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    uint32_t event = at(r, slot)->started;
    if (!subscribe_event_subs(r, slot))
        return;
    if (event && event < r->d->n_nodes && r->d->nodes[event].parent == 0)
        begin_at(r, slot, event);
    for (uint32_t i = 0; i < n->n_starts && ok(r); i++) {
        uint32_t s = r->d->starts[n->first_start + i];
        if (s != event && (!event || r->d->nodes[s].implicit_start))
            token_born(r, slot, s);
    }
    scope_check(r, slot);
}

void node_scope_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    item_set_kind(r->s, slot, ITEM_SCOPE);
    if (!subscribe_event_subs(r, slot))
        return;
    for (uint32_t i = 0; ok(r) && i < n->n_starts; i++)
        token_born(r, slot, r->d->starts[n->first_start + i]);
    if (ok(r))
        scope_check(r, slot);
}

/* The caller gets the variables of the process. */
static void instance_done(struct run *r, uint32_t slot)
{
    struct process_var *values = run_array(r, r->fx->arena, r->s->live_vars, sizeof *values);
    size_t n = 0;
    for (uint32_t v = at(r, slot)->first_var; values && v != SLOT_NONE; v = r->s->vars[v].next)
        values[n++] = (struct process_var){effect_text(r, r->s->vars[v].name), effect_text(r, r->s->vars[v].value)};
    struct process_effect *e = effect(r, PROCESS_FX_ENDED, at(r, slot)->key, at(r, slot)->node);
    e->text = od_str_c("completed");
    e->values = values;
    e->n_values = n;
    effect_history(r, PROCESS_FX_LEFT, slot);
    terminate_children(r, slot, false);
    drop(r, slot);
    r->s->ended = true;
}

static void event_sub_process_done(struct run *r, uint32_t slot)
{
    uint32_t scope = at(r, slot)->parent;
    if (!mappings_out(r, slot))
        return;
    effect_history(r, PROCESS_FX_LEFT, slot);
    terminate_children(r, slot, false);
    drop(r, slot);
    scope_check(r, scope);
}

/* A completed sub-process whose own compensation is through: its handler comes next, if it has one. */
static void compensated(struct run *r, uint32_t slot)
{
    uint32_t comp = at(r, slot)->parent, handler = node_of(r, slot)->handler;
    terminate_children(r, slot, false);
    drop(r, slot);
    if (handler != DEF_NONE)
        token_born(r, comp, handler);
    else
        queue_push(r->s, comp, PHASE_COMPLETING);
}

void node_scope_done(struct run *r, uint32_t slot)
{
    at(r, slot)->phase = PHASE_WAITING;
    if (at(r, slot)->n_live) /* something began in it since */
        return;
    if (slot == r->s->root)
        instance_done(r, slot);
    else if (at(r, slot)->compensating)
        compensated(r, slot);
    else if (node_of(r, slot)->event_sub_process)
        event_sub_process_done(r, slot);
    else
        activity_done(r, slot);
}
