/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c */
#include "runtime/store/tx.h"

static bool check_name(struct str scope, struct str name, struct error *e)
{
    return tx_word(scope, "scope", e) && tx_text(name, STORE_NAME_MAX, "name", e);
}

bool store_name_put(struct store_tx *tx, struct arena *a, const struct store_name *n,
                    struct str *existing, struct error *e)
{
    uint64_t changed = 0;
    if (!check_name(n->scope, n->name, e) || !tx_text(n->message, STORE_ID_MAX, "message", e) ||
        !tx_change(tx,
                   "INSERT INTO name (scope, name, message, expires_ms) VALUES ($1, $2, $3, $4) "
                   "ON CONFLICT (scope, name) DO UPDATE SET message = excluded.message, "
                   "expires_ms = excluded.expires_ms "
                   "WHERE name.expires_ms <> 0 AND name.expires_ms <= $5",
                   SQL_VALUES(SQL_T(n->scope), SQL_T(n->name), SQL_T(n->message),
                              SQL_I(n->expires_ms), SQL_I(tx->now_ms)),
                   &changed, e))
        return false;
    if (changed == 0)
        return store_name_find(tx, a, n->scope, n->name, existing, e);
    *existing = STR_NONE;
    return true;
}

bool store_name_find(struct store_tx *tx, struct arena *a, struct str scope, struct str name,
                     struct str *message, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!check_name(scope, name, e) ||
        !sql_start(tx->sql,
                   "SELECT message FROM name WHERE scope = $1 AND name = $2 AND "
                   "(expires_ms = 0 OR expires_ms > $3)",
                   SQL_VALUES(SQL_T(scope), SQL_T(name), SQL_I(tx->now_ms)), &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    *message = row ? tx_column(&q, 0, a) : STR_NONE;
    return true;
}

static void read_name(const struct sql_query *q, struct arena *a, void *row)
{
    *(struct store_name *)row = (struct store_name){tx_column(q, 0, a), tx_column(q, 1, a),
                                                    tx_column(q, 2, a), sql_column_integer(q, 3)};
}

bool store_name_list(struct store_tx *tx, struct arena *a, struct str message,
                     struct store_name **out, size_t *got, struct error *e)
{
    struct tx_rows rows = {.max = STORE_LIST_MAX, .size = sizeof(**out), .read = read_name};
    AUTO_SQL_QUERY q = {0};
    if (!tx_text(message, STORE_ID_MAX, "message", e) ||
        !sql_start(tx->sql,
                   "SELECT scope, name, message, expires_ms FROM name WHERE message = $1 "
                   "ORDER BY scope, name LIMIT 1000",
                   SQL_VALUES(SQL_T(message)), &q, e) ||
        !tx_rows(&q, a, &rows, e))
        return false;
    *out = rows.at;
    *got = rows.n;
    return true;
}

bool store_name_purge(struct store_tx *tx, size_t max, uint64_t *purged, struct error *e)
{
    return tx_change(tx,
                     "DELETE FROM name WHERE (scope, name) IN (SELECT scope, name FROM name "
                     "WHERE expires_ms <> 0 AND expires_ms <= $1 LIMIT $2)",
                     SQL_VALUES(SQL_I(tx->now_ms), SQL_I((int64_t)max)), purged, e);
}
