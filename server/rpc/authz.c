/* SPDX-License-Identifier: Apache-2.0
 * Names of permissions. */
#include "server/rpc/authz.h"

static const char *const NAMES[] = {
#define P(sym, name, text) name,
#include "proto/permissions.def"
#undef P
};

_Static_assert(PERMISSION_COUNT <= 64, "permissions are bits of a 64-bit word");

const char *permission_name(unsigned bit) { return bit < PERMISSION_COUNT ? NAMES[bit] : NULL; }

bool permission_find(struct od_str name, uint64_t *ret_bit)
{
    for (unsigned i = 0; i < PERMISSION_COUNT; i++) {
        if (od_str_eq_c(name, NAMES[i])) {
            *ret_bit = UINT64_C(1) << i;
            return true;
        }
    }
    return false;
}
