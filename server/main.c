/* SPDX-License-Identifier: Apache-2.0
 * ordod: the command line. The only reader of argv and environment. Where to look for the rest:
 *
 *   common/base       statuses and reasons, arenas, buffers, strings, time, queues, limits, log
 *   common/wire       frames, TLS, the pre-scan of messages: bytes, no sockets
 *   server/conf       settings: one row each in conf.def
 *   server/admin      this program's commands: init and its private PostgreSQL, migrate, serve, setup-code, timers, status
 *   server/net        listener, connections, io threads, push, metrics and health pages
 *   server/rpc        a call's way: login, permissions, keys, the transaction, audit; workers
 *   server/handlers   one function per method of proto/methods.def: load, decide, save
 *   server/domain     the decisions: pure, without I/O or clock
 *   server/store      the only user of libpq while serving; sql/ has every statement by name
 *   server/jobs       clock (due timers) and wake (other nodes' inboxes)
 *
 * A request: net reads a frame -> rpc decodes it, opens the transaction -> handlers load -> domain decides -> store
 * saves -> COMMIT -> rpc encodes the reply -> net writes it. */
#include <getopt.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/admin/admin.h"
#include "server/admin/serve.h"
#include "server/conf/conf.h"

enum { SETS_MAX = 32 };

static const char CONFIG_DEFAULT[] = "/etc/ordo/ordod.conf";

static const struct command {
    const char *name;
    enum od_status (*run)(const struct admin_options *o, struct conf *c, struct od_err *err);
    const char *help;
} COMMANDS[] = {
    {"init", admin_init, "make a private PostgreSQL, certificates and the file of settings, where they are missing"},
    {"start-db", admin_start_db, "start the private PostgreSQL"},
    {"stop-db", admin_stop_db, "stop the private PostgreSQL"},
    {"migrate", admin_migrate, "bring the database to this program's schema"},
    {"setup-code", admin_setup_code, "print a one-time code that makes the first administrator"},
    {"timers", admin_timers, "list the due timers that were parked because they never ended well"},
    {"release-timers", admin_release_timers, "let them be tried again"},
    {"serve", admin_serve, "run the server in the foreground"},
    {"status", admin_status, "ask the running server how it is"},
};

enum option_id { OPT_CONFIG = 256, OPT_SET, OPT_DATA_DIR, OPT_USER, OPT_DEVELOPMENT, OPT_HELP_CONFIG };

static const struct {
    struct option option;
    const char *arg, *help;
} OPTIONS[] = {
    {{"config", required_argument, NULL, OPT_CONFIG}, "FILE", "settings (/etc/ordo/ordod.conf); init writes it"},
    {{"set", required_argument, NULL, OPT_SET}, "KEY=VALUE", "one setting; wins over file and environment"},
    {{"data-dir", required_argument, NULL, OPT_DATA_DIR}, "DIR", "where the data lies, with DIR/ordod.conf"},
    {{"user", required_argument, NULL, OPT_USER}, "NAME", "init by root: who owns the data (ordo)"},
    {{"development", no_argument, NULL, OPT_DEVELOPMENT}, "", "init: migrated, and business time may run faster"},
    {{"help-config", optional_argument, NULL, OPT_HELP_CONFIG}, "[=FORM]", "the settings; sample, markdown, mdoc"},
    {{"help", no_argument, NULL, 'h'}, "", "this page"},
    {{"version", no_argument, NULL, 'V'}, "", "the version"},
};

static void help(FILE *out)
{
    fprintf(out, "usage: ordod [options] command\n\ncommands\n");
    for (size_t i = 0; i < OD_LEN(COMMANDS); i++)
        fprintf(out, "  %-14s %s\n", COMMANDS[i].name, COMMANDS[i].help);
    fprintf(out, "\noptions\n");
    for (size_t i = 0; i < OD_LEN(OPTIONS); i++)
        fprintf(out, "  --%s%s%-*s %s\n", OPTIONS[i].option.name,
                OPTIONS[i].option.has_arg == required_argument ? " " : "",
                (int)(22 - strlen(OPTIONS[i].option.name) - (OPTIONS[i].option.has_arg == required_argument)),
                OPTIONS[i].arg, OPTIONS[i].help);
}

struct command_line {
    struct admin_options admin;
    const char *sets[SETS_MAX];
    size_t n_sets;
    const struct command *command; /* NULL: the answer was printed already */
    char config[320];
};

static enum od_status help_config(const char *form, struct od_err *err)
{
    static const struct {
        const char *form;
        void (*render)(FILE *out);
    } forms[] = {{"table", conf_help}, {"sample", conf_sample}, {"markdown", conf_markdown}, {"mdoc", conf_mdoc}};
    for (size_t i = 0; i < OD_LEN(forms); i++) {
        if (!strcmp(form ? form : "table", forms[i].form)) {
            forms[i].render(stdout);
            return OD_OK;
        }
    }
    return od_fail(err, OD_R_USAGE_WRONG, "why=--help-config knows table, sample, markdown and mdoc, not %.64s", form);
}

static enum od_status command_find(struct command_line *line, int argc, char *const *words, struct od_err *err)
{
    if (argc == 0)
        return od_fail(err, OD_R_USAGE_WRONG, "why=no command; see `ordod --help`");
    if (argc > 1)
        return od_fail(err, OD_R_USAGE_WRONG, "why=one command at a time, but %.64s follows", words[1]);
    for (size_t i = 0; i < OD_LEN(COMMANDS); i++)
        if (!strcmp(words[0], COMMANDS[i].name))
            line->command = &COMMANDS[i];
    return line->command
               ? OD_OK
               : od_fail(err, OD_R_USAGE_WRONG, "why=there is no command %.64s; see `ordod --help`", words[0]);
}

static enum od_status command_line_read(struct command_line *line, int argc, char **argv, struct od_err *err)
{
    struct option options[OD_LEN(OPTIONS) + 1] = {0};
    for (size_t i = 0; i < OD_LEN(OPTIONS); i++)
        options[i] = OPTIONS[i].option;
    opterr = 0;
    for (int got; (got = getopt_long(argc, argv, ":hV", options, NULL)) != -1;) {
        switch (got) {
        case OPT_CONFIG: line->admin.config = optarg; break;
        case OPT_DATA_DIR: line->admin.data_dir = optarg; break;
        case OPT_USER: line->admin.user = optarg; break;
        case OPT_DEVELOPMENT: line->admin.development = true; break;
        case OPT_HELP_CONFIG: return help_config(optarg, err);
        case OPT_SET:
            if (line->n_sets == SETS_MAX)
                return od_fail(err, OD_R_USAGE_WRONG, "why=at most %d times --set", SETS_MAX);
            line->sets[line->n_sets++] = optarg;
            break;
        case 'h': help(stdout); return OD_OK;
        case 'V': printf("ordod " ORDO_VERSION "\n"); return OD_OK;
        case ':':
            return od_fail(err, OD_R_USAGE_WRONG, "why=%.64s wants a value; see `ordod --help`", argv[optind - 1]);
        default:
            return od_fail(err, OD_R_USAGE_WRONG, "why=%.64s is not understood; see `ordod --help`", argv[optind - 1]);
        }
    }
    return command_find(line, argc - optind, argv + optind, err);
}

/* The file that is read, or that init writes: as told, in the data's directory as told, or the system's. Only a file
 * that was asked for must exist. */
static enum od_status settings_read(struct command_line *line, struct conf *c, struct od_err *err)
{
    struct admin_options *o = &line->admin;
    bool writes = line->command->run == admin_init, asked = o->config && !writes;
    if (o->data_dir && o->data_dir[0] != '/')
        return od_fail(err, OD_R_USAGE_WRONG, "why=--data-dir wants an absolute path");
    snprintf(line->config, sizeof line->config, "%s%s", o->data_dir ? o->data_dir : "",
             o->data_dir ? "/ordod.conf" : CONFIG_DEFAULT);
    if (!o->config)
        o->config = line->config;
    if (o->data_dir)
        OD_TRY(admin_data_dir(o->data_dir, c, err));
    if (asked || !access(o->config, F_OK))
        OD_TRY(conf_read(c, o->config, err));
    OD_TRY(conf_environment(c, environ, err));
    for (size_t i = 0; i < line->n_sets; i++)
        OD_TRY(conf_set(c, line->sets[i], err));
    return OD_OK;
}

static enum od_status run(int argc, char **argv, struct od_err *err)
{
    struct command_line line = {0};
    OD_TRY(command_line_read(&line, argc, argv, err));
    if (!line.command)
        return OD_OK;
    od_cleanup(conf_done) struct conf c;
    conf_init(&c);
    OD_TRY(settings_read(&line, &c, err));
    return line.command->run(&line.admin, &c, err);
}

int main(int argc, char **argv)
{
    struct od_err err;
    char text[1024];
    setvbuf(stdout, NULL, _IOLBF, 0);
    enum od_status status = run(argc, argv, &err);
    if (status != OD_OK)
        fprintf(stderr, "ordod: %s\n", od_err_text(&err, text, sizeof text));
    return od_status_exit_code(status);
}
