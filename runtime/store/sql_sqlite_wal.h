/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sql_sqlite_wal.h - the library's way to the disk, but for two things it does a page at a time:
 * - It writes the log in pieces of 24 and of a page's octets, two for each page, one after the other.
 *   Here they gather and go to the file together, at the latest when it is synced: before a commit is told
 *   to anybody, this process's other connections included. What was written and not synced is nobody's, as
 *   it is without this.
 * - A checkpoint copies the log into the database page by page. Here the log is read ahead, and where all
 *   of it is copied the database's pages gather too.
 * Only for connections with cache_spill OFF: pages written before the commit of a transaction that is
 * rolled back would be kept here until others have their own at that place of the log. */
#pragma once

#include <sqlite3.h>

/* Once for each process, before a database is opened; platform: what it stands on. */
void sqlite_wal_register(sqlite3_vfs *platform);
#define SQLITE_WAL_VFS "posthorn-wal"
