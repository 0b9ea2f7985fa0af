/* SPDX-License-Identifier: Apache-2.0
 * What expressions are made of: literals, names, lists, contexts, ranges, and what may follow them: calls, paths, filters,
 * `instance of`. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/parser.h"

enum { GUESSES_MAX = 64 };

static const struct feel_node *constant(struct parser *p, uint32_t at, struct feel_value v)
{
    struct feel_node *n = parse_node(p, FN_CONST, at);
    if (n)
        n->value = v;
    return parse_done(p, n);
}

static const struct feel_node *parse_literal(struct parser *p)
{
    struct feel_token t = p->token;
    struct od_str text;
    struct od_decimal d;
    if (t.kind == TOKEN_NUMBER) {
        if (!od_decimal_parse(t.text, &d))
            return parse_fail(p, "the number is out of range");
        parse_next(p);
        return constant(p, t.at, feel_number(d));
    }
    if (!feel_unescape(t.text, p->arena, &text))
        return parse_fail(p, "an escape of the string is wrong");
    parse_next(p);
    return constant(p, t.at, t.kind == TOKEN_AT ? feel_at_literal(text) : feel_string(text));
}

/* A free name is an input of the program. */
static void note_input(struct parser *p, struct od_str name)
{
    size_t n = 0;
    for (const struct parse_inputs *i = p->free_names; i; i = i->next, n++)
        if (od_str_eq(i->name, name))
            return;
    parse_work(p, n);
    struct parse_inputs *i = OD_ARENA_NEW(p->arena, struct parse_inputs);
    if (!i) {
        parse_fail(p, NULL);
        return;
    }
    i->name = name;
    i->next = p->free_names;
    p->free_names = i;
}

static bool host_function(const struct parser *p, struct od_str name)
{
    for (size_t i = 0; p->scope->host && i < p->scope->host->n; i++)
        if (od_str_eq_c(name, p->scope->host->functions[i].name))
            return true;
    return false;
}

static const struct feel_node *parse_name(struct parser *p)
{
    uint32_t at = p->token.at;
    struct od_str name = parse_name_used(p, false);
    if (!name.n)
        return parse_fail(p, "a value is expected");
    int builtin = parse_is_known(p, name) || host_function(p, name) ? -1 : feel_builtin_find(name);
    struct feel_node *n = parse_node(p, builtin >= 0 && parse_is(p, '(') ? FN_BUILTIN : FN_NAME, at);
    if (!n)
        return NULL;
    n->name = name;
    if (n->op == FN_NAME)
        n->n = (uint32_t)parse_place(p, name);
    if (n->op == FN_BUILTIN) {
        n->builtin = (uint16_t)builtin;
    } else if (!parse_is_local(p, name)) {
        if (builtin < 0 && !od_str_eq_c(name, "?") && !od_str_eq_c(name, "item"))
            note_input(p, name);
    } else if (od_str_eq_c(name, "partial")) {
        p->partials++;
    }
    if (od_str_eq_c(name, "?"))
        n->flags |= FLAG_INPUT;
    return parse_done(p, n);
}

/* --- brackets -------------------------------------------------------------------------------------------------------- */

/* The rest of a range whose start is read and whose `..` is the token. */
static const struct feel_node *parse_range_end(struct parser *p, uint32_t at, const struct feel_node *start, bool open)
{
    struct feel_node *n = parse_node(p, FN_RANGE, at);
    unsigned open_end = p->open_end;
    parse_next(p);
    p->open_end = p->depth + 1;
    const struct feel_node *end = parse_expression(p);
    p->open_end = open_end;
    if (!end || !n)
        return NULL;
    n->a = start;
    n->b = end;
    n->flags = open ? FLAG_OPEN_START : 0;
    if (parse_take(p, ')') || parse_take(p, '['))
        n->flags |= FLAG_OPEN_END;
    else if (!parse_expect(p, ']'))
        return NULL;
    return parse_done(p, n);
}

static const struct feel_node *parse_list(struct parser *p)
{
    uint32_t at = p->token.at;
    struct parse_items list = {0};
    struct feel_node *n = parse_node(p, FN_LIST, at);
    unsigned filters = p->filters;
    p->filters = 0;
    parse_next(p);
    if (!parse_is(p, ']')) {
        do {
            const struct feel_node *item = parse_expression(p);
            if (item && !list.n && p->token.kind == TOKEN_DOTS) {
                p->filters = filters;
                return parse_range_end(p, at, item, false);
            }
            if (!item || !parse_items_add(p, &list, item, FEEL_NO_SUBJECT))
                return NULL;
        } while (parse_take(p, ','));
    }
    p->filters = filters;
    if (!n || !parse_expect(p, ']'))
        return NULL;
    n->items = list.items;
    n->n = list.n;
    return parse_done(p, n);
}

static const struct feel_node *parse_parenthesis(struct parser *p)
{
    uint32_t at = p->token.at;
    parse_next(p);
    const struct feel_node *a = parse_expression(p);
    if (a && p->token.kind == TOKEN_DOTS)
        return parse_range_end(p, at, a, true);
    return a && parse_expect(p, ')') ? a : NULL;
}

/* ]a..b] */
static const struct feel_node *parse_open_range(struct parser *p)
{
    uint32_t at = p->token.at;
    parse_next(p);
    const struct feel_node *a = parse_expression(p);
    if (!a)
        return NULL;
    if (p->token.kind != TOKEN_DOTS)
        return parse_fail(p, ".. is expected");
    return parse_range_end(p, at, a, true);
}

static struct od_str parse_key(struct parser *p)
{
    struct od_str key = FEEL_NO_SUBJECT;
    if (p->token.kind != TOKEN_STRING)
        return parse_name_declared(p, NULL);
    if (!feel_unescape(p->token.text, p->arena, &key))
        parse_fail(p, "an escape of the string is wrong");
    parse_next(p);
    return key;
}

/* Rule 57. An entry sees the entries before it. */
static const struct feel_node *parse_context(struct parser *p)
{
    struct feel_node *n = parse_node(p, FN_CONTEXT, p->token.at);
    struct parse_scope *outer = p->locals;
    struct parse_items list = {0};
    unsigned functions = p->functions;
    parse_next(p);
    while (parse_ok(p) && !parse_is(p, '}')) {
        if (list.n && !parse_expect(p, ','))
            return NULL;
        struct od_str key = parse_key(p);
        parse_work(p, list.n / 4); /* keys differ soon */
        for (uint32_t i = 0; i < list.n; i++)
            if (od_str_eq(list.names[i], key))
                return parse_fail(p, "the context has two entries of this name");
        if (!parse_expect(p, ':'))
            return NULL;
        const struct feel_node *v = parse_expression(p);
        if (!v || !parse_items_add(p, &list, v, key))
            return NULL;
        parse_local_push(p, key);
        struct parse_scope *member = OD_ARENA_NEW(p->arena, struct parse_scope);
        if (!member)
            return parse_fail(p, NULL);
        *member = (struct parse_scope){p->members, key};
        p->members = member;
    }
    p->locals = outer;
    if (!n || !parse_expect(p, '}'))
        return NULL;
    n->items = list.items;
    n->names = list.names;
    n->n = list.n;
    n->flags |= p->functions > functions ? FLAG_CAPTURES : 0;
    return parse_done(p, n);
}

static const struct feel_node *parse_word(struct parser *p)
{
    static const struct {
        const char *word;
        struct feel_value value;
    } literals[] = {{"true", {.kind = FEEL_BOOLEAN, .boolean = true}}, {"false", {.kind = FEEL_BOOLEAN}}, {"null", {.kind = FEEL_NULL}}};
    struct feel_token t = p->token;
    if (!parse_keyword(t.text))
        return parse_name(p);
    if (parse_name_used(p, false).n) { /* a known name may begin with a keyword: "for each" */
        parse_seek(p, t.at);
        return parse_name(p);
    }
    for (size_t i = 0; i < OD_LEN(literals); i++)
        if (parse_take_word(p, literals[i].word))
            return constant(p, t.at, literals[i].value);
    if (parse_is_word(p, "if"))
        return parse_if(p);
    if (parse_is_word(p, "for"))
        return parse_for(p);
    if (parse_is_word(p, "some"))
        return parse_quantified(p, FN_SOME);
    if (parse_is_word(p, "every"))
        return parse_quantified(p, FN_EVERY);
    if (parse_is_word(p, "function"))
        return parse_function(p);
    return parse_fail(p, "a value is expected, not this keyword");
}

static const struct feel_node *parse_primary(struct parser *p)
{
    if (!parse_ok(p))
        return NULL;
    switch (p->token.kind) {
    case TOKEN_NUMBER: case TOKEN_STRING: case TOKEN_AT: return parse_literal(p);
    case TOKEN_WORD: return parse_word(p);
    case TOKEN_SIGN:
        switch (p->token.sign) {
        case '(': return parse_parenthesis(p);
        case '[': return parse_list(p);
        case ']': return parse_open_range(p);
        case '{': return parse_context(p);
        default: break;
        }
        break;
    case TOKEN_END: return parse_fail(p, "the expression ends too early");
    case TOKEN_BAD: return parse_fail(p, p->token.end == p->text.n && p->text.p[p->token.at] == '"' ? "the string has no end"
                                                                                                    : "this sign is not known");
    case TOKEN_DOTS: case TOKEN_POWER: case TOKEN_NE: case TOKEN_LE: case TOKEN_GE: case TOKEN_ARROW: break;
    }
    return parse_fail(p, "a value is expected");
}

/* --- what follows ---------------------------------------------------------------------------------------------------- */

/* date("2026-01-31") and its like with one literal are literals themselves. */
static const struct feel_node *fold(struct parser *p, const struct feel_node *call)
{
    static const struct {
        const char *name;
        enum feel_kind kind;
    } makers[] = {{"date", FEEL_DATE}, {"time", FEEL_TIME}, {"date and time", FEEL_DATE_TIME}, {"duration", FEEL_DAYS_DURATION}};
    if (!call || call->a->op != FN_BUILTIN || call->n != 1 || call->names || call->items[0]->op != FN_CONST ||
        call->items[0]->value.kind != FEEL_STRING)
        return call;
    for (size_t i = 0; i < OD_LEN(makers); i++) {
        if (!od_str_eq_c(feel_builtin_name(call->a->builtin), makers[i].name))
            continue;
        struct feel_value v = feel_temporal_parse(call->items[0]->value.string, makers[i].kind);
        return v.kind == FEEL_NULL ? call : constant(p, call->at, v);
    }
    return call;
}

static const struct feel_node *parse_call(struct parser *p, const struct feel_node *of)
{
    struct feel_node *n = parse_node(p, FN_CALL, of->at);
    struct parse_items list = {0};
    parse_next(p);
    bool named = !parse_is(p, ')') && parse_name_colon(p);
    while (parse_ok(p) && !parse_is(p, ')')) {
        struct od_str name = FEEL_NO_SUBJECT;
        if (list.n && !parse_expect(p, ','))
            return NULL;
        if (named) {
            name = parse_name_declared(p, NULL);
            if (!parse_expect(p, ':'))
                return NULL;
        }
        const struct feel_node *arg = parse_expression(p);
        if (!arg || !parse_items_add(p, &list, arg, name))
            return NULL;
        if (list.n > FEEL_CALL_ARGS_MAX)
            return parse_fail(p, "a call has too many arguments");
    }
    if (!n || !parse_expect(p, ')'))
        return NULL;
    n->a = of;
    n->items = list.items;
    n->names = named ? list.names : NULL;
    n->n = list.n;
    return fold(p, parse_done(p, n));
}

static const struct feel_node *parse_path(struct parser *p, const struct feel_node *of)
{
    uint32_t at = p->token.at;
    parse_next(p);
    struct feel_node *n = parse_node(p, FN_PATH, at);
    struct od_str name = parse_name_used(p, true);
    if (!n || !name.n)
        return parse_fail(p, "a name is expected after the dot");
    n->a = of;
    n->name = name;
    return parse_done(p, n);
}

static const struct feel_node *parse_filter(struct parser *p, const struct feel_node *of)
{
    struct feel_node *n = parse_node(p, FN_FILTER, p->token.at);
    struct parse_scope *outer = p->locals;
    unsigned functions = p->functions;
    parse_next(p);
    p->filters++;
    parse_local_push(p, OD_STR("item"));
    const struct feel_node *filter = parse_expression(p);
    p->locals = outer;
    p->filters--;
    if (!n || !filter || !parse_expect(p, ']'))
        return NULL;
    n->a = of;
    n->b = filter;
    n->flags |= p->functions > functions ? FLAG_CAPTURES : 0;
    return parse_done(p, n);
}

static const struct feel_node *parse_instance(struct parser *p, const struct feel_node *of)
{
    struct feel_node *n = parse_node(p, FN_INSTANCE, p->token.at);
    parse_next(p);
    parse_next(p);
    if (!n)
        return NULL;
    n->type = parse_type(p, NULL);
    n->a = of;
    return parse_done(p, n);
}

/* Behind the end of a range a [ filters it only where that can be read to its ]. */
static const struct feel_node *parse_filter_or_end(struct parser *p, const struct feel_node *of)
{
    if (p->depth != p->open_end)
        return parse_filter(p, of);
    struct parser before = *p;
    const struct feel_node *n = p->guesses < GUESSES_MAX ? parse_filter(p, of) : NULL;
    if (n)
        return n;
    before.guesses = p->guesses + 1;
    before.work = p->work;
    *p = before;
    return NULL;
}

const struct feel_node *parse_postfix(struct parser *p)
{
    const struct feel_node *n = parse_primary(p);
    while (n && parse_ok(p)) {
        if (parse_is(p, '(')) {
            n = parse_call(p, n);
        } else if (parse_is(p, '[')) {
            const struct feel_node *filtered = parse_filter_or_end(p, n);
            if (!filtered && parse_ok(p))
                return n;
            n = filtered;
        } else if (parse_is(p, '.')) {
            n = parse_path(p, n);
        } else if (parse_is_word(p, "instance") && od_str_eq_c(feel_token_at(p->text, p->token.end).text, "of")) {
            n = parse_instance(p, n);
        } else {
            return n;
        }
    }
    return NULL;
}
