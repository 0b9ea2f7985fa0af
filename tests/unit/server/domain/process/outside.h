/* SPDX-License-Identifier: Apache-2.0
 * What the outside of an instance knows by its effects: everything that is opened is closed by its key, once, and so is every
 * incident; when the instance has ended nothing is left. For the scenarios and the fuzzer of steps. */
#ifndef TESTS_PROCESS_OUTSIDE_H
#define TESTS_PROCESS_OUTSIDE_H

#include "server/domain/process/step.h"

struct outside {
    uint64_t *open, *incidents;
    size_t n_open, n_incidents, cap_open, cap_incidents;
};

static inline void outside_done(struct outside *o)
{
    free(o->open);
    free(o->incidents);
    *o = (struct outside){0};
}

static inline size_t outside_find(const uint64_t *list, size_t n, uint64_t key)
{
    size_t i = 0;
    while (i < n && list[i] != key)
        i++;
    return i;
}

static inline void outside_add(uint64_t **list, size_t *n, size_t *cap, uint64_t key)
{
    if (*n == *cap) {
        *cap = *cap ? 2 * *cap : 16;
        *list = od_xrealloc(*list, *cap * sizeof **list);
    }
    od_assert(*list);
    (*list)[(*n)++] = key;
}

/* False: it is not there. */
static inline bool outside_drop(uint64_t *list, size_t *n, uint64_t key)
{
    size_t i = outside_find(list, *n, key);
    if (!list || i == *n)
        return false;
    list[i] = list[--*n];
    return true;
}

static inline const char *outside_effect(struct outside *o, const struct process_effect *e)
{
    switch (e->kind) {
    case PROCESS_FX_TIMER: /* the next time of a cycle is told by the same key */
        if (outside_find(o->open, o->n_open, e->key) == o->n_open)
            outside_add(&o->open, &o->n_open, &o->cap_open, e->key);
        return NULL;
    case PROCESS_FX_TASK:
    case PROCESS_FX_JOB:
    case PROCESS_FX_DECIDE:
    case PROCESS_FX_CALL:
    case PROCESS_FX_MESSAGE:
    case PROCESS_FX_SIGNAL:
        if (outside_find(o->open, o->n_open, e->key) < o->n_open)
            return "what is open is not opened again";
        outside_add(&o->open, &o->n_open, &o->cap_open, e->key);
        return NULL;
    case PROCESS_FX_CLOSE:
        return outside_drop(o->open, &o->n_open, e->key) ? NULL : "only what is open is closed";
    case PROCESS_FX_INCIDENT:
        if (outside_find(o->incidents, o->n_incidents, e->key) < o->n_incidents)
            return "an incident is told once";
        outside_add(&o->incidents, &o->n_incidents, &o->cap_incidents, e->key);
        return NULL;
    case PROCESS_FX_RESOLVED:
        return outside_drop(o->incidents, &o->n_incidents, e->key) ? NULL : "only an incident is resolved";
    case PROCESS_FX_SEND:
    case PROCESS_FX_BROADCAST:
    case PROCESS_FX_UNCAUGHT:
    case PROCESS_FX_CONTINUE:
    case PROCESS_FX_ENDED:
    case PROCESS_FX_ENTERED:
    case PROCESS_FX_LEFT:
    case PROCESS_FX_CANCELLED:
    case PROCESS_FX_FLOW:
    case PROCESS_FX_VARIABLE:
    case PROCESS_FX_KINDS:
        break;
    }
    return NULL;
}

/* After a step that went well; NULL, or the rule that is broken. */
static inline const char *outside_take(struct outside *o, const struct process_event *event, const struct process_effects *fx, const struct state *s)
{
    if (event->kind == PROCESS_COMPLETE || event->kind == PROCESS_ERROR) /* nobody tells who did it; a simulation opens less */
        (void)outside_drop(o->open, &o->n_open, event->key);
    for (size_t i = 0; i < fx->n; i++) {
        const char *rule = outside_effect(o, &fx->list[i]);
        if (rule)
            return rule;
    }
    return s->ended && (o->n_open || o->n_incidents) ? "what has ended leaves nothing open" : NULL;
}

#endif
