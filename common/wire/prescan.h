/* SPDX-License-Identifier: Apache-2.0
 * A walk over the bytes of a protobuf message along its descriptor before protobuf-c sees them: protobuf-c has no limit of
 * nesting, cuts strings at NUL silently and takes any enum number. Both sides look. No allocation, no recursion beyond OD_MESSAGE_DEPTH_MAX. */
#ifndef OD_WIRE_PRESCAN_H
#define OD_WIRE_PRESCAN_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/limits.h"

/* Refuses with MESSAGE_MALFORMED (why = depth, counts, UTF-8, NUL or control character other than \t \n \r in a string, enum
 * number out of range, wrong wire type, cut or overlong varint, group) and, where it is known, names the field by its path. */
enum od_status od_prescan(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_err *err);

/* The same for what a server says to a client. It may be newer: an enum number that is not known passes, as does a control
 * character that is not NUL. It may say more: at most OD_ANSWER_FIELDS_MAX fields and OD_ANSWER_REPEATED_MAX of one. */
enum od_status od_prescan_answer(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_err *err);

/* Pre-scans and decodes into the arena; the message lives as long as the arena's contents. */
enum od_status od_message_unpack(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_arena *arena,
                                 ProtobufCMessage **ret_message, struct od_err *err);

/* Appends the packed message to out (which shows a failure). */
struct od_buf;
void od_message_pack(const ProtobufCMessage *m, struct od_buf *out);

#endif
