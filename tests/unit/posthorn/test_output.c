/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/output.h"
#include "tests/check.h"

TEST(foreign_text_cannot_steer_a_terminal)
{
    static const struct {
        const char *row;
        struct str in;
        bool lines;
        struct str out;
    } rows[] = {
        {"plain", STR_INIT("Hej \xc3\xa5\xc3\xa4\xc3\xb6"), false,
         STR_INIT("Hej \xc3\xa5\xc3\xa4\xc3\xb6")},
        {"escape", STR_INIT("a\x1b[2Jb"), false, STR_INIT("a?[2Jb")},
        {"C1 control as UTF-8",
         STR_INIT("a\xc2\x9b"
                  "2Jb"),
         false, STR_INIT("a?2Jb")},
        {"no-break blank stays",
         STR_INIT("a\xc2\xa0"
                  "b"),
         false,
         STR_INIT("a\xc2\xa0"
                  "b")},
        {"line feed kept", STR_INIT("a\nb"), true, STR_INIT("a\nb")},
        {"line feed not kept", STR_INIT("a\nb"), false, STR_INIT("a?b")},
        {"no UTF-8",
         STR_INIT("a\xff\x9b"
                  "b"),
         false, STR_INIT("a??b")},
        {"NUL", STR_INIT("a\0b"), false, STR_INIT("a?b")},
        {"empty", STR_INIT(""), false, STR_INIT("")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        CHECK_ROW(rows[i].row, str_equal(output_safe(&a, rows[i].in, rows[i].lines), rows[i].out));
    }
}

TEST(ages_sizes_and_times_are_for_people)
{
    static const struct {
        int64_t ms;
        const char *age;
    } ages[] = {{-5, "0 ms"},      {1999, "1999 ms"}, {2000, "2 s"},        {119999, "119 s"},
                {120000, "2 min"}, {7200000, "2 h"},  {172800000, "2 days"}};
    AUTO_ARENA a = {0};
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
        CHECK_ROW(ages[i].age, str_is(output_age(&a, ages[i].ms), ages[i].age));
    CHECK_STR(output_octets(&a, 10239), STR("10239 octets"));
    CHECK_STR(output_octets(&a, 10240), STR("10 KiB"));
    CHECK_STR(output_octets(&a, 3ULL << 40), STR("3072 GiB"));
    CHECK_STR(output_time(&a, 1772356364120), STR("2026-03-01 09:12:44.120"));
}

CHECK_MAIN
