/* SPDX-License-Identifier: Apache-2.0
 * Compiled time zones of any bytes: what is taken is a list that look-ups can rely on. */
#include "common/base/tzif.h"
#include "tests/fuzz/fuzz.h"
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct od_transition t[8192];
    size_t n = od_tzif_read((struct od_str){(const char *)data, size}, 2500, t, OD_LEN(t));
    od_assert(n <= OD_LEN(t) && (!n || t[0].at_us == INT64_MIN));
    for (size_t i = 1; i < n; i++)
        od_assert(t[i].at_us > t[i - 1].at_us && t[i].offset_s != t[i - 1].offset_s);
    return 0;
}
