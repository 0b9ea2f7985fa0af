/* SPDX-License-Identifier: Apache-2.0
 * Compressed payloads: one zstd frame each, its content's size in its header, so that the bound is checked before the work. */
#include <zstd.h>

#include "common/wire/frame.h"

enum { LEVEL = 1 }; /* rows of a list shrink to a third at it; higher levels cost more than the network gives back */

enum od_status od_zstd_inflate(struct od_str in, size_t max_payload, struct od_buf *out, struct od_err *err)
{
    unsigned long long size = in.n ? ZSTD_getFrameContentSize(in.p, in.n) : ZSTD_CONTENTSIZE_ERROR;
    if (size == ZSTD_CONTENTSIZE_ERROR || ZSTD_findFrameCompressedSize(in.p, in.n) != in.n)
        return od_fail(err, OD_R_FRAME_BROKEN, "what=the payload is not one zstd frame");
    if (size == ZSTD_CONTENTSIZE_UNKNOWN)
        return od_fail(err, OD_R_FRAME_BROKEN, "what=the zstd frame does not name its content's size");
    if (size > max_payload)
        return od_fail(err, OD_R_FRAME_TOO_LARGE, "length=%llu" OD_AND "max=%zu", size, max_payload);
    if (!size)
        return OD_OK;
    char *to = od_buf_reserve(out, (size_t)size);
    if (!to)
        return od_fail(err, OD_R_OUT_OF_MEMORY, NULL);
    if (ZSTD_decompress(to, (size_t)size, in.p, in.n) != size)
        return od_fail(err, OD_R_FRAME_BROKEN, "what=the zstd frame does not unpack");
    out->n += (size_t)size;
    return OD_OK;
}

bool od_zstd_deflate(struct od_str in, struct od_buf *out)
{
    if (in.n < 2)
        return false;
    char *to = od_buf_reserve(out, in.n - 1); /* no room for what is not smaller: the compressor gives up by itself */
    if (!to)
        return false;
    size_t n = ZSTD_compress(to, in.n - 1, in.p, in.n, LEVEL);
    if (ZSTD_isError(n))
        return false;
    out->n += n;
    return true;
}
