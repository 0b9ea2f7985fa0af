/* SPDX-License-Identifier: Apache-2.0
 * What all activities have in common (BPMN 2.0.2, 13.3.2): tokens needed to start, data in, boundary events, data out, the
 * record for compensation, leaving. */
#include "server/domain/process/engine.h"

/* startQuantity (table 10.3): the activity starts when that many tokens have come. */
static bool gathered(struct run *r, uint32_t slot)
{
    uint32_t need = node_of(r, slot)->start_quantity, have = 0, next;
    if (need <= 1)
        return true;
    uint32_t node = at(r, slot)->node, scope = at(r, slot)->parent;
    at(r, slot)->phase = PHASE_WAITING;
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next)
        have += at(r, c)->kind == ITEM_TOKEN && at(r, c)->node == node && at(r, c)->phase == PHASE_WAITING;
    if (have < need)
        return false;
    have = 1;
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE && have < need; c = next) {
        next = at(r, c)->next;
        if (c != slot && at(r, c)->kind == ITEM_TOKEN && at(r, c)->node == node && at(r, c)->phase == PHASE_WAITING) {
            drop(r, c);
            have++;
        }
    }
    return true;
}

/* False: an incident was raised, or the step failed. */
static bool subscribe_boundaries(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    if (at(r, slot)->armed) /* a retry: they wait already, or have happened */
        return true;
    for (uint32_t i = 0; i < n->n_boundaries; i++)
        if (!subscribe(r, slot, r->d->attached[n->first_boundary + i])) {
            unsubscribe(r, slot);
            return false;
        }
    at(r, slot)->armed = true;
    return true;
}

void activity_enter(struct run *r, uint32_t slot)
{
    if (!gathered(r, slot))
        return;
    item_set_kind(r->s, slot, ITEM_ACTIVITY);
    if (node_of(r, slot)->loop == DEF_NONE) {
        activity_begin(r, slot);
        return;
    }
    item_set_kind(r->s, slot, ITEM_LOOP);
    loop_begin(r, slot);
}

void loop_begin(struct run *r, uint32_t slot)
{
    if (at(r, slot)->started)
        loop_judge(r, slot); /* a retry of a condition on the way */
    else if (subscribe_boundaries(r, slot))
        loop_enter(r, slot);
}

void activity_begin(struct run *r, uint32_t slot)
{
    static void (*const enter[NODE_KINDS])(struct run *, uint32_t) = {
#define N(sym, name, enter, resume, flags) [NODE_##sym] = (enter),
#include "server/domain/process/nodes.def"
#undef N
    };
    at(r, slot)->phase = PHASE_WAITING;
    if (!mappings_in(r, slot))
        return;
    if (!at(r, slot)->in_loop && !subscribe_boundaries(r, slot))
        return;
    enter[node_of(r, slot)->kind](r, slot);
}

/* A handler that is done gives way to the next one; it has no flows. */
static void handler_done(struct run *r, uint32_t slot)
{
    uint32_t compensation = at(r, slot)->parent;
    effect_history(r, PROCESS_FX_LEFT, slot);
    terminate_children(r, slot, false);
    drop(r, slot);
    queue_push(r->s, compensation, PHASE_COMPLETING);
}

void activity_done(struct run *r, uint32_t slot)
{
    uint32_t parent = at(r, slot)->parent;
    if (at(r, slot)->kind != ITEM_LOOP && !mappings_out(r, slot))
        return;
    close_outside(r, slot);
    if (at(r, slot)->in_loop) {
        loop_instance_done(r, parent, slot);
    } else if (at(r, parent)->kind == ITEM_COMPENSATION) {
        handler_done(r, slot);
    } else {
        record(r, slot);
        unsubscribe(r, slot);
        if (ok(r))
            leave(r, slot);
    }
}
