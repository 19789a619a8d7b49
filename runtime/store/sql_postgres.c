/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_payloads.c, suite_crashes.c */
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/base/number.h"
#include "runtime/store/sql.h"

/* WIRE: type numbers of PostgreSQL's catalogue, fixed for ever. */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };

struct postgres {
    struct sql sql; /* first */
    PGconn *db;
    unsigned connects;
    struct sql_index index;
    bool prepared[SQL_STATEMENTS_MAX]; /* on this connection; all false after a reconnect */
};

static struct str first_line(const char *message)
{
    struct str text = str_of(message);
    return str_trim(str_upto(text, str_find_char(text, '\n')));
}

/* Class of SQLSTATE: 08 connection, 53 resources (disk full), 57 shutdown, 40 deadlock and the
 * like, 25006 read-only, 55P03 lock not available. */
static bool refuse(struct postgres *p, const PGresult *result, struct error *e)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (PQstatus(p->db) == CONNECTION_BAD || state == NULL)
        return error_set(e, ERROR_RETRY, "database is away: %.*s",
                         STR_ARG(first_line(PQerrorMessage(p->db))));
    static const char *const passing[] = {"08", "53", "57", "40", "25006", "55P03", "58"};
    enum error_kind kind = ERROR_BUG;
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        if (str_starts(str_of(state), str_of(passing[i])))
            kind = ERROR_RETRY;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return error_set(e, kind, "database: %.200s (%s)", text == NULL ? "?" : text, state);
}

static void postgres_close(struct sql *c)
{
    PQfinish(((struct postgres *)c)->db);
    mem_free(c);
}

static bool is_inside(struct sql *c)
{
    PGTransactionStatusType status = PQtransactionStatus(((struct postgres *)c)->db);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

static void ignore_notices(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static bool connect_again(struct postgres *p, struct error *e)
{
    PQreset(p->db);
    p->connects++;
    memset(p->prepared, 0, sizeof(p->prepared));
    return PQstatus(p->db) == CONNECTION_OK || refuse(p, NULL, e);
}

static Oid type_of(enum sql_type type)
{
    return type == SQL_TEXT ? TYPE_TEXT : type == SQL_INTEGER ? TYPE_INT8 : TYPE_BYTEA;
}

static bool prepare(struct postgres *p, const char *text, const struct sql_value *values, size_t n,
                    char name[static 16], struct error *e)
{
    size_t place = 0;
    bool fresh = false;
    if (!sql_index_place(&p->index, text, &place, &fresh) || n > SQL_VALUES_MAX)
        return error_set(e, ERROR_BUG, "too many statements or values");
    snprintf(name, 16, "s%zu", place);
    if (p->prepared[place])
        return true;
    AUTO_BUF translated = BUF(16 * 1024);
    if (!sql_translate(true, text, &translated, e))
        return false;
    Oid types[SQL_VALUES_MAX];
    for (size_t i = 0; i < n; i++)
        types[i] = type_of(values[i].type);
    PGresult *result = PQprepare(p->db, name, buf_text(&translated), (int)n, types);
    p->prepared[place] = PQresultStatus(result) == PGRES_COMMAND_OK;
    bool ok = p->prepared[place] || refuse(p, result, e);
    PQclear(result);
    return ok;
}

static PGresult *execute(struct postgres *p, const char *name, const struct sql_value *values,
                         size_t n)
{
    const char *at[SQL_VALUES_MAX];
    int lengths[SQL_VALUES_MAX];
    int formats[SQL_VALUES_MAX];
    uint64_t wire[SQL_VALUES_MAX];
    for (size_t i = 0; i < n; i++) {
        bool is_number = values[i].type == SQL_INTEGER;
        wire[i] = htobe64((uint64_t)values[i].integer);
        at[i] = is_number                     ? (const char *)&wire[i]
                : values[i].octets.at == NULL ? ""
                                              : values[i].octets.at;
        lengths[i] = is_number ? (int)sizeof(wire[i]) : (int)values[i].octets.len;
        formats[i] = 1; /* as it is: no quoting, no NUL needed */
    }
    return PQexecPrepared(p->db, name, (int)n, at, lengths, formats, 1);
}

static bool run_once(struct postgres *p, const char *text, const struct sql_value *values, size_t n,
                     struct sql_query *q, struct error *e)
{
    char name[16];
    if (!prepare(p, text, values, n, name, e))
        return false;
    PGresult *result = execute(p, name, values, n);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        refuse(p, result, e);
        PQclear(result);
        return false;
    }
    q->handle = result;
    return true;
}

/* A lost connection is made anew only where a transaction begins: nothing is done by half. */
static bool postgres_start(struct sql *c, const char *text, const struct sql_value *values,
                           size_t n, struct sql_query *q, struct error *e)
{
    struct postgres *p = (struct postgres *)c;
    bool begins = str_starts(str_of(text), STR("@BEGIN"));
    if (begins && PQstatus(p->db) == CONNECTION_BAD && !connect_again(p, e))
        return false;
    if (run_once(p, text, values, n, q, e))
        return true;
    return begins && PQstatus(p->db) == CONNECTION_BAD && connect_again(p, e) &&
           run_once(p, text, values, n, q, e);
}

static bool postgres_next(struct sql_query *q, bool *row, struct error *e)
{
    (void)e;
    q->row++;
    *row = q->row <= PQntuples(q->handle);
    return true;
}

static void postgres_release(struct sql_query *q)
{
    PQclear(q->handle);
}

static struct str column_text(const struct sql_query *q, int column)
{
    int row = (int)q->row - 1;
    int len = PQgetlength(q->handle, row, column);
    return str_bytes(PQgetvalue(q->handle, row, column), len < 0 ? 0 : (size_t)len);
}

static int64_t column_integer(const struct sql_query *q, int column)
{
    struct str octets = column_text(q, column);
    uint64_t wire = 0;
    if (octets.len != sizeof(wire)) /* NULL */
        return 0;
    memcpy(&wire, octets.at, sizeof(wire));
    return (int64_t)be64toh(wire);
}

static uint64_t changed(struct sql_query *q)
{
    uint64_t n = 0;
    struct error ignored; /* "" after statements that change nothing */
    return parse_u64(str_of(PQcmdTuples(q->handle)), 0, INT64_MAX, &n, &ignored) ? n : 0;
}

static bool script(struct sql *c, const char *text, struct error *e)
{
    struct postgres *p = (struct postgres *)c;
    PGresult *result = PQexec(p->db, text);
    ExecStatusType status = PQresultStatus(result);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || refuse(p, result, e);
    PQclear(result);
    return ok;
}

static const struct sql_engine_calls calls = {
    .is_postgres = true,
    .close = postgres_close,
    .start = postgres_start,
    .next = postgres_next,
    .release = postgres_release,
    .column_text = column_text,
    .column_integer = column_integer,
    .changed = changed,
    .script = script,
    .is_inside = is_inside,
};

bool sql_postgres_open(const char *place, enum sql_access access, struct sql **out, struct error *e)
{
    const char *const names[] = {"connect_timeout", "client_encoding", "fallback_application_name",
                                 "dbname", NULL};
    const char *const values[] = {"5", "UTF8", "posthorn", place, NULL};
    struct postgres *p = mem_new(sizeof(*p));
    p->sql = (struct sql){&calls, access};
    p->db = PQconnectdbParams(names, values, 1);
    p->connects = 1;
    PQsetNoticeReceiver(p->db, ignore_notices, NULL);
    if (PQstatus(p->db) != CONNECTION_OK) {
        refuse(p, NULL, e);
        postgres_close(&p->sql);
        return false;
    }
    *out = &p->sql;
    return true;
}

unsigned sql_postgres_connects(const struct sql *c)
{
    return ((const struct postgres *)c)->connects;
}

bool sql_postgres_hear(struct sql *c, int *fd, struct error *e)
{
    struct postgres *p = (struct postgres *)c;
    if (PQstatus(p->db) == CONNECTION_BAD && !connect_again(p, e))
        return false;
    if (!script(c, "LISTEN posthorn_state", e))
        return false;
    *fd = PQsocket(p->db);
    return true;
}

bool sql_postgres_heard(struct sql *c, void (*visit)(void *ctx, struct str word), void *ctx)
{
    struct postgres *p = (struct postgres *)c;
    if (PQconsumeInput(p->db) == 0)
        return false;
    for (PGnotify *n = PQnotifies(p->db); n != NULL; n = PQnotifies(p->db)) {
        if (visit != NULL)
            visit(ctx, str_of(n->extra));
        PQfreemem(n);
    }
    return PQstatus(p->db) == CONNECTION_OK;
}
