/* SPDX-License-Identifier: Apache-2.0
 * Evaluates boxed expressions. Frames lie in the arena, for functions may keep them. Their nesting counts as depth of the
 * run: a function of nested boxes that calls itself is as deep as both together. */
#include "server/domain/dmn/evaluate.h"

static struct feel_value part_value(struct instance *i, const struct logic_part *p, const struct feel_frame *f)
{
    struct feel_value v = p->logic ? logic_value(i, p->logic, f) : FEEL_NULL_VALUE;
    return feel_type_coerce(&i->e->run, p->type, &v);
}

static struct feel_value memory(struct instance *i)
{
    feel_run_stop(&i->e->run, OD_R_MEMORY_LIMIT);
    return FEEL_NULL_VALUE;
}

/* §10.2.1.4: with a result entry its value, else the entries. */
static struct feel_value context_value(struct instance *i, const struct logic *l, const struct feel_frame *outer)
{
    struct feel_frame *f = frame_new(i->e, outer, l->n);
    struct feel_context *c = feel_context_new(i->e->run.arena, l->n);
    if (!f || !c)
        return memory(i);
    f->n = c->n = 0;
    for (unsigned k = 0; k < l->n && !feel_run_over(&i->e->run); k++) {
        struct feel_value v = part_value(i, &l->parts[k], f);
        if (!l->parts[k].name.n)
            return v;
        f->entries[f->n++] = c->entries[c->n++] = (struct feel_entry){l->parts[k].name, v};
    }
    return feel_context_value(c);
}

static struct feel_value list_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_vec vec = {0};
    for (unsigned k = 0; k < l->n && !feel_run_over(&i->e->run); k++) {
        struct feel_value v = part_value(i, &l->parts[k], f);
        if (!feel_vec_add(&i->e->run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(&i->e->run, &vec);
}

static struct feel_value relation_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_vec vec = {0};
    for (unsigned at = l->columns; at + l->columns <= l->n && l->columns && !feel_run_over(&i->e->run); at += l->columns) {
        struct feel_context *row = feel_context_new(i->e->run.arena, l->columns);
        if (!row)
            return memory(i);
        for (unsigned k = 0; k < l->columns; k++) {
            struct logic_part cell = {l->parts[k].name, l->parts[k].type, l->parts[at + k].logic};
            row->entries[k] = (struct feel_entry){cell.name, part_value(i, &cell, f)};
        }
        struct feel_value v = feel_context_value(row);
        if (!feel_vec_add(&i->e->run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(&i->e->run, &vec);
}

static struct feel_value invocation_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_run *run = &i->e->run;
    struct feel_value callee = l->a ? logic_value(i, l->a, f) : FEEL_NULL_VALUE;
    struct feel_value *args = FEEL_ARRAY(run, l->n, struct feel_value);
    struct od_str *names = FEEL_ARRAY(run, l->n, struct od_str);
    if (!args || !names)
        return FEEL_NULL_VALUE;
    for (unsigned k = 0; k < l->n; k++) {
        args[k] = part_value(i, &l->parts[k], f);
        names[k] = l->parts[k].name;
    }
    if (callee.kind != FEEL_FUNCTION)
        return callee.kind == FEEL_NULL && callee.fault ? callee : feel_run_fail(run, "what is invoked is no function", FEEL_NO_SUBJECT);
    return feel_run_call_named(run, callee.function, args, l->n ? names : NULL, l->n);
}

/* --- functions --------------------------------------------------------------------------------------------------------- */

struct boxed_function {
    struct instance *instance;
    const struct logic *logic;
    const struct feel_frame *closure;
};

static struct feel_value call_boxed(struct feel_run *run, const void *self, const struct feel_value *args, unsigned n_given)
{
    const struct boxed_function *b = self;
    const struct logic *l = b->logic;
    struct feel_frame *f = frame_new(b->instance->e, b->closure, l->n);
    (void)n_given;
    if (!f)
        return FEEL_NULL_VALUE;
    for (unsigned k = 0; k < l->n; k++) {
        struct feel_value v = feel_type_coerce(run, l->params[k].type, &args[k]);
        if (v.kind == FEEL_NULL && args[k].kind != FEEL_NULL)
            return v;
        f->entries[k] = (struct feel_entry){l->params[k].name, v};
    }
    return l->a ? logic_value(b->instance, l->a, f) : FEEL_NULL_VALUE;
}

static struct feel_value boxed_function_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_function *fn = feel_run_alloc(&i->e->run, sizeof *fn);
    struct boxed_function *self = feel_run_alloc(&i->e->run, sizeof *self);
    if (!fn || !self)
        return FEEL_NULL_VALUE;
    *self = (struct boxed_function){i, l, f};
    *fn = (struct feel_function){.kind = FEEL_FN_NATIVE, .n_params = l->n, .params = l->params, .native = call_boxed, .self = self,
                                 .result = l->type && l->type->kind == FEEL_FUNCTION ? l->type->result : l->type};
    return (struct feel_value){.kind = FEEL_FUNCTION, .function = fn};
}

/* --- conditions and iterations (DMN 1.4) ------------------------------------------------------------------------------- */

static struct feel_value conditional_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_value condition = l->a ? logic_value(i, l->a, f) : FEEL_NULL_VALUE;
    const struct logic *branch = feel_is_true(&condition) ? l->b : l->c;
    return branch ? logic_value(i, branch, f) : FEEL_NULL_VALUE;
}

/* The items of what is iterated, by the rules of FEEL's own `for` and filter. */
static struct feel_value domain_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_value v = part_value(i, &l->parts[0], f);
    return feel_run_items(&i->e->run, &v);
}

static struct feel_frame *item_frame(struct instance *i, const struct feel_frame *outer, struct od_str name, const struct feel_value *v)
{
    struct feel_frame *f = frame_new(i->e, outer, 2);
    if (!f)
        return NULL;
    f->entries[0] = (struct feel_entry){name, *v};
    f->n = 1;
    return f;
}

static struct feel_value for_value(struct instance *i, const struct logic *l, const struct feel_frame *outer)
{
    struct feel_value domain = domain_value(i, l, outer);
    struct feel_vec vec = {0};
    if (domain.kind != FEEL_LIST)
        return domain;
    for (size_t k = 0; k < domain.list->n && feel_run_charge(&i->e->run, 1); k++) {
        struct feel_frame *f = item_frame(i, outer, l->name, &domain.list->items[k]);
        if (!f)
            return FEEL_NULL_VALUE;
        f->entries[1] = (struct feel_entry){OD_STR("partial"), feel_vec_list(&i->e->run, &vec)};
        f->n = 2;
        struct feel_value v = l->b ? logic_value(i, l->b, f) : FEEL_NULL_VALUE;
        if (!feel_vec_add(&i->e->run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(&i->e->run, &vec);
}

static struct feel_value quantified_value(struct instance *i, const struct logic *l, const struct feel_frame *outer)
{
    struct feel_value domain = domain_value(i, l, outer);
    bool decides = l->kind == LOGIC_SOME, unknown = false;
    if (domain.kind != FEEL_LIST)
        return domain;
    for (size_t k = 0; k < domain.list->n && feel_run_charge(&i->e->run, 1); k++) {
        struct feel_frame *f = item_frame(i, outer, l->name, &domain.list->items[k]);
        struct feel_value v = f && l->b ? logic_value(i, l->b, f) : FEEL_NULL_VALUE;
        if (v.kind == FEEL_BOOLEAN && v.boolean == decides)
            return v;
        unknown |= v.kind != FEEL_BOOLEAN;
    }
    return unknown ? feel_run_fail(&i->e->run, "the condition is neither true nor false", FEEL_NO_SUBJECT) : feel_boolean(!decides);
}

/* By the rules of FEEL's own filter (§10.3.2.5): a single value is a list of one; a number is an index. */
static struct feel_value filter_value(struct instance *i, const struct logic *l, const struct feel_frame *outer)
{
    struct feel_value of = part_value(i, &l->parts[0], outer);
    const struct feel_list single = {1, &of}, *list = of.kind == FEEL_LIST ? of.list : &single;
    struct feel_vec vec = {0};
    if (of.kind == FEEL_NULL)
        return of.fault ? of : feel_run_fail(&i->e->run, "null cannot be filtered", FEEL_NO_SUBJECT);
    if (!list->n && l->b) { /* without an item only an index can be told */
        struct feel_value index = logic_value(i, l->b, outer);
        return index.kind == FEEL_NUMBER ? feel_run_item(&i->e->run, list, &index) : of;
    }
    for (size_t k = 0; k < list->n && feel_run_charge(&i->e->run, 1); k++) {
        const struct feel_value *item = &list->items[k];
        struct feel_frame *f = item_frame(i, outer, OD_STR("item"), item);
        struct feel_frame *members = f && item->kind == FEEL_CONTEXT ? feel_run_alloc(&i->e->run, sizeof *members) : NULL;
        if (members)
            *members = (struct feel_frame){f, item->context->entries, item->context->n};
        struct feel_value v = f && l->b ? logic_value(i, l->b, members ? members : f) : FEEL_NULL_VALUE;
        if (v.kind == FEEL_NUMBER)
            return feel_run_item(&i->e->run, list, &v);
        if (feel_is_true(&v) && !feel_vec_add(&i->e->run, &vec, item))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(&i->e->run, &vec);
}

static struct feel_value broken_value(struct instance *i, const struct logic *l)
{
    return feel_run_fail(&i->e->run, l->why ? l->why : "the expression cannot be evaluated", FEEL_NO_SUBJECT);
}

static struct feel_value boxed_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    switch ((enum logic_kind)l->kind) {
    case LOGIC_CONTEXT: return context_value(i, l, f);
    case LOGIC_LIST: return list_value(i, l, f);
    case LOGIC_RELATION: return relation_value(i, l, f);
    case LOGIC_INVOCATION: return invocation_value(i, l, f);
    case LOGIC_FUNCTION: return boxed_function_value(i, l, f);
    case LOGIC_TABLE: return table_value(i, l->table, f);
    case LOGIC_CONDITIONAL: return conditional_value(i, l, f);
    case LOGIC_FOR: return for_value(i, l, f);
    case LOGIC_SOME: case LOGIC_EVERY: return quantified_value(i, l, f);
    case LOGIC_FILTER: return filter_value(i, l, f);
    case LOGIC_LITERAL: case LOGIC_BROKEN: break;
    }
    return broken_value(i, l);
}

struct feel_value logic_value(struct instance *i, const struct logic *l, const struct feel_frame *f)
{
    struct feel_run *run = &i->e->run;
    struct feel_value v = FEEL_NULL_VALUE;
    if (!feel_run_charge(run, 1))
        return v;
    if (l->kind == LOGIC_LITERAL) {
        v = feel_run_program(run, l->program, f);
    } else {
        if (++run->depth > run->limits.depth)
            feel_run_stop(run, OD_R_FEEL_DEPTH);
        v = feel_run_over(run) ? v : boxed_value(i, l, f);
        run->depth--;
    }
    return feel_type_coerce(run, l->type && v.kind != FEEL_FUNCTION ? l->type : NULL, &v);
}
