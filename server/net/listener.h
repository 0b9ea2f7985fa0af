/* SPDX-License-Identifier: Apache-2.0
 * The listening sockets. They live on the first io thread's loop and hand what they accept to the least loaded one. */
#ifndef ORDO_NET_LISTENER_H
#define ORDO_NET_LISTENER_H

#include "server/net/io_thread.h"

enum od_status listener_new(struct net *net, struct listener **ret_listener, struct od_err *err);
uint16_t listener_port(const struct listener *l); /* 0: no TCP */
void listener_stop(struct listener *l);           /* on its thread: accepts no more, closes */
void listener_free(struct listener *l);           /* NULL is legal; after the thread */

#endif
