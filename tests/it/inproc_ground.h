/* SPDX-License-Identifier: Apache-2.0
 * What tests in process stand on: a fresh database with the first administrator in it, for a test or for a group of them. */
#ifndef ORDO_TESTS_IT_INPROC_GROUND_H
#define ORDO_TESTS_IT_INPROC_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/it/company.h"

extern struct inproc p;
extern struct session *admin;

int inproc_given(void **state);
int inproc_taken(void **state);

/* The answer to a question to the database, past the walls. */
void assert_sql(const char *sql, const char *expected);

/* A test with a database of its own. */
#define IN_PROCESS(test) cmocka_unit_test_setup_teardown(test, inproc_given, inproc_taken)

#endif
