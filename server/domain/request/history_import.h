/* SPDX-License-Identifier: Apache-2.0
 * Another desk's events folded onto a request: facts, no guards, nothing fires, nobody is told. Pure. */
#ifndef ORDO_DOMAIN_HISTORY_IMPORT_H
#define ORDO_DOMAIN_HISTORY_IMPORT_H

#include "server/domain/request/request.h"

struct import_event {
    int64_t at_us;
    int64_t actor_id;
    enum request_state state;
    unsigned marks;          /* of enum sla_log_mark */
    bool assigns;            /* the actor becomes the assignee */
};

/* r->version 0: the first event creates the request. One history row per event: its number is r->history_seq afterwards. */
enum od_status request_import(struct request *r, const struct sla_terms *terms, const struct import_event *e, struct od_err *err);

#endif
