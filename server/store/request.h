/* SPDX-License-Identifier: Apache-2.0
 * Requests in the database: rows in and out, nothing decided. Each call queues one statement; results are there after the
 * transaction's wait. */
#ifndef ORDO_STORE_REQUEST_H
#define ORDO_STORE_REQUEST_H

#include "request.pb-c.h"
#include "server/domain/request/request.h"
#include "server/store/txn.h"

/* What registering needs to know; 0 where there is none. */
struct request_register_facts {
    int32_t branch_id;              /* the customer's */
    int customer_state;
    int64_t contract_id;
    int32_t contract_version;
    int64_t sla_id;
    int32_t sla_version;
    int64_t contact_id;             /* 0: not one of this customer's */
    int64_t contact_principal_id;
    int32_t type_version;
    const char *assignee_branches;  /* {1,2}: he may work for these; {} where there is no such active user */
    int64_t number;
};

/* himself: a customer user's principal, who is the contact where none is named; 0 for staff. */
void store_request_register_load(struct txn *tx, int64_t customer_id, int64_t contact_id, int64_t type_id, int64_t assignee_id,
                                 int64_t himself, struct request_register_facts *into);
void store_request_insert(struct txn *tx, const struct request *r);

/* Locks the row for a change. NO_SUCH for what is not there or out of scope. */
void store_request_lock(struct txn *tx, int64_t id, struct request *into);

/* Saves what request_act() and the like may change; r->version is the new version. Raises when the row moved meanwhile. */
void store_request_save(struct txn *tx, const struct request *r);

/* History rows and timer of the effects; events are the dispatcher's, last before COMMIT. fresh: the request is new. */
void store_effects(struct txn *tx, const struct request *r, const struct effects *fx, bool fresh);

enum { TIMER_REQUEST = 1 };

/* One row of a list into a message of the call's arena; NULL when memory is out. */
Ordo__RequestRow *store_request_row(const PGresult *res, int row, struct od_arena *arena);

/* A whole request, but for the names of its type, department and level: those never change, and the worker knows them. */
struct request_get {
    Ordo__RequestGetRep *rep;       /* filled; its parts in the arena */
    int64_t key;                    /* what was asked for */
    int32_t type_version;
    int64_t sla_id;
    int32_t sla_version;
};

/* into: alive until the wait. */
void store_request_get(struct txn *tx, int64_t id, struct request_get *into);
void store_request_get_by_number(struct txn *tx, int64_t number, struct request_get *into);

#endif
