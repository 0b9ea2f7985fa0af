/* SPDX-License-Identifier: Apache-2.0
 * Boxed expressions (§7.3, §10.2.1) from the tree into logic, each in the scope of names that it can see. */
#include "server/domain/dmn/compile.h"

static struct logic *logic_new(struct compiler *c, enum logic_kind kind, const struct dmn_xml_node *n)
{
    struct logic *l = DMN_ARRAY(c, 1, struct logic);
    if (!l)
        return NULL;
    l->kind = (uint8_t)kind;
    l->line = n->line;
    l->id = dmn_copy(c, dmn_xml_attr(n, "id"));
    l->type = dmn_type_of(c, n);
    return l;
}

static struct logic *broken(struct compiler *c, const struct dmn_xml_node *n, const char *why)
{
    struct logic *l = logic_new(c, LOGIC_BROKEN, n);
    if (l)
        l->why = why;
    return l;
}

static int kind_of(const struct dmn_xml_node *n);

/* The expression in a part that must be there, such as the `then` of a conditional. */
static const struct logic *compile_part(struct compiler *c, const struct dmn_xml_node *n, const char *part)
{
    const struct dmn_xml_node *x = dmn_xml_child(n, part);
    const struct logic *l = x ? dmn_compile_child(c, x) : NULL;
    if (!l && dmn_going(c))
        dmn_find(c, n, false, "the %s is missing", part);
    return l;
}

const struct logic *dmn_literal(struct compiler *c, const struct dmn_xml_node *n, struct od_str text)
{
    const char *why;
    struct logic *l = logic_new(c, LOGIC_LITERAL, n);
    if (!l || !dmn_going(c))
        return NULL;
    if (!text.n) { /* an empty expression is null */
        l->kind = LOGIC_BROKEN;
        l->why = "the expression is empty";
        return l;
    }
    l->program = dmn_parse(c, n, text, FEEL_EXPRESSION, &why);
    if (!l->program) {
        l->kind = LOGIC_BROKEN;
        l->why = why;
    }
    return l;
}

static const struct logic *compile_literal(struct compiler *c, const struct dmn_xml_node *n)
{
    if (dmn_xml_child(n, "importedValues")) {
        dmn_find(c, n, false, "imported values are not executed");
        return broken(c, n, "imported values are not executed");
    }
    return dmn_literal(c, n, dmn_xml_child_text(n, "text"));
}

static struct logic_part *parts_new(struct compiler *c, struct logic *l, unsigned n)
{
    struct logic_part *parts = l ? DMN_ARRAY(c, n, struct logic_part) : NULL;
    if (parts) {
        l->parts = parts;
        l->n = n;
    }
    return parts;
}

/* An entry sees the entries before it; one without a variable is the context's result. */
static const struct logic *compile_context(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_CONTEXT, n);
    struct logic_part *parts = parts_new(c, l, dmn_xml_count(n, "contextEntry"));
    unsigned outer = c->n_names, i = 0;
    if (!parts)
        return NULL;
    bool unique = dmn_names_check(c, n, "contextEntry", "variable");
    XML_EACH(e, n, "contextEntry")
    {
        const struct dmn_xml_node *variable = dmn_xml_child(e, "variable");
        if (!variable && dmn_xml_next(e, "contextEntry"))
            dmn_find(c, e, false, "an entry without a variable is the context's result, and must be its last");
        if (variable) {
            parts[i].name = dmn_name(c, dmn_xml_attr(variable, "name"));
            parts[i].type = dmn_type_of(c, variable);
        }
        parts[i].logic = dmn_compile_child(c, e);
        if (!parts[i].logic && dmn_going(c))
            dmn_find(c, e, false, "the entry has no expression");
        if (variable)
            dmn_scope_push(c, parts[i].name);
        i++;
    }
    dmn_scope_pop(c, outer);
    return unique ? l : broken(c, n, "two entries have one name");
}

static const struct logic *compile_list(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_LIST, n);
    unsigned count = 0, i = 0;
    for (const struct dmn_xml_node *x = n->child; x; x = x->next)
        count += kind_of(x) >= 0;
    struct logic_part *parts = parts_new(c, l, count);
    for (const struct dmn_xml_node *x = n->child; parts && x; x = x->next)
        if (kind_of(x) >= 0)
            parts[i++].logic = dmn_compile_logic(c, x);
    return l;
}

/* Columns give names and types, rows the cells, one after the other. */
static const struct logic *compile_relation(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_RELATION, n);
    unsigned columns = dmn_xml_count(n, "column"), i = 0;
    struct logic_part *parts = parts_new(c, l, columns * (dmn_xml_count(n, "row") + 1));
    if (!parts)
        return NULL;
    l->columns = columns;
    bool unique = dmn_names_check(c, n, "column", NULL);
    XML_EACH(col, n, "column")
    {
        parts[i].name = dmn_name(c, dmn_xml_attr(col, "name"));
        parts[i++].type = dmn_type_of(c, col);
    }
    XML_EACH(row, n, "row")
    {
        unsigned end = i + columns;
        unsigned cells = 0;
        for (const struct dmn_xml_node *x = row->child; x; x = x->next)
            if (kind_of(x) >= 0 && cells++ < columns)
                parts[i++].logic = dmn_compile_logic(c, x);
        if (cells != columns)
            dmn_find(c, row, false, "the row has %u cells, the relation %u columns", cells, columns);
        i = end;
    }
    return unique ? l : broken(c, n, "two columns have one name");
}

static const struct logic *compile_invocation(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_INVOCATION, n);
    struct logic_part *parts = parts_new(c, l, dmn_xml_count(n, "binding"));
    unsigned i = 0;
    if (!parts)
        return NULL;
    l->a = dmn_compile_child(c, n);
    if (!l->a)
        dmn_find(c, n, false, "the invocation names no function");
    dmn_names_check(c, n, "binding", "parameter");
    XML_EACH(b, n, "binding")
    {
        const struct dmn_xml_node *p = dmn_xml_child(b, "parameter");
        if (!p)
            dmn_find(c, b, false, "the binding names no parameter");
        parts[i].name = dmn_name(c, p ? dmn_xml_attr(p, "name") : OD_STR(""));
        parts[i].type = p ? dmn_type_of(c, p) : NULL;
        parts[i++].logic = dmn_compile_child(c, b);
    }
    return l;
}

/* §10.2.1.7; also the encapsulated logic of a business knowledge model. */
static const struct logic *compile_function(struct compiler *c, const struct dmn_xml_node *n)
{
    struct od_str kind = dmn_xml_attr(n, "kind");
    unsigned outer = c->n_names, count = dmn_xml_count(n, "formalParameter"), i = 0;
    struct logic *l = logic_new(c, LOGIC_FUNCTION, n);
    struct feel_param *params = DMN_ARRAY(c, count, struct feel_param);
    if (!l || !params)
        return NULL;
    dmn_names_check(c, n, "formalParameter", NULL);
    XML_EACH(p, n, "formalParameter")
    {
        params[i].name = dmn_name(c, dmn_xml_attr(p, "name"));
        params[i].type = dmn_type_of(c, p);
        dmn_scope_push(c, params[i++].name);
    }
    l->params = params;
    l->n = count;
    if (kind.n && !od_str_eq_c(kind, "FEEL")) {
        dmn_find(c, n, false, "a function of kind %.*s is not executed", OD_STR_ARG(kind));
        l->a = broken(c, n, "external functions are not executed");
    } else {
        l->a = dmn_compile_child(c, n);
        if (!l->a && dmn_going(c))
            dmn_find(c, n, false, "the function has no expression");
    }
    dmn_scope_pop(c, outer);
    return l;
}

static const struct logic *compile_conditional(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_CONDITIONAL, n);
    if (!l)
        return NULL;
    l->a = compile_part(c, n, "if");
    l->b = compile_part(c, n, "then");
    l->c = compile_part(c, n, "else");
    return l;
}

/* What is iterated or filtered; it may say its own type. */
static bool compile_domain(struct compiler *c, const struct dmn_xml_node *n, struct logic *l)
{
    const struct dmn_xml_node *in = dmn_xml_child(n, "in");
    struct logic_part *domain = parts_new(c, l, 1);
    if (!domain)
        return false;
    domain->type = in ? dmn_type_of(c, in) : NULL;
    domain->logic = compile_part(c, n, "in");
    return true;
}

static const struct logic *compile_iterator(struct compiler *c, const struct dmn_xml_node *n, enum logic_kind kind)
{
    struct logic *l = logic_new(c, kind, n);
    unsigned outer = c->n_names;
    if (!compile_domain(c, n, l))
        return NULL;
    l->name = dmn_name(c, dmn_xml_attr(n, "iteratorVariable"));
    if (!l->name.n)
        dmn_find(c, n, false, "the iterator variable has no name");
    dmn_scope_push(c, l->name);
    if (kind == LOGIC_FOR)
        dmn_scope_push(c, OD_STR("partial"));
    l->b = compile_part(c, n, kind == LOGIC_FOR ? "return" : "satisfies");
    dmn_scope_pop(c, outer);
    return l;
}

/* The match sees the item, and the names of its members: which they are, only the value tells. */
static const struct logic *compile_filter(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_FILTER, n);
    unsigned outer = c->n_names;
    if (!compile_domain(c, n, l))
        return NULL;
    dmn_scope_push(c, OD_STR("item"));
    for (unsigned i = 0; i < c->m->n_members; i++)
        dmn_scope_push(c, c->m->members[i]);
    l->b = compile_part(c, n, "match");
    dmn_scope_pop(c, outer);
    return l;
}

static const struct logic *compile_table(struct compiler *c, const struct dmn_xml_node *n)
{
    struct logic *l = logic_new(c, LOGIC_TABLE, n);
    if (!l)
        return NULL;
    l->table = dmn_compile_table(c, n);
    return l->table || !dmn_going(c) ? l : broken(c, n, "the hit policy is not known");
}

static const struct {
    const char *name;
    const struct logic *(*compile)(struct compiler *c, const struct dmn_xml_node *n);
    enum logic_kind kind;
} KINDS[] = {
    {"literalExpression", compile_literal, LOGIC_LITERAL},
    {"context", compile_context, LOGIC_CONTEXT},
    {"list", compile_list, LOGIC_LIST},
    {"relation", compile_relation, LOGIC_RELATION},
    {"invocation", compile_invocation, LOGIC_INVOCATION},
    {"functionDefinition", compile_function, LOGIC_FUNCTION},
    {"encapsulatedLogic", compile_function, LOGIC_FUNCTION},
    {"decisionTable", compile_table, LOGIC_TABLE},
    {"conditional", compile_conditional, LOGIC_CONDITIONAL},
    {"for", NULL, LOGIC_FOR},
    {"some", NULL, LOGIC_SOME},
    {"every", NULL, LOGIC_EVERY},
    {"filter", compile_filter, LOGIC_FILTER},
};

static int kind_of(const struct dmn_xml_node *n)
{
    for (size_t i = 0; i < OD_LEN(KINDS); i++)
        if (dmn_xml_is(n, KINDS[i].name))
            return (int)i;
    return -1;
}

const struct dmn_xml_node *dmn_expression_child(struct compiler *c, const struct dmn_xml_node *n)
{
    const struct dmn_xml_node *x = n->child;
    while (x && kind_of(x) < 0)
        x = x->next;
    for (const struct dmn_xml_node *more = x ? x->next : NULL; more; more = more->next)
        if (kind_of(more) >= 0)
            dmn_find(c, more, false, "the element has another expression before this");
    return x;
}

const struct logic *dmn_compile_logic(struct compiler *c, const struct dmn_xml_node *n)
{
    int kind = kind_of(n);
    if (kind < 0 || !dmn_going(c))
        return NULL;
    return KINDS[kind].compile ? KINDS[kind].compile(c, n) : compile_iterator(c, n, KINDS[kind].kind);
}

const struct logic *dmn_compile_child(struct compiler *c, const struct dmn_xml_node *parent)
{
    const struct dmn_xml_node *x = dmn_expression_child(c, parent);
    return x ? dmn_compile_logic(c, x) : NULL;
}
