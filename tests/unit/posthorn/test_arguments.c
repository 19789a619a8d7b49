/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "tests/check.h"

struct options {
    struct common_options common;
    int64_t max;
    struct argument_list files;
};

static const struct argument table[] = {
    COMMON_ARGUMENTS(struct options),
    {"--max", ARGUMENT_NUMBER, offsetof(struct options, max), "N", "how many"},
    {"--file", ARGUMENT_LIST, offsetof(struct options, files), "FILE", "a file"},
    {0}};
static const struct arguments_form form = {"try A [B]", "Tries.", table, 1, 2};

enum { ARGS = 8 };

TEST(options_and_words_come_in_any_order)
{
    static char a0[] = "try", a1[] = "--json", a2[] = "one", a3[] = "--dir=/x", a4[] = "--max",
                a5[] = "7", a6[] = "--", a7[] = "--two";
    char *argv[] = {a0, a1, a2, a3, a4, a5, a6, a7, NULL};
    struct options o = {0};
    struct argument_list words = {0};
    int status = 9;
    CHECK(arguments_read(&form, 8, argv, &o, &words, &status));
    CHECK(o.common.json && o.max == 7);
    CHECK_STR(str_of(o.common.dir), STR("/x"));
    CHECK(words.count == 2);
    CHECK_STR(str_of(words.at[0]), STR("one"));
    CHECK_STR(str_of(words.at[1]), STR("--two"));
}

TEST(a_list_keeps_its_order)
{
    static char a0[] = "try", a1[] = "--file", a2[] = "x", a3[] = "w", a4[] = "--file=y";
    char *argv[] = {a0, a1, a2, a3, a4, NULL};
    struct options o = {0};
    struct argument_list words = {0};
    int status;
    CHECK(arguments_read(&form, 5, argv, &o, &words, &status));
    CHECK(o.files.count == 2);
    CHECK_STR(str_of(o.files.at[0]), STR("x"));
    CHECK_STR(str_of(o.files.at[1]), STR("y"));
}

TEST(what_does_not_fit_ends_with_its_status)
{
    static const struct {
        const char *row;
        const char *args[4];
        int status;
    } rows[] = {
        {"help", {"--help"}, EXIT_GOOD},
        {"help behind a word", {"one", "--help"}, EXIT_GOOD},
        {"no word", {NULL}, EXIT_CANNOT},
        {"too many words", {"one", "two", "three"}, EXIT_CANNOT},
        {"unknown option", {"one", "--maxx", "1"}, EXIT_CANNOT},
        {"a value for a flag", {"one", "--json=yes"}, EXIT_CANNOT},
        {"a missing value", {"one", "--max"}, EXIT_CANNOT},
        {"no number", {"one", "--max", "-3"}, EXIT_CANNOT},
        {"seconds that are no time", {"one", "--max", "9223372036854775"}, EXIT_CANNOT},
        {"an option of one letter", {"one", "-j"}, EXIT_CANNOT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char texts[ARGS][32] = {"try"};
        char *argv[ARGS] = {texts[0]};
        int argc = 1;
        for (; argc <= 4 && rows[i].args[argc - 1] != NULL; argc++) {
            snprintf(texts[argc], sizeof(texts[0]), "%s", rows[i].args[argc - 1]);
            argv[argc] = texts[argc];
        }
        struct options o = {0};
        struct argument_list words = {0};
        int status = 9;
        CHECK_ROW(rows[i].row, !arguments_read(&form, argc, argv, &o, &words, &status));
        CHECK_ROW(rows[i].row, status == rows[i].status);
    }
}

CHECK_MAIN
