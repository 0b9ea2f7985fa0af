/* SPDX-License-Identifier: Apache-2.0
 * Case folding by ICU. */
#include "common/base/fold.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { FOLD_BYTES_MAX = 1000, FOLD_UNITS_MAX = 4096 };

struct od_str od_fold(struct od_str s, struct od_arena *arena)
{
    const struct od_str none = {NULL, 0};
    UErrorCode code = U_ZERO_ERROR;
    UChar in[FOLD_BYTES_MAX + 1], out[FOLD_UNITS_MAX];
    char utf8[3 * FOLD_UNITS_MAX];
    int32_t n_in, n_out, n;
    if (s.n > FOLD_BYTES_MAX || od_utf8_len(s) == SIZE_MAX)
        return none;
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&code);
    u_strFromUTF8(in, FOLD_BYTES_MAX + 1, &n_in, s.p, (int32_t)s.n, &code);
    n_out = U_SUCCESS(code) ? unorm2_normalize(fold, in, n_in, out, FOLD_UNITS_MAX, &code) : 0;
    u_strToUTF8(utf8, (int32_t)sizeof utf8, &n, out, n_out, &code);
    return U_SUCCESS(code) ? od_arena_copy(arena, (struct od_str){utf8, (size_t)n}) : none;
}
