/* SPDX-License-Identifier: Apache-2.0
 * What an error looks like to the person at the keyboard. Knows no command. */
#include "client/cli/error.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#include "client/cli/text.h"
#include "common/base/str.h"

/* The arguments may point into the error itself: the text is made before anything is cleared. */
static enum ordo_status error_fill(ordo_error *error, enum ordo_status status, const char *reason, const char *fmt, va_list ap)
{
    char text[sizeof error->text];
    if (!error)
        return status;
    vsnprintf(text, sizeof text, fmt, ap);
    memset(error, 0, sizeof *error);
    error->status = status;
    snprintf(error->reason, sizeof error->reason, "%s", reason);
    memcpy(error->text, text, sizeof text);
    return status;
}

enum ordo_status cli_fail(ordo_error *error, enum ordo_status status, const char *reason, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    error_fill(error, status, reason, fmt, ap);
    va_end(ap);
    return status;
}

enum ordo_status cli_usage(ordo_error *error, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    error_fill(error, ORDO_USAGE, "USAGE_WRONG", fmt, ap);
    va_end(ap);
    return ORDO_USAGE;
}

enum ordo_status cli_file(ordo_error *error, const char *path)
{
    int why = errno;
    return cli_fail(error, ORDO_IO, "FILE_ERROR", "%s: %s", path, strerror(why));
}

enum ordo_status cli_base(ordo_error *error, const struct od_err *err)
{
    char text[sizeof error->text];
    cli_fail(error, (enum ordo_status)err->status, od_reason_name(err->reason), "%s", od_err_text(err, text, sizeof text));
    snprintf(error->args, sizeof error->args, "%s", err->args);
    return error->status;
}

/* A reason's hint wins over its status's. */
struct hint {
    const char *reason;
    const char *text;
};

static const struct hint REASON_HINTS[] = {
    {"LOGIN_FAILED", "try `ordo login` again"},
    {"LOGIN_SLOWED", "wait that long; every further failure makes the wait longer"},
    {"SETUP_CODE", "run `ordod setup-code` on the server for a new one"},
    {"LOCAL_ONLY", "run it on the server itself with --host unix:/run/ordod/ordod.sock"},
    {"DEVELOPMENT_ONLY", ""},
    {"CONNECT_FAILED", "check --host (or `hosts` in the profile) and that the server runs: `ordod status` there"},
    {"TLS_FAILED", "check --ca: it must be the certificate authority of that server"},
    {"REQUEST_UNASSIGNED", "`ordo request take` or `ordo request assign` comes first"},
    {"NO_CONTRACT", "`ordo customer contract put` gives the customer one"},
    {"NAME_AMBIGUOUS", "give the id instead of the name"},
    {"JOURNAL_BUSY", "another command of this profile is still changing something; wait for it, or use another --profile"},
    {"FILE_ERROR", ""},
};

const char *cli_error_hint(const ordo_error *error)
{
    for (size_t i = 0; i < OD_LEN(REASON_HINTS); i++)
        if (!strcmp(error->reason, REASON_HINTS[i].reason))
            return REASON_HINTS[i].text;
    if (error->outcome == ORDO_OUTCOME_UNKNOWN)
        return "`ordo resolve` asks the server what became of it; nothing is done twice";
    switch (error->status) {
    case ORDO_UNAUTHENTICATED: return "`ordo login` first";
    case ORDO_FORBIDDEN: return "`ordo whoami` shows your permissions; an administrator gives roles";
    case ORDO_CONFLICT: return "look at it again (`ordo request get`), then decide";
    case ORDO_UNKNOWN: return "`ordo resolve` asks the server what became of it; nothing is done twice";
    case ORDO_CONTENTION:
    case ORDO_DEADLINE:
    case ORDO_UNAVAILABLE:
    case ORDO_OVERLOADED: return "try again in a moment; nothing was done";
    case ORDO_UNIMPLEMENTED: return "the server is older than this program, or newer: compare `ordo --version` and `ordod --version`";
    case ORDO_KEY_REUSED: return "leave --key out, or repeat exactly the call that it was made for";
    case ORDO_INTERNAL: return "the server's log has it under the trace above";
    case ORDO_OK:
    case ORDO_INVALID:
    case ORDO_NOT_FOUND:
    case ORDO_EXISTS:
    case ORDO_CANCELLED:
    case ORDO_TOO_LARGE:
    case ORDO_PROTOCOL:
    case ORDO_KEY_EXPIRED:
    case ORDO_KEY_IN_FUTURE:
    case ORDO_RESYNC_REQUIRED:
    case ORDO_IO:
    case ORDO_USAGE:
    case ORDO_CONFIG:
    case ORDO_SCHEMA: return "";
    }
    return "";
}

static bool trace_text(const ordo_error *error, char out[33])
{
    static const unsigned char none[sizeof error->trace];
    if (!memcmp(error->trace, none, sizeof none))
        return false;
    od_hex(error->trace, sizeof error->trace, out);
    return true;
}

enum { ERROR_BYTES_MAX = 64 * 1024 };

void cli_error_print(FILE *f, const char *command, const ordo_error *error)
{
    struct od_buf b;
    char trace[33];
    const char *hint = cli_error_hint(error);
    od_buf_init(&b, ERROR_BYTES_MAX);
    od_buf_printf(&b, "ordo%s%s: ", command[0] ? " " : "", command);
    /* the fields come below, one a line */
    bool listed = error->n_violations && !strcmp(error->reason, "FIELDS_INVALID");
    text_clean(&b, od_str_c(error->text[0] && !listed ? error->text : ordo_status_text(error->status)));
    if (error->status != ORDO_USAGE)
        od_buf_printf(&b, " (%s)", error->reason[0] ? error->reason : ordo_status_name(error->status));
    od_buf_char(&b, '\n');
    for (unsigned i = 0; i < error->n_violations && i < OD_LEN(error->violations); i++) {
        od_buf_c(&b, "  ");
        text_clean(&b, od_str_c(error->violations[i].field));
        od_buf_c(&b, ": ");
        text_clean(&b, od_str_c(error->violations[i].text[0] ? error->violations[i].text : error->violations[i].reason));
        od_buf_char(&b, '\n');
    }
    if (error->status == ORDO_INTERNAL && trace_text(error, trace))
        od_buf_printf(&b, "  trace %s\n", trace);
    if (hint[0])
        od_buf_printf(&b, "  next: %s\n", hint);
    fwrite(b.p, 1, b.n, f);
    od_buf_done(&b);
}

static json_t *args_json(const char *args)
{
    json_t *o = json_object();
    struct od_str rest = od_str_c(args);
    while (rest.n) {
        struct od_str value = od_str_cut(&rest, OD_AND[0]);
        struct od_str name = od_str_cut(&value, '=');
        char key[64];
        snprintf(key, sizeof key, OD_STR_FMT, OD_STR_ARG(name));
        json_object_set_new(o, key, json_stringn(value.p ? value.p : "", value.n));
    }
    return o;
}

void cli_error_print_json(FILE *f, const char *command, const ordo_error *error)
{
    static const char *const outcomes[] = {"not_executed", "executed", "outcome_unknown"};
    static const char *const retries[] = {"retry_no", "retry_yes", "retry_fresh"};
    char trace[33];
    json_t *o = json_object();
    json_object_set_new(o, "command", json_string(command));
    json_object_set_new(o, "status", json_string(ordo_status_name(error->status)));
    json_object_set_new(o, "reason", json_string(error->reason));
    json_object_set_new(o, "args", args_json(error->args));
    json_object_set_new(o, "text", json_string(error->text));
    json_object_set_new(o, "outcome", json_string(outcomes[(unsigned)error->outcome % OD_LEN(outcomes)]));
    json_object_set_new(o, "retry", json_string(retries[(unsigned)error->retry % OD_LEN(retries)]));
    if (trace_text(error, trace))
        json_object_set_new(o, "trace", json_string(trace));
    if (error->n_violations) {
        json_t *list = json_array();
        for (unsigned i = 0; i < error->n_violations && i < OD_LEN(error->violations); i++)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", error->violations[i].field, "reason",
                                                  error->violations[i].reason, "text", error->violations[i].text));
        json_object_set_new(o, "violations", list);
    }
    json_dumpf(o, f, JSON_COMPACT);
    fputc('\n', f);
    json_decref(o);
}
