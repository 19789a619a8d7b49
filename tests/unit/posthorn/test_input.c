/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <unistd.h>

#include "posthorn/input.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

/* A pipe with these octets and no writer any more, opened by its name. */
static bool open_pipe(struct str octets, uint64_t limit, int *fd, uint64_t *size, struct error *e)
{
    int ends[2];
    char path[32];
    CHECK(pipe(ends) == 0);
    CHECK_OK(sys_write_all(ends[1], octets, e), *e);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    bool ok = input_open(path, limit, fd, size, e);
    close(ends[0]);
    return ok;
}

TEST(a_pipe_is_read_to_its_end)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    uint64_t size = 0;
    char got[6] = "";
    CHECK_OK(open_pipe(STR("a\0b\n\n"), 5, &fd, &size, &e), e);
    CHECK(size == 5);
    CHECK_OK(sys_pread_all(fd, got, 5, 0, &e), e);
    CHECK_STR(str_bytes(got, 5), STR("a\0b\n\n"));
}

TEST(an_empty_pipe_is_an_empty_file)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    uint64_t size = 9;
    CHECK_OK(open_pipe(STR(""), 5, &fd, &size, &e), e);
    CHECK(size == 0);
}

TEST(a_pipe_ends_at_its_limit)
{
    struct error e = {0};
    int fd = -1;
    uint64_t size = 0;
    CHECK(!open_pipe(STR("123456"), 5, &fd, &size, &e));
    CHECK(e.kind == ERROR_RETRY && fd == -1);
    CHECK_STR(str_of(e.text), STR("the pipe holds more than 5 octets"));
}

TEST(what_is_no_file_and_no_pipe_is_named)
{
    static const struct {
        const char *path, *says;
    } rows[] = {
        {"/tmp", "it is a folder; a file or a pipe is wanted"},
        {"/dev/zero", "it is a device; a file or a pipe is wanted"},
        {"/nowhere/x", "cannot open it: No such file or directory"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        int fd = -1;
        uint64_t size;
        CHECK_ROW(rows[i].path, !input_open(rows[i].path, 5, &fd, &size, &e) && fd == -1);
        CHECK_ROW(rows[i].path, e.kind == ERROR_RETRY && str_is(str_of(e.text), rows[i].says));
    }
}

CHECK_MAIN
