/* SPDX-License-Identifier: Apache-2.0
 * Bits to names. */
#include "server/handlers/rights.h"

void rights_of_bits(uint64_t bits, struct rights *ret_rights)
{
    ret_rights->n = 0;
    for (unsigned i = 0; i < PERMISSION_COUNT; i++)
        if (bits & UINT64_C(1) << i)
            ret_rights->names[ret_rights->n++] = od_str_c(permission_name(i));
}
