/* SPDX-License-Identifier: Apache-2.0
 * step(definition, state, event, now) -> state', effects: the whole engine. No I/O, no clock, no random; the same input gives
 * the same bytes. What happens in the world is told as effects, what happened there comes back as events. */
#ifndef PROCESS_STEP_H
#define PROCESS_STEP_H

#include "server/domain/process/state.h"

struct process_var {
    struct od_str name, value; /* typed JSON */
};

enum process_event_kind {
    PROCESS_START,      /* a new instance; node: the start event that happened, DEF_NONE = the ones without trigger */
    PROCESS_CONTINUE,   /* go on after PROCESS_FX_CONTINUE */
    PROCESS_COMPLETE,   /* a task, job, call or decision (key) is done; vars are its results */
    PROCESS_ERROR,      /* it ends with a BPMN error: name is the code */
    PROCESS_ESCALATE,   /* it throws an escalation and goes on */
    PROCESS_FAIL,       /* it cannot be done: an incident with name as its reason */
    PROCESS_RETRY,      /* try again what ended in an incident (key) */
    PROCESS_TIMER,      /* a timer (key) is due */
    PROCESS_MESSAGE,    /* a message: to a subscription (key), or by name and correlation */
    PROCESS_SIGNAL,     /* a signal by name */
    PROCESS_TRIGGER,    /* simulation and repair: make the event (node, or key of its subscription) happen */
    PROCESS_VARIABLES,  /* somebody changed variables of the process, or of a scope (key) */
    PROCESS_ACTIVATE,   /* start an activity (node) of an ad-hoc sub-process (key) */
    PROCESS_CANCEL,     /* end the instance */
};

struct process_event {
    enum process_event_kind kind;
    uint64_t key;
    uint32_t node;
    struct od_str name;
    struct od_str correlation; /* typed JSON */
    const struct process_var *vars;
    size_t n_vars;
};

enum process_effect_kind {
    /* open until PROCESS_FX_CLOSE names the same key */
    PROCESS_FX_TASK,       /* work for people; values are its settings, evaluated */
    PROCESS_FX_JOB,        /* work for a program */
    PROCESS_FX_DECIDE,     /* a decision without a hook to make it at once */
    PROCESS_FX_CALL,       /* start an instance of `name`; values are its variables */
    PROCESS_FX_TIMER,      /* due_us */
    PROCESS_FX_MESSAGE,    /* waits for message `name` with correlation `text`; closed and told again where that changes */
    PROCESS_FX_SIGNAL,     /* waits for signal `name` */
    PROCESS_FX_CLOSE,
    /* told once */
    PROCESS_FX_SEND,       /* sends message `name` with correlation `text`; values are its data */
    PROCESS_FX_BROADCAST,  /* throws signal `name`; values are its data; this instance has got it already */
    PROCESS_FX_INCIDENT,   /* key is stuck; text is why */
    PROCESS_FX_RESOLVED,   /* the incident of key is over */
    PROCESS_FX_UNCAUGHT,   /* an error (or escalation: flow = 1) with code `name` that nothing caught */
    PROCESS_FX_CONTINUE,   /* more to do: call again with PROCESS_CONTINUE */
    PROCESS_FX_ENDED,      /* text: completed, terminated, failed, cancelled */
    /* history, if the host wants it */
    PROCESS_FX_ENTERED, PROCESS_FX_LEFT, PROCESS_FX_CANCELLED, PROCESS_FX_FLOW, PROCESS_FX_VARIABLE,
    PROCESS_FX_KINDS
};

struct process_effect {
    enum process_effect_kind kind;
    uint64_t key;
    uint32_t node, flow;
    int64_t due_us;
    struct od_str name, text;
    const struct process_var *values;
    size_t n_values;
};

struct process_effects {
    struct od_arena *arena; /* of names, texts and values */
    struct process_effect *list;
    size_t n, cap;
};
void process_effects_init(struct process_effects *fx, struct od_arena *arena);
void process_effects_clear(struct process_effects *fx); /* keeps the memory of the list; the arena is the caller's */
void process_effects_done(struct process_effects *fx);

struct process_env {
    int64_t now_us;
    const struct od_zone *zone;
    const struct feel_host *host;  /* due(calendar, start, duration) and the like */
    struct od_arena *scratch;      /* reset at every transition */
    bool history;
    unsigned max_transitions;      /* 0: OD_PROCESS_STEP_TRANSITIONS */
    /* Makes a decision at once: result is typed JSON in arena. NULL: told as PROCESS_FX_DECIDE. */
    enum od_status (*decide)(void *ctx, struct od_str decision, const struct process_var *vars, size_t n_vars, struct od_arena *arena,
                             struct od_str *ret_value, struct od_err *err);
    /* Simulation: which of the outgoing flows of a gateway are taken where the model does not say; a set of their positions. */
    uint64_t (*choose)(void *ctx, uint32_t node, uint32_t n_out, bool several);
    /* Simulation: does a task of this node wait for PROCESS_COMPLETE, or pass at once. */
    bool (*waits)(void *ctx, uint32_t node);
    void *ctx;
};

/* OD_R_NO_SUCH: the event is for something that is not there any more. OD_R_MESSAGE_MALFORMED: a variable without a proper name.
 * OD_R_LIMIT_EXCEEDED: a named bound of the instance. After another error than the first two the state is not to be used: the caller
 * keeps the bytes from before. */
enum od_status process_step(const struct def *d, struct state *s, const struct process_event *event, const struct process_env *env,
                            struct process_effects *fx, struct od_err *err);

/* The first subscription to this event, by its key; 0 if nothing waits for it. */
uint64_t process_waiting_for(const struct state *s, uint32_t node);
/* The newest task, job or call of a node that waits, by its key; 0 if none. */
uint64_t process_open_at(const struct state *s, uint32_t node);

#endif
