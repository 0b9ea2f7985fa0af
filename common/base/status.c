/* SPDX-License-Identifier: Apache-2.0
 * The tables behind status.h and the rendering of an error's text. */
#include "common/base/status.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* Other languages: by reason, NULL where there is only English; and words that are values of arguments. */
struct word {
    const char *value, *said;
};

#define W(value_, said_)
#define T(sym, text_) [OD_R_##sym] = (text_),
static const char *const TEXTS_IT[OD_R_COUNT] = {
#include "common/base/reasons_it.def"
};
#undef W
#undef T
#define T(sym, text_)
#define W(value_, said_) {value_, said_},
static const struct word WORDS_IT[] = {
#include "common/base/reasons_it.def"
    {NULL, NULL},
};
#undef W
#undef T

static const struct language {
    const char *tag;
    const char *const *texts; /* NULL: those of reasons.def */
    const struct word *words;
} LANGUAGES[] = {[OD_LANGUAGE_EN] = {"en", NULL, NULL}, [OD_LANGUAGE_IT] = {"it", TEXTS_IT, WORDS_IT}};

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

enum od_language od_language_of(const char *bcp47)
{
    if (!bcp47)
        return OD_LANGUAGE_EN;
    size_t n = strcspn(bcp47, "-");
    for (size_t i = 0; i < sizeof LANGUAGES / sizeof *LANGUAGES; i++)
        if (n == strlen(LANGUAGES[i].tag) && !strncasecmp(bcp47, LANGUAGES[i].tag, n))
            return (enum od_language)i;
    return OD_LANGUAGE_EN;
}

static const char *text_of(const struct language *l, enum od_reason reason)
{
    const char *text = l->texts && (unsigned)reason < OD_R_COUNT ? l->texts[reason] : NULL;
    return text ? text : reason_row(reason)->text;
}

/* What a value is called. Only these arguments hold words of ours; names and texts of people stay as they are. */
static const char *word_of(const struct language *l, const char *name, size_t name_n, const char *value, size_t *io_n)
{
    static const char *const words[] = {"action", "state", "kind", "expected", "limit", "min", "max"};
    bool ours = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ours = ours || (name_n == strlen(words[i]) && !memcmp(name, words[i], name_n));
    for (const struct word *w = l->words; ours && w && w->value; w++) {
        if (strlen(w->value) != *io_n || memcmp(w->value, value, *io_n) != 0)
            continue;
        *io_n = strlen(w->said);
        return w->said;
    }
    return value;
}

const char *od_reason_text_in(enum od_language language, enum od_reason reason, const char *args, char *out, size_t n)
{
    const struct language *l = &LANGUAGES[language];
    size_t at = 0;
    for (const char *t = text_of(l, reason); *t && at + 1 < n;) {
        const char *close = *t == '{' ? strchr(t, '}') : NULL;
        const char *value;
        size_t len = close ? args_find(args, t + 1, (size_t)(close - t - 1), &value) : (size_t)-1;
        if (len == (size_t)-1) {
            out[at++] = *t++;
            continue;
        }
        value = word_of(l, t + 1, (size_t)(close - t - 1), value, &len);
        if (len > n - 1 - at)
            len = n - 1 - at;
        memcpy(out + at, value, len);
        at += len;
        t = close + 1;
    }
    out[at] = '\0';
    return out;
}

const char *od_err_text_in(enum od_language language, const struct od_err *err, char *out, size_t n)
{
    od_reason_text_in(language, err->reason, err->args, out, n);
    size_t at = strlen(out);
    for (unsigned i = 0; i < err->n_violations && at + 4 < n; i++) {
        char why[160];
        od_reason_text_in(language, err->violations[i].reason, err->violations[i].args, why, sizeof why);
        int w = snprintf(out + at, n - at, "%s%s %s", i ? "; " : ": ", err->violations[i].field, why);
        at = w < 0 || (size_t)w >= n - at ? n - 1 : at + (size_t)w;
    }
    return out;
}

const char *od_reason_text(enum od_reason reason, const char *args, char *out, size_t n)
{
    return od_reason_text_in(OD_LANGUAGE_EN, reason, args, out, n);
}

const char *od_err_text(const struct od_err *err, char *out, size_t n) { return od_err_text_in(OD_LANGUAGE_EN, err, out, n); }
