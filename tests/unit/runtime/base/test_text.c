/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/text.h"
#include "tests/check.h"

TEST(percent_encoding_makes_one_path_segment)
{
    struct error e = {0};
    AUTO_BUF b = BUF(100);
    CHECK_OK(percent_encode(&b, STR("a::b/c#1~"), &e), e);
    CHECK_STR(buf_str(&b), STR("a%3A%3Ab%2Fc%231~"));
    AUTO_BUF back = BUF(100);
    CHECK_OK(percent_decode(&back, buf_str(&b), &e), e);
    CHECK_STR(buf_str(&back), STR("a::b/c#1~"));
    CHECK_OK(percent_encode(&b, STR("\xc3\xa5\x7f"), &e), e);
    CHECK_STR(buf_str(&b), STR("a%3A%3Ab%2Fc%231~%C3%A5%7F"));
    AUTO_BUF small = BUF(4);
    CHECK_OK(percent_encode(&small, STR(":x"), &e), e);
    CHECK(!percent_encode(&small, STR("x"), &e) && e.kind == ERROR_REJECT && small.len == 4);
}

TEST(bad_escapes_are_refused_and_leave_nothing)
{
    static const struct str rows[] = {STR_INIT("%"), STR_INIT("%4"), STR_INIT("%zz"),
                                      STR_INIT("ab%+1")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF b = BUF(100);
        CHECK_ROW(rows[i].at, !percent_decode(&b, rows[i], &e));
        CHECK_ROW(rows[i].at, e.kind == ERROR_REJECT && b.len == 0);
    }
}

TEST(hex_goes_both_ways)
{
    struct error e = {0};
    AUTO_BUF b = BUF(8);
    CHECK_OK(hex_encode(&b, str_bytes("\0\xff\x10", 3), &e), e);
    CHECK_STR(buf_str(&b), STR("00ff10"));
    CHECK(!hex_encode(&b, STR("too much"), &e));
    AUTO_BUF back = BUF(8);
    CHECK_OK(hex_decode(&back, STR("00fF10"), &e), e);
    CHECK_STR(buf_str(&back), str_bytes("\0\xff\x10", 3));
    CHECK(!hex_decode(&back, STR("123"), &e));
}

CHECK_MAIN
