/* SPDX-License-Identifier: Apache-2.0
 * Questions to a definition. */
#include "server/domain/process/def.h"

static const uint8_t traits[NODE_KINDS] = {
#define N(sym, name, enter, resume, flags) [NODE_##sym] = (flags),
#include "server/domain/process/nodes.def"
#undef N
};

bool def_has(const struct def *d, uint32_t node, enum node_trait trait) { return traits[d->nodes[node].kind] & trait; }

uint32_t def_node_by_id(const struct def *d, struct od_str id)
{
    for (uint32_t i = 0; i < d->n_nodes; i++)
        if (od_str_eq(d->nodes[i].id, id))
            return i;
    return DEF_NONE;
}

uint32_t def_flow_by_id(const struct def *d, struct od_str id)
{
    for (uint32_t i = 0; i < d->n_flows; i++)
        if (od_str_eq(d->flows[i].id, id))
            return i;
    return DEF_NONE;
}
