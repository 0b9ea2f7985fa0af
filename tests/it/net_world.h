/* SPDX-License-Identifier: Apache-2.0
 * The network side and a raw client of it: sockets, TLS and threads are real, only the workers are doubles that answer echo,
 * pages and inboxes by themselves. What goes wrong in here fails the test. */
#ifndef ORDO_TESTS_IT_NET_WORLD_H
#define ORDO_TESTS_IT_NET_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/wire/frame.h"
#include "common/wire/prescan.h"
#include "common/wire/tls.h"
#include "server/net/net.h"
#include "server/net/push.h"
#include "server/server.h"

/* Methods by what the double does with them: gives back, answers locally, makes pages, counts bytes. */
enum { ECHO = 1, BOOTSTRAP = 4, LIST = 11, UPLOAD = 12 };
enum { WORKERS = 2, PAGE_BYTES = 40000, INBOX_MAX = 400, READ_MS = 3000 };

/* One inbox, the test's table. */
struct table {
    pthread_mutex_t lock;
    uint64_t oldest, head, acked;
    unsigned fetches, acks;
    size_t event_bytes;
};

struct world {
    struct server server;
    struct net *net;
    struct od_tls_context *server_tls, *client_tls;
    pthread_t workers[WORKERS];
    struct table table;
    char dir[64], ca[96], cert[96], key[96], unix_path[96];
};

struct peer {
    int fd;
    struct od_tls *tls; /* NULL on the Unix socket */
    struct od_buf plain, cipher;
    size_t drop;        /* of plain: the frame that was given last */
    bool closed;
    uint64_t next_id;
};

/* --- the server and its doubled workers --- */
void event_payload(const struct table *table, uint64_t seq, struct od_buf *out);
void world_start(struct world *w, const struct net_options *extra);
void world_stop(struct world *w, int drain_ms);
int world_new(void **state); /* of the group: certificates */
int world_free(void **state);
int started(void **state);   /* of a test: a server */
int stopped(void **state);
/* --- the raw client --- */
void wire_send(struct peer *p, struct od_str bytes);
bool wire_receive(struct peer *p, int timeout_ms); /* takes what comes; false: nothing came, or the end */
void peer_connect(struct world *w, struct peer *p);    /* TCP alone */
void peer_open(struct world *w, struct peer *p);       /* with TLS */
void peer_open_local(struct world *w, struct peer *p);
void peer_close(struct peer *p);
void peer_write(struct peer *p, struct od_str bytes);
void peer_send(struct peer *p, const struct od_frame *f);
/* The next frame; its payload is good until the next call. False: none within the time, or the end. */
bool peer_next(struct peer *p, struct od_frame *f, int timeout_ms);
void peer_expect(struct peer *p, struct od_frame *f, uint8_t type, uint64_t id);
const ProtobufCMessage *decoded(const ProtobufCMessageDescriptor *d, struct od_str payload, struct od_arena *arena);
void expect_error(struct peer *p, uint64_t id, const char *reason);
void expect_end(struct peer *p);
/* These send and return the id that they opened. */
uint64_t send_message(struct peer *p, uint8_t type, const ProtobufCMessage *m);
uint64_t auth_send(struct peer *p, const char *login, const char *password);
uint64_t call_send(struct peer *p, uint16_t method, const char *payload, size_t n, uint32_t timeout_ms);
uint64_t upload_begin(struct peer *p);
uint64_t subscribe(struct peer *p, const char *name, bool has_after, uint64_t after);
void data_send(struct peer *p, uint64_t id, uint32_t chunk, size_t n, bool end);
void credit(struct peer *p, uint64_t id, uint32_t bytes);
/* These ask and check the answer. */
void hello(struct peer *p, uint64_t features);
void login(struct world *w, struct peer *p, uint64_t features); /* opens, says HELLO and AUTH */
void echo(struct peer *p);
void expect_bookmark(struct peer *p, uint64_t id, uint64_t seq);

/* A test with a server of its own. */
#define ON_A_SERVER(test) cmocka_unit_test_setup_teardown(test, started, stopped)

#endif
