/* SPDX-License-Identifier: Apache-2.0
 * Reading strings. */
#include "common/base/str.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct od_str od_str_trim(struct od_str s)
{
    while (s.n && is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct od_str od_str_cut(struct od_str *s, char sep)
{
    struct od_str all = *s;
    const char *at = all.n ? memchr(all.p, sep, all.n) : NULL;
    if (!at) {
        *s = (struct od_str){all.p ? all.p + all.n : NULL, 0};
        return all;
    }
    size_t n = (size_t)(at - all.p);
    *s = (struct od_str){at + 1, all.n - n - 1};
    return (struct od_str){all.p, n};
}

bool od_str_int(struct od_str s, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    int64_t v = 0;
    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, s.p[i] - '0', &v)) /* negative side: it reaches one further */
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
        return false;
    if (v < min || v > max)
        return false;
    *ret_value = v;
    return true;
}

size_t od_utf8_len(struct od_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; count++) {
        unsigned char c = (unsigned char)s.p[i];
        size_t extra = c < 0x80 ? 0 : c < 0xc2 ? 9 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 9;
        if (extra == 9 || s.n - i <= extra)
            return SIZE_MAX;
        for (size_t k = 1; k <= extra; k++)
            if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
                return SIZE_MAX;
        unsigned char d = extra ? (unsigned char)s.p[i + 1] : 0;
        if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
            return SIZE_MAX;
        i += extra + 1;
    }
    return count;
}

void od_hex(const void *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    out[2 * n] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool od_unhex(struct od_str s, void *out, size_t n)
{
    unsigned char *b = out;
    if (s.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int hi = hex_value(s.p[2 * i]), lo = hex_value(s.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        b[i] = (unsigned char)(hi << 4 | lo);
    }
    return true;
}
