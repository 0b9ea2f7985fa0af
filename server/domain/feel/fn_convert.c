/* SPDX-License-Identifier: Apache-2.0
 * Conversion functions (§10.3.4.1) but for those of dates and times, and not() (§10.3.4.2). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

#include "common/base/limits.h"

struct feel_value fn_not(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)run;
    (void)n_given;
    return feel_boolean(!args[0].boolean);
}

static bool separator(const struct feel_value *v, const char *allowed, char *ret)
{
    *ret = '\0';
    if (v->kind == FEEL_NULL)
        return true;
    if (v->string.n != 1 || !strchr(allowed, v->string.p[0]))
        return false;
    *ret = v->string.p[0];
    return true;
}

struct feel_value fn_number(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    char group, point, text[256];
    size_t n = 0;
    struct od_str s = args[0].string;
    struct od_decimal d;
    (void)n_given;
    if (!separator(&args[1], " ,.", &group) || !separator(&args[2], ",.", &point) || (group && group == point))
        return feel_run_fail(run, "the separators are wrong", FEEL_NO_SUBJECT);
    for (size_t i = 0; i < s.n && n < sizeof text; i++)
        if (s.p[i] != group || !group)
            text[n++] = point && s.p[i] == point ? '.' : point == ',' && s.p[i] == '.' ? '?' : s.p[i];
    if (n == sizeof text || !od_decimal_parse((struct od_str){text, n}, &d))
        return feel_run_fail(run, "\"%s\" is no number", s);
    return feel_number(d);
}

struct feel_value fn_string(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_buf b;
    (void)n_given;
    if (args[0].kind == FEEL_NULL || args[0].kind == FEEL_STRING)
        return args[0];
    od_buf_init(&b, FEEL_STRING_MAX_BYTES);
    feel_value_format(&args[0], &b);
    struct feel_value v = feel_run_charge(run, b.n / 16) ? feel_run_string(run, &b) : FEEL_NULL_VALUE;
    od_buf_done(&b);
    return v;
}

/* An end of a range literal: a number, a string, or a date, time or duration (rule 67). */
static bool endpoint(const struct feel_node *n)
{
    return n->op == FN_CONST && n->value.kind >= FEEL_NUMBER && n->value.kind <= FEEL_MONTHS_DURATION;
}

static const struct feel_node *parsed(struct feel_run *run, struct od_str text)
{
    const struct feel_program *p;
    return feel_parse(text, FEEL_EXPRESSION, NULL, run->arena, &p, NULL) == OD_OK ? p->root : NULL;
}

/* `(..e]` and `[e..)`, which only a range literal may be: without a start, without an end. */
static bool unbounded(struct feel_run *run, struct od_str text, struct feel_range *ret)
{
    if (text.n < 2)
        return false;
    char first = text.p[0], last = text.p[text.n - 1];
    struct od_str inner = od_str_trim((struct od_str){text.p + 1, text.n - 2}), end = inner;
    bool no_start = inner.n > 2 && !memcmp(inner.p, "..", 2), no_end = inner.n > 2 && !memcmp(inner.p + inner.n - 2, "..", 2);
    bool start_open = first == '(' || first == ']', end_open = last == ')' || last == '[';
    if (no_start == no_end || (!start_open && (no_start || first != '[')) || (!end_open && (no_end || last != ']')))
        return false;
    end.p += no_start ? 2 : 0;
    end.n -= 2;
    const struct feel_node *n = parsed(run, end);
    if (!n || !endpoint(n))
        return false;
    *ret = no_start ? (struct feel_range){.end = n->value, .no_start = true, .start_open = true, .end_open = end_open}
                    : (struct feel_range){.start = n->value, .no_end = true, .start_open = start_open, .end_open = true};
    return true;
}

/* The text is that of a range literal, in order (§10.3.4.1, rule 66). */
struct feel_value fn_range(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_str text = od_str_trim(args[0].string);
    const struct feel_program *p;
    struct feel_range *r = feel_run_alloc(run, sizeof *r);
    (void)n_given;
    if (!r || !feel_run_charge(run, text.n))
        return FEEL_NULL_VALUE;
    if (unbounded(run, text, r))
        return (struct feel_value){.kind = FEEL_RANGE, .range = r};
    if (feel_parse(text, FEEL_EXPRESSION, NULL, run->arena, &p, NULL) != OD_OK || p->root->op != FN_RANGE || !endpoint(p->root->a) ||
        !endpoint(p->root->b))
        return feel_run_fail(run, "\"%s\" is no range", args[0].string);
    return feel_run_program(run, p, NULL);
}
