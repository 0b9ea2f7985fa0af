/* SPDX-License-Identifier: Apache-2.0
 * Nobody hands out what he does not have: the lists of permissions that statements compare with. */
#ifndef ORDO_HANDLERS_RIGHTS_H
#define ORDO_HANDLERS_RIGHTS_H

#include "server/rpc/authz.h"
#include "server/rpc/rpc.h"

/* What customer users may have at most: everything else looks beyond their company. */
#define RIGHTS_OF_CUSTOMERS                                                                                            \
    (PERMISSION(SELF) | PERMISSION(REQUEST_READ) | PERMISSION(REQUEST_WRITE) | PERMISSION(CUSTOMER_READ) |             \
     PERMISSION(DIRECTORY_READ) | PERMISSION(REPORT_READ))

struct rights {
    size_t n;
    struct od_str names[PERMISSION_COUNT];
};

void rights_of_bits(uint64_t bits, struct rights *ret_rights);

#endif
