/* SPDX-License-Identifier: Apache-2.0
 * What never changes and a worker has read before: versions of SLAs with their calendars and of request types, names and
 * branches of departments (ordo_app may not change those). So nothing is ever stale; when there are too many, all are forgotten
 * before the next call. One thread. */
#ifndef ORDO_RPC_CACHE_H
#define ORDO_RPC_CACHE_H

#include "admin.pb-c.h"
#include "server/domain/sla/clock.h"

struct rpc;

enum { CACHE_ENTRIES_MAX = 512, PRIORITIES = 4 };

struct cached_sla {
    int64_t id;
    int32_t version;
    int64_t calendar_id;
    int32_t calendar_version;
    char *name;
    struct sla_terms terms[PRIORITIES];  /* by priority - 1 */
};

struct cached_type {
    int64_t id;
    int32_t version;
    char *name;
    int impact;
    int64_t department_id;
    int32_t department_branch_id;
    Ordo__FieldSpecs *fields;
};

struct cached_department {
    int64_t id;
    int32_t branch_id;
    char *name;
};

struct cache_entry;
struct cache {
    struct cache_entry *entries;         /* uthash by kind, id, version */
};

void cache_done(struct cache *c);
void cache_trim(struct cache *c); /* between calls */

/* Finds or reads. What was not read before costs one wait more; NO_SUCH if there is none. What they give lives at
 * least until the call's end. */
enum od_status cache_sla(struct rpc *rpc, int64_t id, int32_t version, const struct cached_sla **ret_sla);
enum od_status cache_type(struct rpc *rpc, int64_t id, int32_t version, const struct cached_type **ret_type);
enum od_status cache_department(struct rpc *rpc, int64_t id, const struct cached_department **ret_department);

#endif
