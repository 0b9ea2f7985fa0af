/* SPDX-License-Identifier: Apache-2.0
 * Range functions (§10.3.4.7, table 78), after Allen's interval algebra. A point stands for the range that holds it alone. Each
 * is null where two ends cannot be compared. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

/* An end of a range on the line: value, and for equal values, where it lies: before, at, or behind it. */
struct end {
    const struct feel_value *v;
    int side;     /* -1: ends just before v; 0: at v; 1: begins just behind v */
    int infinite; /* -1, 1: unbounded */
};

struct span {
    struct end start, end;
    bool point;
};

static struct span span_of(const struct feel_value *v)
{
    if (v->kind != FEEL_RANGE)
        return (struct span){{v, 0, 0}, {v, 0, 0}, true};
    const struct feel_range *r = v->range;
    return (struct span){{&r->start, r->start_open ? 1 : 0, r->no_start ? -1 : 0}, {&r->end, r->end_open ? -1 : 0, r->no_end ? 1 : 0},
                         false};
}

static bool cmp(struct feel_run *run, const struct end *a, const struct end *b, int *ret)
{
    if (a->infinite || b->infinite) {
        *ret = (a->infinite > b->infinite) - (a->infinite < b->infinite);
        return true;
    }
    if (!feel_run_compare(run, a->v, b->v, ret))
        return false;
    if (*ret == 0)
        *ret = (a->side > b->side) - (a->side < b->side);
    return true;
}

/* The orders that all relations are made of. */
struct orders {
    int start_start, end_end, start_end, end_start; /* a's to b's */
    int touch_end_start, touch_start_end;           /* by value alone: 0 where they share it */
};

static bool compare(struct feel_run *run, const struct span *a, const struct span *b, struct orders *o)
{
    struct end a_start = {a->start.v, 0, a->start.infinite}, a_end = {a->end.v, 0, a->end.infinite};
    struct end b_start = {b->start.v, 0, b->start.infinite}, b_end = {b->end.v, 0, b->end.infinite};
    return cmp(run, &a->start, &b->start, &o->start_start) && cmp(run, &a->end, &b->end, &o->end_end) &&
           cmp(run, &a->start, &b->end, &o->start_end) && cmp(run, &a->end, &b->start, &o->end_start) &&
           cmp(run, &a_end, &b_start, &o->touch_end_start) && cmp(run, &a_start, &b_end, &o->touch_start_end);
}

typedef bool (*relation_fn)(const struct span *a, const struct span *b, const struct orders *o);

static struct feel_value relation(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, relation_fn holds)
{
    struct span x = span_of(a), y = span_of(b);
    struct orders o;
    if (!compare(run, &x, &y, &o))
        return feel_run_fail(run, "the points and ranges cannot be compared", FEEL_NO_SUBJECT);
    return feel_boolean(holds(&x, &y, &o));
}

static bool closed(const struct end *e) { return !e->infinite && e->side == 0; }
static bool not_unlike(const struct end *a, const struct end *b) { return closed(a) == closed(b); }

static bool before(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->end_start < 0;
}

static bool after(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->start_end > 0;
}

static bool meets(const struct span *a, const struct span *b, const struct orders *o)
{
    return closed(&a->end) && closed(&b->start) && o->touch_end_start == 0;
}

static bool met_by(const struct span *a, const struct span *b, const struct orders *o)
{
    return closed(&a->start) && closed(&b->end) && o->touch_start_end == 0;
}

static bool overlaps(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->end_start >= 0 && o->start_end <= 0;
}

static bool overlaps_before(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->start_start < 0 && o->end_start >= 0 && o->end_end <= 0;
}

static bool overlaps_after(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->start_start > 0 && o->start_end <= 0 && o->end_end >= 0;
}

static bool finishes(const struct span *a, const struct span *b, const struct orders *o)
{
    return not_unlike(&a->end, &b->end) && o->end_end == 0 && o->start_start >= 0;
}

static bool includes(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->start_start <= 0 && o->end_end >= 0;
}

static bool starts(const struct span *a, const struct span *b, const struct orders *o)
{
    return not_unlike(&a->start, &b->start) && o->start_start == 0 && o->end_end <= 0;
}

static bool coincides(const struct span *a, const struct span *b, const struct orders *o)
{
    (void)a;
    (void)b;
    return o->start_start == 0 && o->end_end == 0;
}

#define RELATION(fn, holds, a, b)                                                                                      \
    struct feel_value fn(struct feel_run *run, const struct feel_value *args, unsigned n_given)                        \
    {                                                                                                                  \
        (void)n_given;                                                                                                 \
        return relation(run, &args[a], &args[b], holds);                                                               \
    }
RELATION(fn_before, before, 0, 1)
RELATION(fn_after, after, 0, 1)
RELATION(fn_meets, meets, 0, 1)
RELATION(fn_met_by, met_by, 0, 1)
RELATION(fn_overlaps, overlaps, 0, 1)
RELATION(fn_overlaps_before, overlaps_before, 0, 1)
RELATION(fn_overlaps_after, overlaps_after, 0, 1)
RELATION(fn_finishes, finishes, 0, 1)
RELATION(fn_finished_by, finishes, 1, 0)
RELATION(fn_includes, includes, 0, 1)
RELATION(fn_during, includes, 1, 0)
RELATION(fn_starts, starts, 0, 1)
RELATION(fn_started_by, starts, 1, 0)
RELATION(fn_coincides, coincides, 0, 1)
