/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/base/str.h"
#include "tests/check.h"

TEST(equality_looks_at_every_octet)
{
    static const struct {
        const char *row;
        struct str a, b;
        bool equal, nocase;
    } rows[] = {
        {"same", STR_INIT("abc"), STR_INIT("abc"), true, true},
        {"case", STR_INIT("aBc"), STR_INIT("abC"), false, true},
        {"NUL inside", {"a\0b", 3}, {"a\0c", 3}, false, false},
        {"shorter", STR_INIT("ab"), STR_INIT("abc"), false, false},
        {"empty and none", STR_INIT(""), {NULL, 0}, true, true},
        {"@ is not `", STR_INIT("@"), STR_INIT("`"), false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_ROW(rows[i].row, str_equal(rows[i].a, rows[i].b) == rows[i].equal);
        CHECK_ROW(rows[i].row, str_equal_nocase(rows[i].a, rows[i].b) == rows[i].nocase);
    }
}

TEST(parts_stay_inside)
{
    struct str s = STR("  a,,b\r\n");
    CHECK_STR(str_trim(s), STR("a,,b"));
    CHECK(str_from(s, 99).len == 0);
    CHECK(str_upto(s, 99).len == s.len);
    CHECK(str_find(s, STR(",b")) == 4);
    CHECK(str_find(s, STR("x")) == s.len);
    CHECK(str_find(STR_NONE, STR("x")) == 0);
    CHECK(str_starts(s, STR("  a")) && !str_starts(STR("a"), STR("ab")));
    CHECK(str_ends(s, STR("\n")) && !str_ends(STR("b"), STR("ab")));
}

TEST(next_gives_every_part_once)
{
    struct str rest = STR("a,,b"), part;
    CHECK(str_next(&rest, ',', &part));
    CHECK_STR(part, STR("a"));
    CHECK(str_next(&rest, ',', &part));
    CHECK_STR(part, STR(""));
    CHECK(str_next(&rest, ',', &part));
    CHECK_STR(part, STR("b"));
    CHECK(!str_next(&rest, ',', &part));
}

TEST(utf8_is_checked_as_rfc_3629_says)
{
    static const struct {
        const char *row;
        struct str text;
        bool good;
    } rows[] = {
        {"ascii", STR_INIT("abc"), true},
        {"two", STR_INIT("\xc3\xa5"), true},
        {"four", STR_INIT("\xf0\x9f\x93\xaf"), true},
        {"overlong", STR_INIT("\xc0\xaf"), false},
        {"overlong three", STR_INIT("\xe0\x80\xaf"), false},
        {"surrogate", STR_INIT("\xed\xa0\x80"), false},
        {"beyond", STR_INIT("\xf4\x90\x80\x80"), false},
        {"cut", STR_INIT("\xe2\x82"), false},
        {"stray", STR_INIT("\x80"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_ROW(rows[i].row, str_is_utf8(rows[i].text) == rows[i].good);
        for (size_t at = 0; at < 24; at++) { /* in and behind a run of ASCII */
            char text[32];
            memset(text, 'a', sizeof(text));
            memcpy(text + at, rows[i].text.at, rows[i].text.len);
            CHECK_ROW(rows[i].row, str_is_utf8(str_bytes(text, sizeof(text))) == rows[i].good);
        }
    }
}

TEST(a_text_is_cut_between_characters)
{
    static const struct {
        const char *text;
        size_t len;
        const char *expected;
    } rows[] = {
        {"abc", 2, "ab"},
        {"", 2, ""},
        {"a\xc3\xa5", 3, "a\xc3\xa5"},
        {"a\xc3\xa5", 99, "a\xc3\xa5"},
        {"a\xc3\xa5", 2, "a"},
        {"a\xc3", 99, "a"},
        {"\xe2\x82\xac", 3, "\xe2\x82\xac"},
        {"\xe2\x82\xac", 2, ""},
        {"b\xf0\x9f\x93\xa8", 5, "b\xf0\x9f\x93\xa8"},
        {"b\xf0\x9f\x93\xa8", 4, "b"},
        {"b\xf0\x9f\x93\xa8", 2, "b"},
        {"\x80\x80\x80\x80\x80\x80", 6, "\x80\x80"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_STR(str_upto_utf8(str_of(rows[i].text), rows[i].len), str_of(rows[i].expected));
}

TEST(order_is_by_octets_then_length)
{
    CHECK(str_compare(STR("a"), STR("b")) < 0);
    CHECK(str_compare(STR("ab"), STR("a")) > 0);
    CHECK(str_compare(STR("\xff"), STR("a")) > 0);
    CHECK(str_compare(STR(""), STR_NONE) == 0);
    CHECK(str_hash(STR("a")) != str_hash(STR("b")));
}

TEST(a_character_is_written_as_it_is_read)
{
    static const struct {
        uint32_t character;
        struct str octets;
    } rows[] = {
        {0x41, STR_INIT("A")},
        {0x7f, STR_INIT("\x7f")},
        {0x80, STR_INIT("\xc2\x80")},
        {0x7ff, STR_INIT("\xdf\xbf")},
        {0x800, STR_INIT("\xe0\xa0\x80")},
        {0xffff, STR_INIT("\xef\xbf\xbf")},
        {0x10000, STR_INIT("\xf0\x90\x80\x80")},
        {0x10ffff, STR_INIT("\xf4\x8f\xbf\xbf")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char at[4];
        struct str got = str_bytes(at, str_put_utf8(at, rows[i].character));
        CHECK_STR(got, rows[i].octets);
        CHECK(str_utf8_length(got) == got.len);
    }
}

TEST(blanks_are_trimmed_at_the_start_alone_or_at_both_ends)
{
    CHECK_STR(str_trim_start(STR(" \t\r\n a b \n")), STR("a b \n"));
    CHECK_STR(str_trim(STR(" \t\r\n a b \n")), STR("a b"));
    CHECK(str_trim(STR(" \v")).len == 1 && str_trim_start(STR(" ")).len == 0);
}

CHECK_MAIN
