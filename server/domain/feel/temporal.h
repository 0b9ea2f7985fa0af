/* SPDX-License-Identifier: Apache-2.0
 * Dates, times and durations as numbers and back (§10.3.2.3.4 to .8). Proleptic Gregorian, no leap seconds. Internal. */
#ifndef OD_FEEL_TEMPORAL_H
#define OD_FEEL_TEMPORAL_H

#include "server/domain/feel/run.h"

/* An offset is at most 18 hours, as in ISO 8601 implementations; XML Schema stops at 14. */
enum { FEEL_YEAR_MAX = 999999999, FEEL_OFFSET_MAX_S = 18 * 3600 };

int64_t feel_date_days(const struct feel_temporal *t);  /* since 1970-01-01 */
struct feel_value feel_date_from_days(int64_t days);    /* null beyond FEEL_YEAR_MAX */

/* Seconds and nanoseconds on the time line; of a time, since its midnight in UTC (or in no zone). A date counts as its
 * midnight in UTC. */
struct feel_days_duration feel_instant(const struct feel_value *v);
bool feel_has_zone(const struct feel_value *v);
/* Seconds east of UTC at the value's own moment; of a time in a named zone, in northern winter. */
int32_t feel_zone_offset(const struct feel_value *v);

struct feel_days_duration feel_days_add(struct feel_days_duration a, struct feel_days_duration b);
struct feel_days_duration feel_days_negate(struct feel_days_duration a);
int feel_days_cmp(struct feel_days_duration a, struct feel_days_duration b);
struct feel_value feel_days_value(struct feel_days_duration d); /* null beyond the range of durations */
struct od_decimal feel_days_decimal(struct feel_days_duration d); /* in seconds */
struct feel_value feel_days_from_decimal(struct od_decimal seconds);

/* v + months or v + days, for a date, a time, a date and time; null where the result is out of range. */
struct feel_value feel_add_months(const struct feel_value *v, int64_t months);
struct feel_value feel_add_days(const struct feel_value *v, struct feel_days_duration d);

/* Whether the fields are a date or time that exists. */
bool feel_temporal_valid(const struct feel_value *v);
struct feel_value feel_date_of(const struct feel_value *v); /* of a date and time its date */
bool feel_is_temporal(const struct feel_value *v);          /* date, time, date and time */
unsigned feel_weekday(const struct feel_value *v);          /* 1 = Monday */

void feel_temporal_format(const struct feel_value *v, struct od_buf *out); /* and durations */

#endif
