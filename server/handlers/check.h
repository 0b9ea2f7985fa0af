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
/* May be absent: {NULL, 0} then. */
struct od_str check_zone_optional(struct rpc *rpc, const char *field, const char *name);
struct od_str check_language(struct rpc *rpc, const char *field, const char *value); /* en, pt-BR */
struct od_str check_mail(struct rpc *rpc, const char *field, const char *value);
/* A digest of 32 bytes that must be there. */
struct od_str check_sha256(struct rpc *rpc, const char *field, ProtobufCBinaryData bytes);
/* A date that must be there, 2026-01-31: days since 1970. */
int64_t check_day(struct rpc *rpc, const char *field, const char *value);
/* An instant that the database can hold; `absent` where there is none. */
#define CHECK_TIME_FIRST_US INT64_C(-62135596800000000) /* 0001-01-01 */
#define CHECK_TIME_LAST_US INT64_C(253402300799000000)  /* 9999-12-31 */
int64_t check_time(struct rpc *rpc, const char *field, bool has, int64_t us, int64_t absent);
/* What a list of the request may hold. */
void check_count(struct rpc *rpc, const char *field, size_t n, size_t max);

/* OD_OK, or the status of the violations so far. */
enum od_status check_done(struct rpc *rpc);

#endif
