/* SPDX-License-Identifier: Apache-2.0
 * A page of a list whose rows are all of one kind: the reader that puts rows of the database into the page's message. */
#ifndef ORDO_HANDLERS_PAGE_H
#define ORDO_HANDLERS_PAGE_H

#include "server/handlers/list.h"
#include "server/store/txn.h"

/* Makes the message of row i in the arena and moves the list's place to its key. NULL when memory is out. */
typedef ProtobufCMessage *(*page_row)(const PGresult *r, int i, struct od_arena *arena, struct list *ret_place);

struct page {
    struct rpc *rpc;
    page_row row;
    unsigned got;       /* rows that the database had */
    unsigned added;     /* rows that went into the page */
};

/* A txn_reader into a struct page. The list's Part message has the rows as its first field. */
enum od_status page_read(struct txn *tx, const PGresult *r, void *into, struct od_err *err);

/* A new message in the arena; NULL when memory is out. */
void *page_message(struct od_arena *arena, const ProtobufCMessageDescriptor *d);

#define PAGE_INT(m, member, r, i, col)                                                                                 \
    do {                                                                                                               \
        (m)->has_##member = !pg_is_null((r), (i), (col));                                                              \
        (m)->member = (__typeof__((m)->member))pg_get_int((r), (i), (col));                                            \
    } while (0)

#endif
