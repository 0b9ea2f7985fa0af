/* SPDX-License-Identifier: Apache-2.0
 * A request and what may be done with it. Pure: state and command in, state and effects out; time is an argument.
 * The guards are one table (actions.c); priorities are another (priority.c). */
#ifndef ORDO_DOMAIN_REQUEST_H
#define ORDO_DOMAIN_REQUEST_H

#include "server/domain/request/effects.h"
#include "server/domain/sla/clock.h"

/* Numbers are stored and sent (ordo.RequestState, ordo.WaitFor, ordo.Channel). */
enum request_state {
    REQUEST_OPEN = 1,
    REQUEST_ASSIGNED,
    REQUEST_IN_WORK,
    REQUEST_WAITING,
    REQUEST_RESOLVED,
    REQUEST_CLOSED,
    REQUEST_CANCELLED,
};

enum wait_for { WAIT_NOBODY, WAIT_CUSTOMER, WAIT_SUPPLIER, WAIT_INTERNAL };

enum channel { CHANNEL_FORM = 1, CHANNEL_MESSENGER, CHANNEL_MAIL, CHANNEL_PHONE, CHANNEL_PORTAL, CHANNEL_API, CHANNEL_IMPORT };

struct request {
    int64_t id;
    int64_t number;
    int32_t branch_id;       /* who owns it; never changes */
    int32_t work_branch_id;
    int64_t customer_id;
    int64_t contact_id;
    int64_t contract_id;
    int32_t contract_version;
    int64_t type_id;
    int32_t type_version;
    int64_t sla_id;
    int32_t sla_version;
    int64_t calendar_id;
    int32_t calendar_version;
    enum channel channel;
    enum request_state state;
    enum wait_for wait_for;
    int priority;            /* 1 is the most urgent */
    int urgency;             /* 1 low to 4 critical */
    int64_t assignee_id;     /* 0: nobody */
    int64_t department_id;
    int64_t created_by;
    int64_t created_us;
    int64_t updated_us;
    uint32_t version;
    int history_seq;         /* of the newest history row */
    int minutes_total;
    struct sla_clock clock;
    struct od_str title;
    struct od_str body;
    struct od_str fields;    /* packed */
    struct od_str solution;
    /* read along for decisions, not saved */
    int64_t contact_principal_id;  /* who logs in as the contact, 0: nobody */
    int64_t head_id;               /* of the department */
};

/* Who acts. */
struct actor {
    int64_t id;
    bool customer;           /* a customer user */
    bool may_assign;         /* has request.assign */
};

enum request_action {
    ACTION_TAKE,
    ACTION_ASSIGN,
    ACTION_TRANSFER,
    ACTION_RETURN,
    ACTION_WAIT,
    ACTION_RESUME,
    ACTION_RESOLVE,
    ACTION_CLOSE,
    ACTION_CANCEL,
    ACTION_REOPEN,
    ACTION_COUNT
};

/* A command with what it needs; unused members are 0. */
struct request_command {
    enum request_action action;
    int64_t assignee_id;       /* ASSIGN */
    int64_t department_id;     /* TRANSFER */
    int32_t department_branch_id;
    enum wait_for wait_for;    /* WAIT */
    struct od_str text;        /* reason or solution */
};

const char *request_state_name(enum request_state s);
const char *request_action_name(enum request_action a);
const char *wait_for_name(enum wait_for w);

/* A new request: r carries what was asked for, checked; the clocks start, history begins. assignee_id may be set. */
enum od_status request_register(struct request *r, const struct sla_terms *terms, const struct actor *actor, int64_t now_us,
                                struct effects *fx, struct od_err *err);

/* Moves the request by the table of actions. Refusals: REQUEST_STATE, REQUEST_NOT_YOURS, REQUEST_UNASSIGNED, FORBIDDEN for
 * what customer users may not do. On OK r is at its next version, with the history rows and events in fx. */
enum od_status request_act(struct request *r, const struct request_command *c, const struct sla_terms *terms,
                           const struct actor *actor, int64_t now_us, struct effects *fx, struct od_err *err);

/* A public comment: an answer for the update clock where staff writes it; where the customer was awaited and he writes, the
 * request goes on. */
enum od_status request_comment(struct request *r, struct od_str text, const struct sla_terms *terms, const struct actor *actor,
                               int64_t now_us, struct effects *fx, struct od_err *err);
void request_note(struct request *r, struct od_str text, const struct actor *actor, int64_t now_us, struct effects *fx);
/* worked_us: when it was done, in business time; not in the future. OD_TIME_NONE: now. */
enum od_status request_work(struct request *r, int minutes, struct od_str text, int64_t worked_us, const struct actor *actor,
                            int64_t now_us, struct effects *fx, struct od_err *err);

/* A due timer: marks what was missed, once, tells assignee and head, arms the next. */
void request_fire(struct request *r, int64_t now_us, struct effects *fx);

/* Priority of impact (1 highest to 4) and urgency (1 low to 4 critical), ITIL's matrix; why says how it came about. */
enum { PRIORITY_WHY_TEXT = 96 };
int request_priority(int impact, int urgency, char why[PRIORITY_WHY_TEXT]);

#endif
