/* SPDX-License-Identifier: Apache-2.0
 * Effects happen once (design §5): keys, digests and stored replies.
 *
 * The key is not looked up before the work: it is inserted with the reply among the saves, and only a collision, or a refusal,
 * looks. The unique index decides either way, and the common call saves a statement. */
#ifndef ORDO_RPC_IDEMPOTENCY_H
#define ORDO_RPC_IDEMPOTENCY_H

#include "server/rpc/rpc.h"
#include "server/store/txn.h"

struct idem {
    int64_t day;                  /* of the key's own timestamp, days since 1970 */
    unsigned char digest[32];     /* SHA-256 of method ‖ body as sent */
};

/* Checks form and date of the call's key. KEY_REQUIRED, KEY_FORMAT, KEY_TOO_OLD, KEY_TOO_NEW. */
enum od_status idem_check(const struct rpc *rpc, int64_t real_us, struct idem *ret_idem, struct od_err *err);

/* Queues the key with the reply. */
void idem_insert(struct txn *tx, const struct rpc *rpc, const struct idem *idem, enum od_status status, struct od_str reply);

/* Whether the failure of a commit is this: the key was there already. */
bool idem_collided(const struct txn *tx);

/* In a transaction of its own: the stored reply into rpc->out, status, replayed. *ret_found (may be NULL) says whether there is
 * one; without one, ROW_CONTENTION. KEY_OTHER_CALL if it belongs to other bytes. */
enum od_status idem_replay(struct txn *tx, struct rpc *rpc, const struct idem *idem, bool *ret_found);

#endif
