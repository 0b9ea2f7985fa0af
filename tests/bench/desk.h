/* SPDX-License-Identifier: Apache-2.0
 * Where the ids of the benched desk lie. preload.sql makes the rows, load.c calls with these ids, replay.py finds them again
 * in the server's statements: each kind has a range of its own, so that a value tells what it is. */
#ifndef BENCH_DESK_H
#define BENCH_DESK_H

enum {
    DESK_BRANCHES = 10,
    DESK_TYPES = 20,
    DESK_CUSTOMERS = 10000, /* each with a contract and one contact who may log in */
    DESK_ASSIGNEES = 500,
    DESK_REQUESTS = 50000,

    DESK_CUSTOMER = 1000000,  /* the i-th customer, from 0, and what is his */
    DESK_CONTACT = 2000000,
    DESK_PRINCIPAL = 3000000, /* who logs in as that contact */
    DESK_ASSIGNEE = 4000000,
    DESK_TYPE = 6000000,
    DESK_REQUEST = 10000000,
};

/* Everybody and everything about customer i belongs to branch i % 10: so do type t and assignee a of branch t % 10, a % 10. */

#endif
