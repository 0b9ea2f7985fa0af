/* SPDX-License-Identifier: Apache-2.0
 * Reads tokens on demand; holds no state, so that the parser may look ahead and go back. */
#include "server/domain/feel/lexer.h"

uint32_t feel_utf8_get(struct od_str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t left = s.n - *at;
    if (p[0] < 0x80 || left < 2) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xe0 || left < 3) {
        *at += 2;
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3fu);
    }
    if (p[0] < 0xf0 || left < 4) {
        *at += 3;
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3fu);
    }
    *at += 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3fu);
}

unsigned feel_utf8_put(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xd800 && c < 0xe000)
            return 0;
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    if (c > 0x10ffff)
        return 0;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Rules 61 and 62: white space and vertical space. */
unsigned feel_space_len(struct od_str s, uint32_t at)
{
    unsigned char c = at < s.n ? (unsigned char)s.p[at] : 0xff;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c < 0xc2 || c == 0xff)
        return 0;
    size_t end = at;
    uint32_t u = feel_utf8_get(s, &end);
    bool space = u == 0x85 || u == 0xa0 || u == 0x1680 || u == 0x180e || (u >= 0x2000 && u <= 0x200b) || u == 0x2028 ||
                 u == 0x2029 || u == 0x202f || u == 0x205f || u == 0x3000 || u == 0xfeff;
    return space ? (unsigned)(end - at) : 0;
}

uint32_t feel_space_skip(struct od_str s, uint32_t at)
{
    for (;;) {
        unsigned n = feel_space_len(s, at);
        if (n) {
            at += n;
        } else if (s.n - at >= 2 && s.p[at] == '/' && s.p[at + 1] == '/') {
            while (at < s.n && s.p[at] != '\n')
                at++;
        } else if (s.n - at >= 2 && s.p[at] == '/' && s.p[at + 1] == '*') {
            uint32_t from = at;
            for (at += 2; at < s.n && !(s.p[at] == '*' && at + 1 < s.n && s.p[at + 1] == '/');)
                at++;
            if (at >= s.n)
                return from; /* without its end it is no comment */
            at += 2;
        } else {
            return at;
        }
    }
}

static bool name_start(struct od_str s, uint32_t at)
{
    unsigned char c = at < s.n ? (unsigned char)s.p[at] : 0;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '?' || (c >= 0x80 && !feel_space_len(s, at));
}

bool feel_name_part(struct od_str s, uint32_t at)
{
    unsigned char c = at < s.n ? (unsigned char)s.p[at] : 0;
    return (c >= '0' && c <= '9') || (c != '?' && name_start(s, at));
}

bool feel_name_sign(char c) { return c && strchr("./-'+*", c); }

static bool digit(struct od_str s, uint32_t at) { return at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; }

static struct feel_token number(struct od_str s, uint32_t at)
{
    uint32_t end = at;
    while (digit(s, end))
        end++;
    if (end < s.n && s.p[end] == '.' && digit(s, end + 1)) /* 1..3 is a range */
        for (end++; digit(s, end);)
            end++;
    if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
        uint32_t e = end + 1;
        if (e < s.n && (s.p[e] == '-' || s.p[e] == '+'))
            e++;
        if (digit(s, e)) {
            for (end = e; digit(s, end);)
                end++;
        }
    }
    return (struct feel_token){.kind = TOKEN_NUMBER, .at = at, .end = end, .text = {s.p + at, end - at}};
}

static struct feel_token string(struct od_str s, uint32_t at, uint32_t quote, enum feel_token_kind kind)
{
    uint32_t end = quote + 1;
    while (end < s.n && s.p[end] != '"')
        end += s.p[end] == '\\' && end + 1 < s.n ? 2 : 1;
    if (end >= s.n)
        return (struct feel_token){.kind = TOKEN_BAD, .at = at, .end = (uint32_t)s.n};
    return (struct feel_token){.kind = kind, .at = at, .end = end + 1, .text = {s.p + quote + 1, end - quote - 1}};
}

struct feel_token feel_token_at(struct od_str s, uint32_t from)
{
    static const struct {
        char text[3];
        enum feel_token_kind kind;
    } pairs[] = {{"..", TOKEN_DOTS}, {"**", TOKEN_POWER}, {"!=", TOKEN_NE}, {"<=", TOKEN_LE}, {">=", TOKEN_GE}, {"->", TOKEN_ARROW}};
    uint32_t at = feel_space_skip(s, from);
    if (at >= s.n)
        return (struct feel_token){.kind = TOKEN_END, .at = (uint32_t)s.n, .end = (uint32_t)s.n};
    char c = s.p[at];
    if (digit(s, at) || (c == '.' && digit(s, at + 1)))
        return number(s, at);
    if (name_start(s, at)) {
        uint32_t end = at + 1;
        while (end < s.n && feel_name_part(s, end))
            end++;
        return (struct feel_token){.kind = TOKEN_WORD, .at = at, .end = end, .text = {s.p + at, end - at}};
    }
    if (c == '"')
        return string(s, at, at, TOKEN_STRING);
    if (c == '@') {
        uint32_t quote = feel_space_skip(s, at + 1);
        if (quote < s.n && s.p[quote] == '"')
            return string(s, at, quote, TOKEN_AT);
    }
    for (size_t i = 0; i < OD_LEN(pairs); i++)
        if (at + 1 < s.n && c == pairs[i].text[0] && s.p[at + 1] == pairs[i].text[1])
            return (struct feel_token){.kind = pairs[i].kind, .at = at, .end = at + 2};
    enum feel_token_kind kind = strchr("()[]{},:.+-*/=<>|", c) ? TOKEN_SIGN : TOKEN_BAD;
    return (struct feel_token){.kind = kind, .sign = c, .at = at, .end = at + 1};
}

static int hex_digits(struct od_str s, size_t at, unsigned n, uint32_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < n; i++) {
        if (at + i >= s.n)
            return -1;
        char c = s.p[at + i];
        unsigned v = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                   : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16u;
        if (v == 16)
            return -1;
        *ret = *ret << 4 | v;
    }
    return 0;
}

/* Rule 64: \uXXXX and \UXXXXXX; a pair of surrogates is one character. */
static bool unescape_unicode(struct od_str raw, size_t *at, char **out)
{
    uint32_t c, low;
    unsigned n = raw.p[*at + 1] == 'u' ? 4 : 6;
    if (hex_digits(raw, *at + 2, n, &c) < 0)
        return false;
    *at += 2 + n;
    if (c >= 0xd800 && c < 0xdc00) {
        bool pair = raw.n - *at >= 6 && raw.p[*at] == '\\' && raw.p[*at + 1] == 'u' && !hex_digits(raw, *at + 2, 4, &low);
        if (!pair || low < 0xdc00 || low >= 0xe000)
            return false;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        *at += 6;
    }
    unsigned put = feel_utf8_put(c, *out);
    *out += put;
    return put > 0;
}

bool feel_unescape(struct od_str raw, struct od_arena *a, struct od_str *ret)
{
    if (!raw.n || !memchr(raw.p, '\\', raw.n)) {
        *ret = raw;
        return true;
    }
    char *start = od_arena_alloc(a, raw.n + 4), *out = start;
    if (!start)
        return false;
    for (size_t i = 0; i < raw.n;) {
        char c = raw.p[i];
        char next = c == '\\' && i + 1 < raw.n ? raw.p[i + 1] : '\0';
        const char *plain = next ? strchr("n\nr\rt\t\"\"''\\\\", next) : NULL;
        if (next == 'u' || next == 'U') {
            if (!unescape_unicode(raw, &i, &out))
                return false;
        } else if (plain && next != '\n' && next != '\r' && next != '\t') {
            *out++ = plain[1];
            i += 2;
        } else { /* anything else stays as written, such as the \d of a pattern */
            *out++ = c;
            i++;
        }
    }
    *ret = (struct od_str){start, (size_t)(out - start)};
    return true;
}
