/* SPDX-License-Identifier: Apache-2.0
 * Ad-hoc sub-processes (BPMN 2.0.2, 10.3.5, 13.3.5). Left to itself the engine starts every activity that nothing leads to: all
 * at once, or one after the other where the ordering is sequential. Others may be started from outside. */
#include "server/domain/process/engine.h"

static void start_next(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    token_born(r, slot, r->d->starts[n->first_start + at(r, slot)->started++]);
}

void node_ad_hoc_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    item_set_kind(r->s, slot, ITEM_SCOPE);
    at(r, slot)->total = n->n_starts;
    while (ok(r) && at(r, slot)->started < at(r, slot)->total && !(n->sequential && at(r, slot)->started))
        start_next(r, slot);
    if (ok(r))
        scope_check(r, slot);
}

void node_ad_hoc_look(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    bool complete = false;
    char why[400];
    if (!ok(r) || at(r, slot)->kind != ITEM_SCOPE)
        return;
    if (n->expr != DEF_NONE && !expr_truth(r, slot, n->expr, NULL, 0, &complete, why, sizeof why)) {
        incident(r, slot, PHASE_COMPLETING, "%s", why);
        return;
    }
    if (complete) {
        at(r, slot)->started = at(r, slot)->total;
        if (n->cancel_remaining)
            terminate_children(r, slot, true);
        scope_check(r, slot);
    } else if (n->sequential && !at(r, slot)->n_live && at(r, slot)->started < at(r, slot)->total) {
        start_next(r, slot);
    }
}
