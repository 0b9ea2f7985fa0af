/* SPDX-License-Identifier: Apache-2.0
 * The table of built-in functions (§10.3.4): one row each in builtins.def, one C function each in fn_<family>.c. Internal. */
#ifndef OD_FEEL_BUILTINS_H
#define OD_FEEL_BUILTINS_H

#include "server/domain/feel/run.h"

enum { FEEL_PARAMS_MAX = 8, FEEL_ARGS_MAX = 64, FEEL_CALL_ARGS_MAX = 10000 };

/* What a parameter takes. All but ANY refuse null; OPT_* take it. The kinds convert by §10.3.2.9.4: a list of one item
 * where an item is wanted, an item where a list is wanted. */
enum feel_arg {
    ARG_ANY,
    ARG_BOOLEAN,
    ARG_NUMBER,
    ARG_STRING,
    ARG_LIST,
    ARG_CONTEXT,
    ARG_RANGE,
    ARG_FUNCTION,
    ARG_DATE,     /* a date; of a date and time its date */
    ARG_POINT,    /* whatever can be compared, or a range */
    ARG_NULLABLE = 64, /* or-ed */
};
enum { OPT_NUMBER = ARG_NUMBER | ARG_NULLABLE, OPT_STRING = ARG_STRING | ARG_NULLABLE, OPT_FUNCTION = ARG_FUNCTION | ARG_NULLABLE };

struct feel_builtin_param {
    const char *name;
    int arg;
};

/* Gets n_params values, what the call left out being null; with `spread`, the first argument is the list of all. */
typedef struct feel_value (*feel_builtin_fn)(struct feel_run *run, const struct feel_value *args, unsigned n_given);

struct feel_builtin {
    const char *name;
    feel_builtin_fn fn;
    unsigned n_required;
    enum { SPREAD_NO, SPREAD_ALL, SPREAD_TAIL } spread; /* f(list) = f(a, b, …); f(list, a, b, …) */
    unsigned n_params;
    struct feel_builtin_param params[FEEL_PARAMS_MAX];
};

unsigned feel_builtin_count(void);
const struct feel_builtin *feel_builtin_row(unsigned i);
struct od_str feel_builtin_name(unsigned i);
int feel_builtin_find(struct od_str name); /* the first row of that name; -1 */

/* Calls one of the rows of that name: the first that the arguments fit. names is NULL for a positional call. */
struct feel_value feel_builtin_call(struct feel_run *run, unsigned first_row, const struct feel_value *args,
                                    const struct od_str *names, unsigned n);

/* Shared by the families. */
bool feel_arg_int(const struct feel_value *v, int64_t *ret); /* a number's integer part */

#define P(arg, name)
#define B(name, fn, required, spread, ...) struct feel_value fn(struct feel_run *run, const struct feel_value *args, unsigned n_given);
#include "server/domain/feel/builtins.def"
#undef B
#undef P

#endif
