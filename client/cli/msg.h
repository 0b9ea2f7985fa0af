/* SPDX-License-Identifier: Apache-2.0
 * Messages by their descriptors: fields set from text, shown as text, and a whole message to JSON and back. Knows no
 * particular message. In JSON and on the command line
 *   enums are their names in lower case; on input also with '-' for '_' and without the prefix that all values share
 *   instants (sfixed64) are RFC 3339; on input also a plain number of microseconds since 1970
 *   bytes are hexadecimal */
#ifndef ORDO_CLI_MSG_H
#define ORDO_CLI_MSG_H

#include <jansson.h>

#include "client/cli/error.h"
#include "common/base/buf.h"
#include "common/base/zone.h"

/* An empty message; its strings and members are the heap's, so that msg_free() takes all. */
ProtobufCMessage *msg_new(const ProtobufCMessageDescriptor *d);
void msg_free(ProtobufCMessage *m); /* NULL is legal */
void msg_freep(ProtobufCMessage **m);

const ProtobufCFieldDescriptor *msg_field(const ProtobufCMessageDescriptor *d, const char *name);
bool msg_is_instant(const ProtobufCFieldDescriptor *f);
/* How many values the field has: 0 or 1, for repeated fields any number. */
size_t msg_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);
/* The i-th value, as protobuf-c keeps it: for a message the message itself, for a string its characters. */
const void *msg_value(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i);

/* Gives the field its value; a repeated field gets one more. The violation names `path`. */
enum ordo_status msg_set_text(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, struct od_str text,
                              ordo_error *error);
enum ordo_status msg_set_int(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, int64_t value,
                             ordo_error *error);
enum ordo_status msg_set_bytes(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const void *p, size_t n);
/* A member message: the one that is there, or a new one (a repeated field gets one more). */
ProtobufCMessage *msg_add_member(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* An enum value's name in lower case; `plain` without the shared prefix and with spaces. */
void msg_enum_name(struct od_buf *b, const ProtobufCEnumDescriptor *d, int value, bool plain);
/* An instant: RFC 3339 in the zone (NULL: UTC); `plain`: a space for the T, whole seconds. */
void msg_instant(struct od_buf *b, int64_t us, const struct od_zone *zone, bool plain);
/* The i-th value of a field that is no message; `plain`: for people. */
void msg_show(struct od_buf *b, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i,
              const struct od_zone *zone, bool plain);
/* Follows "resolution.due_us"; false: no such thing is set. */
bool msg_path(const ProtobufCMessage *m, const char *path, const ProtobufCMessage **ret_m,
              const ProtobufCFieldDescriptor **ret_f);

json_t *msg_to_json(const ProtobufCMessage *m, const struct od_zone *zone);
/* Refuses what the message does not have, by its path. */
enum ordo_status msg_from_json(const ProtobufCMessageDescriptor *d, const json_t *json, ProtobufCMessage **ret_m,
                               ordo_error *error);

#endif
