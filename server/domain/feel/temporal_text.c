/* SPDX-License-Identifier: Apache-2.0
 * Temporal values as texts and back: XML Schema's lexical forms (§10.3.2.3.4 to .8, §10.3.4.1), years up to nine digits, and
 * `@Zone/Name` behind a time. */
#include "server/domain/feel/temporal.h"

#include "server/domain/feel/feel.h"

struct reader {
    struct od_str s;
    size_t at;
};

static bool take(struct reader *r, char c)
{
    bool is = r->at < r->s.n && r->s.p[r->at] == c;
    r->at += is;
    return is;
}

/* Between min and max digits. */
static bool digits(struct reader *r, unsigned min, unsigned max, int64_t *ret)
{
    unsigned n = 0;
    *ret = 0;
    while (r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9' && n < max) {
        *ret = *ret * 10 + (r->s.p[r->at++] - '0');
        n++;
    }
    return n >= min && !(r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9');
}

/* Digits after the point as nanoseconds; what lies beyond nine is cut. */
static bool fraction(struct reader *r, bool may_be_empty, uint32_t *ret)
{
    uint32_t unit = 100000000;
    size_t from = r->at;
    *ret = 0;
    for (; r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9'; r->at++, unit /= 10)
        *ret += (uint32_t)(r->s.p[r->at] - '0') * unit;
    return may_be_empty || r->at > from;
}

static bool read_date(struct reader *r, struct feel_temporal *t)
{
    int64_t year, month, day;
    bool negative = take(r, '-');
    size_t from = r->at;
    if (!digits(r, 4, 9, &year) || (r->at - from > 4 && r->s.p[from] == '0'))
        return false;
    if (!take(r, '-') || !digits(r, 2, 2, &month) || !take(r, '-') || !digits(r, 2, 2, &day))
        return false;
    t->year = (int32_t)(negative ? -year : year);
    t->month = (uint8_t)month;
    t->day = (uint8_t)day;
    return true;
}

/* Z, ±hh:mm[:ss], @Zone, or nothing. */
static bool read_zone(struct reader *r, struct feel_temporal *t)
{
    int64_t h, m, s = 0;
    if (r->at == r->s.n)
        return true;
    if (take(r, '@')) {
        struct od_str name = {r->s.p + r->at, r->s.n - r->at};
        /* A name, not an offset: od_zone_get() knows those too. */
        if (!name.n || name.p[0] == '+' || name.p[0] == '-' || od_zone_get(name, &t->zone, NULL) != OD_OK)
            return false;
        t->zone_kind = FEEL_ZONE_NAMED;
        r->at = r->s.n;
        return true;
    }
    t->zone_kind = FEEL_ZONE_OFFSET;
    if (take(r, 'Z') || take(r, 'z'))
        return true;
    bool negative = take(r, '-');
    if ((!negative && !take(r, '+')) || !digits(r, 2, 2, &h) || !take(r, ':') || !digits(r, 2, 2, &m))
        return false;
    if (take(r, ':') && !digits(r, 2, 2, &s))
        return false;
    int64_t offset = h * 3600 + m * 60 + s;
    t->offset_s = (int32_t)(negative ? -offset : offset);
    return m < 60 && s < 60 && offset <= FEEL_OFFSET_MAX_S;
}

/* *ret_midnight: 24:00:00, the first moment of the next day. */
static bool read_time(struct reader *r, struct feel_temporal *t, bool *ret_midnight)
{
    int64_t h, m, s;
    if (!digits(r, 2, 2, &h) || !take(r, ':') || !digits(r, 2, 2, &m) || !take(r, ':') || !digits(r, 2, 2, &s))
        return false;
    if (take(r, '.') && !fraction(r, false, &t->nanos))
        return false;
    *ret_midnight = h == 24 && m == 0 && s == 0 && t->nanos == 0;
    t->hour = (uint8_t)(*ret_midnight ? 0 : h);
    t->minute = (uint8_t)m;
    t->second = (uint8_t)s;
    return read_zone(r, t);
}

static struct feel_value parse_date(struct od_str s)
{
    struct reader r = {s, 0};
    struct feel_value v = {.kind = FEEL_DATE, .temporal = {0}};
    return read_date(&r, &v.temporal) && r.at == s.n && feel_temporal_valid(&v) ? v : FEEL_NULL_VALUE;
}

static struct feel_value parse_time(struct od_str s)
{
    struct reader r = {s, 0};
    struct feel_value v = {.kind = FEEL_TIME, .temporal = {0}};
    bool midnight;
    return read_time(&r, &v.temporal, &midnight) && r.at == s.n && feel_temporal_valid(&v) ? v : FEEL_NULL_VALUE;
}

static struct feel_value parse_date_time(struct od_str s)
{
    struct reader r = {s, 0};
    struct feel_value v = {.kind = FEEL_DATE_TIME, .temporal = {0}};
    bool midnight = false;
    if (!read_date(&r, &v.temporal))
        return FEEL_NULL_VALUE;
    if (r.at < s.n && (!take(&r, 'T') || !read_time(&r, &v.temporal, &midnight)))
        return FEEL_NULL_VALUE;
    if (r.at != s.n || !feel_temporal_valid(&v))
        return FEEL_NULL_VALUE;
    if (!midnight)
        return v;
    struct feel_value next = feel_date_from_days(feel_date_days(&v.temporal) + 1);
    if (next.kind == FEEL_NULL)
        return next;
    v.temporal.year = next.temporal.year;
    v.temporal.month = next.temporal.month;
    v.temporal.day = next.temporal.day;
    return v;
}

/* PnYnM or PnDTnHnMnS, each part at most once and in order, at least one (XML Schema §3.2.6 as restricted by XPath). */
static struct feel_value parse_duration(struct od_str s)
{
    static const struct {
        char unit;
        bool time, months;
        int64_t size;
    } parts[] = {{'Y', false, true, 12}, {'M', false, true, 1},      {'D', false, false, OD_S_PER_DAY},
                 {'H', true, false, 3600}, {'M', true, false, 60}, {'S', true, false, 1}};
    struct reader r = {s, 0};
    bool negative = take(&r, '-'), time = false, months = false, days = false, any_time = false;
    int64_t total = 0, v, product;
    uint32_t nanos = 0;
    size_t next = 0;
    if (!take(&r, 'P'))
        return FEEL_NULL_VALUE;
    while (r.at < s.n) {
        if (!time && take(&r, 'T')) {
            time = true;
            continue;
        }
        if (!digits(&r, 1, 18, &v))
            return FEEL_NULL_VALUE;
        bool fractional = time && take(&r, '.') && fraction(&r, true, &nanos);
        while (next < OD_LEN(parts) && !(parts[next].time == time && r.at < s.n && r.s.p[r.at] == parts[next].unit))
            next++;
        if (next == OD_LEN(parts) || (fractional && parts[next].unit != 'S'))
            return FEEL_NULL_VALUE;
        months |= parts[next].months;
        days |= !parts[next].months;
        any_time |= time;
        if (__builtin_mul_overflow(v, parts[next].size, &product) || __builtin_add_overflow(total, product, &total))
            return FEEL_NULL_VALUE;
        next++;
        r.at++;
    }
    if (months == days || time != any_time)
        return FEEL_NULL_VALUE;
    if (months)
        return total > INT64_C(12) * 2 * FEEL_YEAR_MAX ? FEEL_NULL_VALUE : feel_months(negative ? -total : total);
    struct feel_days_duration d = {total, (int32_t)nanos};
    return feel_days_value(negative ? feel_days_negate(d) : d);
}

struct feel_value feel_temporal_parse(struct od_str s, enum feel_kind kind)
{
    if (kind == FEEL_DATE)
        return parse_date(s);
    if (kind == FEEL_TIME)
        return parse_time(s);
    if (kind == FEEL_DATE_TIME)
        return parse_date_time(s);
    return kind == FEEL_DAYS_DURATION || kind == FEEL_MONTHS_DURATION ? parse_duration(s) : FEEL_NULL_VALUE;
}

struct feel_value feel_at_literal(struct od_str s)
{
    struct feel_value v = parse_duration(s);
    if (v.kind == FEEL_NULL)
        v = parse_date(s);
    if (v.kind == FEEL_NULL)
        v = parse_time(s);
    return v.kind == FEEL_NULL ? parse_date_time(s) : v;
}

/* --- formatting ------------------------------------------------------------------------------------------------------ */

static void put_fraction(uint32_t nanos, struct od_buf *out)
{
    char text[16];
    if (!nanos)
        return;
    int n = snprintf(text, sizeof text, ".%09u", nanos);
    while (text[n - 1] == '0')
        n--;
    od_buf_put(out, text, (size_t)n);
}

static void put_date(const struct feel_temporal *t, struct od_buf *out)
{
    od_buf_printf(out, "%s%04d-%02u-%02u", t->year < 0 ? "-" : "", t->year < 0 ? -t->year : t->year, t->month, t->day);
}

static void put_time(const struct feel_temporal *t, struct od_buf *out)
{
    int o = t->offset_s < 0 ? -t->offset_s : t->offset_s;
    od_buf_printf(out, "%02u:%02u:%02u", t->hour, t->minute, t->second);
    put_fraction(t->nanos, out);
    if (t->zone_kind == FEEL_ZONE_NAMED)
        od_buf_printf(out, "@%s", od_zone_name(t->zone));
    else if (t->zone_kind == FEEL_ZONE_OFFSET && !o)
        od_buf_char(out, 'Z');
    else if (t->zone_kind == FEEL_ZONE_OFFSET)
        od_buf_printf(out, "%c%02d:%02d", t->offset_s < 0 ? '-' : '+', o / 3600, o / 60 % 60);
    if (t->zone_kind == FEEL_ZONE_OFFSET && o % 60)
        od_buf_printf(out, ":%02d", o % 60);
}

static void put_months(int64_t months, struct od_buf *out)
{
    int64_t m = months < 0 ? -months : months;
    od_buf_c(out, months < 0 ? "-P" : "P");
    if (m / 12)
        od_buf_printf(out, "%lldY", (long long)(m / 12));
    if (m % 12 || !m)
        od_buf_printf(out, "%lldM", (long long)(m % 12));
}

static void put_days(struct feel_days_duration d, struct od_buf *out)
{
    bool negative = d.seconds < 0;
    struct feel_days_duration a = negative ? feel_days_negate(d) : d;
    int64_t days = a.seconds / OD_S_PER_DAY, rest = a.seconds % OD_S_PER_DAY;
    od_buf_c(out, negative ? "-P" : "P");
    if (days)
        od_buf_printf(out, "%lldD", (long long)days);
    if (!rest && !a.nanos && days)
        return;
    od_buf_char(out, 'T');
    if (rest / 3600)
        od_buf_printf(out, "%dH", (int)(rest / 3600));
    if (rest / 60 % 60)
        od_buf_printf(out, "%dM", (int)(rest / 60 % 60));
    if (rest % 60 || a.nanos || !rest) {
        od_buf_printf(out, "%d", (int)(rest % 60));
        put_fraction((uint32_t)a.nanos, out);
        od_buf_char(out, 'S');
    }
}

void feel_temporal_format(const struct feel_value *v, struct od_buf *out)
{
    if (v->kind == FEEL_MONTHS_DURATION) {
        put_months(v->months, out);
        return;
    }
    if (v->kind == FEEL_DAYS_DURATION) {
        put_days(v->days, out);
        return;
    }
    if (v->kind != FEEL_TIME)
        put_date(&v->temporal, out);
    if (v->kind == FEEL_DATE_TIME)
        od_buf_char(out, 'T');
    if (v->kind != FEEL_DATE)
        put_time(&v->temporal, out);
}
