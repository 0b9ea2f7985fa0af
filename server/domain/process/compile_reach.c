/* SPDX-License-Identifier: Apache-2.0
 * Who can still reach an inclusive or complex gateway: for each of its incoming flows, the nodes from which a path leads over
 * that flow without passing the gateway (BPMN 2.0.2, 13.4.3). A path goes along sequence flows, from an activity also through
 * its boundary events, from a throwing link to its catching one. */
#include "server/domain/process/compile.h"

#include "common/base/limits.h"

static void mark(uint64_t *set, uint32_t i) { set[i / 64] |= UINT64_C(1) << (i % 64); }
static bool marked(const uint64_t *set, uint32_t i) { return set[i / 64] >> (i % 64) & 1; }

/* All nodes from which `from` can be reached, itself included, backwards without the gateway. */
static void flood(const struct def *d, uint32_t gateway, uint32_t from, bool boundaries, uint64_t *set, uint32_t *stack)
{
    uint32_t n = 0;
    if (from == gateway || marked(set, from))
        return;
    mark(set, from);
    stack[n++] = from;
    while (n) {
        uint32_t at = stack[--n];
        const struct def_node *node = &d->nodes[at];
        for (uint32_t i = 0; i < node->n_in; i++) {
            uint32_t back = d->flows[d->in[node->first_in + i]].from;
            if (back != gateway && !marked(set, back)) {
                mark(set, back);
                stack[n++] = back;
            }
        }
        if (boundaries && node->kind == NODE_BOUNDARY && node->host != DEF_NONE && !marked(set, node->host)) {
            mark(set, node->host);
            stack[n++] = node->host;
        }
        for (uint32_t i = node->kind == NODE_CATCH ? d->nodes[node->parent].end : 0; i-- > node->parent;)
            if (d->nodes[i].kind == NODE_THROW && d->nodes[i].link_target == at && !marked(set, i)) {
                mark(set, i);
                stack[n++] = i;
            }
    }
}

static bool needs(const struct def_node *n)
{
    return (n->kind == NODE_INCLUSIVE || n->kind == NODE_COMPLEX) && n->n_in > 1;
}

void compile_reach(struct builder *b)
{
    struct def *d = b->def;
    uint64_t cost = 0;
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (needs(&d->nodes[i]))
            cost += (uint64_t)d->nodes[i].n_in * (d->n_nodes + d->n_flows);
    if (cost > OD_PROCESS_REACH_MAX) {
        compile_refuse(b, b->source[0], "ordo:limit", "its inclusive and complex gateways need more than %d steps of analysis",
                       OD_PROCESS_REACH_MAX);
        return;
    }
    uint32_t *stack = OD_ARENA_ARRAY(b->arena, d->n_nodes + 1, uint32_t);
    for (uint32_t i = 0; stack && i < d->n_nodes; i++) {
        struct def_node *n = &d->nodes[i];
        if (!needs(n))
            continue;
        uint64_t *reach = OD_ARENA_ARRAY(b->arena, (size_t)n->n_in * d->words, uint64_t);
        uint64_t *path = OD_ARENA_ARRAY(b->arena, (size_t)n->n_in * d->words, uint64_t);
        if (!reach || !path)
            return;
        for (uint32_t k = 0; k < n->n_in; k++) {
            uint32_t from = d->flows[d->in[n->first_in + k]].from;
            flood(d, i, from, true, &reach[(size_t)k * d->words], stack);
            flood(d, i, from, false, &path[(size_t)k * d->words], stack);
        }
        *(struct def_join *)vec_push(&b->joins, &n->join) = (struct def_join){i, reach, path};
    }
}
