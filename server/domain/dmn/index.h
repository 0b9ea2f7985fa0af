/* SPDX-License-Identifier: Apache-2.0
 * Texts found by binary search: ids of elements, names of types, the cells of a column. Whatever the texts are, n of them
 * cost n log n comparisons. Internal to server/domain/dmn. */
#ifndef OD_DMN_INDEX_H
#define OD_DMN_INDEX_H

#include "common/base/arena.h"
#include "common/base/str.h"

struct dmn_index {
    const struct od_str *keys;
    unsigned *order; /* places in keys, sorted; equal keys in the order of their places */
    unsigned n;
};

/* keys must live as long as the index, which lies in the arena. False: the arena is full. */
bool dmn_index_build(struct od_arena *arena, const struct od_str *keys, unsigned n, struct dmn_index *ret);
/* The first place of the key. */
bool dmn_index_find(const struct dmn_index *ix, struct od_str key, unsigned *ret);

#endif
