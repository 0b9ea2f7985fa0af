/* SPDX-License-Identifier: Apache-2.0
 * The steps of a request's clocks. Each works on a copy: it brings the measured times up to now, changes the mode and
 * the targets, and is put in place when nothing was refused. One formula gives every due time: the promise counted from
 * its start, then what pauses took away added as working time. */
#include "server/domain/sla/clock.h"

static bool promised(struct sla_amount a) { return a.seconds || a.days; }

/* Working time that counts for no promise: a promise that pauses is due that much later. */
static int64_t added_us(const struct sla_clock *c) { return c->paused_us + c->excused_us; }

static bool at_work(const struct sla_clock *c) { return c->mode == SLA_RUNNING || c->mode == SLA_PAUSED; }

static void fold(struct sla_clock *c, const struct sla_terms *t, int64_t now_us)
{
    if (now_us <= c->at_us)
        return;
    int64_t work_us = calendar_between(t->calendar, c->at_us, now_us);
    if (c->mode == SLA_PAUSED) {
        c->paused_us += work_us;
        c->waiting_us += now_us - c->at_us;
    } else {
        c->worked_us += work_us;
    }
    c->at_us = now_us;
}

static enum od_status due(const struct sla_terms *t, struct sla_amount a, int64_t from_us, int64_t add_us,
                          int64_t *ret_us, struct od_err *err)
{
    int64_t us;
    if (a.days)
        OD_TRY(calendar_add_days(t->calendar, from_us, a.days, &us, err));
    else
        OD_TRY(calendar_add(t->calendar, from_us, a.seconds * OD_US_PER_S, &us, err));
    return calendar_add(t->calendar, us, add_us, ret_us, err);
}

static enum od_status due_response(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    return due(t, t->response, c->created_us, c->excused_us, &c->response.due_us, err);
}

static enum od_status due_resolution(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    return due(t, t->resolution, c->created_us, added_us(c), &c->resolution.due_us, err);
}

static enum od_status due_update(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    return due(t, t->update, c->update_from_us, added_us(c) - c->update_added_us, &c->update.due_us, err);
}

/* The next update is counted from now on; while paused its due time waits. */
static enum od_status expect_update(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    if (!promised(t->update))
        return OD_OK;
    c->update.state = SLA_OPEN;
    c->update.due_us = OD_TIME_NONE;
    c->update_from_us = c->at_us;
    c->update_added_us = added_us(c);
    return c->mode == SLA_PAUSED ? OD_OK : due_update(c, t, err);
}

/* A due time that has passed stays what it was. */
static void suspend(struct sla_target *g, int64_t now_us)
{
    if ((g->state == SLA_OPEN || g->state == SLA_MISSED) && now_us <= g->due_us)
        g->due_us = OD_TIME_NONE;
}

static bool is_suspended(const struct sla_target *g)
{
    return (g->state == SLA_OPEN || g->state == SLA_MISSED) && g->due_us == OD_TIME_NONE;
}

static void pause_begins(struct sla_clock *c)
{
    c->mode = SLA_PAUSED;
    suspend(&c->resolution, c->at_us);
    suspend(&c->update, c->at_us);
}

static enum od_status pause_ends(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    if (c->mode != SLA_PAUSED)
        return OD_OK;
    c->mode = SLA_RUNNING;
    if (is_suspended(&c->resolution))
        OD_TRY(due_resolution(c, t, err));
    if (is_suspended(&c->update))
        OD_TRY(due_update(c, t, err));
    return OD_OK;
}

/* Reached now: by the due time alone, whether it was fired already or the timer was late. */
static void reach(struct sla_target *g, int64_t now_us)
{
    g->reached_us = now_us;
    if (g->state != SLA_NONE)
        g->state = now_us <= g->due_us ? SLA_MET : SLA_MISSED;
}

static void respond(struct sla_clock *c)
{
    if (c->response.reached_us == OD_TIME_NONE)
        reach(&c->response, c->at_us);
}

static enum od_status resolve(struct sla_clock *c, const struct sla_terms *t, struct od_err *err)
{
    OD_TRY(pause_ends(c, t, err));
    respond(c);
    reach(&c->resolution, c->at_us);
    c->update.state = SLA_NONE;
    c->update.due_us = OD_TIME_NONE;
    c->stopped_worked_us = c->worked_us;
    c->mode = SLA_RESOLVED;
    return OD_OK;
}

static void close_at(struct sla_clock *c)
{
    c->closed_us = c->at_us;
    c->lead_us = c->at_us - c->created_us;
    c->working_lead_us = c->worked_us;
}

enum od_status sla_start(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    static const struct sla_target none = {SLA_NONE, OD_TIME_NONE, OD_TIME_NONE};
    struct sla_clock n = {
        .mode = SLA_RUNNING,
        .created_us = now_us,
        .at_us = now_us,
        .response = none,
        .update = none,
        .resolution = none,
        .update_from_us = now_us,
        .closed_us = OD_TIME_NONE,
    };
    if (promised(t->response)) {
        n.response.state = SLA_OPEN;
        OD_TRY(due_response(&n, t, err));
    }
    if (promised(t->resolution)) {
        n.resolution.state = SLA_OPEN;
        OD_TRY(due_resolution(&n, t, err));
    }
    OD_TRY(expect_update(&n, t, err));
    *c = n;
    return OD_OK;
}

enum od_status sla_take(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    (void)err;
    fold(c, t, now_us);
    if (t->response_rule == SLA_RESPONSE_TAKE)
        respond(c);
    return OD_OK;
}

enum od_status sla_answer(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    struct sla_clock n = *c;
    fold(&n, t, now_us);
    if (t->response_rule == SLA_RESPONSE_ANSWER)
        respond(&n);
    n.update.reached_us = n.at_us;
    if (at_work(&n))
        OD_TRY(expect_update(&n, t, err));
    *c = n;
    return OD_OK;
}

enum od_status sla_pause(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    (void)err;
    fold(c, t, now_us);
    if (c->mode == SLA_RUNNING)
        pause_begins(c);
    return OD_OK;
}

enum od_status sla_resume(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    struct sla_clock n = *c;
    fold(&n, t, now_us);
    OD_TRY(pause_ends(&n, t, err));
    *c = n;
    return OD_OK;
}

enum od_status sla_resolve(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    struct sla_clock n = *c;
    fold(&n, t, now_us);
    if (at_work(&n))
        OD_TRY(resolve(&n, t, err));
    *c = n;
    return OD_OK;
}

enum od_status sla_reopen(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    struct sla_clock n = *c;
    if (at_work(c))
        return OD_OK;
    fold(&n, t, now_us);
    if (n.mode != SLA_RESOLVED)
        n.excused_us += n.worked_us - n.stopped_worked_us;
    n.mode = SLA_RUNNING;
    if (promised(t->response) && n.response.state == SLA_NONE && n.response.reached_us == OD_TIME_NONE) {
        n.response.state = SLA_OPEN;
        OD_TRY(due_response(&n, t, err));
    }
    if (promised(t->resolution) && n.resolution.state != SLA_MISSED) {
        n.resolution.state = SLA_OPEN;
        OD_TRY(due_resolution(&n, t, err));
    }
    OD_TRY(expect_update(&n, t, err));
    *c = n;
    return OD_OK;
}

enum od_status sla_close(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    struct sla_clock n = *c;
    if (c->mode == SLA_CLOSED || c->mode == SLA_CANCELLED)
        return OD_OK;
    fold(&n, t, now_us);
    if (at_work(&n))
        OD_TRY(resolve(&n, t, err));
    n.mode = SLA_CLOSED;
    close_at(&n);
    *c = n;
    return OD_OK;
}

static void forget(struct sla_target *g)
{
    if (g->state == SLA_OPEN) {
        g->state = SLA_NONE;
        g->due_us = OD_TIME_NONE;
    }
}

enum od_status sla_cancel(struct sla_clock *c, const struct sla_terms *t, int64_t now_us, struct od_err *err)
{
    (void)err;
    if (c->mode == SLA_CLOSED || c->mode == SLA_CANCELLED)
        return OD_OK;
    fold(c, t, now_us);
    if (at_work(c))
        c->stopped_worked_us = c->worked_us;
    forget(&c->response);
    forget(&c->update);
    forget(&c->resolution);
    c->mode = SLA_CANCELLED;
    return OD_OK;
}

void sla_advance(struct sla_clock *c, const struct sla_terms *t, int64_t now_us)
{
    if (at_work(c))
        fold(c, t, now_us);
}

static int64_t earlier(const struct sla_target *g, int64_t us)
{
    bool ticks = g->state == SLA_OPEN && g->due_us != OD_TIME_NONE;
    return ticks && (us == OD_TIME_NONE || g->due_us < us) ? g->due_us : us;
}

int64_t sla_next_timer(const struct sla_clock *c)
{
    return earlier(&c->response, earlier(&c->update, earlier(&c->resolution, OD_TIME_NONE)));
}

static bool fire(struct sla_target *g, int64_t now_us)
{
    if (g->state != SLA_OPEN || g->due_us == OD_TIME_NONE || g->due_us > now_us)
        return false;
    g->state = SLA_MISSED;
    return true;
}

unsigned sla_fire(struct sla_clock *c, int64_t now_us)
{
    return (fire(&c->response, now_us) ? SLA_RESPONSE : 0U) | (fire(&c->update, now_us) ? SLA_UPDATE : 0U) |
           (fire(&c->resolution, now_us) ? SLA_RESOLUTION : 0U);
}

enum od_status sla_apply(struct sla_clock *c, const struct sla_terms *t, struct sla_step step, struct od_err *err)
{
    od_assert(step.kind >= SLA_STEP_TAKE && step.kind <= SLA_STEP_CANCEL);
    switch (step.kind) {
    case SLA_STEP_TAKE: return sla_take(c, t, step.at_us, err);
    case SLA_STEP_ANSWER: return sla_answer(c, t, step.at_us, err);
    case SLA_STEP_PAUSE: return sla_pause(c, t, step.at_us, err);
    case SLA_STEP_RESUME: return sla_resume(c, t, step.at_us, err);
    case SLA_STEP_RESOLVE: return sla_resolve(c, t, step.at_us, err);
    case SLA_STEP_REOPEN: return sla_reopen(c, t, step.at_us, err);
    case SLA_STEP_CLOSE: return sla_close(c, t, step.at_us, err);
    case SLA_STEP_CANCEL: return sla_cancel(c, t, step.at_us, err);
    }
    return OD_INTERNAL;
}

static void stay_missed(struct sla_target *g, const struct sla_target *before, int64_t now_us)
{
    if (before->state == SLA_MISSED)
        fire(g, now_us);
}

enum od_status sla_retarget(struct sla_clock *c, const struct sla_terms *t, const struct sla_step *steps,
                            size_t n_steps, int64_t now_us, struct od_err *err)
{
    struct sla_clock n;
    OD_TRY(sla_start(&n, t, c->created_us, err));
    for (size_t i = 0; i < n_steps; i++)
        OD_TRY(sla_apply(&n, t, steps[i], err));
    sla_advance(&n, t, now_us);
    stay_missed(&n.response, &c->response, now_us);
    stay_missed(&n.update, &c->update, now_us);
    stay_missed(&n.resolution, &c->resolution, now_us);
    *c = n;
    return OD_OK;
}

enum od_status sla_log_start(struct sla_clock *c, const struct sla_terms *t, int64_t created_us, struct od_err *err)
{
    struct sla_terms log = *t;
    log.update = (struct sla_amount){0};
    OD_TRY(sla_start(c, &log, created_us, err));
    if (c->response.state == SLA_OPEN)
        c->response.state = SLA_MISSED;
    if (c->resolution.state == SLA_OPEN)
        c->resolution.state = SLA_MISSED;
    return OD_OK;
}

/* By what was used up rather than by the clock: used up exactly, a promise still holds after closing time. */
static void log_reach(struct sla_target *g, struct sla_amount a, int64_t used_us, int64_t now_us)
{
    g->reached_us = now_us;
    if (g->state == SLA_NONE)
        return;
    bool in_time = a.days ? now_us <= g->due_us : used_us <= a.seconds * OD_US_PER_S;
    g->state = in_time ? SLA_MET : SLA_MISSED;
}

enum od_status sla_log_event(struct sla_clock *c, const struct sla_terms *t, int64_t at_us, unsigned marks,
                             struct od_err *err)
{
    struct sla_clock n = *c;
    fold(&n, t, at_us);
    OD_TRY(pause_ends(&n, t, err));
    if ((marks & SLA_LOG_RESPONSE) && n.response.reached_us == OD_TIME_NONE)
        log_reach(&n.response, t->response, n.worked_us + n.paused_us, n.at_us);
    if (marks & SLA_LOG_RESOLUTION)
        log_reach(&n.resolution, t->resolution, n.worked_us, n.at_us);
    if (marks & SLA_LOG_CLOSING)
        close_at(&n);
    if (marks & SLA_LOG_WAITING)
        pause_begins(&n);
    *c = n;
    return OD_OK;
}
