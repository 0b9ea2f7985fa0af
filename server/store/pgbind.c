/* SPDX-License-Identifier: Apache-2.0
 * The binary formats: integers big-endian, timestamps as µs and dates as days since 2000-01-01, one-dimensional arrays. */
#include "server/store/pgbind.h"

#include <endian.h>

enum {
    OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25,
    OID_BYTEA_ARRAY = 1001, OID_INT2_ARRAY = 1005, OID_INT4_ARRAY = 1007, OID_TEXT_ARRAY = 1009, OID_INT8_ARRAY = 1016,
    OID_TIMESTAMPTZ_ARRAY = 1185, OID_TIMESTAMPTZ = 1184, OID_BOOL_ARRAY = 1000,
};

#define EPOCH_2000_US INT64_C(946684800000000)
enum { EPOCH_2000_DAYS = 10957 };

static void put_be(struct od_buf *out, uint64_t v, size_t n)
{
    unsigned char b[8];
    for (size_t i = 0; i < n; i++)
        b[i] = (unsigned char)(v >> (8 * (n - 1 - i)));
    od_buf_put(out, b, n);
}

static size_t int_size(Oid oid)
{
    return oid == OID_INT8 ? 8 : oid == OID_INT4 ? 4 : oid == OID_INT2 ? 2 : oid == OID_BOOL ? 1 : 0;
}

static void put_int(struct od_buf *out, int64_t v, Oid oid)
{
    size_t n = int_size(oid);
    od_assert(n != 0);
    int64_t max = n == 8 ? INT64_MAX : ((int64_t)1 << (8 * n - 1)) - 1;
    od_assert(v <= max && v >= -max - 1);
    put_be(out, (uint64_t)v, n);
}

static Oid element_of(Oid array)
{
    switch (array) {
    case OID_INT8_ARRAY: return OID_INT8;
    case OID_INT4_ARRAY: return OID_INT4;
    case OID_INT2_ARRAY: return OID_INT2;
    case OID_BOOL_ARRAY: return OID_BOOL;
    case OID_TEXT_ARRAY: return OID_TEXT;
    case OID_BYTEA_ARRAY: return OID_BYTEA;
    case OID_TIMESTAMPTZ_ARRAY: return OID_TIMESTAMPTZ;
    default: return 0;
    }
}

static void put_array(const struct pg_param *p, Oid oid, struct od_buf *out)
{
    Oid element = element_of(oid);
    od_assert(element != 0);
    put_be(out, p->n ? 1 : 0, 4); /* dimensions */
    put_be(out, 1, 4);            /* nulls may come */
    put_be(out, element, 4);
    if (p->n) {
        put_be(out, p->n, 4);
        put_be(out, 1, 4); /* lower bound */
    }
    for (size_t i = 0; i < p->n; i++) {
        bool texts = p->kind == PG_TEXTS || p->kind == PG_BYTESES;
        if (texts ? !p->v.texts[i].p : p->v.ints[i] == INT64_MIN) {
            put_be(out, UINT32_MAX, 4);
        } else if (texts) {
            put_be(out, p->v.texts[i].n, 4);
            od_buf_str(out, p->v.texts[i]);
        } else if (p->kind == PG_TIMES) {
            put_be(out, 8, 4);
            put_be(out, (uint64_t)(p->v.ints[i] - EPOCH_2000_US), 8);
        } else {
            put_be(out, int_size(element), 4);
            put_int(out, p->v.ints[i], element);
        }
    }
}

void pg_encode(const struct pg_param *p, Oid oid, struct od_buf *out)
{
    switch (p->kind) {
    case PG_NULL: break;
    case PG_INT:
    case PG_BOOL: put_int(out, p->v.i, oid); break;
    case PG_TEXT:
    case PG_BYTES: od_buf_str(out, p->v.s); break;
    case PG_TIME: put_be(out, (uint64_t)(p->v.i - EPOCH_2000_US), 8); break;
    case PG_DAY: put_be(out, (uint64_t)(p->v.i - EPOCH_2000_DAYS), 4); break;
    case PG_UUID: od_buf_put(out, p->v.uuid->b, 16); break;
    case PG_INTS:
    case PG_TEXTS:
    case PG_TIMES:
    case PG_BYTESES: put_array(p, oid, out); break;
    }
}

bool pg_is_null(const PGresult *r, int row, int col) { return PQgetisnull(r, row, col); }

static uint64_t get_be(const PGresult *r, int row, int col)
{
    const unsigned char *b = (const unsigned char *)PQgetvalue(r, row, col);
    uint64_t v = 0;
    int n = PQgetlength(r, row, col);
    for (int i = 0; i < n; i++)
        v = v << 8 | b[i];
    return v;
}

int64_t pg_get_int(const PGresult *r, int row, int col)
{
    if (PQgetisnull(r, row, col))
        return 0;
    uint64_t v = get_be(r, row, col);
    switch (PQgetlength(r, row, col)) {
    case 2: return (int16_t)v;
    case 4: return (int32_t)v;
    default: return (int64_t)v;
    }
}

int64_t pg_get_time(const PGresult *r, int row, int col)
{
    return PQgetisnull(r, row, col) ? OD_TIME_NONE : (int64_t)get_be(r, row, col) + EPOCH_2000_US;
}

struct od_str pg_get_str(const PGresult *r, int row, int col)
{
    if (PQgetisnull(r, row, col))
        return (struct od_str){NULL, 0};
    return (struct od_str){PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col)};
}

struct od_str pg_get_copy(const PGresult *r, int row, int col, struct od_arena *a)
{
    struct od_str s = pg_get_str(r, row, col);
    return s.p ? od_arena_copy(a, s) : s;
}

char *pg_get_cstr(const PGresult *r, int row, int col, struct od_arena *a)
{
    struct od_str s = pg_get_str(r, row, col);
    return s.p ? od_arena_strn(a, s.p, s.n) : NULL;
}

static size_t read_be32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

/* Dimensions, flags, element type, then per dimension size and bound, then length and bytes of each element. */
char **pg_get_cstrs(const PGresult *r, int row, int col, struct od_arena *a, size_t *ret_n)
{
    enum { HEADER = 20 };
    struct od_str s = pg_get_str(r, row, col);
    *ret_n = 0;
    if (s.n < HEADER)
        return NULL;
    size_t n = read_be32(s.p + 12), at = HEADER;
    char **out = n <= s.n ? OD_ARENA_ARRAY(a, n, char *) : NULL;
    for (size_t i = 0; out && i < n && at + 4 <= s.n; i++) {
        size_t bytes = read_be32(s.p + at);
        if (bytes > s.n - at - 4 || !(out[i] = od_arena_strn(a, s.p + at + 4, bytes)))
            break;
        at += 4 + bytes;
        *ret_n = i + 1;
    }
    return out;
}
