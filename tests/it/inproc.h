/* SPDX-License-Identifier: Apache-2.0
 * Calls without a network: one worker of the test's own against a fresh database. Decoding, rights, passwords, transaction, key,
 * audit and reply are the server's; only the frames are missing.
 *
 *     struct inproc p;
 *     inproc_start(&p);
 *     struct session *admin = inproc_bootstrap(&p);
 *     Ordo__BranchCreateReq req = ORDO__BRANCH_CREATE_REQ__INIT; ...
 *     const Ordo__BranchCreateRep *rep = inproc_must(&p, admin, INPROC_branch_create, &req);
 *
 * What a call gives lives until inproc_forget() or inproc_stop(). What goes wrong besides calls ends the program. */
#ifndef ORDO_TESTS_IT_INPROC_H
#define ORDO_TESTS_IT_INPROC_H

#include "common.pb-c.h"
#include "server/conf/conf.h"
#include "server/rpc/session.h"
#include "server/rpc/worker.h"
#include "tests/it/pg.h"

enum inproc_method {
#define M(id, name, stem, permission, access) INPROC_##name = (id),
#include "proto/methods.def"
#undef M
};

struct inproc {
    struct pg_cluster cluster;
    struct pg_database db;
    struct conf conf;
    struct server server;
    struct worker worker;
    struct od_arena arena;          /* replies */
    /* of the last call */
    enum od_status status;
    const Ordo__Error *error;       /* NULL after success */
    const void *rep;                /* also of a list: its last message; NULL after a refusal */
    const void *part;               /* list: the rows of all pages together */
    unsigned pages;
    bool replayed;
    unsigned waits, statements;
    /* of the next call; forgotten afterwards */
    struct od_uuid key;             /* all zero: one is made */
    bool local;                     /* as over the Unix socket */
};

void inproc_start(struct inproc *p);  /* a cluster or the one of ORDO_TEST_PG, a fresh database, a worker, an auth thread */
void inproc_stop(struct inproc *p);
void inproc_forget(struct inproc *p); /* replies and errors so far */

/* Runs a call and gives its status; the rest is in p. session NULL: nobody is logged in. */
enum od_status inproc_call(struct inproc *p, struct session *session, enum inproc_method method, const void *req);

/* The same for a call that must succeed: gives its reply, for a list all of its rows; otherwise prints the error and aborts. */
const void *inproc_must(struct inproc *p, struct session *session, enum inproc_method method, const void *req);

/* A key like those that inproc_call() makes, to be given to two calls by p->key. */
struct od_uuid inproc_key(void);

/* The reason of the last refusal, "" if there was none; and whether it names this field with this reason. */
const char *inproc_reason(const struct inproc *p);
bool inproc_violates(const struct inproc *p, const char *field, const char *reason);
const char *inproc_arg(const struct inproc *p, const char *name); /* "" where there is none */

/* One reference, or NULL when the login is refused. To be given back by session_unref(). */
struct session *inproc_login(struct inproc *p, const char *login, const char *password);

/* The first administrator, "admin" of branch 1 ("Head office", Europe/Rome, en), logged in. */
#define INPROC_PASSWORD "correct horse battery"
struct session *inproc_bootstrap(struct inproc *p);

#endif
