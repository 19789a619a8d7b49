/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/secret.h"
#include "tests/check.h"

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd != -1);
    CHECK(write(fd, text, str_of(text).len) == (ssize_t)str_of(text).len);
    CHECK(fchmod(fd, mode) == 0);
    close(fd);
}

TEST(comparison_sees_every_octet)
{
    AUTO_SECRET a = {0};
    secret_set(&a, "abcd", 4);
    CHECK(secret_equal_octets(secret_peek(&a), STR("abcd")));
    CHECK(!secret_equal_octets(secret_peek(&a), STR("abce")));
    CHECK(!secret_equal_octets(secret_peek(&a), STR("abc")));
    secret_release(&a);
    CHECK(a.at == NULL && a.len == 0);
}

TEST(files_that_others_may_read_are_refused)
{
    char path[] = "/tmp/posthorn-test-secret-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd != -1);
    close(fd);
    struct error e = {0};
    AUTO_SECRET s = {0};
    write_file(path, "word\n", 0600);
    CHECK_OK(secret_read_file(&s, path, 10, &e), e);
    CHECK_STR(secret_peek(&s), STR("word"));
    CHECK(!secret_read_file(&s, path, 3, &e) && e.kind == ERROR_REJECT);
    write_file(path, "word\n", 0644);
    CHECK(!secret_read_file(&s, path, 10, &e));
    CHECK(str_find(str_of(e.text), STR("chmod")) < str_of(e.text).len);
    unlink(path);
    CHECK(!secret_read_file(&s, path, 10, &e) && e.kind == ERROR_RETRY);
}

TEST(a_key_is_octets_even_where_the_last_one_looks_like_a_newline)
{
    char path[] = "/tmp/posthorn-test-secret-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd != -1);
    close(fd);
    struct error e = {0};
    AUTO_SECRET s = {0};
    write_file(path, "1234567\n", 0600);
    CHECK_OK(secret_read_key(&s, path, 8, &e), e);
    CHECK_STR(secret_peek(&s), STR("1234567\n"));
    CHECK(!secret_read_key(&s, path, 7, &e) && e.kind == ERROR_REJECT);
    unlink(path);
}

CHECK_MAIN
