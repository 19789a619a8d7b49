/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <string.h>

#include <libxml/parser.h>

#include "runtime/xml/build.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/tree_text.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 4 * 1024 * 1024 };

static struct xml_limits wide(void)
{
    struct xml_limits limits = xml_limits_envelope;
    limits.namespaces = 10000;
    return limits;
}

static void show_difference(const char *name, struct str got, struct str expected)
{
    size_t at = 0;
    while (at < got.len && at < expected.len && got.at[at] == expected.at[at])
        at++;
    size_t from = at > 100 ? at - 100 : 0;
    fail_msg("%s, octet %zu:\n%.*s\nexpected:\n%.*s", name, at,
             STR_ARG(str_upto(str_from(got, from), 300)),
             STR_ARG(str_upto(str_from(expected, from), 300)));
}

static void compare(const char *name, struct str octets)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_BUF got = BUF(MOST);
    AUTO_BUF expected = BUF(MOST);
    struct xml_limits limits = wide();
    xmlDoc *judge = xmlReadMemory(octets.at, (int)octets.len, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOENT);
    CHECK_OK(xml_read(octets, &limits, &d, &e), e);
    CHECK_ROW(name, judge != NULL);
    tree_text(&got, d->tree->children, d->tree);
    tree_text(&expected, judge->children, judge);
    xmlFreeDoc(judge);
    if (!str_equal(buf_str(&got), buf_str(&expected)))
        show_difference(name, buf_str(&got), buf_str(&expected));
}

TEST(generated_documents_become_the_tree_that_libxml2_makes)
{
    xml_setup();
    for (unsigned seed = 0; seed < 600; seed++) {
        char name[40];
        AUTO_BUF doc = BUF(MOST);
        sample_document(seed, &doc);
        snprintf(name, sizeof(name), "seed %u", seed);
        compare(name, buf_str(&doc));
    }
}

TEST(odd_documents_become_the_tree_that_libxml2_makes)
{
    static const char *const rows[] = {
        "<a/>",
        "<a><![CDATA[]]></a>",
        "<a>x<![CDATA[y]]><![CDATA[z]]>&amp;w&#65;</a>",
        "<a>1<!---->2<!--c-->3<?p?>4<?p d ?>5</a>",
        "<a x='' y='&amp;#38;' z='&#38;amp;'/>",
        "<a x='a  b' y=' \t\r\n '/>",
        "<xml:a xml:b='c' xml:id='d'/>",
        "<a xmlns='urn:1'><b xmlns=''><c xmlns='urn:2' d='e'/></b></a>",
        "<p:a xmlns:p='urn:1' xmlns:q='urn:1'><q:b p:c='1'><p:d xmlns:p='urn:2'/></q:b><p:e/></p:a>",
        "<a xmlns='http://x/?a&amp;b&amp;#38;c'><b/></a>",
        "<?a?><!--b--><c/><!--d--><?e f?>",
        "<a\n>\n<b\n/>\r\n<c>\n\n</c></a>",
        "<a>\xc3\xa5\xf0\x9f\x93\xaf ]] > ]\n]&gt;</a>",
    };
    xml_setup();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        compare(rows[i], str_of(rows[i]));
}

TEST(official_files_become_the_tree_that_libxml2_makes)
{
    xml_setup();
    if (!sample_each(compare))
        skip();
}

/* --- what a parser keeps */

TEST(a_document_outlives_the_parser_that_has_gone_on)
{
    struct error e = {0};
    AUTO_XML first = NULL;
    xml_setup();
    CHECK_OK(xml_read(STR("<first one='1'>text</first>"), &xml_limits_envelope, &first, &e), e);
    for (unsigned i = 0; i < 3000; i++) { /* more names than are kept */
        AUTO_XML other = NULL;
        char text[64];
        snprintf(text, sizeof(text), "<n%u a%u=''>x</n%u>", i, i, i);
        CHECK_OK(xml_read(str_of(text), &xml_limits_envelope, &other, &e), e);
        CHECK_STR(xml_name(xml_root(other)),
                  str_upto(str_of(text + 1), 1 + (size_t)snprintf(NULL, 0, "%u", i)));
    }
    CHECK_STR(xml_name(xml_root(first)), STR("first"));
    compare("after many names", STR("<a b='c'>d</a>"));
}

TEST(a_refused_document_leaves_nothing_to_the_next_one)
{
    static const char *const rows[] = {
        "<a xmlns:p='urn:p'><p:b>text",
        "<a>text</b>",
        "<a xmlns:p='urn:p'><b c='1' c='2'/></a>",
        "<a xmlns='urn:p'>&#0;</a>",
        "<a><p:b/></a>",
        "<a>x<b xml:id='1 2'>y</b></a>",
        "<a xmlns:xml='urn:no'><b/>x</a>",
    };
    xml_setup();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        CHECK_ROW(rows[i], !xml_read(str_of(rows[i]), &xml_limits_envelope, &d, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT && strstr(e.text, "line 1, column") != NULL);
        compare(rows[i], STR("<a><b/>x</a>"));
        CHECK(!xml_read(STR("<p:a/>"), &xml_limits_envelope, &d, &e));
    }
}

TEST(a_text_in_pieces_has_libxml2_s_limit)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_BUF doc = BUF(32 * 1024 * 1024);
    struct xml_limits limits = xml_limits_envelope;
    limits.skeleton = 32 * 1024 * 1024;
    xml_setup();
    sample_put(&doc, "<a>&amp;");
    for (size_t i = 0; i < 11; i++) {
        char *room;
        CHECK_OK(buf_room(&doc, 1000000, &room, &e), e);
        memset(room, 'x', 1000000);
        buf_grew(&doc, 1000000);
        sample_put(&doc, i == 8 ? "</a><!--" : "&amp;");
    }
    sample_put(&doc, "-->");
    CHECK_OK(xml_read(buf_str(&doc), &limits, &d, &e), e);
    xml_doc_free_at(&d);
    struct str end = STR("</a><!--");
    memset(doc.at + str_find(buf_str(&doc), end), 'y', end.len);
    buf_cut(&doc, doc.len - 3);
    sample_put(&doc, "</a>");
    CHECK(!xml_read(buf_str(&doc), &limits, &d, &e) && e.kind == ERROR_REJECT);
}

static void *read_many(void *seed)
{
    for (unsigned i = 0; i < 200; i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        AUTO_BUF doc = BUF(MOST);
        struct xml_limits limits = wide();
        sample_document(i + *(unsigned *)seed, &doc);
        if (!xml_read(buf_str(&doc), &limits, &d, &e))
            return seed;
    }
    return NULL;
}

TEST(threads_take_turns_with_the_parsers)
{
    pthread_t threads[24];
    unsigned seeds[24];
    void *failed;
    xml_setup();
    for (unsigned i = 0; i < 24; i++) {
        seeds[i] = i * 50;
        CHECK(pthread_create(&threads[i], NULL, read_many, &seeds[i]) == 0);
    }
    for (unsigned i = 0; i < 24; i++)
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
}

CHECK_MAIN
