/* SPDX-License-Identifier: Apache-2.0
 * logfmt lines on stderr, one write(2) each. For programs and the server's edges; libraries and the domain are silent.
 * Never bodies, secrets or tokens. Any thread. */
#ifndef OD_BASE_LOG_H
#define OD_BASE_LOG_H

#include "common/base/str.h"

enum od_log_level { OD_LOG_DEBUG, OD_LOG_INFO, OD_LOG_WARN, OD_LOG_ERROR };

/* Lines below the level are dropped. Called once, by main(), before threads start. */
void od_log_level_set(enum od_log_level level);
bool od_log_level_parse(struct od_str s, enum od_log_level *ret_level);

/* fmt gives the pairs: od_log(OD_LOG_INFO, "listening", "addr=%s port=%d", ...). Values with spaces must come quoted: use
 * od_log_quote(). */
void od_log(enum od_log_level level, const char *msg, const char *fmt, ...) od_printf(3, 4);

/* s as a logfmt value: bare where it can be, else in double quotes with ", \ and control characters escaped. */
const char *od_log_quote(const char *s, char *out, size_t n);

#endif
