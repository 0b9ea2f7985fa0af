/* SPDX-License-Identifier: Apache-2.0
 * A log as events in the order in which they are sent: requests by their first event, the events of one by time (at the same
 * time as they stand in the file), cut into batches. Pure: file contents in, batches out. */
#ifndef ORDO_CLI_IMPORT_LOG_H
#define ORDO_CLI_IMPORT_LOG_H

#include "client/cli/import_map.h"

enum { IMPORT_DIGEST_BYTES = 32 };

struct log_event {
    struct od_str request, activity, actor;
    struct od_str customer, department, level; /* as the row has them; those of a request's first event count */
    const struct map_activity *meaning;        /* NULL: not named in the map */
    int64_t at_us;
    uint32_t line;
    bool first;                                /* of its request */
};

struct log_batch {
    size_t from, n; /* events */
};

struct import_log {
    struct log_event *events;
    size_t n_events, cap_events;
    struct log_batch *batches;
    size_t n_batches;
    size_t n_requests;
};

/* Told of each row that cannot be used; false: enough. */
typedef bool (*row_error_fn)(size_t line, const char *why, void *arg);

/* SHA-256 over map and log, and over the version of the order that is described above: the source's name for good. */
bool import_digest(struct od_str map, struct od_str log, unsigned char ret_digest[IMPORT_DIGEST_BYTES]);

/* Reads the rows; the events point into text, which is changed, and into the map. false: some row was bad, or the heading
 * (then *error says how). */
enum ordo_status import_log_read(struct import_log *ret_log, const struct import_map *map, const char *path, char *text, size_t n,
                                 row_error_fn on_row_error, void *arg, ordo_error *error);
void import_log_done(struct import_log *log);

#endif
