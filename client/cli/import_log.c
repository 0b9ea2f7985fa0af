/* SPDX-License-Identifier: Apache-2.0
 * From rows to batches. The order and the cuts are part of what a source is (see import_digest()): a restarted import must
 * come to the same batches. */
#include "client/cli/import_log.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/import_csv.h"
#include "client/cli/import_time.h"
#include "client/cli/text.h"
#include "common/base/limits.h"

#define ORDER_VERSION "ordo import order 1\n"

enum { COLUMN_REQUEST, COLUMN_ACTIVITY, COLUMN_ACTOR, COLUMN_TIME, COLUMN_CUSTOMER, COLUMN_DEPARTMENT, COLUMN_LEVEL, COLUMNS };

enum { COLUMN_NONE = -1, WHY_BYTES = 256, HEADING_MAX = 256 };

struct reading {
    struct import_log *log;
    const struct import_map *map;
    const char *path;
    struct csv csv;
    int columns[COLUMNS];
    size_t n_heading;
};

bool import_digest(struct od_str map, struct od_str log, unsigned char ret_digest[IMPORT_DIGEST_BYTES])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint64_t n = map.n;
    unsigned char size[8];
    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)(n >> (8 * i));
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) && EVP_DigestUpdate(ctx, ORDER_VERSION, strlen(ORDER_VERSION)) &&
              EVP_DigestUpdate(ctx, size, sizeof size) && EVP_DigestUpdate(ctx, map.p, map.n) && EVP_DigestUpdate(ctx, log.p, log.n) &&
              EVP_DigestFinal_ex(ctx, ret_digest, NULL);
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* --- rows ------------------------------------------------------------------------------------------------------------- */

static enum ordo_status column_find(struct reading *r, size_t which, const char *name, ordo_error *error)
{
    const char *names[HEADING_MAX];
    char copies[HEADING_MAX][64];
    size_t n = 0;
    r->columns[which] = COLUMN_NONE;
    if (!name)
        return ORDO_OK;
    for (size_t i = 0; i < r->csv.n_fields; i++) {
        struct od_str title = od_str_trim(r->csv.fields[i]);
        if (od_str_eq_c(title, name)) {
            r->columns[which] = (int)i;
            return ORDO_OK;
        }
        if (n < HEADING_MAX) {
            snprintf(copies[n], sizeof copies[n], OD_STR_FMT, OD_STR_ARG(title));
            names[n] = copies[n];
            n++;
        }
    }
    const char *near = text_nearest(od_str_c(name), names, n);
    return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s, line %zu: there is no column \"%s\"%s%s%s", r->path, r->csv.line, name,
                    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static enum ordo_status heading_read(struct reading *r, ordo_error *error)
{
    const struct import_map *m = r->map;
    const char *const names[COLUMNS] = {
        [COLUMN_REQUEST] = m->request,          [COLUMN_ACTIVITY] = m->activity,             [COLUMN_ACTOR] = m->actor,
        [COLUMN_TIME] = m->time,                [COLUMN_CUSTOMER] = m->customer.column,      [COLUMN_DEPARTMENT] = m->department.column,
        [COLUMN_LEVEL] = m->level.column,
    };
    switch (csv_next(&r->csv)) {
    case CSV_END: return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s is empty: not even a heading", r->path);
    case CSV_BAD: return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s, line %zu: %s", r->path, r->csv.line, r->csv.why);
    case CSV_ROW: break;
    }
    r->n_heading = r->csv.n_fields;
    for (size_t i = 0; i < COLUMNS; i++) {
        enum ordo_status s = column_find(r, i, names[i], error);
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

static struct od_str cell(const struct reading *r, size_t which, const char *fixed)
{
    int column = r->columns[which];
    return column == COLUMN_NONE ? od_str_c(fixed) : od_str_trim(r->csv.fields[column]);
}

/* What is wrong with a cell; NULL if nothing. */
static const char *cell_fault(struct od_str s, size_t max_chars)
{
    size_t n = od_utf8_len(s);
    if (!s.n)
        return "is empty";
    if (n == SIZE_MAX || memchr(s.p, '\0', s.n))
        return "is not UTF-8";
    return n > max_chars ? "is too long" : NULL;
}

static bool row_read(struct reading *r, struct log_event *e, char why[WHY_BYTES])
{
    const struct import_map *m = r->map;
    static const struct {
        const char *what;
        size_t offset;
    } cells[] = {
        {"request", offsetof(struct log_event, request)},       {"activity", offsetof(struct log_event, activity)},
        {"actor", offsetof(struct log_event, actor)},           {"customer", offsetof(struct log_event, customer)},
        {"department", offsetof(struct log_event, department)}, {"level", offsetof(struct log_event, level)},
    };
    if (r->csv.n_fields != r->n_heading) {
        snprintf(why, WHY_BYTES, "%zu fields, but the heading has %zu", r->csv.n_fields, r->n_heading);
        return false;
    }
    *e = (struct log_event){
        .request = cell(r, COLUMN_REQUEST, NULL),
        .activity = cell(r, COLUMN_ACTIVITY, NULL),
        .actor = cell(r, COLUMN_ACTOR, NULL),
        .customer = cell(r, COLUMN_CUSTOMER, m->customer.fixed),
        .department = cell(r, COLUMN_DEPARTMENT, m->department.fixed),
        .level = cell(r, COLUMN_LEVEL, m->level.fixed),
        .line = (uint32_t)r->csv.line,
    };
    for (size_t i = 0; i < OD_LEN(cells); i++) {
        const char *fault = cell_fault(*(struct od_str *)(void *)((char *)e + cells[i].offset), OD_NAME_MAX);
        if (fault && i < 3) { /* the others count in a request's first event alone */
            snprintf(why, WHY_BYTES, "the %s %s", cells[i].what, fault);
            return false;
        }
    }
    struct od_str time = cell(r, COLUMN_TIME, NULL);
    if (!time_read(m->time_format, time, m->zone, &e->at_us)) {
        snprintf(why, WHY_BYTES, "the time \"%.*s\" is not of the form %s", (int)(time.n < 80 ? time.n : 80), time.p, m->time_format);
        return false;
    }
    e->meaning = import_map_activity(m, e->activity);
    return true;
}

static bool first_check(const struct import_map *m, const struct log_event *e, char why[WHY_BYTES])
{
    const char *fault;
    if ((fault = cell_fault(e->customer, OD_NAME_MAX)))
        snprintf(why, WHY_BYTES, "the customer of a request's first event %s", fault);
    else if ((fault = cell_fault(e->department, OD_NAME_MAX)))
        snprintf(why, WHY_BYTES, "the department of a request's first event %s", fault);
    else if (!import_map_level(m, e->level))
        snprintf(why, WHY_BYTES, "the level \"%.*s\" of a request's first event is not in the map",
                 (int)(e->level.n < 80 ? e->level.n : 80), e->level.p ? e->level.p : "");
    else
        return true;
    return false;
}

/* --- order -------------------------------------------------------------------------------------------------------------- */

static int str_compare(struct od_str a, struct od_str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_request_and_time(const void *x, const void *y)
{
    const struct log_event *a = x, *b = y;
    int c = str_compare(a->request, b->request);
    if (!c)
        c = (a->at_us > b->at_us) - (a->at_us < b->at_us);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}

struct whole {
    const struct log_event *events;
    size_t n;
};

static int by_first_event(const void *x, const void *y)
{
    const struct log_event *a = ((const struct whole *)x)->events, *b = ((const struct whole *)y)->events;
    int c = (a->at_us > b->at_us) - (a->at_us < b->at_us);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* Requests in the order in which they began. */
static void events_order(struct import_log *log)
{
    struct whole *requests = od_xcalloc(log->n_events + 1, sizeof *requests);
    struct log_event *ordered = od_xcalloc(log->n_events + 1, sizeof *ordered);
    size_t at = 0;
    qsort(log->events, log->n_events, sizeof *log->events, by_request_and_time);
    for (size_t i = 0; i < log->n_events; i++) {
        struct log_event *e = &log->events[i];
        e->first = i == 0 || str_compare(e->request, e[-1].request) != 0;
        if (e->first)
            requests[log->n_requests++] = (struct whole){e, 0};
        requests[log->n_requests - 1].n++;
    }
    qsort(requests, log->n_requests, sizeof *requests, by_first_event);
    for (size_t i = 0; i < log->n_requests; i++) {
        memcpy(ordered + at, requests[i].events, requests[i].n * sizeof *ordered);
        at += requests[i].n;
    }
    free(log->events);
    free(requests);
    log->events = ordered;
}

static struct log_batch *batch_add(struct import_log *log, size_t from)
{
    log->batches[log->n_batches] = (struct log_batch){from, 0};
    return &log->batches[log->n_batches++];
}

/* A request that does not fit whole into what is left of a batch begins the next one; only a longer one is cut. */
static void batches_cut(struct import_log *log)
{
    log->batches = od_xcalloc(log->n_events + 1, sizeof *log->batches);
    struct log_batch *b = batch_add(log, 0);
    for (size_t i = 0; i < log->n_events;) {
        size_t n = 1;
        while (i + n < log->n_events && !log->events[i + n].first)
            n++;
        if (b->n && b->n + n > OD_IMPORT_EVENTS_MAX)
            b = batch_add(log, i);
        for (size_t k = 0; k < n; k++) {
            if (b->n == OD_IMPORT_EVENTS_MAX)
                b = batch_add(log, i + k);
            b->n++;
        }
        i += n;
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static struct log_event *event_add(struct import_log *log)
{
    if (log->n_events == log->cap_events) {
        log->cap_events = log->cap_events ? 2 * log->cap_events : 4096;
        log->events = od_xrealloc(log->events, log->cap_events * sizeof *log->events);
    }
    return &log->events[log->n_events++];
}

static size_t rows_read(struct reading *r, row_error_fn on_row_error, void *arg)
{
    char why[WHY_BYTES];
    size_t bad = 0;
    for (;;) {
        enum csv_result result = csv_next(&r->csv);
        if (result == CSV_END)
            return bad;
        if (result == CSV_BAD) {
            snprintf(why, sizeof why, "%s", r->csv.why);
        } else {
            struct log_event *e = event_add(r->log);
            if (row_read(r, e, why))
                continue;
            r->log->n_events--;
        }
        bad++;
        if (!on_row_error(r->csv.line, why, arg))
            return bad;
    }
}

static size_t firsts_check(const struct reading *r, row_error_fn on_row_error, void *arg)
{
    char why[WHY_BYTES];
    size_t bad = 0;
    for (size_t i = 0; i < r->log->n_events; i++) {
        const struct log_event *e = &r->log->events[i];
        if (!e->first || first_check(r->map, e, why))
            continue;
        bad++;
        if (!on_row_error(e->line, why, arg))
            break;
    }
    return bad;
}

enum ordo_status import_log_read(struct import_log *ret_log, const struct import_map *map, const char *path, char *text, size_t n,
                                 row_error_fn on_row_error, void *arg, ordo_error *error)
{
    struct reading r = {.log = ret_log, .map = map, .path = path};
    memset(ret_log, 0, sizeof *ret_log);
    csv_init(&r.csv, text, n, map->separator);
    enum ordo_status s = heading_read(&r, error);
    size_t bad = s == ORDO_OK ? rows_read(&r, on_row_error, arg) : 0;
    csv_done(&r.csv);
    if (s != ORDO_OK)
        return s;
    if (!bad) {
        events_order(ret_log);
        bad = firsts_check(&r, on_row_error, arg);
    }
    if (bad)
        return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s: %zu row%s cannot be used; nothing was imported", path, bad,
                        bad == 1 ? "" : "s");
    if (!ret_log->n_events)
        return cli_fail(error, ORDO_INVALID, "FILE_ROW", "%s has no events below its heading", path);
    batches_cut(ret_log);
    return ORDO_OK;
}

void import_log_done(struct import_log *log)
{
    free(log->events);
    free(log->batches);
    memset(log, 0, sizeof *log);
}
