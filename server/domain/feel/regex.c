/* SPDX-License-Identifier: Apache-2.0
 * Compiles and matches patterns with ICU, which bounds time and stack of a match; the time is steps of the run. */
#include "server/domain/feel/regex.h"

#include "server/domain/feel/lexer.h"

#include "common/base/limits.h"

#include <unicode/ustring.h>

enum {
    UNIT_STEPS = 1000, /* what ICU does in a unit takes as long */
    CASE_STEPS = 32,   /* and the search for a character's other cases */
};

static bool flags_read(struct od_str s, struct feel_regex_flags *ret)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case 's': ret->dot_all = true; break;
        case 'm': ret->multiline = true; break;
        case 'i': ret->ignore_case = true; break;
        case 'x': ret->no_space = true; break;
        case 'q': ret->literal = true; break;
        default: return false;
        }
    }
    return true;
}

static UChar *to_utf16(struct feel_run *run, struct od_str s, int32_t *ret_n)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *out = s.n > FEEL_STRING_MAX_BYTES ? NULL : FEEL_ARRAY(run, s.n + 1, UChar);
    if (out)
        u_strFromUTF8(out, (int32_t)s.n + 1, ret_n, s.n ? s.p : "", (int32_t)s.n, &status);
    return U_SUCCESS(status) ? out : NULL;
}

/* Called by ICU once in a unit of its time. */
static UBool tick(const void *run, int32_t units)
{
    (void)units;
    return feel_run_charge((struct feel_run *)run, UNIT_STEPS);
}

static bool compile(struct feel_regex *rx, struct feel_run *run, const UChar *text, int32_t n)
{
    UErrorCode status = U_ZERO_ERROR;
    rx->re = n ? uregex_open(text, n, UREGEX_UNIX_LINES, NULL, &status) : uregex_open(u"(?:)", 4, 0, NULL, &status);
    uregex_setTimeLimit(rx->re, FEEL_REGEX_TIME_LIMIT, &status);
    uregex_setStackLimit(rx->re, FEEL_REGEX_STACK_BYTES, &status);
    uregex_setMatchCallback(rx->re, tick, run, &status);
    uregex_setText(rx->re, rx->input, rx->n, &status);
    rx->groups = uregex_groupCount(rx->re, &status);
    return U_SUCCESS(status);
}

bool feel_regex_init(struct feel_regex *rx, struct feel_run *run, struct od_str pattern, const struct feel_value *flags,
                     struct od_str input, struct feel_value *ret_fault)
{
    struct od_buf b;
    struct feel_regex_flags f = {0};
    int32_t n;
    *rx = (struct feel_regex){0};
    *ret_fault = FEEL_NULL_VALUE;
    if (flags->kind == FEEL_STRING && !flags_read(flags->string, &f)) {
        *ret_fault = feel_run_fail(run, "the flags \"%s\" are not all of s, m, i, x, q", flags->string);
        return false;
    }
    char *room = feel_run_charge(run, pattern.n * (f.ignore_case ? CASE_STEPS : 1) + input.n / 16) ? feel_run_alloc(run, pattern.n) : NULL;
    od_buf_init(&b, FEEL_STRING_MAX_BYTES);
    bool ok = room && feel_regex_translate(run, pattern, &f, room, &b);
    UChar *text = ok ? to_utf16(run, od_buf_view(&b), &n) : NULL;
    rx->input = ok ? to_utf16(run, input, &rx->n) : NULL;
    od_buf_done(&b);
    ok = text && rx->input && compile(rx, run, text, n);
    if (!ok)
        *ret_fault = feel_run_fail(run, "the pattern \"%s\" is wrong", pattern);
    return ok;
}

void feel_regex_done(struct feel_regex *rx)
{
    if (rx->re)
        uregex_close(rx->re);
    rx->re = NULL;
}

bool feel_regex_takes_nothing(struct feel_regex *rx)
{
    UErrorCode status = U_ZERO_ERROR;
    uregex_setText(rx->re, u"", 0, &status);
    bool found = uregex_find(rx->re, 0, &status);
    uregex_setText(rx->re, rx->input, rx->n, &status);
    return found && U_SUCCESS(status);
}

bool feel_regex_next(struct feel_regex *rx, bool *failed)
{
    UErrorCode status = U_ZERO_ERROR;
    bool found = uregex_findNext(rx->re, &status);
    *failed = U_FAILURE(status);
    return found && !*failed;
}

int32_t feel_regex_start(struct feel_regex *rx, int32_t group)
{
    UErrorCode status = U_ZERO_ERROR;
    return uregex_start(rx->re, group, &status);
}

int32_t feel_regex_end(struct feel_regex *rx, int32_t group)
{
    UErrorCode status = U_ZERO_ERROR;
    return uregex_end(rx->re, group, &status);
}

void feel_regex_put(struct feel_regex *rx, int32_t from, int32_t to, struct od_buf *out)
{
    for (int32_t i = from; i < to;) {
        uint32_t c = rx->input[i++];
        char utf8[4];
        if (c >= 0xd800 && c < 0xdc00 && i < to)
            c = 0x10000 + ((c - 0xd800) << 10) + (rx->input[i++] - 0xdc00u);
        od_buf_put(out, utf8, feel_utf8_put(c, utf8));
    }
}
