/* SPDX-License-Identifier: Apache-2.0
 * Reads compiled time zones (TZif, RFC 8536) from bytes. No files, no names, no table: that is zone.c's. */
#ifndef OD_BASE_TZIF_H
#define OD_BASE_TZIF_H

#include "common/base/str.h"

struct od_transition {
    int64_t at_us;    /* of the first one INT64_MIN: what holds before any is known */
    int32_t offset_s; /* seconds east of UTC from then on; always another one than before */
};

/* Writes the transitions before the start of year `until_year` to out, ascending: those that the file lists, then those of
 * its footer's rule for each later year. A change of name alone is none. Returns how many; 0 for bytes that are no TZif of
 * version 2 or later, contradict themselves, count leap seconds, or have more than `max` transitions. */
size_t od_tzif_read(struct od_str bytes, int64_t until_year, struct od_transition *out, size_t max);

#endif
