/* SPDX-License-Identifier: Apache-2.0
 * One call from bytes to bytes: decode, authorise, run in a transaction, replay by key, audit, commit, encode. Everything
 * that holds for every method stands here, once. */
#ifndef ORDO_RPC_DISPATCH_H
#define ORDO_RPC_DISPATCH_H

#include "server/rpc/rpc.h"
#include "server/rpc/worker.h"

enum {
    IDS_PER_CALL = 8,           /* taken without asking; a handler that needs more says so by txn_ids() */
    DISPATCH_READS_MAX = 8,
    LIST_STATE_BYTES = 1280,    /* a list's memory between its pages: server/handlers/list.h */
};

/* Runs the call and leaves the answer in it (result, status, out; out is the ERROR frame's payload where status is not OK).
 * True: the caller hands it back. False: the call has moved on to another thread and must not be touched. Worker threads. */
bool dispatch_run(struct worker *w, struct rpc *rpc);

/* The same for several calls of methods that are READ, with one wait for all of them: where calls queue up, waking the database
 * and being woken costs more than the reads themselves (docs/bench.md). n <= DISPATCH_READS_MAX. */
void dispatch_reads(struct worker *w, struct rpc *const rpcs[], size_t n);

#endif
