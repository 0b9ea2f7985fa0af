/* SPDX-License-Identifier: Apache-2.0
 * A run of `ordo`: what every verb is given, and what a verb is. */
#ifndef ORDO_CLI_CLI_H
#define ORDO_CLI_CLI_H

#include "client/cli/opt.h"
#include "client/cli/out.h"
#include "client/cli/profile.h"

/* Options of every verb. */
struct globals {
    const char *profile, *host, *ca, *server_name, *format, *zone, *key, *trace;
    int64_t timeout_s;
    bool quiet, help, version;
};

struct verb;

struct cli {
    struct env env;
    struct globals global;
    struct profile profile;
    const char *hosts; /* where to connect: --host, ORDO_HOST, the profile; NULL: not said */
    const struct verb *verb;
    struct out out;
    FILE *err;
    bool err_terminal;
    size_t err_width;
    int (*signals)(const struct verb *verb); /* opens signal_fd; NULL in tests */
    int signal_fd;                           /* readable when somebody wants an end; -1: there is none */
    bool journal;      /* the verb changes things: its call is kept in the profile's journal until it is answered */
    ordo_client *client;
    ordo_error error;
};

/* What a verb gets besides. */
struct input {
    void *own;                     /* its own options */
    const ordo_method *method;     /* of a verb with a method */
    ProtobufCMessage *request;     /* filled from the options; names are looked up */
    struct opt_set *set;           /* names that still wait; cli_request_complete() looks them up */
};

enum verb_flags {
    VERB_SIGNALS = 1, /* ends in order at SIGINT and SIGTERM: looks at signal_fd */
};

/* One verb: a row. With a method and no run, the options fill the request, it is called, and the answer is shown. */
struct verb {
    const char *name;               /* "request take"; one to three words */
    const char *summary;            /* one line, a verb first */
    const char *method;             /* a name of methods.def, or NULL */
    const struct opt *opts;         /* ends with {0}; or NULL */
    const struct column *columns;   /* of a list; ends with {0} */
    enum ordo_status (*run)(struct cli *cli, struct input *in); /* or NULL */
    size_t own_bytes;               /* of the struct that its own options fill, zeroed */
    unsigned flags;
    const char *detail;             /* further words for --help, or NULL */
};

/* A file's verbs; ends with {0}. */
extern const struct verb VERBS_LOGIN[], VERBS_CUSTOMER[], VERBS_REQUEST[], VERBS_WATCH[], VERBS_IMPORT[], VERBS_REPORT[],
    VERBS_ADMIN[], VERBS_CALL[], VERBS_JOURNAL[], VERBS_HELP[];

/* All of them, in the order of the help; NULL ends it. */
extern const struct verb *const VERBS_ALL[];
/* Options of every verb. */
extern const struct opt GLOBAL_OPTIONS[];

/* The words of argv[at..argc) as a verb: the longest that fits; *ret_words tells how many. */
enum ordo_status verb_find(int argc, char *const argv[], int at, const struct verb **ret_verb, int *ret_words, ordo_error *error);
void verb_help(struct od_buf *b, const struct verb *verb);
/* All verbs, or those that begin with these words. */
void verbs_help(struct od_buf *b, struct od_str words);

/* Finds out where to connect and how to show things: profile, hosts, format, zone. */
enum ordo_status cli_settle(struct cli *cli);
/* Runs the verb that argv names; the error is in cli->error. */
enum ordo_status cli_run(struct cli *cli, int argc, char *const argv[]);
void cli_done(struct cli *cli);

/* --- with a service: connect.c --- */

/* A client, not connected. */
enum ordo_status cli_client(struct cli *cli);
/* Connects and logs in as the profile and the environment say. */
enum ordo_status cli_connect(struct cli *cli);
/* Reads a password: without echo from the terminal, else a line of standard input. */
enum ordo_status password_ask(struct cli *cli, const char *prompt, char *out, size_t size);
/* The first line of a file. */
enum ordo_status password_file_read(struct cli *cli, const char *path, char *out, size_t size);
/* Logs in by password and keeps the session in the profile. */
enum ordo_status password_login(struct cli *cli, const char *login, const char *password);

/* --- calls: call.c --- */

/* Told of each part of a list. */
typedef void (*part_fn)(const ProtobufCMessage *part, void *arg);
/* Any method: connects if need be, sends the request, waits. *ret_reply (may be NULL) is freed by msg_free(). */
enum ordo_status cli_call(struct cli *cli, const ordo_method *method, const ProtobufCMessage *request, part_fn on_part, void *arg,
                          ProtobufCMessage **ret_reply);
/* Looks up names that stand for ids. */
enum ordo_status cli_request_complete(struct cli *cli, struct input *in);
/* Whether its calls belong in the journal: a change, and no password in it, which must not lie in a file. */
bool call_is_kept(const ordo_method *method);
/* The run of a verb that has only a method. */
enum ordo_status verb_call(struct cli *cli, struct input *in);

/* The id behind a name: what is "branch", "user", ...; see lookup.c. */
enum ordo_status lookup_id(struct cli *cli, const char *what, const char *name, int64_t *ret_id);

#endif
