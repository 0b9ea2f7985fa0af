/* SPDX-License-Identifier: Apache-2.0
 * Decisions, business knowledge models and decision services (§10.4). Each decision is made at most once, sees only what it
 * requires, and its value is fitted to its variable's type. */
#include "server/domain/dmn/evaluate.h"

/* What a function value of a model needs when it is called. */
struct callee {
    struct instance *instance;
    const struct element *element;
};

struct feel_frame *frame_new(struct evaluation *e, const struct feel_frame *outer, size_t n)
{
    struct feel_frame *f = feel_run_alloc(&e->run, sizeof *f);
    struct feel_entry *entries = FEEL_ARRAY(&e->run, n, struct feel_entry);
    if (!f || !entries)
        return NULL;
    *f = (struct feel_frame){outer, entries, n};
    return f;
}

struct instance *instance_new(struct evaluation *e, const struct dmn_model *m, const struct feel_context *vars)
{
    struct instance *i = feel_run_alloc(&e->run, sizeof *i);
    struct slot *slots = FEEL_ARRAY(&e->run, m->n_elements, struct slot);
    struct instance **imports = FEEL_ARRAY(&e->run, m->n_imports, struct instance *);
    if (!i || !slots || !imports)
        return NULL;
    *i = (struct instance){.e = e, .m = m, .vars = vars, .slots = slots, .imports = imports};
    return i;
}

/* "a.b"; one of them where the other is empty. */
static struct od_str dotted(struct instance *i, struct od_str a, struct od_str b)
{
    char *p = a.n && b.n ? feel_run_alloc(&i->e->run, a.n + b.n + 1) : NULL;
    if (!p)
        return b.n ? b : a;
    memcpy(p, a.p, a.n);
    p[a.n] = '.';
    memcpy(p + a.n + 1, b.p, b.n);
    return (struct od_str){p, a.n + b.n + 1};
}

static struct instance *imported(struct instance *i, int import)
{
    if (i->imports[import])
        return i->imports[import];
    const struct import *from = &i->m->imports[import];
    const struct feel_value *vars = i->vars && from->name.n ? feel_context_get(i->vars, from->name) : NULL;
    bool own = vars && vars->kind == FEEL_CONTEXT;
    struct instance *of = i->imports[import] = instance_new(i->e, from->model, own ? vars->context : i->vars);
    if (of && !own)
        of->import = dotted(i, i->import, from->name);
    return of;
}

/* --- scopes ------------------------------------------------------------------------------------------------------------ */

/* Values of an import's elements are entries of a context of the import's name. f holds such contexts only. */
static bool put_qualified(struct instance *i, struct feel_frame *f, struct od_str import, struct od_str name, const struct feel_value *v)
{
    struct feel_entry *entries = f->entries;
    size_t at = 0;
    while (at < f->n && !od_str_eq(entries[at].name, import))
        at++;
    const struct feel_context empty = {0}, *c = at < f->n ? entries[at].value.context : &empty;
    c = feel_context_put(i->e->run.arena, c, name, v);
    if (!c) {
        feel_run_stop(&i->e->run, OD_R_MEMORY_LIMIT);
        return false;
    }
    entries[at] = (struct feel_entry){import, feel_context_value(c)};
    f->n += at == f->n;
    return true;
}

static struct feel_frame *requirements(struct instance *i, const struct element *e)
{
    struct feel_frame *f = frame_new(i->e, NULL, e->n_requires + 1), *imports = NULL;
    if (!f)
        return NULL;
    f->n = 0;
    if (i->m->n_imports) { /* behind the model's own names */
        f->outer = imports = frame_new(i->e, NULL, i->m->n_imports);
        if (!imports)
            return NULL;
        imports->n = 0;
    }
    if (e->kind == DMN_KNOWLEDGE) /* it may call itself */
        f->entries[f->n++] = (struct feel_entry){e->name, element_value(i, (struct element_ref){-1, (unsigned)(e - i->m->elements)})};
    for (unsigned k = 0; k < e->n_requires && !feel_run_over(&i->e->run); k++) {
        struct element_ref r = e->requires[k];
        struct feel_value v = element_value(i, r);
        struct od_str name = r.import < 0 ? i->m->elements[r.index].name : i->m->imports[r.import].model->elements[r.index].name;
        if (r.import >= 0 && i->m->imports[r.import].name.n) {
            if (!put_qualified(i, imports, i->m->imports[r.import].name, name, &v))
                return NULL;
        } else {
            f->entries[f->n++] = (struct feel_entry){name, v};
        }
    }
    return f;
}

/* --- functions --------------------------------------------------------------------------------------------------------- */

static struct feel_value function_value(struct instance *i, const struct element *e, const struct feel_param *params, unsigned n,
                                        feel_native_fn fn)
{
    struct feel_function *f = feel_run_alloc(&i->e->run, sizeof *f);
    struct callee *self = feel_run_alloc(&i->e->run, sizeof *self);
    if (!f || !self)
        return FEEL_NULL_VALUE;
    *self = (struct callee){i, e};
    const struct feel_type *type = e->type || !e->logic ? e->type : e->logic->type; /* of the function, or of what it gives */
    const struct feel_type *result = type && type->kind == FEEL_FUNCTION ? type->result : type;
    *f = (struct feel_function){.kind = FEEL_FN_NATIVE, .n_params = n, .params = params, .native = fn, .self = self, .name = e->name,
                                .result = result};
    return (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
}

/* Arguments as entries of a frame; false, with *ret_fault, where one does not fit its parameter. */
static bool bind(struct instance *i, const struct feel_param *params, const struct feel_value *args, unsigned n, struct feel_frame *f,
                 struct feel_value *ret_fault)
{
    struct feel_entry *entries = f->entries;
    for (unsigned k = 0; k < n; k++) {
        entries[k] = (struct feel_entry){params[k].name, feel_type_coerce(&i->e->run, params[k].type, &args[k])};
        *ret_fault = entries[k].value;
        if (entries[k].value.kind == FEEL_NULL && args[k].kind != FEEL_NULL)
            return false;
    }
    return true;
}

static struct feel_value call_knowledge(struct feel_run *run, const void *self, const struct feel_value *args, unsigned n_given)
{
    const struct callee *c = self;
    const struct logic *fn = c->element->logic;
    struct feel_value fault = FEEL_NULL_VALUE;
    (void)run;
    (void)n_given;
    const struct feel_frame *outer = requirements(c->instance, c->element);
    struct feel_frame *f = outer ? frame_new(c->instance->e, outer, fn->n) : NULL;
    if (!f || !bind(c->instance, fn->params, args, fn->n, f, &fault))
        return fault;
    const struct element *at = c->instance->at;
    c->instance->at = c->element;
    struct feel_value v = fn->a ? logic_value(c->instance, fn->a, f) : FEEL_NULL_VALUE;
    c->instance->at = at;
    return v;
}

/* The output decisions in an instance of its own, where the input decisions' values are given. */
static struct feel_value service_outputs(struct instance *i, const struct element *e)
{
    if (e->n_outputs == 1)
        return element_value(i, e->outputs[0]);
    struct feel_context *c = feel_context_new(i->e->run.arena, e->n_outputs);
    for (unsigned k = 0; c && k < e->n_outputs; k++) {
        struct element_ref r = e->outputs[k];
        const struct dmn_model *m = r.import < 0 ? i->m : i->m->imports[r.import].model;
        c->entries[k] = (struct feel_entry){m->elements[r.index].name, element_value(i, r)};
    }
    if (!c)
        feel_run_stop(&i->e->run, OD_R_MEMORY_LIMIT);
    return feel_context_value(c);
}

static struct feel_value call_service(struct feel_run *run, const void *self, const struct feel_value *args, unsigned n_given)
{
    const struct callee *c = self;
    const struct element *e = c->element;
    struct feel_context *vars = feel_context_new(run->arena, e->n_params);
    struct instance *i = vars ? instance_new(c->instance->e, c->instance->m, vars) : NULL;
    (void)n_given;
    if (!i) {
        feel_run_stop(run, OD_R_MEMORY_LIMIT);
        return FEEL_NULL_VALUE;
    }
    for (unsigned k = 0; k < e->n_params; k++) {
        struct element_ref r = e->params[k];
        struct feel_value v = feel_type_coerce(run, e->param_names[k].type, &args[k]);
        if (v.kind == FEEL_NULL && args[k].kind != FEEL_NULL)
            return v;
        vars->entries[k] = (struct feel_entry){e->param_names[k].name, v};
        struct instance *of = r.import < 0 ? i : imported(i, r.import);
        if (of)
            of->slots[r.index] = (struct slot){SLOT_DONE, v};
    }
    return service_outputs(i, e);
}

/* --- values ------------------------------------------------------------------------------------------------------------ */

static const struct feel_value *qualified(const struct feel_context *vars, struct od_str import, struct od_str name)
{
    for (size_t k = 0; import.n && k < vars->n; k++) {
        struct od_str have = vars->entries[k].name;
        if (have.n == import.n + 1 + name.n && !memcmp(have.p, import.p, import.n) && have.p[import.n] == '.' &&
            !memcmp(have.p + import.n + 1, name.p, name.n))
            return &vars->entries[k].value;
    }
    return NULL;
}

/* What the caller gave for an input, or NULL. */
static const struct feel_value *given(const struct instance *i, const struct element *e)
{
    const struct feel_value *v = i->vars ? qualified(i->vars, i->import, e->name) : NULL;
    if (!v && i->vars)
        v = feel_context_get(i->vars, e->name);
    return !v && i->vars && e->title.n ? feel_context_get(i->vars, e->title) : v;
}

static struct feel_value input_value(struct instance *i, const struct element *e)
{
    const struct feel_value *v = given(i, e);
    return v ? feel_type_coerce(&i->e->run, e->type, v) : feel_run_fail(&i->e->run, "the input %s is not given", e->name);
}

static struct feel_value decision_value(struct instance *i, const struct element *e)
{
    const struct element *at = i->at;
    const struct feel_frame *f = requirements(i, e);
    if (!f)
        return FEEL_NULL_VALUE;
    if (!e->logic)
        return feel_run_fail(&i->e->run, "the decision %s has no logic", e->name);
    i->at = e;
    struct feel_value v = logic_value(i, e->logic, f);
    i->at = at;
    return feel_type_coerce(&i->e->run, e->type, &v);
}

static struct feel_value own_value(struct instance *i, const struct element *e)
{
    switch (e->kind) {
    case DMN_INPUT: return input_value(i, e);
    case DMN_DECISION: return decision_value(i, e);
    case DMN_SERVICE: return function_value(i, e, e->param_names, e->n_params, call_service);
    case DMN_KNOWLEDGE: break;
    }
    if (!e->logic)
        return feel_run_fail(&i->e->run, "the function %s has no logic", e->name);
    return function_value(i, e, e->logic->params, e->logic->n, call_knowledge);
}

struct feel_value element_value(struct instance *i, struct element_ref r)
{
    if (r.import >= 0) {
        struct instance *other = imported(i, r.import);
        return other ? element_value(other, (struct element_ref){-1, r.index}) : FEEL_NULL_VALUE;
    }
    struct slot *s = &i->slots[r.index];
    const struct element *e = &i->m->elements[r.index];
    if (s->state == SLOT_DONE)
        return s->value;
    if (s->state == SLOT_BUSY)
        return feel_run_fail(&i->e->run, "the decision %s requires itself", e->name);
    if (++i->e->run.depth > i->e->run.limits.depth)
        feel_run_stop(&i->e->run, OD_R_FEEL_DEPTH);
    s->state = SLOT_BUSY;
    s->value = feel_run_charge(&i->e->run, 1) ? own_value(i, e) : FEEL_NULL_VALUE;
    s->state = SLOT_DONE;
    i->e->run.depth--;
    return s->value;
}

/* --- entry ------------------------------------------------------------------------------------------------------------- */

static bool find(const struct dmn_model *m, struct od_str name, unsigned *ret)
{
    for (unsigned pass = 0; name.n && pass < 3; pass++) /* a name goes before an id */
        for (unsigned i = 0; i < m->n_elements; i++) {
            const struct element *e = &m->elements[i];
            if (e->kind != DMN_INPUT && od_str_eq(pass == 0 ? e->name : pass == 1 ? e->title : e->id, name)) {
                *ret = i;
                return true;
            }
        }
    return false;
}

static struct feel_value invoke_service(struct instance *i, const struct element *e, const struct feel_value *fn)
{
    struct feel_value *args = FEEL_ARRAY(&i->e->run, e->n_params, struct feel_value);
    for (unsigned k = 0; args && k < e->n_params; k++) {
        struct element_ref r = e->params[k];
        const struct instance *of = r.import < 0 ? i : imported(i, r.import);
        const struct feel_value *v = of ? given(of, &of->m->elements[r.index]) : NULL;
        args[k] = v ? *v : FEEL_NULL_VALUE;
    }
    return args && fn->kind == FEEL_FUNCTION ? feel_run_call(&i->e->run, fn->function, args, e->n_params) : *fn;
}

enum od_status dmn_evaluate(const struct dmn_model *m, struct od_str name, const struct feel_env *env, struct od_arena *arena,
                            struct dmn_result *ret, struct od_err *err)
{
    struct evaluation e = {0};
    struct feel_env inside = env ? *env : (struct feel_env){0};
    unsigned at;
    *ret = (struct dmn_result){0};
    if (!find(m, name, &at))
        return od_fail(err, OD_R_NO_SUCH, "kind=decision" OD_AND "id=%.*s", OD_STR_ARG(name));
    const struct feel_context *vars = inside.vars;
    inside.vars = NULL; /* a decision sees what it requires, and nothing else */
    inside.lookup = NULL;
    inside.host = m->host;
    feel_run_init(&e.run, &inside, arena);
    struct instance *i = instance_new(&e, m, vars);
    if (i) {
        ret->value = element_value(i, (struct element_ref){-1, at});
        if (m->elements[at].kind == DMN_SERVICE)
            ret->value = invoke_service(i, &m->elements[at], &ret->value);
    }
    ret->trace = e.first;
    return feel_run_status(&e.run, err);
}
