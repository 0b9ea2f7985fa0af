/* SPDX-License-Identifier: Apache-2.0
 * step(): takes one event in, then works off the queue, at most so many transitions.
 *
 *   process_step
 *     take_event         by kind: find who it is for, store what it brings, put that into the queue
 *     work               until the queue is empty or the budget is used
 *       transition       one item: arrives, enters, completes or leaves (nodes.def)
 *       conditions_look  variables changed: conditional events
 *       joins_settle     nothing else to do: inclusive and complex gateways
 *       ad_hoc_settle    nor those: ad-hoc sub-processes that rest
 */
#include "common/base/limits.h"
#include "server/domain/process/engine.h"

/* Ceiling of transitions without an event from outside: a model that runs in circles ends here. */
enum { RUN_TRANSITIONS_MAX = OD_PROCESS_RUN_TRANSITIONS };

static void (*const enters[NODE_KINDS])(struct run *, uint32_t) = {
#define N(sym, name, enter, resume, flags) [NODE_##sym] = (enter),
#include "server/domain/process/nodes.def"
#undef N
};

static void (*const resumes[NODE_KINDS])(struct run *, uint32_t) = {
#define N(sym, name, enter, resume, flags) [NODE_##sym] = (resume),
#include "server/domain/process/nodes.def"
#undef N
};

/* --- transitions -------------------------------------------------------------------------------------------------------- */

static void enter(struct run *r, uint32_t slot)
{
    if (at(r, slot)->kind == ITEM_LOOP)
        loop_begin(r, slot);
    else if (at(r, slot)->kind == ITEM_ACTIVITY || at(r, slot)->kind == ITEM_SCOPE)
        activity_begin(r, slot);
    else if (def_has(r->d, at(r, slot)->node, NODE_ACTIVITY))
        activity_enter(r, slot);
    else
        enters[at(r, slot)->node < r->d->n_nodes ? node_of(r, slot)->kind : 0](r, slot);
}

static void complete(struct run *r, uint32_t slot)
{
    if (at(r, slot)->kind == ITEM_LOOP)
        loop_turn(r, slot);
    else if (at(r, slot)->kind == ITEM_COMPENSATION)
        compensation_turn(r, slot);
    else if (resumes[node_of(r, slot)->kind])
        resumes[node_of(r, slot)->kind](r, slot);
}

static bool rests(const struct run *r, uint32_t slot)
{
    enum node_kind k = (enum node_kind)node_of(r, slot)->kind;
    return k == NODE_CATCH || k == NODE_RECEIVE || k == NODE_EVENT_GATEWAY;
}

static void transition(struct run *r, uint32_t slot)
{
    switch ((enum item_phase)at(r, slot)->phase) {
    case PHASE_ARRIVING: /* all tokens that are under way arrive before the first of them goes on; to arrive at an event is to wait */
        effect_history(r, PROCESS_FX_ENTERED, slot);
        if (rests(r, slot)) {
            r->s->transitions++;
            enter(r, slot);
        } else {
            queue_push(r->s, slot, PHASE_ENTERED);
        }
        break;
    case PHASE_ENTERED:
        r->s->transitions++;
        enter(r, slot);
        break;
    case PHASE_COMPLETING:
        r->s->transitions++;
        complete(r, slot);
        break;
    case PHASE_LEAVING:
        leave(r, slot);
        break;
    case PHASE_WAITING:
    case PHASES:
        break;
    }
}

static void work(struct run *r)
{
    unsigned budget = r->env->max_transitions ? r->env->max_transitions : OD_PROCESS_STEP_TRANSITIONS;
    uint32_t end = r->s->transitions + budget;
    while (ok(r) && r->s->root != SLOT_NONE) {
        if (r->s->transitions >= RUN_TRANSITIONS_MAX) {
            limit(r, "transitions of a process without an event", RUN_TRANSITIONS_MAX);
            return;
        }
        if (r->s->queue_first != SLOT_NONE && r->s->transitions >= end) {
            effect(r, PROCESS_FX_CONTINUE, at(r, r->s->root)->key, 0);
            return;
        }
        od_arena_reset(r->env->scratch);
        uint32_t slot = queue_pop(r->s);
        if (slot != SLOT_NONE)
            transition(r, slot);
        else if (!joins_settle(r) && !ad_hoc_settle(r))
            return;
        if (r->changed && ok(r) && r->s->root != SLOT_NONE)
            conditions_look(r);
    }
}

/* --- events ------------------------------------------------------------------------------------------------------------- */

static enum od_status gone(struct run *r, const struct process_event *e)
{
    return od_fail(r->err, OD_R_NO_SUCH, "kind=waiting element" OD_AND "id=%llu", (unsigned long long)e->key);
}

static enum od_status start(struct run *r, const struct process_event *e)
{
    if (r->s->next_key != 1)
        return od_fail(r->err, OD_R_NO_SUCH, "kind=new instance" OD_AND "id=0");
    if (e->node != DEF_NONE && (e->node >= r->d->n_nodes || r->d->nodes[e->node].parent != 0))
        return od_fail(r->err, OD_R_NO_SUCH, "kind=start event" OD_AND "id=%u", e->node);
    uint32_t root = spawn(r, ITEM_SCOPE, 0, SLOT_NONE);
    if (root == SLOT_NONE)
        return r->status;
    r->s->root = root;
    at(r, root)->started = e->node == DEF_NONE ? 0 : e->node;
    vars_from(r, root, e, true);
    if (ok(r))
        activity_begin(r, root);
    return r->status;
}

/* A task, job or call that is open; a condition of its boundary events that cannot be told does not close it. */
static uint32_t open_item(const struct run *r, const struct process_event *e)
{
    uint32_t slot = item_find(r->s, e->key);
    if (slot == SLOT_NONE || at(r, slot)->kind != ITEM_ACTIVITY || at(r, slot)->phase != PHASE_WAITING ||
        (at(r, slot)->incident && !at(r, slot)->opened) || node_of(r, slot)->kind == NODE_RECEIVE)
        return SLOT_NONE;
    return slot;
}

static bool has_output(const struct run *r, uint32_t slot)
{
    const struct def_node *n = node_of(r, slot);
    for (uint32_t i = 0; i < n->n_mappings; i++)
        if (r->d->mappings[n->first_mapping + i].output && !r->d->mappings[n->first_mapping + i].if_set)
            return true;
    return false;
}

static enum od_status of_open_item(struct run *r, const struct process_event *e)
{
    uint32_t slot = open_item(r, e);
    if (slot == SLOT_NONE)
        return gone(r, e);
    if (e->kind == PROCESS_ESCALATE) {
        throw_escalation(r, slot, e->name, e);
    } else if (e->kind == PROCESS_FAIL) {
        close_outside(r, slot);
        incident(r, slot, PHASE_ENTERED, OD_STR_FMT, OD_STR_ARG(e->name));
    } else {
        at(r, slot)->opened = false; /* the outside knows */
        resolve(r, slot);
        if (e->kind == PROCESS_ERROR) {
            throw_error(r, slot, e->name, e);
            return r->status;
        }
        if (node_of(r, slot)->kind == NODE_RULE && node_of(r, slot)->result.n && e->n_vars == 1)
            var_assign(r, slot, node_of(r, slot)->result, e->vars[0].value);
        else
            vars_from(r, slot, e, has_output(r, slot));
        queue_push(r->s, slot, PHASE_COMPLETING);
    }
    return r->status;
}

static enum od_status retry(struct run *r, const struct process_event *e)
{
    uint32_t slot = item_find(r->s, e->key);
    if (slot == SLOT_NONE || !at(r, slot)->incident)
        return gone(r, e);
    resolve(r, slot);
    for (uint32_t u = at(r, slot)->first_sub; u != SLOT_NONE && !at(r, slot)->incident; u = r->s->subs[u].next) {
        const struct def_trigger *t = &r->d->triggers[r->s->subs[u].trigger];
        if (t->kind == TRIGGER_TIMER && !t->external && r->s->subs[u].due_us == OD_TIME_NONE)
            timer_next(r, u, r->s->subs[u].remaining);
    }
    if (at(r, slot)->incident)
        return r->status;
    if (at(r, slot)->phase != PHASE_WAITING)
        queue_push(r->s, slot, (enum item_phase)at(r, slot)->phase);
    else if (at(r, slot)->kind == ITEM_SCOPE) /* all in it may be done by now */
        queue_push(r->s, slot, PHASE_COMPLETING);
    return OD_OK;
}

static uint32_t sub_of_key(const struct run *r, uint64_t key)
{
    for (uint32_t i = 0; key && i < r->s->n_subs; i++)
        if (r->s->subs[i].key == key)
            return i;
    return SLOT_NONE;
}

/* The oldest subscription that the event fits. */
static uint32_t sub_for(const struct run *r, const struct process_event *e)
{
    uint32_t best = SLOT_NONE;
    for (uint32_t i = 0; i < r->s->n_subs; i++) {
        const struct sub *u = &r->s->subs[i];
        const struct def_trigger *t = u->key ? &r->d->triggers[u->trigger] : NULL;
        bool fits = t && (e->kind == PROCESS_TRIGGER ? u->node == e->node
                                                     : t->kind == TRIGGER_MESSAGE && !t->external && od_str_eq(t->name, e->name) &&
                                                           od_str_eq(u->correlation, e->correlation));
        if (fits && (best == SLOT_NONE || u->key < r->s->subs[best].key))
            best = i;
    }
    return best;
}

static enum od_status of_subscription(struct run *r, const struct process_event *e)
{
    uint32_t sub = e->key ? sub_of_key(r, e->key) : sub_for(r, e);
    if (sub == SLOT_NONE)
        return gone(r, e);
    if (e->kind == PROCESS_TIMER && r->d->triggers[r->s->subs[sub].trigger].kind != TRIGGER_TIMER)
        return gone(r, e);
    /* repair and simulation may let an event happen whose other parts have not */
    for (uint32_t s = e->kind == PROCESS_TRIGGER ? at(r, r->s->subs[sub].item)->first_sub : SLOT_NONE; s != SLOT_NONE;
         s = r->s->subs[s].next)
        r->s->subs[s].met = r->s->subs[s].met || r->s->subs[s].node == r->s->subs[sub].node;
    fire(r, sub, e);
    return r->status;
}

static enum od_status variables(struct run *r, const struct process_event *e)
{
    uint32_t slot = e->key ? item_find(r->s, e->key) : r->s->root;
    if (slot == SLOT_NONE)
        return gone(r, e);
    vars_from(r, slot, e, true);
    return r->status;
}

/* One after the other: another may be started when the one before is done (13.3.5). */
static bool ad_hoc_works(const struct run *r, uint32_t scope)
{
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = at(r, c)->next)
        if (!item_is_passive(at(r, c)) && !node_of(r, c)->event_sub_process)
            return true;
    return false;
}

static enum od_status activate(struct run *r, const struct process_event *e)
{
    uint32_t slot = item_find(r->s, e->key);
    bool fits = slot != SLOT_NONE && at(r, slot)->kind == ITEM_SCOPE && node_of(r, slot)->kind == NODE_AD_HOC && e->node < r->d->n_nodes &&
                r->d->nodes[e->node].parent == at(r, slot)->node && r->d->nodes[e->node].implicit_start && !at(r, slot)->interrupted;
    if (!fits || (node_of(r, slot)->sequential && ad_hoc_works(r, slot)))
        return gone(r, e);
    resolve(r, slot);
    at(r, slot)->phase = PHASE_WAITING;
    token_born(r, slot, e->node);
    return r->status;
}

static void cancel(struct run *r)
{
    uint32_t root = r->s->root;
    terminate_children(r, root, false);
    effect(r, PROCESS_FX_ENDED, at(r, root)->key, 0)->text = od_str_c("cancelled");
    terminate(r, root);
    r->s->ended = true;
}

static enum od_status take_event(struct run *r, const struct process_event *e)
{
    if (e->kind == PROCESS_START)
        return start(r, e);
    if (r->s->root == SLOT_NONE)
        return gone(r, e);
    switch (e->kind) {
    case PROCESS_COMPLETE:
    case PROCESS_ERROR:
    case PROCESS_ESCALATE:
    case PROCESS_FAIL:
        return of_open_item(r, e);
    case PROCESS_RETRY:
        return retry(r, e);
    case PROCESS_TIMER:
    case PROCESS_MESSAGE:
    case PROCESS_TRIGGER:
        return of_subscription(r, e);
    case PROCESS_SIGNAL:
        deliver_signal(r, e->name, e);
        return r->status;
    case PROCESS_VARIABLES:
        return variables(r, e);
    case PROCESS_ACTIVATE:
        return activate(r, e);
    case PROCESS_CANCEL:
        cancel(r);
        return OD_OK;
    case PROCESS_START:
    case PROCESS_CONTINUE:
        break;
    }
    return OD_OK;
}

enum od_status process_step(const struct def *d, struct state *s, const struct process_event *event, const struct process_env *env,
                            struct process_effects *fx, struct od_err *err)
{
    struct run r = {.d = d, .s = s, .env = env, .fx = fx, .err = err, .status = OD_OK, .changed = event->kind == PROCESS_CONTINUE,
                    .ad_hoc_due = event->kind == PROCESS_CONTINUE};
    od_arena_reset(env->scratch);
    for (size_t i = 0; i < event->n_vars; i++)
        if (!event->vars[i].name.n || (unsigned char)event->vars[i].name.p[0] < ' ') /* the engine's own begin so */
            return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=a variable has no name, or one that begins with a control character");
    if (event->kind != PROCESS_CONTINUE)
        s->transitions = 0;
    enum od_status status = take_event(&r, event);
    if (status != OD_OK)
        return status;
    if (r.changed && s->root != SLOT_NONE)
        conditions_look(&r);
    work(&r);
    return r.status;
}

uint64_t process_waiting_for(const struct state *s, uint32_t node)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < s->n_subs; i++)
        if (s->subs[i].key && s->subs[i].node == node && (!best || s->subs[i].key < best))
            best = s->subs[i].key;
    return best;
}

uint64_t process_open_at(const struct state *s, uint32_t node)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < s->n_items; i++) {
        const struct item *it = &s->items[i];
        if (it->key > best && it->node == node && it->kind == ITEM_ACTIVITY && it->phase == PHASE_WAITING)
            best = it->key;
    }
    return best;
}
