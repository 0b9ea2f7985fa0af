/* SPDX-License-Identifier: Apache-2.0
 * The tables behind status.h and the rendering of an error's text. */
#include "common/base/status.h"

#include <stdio.h>
#include <string.h>

struct status_row {
    const char *name;
    const char *text;
    unsigned char exit_code;
    unsigned char retry;
    unsigned char stored;
};

static const struct status_row STATUSES[] = {
#define S(sym, wire, exitc, retry_, stored_, text_) [OD_##sym] = {#sym, text_, exitc, OD_RETRY_##retry_, stored_},
#include "common/base/status.def"
#undef S
};

struct reason_row {
    const char *name;
    const char *text;
    enum od_status status;
};

static const struct reason_row REASONS[OD_R_COUNT] = {
    [OD_R_NONE] = {"NONE", "", OD_OK},
#define R(sym, status_, text_) [OD_R_##sym] = {#sym, text_, OD_##status_},
#include "common/base/reasons.def"
#undef R
};

static const struct status_row *status_row(enum od_status status)
{
    size_t i = (size_t)status;
    return i < sizeof STATUSES / sizeof *STATUSES && STATUSES[i].name ? &STATUSES[i] : &STATUSES[OD_INTERNAL];
}

const char *od_status_name(enum od_status status) { return status_row(status)->name; }
const char *od_status_text(enum od_status status) { return status_row(status)->text; }
int od_status_exit_code(enum od_status status) { return status_row(status)->exit_code; }
enum od_retry od_status_retry(enum od_status status) { return (enum od_retry)status_row(status)->retry; }
bool od_status_stored(enum od_status status) { return status_row(status)->stored; }

enum od_status od_status_from_wire(unsigned code)
{
    return code < sizeof STATUSES / sizeof *STATUSES && STATUSES[code].name ? (enum od_status)code : OD_INTERNAL;
}

static const struct reason_row *reason_row(enum od_reason reason)
{
    return (unsigned)reason < OD_R_COUNT ? &REASONS[reason] : &REASONS[OD_R_INTERNAL_ERROR];
}

const char *od_reason_name(enum od_reason reason) { return reason_row(reason)->name; }
enum od_status od_reason_status(enum od_reason reason) { return reason_row(reason)->status; }

enum od_reason od_reason_from_name(const char *name)
{
    for (unsigned i = 0; i < OD_R_COUNT; i++)
        if (!strcmp(REASONS[i].name, name))
            return (enum od_reason)i;
    return OD_R_NONE;
}

void od_err_clear(struct od_err *err)
{
    err->status = OD_OK;
    err->reason = OD_R_NONE;
    err->outcome = OD_NOT_EXECUTED;
    err->n_violations = 0;
    err->args[0] = '\0';
}

enum od_status od_fail(struct od_err *err, enum od_reason reason, const char *args_fmt, ...)
{
    enum od_status status = od_reason_status(reason);
    if (!err)
        return status;
    od_err_clear(err);
    err->status = status;
    err->reason = reason;
    if (args_fmt) {
        va_list ap;
        va_start(ap, args_fmt);
        vsnprintf(err->args, sizeof err->args, args_fmt, ap);
        va_end(ap);
    }
    return status;
}

enum od_status od_fail_field(struct od_err *err, const char *field, enum od_reason reason, const char *args_fmt, ...)
{
    enum od_status status = od_reason_status(OD_R_FIELDS_INVALID);
    if (!err)
        return status;
    if (err->reason != OD_R_FIELDS_INVALID)
        od_fail(err, OD_R_FIELDS_INVALID, NULL);
    if (err->n_violations < OD_ERR_VIOLATIONS_MAX) {
        struct od_violation *v = &err->violations[err->n_violations++];
        snprintf(v->field, sizeof v->field, "%s", field);
        v->reason = reason;
        v->args[0] = '\0';
        if (args_fmt) {
            va_list ap;
            va_start(ap, args_fmt);
            vsnprintf(v->args, sizeof v->args, args_fmt, ap);
            va_end(ap);
        }
    }
    return status;
}

/* Finds the value of a named argument in "a=1\x1fb=2"; returns its length, SIZE_MAX where there is none. */
static size_t args_find(const char *args, const char *name, size_t name_n, const char **ret_value)
{
    for (const char *p = args; *p;) {
        size_t n = strcspn(p, OD_AND);
        if (n > name_n && p[name_n] == '=' && !memcmp(p, name, name_n)) {
            *ret_value = p + name_n + 1;
            return n - name_n - 1;
        }
        p += n + (p[n] != '\0');
    }
    return (size_t)-1;
}

const char *od_reason_text(enum od_reason reason, const char *args, char *out, size_t n)
{
    size_t at = 0;
    for (const char *t = reason_row(reason)->text; *t && at + 1 < n;) {
        const char *close = *t == '{' ? strchr(t, '}') : NULL;
        const char *value;
        size_t len = close ? args_find(args, t + 1, (size_t)(close - t - 1), &value) : (size_t)-1;
        if (len == (size_t)-1) {
            out[at++] = *t++;
            continue;
        }
        if (len > n - 1 - at)
            len = n - 1 - at;
        memcpy(out + at, value, len);
        at += len;
        t = close + 1;
    }
    out[at] = '\0';
    return out;
}

const char *od_err_text(const struct od_err *err, char *out, size_t n)
{
    od_reason_text(err->reason, err->args, out, n);
    size_t at = strlen(out);
    for (unsigned i = 0; i < err->n_violations && at + 4 < n; i++) {
        char why[160];
        od_reason_text(err->violations[i].reason, err->violations[i].args, why, sizeof why);
        int w = snprintf(out + at, n - at, "%s%s %s", i ? "; " : ": ", err->violations[i].field, why);
        at = w < 0 || (size_t)w >= n - at ? n - 1 : at + (size_t)w;
    }
    return out;
}
