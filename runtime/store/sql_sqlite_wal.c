/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/test_sql_sqlite_wal.c, suite_crashes.c */
#include "runtime/store/sql_sqlite_wal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/mem.h"

/* The log's writes are held back until it is synced, which is before anybody is told of the commit.
 *
 * The database's are held back while a checkpoint copies all of the log into it, and only then. A
 * failure of the last that were held must be told before the library counts the pages as copied, and
 * it does not ask for it when it has written the last page. But if all of the log was copied, it
 * truncates the database next, and hears of it there. It decides this by two numbers of the shared
 * memory (sqlite.org/walformat.html), and we by the same two before the first page: the last frame to
 * copy is set by then, and the last frame of the log can be changed by the one writer alone, which
 * must be this connection. In any other checkpoint each page is written at once. */

enum {
    HELD_MAX = 124 * 1024, /* 30 pages; the platform writes less than 128 KiB at once */
    SHARED_OCTETS = 32 * 1024,
    LAST_FRAME = 16 / 4, /* place in the shared memory, in numbers of 4 octets */
    LAST_TO_COPY = 128 / 4,
    WRITERS_LOCK = 0,
    FRAME_HEAD = 24, /* octets between two pages of the log */
};

struct held_vfs {
    sqlite3_vfs vfs; /* first; a copy of the platform's but for xOpen */
    sqlite3_vfs *platform;
};

/* Of a database or its log. It lies behind the platform's struct, whose pMethods point to it. */
struct held {
    sqlite3_io_methods methods; /* first; the platform's but for those here */
    const sqlite3_io_methods *platform;
    bool holds;
    char *octets; /* HELD_MAX; NULL before the first that is held */
    int len;
    sqlite3_int64 at; /* place in the file */
    /* the database's: */
    bool writes;          /* this connection is the one writer */
    int owed;             /* failure of what was held last: told when it is truncated */
    bool copies;          /* a checkpoint is under way */
    uint64_t checkpoints; /* begun so far */
    /* the log's: octets holds what was read ahead in that checkpoint */
    const struct held *database;
    uint64_t ahead_of;
    int ahead_len;
    sqlite3_int64 ahead_at;
    sqlite3_int64 next_at; /* the page after the last that was read */
};

static struct held *held_of(const sqlite3_file *file)
{
    struct held *h;
    memcpy(&h, &file->pMethods, sizeof(h)); /* which are constant to the library alone */
    return h;
}

static int write_held(sqlite3_file *file)
{
    struct held *h = held_of(file);
    int len = h->len;
    h->len = 0; /* what fails is not tried again: its transaction or checkpoint fails with it */
    return len == 0 ? SQLITE_OK : h->platform->xWrite(file, h->octets, len, h->at);
}

static int held_close(sqlite3_file *file)
{
    struct held *h = held_of(file);
    int wrote = write_held(file);
    int closed = h->platform->xClose(file);
    mem_free(h->octets);
    h->octets = NULL;
    return wrote == SQLITE_OK ? closed : wrote;
}

static int held_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    int code = write_held(file);
    return code == SQLITE_OK ? held_of(file)->platform->xRead(file, out, len, at) : code;
}

static int held_write(sqlite3_file *file, const void *octets, int len, sqlite3_int64 at)
{
    struct held *h = held_of(file);
    bool follows = at == h->at + h->len && len <= HELD_MAX - h->len;
    int code = follows ? SQLITE_OK : write_held(file);
    if (code != SQLITE_OK || !h->holds || len > HELD_MAX)
        return code != SQLITE_OK ? code : h->platform->xWrite(file, octets, len, at);
    if (h->octets == NULL)
        h->octets = mem_new(HELD_MAX);
    if (h->len == 0)
        h->at = at;
    memcpy(h->octets + h->len, octets, (size_t)len);
    h->len += len;
    h->ahead_len = 0;
    return SQLITE_OK;
}

static int held_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct held *h = held_of(file);
    int code = h->owed != SQLITE_OK ? h->owed : write_held(file);
    h->owed = SQLITE_OK;
    return code == SQLITE_OK ? h->platform->xTruncate(file, size) : code;
}

static int held_sync(sqlite3_file *file, int flags)
{
    int code = write_held(file);
    return code == SQLITE_OK ? held_of(file)->platform->xSync(file, flags) : code;
}

static int held_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int code = write_held(file);
    return code == SQLITE_OK ? held_of(file)->platform->xFileSize(file, size) : code;
}

/* --- the log's, in a checkpoint: most pages are read in the order in which they were written. What is
 * read ahead then stays as it is until the checkpoint is over: nobody begins the log anew meanwhile. */

static void read_ahead(sqlite3_file *file, int len, sqlite3_int64 at)
{
    struct held *h = held_of(file);
    sqlite3_int64 size = 0;
    if (h->octets == NULL)
        h->octets = mem_new(HELD_MAX);
    h->ahead_len = 0;
    if (h->platform->xFileSize(file, &size) != SQLITE_OK || size - at < len)
        return;
    int all = size - at < HELD_MAX ? (int)(size - at) : HELD_MAX;
    if (h->platform->xRead(file, h->octets, all, at) == SQLITE_OK)
        h->ahead_len = all;
    h->ahead_at = at;
}

static bool is_ahead(const struct held *h, int len, sqlite3_int64 at)
{
    return at >= h->ahead_at && at + len <= h->ahead_at + h->ahead_len;
}

static int log_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    struct held *h = held_of(file);
    bool is_next = at == h->next_at;
    if (!h->database->copies || h->len > 0)
        return held_read(file, out, len, at);
    if (h->ahead_of != h->database->checkpoints)
        h->ahead_len = 0;
    h->ahead_of = h->database->checkpoints;
    h->next_at = at + len + FRAME_HEAD;
    if (is_next && len < HELD_MAX && !is_ahead(h, len, at))
        read_ahead(file, len, at);
    if (!is_ahead(h, len, at))
        return h->platform->xRead(file, out, len, at);
    memcpy(out, h->octets + (at - h->ahead_at), (size_t)len);
    return SQLITE_OK;
}

/* --- the database's */

static int database_lock(sqlite3_file *file, int first, int n, int flags)
{
    struct held *h = held_of(file);
    int code = h->platform->xShmLock(file, first, n, flags);
    if (code == SQLITE_OK && first == WRITERS_LOCK && (flags & SQLITE_SHM_EXCLUSIVE) != 0)
        h->writes = (flags & SQLITE_SHM_LOCK) != 0;
    return code;
}

static bool will_copy_all(sqlite3_file *file)
{
    struct held *h = held_of(file);
    void volatile *at = NULL;
    if (!h->writes || h->platform->xShmMap(file, 0, SHARED_OCTETS, 0, &at) != SQLITE_OK ||
        at == NULL)
        return false;
    const uint32_t volatile *shared = at;
    return shared[LAST_FRAME] == shared[LAST_TO_COPY];
}

static int database_control(sqlite3_file *file, int what, void *about)
{
    struct held *h = held_of(file);
    if (what == SQLITE_FCNTL_CKPT_START) {
        h->owed = SQLITE_OK;
        h->holds = will_copy_all(file);
        h->copies = true;
        h->checkpoints++;
    }
    if (what == SQLITE_FCNTL_CKPT_DONE) {
        h->owed = write_held(file);
        h->holds = h->copies = false;
    }
    return h->platform->xFileControl(file, what, about);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *platform = ((struct held_vfs *)vfs)->platform;
    bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    int code = platform->xOpen(platform, name, file, flags, out);
    if (code != SQLITE_OK || (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0))
        return code;
    struct held *h = (void *)((char *)file + vfs->szOsFile - sizeof(*h));
    *h = (struct held){.methods = *file->pMethods, .platform = file->pMethods, .holds = is_log};
    h->methods.xClose = held_close;
    h->methods.xRead = held_read;
    h->methods.xWrite = held_write;
    h->methods.xTruncate = held_truncate;
    h->methods.xSync = held_sync;
    h->methods.xFileSize = held_file_size;
    if (is_log) {
        h->database = held_of(sqlite3_database_file_object(name));
        h->methods.xRead = log_read;
    } else {
        h->methods.xShmLock = database_lock;
        h->methods.xFileControl = database_control;
    }
    file->pMethods = &h->methods;
    return SQLITE_OK;
}

void sqlite_wal_register(sqlite3_vfs *platform)
{
    struct held_vfs *v = mem_new(sizeof(*v)); /* the library keeps it for good */
    size_t before = ((size_t)platform->szOsFile + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
                    sizeof(max_align_t);
    v->platform = platform;
    v->vfs = *v->platform;
    v->vfs.pNext = NULL;
    v->vfs.zName = SQLITE_WAL_VFS;
    v->vfs.szOsFile = (int)(before + sizeof(struct held));
    v->vfs.xOpen = open_file;
    sqlite3_vfs_register(&v->vfs, 0);
}
