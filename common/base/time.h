/* SPDX-License-Identifier: Apache-2.0
 * Instants are int64 microseconds since 1970-01-01T00:00:00Z, proleptic Gregorian, without leap seconds. The clock readers
 * are for edges only: the domain gets time as an argument. Time zones: zone.h. */
#ifndef OD_BASE_TIME_H
#define OD_BASE_TIME_H

#include "common/base/str.h"

#define OD_US_PER_S INT64_C(1000000)
#define OD_US_PER_MS INT64_C(1000)
#define OD_S_PER_DAY INT64_C(86400)

/* No instant: a field that is not set. */
#define OD_TIME_NONE INT64_MIN

int64_t od_real_us(void); /* CLOCK_REALTIME */
int64_t od_mono_us(void); /* CLOCK_MONOTONIC: deadlines and durations */

struct od_civil {
    int32_t year;
    int8_t month;  /* 1-12 */
    int8_t day;    /* 1-31 */
    int8_t hour;   /* 0-23 */
    int8_t minute;
    int8_t second;
    int32_t us;    /* 0-999999 */
};

int64_t od_days_from_civil(int64_t year, unsigned month, unsigned day); /* days since 1970-01-01 */
void od_civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);
unsigned od_weekday(int64_t days);                     /* 0 = Monday (ISO 8601) */
unsigned od_days_in_month(int64_t year, unsigned month);

struct od_civil od_civil_from_us(int64_t us);          /* as UTC */
int64_t od_civil_to_us(const struct od_civil *c);      /* as UTC; the fields must be in range */

/* RFC 3339 in UTC: 2026-11-22T01:26:20Z, with microseconds only where they are not 0. out holds OD_TIME_TEXT bytes. */
enum { OD_TIME_TEXT = 40 };
char *od_time_format(int64_t us, char out[OD_TIME_TEXT]);
/* RFC 3339 with any offset. Returns false on anything else. */
bool od_time_parse(struct od_str s, int64_t *ret_us);

#endif
