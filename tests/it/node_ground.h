/* SPDX-License-Identifier: Apache-2.0
 * What most tests of a running server stand on: one node that serves the small company of node.h, for a whole program. */
#ifndef ORDO_TESTS_IT_NODE_GROUND_H
#define ORDO_TESTS_IT_NODE_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/it/node.h"

extern struct site site;
extern struct node node;

void site_serve(const char *settings); /* NULL, or as node_start() takes them */
int site_given(void **state);          /* the same without settings, as a group's setup */
int site_taken(void **state);

#endif
