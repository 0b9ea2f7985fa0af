/* SPDX-License-Identifier: Apache-2.0
 * Randomness for keys and jitter, taken from the system's generator in portions. One thread at a time; a fork() must
 * not use its parent's. */
#ifndef ORDO_CLIENT_KEYS_H
#define ORDO_CLIENT_KEYS_H

#include "common/base/uuid.h"

struct od_random {
    unsigned char pool[512];
    size_t left;
};

bool od_random_bytes(struct od_random *r, void *out, size_t n); /* n <= 64; false: the generator failed */
uint64_t od_random_below(struct od_random *r,
                         uint64_t bound); /* [0, bound); 0 for bound 0 and when the generator failed */

/* An idempotency key dated by the server's clock. False: the generator failed. */
bool od_key_make(struct od_random *r, int64_t server_us, struct od_uuid *ret_key);

#endif
