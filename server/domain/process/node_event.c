/* SPDX-License-Identifier: Apache-2.0
 * Events (BPMN 2.0.2, 10.5, 13.5): a start or boundary event that has happened goes on, a catching one rests, a throwing one
 * throws its definitions in their order. */
#include "server/domain/process/engine.h"

void node_start_enter(struct run *r, uint32_t slot)
{
    if (mappings_out(r, slot))
        leave(r, slot);
}

void node_catch_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    item_set_kind(r->s, slot, ITEM_EVENT);
    at(r, slot)->phase = PHASE_WAITING;
    if (!n->n_triggers || def_trigger(r->d, at(r, slot)->node, 0)->kind == TRIGGER_LINK)
        node_catch_done(r, slot);
    else if (!subscribe(r, slot, at(r, slot)->node))
        unsubscribe(r, slot);
}

void node_catch_done(struct run *r, uint32_t slot)
{
    if (mappings_out(r, slot))
        leave(r, slot);
}

/* `started` counts the definitions that were thrown; a compensation among them makes the event wait. */
static void throw_on(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    uint64_t key = at(r, slot)->key;
    while (ok(r) && at(r, slot)->started < n->n_triggers) {
        uint32_t trigger = n->first_trigger + at(r, slot)->started++;
        bool link = r->d->triggers[trigger].kind == TRIGGER_LINK;
        at(r, slot)->phase = PHASE_LEAVING;
        throw_trigger(r, slot, trigger);
        if (!ok(r) || !item_alive(r->s, slot, key) || at(r, slot)->phase == PHASE_WAITING || at(r, slot)->incident)
            return;
        if (link && n->link_target != DEF_NONE) { /* the token went over the link */
            uint32_t scope = at(r, slot)->parent;
            effect_history(r, PROCESS_FX_LEFT, slot);
            drop(r, slot);
            scope_check(r, scope);
            return;
        }
    }
    if (ok(r))
        leave(r, slot);
}

void node_throw_enter(struct run *r, uint32_t slot)
{
    item_set_kind(r->s, slot, ITEM_EVENT);
    if (mappings_in(r, slot))
        throw_on(r, slot);
}

void node_throw_done(struct run *r, uint32_t slot) { throw_on(r, slot); }
