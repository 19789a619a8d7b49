/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* writer.h - the inside of a payload writer: digest, seal and file in one pass; payload.c makes the
 * row from it. */
#pragma once

#include "runtime/crypto/digest.h"
#include "runtime/store/blob.h"

/* A new key for one payload. DENY: the program has no storage key to wrap it with. */
MUST_USE bool writer_key(const struct store *store, struct secret *key, struct error *e);

struct store_writer {
    struct sink sink; /* first */
    struct store *store;
    struct uuid id;
    struct secret key; /* of this payload alone; in the row wrapped by the storage key */
    struct digest_sink digest;
    struct digest_value sha256; /* after finish */
    struct buf plain;           /* at most one segment */
    struct buf stored;          /* the same, sealed */
    struct blob_writer blob;
    uint64_t octets, limit, place;
    bool open, large, finished, failed, kept;
};
/* After finish, of small ones: what stands in the row. */
struct str writer_content(const struct store_writer *w);
