/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/config/value.h"

#include <inttypes.h>

#include "tests/check.h"

struct numbers {
    int64_t value;
};

static bool read_at(const struct setting *s, struct str text, struct arena *arena, void *section,
                    struct error *e)
{
    struct value_place place = {arena, STR("/etc/posthorn"), section};
    return value_read(s, text, &place, e);
}

TEST(numbers_sizes_and_times_are_read_in_their_units_and_range)
{
    static const struct {
        enum setting_type type;
        int64_t min, max;
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        {SETTING_NUMBER, 1, 256, "4", true, 4},
        {SETTING_NUMBER, 1, 256, "256", true, 256},
        {SETTING_NUMBER, 1, 256, "0", false, 0},
        {SETTING_NUMBER, 1, 256, "257", false, 0},
        {SETTING_NUMBER, -5, 5, "-5", true, -5},
        {SETTING_NUMBER, -5, 5, "-6", false, 0},
        {SETTING_NUMBER, -5, 5, "-", false, 0},
        {SETTING_NUMBER, 0, 0, "9223372036854775807", true, INT64_MAX},
        {SETTING_NUMBER, 0, 0, "9223372036854775808", false, 0},
        {SETTING_NUMBER, 0, 0, "+1", false, 0},
        {SETTING_NUMBER, 0, 0, "0x10", false, 0},
        {SETTING_NUMBER, 0, 0, "1 2", false, 0},
        {SETTING_NUMBER, 0, 0, "", false, 0},
        {SETTING_SIZE, 0, 0, "20M", true, 20 * 1024 * 1024},
        {SETTING_SIZE, 0, 0, "64K", true, 65536},
        {SETTING_SIZE, 0, 0, "1G", true, 1024 * 1024 * 1024},
        {SETTING_SIZE, 0, 0, "17", true, 17},
        {SETTING_SIZE, 0, 0, "-1", false, 0},
        {SETTING_SIZE, 0, 0, "20m", false, 0},
        {SETTING_SIZE, 0, 0, "20 M", false, 0},
        {SETTING_SIZE, 0, 0, "9999999999G", false, 0},
        {SETTING_TIME, 0, 0, "500ms", true, 500},
        {SETTING_TIME, 0, 0, "30s", true, 30000},
        {SETTING_TIME, 0, 0, "5m", true, 300000},
        {SETTING_TIME, 0, 0, "4h", true, 14400000},
        {SETTING_TIME, 0, 0, "2d", true, 172800000},
        {SETTING_TIME, 0, 0, "0", true, 0},
        {SETTING_TIME, 0, 0, "30", false, 0}, /* seconds or milliseconds? */
        {SETTING_TIME, 0, 0, "s", false, 0},
        {SETTING_TIME, 1000, 60000, "999ms", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA arena = {0};
        struct numbers n = {-77};
        struct setting s = {"k", rows[i].type, 0, rows[i].min, rows[i].max, NULL, "", NULL};
        CHECK_ROW(rows[i].text, read_at(&s, str_of(rows[i].text), &arena, &n, &e) == rows[i].ok);
        CHECK_ROW(rows[i].text, n.value == (rows[i].ok ? rows[i].value : -77));
        CHECK_ROW(rows[i].text, rows[i].ok || e.kind == ERROR_REJECT);
    }
}

TEST(addresses_are_strict)
{
    static const struct {
        const char *text, *value; /* NULL: refused */
    } rows[] = {
        {"127.0.0.1:8443", "127.0.0.1:8443"},
        {"0.0.0.0:0", "0.0.0.0:0"},
        {"[::1]:65535", "[::1]:65535"},
        {"unix:/run/a.sock", "unix:/run/a.sock"},
        {"unix:run/a.sock", "unix:/etc/posthorn/run/a.sock"},
        {"localhost:1", NULL}, {"127.0.0.1", NULL}, {"127.0.0.1:", NULL}, {":80", NULL},
        {"127.0.0.1:65536", NULL}, {"127.0.0.1:-1", NULL}, {"127.0.0.1:080000", NULL},
        {"127.1:80", NULL}, {"::1:80", NULL}, {"[::1]", NULL}, {"[::1]80", NULL}, {"[::1:80", NULL},
        {"[127.0.0.1]:80", NULL}, {"[]:80", NULL}, {"unix:", NULL}, {"", NULL},
        {"unix:/a12345678901234567890123456789012345678901234567890123456789012345678901234567890"
         "1234567890123456789012345678", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA arena = {0};
        struct str value = STR_NONE;
        struct setting s = {"k", SETTING_ADDRESS, 0, 0, 0, NULL, "", NULL};
        bool ok = read_at(&s, str_of(rows[i].text), &arena, &value, &e);
        CHECK_ROW(rows[i].text, ok == (rows[i].value != NULL));
        CHECK_ROW(rows[i].text, !ok || str_is(value, rows[i].value));
        CHECK_ROW(rows[i].text, ok || e.kind == ERROR_REJECT);
    }
}

TEST(texts_words_paths_and_booleans_are_checked)
{
    static const struct {
        enum setting_type type;
        int64_t min, max;
        const char *words, *text, *value; /* NULL: refused */
    } rows[] = {
        {SETTING_TEXT, 2, 4, NULL, "a b", "a b"},
        {SETTING_TEXT, 2, 4, NULL, "a", NULL},
        {SETTING_TEXT, 2, 4, NULL, "abcde", NULL},
        {SETTING_TEXT, 0, 0, NULL, "", ""},
        {SETTING_WORD, 0, 0, "sqlite|postgres", "postgres", "postgres"},
        {SETTING_WORD, 0, 0, "sqlite|postgres", "Postgres", NULL},
        {SETTING_WORD, 0, 0, "sqlite|postgres", "sqlite|postgres", NULL},
        {SETTING_WORD, 0, 0, "sqlite|postgres", "", NULL},
        {SETTING_PATH, 1, 4096, NULL, "/a/b", "/a/b"},
        {SETTING_PATH, 1, 4096, NULL, "a/b", "/etc/posthorn/a/b"},
        {SETTING_PATH, 1, 4096, NULL, "", NULL},
        {SETTING_PATH, 0, 4096, NULL, "", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA arena = {0};
        struct str value = STR_NONE;
        struct setting s = {"k", rows[i].type, 0, rows[i].min, rows[i].max, NULL, "", rows[i].words};
        bool ok = read_at(&s, str_of(rows[i].text), &arena, &value, &e);
        CHECK_ROW(rows[i].text, ok == (rows[i].value != NULL));
        CHECK_ROW(rows[i].text, !ok || str_is(value, rows[i].value));
        CHECK_ROW(rows[i].text, ok || e.kind == ERROR_REJECT);
    }
    struct setting flag = {"k", SETTING_BOOLEAN, 0, 0, 0, NULL, "", NULL};
    struct error e = {0};
    AUTO_ARENA arena = {0};
    bool value = false;
    CHECK(read_at(&flag, STR("yes"), &arena, &value, &e) && value);
    CHECK(read_at(&flag, STR("false"), &arena, &value, &e) && !value);
    CHECK(read_at(&flag, STR("true"), &arena, &value, &e) && value);
    CHECK(!read_at(&flag, STR("1"), &arena, &value, &e) && value);
}

TEST(lists_are_separated_by_blanks_or_commas)
{
    struct error e = {0};
    AUTO_ARENA arena = {0};
    struct str_list list = {0};
    struct setting s = {"k", SETTING_LIST, 0, 1, 3, NULL, "", NULL};
    CHECK_OK(read_at(&s, STR("a, b\tc"), &arena, &list, &e), e);
    CHECK(list.count == 3 && str_is(list.at[0], "a") && str_is(list.at[2], "c"));
    CHECK(!read_at(&s, STR(" , "), &arena, &list, &e) && list.count == 3);
    CHECK(!read_at(&s, STR("a b c d"), &arena, &list, &e) && list.count == 3);
    struct setting any = {"k", SETTING_LIST, 0, 0, 0, NULL, "", NULL};
    CHECK(read_at(&any, STR(""), &arena, &list, &e) && list.count == 0);
}

TEST(examples_of_every_type_read_back)
{
    static const struct setting rows[] = {
        {"text", SETTING_TEXT, 0, 0, 0, NULL, "", NULL},
        {"long text", SETTING_TEXT, 0, 64, 64, NULL, "", NULL},
        {"short text", SETTING_TEXT, 0, 1, 3, NULL, "", NULL},
        {"word", SETTING_WORD, 0, 0, 0, NULL, "", "one|two"},
        {"path", SETTING_PATH, 0, 1, 4096, NULL, "", NULL},
        {"list", SETTING_LIST, 0, 2, 5, NULL, "", NULL},
        {"number", SETTING_NUMBER, 0, 7, 9, NULL, "", NULL},
        {"size", SETTING_SIZE, 0, 1024, 9999, NULL, "", NULL},
        {"time", SETTING_TIME, 0, 1500, 9999, NULL, "", NULL},
        {"boolean", SETTING_BOOLEAN, 0, 0, 0, NULL, "", NULL},
        {"address", SETTING_ADDRESS, 0, 0, 0, NULL, "", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA arena = {0};
        AUTO_BUF text = BUF(1000);
        AUTO_BUF words = BUF(1000);
        struct str_list room;
        CHECK_OK(value_example(&rows[i], &text, &e), e);
        CHECK_OK(value_words(&rows[i], &words, &e), e);
        CHECK_ROW(rows[i].key, words.len > 0);
        CHECK_OK(read_at(&rows[i], buf_str(&text), &arena, &room, &e), e);
    }
}

CHECK_MAIN
