/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_transactions.c */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/sys.h"
#include "runtime/store/tx.h"

static const char *const files[STORE_SCHEMA_VERSION] = {"0001-begin.sql"};

bool store_connect(const char *folder, const char *postgres, enum sql_access access,
                   struct sql **out, struct error *e)
{
    if (postgres != NULL)
        return sql_postgres_open(postgres, access, out, e);
    AUTO_ARENA a = {0};
    struct str path = arena_format(&a, "%s/store.db", folder);
    if (access != SQL_CREATES && faccessat(AT_FDCWD, path.at, F_OK, 0) == -1)
        return error_code(e, ERROR_REJECT, "store:schema",
                          "no database %.200s; run: posthorn migrate", path.at);
    return sql_sqlite_open(path.at, access, out, e);
}

bool store_lock_open(const char *folder, int *fd, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str path = arena_format(&a, "%s/store.lock", folder);
    *fd = open(path.at, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    return *fd != -1 || error_errno(e, "cannot open %.200s", path.at);
}

/* The kernel's queue of those who wait is what SQLite's polling lacks (design.md 3). */
bool store_lock(int fd, bool locks, struct error *e)
{
    struct flock range = {.l_type = locks ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET};
    int code = fd == -1 ? 0 : fcntl(fd, F_OFD_SETLKW, &range);
    while (code == -1 && errno == EINTR)
        code = fcntl(fd, F_OFD_SETLKW, &range);
    return code != -1 || error_errno(e, "cannot lock the store");
}

static bool read_version(struct sql *c, int *version, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!sql_start(c, "SELECT MAX(version) FROM schema_version", SQL_NO_VALUES, &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    *version = row ? (int)sql_column_integer(&q, 0) : 0;
    return true;
}

static bool newer(int version, struct error *e)
{
    return error_code(e, ERROR_REJECT, "store:schema",
                      "the database has schema version %d, this program knows %d: install the "
                      "newer programs",
                      version, STORE_SCHEMA_VERSION);
}

bool migrate_check(struct sql *c, struct error *e)
{
    int version = 0;
    struct error missing; /* no table: a database that was never migrated */
    if (!read_version(c, &version, &missing) && missing.kind == ERROR_RETRY) {
        *e = missing;
        return false;
    }
    if (version > STORE_SCHEMA_VERSION)
        return newer(version, e);
    return version == STORE_SCHEMA_VERSION ||
           error_code(e, ERROR_REJECT, "store:schema",
                      "the database has schema version %d, this program needs %d; run: posthorn "
                      "migrate",
                      version, STORE_SCHEMA_VERSION);
}

static bool apply(struct sql *c, int version, struct error *e)
{
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(128 * 1024);
    struct str path = arena_format(&a, "%s/sql/%s", sys_schema_dir(), files[version - 1]);
    return sys_read_file(path.at, &text, e) && sql_script(c, buf_text(&text), e) &&
           sql_run(c, "INSERT INTO schema_version (version, applied_ms) VALUES ($1, $2)",
                   SQL_VALUES(SQL_I(version), SQL_I(clock_now_ms())), NULL, e);
}

static bool migrate_inside(struct sql *c, int *from, struct error *e)
{
    if (!sql_script(c,
                    "CREATE TABLE IF NOT EXISTS schema_version (version @INTEGER@ NOT NULL PRIMARY "
                    "KEY, applied_ms @INTEGER@ NOT NULL) @STRICT@;",
                    e) ||
        !sql_script(c, "@LOCK_SCHEMA@", e) || !read_version(c, from, e))
        return false;
    if (*from > STORE_SCHEMA_VERSION)
        return newer(*from, e);
    for (int version = *from + 1; version <= STORE_SCHEMA_VERSION; version++)
        if (!apply(c, version, e))
            return false;
    return true;
}

static bool migrate_locked(struct sql *c, int *from, struct error *e)
{
    if (!sql_begin(c, e))
        return false;
    if (migrate_inside(c, from, e) && sql_commit(c, e))
        return true;
    sql_rollback(c);
    return false;
}

static bool migrate(struct sql *c, const char *folder, bool is_postgres, int *from, struct error *e)
{
    AUTO_FD int lock = -1;
    if (!is_postgres && (!store_lock_open(folder, &lock, e) || !store_lock(lock, true, e)))
        return false;
    return migrate_locked(c, from, e); /* closing the file unlocks */
}

bool store_migrate(const struct store_config *config, int *from, int *to, struct error *e)
{
    bool is_postgres = config->postgres != NULL && config->postgres[0] != '\0';
    struct sql *c = NULL;
    if (!sys_make_dir(config->folder, 0770, e) ||
        !store_connect(config->folder, is_postgres ? config->postgres : NULL, SQL_CREATES, &c, e))
        return false;
    bool ok = migrate(c, config->folder, is_postgres, from, e);
    sql_close(c);
    *to = ok ? STORE_SCHEMA_VERSION : *from;
    return ok;
}
