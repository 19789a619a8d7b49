/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c */
#include "runtime/store/tx.h"

bool store_cache_put(struct store_tx *tx, const struct store_cached *c, struct error *e)
{
    if (c->value.len > STORE_CACHED_MAX)
        return error_set(e, ERROR_REJECT, "an answer of %zu octets; at most %d are kept",
                         c->value.len, STORE_CACHED_MAX);
    return tx_text(c->key, STORE_NAME_MAX, "key", e) &&
           tx_change(tx,
                     "INSERT INTO cached (key, value, status, fetched_ms, fresh_until_ms) "
                     "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET "
                     "value = excluded.value, status = excluded.status, "
                     "fetched_ms = excluded.fetched_ms, fresh_until_ms = excluded.fresh_until_ms",
                     SQL_VALUES(SQL_T(c->key), SQL_O(c->value), SQL_I(c->status),
                                SQL_I(c->fetched_ms), SQL_I(c->fresh_until_ms)),
                     NULL, e);
}

bool store_cache_get(struct store_tx *tx, struct arena *a, struct str key, struct store_cached *out,
                     bool *found, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    if (!tx_text(key, STORE_NAME_MAX, "key", e) ||
        !sql_start(tx->sql,
                   "SELECT value, status, fetched_ms, fresh_until_ms FROM cached WHERE key = $1",
                   SQL_VALUES(SQL_T(key)), &q, e) ||
        !sql_next(&q, found, e))
        return false;
    if (*found)
        *out = (struct store_cached){arena_copy(a, key), tx_column(&q, 0, a),
                                     sql_column_integer(&q, 1), sql_column_integer(&q, 2),
                                     sql_column_integer(&q, 3)};
    return true;
}

bool store_cache_purge(struct store_tx *tx, int64_t before_ms, uint64_t *purged, struct error *e)
{
    return tx_change(tx, "DELETE FROM cached WHERE fresh_until_ms < $1",
                     SQL_VALUES(SQL_I(before_ms)), purged, e);
}
