/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sql.h - a thin wall before the two database libraries. The SQL text is the same for both: $1..$n
 * for values, and a few @WORDS@ where the dialects differ (sql.c). Statements are prepared once for
 * each text and kept. A connection belongs to one thread at a time.
 * Columns and values are TEXT (no NUL), BIGINT or octets; nothing else. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

struct sql; /* opaque: one connection; begins with struct sql_engine_calls * */

enum sql_type { SQL_TEXT, SQL_INTEGER, SQL_OCTETS };
struct sql_value {
    enum sql_type type;
    int64_t integer;
    struct str octets; /* borrowed until the query is released */
};
#define SQL_T(s) ((struct sql_value){SQL_TEXT, 0, (s)})
#define SQL_I(n) ((struct sql_value){SQL_INTEGER, (n), {NULL, 0}})
#define SQL_O(s) ((struct sql_value){SQL_OCTETS, 0, (s)})
#define SQL_VALUES(...)                  \
    ((struct sql_value[]){__VA_ARGS__}), \
        (sizeof((struct sql_value[]){__VA_ARGS__}) / sizeof(struct sql_value))
#define SQL_NO_VALUES NULL, 0

enum { SQL_VALUES_MAX = 16, SQL_STATEMENTS_MAX = 128 };

enum sql_access { SQL_READS, SQL_WRITES, SQL_CREATES };

/* place: the SQLite file, or libpq's connection text. */
MUST_USE bool sql_sqlite_open(const char *place, enum sql_access access, struct sql **out,
                              struct error *e);
MUST_USE bool sql_postgres_open(const char *place, enum sql_access access, struct sql **out,
                                struct error *e);
void sql_close(struct sql *c);
bool sql_is_postgres(const struct sql *c);

/* One running statement; released before the same text is started again. Views of columns live
 * until the next sql_next or the release. */
struct sql_query {
    struct sql *connection;
    void *handle; /* the engine's */
    int64_t row;  /* 0 before the first */
};
#define AUTO_SQL_QUERY __attribute__((cleanup(sql_query_release))) struct sql_query

/* text is a constant: its address names the prepared statement. Failures: RETRY where the disk is
 * full or read-only or the database is away or busy, else BUG. */
MUST_USE bool sql_start(struct sql *c, const char *text, const struct sql_value *values, size_t n,
                        struct sql_query *q, struct error *e);
MUST_USE bool sql_next(struct sql_query *q, bool *row, struct error *e);
void sql_query_release(struct sql_query *q);
struct str sql_column_text(const struct sql_query *q, int column); /* text or octets */
int64_t sql_column_integer(const struct sql_query *q, int column);

/* Runs to the end; *changed (may be NULL) counts the rows inserted, updated or deleted. */
MUST_USE bool sql_run(struct sql *c, const char *text, const struct sql_value *values, size_t n,
                      uint64_t *changed, struct error *e);
/* Several statements without values, not kept; @WORDS@ are replaced too. For migrations. */
MUST_USE bool sql_script(struct sql *c, const char *text, struct error *e);

/* Transactions. A failed COMMIT has rolled back. sql_is_inside: false when the engine itself ended
 * the transaction (disk full, connection lost). */
MUST_USE bool sql_begin(struct sql *c, struct error *e);
MUST_USE bool sql_commit(struct sql *c, struct error *e);
void sql_rollback(struct sql *c); /* safe when there is nothing to roll back */
bool sql_is_inside(struct sql *c);

/* PostgreSQL: how often it was connected; grows where a lost connection was made anew. */
unsigned sql_postgres_connects(const struct sql *c);
/* PostgreSQL: what others told by NOTIFY on channel "posthorn_state". */
MUST_USE bool sql_postgres_hear(struct sql *c, int *fd,
                                struct error *e); /* fd: watch it, borrowed */
/* False: the connection is gone; hear again. */
bool sql_postgres_heard(struct sql *c, void (*visit)(void *ctx, struct str word), void *ctx);

/* --- for the two engines only */
struct sql_engine_calls {
    bool is_postgres;
    void (*close)(struct sql *c);
    bool (*start)(struct sql *c, const char *text, const struct sql_value *values, size_t n,
                  struct sql_query *q, struct error *e);
    bool (*next)(struct sql_query *q, bool *row, struct error *e);
    void (*release)(struct sql_query *q);
    struct str (*column_text)(const struct sql_query *q, int column);
    int64_t (*column_integer)(const struct sql_query *q, int column);
    uint64_t (*changed)(struct sql_query *q);
    bool (*script)(struct sql *c, const char *text, struct error *e);
    bool (*is_inside)(struct sql *c);
};
struct sql {
    const struct sql_engine_calls *calls;
    enum sql_access access;
};
/* Replaces the @WORDS@ of text; the result is NUL-terminated in out. */
MUST_USE bool sql_translate(bool is_postgres, const char *text, struct buf *out, struct error *e);
/* A table from the text's address to a place 0..SQL_STATEMENTS_MAX-1. */
struct sql_index {
    const char *texts[SQL_STATEMENTS_MAX];
};
/* False: the table is full. *fresh: the place is new. */
bool sql_index_place(struct sql_index *index, const char *text, size_t *place, bool *fresh);
