/* SPDX-License-Identifier: Apache-2.0
 * Errors as callers see them: from our own, from ERROR frames. The enums of ordo.h follow status.def, which is checked
 * here. */
#include "client/lib/internal.h"

#include "common/wire/prescan.h"

#define S(sym, wire, exitc, retry_, stored, text_)                                                                     \
    _Static_assert((int)ORDO_##sym == (int)OD_##sym, "ordo.h lacks a row of status.def or numbers it otherwise");
#include "common/base/status.def"
#undef S
_Static_assert((int)ORDO_NOT_EXECUTED == (int)OD_NOT_EXECUTED && (int)ORDO_EXECUTED == (int)OD_EXECUTED &&
                   (int)ORDO_OUTCOME_UNKNOWN == (int)OD_OUTCOME_UNKNOWN,
               "outcomes");
_Static_assert((int)ORDO_RETRY_NO == (int)OD_RETRY_NO && (int)ORDO_RETRY_YES == (int)OD_RETRY_YES &&
                   (int)ORDO_RETRY_FRESH == (int)OD_RETRY_FRESH,
               "retries");

const char *ordo_status_name(enum ordo_status status) { return od_status_name((enum od_status)status); }
const char *ordo_status_text(enum ordo_status status) { return od_status_text((enum od_status)status); }
int ordo_status_exit_code(enum ordo_status status) { return od_status_exit_code((enum od_status)status); }
const char *ordo_version(void) { return ORDO_VERSION; }

bool ordo_error_arg(const ordo_error *error, const char *name, char *out, size_t size)
{
    size_t name_n = strlen(name);
    struct od_str rest = od_str_c(error->args);
    while (rest.n) {
        struct od_str arg = od_str_cut(&rest, OD_AND[0]);
        if (arg.n <= name_n || arg.p[name_n] != '=' || memcmp(arg.p, name, name_n) != 0)
            continue;
        if (size)
            snprintf(out, size, OD_STR_FMT, (int)(arg.n - name_n - 1), arg.p + name_n + 1);
        return true;
    }
    return false;
}

/* Everything but the long arrays, whose first bytes are enough. */
static void error_clear(ordo_error *error)
{
    error->status = ORDO_OK;
    error->outcome = ORDO_NOT_EXECUTED;
    error->retry = ORDO_RETRY_NO;
    error->retry_after_ms = 0;
    error->n_violations = 0;
    memset(error->trace, 0, sizeof error->trace);
    memset(error->reserved, 0, sizeof error->reserved);
    error->reason[0] = error->args[0] = error->text[0] = '\0';
}

/* Copies what fits and never half of a character. */
static void text_copy(char *out, size_t size, const char *s)
{
    size_t n = s ? strlen(s) : 0;
    if (n >= size)
        for (n = size - 1; n && ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    if (n)
        memcpy(out, s, n);
    out[n] = '\0';
}

enum ordo_status od_error_local(ordo_error *error, const struct od_err *err)
{
    if (!error)
        return (enum ordo_status)err->status;
    error_clear(error);
    error->status = (enum ordo_status)err->status;
    error->outcome = (enum ordo_outcome)err->outcome;
    error->retry = (enum ordo_retry)od_status_retry(err->status);
    if (err->status == OD_OK)
        return ORDO_OK;
    text_copy(error->reason, sizeof error->reason, od_reason_name(err->reason));
    text_copy(error->args, sizeof error->args, err->args);
    od_err_text(err, error->text, sizeof error->text);
    return error->status;
}

enum ordo_status od_error_set(ordo_error *error, enum od_reason reason, const char *args_fmt, ...)
{
    struct od_err err;
    char args[OD_ERR_ARGS_MAX] = "";
    if (args_fmt) {
        va_list ap;
        va_start(ap, args_fmt);
        vsnprintf(args, sizeof args, args_fmt, ap);
        va_end(ap);
    }
    od_fail(&err, reason, "%s", args);
    return od_error_local(error, &err);
}

static void args_copy(ordo_error *error, const Ordo__Error *e)
{
    struct od_buf b = {.p = error->args, .cap = sizeof error->args, .max_bytes = sizeof error->args};
    for (size_t i = 0; i < e->n_args; i++) {
        const Ordo__Arg *a = e->args[i];
        size_t name_n = a->name ? strlen(a->name) : 0, value_n = a->value ? strlen(a->value) : 0;
        if (!name_n || b.n + name_n + value_n + 3 > sizeof error->args)
            continue;
        if (b.n)
            od_buf_char(&b, OD_AND[0]);
        od_buf_put(&b, a->name, name_n);
        od_buf_char(&b, '=');
        od_buf_put(&b, a->value, value_n);
    }
    error->args[b.n] = '\0';
}

bool od_error_wire(ordo_error *error, uint16_t status, struct od_str payload, struct od_arena *arena)
{
    ProtobufCAllocator in_arena = od_arena_protobuf(arena);
    bool readable = od_prescan_answer(&ordo__error__descriptor, payload, NULL) == OD_OK;
    error_clear(error);
    error->status = (enum ordo_status)od_status_from_wire(status);
    Ordo__Error *e = readable ? ordo__error__unpack(&in_arena, payload.n, (const uint8_t *)payload.p) : NULL;
    if (!e) {
        text_copy(error->reason, sizeof error->reason, od_reason_name(OD_R_MESSAGE_MALFORMED));
        text_copy(error->text, sizeof error->text, ordo_status_text(error->status));
        error->outcome = ORDO_OUTCOME_UNKNOWN;
        return readable; /* else there was no memory for it */
    }
    /* what is not known is taken for what promises least */
    error->outcome = e->outcome <= ORDO__OUTCOME__OUTCOME_UNKNOWN ? (enum ordo_outcome)e->outcome : ORDO_OUTCOME_UNKNOWN;
    error->retry = e->retry <= ORDO__RETRY__RETRY_FRESH ? (enum ordo_retry)e->retry : ORDO_RETRY_NO;
    error->retry_after_ms = e->retry_after_ms;
    text_copy(error->reason, sizeof error->reason, e->reason);
    text_copy(error->text, sizeof error->text, e->text ? e->text : ordo_status_text(error->status));
    if (e->has_trace && e->trace.len == sizeof error->trace)
        memcpy(error->trace, e->trace.data, sizeof error->trace);
    args_copy(error, e);
    for (size_t i = 0; i < e->n_violations && error->n_violations < OD_LEN(error->violations); i++) {
        ordo_violation *v = &error->violations[error->n_violations++];
        text_copy(v->field, sizeof v->field, e->violations[i]->field);
        text_copy(v->reason, sizeof v->reason, e->violations[i]->reason);
        text_copy(v->text, sizeof v->text, e->violations[i]->text);
    }
    return true;
}
