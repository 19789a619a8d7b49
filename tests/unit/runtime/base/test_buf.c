/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/buf.h"

#include <string.h>

#include "runtime/base/mem.h"
#include "tests/check.h"

TEST(add_keeps_the_limit)
{
    static const struct {
        const char *row;
        size_t limit;
        struct str in;
        bool ok;
    } rows[] = {
        {"one over", 2, STR_INIT("abc"), false},
        {"just right", 3, STR_INIT("abc"), true},
        {"NUL kept", 3, {"a\0c", 3}, true},
        {"nothing into nothing", 0, STR_INIT(""), true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF b = BUF(rows[i].limit);
        CHECK_ROW(rows[i].row, buf_add(&b, rows[i].in, &e) == rows[i].ok);
        CHECK_ROW(rows[i].row, rows[i].ok ? str_equal(buf_str(&b), rows[i].in)
                                          : e.kind == ERROR_REJECT && b.len == 0);
    }
}

TEST(grows_to_its_limit_octet_by_octet)
{
    struct error e = {0};
    AUTO_BUF b = BUF(100000);
    for (size_t i = 0; i < 100000; i++)
        CHECK_OK(buf_add_char(&b, (char)i, &e), e);
    CHECK(!buf_add_char(&b, 'x', &e));
    CHECK(b.len == 100000 && b.at[99999] == (char)99999 && b.at[100000] == '\0');
}

TEST(what_is_added_before_moves_the_rest)
{
    struct error e = {0};
    AUTO_BUF b = BUF(600), expected = BUF(600);
    CHECK_OK(buf_add_before(&b, STR(""), &e) && buf_add_before(&b, STR("c"), &e), e);
    CHECK_OK(buf_add_before(&b, STR("ab"), &e), e);
    CHECK_STR(buf_str(&b), STR("abc"));
    CHECK(buf_text(&b)[3] == '\0');
    for (size_t i = 3; i < 600; i++)
        CHECK_OK(buf_add_before(&b, STR("x"), &e) && buf_add(&expected, STR("x"), &e), e);
    CHECK_OK(buf_add(&expected, STR("abc"), &e), e);
    CHECK_STR(buf_str(&b), buf_str(&expected));
    CHECK(!buf_add_before(&b, STR("x"), &e) && e.kind == ERROR_REJECT && b.len == 600);
}

TEST(printf_and_cuts)
{
    struct error e = {0};
    AUTO_BUF b = BUF(10);
    CHECK_OK(buf_addf(&b, &e, "%d-%s", 12, "ab"), e);
    CHECK(!buf_addf(&b, &e, "%s", "123456"));
    CHECK_STR(buf_str(&b), STR("12-ab"));
    buf_cut(&b, 2);
    CHECK(str_is(buf_str(&b), "12") && str_is(str_of(buf_text(&b)), "12"));
}

/* What is free already is used, but never beyond the limit, and what did not fit leaves nothing. */
TEST(printf_fits_where_add_does)
{
    for (size_t limit = 0; limit < 600; limit += 7) {
        for (size_t len = 0; len < 600; len += 13) {
            struct error e = {0};
            AUTO_BUF b = BUF(limit);
            CHECK(limit == 0 || buf_add_char(&b, 'x', &e));
            size_t before = b.len;
            bool fits = len <= limit - before;
            CHECK(buf_addf(&b, &e, "%*s", (int)len, "") == fits);
            CHECK(b.len == before + (fits ? len : 0));
            CHECK(strlen(buf_text(&b)) == b.len);
        }
    }
}

CHECK_MAIN
