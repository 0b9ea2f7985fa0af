/* SPDX-License-Identifier: Apache-2.0
 * Any message as JSON and back. The depth is that of the message types, which do not contain themselves. */
#include "client/cli/msg.h"

#include <string.h>

enum { PATH_BYTES = 64 };

static json_t *buf_json(struct od_buf *b)
{
    json_t *j = json_stringn(b->p ? b->p : "", b->n);
    od_buf_done(b);
    return j;
}

static json_t *value_json(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i, const struct od_zone *zone)
{
    const void *v = msg_value(m, f, i);
    struct od_buf b;
    od_buf_init(&b, SIZE_MAX);
    switch (f->type) {
    case PROTOBUF_C_TYPE_MESSAGE: return msg_to_json(v, zone);
    case PROTOBUF_C_TYPE_STRING: return json_string(v);
    case PROTOBUF_C_TYPE_BOOL: return json_boolean(*(const protobuf_c_boolean *)v);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64: return json_integer(*(const int64_t *)v);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: {
        uint64_t n = *(const uint64_t *)v;
        if (n <= INT64_MAX)
            return json_integer((json_int_t)n);
        msg_show(&b, m, f, i, zone, false);
        return buf_json(&b);
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32: return json_integer(*(const int32_t *)v);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: return json_integer(*(const uint32_t *)v);
    case PROTOBUF_C_TYPE_FLOAT: return json_real((double)*(const float *)v);
    case PROTOBUF_C_TYPE_DOUBLE: return json_real(*(const double *)v);
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BYTES: msg_show(&b, m, f, i, zone, false); return buf_json(&b);
    }
    return json_null();
}

json_t *msg_to_json(const ProtobufCMessage *m, const struct od_zone *zone)
{
    json_t *o = json_object();
    for (unsigned k = 0; k < m->descriptor->n_fields; k++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[k];
        size_t n = msg_count(m, f);
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            json_t *list = json_array();
            for (size_t i = 0; i < n; i++)
                json_array_append_new(list, value_json(m, f, i, zone));
            json_object_set_new(o, f->name, list);
        } else if (n) {
            json_object_set_new(o, f->name, value_json(m, f, 0, zone));
        }
    }
    return o;
}

/* --- back -------------------------------------------------------------------------------------------------------- */

static enum ordo_status refuse(ordo_error *error, const char *path, const char *reason, const char *text)
{
    cli_fail(error, ORDO_INVALID, "FIELDS_INVALID", "some fields are wrong");
    error->n_violations = 1;
    snprintf(error->violations[0].field, sizeof error->violations[0].field, "%s", path[0] ? path : "the message");
    snprintf(error->violations[0].reason, sizeof error->violations[0].reason, "%s", reason);
    snprintf(error->violations[0].text, sizeof error->violations[0].text, "%s", text);
    return ORDO_INVALID;
}

static enum ordo_status message_fill(ProtobufCMessage *m, const json_t *json, const char *path, ordo_error *error);

static enum ordo_status value_fill(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const json_t *json, const char *path,
                                   ordo_error *error)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        if (f->type != PROTOBUF_C_TYPE_MESSAGE)
            return refuse(error, path, "FIELD_FORMAT", "cannot be an object");
        return message_fill(msg_add_member(m, f), json, path, error);
    case JSON_STRING:
        if (f->type == PROTOBUF_C_TYPE_BOOL)
            return refuse(error, path, "FIELD_FORMAT", "must be true or false");
        return msg_set_text(m, f, path, (struct od_str){json_string_value(json), json_string_length(json)}, error);
    case JSON_INTEGER:
        if (f->type == PROTOBUF_C_TYPE_BOOL)
            return refuse(error, path, "FIELD_FORMAT", "must be true or false");
        return msg_set_int(m, f, path, json_integer_value(json), error);
    case JSON_TRUE:
    case JSON_FALSE:
        if (f->type != PROTOBUF_C_TYPE_BOOL)
            return refuse(error, path, "FIELD_FORMAT", "cannot be true or false");
        return msg_set_int(m, f, path, json_is_true(json), error);
    case JSON_ARRAY: return refuse(error, path, "FIELD_FORMAT", "cannot be a list");
    case JSON_REAL: return refuse(error, path, "FIELD_FORMAT", "must be a whole number");
    case JSON_NULL: return ORDO_OK;
    }
    return ORDO_OK;
}

static enum ordo_status field_fill(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const json_t *json, const char *path,
                                   ordo_error *error)
{
    if (f->label != PROTOBUF_C_LABEL_REPEATED)
        return value_fill(m, f, json, path, error);
    if (!json_is_array(json))
        return refuse(error, path, "FIELD_FORMAT", "must be a list");
    for (size_t i = 0; i < json_array_size(json); i++) {
        char item[PATH_BYTES + 24];
        snprintf(item, sizeof item, "%s[%zu]", path, i);
        const json_t *value = json_array_get(json, i);
        if (json_is_null(value))
            return refuse(error, item, "FIELD_FORMAT", "cannot be null");
        enum ordo_status s = value_fill(m, f, value, item, error);
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

static enum ordo_status message_fill(ProtobufCMessage *m, const json_t *json, const char *path, ordo_error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value)
    {
        char at[PATH_BYTES];
        snprintf(at, sizeof at, "%s%s%s", path, path[0] ? "." : "", name);
        const ProtobufCFieldDescriptor *f = msg_field(m->descriptor, name);
        if (!f)
            return refuse(error, at, "FIELD_UNKNOWN", "is not a field of this message");
        enum ordo_status s = field_fill(m, f, value, at, error);
        if (s != ORDO_OK)
            return s;
    }
    return ORDO_OK;
}

enum ordo_status msg_from_json(const ProtobufCMessageDescriptor *d, const json_t *json, ProtobufCMessage **ret_m,
                               ordo_error *error)
{
    if (!json_is_object(json))
        return refuse(error, "", "FIELD_FORMAT", "must be an object");
    od_cleanup(msg_freep) ProtobufCMessage *m = msg_new(d);
    enum ordo_status s = message_fill(m, json, "", error);
    if (s == ORDO_OK)
        *ret_m = od_take(m);
    return s;
}
