/* SPDX-License-Identifier: Apache-2.0
 * A string to read: pointer and length, not owned, not necessarily terminated. */
#ifndef OD_BASE_STR_H
#define OD_BASE_STR_H

#include "common/base/base.h"

#include <string.h>

struct od_str {
    const char *p;
    size_t n;
};

#define OD_STR(literal) ((struct od_str){"" literal, sizeof(literal) - 1})
#define OD_STR_FMT "%.*s"
#define OD_STR_ARG(s) (int)(s).n, (s).p

static inline struct od_str od_str_c(const char *s) { return (struct od_str){s, s ? strlen(s) : 0}; }
static inline bool od_str_eq(struct od_str a, struct od_str b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }
/* od_str_eq without a call, for what is mostly short: names. The last words that are compared may overlap those before them. */
static inline bool od_str_same(struct od_str a, struct od_str b)
{
    if (a.n != b.n)
        return false;
    size_t i = 0;
    if (a.n >= 8) {
        for (; i + 8 < a.n; i += 8)
            if (memcmp(a.p + i, b.p + i, 8))
                return false;
        return !memcmp(a.p + a.n - 8, b.p + a.n - 8, 8);
    }
    if (a.n >= 4)
        return !memcmp(a.p, b.p, 4) && !memcmp(a.p + a.n - 4, b.p + a.n - 4, 4);
    for (; i < a.n; i++)
        if (a.p[i] != b.p[i])
            return false;
    return true;
}
static inline bool od_str_eq_c(struct od_str a, const char *b) { return od_str_eq(a, od_str_c(b)); }

struct od_str od_str_trim(struct od_str s); /* without ASCII white space at both ends */

/* Cuts at the first sep: returns what lies before it and moves *s behind it; without one, all of *s, which becomes empty. */
struct od_str od_str_cut(struct od_str *s, char sep);

/* The whole string is one decimal integer within [min, max]; anything else is false and leaves *ret_value alone. */
bool od_str_int(struct od_str s, int64_t min, int64_t max, int64_t *ret_value);

/* Length in code points of valid UTF-8; SIZE_MAX if it is not valid (surrogates, overlong forms and > U+10FFFF are not). */
size_t od_utf8_len(struct od_str s);

/* Hex and back. out needs 2*n + 1 bytes; unhex returns false unless s is exactly n bytes in hex. */
void od_hex(const void *bytes, size_t n, char *out);
bool od_unhex(struct od_str s, void *out, size_t n);

#endif
