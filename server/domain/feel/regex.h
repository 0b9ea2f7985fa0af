/* SPDX-License-Identifier: Apache-2.0
 * XPath/XQuery regular expressions (XPath Functions 3.1 §5.6) on ICU's engine. Internal. */
#ifndef OD_FEEL_REGEX_H
#define OD_FEEL_REGEX_H

#include "server/domain/feel/run.h"

#include <unicode/uregex.h>

struct feel_regex {
    URegularExpression *re;
    UChar *input;
    int32_t n;
    int32_t groups;
};

struct feel_regex_flags {
    bool dot_all, multiline, ignore_case, no_space, literal; /* s, m, i, x, q */
};

/* Writes the pattern in ICU's dialect; false where XPath does not know it, or the run is over. room holds pattern.n bytes. */
bool feel_regex_translate(struct feel_run *run, struct od_str pattern, const struct feel_regex_flags *flags, char *room,
                          struct od_buf *out);

/* Compiles pattern with flags and sets it on input; false, with *ret_fault, where pattern or flags are wrong. Release with
 * feel_regex_done() in both cases. */
bool feel_regex_init(struct feel_regex *rx, struct feel_run *run, struct od_str pattern, const struct feel_value *flags,
                     struct od_str input, struct feel_value *ret_fault);
void feel_regex_done(struct feel_regex *rx);

/* Whether it matches the empty string; before the first match is asked for. */
bool feel_regex_takes_nothing(struct feel_regex *rx);
/* The next match; false at the end, or where the match took too long (*failed). */
bool feel_regex_next(struct feel_regex *rx, bool *failed);
int32_t feel_regex_start(struct feel_regex *rx, int32_t group); /* -1: took no part */
int32_t feel_regex_end(struct feel_regex *rx, int32_t group);
void feel_regex_put(struct feel_regex *rx, int32_t from, int32_t to, struct od_buf *out); /* a part of the input, as UTF-8 */

#endif
