/* SPDX-License-Identifier: Apache-2.0
 * Decision tables (§8.2.10, §10.3.2.10): which rules match, and what the hit policy makes of them. A column's distinct tests are done
 * when a rule first asks, once. */
#include "server/domain/dmn/evaluate.h"

enum { UNTESTED, HOLDS, FAILS };

struct match {
    struct instance *i;
    const struct table *t;
    const struct feel_frame *f;
    struct feel_value *inputs;
    unsigned char **tested; /* per input, per distinct cell */
    unsigned *rules;        /* that matched, in order */
    unsigned n;
};

static struct feel_value fail(struct match *m, const char *why, struct od_str subject)
{
    return feel_run_fail(&m->i->e->run, why, subject);
}

/* False, with the reason, where an input is not among the values that the column allows. */
static bool inputs_evaluate(struct match *m, struct feel_value *ret_fault)
{
    struct feel_run *run = &m->i->e->run;
    for (unsigned k = 0; k < m->t->n_inputs; k++) {
        const struct table_input *in = &m->t->inputs[k];
        m->inputs[k] = in->expression ? feel_run_program(run, in->expression, m->f)
                                      : fail(m, in->why ? in->why : "the input has no expression", FEEL_NO_SUBJECT);
        m->inputs[k] = feel_type_coerce(run, in->type, &m->inputs[k]);
        if (!in->allowed || m->inputs[k].kind == FEEL_NULL)
            continue;
        struct feel_value allowed = feel_run_test(run, in->allowed, m->f, &m->inputs[k]);
        if (!feel_is_true(&allowed)) {
            *ret_fault = fail(m, "the input %s has a value that the table does not allow", m->t->input_names[k]);
            return false;
        }
    }
    return true;
}

static bool test(struct match *m, unsigned input, unsigned index)
{
    const struct cell *c = &m->t->inputs[input].cells[index];
    const struct feel_value *v = &m->inputs[input];
    if (c->simple)
        return feel_simple_test(c->simple, v) == FEEL_TRUE;
    if (!c->program)
        return !c->why;
    struct feel_value r = feel_run_test(&m->i->e->run, c->program, m->f, v);
    return feel_is_true(&r);
}

static bool rule_matches(struct match *m, const struct table_rule *r)
{
    for (unsigned k = 0; k < m->t->n_inputs; k++) {
        unsigned char *tested = &m->tested[k][r->cells[k]];
        if (*tested == UNTESTED)
            *tested = test(m, k, r->cells[k]) ? HOLDS : FAILS;
        if (*tested == FAILS)
            return false;
    }
    return true;
}

static bool match_rules(struct match *m)
{
    struct feel_run *run = &m->i->e->run;
    const struct table *t = m->t;
    m->tested = FEEL_ARRAY(run, t->n_inputs, unsigned char *);
    m->rules = FEEL_ARRAY(run, t->n_rules, unsigned);
    if (!m->tested || !m->rules || !feel_run_charge(run, t->n_rules))
        return false;
    for (unsigned k = 0; k < t->n_inputs; k++)
        if (!(m->tested[k] = FEEL_ARRAY(run, t->inputs[k].n_cells, unsigned char)))
            return false;
    for (unsigned r = 0; r < t->n_rules; r++) {
        if (!rule_matches(m, &t->rules[r]))
            continue;
        m->rules[m->n++] = r;
        if (t->policy == HIT_FIRST)
            break;
    }
    return !feel_run_over(run);
}

/* --- outputs ----------------------------------------------------------------------------------------------------------- */

/* §8.3.2: what a rule says is one of the output values. */
static struct feel_value output(struct match *m, const struct table_output *o, const struct logic *l)
{
    struct feel_run *run = &m->i->e->run;
    struct feel_value v = l ? logic_value(m->i, l, m->f) : FEEL_NULL_VALUE;
    v = feel_type_coerce(run, o->type, &v);
    if (!o->allowed || v.kind == FEEL_NULL || l == o->otherwise)
        return v;
    struct feel_value is = feel_run_test(run, o->allowed, m->f, &v);
    return feel_is_true(&is) ? v : fail(m, "a rule says what is not among the output values %s", feel_program_text(o->allowed));
}

/* One output is a value, several are a context. entries: of a rule, or NULL for the defaults. */
static struct feel_value outputs(struct match *m, const struct table_rule *r)
{
    const struct table *t = m->t;
    if (t->n_outputs == 1)
        return output(m, &t->outputs[0], r ? r->outputs[0] : t->outputs[0].otherwise);
    struct feel_context *c = feel_context_new(m->i->e->run.arena, t->n_outputs);
    if (!c) {
        feel_run_stop(&m->i->e->run, OD_R_MEMORY_LIMIT);
        return FEEL_NULL_VALUE;
    }
    for (unsigned k = 0; k < t->n_outputs; k++)
        c->entries[k] = (struct feel_entry){t->outputs[k].name, output(m, &t->outputs[k], r ? r->outputs[k] : t->outputs[k].otherwise)};
    return feel_context_value(c);
}

static bool has_default(const struct table *t)
{
    for (unsigned k = 0; k < t->n_outputs; k++)
        if (t->outputs[k].otherwise)
            return true;
    return false;
}

/* §10.3.2.10: the default output, or null, whatever the hit policy. */
static struct feel_value nothing_matched(struct match *m)
{
    return has_default(m->t) ? outputs(m, NULL) : fail(m, "no rule matches", FEEL_NO_SUBJECT);
}

/* --- hit policies ------------------------------------------------------------------------------------------------------ */

static struct feel_value any(struct match *m)
{
    struct feel_value first = outputs(m, &m->t->rules[m->rules[0]]);
    for (unsigned k = 1; k < m->n; k++) {
        struct feel_value v = outputs(m, &m->t->rules[m->rules[k]]);
        if (feel_run_equal(&m->i->e->run, &first, &v) != FEEL_TRUE)
            return fail(m, "rules that match say different things", FEEL_NO_SUBJECT);
    }
    return first;
}

static struct feel_value collected(struct match *m)
{
    struct feel_vec vec = {0};
    for (unsigned k = 0; k < m->n; k++) {
        struct feel_value v = outputs(m, &m->t->rules[m->rules[k]]);
        if (!feel_vec_add(&m->i->e->run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(&m->i->e->run, &vec);
}

static struct feel_value aggregated(struct match *m)
{
    static const char *const functions[] = {
        [AGGREGATE_SUM] = "sum", [AGGREGATE_MIN] = "min", [AGGREGATE_MAX] = "max", [AGGREGATE_COUNT] = "count"};
    struct feel_value list = collected(m);
    if (m->t->aggregation == AGGREGATE_NONE || list.kind != FEEL_LIST)
        return list;
    return feel_run_builtin(&m->i->e->run, functions[m->t->aggregation], &list, 1);
}

/* The place of a value among the output values, the first being the highest. */
static unsigned rank(struct match *m, const struct table_output *o, const struct feel_value *v)
{
    unsigned at = 0;
    while (at < o->n_values) {
        struct feel_value is = feel_run_test(&m->i->e->run, o->values[at], m->f, v);
        if (feel_is_true(&is) || feel_run_equal(&m->i->e->run, &is, v) == FEEL_TRUE)
            break;
        at++;
    }
    return at;
}

static bool goes_before(struct match *m, const struct feel_value *a, const struct feel_value *b)
{
    const struct table *t = m->t;
    for (unsigned k = 0; k < t->n_outputs; k++) {
        const struct feel_value *x = t->n_outputs == 1 ? a : &a->context->entries[k].value;
        const struct feel_value *y = t->n_outputs == 1 ? b : &b->context->entries[k].value;
        unsigned p = rank(m, &t->outputs[k], x), q = rank(m, &t->outputs[k], y);
        if (p != q)
            return p < q;
    }
    return false;
}

/* By priority of the output values; rules of equal priority keep their order. */
static struct feel_value by_priority(struct match *m)
{
    struct feel_value list = collected(m);
    if (list.kind != FEEL_LIST)
        return list;
    struct feel_value *items = list.list->items;
    for (size_t k = 1; k < list.list->n && feel_run_charge(&m->i->e->run, k); k++)
        for (size_t at = k; at && goes_before(m, &items[at], &items[at - 1]); at--) {
            struct feel_value v = items[at];
            items[at] = items[at - 1];
            items[at - 1] = v;
        }
    return m->t->policy == HIT_PRIORITY && !feel_run_over(&m->i->e->run) ? items[0] : list;
}

static struct feel_value decide(struct match *m)
{
    if (!m->n)
        return nothing_matched(m);
    switch (m->t->policy) {
    case HIT_UNIQUE:
        return m->n == 1 ? outputs(m, &m->t->rules[m->rules[0]]) : fail(m, "more than one rule matches", FEEL_NO_SUBJECT);
    case HIT_FIRST: return outputs(m, &m->t->rules[m->rules[0]]);
    case HIT_ANY: return any(m);
    case HIT_PRIORITY: case HIT_OUTPUT_ORDER: return by_priority(m);
    case HIT_RULE_ORDER: return collected(m);
    case HIT_COLLECT: break;
    }
    return aggregated(m);
}

/* --- trace ------------------------------------------------------------------------------------------------------------- */

static void trace(struct match *m, const struct feel_value *result)
{
    struct evaluation *e = m->i->e;
    struct dmn_trace *t = feel_run_alloc(&e->run, sizeof *t);
    unsigned *matched = FEEL_ARRAY(&e->run, m->n, unsigned);
    struct od_str *ids = FEEL_ARRAY(&e->run, m->n, struct od_str);
    if (!t || !matched || !ids)
        return;
    for (unsigned k = 0; k < m->n; k++) {
        matched[k] = m->rules[k] + 1;
        ids[k] = m->t->rules[m->rules[k]].id;
    }
    *t = (struct dmn_trace){.table = m->t->id, .n_inputs = m->t->n_inputs, .input_names = m->t->input_names, .inputs = m->inputs,
                            .n_matched = m->n, .matched = matched, .rule_ids = ids, .result = *result};
    if (m->i->at) {
        t->element = m->i->at->name;
        t->id = m->i->at->id;
    }
    if (e->last)
        e->last->next = t;
    else
        e->first = t;
    e->last = t;
}

struct feel_value table_value(struct instance *i, const struct table *t, const struct feel_frame *f)
{
    struct match m = {.i = i, .t = t, .f = f, .inputs = FEEL_ARRAY(&i->e->run, t->n_inputs, struct feel_value)};
    struct feel_value v = FEEL_NULL_VALUE;
    if (m.inputs && inputs_evaluate(&m, &v) && match_rules(&m))
        v = decide(&m);
    if (m.inputs)
        trace(&m, &v);
    return v;
}
