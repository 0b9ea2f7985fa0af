/* SPDX-License-Identifier: Apache-2.0
 * What `ordo import` reads: a map, a NUL, a log. A map that is taken gives batches of the log that hold every event once, in order,
 * within their bounds; one that is not still lets its text stand for a time's format, and the log be read as CSV. */
#include <stdlib.h>

#include "client/cli/import_csv.h"
#include "client/cli/import_log.h"
#include "client/cli/import_time.h"
#include "common/base/limits.h"
#include "common/base/time.h"
#include "tests/fuzz/fuzz.h"

enum { FORMAT_MAX = 100 };

/* Each row lies in the text, behind the one before it. */
static void csv_check(struct od_str log, char separator)
{
    char *text = malloc(log.n + 1);
    struct csv c;
    enum csv_result r;
    size_t at = 0, line = 0;
    od_assert(text);
    if (log.n)
        memcpy(text, log.p, log.n);
    csv_init(&c, text, log.n, separator);
    while ((r = csv_next(&c)) != CSV_END) {
        od_assert(c.at > at && c.at <= c.n && c.line > line && (r == CSV_ROW || c.why));
        for (size_t i = 0; r == CSV_ROW && i < c.n_fields; i++) {
            const char *p = c.fields[i].p;
            od_assert(p >= text + at && p + c.fields[i].n <= text + c.at);
        }
        at = c.at;
        line = c.line;
    }
    csv_done(&c);
    free(text);
}

static void time_check(struct od_str map, struct od_str log)
{
    char format[FORMAT_MAX + 1], why[200];
    size_t n = map.n < FORMAT_MAX ? map.n : FORMAT_MAX;
    const struct od_zone *utc;
    struct od_err err;
    int64_t us;
    od_assert(od_zone_get(OD_STR("UTC"), &utc, &err) == OD_OK);
    if (n)
        memcpy(format, map.p, n);
    format[n] = '\0';
    if (time_format_check(format, why, sizeof why))
        (void)time_read(format, log, utc, &us);
}

static bool on_error(size_t line, const char *why, void *arg)
{
    size_t *seen = arg;
    od_assert(line && why && *why);
    return ++*seen < 100;
}

static void log_check(const struct import_map *m, struct od_str bytes)
{
    char *text = malloc(bytes.n + 1);
    struct import_log log;
    ordo_error error;
    size_t errors = 0, next = 0;
    od_assert(text);
    if (bytes.n)
        memcpy(text, bytes.p, bytes.n);
    if (import_log_read(&log, m, "log", text, bytes.n, on_error, &errors, &error) == ORDO_OK) {
        od_assert(!errors);
        for (size_t i = 0; i < log.n_batches; i++) {
            od_assert(log.batches[i].from == next && log.batches[i].n && log.batches[i].n <= OD_IMPORT_EVENTS_MAX);
            next += log.batches[i].n;
        }
        od_assert(next == log.n_events && log.n_requests <= log.n_events);
        for (size_t i = 0; i < log.n_events; i++) {
            const struct log_event *e = &log.events[i];
            bool same = i && od_str_eq(e->request, e[-1].request);
            od_assert(e->first == !same && (!same || e->at_us >= e[-1].at_us));
        }
    }
    import_log_done(&log);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct import_map map;
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    struct od_str text = {(const char *)data, nul ? (size_t)(nul - data) : size};
    struct od_str log = {(const char *)data + text.n + (nul != NULL), size - text.n - (nul != NULL)};
    ordo_error error;
    if (import_map_read(&map, "map", text, &error) == ORDO_OK) {
        log_check(&map, log);
    } else {
        od_assert(error.status != ORDO_OK && *error.text);
        csv_check(log, text.n && text.p[0] == ';' ? ';' : ',');
        time_check(text, log);
    }
    import_map_done(&map);
    return 0;
}
