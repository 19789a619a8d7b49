/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_payloads.c, suite_crashes.c */
#include <string.h>

#include "runtime/crypto/cipher.h"
#include "runtime/store/segment.h"
#include "runtime/store/writer.h"

static bool check_slot(struct str message, struct str slot, struct error *e)
{
    return tx_text(message, STORE_ID_MAX, "message", e) && tx_word(slot, "slot", e);
}

static bool slot_taken(struct str slot, struct error *e)
{
    return error_code(e, ERROR_REJECT, "store:exists", "slot %.*s is taken", STR_ARG(slot));
}

/* The row but for the key, which is wrapped here. */
struct row {
    struct str id, message, slot, media_type;
    uint64_t octets;
    const struct digest_value *sha256;
    const struct secret *key; /* NULL: open */
    bool large;
    struct str content;
};

static bool insert_row(struct store_tx *tx, const struct row *r, struct error *e)
{
    AUTO_BUF wrapped = BUF(256);
    uint64_t changed = 0;
    if (!check_slot(r->message, r->slot, e) ||
        !tx_text(r->media_type, STORE_MAILBOX_MAX, "media type", e) ||
        (r->key != NULL &&
         !cipher_seal(secret_peek(&tx->store->key), r->id, secret_peek(r->key), &wrapped, e)) ||
        !tx_change(tx,
                   "INSERT INTO payload (id, message, slot, media_type, octets, sha256, is_open, "
                   "is_large, wrapped_key, content, created_ms) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                   "ON CONFLICT (message, slot) DO NOTHING",
                   SQL_VALUES(SQL_T(r->id), SQL_T(r->message), SQL_T(r->slot), SQL_T(r->media_type),
                              SQL_I((int64_t)r->octets), SQL_O(digest_str(r->sha256)),
                              SQL_I(r->key == NULL ? 1 : 0), SQL_I(r->large ? 1 : 0),
                              SQL_O(buf_str(&wrapped)), SQL_O(r->content), SQL_I(tx->now_ms)),
                   &changed, e))
        return false;
    return changed == 1 || slot_taken(r->slot, e);
}

bool store_payload_attach(struct store_tx *tx, struct str message, struct str slot,
                          struct str media_type, struct store_writer *w, struct error *e)
{
    struct tx_effect keep = {.type = TX_KEEP, .writer = w};
    struct row r = {.id = uuid_str(&w->id),
                    .message = message,
                    .slot = slot,
                    .media_type = media_type,
                    .octets = w->octets,
                    .sha256 = &w->sha256,
                    .key = w->open ? NULL : &w->key,
                    .large = w->large,
                    .content = writer_content(w)};
    if (!w->finished || w->kept)
        return error_set(e, ERROR_BUG, "a payload is attached once, after its end");
    return insert_row(tx, &r, e) && tx_effect(tx, &keep, e);
}

static bool seal_small(struct row *r, struct str octets, struct buf *sealed, struct error *e)
{
    struct segment only = {secret_peek(r->key), r->id, 0, true};
    if (!segment_seal(&only, octets, sealed, e))
        return false;
    r->content = buf_str(sealed);
    return true;
}

bool store_payload_put(struct store_tx *tx, const struct store_payload *p, struct str octets,
                       struct error *e)
{
    AUTO_BUF sealed = BUF(SEGMENT_SEALED);
    AUTO_SECRET key = {0};
    struct uuid id = uuid_random();
    struct digest_value sha256;
    struct row r = {.id = uuid_str(&id),
                    .message = p->message,
                    .slot = p->slot,
                    .media_type = p->media_type,
                    .octets = octets.len,
                    .sha256 = &sha256,
                    .key = p->open ? NULL : &key,
                    .content = octets};
    if (octets.len > STORE_SMALL_MAX)
        return error_set(e, ERROR_BUG, "more than %d octets need a writer", STORE_SMALL_MAX);
    if (!p->open && (!writer_key(tx->store, &key, e) || !seal_small(&r, octets, &sealed, e)))
        return false;
    return (digest_of(DIGEST_SHA256, octets, &sha256) ||
            error_set(e, ERROR_BUG, "SHA-256 is not to be had")) &&
           insert_row(tx, &r, e);
}

static void read_payload(const struct sql_query *q, struct arena *a, void *row)
{
    struct store_payload *p = row;
    struct str sha256 = sql_column_text(q, 3);
    *p = (struct store_payload){.slot = tx_column(q, 0, a),
                                .media_type = tx_column(q, 1, a),
                                .octets = (uint64_t)sql_column_integer(q, 2),
                                .open = sql_column_integer(q, 4) != 0,
                                .created_ms = sql_column_integer(q, 5),
                                .message = tx_column(q, 6, a)};
    if (sha256.len == sizeof(p->sha256))
        memcpy(p->sha256, sha256.at, sha256.len);
}

bool store_payload_list(struct store_tx *tx, struct arena *a, struct str message,
                        struct store_payload **out, size_t *got, struct error *e)
{
    struct tx_rows rows = {.max = STORE_LIST_MAX, .size = sizeof(**out), .read = read_payload};
    AUTO_SQL_QUERY q = {0};
    if (!tx_text(message, STORE_ID_MAX, "message", e) ||
        !sql_start(tx->sql,
                   "SELECT slot, media_type, octets, sha256, is_open, created_ms, message "
                   "FROM payload WHERE message = $1 ORDER BY slot LIMIT 1000",
                   SQL_VALUES(SQL_T(message)), &q, e) ||
        !tx_rows(&q, a, &rows, e))
        return false;
    *out = rows.at;
    *got = rows.n;
    return true;
}

static bool no_slot(struct str slot, struct error *e)
{
    return error_code(e, ERROR_REJECT, "store:unknown", "no slot %.*s", STR_ARG(slot));
}

static bool slot_exists(struct store_tx *tx, struct str message, struct str slot, bool *found,
                        struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    return sql_start(tx->sql, "SELECT 1 FROM payload WHERE message = $1 AND slot = $2",
                     SQL_VALUES(SQL_T(message), SQL_T(slot)), &q, e) &&
           sql_next(&q, found, e);
}

bool store_payload_move(struct store_tx *tx, struct str from_message, struct str from_slot,
                        struct str to_message, struct str to_slot, struct error *e)
{
    bool is_there = false;
    bool is_taken = false;
    if (!check_slot(from_message, from_slot, e) || !check_slot(to_message, to_slot, e) ||
        !slot_exists(tx, from_message, from_slot, &is_there, e) ||
        !slot_exists(tx, to_message, to_slot, &is_taken, e))
        return false;
    if (!is_there)
        return no_slot(from_slot, e);
    return is_taken ? slot_taken(to_slot, e)
                    : tx_change(tx,
                                "UPDATE payload SET message = $3, slot = $4 "
                                "WHERE message = $1 AND slot = $2",
                                SQL_VALUES(SQL_T(from_message), SQL_T(from_slot), SQL_T(to_message),
                                           SQL_T(to_slot)),
                                NULL, e);
}

static bool dispose_large(struct store_tx *tx, struct str message, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    if (!sql_start(tx->sql, "SELECT id FROM payload WHERE message = $1 AND is_large = 1",
                   SQL_VALUES(SQL_T(message)), &q, e))
        return false;
    for (bool row = true;;) {
        if (!sql_next(&q, &row, e))
            return false;
        if (!row)
            return true;
        if (!blob_dispose(tx, sql_column_text(&q, 0), e))
            return false;
    }
}

bool tx_dispose_payloads(struct store_tx *tx, struct str message, struct error *e)
{
    return dispose_large(tx, message, e) && tx_change(tx, "DELETE FROM payload WHERE message = $1",
                                                      SQL_VALUES(SQL_T(message)), NULL, e);
}
