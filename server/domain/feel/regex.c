/* SPDX-License-Identifier: Apache-2.0
 * Rewrites an XPath pattern into ICU's dialect and refuses what only ICU knows (look-around, \b, possessive quantifiers …), so
 * that the same patterns are right and wrong as in other FEEL engines. ICU bounds time and stack of a match. */
#include "server/domain/feel/regex.h"

#include "server/domain/feel/lexer.h"

#include "common/base/limits.h"

#include <unicode/ustring.h>

struct translator {
    struct od_str in;
    struct od_buf *out;
    bool multiline, no_space, literal;
    bool dot_all;
    int groups;          /* opened so far */
    int open[64], depth; /* groups that are still open */
};

static bool flags_read(struct translator *t, struct od_str flags, uint32_t *ret_icu)
{
    *ret_icu = UREGEX_UNIX_LINES;
    for (size_t i = 0; i < flags.n; i++) {
        switch (flags.p[i]) {
        case 's': t->dot_all = true; break;
        case 'm':
            *ret_icu |= UREGEX_MULTILINE;
            t->multiline = true;
            break;
        case 'i': *ret_icu |= UREGEX_CASE_INSENSITIVE; break;
        case 'x': t->no_space = true; break;
        case 'q': t->literal = true; break;
        default: return false;
        }
    }
    return true;
}

static char at(const struct translator *t, size_t i) { return i < t->in.n ? t->in.p[i] : '\0'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* \p{…}, with white space dropped under x. */
static bool put_property(struct translator *t, size_t *i)
{
    od_buf_put(t->out, t->in.p + *i, 2);
    *i += 2;
    while (t->no_space && is_space(at(t, *i)))
        ++*i;
    if (at(t, *i) != '{')
        return false;
    size_t name = t->out->n;
    do {
        if (*i >= t->in.n)
            return false;
        char c = at(t, (*i)++);
        if (t->no_space && is_space(c))
            continue;
        od_buf_char(t->out, c);
        /* XML Schema's blocks are written IsGreek, ICU's InGreek */
        if (t->out->n - name == 3 && !memcmp(t->out->p + name, "{Is", 3))
            t->out->p[name + 2] = 'n', t->out->p[name + 1] = 'I';
    } while (at(t, *i - 1) != '}');
    return true;
}

/* A back reference must point to a group that is closed. */
static bool put_reference(struct translator *t, size_t *i)
{
    int n = at(t, *i + 1) - '0';
    *i += 2;
    while (is_digit(at(t, *i)) && n * 10 + (at(t, *i) - '0') <= t->groups)
        n = n * 10 + (at(t, (*i)++) - '0');
    if (n == 0 || n > t->groups)
        return false;
    for (int k = 0; k < t->depth; k++)
        if (t->open[k] == n)
            return false;
    od_buf_printf(t->out, "(?:\\%d)", n); /* a digit behind it is a digit */
    return true;
}

static bool put_escape(struct translator *t, size_t *i, bool in_class)
{
    static const char name_start[] = "A-Z_a-z:\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-"
                                     "\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD";
    char c = at(t, *i + 1);
    if (c == 'p' || c == 'P')
        return put_property(t, i);
    if (is_digit(c) && !in_class)
        return put_reference(t, i);
    if (c == 'i' || c == 'I' || c == 'c' || c == 'C') { /* characters of XML names */
        od_buf_printf(t->out, "[%s%s%s]", c == 'I' || c == 'C' ? "^" : "", name_start,
                      c == 'c' || c == 'C' ? "\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040" : "");
    } else if (c && strchr("nrtdDwWsS\\|.?*+(){}$-[]^", c)) {
        if (c == 'w' || c == 'W') /* XML Schema: all but punctuation, separators and others */
            od_buf_c(t->out, c == 'w' ? "[^\\p{P}\\p{Z}\\p{C}]" : "[\\p{P}\\p{Z}\\p{C}]");
        else if (c == 's' || c == 'S')
            od_buf_c(t->out, c == 's' ? "[ \\t\\n\\r]" : "[^ \\t\\n\\r]");
        else
            od_buf_put(t->out, t->in.p + *i, 2);
    } else {
        return false;
    }
    *i += 2;
    return true;
}

/* [ … ], [^ … ], [ … -[ … ]] */
static bool put_class(struct translator *t, size_t *i, unsigned depth)
{
    bool first = true;
    od_buf_char(t->out, '[');
    ++*i;
    if (at(t, *i) == '^') {
        od_buf_char(t->out, '^');
        ++*i;
    }
    for (; *i < t->in.n; first = false) {
        char c = at(t, *i);
        if (c == ']' && !first) {
            od_buf_char(t->out, ']');
            ++*i;
            return true;
        }
        if (c == '\\') {
            if (!put_escape(t, i, true))
                return false;
        } else if (c == '-' && at(t, *i + 1) == '[') { /* subtraction ends the class */
            od_buf_c(t->out, "--");
            ++*i;
            if (depth > 8 || !put_class(t, i, depth + 1) || at(t, *i) != ']')
                return false;
        } else if (c == '[' || (c == ']' && first)) {
            return false;
        } else {
            if (c == '&' || (c == '-' && (first || at(t, *i + 1) == ']')))
                od_buf_char(t->out, '\\');
            od_buf_char(t->out, c);
            ++*i;
        }
    }
    return false;
}

static bool put_group(struct translator *t, size_t *i)
{
    bool plain = at(t, *i + 1) == '?';
    if ((plain && at(t, *i + 2) != ':') || t->depth == (int)OD_LEN(t->open))
        return false;
    od_buf_c(t->out, plain ? "(?:" : "(");
    t->open[t->depth++] = plain ? 0 : ++t->groups;
    *i += plain ? 3 : 1;
    return true;
}

/* ?, *, +, {n,m}, each with at most one ? behind it. */
static bool put_quantifier(struct translator *t, size_t *i)
{
    do {
        if (!(t->no_space && is_space(at(t, *i))))
            od_buf_char(t->out, at(t, *i));
    } while (at(t, (*i)++) != '}' && t->out->p[t->out->n - 1] != '?' && t->out->p[t->out->n - 1] != '*' &&
             t->out->p[t->out->n - 1] != '+' && *i < t->in.n);
    if (at(t, *i) == '?') {
        od_buf_char(t->out, '?');
        ++*i;
    }
    char next = at(t, *i);
    return next != '?' && next != '*' && next != '+' && next != '{';
}

static bool put_one(struct translator *t, size_t *i)
{
    char c = at(t, *i);
    if (c == '\\')
        return put_escape(t, i, false);
    if (c == '[')
        return put_class(t, i, 0);
    if (c == '(')
        return put_group(t, i);
    if (c == '?' || c == '*' || c == '+' || c == '{')
        return put_quantifier(t, i);
    ++*i;
    if (c == ')') {
        if (t->depth == 0)
            return false;
        t->depth--;
        od_buf_char(t->out, ')');
    } else if (c == '.') { /* XPath: neither \n nor \r, unless s */
        od_buf_c(t->out, t->dot_all ? "[\\s\\S]" : "[^\\n\\r]");
    } else if (c == '$') { /* the very end; ICU's would also match before a last \n */
        od_buf_c(t->out, t->multiline ? "(?=\\n|\\z)" : "\\z");
    } else if (c == '^') { /* under m not behind a \n that ends the input */
        od_buf_c(t->out, t->multiline ? "(?<![^\\n])" : "\\A");
    } else if (c == '}' || c == ']') {
        return false;
    } else if (c == '#') {
        od_buf_c(t->out, "\\#");
    } else if (!(t->no_space && is_space(c))) {
        od_buf_char(t->out, c);
    }
    return true;
}

static bool translate(struct translator *t)
{
    if (t->literal) {
        for (size_t i = 0; i < t->in.n; i++) {
            if (strchr("\\|.?*+(){}$-[]^#&", at(t, i)) && at(t, i))
                od_buf_char(t->out, '\\');
            od_buf_char(t->out, at(t, i));
        }
        return true;
    }
    for (size_t i = 0; i < t->in.n;)
        if (!put_one(t, &i))
            return false;
    return t->depth == 0;
}

static UChar *to_utf16(struct feel_run *run, struct od_str s, int32_t *ret_n)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *out = s.n > FEEL_STRING_MAX_BYTES ? NULL : FEEL_ARRAY(run, s.n + 1, UChar);
    if (out)
        u_strFromUTF8(out, (int32_t)s.n + 1, ret_n, s.n ? s.p : "", (int32_t)s.n, &status);
    return U_SUCCESS(status) ? out : NULL;
}

bool feel_regex_init(struct feel_regex *rx, struct feel_run *run, struct od_str pattern, const struct feel_value *flags,
                     struct od_str input, struct feel_value *ret_fault)
{
    struct od_buf b;
    struct translator t = {.in = pattern, .out = &b};
    uint32_t icu = 0;
    UErrorCode status = U_ZERO_ERROR;
    int32_t n;
    *rx = (struct feel_regex){0};
    *ret_fault = FEEL_NULL_VALUE;
    od_buf_init(&b, FEEL_STRING_MAX_BYTES);
    bool ok = flags_read(&t, flags->kind == FEEL_STRING ? flags->string : FEEL_NO_SUBJECT, &icu);
    if (!ok) {
        *ret_fault = feel_run_fail(run, "the flags \"%s\" are not all of s, m, i, x, q", flags->string);
    } else if (!feel_run_charge(run, pattern.n + input.n / 16) || !translate(&t) || b.failed) {
        *ret_fault = feel_run_fail(run, "the pattern \"%s\" is wrong", pattern);
        ok = false;
    }
    UChar *text = ok ? to_utf16(run, od_buf_view(&b), &n) : NULL;
    rx->input = ok ? to_utf16(run, input, &rx->n) : NULL;
    od_buf_done(&b);
    if (!text || !rx->input)
        return false;
    rx->re = n ? uregex_open(text, n, icu, NULL, &status) : uregex_open(u"(?:)", 4, icu, NULL, &status);
    uregex_setTimeLimit(rx->re, FEEL_REGEX_TIME_LIMIT, &status);
    uregex_setStackLimit(rx->re, FEEL_REGEX_STACK_BYTES, &status);
    uregex_setText(rx->re, rx->input, rx->n, &status);
    rx->groups = uregex_groupCount(rx->re, &status);
    if (U_FAILURE(status))
        *ret_fault = feel_run_fail(run, "the pattern \"%s\" is wrong", pattern);
    return U_SUCCESS(status);
}

void feel_regex_done(struct feel_regex *rx)
{
    if (rx->re)
        uregex_close(rx->re);
    rx->re = NULL;
}

bool feel_regex_next(struct feel_regex *rx, bool *failed)
{
    UErrorCode status = U_ZERO_ERROR;
    bool found = uregex_findNext(rx->re, &status);
    *failed = U_FAILURE(status);
    return found && !*failed;
}

int32_t feel_regex_start(struct feel_regex *rx, int32_t group)
{
    UErrorCode status = U_ZERO_ERROR;
    return uregex_start(rx->re, group, &status);
}

int32_t feel_regex_end(struct feel_regex *rx, int32_t group)
{
    UErrorCode status = U_ZERO_ERROR;
    return uregex_end(rx->re, group, &status);
}

void feel_regex_put(struct feel_regex *rx, int32_t from, int32_t to, struct od_buf *out)
{
    for (int32_t i = from; i < to;) {
        uint32_t c = rx->input[i++];
        char utf8[4];
        if (c >= 0xd800 && c < 0xdc00 && i < to)
            c = 0x10000 + ((c - 0xd800) << 10) + (rx->input[i++] - 0xdc00u);
        od_buf_put(out, utf8, feel_utf8_put(c, utf8));
    }
}
