/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_crashes.c */
#include "runtime/store/tx.h"

enum { CHECK_MS = 5000, GONE_MAX = 256 };

/* The lock is the session's: it ends with the connection, whatever the process died of. It is there
 * before the row can be seen. Of a node that lost its power the server hears nothing: so it asks. */
static bool take_lock(struct store_tx *tx, bool *taken, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!sql_start(tx->sql,
                   "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 1::BIGINT ELSE 0::BIGINT END, "
                   "set_config('tcp_keepalives_idle', '30', false), "
                   "set_config('tcp_keepalives_interval', '10', false), "
                   "set_config('tcp_keepalives_count', '3', false)",
                   SQL_VALUES(SQL_I(tx->store->presence_number)), &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    *taken = row && sql_column_integer(&q, 0) == 1;
    return true;
}

/* Where an earlier connection of ours lingers and still has the lock, the next lease tries again. */
bool presence_hold(struct store_tx *tx, struct error *e)
{
    struct store *s = tx->store;
    bool taken = false;
    if (s->postgres == NULL || s->presence_of == sql_postgres_connects(tx->sql))
        return true;
    s->presence_checked_ms = tx->now_ms; /* the others get the time to come back, too */
    return take_lock(tx, &taken, e) &&
           tx_change(tx,
                     "INSERT INTO presence (owner, number) VALUES ($1, $2) "
                     "ON CONFLICT (owner) DO NOTHING",
                     SQL_VALUES(SQL_T(str_of(s->owner)), SQL_I(s->presence_number)), NULL, e) &&
           (!taken || tx_effect(tx, &(struct tx_effect){.type = TX_PRESENT}, e));
}

static bool list_gone(struct store_tx *tx, struct arena *a, struct tx_rows *owners, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    return sql_start(
               tx->sql,
               "SELECT owner FROM presence WHERE number <> $1 AND NOT EXISTS (SELECT 1 FROM "
               "pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND "
               "((l.classid::BIGINT << 32) | l.objid::BIGINT) = presence.number AND "
               "l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) "
               "LIMIT 256 FOR UPDATE SKIP LOCKED",
               SQL_VALUES(SQL_I(tx->store->presence_number)), &q, e) &&
           tx_rows(&q, a, owners, e);
}

bool presence_free_gone(struct store_tx *tx, struct error *e)
{
    AUTO_ARENA a = {0};
    struct store *s = tx->store;
    struct tx_rows gone = {GONE_MAX, sizeof(struct str), tx_read_text, NULL, 0};
    if (s->postgres == NULL || tx->now_ms < s->presence_checked_ms + CHECK_MS)
        return true;
    s->presence_checked_ms = tx->now_ms;
    if (!list_gone(tx, &a, &gone, e))
        return false;
    const struct str *owners = gone.at;
    for (size_t i = 0; i < gone.n; i++)
        if (!tx_change(tx,
                       "UPDATE message SET leased_until_ms = 0 WHERE owner = $1 AND "
                       "leased_until_ms > $2",
                       SQL_VALUES(SQL_T(owners[i]), SQL_I(tx->now_ms)), NULL, e) ||
            !tx_change(tx, "DELETE FROM presence WHERE owner = $1", SQL_VALUES(SQL_T(owners[i])),
                       NULL, e))
            return false;
    return true;
}
