/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <unistd.h>

#include "runtime/base/sink.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

TEST(a_file_comes_back_whole_and_in_parts)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    struct sink_file file;
    sink_file_init(&file, fd, 600000);
    for (int i = 0; i < 60000; i++)
        CHECK_OK(sink_write(&file.sink, STR("0123456789"), &e), e);
    CHECK(!sink_write(&file.sink, STR("x"), &e) && e.kind == ERROR_REJECT);
    CHECK(file.written == 600000);
    AUTO_BUF b = BUF(600000);
    struct sink_buf into;
    sink_buf_init(&into, &b);
    CHECK_OK(sink_from_file(&into.sink, fd, 0, 600000, &e), e);
    CHECK(b.len == 600000 && b.at[599999] == '9');
    buf_clear(&b);
    CHECK_OK(sink_from_file(&into.sink, fd, 599995, 5, &e), e);
    CHECK_STR(buf_str(&b), STR("56789"));
    CHECK(!sink_from_file(&into.sink, fd, 599999, 2, &e));
}

TEST(a_tee_reaches_both_and_count_limits)
{
    struct error e = {0};
    AUTO_BUF one = BUF(10);
    AUTO_BUF two = BUF(10);
    struct sink_buf into_one, into_two;
    sink_buf_init(&into_one, &one);
    sink_buf_init(&into_two, &two);
    struct sink_count counted;
    sink_count_init(&counted, 4, &into_two.sink);
    struct sink_tee tee;
    sink_tee_init(&tee, &into_one.sink, &counted.sink);
    CHECK_OK(sink_write(&tee.sink, STR("abc"), &e), e);
    CHECK_OK(sink_write(&tee.sink, STR(""), &e), e);
    CHECK_OK(sink_finish(&tee.sink, &e), e);
    CHECK_STR(buf_str(&one), STR("abc"));
    CHECK_STR(buf_str(&two), STR("abc"));
    CHECK(!sink_write(&tee.sink, STR("de"), &e) && counted.octets == 3);
}

TEST(a_guard_tells_who_failed)
{
    struct error e = {0};
    AUTO_BUF out = BUF(3);
    struct sink_buf into;
    struct sink_guard guard;
    sink_buf_init(&into, &out);
    sink_guard_init(&guard, &into.sink);
    CHECK_OK(sink_write(&guard.sink, STR("abc"), &e), e);
    CHECK(!guard.has_failed);
    CHECK(!sink_write(&guard.sink, STR("d"), &e) && guard.has_failed && e.kind == ERROR_REJECT);
    CHECK_STR(buf_str(&out), STR("abc"));
    CHECK_OK(sink_finish(&guard.sink, &e), e);
    CHECK(!guard.has_failed);
}

CHECK_MAIN
