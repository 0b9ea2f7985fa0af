/* SPDX-License-Identifier: Apache-2.0
 * Times of a log by a format: wall-clock fields, or an offset, or seconds since 1970. */
#ifndef ORDO_CLI_IMPORT_TIME_H
#define ORDO_CLI_IMPORT_TIME_H

#include "common/base/zone.h"

/* The format's letters: %Y %y %m %d %e %b %H %I %p %M %S %f (1 to 9 digits, after the point) %z (Z, +01:00, +0100) %s %T %F %%;
 * a space stands for any white space, every other character for itself. */
bool time_format_check(const char *format, char *why, size_t size);

/* An instant: a wall-clock time that occurs twice in the zone is the earlier one. false: the text does not fit. */
bool time_read(const char *format, struct od_str text, const struct od_zone *zone, int64_t *ret_us);

#endif
