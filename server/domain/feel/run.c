/* SPDX-License-Identifier: Apache-2.0
 * Bounds, memory and faults of an evaluation, and how a function value is called. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

#include "common/base/limits.h"

struct feel_call {
    struct feel_run *run;
};

enum od_status feel_run_status(const struct feel_run *run, struct od_err *err)
{
    if (run->stopped == OD_R_NONE)
        return OD_OK;
    if (run->stopped == OD_R_FEEL_STEPS)
        return od_fail(err, run->stopped, "max=%llu", (unsigned long long)run->limits.steps);
    if (run->stopped == OD_R_FEEL_DEPTH)
        return od_fail(err, run->stopped, "max=%u", run->limits.depth);
    return od_fail(err, run->stopped, "max=%zu", run->arena->cap_bytes);
}

void feel_run_stop(struct feel_run *run, enum od_reason why)
{
    if (run->stopped == OD_R_NONE)
        run->stopped = why;
    run->steps_left = 0; /* so that a visit need only look at them */
}

bool feel_run_charge(struct feel_run *run, uint64_t n)
{
    if (run->steps_left < n)
        feel_run_stop(run, OD_R_FEEL_STEPS);
    else
        run->steps_left -= n;
    return !feel_run_over(run);
}

void *feel_run_alloc(struct feel_run *run, size_t n)
{
    void *p = od_arena_alloc(run->arena, n ? n : 1);
    if (!p)
        feel_run_stop(run, OD_R_MEMORY_LIMIT);
    return p;
}

void *feel_run_array(struct feel_run *run, size_t n, size_t size)
{
    void *p = od_arena_array(run->arena, n ? n : 1, size);
    if (!p)
        feel_run_stop(run, OD_R_MEMORY_LIMIT);
    return p;
}

struct feel_value feel_run_fail(struct feel_run *run, const char *why, struct od_str subject)
{
    struct feel_fault *f = feel_run_over(run) ? NULL : feel_run_alloc(run, sizeof *f);
    if (!f)
        return FEEL_NULL_VALUE;
    *f = (struct feel_fault){why, subject, run->program ? run->program->text : FEEL_NO_SUBJECT, run->at};
    return (struct feel_value){.kind = FEEL_NULL, .fault = f};
}

struct feel_value feel_fail_from(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, const char *why)
{
    if (a && a->kind == FEEL_NULL && a->fault)
        return *a;
    if (b && b->kind == FEEL_NULL && b->fault)
        return *b;
    return feel_run_fail(run, why, FEEL_NO_SUBJECT);
}

const char *feel_fault_text(const struct feel_value *v, char *out, size_t n)
{
    out[0] = '\0';
    if (v->kind != FEEL_NULL || !v->fault)
        return out;
    const struct feel_fault *f = v->fault;
    unsigned line = 1, column = 1;
    for (uint32_t i = 0; i < f->at && i < f->source.n; i++) {
        bool next = f->source.p[i] == '\n';
        line += next;
        column = next ? 1 : column + (((unsigned char)f->source.p[i] & 0xc0) != 0x80);
    }
    const char *hole = strstr(f->why, "%s");
    int head = hole ? (int)(hole - f->why) : (int)strlen(f->why);
    snprintf(out, n, "line %u, column %u: %.*s%.*s%s", line, column, head, f->why, hole ? (int)f->subject.n : 0,
             f->subject.n ? f->subject.p : "", hole ? hole + 2 : "");
    return out;
}

bool feel_vec_add(struct feel_run *run, struct feel_vec *vec, const struct feel_value *v)
{
    if (vec->n == vec->cap) {
        size_t cap = vec->cap ? vec->cap * 2 : 8;
        struct feel_value *items = FEEL_ARRAY(run, cap, struct feel_value);
        if (!items)
            return false;
        if (vec->n)
            memcpy(items, vec->items, vec->n * sizeof *items);
        vec->items = items;
        vec->cap = cap;
    }
    vec->items[vec->n++] = *v;
    return true;
}

struct feel_value feel_vec_list(struct feel_run *run, const struct feel_vec *vec)
{
    struct feel_list *l = feel_run_alloc(run, sizeof *l);
    if (!l)
        return FEEL_NULL_VALUE;
    *l = (struct feel_list){vec->n, vec->items};
    return feel_list_value(l);
}

struct feel_value feel_run_string(struct feel_run *run, struct od_buf *b)
{
    if (b->failed)
        return feel_run_fail(run, "the string is too long", FEEL_NO_SUBJECT);
    char *p = feel_run_alloc(run, b->n + 1);
    if (!p)
        return FEEL_NULL_VALUE;
    if (b->n)
        memcpy(p, b->p, b->n);
    p[b->n] = '\0';
    return feel_string((struct od_str){p, b->n});
}

/* --- calling --------------------------------------------------------------------------------------------------------- */

struct od_arena *feel_call_arena(struct feel_call *call) { return call->run->arena; }
const struct feel_env *feel_call_env(struct feel_call *call) { return call->run->env; }
struct feel_value feel_call_fail(struct feel_call *call, const char *why, struct od_str subject)
{
    return feel_run_fail(call->run, why, subject);
}

const struct feel_type *feel_function_param_type(const struct feel_function *f, unsigned i)
{
    return f->params && i < f->n_params ? f->params[i].type : NULL;
}

static struct feel_value call_user(struct feel_run *run, const struct feel_function *f, const struct feel_value *args)
{
    struct feel_entry on_stack[8];
    bool keep = f->body->flags & FLAG_CAPTURES || f->n_params > OD_LEN(on_stack);
    struct feel_entry *entries = keep ? FEEL_ARRAY(run, f->n_params, struct feel_entry) : on_stack;
    struct feel_frame local = {f->closure, entries, f->n_params}, *frame = keep ? feel_run_alloc(run, sizeof *frame) : &local;
    if (!entries || !frame)
        return FEEL_NULL_VALUE;
    *frame = local;
    for (unsigned i = 0; i < f->n_params; i++) {
        entries[i].name = f->params[i].name;
        entries[i].value = f->params[i].type ? feel_type_coerce(run, f->params[i].type, &args[i]) : args[i];
        if (f->params[i].type && entries[i].value.kind == FEEL_NULL && args[i].kind != FEEL_NULL)
            return entries[i].value; /* §10.3.2.13.2: a call whose arguments do not conform is null */
    }
    const struct feel_program *program = run->program;
    run->program = f->program;
    struct feel_value v = feel_visit(run, f->body->a, frame);
    run->program = program;
    return v;
}

struct feel_value feel_run_call(struct feel_run *run, const struct feel_function *f, const struct feel_value *args, unsigned n)
{
    if (f->kind == FEEL_FN_BUILTIN)
        return feel_builtin_call(run, f->builtin, args, NULL, n);
    unsigned required = f->kind == FEEL_FN_HOST ? f->host->n_required : f->n_params;
    if (n > f->n_params || n < required)
        return feel_run_fail(run, n > f->n_params ? "too many arguments" : "an argument is missing", f->name);
    if (n < f->n_params) { /* in the arena: this function is on the stack once per nested call */
        struct feel_value *all = FEEL_ARRAY(run, f->n_params, struct feel_value);
        if (!all)
            return FEEL_NULL_VALUE;
        memcpy(all, args, n * sizeof *args);
        args = all;
    }
    if (++run->depth > run->limits.depth)
        feel_run_stop(run, OD_R_FEEL_DEPTH);
    struct feel_value v = FEEL_NULL_VALUE;
    struct feel_call call = {run};
    if (!feel_run_over(run))
        v = f->kind == FEEL_FN_USER   ? call_user(run, f, args)
            : f->kind == FEEL_FN_HOST ? f->host->fn(&call, f->host->opaque, args, f->n_params)
                                      : f->native(run, f->self, args, n);
    run->depth--;
    return f->result && v.kind != FEEL_NULL ? feel_type_coerce(run, f->result, &v) : v;
}

/* Puts the arguments of a call by name in the order of the parameters; false where a name is none of theirs, or there twice. */
static bool arrange(const struct feel_function *f, const struct feel_value *args, const struct od_str *names, unsigned n,
                    struct feel_value *ordered)
{
    for (unsigned k = 0; k < n; k++) {
        unsigned i = 0;
        while (i < f->n_params && !od_str_eq(f->params[i].name, names[k]))
            i++;
        for (unsigned before = 0; before < k; before++)
            if (od_str_eq(names[before], names[k]))
                return false;
        if (i == f->n_params)
            return false;
        ordered[i] = args[k];
    }
    return true;
}

struct feel_value feel_run_call_named(struct feel_run *run, const struct feel_function *f, const struct feel_value *args,
                                      const struct od_str *names, unsigned n)
{
    if (f->kind == FEEL_FN_BUILTIN)
        return feel_builtin_call(run, f->builtin, args, names, n);
    if (!names)
        return feel_run_call(run, f, args, n);
    struct feel_value *ordered = FEEL_ARRAY(run, f->n_params, struct feel_value);
    if (!ordered)
        return FEEL_NULL_VALUE;
    if (!arrange(f, args, names, n, ordered))
        return feel_run_fail(run, "the names of the arguments do not fit the function %s", f->name);
    return feel_run_call(run, f, ordered, f->n_params);
}

struct feel_value feel_run_builtin(struct feel_run *run, const char *name, const struct feel_value *args, unsigned n)
{
    int row = feel_builtin_find(od_str_c(name));
    od_assert(row >= 0);
    return feel_builtin_call(run, (unsigned)row, args, NULL, n);
}
