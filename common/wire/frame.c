/* SPDX-License-Identifier: Apache-2.0
 * The frame header, to and fro. */
#include "common/wire/frame.h"

struct frame_kind {
    const char *name;
    uint8_t flags; /* those that mean something here; any other is refused */
};

static const struct frame_kind KINDS[] = {
    [OD_F_HELLO] = {"HELLO", 0},
    [OD_F_HELLO_OK] = {"HELLO_OK", 0},
    [OD_F_AUTH] = {"AUTH", 0},
    [OD_F_AUTH_OK] = {"AUTH_OK", 0},
    [OD_F_REQUEST] = {"REQUEST", OD_FLAG_END | OD_FLAG_ZSTD},
    [OD_F_RESPONSE] = {"RESPONSE", OD_FLAG_ZSTD | OD_FLAG_REPLAYED},
    [OD_F_ERROR] = {"ERROR", OD_FLAG_ZSTD | OD_FLAG_REPLAYED},
    [OD_F_DATA] = {"DATA", OD_FLAG_END | OD_FLAG_ZSTD},
    [OD_F_CANCEL] = {"CANCEL", 0},
    [OD_F_CREDIT] = {"CREDIT", 0},
    [OD_F_SUBSCRIBE] = {"SUBSCRIBE", 0},
    [OD_F_UNSUBSCRIBE] = {"UNSUBSCRIBE", 0},
    [OD_F_EVENT] = {"EVENT", 0},
    [OD_F_EVENT_ACK] = {"EVENT_ACK", 0},
    [OD_F_BOOKMARK] = {"BOOKMARK", 0},
    [OD_F_PING] = {"PING", 0},
    [OD_F_PONG] = {"PONG", 0},
    [OD_F_GOAWAY] = {"GOAWAY", 0},
    [OD_F_INFO] = {"INFO", 0},
};

static const struct frame_kind *kind_find(uint8_t type)
{
    return type < OD_LEN(KINDS) && KINDS[type].name ? &KINDS[type] : NULL;
}

const char *od_frame_type_name(uint8_t type)
{
    const struct frame_kind *kind = kind_find(type);
    return kind ? kind->name : "?";
}

static uint64_t get_le(const char *p, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = bytes; i--;)
        v = v << 8 | (unsigned char)p[i];
    return v;
}

static void put_le(char *p, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++, v >>= 8)
        p[i] = (char)(v & 0xff);
}

enum od_status od_frame_read(struct od_str in, size_t max_payload, struct od_frame *ret_frame, size_t *ret_size,
                             size_t *ret_need, struct od_err *err)
{
    *ret_size = 0;
    if (ret_need)
        *ret_need = OD_FRAME_HEADER_BYTES;
    if (in.n < OD_FRAME_HEADER_BYTES)
        return OD_OK;

    size_t length = (size_t)get_le(in.p, 4);
    *ret_frame = (struct od_frame){
        .type = (uint8_t)in.p[4],
        .flags = (uint8_t)in.p[5],
        .method = (uint16_t)get_le(in.p + 6, 2),
        .id = get_le(in.p + 8, 8),
        .timeout_ms = (uint32_t)get_le(in.p + 16, 4),
        .aux = (uint32_t)get_le(in.p + 20, 4),
    };
    const struct frame_kind *kind = kind_find(ret_frame->type);
    if (!kind && ret_frame->type < OD_F_IGNORED_FROM)
        return od_fail(err, OD_R_FRAME_TYPE_UNKNOWN, "type=0x%02x", ret_frame->type);
    if (kind && (ret_frame->flags & ~kind->flags))
        return od_fail(err, OD_R_FRAME_FLAGS, "flags=0x%02x" OD_AND "type=%s", ret_frame->flags, kind->name);
    if (length > max_payload)
        return od_fail(err, OD_R_FRAME_TOO_LARGE, "length=%zu" OD_AND "max=%zu", length, max_payload);

    size_t size = OD_FRAME_HEADER_BYTES + length;
    if (ret_need)
        *ret_need = size;
    if (in.n < size)
        return OD_OK;
    ret_frame->payload = (struct od_str){in.p + OD_FRAME_HEADER_BYTES, length};
    *ret_size = size;
    return OD_OK;
}

static void header_put(char *p, const struct od_frame *f, size_t length)
{
    put_le(p, 4, length);
    p[4] = (char)f->type;
    p[5] = (char)f->flags;
    put_le(p + 6, 2, f->method);
    put_le(p + 8, 8, f->id);
    put_le(p + 16, 4, f->timeout_ms);
    put_le(p + 20, 4, f->aux);
}

void od_frame_write(struct od_buf *out, const struct od_frame *f)
{
    char *p = od_buf_reserve(out, OD_FRAME_HEADER_BYTES + f->payload.n);
    if (!p)
        return;
    header_put(p, f, f->payload.n);
    if (f->payload.n)
        memcpy(p + OD_FRAME_HEADER_BYTES, f->payload.p, f->payload.n);
    out->n += OD_FRAME_HEADER_BYTES + f->payload.n;
}

size_t od_frame_begin(struct od_buf *out)
{
    size_t begin = out->n;
    if (od_buf_reserve(out, OD_FRAME_HEADER_BYTES))
        out->n += OD_FRAME_HEADER_BYTES;
    return begin;
}

void od_frame_end(struct od_buf *out, size_t begin, uint8_t type, uint8_t flags, uint16_t method, uint64_t id,
                  uint32_t timeout_ms, uint32_t aux)
{
    if (out->failed) {
        out->n = begin; /* no half frame stays behind */
        return;
    }
    const struct od_frame f = {
        .type = type, .flags = flags, .method = method, .id = id, .timeout_ms = timeout_ms, .aux = aux,
    };
    header_put(out->p + begin, &f, out->n - begin - OD_FRAME_HEADER_BYTES);
}

enum od_status od_request_split(struct od_str payload, struct od_str *ret_meta, struct od_str *ret_body, struct od_err *err)
{
    size_t n = payload.n >= 2 ? (size_t)get_le(payload.p, 2) : 0;
    if (payload.n < 2 || n > payload.n - 2)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the length of the meta lies outside the payload");
    if (n > OD_REQUEST_META_MAX)
        return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the meta has more than %d bytes", OD_REQUEST_META_MAX);
    *ret_meta = (struct od_str){payload.p + 2, n};
    *ret_body = (struct od_str){payload.p + 2 + n, payload.n - 2 - n};
    return OD_OK;
}
