/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/accesspoint/formats.h"

TEST(only_base64_to_its_last_letter_is_a_file)
{
    static const struct {
        const char *xml, *plain;
    } rows[] = {
        {"<c>aGVsbG8=</c>", "hello"},
        {"<c>\n aGVs\n bG8= \n</c>", "hello"},
        {"<c><![CDATA[aGVsbG8=]]></c>", "hello"},
        {"<c>aGVsbG8</c>", NULL},
        {"<c>aGVsbG8=x</c>", NULL},
        {"<c>aGVs-G8=</c>", NULL},
        {"<c>data:;base64,aGVsbG8=</c>", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        AUTO_BUF out = BUF(100);
        struct sink_buf sink;
        sink_buf_init(&sink, &out);
        CHECK_OK(xml_read(str_of(rows[i].xml), &xml_limits_envelope, &d, &e), e);
        struct sdk_file f = {.content = {.node = xml_root(d)}};
        bool ok = sdk_file_content(&f, &sink.sink, &e);
        CHECK_ROW(rows[i].xml, ok == (rows[i].plain != NULL));
        CHECK_ROW(rows[i].xml, !ok || str_is(buf_str(&out), rows[i].plain));
        CHECK_ROW(rows[i].xml,
                  ok || (e.kind == ERROR_REJECT && str_is(str_of(e.code), "BV/invariant")));
    }
}

TEST(a_text_comes_out_as_it_reads)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_BUF out = BUF(100);
    struct sink_buf sink;
    sink_buf_init(&sink, &out);
    CHECK_OK(xml_read(STR("<c>a &amp; b\r\nc&#xD;</c>"), &xml_limits_envelope, &d, &e), e);
    struct sdk_text t = {.content = {.node = xml_root(d)}};
    CHECK_OK(sdk_text_content(&t, &sink.sink, &e), e);
    CHECK_STR(buf_str(&out), STR("a & b\nc\r"));
}

CHECK_MAIN
