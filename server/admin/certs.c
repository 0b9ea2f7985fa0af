/* SPDX-License-Identifier: Apache-2.0
 * Certificates by libcrypto: P-256 keys, an authority that signs nothing but what this directory holds. */
#include "server/admin/certs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "common/base/str.h"

enum { PATH_BYTES = 320 };

struct certs {
    char ca_cert[PATH_BYTES], ca_key[PATH_BYTES], cert[PATH_BYTES], key[PATH_BYTES];
};

/* A certificate and its key. */
struct pair {
    X509 *cert;
    EVP_PKEY *key;
};

static void pair_done(struct pair *p)
{
    X509_free(p->cert);
    EVP_PKEY_free(p->key);
}

static enum od_status crypto_failed(struct od_err *err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_get_error());
    return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", what, reason ? reason : "libcrypto failed");
}

static enum od_status file_failed(struct od_err *err, const char *path)
{
    return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", path, strerror(errno));
}

/* A key never exists with a wider mode, not even for a moment; a half written file never under its name. */
static FILE *create(const char *path, int mode)
{
    char part[PATH_BYTES + 8];
    snprintf(part, sizeof part, "%s.new", path);
    unlink(part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool finish(FILE *f, const char *path, bool good)
{
    char part[PATH_BYTES + 8];
    snprintf(part, sizeof part, "%s.new", path);
    good = !fflush(f) && !fsync(fileno(f)) && good;
    good = !fclose(f) && good;
    return good && !rename(part, path);
}

static enum od_status pair_write(const struct pair *p, const char *cert_path, const char *key_path, struct od_err *err)
{
    FILE *f = create(key_path, 0600);
    if (!f || !finish(f, key_path, PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL)))
        return file_failed(err, key_path);
    f = create(cert_path, 0644);
    if (!f || !finish(f, cert_path, PEM_write_X509(f, p->cert)))
        return file_failed(err, cert_path);
    return OD_OK;
}

static enum od_status pair_read(struct pair *p, const char *cert_path, const char *key_path, struct od_err *err)
{
    FILE *f = fopen(cert_path, "re");
    if (!f)
        return file_failed(err, cert_path);
    p->cert = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    if (!p->cert)
        return crypto_failed(err, cert_path);
    f = fopen(key_path, "re");
    if (!f)
        return file_failed(err, key_path);
    p->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    return p->key ? OD_OK : crypto_failed(err, key_path);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool good = ext && X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    return good;
}

/* Names and addresses as libcrypto's configuration text; a word that is neither can only make it refuse. */
static void alt_names(const struct conf_list *hosts, char *out, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < hosts->n && at < n; i++) {
        unsigned char address[16];
        bool ip =
            inet_pton(AF_INET, hosts->items[i], address) == 1 || inet_pton(AF_INET6, hosts->items[i], address) == 1;
        at += (size_t)snprintf(out + at, n - at, "%s%s:%s", i ? "," : "", ip ? "IP" : "DNS", hosts->items[i]);
    }
}

/* A new key with an unsigned certificate. 20 random bytes make the serial number (RFC 5280 §4.1.2.2: positive, at most
 * 20). */
static bool pair_new(struct pair *p, const char *name, int days)
{
    unsigned char serial[20];
    p->key = EVP_EC_gen("P-256");
    p->cert = X509_new();
    if (!p->key || !p->cert || RAND_bytes(serial, sizeof serial) != 1)
        return false;
    serial[0] = (serial[0] & 0x7f) | 0x40;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    X509_NAME *subject = X509_get_subject_name(p->cert);
    bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(p->cert)) &&
                X509_set_version(p->cert, X509_VERSION_3) &&
                X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) &&
                X509_gmtime_adj(X509_getm_notBefore(p->cert), -3600) &&
                X509_time_adj_ex(X509_getm_notAfter(p->cert), days, 0, NULL) && X509_set_pubkey(p->cert, p->key);
    BN_free(number);
    return good;
}

static bool ca_new(struct pair *ca)
{
    return pair_new(ca, "Ordo private CA", CERTS_CA_DAYS) &&
           X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) &&
           add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
           X509_sign(ca->cert, ca->key, EVP_sha256());
}

static bool server_new(struct pair *server, const struct pair *ca, const struct conf_list *hosts)
{
    char names[CONF_LIST_MAX * 64];
    alt_names(hosts, names, sizeof names);
    return pair_new(server, "ordod", CERTS_SERVER_DAYS) &&
           X509_set_issuer_name(server->cert, X509_get_subject_name(ca->cert)) &&
           add_extension(server->cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(server->cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
           add_extension(server->cert, ca->cert, NID_ext_key_usage, "serverAuth") &&
           add_extension(server->cert, ca->cert, NID_subject_key_identifier, "hash") &&
           add_extension(server->cert, ca->cert, NID_authority_key_identifier, "keyid:always") &&
           add_extension(server->cert, ca->cert, NID_subject_alt_name, names) &&
           X509_sign(server->cert, ca->key, EVP_sha256());
}

/* One of ours that has CERTS_RENEW_DAYS or less to live. Somebody else's certificate is left alone. */
static bool wants_renewal(const struct certs *c)
{
    od_cleanup(pair_done) struct pair server = {0}, ca = {0};
    int days = 0, seconds = 0;
    struct od_err ignored; /* what cannot be read is not ours */
    return pair_read(&server, c->cert, c->key, &ignored) == OD_OK &&
           pair_read(&ca, c->ca_cert, c->ca_key, &ignored) == OD_OK &&
           X509_check_issued(ca.cert, server.cert) == X509_V_OK &&
           ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(server.cert)) && days < CERTS_RENEW_DAYS;
}

enum od_status certs_make(const char *dir, const struct conf_list *hosts, enum certs_done *ret_done, struct od_err *err)
{
    od_cleanup(pair_done) struct pair ca = {0}, server = {0};
    struct certs c;
    snprintf(c.ca_cert, sizeof c.ca_cert, "%s/ca.crt", dir);
    snprintf(c.ca_key, sizeof c.ca_key, "%s/ca.key", dir);
    snprintf(c.cert, sizeof c.cert, "%s/server.crt", dir);
    snprintf(c.key, sizeof c.key, "%s/server.key", dir);

    bool exists = !access(c.cert, F_OK) && !access(c.key, F_OK);
    *ret_done = !exists ? CERTS_MADE : wants_renewal(&c) ? CERTS_RENEWED : CERTS_KEPT;
    if (*ret_done == CERTS_KEPT)
        return OD_OK;
    if (!access(c.ca_cert, F_OK)) {
        OD_TRY(pair_read(&ca, c.ca_cert, c.ca_key, err));
    } else {
        if (!ca_new(&ca))
            return crypto_failed(err, c.ca_cert);
        OD_TRY(pair_write(&ca, c.ca_cert, c.ca_key, err));
    }
    if (!server_new(&server, &ca, hosts))
        return crypto_failed(err, c.cert);
    return pair_write(&server, c.cert, c.key, err);
}
