/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_payloads.c */
#include <inttypes.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/digest.h"
#include "runtime/store/blob.h"
#include "runtime/store/segment.h"

struct store_reader {
    struct store *store;
    struct arena arena;
    struct store_payload payload;
    struct str id;
    struct str wrapped_key;
    struct str content; /* small ones */
    bool large;
    struct secret key;
    struct blob_reader blob;
};

static bool find_row(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_reader *r = ctx;
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!sql_start(tx->sql,
                   "SELECT id, media_type, octets, sha256, is_open, is_large, wrapped_key, "
                   "content, created_ms FROM payload WHERE message = $1 AND slot = $2",
                   SQL_VALUES(SQL_T(r->payload.message), SQL_T(r->payload.slot)), &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    struct str sha256 = row ? sql_column_text(&q, 3) : STR_NONE;
    if (!row || sha256.len != sizeof(r->payload.sha256))
        return error_code(e, ERROR_REJECT, "store:unknown", "no slot %.*s",
                          STR_ARG(r->payload.slot));
    memcpy(r->payload.sha256, sha256.at, sha256.len);
    r->id = tx_column(&q, 0, &r->arena);
    r->payload.media_type = tx_column(&q, 1, &r->arena);
    r->payload.octets = (uint64_t)sql_column_integer(&q, 2);
    r->payload.open = sql_column_integer(&q, 4) != 0;
    r->large = sql_column_integer(&q, 5) != 0;
    r->wrapped_key = tx_column(&q, 6, &r->arena);
    r->content = tx_column(&q, 7, &r->arena);
    r->payload.created_ms = sql_column_integer(&q, 8);
    return true;
}

static bool unwrap_key(struct store_reader *r, struct error *e)
{
    AUTO_BUF key = BUF(STORE_KEY_SIZE);
    if (r->payload.open)
        return true;
    if (r->store->key.len != STORE_KEY_SIZE)
        return error_set(e, ERROR_DENY, "this program has no storage key: open payloads only");
    if (!cipher_open(secret_peek(&r->store->key), r->id, r->wrapped_key, &key, e))
        return error_prefix(e, "the key of a payload does not open with this storage key");
    secret_set(&r->key, key.at, key.len);
    return true;
}

bool store_reader_open(struct store *store, struct str message, struct str slot,
                       struct store_reader **out, struct error *e)
{
    if (!tx_text(message, STORE_ID_MAX, "message", e) || !tx_word(slot, "slot", e))
        return false;
    struct store_reader *r = mem_new(sizeof(*r));
    r->store = store;
    r->payload.message = arena_copy(&r->arena, message);
    r->payload.slot = arena_copy(&r->arena, slot);
    if (!store_read(store, find_row, r, e) || !unwrap_key(r, e) ||
        (r->large && !blob_open(&r->blob, store, r->id, e))) {
        store_reader_free(r);
        return false;
    }
    *out = r;
    return true;
}

void store_reader_free(struct store_reader *r)
{
    if (r == NULL)
        return;
    blob_reader_release(&r->blob);
    secret_release(&r->key);
    arena_release(&r->arena);
    mem_free(r);
}

void store_reader_free_at(struct store_reader **r)
{
    store_reader_free(*r);
    *r = NULL;
}

const struct store_payload *store_reader_payload(const struct store_reader *r)
{
    return &r->payload;
}

_Static_assert((int)STORE_SEGMENT == (int)SEGMENT_PLAIN, "what store.h says");

/* Plain octets of one segment. `stored` is room for the sealed ones. */
static bool read_segment(struct store_reader *r, uint64_t place, struct buf *stored,
                         struct buf *plain, struct error *e)
{
    uint64_t begin = place * SEGMENT_PLAIN;
    uint64_t left = r->payload.octets - begin;
    bool last = place + 1 == segment_count(r->payload.octets);
    size_t len = last ? (size_t)left : SEGMENT_PLAIN;
    struct segment s = {secret_peek(&r->key), r->id, place, last};
    buf_clear(plain);
    buf_clear(stored);
    if (!r->large)
        return r->payload.open ? buf_add(plain, r->content, e)
                               : segment_open(&s, r->content, plain, e);
    if (r->payload.open)
        return blob_read(&r->blob, begin, len, plain, e);
    return blob_read(&r->blob, place * SEGMENT_SEALED, len + SEGMENT_SEALED - SEGMENT_PLAIN, stored,
                     e) &&
           segment_open(&s, buf_str(stored), plain, e);
}

static bool altered(const struct store_reader *r, struct error *e)
{
    if (e->kind == ERROR_RETRY)
        return false;
    return error_code(e, ERROR_DENY, "store:altered", "payload %.*s was altered or cut on disk",
                      STR_ARG(r->id));
}

static bool read_range(struct store_reader *r, uint64_t offset, uint64_t length, struct sink *sink,
                       struct error *e)
{
    AUTO_BUF stored = BUF(SEGMENT_SEALED);
    AUTO_BUF plain = BUF(SEGMENT_PLAIN);
    while (length > 0) {
        if (!read_segment(r, offset / SEGMENT_PLAIN, &stored, &plain, e))
            return altered(r, e);
        struct str part = str_from(buf_str(&plain), offset % SEGMENT_PLAIN);
        part = str_upto(part, length < part.len ? (size_t)length : part.len);
        if (part.len == 0)
            return altered(r, e);
        if (!sink_write(sink, part, e))
            return false;
        offset += part.len;
        length -= part.len;
    }
    return true;
}

static bool read_whole(struct store_reader *r, struct sink *sink, struct error *e)
{
    AUTO_DIGEST_SINK digest;
    struct sink_tee tee;
    struct digest_value value;
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    sink_tee_init(&tee, &digest.sink, sink);
    if (!read_range(r, 0, r->payload.octets, &tee.sink, e) || !sink_finish(&digest.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    return digest_equal(&value, str_bytes(r->payload.sha256, sizeof(r->payload.sha256))) ||
           altered(r, e);
}

bool store_reader_read(struct store_reader *r, uint64_t offset, uint64_t length, struct sink *sink,
                       struct error *e)
{
    if (offset > r->payload.octets || length > r->payload.octets - offset)
        return error_set(e, ERROR_REJECT, "the range ends behind the %" PRIu64 " octets",
                         r->payload.octets);
    bool whole = offset == 0 && length == r->payload.octets;
    return whole ? read_whole(r, sink, e) : read_range(r, offset, length, sink, e);
}

int store_reader_fd(const struct store_reader *r)
{
    return r->large && r->payload.open ? r->blob.fd : -1;
}

bool store_payload_read(struct store *store, struct str message, struct str slot, struct sink *sink,
                        struct error *e)
{
    AUTO_STORE_READER r = NULL;
    return store_reader_open(store, message, slot, &r, e) &&
           store_reader_read(r, 0, r->payload.octets, sink, e);
}
