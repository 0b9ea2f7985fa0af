/* SPDX-License-Identifier: Apache-2.0
 * The pool behind keys.h; bytes are wiped as they are handed out. */
#include "client/lib/keys.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "common/base/time.h"

bool od_random_bytes(struct od_random *r, void *out, size_t n)
{
    od_assert(n <= 64);
    if (r->left < n) {
        if (RAND_bytes(r->pool, (int)sizeof r->pool) != 1)
            return false;
        r->left = sizeof r->pool;
    }
    r->left -= n;
    memcpy(out, r->pool + r->left, n);
    OPENSSL_cleanse(r->pool + r->left, n);
    return true;
}

uint64_t od_random_below(struct od_random *r, uint64_t bound)
{
    uint64_t x;
    return bound && od_random_bytes(r, &x, sizeof x) ? x % bound : 0;
}

bool od_key_make(struct od_random *r, int64_t server_us, struct od_uuid *ret_key)
{
    unsigned char random10[10];
    if (!od_random_bytes(r, random10, sizeof random10))
        return false;
    *ret_key = od_uuid7_make(server_us / OD_US_PER_MS, random10);
    return true;
}
