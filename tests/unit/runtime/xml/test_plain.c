/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <libxml/parser.h>

#include "runtime/base/mem.h"
#include "runtime/xml/plain.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/tree_text.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 1024 * 1024 };

static struct xml_doc *empty_doc(void)
{
    struct xml_doc *d = mem_new(sizeof(*d));
    d->tree = xmlNewDoc((const xmlChar *)"1.0");
    d->tree->_private = d;
    return d;
}

static xmlDoc *judge(struct str octets)
{
    xmlParserCtxt *ctxt = xmlNewParserCtxt();
    xmlDoc *doc = xmlCtxtReadMemory(ctxt, octets.at, (int)octets.len, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOENT);
    bool is_ns_right = ctxt->nsWellFormed != 0;
    xmlFreeParserCtxt(ctxt);
    if (is_ns_right || doc == NULL)
        return doc;
    xmlFreeDoc(doc);
    return NULL;
}

/* That libxml2 takes it too, and makes the same tree of it. */
static bool is_as_libxml2_has_it(const struct xml_doc *d, struct str octets)
{
    AUTO_BUF got = BUF(MOST);
    AUTO_BUF expected = BUF(MOST);
    xmlDoc *theirs = judge(octets);
    if (theirs == NULL)
        return false;
    tree_text(&got, d->tree->children, d->tree);
    tree_text(&expected, theirs->children, theirs);
    xmlFreeDoc(theirs);
    return str_equal(buf_str(&got), buf_str(&expected));
}

TEST(an_ordinary_document_becomes_the_tree_that_libxml2_makes)
{
    static const char *const rows[] = {
        "<a/>",
        " \r\n<a\t\n></a >\n",
        "<a b=\"1\" c = '2'\n/>",
        "<a b='\"' c=\"'\" d='' e='>'/>",
        "<a>x&lt;y&gt;&amp;&quot;&apos;&#65;&#x42;&#xe5;&#xFFFD;&#x10FFFF;&#13;&#10;z</a>",
        "<a b='x&lt;y&#9;&#10;&#13;&amp;#38;z&quot;'/>",
        "<a>1\r\n2\r3\n\r\r\n\n4</a>",
        "<a>\xc3\xa5\xf0\x9f\x93\xaf ]] > ]\n]&gt; ></a>",
        "<a xmlns='urn:1'><b xmlns=''><c/><d xmlns='urn:2' e='f'/></b><g/></a>",
        "<p:a xmlns:p='urn:1' xmlns:q='urn:1'><q:b p:c='1' c='2'><p:d xmlns:p='urn:2'/></q:b></p:a>",
        "<p:a p:b='c' xmlns:p='http://a.example/x/y-1#z_'/>",
        "<a xmlns='urn:1' xmlns:p='urn:1' b='1' p:b='2'><p:c/><d/></a>",
        "<a><b>\n<c>\n\n</c>\r\n\r</b>\n<d\n\n/><e/></a>",
        "<_-.9><b.c-d_e/></_-.9>",
        "<a p:b='1' xmlns:p='urn:ietf:params:x'/>",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_XML d = empty_doc();
        CHECK_ROW(rows[i], plain_tree(d, str_of(rows[i])));
        CHECK_ROW(rows[i], is_as_libxml2_has_it(d, str_of(rows[i])));
    }
}

/* The first ones are well-formed. */
TEST(what_is_not_ordinary_is_left_to_libxml2)
{
    static const char *const rows[] = {
        "<!-- --><a/>",
        "<a/><!-- -->",
        "<a><!-- --></a>",
        "<a>x<![CDATA[y]]></a>",
        "<a><?b?></a>",
        "<?b?><a/>",
        "<\xc3\xa5/>",
        "<a b\xc3\xa5='1'/>",
        "<a b='1\t2'/>",
        "<a b='1\n2'/>",
        "<a xml:lang='sv'/>",
        "<xml:a/>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='x'/>",
        "<a xmlns='http://a.example:80/'/>",
        "<a xmlns='http://a.example/?b'/>",
        "<a xmlns='http:'/>",
        "<a xmlns='URN:x'/>",
        "<a xmlns='urn:x&amp;y'/>",
        "",
        "<",
        "<a",
        "<a ",
        "<a b",
        "<a b=",
        "<a b='",
        "<a b='1",
        "<a b='1'",
        "<a/",
        "<a>",
        "<a>x",
        "<a></",
        "<a></a",
        "<a></b>",
        "<a><b></a></b>",
        "</a>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "< a/>",
        "<a / >",
        "<a/ >",
        "<a></ a>",
        "<a b/>",
        "<a b=1/>",
        "<a b='1'c='2'/>",
        "<a'b'/>",
        "<a='b'/>",
        "<a b='1' b='2'/>",
        "<a xmlns='urn:1' xmlns='urn:2'/>",
        "<a xmlns:p='urn:1' xmlns:p='urn:1'/>",
        "<a xmlns:p='urn:1' xmlns:q='urn:1' p:b='1' q:b='2'/>",
        "<a xmlns:p='urn:1' p:b='1' p:b='2'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xmlns='urn:1'/>",
        "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:xml='urn:1'/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a><b xmlns:p='urn:1'/><p:c/></a>",
        "<p:a xmlns:p='urn:1'></a>",
        "<a xmlns:p='urn:1'></p:a>",
        "<p:a xmlns:p='urn:1' xmlns:q='urn:1'></q:a>",
        "<:a/>",
        "<a:/>",
        "<a:b:c xmlns:a='urn:1'/>",
        "<a xmlns:='urn:1'/>",
        "<1/>",
        "<-a/>",
        "<.a/>",
        "<a>]]></a>",
        "<a>&b;</a>",
        "<a>&</a>",
        "<a>&amp</a>",
        "<a>&;</a>",
        "<a>&#;</a>",
        "<a>&#x;</a>",
        "<a>&#X41;</a>",
        "<a>&#4a;</a>",
        "<a>&#xg;</a>",
        "<a>&#0;</a>",
        "<a>&#8;</a>",
        "<a>&#xD800;</a>",
        "<a>&#xDFFF;</a>",
        "<a>&#xFFFE;</a>",
        "<a>&#x110000;</a>",
        "<a>&#4294967361;</a>",
        "<a b='&c;'/>",
        "<a b='&#0;'/>",
    };
    enum { WELL_FORMED = 19 };
    xml_setup();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_XML d = empty_doc();
        xmlDoc *theirs = judge(str_of(rows[i]));
        CHECK_ROW(rows[i], (theirs != NULL) == (i < WELL_FORMED));
        xmlFreeDoc(theirs);
        CHECK_ROW(rows[i], !plain_tree(d, str_of(rows[i])));
        CHECK_ROW(rows[i], d->tree->children == NULL && d->nodes.used == 0);
    }
}

TEST(what_libxml2_bounds_is_left_to_it)
{
    struct error e = {0};
    static const struct {
        const char *row, *before, *each, *behind;
        unsigned taken, left;
    } rows[] = {
        {"levels", "<a>", "<b>", "", 199, 200},
        {"octets of a name", "<a", "b", "/>", 999, 1000},
        {"octets", "<a>", "bbbbbbbb", "</a>", 1048575, 1048576},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned many = rows[i].taken; many <= rows[i].left; many++) {
            AUTO_XML d = empty_doc();
            AUTO_BUF doc = BUF(16 * 1024 * 1024);
            sample_put(&doc, rows[i].before);
            for (unsigned k = 0; k < many; k++)
                sample_put(&doc, rows[i].each);
            sample_put(&doc, rows[i].behind);
            for (unsigned k = 0; i == 0 && k < many; k++)
                sample_put(&doc, "</b>");
            CHECK_OK(buf_add(&doc, i == 0 ? STR("</a>") : STR(""), &e), e);
            CHECK_ROW(rows[i].row, plain_tree(d, buf_str(&doc)) == (many == rows[i].taken));
        }
    }
}

TEST(many_prefixes_on_many_elements_are_left_to_libxml2)
{
    AUTO_XML d = empty_doc();
    AUTO_BUF doc = BUF(MOST);
    char text[64];
    sample_put(&doc, "<p0:a xmlns:p0='urn:0'>");
    for (unsigned i = 1; i < 64; i++) {
        snprintf(text, sizeof(text), "<p%u:a xmlns:p%u='urn:%u'>", i, i, i);
        sample_put(&doc, text);
    }
    for (unsigned i = 0; i < 10000; i++)
        sample_put(&doc, "<p0:b/>");
    for (unsigned i = 64; i-- > 0;) {
        snprintf(text, sizeof(text), "</p%u:a>", i);
        sample_put(&doc, text);
    }
    xmlDoc *theirs = judge(buf_str(&doc));
    CHECK(theirs != NULL);
    xmlFreeDoc(theirs);
    CHECK(!plain_tree(d, buf_str(&doc)));
}

/* One octet of an ordinary document is another one, or gone: what is taken still, libxml2 takes, too. */
TEST(nothing_is_taken_that_libxml2_refuses)
{
    static const char base[] =
        "<p:a xmlns:p='urn:x-1' xmlns='http://a.b/c#d' e=\"f\" p:e='&amp;g'>\r\n"
        "<b h='1'>i&#65;j&lt;k]]</b ><p:b\n/><c xmlns=''><d/>l</c></p:a>\n";
    static const char octets[] = "\t\n\r \"#&'-/:;<=>?]!aipxA1_.\x7f\xc3";
    size_t taken = 0;
    xml_setup();
    for (size_t at = 0; at < sizeof(base) - 1; at++) {
        for (size_t i = 0; i < sizeof(octets); i++) {
            AUTO_XML through = NULL;
            AUTO_XML d = empty_doc();
            struct error e = {0};
            char text[sizeof(base)];
            memcpy(text, base, sizeof(text));
            text[at] = octets[i];
            if (octets[i] == '\0')
                memmove(text + at, base + at + 1, sizeof(base) - at - 1);
            if (!xml_read(str_of(text), &xml_limits_envelope, &through, &e) &&
                !str_is(str_of(e.where), "xml_parse"))
                continue; /* the wall */
            if (!plain_tree(d, str_of(text)))
                continue;
            taken++;
            CHECK_ROW(text, is_as_libxml2_has_it(d, str_of(text)));
        }
    }
    CHECK(taken > 500);
}

CHECK_MAIN
