/* SPDX-License-Identifier: Apache-2.0
 * A sorted index: no choice of keys makes it slow, as it could with a hash that is the same for everyone. */
#include "server/domain/dmn/index.h"

static int order_of(struct od_str a, struct od_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_key_and_place(const void *x, const void *y, void *keys)
{
    unsigned a = *(const unsigned *)x, b = *(const unsigned *)y;
    const struct od_str *of = keys;
    int c = order_of(of[a], of[b]);
    return c ? c : (a > b) - (a < b);
}

bool dmn_index_build(struct od_arena *arena, const struct od_str *keys, unsigned n, struct dmn_index *ret)
{
    *ret = (struct dmn_index){keys, od_arena_array(arena, n + 1, sizeof *ret->order), n};
    if (!ret->order)
        return false;
    for (unsigned i = 0; i < n; i++)
        ret->order[i] = i;
    qsort_r(ret->order, n, sizeof *ret->order, by_key_and_place, (void *)keys);
    return true;
}

bool dmn_index_find(const struct dmn_index *ix, struct od_str key, unsigned *ret)
{
    unsigned low = 0, high = ix->n;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        if (order_of(ix->keys[ix->order[mid]], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == ix->n || !od_str_eq(ix->keys[ix->order[low]], key))
        return false;
    *ret = ix->order[low];
    return true;
}
