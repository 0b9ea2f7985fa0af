/* SPDX-License-Identifier: Apache-2.0
 * Making, checking and writing UUIDv7. */
#include "common/base/uuid.h"

struct od_uuid od_uuid7_make(int64_t unix_ms, const unsigned char random10[10])
{
    struct od_uuid u;
    for (int i = 0; i < 6; i++)
        u.b[i] = (unsigned char)((uint64_t)unix_ms >> (40 - 8 * i));
    memcpy(u.b + 6, random10, 10);
    u.b[6] = (unsigned char)(0x70 | (u.b[6] & 0x0f));
    u.b[8] = (unsigned char)(0x80 | (u.b[8] & 0x3f));
    return u;
}

bool od_uuid7_check(const struct od_uuid *u, int64_t *ret_unix_ms)
{
    if (u->b[6] >> 4 != 7 || u->b[8] >> 6 != 2)
        return false;
    uint64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | u->b[i];
    *ret_unix_ms = (int64_t)ms;
    return true;
}

bool od_uuid_parse(struct od_str s, struct od_uuid *ret_uuid)
{
    char hex[32];
    if (s.n != 36 || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-')
        return false;
    for (size_t i = 0, at = 0; i < 36; i++)
        if (i != 8 && i != 13 && i != 18 && i != 23)
            hex[at++] = s.p[i];
    return od_unhex((struct od_str){hex, 32}, ret_uuid->b, 16);
}

char *od_uuid_format(const struct od_uuid *u, char out[OD_UUID_TEXT])
{
    char hex[33];
    od_hex(u->b, 16, hex);
    size_t at = 0;
    for (size_t i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[at++] = '-';
        out[at++] = hex[i];
    }
    out[at] = '\0';
    return out;
}
