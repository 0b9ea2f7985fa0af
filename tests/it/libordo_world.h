/* SPDX-License-Identifier: Apache-2.0
 * What every test of libordo stands on: a directory of the program's own, the peer of libordo_peer.h in it, and a client of it
 * whose states are noted. */
#ifndef ORDO_TESTS_IT_LIBORDO_WORLD_H
#define ORDO_TESTS_IT_LIBORDO_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/lib/ordo.h"
#include "common/base/base.h"
#include "common/base/time.h"
#include "tests/it/libordo_peer.h"

struct world {
    struct peer_control control;
    struct peer *peer;
    ordo_client *client;
    enum ordo_state states[64];
    unsigned n_states;
};

extern char directory[64], ca_file[96], journal_file[96];
void directory_use(const char *path); /* one that is there: names what lies in it */
int directory_new(void **state);      /* of the group */
int directory_free(void **state);
int peer_given(void **state);         /* of a test: a peer, and a client that knows it */
int peer_taken(void **state);

ordo_options options_for(struct world *w, const char *hosts);
void client_again(struct world *w, const ordo_options *o); /* gives the client of this test other options */
void client_with_journal(struct world *w);
void client_end(struct world *w); /* for a test whose callbacks write to its own frame */

enum ordo_status echo(ordo_client *client, ordo_error *error);
enum ordo_status register_one(ordo_client *client, int64_t *ret_id, ordo_error *error);

#define ON_A_PEER(test) cmocka_unit_test_setup_teardown(test, peer_given, peer_taken)

#endif
