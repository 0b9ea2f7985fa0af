/* SPDX-License-Identifier: Apache-2.0
 * Messages of every method and frame: what the pre-scan lets through decodes within the arena's cap, or is refused for it, and
 * packs to bytes that pass again. The first byte chooses the message. */
#include <stddef.h>
#include <stdint.h>

#include "admin.pb-c.h"
#include "common.pb-c.h"
#include "common/base/buf.h"
#include "common/wire/prescan.h"
#include "customer.pb-c.h"
#include "import.pb-c.h"
#include "push.pb-c.h"
#include "request.pb-c.h"
#include "session.pb-c.h"
#include "tests/fuzz/fuzz.h"

enum { ARENA_MAX = 1024 * 1024 };

/* Those of frames, then both sides of every method. */
static const ProtobufCMessageDescriptor *const MESSAGES[] = {
    &ordo__hello__descriptor,
    &ordo__hello_ok__descriptor,
    &ordo__auth__descriptor,
    &ordo__auth_ok__descriptor,
    &ordo__meta__descriptor,
    &ordo__error__descriptor,
    &ordo__subscribe__descriptor,
    &ordo__event__descriptor,
    &ordo__event_ack__descriptor,
    &ordo__bookmark__descriptor,
    &ordo__go_away__descriptor,
    &ordo__info__descriptor,
#define M(id, name, Stem, permission, access) &ordo__##name##_req__descriptor, &ordo__##name##_rep__descriptor,
#include "proto/methods.def"
#undef M
};

enum { MESSAGES_N = sizeof MESSAGES / sizeof(void *) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const ProtobufCMessageDescriptor *d = MESSAGES[data[0] % MESSAGES_N];
    struct od_arena arena;
    struct od_buf packed;
    struct od_err err;
    ProtobufCMessage *m = NULL;
    od_arena_init(&arena, ARENA_MAX);
    od_buf_init(&packed, 4 * ARENA_MAX);
    enum od_status status = od_message_unpack(d, (struct od_str){(const char *)data + 1, size - 1}, &arena, &m, &err);
    if (status == OD_OK) {
        od_message_pack(m, &packed);
        od_assert(!packed.failed && od_prescan(d, od_buf_view(&packed), &err) == OD_OK);
    } else {
        od_assert(err.reason == OD_R_MESSAGE_MALFORMED || err.reason == OD_R_MEMORY_LIMIT);
    }
    /* the client's look lets more through, and that decodes or is too much for the arena */
    struct od_str bytes = {(const char *)data + 1, size - 1};
    od_assert(status != OD_OK || od_prescan_answer(d, bytes, &err) == OD_OK);
    od_buf_done(&packed);
    od_arena_done(&arena);
    return 0;
}
