/* SPDX-License-Identifier: Apache-2.0
 * `ordo`: the command line. This file reads argv, the environment and signals, and nothing else does.
 *
 *   main.c       process: environment, signals, exit code           profile.c  files of a profile, the kept session
 *   run.c        options -> profile -> verb                         connect.c  profile -> connection that is logged in
 *   verb.c       all verbs as one table, their help                 call.c     any method by its row; verbs without code
 *   opt.c        options as data                                    lookup.c   names -> ids
 *   msg.c        any message: fields from text, as text             out.c      tables, JSON, CSV
 *   msg_json.c   any message <-> JSON                               text.c     width, cutting, near names
 *   error.c      errors for people and for programs                 progress.c long work on standard error
 *   cmd_*.c      one file per noun: const rows of verbs, and the few verbs that are more than a call
 *   import_*.c   the log of another desk: CSV, map, times, order, batches */
#include "client/cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 100, WIDTH_MAX = 1000 };

static size_t terminal_width(int fd)
{
    struct winsize size;
    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_col <= WIDTH_MAX)
        return size.ws_col;
    return WIDTH_DEFAULT;
}

/* SIGINT and SIGTERM become readable; verbs that wait look at them. Others keep the usual end. */
static int signals_take(const struct verb *verb)
{
    sigset_t set;
    if (!verb || !(verb->flags & VERB_SIGNALS))
        return -1;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK) : -1;
}

int main(int argc, char *argv[])
{
    struct cli cli = {
        .env =
            {
                .home = getenv("HOME"),
                .xdg_config_home = getenv("XDG_CONFIG_HOME"),
                .ordo_home = getenv("ORDO_HOME"),
                .profile = getenv("ORDO_PROFILE"),
                .host = getenv("ORDO_HOST"),
                .password = getenv("ORDO_PASSWORD"),
                .api_key_file = getenv("ORDO_API_KEY_FILE"),
            },
        .out = {.f = stdout, .width = terminal_width(STDOUT_FILENO)},
        .err = stderr,
        .err_terminal = isatty(STDERR_FILENO) != 0,
        .err_width = terminal_width(STDERR_FILENO),
        .signals = signals_take,
        .signal_fd = -1,
    };
    cli.out.color = cli.out.width != 0 && !getenv("NO_COLOR");
    enum ordo_status s = cli_run(&cli, argc, argv);
    if (s != ORDO_OK) {
        const char *verb = cli.verb ? cli.verb->name : "";
        cli.error.status = s;
        fflush(stdout);
        if (cli.out.format == OUT_JSON)
            cli_error_print_json(stderr, verb, &cli.error);
        else
            cli_error_print(stderr, verb, &cli.error);
    }
    cli_done(&cli);
    return ordo_status_exit_code(s);
}
