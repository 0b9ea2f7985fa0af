/* SPDX-License-Identifier: Apache-2.0
 * String functions (§10.3.4.3) but for those with patterns. Positions and lengths count code points. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"

#include "common/base/limits.h"

#include <unicode/ucasemap.h>

/* The byte offset of a code point; s.n behind the last. */
static size_t offset_of(struct od_str s, size_t from, int64_t points)
{
    size_t at = from;
    while (points > 0 && at < s.n) {
        at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
            at++;
        points--;
    }
    return at;
}

static int64_t length(struct od_str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

struct feel_value fn_string_length(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return feel_run_charge(run, args[0].string.n / FEEL_BYTES_PER_STEP) ? feel_integer(length(args[0].string)) : FEEL_NULL_VALUE;
}

struct feel_value fn_substring(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_str s = args[0].string;
    int64_t start, count = INT64_MAX, n;
    (void)n_given;
    if (!feel_run_charge(run, s.n / FEEL_BYTES_PER_STEP))
        return FEEL_NULL_VALUE;
    n = length(s);
    if (!feel_arg_int(&args[1], &start) || start == 0 || start > n || start < -n)
        return feel_run_fail(run, "the start position lies outside the string", FEEL_NO_SUBJECT);
    if (args[2].kind == FEEL_NUMBER && (!feel_arg_int(&args[2], &count) || count < 1))
        return feel_run_fail(run, "the length must be at least 1", FEEL_NO_SUBJECT);
    size_t from = offset_of(s, 0, start > 0 ? start - 1 : n + start), to = offset_of(s, from, count);
    return feel_string((struct od_str){s.p + from, to - from});
}

static struct feel_value cased(struct feel_run *run, struct od_str s, bool upper)
{
    UErrorCode status = U_ZERO_ERROR;
    UCaseMap *map = ucasemap_open("", 0, &status);
    int32_t n = 0;
    if (s.n > FEEL_STRING_MAX_BYTES || !feel_run_charge(run, s.n / 16) || U_FAILURE(status)) {
        ucasemap_close(map);
        return feel_run_fail(run, "the string is too long", FEEL_NO_SUBJECT);
    }
    size_t cap = s.n * 3 + 1; /* no case mapping triples UTF-8 */
    char *out = feel_run_alloc(run, cap);
    if (out)
        n = upper ? ucasemap_utf8ToUpper(map, out, (int32_t)cap, s.n ? s.p : "", (int32_t)s.n, &status)
                  : ucasemap_utf8ToLower(map, out, (int32_t)cap, s.n ? s.p : "", (int32_t)s.n, &status);
    ucasemap_close(map);
    return out && U_SUCCESS(status) ? feel_string((struct od_str){out, (size_t)n}) : FEEL_NULL_VALUE;
}

struct feel_value fn_upper_case(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return cased(run, args[0].string, true);
}

struct feel_value fn_lower_case(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return cased(run, args[0].string, false);
}

/* Where needle begins in s; SIZE_MAX if nowhere. */
static size_t find(struct feel_run *run, struct od_str s, struct od_str needle)
{
    if (!needle.n)
        return 0;
    if (!feel_run_charge(run, s.n / FEEL_BYTES_PER_STEP) || needle.n > s.n)
        return SIZE_MAX;
    const char *p = memmem(s.p, s.n, needle.p, needle.n);
    return p ? (size_t)(p - s.p) : SIZE_MAX;
}

struct feel_value fn_substring_before(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    size_t at = find(run, args[0].string, args[1].string);
    (void)n_given;
    return feel_string((struct od_str){args[0].string.p, at == SIZE_MAX ? 0 : at});
}

struct feel_value fn_substring_after(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_str s = args[0].string;
    size_t at = find(run, s, args[1].string);
    (void)n_given;
    if (at == SIZE_MAX)
        return feel_string((struct od_str){s.p, 0});
    at += args[1].string.n;
    return feel_string(s.n ? (struct od_str){s.p + at, s.n - at} : s);
}

struct feel_value fn_contains(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    (void)n_given;
    return feel_boolean(find(run, args[0].string, args[1].string) != SIZE_MAX);
}

struct feel_value fn_starts_with(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_str s = args[0].string, m = args[1].string;
    (void)n_given;
    if (!feel_run_charge(run, m.n / FEEL_BYTES_PER_STEP))
        return FEEL_NULL_VALUE;
    return feel_boolean(m.n <= s.n && (!m.n || !memcmp(s.p, m.p, m.n)));
}

struct feel_value fn_ends_with(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct od_str s = args[0].string, m = args[1].string;
    (void)n_given;
    if (!feel_run_charge(run, m.n / FEEL_BYTES_PER_STEP))
        return FEEL_NULL_VALUE;
    return feel_boolean(m.n <= s.n && (!m.n || !memcmp(s.p + s.n - m.n, m.p, m.n)));
}

/* Nulls in the list are passed over; anything else that is no string is an error. */
struct feel_value fn_string_join(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    const struct feel_list *l = args[0].list;
    struct od_buf b;
    bool first = true;
    (void)n_given;
    od_buf_init(&b, FEEL_STRING_MAX_BYTES);
    for (size_t i = 0; i < l->n && feel_run_charge(run, 1); i++) {
        if (l->items[i].kind == FEEL_NULL)
            continue;
        if (l->items[i].kind != FEEL_STRING) {
            od_buf_done(&b);
            return feel_run_fail(run, "only strings can be joined", FEEL_NO_SUBJECT);
        }
        if (!first && args[1].kind == FEEL_STRING)
            od_buf_str(&b, args[1].string);
        od_buf_str(&b, l->items[i].string);
        first = false;
    }
    struct feel_value v = feel_run_string(run, &b);
    od_buf_done(&b);
    return v;
}
