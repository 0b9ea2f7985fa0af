/* SPDX-License-Identifier: Apache-2.0
 * The walk over a message's bytes, and decoding behind it. Knows the wire format of protobuf; the descriptors say the rest. */
#include "common/wire/prescan.h"

#include <stdio.h>

#include "common/base/buf.h"

enum { FIELDS_PER_MESSAGE_MAX = 64, PATH_MAX_BYTES = OD_ERR_FIELD_MAX };

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* One level of the walk: which message, where, and how often each of its fields came. */
struct level {
    const ProtobufCMessageDescriptor *d;
    struct od_str rest;
    const ProtobufCFieldDescriptor *field; /* the one being looked at; NULL: unknown here */
    uint32_t count[FIELDS_PER_MESSAGE_MAX];
};

struct walk {
    struct level level[OD_MESSAGE_DEPTH_MAX];
    unsigned depth; /* levels in use */
    unsigned fields;
    bool answer; /* what a server says */
    struct od_err *err;
};

/* The path of what is being looked at: items[3].name. Cut where it is too long. */
static void path_write(const struct walk *w, char out[PATH_MAX_BYTES])
{
    size_t at = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < w->depth && w->level[i].field; i++) {
        const struct level *l = &w->level[i];
        char index[16] = "";
        if (l->field->label == PROTOBUF_C_LABEL_REPEATED && l->count[l->field - l->d->fields])
            snprintf(index, sizeof index, "[%u]", l->count[l->field - l->d->fields] - 1u);
        int n = snprintf(out + at, PATH_MAX_BYTES - at, "%s%s%s", at ? "." : "", l->field->name, index);
        at = n > 0 && (size_t)n < PATH_MAX_BYTES - at ? at + (size_t)n : PATH_MAX_BYTES - 1;
    }
}

static enum od_status refuse(const struct walk *w, const char *why)
{
    char path[PATH_MAX_BYTES];
    path_write(w, path);
    if (!*path)
        return od_fail(w->err, OD_R_MESSAGE_MALFORMED, "why=%s", why);
    return od_fail(w->err, OD_R_MESSAGE_MALFORMED, "why=%s: %s" OD_AND "field=%s", path, why, path);
}

static bool take_varint(struct od_str *s, uint64_t *ret)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 10 && i < s->n; i++) {
        unsigned char c = (unsigned char)s->p[i];
        if (i == 9 && c > 1)
            return false;
        v |= (uint64_t)(c & 0x7f) << (7 * i);
        if (c < 0x80) {
            *ret = v;
            s->p += i + 1;
            s->n -= i + 1;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct od_str *s, uint64_t n, struct od_str *ret)
{
    if (n > s->n)
        return false;
    *ret = (struct od_str){s->p, (size_t)n};
    s->p += n;
    s->n -= (size_t)n;
    return true;
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT: return WIRE_32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE: return WIRE_64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE: return WIRE_BYTES;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL: return WIRE_VARINT;
    }
    return WIRE_VARINT;
}

/* protobuf-c would cut a number that is too wide for its field; here it is refused. */
static const char *number_fault(const struct walk *w, const ProtobufCFieldDescriptor *f, uint64_t v)
{
    static const char out_of_range[] = "the number is out of its type's range";
    int64_t as_signed = (int64_t)v;
    bool fits_int32 = as_signed >= INT32_MIN && as_signed <= INT32_MAX;
    if (f->type == PROTOBUF_C_TYPE_INT32)
        return fits_int32 ? NULL : out_of_range;
    if (f->type == PROTOBUF_C_TYPE_UINT32 || f->type == PROTOBUF_C_TYPE_SINT32)
        return v <= UINT32_MAX ? NULL : out_of_range;
    if (f->type == PROTOBUF_C_TYPE_BOOL)
        return v <= 1 ? NULL : out_of_range;
    if (f->type == PROTOBUF_C_TYPE_ENUM &&
        (!fits_int32 || (!w->answer && !protobuf_c_enum_descriptor_get_value(f->descriptor, (int)as_signed))))
        return "the enum has no such number";
    return NULL;
}

static const char *string_fault(const struct walk *w, struct od_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r' && !(w->answer && s.p[i]))
            return s.p[i] ? "a control character" : "a NUL character";
    return od_utf8_len(s) == SIZE_MAX ? "not UTF-8" : NULL;
}

static enum od_status count_one(struct walk *w, struct level *l)
{
    if (++w->fields > (w->answer ? (unsigned)OD_ANSWER_FIELDS_MAX : OD_MESSAGE_FIELDS_MAX))
        return refuse(w, "too many fields");
    if (l->field && l->field->label == PROTOBUF_C_LABEL_REPEATED &&
        ++l->count[l->field - l->d->fields] > (w->answer ? (unsigned)OD_ANSWER_REPEATED_MAX : OD_MESSAGE_REPEATED_MAX))
        return refuse(w, "too many repetitions");
    return OD_OK;
}

static enum od_status scan_packed(struct walk *w, struct level *l, struct od_str bytes, unsigned wire_type)
{
    while (bytes.n) {
        uint64_t v = 0;
        struct od_str fixed;
        OD_TRY(count_one(w, l));
        if (wire_type == WIRE_VARINT ? !take_varint(&bytes, &v) : !take_bytes(&bytes, wire_type == WIRE_64 ? 8 : 4, &fixed))
            return refuse(w, "a number is cut or overlong");
        const char *fault = wire_type == WIRE_VARINT ? number_fault(w, l->field, v) : NULL;
        if (fault)
            return refuse(w, fault);
    }
    return OD_OK;
}

static enum od_status descend(struct walk *w, const ProtobufCMessageDescriptor *d, struct od_str bytes)
{
    if (w->depth == OD_MESSAGE_DEPTH_MAX)
        return refuse(w, "nested too deep");
    od_assert(d->n_fields <= FIELDS_PER_MESSAGE_MAX);
    struct level *l = &w->level[w->depth++];
    l->d = d;
    l->rest = bytes;
    l->field = NULL;
    memset(l->count, 0, d->n_fields * sizeof *l->count);
    return OD_OK;
}

static enum od_status scan_bytes(struct walk *w, struct level *l, struct od_str bytes)
{
    const ProtobufCFieldDescriptor *f = l->field;
    unsigned expected = f ? wire_type_of(f->type) : WIRE_BYTES;
    if (expected != WIRE_BYTES)
        return f->label == PROTOBUF_C_LABEL_REPEATED ? scan_packed(w, l, bytes, expected) : refuse(w, "wrong wire type");
    OD_TRY(count_one(w, l));
    if (f && f->type == PROTOBUF_C_TYPE_MESSAGE)
        return descend(w, f->descriptor, bytes);
    const char *fault = f && f->type == PROTOBUF_C_TYPE_STRING ? string_fault(w, bytes) : NULL;
    return fault ? refuse(w, fault) : OD_OK;
}

static enum od_status scan_number(struct walk *w, struct level *l, unsigned wire_type)
{
    uint64_t v = 0;
    struct od_str fixed;
    OD_TRY(count_one(w, l));
    if (l->field && wire_type_of(l->field->type) != wire_type)
        return refuse(w, "wrong wire type");
    if (wire_type == WIRE_VARINT ? !take_varint(&l->rest, &v) : !take_bytes(&l->rest, wire_type == WIRE_64 ? 8 : 4, &fixed))
        return refuse(w, "a number is cut or overlong");
    const char *fault = l->field && wire_type == WIRE_VARINT ? number_fault(w, l->field, v) : NULL;
    return fault ? refuse(w, fault) : OD_OK;
}

static enum od_status scan_field(struct walk *w, struct level *l)
{
    uint64_t tag, n;
    struct od_str bytes;
    l->field = NULL;
    if (!take_varint(&l->rest, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
        return refuse(w, "a field's tag is broken");
    l->field = protobuf_c_message_descriptor_get_field(l->d, (unsigned)(tag >> 3));
    switch (tag & 7) {
    case WIRE_VARINT:
    case WIRE_64:
    case WIRE_32: return scan_number(w, l, (unsigned)(tag & 7));
    case WIRE_BYTES:
        if (!take_varint(&l->rest, &n) || !take_bytes(&l->rest, n, &bytes))
            return refuse(w, "a length lies outside the message");
        return scan_bytes(w, l, bytes);
    default: return refuse(w, "groups and unknown wire types are not accepted");
    }
}

static enum od_status scan(const ProtobufCMessageDescriptor *d, struct od_str bytes, bool answer, struct od_err *err)
{
    struct walk w; /* each level is initialised when it is entered */
    w.depth = 0;
    w.fields = 0;
    w.answer = answer;
    w.err = err;
    OD_TRY(descend(&w, d, bytes));
    while (w.depth) {
        struct level *l = &w.level[w.depth - 1];
        if (l->rest.n)
            OD_TRY(scan_field(&w, l));
        else
            w.depth--;
    }
    return OD_OK;
}

enum od_status od_prescan(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_err *err)
{
    return scan(d, bytes, false, err);
}

enum od_status od_prescan_answer(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_err *err)
{
    return scan(d, bytes, true, err);
}

static void *arena_alloc(void *arena, size_t n) { return od_arena_alloc(arena, n); }
static void arena_free(void *arena OD_UNUSED, void *p OD_UNUSED) {}

enum od_status od_message_unpack(const ProtobufCMessageDescriptor *d, struct od_str bytes, struct od_arena *arena,
                                 ProtobufCMessage **ret_message, struct od_err *err)
{
    OD_TRY(od_prescan(d, bytes, err));
    ProtobufCAllocator allocator = {.alloc = arena_alloc, .free = arena_free, .allocator_data = arena};
    *ret_message = protobuf_c_message_unpack(d, &allocator, bytes.n, (const uint8_t *)bytes.p);
    if (*ret_message)
        return OD_OK;
    if (arena->exhausted)
        return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", arena->cap_bytes);
    return od_fail(err, OD_R_MESSAGE_MALFORMED, "why=the fields do not make a %s", d->name);
}

void od_message_pack(const ProtobufCMessage *m, struct od_buf *out)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *to = n ? od_buf_reserve(out, n) : NULL;
    if (to)
        out->n += protobuf_c_message_pack(m, to);
}
