/* SPDX-License-Identifier: Apache-2.0
 * Leaving a node: which outgoing flows get a token (BPMN 2.0.2, 13.2.1, 13.4). All conditions are evaluated before anything
 * changes, so that one that cannot be answered leaves everything as it was. */
#include "server/domain/process/engine.h"

static const struct def_flow *flow_out(const struct run *r, const struct def_node *n, uint32_t i)
{
    return &r->d->flows[r->d->out[n->first_out + i]];
}

static void take_flows(struct run *r, uint32_t slot, const bool *take)
{
    const struct def_node *n = node_of(r, slot);
    uint32_t scope = at(r, slot)->parent, first_out = n->first_out, n_out = n->n_out;
    uint32_t times = def_has(r->d, at(r, slot)->node, NODE_ACTIVITY) ? n->completion_quantity : 1;
    effect_history(r, PROCESS_FX_LEFT, slot);
    for (uint32_t i = 0; i < n_out; i++)
        for (uint32_t k = 0; take[i] && k < times && ok(r); k++)
            token_on(r, scope, r->d->out[first_out + i]);
    drop(r, slot);
    scope_check(r, scope);
    if (r->d->nodes[at(r, scope)->node].kind == NODE_AD_HOC)
        node_ad_hoc_look(r, scope);
}

void gateway_leave(struct run *r, uint32_t slot, const bool *take) { take_flows(r, slot, take); }

/* Where a simulation decides instead of the model. */
static uint64_t chosen(struct run *r, uint32_t slot, bool several)
{
    const struct def_node *n = node_of(r, slot);
    uint64_t set = r->env->choose ? r->env->choose(r->env->ctx, at(r, slot)->node, n->n_out, several) : 1;
    return n->n_out < 64 ? set & ((UINT64_C(1) << n->n_out) - 1) : set;
}

static bool is_open(const struct run *r, const struct def_node *n)
{
    for (uint32_t i = 0; i < n->n_out; i++)
        if (flow_out(r, n, i)->open_condition)
            return true;
    return false;
}

/* Fills take[]; false: an incident was raised. */
static bool conditions(struct run *r, uint32_t slot, bool *take, bool first_only)
{
    const struct def_node *n = node_of(r, slot);
    bool reset = n->kind == NODE_COMPLEX && at(r, slot)->started;
    struct special phase = {OD_STR("waitingForStart"), feel_boolean(!reset)};
    size_t n_phase = n->kind == NODE_COMPLEX;
    char why[400];
    bool conditional = false, any = false;
    uint32_t by_default = n->n_out;
    for (uint32_t i = 0; i < n->n_out; i++) {
        const struct def_flow *f = flow_out(r, n, i);
        take[i] = false;
        if (r->d->out[n->first_out + i] == n->default_flow) {
            by_default = i;
            continue;
        }
        if (first_only && any)
            continue;
        take[i] = !reset; /* a flow without a condition stands for waitingForStart */
        if (f->condition == DEF_NONE)
            continue;
        if (!expr_truth(r, at(r, slot)->parent, f->condition, &phase, n_phase, &take[i], why, sizeof why)) {
            incident(r, slot, PHASE_LEAVING, "%s", why);
            return false;
        }
        conditional = true;
        any = any || take[i];
    }
    if (by_default < n->n_out && !any)
        take[by_default] = true;
    /* what has no condition is taken in any case; if there is nothing of the kind, one condition must have held */
    for (uint32_t i = 0; i < n->n_out; i++)
        any = any || take[i];
    if (conditional && !any && !reset) {
        incident(r, slot, PHASE_LEAVING, "no condition of the outgoing flows holds and there is no default flow");
        return false;
    }
    return true;
}

/* A gateway takes what was chosen; an activity besides takes the flows that have no condition, and its default flow only where
 * no conditional one was chosen. */
static void take_chosen(const struct run *r, const struct def_node *n, uint64_t set, bool gateway, bool *take)
{
    bool any = false;
    for (uint32_t i = 0; i < n->n_out; i++) {
        bool open = flow_out(r, n, i)->open_condition;
        take[i] = gateway || open ? i < 64 && (set >> i & 1) : true;
        any = any || (open && take[i]);
    }
    for (uint32_t i = 0; !gateway && i < n->n_out; i++)
        if (r->d->out[n->first_out + i] == n->default_flow)
            take[i] = !any;
}

void leave(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    bool small[32], *take = n->n_out <= OD_LEN(small) ? small : run_array(r, r->env->scratch, n->n_out, sizeof(bool));
    bool exclusive = n->kind == NODE_EXCLUSIVE, inclusive = n->kind == NODE_INCLUSIVE;
    if (!take)
        return;
    if (r->d->profile == DEF_SIMULATE && is_open(r, n)) {
        take_chosen(r, n, chosen(r, slot, !exclusive), exclusive || inclusive, take);
    } else if (!conditions(r, slot, take, exclusive)) {
        return;
    }
    take_flows(r, slot, take);
}
