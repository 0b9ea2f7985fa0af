/* SPDX-License-Identifier: Apache-2.0
 * A compiled model: elements, their logic, its types. Read-only once compiled. Internal to server/domain/dmn.
 *
 *   dmn_xml.c    text -> tree
 *   index.c      texts found by binary search
 *   compile.c    a model, its imports
 *   elements.c   elements and what they require
 *   vocabulary.c the standard's elements
 *   report.c     findings, memory, names in scope
 *   types.c      item definitions
 *   boxed.c      boxed expressions, their scopes
 *   table.c      decision tables: compiling
 *   evaluate.c   decisions, functions, services
 *   logic.c      boxed expressions: evaluating
 *   decide.c     decision tables: matching, hit policies */
#ifndef OD_DMN_MODEL_H
#define OD_DMN_MODEL_H

#include "server/domain/dmn/dmn.h"
#include "server/domain/dmn/index.h"
#include "server/domain/feel/run.h"
#include "server/domain/feel/simple.h"

enum logic_kind {
    LOGIC_LITERAL,
    LOGIC_CONTEXT,
    LOGIC_LIST,
    LOGIC_RELATION,
    LOGIC_INVOCATION,
    LOGIC_FUNCTION,
    LOGIC_TABLE,
    LOGIC_CONDITIONAL,
    LOGIC_FOR,
    LOGIC_SOME,
    LOGIC_EVERY,
    LOGIC_FILTER,
    LOGIC_BROKEN, /* why: what could not be compiled answers null */
};

/* One part of a boxed expression: an entry of a context, an item, a binding, a column's cell. */
struct logic_part {
    struct od_str name; /* empty: the context's result */
    const struct feel_type *type;
    const struct logic *logic;
};

struct logic {
    uint8_t kind; /* enum logic_kind */
    unsigned line;
    struct od_str id;
    const struct feel_type *type; /* its own typeRef; NULL: any */
    const struct feel_program *program;
    const char *why;
    unsigned n, columns;                  /* parts; columns of a relation */
    const struct logic_part *parts;
    const struct feel_param *params;      /* LOGIC_FUNCTION, n of them */
    const struct logic *a, *b, *c;        /* condition, then, else; callee; function body; b: body (its domain is the one part) */
    struct od_str name;                   /* iterator variable */
    const struct table *table;
};

/* --- decision tables --------------------------------------------------------------------------------------------------- */

enum hit_policy { HIT_UNIQUE, HIT_FIRST, HIT_PRIORITY, HIT_ANY, HIT_COLLECT, HIT_RULE_ORDER, HIT_OUTPUT_ORDER };
enum aggregation { AGGREGATE_NONE, AGGREGATE_SUM, AGGREGATE_MIN, AGGREGATE_MAX, AGGREGATE_COUNT };

/* Cells of one column with the same text are one test, done once per decision. */
struct cell {
    const struct feel_program *program; /* NULL: any value, or why */
    const struct feel_simple *simple;   /* the same test without the evaluator; NULL where it needs it */
    const char *why;                    /* the test is broken: it never holds */
};

struct table_input {
    const struct feel_program *expression;
    const char *why;                 /* the expression is broken */
    const struct feel_type *type;
    const struct feel_program *allowed;
    unsigned n_cells;
    struct cell *cells;              /* distinct ones */
};

struct table_output {
    struct od_str name;
    const struct feel_type *type;
    const struct feel_program *allowed; /* output values */
    unsigned n_values;                  /* of them or else of the type, in the order of priority */
    const struct feel_program *const *values;
    const struct logic *otherwise;      /* default output entry */
};

struct table_rule {
    unsigned *cells;                    /* one per input: index of its distinct test */
    const struct logic **outputs;
    struct od_str id;
};

struct table {
    struct od_str id;
    enum hit_policy policy;
    enum aggregation aggregation;
    unsigned n_inputs, n_outputs, n_rules;
    struct table_input *inputs;
    struct od_str *input_names;         /* the expressions' texts */
    struct table_output *outputs;
    struct table_rule *rules;
};

/* --- elements ---------------------------------------------------------------------------------------------------------- */

/* A reference to an element of this model (import < 0) or of an imported one. */
struct element_ref {
    int import;
    unsigned index;
};

struct element {
    enum dmn_kind kind;
    struct od_str name, id; /* name: of its variable, white space collapsed */
    struct od_str title;    /* its own name, where that is another; else empty */
    unsigned line;
    const struct feel_type *type;
    const struct logic *logic; /* decision; of knowledge: its function */
    unsigned n_requires;
    const struct element_ref *requires;
    /* service: parameters (input data, then input decisions) and outputs */
    unsigned n_params, n_outputs;
    const struct element_ref *params, *outputs;
    const struct feel_param *param_names;
    const struct dmn_xml_node *node; /* while compiling */
};

struct import {
    struct od_str name, name_space;
    struct dmn_model *model;
};

struct dmn_model {
    struct od_arena arena;
    struct od_str name, name_space;
    unsigned n_elements, n_imports, n_types, n_members;
    struct element *elements;
    struct import *imports;
    struct feel_named_type *types; /* its own, then those of imported models by their qualified names */
    struct dmn_index ids;          /* of elements */
    struct dmn_index type_names;
    struct od_str *members;
    const struct feel_host *host;
    struct dmn_model *next; /* the models that came with the one that was asked for, which owns them */
};

#endif
