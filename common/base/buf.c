/* SPDX-License-Identifier: Apache-2.0
 * The growing buffer. */
#include "common/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void od_buf_init(struct od_buf *b, size_t max_bytes) { *b = (struct od_buf){.max_bytes = max_bytes}; }

void od_buf_done(struct od_buf *b)
{
    free(b->p);
    *b = (struct od_buf){.max_bytes = b->max_bytes};
}

void od_buf_clear(struct od_buf *b)
{
    b->n = 0;
    b->failed = false;
}

void od_buf_shrink(struct od_buf *b, size_t keep_bytes)
{
    if (b->n || b->cap <= keep_bytes)
        return;
    free(b->p);
    b->p = NULL;
    b->cap = 0;
}

void *od_buf_reserve(struct od_buf *b, size_t n)
{
    if (b->failed || n > b->max_bytes - b->n) {
        b->failed = true;
        return NULL;
    }
    if (b->cap - b->n < n) {
        size_t cap = b->cap < 256 ? 256 : b->cap;
        while (cap - b->n < n)
            cap = cap > b->max_bytes / 2 ? b->max_bytes : cap * 2;
        if (cap - b->n < n)
            cap = b->n + n;
        char *p = realloc(b->p, cap);
        if (!p) {
            b->failed = true;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

void od_buf_put(struct od_buf *b, const void *p, size_t n)
{
    void *to = n ? od_buf_reserve(b, n) : NULL;
    if (to) {
        memcpy(to, p, n);
        b->n += n;
    }
}

void od_buf_str(struct od_buf *b, struct od_str s) { od_buf_put(b, s.p, s.n); }
void od_buf_c(struct od_buf *b, const char *s) { od_buf_put(b, s, strlen(s)); }
void od_buf_char(struct od_buf *b, char c) { od_buf_put(b, &c, 1); }

void od_buf_printf(struct od_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *to = n >= 0 ? od_buf_reserve(b, (size_t)n + 1) : NULL;
    if (!to) {
        b->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(to, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void od_buf_drop(struct od_buf *b, size_t n)
{
    od_assert(n <= b->n);
    b->n -= n;
    if (b->n && n)
        memmove(b->p, b->p + n, b->n);
}

const char *od_buf_cstr(struct od_buf *b)
{
    char *end = od_buf_reserve(b, 1);
    if (!end)
        return "";
    *end = '\0';
    return b->p;
}
