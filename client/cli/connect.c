/* SPDX-License-Identifier: Apache-2.0
 * From a profile to a connection that is logged in. The order of proofs: an API key, a client certificate, the local
 * socket's peer, the kept session, the password in the environment. */
#include "client/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client/cli/text.h"
#include "common/base/time.h"

enum { PATH_BYTES = 512, API_KEY_BYTES = 32, JOURNAL_WAIT_S = 10, JOURNAL_STEP_MS = 20, PASSWORD_FILE_MAX = 64 * 1024 };

/* Says so when a connection goes and comes, for those who wait. */
static void state_changed(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg)
{
    struct cli *cli = arg;
    (void)client;
    if (state == ORDO_STATE_LOST && !cli->global.quiet && why && cli->err_terminal)
        fprintf(cli->err, "ordo: %s; trying again\n", why->text);
}

static void info_came(ordo_client *client, const char *text, void *arg)
{
    struct cli *cli = arg;
    struct od_buf b;
    (void)client;
    od_buf_init(&b, 4096);
    text_clean(&b, od_str_c(text));
    if (!cli->global.quiet)
        fprintf(cli->err, "ordo: the operator says: %s\n", od_buf_cstr(&b));
    od_buf_done(&b);
}

enum ordo_status cli_client(struct cli *cli)
{
    char journal[PATH_BYTES];
    const struct profile *p = &cli->profile;
    if (cli->client)
        return ORDO_OK;
    if (!cli->hosts)
        return cli_usage(&cli->error, "no server is named: `ordo login --host NAME:7223 ...` once, or --host, or ORDO_HOST");
    bool kept = access(p->dir, W_OK) == 0; /* without a profile's directory there is no journal either */
    enum ordo_status s = profile_path(p, "journal", journal, sizeof journal, &cli->error);
    if (s != ORDO_OK)
        return s;
    const char *ca = cli->global.ca ? cli->global.ca : p->ca;
    const char *server_name = cli->global.server_name ? cli->global.server_name : p->server_name;
    ordo_options o = {
        .struct_size = sizeof o,
        .hosts = cli->hosts,
        .ca_file = ca,
        .cert_file = p->cert,
        .key_file = p->key,
        .server_name = server_name,
        .journal_path = !cli->journal ? NULL : p->journal ? p->journal : kept ? journal : NULL,
        .program = "ordo " ORDO_VERSION,
        .timeout_ms = (uint32_t)(cli->global.timeout_s * 1000),
        .on_state = state_changed,
        .on_info = info_came,
        .arg = cli,
    };
    /* another command of this profile has the journal for as long as its call takes */
    for (int64_t end_us = od_mono_us() + JOURNAL_WAIT_S * OD_US_PER_S;; usleep(JOURNAL_STEP_MS * 1000)) {
        s = ordo_client_new(&o, &cli->client, &cli->error);
        if (s == ORDO_OK || strcmp(cli->error.reason, "JOURNAL_BUSY") != 0 || od_mono_us() > end_us)
            return s;
    }
}

static enum ordo_status api_key_login(struct cli *cli, const char *path)
{
    unsigned char key[API_KEY_BYTES];
    struct od_buf b;
    od_buf_init(&b, 4096);
    enum ordo_status s = file_read(path, &b, &cli->error);
    if (s == ORDO_OK && !od_unhex(od_str_trim(od_buf_view(&b)), key, sizeof key))
        s = cli_fail(&cli->error, ORDO_CONFIG, "CONFIG_VALUE_GIVEN", "%s holds no API key: 64 hexadecimal digits", path);
    if (s == ORDO_OK)
        s = ordo_auth_api_key(cli->client, key);
    if (b.p)
        explicit_bzero(b.p, b.n);
    od_buf_done(&b);
    explicit_bzero(key, sizeof key);
    return s;
}

static void session_keep(struct cli *cli)
{
    const Ordo__AuthOk *who = ordo_identity(cli->client);
    struct session session = {0};
    if (!who || !who->has_session || who->session.len != sizeof session.token)
        return;
    memcpy(session.token, who->session.data, sizeof session.token);
    session.expires_us = who->has_expires_us ? who->expires_us : INT64_MAX;
    snprintf(session.hosts, sizeof session.hosts, "%s", cli->hosts);
    session_save(&cli->profile, &session, NULL); /* without it the next command logs in again */
    explicit_bzero(&session, sizeof session);
}

enum ordo_status password_login(struct cli *cli, const char *login, const char *password)
{
    enum ordo_status s = ordo_auth_password(cli->client, login, password);
    if (s != ORDO_OK)
        return cli_usage(&cli->error, "this name and password cannot be used");
    s = ordo_connect(cli->client, 0, &cli->error);
    if (s == ORDO_OK)
        session_keep(cli);
    return s;
}

/* A session that has ended is replaced if the password is at hand. */
static enum ordo_status session_login(struct cli *cli, const struct session *session)
{
    const char *password = cli->env.password, *login = cli->profile.login;
    if (ordo_auth_session(cli->client, session->token) != ORDO_OK)
        return cli_usage(&cli->error, "the kept session cannot be used");
    enum ordo_status s = ordo_connect(cli->client, 0, &cli->error);
    if (s != ORDO_UNAUTHENTICATED)
        return s;
    session_forget(&cli->profile);
    return password && login ? password_login(cli, login, password) : s;
}

enum ordo_status cli_connect(struct cli *cli)
{
    const struct profile *p = &cli->profile;
    struct session session;
    enum ordo_status s = cli_client(cli);
    if (s != ORDO_OK || ordo_client_state(cli->client) == ORDO_STATE_READY)
        return s;
    const char *api_key = cli->env.api_key_file ? cli->env.api_key_file : p->api_key_file;
    if (api_key) {
        s = api_key_login(cli, api_key);
    } else if (p->cert) {
        s = ordo_auth_certificate(cli->client);
    } else if (session_load(p, cli->hosts, od_real_us(), &session)) {
        s = session_login(cli, &session);
        explicit_bzero(&session, sizeof session);
        return s;
    } else if (cli->env.password && p->login) {
        return password_login(cli, p->login, cli->env.password);
    } else {
        return cli_fail(&cli->error, ORDO_UNAUTHENTICATED, "LOGIN_REQUIRED", "nobody is logged in to %s", cli->hosts);
    }
    return s == ORDO_OK ? ordo_connect(cli->client, 0, &cli->error) : s;
}

enum ordo_status password_ask(struct cli *cli, const char *prompt, char *out, size_t size)
{
    struct termios before, quiet;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool terminal = fd >= 0 && isatty(STDIN_FILENO) && tcgetattr(fd, &before) == 0;
    size_t n = 0;
    char c;
    if (terminal) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &quiet);
        dprintf(fd, "%s: ", prompt);
    }
    int from = terminal ? fd : STDIN_FILENO;
    while (n + 1 < size) {
        ssize_t got = read(from, &c, 1);
        if (got < 0 && errno == EINTR && !terminal)
            continue;
        if (got != 1 || c == '\n')
            break;
        out[n++] = c;
    }
    out[n] = '\0';
    if (terminal) {
        tcsetattr(fd, TCSAFLUSH, &before);
        dprintf(fd, "\n");
    }
    if (fd >= 0)
        close(fd);
    return n ? ORDO_OK : cli_usage(&cli->error, "no password was given");
}

enum ordo_status password_file_read(struct cli *cli, const char *path, char *out, size_t size)
{
    struct od_buf b;
    od_buf_init(&b, PASSWORD_FILE_MAX);
    enum ordo_status s = file_read(path, &b, &cli->error);
    struct od_str rest = od_buf_view(&b);
    struct od_str line = od_str_cut(&rest, '\n');
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (s == ORDO_OK && (!line.n || line.n >= size))
        s = cli_usage(&cli->error, "the first line of %s is no password", path);
    if (s == ORDO_OK) {
        memcpy(out, line.p, line.n);
        out[line.n] = '\0';
    }
    if (b.p)
        explicit_bzero(b.p, b.n);
    od_buf_done(&b);
    return s;
}
