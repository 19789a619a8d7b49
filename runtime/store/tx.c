/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_transactions.c */
#include "runtime/store/tx.h"

#include <string.h>

#include "runtime/base/mem.h"

bool tx_change(struct store_tx *tx, const char *text, const struct sql_value *values, size_t n,
               uint64_t *changed, struct error *e)
{
    if (!tx->writes)
        return error_set(e, ERROR_BUG, "a change in a transaction that only reads");
    return sql_run(tx->sql, text, values, n, changed, e);
}

bool tx_effect(struct store_tx *tx, const struct tx_effect *effect, struct error *e)
{
    if (tx->n_effects == TX_EFFECTS_MAX)
        return error_set(e, ERROR_RETRY, "more than %d changes in one transaction", TX_EFFECTS_MAX);
    if (tx->n_effects == tx->room) {
        size_t room = tx->room == 0 ? 32 : tx->room * 2;
        tx->effects = mem_grow(tx->effects, tx->room * sizeof(*effect), room * sizeof(*effect));
        tx->room = room;
    }
    struct tx_effect *kept = &tx->effects[tx->n_effects++];
    *kept = *effect;
    kept->message = arena_copy(&tx->arena, effect->message);
    kept->what = arena_copy(&tx->arena, effect->what);
    kept->why = arena_copy(&tx->arena, effect->why);
    return true;
}

bool tx_entered_leased(struct store_tx *tx, struct str message, struct str state, struct str why,
                       struct error *e)
{
    return tx_effect(tx, &(struct tx_effect){TX_EVENT, tx->now_ms, message, state, why, NULL}, e);
}

bool tx_entered(struct store_tx *tx, struct str message, struct str state, struct str why,
                struct error *e)
{
    return tx_entered_leased(tx, message, state, why, e) &&
           tx_effect(tx, &(struct tx_effect){TX_STATE, 0, STR_NONE, state, STR_NONE, NULL}, e);
}

bool tx_text(struct str text, size_t max, const char *what, struct error *e)
{
    if (text.len > max)
        return error_set(e, ERROR_REJECT, "%s: %zu octets, at most %zu are kept", what, text.len,
                         max);
    if (!str_is_utf8(text) || str_find_char(text, '\0') < text.len)
        return error_set(e, ERROR_REJECT, "%s: not UTF-8 text", what);
    return true;
}

bool tx_word(struct str word, const char *what, struct error *e)
{
    return word.len == 0 ? error_set(e, ERROR_REJECT, "%s: empty", what)
                         : tx_text(word, STORE_WORD_MAX, what, e);
}

struct str tx_reason(struct str why)
{
    struct str text = str_upto_utf8(why, STORE_WHY_MAX);
    return str_is_utf8(text) ? text : STR("");
}

struct str tx_why(const char *why)
{
    return tx_reason(str_of(why));
}

struct str tx_column(const struct sql_query *q, int column, struct arena *a)
{
    return arena_copy(a, sql_column_text(q, column));
}

static void grow(struct tx_rows *rows, size_t *room, struct arena *a)
{
    void *before = rows->at;
    *room = *room == 0 ? 16 : *room * 2;
    rows->at = arena_array(a, *room, rows->size);
    if (before != NULL)
        memcpy(rows->at, before, rows->n * rows->size);
}

bool tx_rows(struct sql_query *q, struct arena *a, struct tx_rows *rows, struct error *e)
{
    size_t room = 0;
    for (; rows->n < rows->max; rows->n++) {
        bool row = false;
        if (!sql_next(q, &row, e))
            return false;
        if (!row)
            return true;
        if (rows->n == room)
            grow(rows, &room, a);
        rows->read(q, a, (char *)rows->at + rows->n * rows->size);
    }
    return true;
}

void tx_read_text(const struct sql_query *q, struct arena *a, void *row)
{
    *(struct str *)row = tx_column(q, 0, a);
}
