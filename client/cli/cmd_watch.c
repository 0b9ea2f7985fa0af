/* SPDX-License-Identifier: Apache-2.0
 * Events as they come. What was printed is noted in the profile and then acknowledged, so that a watch that was cut or
 * killed goes on behind the last line it printed. */
#include "client/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client/cli/text.h"

struct watch_options {
    const char *name;
    int64_t count, seconds;
    const char *after; /* text, since 0 is a place too */
    bool from_now, anew;
};

#define AT(member) offsetof(struct watch_options, member)

static const struct opt WATCH_OPTIONS[] = {
    {.name = "name", .letter = 'n', .kind = OPT_TEXT, .offset = AT(name), .value = "DEVICE",
     .help = "of this device: each name has its own place in the inbox; else the machine's name"},
    {.name = "count", .letter = 'c', .kind = OPT_NUMBER, .offset = AT(count), .min = 1, .max = INT64_MAX,
     .help = "stop after so many events"},
    {.name = "for", .kind = OPT_NUMBER, .offset = AT(seconds), .min = 1, .max = INT32_MAX, .value = "SECONDS",
     .help = "stop after this time"},
    {.name = "from-now", .kind = OPT_FLAG, .offset = AT(from_now),
     .help = "a new name begins now instead of at the oldest event kept"},
    {.name = "after", .kind = OPT_TEXT, .offset = AT(after), .value = "SEQ",
     .help = "begin behind this event, whatever was seen"},
    {.name = "anew", .kind = OPT_FLAG, .offset = AT(anew),
     .help = "forget what this name has seen; begin where the server says"},
    {0},
};

enum { PATH_BYTES = 512, NAME_BYTES = 64, STATE_BYTES = 160, ENVIRONMENT_BYTES = 16, LINE_BYTES_MAX = 64 * 1024 };

struct watch {
    struct cli *cli;
    const struct watch_options *o;
    char whose[STATE_BYTES]; /* environment and principal that the noted sequence belongs to */
    int state_fd;            /* -1: nothing is noted */
    uint64_t printed;
    uint64_t n;
    bool over;
    enum ordo_status status;
};

/* --- the noted place --------------------------------------------------------------------------------------------------- */

static void name_default(char *out, size_t size)
{
    char host[NAME_BYTES] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !host[0])
        snprintf(host, sizeof host, "here");
    snprintf(out, size, "ordo-%.40s", host);
}

/* A name may hold what a file's name may not. */
static void state_suffix(const char *name, char *out, size_t size)
{
    size_t at = (size_t)snprintf(out, size, "watch.");
    for (; *name && at + 4 < size; name++) {
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *name) != NULL;
        at += (size_t)snprintf(out + at, size - at, plain ? "%c" : "%%%02x", plain ? *name : (unsigned char)*name);
    }
}

/* "SEQ ENVIRONMENT PRINCIPAL": true if there is a place, and it is of this inbox. */
static bool state_read(const struct watch *w, int64_t *ret_seq)
{
    char text[STATE_BYTES + 32];
    ssize_t n = pread(w->state_fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    struct od_str rest = od_str_trim((struct od_str){text, (size_t)n});
    struct od_str number = od_str_cut(&rest, ' ');
    return od_str_eq_c(rest, w->whose) && od_str_int(number, 0, INT64_MAX, ret_seq);
}

static enum ordo_status state_open(struct watch *w, const char *name)
{
    char suffix[3 * NAME_BYTES + 16], path[PATH_BYTES], environment[2 * ENVIRONMENT_BYTES + 1] = "";
    const Ordo__HelloOk *server = ordo_server(w->cli->client);
    const Ordo__AuthOk *who = ordo_identity(w->cli->client);
    if (server && server->environment.len == ENVIRONMENT_BYTES)
        od_hex(server->environment.data, ENVIRONMENT_BYTES, environment);
    snprintf(w->whose, sizeof w->whose, "%s %lld", environment[0] ? environment : "-", who ? (long long)who->principal_id : 0LL);
    state_suffix(name, suffix, sizeof suffix);
    enum ordo_status s = profile_path(&w->cli->profile, suffix, path, sizeof path, &w->cli->error);
    if (s != ORDO_OK || access(w->cli->profile.dir, W_OK) != 0)
        return s; /* without a directory the server's own note is all there is */
    w->state_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (w->state_fd < 0)
        return cli_file(&w->cli->error, path);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(w->state_fd, F_SETLK, &lock) != 0)
        return cli_usage(&w->cli->error, "another watch with the name %s is running; give this one its own --name", name);
    return ORDO_OK;
}

/* One write in place, always as long as the last one or longer: a reader sees the old or the new number. */
static enum ordo_status state_write(struct watch *w, uint64_t seq)
{
    char text[STATE_BYTES + 32];
    if (w->state_fd < 0)
        return ORDO_OK;
    int n = snprintf(text, sizeof text, "%020llu %s\n", (unsigned long long)seq, w->whose);
    if (n > 0 && pwrite(w->state_fd, text, (size_t)n, 0) == n && ftruncate(w->state_fd, n) == 0)
        return ORDO_OK;
    return cli_file(&w->cli->error, "the note of what was seen");
}

/* --- events ------------------------------------------------------------------------------------------------------------ */

static void event_print(struct watch *w, const Ordo__Event *event)
{
    struct out *out = &w->cli->out;
    struct od_buf b;
    od_buf_init(&b, LINE_BYTES_MAX);
    if (out->format == OUT_JSON) {
        json_t *json = msg_to_json(&event->base, out->zone);
        json_dumpf(json, out->f, JSON_COMPACT);
        json_decref(json);
        od_buf_char(&b, '\n');
    } else if (out->format == OUT_CSV) {
        if (!w->n)
            od_buf_c(&b, "seq,at_us,request_number,kind,text\r\n");
        od_buf_printf(&b, "%llu,", (unsigned long long)event->seq);
        msg_instant(&b, event->at_us, out->zone, false);
        od_buf_printf(&b, ",%lld,", (long long)event->request_number);
        msg_enum_name(&b, &ordo__event_kind__descriptor, (int)event->kind, false);
        od_buf_char(&b, ',');
        out_csv_cell(&b, od_str_c(event->text));
        od_buf_c(&b, "\r\n");
    } else {
        msg_instant(&b, event->at_us, out->zone, true);
        od_buf_printf(&b, "  #%-6lld ", (long long)event->request_number);
        size_t from = b.n;
        msg_enum_name(&b, &ordo__event_kind__descriptor, (int)event->kind, true);
        od_buf_printf(&b, "%*s  ", (int)(b.n - from < 13 ? 13 - (b.n - from) : 0), "");
        text_clean(&b, od_str_c(event->text));
        od_buf_char(&b, '\n');
    }
    fwrite(b.p, 1, b.n, out->f);
    od_buf_done(&b);
}

static void watch_fail(struct watch *w, enum ordo_status status)
{
    w->over = true;
    w->status = status;
}

static void event_came(ordo_subscription *subscription, const Ordo__Event *event, void *arg)
{
    struct watch *w = arg;
    if (w->over)
        return;
    event_print(w, event);
    w->n++;
    if (fflush(w->cli->out.f) != 0) {
        watch_fail(w, cli_file(&w->cli->error, "standard output"));
        return;
    }
    w->printed = event->seq;
    enum ordo_status s = state_write(w, event->seq);
    if (s == ORDO_OK && ordo_subscription_ack(subscription, event->seq) != ORDO_OK)
        s = cli_fail(&w->cli->error, ORDO_INTERNAL, "INTERNAL_ERROR", "event %llu could not be acknowledged",
                     (unsigned long long)event->seq);
    if (s != ORDO_OK)
        watch_fail(w, s);
    else if (w->o->count && w->n >= (uint64_t)w->o->count)
        w->over = true;
}

static void watch_ended(ordo_subscription *subscription, const ordo_error *error, void *arg)
{
    struct watch *w = arg;
    char oldest[32];
    (void)subscription;
    if (w->over)
        return;
    w->cli->error = *error;
    watch_fail(w, error->status);
    if (error->status != ORDO_RESYNC_REQUIRED)
        return;
    if (!ordo_error_arg(error, "oldest", oldest, sizeof oldest))
        snprintf(oldest, sizeof oldest, "0");
    cli_fail(&w->cli->error, ORDO_RESYNC_REQUIRED, "SUBSCRIPTION_GAP",
             "events up to %s are no longer kept, and this watch had seen those up to %llu only. Look at what is there now "
             "(`ordo request list --assignee me`), then go on with `ordo watch --after %s`",
             oldest, (unsigned long long)w->printed, oldest);
}

/* --- the verb ---------------------------------------------------------------------------------------------------------- */

/* Waits for events, for an end that was asked for, and for the time to pass. */
static void watch_wait(struct watch *w, int64_t end_us)
{
    struct cli *cli = w->cli;
    while (!w->over) {
        struct pollfd fds[2] = {{ordo_fd(cli->client), POLLIN, 0}, {cli->signal_fd, POLLIN, 0}};
        enum ordo_status s = ordo_process(cli->client, 0);
        if (s != ORDO_OK) {
            cli_fail(&cli->error, s, ordo_status_name(s), "%s", ordo_status_text(s));
            watch_fail(w, s);
            return;
        }
        int64_t left_ms = end_us ? (end_us - od_mono_us()) / OD_US_PER_MS : -1;
        if (w->over || (end_us && left_ms <= 0))
            return;
        int n = poll(fds, 2, end_us ? (left_ms > INT32_MAX ? INT32_MAX : (int)left_ms) : -1);
        if (n < 0 && errno != EINTR) {
            watch_fail(w, cli_file(&cli->error, "poll"));
            return;
        }
        if (n > 0 && fds[1].revents)
            return;
    }
}

/* The last acknowledgement must leave before the connection is closed. */
static void acknowledgement_send(struct cli *cli)
{
    int64_t end_us = od_mono_us() + 200 * OD_US_PER_MS;
    while (ordo_client_state(cli->client) == ORDO_STATE_READY && od_mono_us() < end_us)
        if (ordo_process(cli->client, 20) != ORDO_OK)
            return;
}

static enum ordo_status run_watch(struct cli *cli, struct input *in)
{
    const struct watch_options *o = in->own;
    struct watch w = {.cli = cli, .o = o, .state_fd = -1};
    ordo_subscription *subscription;
    char name[NAME_BYTES];
    int64_t seen = 0;
    if (o->after && !od_str_int(od_str_c(o->after), 0, INT64_MAX, &seen))
        return cli_usage(&cli->error, "--after wants an event's sequence, not \"%s\"", o->after);
    if (o->name && (strlen(o->name) >= sizeof name || !*o->name))
        return cli_usage(&cli->error, "--name has at most %d bytes", NAME_BYTES - 1);
    if (o->name)
        snprintf(name, sizeof name, "%s", o->name);
    else
        name_default(name, sizeof name);
    enum ordo_status s = cli_connect(cli);
    if (s == ORDO_OK)
        s = state_open(&w, name);
    if (s == ORDO_OK) {
        ordo_subscribe_options so = {.struct_size = sizeof so, .name = name, .from_now = o->from_now,
                                     .on_event = event_came, .on_end = watch_ended, .arg = &w};
        so.has_after = o->after || (!o->anew && w.state_fd >= 0 && state_read(&w, &seen));
        so.after = w.printed = so.has_after ? (uint64_t)seen : 0;
        s = ordo_subscribe(cli->client, &so, &subscription, &cli->error);
    }
    if (s == ORDO_OK) {
        watch_wait(&w, o->seconds ? od_mono_us() + o->seconds * OD_US_PER_S : 0);
        s = w.status;
    }
    if (s == ORDO_OK && w.n)
        acknowledgement_send(cli);
    w.over = true;
    ordo_client_free(od_take(cli->client)); /* the subscription's last callback still looks at w */
    if (w.state_fd >= 0)
        close(w.state_fd);
    return s;
}

const struct verb VERBS_WATCH[] = {
    {.name = "watch", .summary = "Show events as they come", .opts = WATCH_OPTIONS, .run = run_watch,
     .own_bytes = sizeof(struct watch_options), .flags = VERB_SIGNALS,
     .detail = "Events are those of the person who is logged in: requests given to him or taken away, comments, states, escalations. "
               "Each is printed, noted in the profile, and acknowledged. A cut connection is made again by itself; a watch that was "
               "stopped or killed goes on behind the last event it printed."},
    {0},
};
