/* SPDX-License-Identifier: Apache-2.0
 * The table of verbs: finding one by its words, and the help that is made of the rows. */
#include "client/cli/cli.h"

#include <string.h>

#include "client/cli/text.h"

const struct verb *const VERBS_ALL[] = {
    VERBS_LOGIN, VERBS_CUSTOMER, VERBS_REQUEST, VERBS_WATCH, VERBS_IMPORT, VERBS_REPORT,
    VERBS_ADMIN, VERBS_CALL,     VERBS_JOURNAL, VERBS_HELP,  NULL,
};

const struct opt GLOBAL_OPTIONS[] = {
    {.name = "profile", .letter = 'p', .kind = OPT_TEXT, .offset = offsetof(struct globals, profile), .value = "NAME",
     .help = "which profile to use; else ORDO_PROFILE, else default"},
    {.name = "host", .letter = 'H', .kind = OPT_TEXT, .offset = offsetof(struct globals, host), .value = "HOST:PORT",
     .help = "where the server is, or several with commas, or unix:/path; else ORDO_HOST, else the profile"},
    {.name = "ca", .kind = OPT_TEXT, .offset = offsetof(struct globals, ca), .value = "FILE",
     .help = "certificate authority of the server, PEM; else the profile's, else the system's"},
    {.name = "server-name", .kind = OPT_TEXT, .offset = offsetof(struct globals, server_name), .value = "NAME",
     .help = "the name in the server's certificate where it is not the host's"},
    {.name = "format", .letter = 'f', .kind = OPT_TEXT, .offset = offsetof(struct globals, format), .value = "FORMAT",
     .help = "table, json or csv"},
    {.name = "zone", .kind = OPT_TEXT, .offset = offsetof(struct globals, zone), .value = "ZONE",
     .help = "show times in this zone, such as Europe/Rome; else the profile's, else UTC"},
    {.name = "timeout", .kind = OPT_NUMBER, .offset = offsetof(struct globals, timeout_s), .min = 1, .max = 600,
     .value = "SECONDS", .help = "how long to wait for an answer; 30"},
    {.name = "key", .kind = OPT_TEXT, .offset = offsetof(struct globals, key), .value = "UUID7",
     .help = "idempotency key of the change, 32 hexadecimal digits: the same key acts once"},
    {.name = "trace", .kind = OPT_TEXT, .offset = offsetof(struct globals, trace), .value = "HEX",
     .help = "32 hexadecimal digits that the server's log shows with the call"},
    {.name = "quiet", .letter = 'q', .kind = OPT_FLAG, .offset = offsetof(struct globals, quiet),
     .help = "no progress and no remarks on standard error"},
    {.name = "help", .letter = 'h', .kind = OPT_FLAG, .offset = offsetof(struct globals, help), .help = "show this and stop"},
    {.name = "version", .letter = 'V', .kind = OPT_FLAG, .offset = offsetof(struct globals, version),
     .help = "show the version and stop"},
    {0},
};

enum { VERB_WORDS_MAX = 3, NAMES_MAX = 128, WORD_BYTES = 40, NAME_COLUMN = 26 };

static const struct verb *verb_by_name(struct od_str name)
{
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (od_str_eq_c(name, v->name))
                return v;
    return NULL;
}

static bool begins_with(const char *name, struct od_str words)
{
    return !words.n || (strlen(name) >= words.n && !memcmp(name, words.p, words.n) &&
                        (name[words.n] == ' ' || name[words.n] == '\0'));
}

static bool is_group(struct od_str words)
{
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (begins_with(v->name, words))
                return true;
    return false;
}

/* What could come behind the words that were understood, and which of it the next word is near to. */
static enum ordo_status unknown(struct od_str group, struct od_str typed, ordo_error *error)
{
    char words[NAMES_MAX][WORD_BYTES];
    const char *names[NAMES_MAX];
    size_t n = 0, skip = group.n ? group.n + 1 : 0;
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name && n < NAMES_MAX; v++)
            if (begins_with(v->name, group) && strlen(v->name) > skip) {
                snprintf(words[n], sizeof words[n], "%.*s", (int)strcspn(v->name + skip, " "), v->name + skip);
                names[n] = words[n];
                n++;
            }
    const char *near = text_nearest((struct od_str){typed.p + skip, typed.n - skip}, names, n);
    if (near)
        return cli_usage(error, "there is no command \"" OD_STR_FMT "\"; did you mean `ordo " OD_STR_FMT "%s%s`?",
                         OD_STR_ARG(typed), OD_STR_ARG(group), group.n ? " " : "", near);
    return cli_usage(error, "there is no command \"" OD_STR_FMT "\"; `ordo%s" OD_STR_FMT " --help` shows them", OD_STR_ARG(typed),
                     group.n ? " " : "", OD_STR_ARG(group));
}

enum ordo_status verb_find(int argc, char *const argv[], int at, const struct verb **ret_verb, int *ret_words, ordo_error *error)
{
    struct od_buf words;
    size_t group_n = 0;
    const struct verb *found = NULL;
    int n = 0;
    od_buf_init(&words, 512);
    for (; n < VERB_WORDS_MAX && at + n < argc && argv[at + n][0] != '-'; n++) {
        size_t before = words.n;
        od_buf_printf(&words, "%s%s", n ? " " : "", argv[at + n]);
        const struct verb *v = verb_by_name(od_buf_view(&words));
        if (v) {
            found = v;
            *ret_words = n + 1;
        }
        if (!is_group(od_buf_view(&words))) {
            if (words.failed)
                words.n = before;
            break;
        }
        group_n = words.n;
    }
    *ret_verb = found;
    enum ordo_status s = ORDO_OK;
    if (!found && words.n && group_n == words.n)
        s = cli_usage(error, "\"" OD_STR_FMT "\" wants one more word; `ordo " OD_STR_FMT " --help` shows which",
                      OD_STR_ARG(od_buf_view(&words)), OD_STR_ARG(od_buf_view(&words)));
    else if (!found)
        s = unknown((struct od_str){words.p, group_n}, od_buf_view(&words), error);
    od_buf_done(&words);
    return s;
}

void verb_help(struct od_buf *b, const struct verb *verb)
{
    od_buf_printf(b, "usage: ordo %s", verb->name);
    opt_usage(b, verb->opts);
    od_buf_c(b, " [options]\n\n");
    opt_wrap(b, verb->summary, 0, 0);
    if (verb->detail) {
        od_buf_char(b, '\n');
        opt_wrap(b, verb->detail, 0, 0);
    }
    opt_help(b, "Arguments", verb->opts, true);
    opt_help(b, "Options", verb->opts, false);
    opt_help(b, "Options of every command", GLOBAL_OPTIONS, false);
}

void verbs_help(struct od_buf *b, struct od_str words)
{
    od_buf_printf(b, "usage: ordo%s" OD_STR_FMT " COMMAND [options]\n\n", words.n ? " " : "", OD_STR_ARG(words));
    if (!words.n)
        od_buf_c(b, "Requests, customers and reports of an Ordo server.\n\n");
    od_buf_c(b, "Commands\n");
    for (size_t f = 0; VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (begins_with(v->name, words)) {
                od_buf_printf(b, "  %-*s", NAME_COLUMN - 2, v->name);
                opt_wrap(b, v->summary, NAME_COLUMN, NAME_COLUMN);
            }
    if (!words.n)
        opt_help(b, "Options of every command", GLOBAL_OPTIONS, false);
    od_buf_c(b, "\n`ordo COMMAND --help` says more about one of them; `man ordo` about files and exit codes.\n");
}
