/* SPDX-License-Identifier: Apache-2.0
 * Customers, contacts and contracts in the database: rows in and out, nothing decided. Each call queues one statement. */
#ifndef ORDO_STORE_CUSTOMER_H
#define ORDO_STORE_CUSTOMER_H

#include "customer.pb-c.h"
#include "server/store/txn.h"

struct customer {
    int64_t id;
    int32_t branch_id;
    struct od_str name;            /* texts lie in the arena */
    int state;
    struct od_str language;
    struct od_str zone;
    struct od_str communication;   /* {NULL, 0}: none */
    int32_t version;
};

/* NO_SUCH for what is not there or out of scope. _lock: for a change. */
void store_customer_get(struct txn *tx, int64_t id, struct customer *into);
void store_customer_lock(struct txn *tx, int64_t id, struct customer *into);

/* NAME_TAKEN within the branch. */
void store_customer_insert(struct txn *tx, const struct customer *c);

/* One row as a message of the arena; NULL when memory is out. */
Ordo__Customer *store_customer_row(const PGresult *r, int row, struct od_arena *arena);
void store_customer_message(struct txn *tx, int64_t id, Ordo__CustomerGetRep *into);

struct contact {
    int64_t id;
    int64_t customer_id;
    int32_t branch_id;
    struct od_str name;
    struct od_str phone;
    struct od_str mail;
    struct od_str language;
    struct od_str zone;
    int64_t principal_id;          /* who logs in as this contact; 0: nobody */
};
void store_contact_insert(struct txn *tx, const struct contact *c);

/* The contact without a login whom a customer user's mail address or name belongs to, locked; 0: none. */
void store_contact_match(struct txn *tx, int64_t customer_id, struct od_str name, struct od_str mail, int64_t *into);
void store_contact_link(struct txn *tx, int64_t contact_id, int64_t principal_id);

struct contract {
    int64_t id;
    int32_t version;
    struct od_str number;
    int64_t signed_day;            /* since 1970 */
    int64_t sla_id;
    int32_t sla_version;
};

/* NO_SUCH for a contract that is not this customer's. */
void store_contract_check(struct txn *tx, struct contract *contract, int64_t customer_id);
/* Writes the version and puts it in force. Raises when the customer moved meanwhile. */
void store_contract_put(struct txn *tx, const struct customer *c, const struct contract *contract);

#endif
