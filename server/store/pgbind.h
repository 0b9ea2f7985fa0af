/* SPDX-License-Identifier: Apache-2.0
 * Parameters to statements and values out of results, in PostgreSQL's binary format. The only users of libpq's types are
 * pgbind.c, txn.c and the readers of the store; the statement's own parameter types decide how an integer is sent. */
#ifndef ORDO_STORE_PGBIND_H
#define ORDO_STORE_PGBIND_H

#include <libpq-fe.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/base/uuid.h"

enum pg_kind { PG_NULL, PG_INT, PG_TEXT, PG_BYTES, PG_TIME, PG_UUID, PG_BOOL, PG_DAY, PG_INTS, PG_TEXTS, PG_TIMES, PG_BYTESES };

/* A value to bind. What it points to must live until the next wait. */
struct pg_param {
    enum pg_kind kind;
    size_t n;                          /* arrays */
    union {
        int64_t i;                     /* INT, BOOL; TIME in µs since 1970; DAY in days since 1970 */
        struct od_str s;
        const struct od_uuid *uuid;
        const int64_t *ints;           /* INTS, TIMES: OD_TIME_NONE is null; INTS: INT64_MIN is null */
        const struct od_str *texts;    /* TEXTS, BYTESES: p NULL is null */
    } v;
};

static inline struct pg_param pg_null(void) { return (struct pg_param){.kind = PG_NULL}; }
static inline struct pg_param pg_int(int64_t i) { return (struct pg_param){.kind = PG_INT, .v.i = i}; }
/* 0 stands for "none" in every id of ours. */
static inline struct pg_param pg_id(int64_t i) { return i ? pg_int(i) : pg_null(); }
static inline struct pg_param pg_bool(bool b) { return (struct pg_param){.kind = PG_BOOL, .v.i = b}; }
static inline struct pg_param pg_str(struct od_str s)
{
    return s.p ? (struct pg_param){.kind = PG_TEXT, .v.s = s} : pg_null();
}
static inline struct pg_param pg_text(const char *s) { return pg_str(od_str_c(s)); }
static inline struct pg_param pg_bytes(struct od_str s)
{
    return s.p ? (struct pg_param){.kind = PG_BYTES, .v.s = s} : pg_null();
}
static inline struct pg_param pg_time(int64_t us)
{
    return us == OD_TIME_NONE ? pg_null() : (struct pg_param){.kind = PG_TIME, .v.i = us};
}
static inline struct pg_param pg_day(int64_t days) { return (struct pg_param){.kind = PG_DAY, .v.i = days}; }
static inline struct pg_param pg_uuid(const struct od_uuid *u) { return (struct pg_param){.kind = PG_UUID, .v.uuid = u}; }
static inline struct pg_param pg_ints(const int64_t *v, size_t n) { return (struct pg_param){.kind = PG_INTS, .n = n, .v.ints = v}; }
static inline struct pg_param pg_times(const int64_t *v, size_t n) { return (struct pg_param){.kind = PG_TIMES, .n = n, .v.ints = v}; }
static inline struct pg_param pg_texts(const struct od_str *v, size_t n)
{
    return (struct pg_param){.kind = PG_TEXTS, .n = n, .v.texts = v};
}
static inline struct pg_param pg_byteses(const struct od_str *v, size_t n)
{
    return (struct pg_param){.kind = PG_BYTESES, .n = n, .v.texts = v};
}

#define PG(...)                                                                                                        \
    (const struct pg_param[]){__VA_ARGS__}, sizeof((const struct pg_param[]){__VA_ARGS__}) / sizeof(struct pg_param)
#define PG_NONE NULL, 0

/* Encodes one value for a parameter of type `oid`: appends to out and gives its place. An integer that does not fit the
 * parameter's type is a programmer's error. */
void pg_encode(const struct pg_param *p, Oid oid, struct od_buf *out);

/* Values of a result in binary format. A null reads as 0, OD_TIME_NONE, false or {NULL, 0}. */
int64_t pg_get_int(const PGresult *r, int row, int col);      /* int2, int4, int8, bool */
int64_t pg_get_time(const PGresult *r, int row, int col);
struct od_str pg_get_str(const PGresult *r, int row, int col); /* points into the result: copy what is kept */
struct od_str pg_get_copy(const PGresult *r, int row, int col, struct od_arena *a); /* text and bytea, NUL-terminated */
char *pg_get_cstr(const PGresult *r, int row, int col, struct od_arena *a);         /* NULL for null */
/* A text[] without nulls as NUL-terminated copies; fewer of them when memory is out (the arena remembers). */
char **pg_get_cstrs(const PGresult *r, int row, int col, struct od_arena *a, size_t *ret_n);
bool pg_is_null(const PGresult *r, int row, int col);

#endif
