/* SPDX-License-Identifier: Apache-2.0
 * Events of a write: into the inboxes with the transaction, to the io threads and the other nodes after it. And the steps
 * that subscriptions want from a worker. */
#ifndef ORDO_RPC_INBOX_H
#define ORDO_RPC_INBOX_H

#include "server/net/push.h"
#include "server/rpc/rpc.h"

/* Queues the inbox rows of rpc->fx, last before COMMIT: the locks on inboxes are held for the shortest time. *ret_batch is
 * NULL when there is nobody to tell; its sequences are known once the transaction has committed. */
void inbox_queue(struct rpc *rpc, struct push_batch **ret_batch);

/* After COMMIT: to this node's connections and to the wake thread. Takes the batch over; NULL is legal. */
void inbox_publish(struct rpc *rpc, struct push_batch *batch);

/* An item of server->wake: inboxes that have grown. */
struct wake_item {
    struct od_queue_item link;
    size_t n;
    int64_t principal_ids[];
};

#endif
