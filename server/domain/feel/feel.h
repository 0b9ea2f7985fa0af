/* SPDX-License-Identifier: Apache-2.0
 * FEEL, the one expression language (DMN 1.5 §10): a text is parsed once into an immutable program and evaluated many times,
 * on any thread. No I/O, no clock: `now` is an argument. An error inside an expression is a null that knows why
 * (struct feel_fault); only a reached bound ends an evaluation with a status. */
#ifndef OD_FEEL_H
#define OD_FEEL_H

#include "server/domain/feel/value.h"

struct feel_program;
struct feel_type;
struct feel_call;

/* --- parsing -------------------------------------------------------------------------------------------------------- */

enum feel_grammar {
    FEEL_EXPRESSION,
    FEEL_UNARY_TESTS, /* a decision table's cell: tests of `?` (§10.3.1.2, grammar rules 13-15) */
};

struct feel_named_type {
    struct od_str name;
    const struct feel_type *type;
};

/* A function that the host offers beside the built-in ones, such as due(calendar, start, duration). It gets one argument
 * per parameter, in their order however the call named them; what a call leaves out is null. Its result must live in
 * feel_call_arena(call) or longer. */
typedef struct feel_value (*feel_host_fn)(struct feel_call *call, void *opaque, const struct feel_value *args, unsigned n);

struct feel_host_function {
    const char *name;
    const char *const *params;
    unsigned n_params, n_required;
    feel_host_fn fn;
    void *opaque;
};

struct feel_host {
    const struct feel_host_function *functions;
    size_t n;
};

/* What is known when a text is parsed. All of it is optional: an unknown name is taken as the run of words up to the next
 * operator or keyword and looked up at evaluation; only names that hold operators or keywords must be known. */
struct feel_scope {
    const struct od_str *names;   /* of variables: "Monthly Salary"; found soonest where env->vars has them in this order */
    size_t n_names;
    const struct od_str *members; /* of contexts that variables hold: what may follow a dot or stand in a filter */
    size_t n_members;
    const struct feel_named_type *types; /* for `instance of` and typed parameters, beside the built-in ones */
    size_t n_types;
    const struct feel_host *host;
};

/* Parses all of text. The program lies in arena, keeps nothing of scope but the types and the host, and lives as long as
 * they do. OD_R_FEEL_SYNTAX with line and column; OD_R_FEEL_TOO_DEEP; OD_R_MEMORY_LIMIT. */
enum od_status feel_parse(struct od_str text, enum feel_grammar grammar, const struct feel_scope *scope, struct od_arena *arena,
                          const struct feel_program **ret_program, struct od_err *err);

struct od_str feel_program_text(const struct feel_program *p);

/* The names that the program takes from outside, each once, in the order of their first use: what must be there before it
 * can be evaluated, and what a change must concern for a second look to be worth it. */
const struct od_str *feel_program_inputs(const struct feel_program *p, size_t *ret_n);

/* --- evaluating ----------------------------------------------------------------------------------------------------- */

struct feel_limits {
    uint64_t steps; /* nodes visited and items touched by built-in functions */
    unsigned depth; /* nested evaluations: of the tree and of functions that call functions; 1,500 take up to 2 MiB of stack */
};
#define FEEL_LIMITS_DEFAULT ((struct feel_limits){.steps = 1000000, .depth = 1500})

struct feel_env {
    const struct feel_context *vars; /* may be NULL */
    /* Asked for what vars does not have; may be NULL. */
    bool (*lookup)(void *opaque, struct od_str name, struct feel_value *ret);
    void *opaque;
    const struct feel_host *host;
    int64_t now_us;
    const struct od_zone *zone;       /* of now(), today() and of what has no zone; NULL is UTC */
    const struct feel_limits *limits; /* NULL: FEEL_LIMITS_DEFAULT */
};

/* Evaluates into arena, whose cap bounds the memory. OD_R_FEEL_STEPS, OD_R_FEEL_DEPTH, OD_R_MEMORY_LIMIT; otherwise OD_OK,
 * and *ret_value, which may be a null with its fault. */
enum od_status feel_eval(const struct feel_program *p, const struct feel_env *env, struct od_arena *arena,
                         struct feel_value *ret_value, struct od_err *err);

/* Unary tests (or an expression) against an input, which is `?`: gives true, false, or null with its fault. */
enum od_status feel_test(const struct feel_program *p, const struct feel_env *env, const struct feel_value *input,
                         struct od_arena *arena, struct feel_value *ret_value, struct od_err *err);

/* "line 1, column 5: there is no name amount"; "" where the null has no fault or v is not null. Always terminates; returns out. */
const char *feel_fault_text(const struct feel_value *v, char *out, size_t n);

/* --- for functions of the host -------------------------------------------------------------------------------------- */

struct od_arena *feel_call_arena(struct feel_call *call);
const struct feel_env *feel_call_env(struct feel_call *call);
/* A null with its reason, at the call's position. why must live as long as the result: a literal; %s in it is subject. */
struct feel_value feel_call_fail(struct feel_call *call, const char *why, struct od_str subject);

/* --- operations of the language, for hosts ---------------------------------------------------------------------------- */

enum feel_truth { FEEL_FALSE, FEEL_TRUE, FEEL_UNKNOWN };
enum feel_truth feel_equal(const struct feel_value *a, const struct feel_value *b); /* `=`; UNKNOWN: not comparable */
/* -1, 0, 1 into *ret_order; false where the two have no order (table 54). */
bool feel_compare(const struct feel_value *a, const struct feel_value *b, int *ret_order);

/* The texts of duration("…"), date("…"), time("…"), date and time("…"); null where it is none. */
struct feel_value feel_temporal_parse(struct od_str s, enum feel_kind kind);
/* What follows @: whichever of them it is. */
struct feel_value feel_at_literal(struct od_str s);

#endif
