/* SPDX-License-Identifier: Apache-2.0
 * Scenario files: what happens to one request, and what is expected of it. The same files run against the pure core and, over
 * the wire, against a server and PostgreSQL.
 *
 *   calendar WEEK | zone NAME | response 4h | resolution 8h          before the first event; times are of that zone
 *   YYYY-MM-DD HH:MM register
 *   YYYY-MM-DD HH:MM WHO ACTION [ARGUMENT] [-> REASON]               -> REASON: it is refused with that
 *   YYYY-MM-DD HH:MM tick                                            time passes: due timers fire
 *   expect state NAME
 *   expect response|resolution open|met|missed [due T | at T] */
#ifndef ORDO_TESTS_SCENARIO_H
#define ORDO_TESTS_SCENARIO_H

#include "server/domain/request/request.h"

enum scenario_who { WHO_ANN, WHO_BOB, WHO_HEAD, WHO_CLIENT };

struct scenario_terms {
    char week[128];
    char zone[64];
    uint32_t response_s;
    uint32_t resolution_s;
};

struct scenario_step {
    int64_t at_us;
    enum scenario_who who;
    char verb[24];
    char argument[48];
    enum od_reason refused;      /* OD_R_NONE: it must go well */
};

/* The state as a back end sees it after a step. */
struct scenario_view {
    enum request_state state;
    struct sla_target response;
    struct sla_target resolution;
};

/* What runs the steps: the core, or a server. Each returns how the step ended. */
struct scenario_backend {
    void (*begin)(void *self, const struct scenario_terms *terms);
    enum od_reason (*step)(void *self, const struct scenario_step *step);
    void (*view)(void *self, struct scenario_view *ret_view);
    void *self;
};

/* Runs one file; fails the cmocka test that calls it with file and line of what does not hold. */
void scenario_run(const char *path, const struct scenario_backend *backend);

/* Every file of tests/scenario/request; fails when there is none. */
void scenario_run_all(const struct scenario_backend *backend);

/* The action of a verb; false for register, tick, comment, work. */
bool scenario_action(const char *verb, enum request_action *ret_action);
enum wait_for scenario_wait_for(const char *argument);

#endif
