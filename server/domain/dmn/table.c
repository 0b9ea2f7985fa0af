/* SPDX-License-Identifier: Apache-2.0
 * Compiles decision tables (§8). Cells of a column that say the same are one test. */
#include "server/domain/dmn/compile.h"

static bool policy_read(struct compiler *c, const struct dmn_xml_node *n, struct table *t)
{
    static const struct {
        const char *name;
        enum hit_policy policy;
    } policies[] = {{"UNIQUE", HIT_UNIQUE}, {"FIRST", HIT_FIRST}, {"PRIORITY", HIT_PRIORITY}, {"ANY", HIT_ANY},
                    {"COLLECT", HIT_COLLECT}, {"RULE ORDER", HIT_RULE_ORDER}, {"OUTPUT ORDER", HIT_OUTPUT_ORDER}};
    static const struct {
        const char *name;
        enum aggregation aggregation;
    } aggregations[] = {{"SUM", AGGREGATE_SUM}, {"MIN", AGGREGATE_MIN}, {"MAX", AGGREGATE_MAX}, {"COUNT", AGGREGATE_COUNT}};
    struct od_str policy = dmn_xml_attr(n, "hitPolicy"), aggregation = dmn_xml_attr(n, "aggregation");
    size_t p = 0, a = 0;
    while (policy.n && p < OD_LEN(policies) && !od_str_eq_c(policy, policies[p].name))
        p++;
    while (aggregation.n && a < OD_LEN(aggregations) && !od_str_eq_c(aggregation, aggregations[a].name))
        a++;
    if (p == OD_LEN(policies) || a == OD_LEN(aggregations)) {
        dmn_find(c, n, false, "hit policy %.*s, aggregation %.*s: not known", OD_STR_ARG(policy), OD_STR_ARG(aggregation));
        return false;
    }
    t->policy = policies[p].policy;
    t->aggregation = aggregation.n ? aggregations[a].aggregation : AGGREGATE_NONE;
    return true;
}

static const struct feel_program *values_of(struct compiler *c, const struct dmn_xml_node *n, const char *child)
{
    const struct dmn_xml_node *values = dmn_xml_child(n, child);
    struct od_str text = dmn_xml_child_text(values, "text");
    const char *why;
    return text.n ? dmn_parse(c, values, text, FEEL_UNARY_TESTS, &why) : NULL;
}

/* An input without an expression has its label as one. */
static void inputs_read(struct compiler *c, const struct dmn_xml_node *n, struct table *t)
{
    unsigned i = 0;
    XML_EACH(x, n, "input")
    {
        struct table_input *in = &t->inputs[i];
        const struct dmn_xml_node *expression = dmn_xml_child(x, "inputExpression");
        struct od_str text = dmn_xml_child_text(expression, "text");
        if (!text.n)
            text = dmn_xml_attr(x, "label");
        t->input_names[i++] = dmn_copy(c, text);
        in->type = expression ? dmn_type_of(c, expression) : NULL;
        in->expression = text.n ? dmn_parse(c, expression ? expression : x, text, FEEL_EXPRESSION, &in->why) : NULL;
        if (!text.n)
            dmn_find(c, x, false, "the input has no expression");
        in->allowed = values_of(c, x, "inputValues");
        in->cells = DMN_ARRAY(c, t->n_rules, struct cell);
        if (!in->cells)
            return;
    }
}

static void outputs_read(struct compiler *c, const struct dmn_xml_node *n, struct table *t)
{
    unsigned i = 0;
    bool ranked = false;
    XML_EACH(x, n, "output")
    {
        struct table_output *out = &t->outputs[i++];
        const struct dmn_xml_node *otherwise = dmn_xml_child(x, "defaultOutputEntry");
        out->name = dmn_name(c, dmn_xml_attr(x, "name"));
        out->type = dmn_type_of(c, x);
        out->allowed = values_of(c, x, "outputValues");
        const struct feel_program *order = out->allowed;
        for (const struct feel_type *of = out->type; of && !order; of = of->base)
            order = of->allowed;
        if (order)
            out->values = feel_program_tests(order, c->arena, &out->n_values);
        ranked |= out->n_values > 0;
        if (otherwise)
            out->otherwise = dmn_literal(c, otherwise, dmn_xml_child_text(otherwise, "text"));
    }
    if (t->n_outputs > 1)
        dmn_names_check(c, n, "output", NULL);
    if (!ranked && (t->policy == HIT_PRIORITY || t->policy == HIT_OUTPUT_ORDER))
        dmn_find(c, n, true, "no output has values that give an order: the rules' own decides");
    if (t->aggregation != AGGREGATE_NONE && t->policy != HIT_COLLECT)
        dmn_find(c, n, true, "only COLLECT aggregates");
}

/* A test of the column; one that is empty or a hyphen takes everything. */
static unsigned cell_new(struct compiler *c, const struct dmn_xml_node *entry, struct od_str text, struct table_input *in)
{
    struct cell *cell = &in->cells[in->n_cells];
    if (text.n && !od_str_eq_c(text, "-")) {
        cell->program = dmn_parse(c, entry, text, FEEL_UNARY_TESTS, &cell->why);
        cell->simple = cell->program ? feel_simple_of(cell->program, c->arena) : NULL;
    }
    return in->n_cells++;
}

/* Column k: cells that say the same are one test. */
static void column_read(struct compiler *c, struct table *t, unsigned k, const struct dmn_xml_node **entries)
{
    struct dmn_index same;
    struct od_str *texts = od_arena_array(c->scratch, t->n_rules + 1, sizeof *texts);
    for (unsigned r = 0; texts && r < t->n_rules; r++)
        texts[r] = entries[r] ? dmn_xml_child_text(entries[r], "text") : OD_STR("-");
    if (!texts || !dmn_index(c, c->scratch, texts, t->n_rules, &same))
        return;
    for (unsigned r = 0, first; r < t->n_rules && dmn_going(c); r++) {
        dmn_index_find(&same, texts[r], &first);
        t->rules[r].cells[k] = first == r ? cell_new(c, entries[r], texts[r], &t->inputs[k]) : t->rules[first].cells[k];
        entries[r] = entries[r] ? dmn_xml_next(entries[r], "inputEntry") : NULL;
    }
}

static void rule_read(struct compiler *c, const struct dmn_xml_node *n, struct table *t, struct table_rule *r)
{
    unsigned i = dmn_xml_count(n, "inputEntry"), o = 0;
    r->id = dmn_copy(c, dmn_xml_attr(n, "id"));
    r->cells = DMN_ARRAY(c, t->n_inputs, unsigned);
    r->outputs = DMN_ARRAY(c, t->n_outputs, const struct logic *);
    if (!r->cells || !r->outputs)
        return;
    XML_EACH(e, n, "outputEntry")
    {
        if (o < t->n_outputs)
            r->outputs[o] = dmn_literal(c, e, dmn_xml_child_text(e, "text"));
        o++;
    }
    if (i != t->n_inputs || o != t->n_outputs)
        dmn_find(c, n, false, "the rule has %u inputs and %u outputs, the table %u and %u", i, o, t->n_inputs, t->n_outputs);
}

const struct table *dmn_compile_table(struct compiler *c, const struct dmn_xml_node *n)
{
    struct table *t = DMN_ARRAY(c, 1, struct table);
    unsigned i = 0;
    if (!t || !policy_read(c, n, t))
        return NULL;
    t->n_inputs = dmn_xml_count(n, "input");
    t->n_outputs = dmn_xml_count(n, "output");
    t->n_rules = dmn_xml_count(n, "rule");
    t->id = dmn_copy(c, dmn_xml_attr(n, "id"));
    t->inputs = DMN_ARRAY(c, t->n_inputs, struct table_input);
    t->input_names = DMN_ARRAY(c, t->n_inputs, struct od_str);
    t->outputs = DMN_ARRAY(c, t->n_outputs, struct table_output);
    t->rules = DMN_ARRAY(c, t->n_rules, struct table_rule);
    const struct dmn_xml_node **entries = od_arena_array(c->scratch, t->n_rules + 1, sizeof *entries);
    if (!t->inputs || !t->input_names || !t->outputs || !t->rules || !entries)
        return NULL;
    if (!t->n_outputs)
        dmn_find(c, n, false, "the decision table has no output");
    if (t->aggregation != AGGREGATE_NONE && t->aggregation != AGGREGATE_COUNT && t->n_outputs > 1)
        dmn_find(c, n, false, "several outputs cannot be aggregated");
    inputs_read(c, n, t);
    outputs_read(c, n, t);
    XML_EACH(r, n, "rule")
    {
        entries[i] = dmn_xml_child(r, "inputEntry");
        if (dmn_going(c))
            rule_read(c, r, t, &t->rules[i++]);
    }
    for (unsigned k = 0; k < t->n_inputs && dmn_going(c); k++)
        column_read(c, t, k, entries);
    return t;
}
