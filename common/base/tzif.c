/* SPDX-License-Identifier: Apache-2.0
 * TZif: a version 1 block that is skipped, a block with 64-bit times, and a footer with a POSIX TZ rule. Every length is
 * checked before it is used. */
#include "common/base/tzif.h"

#include <string.h>

#include "common/base/time.h"

enum {
    HEADER_BYTES = 44,
    TIMES_MAX = 4096,
    TYPES_MAX = 256,
    CHARS_MAX = 4096,
    OFFSET_MAX_S = 26 * 3600,     /* RFC 8536 §3.2: more than -25 hours, less than 26 */
    RULE_TIME_MAX_H = 167,        /* §3.3.1 */
    RULE_FROM_YEAR = 1900,        /* for a file that lists no transition at all */
    S_PER_H = 3600,
};

struct header {
    char version;
    uint32_t isut, isstd, leap, times, types, chars;
};

/* A day of each year and the second of its wall clock. */
struct rule_date {
    enum { DAY_OF_WEEK, DAY_FROM_1, DAY_FROM_0 } kind; /* Mm.w.d; Jn, which never counts February 29; n */
    int month, week, day;
    int64_t time_s;
};

struct rule {
    int32_t std_s, dst_s;
    bool has_dst;
    struct rule_date start, end; /* of dst */
};

struct writer {
    struct od_transition *out;
    size_t n, max;
    bool failed;
};

/* --- bytes --------------------------------------------------------------------------------------------------------- */

static uint64_t big_endian(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (unsigned char)p[i];
    return v;
}

/* The first n bytes of *s, which goes on behind them; NULL if they are not there. */
static const char *take(struct od_str *s, size_t n)
{
    if (s->n < n)
        return NULL;
    const char *p = s->p;
    s->p += n;
    s->n -= n;
    return p;
}

static bool take_header(struct od_str *s, struct header *h)
{
    const char *p = take(s, HEADER_BYTES);
    if (!p || memcmp(p, "TZif", 4) != 0)
        return false;
    *h = (struct header){
        .version = p[4],
        .isut = (uint32_t)big_endian(p + 20, 4),
        .isstd = (uint32_t)big_endian(p + 24, 4),
        .leap = (uint32_t)big_endian(p + 28, 4),
        .times = (uint32_t)big_endian(p + 32, 4),
        .types = (uint32_t)big_endian(p + 36, 4),
        .chars = (uint32_t)big_endian(p + 40, 4),
    };
    return h->version >= '2' && h->leap == 0 && h->times <= TIMES_MAX && h->types >= 1 && h->types <= TYPES_MAX &&
           h->chars <= CHARS_MAX && h->isut <= h->types && h->isstd <= h->types;
}

/* --- the list ------------------------------------------------------------------------------------------------------ */

static void write_transition(struct writer *w, int64_t at_us, int64_t offset_s)
{
    struct od_transition *last = w->n ? &w->out[w->n - 1] : NULL;
    if (offset_s <= -OFFSET_MAX_S || offset_s >= OFFSET_MAX_S || (last && at_us < last->at_us)) {
        w->failed = true;
        return;
    }
    if (last && at_us == last->at_us) { /* one rule ends where another begins: only the later one is ever seen */
        w->n--;
        last = w->n ? last - 1 : NULL;
    }
    if (last && last->offset_s == offset_s)
        return;
    if (w->n == w->max) {
        w->failed = true;
        return;
    }
    w->out[w->n++] = (struct od_transition){at_us, (int32_t)offset_s};
}

static int64_t year_us(int64_t year) { return od_days_from_civil(year, 1, 1) * OD_S_PER_DAY * OD_US_PER_S; }

/* The block with 64-bit times. What is older than the year 1 is as old as time; it also makes microseconds fit. */
static bool read_block(struct od_str *s, const struct header *h, int64_t until_us, struct writer *w, int64_t *ret_last_us)
{
    const char *times = take(s, (size_t)h->times * 8), *indexes = take(s, h->times), *types = take(s, (size_t)h->types * 6);
    if (!times || !indexes || !types || !take(s, (size_t)h->chars + h->isstd + h->isut))
        return false;
    const int64_t first_s = year_us(1) / OD_US_PER_S;
    int64_t before_s = INT64_MIN;
    *ret_last_us = INT64_MIN;
    write_transition(w, INT64_MIN, (int32_t)big_endian(types, 4));
    for (uint32_t i = 0; i < h->times; i++) {
        int64_t at_s = (int64_t)big_endian(times + (size_t)i * 8, 8);
        unsigned type = (unsigned char)indexes[i];
        if (type >= h->types || (i && at_s <= before_s))
            return false;
        before_s = at_s;
        if (at_s >= until_us / OD_US_PER_S)
            at_s = until_us / OD_US_PER_S;
        else
            write_transition(w, at_s < first_s ? INT64_MIN : at_s * OD_US_PER_S, (int32_t)big_endian(types + (size_t)type * 6, 4));
        *ret_last_us = at_s < first_s ? INT64_MIN : at_s * OD_US_PER_S;
    }
    return !w->failed;
}

/* --- the rule ------------------------------------------------------------------------------------------------------ */

static bool skip(struct od_str *s, char c)
{
    if (!s->n || *s->p != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

/* Decimal digits, at most three. */
static bool take_number(struct od_str *s, int64_t max, int64_t *ret)
{
    size_t n = 0;
    while (n < s->n && n < 3 && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    return n && od_str_int((struct od_str){take(s, n), n}, 0, max, ret);
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool take_time(struct od_str *s, int64_t max_h, int64_t *ret_s)
{
    int64_t h, m = 0, sec = 0;
    bool negative = skip(s, '-');
    if (!negative)
        (void)skip(s, '+');
    if (!take_number(s, max_h, &h) || (skip(s, ':') && (!take_number(s, 59, &m) || (skip(s, ':') && !take_number(s, 59, &sec)))))
        return false;
    *ret_s = (h * S_PER_H + m * 60 + sec) * (negative ? -1 : 1);
    return true;
}

/* EST, or <-03>: three characters at least. */
static bool skip_name(struct od_str *s)
{
    bool quoted = skip(s, '<');
    size_t n = 0;
    for (; s->n; n++, take(s, 1)) {
        char c = *s->p;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
            break;
    }
    return n >= 3 && (!quoted || skip(s, '>'));
}

/* A zone's part of the rule: west of Greenwich is positive there. */
static bool take_offset(struct od_str *s, int32_t *ret_s)
{
    int64_t west_s;
    if (!take_time(s, 24, &west_s))
        return false;
    *ret_s = (int32_t)-west_s;
    return true;
}

static bool take_date(struct od_str *s, struct rule_date *d)
{
    int64_t a, b, c;
    *d = (struct rule_date){.time_s = INT64_C(2) * S_PER_H};
    if (!skip(s, ','))
        return false;
    if (skip(s, 'M')) {
        if (!take_number(s, 12, &a) || !skip(s, '.') || !take_number(s, 5, &b) || !skip(s, '.') || !take_number(s, 6, &c) || !a || !b)
            return false;
        d->kind = DAY_OF_WEEK;
        d->month = (int)a;
        d->week = (int)b;
        d->day = (int)c;
    } else {
        d->kind = skip(s, 'J') ? DAY_FROM_1 : DAY_FROM_0;
        if (!take_number(s, 365, &a) || (d->kind == DAY_FROM_1 && !a))
            return false;
        d->day = (int)a;
    }
    return !skip(s, '/') || take_time(s, RULE_TIME_MAX_H, &d->time_s);
}

static bool take_rule(struct od_str *s, struct rule *r)
{
    *r = (struct rule){0};
    if (!skip_name(s) || !take_offset(s, &r->std_s))
        return false;
    r->has_dst = s->n && *s->p != '\n';
    if (!r->has_dst)
        return true;
    if (!skip_name(s))
        return false;
    r->dst_s = r->std_s + S_PER_H;
    if (s->n && *s->p != ',' && !take_offset(s, &r->dst_s))
        return false;
    return take_date(s, &r->start) && take_date(s, &r->end);
}

/* Wall-clock seconds of the date in that year, as if UTC. */
static int64_t date_s(const struct rule_date *d, int64_t year)
{
    int64_t first = od_days_from_civil(year, 1, 1), day = first + d->day;
    if (d->kind == DAY_FROM_1) {
        day = first + d->day - 1;
        if (d->day > 59 && od_days_in_month(year, 2) == 29)
            day++;
    } else if (d->kind == DAY_OF_WEEK) {
        first = od_days_from_civil(year, (unsigned)d->month, 1);
        int to_day = (d->day + 6 - (int)od_weekday(first) + 7) % 7; /* the rule's 0 is Sunday, od_weekday's Monday */
        day = first + to_day + (int64_t)(d->week - 1) * 7;
        if (day >= first + (int64_t)od_days_in_month(year, (unsigned)d->month))
            day -= 7; /* the fifth is the last */
    }
    return day * OD_S_PER_DAY + d->time_s;
}

/* What the rule says behind the last listed transition; one without daylight saving repeats what that said. */
static bool apply_rule(const struct rule *r, int64_t after_us, int64_t until_year, struct writer *w)
{
    if (!r->has_dst)
        return w->out[w->n - 1].offset_s == r->std_s || after_us >= year_us(until_year);
    int64_t year = after_us == INT64_MIN ? RULE_FROM_YEAR : od_civil_from_us(after_us).year;
    for (; year < until_year && !w->failed; year++) {
        int64_t start_us = (date_s(&r->start, year) - r->std_s) * OD_US_PER_S, end_us = (date_s(&r->end, year) - r->dst_s) * OD_US_PER_S;
        bool northern = start_us <= end_us;
        int64_t at_us[2] = {northern ? start_us : end_us, northern ? end_us : start_us};
        for (int i = 0; i < 2; i++)
            if (at_us[i] > after_us && at_us[i] < year_us(until_year))
                write_transition(w, at_us[i], (i == 0) == northern ? r->dst_s : r->std_s);
    }
    return !w->failed;
}

size_t od_tzif_read(struct od_str bytes, int64_t until_year, struct od_transition *out, size_t max)
{
    struct header h;
    struct rule rule;
    struct writer w = {.out = out, .max = max};
    int64_t last_us;
    if (!take_header(&bytes, &h) ||
        !take(&bytes, (size_t)h.times * 5 + (size_t)h.types * 6 + h.chars + h.isstd + h.isut) || !take_header(&bytes, &h) ||
        !read_block(&bytes, &h, year_us(until_year), &w, &last_us) || !skip(&bytes, '\n'))
        return 0;
    if (skip(&bytes, '\n')) /* no rule: the last offset stays */
        return bytes.n ? 0 : w.n;
    if (!take_rule(&bytes, &rule) || !skip(&bytes, '\n') || bytes.n || !apply_rule(&rule, last_us, until_year, &w))
        return 0;
    return w.n;
}
