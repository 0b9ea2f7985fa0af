/* SPDX-License-Identifier: Apache-2.0
 * The functions of each row of methods.def, the table of methods, and calls as bytes. Everything that the rows have in
 * common is in the few functions above the expansion. */
#include "client/lib/internal.h"

#define PART_NODB(name) NULL
#define PART_READ(name) NULL
#define PART_WRITE(name) NULL
#define PART_LOCAL(name) NULL
#define PART_REPORT(name) NULL
#define PART_LIST(name) &ordo__##name##_part__descriptor
static const ordo_method METHODS[] = {
#define M(id_, name_, Stem, permission_, access_)                                                                      \
    {id_,                                                                                                              \
     ORDO_ACCESS_##access_,                                                                                            \
     #name_,                                                                                                           \
     #permission_,                                                                                                     \
     &ordo__##name_##_req__descriptor,                                                                                 \
     &ordo__##name_##_rep__descriptor,                                                                                 \
     PART_##access_(name_)},
#include "methods.def"
#undef M
};

enum {
#define M(id_, name_, Stem, permission_, access_) ROW_##name_,
#include "methods.def"
#undef M
};

size_t ordo_method_count(void) { return OD_LEN(METHODS); }
const ordo_method *ordo_method_at(size_t i) { return i < OD_LEN(METHODS) ? &METHODS[i] : NULL; }

const ordo_method *ordo_method_find(uint16_t id)
{
    for (size_t i = 0; i < OD_LEN(METHODS); i++)
        if (METHODS[i].id == id)
            return &METHODS[i];
    return NULL;
}

const ordo_method *ordo_method_by_name(const char *name)
{
    for (size_t i = 0; i < OD_LEN(METHODS); i++)
        if (!strcmp(METHODS[i].name, name))
            return &METHODS[i];
    return NULL;
}

/* --- what all rows share ------------------------------------------------------------------------------------------ */

struct waiter {
    bool done;
    enum ordo_status status;
    ordo_error *error;
    void **ret_reply;
};

static bool waiter_done(void *arg) { return ((struct waiter *)arg)->done; }

/* An answer that cannot be read: the call was executed all the same. */
static enum ordo_status reply_unreadable(const ordo_client *c, ordo_error *error)
{
    struct od_err err;
    od_fail(&err, c->arena.exhausted ? OD_R_OUT_OF_MEMORY : OD_R_MESSAGE_MALFORMED, "why=the reply");
    err.outcome = OD_EXECUTED;
    return od_error_local(error, &err);
}

static void waiter_finish(ordo_call *call, struct od_str reply, const ordo_error *error)
{
    struct waiter *w = call->waiter;
    w->done = true;
    w->status = error ? error->status : ORDO_OK;
    if (error && w->error)
        *w->error = *error;
    if (error || !w->ret_reply)
        return;
    *w->ret_reply = protobuf_c_message_unpack(call->method->reply, NULL, reply.n, (const uint8_t *)reply.p);
    if (!*w->ret_reply)
        w->status = reply_unreadable(call->client, w->error);
}

static enum ordo_status call_wait(ordo_client *c, struct od_start *s, void **ret_reply, ordo_error *error)
{
    struct waiter w = {.error = error, .ret_reply = ret_reply};
    if (ret_reply)
        *ret_reply = NULL;
    s->waiter = &w;
    s->finish = s->finish ? s->finish : waiter_finish;
    od_client_enter(c);
    enum od_status status = OD_USAGE;
    if (!c->in_callback)
        status = od_call_start(c, s, NULL);
    if (status == OD_OK)
        od_client_wait(c, waiter_done, &w);
    od_client_leave(c);
    s->waiter = NULL;
    if (status == OD_OK && w.status == ORDO_OK)
        return od_error_local(error, &(struct od_err){.status = OD_OK});
    switch ((int)status) {
    case OD_OK: return w.status;
    case OD_OVERLOADED: return od_error_set(error, OD_R_IN_FLIGHT_LIMIT, "max=%u", c->calls_max);
    case OD_TOO_LARGE:
        return od_error_set(error, OD_R_LIMIT_EXCEEDED, "limit=request bytes" OD_AND "max=%d", OD_FRAME_MAX);
    case OD_USAGE:
        return od_error_set(error, OD_R_USAGE_WRONG,
                            c->in_callback ? "why=a synchronous call inside a callback"
                                           : "why=the request is not initialised by its __INIT");
    default: return od_error_set(error, OD_R_OUT_OF_MEMORY, NULL);
    }
}

static enum ordo_status call_start(ordo_client *c, const struct od_start *s, ordo_call **ret_call)
{
    od_client_enter(c);
    enum od_status status = od_call_start(c, s, ret_call);
    od_client_leave(c);
    return (enum ordo_status)status;
}

/* The decoded reply; or NULL with *io_error set. */
static const void *reply_decode(ordo_call *call, struct od_str reply, const ordo_error **io_error,
                                ordo_error *unreadable)
{
    if (*io_error)
        return NULL;
    const ProtobufCMessage *m = od_client_decode(call->client, call->method->reply, reply);
    if (!m) {
        reply_unreadable(call->client, unreadable);
        *io_error = unreadable;
    }
    return m;
}

static const void *part_decode(ordo_call *call, struct od_str part)
{
    const ProtobufCMessage *m = od_client_decode(call->client, call->method->part, part);
    if (!m)
        call->end = call->client->arena.exhausted ? OD_END_MEMORY : OD_END_MALFORMED;
    return m;
}

/* --- one set of functions a row ----------------------------------------------------------------------------------- */

#define FINISH(name_, Stem)                                                                                            \
    static void name_##_finish(ordo_call *call, struct od_str reply, const ordo_error *error)                          \
    {                                                                                                                  \
        ordo_error unreadable;                                                                                         \
        const Ordo__##Stem##Rep *rep = reply_decode(call, reply, &error, &unreadable);                                 \
        ((ordo_##name_##_cb)call->on_reply)(call, rep, error, call->arg);                                              \
    }

#define DEFINE_UNARY(name_, Stem)                                                                                      \
    FINISH(name_, Stem)                                                                                                \
    enum ordo_status ordo_##name_(ordo_client *client, const Ordo__##Stem##Req *req, Ordo__##Stem##Rep **ret_rep,      \
                                  ordo_error *error)                                                                   \
    {                                                                                                                  \
        struct od_start s = {.method = &METHODS[ROW_##name_], .message = &req->base};                                  \
        void *rep = NULL;                                                                                              \
        enum ordo_status status = call_wait(client, &s, ret_rep ? &rep : NULL, error);                                 \
        if (ret_rep)                                                                                                   \
            *ret_rep = rep;                                                                                            \
        return status;                                                                                                 \
    }                                                                                                                  \
    enum ordo_status ordo_##name_##_start(ordo_client *client, const Ordo__##Stem##Req *req,                           \
                                          ordo_##name_##_cb on_reply, void *arg, ordo_call **ret_call)                 \
    {                                                                                                                  \
        struct od_start s = {.method = &METHODS[ROW_##name_],                                                          \
                             .message = &req->base,                                                                    \
                             .finish = name_##_finish,                                                                 \
                             .on_reply = (void (*)(void))on_reply,                                                     \
                             .arg = arg};                                                                              \
        return call_start(client, &s, ret_call);                                                                       \
    }

#define DEFINE_LIST(name_, Stem)                                                                                       \
    FINISH(name_, Stem)                                                                                                \
    static bool name_##_part(ordo_call *call, struct od_str bytes)                                                     \
    {                                                                                                                  \
        const Ordo__##Stem##Part *part = part_decode(call, bytes);                                                     \
        ordo_##name_##_part_cb on_part = (ordo_##name_##_part_cb)call->on_part;                                        \
        return part && (!on_part || on_part(call, part, call->arg));                                                   \
    }                                                                                                                  \
    enum ordo_status ordo_##name_(ordo_client *client, const Ordo__##Stem##Req *req, ordo_##name_##_part_cb on_part,   \
                                  void *arg, Ordo__##Stem##Rep **ret_rep, ordo_error *error)                           \
    {                                                                                                                  \
        struct od_start s = {.method = &METHODS[ROW_##name_],                                                          \
                             .message = &req->base,                                                                    \
                             .part = name_##_part,                                                                     \
                             .on_part = (void (*)(void))on_part,                                                       \
                             .arg = arg};                                                                              \
        void *rep = NULL;                                                                                              \
        enum ordo_status status = call_wait(client, &s, ret_rep ? &rep : NULL, error);                                 \
        if (ret_rep)                                                                                                   \
            *ret_rep = rep;                                                                                            \
        return status;                                                                                                 \
    }                                                                                                                  \
    enum ordo_status ordo_##name_##_start(ordo_client *client, const Ordo__##Stem##Req *req,                           \
                                          ordo_##name_##_part_cb on_part, ordo_##name_##_cb on_reply, void *arg,       \
                                          ordo_call **ret_call)                                                        \
    {                                                                                                                  \
        struct od_start s = {.method = &METHODS[ROW_##name_],                                                          \
                             .message = &req->base,                                                                    \
                             .finish = name_##_finish,                                                                 \
                             .part = name_##_part,                                                                     \
                             .on_reply = (void (*)(void))on_reply,                                                     \
                             .on_part = (void (*)(void))on_part,                                                       \
                             .arg = arg};                                                                              \
        return call_start(client, &s, ret_call);                                                                       \
    }

#define DEFINE_NODB DEFINE_UNARY
#define DEFINE_READ DEFINE_UNARY
#define DEFINE_WRITE DEFINE_UNARY
#define DEFINE_LOCAL DEFINE_UNARY
#define DEFINE_REPORT DEFINE_UNARY
#define M(id_, name_, Stem, permission_, access_) DEFINE_##access_(name_, Stem)
#include "methods.def"
#undef M

/* --- as bytes ----------------------------------------------------------------------------------------------------- */

static void bytes_finish(ordo_call *call, struct od_str reply, const ordo_error *error)
{
    ordo_bytes_cb on_reply = (ordo_bytes_cb)call->on_reply;
    if (on_reply)
        on_reply(call, error ? NULL : reply.p, reply.n, error, call->arg);
    if (call->waiter)
        waiter_finish(call, reply, error);
}

static bool bytes_part(ordo_call *call, struct od_str part)
{
    ordo_bytes_part_cb on_part = (ordo_bytes_part_cb)call->on_part;
    return !on_part || on_part(call, part.p, part.n, call->arg);
}

static struct od_start bytes_call(uint16_t method, const void *request, size_t size,
                                  const ordo_bytes_callbacks *callbacks)
{
    return (struct od_start){.method = ordo_method_find(method),
                             .bytes = {request, size},
                             .finish = bytes_finish,
                             .part = bytes_part,
                             .on_reply = (void (*)(void))callbacks->on_reply,
                             .on_part = (void (*)(void))callbacks->on_part,
                             .arg = callbacks->arg};
}

enum ordo_status ordo_bytes_start(ordo_client *client, uint16_t method, const void *request, size_t size,
                                  const ordo_bytes_callbacks *callbacks, ordo_call **ret_call)
{
    struct od_start s = bytes_call(method, request, size, callbacks);
    return s.method ? call_start(client, &s, ret_call) : ORDO_UNIMPLEMENTED;
}

enum ordo_status ordo_bytes(ordo_client *client, uint16_t method, const void *request, size_t size,
                            const ordo_bytes_callbacks *callbacks, ordo_error *error)
{
    struct od_start s = bytes_call(method, request, size, callbacks);
    if (!s.method)
        return od_error_set(error, OD_R_METHOD_UNKNOWN, "method=%u", method);
    return call_wait(client, &s, NULL, error);
}

void ordo_free_message(void *message)
{
    if (message)
        protobuf_c_message_free_unpacked(message, NULL);
}
