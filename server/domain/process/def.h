/* SPDX-License-Identifier: Apache-2.0
 * A process definition: what is executed, compiled once from the model and read-only from then on. Elements are indexes; node 0
 * is the process itself, and the descendants of a node are the nodes up to its `end`. Any thread may run it. */
#ifndef PROCESS_DEF_H
#define PROCESS_DEF_H

#include "server/domain/feel/feel.h"
#include "server/domain/process/lint.h"

#define DEF_NONE UINT32_MAX

enum node_kind {
#define N(sym, name, enter, resume, flags) NODE_##sym,
#include "server/domain/process/nodes.def"
#undef N
    NODE_KINDS
};

/* What a kind can do; columns of nodes.def. */
enum node_trait {
    NODE_SCOPE = 1,    /* holds other nodes and their tokens */
    NODE_ACTIVITY = 2, /* has boundary events, loops, compensation */
    NODE_WAITS = 4,    /* a token may rest on it */
    NODE_JOINS = 8,    /* arrived tokens may rest in front of it */
};

enum trigger_kind {
    TRIGGER_MESSAGE,
    TRIGGER_TIMER,
    TRIGGER_SIGNAL,
    TRIGGER_CONDITION,
    TRIGGER_ERROR,
    TRIGGER_ESCALATION,
    TRIGGER_COMPENSATION,
    TRIGGER_LINK,
    TRIGGER_TERMINATE,
    TRIGGER_CANCEL,
    TRIGGER_KINDS
};

enum timer_kind { TIMER_DATE, TIMER_DURATION, TIMER_CYCLE };

struct def_trigger {
    uint8_t kind;        /* enum trigger_kind */
    uint8_t timer;       /* enum timer_kind */
    bool any;            /* an error or escalation without code: catches all */
    bool external;       /* fired by name from outside only: simulation of what the model leaves open */
    bool wait;           /* compensation: waitForCompletion */
    bool follows;        /* message: the key follows the data of the process while it is awaited (8.4.2) */
    uint32_t expr;       /* time or condition */
    uint32_t key;        /* correlation key of a message */
    uint32_t activity;   /* compensation: the one activity, or DEF_NONE */
    struct od_str name;  /* of message and signal; code of error and escalation; name of link */
    struct od_str result; /* variable of the code of an error or escalation that is caught */
};

enum loop_kind { LOOP_NONE, LOOP_STANDARD, LOOP_SEQUENTIAL, LOOP_PARALLEL };
enum loop_behavior { BEHAVIOR_ALL, BEHAVIOR_ONE, BEHAVIOR_NONE, BEHAVIOR_COMPLEX };

struct def_behavior { /* complexBehaviorDefinition: throw when the condition holds */
    uint32_t condition, trigger;
};

struct def_loop {
    uint8_t kind;           /* enum loop_kind */
    uint8_t behavior;       /* enum loop_behavior */
    bool test_before;
    uint32_t condition;     /* loopCondition or completionCondition */
    uint32_t cardinality;   /* expression */
    uint32_t collection;    /* expression */
    uint32_t maximum;       /* of a standard loop; DEF_NONE = none */
    uint32_t behavior_trigger;
    uint32_t first_behavior, n_behaviors;
    uint32_t output;        /* expression of one instance's result */
    struct od_str element;  /* variable of one item */
    struct od_str results;  /* variable that collects the outputs */
};

struct def_mapping { /* input: from outside to the activity's own scope; output: back */
    bool output;
    bool if_set;          /* a data association: copies what is there, and nothing else */
    uint32_t expr;        /* DEF_NONE: declares the variable, null if it is not there */
    struct od_str target;
};

/* A setting of a task that travels in its effect: "assignee", "dueDate", "type", "retries"... */
struct def_setting {
    struct od_str name;
    uint32_t expr;        /* DEF_NONE: text is meant */
    struct od_str text;
};

struct def_field { /* of a task's form */
    struct od_str id, label, type, pattern, default_value;
    bool required;
    bool has_min, has_max;
    int64_t min, max;     /* of the value, or of the length for a string */
};

struct def_node {
    uint8_t kind;             /* enum node_kind */
    bool interrupting;        /* boundary and event sub-process start */
    bool instantiates;
    bool parallel_multiple;
    bool for_compensation;
    bool event_sub_process;
    bool transaction;
    bool sequential;          /* ad-hoc ordering */
    bool cancel_remaining;
    bool implicit_start;      /* starts with its scope though it is no start event: nothing leads to it */
    uint32_t parent, end;     /* scope; first node behind the descendants */
    uint32_t line;
    uint32_t first_in, n_in, first_out, n_out; /* into def.in and def.out */
    uint32_t default_flow;
    uint32_t first_trigger, n_triggers;
    uint32_t first_boundary, n_boundaries;     /* into def.attached */
    uint32_t first_event_sub, n_event_subs;    /* into def.event_subs: start events of the event sub-processes */
    uint32_t first_start, n_starts;            /* into def.starts: where a token is born when the scope starts */
    uint32_t first_mapping, n_mappings;
    uint32_t first_setting, n_settings;
    uint32_t first_field, n_fields;
    uint32_t loop;            /* into def.loops */
    uint32_t expr;            /* script, activationCondition, completionCondition of an ad-hoc sub-process */
    uint32_t handler;         /* activity that compensates this one */
    uint32_t host;            /* activity of a boundary event */
    uint32_t link_target;     /* of a throwing link event */
    uint32_t start_quantity, completion_quantity;
    uint32_t join;            /* into def.joins: reachability of an inclusive or complex gateway */
    struct od_str id, name;
    struct od_str result;     /* variable of a script's or decision's result; called element; decision */
    struct od_str called;
};

struct def_flow {
    uint32_t from, to;
    uint32_t condition;
    bool open_condition;      /* simulation: whether it is taken is decided outside */
    struct od_str id;
    uint32_t line;
};

/* For one gateway: per incoming flow the nodes that can still put a token on it without passing the gateway: by whatever may
 * happen (reach), and by sequence flows and links alone, as the standard draws paths (path). */
struct def_join {
    uint32_t node;
    uint64_t *reach, *path;   /* n_in rows of def.words words each */
};

enum expr_form { EXPR_FEEL, EXPR_TEXT };

struct def_expr {
    uint8_t form;             /* enum expr_form */
    struct od_str text;
    const struct feel_program *program;
};

enum def_profile { DEF_DEPLOY, DEF_SIMULATE };

struct def {
    uint8_t profile;          /* enum def_profile */
    struct def_node *nodes;
    uint32_t n_nodes, words;  /* words of a set of nodes */
    struct def_flow *flows;
    uint32_t n_flows;
    uint32_t *in, *out, *attached, *event_subs, *starts;
    uint32_t n_in, n_out, n_attached, n_event_subs, n_starts;
    struct def_trigger *triggers;
    uint32_t n_triggers;
    bool follows;             /* one of them does; not in the bytes */
    struct def_loop *loops;
    uint32_t n_loops;
    struct def_behavior *behaviors;
    uint32_t n_behaviors;
    struct def_mapping *mappings;
    uint32_t n_mappings;
    struct def_setting *settings;
    uint32_t n_settings;
    struct def_field *fields;
    uint32_t n_fields;
    struct def_join *joins;
    uint32_t n_joins;
    struct def_expr *exprs;
    uint32_t n_exprs;
};

/* Compiles one process, or a global script task, of a model. What cannot be executed is a finding in the report, all of them
 * and not the first alone; the definition is NULL then. Everything lies in the arena, which also keeps the model's texts. */
enum od_status def_compile(const struct model *m, const struct xml_node *process, enum def_profile profile,
                           const struct feel_host *host, struct od_arena *arena, struct lint_report *report,
                           const struct def **ret_def, struct od_err *err);

/* Compact bytes with a version, and back; expressions travel as text and are parsed again. OD_R_STATE_VERSION, OD_R_STATE_BROKEN. */
void def_encode(const struct def *d, struct od_buf *out);
enum od_status def_decode(struct od_str bytes, const struct feel_host *host, struct od_arena *arena, const struct def **ret_def,
                          struct od_err *err);

uint32_t def_node_by_id(const struct def *d, struct od_str id); /* DEF_NONE */
uint32_t def_flow_by_id(const struct def *d, struct od_str id);
bool def_has(const struct def *d, uint32_t node, enum node_trait trait);
static inline const struct def_trigger *def_trigger(const struct def *d, uint32_t node, uint32_t i)
{
    return &d->triggers[d->nodes[node].first_trigger + i];
}
/* The node is the scope or lies in it. */
static inline bool def_inside(const struct def *d, uint32_t scope, uint32_t node)
{
    return node >= scope && node < d->nodes[scope].end;
}

#endif
