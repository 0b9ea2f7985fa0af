/* SPDX-License-Identifier: Apache-2.0
 * Walks the tree (§10.3.2). Every visit counts a step and a level; a reached bound turns everything that follows into null
 * until the entry returns its status. */
#include "server/domain/feel/eval.h"

#include "server/domain/feel/builtins.h"

/* --- names ----------------------------------------------------------------------------------------------------------- */

static const struct feel_value nothing;

static struct feel_value function_value(struct feel_run *run, const struct feel_function *from)
{
    struct feel_function *f = feel_run_alloc(run, sizeof *f);
    if (!f)
        return FEEL_NULL_VALUE;
    *f = *from;
    return (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
}

static struct feel_value host_function(struct feel_run *run, const struct feel_host_function *h)
{
    struct feel_param *params = FEEL_ARRAY(run, h->n_params, struct feel_param);
    if (!params || h->n_params > FEEL_ARGS_MAX)
        return FEEL_NULL_VALUE;
    for (unsigned i = 0; i < h->n_params; i++)
        params[i].name = od_str_c(h->params[i]);
    return function_value(run, &(struct feel_function){.kind = FEEL_FN_HOST, .n_params = h->n_params, .params = params,
                                                       .host = h, .name = od_str_c(h->name)});
}

static struct feel_value builtin_function(struct feel_run *run, unsigned row)
{
    return function_value(run, &(struct feel_function){.kind = FEEL_FN_BUILTIN, .builtin = (uint16_t)row,
                                                       .n_params = feel_builtin_row(row)->n_params, .name = feel_builtin_name(row)});
}

/* What env->vars does not have. */
static struct feel_value outside(struct feel_run *run, struct od_str name)
{
    const struct feel_env *env = run->env;
    struct feel_value found = FEEL_NULL_VALUE;
    if (env->lookup && env->lookup(env->opaque, name, &found))
        return found;
    for (size_t i = 0; env->host && i < env->host->n; i++)
        if (od_str_eq_c(name, env->host->functions[i].name))
            return host_function(run, &env->host->functions[i]);
    int builtin = feel_builtin_find(name);
    return builtin >= 0 ? builtin_function(run, (unsigned)builtin) : feel_run_fail(run, "there is no %s", name);
}

OD_OUT_OF_LINE static const struct feel_value *search(struct feel_run *run, struct od_str name, const struct feel_frame *f,
                                                      struct feel_value *room)
{
    const struct feel_context *vars = run->env->vars;
    for (; f; f = f->outer) {
        if (f->n >= FEEL_NAMES_PER_STEP && !feel_run_charge(run, f->n / FEEL_NAMES_PER_STEP))
            return &nothing;
        for (size_t i = 0; i < f->n; i++)
            if (od_str_same(f->entries[i].name, name))
                return &f->entries[i].value;
    }
    if (vars && vars->n >= FEEL_NAMES_PER_STEP && !feel_run_charge(run, vars->n / FEEL_NAMES_PER_STEP))
        return &nothing;
    const struct feel_value *v = vars ? feel_context_get(vars, name) : NULL;
    if (v)
        return v;
    *room = outside(run, name);
    return room;
}

static const struct feel_value *visit_name(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                           struct feel_value *room)
{
    const struct feel_context *vars = run->env->vars;
    run->at = n->at;
    if (!f && vars && n->n < vars->n && od_str_same(vars->entries[n->n].name, n->name))
        return &vars->entries[n->n].value;
    return search(run, n->name, f, room);
}

static const struct feel_value *operation(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                          struct feel_value *room);

/* What a node gives, where it lies: literals, variables and the two booleans are not copied, anything else is made in *room. */
static inline const struct feel_value *operand(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                               struct feel_value *room)
{
    if (!run->steps_left) {
        feel_run_stop(run, OD_R_FEEL_STEPS);
        return &nothing;
    }
    run->steps_left--;
    if (n->op == FN_CONST)
        return &n->value;
    if (n->op == FN_NAME)
        return visit_name(run, n, f, room);
    return operation(run, n, f, room);
}

/* --- makers ---------------------------------------------------------------------------------------------------------- */

static struct feel_value visit_list(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value *items = FEEL_ARRAY(run, n->n, struct feel_value);
    struct feel_list *l = feel_run_alloc(run, sizeof *l);
    if (!items || !l)
        return FEEL_NULL_VALUE;
    for (uint32_t i = 0; i < n->n && !feel_run_over(run); i++)
        items[i] = feel_visit(run, n->items[i], f);
    *l = (struct feel_list){n->n, items};
    return feel_list_value(l);
}

static struct feel_value visit_context(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_entry *entries = FEEL_ARRAY(run, n->n, struct feel_entry);
    struct feel_context *c = feel_run_alloc(run, sizeof *c);
    struct feel_frame local = {f, entries, 0}, *frame = n->flags & FLAG_CAPTURES ? feel_run_alloc(run, sizeof *frame) : &local;
    if (!entries || !c || !frame)
        return FEEL_NULL_VALUE;
    *frame = local;
    for (uint32_t i = 0; i < n->n && !feel_run_over(run); i++) {
        entries[i].value = feel_visit(run, n->items[i], frame);
        entries[i].name = n->names[i];
        frame->n = i + 1;
    }
    *c = (struct feel_context){n->n, entries};
    return feel_context_value(c);
}

static struct feel_value range_value(struct feel_run *run, const struct feel_range *from)
{
    struct feel_range *r = feel_run_alloc(run, sizeof *r);
    if (!r)
        return FEEL_NULL_VALUE;
    *r = *from;
    return (struct feel_value){.kind = FEEL_RANGE, .range = r};
}

static struct feel_value visit_range(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_range r = {.start_open = n->flags & FLAG_OPEN_START, .end_open = n->flags & FLAG_OPEN_END};
    int order;
    r.start = feel_visit(run, n->a, f);
    r.end = feel_visit(run, n->b, f);
    run->at = n->at;
    if (r.start.kind != FEEL_NULL && r.end.kind != FEEL_NULL) { /* §10.3.2.7 */
        if (!feel_run_compare(run, &r.start, &r.end, &order))
            return feel_run_fail(run, "the ends of the range cannot be compared", FEEL_NO_SUBJECT);
        if (order > 0)
            return feel_run_fail(run, "the range ends before it starts", FEEL_NO_SUBJECT);
    }
    return range_value(run, &r);
}

/* `< 10` is a range without a start, `= 10` one of a single value (§10.3.2.7). */
static struct feel_value visit_test(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value v = feel_visit(run, n->a, f);
    switch ((enum feel_cmp)n->cmp) {
    case FEEL_EQ: return range_value(run, &(struct feel_range){.start = v, .end = v});
    case FEEL_NE: return range_value(run, &(struct feel_range){.start = v, .end = v, .not_equal = true});
    case FEEL_LT: return range_value(run, &(struct feel_range){.end = v, .no_start = true, .end_open = true, .start_open = true});
    case FEEL_LE: return range_value(run, &(struct feel_range){.end = v, .no_start = true, .start_open = true});
    case FEEL_GT: return range_value(run, &(struct feel_range){.start = v, .no_end = true, .start_open = true, .end_open = true});
    case FEEL_GE: break;
    }
    return range_value(run, &(struct feel_range){.start = v, .no_end = true, .end_open = true});
}

static struct feel_value visit_function(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    return function_value(run, &(struct feel_function){.kind = FEEL_FN_USER, .n_params = n->n, .params = n->params, .body = n,
                                                       .program = run->program, .closure = f, .result = n->type});
}

/* --- paths ----------------------------------------------------------------------------------------------------------- */

static struct feel_value path(struct feel_run *run, const struct feel_value *of, struct od_str name, unsigned depth)
{
    if (of->kind != FEEL_LIST)
        return feel_property(run, of, name);
    if (depth > 100)
        return feel_run_fail(run, "the lists are nested too deeply", name);
    struct feel_vec vec = {0};
    for (size_t i = 0; i < of->list->n && feel_run_charge(run, 1); i++) {
        struct feel_value v = path(run, &of->list->items[i], name, depth + 1);
        if (!feel_vec_add(run, &vec, &v))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}

struct feel_value feel_property(struct feel_run *run, const struct feel_value *a, struct od_str name)
{
    const struct feel_value *v;
    switch ((enum feel_kind)a->kind) {
    case FEEL_NULL: return feel_fail_from(run, a, NULL, "null has no properties");
    case FEEL_CONTEXT:
        if (!feel_run_charge(run, a->context->n / FEEL_NAMES_PER_STEP))
            return FEEL_NULL_VALUE;
        v = feel_context_get(a->context, name);
        return v ? *v : feel_run_fail(run, "the context has no entry %s", name);
    case FEEL_RANGE:
        if (od_str_eq_c(name, "start"))
            return a->range->no_start ? FEEL_NULL_VALUE : a->range->start;
        if (od_str_eq_c(name, "end"))
            return a->range->no_end ? FEEL_NULL_VALUE : a->range->end;
        if (od_str_eq_c(name, "start included"))
            return feel_boolean(!a->range->start_open && !a->range->no_start && a->range->start.kind != FEEL_NULL);
        if (od_str_eq_c(name, "end included"))
            return feel_boolean(!a->range->end_open && !a->range->no_end && a->range->end.kind != FEEL_NULL);
        break;
    case FEEL_DATE: case FEEL_TIME: case FEEL_DATE_TIME: case FEEL_DAYS_DURATION: case FEEL_MONTHS_DURATION:
        return feel_temporal_property(run, a, name);
    case FEEL_BOOLEAN: case FEEL_NUMBER: case FEEL_STRING: case FEEL_LIST: case FEEL_FUNCTION: case FEEL_ANY: break;
    }
    return feel_run_fail(run, "there is no property %s", name);
}

static struct feel_value visit_path(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value room;
    const struct feel_value *of = operand(run, n->a, f, &room);
    run->at = n->at;
    return path(run, of, n->name, 0);
}

/* --- calls ----------------------------------------------------------------------------------------------------------- */

static struct feel_value visit_call(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value on_stack[4], *args = n->n <= OD_LEN(on_stack) ? on_stack : FEEL_ARRAY(run, n->n, struct feel_value);
    struct feel_value callee = n->a->op == FN_BUILTIN ? FEEL_NULL_VALUE : feel_visit(run, n->a, f);
    if (!args)
        return FEEL_NULL_VALUE;
    for (uint32_t i = 0; i < n->n && !feel_run_over(run); i++)
        args[i] = feel_visit(run, n->items[i], f);
    if (feel_run_over(run))
        return FEEL_NULL_VALUE;
    run->at = n->at;
    if (n->a->op == FN_BUILTIN)
        return feel_builtin_call(run, n->a->builtin, args, n->names, n->n);
    if (callee.kind != FEEL_FUNCTION)
        return feel_fail_from(run, &callee, NULL, "what is called is no function");
    return feel_run_call_named(run, callee.function, args, n->names, n->n);
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

/* Table 50: false decides a conjunction and true a disjunction, whatever the other side is. */
static const struct feel_value *visit_junction(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                               struct feel_value *room)
{
    bool decides = n->op == FN_OR;
    struct feel_value rooms[2];
    const struct feel_value *a = operand(run, n->a, f, &rooms[0]);
    if (a->kind == FEEL_BOOLEAN && a->boolean == decides)
        return &feel_booleans[decides];
    const struct feel_value *b = operand(run, n->b, f, &rooms[1]);
    if (b->kind == FEEL_BOOLEAN && (b->boolean == decides || a->kind == FEEL_BOOLEAN))
        return &feel_booleans[b->boolean];
    run->at = n->at;
    *room = feel_fail_from(run, a, b, "both sides must be true or false");
    return room;
}

static struct feel_value truth(struct feel_run *run, enum feel_truth t, const struct feel_value *a, const struct feel_value *b)
{
    return t != FEEL_UNKNOWN ? feel_boolean(t == FEEL_TRUE) : feel_fail_from(run, a, b, "the values cannot be compared");
}

static const struct feel_value *visit_compare(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                              struct feel_value *room)
{
    struct feel_value rooms[2];
    const struct feel_value *a = operand(run, n->a, f, &rooms[0]), *b = operand(run, n->b, f, &rooms[1]);
    run->at = n->at;
    enum feel_truth t = feel_compares(run, a, (enum feel_cmp)n->cmp, b);
    if (t != FEEL_UNKNOWN)
        return &feel_booleans[t == FEEL_TRUE];
    *room = truth(run, t, a, b);
    return room;
}

static struct feel_value visit_between(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value rooms[3];
    const struct feel_value *v = operand(run, n->a, f, &rooms[0]), *low = operand(run, n->b, f, &rooms[1]),
                            *high = operand(run, n->c, f, &rooms[2]);
    enum feel_truth above = feel_compares(run, v, FEEL_GE, low), below = feel_compares(run, v, FEEL_LE, high);
    run->at = n->at;
    if (above == FEEL_FALSE || below == FEEL_FALSE)
        return feel_boolean(false);
    return truth(run, above == FEEL_TRUE ? below : above, v, above == FEEL_TRUE ? high : low);
}

static struct feel_value visit_in(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value rooms[2];
    const struct feel_value *v = operand(run, n->a, f, &rooms[0]), *test = NULL;
    enum feel_truth t = FEEL_FALSE;
    for (uint32_t i = 0; i < n->n && t != FEEL_TRUE && !feel_run_over(run); i++) {
        test = operand(run, n->items[i], f, &rooms[1]);
        t = feel_matches(run, v, test);
    }
    run->at = n->at;
    return n->n > 1 ? feel_boolean(t == FEEL_TRUE) : truth(run, t, v, test);
}

/* Whether an expression is itself a question, whose `true` is the answer also where the input is a boolean. */
static bool asks(const struct feel_node *n)
{
    return n->flags & FLAG_INPUT || n->op == FN_COMPARE || n->op == FN_AND || n->op == FN_OR || n->op == FN_BETWEEN ||
           n->op == FN_IN || n->op == FN_SOME || n->op == FN_EVERY || n->op == FN_INSTANCE;
}

static enum feel_truth one_test(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                const struct feel_value *input)
{
    struct feel_value t = feel_visit(run, n, f);
    if (t.kind == FEEL_BOOLEAN && n->op != FN_CONST && (asks(n) || input->kind != FEEL_BOOLEAN))
        return t.boolean ? FEEL_TRUE : FEEL_FALSE;
    if (n->flags & FLAG_INPUT && t.kind == FEEL_NULL)
        return FEEL_UNKNOWN;
    return feel_matches(run, input, &t);
}

/* Rules 13-15: any of the tests; an input of null passes only what asks for it. */
static struct feel_value visit_tests(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value input = f && f->n ? f->entries[0].value : FEEL_NULL_VALUE;
    enum feel_truth t = n->n ? FEEL_FALSE : FEEL_TRUE;
    for (uint32_t i = 0; i < n->n && t != FEEL_TRUE && !feel_run_over(run); i++) {
        enum feel_truth one = one_test(run, n->items[i], f, &input);
        t = one == FEEL_TRUE || n->n == 1 ? one : t;
    }
    run->at = n->at;
    if (t == FEEL_UNKNOWN)
        return feel_run_fail(run, "the input cannot be compared with the test", FEEL_NO_SUBJECT);
    return feel_boolean((t == FEEL_TRUE) != !!(n->flags & FLAG_NOT));
}

static struct feel_value visit_instance(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value v = feel_visit(run, n->a, f);
    run->at = n->at;
    if (!n->type)
        return feel_run_fail(run, "the type is not known", FEEL_NO_SUBJECT);
    if (v.kind == FEEL_NULL)
        return feel_boolean(n->type->kind == FEEL_NULL);
    return feel_boolean(feel_type_has(run, n->type, &v));
}

/* --- dispatch -------------------------------------------------------------------------------------------------------- */

static struct feel_value visit_arithmetic(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value rooms[2];
    const struct feel_value *a = operand(run, n->a, f, &rooms[0]), *b = operand(run, n->b, f, &rooms[1]);
    run->at = n->at;
    return feel_arithmetic(run, (enum feel_op)n->op, a, b);
}

OD_OUT_OF_LINE static struct feel_value visit_operation(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value a;
    switch ((enum feel_op)n->op) {
    case FN_BUILTIN: return builtin_function(run, n->builtin);
    case FN_LIST: return visit_list(run, n, f);
    case FN_CONTEXT: return visit_context(run, n, f);
    case FN_RANGE: return visit_range(run, n, f);
    case FN_TEST: return visit_test(run, n, f);
    case FN_PATH: return visit_path(run, n, f);
    case FN_FILTER: return feel_visit_filter(run, n, f);
    case FN_CALL: return visit_call(run, n, f);
    case FN_FUNCTION: return visit_function(run, n, f);
    case FN_IF:
        a = feel_visit(run, n->a, f);
        return feel_visit(run, feel_is_true(&a) ? n->b : n->c, f);
    case FN_FOR: return feel_visit_for(run, n, f);
    case FN_SOME: case FN_EVERY: return feel_visit_quantified(run, n, f);
    case FN_BETWEEN: return visit_between(run, n, f);
    case FN_IN: return visit_in(run, n, f);
    case FN_INSTANCE: return visit_instance(run, n, f);
    case FN_ADD: case FN_SUB: case FN_MUL: case FN_DIV: case FN_EXP: return visit_arithmetic(run, n, f);
    case FN_NEG:
        a = feel_visit(run, n->a, f);
        run->at = n->at;
        return feel_negate(run, &a);
    case FN_TESTS: return visit_tests(run, n, f);
    case FN_CONST: case FN_NAME: case FN_AND: case FN_OR: case FN_COMPARE: break; /* answered before */
    }
    return FEEL_NULL_VALUE;
}

static const struct feel_value *operation(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                          struct feel_value *room)
{
    const struct feel_value *v = room;
    if (++run->depth > run->limits.depth) {
        feel_run_stop(run, OD_R_FEEL_DEPTH);
        *room = FEEL_NULL_VALUE;
    } else if (n->op == FN_COMPARE) {
        v = visit_compare(run, n, f, room);
    } else if (n->op == FN_AND || n->op == FN_OR) {
        v = visit_junction(run, n, f, room);
    } else {
        *room = visit_operation(run, n, f);
    }
    run->depth--;
    return v;
}

struct feel_value feel_visit(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value v;
    const struct feel_value *at = operand(run, n, f, &v);
    return *at;
}

/* --- entry ----------------------------------------------------------------------------------------------------------- */

struct feel_value feel_run_program(struct feel_run *run, const struct feel_program *p, const struct feel_frame *frame)
{
    const struct feel_program *outer = run->program;
    run->program = p;
    struct feel_value v = feel_visit(run, p->root, frame);
    run->program = outer;
    return v;
}

struct feel_value feel_run_test(struct feel_run *run, const struct feel_program *p, const struct feel_frame *frame,
                                const struct feel_value *input)
{
    struct feel_entry *entry = feel_run_alloc(run, sizeof *entry);
    if (!entry)
        return FEEL_NULL_VALUE;
    *entry = (struct feel_entry){OD_STR("?"), *input};
    struct feel_frame *inner = feel_run_alloc(run, sizeof *inner);
    if (!inner)
        return FEEL_NULL_VALUE;
    *inner = (struct feel_frame){frame, entry, 1};
    return feel_run_program(run, p, inner);
}

enum od_status feel_eval(const struct feel_program *p, const struct feel_env *env, struct od_arena *arena,
                         struct feel_value *ret_value, struct od_err *err)
{
    struct feel_run run;
    feel_run_init(&run, env, arena);
    run.program = p;
    const struct feel_value *v = operand(&run, p->root, NULL, ret_value);
    if (v != ret_value)
        *ret_value = *v;
    return feel_run_over(&run) ? feel_run_status(&run, err) : OD_OK;
}

enum od_status feel_test(const struct feel_program *p, const struct feel_env *env, const struct feel_value *input,
                         struct od_arena *arena, struct feel_value *ret_value, struct od_err *err)
{
    struct feel_run run;
    feel_run_init(&run, env, arena);
    *ret_value = feel_run_test(&run, p, NULL, input);
    if (ret_value->kind != FEEL_BOOLEAN && ret_value->kind != FEEL_NULL)
        *ret_value = FEEL_NULL_VALUE;
    return feel_run_status(&run, err);
}
