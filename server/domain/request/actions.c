/* SPDX-License-Identifier: Apache-2.0
 * The one table of what may be done in which state, by whom, and where it leads. Everything else in this file is the same
 * for every row. */
#include <stdio.h>

#include "server/domain/request/request.h"

#define IN(state) (1U << REQUEST_##state)

enum who {
    BY_STAFF,         /* anybody of the staff */
    BY_ASSIGNEE,      /* the assignee, or who may assign */
    BY_ANYONE,        /* the customer too */
};

enum assignee_rule {
    ASSIGNEE_STAYS,
    ASSIGNEE_ACTOR,   /* becomes the actor */
    ASSIGNEE_GIVEN,   /* becomes the command's */
    ASSIGNEE_NOBODY,
    ASSIGNEE_NEEDED,  /* stays, and must be there */
};

struct action_row {
    const char *name;
    unsigned from;                 /* bits of states */
    enum request_state to;
    enum who who;
    enum assignee_rule assignee;
    enum history_kind history;
    bool customer_sees;            /* the history row is public and the contact is told */
};

static const struct action_row ACTIONS[ACTION_COUNT] = {
    [ACTION_TAKE] = {"take", IN(OPEN) | IN(ASSIGNED), REQUEST_IN_WORK, BY_STAFF, ASSIGNEE_ACTOR, HISTORY_TAKEN, true},
    [ACTION_ASSIGN] = {"assign", IN(OPEN) | IN(ASSIGNED) | IN(IN_WORK), REQUEST_ASSIGNED, BY_STAFF, ASSIGNEE_GIVEN,
                       HISTORY_ASSIGNED, false},
    [ACTION_TRANSFER] = {"transfer", IN(OPEN) | IN(ASSIGNED) | IN(IN_WORK), REQUEST_OPEN, BY_STAFF, ASSIGNEE_NOBODY,
                         HISTORY_TRANSFERRED, false},
    [ACTION_RETURN] = {"return", IN(ASSIGNED) | IN(IN_WORK), REQUEST_OPEN, BY_ASSIGNEE, ASSIGNEE_NOBODY, HISTORY_RETURNED, false},
    [ACTION_WAIT] = {"wait", IN(IN_WORK), REQUEST_WAITING, BY_ASSIGNEE, ASSIGNEE_NEEDED, HISTORY_WAITING, true},
    [ACTION_RESUME] = {"resume", IN(WAITING), REQUEST_IN_WORK, BY_ASSIGNEE, ASSIGNEE_NEEDED, HISTORY_RESUMED, true},
    [ACTION_RESOLVE] = {"resolve", IN(IN_WORK) | IN(WAITING), REQUEST_RESOLVED, BY_ASSIGNEE, ASSIGNEE_NEEDED, HISTORY_RESOLVED, true},
    [ACTION_CLOSE] = {"close", IN(RESOLVED), REQUEST_CLOSED, BY_ANYONE, ASSIGNEE_STAYS, HISTORY_CLOSED, true},
    [ACTION_CANCEL] = {"cancel", IN(OPEN) | IN(ASSIGNED) | IN(IN_WORK) | IN(WAITING), REQUEST_CANCELLED, BY_ANYONE, ASSIGNEE_STAYS,
                       HISTORY_CANCELLED, true},
    [ACTION_REOPEN] = {"reopen", IN(RESOLVED) | IN(CLOSED) | IN(CANCELLED), REQUEST_ASSIGNED, BY_ANYONE, ASSIGNEE_STAYS,
                       HISTORY_REOPENED, true},
};

const char *request_action_name(enum request_action a) { return ACTIONS[a].name; }

const char *request_state_name(enum request_state s)
{
    static const char *const names[] = {"none", "open", "assigned", "in work", "waiting", "resolved", "closed", "cancelled"};
    return (unsigned)s < OD_LEN(names) ? names[s] : "none";
}

const char *wait_for_name(enum wait_for w)
{
    static const char *const names[] = {"nobody", "the customer", "a supplier", "a colleague"};
    return (unsigned)w < OD_LEN(names) ? names[w] : "nobody";
}

static enum od_status guard(const struct request *r, const struct request_command *c, const struct actor *actor, struct od_err *err)
{
    const struct action_row *row = &ACTIONS[c->action];
    if (actor->customer && row->who != BY_ANYONE)
        return od_fail(err, OD_R_PERMISSION_MISSING, "permission=request.work");
    if (!(row->from & 1U << r->state))
        return od_fail(err, OD_R_REQUEST_STATE, "action=%s" OD_AND "state=%s", row->name, request_state_name(r->state));
    if (row->assignee == ASSIGNEE_NEEDED && !r->assignee_id)
        return od_fail(err, OD_R_REQUEST_UNASSIGNED, "action=%s", row->name);
    bool others = r->assignee_id && r->assignee_id != actor->id && !actor->may_assign;
    if (others && (row->who == BY_ASSIGNEE || c->action == ACTION_TAKE))
        return od_fail(err, OD_R_REQUEST_NOT_YOURS, "action=%s" OD_AND "assignee=%lld", row->name, (long long)r->assignee_id);
    if (c->action == ACTION_WAIT && (c->wait_for < WAIT_CUSTOMER || c->wait_for > WAIT_INTERNAL))
        return od_fail_field(err, "wait_for", OD_R_FIELD_REQUIRED, NULL);
    return OD_OK;
}

/* Resolution pauses while the customer is awaited; waiting for others is our own time (design §8). */
static enum od_status move_clock(struct request *r, const struct request_command *c, const struct sla_terms *terms, int64_t now_us,
                                 struct od_err *err)
{
    struct sla_clock *k = &r->clock;
    switch (c->action) {
    case ACTION_TAKE: return sla_take(k, terms, now_us, err);
    case ACTION_WAIT: return c->wait_for == WAIT_CUSTOMER ? sla_pause(k, terms, now_us, err) : OD_OK;
    case ACTION_RESUME: return r->wait_for == WAIT_CUSTOMER ? sla_resume(k, terms, now_us, err) : OD_OK;
    case ACTION_RESOLVE: return sla_resolve(k, terms, now_us, err);
    case ACTION_CLOSE: return sla_close(k, terms, now_us, err);
    case ACTION_CANCEL: return sla_cancel(k, terms, now_us, err);
    case ACTION_REOPEN: return sla_reopen(k, terms, now_us, err);
    case ACTION_ASSIGN:
    case ACTION_TRANSFER:
    case ACTION_RETURN:
    case ACTION_COUNT: break;
    }
    return OD_OK;
}

static void set_effects_head(struct effects *fx, const struct request *r, const struct actor *actor, int64_t now_us)
{
    fx->request_id = r->id;
    fx->request_number = r->number;
    fx->request_version = r->version;
    fx->actor_id = actor->id;
    fx->at_us = now_us;
}

static struct effect_history *add_history(struct request *r, struct effects *fx, enum history_kind kind, struct od_str body)
{
    struct effect_history *h = effects_history(fx, kind);
    h->seq = ++r->history_seq;
    h->state = (int)r->state;
    h->body = body;
    return h;
}

static void touch(struct request *r, int64_t now_us)
{
    r->version++;
    r->updated_us = now_us;
}

static void arm_timer(const struct request *r, struct effects *fx)
{
    fx->timer_changed = true;
    fx->timer_us = sla_next_timer(&r->clock);
}

static void tell_of_action(const struct request *r, const struct action_row *row, int64_t before, struct effects *fx)
{
    const long long number = (long long)r->number;
    if (before && before != r->assignee_id)
        effects_tell(fx, before, EVENT_UNASSIGNED, "request %lld is no longer yours (%s)", number, row->name);
    if (row->assignee == ASSIGNEE_GIVEN)
        effects_tell(fx, r->assignee_id, EVENT_ASSIGNED, "request %lld was assigned to you: " OD_STR_FMT, number, OD_STR_ARG(r->title));
    else if (r->assignee_id)
        effects_tell(fx, r->assignee_id, EVENT_STATE_CHANGED, "request %lld is %s now", number, request_state_name(r->state));
    if (row->customer_sees)
        effects_tell(fx, r->contact_principal_id, EVENT_STATE_CHANGED, "request %lld is %s now", number,
                     request_state_name(r->state));
}

static void set_assignee(struct request *r, const struct action_row *row, const struct request_command *c, const struct actor *actor)
{
    switch (row->assignee) {
    case ASSIGNEE_ACTOR: r->assignee_id = actor->id; break;
    case ASSIGNEE_GIVEN: r->assignee_id = c->assignee_id; break;
    case ASSIGNEE_NOBODY: r->assignee_id = 0; break;
    case ASSIGNEE_STAYS:
    case ASSIGNEE_NEEDED: break;
    }
}

enum od_status request_act(struct request *r, const struct request_command *c, const struct sla_terms *terms,
                           const struct actor *actor, int64_t now_us, struct effects *fx, struct od_err *err)
{
    const struct action_row *row = &ACTIONS[c->action];
    int64_t before = r->assignee_id;
    OD_TRY(guard(r, c, actor, err));
    OD_TRY(move_clock(r, c, terms, now_us, err));
    set_assignee(r, row, c, actor);
    r->state = row->to;
    if (c->action == ACTION_REOPEN && !r->assignee_id)
        r->state = REQUEST_OPEN;
    r->wait_for = c->action == ACTION_WAIT ? c->wait_for : WAIT_NOBODY;
    if (c->action == ACTION_TRANSFER) {
        r->department_id = c->department_id;
        r->work_branch_id = c->department_branch_id;
    }
    if (c->action == ACTION_RESOLVE)
        r->solution = c->text;
    touch(r, now_us);
    set_effects_head(fx, r, actor, now_us);
    struct effect_history *h = add_history(r, fx, row->history, c->text);
    h->internal = !row->customer_sees;
    h->subject_id = c->action == ACTION_TRANSFER ? r->department_id : c->action == ACTION_WAIT ? (int64_t)c->wait_for : r->assignee_id;
    tell_of_action(r, row, before, fx);
    arm_timer(r, fx);
    return OD_OK;
}

enum od_status request_register(struct request *r, const struct sla_terms *terms, const struct actor *actor, int64_t now_us,
                                struct effects *fx, struct od_err *err)
{
    r->state = r->assignee_id ? REQUEST_ASSIGNED : REQUEST_OPEN;
    r->wait_for = WAIT_NOBODY;
    r->version = 1;
    r->history_seq = 0;
    r->created_by = actor->id;
    r->created_us = r->updated_us = now_us;
    OD_TRY(sla_start(&r->clock, terms, now_us, err));
    set_effects_head(fx, r, actor, now_us);
    struct effect_history *h = add_history(r, fx, HISTORY_REGISTERED, (struct od_str){NULL, 0});
    h->subject_id = r->assignee_id;
    effects_tell(fx, r->assignee_id, EVENT_ASSIGNED, "request %lld was assigned to you: " OD_STR_FMT, (long long)r->number,
                 OD_STR_ARG(r->title));
    effects_tell(fx, r->contact_principal_id, EVENT_REGISTERED, "request %lld is registered: " OD_STR_FMT, (long long)r->number,
                 OD_STR_ARG(r->title));
    arm_timer(r, fx);
    return OD_OK;
}

static bool is_over(const struct request *r) { return r->state == REQUEST_CLOSED || r->state == REQUEST_CANCELLED; }

enum od_status request_comment(struct request *r, struct od_str text, const struct sla_terms *terms, const struct actor *actor,
                               int64_t now_us, struct effects *fx, struct od_err *err)
{
    if (is_over(r))
        return od_fail(err, OD_R_REQUEST_STATE, "action=comment" OD_AND "state=%s", request_state_name(r->state));
    bool answered = actor->customer && r->state == REQUEST_WAITING && r->wait_for == WAIT_CUSTOMER;
    if (!actor->customer)
        OD_TRY(sla_answer(&r->clock, terms, now_us, err));
    if (answered)
        OD_TRY(sla_resume(&r->clock, terms, now_us, err));
    touch(r, now_us);
    set_effects_head(fx, r, actor, now_us);
    add_history(r, fx, HISTORY_COMMENT, text);
    if (answered) {
        r->state = REQUEST_IN_WORK;
        r->wait_for = WAIT_NOBODY;
        add_history(r, fx, HISTORY_RESUMED, (struct od_str){NULL, 0});
    }
    effects_tell(fx, r->assignee_id, EVENT_COMMENTED, "request %lld: " OD_STR_FMT, (long long)r->number, OD_STR_ARG(text));
    effects_tell(fx, r->contact_principal_id, EVENT_COMMENTED, "request %lld: " OD_STR_FMT, (long long)r->number, OD_STR_ARG(text));
    arm_timer(r, fx);
    return OD_OK;
}

void request_note(struct request *r, struct od_str text, const struct actor *actor, int64_t now_us, struct effects *fx)
{
    touch(r, now_us);
    set_effects_head(fx, r, actor, now_us);
    add_history(r, fx, HISTORY_NOTE, text)->internal = true;
    effects_tell(fx, r->assignee_id, EVENT_COMMENTED, "request %lld, note: " OD_STR_FMT, (long long)r->number, OD_STR_ARG(text));
}

enum { WORK_MINUTES_MAX = 24 * 60, WORK_AHEAD_S = 60 /* of somebody's clock, who means now */ };

enum od_status request_work(struct request *r, int minutes, struct od_str text, int64_t worked_us, const struct actor *actor,
                            int64_t now_us, struct effects *fx, struct od_err *err)
{
    if (minutes < 1 || minutes > WORK_MINUTES_MAX)
        return od_fail_field(err, "minutes", OD_R_FIELD_RANGE, "min=1" OD_AND "max=%d", WORK_MINUTES_MAX);
    if (worked_us != OD_TIME_NONE && worked_us > now_us + WORK_AHEAD_S * OD_US_PER_S) {
        char now[OD_TIME_TEXT];
        od_time_format(now_us, now);
        return od_fail_field(err, "worked_us", OD_R_FIELD_IN_FUTURE, "now=%s", now);
    }
    if (r->state == REQUEST_CANCELLED)
        return od_fail(err, OD_R_REQUEST_STATE, "action=work" OD_AND "state=%s", request_state_name(r->state));
    touch(r, now_us);
    r->minutes_total += minutes;
    set_effects_head(fx, r, actor, now_us);
    struct effect_history *h = add_history(r, fx, HISTORY_WORK, text);
    h->internal = true;
    h->minutes = minutes;
    h->happened_us = worked_us == OD_TIME_NONE || worked_us > now_us ? now_us : worked_us;
    return OD_OK;
}

void request_fire(struct request *r, int64_t now_us, struct effects *fx)
{
    static const struct actor system = {0};
    unsigned missed = sla_fire(&r->clock, now_us);
    if (missed) {
        touch(r, now_us);
        set_effects_head(fx, r, &system, now_us);
        static const struct {
            unsigned bit;
            const char *name;
        } targets[] = {{SLA_RESPONSE, "response"}, {SLA_UPDATE, "update"}, {SLA_RESOLUTION, "resolution"}};
        for (unsigned i = 0; i < OD_LEN(targets); i++) {
            if (!(missed & targets[i].bit))
                continue;
            struct effect_history *h = add_history(r, fx, HISTORY_TARGET_MISSED, od_str_c(targets[i].name));
            h->internal = true;
            effects_tell(fx, r->assignee_id, EVENT_ESCALATED, "request %lld missed its %s target", (long long)r->number, targets[i].name);
            effects_tell(fx, r->head_id, EVENT_ESCALATED, "request %lld missed its %s target", (long long)r->number, targets[i].name);
        }
    }
    arm_timer(r, fx);
}
