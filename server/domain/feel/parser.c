/* SPDX-License-Identifier: Apache-2.0
 * Recursive descent over operators by precedence (§10.3.1.2): or, and, comparison, + -, * /, **, sign, postfix. Recursion is
 * bounded by FEEL_TREE_DEPTH_MAX; chains of one operator are loops. */
#include "server/domain/feel/parser.h"

#include "common/base/limits.h"

static const struct feel_node *binary(struct parser *p, enum feel_op op, uint32_t at, const struct feel_node *a,
                                      const struct feel_node *b)
{
    struct feel_node *n = a && b ? parse_node(p, op, at) : NULL;
    if (n) {
        n->a = a;
        n->b = b;
    }
    return parse_done(p, n);
}

static const struct feel_node *negated(struct parser *p, uint32_t at, const struct feel_node *of)
{
    struct feel_node *n = of ? parse_node(p, of->op == FN_CONST && of->value.kind == FEEL_NUMBER ? FN_CONST : FN_NEG, at) : NULL;
    if (n && n->op == FN_CONST)
        n->value = feel_number(od_decimal_neg(of->value.number));
    else if (n)
        n->a = of;
    return parse_done(p, n);
}

/* The sign binds closer than **: -5 ** 2 is 25 (rule 4 lists the negation last). */
static const struct feel_node *parse_signed(struct parser *p)
{
    uint32_t at[FEEL_TREE_DEPTH_MAX], n = 0;
    while (parse_is(p, '-')) {
        if (n == OD_LEN(at))
            return parse_fail(p, "too many signs");
        at[n++] = p->token.at;
        parse_next(p);
    }
    const struct feel_node *of = parse_postfix(p);
    while (n && of)
        of = negated(p, at[--n], of);
    return of;
}

static const struct feel_node *parse_power(struct parser *p)
{
    const struct feel_node *a = parse_signed(p);
    while (a && p->token.kind == TOKEN_POWER) {
        uint32_t at = p->token.at;
        parse_next(p);
        a = binary(p, FN_EXP, at, a, parse_signed(p));
    }
    return a;
}

static const struct feel_node *parse_multiplicative(struct parser *p)
{
    const struct feel_node *a = parse_power(p);
    while (a && (parse_is(p, '*') || parse_is(p, '/'))) {
        enum feel_op op = parse_is(p, '*') ? FN_MUL : FN_DIV;
        uint32_t at = p->token.at;
        parse_next(p);
        a = binary(p, op, at, a, parse_power(p));
    }
    return a;
}

const struct feel_node *parse_additive(struct parser *p)
{
    const struct feel_node *a = parse_multiplicative(p);
    while (a && (parse_is(p, '+') || parse_is(p, '-'))) {
        enum feel_op op = parse_is(p, '+') ? FN_ADD : FN_SUB;
        uint32_t at = p->token.at;
        parse_next(p);
        a = binary(p, op, at, a, parse_multiplicative(p));
    }
    return a;
}

static bool comparison(const struct parser *p, enum feel_cmp *ret)
{
    switch (p->token.kind) {
    case TOKEN_NE: *ret = FEEL_NE; return true;
    case TOKEN_LE: *ret = FEEL_LE; return true;
    case TOKEN_GE: *ret = FEEL_GE; return true;
    case TOKEN_SIGN:
        *ret = p->token.sign == '=' ? FEEL_EQ : p->token.sign == '<' ? FEEL_LT : FEEL_GT;
        return strchr("=<>", p->token.sign) != NULL;
    case TOKEN_END: case TOKEN_BAD: case TOKEN_WORD: case TOKEN_NUMBER: case TOKEN_STRING: case TOKEN_AT: case TOKEN_DOTS:
    case TOKEN_POWER: case TOKEN_ARROW: break;
    }
    return false;
}

/* Rule 7: `<= endpoint` and the like, as a range of its own. */
static const struct feel_node *parse_operator_test(struct parser *p, enum feel_cmp cmp)
{
    struct feel_node *n = parse_node(p, FN_TEST, p->token.at);
    parse_next(p);
    const struct feel_node *a = parse_additive(p);
    if (!n || !a)
        return NULL;
    n->cmp = (uint8_t)cmp;
    n->a = a;
    return parse_done(p, n);
}

static const struct feel_node *parse_in_test(struct parser *p)
{
    enum feel_cmp cmp;
    return comparison(p, &cmp) ? parse_operator_test(p, cmp) : parse_additive(p);
}

/* (test, test, …): true where the parenthesis is such a list and not the start of a longer expression. */
static bool parse_in_list(struct parser *p, struct parse_items *list)
{
    uint32_t start = p->token.at;
    if (!parse_take(p, '('))
        return false;
    do {
        const struct feel_node *t = parse_expression(p);
        if (!t || !parse_items_add(p, list, t, FEEL_NO_SUBJECT))
            return true;
    } while (parse_take(p, ','));
    bool closed = parse_take(p, ')');
    bool longer = parse_is(p, '+') || parse_is(p, '-') || parse_is(p, '*') || parse_is(p, '/') || parse_is(p, '.') ||
                  parse_is(p, '[') || p->token.kind == TOKEN_POWER;
    if (list->n == 1 && (!closed || longer)) { /* a range (a..b), or an operand in parentheses */
        list->n = 0;
        parse_work(p, (uint64_t)(p->token.at - start) * WORK_PER_BYTE);
        parse_seek(p, start);
        return false;
    }
    if (!closed)
        parse_fail(p, ") is expected");
    return true;
}

static const struct feel_node *parse_in(struct parser *p, uint32_t at, const struct feel_node *a)
{
    struct parse_items list = {0};
    if (!parse_in_list(p, &list)) {
        const struct feel_node *t = parse_in_test(p);
        if (t)
            parse_items_add(p, &list, t, FEEL_NO_SUBJECT);
    }
    struct feel_node *n = parse_node(p, FN_IN, at);
    if (!n)
        return NULL;
    n->a = a;
    n->items = list.items;
    n->n = list.n;
    return parse_done(p, n);
}

static const struct feel_node *parse_comparison(struct parser *p)
{
    enum feel_cmp cmp;
    if (comparison(p, &cmp))
        return parse_operator_test(p, cmp);
    const struct feel_node *a = parse_additive(p);
    while (a && parse_ok(p)) {
        uint32_t at = p->token.at;
        if (comparison(p, &cmp)) {
            parse_next(p);
            const struct feel_node *b = parse_additive(p);
            struct feel_node *n = b ? parse_node(p, FN_COMPARE, at) : NULL;
            if (n) {
                n->a = a;
                n->b = b;
                n->cmp = (uint8_t)cmp;
            }
            a = parse_done(p, n);
        } else if (parse_take_word(p, "between")) {
            const struct feel_node *low = parse_additive(p);
            if (!low || !parse_expect_word(p, "and"))
                return NULL;
            const struct feel_node *high = parse_additive(p);
            struct feel_node *n = high ? parse_node(p, FN_BETWEEN, at) : NULL;
            if (n) {
                n->a = a;
                n->b = low;
                n->c = high;
            }
            a = parse_done(p, n);
        } else if (parse_take_word(p, "in")) {
            a = parse_in(p, at, a);
        } else {
            break;
        }
    }
    return a;
}

static const struct feel_node *parse_and(struct parser *p)
{
    const struct feel_node *a = parse_comparison(p);
    while (a && parse_is_word(p, "and")) {
        uint32_t at = p->token.at;
        parse_next(p);
        a = binary(p, FN_AND, at, a, parse_comparison(p));
    }
    return a;
}

const struct feel_node *parse_expression(struct parser *p)
{
    if (!parse_ok(p))
        return NULL;
    if (++p->depth > FEEL_TREE_DEPTH_MAX) {
        p->status = od_fail(p->err, OD_R_FEEL_TOO_DEEP, "max=%d", FEEL_TREE_DEPTH_MAX);
        return NULL;
    }
    const struct feel_node *a = parse_and(p);
    while (a && parse_is_word(p, "or")) {
        uint32_t at = p->token.at;
        parse_next(p);
        a = binary(p, FN_OR, at, a, parse_and(p));
    }
    p->depth--;
    return parse_ok(p) ? a : NULL;
}

/* --- unary tests (rules 13-15) --------------------------------------------------------------------------------------- */

static bool test_list(struct parser *p, struct parse_items *list)
{
    do {
        const struct feel_node *t = parse_expression(p);
        if (!t || !parse_items_add(p, list, t, FEEL_NO_SUBJECT))
            return false;
    } while (parse_take(p, ','));
    return true;
}

/* not(tests) is a negation only where it is the whole text; not(a) and b is an expression. */
static bool negated_tests(struct parser *p, struct parse_items *list)
{
    if (!parse_is_word(p, "not"))
        return false;
    struct parser before = *p;
    parse_next(p);
    if (parse_take(p, '(') && test_list(p, list) && parse_take(p, ')') && p->token.kind == TOKEN_END)
        return true;
    before.work = p->work;
    *p = before;
    parse_work(p, (uint64_t)(p->text.n - p->token.at) * WORK_PER_BYTE);
    *list = (struct parse_items){0};
    return false;
}

static const struct feel_node *parse_tests(struct parser *p)
{
    struct parse_items list = {0};
    struct feel_node *n = parse_node(p, FN_TESTS, p->token.at);
    if (!n)
        return NULL;
    if (parse_is(p, '-') && feel_token_at(p->text, p->token.end).kind == TOKEN_END) {
        parse_next(p);
        return parse_done(p, n);
    }
    if (negated_tests(p, &list))
        n->flags |= FLAG_NOT;
    else if (!test_list(p, &list))
        return NULL;
    n->items = list.items;
    n->n = list.n;
    return parse_done(p, n);
}

/* --- entry ----------------------------------------------------------------------------------------------------------- */

static bool inputs_take(struct parser *p, struct feel_program *program)
{
    struct od_str *names;
    size_t n = 0;
    for (const struct parse_inputs *i = p->free_names; i; i = i->next)
        n++;
    names = OD_ARENA_ARRAY(p->arena, n + 1, struct od_str);
    if (!names)
        return false;
    program->inputs = names;
    program->n_inputs = n;
    for (const struct parse_inputs *i = p->free_names; i; i = i->next)
        names[--n] = i->name;
    return true;
}

enum od_status feel_parse(struct od_str text, enum feel_grammar grammar, const struct feel_scope *scope, struct od_arena *arena,
                          const struct feel_program **ret_program, struct od_err *err)
{
    static const struct feel_scope nothing;
    struct parser p = {.scope = scope ? scope : &nothing, .arena = arena, .err = err};
    if (text.n > FEEL_TEXT_MAX_BYTES)
        return od_fail(err, OD_R_LIMIT_EXCEEDED, "limit=an expression" OD_AND "max=%d bytes", FEEL_TEXT_MAX_BYTES);
    struct feel_program *program = OD_ARENA_NEW(arena, struct feel_program);
    p.text = od_arena_copy(arena, text);
    if (!program || (text.n && !p.text.p))
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    if (od_utf8_len(text) == SIZE_MAX) {
        parse_fail(&p, "the text is not UTF-8");
        return p.status;
    }
    program->text = p.text;
    parse_seek(&p, 0);
    program->root = grammar == FEEL_UNARY_TESTS ? parse_tests(&p) : parse_expression(&p);
    if (parse_ok(&p) && (!program->root || p.token.kind != TOKEN_END))
        parse_fail(&p, "an operator or the end is expected");
    if (parse_ok(&p) && !inputs_take(&p, program))
        parse_fail(&p, NULL);
    *ret_program = program;
    return p.status;
}

struct od_str feel_program_text(const struct feel_program *p) { return p->text; }

const struct od_str *feel_program_inputs(const struct feel_program *p, size_t *ret_n)
{
    *ret_n = p->n_inputs;
    return p->inputs;
}
