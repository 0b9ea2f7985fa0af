/* SPDX-License-Identifier: Apache-2.0
 * The command line against a real node: its golden output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/it/node.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_line_prints_what_it_always_did),
    };
    return cmocka_run_group_tests_name("the command line", tests, NULL, NULL);
}
