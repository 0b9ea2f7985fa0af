/* SPDX-License-Identifier: Apache-2.0
 * Reading a time by its format. Neither the process's zone nor its language matters. */
#include "client/cli/import_time.h"

#include <ctype.h>
#include <stdio.h>

#define LETTERS "YymdebHIpMSfzsTF%"

struct parts {
    int64_t year, month, day, hour, minute, second, us;
    int64_t offset_s, epoch_s;
    bool has_offset, has_epoch, twelve, afternoon;
};

bool time_format_check(const char *format, char *why, size_t size)
{
    bool seen[128] = {false};
    for (const char *p = format; *p; p++) {
        if (*p != '%')
            continue;
        p++;
        if (!*p || !strchr(LETTERS, *p)) {
            snprintf(why, size,
                     "%%%c is not known; known are %%Y %%y %%m %%d %%e %%b %%H %%I %%p %%M %%S %%f %%z %%s %%T %%F",
                     *p ? *p : ' ');
            return false;
        }
        seen[(unsigned char)*p] = true;
    }
    bool date = seen['F'] || ((seen['Y'] || seen['y']) && (seen['m'] || seen['b']) && (seen['d'] || seen['e']));
    bool clock = seen['T'] || ((seen['H'] || (seen['I'] && seen['p'])) && seen['M']);
    if (seen['s'] || (date && clock))
        return true;
    snprintf(why, size, "the format must give a date and a time of day");
    return false;
}

/* Between min and max digits. */
static bool digits(struct od_str *s, size_t min, size_t max, int64_t *ret_value)
{
    size_t n = 0;
    int64_t value = 0;
    while (n < max && n < s->n && isdigit((unsigned char)s->p[n]))
        value = value * 10 + (s->p[n++] - '0');
    if (n < min)
        return false;
    s->p += n;
    s->n -= n;
    *ret_value = value;
    return true;
}

static bool fraction(struct od_str *s, int64_t *ret_us)
{
    size_t before = s->n;
    int64_t value;
    if (!digits(s, 1, 9, &value))
        return false;
    for (size_t n = before - s->n; n < 6; n++)
        value *= 10;
    for (size_t n = before - s->n; n > 6; n--)
        value /= 10;
    *ret_us = value;
    return true;
}

static bool literal(struct od_str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool month_name(struct od_str *s, int64_t *ret_month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (s->n < 3)
        return false;
    for (int64_t i = 0; i < 12; i++)
        if (tolower((unsigned char)s->p[0]) == names[3 * i] && tolower((unsigned char)s->p[1]) == names[3 * i + 1] &&
            tolower((unsigned char)s->p[2]) == names[3 * i + 2]) {
            *ret_month = i + 1;
            s->p += 3;
            s->n -= 3;
            return true;
        }
    return false;
}

static bool offset(struct od_str *s, struct parts *t)
{
    int64_t hours, minutes;
    t->has_offset = true;
    if (literal(s, 'Z') || literal(s, 'z'))
        return true;
    bool west = s->n && s->p[0] == '-';
    if (!literal(s, '+') && !literal(s, '-'))
        return false;
    if (!digits(s, 2, 2, &hours))
        return false;
    literal(s, ':');
    if (!digits(s, 2, 2, &minutes) || hours > 18 || minutes > 59)
        return false;
    t->offset_s = (hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

static bool half_day(struct od_str *s, struct parts *t)
{
    if (s->n < 2 || tolower((unsigned char)s->p[1]) != 'm')
        return false;
    int c = tolower((unsigned char)s->p[0]);
    t->afternoon = c == 'p';
    s->p += 2;
    s->n -= 2;
    return c == 'a' || c == 'p';
}

static bool part(char letter, struct od_str *s, struct parts *t)
{
    switch (letter) {
    case 'Y': return digits(s, 4, 4, &t->year);
    case 'y':
        if (!digits(s, 2, 2, &t->year))
            return false;
        t->year += t->year < 70 ? 2000 : 1900;
        return true;
    case 'm': return digits(s, 1, 2, &t->month);
    case 'd': return digits(s, 1, 2, &t->day);
    case 'e':
        while (literal(s, ' ')) {
        }
        return digits(s, 1, 2, &t->day);
    case 'b': return month_name(s, &t->month);
    case 'H': return digits(s, 1, 2, &t->hour);
    case 'I': t->twelve = true; return digits(s, 1, 2, &t->hour);
    case 'p': return half_day(s, t);
    case 'M': return digits(s, 2, 2, &t->minute);
    case 'S': return digits(s, 2, 2, &t->second);
    case 'f': return fraction(s, &t->us);
    case 'z': return offset(s, t);
    case 's': t->has_epoch = true; return digits(s, 1, 12, &t->epoch_s);
    case 'T': return part('H', s, t) && literal(s, ':') && part('M', s, t) && literal(s, ':') && part('S', s, t);
    case 'F': return part('Y', s, t) && literal(s, '-') && part('m', s, t) && literal(s, '-') && part('d', s, t);
    case '%': return literal(s, '%');
    default: return false;
    }
}

static bool in_range(struct parts *t)
{
    if (t->twelve) {
        if (t->hour < 1 || t->hour > 12)
            return false;
        t->hour = t->hour % 12 + (t->afternoon ? 12 : 0);
    }
    return t->month >= 1 && t->month <= 12 && t->day >= 1 && t->day <= od_days_in_month(t->year, (unsigned)t->month) && t->hour <= 23 &&
           t->minute <= 59 && t->second <= 59;
}

bool time_read(const char *format, struct od_str text, const struct od_zone *zone, int64_t *ret_us)
{
    struct parts t = {.month = 1, .day = 1};
    for (const char *p = format; *p; p++) {
        if (*p == ' ') {
            if (!text.n || !isspace((unsigned char)text.p[0]))
                return false;
            while (text.n && isspace((unsigned char)text.p[0])) {
                text.p++;
                text.n--;
            }
        } else if (*p == '%') {
            if (!part(*++p, &text, &t))
                return false;
        } else if (!literal(&text, *p)) {
            return false;
        }
    }
    if (text.n)
        return false;
    if (t.has_epoch) {
        *ret_us = t.epoch_s * OD_US_PER_S + t.us;
        return true;
    }
    if (!in_range(&t))
        return false;
    int64_t wall_us = (od_days_from_civil(t.year, (unsigned)t.month, (unsigned)t.day) * OD_S_PER_DAY + t.hour * 3600 + t.minute * 60 +
                       t.second) * OD_US_PER_S + t.us;
    *ret_us = t.has_offset ? wall_us - t.offset_s * OD_US_PER_S : od_zone_to_us(zone, wall_us, false);
    return true;
}
