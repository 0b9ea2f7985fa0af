/* SPDX-License-Identifier: Apache-2.0
 * Proofs of identity: look-up by a worker, Argon2id by an auth thread, session by a worker. An unknown name takes the same
 * steps and the same time as a wrong password, and gets the same answer. */
#ifndef ORDO_RPC_LOGIN_H
#define ORDO_RPC_LOGIN_H

#include "server/rpc/rpc.h"
#include "server/server.h"

/* A method whose request has a password that is to be hashed before its transaction, and is not yet. */
bool login_wants_hash(const struct rpc *rpc);
enum od_status login_hash_later(struct rpc *rpc);

/* The auth threads: they take from server->auth and give back to server->work. */
void login_threads_start(struct server *server);
void login_threads_join(struct server *server);

#endif
