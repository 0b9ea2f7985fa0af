/* SPDX-License-Identifier: Apache-2.0
 * One call from bytes to bytes: decode, authorise, run in a transaction, replay by key, audit, commit, encode. Everything
 * that holds for every method stands here, once. */
#ifndef ORDO_RPC_DISPATCH_H
#define ORDO_RPC_DISPATCH_H

#include "server/rpc/rpc.h"
#include "server/rpc/worker.h"

/* Runs the call and leaves the answer in it (result, status, out). The caller hands it back. Worker threads. */
void dispatch_run(struct worker *w, struct rpc *rpc);

#endif
