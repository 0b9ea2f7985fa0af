/* SPDX-License-Identifier: Apache-2.0
 * Gateways that only split (BPMN 2.0.2, 13.4.2, 13.4.4). Those that join are in join.c. */
#include "server/domain/process/engine.h"

void node_exclusive_enter(struct run *r, uint32_t slot) { leave(r, slot); }

/* The first of the events behind it takes the token. */
void node_event_gateway_enter(struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    item_set_kind(r->s, slot, ITEM_EVENT);
    at(r, slot)->phase = PHASE_WAITING;
    for (uint32_t i = 0; i < n->n_out; i++) {
        uint32_t to = r->d->flows[r->d->out[n->first_out + i]].to;
        enum node_kind k = (enum node_kind)r->d->nodes[to].kind;
        bool waits = k == NODE_CATCH || k == NODE_RECEIVE; /* the linter refuses others, a simulation may have them */
        if (waits && !subscribe(r, slot, to)) {
            unsubscribe(r, slot);
            return;
        }
    }
    if (!n->n_out)
        leave(r, slot);
}

/* One of its events started the process. A parallel gateway goes on when each of the others has happened too, an exclusive one
 * has no further use for them (10.6.6). */
void node_event_gateway_start(struct run *r, uint32_t scope, uint32_t event_node)
{
    const struct def_node *e = &r->d->nodes[event_node];
    for (uint32_t i = 0; i < e->n_in; i++) {
        const struct def_node *g = &r->d->nodes[r->d->flows[r->d->in[e->first_in + i]].from];
        if (g->kind != NODE_EVENT_GATEWAY || !g->instantiates)
            continue;
        for (uint32_t k = 0; g->parallel_multiple && k < g->n_out && ok(r); k++) {
            uint32_t other = r->d->flows[r->d->out[g->first_out + k]].to;
            if (other != event_node)
                token_born(r, scope, other);
        }
        return;
    }
}
