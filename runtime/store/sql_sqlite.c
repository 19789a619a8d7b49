/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_payloads.c, suite_crashes.c */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/store/sql.h"
#include "runtime/store/sql_sqlite_wal.h"

enum {
    WAIT_MS = 10000, /* for a lock */
    LOG_PAGES = 8000 /* 32 MiB: then the log is folded into the database */
};

struct sqlite {
    struct sql sql; /* first */
    sqlite3 *db;
    struct sql_index index;
    sqlite3_stmt *statements[SQL_STATEMENTS_MAX];
};

/* What an operator can mend is RETRY; what is left is our fault. */
static bool refuse(sqlite3 *db, int code, struct error *e)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return error_set(e, ERROR_RETRY, "database: the disk is full");
    case SQLITE_READONLY:
        return error_set(e, ERROR_RETRY,
                         "database: it is read-only; check the rights of its folder");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(e, ERROR_RETRY, "database: busy for too long");
    case SQLITE_IOERR: {
        int number = sqlite3_system_errno(db);
        return error_set(e, ERROR_RETRY, "database: %s (%d)%s", sqlite3_errstr(code), code,
                         number == ENOSPC ? ", the disk is full" : "");
    }
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
        return error_set(e, ERROR_RETRY, "database: %s", sqlite3_errmsg(db));
    default:
        return error_set(e, ERROR_BUG, "database: %s", sqlite3_errmsg(db));
    }
}

static void sqlite_close(struct sql *c)
{
    struct sqlite *s = (struct sqlite *)c;
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    mem_free(s);
}

/* $1 is a name to SQLite and would be looked up at each use; ?1 is the first parameter. */
static void number_parameters(char *text)
{
    for (; *text != '\0'; text++)
        if (text[0] == '$' && text[1] >= '1' && text[1] <= '9')
            text[0] = '?';
}

static bool prepare(struct sqlite *s, const char *text, sqlite3_stmt **out, struct error *e)
{
    size_t place = 0;
    bool fresh = false;
    if (!sql_index_place(&s->index, text, &place, &fresh))
        return error_set(e, ERROR_BUG, "more than %d statements", SQL_STATEMENTS_MAX);
    if (s->statements[place] == NULL) {
        AUTO_BUF translated = BUF(16 * 1024);
        if (!sql_translate(false, text, &translated, e))
            return false;
        number_parameters(translated.at);
        int code = sqlite3_prepare_v3(s->db, buf_text(&translated), -1, SQLITE_PREPARE_PERSISTENT,
                                      &s->statements[place], NULL);
        if (code != SQLITE_OK)
            return refuse(s->db, code, e);
    }
    *out = s->statements[place];
    return true;
}

static int bind_value(sqlite3_stmt *statement, int at, const struct sql_value *v)
{
    const char *octets = v->octets.at == NULL ? "" : v->octets.at;
    switch (v->type) {
    case SQL_INTEGER:
        return sqlite3_bind_int64(statement, at, v->integer);
    case SQL_TEXT:
        return sqlite3_bind_text64(statement, at, octets, v->octets.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case SQL_OCTETS:
        return sqlite3_bind_blob64(statement, at, octets, v->octets.len, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static bool sqlite_start(struct sql *c, const char *text, const struct sql_value *values, size_t n,
                         struct sql_query *q, struct error *e)
{
    struct sqlite *s = (struct sqlite *)c;
    sqlite3_stmt *statement = NULL;
    if (!prepare(s, text, &statement, e))
        return false;
    if (sqlite3_stmt_busy(statement) != 0)
        return error_set(e, ERROR_BUG, "statement started twice: %.60s", text);
    size_t used = (size_t)sqlite3_bind_parameter_count(statement); /* the last may be unused */
    for (size_t i = 0; i < n && i < used; i++) {
        int code = bind_value(statement, (int)i + 1, &values[i]);
        if (code != SQLITE_OK)
            return refuse(s->db, code, e);
    }
    q->handle = statement;
    return true;
}

static bool sqlite_next(struct sql_query *q, bool *row, struct error *e)
{
    int code = sqlite3_step(q->handle);
    *row = code == SQLITE_ROW;
    q->row++;
    return code == SQLITE_ROW || code == SQLITE_DONE ||
           refuse(((struct sqlite *)q->connection)->db, code, e);
}

static void sqlite_release(struct sql_query *q)
{
    sqlite3_reset(q->handle); /* repeats the error of the last step, told already */
    sqlite3_clear_bindings(q->handle);
}

static struct str sqlite_column_text(const struct sql_query *q, int column)
{
    const void *at = sqlite3_column_blob(q->handle, column); /* text as it is, without conversion */
    int len = sqlite3_column_bytes(q->handle, column);
    return str_bytes(at == NULL ? "" : at, len < 0 ? 0 : (size_t)len);
}

static int64_t sqlite_column_integer(const struct sql_query *q, int column)
{
    return sqlite3_column_int64(q->handle, column);
}

static uint64_t sqlite_changed(struct sql_query *q)
{
    return (uint64_t)sqlite3_changes64(((struct sqlite *)q->connection)->db);
}

static bool sqlite_script(struct sql *c, const char *text, struct error *e)
{
    sqlite3 *db = ((struct sqlite *)c)->db;
    int code = sqlite3_exec(db, text, NULL, NULL, NULL);
    return code == SQLITE_OK || refuse(db, code, e);
}

static bool sqlite_is_inside(struct sql *c)
{
    return sqlite3_get_autocommit(((struct sqlite *)c)->db) == 0;
}

static const struct sql_engine_calls calls = {
    .close = sqlite_close,
    .start = sqlite_start,
    .next = sqlite_next,
    .release = sqlite_release,
    .column_text = sqlite_column_text,
    .column_integer = sqlite_column_integer,
    .changed = sqlite_changed,
    .script = sqlite_script,
    .is_inside = sqlite_is_inside,
};

/* --- the library's writes go through sys.c's wall, so that tests can make each one fail */
static ssize_t wall_pwrite(int fd, const void *at, size_t len, off_t offset)
{
    return sys_must_fail() ? -1 : pwrite(fd, at, len, offset);
}

static ssize_t wall_write(int fd, const void *at, size_t len)
{
    return sys_must_fail() ? -1 : write(fd, at, len);
}

static int wall_ftruncate(int fd, off_t size)
{
    return sys_must_fail() ? -1 : ftruncate(fd, size);
}

/* Nobody asks how much memory it has taken: to count that is a lock at each allocation. */
static void set_up_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    if (vfs == NULL || vfs->iVersion < 3)
        return;
    vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)wall_pwrite);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)wall_pwrite);
    vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)wall_write);
    vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)wall_ftruncate);
    sqlite_wal_register(vfs);
}

/* After a commit. As the one writer, so that all of the log can be copied (sql_sqlite_wal.c); who still
 * reads what stood there before is not waited for. What fails is tried again after the next commit. */
static int fold_back(void *ctx, sqlite3 *db, const char *name, int pages)
{
    (void)ctx;
    if (pages < LOG_PAGES)
        return SQLITE_OK;
    sqlite3_busy_timeout(db, 0);
    sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_FULL, NULL, NULL);
    sqlite3_busy_timeout(db, WAIT_MS);
    return SQLITE_OK;
}

/* Writers queue on store.lock; the timeout is a net for what does not, such as the sqlite3 shell.
 * NORMAL could lose the last commits in a power cut. Loadable extensions are never wanted.
 * secure_delete FAST wipes what it deletes wherever that costs no write of its own: payloads are
 * ciphertext, and the wrapped key of one that is disposed stands in a page that is written anyway.
 * cache_spill OFF: the log is written by commits alone, as sql_sqlite_wal.c needs it. */
static bool set_up(struct sqlite *s, struct error *e)
{
    sqlite3_busy_timeout(s->db, WAIT_MS);
    sqlite3_wal_hook(s->db, fold_back, NULL);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return sqlite_script(&s->sql,
                         "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                         "PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY;"
                         "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-4096;"
                         "PRAGMA cache_spill=OFF;",
                         e) &&
           (s->sql.access != SQL_READS || sqlite_script(&s->sql, "PRAGMA query_only=ON;", e));
}

bool sql_sqlite_open(const char *place, enum sql_access access, struct sql **out, struct error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    struct sqlite *s = mem_new(sizeof(*s));
    s->sql = (struct sql){&calls, access};
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (access == SQL_CREATES ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(place, &s->db, flags, SQLITE_WAL_VFS);
    bool ok = code == SQLITE_OK || refuse(s->db, code, e);
    if (!ok || !set_up(s, e)) {
        error_prefix(e, "%.150s", place);
        sqlite_close(&s->sql);
        return false;
    }
    *out = &s->sql;
    return true;
}
