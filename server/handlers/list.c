/* SPDX-License-Identifier: Apache-2.0
 * Pages and cursors. A cursor is the last row's key in the clear: it gives nothing that the scope does not. */
#include "server/handlers/list.h"

#include <stdio.h>

#include "common/base/limits.h"
#include "server/rpc/dispatch.h"

_Static_assert(sizeof(struct list) <= LIST_STATE_BYTES, "a list's state lies in the call's arena");

struct list *list_of(struct rpc *rpc) { return rpc->state; }

/* The years 1 to 9999: what the database knows too. */
#define AT_MIN_US INT64_C(-62135596800000000)
#define AT_MAX_US INT64_C(253402300799999999)

/* at_us:id:text */
enum od_status list_start(struct rpc *rpc, struct od_str cursor)
{
    struct list *l = list_of(rpc);
    if (l->started)
        return OD_OK;
    l->started = true;
    l->at_us = OD_TIME_NONE;
    if (!cursor.n)
        return OD_OK;
    struct od_str at = od_str_cut(&cursor, ':'), id = od_str_cut(&cursor, ':');
    bool at_fits = od_str_int(at, INT64_MIN, INT64_MAX, &l->at_us) &&
                   (l->at_us == OD_TIME_NONE || (l->at_us >= AT_MIN_US && l->at_us <= AT_MAX_US));
    if (!at_fits || !od_str_int(id, 0, INT64_MAX, &l->id) || cursor.n >= sizeof l->text ||
        memchr(cursor.p, 0, cursor.n) || od_utf8_len(cursor) == SIZE_MAX)
        return od_fail_field(&rpc->err, "cursor", OD_R_FIELD_FORMAT, "expected=a cursor from an earlier list");
    memcpy(l->text, cursor.p, cursor.n);
    l->text[cursor.n] = '\0';
    return OD_OK;
}

unsigned list_take(const struct rpc *rpc, unsigned limit)
{
    const struct list *l = rpc->state;
    return limit && limit - l->sent < LIST_PAGE_ROWS ? limit - l->sent : LIST_PAGE_ROWS;
}

bool list_add(struct rpc *rpc, const ProtobufCMessage *row)
{
    struct list *l = list_of(rpc);
    size_t bytes = protobuf_c_message_get_packed_size(row) + 8;
    if (l->page_bytes && l->page_bytes + bytes > LIST_PAGE_BYTES)
        return false;
    l->page_bytes += bytes;
    return true;
}

void list_end(struct rpc *rpc, unsigned limit, unsigned asked, unsigned got, unsigned added, ProtobufCBinaryData *ret_cursor,
              protobuf_c_boolean *ret_has_cursor)
{
    struct list *l = list_of(rpc);
    l->page_bytes = 0;
    l->sent += added;
    bool behind = got == asked || added < got; /* there may be rows behind this page */
    rpc->more = behind && !(limit && l->sent >= limit);
    rpc->rows = l->sent;
    if (!behind || rpc->more || !ret_cursor)
        return;
    char *text = od_arena_printf(&rpc->arena, "%lld:%lld:%s", (long long)l->at_us, (long long)l->id, l->text);
    if (!text)
        return;
    *ret_cursor = (ProtobufCBinaryData){strlen(text), (uint8_t *)text};
    *ret_has_cursor = 1;
}
