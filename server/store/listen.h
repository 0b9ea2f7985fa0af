/* SPDX-License-Identifier: Apache-2.0
 * The node's one LISTEN connection: wakes other nodes, is woken by them, and asks what no notification promises. Not in
 * pipeline mode, and its commits are asynchronous: a lost notification is found by the poll. One thread. */
#ifndef ORDO_STORE_LISTEN_H
#define ORDO_STORE_LISTEN_H

#include <libpq-fe.h>

#include "common/base/base.h"

struct listen {
    PGconn *pg;
    int64_t looked_us;     /* monotonic, of the last look at rights; 0: never */
    int64_t *seen;         /* rights_change rows of that look, ascending */
    size_t n_seen;
    int64_t *told;         /* listen_rights()'s output */
};

/* Zeroed before the first time. What was seen outlives a lost connection: changes that were made meanwhile are not missed. */
enum od_status listen_open(struct listen *l, const char *conninfo, struct od_err *err);
void listen_close(struct listen *l);
void listen_done(struct listen *l);
bool listen_ok(const struct listen *l);

/* Tells the other nodes that these inboxes have grown. */
enum od_status listen_notify(struct listen *l, const int64_t *ids, size_t n, struct od_err *err);

/* Inboxes that other nodes told of since the last call; returns how many of at most max. Does not wait. */
size_t listen_take(struct listen *l, int64_t *ret_ids, size_t max);

/* The newest sequence of each of these inboxes, in any order; both outputs have room for n. */
enum od_status listen_heads(struct listen *l, const int64_t *ids, size_t n, int64_t *ret_ids, int64_t *ret_seqs, size_t *ret_n,
                            struct od_err *err);

/* Principals whose rights changed since the last call that went well, however many; valid until the next one. */
enum od_status listen_rights(struct listen *l, const int64_t **ret_ids, size_t *ret_n, struct od_err *err);

#endif
