/* SPDX-License-Identifier: Apache-2.0
 * What the tests of this folder stand on: an arena for the whole program, and numbers that look random and are the same each time. */
#ifndef ORDO_TESTS_SLA_GROUND_H
#define ORDO_TESTS_SLA_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/arena.h"

#define OFFICE "mon-fri 09:00-18:00"
#define MINUTE_US (60 * OD_US_PER_S)

static struct od_arena arena;

static int arena_up(void **state)
{
    (void)state;
    od_arena_init(&arena, 4 << 20);
    return 0;
}

static int arena_down(void **state)
{
    (void)state;
    od_arena_done(&arena);
    return 0;
}

static inline uint32_t random_below(uint32_t n)
{
    static uint64_t seed = 42;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % n;
}

#endif
