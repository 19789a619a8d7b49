/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* blob.h - where the octets of large payloads lie, as they are stored (sealed or open): one file
 * each (SQLite) or rows of 1 MiB (PostgreSQL, so that any node can go on). Files:
 *     payload/moving/<id>  being written, just attached, or about to be removed
 *     payload/<xx>/<id>    xx: the first two digits of the id
 * Readers look in both. A file in moving/ with a row is put in its place at the next start; one
 * without a row that is older than an hour is a crash's leftover. */
#pragma once

#include "runtime/store/tx.h"

enum { BLOB_CHUNK = 1024 * 1024, BLOB_STALE_MS = 3600 * 1000 };

struct blob_writer { /* in place; {.fd = -1} before begin */
    struct store *store;
    struct str id; /* the owner's */
    int fd;
    struct buf chunk;
    int64_t place;
};
MUST_USE bool blob_begin(struct blob_writer *w, struct store *store, struct str id,
                         struct error *e);
MUST_USE bool blob_write(struct blob_writer *w, struct str octets, struct error *e);
MUST_USE bool blob_end(struct blob_writer *w, struct error *e); /* durable after it */
void blob_release(struct blob_writer *w);

void blob_settle(struct store *store, struct str id); /* after the commit: into its place */
void blob_unlink(struct store *store, struct str id); /* after the commit, or never attached */
/* Before the commit that removes its row. */
MUST_USE bool blob_dispose(struct store_tx *tx, struct str id, struct error *e);

struct blob_reader { /* in place; {.fd = -1} before open */
    struct store *store;
    struct str id;
    int fd;
    struct buf chunk; /* the chunk at `place` */
    int64_t place;
};
MUST_USE bool blob_open(struct blob_reader *r, struct store *store, struct str id, struct error *e);
/* Appends exactly len stored octets to out. */
MUST_USE bool blob_read(struct blob_reader *r, uint64_t offset, size_t len, struct buf *out,
                        struct error *e);
void blob_reader_release(struct blob_reader *r);

MUST_USE bool blob_sweep(struct store *store, struct error *e); /* at start */
