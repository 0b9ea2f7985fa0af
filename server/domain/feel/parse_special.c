/* SPDX-License-Identifier: Apache-2.0
 * if, for, some, every, function (rules 44-46, 55) and types (rule 52). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/parser.h"

#include "common/base/limits.h"

const struct feel_node *parse_if(struct parser *p)
{
    struct feel_node *n = parse_node(p, FN_IF, p->token.at);
    parse_next(p);
    const struct feel_node *a = parse_expression(p);
    if (!a || !parse_expect_word(p, "then"))
        return NULL;
    const struct feel_node *b = parse_expression(p);
    if (!b || !parse_expect_word(p, "else"))
        return NULL;
    const struct feel_node *c = parse_expression(p);
    if (!c || !n)
        return NULL;
    n->a = a;
    n->b = b;
    n->c = c;
    return parse_done(p, n);
}

/* `a..b` after `in`, without brackets: both ends belong to it, and it may run downwards (rule 63). */
static const struct feel_node *parse_domain(struct parser *p)
{
    const struct feel_node *a = parse_expression(p);
    if (!a || p->token.kind != TOKEN_DOTS)
        return a;
    uint32_t at = p->token.at;
    parse_next(p);
    const struct feel_node *b = parse_expression(p);
    struct feel_node *n = b ? parse_node(p, FN_RANGE, at) : NULL;
    if (!n)
        return NULL;
    n->a = a;
    n->b = b;
    return parse_done(p, n);
}

/* name in domain, name in domain, …; each name is known in the domains behind it. */
static bool parse_iterators(struct parser *p, struct parse_items *list)
{
    do {
        struct od_str name = parse_name_declared(p, "in");
        if (!parse_expect_word(p, "in"))
            return false;
        const struct feel_node *domain = parse_domain(p);
        if (!domain || !parse_items_add(p, list, domain, name))
            return false;
        parse_local_push(p, name);
    } while (parse_take(p, ','));
    return parse_ok(p);
}

static const struct feel_node *iteration(struct parser *p, enum feel_op op, const char *word)
{
    struct feel_node *n = parse_node(p, op, p->token.at);
    struct parse_scope *outer = p->locals;
    struct parse_items list = {0};
    unsigned functions = p->functions, partials = p->partials;
    parse_next(p);
    if (!n || !parse_iterators(p, &list) || !parse_expect_word(p, word))
        return NULL;
    if (op == FN_FOR)
        parse_local_push(p, OD_STR("partial"));
    n->a = parse_expression(p);
    p->locals = outer;
    if (!n->a)
        return NULL;
    n->items = list.items;
    n->names = list.names;
    n->n = list.n;
    n->flags |= (p->functions > functions ? FLAG_CAPTURES : 0) | (p->partials > partials ? FLAG_PARTIAL : 0);
    return parse_done(p, n);
}

const struct feel_node *parse_for(struct parser *p) { return iteration(p, FN_FOR, "return"); }
const struct feel_node *parse_quantified(struct parser *p, enum feel_op op) { return iteration(p, op, "satisfies"); }

/* The type of a body that is a literal or a question; NULL: only a value will tell. */
static const struct feel_type *result_type(const struct feel_node *body)
{
    switch ((enum feel_op)body->op) {
    case FN_CONST:
        return body->value.kind == FEEL_NULL ? NULL : feel_type_builtin(od_str_c(feel_kind_name((enum feel_kind)body->value.kind)));
    case FN_COMPARE: case FN_AND: case FN_OR: case FN_BETWEEN: case FN_IN: case FN_INSTANCE: case FN_SOME: case FN_EVERY:
        return feel_type_builtin(OD_STR("boolean"));
    case FN_NAME: case FN_BUILTIN: case FN_LIST: case FN_CONTEXT: case FN_RANGE: case FN_TEST: case FN_PATH: case FN_FILTER:
    case FN_CALL: case FN_FUNCTION: case FN_IF: case FN_FOR: case FN_ADD: case FN_SUB: case FN_MUL: case FN_DIV: case FN_EXP:
    case FN_NEG: case FN_TESTS: break;
    }
    return NULL;
}

const struct feel_node *parse_function(struct parser *p)
{
    struct feel_node *n = parse_node(p, FN_FUNCTION, p->token.at);
    struct parse_scope *outer = p->locals;
    struct feel_param *params = OD_ARENA_ARRAY(p->arena, FEEL_ARGS_MAX, struct feel_param);
    unsigned functions = p->functions;
    parse_next(p);
    if (!n || !params || !parse_expect(p, '('))
        return parse_fail(p, NULL);
    n->params = params;
    while (!parse_take(p, ')')) {
        if (n->n == FEEL_ARGS_MAX)
            return parse_fail(p, "a function has too many parameters");
        if (n->n && !parse_expect(p, ','))
            return NULL;
        struct feel_param *param = &params[n->n++];
        param->name = parse_name_declared(p, NULL);
        if (parse_take(p, ':'))
            param->type = parse_type(p, NULL);
        if (!parse_ok(p))
            return NULL;
    }
    for (uint32_t i = 0; i < n->n; i++)
        parse_local_push(p, params[i].name);
    if (parse_is_word(p, "external"))
        return parse_fail(p, "external functions are not executed");
    n->a = parse_expression(p);
    p->locals = outer;
    if (!n->a)
        return NULL;
    n->type = result_type(n->a);
    if (p->functions > functions)
        n->flags |= FLAG_CAPTURES;
    p->functions++;
    return parse_done(p, n);
}

/* --- types ----------------------------------------------------------------------------------------------------------- */

static const struct feel_type *type_named(struct parser *p, struct od_str *ret_name)
{
    struct od_str rest = {p->text.p + p->token.at, p->text.n - p->token.at};
    size_t n = 0;
    const struct feel_type *type = feel_type_prefix(rest, &n);
    for (size_t i = 0; i < p->scope->n_types; i++) {
        struct od_str name = p->scope->types[i].name;
        if (name.n > n && rest.n >= name.n && !memcmp(rest.p, name.p, name.n) &&
            !feel_name_part(p->text, (uint32_t)(p->token.at + name.n))) {
            n = name.n;
            type = p->scope->types[i].type;
        }
    }
    if (!n) {
        *ret_name = parse_name_used(p, true);
        return NULL;
    }
    *ret_name = (struct od_str){rest.p, n};
    parse_seek(p, (uint32_t)(p->token.at + n));
    return type;
}

static struct feel_type *type_new(struct parser *p, enum feel_kind kind)
{
    struct feel_type *t = OD_ARENA_NEW(p->arena, struct feel_type);
    if (!t)
        return parse_fail(p, NULL);
    t->kind = (uint8_t)kind;
    t->name = od_str_c(feel_kind_name(kind));
    return t;
}

/* context<a: type, b: type>: the < is behind us. */
static const struct feel_type *type_context(struct parser *p)
{
    struct feel_type *t = type_new(p, FEEL_CONTEXT);
    struct feel_member *members = OD_ARENA_ARRAY(p->arena, FEEL_ARGS_MAX, struct feel_member);
    if (!t || !members)
        return parse_fail(p, NULL);
    do {
        if (t->n == FEEL_ARGS_MAX)
            return parse_fail(p, "the type has too many members");
        members[t->n].name = parse_name_declared(p, NULL);
        if (!parse_expect(p, ':'))
            return NULL;
        members[t->n].type = parse_type(p, NULL);
        t->n++;
    } while (parse_ok(p) && parse_take(p, ','));
    t->members = members;
    return parse_expect(p, '>') ? t : NULL;
}

/* function<type, type> -> type: the < is behind us. */
static const struct feel_type *type_function(struct parser *p)
{
    struct feel_type *t = type_new(p, FEEL_FUNCTION);
    struct feel_member *params = OD_ARENA_ARRAY(p->arena, FEEL_ARGS_MAX, struct feel_member);
    if (!t || !params)
        return parse_fail(p, NULL);
    while (!parse_is(p, '>')) {
        if (t->n == FEEL_ARGS_MAX || (t->n && !parse_expect(p, ',')))
            return parse_fail(p, "the type has too many parameters");
        params[t->n++].type = parse_type(p, NULL);
        if (!parse_ok(p))
            return NULL;
    }
    t->members = params;
    parse_next(p);
    if (p->token.kind != TOKEN_ARROW)
        return parse_fail(p, "-> is expected");
    parse_next(p);
    t->result = parse_type(p, NULL);
    return t;
}

const struct feel_type *parse_type(struct parser *p, struct od_str *ret_name)
{
    struct od_str name = FEEL_NO_SUBJECT;
    if (p->token.kind != TOKEN_WORD)
        return parse_fail(p, "a type is expected");
    if (++p->depth > FEEL_TREE_DEPTH_MAX)
        return parse_fail(p, "the type is nested too deeply");
    const struct feel_type *t = type_named(p, &name);
    if (ret_name)
        *ret_name = name;
    bool generic = t && parse_is(p, '<') && t == feel_type_builtin(name);
    if (generic && t->kind == FEEL_CONTEXT) {
        parse_next(p);
        t = type_context(p);
    } else if (generic && t->kind == FEEL_FUNCTION) {
        parse_next(p);
        t = type_function(p);
    } else if (generic && (t->kind == FEEL_LIST || t->kind == FEEL_RANGE)) {
        struct feel_type *of = type_new(p, (enum feel_kind)t->kind);
        parse_next(p);
        const struct feel_type *item = parse_type(p, NULL);
        if (!of || !parse_expect(p, '>'))
            return NULL;
        of->item = item;
        t = of;
    } else if (t && t == feel_type_builtin(name) && t->kind >= FEEL_LIST && t->kind <= FEEL_FUNCTION)
        t = NULL; /* rule 52: they need their parameters; without them the type is not known */
    p->depth--;
    return parse_ok(p) ? t : NULL;
}
