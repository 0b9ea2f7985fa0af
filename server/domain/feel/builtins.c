/* SPDX-License-Identifier: Apache-2.0
 * The table of built-in functions, and how a call finds its row: by the number or the names of its arguments, then by their
 * kinds. */
#include "server/domain/feel/builtins.h"

#include "server/domain/feel/eval.h"
#include "server/domain/feel/temporal.h"

static const struct feel_builtin TABLE[] = {
#define P(arg, name) {name, arg}
#define B(name, fn, required, spread, ...) \
    {name, fn, required, SPREAD_##spread, sizeof((struct feel_builtin_param[]){__VA_ARGS__ __VA_OPT__(,) {0}}) / \
     sizeof(struct feel_builtin_param) - 1, {__VA_ARGS__ __VA_OPT__(,) {0}}},
#include "server/domain/feel/builtins.def"
#undef B
#undef P
};

unsigned feel_builtin_count(void) { return OD_LEN(TABLE); }
const struct feel_builtin *feel_builtin_row(unsigned i) { return &TABLE[i]; }
struct od_str feel_builtin_name(unsigned i) { return od_str_c(TABLE[i].name); }

int feel_builtin_find(struct od_str name)
{
    for (unsigned i = 0; i < OD_LEN(TABLE); i++)
        if (name.n && TABLE[i].name[0] == name.p[0] && od_str_eq_c(name, TABLE[i].name))
            return (int)i;
    return -1;
}

bool feel_arg_int(const struct feel_value *v, int64_t *ret) { return v->kind == FEEL_NUMBER && od_decimal_to_i64(v->number, ret); }

static bool is_kind(int arg, const struct feel_value *v)
{
    switch (arg) {
    case ARG_ANY: return true;
    case ARG_BOOLEAN: return v->kind == FEEL_BOOLEAN;
    case ARG_NUMBER: return v->kind == FEEL_NUMBER;
    case ARG_STRING: return v->kind == FEEL_STRING;
    case ARG_LIST: return v->kind == FEEL_LIST;
    case ARG_CONTEXT: return v->kind == FEEL_CONTEXT;
    case ARG_RANGE: return v->kind == FEEL_RANGE;
    case ARG_FUNCTION: return v->kind == FEEL_FUNCTION;
    case ARG_DATE: return v->kind == FEEL_DATE || v->kind == FEEL_DATE_TIME;
    case ARG_POINT: return v->kind == FEEL_RANGE || (v->kind >= FEEL_NUMBER && v->kind <= FEEL_MONTHS_DURATION);
    default: return false;
    }
}

/* §10.3.2.9.4: to and from a list of one. */
static bool fit(struct feel_run *run, int arg, const struct feel_value *v, struct feel_value *ret)
{
    bool nullable = arg & ARG_NULLABLE;
    *ret = *v;
    arg &= ~ARG_NULLABLE;
    if (v->kind == FEEL_NULL)
        return nullable || arg == ARG_ANY;
    if (is_kind(arg, v))
        return true;
    if (arg == ARG_LIST) {
        struct feel_vec vec = {0};
        if (feel_vec_add(run, &vec, v))
            *ret = feel_vec_list(run, &vec);
        return ret->kind == FEEL_LIST;
    }
    if (v->kind == FEEL_LIST && v->list->n == 1 && is_kind(arg, &v->list->items[0])) {
        *ret = v->list->items[0];
        return true;
    }
    return false;
}

static struct feel_value pack(struct feel_run *run, const struct feel_value *args, unsigned n)
{
    struct feel_vec vec = {0};
    for (unsigned i = 0; i < n; i++)
        if (!feel_vec_add(run, &vec, &args[i]))
            return FEEL_NULL_VALUE;
    return feel_vec_list(run, &vec);
}

/* Puts the call's arguments into the row's order; false where names or number do not fit. */
static bool arrange(struct feel_run *run, const struct feel_builtin *row, const struct feel_value *args, const struct od_str *names,
                    unsigned n, struct feel_value *ordered)
{
    memset(ordered, 0, FEEL_PARAMS_MAX * sizeof *ordered);
    if (names) {
        unsigned given = 0;
        for (unsigned k = 0; k < n; k++) {
            unsigned i = 0;
            while (i < row->n_params && !od_str_eq_c(names[k], row->params[i].name))
                i++;
            if (i == row->n_params || given >> i & 1)
                return false;
            ordered[i] = row->spread == SPREAD_TAIL && i == 1 ? pack(run, &args[k], 1) : args[k];
            given |= 1u << i;
        }
        if (row->spread == SPREAD_TAIL && !(given & 2))
            ordered[1] = pack(run, NULL, 0);
        return n > 0; /* §10.3.2.13.5: what is not given is null */
    }
    if (n < row->n_required || (n > row->n_params && row->spread == SPREAD_NO))
        return false;
    if (row->spread == SPREAD_ALL)
        ordered[0] = n == 1 ? args[0] : pack(run, args, n);
    else if (row->spread == SPREAD_TAIL)
        ordered[0] = args[0], ordered[1] = pack(run, args + 1, n - 1);
    else if (n)
        memcpy(ordered, args, n * sizeof *args);
    return true;
}

struct feel_value feel_builtin_call(struct feel_run *run, unsigned first, const struct feel_value *args, const struct od_str *names,
                                    unsigned n)
{
    bool arranged = false;
    struct od_str name = feel_builtin_name(first);
    const struct feel_value *null_arg = NULL;
    if (!feel_run_charge(run, 1))
        return FEEL_NULL_VALUE;
    for (unsigned r = first; r < OD_LEN(TABLE) && od_str_eq_c(name, TABLE[r].name); r++) {
        struct feel_value ordered[FEEL_PARAMS_MAX], fitting[FEEL_PARAMS_MAX];
        bool fits = arrange(run, &TABLE[r], args, names, n, ordered);
        arranged |= fits;
        for (unsigned i = 0; fits && i < TABLE[r].n_params; i++) {
            bool absent = i >= TABLE[r].n_required && ordered[i].kind == FEEL_NULL;
            fitting[i] = ordered[i];
            fits = absent || fit(run, TABLE[r].params[i].arg, &ordered[i], &fitting[i]);
        }
        if (fits)
            return TABLE[r].fn(run, fitting, n);
    }
    for (unsigned i = 0; i < n && !null_arg; i++)
        null_arg = args[i].kind == FEEL_NULL && args[i].fault ? &args[i] : NULL;
    if (null_arg)
        return *null_arg;
    return feel_run_fail(run, arranged ? "%s: an argument is of the wrong kind" : "%s: the arguments do not fit its parameters", name);
}
