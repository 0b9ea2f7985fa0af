/* SPDX-License-Identifier: Apache-2.0
 * Display width after Unicode's East Asian Width and general categories, as ICU knows them; edit distance. */
#include "client/cli/text.h"

#include <unicode/uchar.h>

/* The code point at *at, which moves behind it; -1 for a byte that begins none. */
static UChar32 char_next(struct od_str s, size_t *at)
{
    unsigned char first = (unsigned char)s.p[*at];
    size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (*at + n > s.n || od_utf8_len((struct od_str){s.p + *at, n}) != 1) {
        (*at)++;
        return -1;
    }
    UChar32 c = n == 1 ? first : first & (0xff >> (n + 1));
    for (size_t i = 1; i < n; i++)
        c = (c << 6) | (s.p[*at + i] & 0x3f);
    *at += n;
    return c;
}

static int char_width(UChar32 c)
{
    if (c < 0)
        return 1;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return 0;
    int type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR)
        return 0;
    int wide = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return wide == U_EA_FULLWIDTH || wide == U_EA_WIDE ? 2 : 1;
}

struct od_str text_fit(struct od_str s, size_t columns)
{
    size_t used = 0;
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        used += (size_t)char_width(char_next(s, &i));
        if (used > columns)
            return (struct od_str){s.p, from};
    }
    return s;
}

size_t text_width(struct od_str s)
{
    size_t used = 0;
    for (size_t i = 0; i < s.n;)
        used += (size_t)char_width(char_next(s, &i));
    return used;
}

void text_pad(struct od_buf *b, struct od_str s, size_t columns, bool right)
{
    size_t width = text_width(s);
    bool cut = width > columns;
    struct od_str shown = cut ? text_fit(s, columns ? columns - 1 : 0) : s;
    size_t used = text_width(shown) + (cut && columns ? 1 : 0);
    if (right)
        for (size_t i = used; i < columns; i++)
            od_buf_char(b, ' ');
    od_buf_str(b, shown);
    if (cut && columns)
        od_buf_c(b, "\xe2\x80\xa6");
    if (!right)
        for (size_t i = used; i < columns; i++)
            od_buf_char(b, ' ');
}

void text_clean(struct od_buf *b, struct od_str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        UChar32 c = char_next(s, &i);
        if (c == '\n' || c == '\t')
            od_buf_char(b, ' ');
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || u_charType(c) == U_FORMAT_CHAR)
            od_buf_char(b, '?');
        else
            od_buf_put(b, s.p + from, i - from);
    }
}

enum { NAME_MAX_BYTES = 40, DISTANCE_MAX = 2 };

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b; names longer than the maximum are far. */
static size_t distance(struct od_str a, struct od_str b)
{
    size_t d[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];
    if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
        return SIZE_MAX;
    for (size_t i = 0; i <= a.n; i++)
        for (size_t k = 0; k <= b.n; k++) {
            if (!i || !k) {
                d[i][k] = i + k;
                continue;
            }
            size_t best = d[i - 1][k - 1] + (a.p[i - 1] != b.p[k - 1]);
            best = d[i - 1][k] + 1 < best ? d[i - 1][k] + 1 : best;
            best = d[i][k - 1] + 1 < best ? d[i][k - 1] + 1 : best;
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1] && d[i - 2][k - 2] + 1 < best)
                best = d[i - 2][k - 2] + 1;
            d[i][k] = best;
        }
    return d[a.n][b.n];
}

const char *text_nearest(struct od_str s, const char *const names[], size_t n)
{
    const char *best = NULL;
    size_t best_distance = DISTANCE_MAX + 1;
    for (size_t i = 0; i < n; i++) {
        struct od_str name = od_str_c(names[i]);
        size_t far = distance(s, name);
        if (s.n >= 2 && name.n > s.n && !memcmp(name.p, s.p, s.n))
            far = 1; /* an abbreviation */
        if (far < best_distance && far < name.n) {
            best = names[i];
            best_distance = far;
        }
    }
    return best;
}
