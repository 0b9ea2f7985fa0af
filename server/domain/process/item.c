/* SPDX-License-Identifier: Apache-2.0
 * Items come and go here, and nowhere else: the outside is told of every end that it was told the beginning of. */
#include "server/domain/process/engine.h"

#include "common/base/limits.h"

void limit(struct run *r, const char *what, unsigned max)
{
    if (ok(r))
        r->status = od_fail(r->err, OD_R_LIMIT_EXCEEDED, "limit=%s" OD_AND "max=%u", what, max);
}

void *run_array(struct run *r, struct od_arena *arena, size_t n, size_t size)
{
    void *p = ok(r) ? od_arena_array(arena, n + 1, size) : NULL;
    if (!p && ok(r))
        r->status = od_fail(r->err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    return p;
}

uint32_t spawn(struct run *r, enum item_kind kind, uint32_t node, uint32_t parent)
{
    uint32_t slot = ok(r) ? item_new(r->s, kind, node, parent) : SLOT_NONE;
    if (slot == SLOT_NONE)
        limit(r, "tokens and waits of a process", OD_PROCESS_ITEMS_MAX);
    return slot;
}

void close_outside(struct run *r, uint32_t slot)
{
    if (at(r, slot)->opened)
        effect(r, PROCESS_FX_CLOSE, at(r, slot)->key, at(r, slot)->node);
    at(r, slot)->opened = false;
    resolve(r, slot);
}

/* Something else moved it on: a condition that still cannot be told is told of again. */
void resolve(struct run *r, uint32_t slot)
{
    if (!at(r, slot)->incident)
        return;
    at(r, slot)->incident = false;
    r->changed = true;
    effect(r, PROCESS_FX_RESOLVED, at(r, slot)->key, at(r, slot)->node);
}

static bool waits_at_join(const struct run *r, const struct item *i)
{
    enum node_kind k = (enum node_kind)r->d->nodes[i->node].kind;
    if (i->kind == ITEM_GATE)
        return true;
    return i->kind == ITEM_TOKEN && i->phase == PHASE_WAITING && (k == NODE_INCLUSIVE || k == NODE_COMPLEX);
}

void drop(struct run *r, uint32_t slot)
{
    close_outside(r, slot);
    unsubscribe(r, slot);
    vars_clear(r->s, slot);
    if (waits_at_join(r, at(r, slot)))
        r->s->n_joins--;
    item_remove(r->s, slot);
}

/* Leaves first, without recursion. */
static void drop_below(struct run *r, uint32_t top)
{
    uint32_t slot = top;
    for (;;) {
        while (at(r, slot)->first != SLOT_NONE)
            slot = at(r, slot)->first;
        if (slot == top)
            return;
        uint32_t parent = at(r, slot)->parent;
        if (!item_is_passive(at(r, slot)))
            effect_history(r, PROCESS_FX_CANCELLED, slot);
        drop(r, slot);
        slot = parent;
    }
}

void terminate(struct run *r, uint32_t slot)
{
    drop_below(r, slot);
    effect_history(r, PROCESS_FX_CANCELLED, slot);
    drop(r, slot);
}

void terminate_children(struct run *r, uint32_t scope, bool keep_records)
{
    uint32_t next;
    for (uint32_t c = at(r, scope)->first; c != SLOT_NONE; c = next) {
        next = at(r, c)->next;
        if (!keep_records || at(r, c)->kind != ITEM_RECORD)
            terminate(r, c);
    }
}

void scope_check(struct run *r, uint32_t scope)
{
    struct item *i = at(r, scope);
    if (ok(r) && i->n_live == 0 && i->kind == ITEM_SCOPE && !i->incident)
        queue_push(r->s, scope, PHASE_COMPLETING);
}

void incident(struct run *r, uint32_t slot, enum item_phase retry_from, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    if (!ok(r))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    queue_drop(r->s, slot); /* its turn comes with the retry */
    at(r, slot)->incident = true;
    at(r, slot)->phase = (uint8_t)retry_from;
    effect(r, PROCESS_FX_INCIDENT, at(r, slot)->key, at(r, slot)->node)->text = effect_text(r, od_str_c(text));
}

void token_born(struct run *r, uint32_t scope, uint32_t node)
{
    uint32_t slot = spawn(r, ITEM_TOKEN, node, scope);
    if (slot != SLOT_NONE)
        queue_push(r->s, slot, PHASE_ARRIVING);
}

void token_on(struct run *r, uint32_t scope, uint32_t flow)
{
    uint32_t slot = spawn(r, ITEM_TOKEN, r->d->flows[flow].to, scope);
    if (slot == SLOT_NONE)
        return;
    at(r, slot)->flow = flow;
    if (r->env->history)
        effect(r, PROCESS_FX_FLOW, at(r, slot)->key, r->d->flows[flow].from)->flow = flow;
    queue_push(r->s, slot, PHASE_ARRIVING);
}
