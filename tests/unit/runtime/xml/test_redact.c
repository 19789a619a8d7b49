/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/redact.h"
#include "tests/check.h"

TEST(values_are_left_out_and_everything_else_stays)
{
    static const struct {
        const char *message, *expected;
    } rows[] = {
        {"Element '{urn:x}a': 'Anna' is not a valid value of the atomic type 'xs:int'.",
         "Element 'a': the value is not a valid value of the atomic type 'xs:int'."},
        {"Element 'a': [facet 'pattern'] The value 'A'nn'a' is not accepted by the pattern '[a]'.",
         "Element 'a': [facet 'pattern'] the value is not accepted by the pattern '[a]'."},
        {"Element 'a': The actual value 'Anna' does not match the fixed value constraint 'b'.",
         "Element 'a': the value does not match the fixed value constraint 'b'."},
        {"Element 'a': Duplicate key-sequence ['Anna'] in unique identity-constraint 'b'.",
         "Element 'a': the value] in unique identity-constraint 'b'."},
        {"Element 'a': 'Anna' is somehow strange.", "Element 'a': the value is not valid here"},
        {"'Anna", "the value is not valid here"},
        {"Element 'a': Missing child element(s). Expected is ( {urn:x}b ).",
         "Element 'a': Missing child element(s). Expected is ( b )."},
        {"Element 'a", "Element 'a"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        CHECK_STR(redact_schema_message(str_of(rows[i].message), &a), str_of(rows[i].expected));
    }
}

/* What is found goes out in a receipt, which is no XML with half a character in it. */
TEST(a_long_name_is_cut_between_characters)
{
    AUTO_ARENA a = {0};
    struct str name = STR_NONE;
    for (size_t i = 0; i < 600; i++)
        name = arena_format(&a, "%.*s\xc3\xa5", STR_ARG(name));
    for (size_t i = 0; i < 2; i++) {
        struct str message = arena_format(&a, "Element '%s%.*s': This element is not expected.",
                                          i == 0 ? "" : "x", STR_ARG(name));
        struct str text = redact_schema_message(message, &a);
        CHECK(str_is_utf8(text) && text.len > 390);
    }
}

CHECK_MAIN
