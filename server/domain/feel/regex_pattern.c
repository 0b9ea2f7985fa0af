/* SPDX-License-Identifier: Apache-2.0
 * Rewrites an XPath pattern into ICU's dialect and refuses what only ICU knows (look-around, \b, possessive quantifiers …), so
 * that the same patterns are right and wrong as in other FEEL engines. Case is written out, since ICU's own flag does more
 * than XPath's: it takes \p{Lu} for \p{L}, and ß for SS. */
#include "server/domain/feel/regex.h"

#include "server/domain/feel/lexer.h"

#include <unicode/uset.h>

enum {
    CODES_PER_STEP = 64, /* of a range, whose other cases are looked up one by one */
    SET_STEPS = 100,     /* ICU makes a set of all characters with a property */
};

struct translator {
    struct feel_run *run;
    struct od_str in;
    struct od_buf *out;
    const struct feel_regex_flags *flags;
    int groups;          /* opened so far */
    int open[64], depth; /* groups that are still open */
};

static char at(const struct translator *t, size_t i) { return i < t->in.n ? t->in.p[i] : '\0'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void charge(struct translator *t, uint64_t steps)
{
    if (!feel_run_charge(t->run, steps))
        t->out->failed = true;
}

/* --- characters ------------------------------------------------------------------------------------------------------ */

static void put_code_point(struct translator *t, uint32_t c)
{
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
        od_buf_char(t->out, (char)c);
    else
        od_buf_printf(t->out, "\\x{%x}", c);
}

static void put_range(struct translator *t, uint32_t from, uint32_t to)
{
    put_code_point(t, from);
    if (from != to) {
        od_buf_char(t->out, '-');
        put_code_point(t, to);
    }
}

/* The characters of [from-to], and under i those that differ from one of them only by case; what a class holds. */
static void put_members(struct translator *t, uint32_t from, uint32_t to)
{
    if (t->flags->ignore_case)
        charge(t, (to - from) / CODES_PER_STEP);
    if (!t->flags->ignore_case || t->out->failed) {
        put_range(t, from, to);
        return;
    }
    USet *set = uset_open((UChar32)from, (UChar32)to);
    uset_closeOver(set, USET_CASE_INSENSITIVE);
    for (int32_t i = 0, n = uset_getItemCount(set); i < n; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar32 start, end;
        if (uset_getItem(set, i, &start, &end, NULL, 0, &status) == 0 && U_SUCCESS(status)) /* not of several, such as SS */
            put_range(t, (uint32_t)start, (uint32_t)end);
    }
    uset_close(set);
}

static void put_char(struct translator *t, uint32_t c)
{
    if (!t->flags->ignore_case) {
        put_code_point(t, c);
        return;
    }
    od_buf_char(t->out, '[');
    put_members(t, c, c);
    od_buf_char(t->out, ']');
}

/* --- escapes --------------------------------------------------------------------------------------------------------- */

/* \p{Lu}, \P{IsBasicLatin}: XML Schema's categories and blocks, and no other property. */
static bool put_property(struct translator *t, size_t *i)
{
    static const char *const categories[] = {"L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd",
                                             "Nl", "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z",  "Zs",
                                             "Zl", "Zp", "S",  "Sm", "Sc", "Sk", "So", "C",  "Cc", "Cf", "Co", "Cn"};
    char sign = at(t, *i + 1);
    size_t from = *i + 3, end = from;
    while (at(t, end) == '-' || feel_name_part(t->in, (uint32_t)end))
        end++;
    struct od_str name = {t->in.p + from, end - from};
    if (at(t, *i + 2) != '{' || at(t, end) != '}' || !name.n)
        return false;
    *i = end + 1;
    if (name.n > 2 && !memcmp(name.p, "Is", 2)) {
        od_buf_printf(t->out, "\\%c{In%.*s}", sign, (int)name.n - 2, name.p + 2);
        return true;
    }
    for (size_t k = 0; k < OD_LEN(categories); k++)
        if (od_str_eq_c(name, categories[k])) {
            od_buf_printf(t->out, "\\%c{%s}", sign, categories[k]);
            return true;
        }
    return false;
}

/* An escape that stands for many characters, as a class; *ret_ok is false where it is wrong. False: it is none. */
static bool put_multi(struct translator *t, size_t *i, bool *ret_ok)
{
    static const char name_start[] = "A-Z_a-z:\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-"
                                     "\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD"
                                     "\\U00010000-\\U000EFFFF";
    char c = at(t, *i + 1);
    *ret_ok = true;
    if (c && strchr("pPdDwW", c))
        charge(t, SET_STEPS);
    switch (c) {
    case 'p': case 'P': *ret_ok = put_property(t, i); return true;
    case 'd': od_buf_c(t->out, "\\p{Nd}"); break;
    case 'D': od_buf_c(t->out, "\\P{Nd}"); break;
    case 's': od_buf_c(t->out, "[ \\t\\n\\r]"); break;
    case 'S': od_buf_c(t->out, "[^ \\t\\n\\r]"); break;
    case 'w': od_buf_c(t->out, "[^\\p{P}\\p{Z}\\p{C}]"); break; /* XML Schema: all but punctuation, separators and others */
    case 'W': od_buf_c(t->out, "[\\p{P}\\p{Z}\\p{C}]"); break;
    case 'i': case 'I': case 'c': case 'C': /* characters of XML names */
        od_buf_printf(t->out, "[%s%s%s]", c == 'I' || c == 'C' ? "^" : "", name_start,
                      c == 'c' || c == 'C' ? "\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040" : "");
        break;
    default: return false;
    }
    *i += 2;
    return true;
}

/* One character, escaped or not. */
static bool read_char(struct translator *t, size_t *i, uint32_t *ret)
{
    static const char escapes[] = "nrt\\|.?*+(){}$-[]^", meanings[] = "\n\r\t\\|.?*+(){}$-[]^";
    if (at(t, *i) != '\\') {
        *ret = feel_utf8_get(t->in, i);
        return true;
    }
    char c = at(t, *i + 1);
    const char *escape = c ? strchr(escapes, c) : NULL;
    *i += 2;
    *ret = escape ? (uint32_t)meanings[escape - escapes] : 0;
    return escape != NULL;
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
    od_buf_printf(t->out, "(?%s:\\%d)", t->flags->ignore_case ? "i" : "", n); /* a digit behind it is a digit */
    return true;
}

static bool put_escape(struct translator *t, size_t *i)
{
    uint32_t c;
    bool ok;
    if (is_digit(at(t, *i + 1)))
        return put_reference(t, i);
    if (put_multi(t, i, &ok))
        return ok;
    if (!read_char(t, i, &c))
        return false;
    put_char(t, c);
    return true;
}

/* --- classes --------------------------------------------------------------------------------------------------------- */

/* A character or a range; a - is itself where no range can be meant. */
static bool put_class_part(struct translator *t, size_t *i)
{
    uint32_t from, to;
    bool ok;
    if (at(t, *i) == '\\' && put_multi(t, i, &ok))
        return ok;
    if (at(t, *i) == '[' || at(t, *i) == ']' || !read_char(t, i, &from))
        return false;
    to = from;
    if (at(t, *i) == '-' && at(t, *i + 1) != ']' && at(t, *i + 1) != '[') {
        ++*i;
        if (!read_char(t, i, &to) || to < from)
            return false;
    }
    put_members(t, from, to);
    return true;
}

/* [ … ], [^ … ], [ … -[ … ]]: what is subtracted is so from the complement too. */
static bool put_class(struct translator *t, size_t *i, unsigned depth)
{
    od_buf_c(t->out, "[[");
    if (at(t, ++*i) == '^') {
        od_buf_char(t->out, '^');
        ++*i;
    }
    do {
        if (*i >= t->in.n || !put_class_part(t, i))
            return false;
    } while (at(t, *i) != ']' && !(at(t, *i) == '-' && at(t, *i + 1) == '['));
    od_buf_char(t->out, ']');
    if (at(t, *i) == '-') {
        od_buf_c(t->out, "--");
        ++*i;
        if (depth > 8 || !put_class(t, i, depth + 1) || at(t, *i) != ']')
            return false;
    }
    od_buf_char(t->out, ']');
    ++*i;
    return true;
}

/* --- structure ------------------------------------------------------------------------------------------------------- */

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
    char c = at(t, *i);
    od_buf_char(t->out, c);
    ++*i;
    if (c == '{') {
        while (is_digit(at(t, *i)) || at(t, *i) == ',')
            od_buf_char(t->out, at(t, (*i)++));
        if (at(t, *i) != '}')
            return false;
        od_buf_char(t->out, at(t, (*i)++));
    }
    if (at(t, *i) == '?')
        od_buf_char(t->out, at(t, (*i)++));
    char next = at(t, *i);
    return next != '?' && next != '*' && next != '+' && next != '{';
}

static bool put_one(struct translator *t, size_t *i)
{
    const struct feel_regex_flags *f = t->flags;
    char c = at(t, *i);
    switch (c) {
    case '\\': return put_escape(t, i);
    case '[': return put_class(t, i, 0);
    case '(': return put_group(t, i);
    case '?': case '*': case '+': case '{': return put_quantifier(t, i);
    case '}': case ']': return false;
    case ')':
        if (t->depth == 0)
            return false;
        t->depth--;
        od_buf_char(t->out, ')');
        break;
    case '|': od_buf_char(t->out, '|'); break;
    case '.': od_buf_c(t->out, f->dot_all ? "[\\s\\S]" : "[^\\n\\r]"); break; /* neither \n nor \r, unless s */
    /* Under m: at the ends of lines, a last \n beginning no line. */
    case '$': od_buf_c(t->out, f->multiline ? "(?:(?=\\n)|(?<!\\n)\\z)" : "\\z"); break;
    case '^': od_buf_c(t->out, f->multiline ? "(?:\\A|(?<=\\n)(?!\\z))" : "\\A"); break;
    default:
        put_char(t, feel_utf8_get(t->in, i));
        return true;
    }
    ++*i;
    return true;
}

/* Under x white space means nothing, but in a class. */
static struct od_str without_space(struct od_str in, char *out)
{
    size_t n = 0, brackets = 0;
    bool escaped = false;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (!brackets && is_space(c))
            continue;
        brackets += !escaped && c == '[';
        brackets -= !escaped && c == ']' && brackets;
        escaped = !escaped && c == '\\';
        out[n++] = c;
    }
    return (struct od_str){out, n};
}

bool feel_regex_translate(struct feel_run *run, struct od_str pattern, const struct feel_regex_flags *flags, char *room,
                          struct od_buf *out)
{
    struct translator t = {.run = run, .in = pattern, .out = out, .flags = flags};
    if (flags->no_space && !flags->literal)
        t.in = without_space(pattern, room);
    for (size_t i = 0; i < t.in.n && !out->failed;) {
        if (flags->literal)
            put_char(&t, feel_utf8_get(t.in, &i));
        else if (!put_one(&t, &i))
            return false;
    }
    return t.depth == 0 && !out->failed;
}
