/* SPDX-License-Identifier: Apache-2.0
 * OpenSSL behind a BIO over byte buffers: what comes in is lent for one call, what goes out lands in the caller's buffer. */
#include "common/wire/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/wire/frame.h"

enum { RECORD_MAX = 16 * 1024 };

static const unsigned char ALPN_WIRE[] = "\x06" OD_ALPN; /* length byte and name */
enum { ALPN_WIRE_BYTES = sizeof ALPN_WIRE - 1 };

struct od_tls_context {
    atomic_uint refs; /* who made it, and each connection: the BIO's methods must outlive the last */
    SSL_CTX *ssl;
    BIO_METHOD *bio;
};

struct od_tls {
    struct od_tls_context *context;
    SSL *ssl;
    struct od_str in;   /* what the current call lends; OpenSSL takes all of it before the call ends */
    struct od_buf *out; /* where the current call's records go */
    bool ready;
};

static int tls_bio_write(BIO *b, const char *p, int n)
{
    struct od_tls *t = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (n <= 0 || !t->out)
        return n < 0 ? -1 : 0;
    od_buf_put(t->out, p, (size_t)n);
    return t->out->failed ? -1 : n;
}

static int tls_bio_read(BIO *b, char *p, int n)
{
    struct od_tls *t = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (n <= 0)
        return 0;
    if (!t->in.n) {
        BIO_set_retry_read(b);
        return -1;
    }
    size_t take = t->in.n < (size_t)n ? t->in.n : (size_t)n;
    memcpy(p, t->in.p, take);
    t->in.p += take;
    t->in.n -= take;
    return (int)take;
}

static long tls_bio_ctrl(BIO *b OD_UNUSED, int cmd, long num OD_UNUSED, void *ptr OD_UNUSED)
{
    return cmd == BIO_CTRL_FLUSH ? 1 : 0;
}

static int tls_bio_create(BIO *b)
{
    BIO_set_init(b, 1);
    return 1;
}

static enum od_status tls_fail(struct od_err *err, const char *what)
{
    unsigned long code = ERR_peek_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    enum od_status status = od_fail(err, OD_R_TLS_FAILED, "why=%s%s%s", what, reason ? ": " : "", reason ? reason : "");
    ERR_clear_error();
    return status;
}

/* A client that offers no ALPN at all never reaches the selection below. */
static int server_hello_check(SSL *ssl, int *ret_alert, void *arg OD_UNUSED)
{
    const unsigned char *p;
    size_t n;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &p, &n))
        return SSL_CLIENT_HELLO_SUCCESS;
    *ret_alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

static int server_alpn_select(SSL *ssl OD_UNUSED, const unsigned char **ret, unsigned char *ret_n, const unsigned char *in,
                              unsigned in_n, void *arg OD_UNUSED)
{
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, ret_n, ALPN_WIRE, ALPN_WIRE_BYTES, in, in_n) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static enum od_status server_setup(SSL_CTX *ssl, const struct od_tls_options *o, struct od_err *err)
{
    if (!o->cert_file || !o->key_file)
        return tls_fail(err, "a server needs a certificate and its key");
    SSL_CTX_set_client_hello_cb(ssl, server_hello_check, NULL);
    SSL_CTX_set_alpn_select_cb(ssl, server_alpn_select, NULL);
    SSL_CTX_set_num_tickets(ssl, 0);
    if (!o->ca_file)
        return OD_OK;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(o->ca_file);
    if (!names || SSL_CTX_load_verify_locations(ssl, o->ca_file, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return tls_fail(err, o->ca_file);
    }
    SSL_CTX_set_client_CA_list(ssl, names);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL); /* asked for, not demanded; one that is shown must be good */
    return OD_OK;
}

static enum od_status client_setup(SSL_CTX *ssl, const struct od_tls_options *o, struct od_err *err)
{
    int ok = o->ca_file ? SSL_CTX_load_verify_locations(ssl, o->ca_file, NULL) : SSL_CTX_set_default_verify_paths(ssl);
    if (ok != 1)
        return tls_fail(err, o->ca_file ? o->ca_file : "the system's certificates");
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_set_alpn_protos(ssl, ALPN_WIRE, ALPN_WIRE_BYTES) != 0)
        return tls_fail(err, "ALPN");
    return OD_OK;
}

static enum od_status context_setup(struct od_tls_context *c, const struct od_tls_options *o, struct od_err *err)
{
    c->ssl = SSL_CTX_new(o->server ? TLS_server_method() : TLS_client_method());
    c->bio = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "buffers"); /* nobody looks for it by its type, and indexes run out */
    if (!c->ssl || !c->bio)
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    BIO_meth_set_write(c->bio, tls_bio_write);
    BIO_meth_set_read(c->bio, tls_bio_read);
    BIO_meth_set_ctrl(c->bio, tls_bio_ctrl);
    BIO_meth_set_create(c->bio, tls_bio_create);

    SSL_CTX_set_min_proto_version(c->ssl, TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(c->ssl, TLS1_3_VERSION);
    SSL_CTX_set_options(c->ssl, SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS); /* an idle connection keeps no record buffers */
    SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
    if (o->cert_file && SSL_CTX_use_certificate_chain_file(c->ssl, o->cert_file) != 1)
        return tls_fail(err, o->cert_file);
    if (o->key_file && SSL_CTX_use_PrivateKey_file(c->ssl, o->key_file, SSL_FILETYPE_PEM) != 1)
        return tls_fail(err, o->key_file);
    if (o->cert_file && SSL_CTX_check_private_key(c->ssl) != 1)
        return tls_fail(err, "the key is not the certificate's");
    return o->server ? server_setup(c->ssl, o, err) : client_setup(c->ssl, o, err);
}

enum od_status od_tls_context_new(const struct od_tls_options *o, struct od_tls_context **ret_context, struct od_err *err)
{
    *ret_context = NULL;
    struct od_tls_context *c = calloc(1, sizeof *c);
    if (!c)
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    atomic_init(&c->refs, 1);
    ERR_clear_error();
    enum od_status status = context_setup(c, o, err);
    if (status != OD_OK) {
        od_tls_context_free(c);
        return status;
    }
    *ret_context = c;
    return OD_OK;
}

struct od_tls_context *od_tls_context_ref(struct od_tls_context *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void od_tls_context_free(struct od_tls_context *c)
{
    if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) > 1)
        return;
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->bio);
    free(c);
}

static bool host_expect(SSL *ssl, const char *host)
{
    unsigned char address[16];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    X509_VERIFY_PARAM_set_hostflags(SSL_get0_param(ssl), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct od_tls *od_tls_new(struct od_tls_context *c, const char *host)
{
    struct od_tls *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->context = od_tls_context_ref(c);
    t->ssl = SSL_new(c->ssl);
    BIO *bio = BIO_new(c->bio);
    if (!t->ssl || !bio) {
        BIO_free(bio);
        goto fail;
    }
    BIO_set_data(bio, t);
    SSL_set_bio(t->ssl, bio, bio); /* one reference serves both directions */
    if (host ? !host_expect(t->ssl, host) : !SSL_is_server(t->ssl))
        goto fail;
    if (host)
        SSL_set_connect_state(t->ssl);
    else
        SSL_set_accept_state(t->ssl);
    return t;
fail:
    od_tls_free(t);
    ERR_clear_error();
    return NULL;
}

void od_tls_free(struct od_tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    od_tls_context_free(t->context);
    free(t);
}

static bool alpn_agreed(const SSL *ssl)
{
    const unsigned char *p;
    unsigned n;
    SSL_get0_alpn_selected(ssl, &p, &n);
    return n == ALPN_WIRE_BYTES - 1 && !memcmp(p, ALPN_WIRE + 1, n);
}

static enum od_status ready_check(struct od_tls *t, struct od_err *err)
{
    if (t->ready || !SSL_is_init_finished(t->ssl))
        return OD_OK;
    if (!alpn_agreed(t->ssl))
        return od_fail(err, OD_R_TLS_FAILED, "why=the peer does not speak " OD_ALPN);
    t->ready = true;
    return OD_OK;
}

/* What a call that gave no data means; closed is the peer's close_notify. */
static enum od_status ssl_verdict(struct od_tls *t, int rc, const char *what, bool *ret_closed, struct od_err *err)
{
    int code = SSL_get_error(t->ssl, rc);
    if (code == SSL_ERROR_WANT_READ)
        return OD_OK;
    if (code == SSL_ERROR_ZERO_RETURN) {
        *ret_closed = true;
        return OD_OK;
    }
    long verdict = SSL_get_verify_result(t->ssl);
    if (!t->ready && verdict != X509_V_OK) {
        ERR_clear_error();
        return od_fail(err, OD_R_TLS_FAILED, "why=the peer's certificate: %s", X509_verify_cert_error_string(verdict));
    }
    return tls_fail(err, what);
}

enum od_status od_tls_feed(struct od_tls *t, struct od_str in, struct od_buf *plain, struct od_buf *cipher, bool *ret_closed,
                           struct od_err *err)
{
    enum od_status status = OD_OK;
    *ret_closed = false;
    t->in = in;
    t->out = cipher;
    ERR_clear_error();
    while (status == OD_OK && !*ret_closed) {
        size_t n = 0;
        char *to = od_buf_reserve(plain, RECORD_MAX);
        if (!to) {
            status = od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
            break;
        }
        int rc = SSL_read_ex(t->ssl, to, RECORD_MAX, &n);
        if (rc == 1)
            plain->n += n;
        else
            status = ssl_verdict(t, rc, "reading", ret_closed, err);
        if (status == OD_OK)
            status = ready_check(t, err);
        if (rc != 1 && status == OD_OK && !t->in.n)
            break;
    }
    t->in = (struct od_str){NULL, 0};
    t->out = NULL;
    return status;
}

enum od_status od_tls_start(struct od_tls *t, struct od_buf *cipher, struct od_err *err)
{
    bool closed = false;
    t->out = cipher;
    ERR_clear_error();
    int rc = SSL_do_handshake(t->ssl);
    enum od_status status = rc == 1 ? OD_OK : ssl_verdict(t, rc, "handshake", &closed, err);
    t->out = NULL;
    return status;
}

bool od_tls_ready(const struct od_tls *t) { return t->ready; }

enum od_status od_tls_write(struct od_tls *t, struct od_str plain, struct od_buf *cipher, struct od_err *err)
{
    size_t n = 0;
    od_assert(t->ready);
    if (!plain.n)
        return OD_OK;
    t->out = cipher;
    ERR_clear_error();
    int rc = SSL_write_ex(t->ssl, plain.p, plain.n, &n);
    t->out = NULL;
    if (rc == 1)
        return OD_OK;
    return cipher->failed ? od_fail(err, OD_R_OUT_OF_MEMORY, NULL) : tls_fail(err, "writing");
}

void od_tls_close(struct od_tls *t, struct od_buf *cipher)
{
    t->out = cipher;
    ERR_clear_error();
    if (SSL_is_init_finished(t->ssl))
        SSL_shutdown(t->ssl);
    ERR_clear_error();
    t->out = NULL;
}

bool od_tls_peer_sha256(const struct od_tls *t, unsigned char ret_sha256[32])
{
    unsigned n = 0;
    X509 *peer = t->ready ? SSL_get0_peer_certificate(t->ssl) : NULL;
    return peer && SSL_get_verify_result(t->ssl) == X509_V_OK && X509_digest(peer, EVP_sha256(), ret_sha256, &n) == 1 &&
           n == 32;
}
