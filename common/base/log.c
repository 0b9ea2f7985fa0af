/* SPDX-License-Identifier: Apache-2.0
 * The one place that writes log lines. */
#include "common/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/time.h"

static enum od_log_level log_level = OD_LOG_INFO; /* set once before threads start */

static const char *const LEVELS[] = {"debug", "info", "warn", "error"};

void od_log_level_set(enum od_log_level level) { log_level = level; }

bool od_log_level_parse(struct od_str s, enum od_log_level *ret_level)
{
    for (unsigned i = 0; i < OD_LEN(LEVELS); i++) {
        if (od_str_eq_c(s, LEVELS[i])) {
            *ret_level = (enum od_log_level)i;
            return true;
        }
    }
    return false;
}

void od_log(enum od_log_level level, const char *msg, const char *fmt, ...)
{
    char line[2048], when[OD_TIME_TEXT], quoted[256];
    if (level < log_level)
        return;
    int n = snprintf(line, sizeof line, "t=%s level=%s msg=%s ", od_time_format(od_real_us(), when), LEVELS[level],
                     od_log_quote(msg, quoted, sizeof quoted));
    size_t at = (size_t)n;
    if (fmt) {
        va_list ap;
        va_start(ap, fmt);
        n = vsnprintf(line + at, sizeof line - at, fmt, ap);
        va_end(ap);
        at = n < 0 ? at : (size_t)n < sizeof line - at ? at + (size_t)n : sizeof line - 1;
    }
    if (at > sizeof line - 2)
        at = sizeof line - 2;
    line[at++] = '\n';
    ssize_t ignored OD_UNUSED = write(STDERR_FILENO, line, at); /* nowhere to report to */
}

const char *od_log_quote(const char *s, char *out, size_t n)
{
    bool bare = *s != '\0';
    for (const char *p = s; *p; p++)
        bare = bare && (unsigned char)*p > ' ' && *p != '"' && *p != '=' && *p != '\\';
    size_t at = 0;
    if (!bare && n > 2)
        out[at++] = '"';
    for (; *s && at + 5 < n; s++) {
        if (*s == '"' || *s == '\\')
            out[at++] = '\\';
        if ((unsigned char)*s < ' ')
            at += (size_t)snprintf(out + at, n - at, "\\x%02x", (unsigned)(unsigned char)*s);
        else
            out[at++] = *s;
    }
    if (!bare && n > 2)
        out[at++] = '"';
    out[at] = '\0';
    return out;
}
