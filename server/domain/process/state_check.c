/* SPDX-License-Identifier: Apache-2.0
 * What must hold of a state after every step. Each rule is a sentence; the first that is broken is returned. */
#include "server/domain/process/state.h"

static const char *check_place(const struct state *s, const struct def *d, const struct item *i)
{
    const struct item *p = &s->items[i->parent];
    const struct def_node *n = &d->nodes[i->node];
    switch ((enum item_kind)p->kind) {
    case ITEM_SCOPE:
        if (i->kind == ITEM_COMPENSATION)
            return i->node == p->node ? NULL : "a compensation belongs to its own scope";
        return n->parent == p->node ? NULL : "an item lies in the scope that its node is drawn in";
    case ITEM_LOOP:
        return i->node == p->node && (i->in_loop || i->kind == ITEM_RECORD) ? NULL : "a loop holds instances of its own activity";
    case ITEM_COMPENSATION:
        if (i->kind == ITEM_RECORD || (i->kind == ITEM_SCOPE && i->compensating)) /* one of a sub-process is that again */
            return NULL;
        return n->for_compensation ? NULL : "a compensation holds records and handlers";
    case ITEM_RECORD:
        return i->kind == ITEM_RECORD ? NULL : "a record holds records";
    case ITEM_TOKEN:
    case ITEM_ACTIVITY:
    case ITEM_EVENT:
    case ITEM_GATE:
    case ITEM_KINDS:
        break;
    }
    return "tokens, tasks and events hold nothing";
}

static bool rests_on(const struct def *d, const struct item *i, enum node_trait trait) { return def_has(d, i->node, trait); }

static const char *check_kind(const struct def *d, const struct item *i)
{
    const struct def_node *n = &d->nodes[i->node];
    bool event = n->kind == NODE_CATCH || n->kind == NODE_THROW || n->kind == NODE_END || n->kind == NODE_EVENT_GATEWAY;
    switch ((enum item_kind)i->kind) {
    case ITEM_TOKEN:
        if (i->flow != DEF_NONE && d->flows[i->flow].to != i->node)
            return "a token is where its flow leads";
        return i->phase != PHASE_WAITING || rests_on(d, i, NODE_JOINS) ? NULL : "a token waits only in front of what joins";
    case ITEM_SCOPE:
        return rests_on(d, i, NODE_SCOPE) ? NULL : "only processes and sub-processes are scopes";
    case ITEM_ACTIVITY:
        return rests_on(d, i, NODE_ACTIVITY) ? NULL : "a task's item is on an activity";
    case ITEM_EVENT:
        return event ? NULL : "an event's item is on an event";
    case ITEM_LOOP:
        return n->loop != DEF_NONE ? NULL : "a loop is on a looped activity";
    case ITEM_RECORD:
        return rests_on(d, i, NODE_ACTIVITY) ? NULL : "only activities leave records";
    case ITEM_GATE:
        return n->kind == NODE_COMPLEX && n->join != DEF_NONE ? NULL : "a gate is a complex gateway that joins";
    case ITEM_COMPENSATION:
        return rests_on(d, i, NODE_SCOPE) ? NULL : "compensation runs in a scope";
    case ITEM_KINDS:
        break;
    }
    return "the kind of an item is known";
}

/* How many an item may have started at most, by what it counts (state.h). */
static uint32_t most_started(const struct def *d, const struct item *i)
{
    const struct def_node *n = &d->nodes[i->node];
    switch ((enum item_kind)i->kind) {
    case ITEM_LOOP:
        return i->total;
    case ITEM_EVENT:
        return n->n_triggers;
    case ITEM_SCOPE:
        return n->kind == NODE_AD_HOC ? n->n_starts : i->parent == SLOT_NONE ? d->n_nodes - 1 : 0;
    case ITEM_TOKEN:
        return n->kind == NODE_COMPLEX;
    case ITEM_ACTIVITY:
    case ITEM_COMPENSATION:
    case ITEM_RECORD:
    case ITEM_GATE:
    case ITEM_KINDS:
        break;
    }
    return 0;
}

/* What a kind of item does not use stays as it was made. */
static const char *check_fields(const struct def *d, const struct item *i)
{
    bool scope = i->kind == ITEM_SCOPE, loop = i->kind == ITEM_LOOP;
    if (i->total && !loop)
        return "loops alone know how many there are";
    if (i->started > most_started(d, i) || i->done > (loop ? i->started : 0))
        return "no more is done than was started, no more started than there is";
    if (i->owner && i->kind != ITEM_COMPENSATION)
        return "compensations alone are waited for";
    if ((i->interrupted || i->compensating) && !scope)
        return "scopes alone are interrupted or compensated";
    if (i->opened && (i->kind != ITEM_ACTIVITY || i->phase != PHASE_WAITING))
        return "what is known outside is a task that waits";
    if (i->armed && !(scope || loop || i->kind == ITEM_ACTIVITY))
        return "activities alone have boundary events";
    if (i->kind == ITEM_ACTIVITY && def_has(d, i->node, NODE_SCOPE) && i->phase != PHASE_ENTERED)
        return "a sub-process that has begun is a scope";
    return NULL;
}

static const char *check_children(const struct state *s, uint32_t slot)
{
    const struct item *i = &s->items[slot];
    uint32_t live = 0, before = SLOT_NONE;
    for (uint32_t c = i->first; c != SLOT_NONE; c = s->items[c].next) {
        if (s->items[c].parent != slot || s->items[c].prev != before || !s->items[c].key)
            return "the tree is linked both ways";
        live += !item_is_passive(&s->items[c]);
        before = c;
    }
    if (i->last != before)
        return "the last child is the last";
    return live == i->n_live ? NULL : "living children are counted";
}

/* Who waits for a compensation is the event that threw it (throw.c). */
static const char *check_compensation(const struct state *s, const struct def *d, const struct item *i)
{
    uint32_t owner = item_find(s, i->owner);
    if (!i->n_live && !i->queued && !i->incident)
        return "a compensation without a handler that runs has its turn";
    if (owner == SLOT_NONE)
        return NULL;
    const struct item *o = &s->items[owner];
    enum node_kind k = (enum node_kind)d->nodes[o->node].kind;
    bool thrower = (o->kind == ITEM_EVENT || o->kind == ITEM_TOKEN) && (k == NODE_THROW || k == NODE_END);
    return thrower ? NULL : "the event that threw a compensation waits for it";
}

static const char *check_item(const struct state *s, const struct def *d, uint32_t slot)
{
    const struct item *i = &s->items[slot];
    const char *rule = NULL;
    if (i->key >= s->next_key || i->owner >= s->next_key)
        return "keys are given before they are used";
    if ((i->parent == SLOT_NONE) != (slot == s->root))
        return "the root alone has no parent";
    if (slot == s->root && (i->kind != ITEM_SCOPE || i->node != 0))
        return "the root is the process";
    if (i->parent != SLOT_NONE)
        rule = check_place(s, d, i);
    rule = rule ? rule : check_kind(d, i);
    rule = rule ? rule : check_fields(d, i);
    rule = rule ? rule : check_children(s, slot);
    if (!rule && i->kind == ITEM_COMPENSATION)
        rule = check_compensation(s, d, i);
    if (rule)
        return rule;
    if (i->queued && (i->incident || i->phase == PHASE_WAITING))
        return "what is in the queue has something to do";
    bool turn = i->queued || i->incident; /* it has one, or a retry gives it one */
    if (turn && item_is_passive(i))
        return "records and gates have nothing to do";
    if (turn && i->phase == PHASE_ARRIVING && i->kind != ITEM_TOKEN)
        return "tokens alone arrive";
    if (i->cancelling && (i->kind != ITEM_COMPENSATION || !d->nodes[i->node].transaction))
        return "what is cancelled is a transaction";
    if (turn && i->phase == PHASE_ENTERED && i->kind == ITEM_SCOPE && i->first != SLOT_NONE)
        return "a scope that is to begin is empty";
    enum node_kind k = (enum node_kind)d->nodes[i->node].kind;
    if (turn && i->phase == PHASE_COMPLETING && i->kind == ITEM_TOKEN && k != NODE_START && k != NODE_BOUNDARY)
        return "a token completes nothing but the event that made it";
    if (turn && i->kind == ITEM_COMPENSATION && i->phase != PHASE_COMPLETING)
        return "a compensation goes from handler to handler";
    if (i->kind == ITEM_SCOPE && !i->n_live && !i->queued && !i->incident && !ad_hoc_rests(s, d, slot))
        return "a scope without life completes, or is an ad-hoc one that rests";
    if (i->phase == PHASE_LEAVING && (i->first != SLOT_NONE || i->parent == SLOT_NONE || s->items[i->parent].kind != ITEM_SCOPE))
        return "what leaves by its flows holds nothing and lies in a scope";
    if (i->in_loop && (i->parent == SLOT_NONE || s->items[i->parent].kind != ITEM_LOOP))
        return "an instance of a loop lies in its loop";
    return NULL;
}

static const char *check_subs(const struct state *s, const struct def *d)
{
    uint32_t live = 0, conditions = 0;
    for (uint32_t k = 0; k < s->n_items; k++)
        for (uint32_t u = s->items[k].key ? s->items[k].first_sub : SLOT_NONE; u != SLOT_NONE; u = s->subs[u].next) {
            const struct sub *x = &s->subs[u];
            if (x->item != k || !x->key || x->key >= s->next_key)
                return "a subscription belongs to its item";
            if (item_is_passive(&s->items[k]) || s->items[k].kind == ITEM_TOKEN || s->items[k].kind == ITEM_COMPENSATION)
                return "scopes, tasks, loops and events wait for events";
            const struct def_node *e = &d->nodes[x->node], *n = &d->nodes[s->items[k].node];
            bool own = x->node == s->items[k].node, boundary = e->host == s->items[k].node;
            bool inner = e->kind == NODE_START && d->nodes[e->parent].parent == s->items[k].node;
            bool behind = n->kind == NODE_EVENT_GATEWAY && e->parent == n->parent && (e->kind == NODE_CATCH || e->kind == NODE_RECEIVE);
            if (!own && !boundary && !inner && !behind)
                return "an item waits for its own events";
            live++;
            conditions += d->triggers[x->trigger].kind == TRIGGER_CONDITION;
        }
    if (live != s->live_subs)
        return "subscriptions are counted";
    return conditions == s->n_conditions ? NULL : "conditions are counted";
}

static const char *check_queue(const struct state *s)
{
    uint32_t n = 0, queued = 0, before = SLOT_NONE;
    for (uint32_t i = s->queue_first; i != SLOT_NONE && n <= s->n_items; i = s->items[i].queue_next) {
        if (!s->items[i].key || !s->items[i].queued || s->items[i].queue_prev != before)
            return "the queue holds living items";
        before = i;
        n++;
    }
    for (uint32_t i = 0; i < s->n_items; i++)
        queued += s->items[i].key && s->items[i].queued;
    return n == queued ? NULL : "an item is in the queue once";
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Items and subscriptions draw from the same numbers. */
static const char *check_keys(const struct state *s)
{
    uint64_t *keys = od_xcalloc((size_t)s->live_items + s->live_subs + 1, sizeof *keys);
    size_t n = 0;
    bool twice = false;
    for (uint32_t i = 0; i < s->n_items; i++)
        if (s->items[i].key)
            keys[n++] = s->items[i].key;
    for (uint32_t i = 0; i < s->n_subs; i++)
        if (s->subs[i].key)
            keys[n++] = s->subs[i].key;
    qsort(keys, n, sizeof *keys, by_value);
    for (size_t i = 1; i < n; i++)
        twice = twice || keys[i] == keys[i - 1];
    free(keys);
    return twice ? "keys are given once" : NULL;
}

const char *state_check(const struct state *s, const struct def *d)
{
    uint32_t live = 0, joins = 0;
    if (s->root == SLOT_NONE && (s->live_items || s->live_subs || s->live_vars || s->var_bytes))
        return "what has ended, or not begun, holds nothing";
    if (s->root != SLOT_NONE && s->ended)
        return "what has ended holds nothing";
    for (uint32_t i = 0; i < s->n_items; i++) {
        if (!s->items[i].key)
            continue;
        const char *rule = check_item(s, d, i);
        if (rule)
            return rule;
        enum node_kind k = (enum node_kind)d->nodes[s->items[i].node].kind;
        live++;
        joins += s->items[i].kind == ITEM_GATE ||
                 (s->items[i].kind == ITEM_TOKEN && s->items[i].phase == PHASE_WAITING && (k == NODE_INCLUSIVE || k == NODE_COMPLEX));
    }
    if (live != s->live_items)
        return "items are counted";
    if (joins != s->n_joins)
        return "waiting joins are counted";
    const char *rule = check_subs(s, d);
    rule = rule ? rule : check_keys(s);
    return rule ? rule : check_queue(s);
}
