/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/number.h"
#include "tests/check.h"

TEST(only_digits_in_range_become_numbers)
{
    static const struct {
        const char *text;
        uint64_t min, max, value;
        bool ok;
    } rows[] = {
        {"0", 0, 10, 0, true},
        {"007", 0, 10, 7, true},
        {"18446744073709551615", 0, UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", 0, UINT64_MAX, 0, false},
        {"99999999999999999999999", 0, UINT64_MAX, 0, false},
        {"11", 0, 10, 0, false},
        {"4", 5, 10, 0, false},
        {"", 0, 10, 0, false},
        {"+3", 0, 10, 0, false},
        {"-3", 0, 10, 0, false},
        {" 3", 0, 10, 0, false},
        {"3 ", 0, 10, 0, false},
        {"0x3", 0, 10, 0, false},
        {"a", 0, 10, 0, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        uint64_t value = 99;
        bool ok = parse_u64(str_of(rows[i].text), rows[i].min, rows[i].max, &value, &e);
        CHECK_ROW(rows[i].text, ok == rows[i].ok);
        CHECK_ROW(rows[i].text,
                  ok ? value == rows[i].value : value == 99 && e.kind == ERROR_REJECT);
    }
}

TEST(hexadecimal_too)
{
    struct error e = {0};
    uint64_t value;
    CHECK_OK(parse_hex_u64(STR("fF"), 255, &value, &e), e);
    CHECK(value == 255);
    CHECK(!parse_hex_u64(STR("100"), 255, &value, &e));
    CHECK(!parse_hex_u64(STR("g"), 255, &value, &e));
}

TEST(a_hexadecimal_digit_has_its_value_and_nothing_else_has_one)
{
    for (int c = 0; c < 256; c++) {
        int expected = c >= '0' && c <= '9'   ? c - '0'
                       : c >= 'a' && c <= 'f' ? c - 'a' + 10
                       : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : -1;
        CHECK(hex_digit((char)c) == expected);
    }
}

CHECK_MAIN
