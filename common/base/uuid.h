/* SPDX-License-Identifier: Apache-2.0
 * UUIDv7 (RFC 9562 §5.7): idempotency keys and trace ids. */
#ifndef OD_BASE_UUID_H
#define OD_BASE_UUID_H

#include "common/base/str.h"

struct od_uuid {
    unsigned char b[16];
};

enum { OD_UUID_TEXT = 37 };

/* random10: ten bytes of a cryptographic generator. */
struct od_uuid od_uuid7_make(int64_t unix_ms, const unsigned char random10[10]);
bool od_uuid7_check(const struct od_uuid *u, int64_t *ret_unix_ms); /* version 7, RFC variant */
bool od_uuid_parse(struct od_str s, struct od_uuid *ret_uuid);
char *od_uuid_format(const struct od_uuid *u, char out[OD_UUID_TEXT]);

#endif
