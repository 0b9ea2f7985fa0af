/* SPDX-License-Identifier: Apache-2.0
 * Passwords, keys and certificates: secrets are made, read and hashed here and go nowhere else. */
#include "client/cli/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/limits.h"

enum { SECRET_BYTES = 32, SECRET_HEX = 64, SHA256_BYTES = 32, PASSWORD_BYTES = OD_PASSWORD_MAX * 4 + 2 };

/* The password of the request: from a file, from `fallback`, or asked for twice. */
static enum ordo_status password_fill(struct cli *cli, struct input *in, const char *fallback)
{
    const struct password_options *o = in->own;
    const ProtobufCFieldDescriptor *f = msg_field(in->request->descriptor, "password");
    char password[PASSWORD_BYTES] = "", again[PASSWORD_BYTES] = "";
    enum ordo_status s = ORDO_OK;
    if (o->file) {
        s = password_file_read(cli, o->file, password, sizeof password);
    } else if (fallback) {
        snprintf(password, sizeof password, "%s", fallback);
    } else {
        s = password_ask(cli, "new password", password, sizeof password);
        if (s == ORDO_OK && isatty(STDIN_FILENO))
            s = password_ask(cli, "the same again", again, sizeof again);
        if (s == ORDO_OK && isatty(STDIN_FILENO) && strcmp(password, again) != 0)
            s = cli_usage(&cli->error, "the two passwords differ");
    }
    if (s == ORDO_OK)
        s = msg_set_text(in->request, f, "password", od_str_c(password), &cli->error);
    explicit_bzero(password, sizeof password);
    explicit_bzero(again, sizeof again);
    return s;
}

enum ordo_status admin_bootstrap(struct cli *cli, struct input *in)
{
    od_cleanup(msg_freep) ProtobufCMessage *reply = NULL;
    if (!cli->hosts || strncmp(cli->hosts, "unix:", 5) != 0)
        return cli_usage(&cli->error, "this works on the server itself only: --host unix:/run/ordod/ordod.sock");
    enum ordo_status s = password_fill(cli, in, cli->env.password);
    if (s == ORDO_OK)
        s = cli_client(cli);
    if (s == ORDO_OK)
        s = ordo_connect(cli->client, 0, &cli->error); /* without a login: the code is the proof */
    if (s == ORDO_OK)
        s = cli_call(cli, in->method, in->request, NULL, NULL, &reply);
    if (s == ORDO_OK)
        out_message(&cli->out, reply);
    return s;
}

enum ordo_status admin_user_create(struct cli *cli, struct input *in)
{
    const struct password_options *o = in->own;
    if (o->none && o->file)
        return cli_usage(&cli->error, "--no-password and --password-file exclude each other");
    enum ordo_status s = o->none ? ORDO_OK : password_fill(cli, in, NULL);
    return s == ORDO_OK ? verb_call(cli, in) : s;
}

enum ordo_status admin_user_password(struct cli *cli, struct input *in)
{
    enum ordo_status s = password_fill(cli, in, NULL);
    return s == ORDO_OK ? verb_call(cli, in) : s;
}

/* The file is there, and only for us, before the server knows the key: a key that nobody has is worth nothing. */
static enum ordo_status secret_write(struct cli *cli, const char *path, const unsigned char secret[SECRET_BYTES])
{
    char hex[SECRET_HEX + 2];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return cli_file(&cli->error, path);
    od_hex(secret, SECRET_BYTES, hex);
    hex[SECRET_HEX] = '\n';
    bool ok = write(fd, hex, SECRET_HEX + 1) == SECRET_HEX + 1 && fsync(fd) == 0;
    if (!ok)
        cli_file(&cli->error, path);
    close(fd);
    explicit_bzero(hex, sizeof hex);
    if (!ok)
        unlink(path);
    return ok ? ORDO_OK : ORDO_IO;
}

static enum ordo_status sha256_fill(struct cli *cli, struct input *in, const void *p, size_t n)
{
    unsigned char sum[SHA256_BYTES];
    if (!EVP_Digest(p, n, sum, NULL, EVP_sha256(), NULL))
        return cli_fail(&cli->error, ORDO_INTERNAL, "INTERNAL_ERROR", "SHA-256 is not to be had from OpenSSL");
    return msg_set_bytes(in->request, msg_field(in->request->descriptor, "sha256"), sum, sizeof sum);
}

enum ordo_status admin_key_create(struct cli *cli, struct input *in)
{
    const struct key_options *o = in->own;
    unsigned char secret[SECRET_BYTES];
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return cli_file(&cli->error, "random bytes");
    enum ordo_status s = secret_write(cli, o->file, secret);
    if (s == ORDO_OK)
        s = sha256_fill(cli, in, secret, sizeof secret);
    explicit_bzero(secret, sizeof secret);
    if (s != ORDO_OK)
        return s;
    s = verb_call(cli, in);
    if (s != ORDO_OK && cli->error.outcome == ORDO_NOT_EXECUTED)
        unlink(o->file);
    return s;
}

enum ordo_status admin_certificate_add(struct cli *cli, struct input *in)
{
    const struct key_options *o = in->own;
    unsigned char *der = NULL;
    FILE *f = fopen(o->file, "re");
    if (!f)
        return cli_file(&cli->error, o->file);
    X509 *certificate = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    int n = certificate ? i2d_X509(certificate, &der) : -1;
    X509_free(certificate);
    if (n < 0)
        return cli_fail(&cli->error, ORDO_INVALID, "FIELDS_INVALID", "%s holds no certificate in PEM form", o->file);
    enum ordo_status s = sha256_fill(cli, in, der, (size_t)n);
    OPENSSL_free(der);
    return s == ORDO_OK ? verb_call(cli, in) : s;
}
