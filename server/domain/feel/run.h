/* SPDX-License-Identifier: Apache-2.0
 * One evaluation under way: its arena, its bounds, its environment. For this folder and for server/domain/dmn, which
 * evaluates many programs within one set of bounds. A run belongs to one thread. */
#ifndef OD_FEEL_RUN_H
#define OD_FEEL_RUN_H

#include "server/domain/feel/feel.h"
#include "server/domain/feel/type.h"

/* Names with values; looked up from the innermost outwards, and then in the environment. */
struct feel_frame {
    const struct feel_frame *outer;
    struct feel_entry *entries;
    size_t n;
};

struct feel_run {
    struct od_arena *arena;
    const struct feel_env *env;
    const struct feel_program *program; /* whose node is being visited */
    uint64_t steps_left; /* 0 when the run is stopped */
    unsigned depth;
    struct feel_limits limits;
    enum od_reason stopped; /* the bound that ended the run; everything gives null from then on */
    uint32_t at;            /* position of the call under way, for faults inside built-in functions */
};

struct feel_node;
struct feel_param {
    struct od_str name;
    const struct feel_type *type; /* NULL: any */
};

/* A function value. */
enum feel_function_kind { FEEL_FN_BUILTIN, FEEL_FN_USER, FEEL_FN_HOST, FEEL_FN_NATIVE };

/* A function whose body is C that needs the run: a BKM, a decision service. Gets one value per parameter. */
typedef struct feel_value (*feel_native_fn)(struct feel_run *run, const void *self, const struct feel_value *args, unsigned n);

struct feel_function {
    uint8_t kind; /* enum feel_function_kind */
    uint16_t builtin;
    unsigned n_params;
    const struct feel_param *params;
    const struct feel_node *body;
    const struct feel_program *program;
    const struct feel_frame *closure;
    const struct feel_host_function *host;
    feel_native_fn native;
    const void *self;
    struct od_str name;
    const struct feel_type *result; /* NULL: any */
};

/* The declared type of a function's parameter; NULL: any. */
const struct feel_type *feel_function_param_type(const struct feel_function *f, unsigned i);

static inline void feel_run_init(struct feel_run *run, const struct feel_env *env, struct od_arena *arena)
{
    static const struct feel_env nothing;
    *run = (struct feel_run){.arena = arena, .env = env ? env : &nothing, .limits = FEEL_LIMITS_DEFAULT};
    if (run->env->limits)
        run->limits = *run->env->limits;
    run->steps_left = run->limits.steps;
}
/* OD_OK, or the bound that was reached. */
enum od_status feel_run_status(const struct feel_run *run, struct od_err *err);

struct feel_value feel_run_program(struct feel_run *run, const struct feel_program *p, const struct feel_frame *frame);
/* Unary tests against an input: true, false or null. */
struct feel_value feel_run_test(struct feel_run *run, const struct feel_program *p, const struct feel_frame *frame,
                                const struct feel_value *input);
struct feel_value feel_run_call(struct feel_run *run, const struct feel_function *f, const struct feel_value *args, unsigned n);
/* By the names of parameters; names may be NULL. */
struct feel_value feel_run_call_named(struct feel_run *run, const struct feel_function *f, const struct feel_value *args,
                                      const struct od_str *names, unsigned n);
/* A built-in function by its name, which must be one. */
struct feel_value feel_run_builtin(struct feel_run *run, const char *name, const struct feel_value *args, unsigned n);

/* What an iteration or a filter runs over, as a list: a list itself, the steps of a range, any other value alone; null
 * with its reason for null. */
struct feel_value feel_run_items(struct feel_run *run, const struct feel_value *v);
struct feel_value feel_run_item(struct feel_run *run, const struct feel_list *l, const struct feel_value *index); /* l[index] */

/* What one step pays for where bytes of a string are read or entries of a context are searched. */
enum { FEEL_BYTES_PER_STEP = 64, FEEL_NAMES_PER_STEP = 64 };

/* Counts n steps; false when the run must end. */
bool feel_run_charge(struct feel_run *run, uint64_t n);
void feel_run_stop(struct feel_run *run, enum od_reason why);
static inline bool feel_run_over(const struct feel_run *run) { return run->stopped != OD_R_NONE; }

/* feel_equal(), whose visits are steps of the run. */
enum feel_truth feel_run_equal(struct feel_run *run, const struct feel_value *a, const struct feel_value *b);

/* Memory of the run; NULL ends it with OD_R_MEMORY_LIMIT. */
void *feel_run_alloc(struct feel_run *run, size_t n);
void *feel_run_array(struct feel_run *run, size_t n, size_t size);
#define FEEL_ARRAY(run, n, type) ((type *)feel_run_array((run), (n), sizeof(type)))

/* Null with its reason, at the position of the call under way. */
struct feel_value feel_run_fail(struct feel_run *run, const char *why, struct od_str subject);

/* A list that grows; an item that does not fit ends the run. */
struct feel_vec {
    struct feel_value *items;
    size_t n, cap;
};
bool feel_vec_add(struct feel_run *run, struct feel_vec *vec, const struct feel_value *v);
struct feel_value feel_vec_list(struct feel_run *run, const struct feel_vec *vec);

/* A buffer's contents as a string value of the run; null if the buffer failed. */
struct feel_value feel_run_string(struct feel_run *run, struct od_buf *b);

#endif
