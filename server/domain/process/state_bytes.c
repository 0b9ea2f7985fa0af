/* SPDX-License-Identifier: Apache-2.0
 * A state as bytes: the tree in document order, then the queue. Slots do not appear, so the bytes depend on the history alone. */
#include "server/domain/process/bytes.h"

#include "common/base/limits.h"
#include "server/domain/process/state.h"

enum { STATE_MAGIC = 'S', STATE_BYTES_VERSION = 1 };

enum {
    FLAG_INCIDENT = 1,
    FLAG_IN_LOOP = 2,
    FLAG_INTERRUPTED = 4,
    FLAG_COMPENSATING = 8,
    FLAG_CANCELLING = 16,
    FLAG_OPENED = 32,
    FLAG_ARMED = 64,
    FLAGS_ALL = 127
};

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static void put_vars(const struct state *s, const struct item *i, struct od_buf *out)
{
    uint32_t n = 0;
    for (uint32_t v = i->first_var; v != SLOT_NONE; v = s->vars[v].next)
        n++;
    put_number(out, n);
    for (uint32_t v = i->first_var; v != SLOT_NONE; v = s->vars[v].next) {
        put_text(out, s->vars[v].name);
        put_text(out, s->vars[v].value);
    }
}

static void put_subs(const struct state *s, const struct item *i, struct od_buf *out)
{
    uint32_t n = 0;
    for (uint32_t u = i->first_sub; u != SLOT_NONE; u = s->subs[u].next)
        n++;
    put_number(out, n);
    for (uint32_t k = i->first_sub; k != SLOT_NONE; k = s->subs[k].next) {
        const struct sub *u = &s->subs[k];
        put_number(out, u->key);
        put_number(out, u->node);
        put_number(out, u->trigger);
        put_number(out, u->remaining);
        put_signed(out, u->due_us);
        put_text(out, u->correlation);
        put_number(out, u->met);
    }
}

static void put_item(const struct state *s, const struct item *i, struct od_buf *out)
{
    unsigned flags = (i->incident ? FLAG_INCIDENT : 0u) | (i->in_loop ? FLAG_IN_LOOP : 0u) | (i->interrupted ? FLAG_INTERRUPTED : 0u) |
                     (i->compensating ? FLAG_COMPENSATING : 0u) | (i->cancelling ? FLAG_CANCELLING : 0u) | (i->opened ? FLAG_OPENED : 0u) |
                     (i->armed ? FLAG_ARMED : 0u);
    uint32_t n = 0;
    for (uint32_t c = i->first; c != SLOT_NONE; c = s->items[c].next)
        n++;
    put_number(out, i->key);
    put_number(out, i->owner);
    put_number(out, i->node);
    put_index(out, i->flow);
    put_number(out, i->kind);
    put_number(out, i->phase);
    put_number(out, flags);
    put_number(out, i->total);
    put_number(out, i->started);
    put_number(out, i->done);
    put_vars(s, i, out);
    put_subs(s, i, out);
    put_number(out, n);
}

/* The next item of the tree, parents first. */
static uint32_t walk(const struct state *s, uint32_t i)
{
    if (s->items[i].first != SLOT_NONE)
        return s->items[i].first;
    while (i != SLOT_NONE && s->items[i].next == SLOT_NONE)
        i = s->items[i].parent;
    return i == SLOT_NONE ? SLOT_NONE : s->items[i].next;
}

void state_encode(const struct state *s, struct od_buf *out)
{
    od_buf_char(out, STATE_MAGIC);
    put_number(out, STATE_BYTES_VERSION);
    put_number(out, s->next_key);
    put_number(out, s->transitions);
    put_number(out, s->ended);
    put_number(out, s->live_items);
    uint32_t *place = od_xcalloc(s->n_items + 1, sizeof *place), n = 0; /* of every slot in the tree's order, from 1 */
    for (uint32_t i = s->root; i != SLOT_NONE; i = walk(s, i)) {
        put_item(s, &s->items[i], out);
        place[i] = ++n;
    }
    for (uint32_t i = s->queue_first; i != SLOT_NONE; i = s->items[i].queue_next)
        put_number(out, place[i]);
    put_number(out, 0);
    free(place);
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static void get_vars(struct bytes_in *in, struct state *s, uint32_t slot)
{
    uint32_t n = get_count(in, OD_PROCESS_VARIABLES_MAX);
    for (uint32_t i = 0; i < n && !in->broken; i++) {
        struct od_str name = get_text(in), value = get_text(in);
        if (!name.n || var_get(s, slot, name) || !var_put(s, slot, name, value))
            in->broken = true;
    }
}

static void get_subs(struct bytes_in *in, const struct def *d, struct state *s, uint32_t slot)
{
    uint32_t n = get_count(in, OD_PROCESS_ITEMS_MAX);
    for (uint32_t i = 0; i < n && !in->broken; i++) {
        uint64_t key = get_number(in);
        uint32_t node = get_count(in, d->n_nodes - 1), trigger = get_count(in, UINT32_MAX), remaining = get_count(in, UINT32_MAX);
        int64_t due_us = get_signed(in);
        struct od_str correlation = get_text(in);
        bool met = get_count(in, 1);
        const struct def_node *e = &d->nodes[node];
        if (in->broken || trigger < e->first_trigger || trigger - e->first_trigger >= e->n_triggers) {
            in->broken = true;
            return;
        }
        uint32_t sub = sub_new(s, slot);
        if (sub == SLOT_NONE) {
            in->broken = true;
            return;
        }
        struct sub *u = &s->subs[sub];
        u->key = key;
        u->node = node;
        u->trigger = trigger;
        u->remaining = remaining;
        u->due_us = due_us;
        u->met = met;
        if (correlation.n) {
            char *copy = od_xmalloc(correlation.n);
            memcpy(copy, correlation.p, correlation.n);
            u->correlation = (struct od_str){copy, correlation.n};
        }
        s->n_conditions += d->triggers[trigger].kind == TRIGGER_CONDITION;
    }
}

static uint32_t get_item(struct bytes_in *in, const struct def *d, struct state *s, uint32_t parent, uint32_t *ret_children)
{
    uint64_t key = get_number(in), owner = get_number(in);
    uint32_t node = get_count(in, d->n_nodes - 1), flow = get_index(in, d->n_flows);
    uint32_t kind = get_count(in, ITEM_KINDS - 1), phase = get_count(in, PHASES - 1), flags = get_count(in, FLAGS_ALL);
    uint32_t slot = in->broken ? SLOT_NONE : item_new(s, (enum item_kind)kind, node, parent);
    if (slot == SLOT_NONE) {
        in->broken = true;
        return slot;
    }
    struct item *i = &s->items[slot];
    i->key = key;
    i->owner = owner;
    i->flow = flow;
    i->phase = (uint8_t)phase;
    i->incident = flags & FLAG_INCIDENT;
    i->in_loop = flags & FLAG_IN_LOOP;
    i->interrupted = flags & FLAG_INTERRUPTED;
    i->compensating = flags & FLAG_COMPENSATING;
    i->cancelling = flags & FLAG_CANCELLING;
    i->opened = flags & FLAG_OPENED;
    i->armed = flags & FLAG_ARMED;
    i->total = get_count(in, UINT32_MAX);
    i->started = get_count(in, UINT32_MAX);
    i->done = get_count(in, UINT32_MAX);
    get_vars(in, s, slot);
    get_subs(in, d, s, slot);
    *ret_children = get_count(in, OD_PROCESS_ITEMS_MAX);
    return slot;
}

/* Children left to read, by depth: on the heap, since the depth is the bytes' to say. */
static void get_tree(struct bytes_in *in, const struct def *d, struct state *s, uint32_t n_items)
{
    uint32_t *left = od_xcalloc(n_items + 1, sizeof *left), parent = SLOT_NONE, depth = 0;
    left[0] = n_items ? 1 : 0;
    for (uint32_t k = 0; k < n_items && !in->broken; k++) {
        while (parent != SLOT_NONE && left[depth] == 0) {
            parent = s->items[parent].parent;
            depth--;
        }
        if (left[depth] == 0) {
            in->broken = true;
            break;
        }
        left[depth]--;
        uint32_t children = 0, slot = get_item(in, d, s, parent, &children);
        if (in->broken)
            break;
        if (s->root == SLOT_NONE)
            s->root = slot;
        if (children) {
            parent = slot;
            left[++depth] = children;
        }
    }
    for (uint32_t k = 0; k <= depth && !in->broken; k++)
        in->broken = left[k] != 0;
    free(left);
}

static bool counts_as_join(const struct def *d, const struct item *i)
{
    enum node_kind k = (enum node_kind)d->nodes[i->node].kind;
    return i->kind == ITEM_GATE || (i->kind == ITEM_TOKEN && i->phase == PHASE_WAITING && (k == NODE_INCLUSIVE || k == NODE_COMPLEX));
}

static enum od_status broken(struct state *s, struct od_err *err, const char *why)
{
    state_done(s);
    return od_fail(err, OD_R_STATE_BROKEN, "why=%s", why);
}

enum od_status state_decode(struct od_str bytes, const struct def *d, struct state *s, struct od_err *err)
{
    state_init(s);
    if (bytes.n > OD_PROCESS_STATE_BYTES_MAX)
        return broken(s, err, "it is too long");
    if (bytes.n < 2 || bytes.p[0] != STATE_MAGIC)
        return broken(s, err, "it is no state");
    struct bytes_in in = {.rest = {bytes.p + 1, bytes.n - 1}};
    uint64_t version = get_number(&in);
    if (version != STATE_BYTES_VERSION)
        return od_fail(err, OD_R_STATE_VERSION, "what=state" OD_AND "have=%llu" OD_AND "need=%d", (unsigned long long)version,
                       STATE_BYTES_VERSION);
    uint64_t next_key = get_number(&in);
    uint32_t transitions = get_count(&in, OD_PROCESS_RUN_TRANSITIONS);
    bool ended = get_count(&in, 1);
    uint32_t n_items = get_count(&in, OD_PROCESS_ITEMS_MAX);
    get_tree(&in, d, s, n_items);
    /* a fresh state gives slots in order, so a place in the tree is a slot */
    for (uint32_t place = in.broken ? 0 : get_count(&in, n_items); place && !in.broken; place = get_count(&in, n_items)) {
        if (s->items[place - 1].queued)
            in.broken = true;
        else
            queue_push(s, place - 1, (enum item_phase)s->items[place - 1].phase);
    }
    if (in.broken || in.rest.n)
        return broken(s, err, "the bytes do not add up");
    for (uint32_t i = 0; i < s->n_items; i++)
        s->n_joins += counts_as_join(d, &s->items[i]);
    s->next_key = next_key;
    s->transitions = transitions;
    s->ended = ended;
    const char *rule = state_check(s, d);
    return rule ? broken(s, err, rule) : OD_OK;
}
