/* SPDX-License-Identifier: Apache-2.0
 * One event of a log. An event that repeats a state is a fact too. */
#include "server/domain/request/history_import.h"

enum od_status request_import(struct request *r, const struct sla_terms *terms, const struct import_event *e, struct od_err *err)
{
    unsigned marks = e->marks | (e->state == REQUEST_WAITING ? (unsigned)SLA_LOG_WAITING : 0);
    if (r->version == 0) {
        OD_TRY(sla_log_start(&r->clock, terms, e->at_us, err));
        r->version = 1;
        r->created_us = e->at_us;
        r->created_by = e->actor_id;
    }
    OD_TRY(sla_log_event(&r->clock, terms, e->at_us, marks, err));
    r->updated_us = e->at_us;
    r->state = e->state;
    r->wait_for = e->state == REQUEST_WAITING ? WAIT_CUSTOMER : WAIT_NOBODY;
    r->history_seq++;
    if (e->assigns)
        r->assignee_id = e->actor_id;
    return OD_OK;
}
