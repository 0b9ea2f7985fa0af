/* SPDX-License-Identifier: Apache-2.0
 * Blocks of growing size in a list; the first is kept over resets. */
#include "common/base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_BYTES = 8 * 1024, ALIGN = alignof(max_align_t) };

struct od_arena_block {
    struct od_arena_block *prev;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void od_arena_init(struct od_arena *a, size_t cap_bytes) { *a = (struct od_arena){.cap_bytes = cap_bytes}; }

void od_arena_done(struct od_arena *a)
{
    for (struct od_arena_block *b = a->head, *prev; b; b = prev) {
        prev = b->prev;
        free(b);
    }
    a->head = NULL;
    a->used_bytes = 0;
}

void od_arena_reset(struct od_arena *a)
{
    struct od_arena_block *b = a->head;
    while (b && b->prev) {
        struct od_arena_block *prev = b->prev;
        free(b);
        b = prev;
    }
    a->head = b;
    a->used_bytes = b ? b->size : 0;
    a->exhausted = false;
    if (b)
        b->used = 0;
}

struct od_arena_mark od_arena_mark(const struct od_arena *a)
{
    return (struct od_arena_mark){a->head, a->head ? a->head->used : 0};
}

void od_arena_release(struct od_arena *a, struct od_arena_mark mark)
{
    while (a->head != mark.block && a->head->prev) { /* the first block stays, even where the mark is older */
        struct od_arena_block *prev = a->head->prev;
        a->used_bytes -= a->head->size;
        free(a->head);
        a->head = prev;
    }
    if (a->head)
        a->head->used = a->head == mark.block ? mark.used : 0;
    a->exhausted = false;
}

static bool grow(struct od_arena *a, size_t n)
{
    size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK_BYTES;
    size_t left = a->cap_bytes - a->used_bytes;
    if (size > left)
        size = left;
    if (size < n)
        size = n;
    struct od_arena_block *b = size <= left ? malloc(sizeof *b + size) : NULL;
    if (!b) {
        a->exhausted = true;
        return false;
    }
    *b = (struct od_arena_block){.prev = a->head, .size = size};
    a->head = b;
    a->used_bytes += size;
    return true;
}

void *od_arena_alloc(struct od_arena *a, size_t n)
{
    if (n > a->cap_bytes) {
        a->exhausted = true;
        return NULL;
    }
    n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((!a->head || a->head->size - a->head->used < n) && !grow(a, n))
        return NULL;
    void *p = a->head->data + a->head->used;
    a->head->used += n;
    return p;
}

void *od_arena_zalloc(struct od_arena *a, size_t n)
{
    void *p = od_arena_alloc(a, n);
    return p ? memset(p, 0, n) : NULL;
}

void *od_arena_array(struct od_arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        a->exhausted = true;
        return NULL;
    }
    return od_arena_zalloc(a, bytes);
}

char *od_arena_strn(struct od_arena *a, const char *p, size_t n)
{
    char *s = n < SIZE_MAX ? od_arena_alloc(a, n + 1) : NULL;
    if (!s)
        return NULL;
    if (n)
        memcpy(s, p, n);
    s[n] = '\0';
    return s;
}

struct od_str od_arena_copy(struct od_arena *a, struct od_str s)
{
    char *p = od_arena_strn(a, s.p, s.n);
    return p ? (struct od_str){p, s.n} : (struct od_str){NULL, 0};
}

char *od_arena_printf(struct od_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *s = n >= 0 ? od_arena_alloc(a, (size_t)n + 1) : NULL;
    if (s)
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}
