/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <string.h>

#include "runtime/base/error.h"
#include "tests/check.h"

TEST(an_error_is_one_line_with_its_place)
{
    struct error e = {0};
    CHECK(!error_code(&e, ERROR_DENY, "EBMS:0101", "bad\r\nline %d", 7));
    CHECK_STR(str_of(e.text), STR("bad  line 7"));
    CHECK(!error_set(&e, ERROR_DENY,
                     "a\xc2\x9b"
                     "31mb\x1b[0m\xc2\xa7"));
    CHECK_STR(str_of(e.text), STR("a  31mb [0m\xc2\xa7"));
    CHECK(!error_code(&e, ERROR_DENY, "EBMS:0101", "bad\r\nline %d", 7));
    CHECK(e.kind == ERROR_DENY && str_is(str_of(e.code), "EBMS:0101"));
    CHECK_STR(str_of(e.where), STR("an_error_is_one_line_with_its_place"));
    CHECK(!error_prefix(&e, "part %d", 2));
    CHECK_STR(str_of(e.text), STR("part 2: bad  line 7"));
    CHECK_STR(str_of(error_kind_name(e.kind)), STR("deny"));
    error_clear(&e);
    CHECK(e.kind == ERROR_NONE && e.text[0] == '\0');
}

TEST(errno_is_named)
{
    struct error e = {0};
    errno = ENOENT;
    CHECK(!error_errno(&e, "%s", "file"));
    CHECK(e.kind == ERROR_RETRY);
    CHECK_STR(str_of(e.text), STR("file: No such file or directory"));
}

TEST(long_texts_are_cut_not_lost)
{
    char word[600];
    for (size_t i = 0; i < sizeof(word); i++)
        word[i] = 'x';
    word[sizeof(word) - 1] = '\0';
    struct error e = {0};
    CHECK(!error_set(&e, ERROR_REJECT, "%s", word));
    CHECK(str_of(e.text).len == sizeof(e.text) - 1);
    CHECK(!error_prefix(&e, "a"));
    CHECK(str_starts(str_of(e.text), STR("a: xxx")));
}

TEST(what_is_cut_within_a_character_is_still_a_text)
{
    struct error e = {0};
    char word[600] = "";
    for (size_t i = 0; i + 2 < sizeof(word); i += 2)
        memcpy(word + i, "\xc3\xa5", 3);
    CHECK(!error_set(&e, ERROR_REJECT, "'%.5s' is no\xff place", word));
    CHECK_STR(str_of(e.text), STR("'\xc3\xa5\xc3\xa5?' is no? place"));
    CHECK(!error_set(&e, ERROR_REJECT, "%s", word));
    CHECK(str_is_utf8(str_of(e.text)) && str_of(e.text).len == sizeof(e.text) - 1);
    CHECK(!error_prefix(&e, "place %d", 1));
    CHECK(str_is_utf8(str_of(e.text)) && str_of(e.text).len == sizeof(e.text) - 1);
}

CHECK_MAIN
