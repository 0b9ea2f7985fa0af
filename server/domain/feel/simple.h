/* SPDX-License-Identifier: Apache-2.0
 * Unary tests that need no evaluator: comparisons with literals. What most cells of decision tables are. */
#ifndef OD_FEEL_SIMPLE_H
#define OD_FEEL_SIMPLE_H

#include "server/domain/feel/feel.h"

struct feel_simple;

/* The tests of p in that form; NULL where they are not all comparisons with literals, or memory is out. */
const struct feel_simple *feel_simple_of(const struct feel_program *p, struct od_arena *arena);

/* What feel_test() would say: FEEL_UNKNOWN for null. */
enum feel_truth feel_simple_test(const struct feel_simple *s, const struct feel_value *input);

/* The single tests of a list of unary tests, each a program of its own (the order of priority among output values);
 * NULL when memory is out. */
const struct feel_program *const *feel_program_tests(const struct feel_program *p, struct od_arena *arena, unsigned *ret_n);

#endif
