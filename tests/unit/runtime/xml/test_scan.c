/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/xml/scan.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/xml_samples.h"

static bool scan(struct str octets, size_t window, struct buf *skeleton, struct xml_scan *out,
                 struct error *e)
{
    static const struct xml_limits limits = {.octets = 1 << 30,
                                             .skeleton = 64 * 1024,
                                             .depth = 4,
                                             .namespaces = 3,
                                             .tag = 200,
                                             .attributes = 4,
                                             .elements = 10};
    static struct xml_source source;
    source = (struct xml_source){.memory = octets, .len = octets.len};
    *out = (struct xml_scan){
        .source = &source, .limits = &limits, .window = window, .skeleton = skeleton};
    return xml_scan_run(out, 0, e);
}

TEST(what_must_not_reach_the_parser_is_refused_in_every_window_size)
{
    static const struct {
        const char *row;
        struct str octets;
        const char *why;
    } rows[] = {
        {"doctype", STR_INIT("<!DOCTYPE a><a/>"), "DOCTYPE"},
        {"internal subset", STR_INIT("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), "DOCTYPE"},
        {"entity declaration alone", STR_INIT("<!ENTITY x 'y'><a/>"), "DOCTYPE"},
        {"declaration inside", STR_INIT("<a><!ELEMENT b ANY></a>"), "DOCTYPE"},
        {"foreign entity", STR_INIT("<a>&x;</a>"), "references"},
        {"foreign entity in attribute", STR_INIT("<a b='&x;'/>"), "references"},
        {"bare ampersand", STR_INIT("<a>a & b</a>"), "references"},
        {"endless reference", STR_INIT("<a>&#000000000000065;</a>"), "references"},
        {"NUL", STR_INIT("<a>\0</a>"), "U+0000"},
        {"NUL behind", STR_INIT("<a/>\0"), "U+0000"},
        {"control", STR_INIT("<a b='\1'/>"), "U+0001"},
        {"control in comment", STR_INIT("<a><!-- \2 --></a>"), "U+0002"},
        {"bad UTF-8", STR_INIT("<a>\xc3(</a>"), "UTF-8"},
        {"overlong UTF-8", STR_INIT("<a>\xc0\xaf</a>"), "UTF-8"},
        {"surrogate", STR_INIT("<a>\xed\xa0\x80</a>"), "UTF-8"},
        {"U+FFFF", STR_INIT("<a>\xef\xbf\xbf</a>"), "UTF-8"},
        {"cut off UTF-8", STR_INIT("<a>\xc3</a>"), "UTF-8"},
        {"too deep", STR_INIT("<a><a><a><a><a/></a></a></a></a>"), "deep"},
        {"too many elements", STR_INIT("<a><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/></a>"),
         "10 elements"},
        {"too many namespaces",
         STR_INIT("<a xmlns='a' xmlns:b='b'><c xmlns\n='c' xmlns:d='d'/></a>"), "3 namespace"},
        {"too many attributes", STR_INIT("<a a='' b='' c='' d='' e=''/>"), "4 attributes"},
        {"tag too long",
         STR_INIT(
             "<a b='..................................................................................................................................................................................................'/>"),
         "200 octets"},
        {"second root", STR_INIT("<a/><b/>"), "second root"},
        {"text before", STR_INIT("x<a/>"), "outside"},
        {"text behind", STR_INIT("<a/>x"), "outside"},
        {"CDATA behind", STR_INIT("<a/><![CDATA[]]>"), "outside"},
        {"reference behind", STR_INIT("<a/>&amp;"), "outside"},
        {"empty", STR_INIT(""), "no element"},
        {"blank", STR_INIT("  \n"), "no element"},
        {"open", STR_INIT("<a><b></b>"), "open"},
        {"open tag", STR_INIT("<a b='"), "middle"},
        {"closed twice", STR_INIT("<a></a></a>"), "without its start"},
        {"less in tag", STR_INIT("<a <b/>"), "inside of a tag"},
        {"less in value", STR_INIT("<a b='<'/>"), "inside of an attribute"},
        {"dashes in comment", STR_INIT("<a><!-- -- --></a>"), "comment"},
        {"half CDATA", STR_INIT("<a><![CDAT[x]]></a>"), "declaration"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t window = 0; window < 5; window++) {
            struct error e = {0};
            struct xml_scan s;
            AUTO_BUF skeleton = BUF(64 * 1024);
            CHECK_ROW(rows[i].row, !scan(rows[i].octets, window, &skeleton, &s, &e));
            CHECK_ROW(rows[i].row, e.kind == ERROR_REJECT);
            if (strstr(e.text, rows[i].why) == NULL)
                fail_msg("row '%s': '%s' does not say '%s'", rows[i].row, e.text, rows[i].why);
            mem_free(s.cuts);
        }
    }
}

TEST(what_is_short_stays_as_it_is)
{
    static const struct str rows[] = {
        STR_INIT("<a/>"),
        STR_INIT(
            "\n<a b=\"x>y\" c='\"'>t&lt;&#10;&#xA;<!-- > < & --><?p < > ? ?><![CDATA[<&]]]>]]>u</a> <!----> "),
        STR_INIT("<a>]]</a>"),
        STR_INIT("<\xc3\xa5>\xf0\x9f\x93\xaf</\xc3\xa5>"),
        STR_INIT("<a xmlnsx='1' xxmlns='2' b='xmlns=' c='&quot;'/>"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t window = 0; window < 4; window++) {
            struct error e = {0};
            struct xml_scan s;
            AUTO_BUF skeleton = BUF(64 * 1024);
            CHECK_OK(scan(rows[i], window, &skeleton, &s, &e), e);
            CHECK_STR(buf_str(&skeleton), rows[i]);
            CHECK(s.cut_count == 0);
        }
    }
}

/* before, a text of `len` octets of `fill` that begins and ends as told, behind */
static const struct {
    const char *row;
    const char *before, *front, *fill, *tail, *behind;
    size_t len;
    bool cut;
    const char *marker; /* what it begins with */
    bool base64;
} long_rows[] = {
    {"base64", "<a>", "JVBERi0x", "QUJD", "QQ==", "</a>", 20000, true, "JVBERi0x", true},
    {"just long enough", "<a>", "", "A", "", "</a>", XML_CUT_OCTETS + 1, true, "AAAAAAAA", false},
    {"not long enough", "<a>", "", "A", "", "</a>", XML_CUT_OCTETS, false, "", false},
    {"behind another element", "<a><b/>", "", "ABCD", "", "<c/></a>", 20000, true, "ABCDABCD",
     true},
    {"blank in front", "<a>", "\n  AB", "CD\nE", "F", "</a>", 20002, true, " ABCDECDE", true},
    {"letter too few", "<a>", "", "ABCD", "E", "</a>", 20001, true, "ABCDABCD", false},
    {"padding in the middle", "<a>", "", "AB==", "", "</a>", 20000, true, "AB", false},
    {"words", "<a>", "", "Hej, d", "", "</a>", 20000, true, "Hej", false},
    {"not a letter first", "<a>", "%", "ABCD", "", "</a>", 20001, true, "--------", false},
    {"UTF-8", "<a>", "", "\xc3\xa5\xc3\xa4", "", "</a>", 20000, true, "--------", false},
    {"lines", "<a>", "", "ABC\r\n", "", "</a>", 20000, true, "ABCABCAB", true},
    {"blank only", "<a>", "", " \n", "", "</a>", 20000, false, "", false},
    {"reference at the end", "<a>", "", "ABCD", "&amp;", "</a>", 20000, false, "", false},
    {"greater at the end", "<a>", "", "ABCD", ">", "</a>", 20000, false, "", false},
    {"comment behind", "<a>", "", "ABCD", "", "<!-- --></a>", 20000, false, "", false},
    {"comment before", "<a><!-- -->", "", "ABCD", "", "</a>", 20000, false, "", false},
    {"CDATA behind", "<a>", "", "ABCD", "", "<![CDATA[]]></a>", 20000, false, "", false},
    {"instruction behind", "<a>", "", "ABCD", "", "<?x y?></a>", 20000, false, "", false},
};
enum { LONG_ROWS = sizeof(long_rows) / sizeof(long_rows[0]) };

static void write_row(size_t row, struct buf *out)
{
    struct error e = {0};
    CHECK_OK(buf_add(out, str_of(long_rows[row].before), &e), e);
    size_t start = out->len, tail = strlen(long_rows[row].tail);
    CHECK_OK(buf_add(out, str_of(long_rows[row].front), &e), e);
    for (size_t i = 0; out->len - start + tail < long_rows[row].len; i++)
        CHECK_OK(buf_add_char(out, long_rows[row].fill[i % strlen(long_rows[row].fill)], &e), e);
    CHECK_OK(buf_add(out, str_of(long_rows[row].tail), &e), e);
    CHECK_OK(buf_add(out, str_of(long_rows[row].behind), &e), e);
}

TEST(long_texts_are_cut_and_their_markers_say_what_rules_ask)
{
    for (size_t i = 0; i < LONG_ROWS; i++) {
        struct error e = {0};
        struct xml_scan s;
        AUTO_BUF doc = BUF(64 * 1024);
        AUTO_BUF skeleton = BUF(64 * 1024);
        const char *row = long_rows[i].row;
        write_row(i, &doc);
        CHECK_OK(scan(buf_str(&doc), 0, &skeleton, &s, &e), e);
        CHECK_ROW(row, s.cut_count == long_rows[i].cut);
        if (!long_rows[i].cut) {
            CHECK_STR(buf_str(&skeleton), buf_str(&doc));
            continue;
        }
        size_t before = strlen(long_rows[i].before);
        struct str marker = str_upto(str_from(buf_str(&skeleton), before), s.cuts[0].marker_len);
        CHECK_STR(str_from(buf_str(&skeleton), before + marker.len), str_of(long_rows[i].behind));
        CHECK_ROW(row, s.cuts[0].offset == before && s.cuts[0].len == long_rows[i].len);
        CHECK_ROW(row, str_starts(marker, str_of(long_rows[i].marker)));
        CHECK_ROW(row, marker.len - (marker.at[0] == ' ') == XML_MARKER_OCTETS);
        CHECK_ROW(row, (str_find_char(marker, '-') == marker.len) == long_rows[i].base64);
        CHECK_ROW(row, xml_scan_find(s.cuts, 1, s.letters, marker) == &s.cuts[0]);
        mem_free(s.cuts);
    }
}

TEST(the_window_size_changes_nothing)
{
    static const size_t windows[] = {
        1, 2, 3, 7, 1000, XML_CUT_OCTETS, XML_CUT_OCTETS + 1, 16384, 19999, 20003};
    for (size_t i = 0; i < LONG_ROWS; i++) {
        struct error e = {0};
        struct xml_scan whole;
        AUTO_BUF doc = BUF(64 * 1024);
        AUTO_BUF one = BUF(64 * 1024);
        write_row(i, &doc);
        CHECK_OK(scan(buf_str(&doc), 0, &one, &whole, &e), e);
        for (size_t k = 0; k < sizeof(windows) / sizeof(windows[0]); k++) {
            struct xml_scan s;
            AUTO_BUF two = BUF(64 * 1024);
            CHECK_OK(scan(buf_str(&doc), windows[k], &two, &s, &e), e);
            for (size_t c = 0; c < s.cut_count; c++) /* the random letters differ */
                memcpy(two.at + s.cuts[c].skeleton_at + (two.at[s.cuts[c].skeleton_at] == ' ') + 8,
                       whole.letters, XML_RANDOM_LETTERS);
            CHECK_ROW(long_rows[i].row, str_equal(buf_str(&one), buf_str(&two)));
            CHECK_ROW(long_rows[i].row, s.cut_count == whole.cut_count);
            CHECK_ROW(long_rows[i].row,
                      s.cut_count == 0 || (s.cuts[0].offset == whole.cuts[0].offset &&
                                           s.cuts[0].len == whole.cuts[0].len &&
                                           s.cuts[0].pairs == whole.cuts[0].pairs &&
                                           s.cuts[0].has_cr == whole.cuts[0].has_cr));
            mem_free(s.cuts);
        }
        mem_free(whole.cuts);
    }
}

TEST(what_cannot_be_cut_counts_against_the_skeleton)
{
    struct error e = {0};
    struct xml_scan s;
    AUTO_BUF doc = BUF(1 << 20);
    CHECK_OK(buf_add(&doc, STR("<a>"), &e), e);
    for (size_t i = 0; i < 70 * 1024; i++)
        CHECK_OK(buf_add_char(&doc, 'A', &e), e);
    CHECK_OK(buf_add(&doc, STR("&amp;</a>"), &e), e);
    for (size_t window = 0; window < 70000; window = window * 3 + 1) {
        AUTO_BUF skeleton = BUF(64 * 1024);
        CHECK(!scan(buf_str(&doc), window, &skeleton, &s, &e));
        CHECK(e.kind == ERROR_REJECT && strstr(e.text, "without its long texts") != NULL);
        mem_free(s.cuts);
    }
}

TEST(a_refusal_names_line_and_column)
{
    struct error e = {0};
    struct xml_scan s;
    AUTO_BUF skeleton = BUF(64 * 1024);
    CHECK(!scan(STR("<a>\n\xc3\xa5\xc3\xa5<b/>\n  \xc3\xa5&x;</a>"), 0, &skeleton, &s, &e));
    CHECK(strstr(e.text, "line 3, column 6:") != NULL);
}

CHECK_MAIN
