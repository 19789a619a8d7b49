/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdalign.h>

#include "runtime/base/arena.h"
#include "tests/check.h"

TEST(pieces_do_not_overlap_and_are_zero)
{
    AUTO_ARENA a = {0};
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 97 % 5000;
        pieces[i] = arena_new(&a, size + 1);
        CHECK((uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        for (size_t j = 0; j <= size; j++) {
            CHECK(pieces[i][j] == 0);
            pieces[i][j] = (unsigned char)i;
        }
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j <= i * 97 % 5000; j++)
            CHECK(pieces[i][j] == (unsigned char)i);
}

TEST(texts_of_any_length_are_formatted)
{
    AUTO_ARENA a = {0};
    for (int len = 0; len < 600; len++) {
        struct str text = arena_format(&a, "%*s", len, "");
        CHECK(text.len == (size_t)len && text.at[len] == '\0');
        CHECK(len == 0 || (text.at[0] == ' ' && text.at[len - 1] == ' '));
    }
}

TEST(texts_are_copies_with_a_nul)
{
    AUTO_ARENA a = {0};
    char word[] = "abc";
    struct str copy = arena_copy(&a, str_of(word));
    word[0] = 'x';
    CHECK_STR(copy, STR("abc"));
    CHECK(copy.at[3] == '\0');
    CHECK_STR(arena_format(&a, "%s-%d", "n", 7), STR("n-7"));
    CHECK_STR(arena_copy(&a, STR_NONE), STR(""));
}

CHECK_MAIN
