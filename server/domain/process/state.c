/* SPDX-License-Identifier: Apache-2.0
 * Memory of a state: slots that are used again, lists that keep their order. */
#include "server/domain/process/state.h"

#include "common/base/limits.h"

void state_init(struct state *s)
{
    *s = (struct state){.free_item = SLOT_NONE, .free_var = SLOT_NONE, .free_sub = SLOT_NONE, .root = SLOT_NONE,
                        .queue_first = SLOT_NONE, .queue_last = SLOT_NONE, .next_key = 1};
}

static void str_free(struct od_str *s)
{
    free((void *)s->p);
    *s = (struct od_str){NULL, 0};
}

static struct od_str str_copy(struct od_str s)
{
    char *p = od_xmalloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (struct od_str){p, s.n};
}

void state_done(struct state *s)
{
    for (uint32_t i = 0; i < s->n_vars; i++) {
        str_free(&s->vars[i].name);
        str_free(&s->vars[i].value);
    }
    for (uint32_t i = 0; i < s->n_subs; i++)
        str_free(&s->subs[i].correlation);
    free(s->items);
    free(s->vars);
    free(s->subs);
    state_init(s);
}

/* For one more at the end of an array; its free slots are chained by `next`. */
static void room(void **p, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return;
    *cap = *cap ? 2 * *cap : 16;
    *p = od_xrealloc(*p, *cap * size);
}

/* --- items -------------------------------------------------------------------------------------------------------------- */

static void link_last(struct state *s, uint32_t slot, uint32_t parent)
{
    struct item *i = &s->items[slot];
    i->parent = parent;
    i->next = i->prev = SLOT_NONE;
    if (parent == SLOT_NONE)
        return;
    struct item *p = &s->items[parent];
    i->prev = p->last;
    if (p->last != SLOT_NONE)
        s->items[p->last].next = slot;
    else
        p->first = slot;
    p->last = slot;
    if (!item_is_passive(i))
        p->n_live++;
}

static void unlink_item(struct state *s, uint32_t slot)
{
    struct item *i = &s->items[slot];
    if (i->parent == SLOT_NONE)
        return;
    struct item *p = &s->items[i->parent];
    if (i->prev != SLOT_NONE)
        s->items[i->prev].next = i->next;
    else
        p->first = i->next;
    if (i->next != SLOT_NONE)
        s->items[i->next].prev = i->prev;
    else
        p->last = i->prev;
    if (!item_is_passive(i))
        p->n_live--;
}

uint32_t item_new(struct state *s, enum item_kind kind, uint32_t node, uint32_t parent)
{
    if (s->live_items >= OD_PROCESS_ITEMS_MAX)
        return SLOT_NONE;
    uint32_t slot = s->free_item;
    if (slot != SLOT_NONE) {
        s->free_item = s->items[slot].next;
    } else {
        room((void **)&s->items, s->n_items, &s->cap_items, sizeof *s->items);
        slot = s->n_items++;
    }
    s->items[slot] = (struct item){.key = s->next_key++, .node = node, .flow = DEF_NONE, .first = SLOT_NONE, .last = SLOT_NONE,
                                   .queue_next = SLOT_NONE, .queue_prev = SLOT_NONE, .first_var = SLOT_NONE, .first_sub = SLOT_NONE,
                                   .kind = (uint8_t)kind, .phase = PHASE_WAITING};
    link_last(s, slot, parent);
    s->live_items++;
    return slot;
}

void item_remove(struct state *s, uint32_t slot)
{
    struct item *i = &s->items[slot];
    od_assert(i->first == SLOT_NONE && i->first_var == SLOT_NONE && i->first_sub == SLOT_NONE);
    queue_drop(s, slot);
    unlink_item(s, slot);
    if (s->root == slot)
        s->root = SLOT_NONE;
    i->key = 0;
    i->next = s->free_item;
    s->free_item = slot;
    s->live_items--;
}

void item_move(struct state *s, uint32_t slot, uint32_t parent)
{
    unlink_item(s, slot);
    link_last(s, slot, parent);
}

void item_set_kind(struct state *s, uint32_t slot, enum item_kind kind)
{
    struct item *i = &s->items[slot];
    bool was = item_is_passive(i);
    i->kind = (uint8_t)kind;
    bool is = item_is_passive(i);
    if (i->parent != SLOT_NONE && was != is) {
        if (is)
            s->items[i->parent].n_live--;
        else
            s->items[i->parent].n_live++;
    }
}

uint32_t item_find(const struct state *s, uint64_t key)
{
    for (uint32_t i = 0; key && i < s->n_items; i++)
        if (s->items[i].key == key)
            return i;
    return SLOT_NONE;
}

/* --- the queue ---------------------------------------------------------------------------------------------------------- */

void queue_push(struct state *s, uint32_t slot, enum item_phase phase)
{
    struct item *i = &s->items[slot];
    i->phase = (uint8_t)phase;
    if (i->queued)
        return;
    i->queued = true;
    i->queue_next = SLOT_NONE;
    i->queue_prev = s->queue_last;
    if (s->queue_last != SLOT_NONE)
        s->items[s->queue_last].queue_next = slot;
    else
        s->queue_first = slot;
    s->queue_last = slot;
}

void queue_drop(struct state *s, uint32_t slot)
{
    struct item *i = &s->items[slot];
    if (!i->queued)
        return;
    if (i->queue_prev != SLOT_NONE)
        s->items[i->queue_prev].queue_next = i->queue_next;
    else
        s->queue_first = i->queue_next;
    if (i->queue_next != SLOT_NONE)
        s->items[i->queue_next].queue_prev = i->queue_prev;
    else
        s->queue_last = i->queue_prev;
    i->queued = false;
}

uint32_t queue_pop(struct state *s)
{
    uint32_t slot = s->queue_first;
    if (slot != SLOT_NONE)
        queue_drop(s, slot);
    return slot;
}

/* --- subscriptions ------------------------------------------------------------------------------------------------------ */

uint32_t sub_new(struct state *s, uint32_t item)
{
    if (s->live_subs >= OD_PROCESS_ITEMS_MAX)
        return SLOT_NONE;
    uint32_t slot = s->free_sub, *at = &s->items[item].first_sub;
    if (slot != SLOT_NONE) {
        s->free_sub = s->subs[slot].next;
    } else {
        room((void **)&s->subs, s->n_subs, &s->cap_subs, sizeof *s->subs);
        slot = s->n_subs++;
    }
    s->subs[slot] = (struct sub){.key = s->next_key++, .item = item, .next = SLOT_NONE, .due_us = OD_TIME_NONE};
    while (*at != SLOT_NONE)
        at = &s->subs[*at].next;
    *at = slot;
    s->live_subs++;
    return slot;
}

void sub_remove(struct state *s, const struct def *d, uint32_t sub)
{
    struct sub *u = &s->subs[sub];
    uint32_t *at = &s->items[u->item].first_sub;
    while (*at != sub)
        at = &s->subs[*at].next;
    *at = u->next;
    if (d->triggers[u->trigger].kind == TRIGGER_CONDITION)
        s->n_conditions--;
    str_free(&u->correlation);
    u->key = 0;
    u->next = s->free_sub;
    s->free_sub = sub;
    s->live_subs--;
}

/* --- variables ---------------------------------------------------------------------------------------------------------- */

static uint32_t *var_place(struct state *s, uint32_t item, struct od_str name)
{
    uint32_t *at = &s->items[item].first_var;
    while (*at != SLOT_NONE && !od_str_eq(s->vars[*at].name, name))
        at = &s->vars[*at].next;
    return at;
}

const struct var *var_get(const struct state *s, uint32_t item, struct od_str name)
{
    for (uint32_t v = s->items[item].first_var; v != SLOT_NONE; v = s->vars[v].next)
        if (od_str_eq(s->vars[v].name, name))
            return &s->vars[v];
    return NULL;
}

static void var_drop(struct state *s, uint32_t *at)
{
    uint32_t slot = *at;
    struct var *v = &s->vars[slot];
    *at = v->next;
    s->var_bytes -= v->name.n + v->value.n;
    str_free(&v->name);
    str_free(&v->value);
    v->next = s->free_var;
    s->free_var = slot;
    s->live_vars--;
}

bool var_put(struct state *s, uint32_t item, struct od_str name, struct od_str value)
{
    uint32_t *at = var_place(s, item, name);
    if (*at != SLOT_NONE) {
        struct var *v = &s->vars[*at];
        if (s->var_bytes - v->value.n + value.n > OD_PROCESS_VARIABLE_BYTES_MAX)
            return false;
        struct od_str copy = str_copy(value);
        s->var_bytes += value.n - v->value.n;
        str_free(&v->value);
        v->value = copy;
        return true;
    }
    if (s->live_vars >= OD_PROCESS_VARIABLES_MAX || s->var_bytes + name.n + value.n > OD_PROCESS_VARIABLE_BYTES_MAX)
        return false;
    uint32_t slot = s->free_var;
    if (slot != SLOT_NONE) {
        s->free_var = s->vars[slot].next;
    } else {
        room((void **)&s->vars, s->n_vars, &s->cap_vars, sizeof *s->vars);
        slot = s->n_vars++;
        at = var_place(s, item, name); /* the array may have moved */
    }
    s->vars[slot] = (struct var){str_copy(name), str_copy(value), SLOT_NONE};
    *at = slot;
    s->var_bytes += name.n + value.n;
    s->live_vars++;
    return true;
}

void var_remove(struct state *s, uint32_t item, struct od_str name)
{
    uint32_t *at = var_place(s, item, name);
    if (*at != SLOT_NONE)
        var_drop(s, at);
}

void vars_clear(struct state *s, uint32_t item)
{
    while (s->items[item].first_var != SLOT_NONE)
        var_drop(s, &s->items[item].first_var);
}
