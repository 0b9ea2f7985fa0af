/* SPDX-License-Identifier: Apache-2.0
 * JSON texts as values. A reader of its own because numbers keep all their digits (jansson reads doubles), entries keep
 * their order, and all memory is the caller's arena. */
#include "server/domain/feel/feel_json.h"

#include "server/domain/feel/feel.h"
#include "server/domain/feel/lexer.h"

#include "common/base/limits.h"

/* Two entries of one name are found among so many; behind them the first one is simply the one that is seen. */
enum { UNIQUE_CHECKED_MAX = 256 };

struct reader {
    struct od_str s;
    size_t at;
    struct od_arena *arena;
    struct od_err *err;
};

static enum od_status malformed(struct reader *r, const char *why)
{
    if (r->arena->exhausted)
        return od_fail(r->err, OD_R_MEMORY_LIMIT, "max=%zu", r->arena->cap_bytes);
    return od_fail(r->err, OD_R_MESSAGE_MALFORMED, "why=JSON, byte %zu: %s", r->at, why);
}

static void skip_space(struct reader *r)
{
    while (r->at < r->s.n && strchr(" \t\r\n", r->s.p[r->at]) && r->s.p[r->at])
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    bool is = r->at < r->s.n && r->s.p[r->at] == c;
    r->at += is;
    return is;
}

static bool hex4(struct reader *r, uint32_t *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < 4; i++, r->at++) {
        char c = r->at < r->s.n ? r->s.p[r->at] : '\0';
        if (c >= '0' && c <= '9')
            *ret = *ret << 4 | (uint32_t)(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            *ret = *ret << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    return true;
}

/* Behind the backslash; a lone surrogate becomes U+FFFD, as no string can hold it. */
static bool read_escape(struct reader *r, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->at < r->s.n ? r->s.p[r->at++] : '\0';
    const char *plain = c ? strchr(from, c) : NULL;
    if (plain) {
        *(*out)++ = to[plain - from];
        return true;
    }
    uint32_t u, low;
    if (c != 'u' || !hex4(r, &u))
        return false;
    if (u >= 0xd800 && u < 0xdc00 && r->s.n - r->at >= 6 && r->s.p[r->at] == '\\' && r->s.p[r->at + 1] == 'u') {
        size_t before = r->at;
        r->at += 2;
        if (!hex4(r, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
        else
            r->at = before;
    }
    unsigned n = feel_utf8_put(u, *out);
    *out += n ? n : feel_utf8_put(0xfffd, *out);
    return true;
}

static enum od_status read_string(struct reader *r, struct od_str *ret)
{
    size_t from = ++r->at, end = from;
    while (end < r->s.n && r->s.p[end] != '"')
        end += r->s.p[end] == '\\' ? 2 : 1;
    if (end >= r->s.n)
        return malformed(r, "a string has no end");
    if (!memchr(r->s.p + from, '\\', end - from)) {
        *ret = (struct od_str){r->s.p + from, end - from};
        r->at = end + 1;
        return OD_OK;
    }
    char *start = od_arena_alloc(r->arena, end - from + 4), *out = start;
    if (!start)
        return malformed(r, "memory");
    while (r->at < end) {
        if (r->s.p[r->at] != '\\') {
            *out++ = r->s.p[r->at++];
            continue;
        }
        r->at++;
        if (!read_escape(r, &out))
            return malformed(r, "an escape is wrong");
    }
    r->at = end + 1;
    *ret = (struct od_str){start, (size_t)(out - start)};
    return OD_OK;
}

static enum od_status read_value(struct reader *r, unsigned depth, struct feel_value *ret);

/* An array whose count is not known before its end: itself, or a larger copy; NULL when memory is out. */
static void *grow(struct reader *r, void *items, size_t n, size_t *cap, size_t size)
{
    if (items && n < *cap)
        return items;
    size_t next = *cap ? *cap * 2 : 4;
    void *bigger = od_arena_array(r->arena, next, size);
    if (bigger && items && n)
        memcpy(bigger, items, n * size);
    *cap = next;
    return bigger;
}

static enum od_status read_array(struct reader *r, unsigned depth, struct feel_value *ret)
{
    struct feel_list *l = feel_list_new(r->arena, 0);
    size_t cap = 0;
    r->at++;
    if (!l)
        return malformed(r, "memory");
    l->items = NULL;
    for (bool first = true; !take(r, ']'); first = false) {
        if (!first && !take(r, ','))
            return malformed(r, ", or ] is expected");
        l->items = grow(r, l->items, l->n, &cap, sizeof *l->items);
        if (!l->items)
            return malformed(r, "memory");
        OD_TRY(read_value(r, depth, &l->items[l->n]));
        l->n++;
    }
    *ret = feel_list_value(l);
    return OD_OK;
}

static enum od_status read_object(struct reader *r, unsigned depth, struct feel_value *ret)
{
    struct feel_context *c = feel_context_new(r->arena, 0);
    size_t cap = 0;
    r->at++;
    if (!c)
        return malformed(r, "memory");
    c->entries = NULL;
    for (bool first = true; !take(r, '}'); first = false) {
        struct od_str name = FEEL_NO_SUBJECT;
        if (!first && !take(r, ','))
            return malformed(r, ", or } is expected");
        skip_space(r);
        if (r->at >= r->s.n || r->s.p[r->at] != '"')
            return malformed(r, "a name is expected");
        OD_TRY(read_string(r, &name));
        if (!take(r, ':'))
            return malformed(r, ": is expected");
        c->entries = grow(r, c->entries, c->n, &cap, sizeof *c->entries);
        if (!c->entries)
            return malformed(r, "memory");
        c->entries[c->n].name = name;
        OD_TRY(read_value(r, depth, &c->entries[c->n].value));
        if (c->n < UNIQUE_CHECKED_MAX && feel_context_get(c, name))
            return malformed(r, "two entries have one name");
        c->n++;
    }
    *ret = feel_context_value(c);
    return OD_OK;
}

static enum od_status read_number(struct reader *r, struct feel_value *ret)
{
    size_t end = r->at;
    while (end < r->s.n && (strchr("+-.eE", r->s.p[end]) || (r->s.p[end] >= '0' && r->s.p[end] <= '9')) && r->s.p[end])
        end++;
    struct od_decimal d;
    if (end == r->at || r->s.p[r->at] == '+' || !od_decimal_parse((struct od_str){r->s.p + r->at, end - r->at}, &d))
        return malformed(r, "a value is expected");
    r->at = end;
    *ret = feel_number(d);
    return OD_OK;
}

static bool take_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    bool is = r->s.n - r->at >= n && !memcmp(r->s.p + r->at, word, n);
    r->at += is ? n : 0;
    return is;
}

static enum od_status read_value(struct reader *r, unsigned depth, struct feel_value *ret)
{
    skip_space(r);
    if (depth > 2 * FEEL_VALUE_DEPTH_MAX) /* typed values need two levels for each of theirs */
        return malformed(r, "the nesting is too deep");
    if (r->at >= r->s.n)
        return malformed(r, "the text ends too early");
    switch (r->s.p[r->at]) {
    case '{': return read_object(r, depth + 1, ret);
    case '[': return read_array(r, depth + 1, ret);
    case '"':
        *ret = feel_string(FEEL_NO_SUBJECT);
        return read_string(r, &ret->string);
    default: break;
    }
    if (take_word(r, "null"))
        *ret = FEEL_NULL_VALUE;
    else if (take_word(r, "true"))
        *ret = feel_boolean(true);
    else if (take_word(r, "false"))
        *ret = feel_boolean(false);
    else
        return read_number(r, ret);
    return OD_OK;
}

enum od_status feel_json_decode_plain(struct od_str text, struct od_arena *arena, struct feel_value *ret_value, struct od_err *err)
{
    struct reader r = {text, 0, arena, err};
    if (od_utf8_len(text) == SIZE_MAX)
        return malformed(&r, "the text is not UTF-8");
    OD_TRY(read_value(&r, 0, ret_value));
    skip_space(&r);
    return r.at == text.n ? OD_OK : malformed(&r, "something follows the value");
}

/* --- typed ----------------------------------------------------------------------------------------------------------- */

static enum od_status typed(struct reader *r, const struct feel_value *plain, struct feel_value *ret);

static enum od_status typed_list(struct reader *r, const struct feel_list *from, struct feel_value *ret)
{
    struct feel_list *l = feel_list_new(r->arena, from->n);
    if (!l)
        return malformed(r, "memory");
    for (size_t i = 0; i < from->n; i++)
        OD_TRY(typed(r, &from->items[i], &l->items[i]));
    *ret = feel_list_value(l);
    return OD_OK;
}

static enum od_status typed_context(struct reader *r, const struct feel_context *from, struct feel_value *ret)
{
    struct feel_context *c = feel_context_new(r->arena, from->n);
    if (!c)
        return malformed(r, "memory");
    for (size_t i = 0; i < from->n; i++) {
        c->entries[i].name = from->entries[i].name;
        OD_TRY(typed(r, &from->entries[i].value, &c->entries[i].value));
    }
    *ret = feel_context_value(c);
    return OD_OK;
}

/* A range's text is an expression of literals; it is evaluated as one. */
static enum od_status typed_range(struct reader *r, struct od_str text, struct feel_value *ret)
{
    const struct feel_program *p;
    if (feel_parse(text, FEEL_EXPRESSION, NULL, r->arena, &p, NULL) != OD_OK ||
        feel_eval(p, NULL, r->arena, ret, NULL) != OD_OK || ret->kind != FEEL_RANGE)
        return malformed(r, "a range is not understood");
    return OD_OK;
}

static enum od_status typed_scalar(struct reader *r, struct od_str t, const struct feel_value *v, struct feel_value *ret)
{
    static const struct {
        const char *tag;
        enum feel_kind kind;
    } temporal[] = {{"date", FEEL_DATE}, {"time", FEEL_TIME}, {"dateTime", FEEL_DATE_TIME}, {"duration", FEEL_DAYS_DURATION}};
    if (od_str_eq_c(t, "boolean") && v->kind == FEEL_BOOLEAN) {
        *ret = *v;
        return OD_OK;
    }
    if (v->kind != FEEL_STRING)
        return malformed(r, "v does not fit t");
    *ret = *v;
    if (od_str_eq_c(t, "string") || od_str_eq_c(t, "untyped"))
        return OD_OK;
    if (od_str_eq_c(t, "function")) {
        *ret = FEEL_NULL_VALUE;
        return OD_OK;
    }
    if (od_str_eq_c(t, "range"))
        return typed_range(r, v->string, ret);
    struct od_decimal d;
    if (od_str_eq_c(t, "number")) {
        if (!od_decimal_parse(od_str_trim(v->string), &d))
            return malformed(r, "a number is not understood");
        *ret = feel_number(d);
        return OD_OK;
    }
    for (size_t i = 0; i < OD_LEN(temporal); i++) {
        if (!od_str_eq_c(t, temporal[i].tag))
            continue;
        *ret = feel_temporal_parse(v->string, temporal[i].kind);
        return ret->kind == FEEL_NULL ? malformed(r, "a date, time or duration is not understood") : OD_OK;
    }
    return malformed(r, "the type t is not known");
}

static enum od_status typed(struct reader *r, const struct feel_value *plain, struct feel_value *ret)
{
    const struct feel_value *t = plain->kind == FEEL_CONTEXT ? feel_context_get(plain->context, OD_STR("t")) : NULL;
    if (!t || t->kind != FEEL_STRING)
        return malformed(r, "a typed value {\"t\":…,\"v\":…} is expected");
    const struct feel_value *v = feel_context_get(plain->context, OD_STR("v"));
    *ret = FEEL_NULL_VALUE;
    if (od_str_eq_c(t->string, "null"))
        return OD_OK;
    if (!v)
        return malformed(r, "a typed value has no v");
    if (od_str_eq_c(t->string, "list") && v->kind == FEEL_LIST)
        return typed_list(r, v->list, ret);
    if (od_str_eq_c(t->string, "context") && v->kind == FEEL_CONTEXT)
        return typed_context(r, v->context, ret);
    return typed_scalar(r, t->string, v, ret);
}

enum od_status feel_json_typed(const struct feel_value *plain, struct od_arena *arena, struct feel_value *ret_value, struct od_err *err)
{
    struct reader r = {FEEL_NO_SUBJECT, 0, arena, err};
    return typed(&r, plain, ret_value);
}

enum od_status feel_json_decode(struct od_str text, struct od_arena *arena, struct feel_value *ret_value, struct od_err *err)
{
    struct feel_value plain = FEEL_NULL_VALUE;
    OD_TRY(feel_json_decode_plain(text, arena, &plain, err));
    return feel_json_typed(&plain, arena, ret_value, err);
}
