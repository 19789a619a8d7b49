/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/json.h"
#include "tests/check.h"

TEST(what_is_written_reads_back)
{
    struct error e = {0};
    AUTO_BUF b = BUF(1000);
    struct json_writer w = json_writer_on(&b, &e);
    json_open_object(&w, NULL);
    json_put_text(&w, "t", STR("a\"\\\n\x01\xc3\xa5\xff"));
    json_open_array(&w, "list");
    json_put_integer(&w, NULL, -5);
    json_put_boolean(&w, NULL, true);
    json_put_null(&w, NULL);
    json_close(&w);
    json_put_raw(&w, "raw", STR("{}"));
    json_close(&w);
    CHECK_OK(json_done(&w), e);
    CHECK_STR(
        buf_str(&b),
        STR("{\"t\":\"a\\\"\\\\\\n\\u0001\xc3\xa5\xef\xbf\xbd\",\"list\":[-5,true,null],\"raw\":{}}"));
    AUTO_JSON doc = {0};
    CHECK_OK(json_read(buf_str(&b), &doc, &e), e);
    struct str text;
    int64_t number = 0;
    bool flag = false;
    CHECK(json_as_text(json_member(doc.root, "t"), &text));
    CHECK_STR(text, STR("a\"\\\n\x01\xc3\xa5\xef\xbf\xbd"));
    const struct json *list = json_member(doc.root, "list");
    CHECK(json_holds_array(list) && json_count(list) == 3);
    CHECK(json_as_integer(json_item(list, 0), &number) && number == -5);
    CHECK(json_as_boolean(json_item(list, 1), &flag) && flag);
    CHECK(json_holds_null(json_item(list, 2)) && json_holds_object(json_member(doc.root, "raw")));
    CHECK(json_member(doc.root, "none") == NULL && !json_as_text(NULL, &text));
}

/* Whether it stands in a run that is looked at eight octets at a time or not. */
TEST(every_character_is_written_so_that_it_reads_back_wherever_it_stands)
{
    static const struct str others[] = {STR_INIT("\xc3\xa5"), STR_INIT("\xe2\x82\xac"),
                                        STR_INIT("\xf0\x9f\x98\x80")};
    for (size_t before = 0; before < 20; before++) {
        for (size_t i = 1; i < 0x83; i++) {
            AUTO_BUF text = BUF(100), json = BUF(200);
            AUTO_JSON doc = {0};
            struct error e = {0};
            struct str back;
            CHECK_OK(buf_add(&text, str_upto(STR("abcdefghijklmnopqrstuvwx"), before), &e), e);
            if (i < 0x80)
                CHECK_OK(buf_add_char(&text, (char)i, &e), e);
            else
                CHECK_OK(buf_add(&text, others[i - 0x80], &e), e);
            CHECK_OK(buf_add(&text, STR("0123456789"), &e), e);
            struct json_writer w = json_writer_on(&json, &e);
            json_open_array(&w, NULL);
            json_put_text(&w, NULL, buf_str(&text));
            json_close(&w);
            CHECK(json_done(&w));
            CHECK_OK(json_read(buf_str(&json), &doc, &e), e);
            CHECK(json_as_text(json_item(doc.root, 0), &back));
            CHECK_STR(back, buf_str(&text));
        }
    }
}

TEST(what_is_no_utf8_is_replaced_octet_by_octet)
{
    AUTO_BUF json = BUF(200);
    struct error e = {0};
    struct json_writer w = json_writer_on(&json, &e);
    json_put_text(&w, NULL, STR("abcdefgh\xff\xc3z\xe2\x82"));
    CHECK(json_done(&w));
    CHECK_STR(buf_str(&json), STR("\"abcdefgh\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\""));
}

TEST(unclean_json_is_refused)
{
    static const struct str rows[] = {
        STR_INIT("{\"a\":1,\"a\":2}"),
        STR_INIT("{\"a\":01}"),
        STR_INIT("{\"a\":\"\xc0\xaf\"}"),
        STR_INIT("{\"a\":\"\\ud800\"}"),
        {"{\"a\":1\0}", 8},
        STR_INIT("{} x"),
        STR_INIT("\"word\""),
        STR_INIT(""),
        STR_INIT("{\"a\":1e999}"),
        STR_INIT("{'a':1}"),
        STR_INIT("{\"a\":1,}"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_JSON doc = {0};
        CHECK_ROW(rows[i].at, !json_read(rows[i], &doc, &e));
        CHECK_ROW(rows[i].at, e.kind == ERROR_REJECT && doc.root == NULL);
    }
}

TEST(a_nul_inside_a_text_is_read_only_where_it_is_asked_for)
{
    struct error e = {0}, why = {0};
    AUTO_JSON doc = {0}, none = {0};
    struct str text, in = STR("{\"a\":\"x\\u0000y\"}");
    CHECK(!json_read(in, &none, &e) && e.kind == ERROR_REJECT);
    CHECK_OK(json_read_with_nul(in, &doc, &e), e);
    CHECK(json_as_text(json_member(doc.root, "a"), &text));
    CHECK_STR(text, str_bytes("x\0y", 3));
    CHECK(!json_read_with_nul(STR("{\"a\\u0000\":1}"), &none, &why));
    CHECK(!json_read_with_nul(str_bytes("{\"a\":1\0}", 8), &none, &why));
}

static bool count_members(void *ctx, struct str name, const struct json *value)
{
    size_t *count = ctx;
    *count += name.len + (value != NULL);
    return *count < 5;
}

TEST(members_are_visited_in_order_until_told_to_stop)
{
    struct error e = {0};
    AUTO_JSON doc = {0};
    size_t count = 0;
    CHECK_OK(json_read(STR("{\"a\":1,\"b\":2,\"cc\":3}"), &doc, &e), e);
    CHECK(!json_each(doc.root, count_members, &count) && count == 7);
}

TEST(a_full_buf_sticks)
{
    struct error e = {0};
    AUTO_BUF b = BUF(5);
    struct json_writer w = json_writer_on(&b, &e);
    json_open_object(&w, NULL);
    json_put_text(&w, "name", STR("value"));
    json_close(&w);
    CHECK(!json_done(&w) && e.kind == ERROR_REJECT);
}

CHECK_MAIN
