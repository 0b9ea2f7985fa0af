/* SPDX-License-Identifier: Apache-2.0
 * Frames of ordo/1: feed bytes, get frames; write frames. Knows no socket, no TLS, no connection state; proto/README.md is
 * the specification. */
#ifndef OD_WIRE_FRAME_H
#define OD_WIRE_FRAME_H

#include "common/base/buf.h"
#include "common/base/limits.h"

enum od_frame_type {
    OD_F_HELLO = 0x01,
    OD_F_HELLO_OK = 0x02,
    OD_F_AUTH = 0x03,
    OD_F_AUTH_OK = 0x04,
    OD_F_REQUEST = 0x10,
    OD_F_RESPONSE = 0x11,
    OD_F_ERROR = 0x12,
    OD_F_DATA = 0x13,
    OD_F_CANCEL = 0x14,
    OD_F_CREDIT = 0x15,
    OD_F_SUBSCRIBE = 0x20,
    OD_F_UNSUBSCRIBE = 0x21,
    OD_F_EVENT = 0x22,
    OD_F_EVENT_ACK = 0x23,
    OD_F_BOOKMARK = 0x24,
    OD_F_PING = 0x30,
    OD_F_PONG = 0x31,
    OD_F_GOAWAY = 0x32,
    OD_F_INFO = 0x33,
    OD_F_IGNORED_FROM = 0x80, /* unknown types from here on are skipped */
};

enum { OD_FLAG_END = 0x01, OD_FLAG_ZSTD = 0x02, OD_FLAG_REPLAYED = 0x08 };

enum { OD_FEATURE_ZSTD = 1 };
enum { OD_PROTOCOL_MINOR = 0 };
#define OD_ALPN "ordo/1"

/* Ids: HELLO, AUTH, REQUEST, SUBSCRIBE and a client's PING open an id of the client: odd, rising, never reused. HELLO_OK, AUTH_OK,
 * RESPONSE, ERROR, DATA, EVENT, BOOKMARK and PONG carry the id that they answer; CANCEL, CREDIT, DATA, UNSUBSCRIBE and EVENT_ACK
 * the id that they speak of. The server's own PING, INFO and GOAWAY are even. Id 0: the connection (CREDIT, a closing ERROR). */
struct od_frame {
    uint8_t type;
    uint8_t flags;
    uint16_t method; /* method id; wire status in RESPONSE and ERROR */
    uint64_t id;
    uint32_t timeout_ms;
    uint32_t aux;
    struct od_str payload;
};

const char *od_frame_type_name(uint8_t type); /* "HELLO"; "?" where unknown */

/* Looks at the head of `in` (plaintext of one direction). Returns OD_OK with *ret_size > 0: a whole frame lies there, *ret_frame
 * points into `in` and the caller drops *ret_size bytes when done with it. OD_OK with *ret_size = 0: more bytes are needed,
 * *ret_need (may be NULL) says how many the whole frame has (the header's, while that is not there). OD_PROTOCOL
 * (FRAME_TYPE_UNKNOWN, FRAME_FLAGS, FRAME_TOO_LARGE), as soon as the header is there: the connection must close; *ret_frame has
 * the header's fields then. Unknown types >= 0x80 come as frames too; the caller skips them. max_payload: the limit in force. */
enum od_status od_frame_read(struct od_str in, size_t max_payload, struct od_frame *ret_frame, size_t *ret_size,
                             size_t *ret_need, struct od_err *err);

/* Appends one frame. A refused append shows in out->failed. */
void od_frame_write(struct od_buf *out, const struct od_frame *f);

/* Reserves a header, lets the caller append the payload to `out`, and then fills the header in. */
size_t od_frame_begin(struct od_buf *out);
void od_frame_end(struct od_buf *out, size_t begin, uint8_t type, uint8_t flags, uint16_t method, uint64_t id,
                  uint32_t timeout_ms, uint32_t aux);

/* REQUEST payload = u16 length of meta ‖ meta ‖ body. OD_INVALID (MESSAGE_MALFORMED) when it does not hold. */
enum od_status od_request_split(struct od_str payload, struct od_str *ret_meta, struct od_str *ret_body, struct od_err *err);

/* Payload with flag ZSTD, which is one zstd frame that names its content's size: appends the content. OD_PROTOCOL when it would
 * be larger than max_payload (FRAME_TOO_LARGE, before anything is allocated) or is broken (FRAME_BROKEN). */
enum od_status od_zstd_inflate(struct od_str in, size_t max_payload, struct od_buf *out, struct od_err *err);
/* Appends the compressed form; false when it would not be smaller (nothing is appended then). */
bool od_zstd_deflate(struct od_str in, struct od_buf *out);

#endif
