/* SPDX-License-Identifier: Apache-2.0
 * Conversion functions (§10.3.4.1) but for those of dates and times, and not() (§10.3.4.2). */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

#include "common/base/limits.h"

struct feel_value fn_not(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    if (args[0].kind == FEEL_BOOLEAN)
        return feel_boolean(!args[0].boolean);
    return feel_fail_from(run, &args[0], NULL, "only true and false can be negated");
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

/* The text is that of a range literal between literals, in order (§10.3.4.1). */
struct feel_value fn_range(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_program *p;
    (void)n_given;
    if (!feel_run_charge(run, args[0].string.n))
        return FEEL_NULL_VALUE;
    if (feel_parse(args[0].string, FEEL_EXPRESSION, NULL, run->arena, &p, NULL) != OD_OK || p->root->op != FN_RANGE ||
        p->root->a->op != FN_CONST || p->root->b->op != FN_CONST)
        return feel_run_fail(run, "\"%s\" is no range", args[0].string);
    return feel_run_program(run, p, NULL);
}
