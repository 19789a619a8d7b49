/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/canon.h"
#include "tests/check.h"

TEST(the_media_type_says_what_is_digested)
{
    static const struct {
        const char *type;
        enum as4_canon canon;
    } rows[] = {
        {"text/xml", AS4_CANON_XML},
        {"Application/XML; charset=UTF-8", AS4_CANON_XML},
        {"application/soap+xml", AS4_CANON_XML},
        {"image/svg+xml", AS4_CANON_XML},
        {"text/plain", AS4_CANON_TEXT},
        {"text/x+xml", AS4_CANON_TEXT},
        {"TEXT/csv", AS4_CANON_TEXT},
        {"application/gzip", AS4_CANON_RAW},
        {"application/xml-dtd", AS4_CANON_RAW},
        {"application/json", AS4_CANON_RAW},
        {"xml", AS4_CANON_RAW},
        {"", AS4_CANON_RAW},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].type, as4_canon_of(str_of(rows[i].type)) == rows[i].canon);
}

TEST(every_line_end_becomes_cr_lf_in_any_split)
{
    static const struct {
        struct str in, out;
    } rows[] = {
        {STR_INIT(""), STR_INIT("")},
        {STR_INIT("\n"), STR_INIT("\r\n")},
        {STR_INIT("\r"), STR_INIT("\r\n")},
        {STR_INIT("\r\n"), STR_INIT("\r\n")},
        {STR_INIT("\r\r\n\n"), STR_INIT("\r\n\r\n\r\n")},
        {STR_INIT("a\rb\nc\r\nd"), STR_INIT("a\r\nb\r\nc\r\nd")},
        {STR_INIT("\rx\n\r"), STR_INIT("\r\nx\r\n\r\n")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t at = 0; at <= rows[i].in.len; at++) {
            struct error e = {0};
            AUTO_BUF got = BUF(100);
            struct sink_buf end;
            struct as4_lines_sink lines;
            sink_buf_init(&end, &got);
            as4_lines_sink_init(&lines, &end.sink);
            CHECK_OK(sink_write(&lines.sink, str_upto(rows[i].in, at), &e), e);
            CHECK_OK(sink_write(&lines.sink, str_from(rows[i].in, at), &e), e);
            CHECK_OK(sink_finish(&lines.sink, &e), e);
            CHECK_STR(buf_str(&got), rows[i].out);
        }
    }
}

CHECK_MAIN
