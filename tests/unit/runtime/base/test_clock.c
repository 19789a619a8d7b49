/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/clock.h"
#include "tests/check.h"

TEST(times_are_read_and_written)
{
    static const struct {
        const char *text;
        int64_t ms;
        const char *back;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
        {"2026-11-20T12:00:00.123Z", 1795176000123, "2026-11-20T12:00:00.123Z"},
        {"2026-11-20T13:00:00.123456+01:00", 1795176000123, "2026-11-20T12:00:00.123Z"},
        {"2024-02-29T23:59:59.9-00:30", 1709252999900, "2024-03-01T00:29:59.900Z"},
        {"2024-02-29T24:00:00.000Z", 1709251200000, "2024-03-01T00:00:00.000Z"},
        {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
        {"0001-01-01T00:00:00Z", -62135596800000, "0001-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        int64_t ms = 0;
        char text[CLOCK_TEXT_SIZE];
        CHECK_OK(clock_parse(str_of(rows[i].text), &ms, NULL, &e), e);
        CHECK_ROW(rows[i].text, ms == rows[i].ms);
        CHECK_STR(str_of(clock_format(ms, text)), str_of(rows[i].back));
    }
}

TEST(any_time_has_its_four_digits_of_a_year)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782399999, "2000-02-28T23:59:59.999Z"},
        {951782400000 + 3723004, "2000-02-29T01:02:03.004Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {253402300800000, "0000-01-01T00:00:00.000Z"},
        {INT64_MAX, "8994-08-17T07:12:55.807Z"},
        {-62167219200001, "0000-12-31T23:59:59.999Z"}, /* before the year 0 */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[CLOCK_TEXT_SIZE];
        CHECK_STR(str_of(clock_format(rows[i].ms, text)), str_of(rows[i].text));
    }
}

TEST(odd_times_are_refused)
{
    static const char *const rows[] = {
        "",
        "2026-11-20",
        "2026-02-30T00:00:00Z",
        "2026-11-20T24:00:01Z",
        "3 Sept. 2019",
        "2026-11-20T12:00:60Z",
        "2026-11-20T12:00:00.Z",
        "2026-11-20T12:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-20T12:00:00Zx",
        "2026-11-20T12:00:00+15:00",
        "2026-11-20 12:00:00Z",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        int64_t ms = 7;
        CHECK_ROW(rows[i], !clock_parse(str_of(rows[i]), &ms, NULL, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT && ms == 7);
    }
}

TEST(a_missing_zone_is_told)
{
    struct error e = {0};
    int64_t ms;
    bool zoned = true;
    CHECK_OK(clock_parse(STR("2026-11-20T12:00:00"), &ms, &zoned, &e), e);
    CHECK(!zoned && ms == 1795176000000);
}

TEST(clocks_run)
{
    CHECK(clock_now_ms() > 1700000000000);
    int64_t before = clock_monotonic_ms();
    CHECK(clock_monotonic_ms() >= before);
}

CHECK_MAIN
