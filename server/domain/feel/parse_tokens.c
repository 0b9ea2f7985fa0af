/* SPDX-License-Identifier: Apache-2.0
 * The parser's tools: the token at hand, failures with their position, nodes and lists of them. */
#include "server/domain/feel/parser.h"

#include "common/base/limits.h"

static void line_column(struct od_str text, uint32_t at, unsigned *line, unsigned *column)
{
    *line = 1;
    *column = 1;
    for (uint32_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n')
            ++*line, *column = 1;
        else if (((unsigned char)text.p[i] & 0xc0) != 0x80)
            ++*column;
    }
}

void *parse_fail(struct parser *p, const char *why)
{
    if (p->status != OD_OK)
        return NULL;
    if (p->arena->exhausted) {
        p->status = od_fail(p->err, OD_R_MEMORY_LIMIT, "max=%zu", p->arena->cap_bytes);
        return NULL;
    }
    unsigned line, column;
    line_column(p->text, p->token.at, &line, &column);
    p->status = od_fail(p->err, OD_R_FEEL_SYNTAX, "line=%u" OD_AND "column=%u" OD_AND "why=%s", line, column,
                        why ? why : "this is not understood");
    return NULL;
}

void parse_work(struct parser *p, uint64_t n)
{
    p->work += n;
    if (p->work > FEEL_PARSE_WORK_MAX && parse_ok(p))
        p->status = od_fail(p->err, OD_R_LIMIT_EXCEEDED, "limit=the work of reading an expression" OD_AND "max=%d", FEEL_PARSE_WORK_MAX);
}

void parse_seek(struct parser *p, uint32_t at) { p->token = feel_token_at(p->text, at); }
void parse_next(struct parser *p) { parse_seek(p, p->token.end); }
bool parse_is(const struct parser *p, char sign) { return p->token.kind == TOKEN_SIGN && p->token.sign == sign; }
bool parse_is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && od_str_eq_c(p->token.text, word);
}

bool parse_take(struct parser *p, char sign)
{
    bool is = parse_is(p, sign);
    if (is)
        parse_next(p);
    return is;
}

bool parse_take_word(struct parser *p, const char *word)
{
    bool is = parse_is_word(p, word);
    if (is)
        parse_next(p);
    return is;
}

bool parse_expect(struct parser *p, char sign)
{
    static const char signs[] = "()[]{}:,=><", *const texts[] = {"( is expected", ") is expected", "[ is expected", "] is expected",
        "{ is expected", "} is expected", ": is expected", ", is expected", "= is expected", "> is expected", "< is expected"};
    if (parse_ok(p) && parse_take(p, sign))
        return true;
    const char *at = strchr(signs, sign);
    parse_fail(p, at ? texts[at - signs] : NULL);
    return false;
}

bool parse_expect_word(struct parser *p, const char *word)
{
    if (parse_ok(p) && parse_take_word(p, word))
        return true;
    char why[48];
    snprintf(why, sizeof why, "the word %s is expected", word);
    parse_fail(p, why);
    return false;
}

struct feel_node *parse_node(struct parser *p, enum feel_op op, uint32_t at)
{
    struct feel_node *n = parse_ok(p) ? OD_ARENA_NEW(p->arena, struct feel_node) : NULL;
    if (!n)
        return parse_fail(p, NULL);
    n->op = (uint8_t)op;
    n->at = at;
    return n;
}

static bool has_operands(enum feel_op op) { return op != FN_CONST && op != FN_NAME && op != FN_BUILTIN; }
static bool has_items(enum feel_op op)
{
    return op == FN_LIST || op == FN_CONTEXT || op == FN_CALL || op == FN_FOR || op == FN_SOME || op == FN_EVERY || op == FN_IN ||
           op == FN_TESTS;
}

static void deepen(struct feel_node *n, const struct feel_node *child)
{
    if (child && child->depth >= n->depth)
        n->depth = (uint16_t)(child->depth + 1);
    if (child)
        n->flags |= child->flags & FLAG_INPUT;
}

const struct feel_node *parse_done(struct parser *p, struct feel_node *n)
{
    if (!n || !parse_ok(p))
        return NULL;
    n->depth = 1;
    if (has_operands((enum feel_op)n->op)) {
        deepen(n, n->a);
        deepen(n, n->b);
        deepen(n, n->c);
    }
    if (has_items((enum feel_op)n->op))
        for (uint32_t i = 0; i < n->n; i++)
            deepen(n, n->items[i]);
    if (n->depth > FEEL_TREE_DEPTH_MAX) {
        p->status = od_fail(p->err, OD_R_FEEL_TOO_DEEP, "max=%d", FEEL_TREE_DEPTH_MAX);
        return NULL;
    }
    return n;
}

bool parse_items_add(struct parser *p, struct parse_items *list, const struct feel_node *n, struct od_str name)
{
    if (!parse_ok(p))
        return false;
    if (list->n == list->cap) {
        uint32_t cap = list->cap ? list->cap * 2 : 4;
        const struct feel_node **items = od_arena_array(p->arena, cap, sizeof(const struct feel_node *));
        struct od_str *names = od_arena_array(p->arena, cap, sizeof *names);
        if (!items || !names)
            return parse_fail(p, NULL) != NULL;
        if (list->n) {
            memcpy(items, list->items, list->n * sizeof(const struct feel_node *));
            memcpy(names, list->names, list->n * sizeof *names);
        }
        *list = (struct parse_items){items, names, list->n, cap};
    }
    list->items[list->n] = n;
    list->names[list->n++] = name;
    return true;
}
