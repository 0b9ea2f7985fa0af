/* SPDX-License-Identifier: Apache-2.0
 * Single-byte encodings by ICU. Expat itself knows UTF-8, UTF-16, ISO-8859-1 and ASCII; modelers on Windows write
 * windows-1251 and windows-1252. */
#include "common/base/encoding.h"

#include <unicode/ucnv.h>

bool od_encoding_map(const char *name, int map[256])
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *cnv = ucnv_open(name, &status);
    if (U_FAILURE(status))
        return false;
    bool ok = ucnv_getMaxCharSize(cnv) == 1;
    for (int i = 0; ok && i < 256; i++) {
        char byte = (char)i;
        const char *from = &byte;
        status = U_ZERO_ERROR;
        UChar32 c = ucnv_getNextUChar(cnv, &from, from + 1, &status);
        /* expat takes -1 for a byte that means nothing, and wants each of its own characters where ASCII has it */
        map[i] = U_FAILURE(status) || c == 0xFFFD || c > 0xFFFF ? -1 : c;
        if (U_FAILURE(status))
            ucnv_reset(cnv);
        if (i >= 0x20 && i < 0x7F && c != i)
            ok = false; /* EBCDIC and the like: expat could not find its own markup */
    }
    ucnv_close(cnv);
    return ok;
}
