/* SPDX-License-Identifier: Apache-2.0
 * A growing byte buffer that knows its maximum. An append that does not fit sets `failed` and changes nothing; later
 * appends are ignored, so that a writer checks once, at the end. Owned by one thread at a time. */
#ifndef OD_BASE_BUF_H
#define OD_BASE_BUF_H

#include "common/base/str.h"

struct od_buf {
    char *p;
    size_t n;         /* bytes in use */
    size_t cap;
    size_t max_bytes; /* never more than this */
    bool failed;
};

void od_buf_init(struct od_buf *b, size_t max_bytes);
void od_buf_done(struct od_buf *b);
void od_buf_clear(struct od_buf *b);                       /* keeps the memory */
void od_buf_shrink(struct od_buf *b, size_t keep_bytes);   /* gives memory above keep_bytes back; only when empty */

void *od_buf_reserve(struct od_buf *b, size_t n);          /* room for n more at the end, not yet counted; NULL = failed */
void od_buf_put(struct od_buf *b, const void *p, size_t n);
void od_buf_str(struct od_buf *b, struct od_str s);
void od_buf_c(struct od_buf *b, const char *s);
void od_buf_char(struct od_buf *b, char c);
void od_buf_printf(struct od_buf *b, const char *fmt, ...) od_printf(2, 3);
void od_buf_drop(struct od_buf *b, size_t n);              /* the first n bytes go, the rest moves forward */

static inline struct od_str od_buf_view(const struct od_buf *b) { return (struct od_str){b->p, b->n}; }
const char *od_buf_cstr(struct od_buf *b);                 /* terminated, valid until the next change; "" if failed */

#endif
