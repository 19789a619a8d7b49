/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "tests/check.h"

TEST(the_chosen_call_fails_with_the_chosen_error)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    sys_fail_after(1, ENOSPC);
    bool first = sys_write_all(fd, STR("a"), &e);
    bool second = sys_write_all(fd, STR("b"), &e);
    CHECK(sys_fail_never());
    CHECK(first && !second && e.kind == ERROR_RETRY);
    CHECK(str_find(str_of(e.text), STR("No space left")) < str_of(e.text).len);
    CHECK_OK(sys_fsync(fd, &e), e);
    uint64_t size = 0;
    CHECK_OK(sys_file_size(fd, &size, &e), e);
    CHECK(size == 1);
    char c;
    size_t got = 9;
    CHECK_OK(sys_pread_all(fd, &c, 1, 0, &e), e);
    CHECK(c == 'a' && !sys_pread_all(fd, &c, 1, 1, &e));
    CHECK_OK(sys_read_some(fd, &c, 1, &got, &e), e);
    CHECK(got == 0);
}

TEST(a_call_that_fails_alone_is_followed_by_ones_that_do_not)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    sys_fail_once(1, ENOSPC);
    bool first = sys_write_all(fd, STR("a"), &e);
    bool second = sys_write_all(fd, STR("b"), &e);
    bool third = sys_write_all(fd, STR("c"), &e);
    CHECK(sys_fail_never());
    CHECK(first && !second && third);
    sys_fail_once(1, ENOSPC);
    first = sys_write_all(fd, STR("a"), &e);
    CHECK(!sys_fail_never() && first);
}

static bool holds_standard_fds(void)
{
    struct error e = {0};
    char c;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        close(fd);
    bool held = sys_hold_standard_fds(&e);
    AUTO_FD int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return held && next > STDERR_FILENO && read(STDIN_FILENO, &c, 1) == -1 &&
           write(STDOUT_FILENO, "x", 1) == -1 && write(STDERR_FILENO, "x", 1) == 1;
}

TEST(standard_descriptors_that_were_closed_are_no_files_of_ours)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(holds_standard_fds() ? 0 : 1);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(a_memory_file_is_a_file)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    uint64_t size = 0;
    CHECK_OK(sys_memory_file(&fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("abc"), &e), e);
    CHECK_OK(sys_file_size(fd, &size, &e), e);
    CHECK(size == 3);
}

TEST(folders_and_renames)
{
    char dir[] = "/tmp/posthorn-test-sys-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    struct error e = {0};
    CHECK_OK(sys_make_dir(dir, 0700, &e), e);
    CHECK_OK(sys_fsync_dir(dir, &e), e);
    CHECK(!sys_rename("/nowhere/a", "/nowhere/b", &e) && e.kind == ERROR_RETRY);
    char moved[sizeof(dir) + 2];
    snprintf(moved, sizeof(moved), "%s.2", dir);
    CHECK_OK(sys_rename(dir, moved, &e), e);
    CHECK(rmdir(moved) == 0);
    CHECK(!sys_fsync_dir(moved, &e));
}

TEST(a_file_is_read_whole_and_within_the_limit)
{
    char path[] = "/tmp/posthorn-test-sys-XXXXXX";
    AUTO_FD int fd = mkstemp(path);
    static const struct {
        const char *row;
        size_t limit;
        bool ok;
        const char *says;
    } rows[] = {
        {"as large as the limit", 5, true, ""},
        {"one octet over", 4, false, "is larger than 3 octets"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF b = BUF(rows[i].limit);
        CHECK_OK(buf_add_char(&b, 'a', &e), e);
        CHECK_ROW(rows[i].row, ftruncate(fd, 0) == 0 && pwrite(fd, "bcde", 4, 0) == 4);
        CHECK_ROW(rows[i].row, sys_read_file(path, &b, &e) == rows[i].ok);
        CHECK_ROW(rows[i].row,
                  rows[i].ok ? str_is(buf_str(&b), "abcde") : e.kind == ERROR_REJECT && b.len == 1);
        CHECK_ROW(rows[i].row, str_ends(str_of(e.text), str_of(rows[i].says)));
    }
    struct error e = {0};
    AUTO_BUF b = BUF(10);
    CHECK(unlink(path) == 0 && !sys_read_file(path, &b, &e) && e.kind == ERROR_RETRY);
    CHECK(str_starts(str_of(e.text), str_of(path)));
}

TEST(schemas_lie_where_the_environment_says)
{
    CHECK(setenv("POSTHORN_SCHEMA_DIR", "/elsewhere", 1) == 0);
    CHECK_STR(str_of(sys_schema_dir()), STR("/elsewhere"));
    CHECK(unsetenv("POSTHORN_SCHEMA_DIR") == 0);
    CHECK_STR(str_of(sys_schema_dir()), STR(POSTHORN_SCHEMAS));
}

CHECK_MAIN
