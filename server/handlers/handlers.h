/* SPDX-License-Identifier: Apache-2.0
 * The handlers' prototypes, one per row of proto/methods.def. A handler queues its loads, waits once, decides by the domain,
 * queues its saves, and may be run twice (after a soft error), so it does nothing outside its transaction. A READ only queues:
 * the dispatcher waits, for several of them at once where they queue up, and runs rpc->then behind the wait.
 * Lists are run once per page: see list.h. */
#ifndef ORDO_HANDLERS_H
#define ORDO_HANDLERS_H

#include "admin.pb-c.h"
#include "customer.pb-c.h"
#include "import.pb-c.h"
#include "request.pb-c.h"
#include "server/rpc/rpc.h"

#define M(id, name, stem, permission, access)                                                                          \
    enum od_status rpc_##name(struct rpc *rpc, const Ordo__##stem##Req *req, Ordo__##stem##Rep *rep);
#include "proto/methods.def"
#undef M

#endif
