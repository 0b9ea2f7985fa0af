/* SPDX-License-Identifier: Apache-2.0
 * `ordo import log`: another desk's history, batch by batch. The server knows which batch comes next, so an import that was
 * stopped, cut or killed is simply run again. */
#include "client/cli/cli.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli/import_log.h"
#include "client/cli/progress.h"
#include "common/base/limits.h"
#include "common/base/time.h"

struct import_options {
    const char *file, *map, *branch;
    int64_t max_errors;
    bool dry_run;
};

#define AT(member) offsetof(struct import_options, member)

static const struct opt LOG_OPTIONS[] = {
    {.name = "EVENTS.csv", .kind = OPT_TEXT, .required = true, .offset = AT(file), .help = "the log: one event a row"},
    {.name = "map", .letter = 'm', .kind = OPT_TEXT, .required = true, .offset = AT(map), .value = "FILE",
     .help = "what the log's columns and activities mean; docs/import.md describes it"},
    {.name = "branch", .letter = 'b', .kind = OPT_TEXT, .offset = AT(branch), .value = "ID|NAME",
     .help = "whose requests they become; else the map's, else the profile's"},
    {.name = "max-errors", .kind = OPT_NUMBER, .offset = AT(max_errors), .min = 0, .max = 1000000,
     .help = "stop reading after so many bad rows; 20"},
    {.name = "dry-run", .letter = 'n', .kind = OPT_FLAG, .offset = AT(dry_run),
     .help = "read and check everything, send nothing"},
    {0},
};

enum { FILE_BYTES_MAX = 1024 * 1024 * 1024, MAP_BYTES_MAX = 1024 * 1024, ERRORS_DEFAULT = 20, TIMEOUT_S = 120 };

struct import {
    struct cli *cli;
    const struct import_options *o;
    struct od_buf map_text, log_text;
    struct import_map map;
    struct import_log log;
    unsigned char digest[IMPORT_DIGEST_BYTES];
    int64_t errors_left;
    int64_t source_id;
    uint64_t first_batch, next_batch;
    uint64_t calls;
    size_t events_sent;
    int64_t start_us, end_us;
};

/* --- files -------------------------------------------------------------------------------------------------------------- */

static bool row_error(size_t line, const char *why, void *arg)
{
    struct import *im = arg;
    fprintf(im->cli->err, "%s, line %zu: %s\n", im->o->file, line, why);
    return --im->errors_left > 0;
}

static enum ordo_status files_read(struct import *im)
{
    struct cli *cli = im->cli;
    im->errors_left = im->o->max_errors ? im->o->max_errors : ERRORS_DEFAULT;
    enum ordo_status s = file_read(im->o->map, &im->map_text, &cli->error);
    if (s == ORDO_OK)
        s = import_map_read(&im->map, im->o->map, od_buf_view(&im->map_text), &cli->error);
    if (s == ORDO_OK)
        s = file_read(im->o->file, &im->log_text, &cli->error);
    if (s == ORDO_OK && !import_digest(od_buf_view(&im->map_text), od_buf_view(&im->log_text), im->digest))
        s = cli_fail(&cli->error, ORDO_INTERNAL, "INTERNAL_ERROR", "SHA-256 is not to be had from OpenSSL");
    if (s == ORDO_OK)
        s = import_log_read(&im->log, &im->map, im->o->file, im->log_text.p, im->log_text.n, row_error, im, &cli->error);
    return s;
}

/* --- calls -------------------------------------------------------------------------------------------------------------- */

/* No call is kept in the journal: the digest names the source and the number its batch, so the server tells what was done. */

static enum ordo_status import_begin(struct import *im, int64_t branch_id)
{
    Ordo__ImportBeginReq req = ORDO__IMPORT_BEGIN_REQ__INIT;
    Ordo__ImportLevel levels[MAP_LEVELS_MAX], *list[MAP_LEVELS_MAX];
    Ordo__ImportBeginRep *rep = NULL;
    for (size_t i = 0; i < im->map.n_levels; i++) {
        ordo__import_level__init(&levels[i]);
        levels[i].name = im->map.levels[i].name;
        levels[i].has_response_s = levels[i].has_resolution_s = 1;
        levels[i].response_s = im->map.levels[i].response_s;
        levels[i].resolution_s = im->map.levels[i].resolution_s;
        list[i] = &levels[i];
    }
    req.has_digest = 1;
    req.digest = (ProtobufCBinaryData){sizeof im->digest, im->digest};
    req.name = im->map.name;
    req.has_branch_id = 1;
    req.branch_id = (int32_t)branch_id;
    req.zone = im->map.zone_name;
    req.week = im->map.week;
    req.holidays = im->map.holidays;
    req.n_levels = im->map.n_levels;
    req.levels = list;
    enum ordo_status s = ordo_import_begin(im->cli->client, &req, &rep, &im->cli->error);
    if (s == ORDO_OK) {
        im->source_id = rep->source_id;
        im->next_batch = rep->next_batch;
        im->calls++;
    }
    ordo_free_message(rep);
    return s;
}

static char *text_copy(char **at, struct od_str s)
{
    char *p = *at;
    memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    *at += s.n + 1;
    return p;
}

static void event_fill(Ordo__ImportEvent *e, const struct log_event *from, const struct import_map *map, char **at)
{
    ordo__import_event__init(e);
    e->request = text_copy(at, from->request);
    e->activity = text_copy(at, from->activity);
    e->actor = text_copy(at, from->actor);
    e->has_at_us = e->has_state = e->has_row = 1;
    e->at_us = from->at_us;
    e->row = from->line;
    e->state = from->meaning && from->meaning->has_state ? from->meaning->state : map->other_state;
    e->has_mark = from->meaning && from->meaning->mark != ORDO__IMPORT_MARK__PLAIN;
    if (e->has_mark)
        e->mark = from->meaning->mark;
    e->has_assigns = e->assigns = from->meaning && from->meaning->assigns;
    if (!from->first)
        return;
    e->customer = text_copy(at, from->customer);
    e->department = text_copy(at, from->department);
    e->level = text_copy(at, from->level);
}

static enum ordo_status batch_send(struct import *im)
{
    const struct log_batch *b = &im->log.batches[im->next_batch];
    Ordo__ImportEvent events[OD_IMPORT_EVENTS_MAX], *list[OD_IMPORT_EVENTS_MAX];
    Ordo__ImportEventsReq req = ORDO__IMPORT_EVENTS_REQ__INIT;
    Ordo__ImportEventsRep *rep = NULL;
    size_t bytes = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct log_event *e = &im->log.events[b->from + i];
        bytes += e->request.n + e->activity.n + e->actor.n + e->customer.n + e->department.n + e->level.n + 6;
    }
    char *texts = od_xmalloc(bytes + 1), *at = texts;
    for (size_t i = 0; i < b->n; i++) {
        event_fill(&events[i], &im->log.events[b->from + i], &im->map, &at);
        list[i] = &events[i];
    }
    req.has_source_id = req.has_batch = 1;
    req.source_id = im->source_id;
    req.batch = im->next_batch;
    req.n_events = b->n;
    req.events = list;
    enum ordo_status s = ordo_import_events(im->cli->client, &req, &rep, &im->cli->error);
    im->calls++;
    if (s == ORDO_OK && rep->next_batch <= im->next_batch)
        s = cli_fail(&im->cli->error, ORDO_PROTOCOL, "MESSAGE_MALFORMED", "batch %llu was taken, but the server wants %llu next",
                     (unsigned long long)im->next_batch, (unsigned long long)rep->next_batch);
    if (s == ORDO_OK) {
        im->events_sent += b->n;
        im->next_batch = rep->next_batch;
    }
    ordo_free_message(rep);
    free(texts);
    return s;
}

/* Whether asking the server where it stands may help. */
static bool may_ask_again(enum ordo_status s, const ordo_error *error)
{
    return s == ORDO_UNKNOWN || s == ORDO_UNAVAILABLE || s == ORDO_DEADLINE || s == ORDO_OVERLOADED || s == ORDO_CONTENTION ||
           (s == ORDO_CONFLICT && !strcmp(error->reason, "IMPORT_ORDER"));
}

static bool asked_to_end(const struct cli *cli)
{
    struct pollfd fd = {cli->signal_fd, POLLIN, 0};
    return cli->signal_fd >= 0 && poll(&fd, 1, 0) > 0;
}

static uint64_t events_before(const struct import *im, uint64_t batch)
{
    return batch < im->log.n_batches ? im->log.batches[batch].from : im->log.n_events;
}

static enum ordo_status batches_send(struct import *im, int64_t branch_id)
{
    struct cli *cli = im->cli;
    struct progress progress;
    enum ordo_status s = ORDO_OK;
    bool asked = false;
    progress_begin(&progress, cli, "events", events_before(im, im->next_batch), im->log.n_events, od_mono_us());
    while (s == ORDO_OK && im->next_batch < im->log.n_batches) {
        if (asked_to_end(cli)) {
            s = cli_fail(&cli->error, ORDO_CANCELLED, "CALL_CANCELLED",
                         "stopped after %llu of %zu batches; the same command goes on there", (unsigned long long)im->next_batch,
                         im->log.n_batches);
            break;
        }
        s = batch_send(im);
        if (s == ORDO_OK) {
            asked = false;
            progress_step(&progress, events_before(im, im->next_batch), od_mono_us());
        } else if (!asked && may_ask_again(s, &cli->error)) {
            asked = true; /* once for each batch: a server that refuses the same again has its reason */
            ordo_error first = cli->error;
            if (import_begin(im, branch_id) == ORDO_OK)
                s = ORDO_OK;
            else
                cli->error = first;
        }
    }
    progress_end(&progress);
    return s;
}

/* --- the verb ----------------------------------------------------------------------------------------------------------- */

static void import_show(struct import *im)
{
    struct out *out = &im->cli->out;
    double seconds = (double)(im->end_us - im->start_us) / 1e6;
    if (out->format == OUT_JSON) {
        json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f}", "events", (json_int_t)im->log.n_events, "requests",
                              (json_int_t)im->log.n_requests, "batches", (json_int_t)im->log.n_batches, "events_sent",
                              (json_int_t)im->events_sent, "calls", (json_int_t)im->calls, "seconds", seconds);
        if (!im->o->dry_run)
            json_object_set_new(o, "source_id", json_integer(im->source_id));
        out_json(out, o);
        return;
    }
    if (out->format == OUT_CSV) {
        fprintf(out->f, "events,requests,batches,events_sent,calls,seconds\r\n%zu,%zu,%zu,%zu,%llu,%.3f\r\n", im->log.n_events,
                im->log.n_requests, im->log.n_batches, im->events_sent, (unsigned long long)im->calls, seconds);
        return;
    }
    fprintf(out->f, "%zu events of %zu requests in %zu batch%s\n", im->log.n_events, im->log.n_requests, im->log.n_batches,
            im->log.n_batches == 1 ? "" : "es");
    if (im->o->dry_run)
        fputs("every row can be imported; nothing was sent\n", out->f);
    else if (!im->events_sent)
        fputs("all of it was there already\n", out->f);
    else if (im->first_batch)
        fprintf(out->f, "%zu events were missing and sent now, in %.2f s\n", im->events_sent, seconds);
    else
        fprintf(out->f, "sent in %.2f s, %.0f events/s\n", seconds, (double)im->events_sent / (seconds > 0 ? seconds : 1));
}

static enum ordo_status import_run(struct import *im)
{
    struct cli *cli = im->cli;
    int64_t branch_id;
    const char *branch = im->o->branch ? im->o->branch : im->map.branch ? im->map.branch : cli->profile.branch;
    if (!branch)
        return cli_usage(&cli->error, "--branch is missing: whose requests they become");
    if (!cli->global.timeout_s)
        cli->global.timeout_s = TIMEOUT_S; /* a server that is started again meanwhile is waited for */
    enum ordo_status s = cli_connect(cli);
    if (s == ORDO_OK && !od_str_int(od_str_c(branch), 1, INT32_MAX, &branch_id))
        s = lookup_id(cli, "branch", branch, &branch_id);
    if (s != ORDO_OK)
        return s;
    im->start_us = od_mono_us();
    s = import_begin(im, branch_id);
    if (s != ORDO_OK)
        return s;
    im->first_batch = im->next_batch;
    s = batches_send(im, branch_id);
    im->end_us = od_mono_us();
    return s;
}

static enum ordo_status run_log(struct cli *cli, struct input *in)
{
    struct import im = {.cli = cli, .o = in->own};
    od_buf_init(&im.map_text, MAP_BYTES_MAX);
    od_buf_init(&im.log_text, FILE_BYTES_MAX);
    enum ordo_status s = files_read(&im);
    if (s == ORDO_OK && !im.o->dry_run)
        s = import_run(&im);
    if (s == ORDO_OK)
        import_show(&im);
    import_log_done(&im.log);
    import_map_done(&im.map);
    od_buf_done(&im.log_text);
    od_buf_done(&im.map_text);
    return s;
}

const struct verb VERBS_IMPORT[] = {
    {.name = "import log", .summary = "Replay another desk's event log as history", .opts = LOG_OPTIONS, .run = run_log,
     .own_bytes = sizeof(struct import_options), .flags = VERB_SIGNALS,
     .detail = "All rows are checked before anything is sent. The log and its map together name the source: the same command may be "
               "run again after a cut or a kill and goes on where it stood, doubling nothing."},
    {0},
};
