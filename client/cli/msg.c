/* SPDX-License-Identifier: Apache-2.0
 * Fields of any message, by descriptor: read, set from text, shown. */
#include "client/cli/msg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(m, offset) ((void *)((char *)(m) + (offset)))

ProtobufCMessage *msg_new(const ProtobufCMessageDescriptor *d)
{
    ProtobufCMessage *m = od_xmalloc(d->sizeof_message);
    protobuf_c_message_init(d, m);
    return m;
}

void msg_free(ProtobufCMessage *m)
{
    if (m)
        protobuf_c_message_free_unpacked(m, NULL);
}

void msg_freep(ProtobufCMessage **m) { msg_free(*m); }

const ProtobufCFieldDescriptor *msg_field(const ProtobufCMessageDescriptor *d, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(d, name);
}

bool msg_is_instant(const ProtobufCFieldDescriptor *f) { return f->type == PROTOBUF_C_TYPE_SFIXED64; }

static size_t value_bytes(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE: return 8;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM: return 4;
    case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE: return sizeof(void *);
    }
    return sizeof(void *);
}

static bool is_pointer(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE;
}

size_t msg_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)MEMBER(m, f->quantifier_offset);
    if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)MEMBER(m, f->quantifier_offset) == f->id;
    if (is_pointer(f)) {
        const void *p = *(const void *const *)MEMBER(m, f->offset);
        return p && p != f->default_value;
    }
    return *(const protobuf_c_boolean *)MEMBER(m, f->quantifier_offset) != 0;
}

const void *msg_value(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i)
{
    const char *at = MEMBER(m, f->offset);
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        at = *(char *const *)(const void *)at + i * value_bytes(f);
    return is_pointer(f) ? *(const void *const *)(const void *)at : at;
}

/* Where the next value goes: one place more in a repeated field, else the field, marked as set. Old pointers are freed. */
static void *value_place(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    void *at = MEMBER(m, f->offset);
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t *n = MEMBER(m, f->quantifier_offset), size = value_bytes(f);
        char **list = at;
        *list = od_xrealloc(*list, (*n + 1) * size);
        char *place = *list + *n * size;
        memset(place, 0, size);
        (*n)++;
        return place;
    }
    bool had = msg_count(m, f) != 0;
    if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        *(uint32_t *)MEMBER(m, f->quantifier_offset) = f->id;
    else if (!is_pointer(f))
        *(protobuf_c_boolean *)MEMBER(m, f->quantifier_offset) = 1;
    if (had && f->type == PROTOBUF_C_TYPE_STRING)
        free(*(char **)at);
    if (had && f->type == PROTOBUF_C_TYPE_BYTES)
        free(((ProtobufCBinaryData *)at)->data);
    return at;
}

ProtobufCMessage *msg_add_member(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    od_assert(f->type == PROTOBUF_C_TYPE_MESSAGE);
    if (f->label != PROTOBUF_C_LABEL_REPEATED && msg_count(m, f))
        return *(ProtobufCMessage **)MEMBER(m, f->offset);
    ProtobufCMessage *member = msg_new(f->descriptor);
    *(ProtobufCMessage **)value_place(m, f) = member;
    return member;
}

enum ordo_status msg_set_bytes(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const void *p, size_t n)
{
    ProtobufCBinaryData *at = value_place(m, f);
    at->data = od_xmalloc(n ? n : 1);
    at->len = n;
    if (n)
        memcpy(at->data, p, n);
    return ORDO_OK;
}

static enum ordo_status refuse(ordo_error *error, const char *path, const char *expected)
{
    cli_fail(error, ORDO_INVALID, "FIELDS_INVALID", "some fields are wrong");
    error->n_violations = 1;
    snprintf(error->violations[0].field, sizeof error->violations[0].field, "%s", path);
    snprintf(error->violations[0].reason, sizeof error->violations[0].reason, "FIELD_FORMAT");
    snprintf(error->violations[0].text, sizeof error->violations[0].text, "must be %s", expected);
    return ORDO_INVALID;
}

enum ordo_status msg_set_int(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, int64_t value,
                             ordo_error *error)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64: *(int64_t *)value_place(m, f) = value; return ORDO_OK;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        if (value < 0)
            return refuse(error, path, "a whole number from 0 on");
        *(uint64_t *)value_place(m, f) = (uint64_t)value;
        return ORDO_OK;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        if (value < INT32_MIN || value > INT32_MAX)
            return refuse(error, path, "a whole number of 32 bits");
        *(int32_t *)value_place(m, f) = (int32_t)value;
        return ORDO_OK;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        if (value < 0 || value > UINT32_MAX)
            return refuse(error, path, "a whole number from 0 to 4294967295");
        *(uint32_t *)value_place(m, f) = (uint32_t)value;
        return ORDO_OK;
    case PROTOBUF_C_TYPE_FLOAT: *(float *)value_place(m, f) = (float)value; return ORDO_OK;
    case PROTOBUF_C_TYPE_DOUBLE: *(double *)value_place(m, f) = (double)value; return ORDO_OK;
    case PROTOBUF_C_TYPE_BOOL:
        if (value != 0 && value != 1)
            return refuse(error, path, "true or false");
        *(protobuf_c_boolean *)value_place(m, f) = (protobuf_c_boolean)value;
        return ORDO_OK;
    case PROTOBUF_C_TYPE_ENUM:
        if (value < INT32_MIN || value > INT32_MAX || !protobuf_c_enum_descriptor_get_value(f->descriptor, (int)value))
            return refuse(error, path, "the name of a value");
        *(int32_t *)value_place(m, f) = (int32_t)value;
        return ORDO_OK;
    case PROTOBUF_C_TYPE_STRING: return refuse(error, path, "a text");
    case PROTOBUF_C_TYPE_BYTES: return refuse(error, path, "bytes in hexadecimal");
    case PROTOBUF_C_TYPE_MESSAGE: return refuse(error, path, "an object");
    }
    return refuse(error, path, "something else");
}

/* --- enums ------------------------------------------------------------------------------------------------------- */

/* "TARGET_" of TARGET_NONE, TARGET_OPEN, ...: what all names share up to an underscore. */
static size_t enum_prefix(const ProtobufCEnumDescriptor *d)
{
    size_t n = strlen(d->values[0].name);
    for (unsigned i = 1; i < d->n_values; i++)
        for (size_t k = 0; k < n; k++)
            if (d->values[i].name[k] != d->values[0].name[k])
                n = k;
    while (n && d->values[0].name[n - 1] != '_')
        n--;
    return d->n_values > 1 ? n : 0;
}

void msg_enum_name(struct od_buf *b, const ProtobufCEnumDescriptor *d, int value, bool plain)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(d, value);
    if (!v) {
        od_buf_printf(b, "%d", value);
        return;
    }
    for (const char *p = v->name + (plain ? enum_prefix(d) : 0); *p; p++)
        od_buf_char(b, plain && *p == '_' ? ' ' : (char)tolower((unsigned char)*p));
}

static bool enum_same(struct od_str text, const char *name)
{
    if (text.n != strlen(name))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] == '-' || text.p[i] == ' ' ? '_' : (char)toupper((unsigned char)text.p[i]);
        if (c != name[i])
            return false;
    }
    return true;
}

static enum ordo_status enum_set(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, struct od_str text,
                                 ordo_error *error)
{
    const ProtobufCEnumDescriptor *d = f->descriptor;
    size_t prefix = enum_prefix(d);
    struct od_buf names;
    for (unsigned i = 0; i < d->n_values; i++)
        if (enum_same(text, d->values[i].name) || enum_same(text, d->values[i].name + prefix))
            return msg_set_int(m, f, path, d->values[i].value, error);
    od_buf_init(&names, 4096);
    od_buf_c(&names, "one of");
    for (unsigned i = 0; i < d->n_values; i++) {
        od_buf_char(&names, ' ');
        for (const char *p = d->values[i].name + prefix; *p; p++)
            od_buf_char(&names, (char)tolower((unsigned char)*p));
    }
    refuse(error, path, od_buf_cstr(&names));
    od_buf_done(&names);
    return ORDO_INVALID;
}

/* --- text -------------------------------------------------------------------------------------------------------- */

static enum ordo_status bytes_set(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, struct od_str text,
                                  ordo_error *error)
{
    size_t n = text.n / 2;
    char *bytes = od_xmalloc(n ? n : 1);
    bool ok = text.n % 2 == 0 && od_unhex(text, bytes, n);
    if (ok)
        msg_set_bytes(m, f, bytes, n);
    free(bytes);
    return ok ? ORDO_OK : refuse(error, path, "bytes in hexadecimal");
}

enum ordo_status msg_set_text(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const char *path, struct od_str text,
                              ordo_error *error)
{
    int64_t number;
    if (f->type == PROTOBUF_C_TYPE_STRING) {
        if (od_utf8_len(text) == SIZE_MAX || (text.n && memchr(text.p, '\0', text.n)))
            return refuse(error, path, "valid UTF-8");
        char *copy = od_xmalloc(text.n + 1);
        if (text.n)
            memcpy(copy, text.p, text.n);
        copy[text.n] = '\0';
        *(char **)value_place(m, f) = copy;
        return ORDO_OK;
    }
    if (f->type == PROTOBUF_C_TYPE_BYTES)
        return bytes_set(m, f, path, text, error);
    if (f->type == PROTOBUF_C_TYPE_ENUM)
        return enum_set(m, f, path, text, error);
    if (f->type == PROTOBUF_C_TYPE_BOOL) {
        bool yes = od_str_eq_c(text, "true") || od_str_eq_c(text, "yes");
        if (!yes && !od_str_eq_c(text, "false") && !od_str_eq_c(text, "no"))
            return refuse(error, path, "true or false");
        return msg_set_int(m, f, path, yes, error);
    }
    if (f->type == PROTOBUF_C_TYPE_MESSAGE)
        return refuse(error, path, "an object");
    if (od_str_int(text, INT64_MIN, INT64_MAX, &number))
        return msg_set_int(m, f, path, number, error);
    if (!msg_is_instant(f))
        return refuse(error, path, "a whole number");
    if (!od_time_parse(text, &number))
        return refuse(error, path, "a time such as 2026-11-22T09:00:00+01:00");
    return msg_set_int(m, f, path, number, error);
}

void msg_instant(struct od_buf *b, int64_t us, const struct od_zone *zone, bool plain)
{
    char text[OD_TIME_TEXT];
    int32_t offset_s = zone ? od_zone_offset_s(zone, us) : 0;
    int64_t wall_us = us + (int64_t)offset_s * OD_US_PER_S;
    if (plain)
        wall_us -= ((wall_us % OD_US_PER_S) + OD_US_PER_S) % OD_US_PER_S;
    od_time_format(wall_us, text);
    size_t n = strlen(text);
    if (plain) {
        text[10] = ' ';
        od_buf_put(b, text, zone ? n - 1 : n);
        return;
    }
    od_buf_put(b, text, zone && offset_s ? n - 1 : n);
    if (offset_s) {
        int32_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
        od_buf_printf(b, "%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
}

void msg_show(struct od_buf *b, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i,
              const struct od_zone *zone, bool plain)
{
    const void *v = msg_value(m, f, i);
    const ProtobufCBinaryData *bytes = v;
    switch (f->type) {
    case PROTOBUF_C_TYPE_SFIXED64: msg_instant(b, *(const int64_t *)v, zone, plain); return;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64: od_buf_printf(b, "%lld", (long long)*(const int64_t *)v); return;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: od_buf_printf(b, "%llu", (unsigned long long)*(const uint64_t *)v); return;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32: od_buf_printf(b, "%d", *(const int32_t *)v); return;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: od_buf_printf(b, "%u", *(const uint32_t *)v); return;
    case PROTOBUF_C_TYPE_FLOAT: od_buf_printf(b, "%g", (double)*(const float *)v); return;
    case PROTOBUF_C_TYPE_DOUBLE: od_buf_printf(b, "%g", *(const double *)v); return;
    case PROTOBUF_C_TYPE_BOOL:
        od_buf_c(b, *(const protobuf_c_boolean *)v ? (plain ? "yes" : "true") : plain ? "no" : "false");
        return;
    case PROTOBUF_C_TYPE_ENUM: msg_enum_name(b, f->descriptor, *(const int32_t *)v, plain); return;
    case PROTOBUF_C_TYPE_STRING: od_buf_c(b, v); return;
    case PROTOBUF_C_TYPE_BYTES:
        for (size_t k = 0; k < bytes->len; k++)
            od_buf_printf(b, "%02x", bytes->data[k]);
        return;
    case PROTOBUF_C_TYPE_MESSAGE: return;
    }
}

bool msg_path(const ProtobufCMessage *m, const char *path, const ProtobufCMessage **ret_m,
              const ProtobufCFieldDescriptor **ret_f)
{
    struct od_str rest = od_str_c(path);
    for (;;) {
        char name[64];
        struct od_str part = od_str_cut(&rest, '.');
        snprintf(name, sizeof name, OD_STR_FMT, OD_STR_ARG(part));
        const ProtobufCFieldDescriptor *f = msg_field(m->descriptor, name);
        if (!f || !msg_count(m, f))
            return false;
        if (!rest.n) {
            *ret_m = m;
            *ret_f = f;
            return true;
        }
        m = msg_value(m, f, 0);
    }
}
