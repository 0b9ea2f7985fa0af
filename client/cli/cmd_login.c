/* SPDX-License-Identifier: Apache-2.0
 * Logging in and out, and who one is. */
#include "client/cli/cli.h"

#include <string.h>

#include "common/base/limits.h"

struct login_options {
    const char *login, *password_file, *branch;
};

#define AT(member) offsetof(struct login_options, member)

static const struct opt LOGIN_OPTIONS[] = {
    {.name = "LOGIN", .kind = OPT_TEXT, .offset = AT(login), .help = "your login name; else the profile's"},
    {.name = "password-file", .kind = OPT_TEXT, .offset = AT(password_file), .value = "FILE",
     .help = "read the password from the first line of a file"},
    {.name = "branch", .kind = OPT_TEXT, .offset = AT(branch), .value = "ID|NAME",
     .help = "keep this branch in the profile: commands that need a branch take it"},
    {0},
};

/* What was said on the command line is the profile's from now on. */
static enum ordo_status profile_keep(struct cli *cli, const struct login_options *o)
{
    struct profile *p = &cli->profile;
    if (!p->hosts || strcmp(p->hosts, cli->hosts) != 0)
        profile_set(&p->hosts, cli->hosts);
    if (cli->global.ca)
        profile_set(&p->ca, cli->global.ca);
    if (cli->global.server_name)
        profile_set(&p->server_name, cli->global.server_name);
    if (cli->global.zone)
        profile_set(&p->zone, cli->global.zone);
    if (cli->global.format)
        profile_set(&p->format, cli->global.format);
    if (o->login)
        profile_set(&p->login, o->login);
    if (o->branch)
        profile_set(&p->branch, o->branch);
    cli->hosts = p->hosts;
    return profile_save(p, &cli->error);
}

static void login_show(struct cli *cli)
{
    const Ordo__AuthOk *who = ordo_identity(cli->client);
    const Ordo__HelloOk *server = ordo_server(cli->client);
    if (!who || cli->global.quiet)
        return;
    if (cli->out.format == OUT_JSON) {
        json_t *o = json_object();
        json_object_set_new(o, "principal_id", json_integer(who->principal_id));
        json_object_set_new(o, "name", json_string(who->name ? who->name : ""));
        json_object_set_new(o, "login", json_string(who->login ? who->login : ""));
        json_object_set_new(o, "profile", json_string(cli->profile.name));
        json_object_set_new(o, "hosts", json_string(cli->hosts));
        out_json(&cli->out, o);
        return;
    }
    fprintf(cli->out.f, "logged in to %s (%s) as %s; profile %s\n", cli->hosts,
            server && server->server ? server->server : "no version told", who->name ? who->name : "", cli->profile.name);
}

static enum ordo_status run_login(struct cli *cli, struct input *in)
{
    const struct login_options *o = in->own;
    char password[OD_PASSWORD_MAX * 4 + 2] = "";
    const char *login = o->login ? o->login : cli->profile.login;
    if (!login)
        return cli_usage(&cli->error, "LOGIN is missing: your login name");
    enum ordo_status s = cli_client(cli);
    if (s != ORDO_OK)
        return s;
    if (o->password_file)
        s = password_file_read(cli, o->password_file, password, sizeof password);
    else if (cli->env.password)
        snprintf(password, sizeof password, "%s", cli->env.password);
    else
        s = password_ask(cli, "password", password, sizeof password);
    if (s == ORDO_OK)
        s = profile_keep(cli, o);
    if (s == ORDO_OK)
        s = password_login(cli, login, password);
    explicit_bzero(password, sizeof password);
    if (s == ORDO_OK)
        login_show(cli);
    return s;
}

static enum ordo_status run_logout(struct cli *cli, struct input *in)
{
    enum ordo_status s = verb_call(cli, in);
    if (s == ORDO_OK || s == ORDO_UNAUTHENTICATED)
        session_forget(&cli->profile);
    return s;
}

const struct verb VERBS_LOGIN[] = {
    {.name = "login", .summary = "Log in by password; keeps server, login and session in the profile", .opts = LOGIN_OPTIONS,
     .run = run_login, .own_bytes = sizeof(struct login_options),
     .detail = "The password comes from --password-file, from ORDO_PASSWORD, or is asked for without echo. Only the session's "
               "token is kept, in a file that nobody else can read; when it has ended, log in again. --host, --ca, --server-name, "
               "--zone and --format are kept in the profile too."},
    {.name = "whoami", .summary = "Show who is logged in and what he may do", .method = "whoami"},
    {.name = "logout", .summary = "End the session on the server and forget it here", .method = "session_end", .run = run_logout},
    {0},
};
