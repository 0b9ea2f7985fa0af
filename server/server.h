/* SPDX-License-Identifier: Apache-2.0
 * The node: what its threads share. Made by main (or by a test), passed down; no globals. */
#ifndef ORDO_SERVER_H
#define ORDO_SERVER_H

#include <stdatomic.h>

#include "common/base/queue.h"

struct conf;
struct net;
struct worker;

struct server {
    const struct conf *conf;          /* immutable after start */
    struct net *net;
    struct od_queue work;             /* struct rpc: io threads -> workers */
    struct od_queue auth;             /* struct rpc: workers -> auth threads (Argon2id) -> back to work */
    struct od_queue wake;             /* struct wake_item: committed inboxes, for the coalesced NOTIFY */
    atomic_bool draining;
    unsigned char environment[16];
    char node[64];
    bool development;                 /* the database is marked so */
};

#endif
