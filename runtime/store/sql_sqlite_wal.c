/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_crashes.c */
#include "runtime/store/sql_sqlite_wal.h"

#include <stdbool.h>
#include <string.h>

#include "runtime/base/mem.h"

enum { HELD_MAX = 124 * 1024 }; /* 30 pages; the platform writes less than 128 KiB at once */

struct wal_vfs {
    sqlite3_vfs vfs; /* first; a copy of the platform's but for xOpen */
    sqlite3_vfs *platform;
};

struct wal_file {
    sqlite3_file file;   /* first */
    sqlite3_file *below; /* the platform's, behind this struct */
    char *held;          /* HELD_MAX octets; NULL before the first write */
    int held_len;
    sqlite3_int64 held_at; /* place in the file */
};

static int write_held(struct wal_file *w)
{
    int len = w->held_len;
    w->held_len = 0; /* what fails is not tried again: its transaction fails with it */
    return len == 0 ? SQLITE_OK : w->below->pMethods->xWrite(w->below, w->held, len, w->held_at);
}

static int wal_close(sqlite3_file *file)
{
    struct wal_file *w = (struct wal_file *)file;
    int wrote = write_held(w);
    int closed = w->below->pMethods->xClose(w->below);
    mem_free(w->held);
    w->held = NULL;
    return wrote == SQLITE_OK ? closed : wrote;
}

static int wal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    struct wal_file *w = (struct wal_file *)file;
    int code = write_held(w);
    return code == SQLITE_OK ? w->below->pMethods->xRead(w->below, out, len, at) : code;
}

static int wal_write(sqlite3_file *file, const void *octets, int len, sqlite3_int64 at)
{
    struct wal_file *w = (struct wal_file *)file;
    bool follows = at == w->held_at + w->held_len && len <= HELD_MAX - w->held_len;
    int code = follows ? SQLITE_OK : write_held(w);
    if (code != SQLITE_OK || len > HELD_MAX)
        return code != SQLITE_OK ? code : w->below->pMethods->xWrite(w->below, octets, len, at);
    if (w->held == NULL)
        w->held = mem_new(HELD_MAX);
    if (w->held_len == 0)
        w->held_at = at;
    memcpy(w->held + w->held_len, octets, (size_t)len);
    w->held_len += len;
    return SQLITE_OK;
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct wal_file *w = (struct wal_file *)file;
    int code = write_held(w);
    return code == SQLITE_OK ? w->below->pMethods->xTruncate(w->below, size) : code;
}

static int wal_sync(sqlite3_file *file, int flags)
{
    struct wal_file *w = (struct wal_file *)file;
    int code = write_held(w);
    return code == SQLITE_OK ? w->below->pMethods->xSync(w->below, flags) : code;
}

static int wal_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct wal_file *w = (struct wal_file *)file;
    int code = write_held(w);
    return code == SQLITE_OK ? w->below->pMethods->xFileSize(w->below, size) : code;
}

static int wal_lock(sqlite3_file *file, int level)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xLock(below, level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xUnlock(below, level);
}

static int wal_is_reserved(sqlite3_file *file, int *is_reserved)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xCheckReservedLock(below, is_reserved);
}

static int wal_control(sqlite3_file *file, int what, void *about)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xFileControl(below, what, about);
}

static int wal_sector_size(sqlite3_file *file)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xSectorSize(below);
}

static int wal_characteristics(sqlite3_file *file)
{
    sqlite3_file *below = ((struct wal_file *)file)->below;
    return below->pMethods->xDeviceCharacteristics(below);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, /* shared memory and mapping are the database file's alone */
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_file_size,
    .xLock = wal_lock,
    .xUnlock = wal_unlock,
    .xCheckReservedLock = wal_is_reserved,
    .xFileControl = wal_control,
    .xSectorSize = wal_sector_size,
    .xDeviceCharacteristics = wal_characteristics,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    sqlite3_vfs *platform = ((struct wal_vfs *)vfs)->platform;
    struct wal_file *w = (struct wal_file *)file;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return platform->xOpen(platform, name, file, flags, out);
    *w = (struct wal_file){.below = (sqlite3_file *)(w + 1)};
    int code = platform->xOpen(platform, name, w->below, flags, out);
    w->file.pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

void sqlite_wal_register(sqlite3_vfs *platform)
{
    struct wal_vfs *w = mem_new(sizeof(*w)); /* the library keeps it for good */
    w->platform = platform;
    w->vfs = *w->platform;
    w->vfs.pNext = NULL;
    w->vfs.zName = SQLITE_WAL_VFS;
    w->vfs.szOsFile = (int)sizeof(struct wal_file) + w->platform->szOsFile;
    w->vfs.xOpen = open_file;
    sqlite3_vfs_register(&w->vfs, 0);
}
