/* SPDX-License-Identifier: Apache-2.0
 * Queueing, flushing, waiting: the pipeline as a transaction. Errors of PostgreSQL become statuses here and nowhere else. */
#include "server/store/txn.h"

#include <stdio.h>
#include <stdlib.h>

enum { ID_BLOCK = 1000, PLANS_KEPT_S = 60 };

void txn_init(struct txn *tx, struct db *db, struct od_arena *arena)
{
    *tx = (struct txn){.db = db, .arena = arena, .now_us = OD_TIME_NONE, .real_us = OD_TIME_NONE};
}

static void send_stmt(struct txn *tx, enum stmt stmt, const struct pg_param *params, size_t n_params)
{
    struct db *db = tx->db;
    char name[16];
    const char *values[32];
    int lengths[32], formats[32];
    size_t at[32];
    od_assert(n_params <= OD_LEN(values) && n_params == STATEMENTS[stmt].n_params);
    if (tx->send_failed || db->broken) { /* above all no COMMIT behind a statement that is missing */
        tx->send_failed = true;
        return;
    }
    od_buf_clear(&db->params);
    for (size_t i = 0; i < n_params; i++) {
        at[i] = db->params.n;
        pg_encode(&params[i], db->param_oids[stmt][i], &db->params);
        lengths[i] = (int)(db->params.n - at[i]);
        formats[i] = 1;
    }
    for (size_t i = 0; i < n_params; i++)
        values[i] = params[i].kind == PG_NULL ? NULL : db->params.p ? db->params.p + at[i] : "";
    snprintf(name, sizeof name, "s%u", (unsigned)stmt);
    tx->commit_sent |= stmt == STMT_txn_commit;
    if (db->params.failed || !PQsendQueryPrepared(db->pg, name, (int)n_params, values, lengths, formats, 1))
        tx->send_failed = true;
}

void txn_query(struct txn *tx, enum stmt stmt, txn_reader reader, void *into, const struct pg_param *params, size_t n_params)
{
    od_assert(tx->n_queued < TXN_QUEUE_MAX);
    tx->queue[tx->n_queued].stmt = stmt;
    tx->queue[tx->n_queued].reader = reader;
    tx->queue[tx->n_queued++].into = into;
    tx->statements++;
    send_stmt(tx, stmt, params, n_params);
}

static enum od_status read_scope(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)into;
    (void)err;
    tx->real_us = pg_get_time(r, 0, 3);
    int64_t base_us = pg_get_time(r, 0, 4), business_us = pg_get_time(r, 0, 5), factor = pg_get_int(r, 0, 6);
    tx->now_us = business_us + (tx->real_us - base_us) * factor;
    return OD_OK;
}

void txn_begin(struct txn *tx, const struct txn_scope *scope, enum txn_kind kind)
{
    char principal[24] = "", customer[24] = "";
    od_assert(!tx->open && !tx->n_queued);
    tx->n_meanings = 0;
    tx->commit_sent = false;
    if (od_mono_us() - tx->db->prepared_us > PLANS_KEPT_S * OD_US_PER_S) {
        txn_exec(tx, STMT_txn_forget_plans, PG_NONE);
        tx->db->prepared_us = od_mono_us();
    }
    if (kind != TXN_READ)
        txn_exec(tx, kind == TXN_WRITE ? STMT_txn_begin : STMT_txn_begin_report, PG_NONE);
    snprintf(principal, sizeof principal, "%lld", (long long)scope->principal_id);
    if (scope->customer_id)
        snprintf(customer, sizeof customer, "%lld", (long long)scope->customer_id);
    txn_query(tx, STMT_txn_scope, read_scope, NULL, PG(pg_text(scope->branches), pg_text(principal), pg_text(customer)));
    tx->open = kind != TXN_READ;
}

static enum od_status read_ids(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)into;
    (void)err;
    tx->db->id_next = pg_get_int(r, 0, 0) * ID_BLOCK;
    tx->db->id_end = tx->db->id_next + ID_BLOCK;
    return OD_OK;
}

void txn_ids(struct txn *tx, unsigned n)
{
    od_assert(n <= ID_BLOCK);
    if (tx->db->id_end - tx->db->id_next < (int64_t)n)
        txn_query(tx, STMT_txn_ids, read_ids, NULL, PG_NONE);
}

static void mean(struct txn *tx, const char *constraint, const char *kind, struct od_str name, int64_t id)
{
    od_assert(tx->n_meanings < TXN_MEANINGS_MAX);
    tx->meanings[tx->n_meanings].constraint = constraint;
    tx->meanings[tx->n_meanings].kind = kind;
    tx->meanings[tx->n_meanings].name = name;
    tx->meanings[tx->n_meanings++].id = id;
}

void txn_unique(struct txn *tx, const char *constraint, const char *kind, struct od_str name)
{
    mean(tx, constraint, kind, name, 0);
}

void txn_refers(struct txn *tx, const char *constraint, const char *kind, int64_t id)
{
    mean(tx, constraint, kind, OD_STR(""), id);
}

static enum od_status violated(struct txn *tx, enum od_reason reason, struct od_err *err)
{
    for (unsigned i = 0; i < tx->n_meanings; i++) {
        if (strcmp(tx->meanings[i].constraint, tx->constraint) != 0)
            continue;
        if (reason == OD_R_NO_SUCH)
            return od_fail(err, reason, "kind=%s" OD_AND "id=%lld", tx->meanings[i].kind, (long long)tx->meanings[i].id);
        return od_fail(err, reason, "kind=%s" OD_AND "name=" OD_STR_FMT, tx->meanings[i].kind, OD_STR_ARG(tx->meanings[i].name));
    }
    return od_fail(err, reason, "kind=%s" OD_AND "%s=%s", tx->where, reason == OD_R_NO_SUCH ? "id" : "name", tx->constraint);
}

static bool state_is(const PGresult *r, const char *sqlstate)
{
    const char *s = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    return s && !strcmp(s, sqlstate);
}

/* Another program level changed the schema, so that a statement gives other columns than when it was prepared; or somebody
 * between us and PostgreSQL forgot what was prepared. Prepared anew it is good again. */
static bool is_stale(const PGresult *r)
{
    const char *function = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
    return state_is(r, "26000") || (state_is(r, "0A000") && function && !strcmp(function, "RevalidateCachedQuery"));
}

/* SQLSTATEs that have a meaning of their own (design §5); everything else is a defect and shows as DATABASE_ERROR. */
static enum od_status fault_of(struct txn *tx, const PGresult *r, struct od_err *err)
{
    const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME), *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    tx->fault = TXN_FAULT_OTHER;
    snprintf(tx->where, sizeof tx->where, "%s", table ? table : "");
    snprintf(tx->constraint, sizeof tx->constraint, "%s", constraint ? constraint : "");
    if (state_is(r, "40001") || state_is(r, "40P01") || state_is(r, "55P03")) {
        tx->fault = TXN_FAULT_RETRY;
        return od_fail(err, OD_R_ROW_CONTENTION, NULL);
    }
    if (is_stale(r)) {
        tx->fault = TXN_FAULT_STALE;
        tx->db->broken = true;
        return od_fail(err, OD_R_DATABASE_CHANGED, NULL);
    }
    if (state_is(r, "23505")) {
        tx->fault = TXN_FAULT_UNIQUE;
        return violated(tx, OD_R_NAME_TAKEN, err);
    }
    if (state_is(r, "23503"))
        return violated(tx, OD_R_NO_SUCH, err);
    if (state_is(r, "OD001"))
        return od_fail(err, OD_R_SAVE_LOST, NULL);
    if (state_is(r, "OD002"))
        return od_fail(err, OD_R_SETUP_CODE, NULL);
    if (state_is(r, "OD003"))
        return od_fail(err, OD_R_DEVELOPMENT_ONLY, NULL);
    if (state_is(r, "OD004"))
        return od_fail(err, OD_R_SETUP_DONE, NULL);
    if (state_is(r, "OD005"))
        return od_fail(err, OD_R_LOGIN_SLOWED, "seconds=1");
    if (state_is(r, "42501"))
        return od_fail(err, OD_R_NO_SUCH, "kind=%s" OD_AND "id=", tx->where[0] ? tx->where : "branch");
    return od_fail(err, OD_R_DATABASE_ERROR, "message=%.300s", message ? message : "?");
}

static enum od_status unknown(struct txn *tx, struct od_err *err)
{
    tx->fault = TXN_FAULT_UNKNOWN;
    enum od_status status = od_fail(err, OD_R_OUTCOME_NOT_KNOWN, NULL);
    if (err)
        err->outcome = OD_OUTCOME_UNKNOWN;
    return status;
}

/* The connection is of no use any more, whatever libpq says of it: answers may be outstanding. */
static enum od_status lost(struct txn *tx, struct od_err *err)
{
    tx->failed = true;
    tx->send_failed = false;
    tx->n_queued = 0;
    tx->db->broken = true;
    if (tx->commit_sent)
        return unknown(tx, err);
    tx->fault = TXN_FAULT_LOST;
    return od_fail(err, OD_R_DATABASE_DOWN, NULL);
}

/* Takes the result of one queued statement off the connection. */
static enum od_status take_result(struct txn *tx, unsigned i, enum od_status status, struct od_err *err)
{
    PGresult *r = PQgetResult(tx->db->pg);
    ExecStatusType type = PQresultStatus(r);
    if (type == PGRES_TUPLES_OK || type == PGRES_COMMAND_OK) {
        if (status == OD_OK && tx->queue[i].reader)
            status = tx->queue[i].reader(tx, r, tx->queue[i].into, err);
    } else if (type == PGRES_FATAL_ERROR && !tx->failed) {
        tx->failed = true;
        status = fault_of(tx, r, err);
    } else if (type != PGRES_PIPELINE_ABORTED && !tx->failed) {
        tx->failed = true;
        status = od_fail(err, OD_R_DATABASE_ERROR, "message=unexpected answer to %s", STATEMENTS[tx->queue[i].stmt].name);
    }
    PQclear(r);
    while (PQstatus(tx->db->pg) == CONNECTION_OK && (r = PQgetResult(tx->db->pg)))
        PQclear(r);
    return status;
}

static enum od_status take_results(struct txn *tx, struct od_err *err)
{
    enum od_status status = OD_OK;
    tx->waits++;
    for (unsigned i = 0; i < tx->n_queued; i++) {
        status = take_result(tx, i, status, err);
        if (PQstatus(tx->db->pg) != CONNECTION_OK)
            return lost(tx, err);
    }
    tx->n_queued = 0;
    return status;
}

static bool take_sync(struct db *db)
{
    PGresult *sync = PQgetResult(db->pg);
    bool ok = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    return ok;
}

static enum od_status flush(struct txn *tx, struct od_err *err)
{
    if (tx->send_failed || !PQpipelineSync(tx->db->pg))
        return lost(tx, err);
    enum od_status status = take_results(tx, err);
    if (tx->db->broken)
        return status;
    return take_sync(tx->db) ? status : lost(tx, err);
}

enum od_status txn_load(struct txn *tx, struct od_err *err) { return flush(tx, err); }

bool txn_load_together(struct txn *const txs[], size_t n, enum od_status statuses[], struct od_err *const errs[])
{
    struct db *db = txs[0]->db;
    bool good = !db->broken;
    for (size_t i = 0; i < n; i++)
        good &= !txs[i]->send_failed;
    good = good && PQpipelineSync(db->pg);
    for (size_t i = 0; i < n && good; i++) {
        statuses[i] = take_results(txs[i], errs[i]);
        good = !db->broken;
    }
    if (!good || !take_sync(db)) {
        db->broken = true;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        good &= !txs[i]->failed;
    return good;
}

static enum od_status read_commit(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    (void)into;
    if (!strcmp(PQcmdStatus((PGresult *)r), "COMMIT"))
        return OD_OK;
    tx->fault = TXN_FAULT_OTHER;
    return od_fail(err, OD_R_DATABASE_ERROR, "message=the transaction was rolled back");
}

enum od_status txn_commit(struct txn *tx, struct od_err *err)
{
    od_assert(tx->open);
    tx->db->warned = false;
    txn_query(tx, STMT_txn_commit, read_commit, NULL, PG_NONE);
    enum od_status status = flush(tx, err);
    if (status != OD_OK)
        return status;
    tx->open = false;
    return tx->db->warned ? unknown(tx, err) : OD_OK;
}

void txn_rollback(struct txn *tx)
{
    unsigned waits = tx->waits;
    enum txn_fault fault = tx->fault;
    tx->failed = tx->commit_sent = false;
    if (db_fit(tx->db) && tx->n_queued) {
        /* A handler queued and then refused. What libpq holds cannot be called back: it runs, and nobody reads its results,
         * because the places that they were meant for went with the handler. */
        for (unsigned i = 0; i < tx->n_queued; i++)
            tx->queue[i].reader = NULL;
        flush(tx, NULL);
        tx->failed = false;
    }
    if (db_fit(tx->db) && tx->open) {
        txn_exec(tx, STMT_txn_rollback, PG_NONE);
        flush(tx, NULL);
    }
    if (tx->fault != TXN_FAULT_LOST)
        tx->fault = fault; /* the caller's, not that of what was undone */
    tx->waits = waits;
    tx->open = tx->failed = tx->send_failed = false;
    tx->n_queued = 0;
}

enum od_status txn_one_row(const PGresult *r, const char *kind, int64_t id, struct od_err *err)
{
    if (PQntuples(r) == 1)
        return OD_OK;
    return od_fail(err, OD_R_NO_SUCH, "kind=%s" OD_AND "id=%lld", kind, (long long)id);
}
