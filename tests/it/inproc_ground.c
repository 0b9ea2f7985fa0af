/* SPDX-License-Identifier: Apache-2.0
 * The ground of tests in process. */
#include "tests/it/inproc_ground.h"

struct inproc p;
struct session *admin;

int inproc_given(void **state)
{
    (void)state;
    inproc_start(&p);
    admin = inproc_bootstrap(&p);
    return 0;
}

int inproc_taken(void **state)
{
    (void)state;
    session_unref(admin);
    inproc_stop(&p);
    return 0;
}

void assert_sql(const char *sql, const char *expected) { assert_string_equal(pg_sql(p.db.super, sql), expected); }
