/* SPDX-License-Identifier: Apache-2.0
 * One run: options, profile, verb. No argv but the one it is given, no environment, no signals. */
#include "client/cli/cli.h"

#include <stdlib.h>
#include <string.h>

static enum ordo_status format_settle(struct cli *cli)
{
    static const char *const names[] = {"table", "json", "csv"};
    const char *text = cli->global.format ? cli->global.format : cli->profile.format;
    for (size_t i = 0; text && i < OD_LEN(names); i++)
        if (!strcmp(text, names[i])) {
            cli->out.format = (enum out_format)i;
            return ORDO_OK;
        }
    return text ? cli_usage(&cli->error, "--format is table, json or csv, not \"%s\"", text) : ORDO_OK;
}

enum ordo_status cli_settle(struct cli *cli)
{
    struct od_err err;
    enum ordo_status s = profile_load(&cli->env, cli->global.profile, &cli->profile, &cli->error);
    if (s != ORDO_OK)
        return s;
    const char *zone = cli->global.zone ? cli->global.zone : cli->profile.zone;
    if (zone && strcmp(zone, "UTC") != 0 && od_zone_get(od_str_c(zone), &cli->out.zone, &err) != OD_OK)
        return cli_base(&cli->error, &err);
    cli->hosts = cli->global.host ? cli->global.host : cli->env.host && *cli->env.host ? cli->env.host : cli->profile.hosts;
    return format_settle(cli);
}

static enum ordo_status help_print(struct cli *cli, struct od_str words)
{
    struct od_buf b;
    od_buf_init(&b, SIZE_MAX);
    if (cli->verb)
        verb_help(&b, cli->verb);
    else
        verbs_help(&b, words);
    fwrite(b.p, 1, b.n, cli->out.f);
    od_buf_done(&b);
    return ORDO_OK;
}

/* A group's own help: `ordo request --help`. */
static bool group_help(struct cli *cli, int argc, char *const argv[], int at)
{
    struct od_buf words;
    bool asked = false;
    int n = at;
    od_buf_init(&words, 512);
    for (; n < argc && argv[n][0] != '-'; n++)
        od_buf_printf(&words, "%s%s", n > at ? " " : "", argv[n]);
    for (; n < argc; n++)
        asked = asked || !strcmp(argv[n], "--help") || !strcmp(argv[n], "-h");
    for (size_t f = 0; asked && VERBS_ALL[f]; f++)
        for (const struct verb *v = VERBS_ALL[f]; v->name; v++)
            if (asked && words.n && !strncmp(v->name, words.p, words.n) && v->name[words.n] == ' ') {
                help_print(cli, od_buf_view(&words));
                od_buf_done(&words);
                return true;
            }
    od_buf_done(&words);
    return false;
}

/* The profile's branch stands in for a --branch that is required and was not given. */
static enum ordo_status branch_fill(struct cli *cli, struct input *in)
{
    const char *branch = cli->profile.branch;
    int64_t id;
    for (const struct opt *o = cli->verb->opts; branch && o && o->name; o++) {
        if (!o->required || !o->lookup || strcmp(o->lookup, "branch") != 0)
            continue;
        if (opt_given(in->set, o, NULL) || (o->unless && opt_given_name(in->set, o->unless)))
            continue;
        const ProtobufCFieldDescriptor *f = msg_field(in->request->descriptor, o->field);
        if (od_str_int(od_str_c(branch), 1, INT32_MAX, &id))
            return msg_set_int(in->request, f, "branch", id, &cli->error);
        if (in->set->n_pending < OPT_PENDING_MAX)
            in->set->pending[in->set->n_pending++] = (struct opt_pending){o, branch};
    }
    return ORDO_OK;
}

static enum ordo_status verb_run(struct cli *cli, struct opt_set *set, int argc, char *const argv[], int at)
{
    const struct verb *v = cli->verb;
    struct input in = {.set = set};
    od_cleanup(od_freep) void *own = od_xcalloc(1, v->own_bytes ? v->own_bytes : 1);
    od_cleanup(msg_freep) ProtobufCMessage *request = NULL;
    in.own = own;
    if (v->method) {
        in.method = ordo_method_by_name(v->method);
        od_assert(in.method);
        request = msg_new(in.method->request);
        cli->journal = call_is_kept(in.method);
    }
    in.request = set->request = request;
    /* --help is answered before anything else is complained about */
    for (int i = at; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return help_print(cli, (struct od_str){0});
    set->tables[1] = (struct opt_table){v->opts, own};
    set->n_tables = 2;
    int from = at;
    /* the profile is needed to know what may be left out */
    enum ordo_status s = opt_parse(set, argc, argv, &from, false, &cli->error);
    if (s == ORDO_OK)
        s = cli_settle(cli);
    set->lookup_default = cli->profile.branch ? "branch" : NULL;
    if (s == ORDO_OK)
        s = opt_required(set, &cli->error);
    if (s == ORDO_OK && request)
        s = branch_fill(cli, &in);
    if (s == ORDO_OK && cli->signals)
        cli->signal_fd = cli->signals(v);
    if (s == ORDO_OK)
        s = v->run ? v->run(cli, &in) : verb_call(cli, &in);
    return s;
}

enum ordo_status cli_run(struct cli *cli, int argc, char *const argv[])
{
    struct opt_set set = {.tables = {{GLOBAL_OPTIONS, &cli->global}}, .n_tables = 1};
    int at = 1, words = 0;
    enum ordo_status s = opt_parse(&set, argc, argv, &at, true, &cli->error);
    if (s != ORDO_OK)
        return s;
    if (cli->global.version) {
        fprintf(cli->out.f, "ordo %s\n", ORDO_VERSION);
        return ORDO_OK;
    }
    if (cli->global.help || at >= argc)
        return help_print(cli, (struct od_str){0});
    s = verb_find(argc, argv, at, &cli->verb, &words, &cli->error);
    if (s != ORDO_OK)
        return group_help(cli, argc, argv, at) ? ORDO_OK : s;
    s = verb_run(cli, &set, argc, argv, at + words);
    if (fflush(cli->out.f) != 0 && s == ORDO_OK)
        s = cli_file(&cli->error, "standard output");
    return s;
}

void cli_done(struct cli *cli)
{
    ordo_client_free(cli->client);
    cli->client = NULL;
    profile_done(&cli->profile);
}
