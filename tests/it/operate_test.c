/* SPDX-License-Identifier: Apache-2.0
 * A service as its operators move it: certificates that are renewed, nodes that stop or die, programs that log in by certificate or
 * key, changes whose answer was lost. Real nodes, the SDK and the command line. */
#include "tests/it/node_ground.h"

#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOON_MS = 10000 };

/* ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void sh(const char *fmt, ...)
{
    char command[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof command, fmt, ap);
    va_end(ap);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* A key and a certificate of its own, for this name. */
static void certificate_make(const char *name)
{
    sh("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=%s -addext "
       "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout %s/%s.key -out %s/%s.crt 2>/dev/null && chmod 644 %s/%s.key",
       name, site.dir, name, site.dir, name, site.dir, name);
}

/* Whom it trusts, and what it shows: files of the site; NULL: none. */
static ordo_client *client_of(const struct node *n, const char *ca, const char *shows, const char *journal)
{
    char hosts[64], ca_path[160], cert[160], key[160];
    ordo_client *c = NULL;
    ordo_error e;
    snprintf(hosts, sizeof hosts, "127.0.0.1:%d", n->port);
    snprintf(ca_path, sizeof ca_path, "%s/%s.crt", site.dir, ca);
    snprintf(cert, sizeof cert, "%s/%s.crt", site.dir, shows ? shows : "");
    snprintf(key, sizeof key, "%s/%s.key", site.dir, shows ? shows : "");
    ordo_options o = {.struct_size = sizeof o, .hosts = hosts, .ca_file = ca_path, .cert_file = shows ? cert : NULL,
                      .key_file = shows ? key : NULL, .journal_path = journal, .reconnect_max_ms = 300};
    must(ordo_client_new(&o, &c, &e), &e, "client");
    return c;
}

static enum ordo_status whoami(ordo_client *c, ordo_error *e)
{
    Ordo__WhoamiReq req = ORDO__WHOAMI_REQ__INIT;
    return ordo_whoami(c, &req, NULL, e);
}

static bool log_says(const struct node *n, const char *what, int times)
{
    for (int64_t end_ms = mono_ms() + SOON_MS; mono_ms() < end_ms; usleep(20000))
        if (node_log_count(n, what, NULL) >= times)
            return true;
    return false;
}

/* Its exit status; -1: it did not end in time, or by a signal. */
static int ends_within(struct node *n, int ms)
{
    int status;
    for (int64_t end_ms = mono_ms() + ms; mono_ms() < end_ms; usleep(10000))
        if (waitpid(n->pid, &status, WNOHANG) == n->pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    node_kill(n);
    return -1;
}

/* ── certificates of the server ───────────────────────────────────────────────────────────────────────────────────── */

static void renewed_certificates_are_for_new_connections(void **state)
{
    static const char reloaded[] = "certificates reloaded", refused[] = "the certificates were not reloaded, the old ones stay";
    struct node n;
    ordo_error e;
    (void)state;
    certificate_make("first");
    certificate_make("second");
    sh("cp %s/first.crt %s/server.crt && cp %s/first.key %s/server.key", site.dir, site.dir, site.dir, site.dir);
    char settings[256];
    snprintf(settings, sizeof settings, "tls_cert=%s/server.crt;tls_key=%s/server.key", site.dir, site.dir);
    node_start(&site, &n, settings);
    ordo_client *old = client_of(&n, "first", NULL, NULL);
    must(ordo_auth_password(old, "ann", SITE_PASSWORD), NULL, "auth");
    must(ordo_connect(old, 0, &e), &e, "connect");

    /* the certificate is there, its key not yet: a renewal that is half done */
    sh("cp %s/second.crt %s/server.crt", site.dir, site.dir);
    kill(n.pid, SIGHUP);
    assert_true(log_says(&n, refused, 1));
    ordo_client *c = client_of(&n, "first", NULL, NULL);
    must(ordo_connect(c, 0, &e), &e, "the old certificate is still shown");
    ordo_client_free(c);
    sh("echo 'not a certificate' >%s/server.crt", site.dir);
    kill(n.pid, SIGHUP);
    assert_true(log_says(&n, refused, 2));
    assert_int_equal(node_log_count(&n, reloaded, NULL), 0);

    sh("cp %s/second.crt %s/server.crt && cp %s/second.key %s/server.key", site.dir, site.dir, site.dir, site.dir);
    kill(n.pid, SIGHUP);
    assert_true(log_says(&n, reloaded, 1));
    c = client_of(&n, "second", NULL, NULL);
    must(ordo_connect(c, 0, &e), &e, "the new certificate");
    ordo_client_free(c);
    c = client_of(&n, "first", NULL, NULL);
    assert_int_equal(ordo_connect(c, 3000, &e), ORDO_UNAVAILABLE);
    assert_string_equal(e.reason, "TLS_FAILED");
    ordo_client_free(c);
    must(whoami(old, &e), &e, "who was connected goes on");
    for (int i = 0; i < 150; i++) { /* whatever is kept for each of them is given back */
        kill(n.pid, SIGHUP);
        assert_true(log_says(&n, reloaded, i + 2));
    }
    must(whoami(old, &e), &e, "who was connected goes on");
    ordo_client_free(old);
    node_stop(&n);
}

/* ── nodes that stop and die ──────────────────────────────────────────────────────────────────────────────────────── */

static bool serves(ordo_client *c, const struct node *n) { return !strcmp(ordo_server(c)->node, n->name); }

static void who_knows_one_node_goes_on_at_another(void **state)
{
    static const struct {
        const char *name;
        bool dies;
    } rows[] = {{"it stops", false}, {"it dies without a word", true}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct node known;
        char settings[128];
        ordo_error e;
        print_message("  %s\n", rows[i].name);
        snprintf(settings, sizeof settings, "nodes=127.0.0.1:%d", node.port);
        node_start(&site, &known, settings);
        ordo_client *c = client_login(&site, &known, NULL, "ann", NULL);
        must(whoami(c, &e), &e, "whoami");
        assert_true(serves(c, &known));
        if (rows[i].dies)
            node_kill(&known);
        else
            kill(known.pid, SIGTERM);
        for (int64_t end_ms = mono_ms() + 2 * SOON_MS; !serves(c, &node) && mono_ms() < end_ms;)
            (void)whoami(c, &e); /* one that falls into the change may end with it */
        assert_true(serves(c, &node));
        must(whoami(c, &e), &e, "whoami elsewhere");
        if (!rows[i].dies)
            assert_int_equal(ends_within(&known, 2 * SOON_MS), 0);
        ordo_client_free(c);
    }
}

static void nodes_that_nobody_could_reach_are_refused_at_the_start(void **state)
{
    static const char *const rows[] = {"desk.example.com", ":7223", "desk.example.com:0", "desk.example.com:x", "2001:db8::1:7223", "[2001:db8::1]7223"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[1024];
        print_message("  %s\n", rows[i]);
        snprintf(command, sizeof command,
                 "%s --config=/dev/null --set 'nodes=%s' --set listen=127.0.0.1:0 --set metrics_listen= --set unix_socket= "
                 "--set 'database=%s' --set data_dir=%s --set tls_cert=%s/tls.crt --set tls_key=%s/tls.key serve 2>&1 "
                 "| grep -q 'nodes must be host:port'",
                 getenv("ORDOD") ? getenv("ORDOD") : "build/release/ordod", rows[i], site.db.app, site.cluster.dir, site.dir, site.dir);
        assert_int_equal(system(command), 0);
    }
}

static void on_registered(ordo_call *call, const Ordo__RequestRegisterRep *rep, const ordo_error *error, void *arg)
{
    (void)call;
    (void)rep;
    (void)error;
    *(bool *)arg = true;
}

static void register_start(ordo_client *c, const char *title, bool *done)
{
    Ordo__Field f = ORDO__FIELD__INIT, *fields[] = {&f};
    Ordo__RequestRegisterReq req = ORDO__REQUEST_REGISTER_REQ__INIT;
    f.name = TXT("site");
    f.value = TXT("North building");
    req.has_customer_id = req.has_type_id = true;
    req.customer_id = site.customer_id;
    req.type_id = site.type_id;
    req.title = TXT(title);
    req.n_fields = 1;
    req.fields = fields;
    must(ordo_request_register_start(c, &req, on_registered, done, NULL), NULL, "start");
    for (int64_t end_ms = mono_ms() + 500; mono_ms() < end_ms;)
        ordo_process(c, 20);
}

/* COMMIT takes its time. */
static void slow(bool on)
{
    pg_sql(site.db.owner,
           on ? "SET search_path = ordo; CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END';"
                "GRANT EXECUTE ON FUNCTION slow() TO ordo_app;"
                "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"
              : "SET search_path = ordo; DROP TRIGGER slow ON request; DROP FUNCTION slow()");
}

static long titled(const char *title)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM ordo.request WHERE title = '%s'", title);
    return strtol(pg_sql(site.db.super, sql), NULL, 10);
}

static void a_second_sigterm_ends_the_drain_at_once(void **state)
{
    struct node n;
    bool done = false;
    (void)state;
    slow(true);
    node_start(&site, &n, NULL);
    ordo_client *c = client_login(&site, &n, &node, "ann", NULL);
    while (!serves(c, &n)) {
        ordo_client_free(c);
        c = client_login(&site, &n, &node, "ann", NULL);
    }
    register_start(c, "under way at the second signal", &done);
    kill(n.pid, SIGTERM);
    assert_true(log_says(&n, "msg=draining", 1));
    usleep(300000);
    assert_int_equal(waitpid(n.pid, NULL, WNOHANG), 0); /* it waits for the call */
    assert_false(done);
    kill(n.pid, SIGTERM);
    assert_int_equal(ends_within(&n, 3000), 0); /* the call would have taken 4 s, the drain up to 10 */
    assert_int_equal(node_log_count(&n, "second signal: ending at once", NULL), 1);
    for (int64_t end_ms = mono_ms() + 3 * SOON_MS; !done && mono_ms() < end_ms;)
        ordo_process(c, 50);
    assert_true(done); /* by the other node, with the same key */
    assert_int_equal(titled("under way at the second signal"), 1);
    slow(false);
    ordo_client_free(c);
}

/* ── people's language ───────────────────────────────────────────────────────────────────────────────────────────── */

static void errors_come_in_the_callers_language(void **state)
{
    static const char italian[] = "non esiste: richiesta 424242", english[] = "there is no request 424242";
    static const struct {
        const char *name, *said, *person, *text;
    } rows[] = {
        {"as the program says", "it-CH", "en", italian},
        {"as the person has it", NULL, "it", italian},
        {"the program's goes before the person's", "en", "it", english},
        {"one that nobody speaks here", "fr", "it", english},
        {"English where nothing else is said", NULL, "en", english},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sql[128], ca[160], hosts[64];
        ordo_client *c;
        ordo_error e;
        print_message("  %s\n", rows[i].name);
        snprintf(sql, sizeof sql, "UPDATE ordo.principal SET language = '%s' WHERE login = 'ann'", rows[i].person);
        pg_sql(site.db.super, sql);
        snprintf(ca, sizeof ca, "%s/tls.crt", site.dir);
        snprintf(hosts, sizeof hosts, "localhost:%d", node.port);
        ordo_options o = {.struct_size = sizeof o, .hosts = hosts, .ca_file = ca, .language = rows[i].said};
        must(ordo_client_new(&o, &c, &e), &e, "client");
        must(ordo_auth_password(c, "ann", SITE_PASSWORD), NULL, "auth");
        Ordo__RequestTakeReq take = ORDO__REQUEST_TAKE_REQ__INIT;
        take.has_request_id = true;
        take.request_id = 424242;
        assert_int_equal(ordo_request_take(c, &take, NULL, &e), ORDO_NOT_FOUND);
        assert_string_equal(e.text, rows[i].text);
        assert_string_equal(e.reason, "NO_SUCH"); /* what programs go by stays */
        char kind[32];
        assert_true(ordo_error_arg(&e, "kind", kind, sizeof kind));
        assert_string_equal(kind, "request");
        ordo_client_free(c);
    }
}

/* ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────── */

/* A command of the administrator; everything that it says. Returns its exit code. */
static int ordo_says(char *out, size_t size, const char *login, const char *args)
{
    char command[1024];
    snprintf(command, sizeof command, "ORDO_HOME=%s/home-%s ORDO_PASSWORD='%s' NO_COLOR=1 %s %s 2>&1", site.dir, login, SITE_PASSWORD,
             getenv("ORDO") ? getenv("ORDO") : "build/release/ordo", args);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    int status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ordo_login(const char *login)
{
    char args[320], out[1024];
    snprintf(args, sizeof args, "login %s --host localhost:%d --ca %s/tls.crt", login, node.port, site.dir);
    assert_int_equal(ordo_says(out, sizeof out, login, args), 0);
}

static void a_certificate_logs_in_over_the_wire(void **state)
{
    struct node n;
    char settings[256], args[256], out[1024];
    ordo_error e;
    (void)state;
    certificate_make("robot");
    certificate_make("stranger");
    sh("cat %s/robot.crt %s/first.crt >%s/clients.crt", site.dir, site.dir, site.dir);
    snprintf(settings, sizeof settings, "tls_client_ca=%s/clients.crt", site.dir);
    node_start(&site, &n, settings);

    ordo_client *c = client_of(&n, "tls", "robot", NULL);
    must(ordo_auth_certificate(c), NULL, "auth");
    assert_int_equal(ordo_connect(c, 0, &e), ORDO_UNAUTHENTICATED); /* good for TLS, but nobody's yet */
    assert_string_equal(e.reason, "LOGIN_FAILED");
    ordo_client_free(c);

    ordo_login("admin");
    snprintf(args, sizeof args, "admin certificate add %lld %s/robot.crt", (long long)site.specialist_ids[1], site.dir);
    assert_int_equal(ordo_says(out, sizeof out, "admin", args), 0);
    snprintf(args, sizeof args, "admin certificate add %lld %s/robot.key", (long long)site.specialist_ids[1], site.dir);
    assert_int_not_equal(ordo_says(out, sizeof out, "admin", args), 0);
    assert_non_null(strstr(out, "holds no certificate in PEM form"));
    snprintf(args, sizeof args, "admin certificate add %lld %s/robot.crt", (long long)site.specialist_ids[2], site.dir);
    assert_int_not_equal(ordo_says(out, sizeof out, "admin", args), 0); /* a proof is one person's */

    c = client_of(&n, "tls", "robot", NULL);
    must(ordo_auth_certificate(c), NULL, "auth");
    must(ordo_connect(c, 0, &e), &e, "by certificate");
    assert_int_equal(ordo_identity(c)->principal_id, site.specialist_ids[1]);
    must(whoami(c, &e), &e, "whoami");
    ordo_client_free(c);

    c = client_of(&n, "tls", NULL, NULL); /* says that it has one and shows none */
    must(ordo_auth_certificate(c), NULL, "auth");
    assert_int_equal(ordo_connect(c, 0, &e), ORDO_UNAUTHENTICATED);
    ordo_client_free(c);
    c = client_of(&n, "tls", "stranger", NULL); /* of an authority that is not trusted: TLS itself says no */
    must(ordo_auth_certificate(c), NULL, "auth");
    assert_int_equal(ordo_connect(c, 3000, &e), ORDO_UNAVAILABLE);
    ordo_client_free(c);
    node_stop(&n);
}

static void a_key_that_is_revoked_loses_its_connection(void **state)
{
    unsigned char secret[32], sum[32];
    ordo_error e;
    (void)state;
    memset(secret, 7, sizeof secret);
    assert_true(EVP_Digest(secret, sizeof secret, sum, NULL, EVP_sha256(), NULL));
    ordo_client *admin = client_login(&site, &node, NULL, "admin", NULL);
    Ordo__ApiKeyCreateReq req = ORDO__API_KEY_CREATE_REQ__INIT;
    Ordo__ApiKeyCreateRep *rep;
    req.has_user_id = req.has_sha256 = true;
    req.user_id = site.specialist_ids[2];
    req.name = TXT("robot");
    req.sha256 = (ProtobufCBinaryData){sizeof sum, sum};
    must(ordo_api_key_create(admin, &req, &rep, &e), &e, "key");
    ordo_client *c = client_new(&site, &node, NULL, NULL);
    must(ordo_auth_api_key(c, secret), NULL, "auth");
    must(ordo_connect(c, 0, &e), &e, "by key");
    assert_int_equal(ordo_identity(c)->principal_id, site.specialist_ids[2]);

    Ordo__ApiKeyRevokeReq revoke = ORDO__API_KEY_REVOKE_REQ__INIT;
    revoke.has_key_id = true;
    revoke.key_id = rep->id;
    must(ordo_api_key_revoke(admin, &revoke, NULL, &e), &e, "revoke");
    int64_t end_ms = mono_ms() + 2000;
    must(ordo_connect_start(c), NULL, "stay connected");
    while (ordo_client_state(c) != ORDO_STATE_REFUSED && mono_ms() < end_ms)
        ordo_process(c, 20);
    assert_int_equal(ordo_client_state(c), ORDO_STATE_REFUSED);
    assert_int_equal(whoami(c, &e), ORDO_UNAUTHENTICATED);
    ordo_free_message(rep);
    ordo_client_free(c);
    ordo_client_free(admin);
}

/* A command is killed while its change is being committed: the next `ordo resolve` says what became of it. */
static void resolve_tells_what_became_of_a_killed_command(void **state)
{
    char args[256], out[4096];
    (void)state;
    ordo_login("bob");
    assert_int_equal(ordo_says(out, sizeof out, "bob", "resolve"), 0);
    assert_non_null(strstr(out, "no call is open"));
    slow(true);
    snprintf(args, sizeof args,
             "request register 'killed on the way' --type Fault --on-behalf Bakery --field site=North & sleep 1.5; kill -9 $!; wait $!");
    (void)ordo_says(out, sizeof out, "bob", args);
    assert_int_equal(ordo_says(out, sizeof out, "bob", "resolve --list"), 0);
    assert_non_null(strstr(out, "request_register"));
    assert_non_null(strstr(out, "killed on the way"));
    assert_null(strstr(out, "done"));
    assert_int_equal(ordo_says(out, sizeof out, "bob", "resolve"), 0);
    assert_non_null(strstr(out, "request_register"));
    assert_non_null(strstr(out, "done"));
    assert_int_equal(titled("killed on the way"), 1);
    slow(false);
    assert_int_equal(ordo_says(out, sizeof out, "bob", "resolve"), 0);
    assert_non_null(strstr(out, "no call is open"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renewed_certificates_are_for_new_connections),
        cmocka_unit_test(who_knows_one_node_goes_on_at_another),
        cmocka_unit_test(nodes_that_nobody_could_reach_are_refused_at_the_start),
        cmocka_unit_test(a_second_sigterm_ends_the_drain_at_once),
        cmocka_unit_test(errors_come_in_the_callers_language),
        cmocka_unit_test(a_certificate_logs_in_over_the_wire),
        cmocka_unit_test(a_key_that_is_revoked_loses_its_connection),
        cmocka_unit_test(resolve_tells_what_became_of_a_killed_command),
    };
    return cmocka_run_group_tests_name("operation", tests, site_given, site_taken);
}
