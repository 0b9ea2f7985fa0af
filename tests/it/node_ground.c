/* SPDX-License-Identifier: Apache-2.0
 * The ground of tests of a running server. */
#include "tests/it/node_ground.h"

struct site site;
struct node node;

void site_serve(const char *settings)
{
    site_start(&site);
    node_start(&site, &node, settings);
    site_company(&site, &node);
}

int site_given(void **state)
{
    (void)state;
    site_serve(NULL);
    return 0;
}

int site_taken(void **state)
{
    (void)state;
    node_stop(&node);
    site_stop(&site);
    return 0;
}
