/* SPDX-License-Identifier: Apache-2.0
 * Keyset paging for list handlers. A list handler is run once per page with its own transaction: it reads where it stands
 * from list_of(), queries at most list_take() rows behind that place, adds them one by one, and the dispatcher sends the page. */
#ifndef ORDO_HANDLERS_LIST_H
#define ORDO_HANDLERS_LIST_H

#include "server/rpc/rpc.h"

enum { LIST_PAGE_ROWS = 100, LIST_PAGE_BYTES = 60 * 1024, LIST_KEY_TEXT = 1024 };

/* Where a list stands between its pages: the key of the last row that was sent. Lists order by one of (at, id), (text, id), id. */
struct list {
    bool started;
    bool ended;
    int64_t at_us;
    int64_t id;
    char text[LIST_KEY_TEXT];
    unsigned sent;          /* rows so far */
    size_t page_bytes;      /* of the page being filled */
};

struct list *list_of(struct rpc *rpc);

/* Starts from a caller's cursor (an earlier list's), or from the beginning where it has no bytes. INVALID for what is none. */
enum od_status list_start(struct rpc *rpc, struct od_str cursor);

/* Rows to ask for now: a page's, or what is left to the caller's limit (0 = all). */
unsigned list_take(const struct rpc *rpc, unsigned limit);

/* Counts a row into the page. False: the page is full, the row belongs to the next one. */
bool list_add(struct rpc *rpc, const ProtobufCMessage *row);

/* After the page's rows: asked = what list_take() gave, got = rows that the database had, added = rows that went in. Says
 * whether there is more; *ret_cursor (in the arena) is set where the caller's limit ended the list early. */
void list_end(struct rpc *rpc, unsigned limit, unsigned asked, unsigned got, unsigned added, ProtobufCBinaryData *ret_cursor,
              protobuf_c_boolean *ret_has_cursor);

#endif
