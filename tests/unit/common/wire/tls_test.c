/* SPDX-License-Identifier: Apache-2.0
 * Both sides of the TLS policy over buffers: no socket, certificates made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/wire/tls.h"

struct certs {
    char dir[64];
    char ca[96], cert[96], key[96], other_ca[96], client_cert[96], client_key[96];
};

static int run(const char *dir, const char *script)
{
    char line[2048];
    snprintf(line, sizeof line, "cd %s && exec >/dev/null 2>&1 && set -e; %s", dir, script);
    return system(line); /* NOLINT(cert-env33-c): a test's own openssl(1) */
}

static int certs_make(void **state)
{
    struct certs *c = od_xcalloc(1, sizeof *c);
    snprintf(c->dir, sizeof c->dir, "/tmp/ordo-tls-XXXXXX");
    if (!mkdtemp(c->dir))
        return -1;
    snprintf(c->ca, sizeof c->ca, "%s/ca.pem", c->dir);
    snprintf(c->cert, sizeof c->cert, "%s/server.pem", c->dir);
    snprintf(c->key, sizeof c->key, "%s/server.key", c->dir);
    snprintf(c->other_ca, sizeof c->other_ca, "%s/other.pem", c->dir);
    snprintf(c->client_cert, sizeof c->client_cert, "%s/client.pem", c->dir);
    snprintf(c->client_key, sizeof c->client_key, "%s/client.key", c->dir);
    *state = c;
    return run(c->dir,
               "new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2';"
               "for ca in ca other; do openssl req -x509 $new -subj /CN=$ca -keyout $ca.key -out $ca.pem; done;"
               "openssl req $new -subj /CN=server -keyout server.key -out server.csr;"
               "openssl req $new -subj /CN=client -keyout client.key -out client.csr;"
               "printf 'subjectAltName=DNS:ordo.test,IP:127.0.0.1' > san;"
               "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem;"
               "openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out client.pem");
}

static int certs_remove(void **state)
{
    struct certs *c = *state;
    int rc = run(c->dir, "rm -f ./*; cd ..; rmdir $OLDPWD");
    free(c);
    return rc;
}

struct side {
    struct od_tls *tls;
    struct od_buf wire, plain;
    enum od_status status;
    struct od_err err;
    bool closed;
};

struct pair {
    struct od_tls_context *server_context, *client_context;
    struct side server, client;
};

static void side_init(struct side *s, struct od_tls_context *c, const char *host)
{
    s->tls = od_tls_new(c, host);
    assert_non_null(s->tls);
    od_buf_init(&s->wire, 1 << 20);
    od_buf_init(&s->plain, 1 << 20);
    od_err_clear(&s->err);
}

/* Gives the other side what this one has written, in pieces of at most `piece` bytes. */
static void carry(struct side *from, struct side *to, size_t piece)
{
    while (from->wire.n && to->status == OD_OK) {
        size_t n = from->wire.n < piece ? from->wire.n : piece;
        to->status = od_tls_feed(to->tls, (struct od_str){from->wire.p, n}, &to->plain, &to->wire, &to->closed, &to->err);
        od_buf_drop(&from->wire, n);
    }
}

static void shake(struct pair *p, size_t piece)
{
    p->client.status = od_tls_start(p->client.tls, &p->client.wire, &p->client.err);
    for (int i = 0; i < 4; i++) {
        carry(&p->client, &p->server, piece);
        carry(&p->server, &p->client, piece);
    }
}

static void pair_init(struct pair *p, const struct od_tls_options *server, const struct od_tls_options *client, const char *host)
{
    struct od_err err;
    *p = (struct pair){0};
    assert_int_equal(od_tls_context_new(server, &p->server_context, &err), OD_OK);
    assert_int_equal(od_tls_context_new(client, &p->client_context, &err), OD_OK);
    side_init(&p->server, p->server_context, NULL);
    side_init(&p->client, p->client_context, host);
}

static void pair_done(struct pair *p)
{
    struct side *sides[] = {&p->server, &p->client};
    for (size_t i = 0; i < 2; i++) {
        od_tls_free(sides[i]->tls);
        od_buf_done(&sides[i]->wire);
        od_buf_done(&sides[i]->plain);
    }
    od_tls_context_free(p->server_context);
    od_tls_context_free(p->client_context);
}

static void bytes_go_both_ways(void **state)
{
    struct certs *c = *state;
    const struct od_tls_options server = {.server = true, .cert_file = c->cert, .key_file = c->key};
    const struct od_tls_options client = {.ca_file = c->ca};
    static char big[100000];
    memset(big, 'x', sizeof big);
    for (size_t piece = 1; piece <= 1 << 20; piece = piece * 64 + 1) {
        struct pair p;
        pair_init(&p, &server, &client, "127.0.0.1");
        shake(&p, piece);
        assert_true(od_tls_ready(p.server.tls) && od_tls_ready(p.client.tls));
        assert_int_equal(p.server.wire.n, 0); /* no tickets behind the handshake */
        assert_int_equal(od_tls_write(p.client.tls, OD_STR("hello"), &p.client.wire, NULL), OD_OK);
        assert_int_equal(od_tls_write(p.server.tls, (struct od_str){big, sizeof big}, &p.server.wire, NULL), OD_OK);
        carry(&p.client, &p.server, piece);
        carry(&p.server, &p.client, piece);
        assert_true(od_str_eq_c(od_buf_view(&p.server.plain), "hello"));
        assert_int_equal(p.client.plain.n, sizeof big);
        assert_false(od_tls_peer_sha256(p.server.tls, (unsigned char[32]){0}));

        od_tls_close(p.client.tls, &p.client.wire);
        carry(&p.client, &p.server, piece);
        assert_true(p.server.closed && p.server.status == OD_OK);
        pair_done(&p);
    }
}

static void host_rows(void **state)
{
    struct certs *c = *state;
    const struct {
        const char *name, *host, *ca;
        bool ok;
    } rows[] = {
        {"the DNS name of the certificate", "ordo.test", c->ca, true},
        {"its address", "127.0.0.1", c->ca, true},
        {"another name is refused", "other.test", c->ca, false},
        {"another address is refused", "127.0.0.2", c->ca, false},
        {"another authority is refused", "ordo.test", c->other_ca, false},
    };
    const struct od_tls_options server = {.server = true, .cert_file = c->cert, .key_file = c->key};
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct pair p;
        print_message("  %s\n", rows[i].name);
        pair_init(&p, &server, &(struct od_tls_options){.ca_file = rows[i].ca}, rows[i].host);
        shake(&p, 1 << 20);
        assert_int_equal(p.client.status, rows[i].ok ? OD_OK : OD_UNAVAILABLE);
        assert_int_equal(od_tls_ready(p.client.tls), rows[i].ok);
        if (!rows[i].ok) {
            assert_int_equal(p.client.err.reason, OD_R_TLS_FAILED);
            assert_int_equal(p.server.status, OD_UNAVAILABLE); /* the alert came over */
        }
        pair_done(&p);
    }
}

static void client_certificate_rows(void **state)
{
    struct certs *c = *state;
    const struct {
        const char *name, *ca, *cert, *key;
        bool ok, shown;
    } rows[] = {
        {"none is shown", c->ca, NULL, NULL, true, false},
        {"a good one is shown", c->ca, c->client_cert, c->client_key, true, true},
        {"one of another authority is refused", c->other_ca, c->client_cert, c->client_key, false, false},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        const struct od_tls_options server = {
            .server = true, .cert_file = c->cert, .key_file = c->key, .ca_file = rows[i].ca};
        const struct od_tls_options client = {.ca_file = c->ca, .cert_file = rows[i].cert, .key_file = rows[i].key};
        struct pair p;
        unsigned char sha256[32];
        print_message("  %s\n", rows[i].name);
        pair_init(&p, &server, &client, "ordo.test");
        shake(&p, 1 << 20);
        assert_int_equal(p.server.status, rows[i].ok ? OD_OK : OD_UNAVAILABLE);
        assert_int_equal(od_tls_peer_sha256(p.server.tls, sha256), rows[i].shown);
        pair_done(&p);
    }
}

static void rubbish_is_refused(void **state)
{
    struct certs *c = *state;
    const struct od_tls_options server = {.server = true, .cert_file = c->cert, .key_file = c->key};
    struct pair p;
    pair_init(&p, &server, &(struct od_tls_options){.ca_file = c->ca}, "ordo.test");
    p.server.status = od_tls_feed(p.server.tls, OD_STR("GET / HTTP/1.1\r\n\r\n"), &p.server.plain, &p.server.wire,
                                  &p.server.closed, &p.server.err);
    assert_int_equal(p.server.status, OD_UNAVAILABLE);
    assert_int_equal(p.server.err.reason, OD_R_TLS_FAILED);
    pair_done(&p);
}

static void contexts_name_what_is_wrong(void **state)
{
    struct certs *c = *state;
    struct od_tls_context *context;
    struct od_err err;
    const struct {
        const char *name;
        struct od_tls_options o;
    } rows[] = {
        {"a server without certificate", {.server = true}},
        {"a certificate file that is not there", {.server = true, .cert_file = "/nowhere.pem", .key_file = c->key}},
        {"a key of another certificate", {.server = true, .cert_file = c->cert, .key_file = c->client_key}},
        {"an authority file that is not there", {.ca_file = "/nowhere.pem"}},
    };
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_tls_context_new(&rows[i].o, &context, &err), OD_UNAVAILABLE);
        assert_int_equal(err.reason, OD_R_TLS_FAILED);
        assert_null(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways),
        cmocka_unit_test(host_rows),
        cmocka_unit_test(client_certificate_rows),
        cmocka_unit_test(rubbish_is_refused),
        cmocka_unit_test(contexts_name_what_is_wrong),
    };
    return cmocka_run_group_tests_name("tls", tests, certs_make, certs_remove);
}
