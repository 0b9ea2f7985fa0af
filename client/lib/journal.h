/* SPDX-License-Identifier: Apache-2.0
 * The file of calls whose outcome is not known yet. A record is on the disk before its call is sent, and is struck out
 * lazily: a client that died finds in it every call that may have happened. Knows no connection. One thread at a time;
 * one process at a time (a lock on the file). */
#ifndef ORDO_CLIENT_JOURNAL_H
#define ORDO_CLIENT_JOURNAL_H

#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/uuid.h"

struct od_journal;

struct od_journal_entry {
    struct od_journal_entry *next, *prev;
    uint64_t number;
    struct od_uuid key;
    uint16_t method;
    int64_t saved_us;
    off_t body_at; /* in the file; -1: still in the buffer */
    uint32_t body_size;
    uint32_t record_size;
    bool busy; /* a call of this process stands for it */
};

/* Opens or makes it, mode 0600, and reads what is there; a torn end is cut off. FILE_ERROR; JOURNAL_BUSY;
 * JOURNAL_BROKEN when it is no journal; OUT_OF_MEMORY. */
enum od_status od_journal_open(const char *path, struct od_journal **ret_journal, struct od_err *err);
/* Writes what is pending, does not wait for the disk. NULL is legal. */
void od_journal_close(struct od_journal *j);

/* From here on it belongs to this principal of this environment. JOURNAL_OTHER while it has entries of another one. */
enum od_status od_journal_bind(struct od_journal *j, const unsigned char environment[16], int64_t principal_id,
                               struct od_err *err);

/* Adds a call; it counts after od_journal_sync() only. The entry is busy. */
enum od_status od_journal_add(struct od_journal *j, const struct od_uuid *key, uint16_t method, int64_t saved_us,
                              struct od_str body, struct od_journal_entry **ret_entry, struct od_err *err);
/* Everything added so far is on the disk when it returns OD_OK; otherwise what was added since the last time is taken
 * back (its entries are gone). */
enum od_status od_journal_sync(struct od_journal *j, struct od_err *err);
/* The outcome is known: frees the entry, strikes it out with the next sync or close. */
void od_journal_strike(struct od_journal *j, struct od_journal_entry *entry);

struct od_journal_entry *od_journal_first(const struct od_journal *j); /* oldest; goes on by ->next */
/* Appends the saved request to out. */
enum od_status od_journal_read(struct od_journal *j, const struct od_journal_entry *entry, struct od_buf *out,
                               struct od_err *err);

#endif
