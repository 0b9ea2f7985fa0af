/* SPDX-License-Identifier: Apache-2.0
 * Other programs against a real node: the client that shares no code with us, and the command line's golden output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/it/node.h"

static struct site site;
static struct node node;

/* Python's standard library and proto/README.md: logs in, registers, subscribes, is cut, resumes. */
static void a_client_in_another_language_works(void **state)
{
    char command[1024];
    (void)state;
    snprintf(command, sizeof command,
             "python3 tests/it/python_client_test.py --host localhost --port %d --ca %s/tls.crt --login head --password '%s' "
             "--watcher ann --customer %lld --type %lld --fields 'site=North building'",
             node.port, site.dir, SITE_PASSWORD, (long long)site.customer_id, (long long)site.type_id);
    assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
    (void)state;
    site_start(&site);
    node_start(&site, &node, NULL);
    site_company(&site, &node);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    node_stop(&node);
    site_stop(&site);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_client_in_another_language_works)};
    return cmocka_run_group_tests_name("other clients", tests, setup, teardown);
}
