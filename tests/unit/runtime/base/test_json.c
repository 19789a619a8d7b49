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
