/* SPDX-License-Identifier: Apache-2.0
 * The habits every file shares: cleanup, take, assert, array length. */
#ifndef OD_BASE_BASE_H
#define OD_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"

#define od_cleanup(fn) __attribute__((cleanup(fn)))
#define OD_LEN(a) (sizeof(a) / sizeof *(a))
#define OD_UNUSED __attribute__((unused))
#define OD_OUT_OF_LINE __attribute__((noinline)) /* keeps registers and stack of its caller's short way small */

/* Hands ownership over: gives the pointer and leaves NULL behind. */
#define od_take(p)                                                                                                     \
    __extension__({                                                                                                    \
        __typeof__(p) od_taken_ = (p);                                                                                 \
        (p) = NULL;                                                                                                    \
        od_taken_;                                                                                                     \
    })

/* Programmer errors end the process, in release builds too. The world's errors are statuses. */
#define od_assert(cond)                                                                                                \
    do {                                                                                                               \
        if (__builtin_expect(!(cond), 0))                                                                              \
            od_assert_failed(#cond, __FILE__, __LINE__);                                                               \
    } while (0)

_Noreturn void od_assert_failed(const char *cond, const char *file, int line);

/* malloc family that ends the process when memory is out: for start-up and long-lived objects of a server whose every
 * peer-driven allocation is bounded by limits.h. The SDK does not use it. */
void *od_xmalloc(size_t n) __attribute__((malloc, returns_nonnull));
void *od_xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *od_xrealloc(void *p, size_t n) __attribute__((returns_nonnull));
char *od_xstrdup(const char *s) __attribute__((malloc, returns_nonnull));

void od_freep(void *pp); /* od_cleanup(od_freep) on any heap pointer */

#endif
