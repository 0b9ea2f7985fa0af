/* SPDX-License-Identifier: Apache-2.0
 * The table of methods: one row per line of proto/methods.def and per internal step that also wants a worker. */
#ifndef ORDO_RPC_METHODS_H
#define ORDO_RPC_METHODS_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/base.h"

struct rpc;

enum method_access { METHOD_NODB, METHOD_READ, METHOD_WRITE, METHOD_LIST, METHOD_REPORT, METHOD_LOCAL, METHOD_COMMAND, METHOD_INTERNAL };

struct method {
    uint16_t id;
    enum method_access access;
    uint64_t permission;                       /* one bit of authz.h */
    const char *name;
    const ProtobufCMessageDescriptor *req;     /* NULL for internal ones */
    const ProtobufCMessageDescriptor *rep;     /* a page's message for lists: part */
    const ProtobufCMessageDescriptor *part;
    enum od_status (*run)(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep);
};

const struct method *method_find(uint16_t id); /* of methods.def; NULL where there is none */

/* METHOD_COMMAND: a keyless write from inside. METHOD_INTERNAL: a step that makes its own transactions. */

/* Steps of the connection that need the database; run by workers like calls. Input and output: the struct named here, in
 * rpc->state, made by the io thread in the call's arena. */
extern const struct method METHOD_AUTH;          /* body = Auth; out = AuthOk payload, rpc->session set */
extern const struct method METHOD_PUSH_OPEN;     /* struct push_call */
extern const struct method METHOD_PUSH_FETCH;    /* struct push_call */
extern const struct method METHOD_PUSH_ACK;      /* struct push_call */
extern const struct method METHOD_TIMER_FIRE;    /* struct timer_claim (server/jobs/clock.h) */

#endif
