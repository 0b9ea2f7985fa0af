/* SPDX-License-Identifier: Apache-2.0
 * The method table, expanded from proto/methods.def. Each row's run function is the typed handler behind a cast that the
 * descriptors in the same row make right. */
#include "server/rpc/methods.h"

#include "server/handlers/handlers.h"
#include "server/rpc/authz.h"

/* Only lists have a Part message. */
#define PART_NODB(name) NULL
#define PART_READ(name) NULL
#define PART_WRITE(name) NULL
#define PART_LOCAL(name) NULL
#define PART_REPORT(name) NULL
#define PART_LIST(name) &ordo__##name##_part__descriptor

#define M(id, name, stem, permission, access)                                                                          \
    static enum od_status run_##name(struct rpc *rpc, const ProtobufCMessage *req, ProtobufCMessage *rep)              \
    {                                                                                                                  \
        return rpc_##name(rpc, (const Ordo__##stem##Req *)req, (Ordo__##stem##Rep *)rep);                              \
    }
#include "proto/methods.def"
#undef M

static const struct method METHODS[] = {
#define M(id_, name_, stem, permission_, access_)                                                                      \
    [id_] = {.id = (id_), .access = METHOD_##access_, .permission = PERMISSION(permission_), .name = #name_,           \
 .req = &ordo__##name_##_req__descriptor, .rep = &ordo__##name_##_rep__descriptor, \
             .part = PART_##access_(name_), .run = run_##name_},
#include "proto/methods.def"
#undef M
};

const struct method *method_find(uint16_t id)
{
    return id < OD_LEN(METHODS) && METHODS[id].run ? &METHODS[id] : NULL;
}
