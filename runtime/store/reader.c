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
    struct store_row row;
    struct secret key;
    struct blob_reader blob;
};

/* False: it has no digest, and counts as none. */
static bool read_row(const struct sql_query *q, struct arena *a, struct store_row *out)
{
    struct str sha256 = sql_column_text(q, 3);
    if (sha256.len != sizeof(out->payload.sha256))
        return false;
    memcpy(out->payload.sha256, sha256.at, sha256.len);
    out->id = tx_column(q, 0, a);
    out->payload.media_type = tx_column(q, 1, a);
    out->payload.octets = (uint64_t)sql_column_integer(q, 2);
    out->payload.open = sql_column_integer(q, 4) != 0;
    out->large = sql_column_integer(q, 5) != 0;
    out->wrapped_key = tx_column(q, 6, a);
    out->content = tx_column(q, 7, a);
    out->payload.created_ms = sql_column_integer(q, 8);
    return true;
}

bool store_row_find(struct store_tx *tx, struct arena *a, struct str message, struct str slot,
                    struct store_row *out, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool is_there = false;
    *out = (struct store_row){0};
    if (!tx_text(message, STORE_ID_MAX, "message", e) || !tx_word(slot, "slot", e) ||
        !sql_start(tx->sql,
                   "SELECT id, media_type, octets, sha256, is_open, is_large, wrapped_key, "
                   "content, created_ms FROM payload WHERE message = $1 AND slot = $2",
                   SQL_VALUES(SQL_T(message), SQL_T(slot)), &q, e) ||
        !sql_next(&q, &is_there, e))
        return false;
    if (!is_there || !read_row(&q, a, out))
        return true;
    out->payload.message = arena_copy(a, message);
    out->payload.slot = arena_copy(a, slot);
    return true;
}

struct store_row store_row_copy(const struct store_row *row, struct arena *a)
{
    struct store_row copy = *row;
    copy.payload.message = arena_copy(a, row->payload.message);
    copy.payload.slot = arena_copy(a, row->payload.slot);
    copy.payload.media_type = arena_copy(a, row->payload.media_type);
    copy.id = arena_copy(a, row->id);
    copy.wrapped_key = arena_copy(a, row->wrapped_key);
    copy.content = arena_copy(a, row->content);
    return copy;
}

struct wanted {
    struct store_reader *reader;
    struct str message, slot;
};

static bool find_row(struct store_tx *tx, void *ctx, struct error *e)
{
    struct wanted *w = ctx;
    if (!store_row_find(tx, &w->reader->arena, w->message, w->slot, &w->reader->row, e))
        return false;
    return w->reader->row.id.len > 0 ||
           error_code(e, ERROR_REJECT, "store:unknown", "no slot %.*s", STR_ARG(w->slot));
}

static bool unwrap_key(struct store_reader *r, struct error *e)
{
    AUTO_BUF key = BUF(STORE_KEY_SIZE);
    if (r->row.payload.open)
        return true;
    if (r->store->key.len != STORE_KEY_SIZE)
        return error_set(e, ERROR_DENY, "this program has no storage key: open payloads only");
    if (!cipher_open(secret_peek(&r->store->key), r->row.id, r->row.wrapped_key, &key, e))
        return error_prefix(e, "the key of a payload does not open with this storage key");
    secret_set(&r->key, key.at, key.len);
    return true;
}

static bool start_reading(struct store_reader *r, struct error *e)
{
    return unwrap_key(r, e) && (!r->row.large || blob_open(&r->blob, r->store, r->row.id, e));
}

bool store_reader_open(struct store *store, struct str message, struct str slot,
                       struct store_reader **out, struct error *e)
{
    struct store_reader *r = mem_new(sizeof(*r));
    struct wanted wanted = {r, message, slot};
    r->store = store;
    if (!store_read(store, find_row, &wanted, e) || !start_reading(r, e)) {
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
    return &r->row.payload;
}

_Static_assert((int)STORE_SEGMENT == (int)SEGMENT_PLAIN, "what store.h says");

/* Plain octets of one segment. `stored` is room for the sealed ones. */
static bool read_segment(struct store_reader *r, uint64_t place, struct buf *stored,
                         struct buf *plain, struct error *e)
{
    uint64_t begin = place * SEGMENT_PLAIN;
    uint64_t left = r->row.payload.octets - begin;
    bool last = place + 1 == segment_count(r->row.payload.octets);
    size_t len = last ? (size_t)left : SEGMENT_PLAIN;
    struct segment s = {secret_peek(&r->key), r->row.id, place, last};
    buf_clear(plain);
    buf_clear(stored);
    if (!r->row.large)
        return (r->row.payload.open ? buf_add(plain, r->row.content, e)
                                    : segment_open(&s, r->row.content, plain, e)) &&
               plain->len == len;
    if (r->row.payload.open)
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
                      STR_ARG(r->row.id));
}

/* At least one segment: an empty one has its tag, too. */
static bool read_range(struct store_reader *r, uint64_t offset, uint64_t length, struct sink *sink,
                       struct error *e)
{
    AUTO_BUF stored = BUF(SEGMENT_SEALED);
    AUTO_BUF plain = BUF(SEGMENT_PLAIN);
    do {
        if (!read_segment(r, offset / SEGMENT_PLAIN, &stored, &plain, e))
            return altered(r, e);
        struct str part = str_from(buf_str(&plain), offset % SEGMENT_PLAIN);
        part = str_upto(part, length < part.len ? (size_t)length : part.len);
        if (part.len == 0 && length > 0)
            return altered(r, e);
        if (part.len > 0 && !sink_write(sink, part, e))
            return false;
        offset += part.len;
        length -= part.len;
    } while (length > 0);
    return true;
}

/* All of what is open: without tags, so its digest is compared. */
static bool read_open(struct store_reader *r, struct sink *sink, struct error *e)
{
    AUTO_DIGEST_SINK digest;
    struct sink_tee tee;
    struct digest_value value;
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    sink_tee_init(&tee, &digest.sink, sink);
    if (!read_range(r, 0, r->row.payload.octets, &tee.sink, e) || !sink_finish(&digest.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    return digest_equal(&value, str_bytes(r->row.payload.sha256, sizeof(r->row.payload.sha256))) ||
           altered(r, e);
}

bool store_reader_read(struct store_reader *r, uint64_t offset, uint64_t length, struct sink *sink,
                       struct error *e)
{
    if (offset > r->row.payload.octets || length > r->row.payload.octets - offset)
        return error_set(e, ERROR_REJECT, "the range ends behind the %" PRIu64 " octets",
                         r->row.payload.octets);
    if (length == 0 && r->row.payload.octets > 0)
        return true;
    bool whole = offset == 0 && length == r->row.payload.octets;
    return whole && r->row.payload.open ? read_open(r, sink, e)
                                        : read_range(r, offset, length, sink, e);
}

int store_reader_fd(const struct store_reader *r)
{
    return r->row.large && r->row.payload.open ? r->blob.fd : -1;
}

bool store_payload_read(struct store *store, struct str message, struct str slot, struct sink *sink,
                        struct error *e)
{
    AUTO_STORE_READER r = NULL;
    return store_reader_open(store, message, slot, &r, e) &&
           store_reader_read(r, 0, r->row.payload.octets, sink, e);
}

bool store_row_read(struct store *store, const struct store_row *row, struct sink *sink,
                    struct error *e)
{
    struct store_reader r = {.store = store, .row = *row};
    bool ok = start_reading(&r, e) && store_reader_read(&r, 0, row->payload.octets, sink, e);
    blob_reader_release(&r.blob);
    secret_release(&r.key);
    return ok;
}
