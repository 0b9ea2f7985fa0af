/* SPDX-License-Identifier: Apache-2.0
 * A region that is filled by bumping and emptied at once, with a hard cap. One per request; not shared between threads. */
#ifndef OD_BASE_ARENA_H
#define OD_BASE_ARENA_H

#include "common/base/base.h"
#include "common/base/str.h"

struct od_arena_block;

struct od_arena {
    struct od_arena_block *head; /* the block that is being filled; older ones behind it */
    size_t used_bytes;           /* of all blocks, against the cap */
    size_t cap_bytes;
    bool exhausted;              /* an allocation was refused since the last reset */
};

void od_arena_init(struct od_arena *a, size_t cap_bytes);
void od_arena_done(struct od_arena *a);

/* Forgets everything that was allocated; keeps the first block, so that a quiet request mallocs nothing. */
void od_arena_reset(struct od_arena *a);

/* What was allocated since a mark is forgotten again; marks nest. */
struct od_arena_mark {
    struct od_arena_block *block;
    size_t used;
};
struct od_arena_mark od_arena_mark(const struct od_arena *a);
void od_arena_release(struct od_arena *a, struct od_arena_mark mark);

/* n bytes aligned for any type, not cleared; NULL when the cap or the machine's memory is reached (exhausted is set). */
void *od_arena_alloc(struct od_arena *a, size_t n);
void *od_arena_zalloc(struct od_arena *a, size_t n);

/* An array of n items of size bytes; refuses an overflow like a reached cap. Cleared. */
void *od_arena_array(struct od_arena *a, size_t n, size_t size);
#define OD_ARENA_NEW(a, type) ((type *)od_arena_zalloc((a), sizeof(type)))
#define OD_ARENA_ARRAY(a, n, type) ((type *)od_arena_array((a), (n), sizeof(type)))

char *od_arena_strn(struct od_arena *a, const char *p, size_t n); /* a NUL-terminated copy; NULL when refused */
char *od_arena_printf(struct od_arena *a, const char *fmt, ...) od_printf(2, 3);
struct od_str od_arena_copy(struct od_arena *a, struct od_str s); /* {NULL, 0} when refused */

#endif
