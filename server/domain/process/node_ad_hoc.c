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
    if (!subscribe_event_subs(r, slot))
        return;
    while (ok(r) && at(r, slot)->started < n->n_starts && !(n->sequential && at(r, slot)->started))
        start_next(r, slot);
    if (ok(r))
        scope_check(r, slot);
}

/* False: the completion condition cannot be told. Once it holds nothing more begins, and what runs ends or is ended. */
static bool look(struct run *r, uint32_t slot, bool *ret_complete)
{
    const struct def_node *n = node_of(r, slot);
    char why[400];
    *ret_complete = n->expr == DEF_NONE;
    if (n->expr == DEF_NONE)
        return true;
    if (!expr_truth(r, slot, n->expr, NULL, 0, ret_complete, why, sizeof why)) {
        incident(r, slot, PHASE_COMPLETING, "%s", why);
        return false;
    }
    if (!*ret_complete)
        return true;
    at(r, slot)->started = n->n_starts;
    if (n->cancel_remaining || n->sequential) /* of one after the other nothing is left to wait for */
        terminate_children(r, slot, true);
    return true;
}

void node_ad_hoc_look(struct run *r, uint32_t slot)
{
    bool complete;
    if (!ok(r) || at(r, slot)->kind != ITEM_SCOPE || at(r, slot)->incident) /* a retry looks again */
        return;
    if (look(r, slot, &complete))
        scope_check(r, slot);
}

void node_ad_hoc_done(struct run *r, uint32_t slot)
{
    bool complete;
    at(r, slot)->phase = PHASE_WAITING;
    if (!look(r, slot, &complete) || at(r, slot)->n_live)
        return;
    if (at(r, slot)->started < node_of(r, slot)->n_starts)
        start_next(r, slot);
    else if (complete)
        node_scope_done(r, slot);
    /* else it rests: more may be started from outside (13.3.5), or the condition may come to hold */
}

bool ad_hoc_rests(const struct state *s, const struct def *d, uint32_t slot)
{
    const struct item *i = &s->items[slot];
    return i->kind == ITEM_SCOPE && d->nodes[i->node].kind == NODE_AD_HOC && d->nodes[i->node].expr != DEF_NONE &&
           i->phase == PHASE_WAITING && !i->n_live && !i->queued && !i->incident;
}

bool ad_hoc_settle(struct run *r)
{
    bool any = false;
    for (uint32_t i = 0; r->ad_hoc_due && i < r->s->n_items; i++)
        if (at(r, i)->key && ad_hoc_rests(r->s, r->d, i)) {
            queue_push(r->s, i, PHASE_COMPLETING);
            any = true;
        }
    r->ad_hoc_due = false;
    return any;
}
