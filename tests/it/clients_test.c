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

/* tests/golden/cli/server: what the commands print, on a server that has its administrator and nothing else. */
static void the_command_line_prints_what_it_always_did(void **state)
{
    char command[1024];
    struct site fresh;
    struct node alone;
    (void)state;
    site_start(&fresh);
    node_start(&fresh, &alone, NULL);
    site_bootstrap(&fresh, &alone);
    snprintf(command, sizeof command,
             "ORDO_HOST=localhost:%d ORDO_CA=%s/tls.crt ORDO_LOGIN=admin ORDO_PASSWORD='%s' tests/it/cli_golden_test.sh", alone.port,
             fresh.dir, SITE_PASSWORD);
    assert_int_equal(system(command), 0);
    node_stop(&alone);
    site_stop(&fresh);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_in_another_language_works),
        cmocka_unit_test(the_command_line_prints_what_it_always_did),
    };
    return cmocka_run_group_tests_name("other clients", tests, setup, teardown);
}
