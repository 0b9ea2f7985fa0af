/* SPDX-License-Identifier: Apache-2.0
 * The state of one process instance: a tree of items (scopes, tokens, waits), their variables and subscriptions, and the queue
 * of what is to be done next. Changed by step() alone; owned by one thread at a time. Slots are the memory's business: whatever
 * leaves the process names items by their key. Nothing depends on the order of slots, so two states with the same history
 * have the same bytes. */
#ifndef PROCESS_STATE_H
#define PROCESS_STATE_H

#include "common/base/buf.h"
#include "server/domain/process/def.h"

#define SLOT_NONE UINT32_MAX

enum item_kind {
    ITEM_TOKEN,        /* on its way to a node, or waiting in front of it */
    ITEM_SCOPE,        /* an instance of a process, sub-process or event sub-process */
    ITEM_ACTIVITY,     /* an instance of a task */
    ITEM_EVENT,        /* rests on an event or event-based gateway */
    ITEM_LOOP,         /* around the instances of a looped activity */
    ITEM_COMPENSATION, /* runs the handlers of the records below it */
    ITEM_RECORD,       /* completed, can be compensated; keeps no scope alive */
    ITEM_GATE,         /* a complex gateway that has fired and waits for the rest (13.4.5); keeps no scope alive */
    ITEM_KINDS
};

/* What happens to an item when its turn in the queue comes; an incident stops it there, and a retry goes on from there. */
enum item_phase {
    PHASE_ARRIVING,    /* the token reaches the node */
    PHASE_ENTERED,     /* the node does its work */
    PHASE_WAITING,     /* for other tokens, people, workers, time; not in the queue */
    PHASE_COMPLETING,  /* what it waited for has come */
    PHASE_LEAVING,     /* conditions of the outgoing flows, then the tokens */
    PHASES
};

struct item {
    uint64_t key;                      /* of this instance, rising, never used again */
    uint64_t owner;                    /* compensation: who waits for it (0: nobody) */
    uint32_t node, flow;               /* flow: the token came by it, DEF_NONE = it was born here */
    uint32_t parent, first, last, next, prev;
    uint32_t queue_next, queue_prev;
    uint32_t first_var, first_sub;
    uint32_t n_live;                   /* children that keep it alive */
    uint32_t total, done;              /* of a loop; total = UINT32_MAX: no number */
    uint32_t started;                  /* of a loop: instances; of an ad-hoc sub-process: starts; of a throwing event: triggers;
                                        * of the process: the start event that happened, 0 = those without trigger; of a
                                        * complex gateway's token: 1 in the reset phase */
    uint8_t kind, phase;
    bool queued, incident;
    bool in_loop;                      /* its parent is its loop */
    bool interrupted;                  /* scope: an interrupting event sub-process took over */
    bool compensating;                 /* scope: completed before, now being compensated */
    bool cancelling;                   /* compensation: of a transaction that was cancelled */
    bool opened;                       /* the outside was told and must be told of the end */
    bool armed;                        /* its boundary events wait, or have happened */
};

struct var {
    struct od_str name, value;         /* value: typed JSON; both on the heap */
    uint32_t next;
};

struct sub {
    uint64_t key;
    uint32_t item;                     /* who waits: event, host of a boundary event, scope of an event sub-process */
    uint32_t node, trigger;            /* the event that would happen; index into def.triggers */
    uint32_t next;
    uint32_t remaining;                /* repetitions of a cycle; UINT32_MAX = no end */
    int64_t due_us;                    /* of a timer */
    struct od_str correlation;         /* typed JSON of the key, on the heap */
    bool met;                          /* of a parallel multiple event; of a condition: it held when last looked at */
};

struct state {
    struct item *items;
    struct var *vars;
    struct sub *subs;
    uint32_t n_items, cap_items, free_item;
    uint32_t n_vars, cap_vars, free_var;
    uint32_t n_subs, cap_subs, free_sub;
    uint32_t live_items, live_vars, live_subs;
    uint32_t n_conditions;             /* subscriptions to conditions */
    uint32_t n_joins;                  /* tokens that wait in front of inclusive and complex gateways */
    size_t var_bytes;
    uint32_t root;                     /* SLOT_NONE: not started, or ended */
    uint32_t queue_first, queue_last;
    uint64_t next_key;
    uint32_t transitions;              /* since the last event from outside */
    bool ended;
};

void state_init(struct state *s);
void state_done(struct state *s);

/* Compact bytes with a version, and back; the definition is needed to check them. Bytes that no state could have are refused:
 * OD_R_STATE_BROKEN, OD_R_STATE_VERSION. *s must be fresh; on failure it is empty again. */
void state_encode(const struct state *s, struct od_buf *out);
enum od_status state_decode(struct od_str bytes, const struct def *d, struct state *s, struct od_err *err);

/* What must hold after every step; NULL, or the rule that is broken. */
const char *state_check(const struct state *s, const struct def *d);

/* An ad-hoc sub-process in which all is done that starts by itself, while its condition does not hold. */
bool ad_hoc_rests(const struct state *s, const struct def *d, uint32_t slot);

/* --- items: slots are valid until the item is removed --------------------------------------------------------------- */

uint32_t item_new(struct state *s, enum item_kind kind, uint32_t node, uint32_t parent); /* SLOT_NONE: too many */
void item_remove(struct state *s, uint32_t slot);                                         /* must have no children, vars, subs */
void item_move(struct state *s, uint32_t slot, uint32_t parent);                          /* to the end of another parent's children */
uint32_t item_find(const struct state *s, uint64_t key);                                  /* SLOT_NONE */
void item_set_kind(struct state *s, uint32_t slot, enum item_kind kind);                  /* keeps the parent's count right */
static inline bool item_is_passive(const struct item *i) { return i->kind == ITEM_RECORD || i->kind == ITEM_GATE; }
static inline bool item_alive(const struct state *s, uint32_t slot, uint64_t key)
{
    return slot < s->n_items && s->items[slot].key == key;
}

void queue_push(struct state *s, uint32_t slot, enum item_phase phase);
uint32_t queue_pop(struct state *s);
void queue_drop(struct state *s, uint32_t slot);

uint32_t sub_new(struct state *s, uint32_t item); /* at the end of the item's list; SLOT_NONE: too many */
void sub_remove(struct state *s, const struct def *d, uint32_t sub);

/* Sets a variable of exactly this item; false when a bound is reached. */
bool var_put(struct state *s, uint32_t item, struct od_str name, struct od_str value);
void var_remove(struct state *s, uint32_t item, struct od_str name);
const struct var *var_get(const struct state *s, uint32_t item, struct od_str name);
void vars_clear(struct state *s, uint32_t item);

#endif
