/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/crypto/base64.h"
#include "runtime/xml/c14n.h"
#include "runtime/xml/write.h"
#include "tests/check.h"

enum { MOST = 64 * 1024 };

static void write_sample(struct xml_writer *w)
{
    xml_put(w, STR("<a xmlns=\"urn:x\" b=\""));
    xml_put_attribute(w, STR("&<>\"'\t\n\r\xc3\xa5"));
    xml_put(w, STR("\">"));
    xml_put_text(w, STR("&<>\"'\t\n\r]]>\xf0\x9f\x93\xaf"));
    xml_put_element(w, "c", STR("1 < 2"));
    xml_put_element(w, "d", STR(""));
    xml_put_element(w, "e", STR_NONE);
    xml_put(w, STR("</a>"));
}

TEST(what_is_written_is_its_own_canonical_form_with_any_hold)
{
    static const size_t holds[] = {0, 1, 7, 64, 4096};
    xml_setup();
    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        struct error e = {0};
        AUTO_BUF out = BUF(MOST);
        AUTO_BUF hold = BUF(holds[i]);
        AUTO_BUF again = BUF(MOST);
        AUTO_XML d = NULL;
        struct sink_buf into, into_again;
        sink_buf_init(&into, &out);
        sink_buf_init(&into_again, &again);
        struct xml_writer w = xml_writer_on(&into.sink, holds[i] == 0 ? NULL : &hold, &e);
        write_sample(&w);
        CHECK_OK(xml_flush(&w), e);
        CHECK_STR(buf_str(&out),
                  STR("<a xmlns=\"urn:x\" b=\"&amp;&lt;>&quot;'&#x9;&#xA;&#xD;\xc3\xa5\">"
                      "&amp;&lt;&gt;\"'\t\n&#xD;]]&gt;\xf0\x9f\x93\xaf<c>1 &lt; 2</c><d></d></a>"));
        struct c14n_options options = {.type = C14N_1_0};
        CHECK_OK(xml_read(buf_str(&out), &xml_limits_envelope, &d, &e), e);
        CHECK_OK(c14n_write(d, NULL, &options, &into_again.sink, &e), e);
        CHECK_STR(buf_str(&again), buf_str(&out));
    }
}

TEST(a_writer_into_a_buf_writes_the_same_up_to_its_limit)
{
    AUTO_BUF expected = BUF(MOST);
    struct error e = {0};
    struct xml_writer whole = xml_writer_into(&expected, &e);
    write_sample(&whole);
    CHECK_OK(xml_flush(&whole), e);
    for (size_t limit = 0; limit < expected.len + 3; limit++) {
        struct error full = {0};
        AUTO_BUF out = BUF(limit);
        struct xml_writer w = xml_writer_into(&out, &full);
        write_sample(&w);
        bool fits = expected.len <= limit;
        CHECK(xml_flush(&w) == fits && out.len <= limit);
        CHECK(fits ? str_equal(buf_str(&out), buf_str(&expected)) : full.kind == ERROR_REJECT);
    }
}

TEST(the_first_failure_sticks)
{
    for (size_t limit = 0; limit < 60; limit += 7) {
        struct error e = {0};
        AUTO_BUF out = BUF(limit);
        AUTO_BUF hold = BUF(16);
        struct sink_buf into;
        sink_buf_init(&into, &out);
        struct xml_writer w = xml_writer_on(&into.sink, &hold, &e);
        write_sample(&w);
        CHECK(!xml_flush(&w) && w.failed && e.kind == ERROR_REJECT);
        xml_put(&w, STR("x"));
        CHECK(!xml_flush(&w) && out.len <= limit);
    }
}

TEST(text_that_xml_cannot_carry_is_told)
{
    static const struct {
        struct str text;
        bool is_legal;
    } rows[] = {
        {STR_INIT(""), true},
        {STR_INIT("a\t\n\r\x7f"), true},
        {STR_INIT("\xc3\xa5"), true},
        {STR_INIT("\xf4\x8f\xbf\xbf"), true},
        {STR_INIT("\0"), false},
        {STR_INIT("a\x0b"), false},
        {STR_INIT("\x1f"), false},
        {STR_INIT("\xc3"), false},
        {STR_INIT("\xed\xa0\x80"), false},
        {STR_INIT("\xef\xbf\xbe"), false},
        {STR_INIT("\xf4\x90\x80\x80"), false},
        {STR_INIT("\xc0\x80"), false},
        {STR_INIT("\x80"), false},
        {STR_INIT("\xff"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].text.at, xml_text_is_legal(rows[i].text) == rows[i].is_legal);
}

/* Whether it stands in a run that is looked at in blocks or behind it. */
TEST(what_is_not_legal_is_seen_wherever_it_stands)
{
    static const char illegal[] = {0, 1, 0x1f, '\xff', '\xc3', '\xa5'};
    for (size_t len = 1; len < 70; len++) {
        for (size_t at = 0; at < len; at++) {
            char text[70];
            memset(text, 'a', len);
            text[at] = '\n';
            CHECK(xml_text_is_legal(str_bytes(text, len)));
            for (size_t i = 0; i < sizeof(illegal); i++) {
                text[at] = illegal[i];
                CHECK(!xml_text_is_legal(str_bytes(text, len)));
            }
            if (at + 1 == len)
                continue;
            text[at] = '\xc3';
            text[at + 1] = '\xa5';
            CHECK(xml_text_is_legal(str_bytes(text, len)));
            CHECK(!xml_text_is_legal(str_bytes(text, at + 1)));
        }
    }
}

TEST(a_value_is_written_only_if_it_can_be_carried)
{
    struct error e = {0};
    AUTO_BUF out = BUF(MOST);
    struct xml_writer w = xml_writer_into(&out, &e);
    xml_put_value(&w, "a", STR("1 < 2"));
    xml_put_value(&w, "b", STR_NONE);
    CHECK_OK(xml_flush(&w), e);
    CHECK_STR(buf_str(&out), STR("<a>1 &lt; 2</a>"));
    xml_put_value(&w, "c", STR("\x01"));
    CHECK(!xml_flush(&w) && e.kind == ERROR_REJECT);
    CHECK_STR(str_of(e.text), STR("c holds characters that XML cannot carry"));
    CHECK_STR(buf_str(&out), STR("<a>1 &lt; 2</a>"));
}

TEST(base64_is_gathered_like_all_else)
{
    static const size_t holds[] = {0, 3, 9, 4096}, lengths[] = {0, 1, 2, 3, 6, 600};
    char octets[600] = {0}; /* 800 letters */
    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
            struct error e = {0};
            AUTO_BUF out = BUF(MOST), hold = BUF(holds[i]), expected = BUF(MOST);
            struct sink_buf into;
            struct str value = {octets, lengths[j]};
            sink_buf_init(&into, &out);
            struct xml_writer w = xml_writer_on(&into.sink, holds[i] == 0 ? NULL : &hold, &e);
            xml_put(&w, STR("<a>"));
            xml_put_base64(&w, value);
            xml_put(&w, STR("</a>"));
            CHECK_OK(xml_flush(&w), e);
            CHECK_OK(buf_add(&expected, STR("<a>"), &e) && base64_encode(&expected, value, &e) &&
                         buf_add(&expected, STR("</a>"), &e),
                     e);
            CHECK_STR(buf_str(&out), buf_str(&expected));
        }
    }
    struct error e = {0};
    AUTO_BUF full = BUF(799);
    struct xml_writer w = xml_writer_into(&full, &e);
    xml_put_base64(&w, str_bytes(octets, sizeof(octets)));
    CHECK(!xml_flush(&w) && e.kind == ERROR_REJECT && full.len == 0);
}

CHECK_MAIN
