/* SPDX-License-Identifier: Apache-2.0
 * matches, replace, split (§10.3.4.3): what fn:matches, fn:replace and fn:tokenize of XPath 3.1 say. */
#include "server/domain/feel/builtins.h"
#include "server/domain/feel/eval.h"
#include "server/domain/feel/regex.h"

#include "common/base/limits.h"

static struct feel_value too_long(struct feel_run *run) { return feel_run_fail(run, "the pattern needs too much time", FEEL_NO_SUBJECT); }

struct feel_value fn_matches(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_regex rx;
    struct feel_value v;
    bool failed = false;
    (void)n_given;
    if (feel_regex_init(&rx, run, args[1].string, &args[2], args[0].string, &v)) {
        bool found = feel_regex_next(&rx, &failed);
        v = failed ? too_long(run) : feel_boolean(found);
    }
    feel_regex_done(&rx);
    return v;
}

/* $N is a group; of several digits as many count as there are groups; \$ and \\ are themselves. */
static bool put_replacement(struct feel_regex *rx, struct od_str r, bool literal, struct od_buf *out)
{
    for (size_t i = 0; i < r.n;) {
        char c = r.p[i++];
        if (literal || (c != '\\' && c != '$')) {
            od_buf_char(out, c);
            continue;
        }
        char next = i < r.n ? r.p[i] : '\0';
        if (c == '\\') {
            if (next != '\\' && next != '$')
                return false;
            od_buf_char(out, next);
            i++;
            continue;
        }
        if (next < '0' || next > '9')
            return false;
        int32_t group = r.p[i++] - '0';
        while (i < r.n && r.p[i] >= '0' && r.p[i] <= '9' && group * 10 + (r.p[i] - '0') <= rx->groups)
            group = group * 10 + (r.p[i++] - '0');
        if (group <= rx->groups && feel_regex_start(rx, group) >= 0)
            feel_regex_put(rx, feel_regex_start(rx, group), feel_regex_end(rx, group), out);
    }
    return true;
}

static struct feel_value replaced(struct feel_run *run, struct feel_regex *rx, struct od_str by, bool literal, struct od_buf *out)
{
    int32_t from = 0;
    bool failed = false;
    if (feel_regex_takes_nothing(rx)) /* FORX0003 */
        return feel_run_fail(run, "the pattern matches an empty string", FEEL_NO_SUBJECT);
    while (!out->failed && feel_run_charge(run, 1 + by.n / FEEL_BYTES_PER_STEP) && feel_regex_next(rx, &failed)) {
        int32_t start = feel_regex_start(rx, 0), end = feel_regex_end(rx, 0);
        feel_regex_put(rx, from, start, out);
        if (!put_replacement(rx, by, literal, out))
            return feel_run_fail(run, "the replacement \"%s\" is wrong", by);
        from = end;
    }
    feel_regex_put(rx, from, rx->n, out);
    return failed ? too_long(run) : feel_run_string(run, out);
}

struct feel_value fn_replace(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_regex rx;
    struct feel_value v;
    struct od_buf out;
    bool literal = args[3].kind == FEEL_STRING && args[3].string.n && memchr(args[3].string.p, 'q', args[3].string.n);
    (void)n_given;
    od_buf_init(&out, FEEL_STRING_MAX_BYTES);
    if (feel_regex_init(&rx, run, args[1].string, &args[3], args[0].string, &v))
        v = replaced(run, &rx, args[2].string, literal, &out);
    feel_regex_done(&rx);
    od_buf_done(&out);
    return v;
}

static bool add_part(struct feel_run *run, struct feel_vec *parts, struct feel_regex *rx, int32_t from, int32_t to)
{
    struct od_buf b;
    od_buf_init(&b, FEEL_STRING_MAX_BYTES);
    feel_regex_put(rx, from, to, &b);
    struct feel_value v = feel_run_string(run, &b);
    od_buf_done(&b);
    return feel_vec_add(run, parts, &v);
}

struct feel_value fn_split(struct feel_run *run, const struct feel_value *args, unsigned n_given)
{
    struct feel_regex rx;
    struct feel_value v;
    struct feel_vec parts = {0};
    int32_t from = 0;
    bool failed = false, ok = feel_regex_init(&rx, run, args[1].string, &FEEL_NULL_VALUE, args[0].string, &v);
    (void)n_given;
    if (ok && feel_regex_takes_nothing(&rx)) { /* FORX0003 */
        v = feel_run_fail(run, "the delimiter matches an empty string", FEEL_NO_SUBJECT);
        ok = false;
    }
    while (ok && feel_run_charge(run, 1) && feel_regex_next(&rx, &failed)) {
        ok = add_part(run, &parts, &rx, from, feel_regex_start(&rx, 0));
        from = feel_regex_end(&rx, 0);
    }
    if (ok && !failed && add_part(run, &parts, &rx, from, rx.n))
        v = feel_vec_list(run, &parts);
    feel_regex_done(&rx);
    return failed ? too_long(run) : v;
}
