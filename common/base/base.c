/* SPDX-License-Identifier: Apache-2.0
 * Assertion and the allocators that cannot fail. */
#include "common/base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void od_assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "level=fatal msg=\"assertion failed\" cond=\"%s\" at=%s:%d\n", cond, file, line);
    abort();
}

static void *or_die(void *p)
{
    od_assert(p != NULL);
    return p;
}

void *od_xmalloc(size_t n) { return or_die(malloc(n ? n : 1)); }
void *od_xcalloc(size_t n, size_t size) { return or_die(calloc(n ? n : 1, size ? size : 1)); }
void *od_xrealloc(void *p, size_t n) { return or_die(realloc(p, n ? n : 1)); }
char *od_xstrdup(const char *s) { return or_die(strdup(s)); }

void od_freep(void *pp)
{
    void **p = pp;
    free(*p);
    *p = NULL;
}
