/* SPDX-License-Identifier: Apache-2.0
 * Names hold spaces and even operators (§10.3.1.5, rules 25-30), so where one ends depends on what is known: of all known
 * names that the text starts with, the longest wins. Words that nobody knows are taken up to the next operator or keyword,
 * since two names never stand side by side. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/parser.h"

bool parse_keyword(struct od_str w)
{
    static const char *const keywords[] = {"and",  "or",  "between", "in",   "then",  "else",     "return", "satisfies", "if",
                                           "for",  "some", "every",  "true", "false", "function", "null"};
    for (size_t i = 0; i < OD_LEN(keywords); i++)
        if (od_str_eq_c(w, keywords[i]))
            return true;
    return false;
}

void parse_local_push(struct parser *p, struct od_str name)
{
    struct parse_scope *s = OD_ARENA_NEW(p->arena, struct parse_scope);
    if (!s) {
        parse_fail(p, NULL);
        return;
    }
    s->outer = p->locals;
    s->name = name;
    p->locals = s;
}

bool parse_is_local(struct parser *p, struct od_str name)
{
    uint64_t n = 0;
    const struct parse_scope *s = p->locals;
    for (; s && !od_str_eq(s->name, name); s = s->outer)
        n++;
    parse_work(p, n);
    return s != NULL;
}

size_t parse_place(const struct parser *p, struct od_str name)
{
    size_t i = 0;
    while (i < p->scope->n_names && !od_str_eq(p->scope->names[i], name))
        i++;
    return i;
}

bool parse_is_known(struct parser *p, struct od_str name)
{
    return parse_is_local(p, name) || parse_place(p, name) < p->scope->n_names;
}

/* Where the text from `at` says name: white space in the name stands for any in the text, and around signs it may lack.
 * Returns the offset behind it, 0 if it does not. */
static uint32_t name_end(struct od_str text, uint32_t at, struct od_str name)
{
    bool gap_ok = false; /* white space of the text may be skipped here: next to a sign */
    for (size_t i = 0; i < name.n;) {
        unsigned space = feel_space_len(name, (uint32_t)i), have;
        if (space) {
            bool next_sign = i + space < name.n && feel_name_sign(name.p[i + space]);
            uint32_t from = at;
            while ((have = feel_space_len(text, at)) != 0)
                at += have;
            bool again = i && feel_space_len(name, (uint32_t)i - 1) == 1; /* more white space in the name itself */
            if (at == from && !gap_ok && !next_sign && !again)
                return 0;
            i += space;
            continue;
        }
        if (gap_ok || feel_name_sign(name.p[i]))
            while (i && (have = feel_space_len(text, at)) != 0)
                at += have;
        if (at >= text.n || text.p[at] != name.p[i])
            return 0;
        gap_ok = feel_name_sign(name.p[i]);
        at++;
        i++;
    }
    bool ends_in_word = name.n && !feel_name_sign(name.p[name.n - 1]);
    return ends_in_word && feel_name_part(text, at) ? 0 : at;
}

struct best {
    struct od_str name;
    uint32_t end;
};

static void consider(struct parser *p, struct od_str name, struct best *best)
{
    p->work++;
    if (!name.n || name.p[0] != p->text.p[p->token.at])
        return;
    uint32_t end = name_end(p->text, p->token.at, name);
    if (end > best->end)
        *best = (struct best){name, end};
}

/* The end of the words from the token on that are no keywords. */
static uint32_t run_end(const struct parser *p)
{
    uint32_t end = p->token.end;
    for (;;) {
        struct feel_token t = feel_token_at(p->text, end);
        /* A comment between two words parts them. */
        bool word = (t.kind == TOKEN_WORD && !parse_keyword(t.text) && t.text.p[0] != '?') || (t.kind == TOKEN_NUMBER && t.at > end);
        for (uint32_t at = end; word && at < t.at; at += feel_space_len(p->text, at))
            word = feel_space_len(p->text, at) > 0;
        if (word && t.kind == TOKEN_NUMBER)
            word = t.text.p[0] != '.' && !memchr(t.text.p, '.', t.text.n);
        if (word && od_str_eq_c(t.text, "instance"))
            word = !od_str_eq_c(feel_token_at(p->text, t.end).text, "of");
        if (!word)
            return end;
        end = t.end;
    }
}

/* One space for any white space: the form in which names are compared. */
static struct od_str normal(struct parser *p, uint32_t from, uint32_t to)
{
    struct od_str raw = od_str_trim((struct od_str){p->text.p + from, to - from});
    char *out = od_arena_alloc(p->arena, raw.n + 1);
    if (!out) {
        parse_fail(p, NULL);
        return FEEL_NO_SUBJECT;
    }
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        unsigned space = feel_space_len(raw, (uint32_t)i);
        if (!space) {
            out[n++] = raw.p[i++];
            continue;
        }
        if (n && out[n - 1] != ' ')
            out[n++] = ' ';
        i += space;
    }
    while (n && out[n - 1] == ' ')
        n--;
    return (struct od_str){out, n};
}

struct od_str parse_name_used(struct parser *p, bool after_dot)
{
    struct best best = {{NULL, 0}, 0};
    if (p->token.kind != TOKEN_WORD)
        return FEEL_NO_SUBJECT;
    if (!after_dot) {
        for (const struct parse_scope *s = p->locals; s; s = s->outer)
            consider(p, s->name, &best);
        for (size_t i = 0; i < p->scope->n_names; i++)
            consider(p, p->scope->names[i], &best);
        if (p->scope->host)
            for (size_t i = 0; i < p->scope->host->n; i++)
                consider(p, od_str_c(p->scope->host->functions[i].name), &best);
        for (unsigned i = 0; i < feel_builtin_count(); i++)
            consider(p, feel_builtin_name(i), &best);
    }
    if (after_dot || p->filters) {
        for (size_t i = 0; i < p->scope->n_members; i++)
            consider(p, p->scope->members[i], &best);
        for (const struct parse_scope *s = p->members; s; s = s->outer)
            consider(p, s->name, &best);
    }
    parse_work(p, 0);
    bool keyword = parse_keyword(p->token.text);
    if (keyword && best.end <= p->token.end && !after_dot)
        return FEEL_NO_SUBJECT;
    uint32_t end = keyword && !after_dot ? best.end : run_end(p);
    if (best.end < end) {
        best.name = normal(p, p->token.at, end);
        best.end = end;
    }
    parse_seek(p, best.end);
    return best.name;
}

/* The end of a name that is being declared; it may hold words (keywords too) and signs. */
static uint32_t declared_end(const struct parser *p, const char *stop)
{
    struct feel_token t = p->token;
    uint32_t end = t.at;
    if (t.kind != TOKEN_WORD)
        return end;
    while ((t.kind == TOKEN_WORD && !(stop && end > p->token.at && od_str_eq_c(t.text, stop))) || t.kind == TOKEN_NUMBER ||
           t.kind == TOKEN_POWER || (t.kind == TOKEN_SIGN && feel_name_sign(t.sign)) ||
           (t.kind == TOKEN_BAD && t.sign == '\'')) {
        end = t.end;
        t = feel_token_at(p->text, end);
    }
    return end;
}

struct od_str parse_name_declared(struct parser *p, const char *stop)
{
    uint32_t end = declared_end(p, stop);
    if (end == p->token.at) {
        parse_fail(p, "a name is expected");
        return FEEL_NO_SUBJECT;
    }
    struct od_str name = normal(p, p->token.at, end);
    parse_seek(p, end);
    return name;
}

bool parse_name_colon(const struct parser *p)
{
    uint32_t end = declared_end(p, NULL);
    struct feel_token t = feel_token_at(p->text, end);
    return end > p->token.at && t.kind == TOKEN_SIGN && t.sign == ':';
}
