/* SPDX-License-Identifier: Apache-2.0
 * The clocks of one request: response, update and resolution, their due times, and the time that was spent.
 *
 * A clock is a small value that is stored with its request and moved on by each thing that happens: no function looks
 * at history, except sla_retarget, which is given all of it. Pure; `now_us` is the business clock's. An instant before
 * the last one that the clock saw counts as that one, since two nodes' readings may differ by a little.
 *
 * Every step returns the calendar's refusal (a due time beyond the year 9999) and leaves the clock as it was then. */
#ifndef ORDO_DOMAIN_SLA_CLOCK_H
#define ORDO_DOMAIN_SLA_CLOCK_H

#include "server/domain/sla/calendar.h"

enum sla_response_rule {
    SLA_RESPONSE_TAKE = 1,   /* the first time that somebody takes the request */
    SLA_RESPONSE_ANSWER = 2, /* the first public answer */
};

/* Working seconds, or working days that keep the time of day. Both 0: nothing is promised. */
struct sla_amount {
    uint32_t seconds;
    uint32_t days; /* counts instead of seconds unless 0 */
};

/* What is promised to a request: its level and priority of one version of an SLA, with that version's calendar. */
struct sla_terms {
    const struct calendar *calendar;
    enum sla_response_rule response_rule;
    struct sla_amount response;   /* never pauses */
    struct sla_amount update;     /* from one public answer to the next, until it is resolved; pauses */
    struct sla_amount resolution; /* pauses */
};

/* Numbers are stored and sent. */
enum sla_state {
    SLA_NONE = 0, /* not promised, or no longer: the request was cancelled, or is resolved (update) */
    SLA_OPEN = 1,
    SLA_MET = 2,    /* reached at or before its due time */
    SLA_MISSED = 3, /* reached later, or still open when its due time passed */
};

enum sla_mode {
    SLA_RUNNING = 1,
    SLA_PAUSED = 2, /* the customer is awaited */
    SLA_RESOLVED = 3,
    SLA_CLOSED = 4,
    SLA_CANCELLED = 5,
};

struct sla_target {
    enum sla_state state;
    int64_t due_us;     /* OD_TIME_NONE: not promised, or suspended by a pause that began before it passed */
    int64_t reached_us; /* OD_TIME_NONE: not yet; resolution: the last one, also when it was reopened since */
};

struct sla_clock {
    enum sla_mode mode;
    int64_t created_us;
    int64_t at_us;     /* everything below holds up to here */
    int64_t worked_us; /* working time since creation, less pauses */
    int64_t paused_us; /* working time inside pauses */
    int64_t
        excused_us; /* the part of worked_us that no promise counts: finished until reopened from closed or cancelled */
    int64_t stopped_worked_us; /* worked_us when it was last resolved, closed or cancelled */
    int64_t waiting_us;        /* elapsed time inside finished pauses, and inside the present one up to at_us */
    struct sla_target response;
    struct sla_target update;
    struct sla_target resolution;
    int64_t update_from_us;  /* the public answer (or the start) from which the next update is counted */
    int64_t update_added_us; /* what pauses had added by then */
    int64_t closed_us;       /* the last closing, OD_TIME_NONE: never */
    int64_t lead_us;         /* creation to the last closing, elapsed; 0: never closed */
    int64_t working_lead_us; /* the same in working time, less pauses */
};

/* Starts the clocks of a request that was created at now_us. */
enum od_status sla_start(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);

/* Steps. Guards are the request's; a step that changes nothing (pause while paused, a second response) is harmless. */
enum od_status sla_take(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
enum od_status sla_answer(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
enum od_status sla_pause(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
enum od_status sla_resume(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
/* Ends a pause, and is the response where there was none. */
enum od_status sla_resolve(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
/* From resolved the time between counts, from closed and cancelled it does not. */
enum od_status sla_reopen(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
/* Resolves first what is not resolved. */
enum od_status sla_close(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);
/* What is still open is promised no longer. */
enum od_status sla_cancel(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err);

/* The next instant at which sla_fire has something to say; OD_TIME_NONE: none, until the next step. */
int64_t sla_next_timer(const struct sla_clock *c);

enum sla_target_bit {
    SLA_RESPONSE = 1,
    SLA_UPDATE = 2,
    SLA_RESOLUTION = 4,
};

/* Marks what is open although its due time has come; returns those targets (bits of sla_target_bit), each once. */
unsigned sla_fire(struct sla_clock *c, int64_t now_us);

/* Brings the measured times (worked, paused, waiting) up to now, for those who look. Due times stay. */
void sla_advance(struct sla_clock *c, const struct sla_terms *t, int64_t now_us);

/* What happened to a request, as its history has it. */
enum sla_step_kind {
    SLA_STEP_TAKE = 1,
    SLA_STEP_ANSWER,
    SLA_STEP_PAUSE,
    SLA_STEP_RESUME,
    SLA_STEP_RESOLVE,
    SLA_STEP_REOPEN,
    SLA_STEP_CLOSE,
    SLA_STEP_CANCEL,
};

struct sla_step {
    enum sla_step_kind kind;
    int64_t at_us;
};

/* The step of that kind: sla_take, sla_answer, ... */
enum od_status sla_apply(struct sla_clock *c, const struct sla_terms *t, struct sla_step step, struct od_err *err);

/* Another level, priority or calendar: the clock as if these terms had held from the start, by all n steps in order. A
 * target that was missed and would be by now under the new terms too stays missed and is not fired again. */
enum od_status sla_retarget(struct sla_clock *c, const struct sla_terms *t, const struct sla_step *steps, size_t n,
                            int64_t now_us, struct od_err *err);

/* --- history of another desk --------------------------------------------------------------------------------------
 * Facts without guards, in order of time; nothing fires. Targets are missed until an event reaches them within the
 * promised working time, and the last resolution decides; whatever follows a resolution or a closing, time runs on. */

enum sla_log_mark {
    SLA_LOG_RESPONSE = 1, /* the first one counts; pauses are not taken off */
    SLA_LOG_RESOLUTION = 2,
    SLA_LOG_CLOSING = 4,
    SLA_LOG_WAITING = 8, /* paused until the next event */
};

/* The first event also needs its sla_log_event. */
enum od_status sla_log_start(struct sla_clock *c, const struct sla_terms *t, int64_t created_us, struct od_err *err);
/* marks: bits of sla_log_mark. */
enum od_status sla_log_event(struct sla_clock *c, const struct sla_terms *t, int64_t at_us, unsigned marks,
                             struct od_err *err);

#endif
