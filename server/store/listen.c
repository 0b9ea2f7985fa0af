/* SPDX-License-Identifier: Apache-2.0
 * LISTEN, coalesced NOTIFY and the poll of rights. */
#include "server/store/listen.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "server/store/pgbind.h"
#include "server/store/stmt.h"

enum { PAYLOAD_MAX = 7800 /* PostgreSQL takes 7,999 bytes */, LATE_S = 10 };

static enum od_status refuse(struct listen *l, struct od_err *err)
{
    return od_fail(err, OD_R_DATABASE_ERROR, "message=%.200s", PQerrorMessage(l->pg));
}

enum od_status listen_open(struct listen *l, const char *conninfo, struct od_err *err)
{
    const char *keys[] = {"connect_timeout", "tcp_user_timeout", "dbname", "options", "application_name", NULL};
    const char *values[] = {"5", "10000", conninfo, "-c search_path=ordo -c synchronous_commit=off -c statement_timeout=2s", "ordod wake", NULL};
    l->pg = PQconnectdbParams(keys, values, 1);
    PGresult *r = PQstatus(l->pg) == CONNECTION_OK ? PQexec(l->pg, "LISTEN ordo_wake") : NULL;
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return ok ? OD_OK : od_fail(err, OD_R_DATABASE_DOWN, "why=%.200s", PQerrorMessage(l->pg));
}

void listen_close(struct listen *l)
{
    if (l->pg)
        PQfinish(l->pg);
    l->pg = NULL;
}

void listen_done(struct listen *l)
{
    listen_close(l);
    free(l->seen);
    free(l->told);
}

bool listen_ok(const struct listen *l) { return l->pg && PQstatus(l->pg) == CONNECTION_OK; }

static enum od_status notify_one(struct listen *l, const char *payload, struct od_err *err)
{
    PGresult *r = PQexecParams(l->pg, STATEMENTS[STMT_notify_wake].sql, 1, NULL, &payload, NULL, NULL, 0);
    enum od_status status = PQresultStatus(r) == PGRES_TUPLES_OK ? OD_OK : refuse(l, err);
    PQclear(r);
    return status;
}

enum od_status listen_notify(struct listen *l, const int64_t *ids, size_t n, struct od_err *err)
{
    char payload[PAYLOAD_MAX + 32];
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(payload + at, sizeof payload - at, "%lld ", (long long)ids[i]);
        if (at > PAYLOAD_MAX || i + 1 == n) {
            OD_TRY(notify_one(l, payload, err));
            at = 0;
        }
    }
    return OD_OK;
}

size_t listen_take(struct listen *l, int64_t *ret_ids, size_t max)
{
    size_t n = 0;
    PGnotify *note;
    if (!PQconsumeInput(l->pg))
        return 0;
    while (n < max && (note = PQnotifies(l->pg))) {
        struct od_str ids = od_str_c(note->extra);
        bool own = note->be_pid == PQbackendPID(l->pg);
        while (!own && ids.n && n < max)
            n += od_str_int(od_str_cut(&ids, ' '), 1, INT64_MAX, &ret_ids[n]);
        PQfreemem(note);
    }
    return n;
}

enum od_status listen_heads(struct listen *l, const int64_t *ids, size_t n, int64_t *ret_ids, int64_t *ret_seqs, size_t *ret_n,
                            struct od_err *err)
{
    enum { OID_INT8_ARRAY = 1016 };
    const struct pg_param p = pg_ints(ids, n);
    struct od_buf list;
    od_buf_init(&list, 64 + n * 12);
    pg_encode(&p, OID_INT8_ARRAY, &list);
    const char *value = list.p;
    const int length = (int)list.n, format = 1;
    PGresult *r = PQexecParams(l->pg, STATEMENTS[STMT_inbox_heads].sql, 1, NULL, &value, &length, &format, 1);
    enum od_status status = PQresultStatus(r) == PGRES_TUPLES_OK ? OD_OK : refuse(l, err);
    for (*ret_n = 0; status == OD_OK && *ret_n < n && *ret_n < (size_t)PQntuples(r); (*ret_n)++) {
        ret_ids[*ret_n] = pg_get_int(r, (int)*ret_n, 0);
        ret_seqs[*ret_n] = pg_get_int(r, (int)*ret_n, 1);
    }
    PQclear(r);
    od_buf_done(&list);
    return status;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Each change is seen many times and told once: a login that came after it must not be closed again. */
static size_t tell_new(struct listen *l, const PGresult *r)
{
    size_t n = (size_t)PQntuples(r), n_told = 0;
    int64_t *seen = od_xcalloc(n + 1, sizeof *seen);
    free(l->told);
    l->told = od_xcalloc(n + 1, sizeof *l->told);
    for (size_t i = 0; i < n; i++) {
        seen[i] = pg_get_int(r, (int)i, 0);
        if (!l->n_seen || !bsearch(&seen[i], l->seen, l->n_seen, sizeof *seen, by_value))
            l->told[n_told++] = pg_get_int(r, (int)i, 1);
    }
    free(l->seen);
    l->seen = seen;
    l->n_seen = n;
    return n_told;
}

enum od_status listen_rights(struct listen *l, const int64_t **ret_ids, size_t *ret_n, struct od_err *err)
{
    int64_t now_us = od_mono_us();
    /* As far as the last look and 10 s more, for those who commit late. */
    uint32_t window_s = htobe32((uint32_t)(LATE_S + (l->looked_us ? (now_us - l->looked_us) / OD_US_PER_S + 1 : 0)));
    const char *value = (const char *)&window_s;
    const int length = sizeof window_s, format = 1;
    PGresult *r = PQexecParams(l->pg, STATEMENTS[STMT_rights_changes].sql, 1, NULL, &value, &length, &format, 1);
    enum od_status status = PQresultStatus(r) == PGRES_TUPLES_OK ? OD_OK : refuse(l, err);
    *ret_n = 0;
    if (status == OD_OK) {
        *ret_n = tell_new(l, r);
        *ret_ids = l->told;
        l->looked_us = now_us;
    }
    PQclear(r);
    return status;
}
