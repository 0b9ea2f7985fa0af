/* SPDX-License-Identifier: Apache-2.0
 * Permissions: the first wall. One bit each, by proto/permissions.def. */
#ifndef ORDO_RPC_AUTHZ_H
#define ORDO_RPC_AUTHZ_H

#include "common/base/str.h"

enum permission_bit {
#define P(sym, name, text) PERMISSION_BIT_##sym,
#include "proto/permissions.def"
#undef P
    PERMISSION_COUNT
};

#define PERMISSION(sym) (UINT64_C(1) << PERMISSION_BIT_##sym)

const char *permission_name(unsigned bit);              /* NULL behind the last */
bool permission_find(struct od_str name, uint64_t *ret_bit);

#endif
