/* SPDX-License-Identifier: Apache-2.0
 * The journal's file. Records follow each other: checksum, size, kind, payload; the first one is the head. Reading
 * stops at the first that does not hold: behind it lies only what was never acknowledged by the disk, so never sent. */
#include "client/lib/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/limits.h"

enum { KIND_HEAD = 1, KIND_SAVE = 2, KIND_STRIKE = 3 };
enum {
    FRAME_BYTES = 16,                /* u64 checksum, u32 size, u32 kind */
    HEAD_BYTES = 32,                 /* "ordojnl1", environment, i64 principal */
    SAVE_BYTES = 34,                 /* u64 number, key, u16 method, i64 saved_us; the body follows */
    STRIKE_BYTES = 8,                /* u64 number */
    EMPTY_MAX_BYTES = 256 * 1024,    /* an empty journal is cut back beyond this */
    REWRITE_BYTES = 4 * 1024 * 1024, /* one with entries is written anew beyond this, if most of it is struck out */
    PENDING_MAX_BYTES = 64 * 1024 * 1024,
};
static const char MAGIC[8] = "ordojnl1";

struct od_journal {
    int fd;
    char *path;
    unsigned char environment[16];
    int64_t principal_id;
    bool bound;
    struct od_journal_entry *first, *last;
    uint64_t next_number;
    uint64_t synced_number; /* entries from here on are not on the disk yet */
    off_t end;              /* of what the file holds for sure */
    size_t live_bytes;
    struct od_buf pending;
};

/* Numbers are kept in the machine's order: a journal does not travel. */
static void put_u64(struct od_buf *b, uint64_t v) { od_buf_put(b, &v, sizeof v); }

static size_t record_begin(struct od_buf *b)
{
    size_t at = b->n;
    static const char zero[FRAME_BYTES];
    od_buf_put(b, zero, sizeof zero);
    return at;
}

static uint64_t checksum(const char *p, size_t n)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    uint64_t sum;
    SHA256((const unsigned char *)p, n, digest);
    memcpy(&sum, digest, sizeof sum);
    return sum;
}

static void record_end(struct od_buf *b, size_t at, uint32_t kind)
{
    if (b->failed)
        return;
    uint32_t size = (uint32_t)(b->n - at - FRAME_BYTES);
    memcpy(b->p + at + 8, &size, sizeof size);
    memcpy(b->p + at + 12, &kind, sizeof kind);
    uint64_t sum = checksum(b->p + at + 8, b->n - at - 8);
    memcpy(b->p + at, &sum, sizeof sum);
}

static enum od_status file_fail(const struct od_journal *j, struct od_err *err)
{
    return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", j->path, strerrordesc_np(errno));
}

static bool write_all(int fd, const char *p, size_t n, off_t at)
{
    while (n) {
        ssize_t w = pwrite(fd, p, n, at);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        p += w;
        n -= (size_t)w;
        at += w;
    }
    return true;
}

static bool sync_directory(const char *path)
{
    char copy[PATH_MAX];
    size_t n = strlen(path);
    if (n >= sizeof copy)
        return false;
    memcpy(copy, path, n + 1);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

static struct od_journal_entry *entry_add(struct od_journal *j, uint64_t number)
{
    struct od_journal_entry *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->number = number;
    e->prev = j->last;
    *(j->last ? &j->last->next : &j->first) = e;
    j->last = e;
    return e;
}

static void entry_remove(struct od_journal *j, struct od_journal_entry *e)
{
    od_assert(!e->prev == (j->first == e) && !e->next == (j->last == e));
    *(e->prev ? &e->prev->next : &j->first) = e->next;
    *(e->next ? &e->next->prev : &j->last) = e->prev;
    j->live_bytes -= e->record_size;
    free(e);
}

static void entry_remove_number(struct od_journal *j, uint64_t number)
{
    struct od_journal_entry *e = j->first;
    while (e && e->number != number)
        e = e->next;
    if (e)
        entry_remove(j, e);
}

static enum od_status no_memory(struct od_err *err) { return od_fail(err, OD_R_OUT_OF_MEMORY, NULL); }

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum od_status load_record(struct od_journal *j, uint32_t kind, const char *p, uint32_t size, off_t at,
                                  struct od_err *err)
{
    uint64_t number;
    if (kind == KIND_HEAD && size == HEAD_BYTES && !memcmp(p, MAGIC, sizeof MAGIC)) {
        memcpy(j->environment, p + 8, 16);
        memcpy(&j->principal_id, p + 24, 8);
        j->bound = true;
    } else if (kind == KIND_STRIKE && size == STRIKE_BYTES) {
        memcpy(&number, p, 8);
        entry_remove_number(j, number);
    } else if (kind == KIND_SAVE && size >= SAVE_BYTES) {
        memcpy(&number, p, 8);
        struct od_journal_entry *e = entry_add(j, number);
        if (!e)
            return no_memory(err);
        memcpy(e->key.b, p + 8, 16);
        memcpy(&e->method, p + 24, 2);
        memcpy(&e->saved_us, p + 26, 8);
        e->body_at = at + FRAME_BYTES + SAVE_BYTES;
        e->body_size = size - SAVE_BYTES;
        e->record_size = FRAME_BYTES + size;
        j->live_bytes += e->record_size;
        if (number >= j->next_number)
            j->next_number = number + 1;
    }
    return OD_OK;
}

/* Reads the record at `at` into b. *ret_size = 0: there is no whole one. */
static enum od_status read_record(const struct od_journal *j, off_t at, struct od_buf *b, uint32_t *ret_size,
                                  struct od_err *err)
{
    uint32_t size;
    *ret_size = 0;
    od_buf_clear(b);
    char *p = od_buf_reserve(b, FRAME_BYTES);
    if (!p)
        return no_memory(err);
    if (pread(j->fd, p, FRAME_BYTES, at) != FRAME_BYTES)
        return OD_OK;
    memcpy(&size, p + 8, sizeof size);
    if (!size || size > OD_FRAME_MAX + SAVE_BYTES)
        return OD_OK;
    const size_t n = (size_t)FRAME_BYTES + size;
    p = od_buf_reserve(b, n);
    if (!p)
        return no_memory(err);
    uint64_t sum;
    if (pread(j->fd, p, n, at) != (ssize_t)n)
        return OD_OK;
    memcpy(&sum, p, sizeof sum);
    if (sum == checksum(p + 8, n - 8))
        *ret_size = size;
    return OD_OK;
}

static enum od_status load(struct od_journal *j, struct od_err *err)
{
    od_cleanup(od_buf_done) struct od_buf b;
    struct stat st;
    od_buf_init(&b, OD_FRAME_MAX + 4096);
    if (fstat(j->fd, &st) != 0)
        return file_fail(j, err);
    for (;;) {
        uint32_t size, kind;
        OD_TRY(read_record(j, j->end, &b, &size, err));
        if (!size)
            break;
        memcpy(&kind, b.p + 12, sizeof kind);
        if (!j->end && kind != KIND_HEAD)
            break;
        OD_TRY(load_record(j, kind, b.p + FRAME_BYTES, size, j->end, err));
        j->end += FRAME_BYTES + (off_t)size;
    }
    /* A file that is not empty and has no head may be anything: it is not ours to cut. A torn head is shorter than one.
     */
    if (!j->bound && st.st_size >= FRAME_BYTES + HEAD_BYTES)
        return od_fail(err, OD_R_JOURNAL_BROKEN, "path=%s", j->path);
    if (st.st_size > j->end && ftruncate(j->fd, j->end) != 0)
        return file_fail(j, err);
    j->synced_number = j->next_number;
    return OD_OK;
}

/* The lock is the inode's: after a rewrite the path may have another one. */
static enum od_status open_locked(struct od_journal *j, const char *path, int flags, struct od_err *err)
{
    for (;;) {
        struct stat mine, there;
        j->fd = open(path, flags | O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (j->fd < 0 || fchmod(j->fd, 0600) != 0)
            return file_fail(j, err);
        if (flock(j->fd, LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? od_fail(err, OD_R_JOURNAL_BUSY, "path=%s", path) : file_fail(j, err);
        if (fstat(j->fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino &&
            mine.st_dev == there.st_dev)
            return OD_OK;
        close(j->fd);
    }
}

static void journal_free(struct od_journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    while (j->first)
        entry_remove(j, j->first);
    od_buf_done(&j->pending);
    free(j->path);
    free(j);
}

enum od_status od_journal_open(const char *path, struct od_journal **ret_journal, struct od_err *err)
{
    struct od_journal *j = calloc(1, sizeof *j);
    if (!j)
        return no_memory(err);
    j->fd = -1;
    j->next_number = 1;
    od_buf_init(&j->pending, PENDING_MAX_BYTES);
    j->path = strdup(path);
    enum od_status status = j->path ? open_locked(j, path, 0, err) : no_memory(err);
    if (status == OD_OK)
        status = load(j, err);
    if (status != OD_OK) {
        journal_free(j);
        return status;
    }
    *ret_journal = j;
    return OD_OK;
}

void od_journal_close(struct od_journal *j)
{
    if (!j)
        return;
    if (!j->first && j->bound) {
        if (ftruncate(j->fd, FRAME_BYTES + HEAD_BYTES) != 0)
            j->pending.failed = true; /* the strikes then stay unwritten: resolving them again is harmless */
    } else if (j->pending.n && !j->pending.failed) {
        j->pending.failed = !write_all(j->fd, j->pending.p, j->pending.n, j->end);
    }
    journal_free(j);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void put_head(struct od_buf *b, const struct od_journal *j)
{
    size_t at = record_begin(b);
    od_buf_put(b, MAGIC, sizeof MAGIC);
    od_buf_put(b, j->environment, 16);
    od_buf_put(b, &j->principal_id, 8);
    record_end(b, at, KIND_HEAD);
}

enum od_status od_journal_bind(struct od_journal *j, const unsigned char environment[16], int64_t principal_id,
                               struct od_err *err)
{
    if (j->bound && !memcmp(j->environment, environment, 16) && j->principal_id == principal_id)
        return OD_OK;
    if (j->first)
        return od_fail(err, OD_R_JOURNAL_OTHER, "path=%s", j->path);
    od_cleanup(od_buf_done) struct od_buf head;
    od_buf_init(&head, 256);
    memcpy(j->environment, environment, 16);
    j->principal_id = principal_id;
    put_head(&head, j);
    if (head.failed)
        return no_memory(err);
    j->bound = false;
    j->end = 0;
    od_buf_clear(&j->pending);
    if (ftruncate(j->fd, 0) != 0 || !write_all(j->fd, head.p, head.n, 0) || fsync(j->fd) != 0 ||
        !sync_directory(j->path))
        return file_fail(j, err);
    j->end = (off_t)head.n;
    j->bound = true;
    return OD_OK;
}

enum od_status od_journal_add(struct od_journal *j, const struct od_uuid *key, uint16_t method, int64_t saved_us,
                              struct od_str body, struct od_journal_entry **ret_entry, struct od_err *err)
{
    od_assert(j->bound);
    struct od_journal_entry *e = entry_add(j, j->next_number);
    if (!e)
        return no_memory(err);
    struct od_buf *b = &j->pending;
    size_t before = b->n, at = record_begin(b);
    put_u64(b, e->number);
    od_buf_put(b, key->b, 16);
    od_buf_put(b, &method, 2);
    od_buf_put(b, &saved_us, 8);
    od_buf_str(b, body);
    record_end(b, at, KIND_SAVE);
    if (b->failed) {
        b->failed = false;
        b->n = before;
        entry_remove(j, e);
        return no_memory(err);
    }
    j->next_number++;
    e->key = *key;
    e->method = method;
    e->saved_us = saved_us;
    e->body_at = j->end + (off_t)at + FRAME_BYTES + SAVE_BYTES;
    e->body_size = (uint32_t)body.n;
    e->record_size = (uint32_t)(b->n - at);
    e->busy = true;
    j->live_bytes += e->record_size;
    *ret_entry = e;
    return OD_OK;
}

/* Writes the head and the entries to a file beside the old one and puts it in its place. A failure leaves the old one.
 */
static void rewrite(struct od_journal *j)
{
    struct od_journal fresh = *j;
    char path[PATH_MAX];
    od_cleanup(od_buf_done) struct od_buf b;
    od_buf_init(&b, PENDING_MAX_BYTES);
    int n = snprintf(path, sizeof path, "%s.new", j->path);
    if (n < 0 || (size_t)n >= sizeof path || open_locked(&fresh, path, O_TRUNC, NULL) != OD_OK)
        return;
    put_head(&b, j);
    for (struct od_journal_entry *e = j->first; e && !b.failed; e = e->next) {
        char *p = od_buf_reserve(&b, e->record_size);
        if (p && pread(j->fd, p, e->record_size, e->body_at - SAVE_BYTES - FRAME_BYTES) == (ssize_t)e->record_size)
            b.n += e->record_size;
        else
            b.failed = true;
    }
    if (b.failed || !write_all(fresh.fd, b.p, b.n, 0) || fsync(fresh.fd) != 0 || rename(path, j->path) != 0) {
        unlink(path);
        close(fresh.fd);
        return;
    }
    sync_directory(j->path);
    close(j->fd);
    j->fd = fresh.fd;
    j->end = FRAME_BYTES + HEAD_BYTES;
    for (struct od_journal_entry *e = j->first; e; e = e->next) {
        e->body_at = j->end + FRAME_BYTES + SAVE_BYTES;
        j->end += (off_t)e->record_size;
    }
}

enum od_status od_journal_sync(struct od_journal *j, struct od_err *err)
{
    if (j->synced_number == j->next_number)
        return OD_OK; /* strikes alone can wait */
    if (j->pending.failed || !write_all(j->fd, j->pending.p, j->pending.n, j->end) || fdatasync(j->fd) != 0) {
        enum od_status status = j->pending.failed ? no_memory(err) : file_fail(j, err);
        od_buf_clear(&j->pending);
        while (j->last && j->last->number >= j->synced_number)
            entry_remove(j, j->last);
        j->synced_number = j->next_number;
        if (ftruncate(j->fd, j->end) != 0)
            j->bound = false; /* what follows could not be read back: refuse to go on until it is bound anew */
        return status;
    }
    j->end += (off_t)j->pending.n;
    od_buf_clear(&j->pending);
    j->synced_number = j->next_number;
    if (j->end > REWRITE_BYTES && j->live_bytes < REWRITE_BYTES / 2)
        rewrite(j);
    return OD_OK;
}

void od_journal_strike(struct od_journal *j, struct od_journal_entry *entry)
{
    size_t at = record_begin(&j->pending);
    put_u64(&j->pending, entry->number);
    record_end(&j->pending, at, KIND_STRIKE);
    if (j->pending.failed) { /* lost strikes are harmless; lost saves would not be, and those report themselves */
        j->pending.failed = false;
        j->pending.n = at;
    }
    entry_remove(j, entry);
    if (!j->first && j->end > EMPTY_MAX_BYTES && ftruncate(j->fd, FRAME_BYTES + HEAD_BYTES) == 0) {
        j->end = FRAME_BYTES + HEAD_BYTES;
        od_buf_clear(&j->pending);
        j->synced_number = j->next_number;
    }
}

struct od_journal_entry *od_journal_first(const struct od_journal *j) { return j->first; }

enum od_status od_journal_read(struct od_journal *j, const struct od_journal_entry *entry, struct od_buf *out,
                               struct od_err *err)
{
    char *p = od_buf_reserve(out, entry->body_size);
    if (!p)
        return entry->body_size ? no_memory(err) : OD_OK;
    if (pread(j->fd, p, entry->body_size, entry->body_at) != (ssize_t)entry->body_size)
        return file_fail(j, err);
    out->n += entry->body_size;
    return OD_OK;
}
