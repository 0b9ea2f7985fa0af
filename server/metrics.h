/* SPDX-License-Identifier: Apache-2.0
 * What the node counts. Any thread adds, the metrics page reads; relaxed atomics, because no figure decides anything.
 */
#ifndef ORDO_METRICS_H
#define ORDO_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/base/base.h"

enum { METRICS_STATUSES = 32 };

struct metrics {
    atomic_uint_fast64_t calls[METRICS_STATUSES]; /* finished, by status */
    atomic_uint_fast64_t waits;                   /* of calls on the database */
    atomic_uint_fast64_t statements;
    atomic_uint_fast64_t timers_fired;
    atomic_uint_fast64_t events_published;
    atomic_uint timers_parked; /* of all nodes, as it was seconds ago */
    atomic_uint workers_down; /* workers without a database connection, now */
};

static inline void metrics_add(atomic_uint_fast64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* One call ended. */
static inline void metrics_call(struct metrics *m, enum od_status status, unsigned waits, unsigned statements)
{
    metrics_add(&m->calls[(unsigned)status % METRICS_STATUSES], 1);
    metrics_add(&m->waits, waits);
    metrics_add(&m->statements, statements);
}

#endif
