/* SPDX-License-Identifier: Apache-2.0
 * What a FEEL expression can give (DMN 1.5 §10.3.2). A value is 32 bytes, copied freely; what it points to lies in an arena
 * and is never changed once made, so values share structure. */
#ifndef OD_FEEL_VALUE_H
#define OD_FEEL_VALUE_H

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/decimal.h"
#include "common/base/zone.h"

enum feel_kind {
    FEEL_NULL,
    FEEL_BOOLEAN,
    FEEL_NUMBER,
    FEEL_STRING,
    FEEL_DATE,
    FEEL_TIME,
    FEEL_DATE_TIME,
    FEEL_DAYS_DURATION,   /* days and time duration */
    FEEL_MONTHS_DURATION, /* years and months duration */
    FEEL_LIST,
    FEEL_CONTEXT,
    FEEL_RANGE,
    FEEL_FUNCTION,
    FEEL_ANY, /* in types only: every value */
};

enum feel_zone_kind { FEEL_ZONE_NONE, FEEL_ZONE_OFFSET, FEEL_ZONE_NAMED };

/* Date, time, or both; the fields that a kind does not have are 0. Years are astronomical: 0 is 1 BC. */
struct feel_temporal {
    int32_t year; /* -999999999 to 999999999 */
    uint8_t month, day, hour, minute, second;
    uint8_t zone_kind;           /* enum feel_zone_kind */
    int32_t offset_s;            /* FEEL_ZONE_OFFSET: seconds east of UTC */
    uint32_t nanos;
    const struct od_zone *zone;  /* FEEL_ZONE_NAMED */
};

/* seconds + nanos/1e9; nanos is 0-999999999 also where the whole is negative. */
struct feel_days_duration {
    int64_t seconds;
    int32_t nanos;
};

/* Why a value is null: kept beside it, handed on by the operations that the null makes null. */
struct feel_fault {
    const char *why;       /* may hold one %s, which stands for subject */
    struct od_str subject;
    struct od_str source;  /* the expression's text */
    uint32_t at;           /* byte offset in it */
};

struct feel_value {
    uint8_t kind; /* enum feel_kind */
    union {
        const struct feel_fault *fault; /* FEEL_NULL: NULL where null is simply meant */
        bool boolean;
        struct od_decimal number;
        struct od_str string; /* UTF-8 */
        struct feel_temporal temporal;
        struct feel_days_duration days;
        int64_t months;
        const struct feel_list *list;
        const struct feel_context *context;
        const struct feel_range *range;
        const struct feel_function *function;
    };
};

struct feel_list {
    size_t n;
    struct feel_value *items;
};

struct feel_entry {
    struct od_str name;
    struct feel_value value;
};

/* Entries in the order in which they were put; names are unique. */
struct feel_context {
    size_t n;
    struct feel_entry *entries;
};

/* [start..end]; `<= e`, `= e` and the like are ranges too (§10.3.2.7). */
struct feel_range {
    struct feel_value start, end;
    bool start_open, end_open;
    bool no_start, no_end; /* unbounded there by an operator, unlike a bound that is null */
    bool not_equal;        /* `!= e`: everything but start */
};

#define FEEL_NO_SUBJECT ((struct od_str){NULL, 0})
#define FEEL_NULL_VALUE ((struct feel_value){.kind = FEEL_NULL})

extern const struct feel_value feel_booleans[2]; /* false and true: a value that was written in parts is slow to copy */
static inline struct feel_value feel_boolean(bool b) { return feel_booleans[b]; }
static inline struct feel_value feel_number(struct od_decimal d) { return (struct feel_value){.kind = FEEL_NUMBER, .number = d}; }
static inline struct feel_value feel_integer(int64_t v) { return feel_number(od_decimal_from_i64(v)); }
static inline struct feel_value feel_string(struct od_str s) { return (struct feel_value){.kind = FEEL_STRING, .string = s}; }
static inline struct feel_value feel_months(int64_t m) { return (struct feel_value){.kind = FEEL_MONTHS_DURATION, .months = m}; }
static inline bool feel_is_true(const struct feel_value *v) { return v->kind == FEEL_BOOLEAN && v->boolean; }
static inline bool feel_is_false(const struct feel_value *v) { return v->kind == FEEL_BOOLEAN && !v->boolean; }

/* An empty list or context of n places, to be filled by the caller before it is shared; NULL when the arena is full. */
struct feel_list *feel_list_new(struct od_arena *a, size_t n);
struct feel_context *feel_context_new(struct od_arena *a, size_t n);
struct feel_value feel_list_value(const struct feel_list *l);       /* NULL gives null */
struct feel_value feel_context_value(const struct feel_context *c); /* NULL gives null */

/* The entry's value, or NULL. */
const struct feel_value *feel_context_get(const struct feel_context *c, struct od_str name);
/* A copy of c with the entry put at the end, or replaced in its place. */
const struct feel_context *feel_context_put(struct od_arena *a, const struct feel_context *c, struct od_str name,
                                            const struct feel_value *v);

/* A copy of v and of everything it points to, for results that outlive an evaluation. Functions become null: they belong
 * to the evaluation that made them. The depth of a value is bounded by FEEL_VALUE_DEPTH_MAX. */
enum od_status feel_value_copy(struct od_arena *a, const struct feel_value *v, struct feel_value *ret, struct od_err *err);

const char *feel_kind_name(enum feel_kind k); /* "date and time" */

/* The literal that string() gives (§10.3.4.1): strings inside lists and contexts are quoted. */
void feel_value_format(const struct feel_value *v, struct od_buf *out);

/* Instants in and out. A date is its midnight in zone; a date and time without a zone is a wall time there. */
bool feel_value_to_us(const struct feel_value *v, const struct od_zone *zone, int64_t *ret_us);
struct feel_value feel_value_from_us(int64_t us, const struct od_zone *zone);

#endif
