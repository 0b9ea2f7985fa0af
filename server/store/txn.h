/* SPDX-License-Identifier: Apache-2.0
 * A transaction as two flushes of a pipeline: loads, one wait, decide, saves with COMMIT, one wait (design §2). Statements are
 * queued with the reader that takes their result; nothing is sent or awaited before txn_load() or txn_commit(). One thread. */
#ifndef ORDO_STORE_TXN_H
#define ORDO_STORE_TXN_H

#include "server/store/db.h"
#include "server/store/pgbind.h"

struct txn;

/* Takes one statement's result. Refusals (NO_SUCH ...) go through od_fail(err) and end the load with their status; the
 * remaining results are still taken off the connection. */
typedef enum od_status (*txn_reader)(struct txn *tx, const PGresult *r, void *into, struct od_err *err);

enum { TXN_QUEUE_MAX = 64, TXN_MEANINGS_MAX = 16 };

enum txn_fault {
    TXN_FAULT_NONE,
    TXN_FAULT_RETRY,      /* 40001, 40P01, 55P03: run the handler again */
    TXN_FAULT_UNIQUE,     /* 23505; `where` names the table */
    TXN_FAULT_OTHER,
    TXN_FAULT_STALE,      /* the schema changed under the prepared statements; nothing was committed, a new connection will do */
    TXN_FAULT_LOST,       /* the connection broke; nothing was committed */
    TXN_FAULT_UNKNOWN,    /* the connection broke, or the server warned, after COMMIT was sent */
};

struct txn {
    struct db *db;
    struct od_arena *arena;       /* results are copied into it by the readers */
    struct {
        enum stmt stmt;
        txn_reader reader;
        void *into;
    } queue[TXN_QUEUE_MAX];
    unsigned n_queued;
    struct {
        const char *constraint, *kind;
        struct od_str name;
        int64_t id;
    } meanings[TXN_MEANINGS_MAX];
    unsigned n_meanings;
    bool open;                    /* BEGIN was sent */
    bool failed;                  /* the pipeline is in error until txn_rollback() */
    bool send_failed;             /* a statement could not be handed over; none behind it was */
    bool commit_sent;
    enum txn_fault fault;
    char where[64];               /* table, and constraint, of a violation */
    char constraint[64];
    unsigned waits;
    unsigned statements;
    int64_t now_us;               /* business time, after the first wait of a scoped transaction */
    int64_t real_us;
};

/* Who the transaction acts for; the second wall reads it. */
struct txn_scope {
    int64_t principal_id;         /* 0: nobody */
    const char *branches;         /* {1,2} */
    int64_t customer_id;          /* 0: none */
};

void txn_init(struct txn *tx, struct db *db, struct od_arena *arena);

enum txn_kind {
    TXN_WRITE,    /* ends with txn_commit() */
    TXN_READ,     /* no BEGIN: the pipeline is one implicit transaction, which saves two statements; txn_load() ends it */
    TXN_REPORT,   /* several statements that see one moment; nothing is kept, txn_rollback() ends it */
};

/* Queues BEGIN, the scope and the clock. */
void txn_begin(struct txn *tx, const struct txn_scope *scope, enum txn_kind kind);

/* Queues one statement. reader may be NULL. */
void txn_query(struct txn *tx, enum stmt stmt, txn_reader reader, void *into, const struct pg_param *params, size_t n_params);
static inline void txn_exec(struct txn *tx, enum stmt stmt, const struct pg_param *params, size_t n_params)
{
    txn_query(tx, stmt, NULL, NULL, params, n_params);
}

/* What the violation of a constraint means to people, until the transaction's end: said by whoever queues the statement that may
 * violate it. A unique one: a `kind` named `name` exists already. A reference: there is no `kind` with that id. Without
 * such a word the error names table and constraint. */
void txn_unique(struct txn *tx, const char *constraint, const char *kind, struct od_str name);
void txn_refers(struct txn *tx, const char *constraint, const char *kind, int64_t id);

/* Makes sure that `n` ids can be taken by db_id() after the coming wait. */
void txn_ids(struct txn *tx, unsigned n);

/* The one wait of a read and the first of a write: flushes, takes every result. */
enum od_status txn_load(struct txn *tx, struct od_err *err);

/* The one wait of several reads on one connection: their statements, queued in this order, go as one pipeline. statuses and errs
 * take each read's own outcome. False: the pipeline broke; none of the outcomes counts, and each is to be run again by itself. */
bool txn_load_together(struct txn *const txs[], size_t n, enum od_status statuses[], struct od_err *const errs[]);

/* Flushes the saves with COMMIT and waits. On a failure `fault` says what kind; the caller calls txn_rollback() next. */
enum od_status txn_commit(struct txn *tx, struct od_err *err);

/* Ends whatever is open or broken, so that the connection is fit for the next call. Not a counted wait when nothing was open. */
void txn_rollback(struct txn *tx);

/* A readers' helper: NO_SUCH unless the result has a row. */
enum od_status txn_one_row(const PGresult *r, const char *kind, int64_t id, struct od_err *err);

#endif
