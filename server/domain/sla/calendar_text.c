/* SPDX-License-Identifier: Apache-2.0
 * The text form of a calendar: what is stored in the database and sent over the wire. Reads into a calendar_spec, which
 * calendar_build checks. */
#include "server/domain/sla/calendar.h"

#include <string.h>

static const char DAY_NAMES[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* A text on its way through a reader: white space may stand between any two tokens. */
struct reader {
    struct od_str all;
    struct od_str left;
};

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static void skip_space(struct reader *r)
{
    while (r->left.n && is_space(r->left.p[0]))
        r->left.p++, r->left.n--;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (!r->left.n || r->left.p[0] != c)
        return false;
    r->left.p++, r->left.n--;
    return true;
}

static bool at_end(struct reader *r)
{
    skip_space(r);
    return !r->left.n;
}

/* Exactly so many digits. */
static bool take_digits(struct reader *r, size_t digits, int64_t *ret)
{
    if (r->left.n < digits || r->left.p[0] < '0' || r->left.p[0] > '9' ||
        !od_str_int((struct od_str){r->left.p, digits}, 0, INT64_MAX, ret))
        return false;
    r->left.p += digits;
    r->left.n -= digits;
    return true;
}

static enum od_status unreadable(const struct reader *r, const char *field, const char *expected, struct od_err *err)
{
    size_t position = od_utf8_len((struct od_str){r->all.p, (size_t)(r->left.p - r->all.p)}) + 1;
    return od_fail_field(err, field, OD_R_FIELD_FORMAT, "expected=%s at character %zu" OD_AND "position=%zu", expected,
                         position, position);
}

static bool take_day(struct reader *r, unsigned *ret_wd)
{
    skip_space(r);
    for (unsigned wd = 0; wd < 7; wd++) {
        if (r->left.n < 3 || memcmp(r->left.p, DAY_NAMES[wd], 3) != 0)
            continue;
        r->left.p += 3;
        r->left.n -= 3;
        *ret_wd = wd;
        return true;
    }
    return false;
}

/* "mon-wed,fri": a set of bits. A range may run over the week's end. */
static bool take_days(struct reader *r, unsigned *ret_days)
{
    unsigned days = 0, first, last;
    do {
        if (!take_day(r, &first))
            return false;
        last = first;
        if (take(r, '-') && !take_day(r, &last))
            return false;
        for (unsigned wd = first;; wd = (wd + 1) % 7) {
            days |= 1U << wd;
            if (wd == last)
                break;
        }
    } while (take(r, ','));
    *ret_days = days;
    return true;
}

/* "09:00"; 24:00 too, which only a span's end may be: calendar_build sees to that. */
static bool take_time(struct reader *r, int32_t *ret_s)
{
    int64_t h, m;
    skip_space(r);
    if (!take_digits(r, 2, &h) || !r->left.n || r->left.p[0] != ':')
        return false;
    r->left.p++, r->left.n--;
    if (!take_digits(r, 2, &m) || m > 59 || h * 60 + m > 1440)
        return false;
    *ret_s = (int32_t)(h * 3600 + m * 60);
    return true;
}

static enum od_status read_week(struct od_str text, struct calendar_spec *spec, struct od_err *err)
{
    struct reader r = {text, text};
    unsigned days;
    while (!at_end(&r)) {
        if (!take_days(&r, &days))
            return unreadable(&r, "week", "days like mon-fri", err);
        do {
            struct calendar_span s;
            if (!take_time(&r, &s.open_s) || !take(&r, '-') || !take_time(&r, &s.close_s))
                return unreadable(&r, "week", "a span like 09:00-18:00", err);
            for (unsigned wd = 0; wd < 7; wd++) {
                if (!(days & 1U << wd))
                    continue;
                if (spec->week[wd].n == CALENDAR_SPANS_MAX)
                    return od_fail_field(err, "week", OD_R_LIMIT_EXCEEDED, "limit=a weekday" OD_AND "max=%d spans",
                                         CALENDAR_SPANS_MAX);
                spec->week[wd].spans[spec->week[wd].n++] = s;
            }
        } while (take(&r, ','));
        if (!take(&r, ';') && !at_end(&r))
            return unreadable(&r, "week", "a comma, a semicolon or the end", err);
    }
    return OD_OK;
}

/* "2026-12-24" or "--12-24" */
static bool take_date(struct reader *r, struct calendar_holiday *ret)
{
    int64_t year = 0, month, day;
    skip_space(r);
    if (r->left.n && r->left.p[0] == '-')
        r->left.p++, r->left.n--;
    else if (!take_digits(r, 4, &year) || year < 1)
        return false;
    if (!r->left.n || r->left.p[0] != '-')
        return false;
    r->left.p++, r->left.n--;
    if (!take_digits(r, 2, &month) || !r->left.n || r->left.p[0] != '-')
        return false;
    r->left.p++, r->left.n--;
    if (!take_digits(r, 2, &day))
        return false;
    *ret = (struct calendar_holiday){(int16_t)year, (int8_t)month, (int8_t)day};
    return month >= 1 && month <= 12 && day >= 1 && (unsigned)day <= od_days_in_month(year, (unsigned)month);
}

/* out has room for one date more than the text has commas. */
static enum od_status read_holidays(struct od_str text, struct calendar_holiday *out, struct calendar_spec *spec,
                                    struct od_err *err)
{
    struct reader r = {text, text};
    spec->holidays = out;
    while (!at_end(&r)) {
        if (!take_date(&r, &out[spec->n_holidays]))
            return unreadable(&r, "holidays", "a date like 2026-12-24 or --12-24", err);
        spec->n_holidays++;
        if (!take(&r, ',') && !at_end(&r))
            return unreadable(&r, "holidays", "a comma or the end", err);
    }
    return OD_OK;
}

static bool too_long(struct od_str text, const char *field, struct od_err *err)
{
    if (text.n <= CALENDAR_TEXT_MAX)
        return false;
    od_fail_field(err, field, OD_R_FIELD_TOO_LONG, "max=%d", CALENDAR_TEXT_MAX);
    return true;
}

enum od_status calendar_parse(struct od_str week, struct od_str holidays, struct od_str zone, struct od_arena *arena,
                              const struct calendar **ret_cal, struct od_err *err)
{
    struct calendar_spec spec = {0};
    struct od_err zone_err;
    size_t commas = 0;
    bool wrong = too_long(week, "week", err) || read_week(week, &spec, err) != OD_OK;
    if (too_long(holidays, "holidays", err)) {
        wrong = true;
    } else {
        for (size_t i = 0; i < holidays.n; i++)
            commas += holidays.p[i] == ',';
        struct calendar_holiday *out = OD_ARENA_ARRAY(arena, commas + 1, struct calendar_holiday);
        if (!out)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
        wrong |= read_holidays(holidays, out, &spec, err) != OD_OK;
    }
    if (od_zone_get(zone, &spec.zone, &zone_err) != OD_OK) {
        od_fail_field(err, "zone", OD_R_ZONE_UNKNOWN, "%s", zone_err.args);
        wrong = true;
    }
    return wrong ? OD_INVALID : calendar_build(&spec, arena, ret_cal, err);
}

static bool same_spans(const struct calendar_spec *spec, unsigned a, unsigned b)
{
    return spec->week[a].n == spec->week[b].n &&
           !memcmp(spec->week[a].spans, spec->week[b].spans, spec->week[a].n * sizeof *spec->week[a].spans);
}

void calendar_format(const struct calendar *cal, struct od_buf *week, struct od_buf *holidays)
{
    const struct calendar_spec *spec = calendar_spec(cal);
    const char *sep = "";
    for (unsigned wd = 0, next; wd < 7; wd = next) {
        next = wd + 1;
        if (!spec->week[wd].n)
            continue;
        while (next < 7 && same_spans(spec, wd, next))
            next++;
        od_buf_printf(week, "%s%s", sep, DAY_NAMES[wd]);
        if (next - wd > 1)
            od_buf_printf(week, "-%s", DAY_NAMES[next - 1]);
        for (unsigned i = 0; i < spec->week[wd].n; i++) {
            const struct calendar_span *s = &spec->week[wd].spans[i];
            od_buf_printf(week, "%c%02d:%02d-%02d:%02d", i ? ',' : ' ', s->open_s / 3600, s->open_s / 60 % 60,
                          s->close_s / 3600, s->close_s / 60 % 60);
        }
        sep = "; ";
    }
    for (size_t i = 0; i < spec->n_holidays; i++) {
        struct calendar_holiday h = spec->holidays[i];
        od_buf_c(holidays, i ? ", " : "");
        if (h.year)
            od_buf_printf(holidays, "%04d-%02d-%02d", h.year, h.month, h.day);
        else
            od_buf_printf(holidays, "--%02d-%02d", h.month, h.day);
    }
}
