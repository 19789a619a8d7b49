/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Folding the log into the database: in few writes, and none of them lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/store/sql.h"
#include "tests/check.h"

enum { OCTETS = 10000, ROWS = 60 }; /* of a row: three pages */

struct place {
    char folder[64], path[96];
    struct sql *one, *other; /* two connections, as of two programs */
};

static struct sql *connect_to(const struct place *p, enum sql_access access)
{
    struct error e = {0};
    struct sql *c = NULL;
    CHECK_OK(sql_sqlite_open(p->path, access, &c, &e), e);
    return c;
}

static bool run(struct sql *c, const char *text)
{
    struct error e = {0};
    return sql_script(c, text, &e);
}

static void begin(struct place *p)
{
    *p = (struct place){.folder = "/tmp/posthorn-wal-XXXXXX"};
    if (mkdtemp(p->folder) == NULL)
        abort();
    snprintf(p->path, sizeof(p->path), "%s/store.db", p->folder);
    p->one = connect_to(p, SQL_CREATES);
    p->other = connect_to(p, SQL_WRITES);
    CHECK(run(p->one, "PRAGMA busy_timeout = 0")); /* so a checkpoint waits for no reader */
    CHECK(run(p->one, "CREATE TABLE t (id INTEGER PRIMARY KEY, content BLOB)"));
}

static void end(struct place *p)
{
    sql_close(p->one);
    sql_close(p->other);
    CHECK(unlink(p->path) == 0 && rmdir(p->folder) == 0); /* who closes last folds the log away */
}

static char letter(int row, int version)
{
    return (char)('a' + (row * 7 + version) % 26);
}

/* Rows first .. first + n - 1, in one commit. */
static void put(struct sql *c, int first, int n, int version)
{
    struct error e = {0};
    AUTO_MEM char *octets = mem_new(OCTETS);
    CHECK_OK(sql_begin(c, &e), e);
    for (int i = first; i < first + n; i++) {
        memset(octets, letter(i, version), OCTETS);
        CHECK_OK(sql_run(c, "INSERT OR REPLACE INTO t VALUES ($1, $2)",
                         SQL_VALUES(SQL_I(i), SQL_O(str_bytes(octets, OCTETS))), NULL, &e),
                 e);
    }
    CHECK_OK(sql_commit(c, &e), e);
}

static bool is_filled(struct str octets, char with)
{
    return octets.len == OCTETS && octets.at[0] == with &&
           memcmp(octets.at, octets.at + 1, octets.len - 1) == 0;
}

/* True: rows 0 .. n - 1 are there, with what put() gave them last. */
static bool holds(struct sql *c, int n, int version)
{
    struct error e = {0};
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    int seen = 0;
    if (!sql_start(c, "SELECT id, content FROM t ORDER BY id", SQL_NO_VALUES, &q, &e))
        return false;
    for (; sql_next(&q, &row, &e) && row; seen++)
        if (sql_column_integer(&q, 0) != seen ||
            !is_filled(sql_column_text(&q, 1), letter(seen, version)))
            return false;
    return !row && seen == n;
}

static bool is_sound(struct sql *c)
{
    struct error e = {0};
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    return sql_start(c, "PRAGMA integrity_check", SQL_NO_VALUES, &q, &e) &&
           sql_next(&q, &row, &e) && row && str_equal(sql_column_text(&q, 0), STR("ok"));
}

/* As a program that starts now sees it: nothing of it is in memory. */
static bool holds_for_all(const struct place *p, int n, int version)
{
    struct sql *c = connect_to(p, SQL_READS);
    bool ok = is_sound(c) && holds(c, n, version);
    sql_close(c);
    return ok;
}

TEST(a_log_is_folded_back_in_few_writes)
{
    struct place p;
    begin(&p);
    put(p.one, 0, ROWS, 1);
    sys_fail_after(ROWS * OCTETS / (100 * 1024) + 3, EIO);
    CHECK(run(p.one, "PRAGMA wal_checkpoint(FULL)"));
    CHECK(!sys_fail_never());
    CHECK(holds_for_all(&p, ROWS, 1));
    end(&p);
}

/* Others may write meanwhile: then not all of it is copied, and no failure is told at the end. */
TEST(who_is_not_the_one_writer_writes_each_page_at_once)
{
    struct place p;
    begin(&p);
    put(p.one, 0, ROWS, 1);
    sys_fail_after(ROWS, EIO);
    CHECK(!run(p.one, "PRAGMA wal_checkpoint(PASSIVE)"));
    CHECK(sys_fail_never());
    CHECK(holds_for_all(&p, ROWS, 1));
    end(&p);
}

/* One write fails, then the log is folded back once more: what was counted as done is not done again. */
static bool fold_with_a_failure(struct place *p, unsigned calls, bool reads)
{
    struct error e = {0};
    AUTO_SQL_QUERY before = {0};
    bool row = false;
    put(p->one, 0, ROWS, 1);
    if (reads)
        CHECK_OK(sql_start(p->other, "SELECT id FROM t", SQL_NO_VALUES, &before, &e) &&
                     sql_next(&before, &row, &e),
                 e);
    put(p->one, 0, 1, 2); /* not for who reads */
    put(p->one, 0, 1, 1);
    sys_fail_once(calls, EIO);
    bool folded = run(p->one, "PRAGMA wal_checkpoint(FULL)");
    bool failed = sys_fail_never();
    CHECK(folded != failed);
    CHECK(holds_for_all(p, ROWS, 1));
    sql_query_release(&before);
    CHECK(run(p->one, "PRAGMA wal_checkpoint(TRUNCATE)"));
    CHECK(holds_for_all(p, ROWS, 1));
    return failed;
}

static void fail_each(bool reads)
{
    unsigned calls = 0;
    for (bool failed = true; failed && calls < 1000; calls++) {
        struct place p;
        begin(&p);
        failed = fold_with_a_failure(&p, calls, reads);
        end(&p);
    }
    CHECK(calls > 5 && calls < 1000);
}

TEST(each_write_that_fails_while_all_of_the_log_is_folded_back_is_not_passed_over)
{
    fail_each(false);
}

TEST(each_write_that_fails_while_a_part_of_the_log_is_folded_back_is_not_passed_over)
{
    fail_each(true);
}

TEST(a_log_that_another_began_anew_is_not_read_as_it_was)
{
    enum { FEW = 8 }; /* so that all of the log is read ahead at once */
    struct place p;
    begin(&p);
    for (int version = 0; version < 8; version++) {
        put(p.other, 0, FEW, version); /* from the log's beginning */
        CHECK(run(p.one, "PRAGMA wal_checkpoint(FULL)"));
        CHECK(holds_for_all(&p, FEW, version));
    }
    end(&p);
}

static int64_t database_octets(const struct place *p)
{
    struct stat st;
    CHECK(stat(p->path, &st) == 0);
    return st.st_size;
}

TEST(a_long_log_is_folded_back_by_itself_and_waits_for_no_reader)
{
    enum { MANY = 3600 }; /* rows: more than 32 MiB */
    struct place p;
    struct error e = {0};
    AUTO_SQL_QUERY before = {0};
    bool row = false;
    begin(&p);
    put(p.one, 0, ROWS, 1);
    CHECK(run(p.one, "PRAGMA wal_checkpoint(FULL); PRAGMA busy_timeout = 10000"));
    CHECK_OK(sql_start(p.other, "SELECT id FROM t", SQL_NO_VALUES, &before, &e) &&
                 sql_next(&before, &row, &e),
             e);
    int64_t start_ms = clock_monotonic_ms();
    put(p.one, ROWS, MANY, 1);
    CHECK(database_octets(&p) < 2 * ROWS * OCTETS); /* who reads has the log before it */
    sql_query_release(&before);
    put(p.one, 0, 1, 1);
    CHECK(database_octets(&p) > MANY * OCTETS);
    CHECK(clock_monotonic_ms() - start_ms < 5000); /* a lock is waited for 10 s */
    CHECK(holds_for_all(&p, ROWS + MANY, 1));
    end(&p);
}

CHECK_MAIN
