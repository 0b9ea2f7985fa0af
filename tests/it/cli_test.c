/* SPDX-License-Identifier: Apache-2.0
 * The command line against a real node: its golden output, and that its page in docs/ tells the truth. */
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

/* tests/golden/cli/server: what the commands print, on a server that has its administrator and nothing else. */
static void the_command_line_prints_what_it_always_did(void **state)
{
    char command[1024];
    (void)state;
    site_bootstrap(&site, &node);
    snprintf(command, sizeof command,
             "ORDO_HOST=localhost:%d ORDO_CA=%s/tls.crt ORDO_LOGIN=admin ORDO_PASSWORD='%s' tests/it/cli_golden_test.sh", node.port,
             site.dir, SITE_PASSWORD);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

/* docs/cli.md from its first command to its last, on a server that has nobody. */
static void the_page_shows_what_happens(void **state)
{
    char command[1024], code[SITE_CODE_MAX];
    (void)state;
    site_code(&site, code);
    snprintf(command, sizeof command,
             "CODE=%s ORDO_PASSWORD='%s' python3 -B tests/it/page.py docs/cli.md unix:/run/ordod/ordod.sock=unix:%s/sock "
             "desk.example.com:7223=localhost:%d 'ca.crt=%s/tls.crt'",
             code, SITE_PASSWORD, node.dir, node.port, site.dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static int setup(void **state)
{
    (void)state;
    site_start(&site);
    node_start(&site, &node, NULL);
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
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_command_line_prints_what_it_always_did),
        T(the_page_shows_what_happens),
    };
    return cmocka_run_group_tests_name("the command line", tests, NULL, NULL);
}
