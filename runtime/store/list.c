/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c */
#include "runtime/base/json.h"
#include "runtime/store/message.h"

#define MAILBOXES "mailbox IN @ITEMS@$1@END_ITEMS@"
#define STATES    "state IN @ITEMS@$5@END_ITEMS@"
#define MATCH(where)                                                                               \
    " FROM message WHERE " where                                                                   \
    "($2 = '' OR kind = $2) AND created_ms >= $3 AND created_ms < $4 AND ($1 = '[]' OR " MAILBOXES \
    ") AND ($5 = '[]' OR " STATES ")"
#define PAGE(where, order)                                                             \
    "SELECT " MESSAGE_COLUMNS MATCH(where) " ORDER BY created_ms " order ", id " order \
                                           " LIMIT $6 OFFSET $7"

/* The same question three ways, so that each uses its index: by mailbox, by state, by time. */
static const struct {
    const char *count, *oldest, *newest;
} texts[] = {
    {"SELECT COUNT(*)" MATCH(MAILBOXES " AND "), PAGE(MAILBOXES " AND ", "ASC"),
     PAGE(MAILBOXES " AND ", "DESC")},
    {"SELECT COUNT(*)" MATCH(STATES " AND "), PAGE(STATES " AND ", "ASC"),
     PAGE(STATES " AND ", "DESC")},
    {"SELECT COUNT(*)" MATCH(""), PAGE("", "ASC"), PAGE("", "DESC")},
};

static bool count_matches(struct store_tx *tx, const char *text, const struct sql_value *values,
                          uint64_t *total, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!sql_start(tx->sql, text, values, 5, &q, e) || !sql_next(&q, &row, e))
        return false;
    *total = row ? (uint64_t)sql_column_integer(&q, 0) : 0;
    return true;
}

/* Which mailboxes and states, as JSON arrays: both databases can unfold those. */
static bool write_choices(const struct store_list *list, struct buf *mailboxes, struct buf *states,
                          struct error *e)
{
    struct json_writer m = json_writer_on(mailboxes, e);
    json_open_array(&m, NULL);
    if (list->mailbox.len > 0)
        json_put_text(&m, NULL, list->mailbox);
    for (size_t i = 0; i < list->n_mailboxes; i++)
        json_put_text(&m, NULL, list->mailboxes[i]);
    json_close(&m);
    struct json_writer s = json_writer_on(states, e);
    json_open_array(&s, NULL);
    if (list->state.len > 0)
        json_put_text(&s, NULL, list->state);
    for (size_t i = 0; i < list->n_states; i++)
        json_put_text(&s, NULL, str_of(list->states[i]));
    json_close(&s);
    return json_done(&m) && json_done(&s);
}

static bool check_list(const struct store_list *list, struct error *e)
{
    if (list->limit > STORE_LIST_MAX || list->offset > INT64_MAX)
        return error_set(e, ERROR_REJECT, "a page has at most %d messages", STORE_LIST_MAX);
    if (list->n_mailboxes > STORE_LIST_MAX || list->n_states > STORE_CLAIM_STATES_MAX)
        return error_set(e, ERROR_REJECT, "a list of more than %d mailboxes or %d states",
                         STORE_LIST_MAX, STORE_CLAIM_STATES_MAX);
    for (size_t i = 0; i < list->n_mailboxes; i++)
        if (!tx_text(list->mailboxes[i], STORE_MAILBOX_MAX, "mailbox", e))
            return false;
    return tx_text(list->mailbox, STORE_MAILBOX_MAX, "mailbox", e) &&
           tx_text(list->kind, STORE_WORD_MAX, "kind", e) &&
           tx_text(list->state, STORE_WORD_MAX, "state", e);
}

bool store_message_list(struct store_tx *tx, struct arena *a, const struct store_list *list,
                        struct store_message **out, size_t *got, uint64_t *total, struct error *e)
{
    AUTO_BUF mailboxes = BUF(1024 * 1024);
    AUTO_BUF states = BUF(4096);
    if (!check_list(list, e) || !write_choices(list, &mailboxes, &states, e))
        return false;
    size_t way = mailboxes.len > 2 ? 0 : states.len > 2 ? 1 : 2;
    const struct sql_value values[] = {
        SQL_T(buf_str(&mailboxes)),   SQL_T(list->kind),
        SQL_I(list->from_ms),         SQL_I(list->to_ms == 0 ? INT64_MAX : list->to_ms),
        SQL_T(buf_str(&states)),      SQL_I((int64_t)list->limit),
        SQL_I((int64_t)list->offset),
    };
    const char *text = list->newest_first ? texts[way].newest : texts[way].oldest;
    struct tx_rows rows = {.max = list->limit, .size = sizeof(**out), .read = message_read};
    AUTO_SQL_QUERY q = {0};
    if (!count_matches(tx, texts[way].count, values, total, e) ||
        !sql_start(tx->sql, text, values, 7, &q, e) || !tx_rows(&q, a, &rows, e))
        return false;
    *out = rows.at;
    *got = rows.n;
    return true;
}

static void read_count(const struct sql_query *q, struct arena *a, void *row)
{
    *(struct store_count *)row =
        (struct store_count){tx_column(q, 0, a), tx_column(q, 1, a),
                             (uint64_t)sql_column_integer(q, 2), sql_column_integer(q, 3)};
}

bool store_message_counts(struct store_tx *tx, struct arena *a, struct store_count **out,
                          size_t *got, struct error *e)
{
    struct tx_rows rows = {.max = STORE_LIST_MAX, .size = sizeof(**out), .read = read_count};
    AUTO_SQL_QUERY q = {0};
    if (!sql_start(tx->sql,
                   "SELECT kind, state, COUNT(*), MIN(changed_ms) FROM message "
                   "GROUP BY kind, state ORDER BY kind, state LIMIT 1000",
                   SQL_NO_VALUES, &q, e) ||
        !tx_rows(&q, a, &rows, e))
        return false;
    *out = rows.at;
    *got = rows.n;
    return true;
}
