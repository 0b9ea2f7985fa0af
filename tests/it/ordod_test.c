/* SPDX-License-Identifier: Apache-2.0
 * The program as an operator meets it: usage, init, migrate, setup-code, serve, status. $ORDOD names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/str.h"
#include "common/base/time.h"
#include "server/store/migrations.h"
#include "tests/it/pg.h"

static char base[32], data[48], super[128];

static const char *ordod(void)
{
    const char *given = getenv("ORDOD");
    return given ? given : "build/release/ordod";
}

/* Runs the program in a shell; everything that it says ends up in out. Returns its exit code. */
static int run(char *out, size_t n, const char *fmt, ...) od_printf(3, 4);

static int run(char *out, size_t n, const char *fmt, ...)
{
    char command[1024];
    int at = snprintf(command, sizeof command, "%s ", ordod());
    va_list ap;
    va_start(ap, fmt);
    at += vsnprintf(command + at, sizeof command - (size_t)at, fmt, ap);
    va_end(ap);
    snprintf(command + at, sizeof command - (size_t)at, " 2>&1");
    FILE *f = popen(command, "r");
    assert_non_null(f);
    size_t got = fread(out, 1, n - 1, f);
    out[got] = '\0';
    int status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void says(const char *out, const char *wanted)
{
    if (!strstr(out, wanted))
        fail_msg("it should say:\n%s\nbut says:\n%s", wanted, out);
}

static int setup(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/ordo-it.XXXXXX");
    if (!mkdtemp(base) || chmod(base, 0755) != 0)
        return -1;
    snprintf(data, sizeof data, "%s/d", base);
    snprintf(super, sizeof super, "host=%s/run user=postgres dbname=ordo", data);
    return 0;
}

static int teardown(void **state)
{
    char out[2048], command[64];
    (void)state;
    run(out, sizeof out, "--data-dir %s stop-db", data);
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

static void usage_rows(void **state)
{
    static const struct {
        const char *name, *args;
        int code;
        const char *says;
    } rows[] = {
        {"help names the commands", "--help", 0, "setup-code"},
        {"the version", "--version", 0, "ordod " ORDO_VERSION},
        {"no command", "", 64, "no command; see `ordod --help`"},
        {"an unknown command", "severe", 64, "there is no command severe"},
        {"an unknown option", "--frobnicate serve", 64, "--frobnicate is not understood"},
        {"an option without its value", "serve --set", 64, "--set wants a value"},
        {"two commands", "init serve", 64, "but serve follows"},
        {"the settings' table", "--help-config", 0, "connections_max = 4096"},
        {"the settings in an unknown form", "--help-config=html", 64, "not html"},
        {"a file that was asked for must be there", "--config /nowhere/x serve", 74, "/nowhere/x: No such file"},
        {"an unknown key on the command line", "--set worker=4 serve", 78, "--set: the key worker is not known"},
        {"a relative data directory", "--data-dir d init", 64, "--data-dir wants an absolute path"},
        {"a data directory that no socket fits in",
         "--data-dir "
         "/tmp/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx init",
         64, "too long for the database's socket"},
        {"no database", "--set database_owner=host=/nowhere migrate", 69, "no connection to the database"},
        {"no cluster", "--set data_dir=/nowhere start-db", 74, "`ordod init` makes one"},
        {"no database to list timers of", "--set database_owner=host=/nowhere timers", 69, "no connection to the database"},
        {"no server", "--set metrics_listen=127.0.0.1:1 status", 69, "is ordod running?"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        char out[16384];
        print_message("  %s\n", rows[i].name);
        assert_int_equal(run(out, sizeof out, "%s", rows[i].args), rows[i].code);
        says(out, rows[i].says);
    }
}

static void an_unknown_key_is_refused_with_its_line(void **state)
{
    char path[64], out[2048];
    (void)state;
    snprintf(path, sizeof path, "%s/wrong.conf", base);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "# comment\nlisten = 127.0.0.1:0\nlissten = 127.0.0.1:0\n");
    fclose(f);
    assert_int_equal(run(out, sizeof out, "--config %s serve", path), 78);
    says(out, "wrong.conf, line 3: the key lissten is not known; see `ordod --help-config`");
}

static const char *user_option(void) { return geteuid() == 0 ? "--user postgres" : ""; }

static void init_makes_what_is_missing(void **state)
{
    char out[4096];
    (void)state;
    assert_int_equal(run(out, sizeof out, "--data-dir %s %s --set listen=127.0.0.1:0 init", data, user_option()), 0);
    says(out, "cluster: made");
    says(out, "run: started");
    says(out, "tls: made");
    says(out, "ordod.conf: written");
    says(out, "migrate");
    assert_string_equal(pg_sql(super,
                               "SELECT current_setting('data_checksums') || current_setting('server_encoding') || "
                               "current_setting('listen_addresses') || current_setting('fsync')"),
                        "onUTF8on");
    assert_string_equal(
        pg_sql(super, "SELECT rolcanlogin AND NOT rolsuper AND NOT rolbypassrls AND NOT rolcreatedb FROM pg_roles "
                      "WHERE rolname = 'ordo_app'"),
        "t");

    assert_int_equal(run(out, sizeof out, "--data-dir %s %s init", data, user_option()), 0);
    says(out, "cluster: exists already");
    says(out, "run: runs already");
    says(out, "tls: exist already");
    says(out, "ordod.conf: exist already, kept");
}

static void certificates_hold_and_keys_are_private(void **state)
{
    static const char *const paths[] = {"tls/server.key", "tls/ca.key"};
    char command[512];
    (void)state;
    snprintf(command, sizeof command,
             "openssl verify -x509_strict -CAfile %s/tls/ca.crt -purpose sslserver -verify_hostname localhost "
             "%s/tls/server.crt && openssl verify -x509_strict -CAfile %s/tls/ca.crt -verify_ip 127.0.0.1 %s/tls/server.crt",
             data, data, data, data);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < OD_LEN(paths); i++) {
        char path[96];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", data, paths[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void serve_refuses_a_schema_that_does_not_fit(void **state)
{
    char out[4096], wanted[128];
    (void)state;
    assert_int_equal(run(out, sizeof out, "--data-dir %s serve", data), 78);
    snprintf(wanted, sizeof wanted, "the database is at schema 0, this program needs %u; run `ordod migrate`",
             MIGRATIONS_COUNT);
    says(out, wanted);

    assert_int_equal(run(out, sizeof out, "--data-dir %s migrate", data), 0);
    says(out, "migration 0001 spine: applied");
    says(out, "partitions reach 14 days ahead");
    pg_sql(super, "UPDATE schema_version SET min_program = 99");
    assert_int_equal(run(out, sizeof out, "--data-dir %s serve", data), 78);
    says(out, "the database needs program level 99, this program is 1; install a newer ordod");
    pg_sql(super, "UPDATE schema_version SET min_program = 1");

    pg_sql(super, "ALTER SYSTEM SET fsync = off");
    pg_sql(super, "SELECT pg_reload_conf()");
    int code = 0;
    for (int tries = 0; tries < 50 && code != 78; tries++) { /* a reload takes its time */
        usleep(100 * 1000);
        code = run(out, sizeof out, "--data-dir %s --set listen= --set unix_socket= serve", data);
    }
    says(out, "the database does not fit: fsync is off");
    pg_sql(super, "ALTER SYSTEM RESET fsync");
    pg_sql(super, "SELECT pg_reload_conf()");
}

static void a_setup_code_is_kept_as_its_hash_alone(void **state)
{
    char out[512], sql[1024];
    (void)state;
    assert_int_equal(run(out, sizeof out, "--data-dir %s setup-code", data), 0);
    assert_int_equal(run(out, sizeof out, "--data-dir %s setup-code 2>/dev/null", data), 0);
    assert_int_equal(strcspn(out, "\n"), 23);
    out[23] = '\0';
    snprintf(sql, sizeof sql, "SELECT count(*) FROM setup_code WHERE sha256 = sha256('%s')", out);
    assert_string_equal(pg_sql(super, sql), "1");
    assert_string_equal(pg_sql(super, "SELECT count(*) FROM setup_code"), "1");
}

/* --- serve -----------------------------------------------------------------------------------------------------------
 */

static int notify_bind(char path[64])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = 20};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(path, 64, "%s/notify", base);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&address, sizeof address) && !chmod(path, 0777));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    return fd;
}

/* Reads messages until one holds the text. */
static void notify_wait(int fd, const char *wanted)
{
    int64_t until_us = od_mono_us() + 20 * OD_US_PER_S;
    for (;;) {
        char message[512];
        ssize_t n = recv(fd, message, sizeof message - 1, 0);
        if (n < 0 || od_mono_us() > until_us)
            fail_msg("%s did not come", wanted);
        message[n] = '\0';
        if (strstr(message, wanted))
            return;
    }
}

static int port_free(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&address, n) &&
                !getsockname(fd, (struct sockaddr *)&address, &n));
    close(fd);
    return ntohs(address.sin_port);
}

/* It ends by itself within a while, with this exit code. */
static void ends_with(pid_t pid, int code)
{
    int status = 0;
    pid_t got = 0;
    for (int i = 0; i < 200 && !got; i++) {
        got = waitpid(pid, &status, WNOHANG);
        usleep(100 * 1000);
    }
    if (got != pid) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        fail_msg("the server did not end");
    }
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

static pid_t serve_start(const char *notify, int metrics_port)
{
    pid_t pid = fork();
    if (pid == 0) {
        char metrics[64], log[64];
        snprintf(metrics, sizeof metrics, "metrics_listen=127.0.0.1:%d", metrics_port);
        snprintf(log, sizeof log, "%s/serve.log", base);
        setenv("NOTIFY_SOCKET", notify, 1);
        setenv("WATCHDOG_USEC", "200000", 1);
        if (!freopen(log, "a", stderr))
            _exit(1);
        execl(ordod(), "ordod", "--data-dir", data, "--set", metrics, "serve", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void http_get(int port, const char *path, char *out, size_t n)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[128];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
        len = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, request, (size_t)len), len);
    size_t at = 0;
    for (ssize_t got; at < n - 1 && (got = read(fd, out + at, n - 1 - at)) > 0;)
        at += (size_t)got;
    out[at] = '\0';
    close(fd);
}

static void serve_tells_the_service_manager_and_drains(void **state)
{
    char notify[64], out[32768];
    int fd = notify_bind(notify), port = port_free();
    (void)state;
    pid_t pid = serve_start(notify, port);
    notify_wait(fd, "READY=1");
    notify_wait(fd, "WATCHDOG=1");

    assert_int_equal(run(out, sizeof out, "--data-dir %s --set metrics_listen=127.0.0.1:%d status", data, port), 0);
    says(out, "\"status\":\"ok\"");
    http_get(port, "/metrics", out, sizeof out);
    says(out, "ordo_calls_total{status=\"OK\"}");
    says(out, "ordo_build_info{version=\"" ORDO_VERSION "\"");
    says(out, "ordo_connections_open 0\n");
    http_get(port, "/elsewhere", out, sizeof out);
    says(out, " 404 ");

    kill(pid, SIGHUP); /* is no end */
    notify_wait(fd, "WATCHDOG=1");
    kill(pid, SIGTERM);
    notify_wait(fd, "STOPPING=1");
    ends_with(pid, 0);
    close(fd);
}

static void root_does_not_serve(void **state)
{
    char notify[64], path[64];
    struct stat st;
    (void)state;
    if (geteuid() != 0)
        skip();
    int fd = notify_bind(notify), port = port_free();
    pid_t pid = serve_start(notify, port);
    notify_wait(fd, "READY=1");
    snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_uid != 0);
    kill(pid, SIGINT);
    ends_with(pid, 0);
    close(fd);
}

static void the_database_stops_and_starts(void **state)
{
    char out[2048];
    (void)state;
    assert_int_equal(run(out, sizeof out, "--data-dir %s stop-db", data), 0);
    says(out, "stopped");
    assert_int_equal(run(out, sizeof out, "--data-dir %s stop-db", data), 0);
    says(out, "does not run");
    assert_int_equal(run(out, sizeof out, "--data-dir %s serve", data), 69);
    says(out, "`ordod start-db`");
    assert_int_equal(run(out, sizeof out, "--data-dir %s start-db", data), 0);
    says(out, "started");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_rows),
        cmocka_unit_test(an_unknown_key_is_refused_with_its_line),
        cmocka_unit_test(init_makes_what_is_missing),
        cmocka_unit_test(certificates_hold_and_keys_are_private),
        cmocka_unit_test(serve_refuses_a_schema_that_does_not_fit),
        cmocka_unit_test(a_setup_code_is_kept_as_its_hash_alone),
        cmocka_unit_test(serve_tells_the_service_manager_and_drains),
        cmocka_unit_test(root_does_not_serve),
        cmocka_unit_test(the_database_stops_and_starts),
    };
    return cmocka_run_group_tests_name("ordod", tests, setup, teardown);
}
