/* SPDX-License-Identifier: Apache-2.0
 * Statuses, reasons and the error that travels with them. Errors are data: status.def and reasons.def are the registries. */
#ifndef OD_BASE_STATUS_H
#define OD_BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum od_status {
#define S(sym, wire, exitc, retry, stored, text) OD_##sym = (wire),
#include "common/base/status.def"
#undef S
};

enum od_retry { OD_RETRY_NO, OD_RETRY_YES, OD_RETRY_FRESH };

/* What is known of the effect of a call that failed. */
enum od_outcome { OD_NOT_EXECUTED, OD_EXECUTED, OD_OUTCOME_UNKNOWN };

/* Why; one row each in reasons.def. OD_R_NONE is no reason. */
enum od_reason {
    OD_R_NONE,
#define R(sym, status, text) OD_R_##sym,
#include "common/base/reasons.def"
#undef R
    OD_R_COUNT
};

enum { OD_ERR_ARGS_MAX = 512, OD_ERR_FIELD_MAX = 64, OD_ERR_VIOLATIONS_MAX = 8 };

/* Stands between two arguments in the format of od_fail(): "request=%lld" OD_AND "version=%u". */
#define OD_AND "\x1f"

/* A field of the request that is wrong, by its path (`items[3].name`). */
struct od_violation {
    char field[OD_ERR_FIELD_MAX];
    enum od_reason reason;
    char args[96];
};

/* An error: filled where the fault is found, carried upwards unchanged. Plain data, may be copied. */
struct od_err {
    enum od_status status;
    enum od_reason reason;
    enum od_outcome outcome;
    unsigned n_violations;
    char args[OD_ERR_ARGS_MAX]; /* name=value, separated by OD_AND */
    struct od_violation violations[OD_ERR_VIOLATIONS_MAX];
};

#define od_must_check __attribute__((warn_unused_result))
#define od_printf(f, a) __attribute__((format(printf, f, a)))

/* Returns early with the status of a callee that failed. */
#define OD_TRY(expr)                                                                                                   \
    do {                                                                                                               \
        enum od_status od_try_ = (expr);                                                                               \
        if (od_try_ != OD_OK)                                                                                          \
            return od_try_;                                                                                            \
    } while (0)

/* Fills *err (may be NULL) with a reason and its named arguments; returns the status of the reason's row. Any thread. */
enum od_status od_fail(struct od_err *err, enum od_reason reason, const char *args_fmt, ...) od_printf(3, 4);

/* Adds a violation of a field; the first one also makes the error (FIELDS_INVALID). Violations beyond the maximum are counted only. */
enum od_status od_fail_field(struct od_err *err, const char *field, enum od_reason reason, const char *args_fmt, ...)
    od_printf(4, 5);

void od_err_clear(struct od_err *err);

/* Renders the reason's text with the arguments in place of {name}. Always terminates; returns out. */
const char *od_err_text(const struct od_err *err, char *out, size_t n);
const char *od_reason_text(enum od_reason reason, const char *args, char *out, size_t n);

/* The same in another language: logs and programs speak English, callers hear theirs where there is a rendering. */
enum od_language { OD_LANGUAGE_EN, OD_LANGUAGE_IT };
enum od_language od_language_of(const char *bcp47); /* "it-CH" is Italian; NULL and what there is no rendering of: English */
const char *od_err_text_in(enum od_language language, const struct od_err *err, char *out, size_t n);
const char *od_reason_text_in(enum od_language language, enum od_reason reason, const char *args, char *out, size_t n);

const char *od_status_name(enum od_status status); /* "CONFLICT" */
const char *od_status_text(enum od_status status);
enum od_status od_status_from_wire(unsigned code); /* an unknown code reads as OD_INTERNAL */
int od_status_exit_code(enum od_status status);
enum od_retry od_status_retry(enum od_status status);
bool od_status_stored(enum od_status status); /* a deterministic refusal, kept with the key */

const char *od_reason_name(enum od_reason reason); /* "REQUEST_STATE" */
enum od_reason od_reason_from_name(const char *name);
enum od_status od_reason_status(enum od_reason reason);

#ifdef __cplusplus
}
#endif
#endif
