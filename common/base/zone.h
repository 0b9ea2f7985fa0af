/* SPDX-License-Identifier: Apache-2.0
 * IANA time zones from the system's own files (tzdata). A zone is read once, as its list of transitions, and is immutable from
 * then on: any thread may look things up in it without a lock. Never TZ, never tzset. */
#ifndef OD_BASE_ZONE_H
#define OD_BASE_ZONE_H

#include "common/base/time.h"

struct od_zone;

/* The zone of an IANA name, "UTC" or a fixed offset "+02:00"; kept for the life of the process in a table of its own
 * (the only lock is inside). OD_R_ZONE_UNKNOWN otherwise. Not to be freed. */
enum od_status od_zone_get(struct od_str name, const struct od_zone **ret_zone, struct od_err *err);
const char *od_zone_name(const struct od_zone *z);

/* Seconds east of UTC at an instant. */
int32_t od_zone_offset_s(const struct od_zone *z, int64_t us);

/* The longest stretch around an instant in which the offset stays the same: [from, until). INT64_MIN and INT64_MAX
 * where it has no end. Beyond the year 2100 a stretch may be cut in two where nothing changes. */
struct od_zone_stretch {
    int64_t from_us;
    int64_t until_us;
    int32_t offset_s;
};
struct od_zone_stretch od_zone_stretch(const struct od_zone *z, int64_t us);

/* Wall-clock microseconds (as if UTC) to an instant. A wall time that occurs twice gives the earlier instant unless
 * `later`; one in a gap moves forward by the gap's length (java.time and RFC 5545 do the same). */
int64_t od_zone_to_us(const struct od_zone *z, int64_t wall_us, bool later);
static inline int64_t od_zone_wall_us(const struct od_zone *z, int64_t us)
{
    return us + (int64_t)od_zone_offset_s(z, us) * OD_US_PER_S;
}

#endif
