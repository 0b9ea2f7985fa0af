/* SPDX-License-Identifier: Apache-2.0
 * Inside of step(): what its files share. One run lives as long as one step. A function that fails sets run.status and does
 * nothing more; an incident is no failure, it parks one item. */
#ifndef PROCESS_ENGINE_H
#define PROCESS_ENGINE_H

#include "server/domain/process/step.h"

struct run {
    const struct def *d;
    struct state *s;
    const struct process_env *env;
    struct process_effects *fx;
    struct od_err *err;
    enum od_status status;
    bool changed;          /* variables changed: conditions are to be looked at */
    bool ad_hoc_due;       /* and those of ad-hoc sub-processes that rest, when all else is done */
};

static inline struct item *at(const struct run *r, uint32_t slot) { return &r->s->items[slot]; }
static inline const struct def_node *node_of(const struct run *r, uint32_t slot) { return &r->d->nodes[at(r, slot)->node]; }
static inline bool ok(const struct run *r) { return r->status == OD_OK; }

/* --- effects (effects.c) */
struct process_effect *effect(struct run *r, enum process_effect_kind kind, uint64_t key, uint32_t node);
void effect_history(struct run *r, enum process_effect_kind kind, uint32_t slot); /* only if the host wants it */
struct od_str effect_text(struct run *r, struct od_str s);                 /* copied into the effects' arena */

/* --- items (item.c) */
uint32_t spawn(struct run *r, enum item_kind kind, uint32_t node, uint32_t parent); /* SLOT_NONE: run.status is set */
void drop(struct run *r, uint32_t slot);          /* the item alone, with its variables and subscriptions; no children */
void terminate(struct run *r, uint32_t slot);     /* the item and all below it; the outside is told */
void terminate_children(struct run *r, uint32_t scope, bool keep_records);
void scope_check(struct run *r, uint32_t scope);  /* completes it if nothing keeps it alive */
void incident(struct run *r, uint32_t slot, enum item_phase retry_from, const char *fmt, ...) od_printf(4, 5);
void limit(struct run *r, const char *what, unsigned max);
void *run_array(struct run *r, struct od_arena *arena, size_t n, size_t size); /* one more than n; NULL: run.status is set */
void token_born(struct run *r, uint32_t scope, uint32_t node);
void token_on(struct run *r, uint32_t scope, uint32_t flow);
void close_outside(struct run *r, uint32_t slot);
void resolve(struct run *r, uint32_t slot);       /* its incident is over */

/* --- expressions and variables (expr.c) */
struct special { /* names that are there for one evaluation */
    struct od_str name;
    struct feel_value value;
};
bool expr_eval(struct run *r, uint32_t slot, uint32_t expr, const struct special *special, size_t n, struct feel_value *ret, char *why,
               size_t n_why);
/* True, false, or neither: then why says so. A null is not false. */
bool expr_truth(struct run *r, uint32_t slot, uint32_t expr, const struct special *special, size_t n, bool *ret, char *why, size_t n_why);
struct od_str value_text(struct run *r, const struct feel_value *v);   /* typed JSON in the scratch arena */
struct od_str value_plain(struct run *r, const struct feel_value *v);  /* a string as it is, anything else as FEEL prints it */
void var_set(struct run *r, uint32_t slot, struct od_str name, struct od_str value);     /* here */
void var_assign(struct run *r, uint32_t slot, struct od_str name, struct od_str value);  /* where it is, else at the root */
void vars_from(struct run *r, uint32_t slot, const struct process_event *e, bool local);
bool mappings_in(struct run *r, uint32_t slot);   /* false: incident */
bool mappings_out(struct run *r, uint32_t slot);

/* --- flows (flow.c) */
void leave(struct run *r, uint32_t slot);         /* the item goes, tokens on its outgoing flows come */
void gateway_leave(struct run *r, uint32_t slot, const bool *take);

/* --- activities and loops (activity.c, loop.c) */
void activity_enter(struct run *r, uint32_t slot);
void activity_begin(struct run *r, uint32_t slot);  /* one instance */
void activity_done(struct run *r, uint32_t slot);
void loop_begin(struct run *r, uint32_t slot);
void loop_enter(struct run *r, uint32_t slot);
void loop_judge(struct run *r, uint32_t slot);      /* an instance is done: is that all */
void loop_turn(struct run *r, uint32_t slot);
void loop_instance_done(struct run *r, uint32_t loop, uint32_t instance);

/* --- waiting for events (subscribe.c, deliver.c) */
bool subscribe(struct run *r, uint32_t slot, uint32_t event_node);
void unsubscribe_one(struct run *r, uint32_t sub); /* the outside is told, as by those below */
void unsubscribe(struct run *r, uint32_t slot);
void unsubscribe_node(struct run *r, uint32_t slot, uint32_t event_node);
bool subscribe_event_subs(struct run *r, uint32_t scope); /* to the starts of its event sub-processes; false: to none, incident */
void unsubscribe_event_subs(struct run *r, uint32_t scope);
bool timer_due(struct run *r, uint32_t slot, const struct def_trigger *t, struct sub *u, char *why, size_t n_why);
void timer_next(struct run *r, uint32_t sub, uint32_t remaining); /* of a cycle */
void fire(struct run *r, uint32_t sub, const struct process_event *e);
void boundary_fire(struct run *r, uint32_t host, uint32_t event_node, const struct process_event *e, bool interrupting);
void event_sub_fire(struct run *r, uint32_t scope, uint32_t start_node, const struct process_event *e);
void deliver_signal(struct run *r, struct od_str name, const struct process_event *e);
void key_look(struct run *r, uint32_t sub);         /* of a message that is awaited, after variables have changed */
void conditions_look(struct run *r);

/* --- throwing (throw.c, compensation.c) */
void throw_error(struct run *r, uint32_t from, struct od_str code, const struct process_event *e);
void throw_escalation(struct run *r, uint32_t from, struct od_str code, const struct process_event *e);
bool send_message(struct run *r, uint32_t slot, const struct def_trigger *t); /* false: incident */
void throw_trigger(struct run *r, uint32_t slot, uint32_t trigger); /* one definition of a throwing event */
bool compensate(struct run *r, uint32_t thrower, uint32_t activity, bool wait); /* true: the thrower waits */
void compensation_turn(struct run *r, uint32_t slot);
void cancel_transaction(struct run *r, uint32_t thrower);
void record(struct run *r, uint32_t slot);          /* a completed activity becomes a record, or goes */

/* --- joins (join.c) */
bool joins_settle(struct run *r);                   /* when all else rests: an inclusive or complex gateway that may go on does */

/* --- kinds (node_*.c) */
#define N(sym, name, enter, resume, flags) void enter(struct run *r, uint32_t slot);
#include "server/domain/process/nodes.def"
#undef N
void node_scope_done(struct run *r, uint32_t slot);
void node_ad_hoc_done(struct run *r, uint32_t slot);
void node_task_done(struct run *r, uint32_t slot);
void node_catch_done(struct run *r, uint32_t slot);
void node_throw_done(struct run *r, uint32_t slot);
void node_ad_hoc_look(struct run *r, uint32_t scope); /* something in it is done */
bool ad_hoc_settle(struct run *r);                    /* asks those that rest for their conditions again; true: one has its turn */
void node_event_gateway_start(struct run *r, uint32_t scope, uint32_t event_node);

#endif
