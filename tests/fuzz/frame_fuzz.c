/* SPDX-License-Identifier: Apache-2.0
 * A stream of frames as a peer may send it: whatever is read writes back to the same bytes, whatever is not names a reason. */
#include <stddef.h>
#include <stdint.h>

#include "common/wire/frame.h"
#include "tests/fuzz/fuzz.h"

static void one_frame(const struct od_frame *f, struct od_str bytes)
{
    struct od_err err;
    struct od_str meta, body;
    struct od_buf again, plain;
    od_buf_init(&again, bytes.n);
    od_frame_write(&again, f);
    od_assert(od_str_eq(od_buf_view(&again), bytes));
    od_buf_done(&again);

    od_buf_init(&plain, OD_FRAME_MAX);
    struct od_str payload = f->payload;
    if (f->flags & OD_FLAG_ZSTD) {
        enum od_status status = od_zstd_inflate(f->payload, OD_DATA_CHUNK_MAX, &plain, &err);
        od_assert(status == OD_OK ? plain.n <= OD_DATA_CHUNK_MAX : err.status == OD_PROTOCOL && !plain.n);
        payload = od_buf_view(&plain);
    }
    if (f->type == OD_F_REQUEST && od_request_split(payload, &meta, &body, &err) == OD_OK)
        od_assert(2 + meta.n + body.n == payload.n && meta.n <= OD_REQUEST_META_MAX);
    od_buf_done(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct od_str in = {(const char *)data, size};
    for (size_t max_payload = OD_FRAME_MAX_BEFORE_AUTH; in.n; max_payload = OD_FRAME_MAX) {
        struct od_frame f;
        struct od_err err;
        size_t n, need;
        if (od_frame_read(in, max_payload, &f, &n, &need, &err) != OD_OK) {
            od_assert(err.status == OD_PROTOCOL && err.reason != OD_R_NONE);
            break;
        }
        od_assert(n ? n == need : need > in.n);
        if (!n)
            break;
        one_frame(&f, (struct od_str){in.p, n});
        in.p += n;
        in.n -= n;
    }
    return 0;
}
