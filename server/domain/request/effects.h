/* SPDX-License-Identifier: Apache-2.0
 * What a decision wants to happen besides the new state: history, events to people, the timer. Data only; the store writes
 * it in the same transaction. */
#ifndef ORDO_DOMAIN_EFFECTS_H
#define ORDO_DOMAIN_EFFECTS_H

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/time.h"

/* Numbers are those of ordo.EventKind and ordo.HistoryKind. */
enum event_kind { EVENT_ASSIGNED = 1, EVENT_UNASSIGNED, EVENT_COMMENTED, EVENT_STATE_CHANGED, EVENT_ESCALATED, EVENT_REGISTERED };

enum history_kind {
    HISTORY_REGISTERED = 1,
    HISTORY_TAKEN,
    HISTORY_ASSIGNED,
    HISTORY_TRANSFERRED,
    HISTORY_RETURNED,
    HISTORY_WAITING,
    HISTORY_RESUMED,
    HISTORY_RESOLVED,
    HISTORY_CLOSED,
    HISTORY_CANCELLED,
    HISTORY_REOPENED,
    HISTORY_COMMENT,
    HISTORY_NOTE,
    HISTORY_WORK,
    HISTORY_TARGET_MISSED,
    HISTORY_IMPORTED,
};

/* To one person; a committed call tells a person one thing: the last that was added for him. */
struct effect_event {
    int64_t principal_id;
    enum event_kind kind;
    char text[OD_EVENT_TEXT_MAX];
};

struct effect_history {
    enum history_kind kind;
    int seq;
    int state;             /* the request's, after it */
    bool internal;
    int64_t subject_id;
    int minutes;
    int64_t happened_us;
    struct od_str body;
};

enum { EFFECT_HISTORY_MAX = 4, EFFECT_EVENTS_MAX = 8 };

struct effects {
    /* whom and what about: the same for all events of a call */
    int64_t request_id;
    int64_t request_number;
    uint32_t request_version;
    int64_t actor_id;
    int64_t at_us;
    unsigned n_events;
    struct effect_event events[EFFECT_EVENTS_MAX];
    unsigned n_history;
    struct effect_history history[EFFECT_HISTORY_MAX];
    bool timer_changed;
    int64_t timer_us;      /* OD_TIME_NONE: no timer any more */
};

/* Adds an event unless there is no such person or he is the actor himself. */
void effects_tell(struct effects *fx, int64_t principal_id, enum event_kind kind, const char *fmt, ...) od_printf(4, 5);
struct effect_history *effects_history(struct effects *fx, enum history_kind kind);

#endif
