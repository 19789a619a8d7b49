/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_payloads.c, suite_crashes.c */
#include "runtime/store/sql.h"

#include <string.h>

/* Where the dialects differ. SQLite needs no row locks: its writers queue before they begin. */
static const struct {
    const char *word;
    const char *sqlite;
    const char *postgres;
} words[] = {
    {"@BEGIN_WRITE@", "BEGIN IMMEDIATE", "BEGIN"},
    {"@BEGIN_READ@", "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    {"@LOCK@", "", "FOR UPDATE"},
    {"@LOCK_FREE@", "", "FOR UPDATE SKIP LOCKED"},
    {"@LOCK_SCHEMA@", "", "LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE"},
    {"@OCTETS@", "BLOB", "BYTEA"},
    {"@ITEMS@", "(SELECT value FROM json_each(", "(SELECT jsonb_array_elements_text("},
    {"@END_ITEMS@", "))", "::jsonb))"}, /* of a JSON array of texts */
    {"@ZERO_HASH@", "zeroblob(32)", "decode(repeat('00', 32), 'hex')"},
    {"@STRICT@", "STRICT", ""},
    {"@STRICT_BY_KEY@", "STRICT, WITHOUT ROWID", ""}, /* rows in the tree of their key */
    {"@INTEGER@", "INTEGER", "BIGINT"},
};

static bool add_word(bool is_postgres, struct str *rest, struct buf *out, struct error *e)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct str word = str_of(words[i].word);
        if (!str_starts(*rest, word))
            continue;
        *rest = str_from(*rest, word.len);
        return buf_add(out, str_of(is_postgres ? words[i].postgres : words[i].sqlite), e);
    }
    return error_set(e, ERROR_BUG, "unknown word in SQL: %.*s", STR_ARG(str_upto(*rest, 20)));
}

bool sql_translate(bool is_postgres, const char *text, struct buf *out, struct error *e)
{
    struct str rest = str_of(text);
    while (rest.len > 0) {
        size_t plain = str_find_char(rest, '@');
        if (!buf_add(out, str_upto(rest, plain), e))
            return false;
        rest = str_from(rest, plain);
        if (rest.len > 0 && !add_word(is_postgres, &rest, out, e))
            return false;
    }
    return true;
}

bool sql_index_place(struct sql_index *index, const char *text, size_t *place, bool *fresh)
{
    size_t start = ((uintptr_t)text >> 3) % SQL_STATEMENTS_MAX;
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        size_t at = (start + i) % SQL_STATEMENTS_MAX;
        *fresh = index->texts[at] == NULL;
        if (!*fresh && index->texts[at] != text)
            continue;
        index->texts[at] = text;
        *place = at;
        return true;
    }
    return false;
}

void sql_close(struct sql *c)
{
    if (c != NULL)
        c->calls->close(c);
}

bool sql_is_postgres(const struct sql *c)
{
    return c->calls->is_postgres;
}

bool sql_start(struct sql *c, const char *text, const struct sql_value *values, size_t n,
               struct sql_query *q, struct error *e)
{
    *q = (struct sql_query){.connection = c};
    return c->calls->start(c, text, values, n, q, e);
}

bool sql_next(struct sql_query *q, bool *row, struct error *e)
{
    return q->connection->calls->next(q, row, e);
}

void sql_query_release(struct sql_query *q)
{
    if (q->connection != NULL && q->handle != NULL)
        q->connection->calls->release(q);
    q->handle = NULL;
}

struct str sql_column_text(const struct sql_query *q, int column)
{
    return q->connection->calls->column_text(q, column);
}

int64_t sql_column_integer(const struct sql_query *q, int column)
{
    return q->connection->calls->column_integer(q, column);
}

bool sql_run(struct sql *c, const char *text, const struct sql_value *values, size_t n,
             uint64_t *changed, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    if (!sql_start(c, text, values, n, &q, e))
        return false;
    bool row = true;
    while (row)
        if (!sql_next(&q, &row, e))
            return false;
    if (changed != NULL)
        *changed = c->calls->changed(&q);
    return true;
}

bool sql_script(struct sql *c, const char *text, struct error *e)
{
    AUTO_BUF translated = BUF(256 * 1024);
    return sql_translate(sql_is_postgres(c), text, &translated, e) &&
           c->calls->script(c, buf_text(&translated), e);
}

bool sql_begin(struct sql *c, struct error *e)
{
    const char *begin = c->access == SQL_READS ? "@BEGIN_READ@" : "@BEGIN_WRITE@";
    return sql_run(c, begin, SQL_NO_VALUES, NULL, e);
}

bool sql_commit(struct sql *c, struct error *e)
{
    if (sql_run(c, "COMMIT", SQL_NO_VALUES, NULL, e))
        return true;
    sql_rollback(c);
    return false;
}

void sql_rollback(struct sql *c)
{
    struct error ignored; /* a lost connection has rolled back by itself */
    if (sql_is_inside(c) && !sql_run(c, "ROLLBACK", SQL_NO_VALUES, NULL, &ignored))
        error_clear(&ignored);
}

bool sql_is_inside(struct sql *c)
{
    return c->calls->is_inside(c);
}
