/* SPDX-License-Identifier: Apache-2.0
 * Numbers and strings as compact bytes: LEB128 varints, lengths in front. A reader that runs over the end, or meets a number
 * that does not fit, is broken from then on and gives zeros. */
#ifndef PROCESS_BYTES_H
#define PROCESS_BYTES_H

#include "common/base/buf.h"

struct bytes_in {
    struct od_str rest;
    bool broken;
};

enum { NUMBER_BYTES_MAX = 10 };

static inline void put_number(struct od_buf *b, uint64_t v)
{
    char bytes[NUMBER_BYTES_MAX];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (char)(v | 0x80);
    bytes[n++] = (char)v;
    od_buf_put(b, bytes, n);
}

static inline void put_signed(struct od_buf *b, int64_t v) { put_number(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63)); }

static inline void put_text(struct od_buf *b, struct od_str s)
{
    put_number(b, s.n);
    od_buf_str(b, s);
}

/* An index with one value for none. */
static inline void put_index(struct od_buf *b, uint32_t v) { put_number(b, (uint64_t)(v + 1)); }

static inline uint64_t get_number(struct bytes_in *in)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (!in->rest.n)
            break;
        uint64_t c = (unsigned char)*in->rest.p;
        in->rest.p++;
        in->rest.n--;
        if (shift == 63 && c > 1)
            break;
        v |= (c & 0x7F) << shift;
        if (!(c & 0x80))
            return v;
    }
    in->broken = true;
    in->rest.n = 0;
    return 0;
}

/* A number of at most max. */
static inline uint32_t get_count(struct bytes_in *in, uint32_t max)
{
    uint64_t v = get_number(in);
    if (v > max)
        in->broken = true;
    return v > max ? 0 : (uint32_t)v;
}

static inline int64_t get_signed(struct bytes_in *in)
{
    uint64_t v = get_number(in);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* Points into the input. */
static inline struct od_str get_text(struct bytes_in *in)
{
    uint64_t n = get_number(in);
    if (n > in->rest.n) {
        in->broken = true;
        return (struct od_str){"", 0};
    }
    struct od_str s = {in->rest.p, (size_t)n};
    in->rest.p += n;
    in->rest.n -= (size_t)n;
    return s;
}

/* An index below n, or none. */
static inline uint32_t get_index(struct bytes_in *in, uint32_t n)
{
    uint64_t v = get_number(in);
    if (v > n)
        in->broken = true;
    return v > n ? UINT32_MAX : (uint32_t)v - 1;
}

#endif
