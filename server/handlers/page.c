/* SPDX-License-Identifier: Apache-2.0
 * Filling a page by its descriptor. */
#include "server/handlers/page.h"

void *page_message(struct od_arena *arena, const ProtobufCMessageDescriptor *d)
{
    ProtobufCMessage *m = od_arena_alloc(arena, d->sizeof_message);
    if (m)
        d->message_init(m);
    return m;
}

enum od_status page_read(struct txn *tx, const PGresult *r, void *into, struct od_err *err)
{
    struct page *page = into;
    struct list *l = list_of(page->rpc);
    const ProtobufCFieldDescriptor *field = &page->rpc->part->descriptor->fields[0];
    size_t *n = (size_t *)(void *)((char *)page->rpc->part + field->quantifier_offset);
    ProtobufCMessage **rows;
    od_assert(field->label == PROTOBUF_C_LABEL_REPEATED && field->type == PROTOBUF_C_TYPE_MESSAGE);
    page->got = (unsigned)PQntuples(r);
    rows = OD_ARENA_ARRAY(tx->arena, page->got, ProtobufCMessage *);
    *(ProtobufCMessage ***)(void *)((char *)page->rpc->part + field->offset) = rows;
    for (unsigned i = 0; i < page->got; i++) {
        struct list before = *l;
        ProtobufCMessage *row = page->row(r, (int)i, tx->arena, l);
        if (!rows || !row)
            return od_fail(err, OD_R_MEMORY_LIMIT, "max=%zu", tx->arena->cap_bytes);
        if (!list_add(page->rpc, row)) {
            *l = before;
            break;
        }
        rows[(*n)++] = row;
    }
    page->added = (unsigned)*n;
    return OD_OK;
}
