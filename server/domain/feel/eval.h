/* SPDX-License-Identifier: Apache-2.0
 * The evaluator's files among themselves. Internal.
 *
 *   eval.c      one function per kind of node
 *   loops.c     for, some, every, filters
 *   compare.c   equality, order, ranges
 *   arith.c     + - * / ** over numbers, strings, temporal values
 *   run.c       bounds, memory, functions that are called */
#ifndef OD_FEEL_EVAL_H
#define OD_FEEL_EVAL_H

#include "server/domain/feel/program.h"
#include "server/domain/feel/run.h"

struct feel_value feel_visit(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f);

struct feel_value feel_visit_for(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f);
struct feel_value feel_visit_quantified(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f);
struct feel_value feel_visit_filter(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f);

struct feel_value feel_arithmetic(struct feel_run *run, enum feel_op op, const struct feel_value *a, const struct feel_value *b);
struct feel_value feel_negate(struct feel_run *run, const struct feel_value *a);

/* a.name for everything but lists; null where there is no such property. */
struct feel_value feel_property(struct feel_run *run, const struct feel_value *a, struct od_str name);
struct feel_value feel_temporal_property(struct feel_run *run, const struct feel_value *a, struct od_str name);

/* run may be NULL: then nothing is counted. */
bool feel_run_compare(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, int *ret_order);
enum feel_truth feel_compares(struct feel_run *run, const struct feel_value *a, enum feel_cmp cmp, const struct feel_value *b);
enum feel_truth feel_in(struct feel_run *run, const struct feel_value *v, const struct feel_range *r);
/* `v in test`: a range holds v, a list has v or a range that holds it, or the test equals v (table 55). */
enum feel_truth feel_matches(struct feel_run *run, const struct feel_value *v, const struct feel_value *test);

/* Null because operand a or b is null: its own reason, or `why`. */
struct feel_value feel_fail_from(struct feel_run *run, const struct feel_value *a, const struct feel_value *b, const char *why);

#endif
