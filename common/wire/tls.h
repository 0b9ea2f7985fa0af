/* SPDX-License-Identifier: Apache-2.0
 * TLS for both sides under one policy: TLS 1.3 only, ALPN ordo/1 (refused without), no 0-RTT, no tickets. The state machine
 * works on byte buffers and knows no socket, so that the owner makes one recv and one send per wake. */
#ifndef OD_WIRE_TLS_H
#define OD_WIRE_TLS_H

#include "common/base/buf.h"

struct od_tls_context; /* immutable after making; shared by connections of any thread, which keep it alive */
struct od_tls;         /* one connection; one thread at a time */

struct od_tls_options {
    const char *ca_file;      /* PEM; server: whom client certificates may come from (NULL: none asked); client: whom to trust
                                 (NULL: the system's) */
    const char *cert_file;    /* PEM chain; required on a server, a client certificate on a client, or NULL */
    const char *key_file;
    bool server;
};

enum od_status od_tls_context_new(const struct od_tls_options *o, struct od_tls_context **ret_context, struct od_err *err);
struct od_tls_context *od_tls_context_ref(struct od_tls_context *c); /* NULL is legal; one more od_tls_context_free() is due */
void od_tls_context_free(struct od_tls_context *c);

/* host: the name the server's certificate must carry (client; DNS name or IP address); NULL on a server. */
struct od_tls *od_tls_new(struct od_tls_context *c, const char *host);
void od_tls_free(struct od_tls *t);

/* Takes ciphertext off the wire (*io_in is moved past what was consumed, which is all of it unless it fails), appends
 * plaintext to `plain` and answers to `cipher` (handshake records, alerts, key updates). *ret_closed: the peer sent
 * close_notify; the bytes before it are good. OD_UNAVAILABLE (TLS_FAILED, why): broken; send `cipher` (the alert), close. */
enum od_status od_tls_feed(struct od_tls *t, struct od_str in, struct od_buf *plain, struct od_buf *cipher, bool *ret_closed,
                           struct od_err *err);

/* Starts a client's handshake: appends its first flight. */
enum od_status od_tls_start(struct od_tls *t, struct od_buf *cipher, struct od_err *err);
bool od_tls_ready(const struct od_tls *t); /* handshake done and ALPN agreed */

/* Encrypts plain and appends the records; only when ready. */
enum od_status od_tls_write(struct od_tls *t, struct od_str plain, struct od_buf *cipher, struct od_err *err);
void od_tls_close(struct od_tls *t, struct od_buf *cipher); /* appends close_notify */

/* SHA-256 of the peer's verified certificate (DER); false when it showed none. */
bool od_tls_peer_sha256(const struct od_tls *t, unsigned char ret_sha256[32]);

#endif
