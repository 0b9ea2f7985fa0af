/* SPDX-License-Identifier: Apache-2.0
 * A parsed text: a tree of nodes in one arena, read-only from then on. Internal to server/domain/feel. */
#ifndef OD_FEEL_PROGRAM_H
#define OD_FEEL_PROGRAM_H

#include "server/domain/feel/feel.h"
#include "server/domain/feel/run.h"

enum feel_op {
    FN_CONST,       /* value */
    FN_NAME,        /* name; n: its place among the scope's names, where env->vars is looked at first */
    FN_BUILTIN,     /* builtin: the function itself, or what is called */
    FN_LIST,        /* items */
    FN_CONTEXT,     /* items, names */
    FN_RANGE,       /* a, b; FLAG_OPEN_* */
    FN_TEST,        /* a: `<= a` and the like; cmp */
    FN_PATH,        /* a, name */
    FN_FILTER,      /* a, b */
    FN_CALL,        /* a is called with items; names where they are named */
    FN_FUNCTION,    /* fn */
    FN_IF,          /* a, b, c */
    FN_FOR,         /* items (domains), names, a = body */
    FN_SOME,
    FN_EVERY,
    FN_AND,         /* a, b; so on */
    FN_OR,
    FN_COMPARE,     /* a, b, cmp */
    FN_BETWEEN,     /* a, b, c */
    FN_IN,          /* a, items */
    FN_INSTANCE,    /* a, type (NULL: not known), name */
    FN_ADD,
    FN_SUB,
    FN_MUL,
    FN_DIV,
    FN_EXP,
    FN_NEG,         /* a */
    FN_TESTS,       /* items; FLAG_NOT; none at all: `-` */
};

enum feel_cmp { FEEL_EQ, FEEL_NE, FEEL_LT, FEEL_LE, FEEL_GT, FEEL_GE };

enum {
    FLAG_OPEN_START = 1,
    FLAG_OPEN_END = 2,
    FLAG_CAPTURES = 4, /* the body makes functions, so its frames must outlive the iteration */
    FLAG_PARTIAL = 8,  /* the body of a `for` names `partial` */
    FLAG_NOT = 16,
    FLAG_INPUT = 32,   /* names `?` somewhere within */
};

struct feel_node {
    uint8_t op;
    uint8_t flags;
    uint8_t cmp;
    uint16_t depth;   /* of the tree below, for the limit */
    uint16_t builtin; /* FN_BUILTIN: first row of that name */
    uint32_t at;      /* byte offset in the text */
    uint32_t n;       /* items */
    union {
        struct feel_value value;
        struct {
            const struct feel_node *a, *b, *c;
        };
    };
    union {
        struct od_str name;
        struct {
            const struct feel_node *const *items;
            const struct od_str *names;
        };
        struct {
            const struct feel_param *params; /* FN_FUNCTION: n of them; a = body */
            const struct feel_type *type;    /* FN_INSTANCE; FN_FUNCTION: of its result, where the text tells */
        };
    };
};

struct feel_program {
    struct od_str text;
    const struct feel_node *root;
    const struct od_str *inputs;
    size_t n_inputs;
};

#endif
