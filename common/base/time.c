/* SPDX-License-Identifier: Apache-2.0
 * Clocks and the civil calendar (days algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
#include "common/base/time.h"

#include <stdio.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
    struct timespec ts;
    od_assert(clock_gettime(id, &ts) == 0);
    return (int64_t)ts.tv_sec * OD_US_PER_S + ts.tv_nsec / 1000;
}

int64_t od_real_us(void) { return clock_us(CLOCK_REALTIME); }
int64_t od_mono_us(void) { return clock_us(CLOCK_MONOTONIC); }

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t od_days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (int64_t)((153 * (month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1);
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void od_civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (unsigned)((5 * doy + 2) / 153);
    *ret_day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = yoe + era * 400 + (*ret_month <= 2);
}

unsigned od_weekday(int64_t days) { return (unsigned)(((days + 3) % 7 + 7) % 7); }

unsigned od_days_in_month(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[(month - 1) % 12];
}

struct od_civil od_civil_from_us(int64_t us)
{
    int64_t s = floor_div(us, OD_US_PER_S), days = floor_div(s, OD_S_PER_DAY), year;
    int64_t in_day = s - days * OD_S_PER_DAY;
    unsigned month, day;
    od_civil_from_days(days, &year, &month, &day);
    return (struct od_civil){
        .year = (int32_t)year, .month = (int8_t)month, .day = (int8_t)day,
        .hour = (int8_t)(in_day / 3600), .minute = (int8_t)(in_day / 60 % 60), .second = (int8_t)(in_day % 60),
        .us = (int32_t)(us - s * OD_US_PER_S),
    };
}

int64_t od_civil_to_us(const struct od_civil *c)
{
    int64_t days = od_days_from_civil(c->year, (unsigned)c->month, (unsigned)c->day);
    return ((days * 24 + c->hour) * 60 + c->minute) * 60 * OD_US_PER_S + c->second * OD_US_PER_S + c->us;
}

char *od_time_format(int64_t us, char out[OD_TIME_TEXT])
{
    struct od_civil c = od_civil_from_us(us);
    int n = snprintf(out, OD_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (c.us)
        snprintf(out + n, OD_TIME_TEXT - (size_t)n, ".%06dZ", c.us);
    else
        snprintf(out + n, OD_TIME_TEXT - (size_t)n, "Z");
    return out;
}

/* Reads exactly `digits` digits at the head of *s. */
static bool take_number(struct od_str *s, size_t digits, int64_t max, int64_t *ret)
{
    if (s->n < digits || s->p[0] == '-' || s->p[0] == '+' || !od_str_int((struct od_str){s->p, digits}, 0, max, ret))
        return false;
    s->p += digits;
    s->n -= digits;
    return true;
}

static bool take_char(struct od_str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool take_fraction(struct od_str *s, int64_t *ret_us)
{
    int64_t us = 0, scale = 100000;
    size_t digits = 0;
    for (; digits < s->n && s->p[digits] >= '0' && s->p[digits] <= '9'; digits++, scale /= 10)
        us += (s->p[digits] - '0') * scale;
    s->p += digits;
    s->n -= digits;
    *ret_us = us;
    return digits > 0;
}

bool od_time_parse(struct od_str s, int64_t *ret_us)
{
    int64_t y, mo, d, h, mi, sec, us = 0, off_h = 0, off_m = 0, sign = 0;
    if (!take_number(&s, 4, 9999, &y) || !take_char(&s, '-') || !take_number(&s, 2, 12, &mo) || !take_char(&s, '-') ||
        !take_number(&s, 2, 31, &d) || !(take_char(&s, 'T') || take_char(&s, 't') || take_char(&s, ' ')) ||
        !take_number(&s, 2, 23, &h) || !take_char(&s, ':') || !take_number(&s, 2, 59, &mi) || !take_char(&s, ':') ||
        !take_number(&s, 2, 59, &sec) || mo < 1 || d < 1 || d > od_days_in_month(y, (unsigned)mo))
        return false;
    if (take_char(&s, '.') && !take_fraction(&s, &us))
        return false;
    if (!take_char(&s, 'Z') && !take_char(&s, 'z')) {
        sign = take_char(&s, '+') ? 1 : take_char(&s, '-') ? -1 : 0;
        if (!sign || !take_number(&s, 2, 23, &off_h) || !take_char(&s, ':') || !take_number(&s, 2, 59, &off_m))
            return false;
    }
    if (s.n)
        return false;
    struct od_civil c = {(int32_t)y, (int8_t)mo, (int8_t)d, (int8_t)h, (int8_t)mi, (int8_t)sec, (int32_t)us};
    *ret_us = od_civil_to_us(&c) - sign * (off_h * 60 + off_m) * 60 * OD_US_PER_S;
    return true;
}
