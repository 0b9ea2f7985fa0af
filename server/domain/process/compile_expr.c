/* SPDX-License-Identifier: Apache-2.0
 * Expressions of a model: FEEL, as it is written by the modelers that know it, and the simple ones of those that do not. */
#include "server/domain/process/compile.h"

#include "server/domain/feel/feel_json.h"

static uint32_t add(struct builder *b, enum expr_form form, struct od_str text, const struct feel_program *program)
{
    uint32_t i;
    struct def_expr *e = vec_push(&b->exprs, &i);
    *e = (struct def_expr){(uint8_t)form, text, program};
    return i;
}

static bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

/* ${!done}, ${!(a || b)}: FEEL's not() of a name or of what stands in brackets. Returns how much was read. */
static size_t translate_not(struct od_str rest, struct od_buf *out)
{
    size_t n = 1;
    while (n < rest.n && rest.p[n] == ' ')
        n++;
    od_buf_c(out, "not");
    if (n < rest.n && rest.p[n] == '(')
        return n;
    size_t name = n;
    while (n < rest.n && in_name(rest.p[n]))
        n++;
    od_buf_printf(out, "(%.*s)", (int)(n - name), rest.p + name);
    return n;
}

/* 'He said "no"', "it's": a string in FEEL's quotes. Returns how much was read. */
static size_t translate_string(struct od_str rest, struct od_buf *out)
{
    size_t n = 1;
    od_buf_char(out, '"');
    for (; n < rest.n && rest.p[n] != rest.p[0]; n++) {
        if (rest.p[n] == '"')
            od_buf_char(out, '\\');
        od_buf_char(out, rest.p[n]);
        if (rest.p[n] == '\\' && n + 1 < rest.n)
            od_buf_char(out, rest.p[++n]);
    }
    if (n == rest.n)
        return n; /* FEEL says that it has no end */
    od_buf_char(out, '"');
    return n + 1;
}

/* ${a == 1 && !b}: what Camunda 7 writes is nearly FEEL. Operators outside of strings are put into FEEL's words. */
static struct od_str translate(struct builder *b, struct od_str s)
{
    static const struct {
        const char *from, *to;
    } words[] = {{"==", "="}, {"&&", " and "}, {"||", " or "}};
    struct od_buf out;
    od_buf_init(&out, 6 * s.n + 64);
    for (size_t i = 0; i < s.n;) {
        const char *to = NULL;
        size_t skip = 1;
        struct od_str rest = {s.p + i, s.n - i};
        bool string = s.p[i] == '"' || s.p[i] == '\'', negation = s.p[i] == '!' && (rest.n == 1 || rest.p[1] != '=');
        if (string || negation) {
            i += string ? translate_string(rest, &out) : translate_not(rest, &out);
            continue;
        }
        for (size_t k = 0; k < OD_LEN(words) && !to; k++) {
            size_t n = strlen(words[k].from);
            if (n <= rest.n && !memcmp(rest.p, words[k].from, n)) {
                to = words[k].to;
                skip = n;
            }
        }
        if (to)
            od_buf_c(&out, to);
        else
            od_buf_char(&out, s.p[i]);
        i += skip;
    }
    struct od_str copy = od_arena_copy(b->arena, od_buf_view(&out));
    od_buf_done(&out);
    return copy;
}

/* Takes the marks off. */
static struct od_str unmark(struct builder *b, struct od_str text, bool *ret_marked)
{
    *ret_marked = true;
    if (text.n && text.p[0] == '=')
        return od_str_trim((struct od_str){text.p + 1, text.n - 1});
    if (text.n > 3 && (text.p[0] == '$' || text.p[0] == '#') && text.p[1] == '{' && text.p[text.n - 1] == '}')
        return translate(b, (struct od_str){text.p + 2, text.n - 3});
    *ret_marked = false;
    return text;
}

void compile_text_as_feel(struct builder *b, struct od_str text, struct od_buf *out)
{
    bool marked;
    struct od_str feel = unmark(b, od_str_trim(text), &marked);
    if (marked)
        od_buf_str(out, feel);
    else
        feel_json_string(feel, out);
}

static const struct feel_program *parse(struct builder *b, struct od_str text, struct od_err *err)
{
    const struct feel_program *program = NULL;
    struct feel_scope scope = {.host = b->host};
    return feel_parse(text, FEEL_EXPRESSION, &scope, b->arena, &program, err) == OD_OK ? program : NULL;
}

/* FEEL's addresses lie below DMN's. What the definitions say for all is no more than what their modeler writes into every file. */
bool compile_speaks_feel(struct builder *b, const struct xml_node *at, bool marked)
{
    bool expression = bpmn_is(at, BPMN_EXPRESSION) || at->kind == BPMN_MESSAGE_PATH || at->kind == BPMN_DATA_PATH;
    struct od_str language = expression ? od_str_trim(xml_attr(at, "language")) : (struct od_str){NULL, 0};
    if (!language.n || od_str_eq_c(language, "feel") || od_str_eq_c(language, "FEEL") || memmem(language.p, language.n, "/DMN/", 5) ||
        (marked && od_str_eq_c(language, "juel")) || !compile_strict(b))
        return true;
    compile_refuse(b, at, "ordo:expression", "the expression is in \"" OD_STR_FMT "\", not in FEEL", OD_STR_ARG(language));
    return false;
}

uint32_t compile_feel(struct builder *b, const struct xml_node *at, struct od_str text)
{
    struct od_err err;
    bool marked;
    text = unmark(b, od_str_trim(text), &marked);
    if (!text.n)
        return DEF_NONE;
    if (!compile_speaks_feel(b, at, marked))
        return DEF_NONE;
    const struct feel_program *program = parse(b, text, &err);
    if (program)
        return add(b, EXPR_FEEL, text, program);
    char why[512];
    if (compile_strict(b))
        compile_refuse(b, at, "ordo:expression", "the expression \"" OD_STR_FMT "\" is not FEEL: %s", OD_STR_ARG(text),
                       od_err_text(&err, why, sizeof why));
    return DEF_NONE;
}

uint32_t compile_marked(struct builder *b, const struct xml_node *at, struct od_str text)
{
    bool marked;
    text = od_str_trim(text);
    unmark(b, text, &marked);
    if (!text.n)
        return DEF_NONE;
    return marked ? compile_feel(b, at, text) : add(b, EXPR_TEXT, text, NULL);
}

/* PT5M, R3/PT1H, 2026-01-01T00:00:00Z and cron lines stand as they are; anything else must be FEEL. */
uint32_t compile_timer_text(struct builder *b, const struct xml_node *at, struct od_str text)
{
    text = od_str_trim(text);
    if (!text.n)
        return DEF_NONE;
    bool duration = text.p[0] == 'P' || text.p[0] == 'R' || (text.p[0] == '-' && text.n > 1 && text.p[1] == 'P');
    bool digits = (text.p[0] >= '0' && text.p[0] <= '9') || text.p[0] == '*' || text.p[0] == '@';
    return duration || digits ? add(b, EXPR_TEXT, text, NULL) : compile_feel(b, at, text);
}
