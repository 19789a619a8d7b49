/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/cursor.h"
#include "tests/check.h"

TEST(numbers_are_big_endian_and_bounded)
{
    struct cursor c =
        cursor_of(str_bytes("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 15));
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    CHECK(cursor_u8(&c, &u8) && u8 == 1);
    CHECK(cursor_u16(&c, &u16) && u16 == 0x0203);
    CHECK(cursor_u32(&c, &u32) && u32 == 0x04050607);
    CHECK(cursor_u64(&c, &u64) && u64 == 0x08090a0b0c0d0e0f);
    CHECK(cursor_done(&c) && !cursor_u8(&c, &u8) && u8 == 1);
}

TEST(what_does_not_fit_moves_nothing)
{
    struct cursor c = cursor_of(STR("ab: c"));
    struct str out = STR("kept");
    CHECK(!cursor_take(&c, 6, &out) && !cursor_until(&c, STR("x"), &out) && !cursor_char(&c, 'x'));
    CHECK_STR(out, STR("kept"));
    CHECK(cursor_token(&c, &out));
    CHECK_STR(out, STR("ab"));
    CHECK(cursor_skip(&c, STR(":")));
    cursor_blanks(&c);
    CHECK(!cursor_token(&c, &out) || str_is(out, "c"));
    CHECK(cursor_done(&c));
}

TEST(until_takes_the_stop_too)
{
    struct cursor c = cursor_of(STR("name=value"));
    struct str name;
    CHECK(cursor_until(&c, STR("="), &name));
    CHECK_STR(name, STR("name"));
    CHECK_STR(c.left, STR("value"));
}

TEST(token_characters_are_those_of_rfc_9110)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int c = 0; c < 256; c++) {
        bool expected = c != 0 && str_find_char(str_of(allowed), (char)c) < sizeof(allowed) - 1;
        CHECK(is_token_char((char)c) == expected);
    }
}

CHECK_MAIN
