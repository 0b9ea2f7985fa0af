/* SPDX-License-Identifier: Apache-2.0
 * Batches of imported history in the database: each call is one statement over arrays. */
#ifndef ORDO_STORE_IMPORT_H
#define ORDO_STORE_IMPORT_H

#include "common/base/limits.h"
#include "server/domain/request/request.h"
#include "server/store/txn.h"

/* Names of one kind and their ids; id 0: not there yet. */
struct import_names {
    size_t n;
    struct od_str names[OD_IMPORT_EVENTS_MAX];
    int64_t ids[OD_IMPORT_EVENTS_MAX];
    bool made[OD_IMPORT_EVENTS_MAX];       /* by this batch */
};

/* Adds a name once; returns its place. */
size_t import_names_add(struct import_names *names, struct od_str name);

/* A level of the source. */
struct import_level {
    struct od_str name;
    int64_t sla_id;
    int32_t sla_version;
};

enum { IMPORT_LEVELS_MAX = 64 };

struct import_source {
    uint64_t next_batch;
    int32_t branch_id;
    size_t n_levels;
    struct import_level levels[IMPORT_LEVELS_MAX];
};

struct import_request {
    struct od_str key;         /* the log's id of it */
    bool fresh;                /* not in the database before this batch */
    struct request r;
};

struct import_requests {
    size_t n;
    struct import_request rows[OD_IMPORT_EVENTS_MAX];
};

struct import_history {
    size_t n;
    int64_t request_id[OD_IMPORT_EVENTS_MAX], seq[OD_IMPORT_EVENTS_MAX], customer_id[OD_IMPORT_EVENTS_MAX],
        happened_us[OD_IMPORT_EVENTS_MAX], actor_id[OD_IMPORT_EVENTS_MAX], state[OD_IMPORT_EVENTS_MAX];
    struct od_str body[OD_IMPORT_EVENTS_MAX];
};

/* Queued loads. The source's row is locked: its batches come one after the other. */
void store_import_source_lock(struct txn *tx, int64_t source_id, struct import_source *into);
void store_import_requests_lock(struct txn *tx, int64_t source_id, struct import_requests *into); /* by the keys in it */
void store_import_names(struct txn *tx, enum stmt stmt, int64_t source_id, struct import_names *into);
void store_import_numbers(struct txn *tx, struct import_requests *into); /* a number for each, used by fresh ones */

/* Queued saves. What has nothing to write queues nothing. */
void store_import_names_insert(struct txn *tx, enum stmt stmt, int32_t branch_id, const struct import_names *names);
void store_import_requests_insert(struct txn *tx, int64_t source_id, const struct import_requests *requests);
void store_import_requests_update(struct txn *tx, const struct import_requests *requests);
void store_import_history_insert(struct txn *tx, int32_t branch_id, const struct import_history *h);

#endif
