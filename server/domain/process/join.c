/* SPDX-License-Identifier: Apache-2.0
 * Joining tokens (BPMN 2.0.2, 13.4). A parallel gateway counts flows, not tokens. An inclusive gateway waits exactly while a
 * token that is elsewhere can still reach an incoming flow that has none and cannot reach one that has (13.4.3); that is looked
 * at when nothing else is left to do, so that all tokens are where they rest. */
#include "server/domain/process/engine.h"

static bool waits_at(const struct run *r, uint32_t c, uint32_t node)
{
    return at(r, c)->kind == ITEM_TOKEN && at(r, c)->node == node && at(r, c)->phase == PHASE_WAITING;
}

/* A waiting token of this flow in the scope; SLOT_NONE. */
static uint32_t waiting_on(const struct run *r, uint32_t scope, uint32_t node, uint32_t flow)
{
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next)
        if (waits_at(r, c, node) && at(r, c)->flow == flow)
            return c;
    return SLOT_NONE;
}

/* Takes one token from each flow that has one; keep is what goes on. */
static void consume(struct run *r, uint32_t scope, uint32_t node, uint32_t keep)
{
    const struct def_node *n = &r->d->nodes[node];
    for (uint32_t i = 0; i < n->n_in; i++) {
        uint32_t flow = r->d->in[n->first_in + i];
        uint32_t c = at(r, keep)->flow == flow ? SLOT_NONE : waiting_on(r, scope, node, flow);
        if (c != SLOT_NONE)
            drop(r, c);
    }
}

void node_parallel_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    uint32_t node = at(r, slot)->node, scope = at(r, slot)->parent;
    if (n->n_in > 1) {
        at(r, slot)->phase = PHASE_WAITING;
        for (uint32_t i = 0; i < n->n_in; i++)
            if (waiting_on(r, scope, node, r->d->in[n->first_in + i]) == SLOT_NONE)
                return;
        consume(r, scope, node, slot);
    }
    leave(r, slot);
}

static void rest_at_join(struct run *r, uint32_t slot)
{
    at(r, slot)->phase = PHASE_WAITING;
    r->s->n_joins++;
}

/* The token goes on: it no longer counts as waiting. */
static void release(struct run *r, uint32_t slot)
{
    r->s->n_joins--;
    at(r, slot)->phase = PHASE_LEAVING;
}

void node_inclusive_enter(struct run *r, uint32_t slot)
{
    if (node_of(r, slot)->join == DEF_NONE)
        leave(r, slot);
    else
        rest_at_join(r, slot);
}

void node_complex_enter(struct run *r, uint32_t slot)
{
    if (node_of(r, slot)->join == DEF_NONE)
        leave(r, slot);
    else
        rest_at_join(r, slot);
}

/* --- who can still come -------------------------------------------------------------------------------------------------- */

static bool in_set(const uint64_t *set, uint32_t i) { return set[i / 64] >> (i % 64) & 1; }

/* The scope's tokens elsewhere, each as the node it is at, against the flows that have (full) and have not a token. */
static bool someone_can_come(const struct run *r, uint32_t scope, uint32_t gateway, const bool *full)
{
    const struct def_node *n = &r->d->nodes[gateway];
    const struct def_join *j = &r->d->joins[n->join];
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next) {
        const struct item *i = at(r, c);
        if (item_is_passive(i) || i->node == gateway || i->node <= at(r, scope)->node || r->d->nodes[i->node].event_sub_process)
            continue;
        bool to_full = false, to_empty = false;
        for (uint32_t k = 0; k < n->n_in; k++) {
            to_full = to_full || (full[k] && in_set(&j->path[(size_t)k * r->d->words], i->node));
            to_empty = to_empty || (!full[k] && in_set(&j->reach[(size_t)k * r->d->words], i->node));
        }
        if (to_empty && !to_full)
            return true;
    }
    return false;
}

static bool *flows_with_tokens(struct run *r, uint32_t scope, uint32_t gateway)
{
    const struct def_node *n = &r->d->nodes[gateway];
    bool *full = run_array(r, r->env->scratch, n->n_in, sizeof *full);
    for (uint32_t i = 0; full && i < n->n_in; i++)
        full[i] = waiting_on(r, scope, gateway, r->d->in[n->first_in + i]) != SLOT_NONE;
    return full;
}

/* --- complex gateways (13.4.5) -------------------------------------------------------------------------------------------- */

static uint32_t gate_of(const struct run *r, uint32_t scope, uint32_t gateway)
{
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next)
        if (at(r, c)->kind == ITEM_GATE && at(r, c)->node == gateway)
            return c;
    return SLOT_NONE;
}

/* Flows from which the gateway took a token in its first phase are kept as variables of the gate. */
static struct od_str flow_name(char out[24], uint32_t i) { return (struct od_str){out, (size_t)snprintf(out, 24, "\x01" "f%u", i)}; }

static bool start_phase(struct run *r, uint32_t scope, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    uint32_t gateway = at(r, slot)->node;
    char why[400], name[24];
    bool *full = flows_with_tokens(r, scope, gateway), fires = true;
    int64_t count = 0;
    for (uint32_t i = 0; full && i < n->n_in; i++)
        count += full[i];
    struct special special[] = {{OD_STR("activationCount"), feel_integer(count)}, {OD_STR("waitingForStart"), feel_boolean(true)}};
    if (!full || (n->expr != DEF_NONE && !expr_truth(r, slot, n->expr, special, OD_LEN(special), &fires, why, sizeof why))) {
        if (full) {
            r->s->n_joins--;
            incident(r, slot, PHASE_ENTERED, "%s", why);
        }
        return true;
    }
    if (!fires)
        return false;
    uint32_t gate = spawn(r, ITEM_GATE, gateway, scope);
    if (gate == SLOT_NONE)
        return true;
    r->s->n_joins++;
    for (uint32_t i = 0; i < n->n_in; i++)
        if (full[i])
            var_put(r->s, gate, flow_name(name, i), OD_STR("1"));
    consume(r, scope, gateway, slot);
    release(r, slot);
    leave(r, slot);
    return true;
}

/* The conditions of its flows are asked again in the reset phase. */
static bool decides_twice(const struct def *d, const struct def_node *n)
{
    for (uint32_t i = 0; i < n->n_out; i++)
        if (d->flows[d->out[n->first_out + i]].condition != DEF_NONE)
            return true;
    return false;
}

/* What its first phase has not got rid of yet: a token whose flows could not be decided. */
static bool leaves_still(const struct run *r, uint32_t scope, uint32_t gateway)
{
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next)
        if (at(r, c)->kind == ITEM_TOKEN && at(r, c)->node == gateway && at(r, c)->phase == PHASE_LEAVING)
            return true;
    return false;
}

/* Waits for the flows that have not given a token yet, as an inclusive gateway would; then it is ready to start again. */
static bool reset_phase(struct run *r, uint32_t scope, uint32_t gateway, uint32_t gate)
{
    const struct def_node *n = &r->d->nodes[gateway];
    char name[24];
    bool *full = flows_with_tokens(r, scope, gateway);
    for (uint32_t i = 0; full && i < n->n_in; i++)
        full[i] = full[i] || var_get(r->s, gate, flow_name(name, i));
    if (!full || leaves_still(r, scope, gateway) || someone_can_come(r, scope, gateway, full))
        return false;
    for (uint32_t i = 0; i < n->n_in; i++) {
        uint32_t c = var_get(r->s, gate, flow_name(name, i)) ? SLOT_NONE : waiting_on(r, scope, gateway, r->d->in[n->first_in + i]);
        if (c != SLOT_NONE)
            drop(r, c);
    }
    drop(r, gate);
    uint32_t token = decides_twice(r->d, n) ? spawn(r, ITEM_TOKEN, gateway, scope) : SLOT_NONE;
    if (token != SLOT_NONE) {
        at(r, token)->started = 1;
        queue_push(r->s, token, PHASE_LEAVING);
    }
    scope_check(r, scope);
    return true;
}

/* While the gate stands, tokens wait for it to be taken away. */
static bool settle_complex(struct run *r, uint32_t slot)
{
    uint32_t scope = at(r, slot)->parent, gateway = at(r, slot)->node;
    if (at(r, slot)->kind == ITEM_GATE)
        return reset_phase(r, scope, gateway, slot);
    return gate_of(r, scope, gateway) == SLOT_NONE && start_phase(r, scope, slot);
}

/* --- inclusive gateways ---------------------------------------------------------------------------------------------------- */

static bool settle_inclusive(struct run *r, uint32_t slot)
{
    uint32_t scope = at(r, slot)->parent, gateway = at(r, slot)->node;
    bool *full = flows_with_tokens(r, scope, gateway);
    if (!full || someone_can_come(r, scope, gateway, full))
        return !full;
    consume(r, scope, gateway, slot);
    release(r, slot);
    leave(r, slot);
    return true;
}

static bool is_joining(const struct run *r, const struct item *i)
{
    enum node_kind k = (enum node_kind)r->d->nodes[i->node].kind;
    if (i->kind == ITEM_GATE)
        return true;
    return i->kind == ITEM_TOKEN && i->phase == PHASE_WAITING && !i->incident && (k == NODE_INCLUSIVE || k == NODE_COMPLEX);
}

/* The longest waiting first: keys rise. */
bool joins_settle(struct run *r)
{
    uint64_t after = 0;
    while (ok(r) && r->s->n_joins) {
        uint32_t best = SLOT_NONE;
        for (uint32_t i = 0; i < r->s->n_items; i++) {
            const struct item *it = at(r, i);
            if (it->key > after && is_joining(r, it) && (best == SLOT_NONE || it->key < at(r, best)->key))
                best = i;
        }
        if (best == SLOT_NONE)
            return false;
        after = at(r, best)->key;
        if (r->d->nodes[at(r, best)->node].kind == NODE_INCLUSIVE ? settle_inclusive(r, best) : settle_complex(r, best))
            return true;
    }
    return false;
}
