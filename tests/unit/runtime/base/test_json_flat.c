/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/buf.h"
#include "runtime/base/json_flat.h"
#include "runtime/base/mem.h"
#include "tests/check.h"

TEST(members_come_in_order_with_their_values)
{
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct str text =
        STR(" { \"a\" : \"x y\",\"b\":-12,\n\t\"c\":true,\"d\":false,\"e\":null,\"f\":0 }\r\n");
    struct json_flat f = json_flat_of(text, &a, &e);
    struct json_member m;
    CHECK(json_flat_next(&f, &m) && str_is(m.name, "a") && m.kind == JSON_TEXT);
    CHECK_STR(m.text, STR("x y"));
    CHECK(m.text.at > text.at && m.text.at < text.at + text.len);
    CHECK(json_flat_next(&f, &m) && m.kind == JSON_INTEGER && m.number == -12);
    CHECK(json_flat_next(&f, &m) && m.kind == JSON_BOOLEAN && m.number == 1);
    CHECK(json_flat_next(&f, &m) && m.kind == JSON_BOOLEAN && m.number == 0);
    CHECK(json_flat_next(&f, &m) && m.kind == JSON_NULL);
    CHECK(json_flat_next(&f, &m) && m.kind == JSON_INTEGER && m.number == 0);
    CHECK(!json_flat_next(&f, &m));
    CHECK_OK(json_flat_done(&f), e);
    CHECK(!json_flat_next(&f, &m));
}

/* False: refused. Text: of the last member. */
static bool read_last(struct arena *a, struct str text, struct json_member *m, struct error *e)
{
    struct json_flat f = json_flat_of(text, a, e);
    while (json_flat_next(&f, m))
        ;
    return json_flat_done(&f);
}

TEST(texts_are_unescaped)
{
    static const struct {
        struct str json, text;
    } rows[] = {
        {STR_INIT("{\"a\":\"\"}"), STR_INIT("")},
        {STR_INIT("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"), STR_INIT("\"\\/\b\f\n\r\t")},
        {STR_INIT("{\"a\":\"x\\u0041\\u00e5\\u20ac\\ud83d\\ude00\\u001fz\"}"),
         STR_INIT("xA\xc3\xa5\xe2\x82\xac\xf0\x9f\x98\x80\x1fz")},
        {STR_INIT("{\"a\":\"\xc3\xa5\x7f\"}"), STR_INIT("\xc3\xa5\x7f")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct error e = {0};
        struct json_member m;
        CHECK_OK(read_last(&a, rows[i].json, &m, &e), e);
        CHECK_STR(m.text, rows[i].text);
    }
}

TEST(numbers_are_those_that_64_bits_hold)
{
    static const struct {
        const char *json;
        bool ok;
        int64_t number;
    } rows[] = {
        {"{\"a\":9223372036854775807}", true, INT64_MAX},
        {"{\"a\":-9223372036854775808}", true, INT64_MIN},
        {"{\"a\":-0}", true, 0},
        {"{\"a\":9223372036854775808}", false, 0},
        {"{\"a\":-9223372036854775809}", false, 0},
        {"{\"a\":01}", false, 0},
        {"{\"a\":1.5}", false, 0},
        {"{\"a\":1e3}", false, 0},
        {"{\"a\":-}", false, 0},
        {"{\"a\":+1}", false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct error e = {0};
        struct json_member m;
        CHECK_ROW(rows[i].json, read_last(&a, str_of(rows[i].json), &m, &e) == rows[i].ok);
        CHECK_ROW(rows[i].json, rows[i].ok ? m.number == rows[i].number : e.kind == ERROR_REJECT);
    }
}

TEST(what_is_no_object_of_plain_values_is_refused)
{
    static const struct str rows[] = {
        STR_INIT(""),
        STR_INIT("nonsense"),
        STR_INIT("[]"),
        STR_INIT("\"a\""),
        STR_INIT("{\"a\":1}x"),
        STR_INIT("{}{}"),
        STR_INIT("{}\0"),
        STR_INIT("{,}"),
        STR_INIT("{\"a\":1,}"),
        STR_INIT("{\"a\":1 \"b\":2}"),
        STR_INIT("{\"a\" 1}"),
        STR_INIT("{a:1}"),
        STR_INIT("{\"a\":{}}"),
        STR_INIT("{\"a\":[]}"),
        STR_INIT("{\"a\":tru}"),
        STR_INIT("{\"a\":truex}"),
        STR_INIT("{\"a\":}"),
        STR_INIT("{\"a\":1,\"a\":2}"),
        STR_INIT("{\"a\":1,\"\\u0061\":2}"),
        STR_INIT("{\"a\":\"\n\"}"),
        STR_INIT("{\"a\":\"\0\"}"),
        STR_INIT("{\"a\":\"\\u0000\"}"),
        STR_INIT("{\"a\":\"\\x\"}"),
        STR_INIT("{\"a\":\"\\u12g4\"}"),
        STR_INIT("{\"a\":\"\\u123\"}"),
        STR_INIT("{\"a\":\"\\ud83d\"}"),
        STR_INIT("{\"a\":\"\\ud83d\\u0041\"}"),
        STR_INIT("{\"a\":\"\\ude00\"}"),
        STR_INIT("{\"a\":\"\xff\"}"),
        STR_INIT("{\"a\":\"\xc3\"}"),
        STR_INIT("{\"a\":\"x\\\"}"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct error e = {0};
        struct json_member m;
        CHECK_ROW(rows[i].at, !read_last(&a, rows[i], &m, &e) && e.kind == ERROR_REJECT);
    }
}

TEST(an_object_cut_anywhere_is_refused)
{
    static const struct str whole = STR_INIT("{\"a\":\"x\\ud83d\\ude00\",\"b\":-1,\"c\":true}");
    for (size_t n = 0; n < whole.len; n++) {
        AUTO_ARENA a = {0};
        AUTO_MEM char *cut = mem_copy(whole.at, n); /* a sanitizer sees what goes beyond */
        struct error e = {0};
        struct json_member m;
        CHECK(!read_last(&a, str_bytes(cut, n), &m, &e));
    }
}

TEST(members_have_a_limit)
{
    for (int most = JSON_FLAT_MAX; most <= JSON_FLAT_MAX + 1; most++) {
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(4096);
        struct error e = {0};
        struct json_member m;
        CHECK_OK(buf_add(&text, STR("{\"0\":0"), &e), e);
        for (int i = 1; i < most; i++)
            CHECK_OK(buf_addf(&text, &e, ",\"%d\":0", i), e);
        CHECK_OK(buf_add(&text, STR("}"), &e), e);
        CHECK(read_last(&a, buf_str(&text), &m, &e) == (most == JSON_FLAT_MAX));
    }
}

CHECK_MAIN
