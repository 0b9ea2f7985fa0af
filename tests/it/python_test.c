/* SPDX-License-Identifier: Apache-2.0
 * A real node, and python_client_test.py against it: the protocol's page alone is enough to write a client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/it/node.h"

static void a_client_in_python(void **state)
{
    (void)state;
    static struct site site;
    struct node node;
    char line[1024];
    site_start(&site);
    node_start(&site, &node, NULL);
    site_company(&site, &node);
    snprintf(line, sizeof line,
             "python3 -B tests/it/python_client_test.py --port %d --ca %s/tls.crt --login head --watcher ann --password '%s' "
             "--customer %lld --type %lld --fields 'site=North building'",
             node.port, site.dir, SITE_PASSWORD, (long long)site.customer_id, (long long)site.type_id);
    int rc = system(line); /* NOLINT(cert-env33-c) */
    node_stop(&node);
    site_stop(&site);
    assert_int_equal(rc, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_client_in_python)};
    return cmocka_run_group_tests_name("python", tests, NULL, NULL);
}
