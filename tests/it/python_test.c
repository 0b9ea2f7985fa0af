/* SPDX-License-Identifier: Apache-2.0
 * A real node, and python_client_test.py against it: the protocol's page alone is enough to write a client. */
#include "tests/it/node_ground.h"

#include <stdio.h>
#include <stdlib.h>

static void a_client_in_python(void **state)
{
    (void)state;
    char line[1024];
    snprintf(line, sizeof line,
             "python3 -B tests/it/python_client_test.py --port %d --ca %s/tls.crt --login head --watcher ann --password '%s' "
             "--customer %lld --type %lld --fields 'site=North building'",
             node.port, site.dir, SITE_PASSWORD, (long long)site.customer_id, (long long)site.type_id);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_client_in_python)};
    return cmocka_run_group_tests_name("python", tests, site_given, site_taken);
}
