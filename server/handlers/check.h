/* SPDX-License-Identifier: Apache-2.0
 * Fields of a request as handlers want them. Each check adds a violation to rpc->err; check_done() ends with them. */
#ifndef ORDO_HANDLERS_CHECK_H
#define ORDO_HANDLERS_CHECK_H

#include "server/rpc/rpc.h"

/* A text that must be there, trimmed, within max code points. {"", 0} when it is refused. */
struct od_str check_text(struct rpc *rpc, const char *field, const char *value, size_t max_chars);
/* The same, but may be absent: {NULL, 0} then. */
struct od_str check_optional(struct rpc *rpc, const char *field, const char *value, size_t max_chars);
int64_t check_id(struct rpc *rpc, const char *field, bool has, int64_t value); /* a positive id */
void check_zone(struct rpc *rpc, const char *field, const char *name);

/* OD_OK, or the status of the violations so far. */
enum od_status check_done(struct rpc *rpc);

#endif
