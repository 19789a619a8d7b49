/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/xml/doc.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 1024 * 1024 };

TEST(text_is_all_that_is_below_without_comments)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct str text;
    xml_setup();
    CHECK_OK(xml_read(STR("<a> 1<b>2<!-- no --><?no?>&amp;</b><![CDATA[<3>]]>\r\n</a>"),
                      &xml_limits_envelope, &d, &e),
             e);
    CHECK_OK(xml_text(xml_root(d), &a, 9, &text, &e), e);
    CHECK_STR(text, STR(" 12&<3>\n"));
    CHECK(xml_text_length(xml_root(d)) == 8);
    CHECK_OK(xml_trimmed(xml_root(d), &a, 8, &text, &e), e);
    CHECK_STR(text, STR("12&<3>"));
    CHECK(!xml_text(xml_root(d), &a, 7, &text, &e) && e.kind == ERROR_REJECT);
    CHECK(strstr(e.text, "/a: a text of more than 7 octets") != NULL);
    CHECK_OK(xml_text(xml_first(xml_root(d), NULL, "b"), &a, 2, &text, &e), e);
    CHECK_STR(text, STR("2&"));
}

TEST(an_empty_element_has_an_empty_text)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct str text;
    xml_setup();
    CHECK_OK(xml_read(STR("<a/>"), &xml_limits_envelope, &d, &e), e);
    CHECK_OK(xml_text(xml_root(d), &a, 0, &text, &e), e);
    CHECK(text.len == 0 && text.at != NULL);
}

/* A cut text reads as the parser would have given it, whatever its line ends and where chunks of
 * the file (256 KiB) fall between them. */
TEST(line_ends_of_cut_texts_are_normalised)
{
    static const char *const ends[] = {"\n", "\r", "\r\n", "\r\r\n", "\n\r"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct error e = {0};
        AUTO_BUF doc = BUF(2 * MOST);
        AUTO_BUF expected = BUF(2 * MOST);
        AUTO_BUF got = BUF(2 * MOST);
        AUTO_XML d = NULL;
        AUTO_FD int fd = -1;
        struct sink_buf into;
        sink_buf_init(&into, &got);
        xml_setup();
        sample_put(&doc, "<a>");
        for (size_t k = 0; k < 300000; k++) {
            sample_put(&doc, k % 3 == 0 ? ends[i] : "QUJD");
            sample_put(&expected, k % 3 != 0 ? "QUJD" : i == 3 || i == 4 ? "\n\n" : "\n");
        }
        sample_put(&doc, "</a>");
        CHECK(sample_to_file(buf_str(&doc), &fd));
        CHECK_OK(xml_read_file(fd, 0, doc.len, &xml_limits_envelope, &d, &e), e);
        CHECK_OK(xml_text_to(xml_root(d), &into.sink, &e), e);
        CHECK(str_equal(buf_str(&got), buf_str(&expected)));
        CHECK(xml_text_length(xml_root(d)) == expected.len);
        AUTO_ARENA a = {0};
        struct str text;
        CHECK_OK(xml_text(xml_root(d), &a, expected.len, &text, &e), e);
        CHECK(str_equal(text, buf_str(&expected)));
        CHECK(!xml_text(xml_root(d), &a, expected.len - 1, &text, &e));
    }
}

CHECK_MAIN
