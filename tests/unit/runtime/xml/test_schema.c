/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/xml/schema.h"
#include "tests/check.h"
#include "tests/unit/runtime/crypto/judge.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 4 * 1024 * 1024 };

/* A schema folder of the test's own. */
static void use_folder(const char *path)
{
    CHECK(setenv("POSTHORN_SCHEMA_DIR", path, 1) == 0);
}

static const char example_xsd[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:x' xmlns='urn:x' "
    "elementFormDefault='qualified'><xs:element name='a'><xs:complexType><xs:sequence>"
    "<xs:element name='n' type='xs:int' minOccurs='0' maxOccurs='unbounded'/>"
    "<xs:element name='b' type='xs:base64Binary' minOccurs='0'/>"
    "<xs:element name='s' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'>"
    "<xs:enumeration value='one'/><xs:enumeration value='two'/></xs:restriction></xs:simpleType>"
    "</xs:element><xs:element name='p' minOccurs='0'><xs:simpleType><xs:restriction base='xs:string'>"
    "<xs:pattern value='[a-c]+'/><xs:maxLength value='3'/></xs:restriction></xs:simpleType></xs:element>"
    "</xs:sequence><xs:attribute name='d' type='xs:date'/></xs:complexType></xs:element></xs:schema>";

static struct xml_schema *example(const struct judge *j)
{
    struct error e = {0};
    struct xml_schema *s = NULL;
    xml_setup();
    judge_put(j, "example.xsd", str_of(example_xsd));
    use_folder(j->folder);
    CHECK_OK(xml_schema_new("example.xsd", &s, &e), e);
    return s;
}

static void check_doc(const struct xml_schema *s, struct str octets, struct arena *a,
                      struct xml_findings *f)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(octets, &xml_limits_envelope, &d, &e), e);
    CHECK_OK(xml_schema_check(s, d, a, f, &e), e);
}

TEST(findings_say_where_and_what_but_never_the_value)
{
    static const struct {
        const char *row, *octets, *where, *text;
    } rows[] = {
        {"type", "<x:a xmlns:x='urn:x'><x:n>1</x:n><x:n>Anna</x:n></x:a>", "/x:a/x:n[2]",
         "Element 'n': the value is not a valid value of the atomic type 'xs:int'."},
        {"value with quotes", "<a xmlns='urn:x'><n>A' is not a valid value 'nna</n></a>", "/a/n",
         "Element 'n': the value is not a valid value of the atomic type 'xs:int'."},
        {"value with a facet", "<a xmlns='urn:x'><s>Element 'x': [facet 'y'] Anna</s></a>", "/a/s",
         "Element 's': [facet 'enumeration'] the value is not an element of the set {'one', 'two'}."},
        {"pattern", "<a xmlns='urn:x'><p>Ann</p></a>", "/a/p",
         "Element 'p': [facet 'pattern'] the value is not accepted by the pattern '[a-c]+'."},
        {"too long", "<a xmlns='urn:x'><p>aaaa</p></a>", "/a/p",
         "Element 'p': [facet 'maxLength'] The value has a length of '4'; this exceeds the allowed "
         "maximum length of '3'."},
        {"attribute", "<a xmlns='urn:x' d='Anna'/>", "/a/@d",
         "Element 'a', attribute 'd': the value is not a valid value of the atomic type 'xs:date'."},
        {"unknown attribute", "<a xmlns='urn:x' e='Anna'/>", "/a/@e",
         "Element 'a', attribute 'e': The attribute 'e' is not allowed."},
        {"unknown element", "<a xmlns='urn:x'><q>Anna</q></a>", "/a/q",
         "Element 'q': This element is not expected. Expected is one of ( n, b, s, p )."},
        {"other root", "<b xmlns='urn:x'>Anna</b>", "/b",
         "Element 'b': No matching global declaration available for the validation root."},
        {"text", "<a xmlns='urn:x'>Anna</a>", "/a",
         "Element 'a': Character content other than whitespace is not allowed because the content "
         "type is 'element-only'."},
        {"no base64", "<a xmlns='urn:x'><b>QQ=</b></a>", "/a/b",
         "Element 'b': the value is not a valid value of the atomic type 'xs:base64Binary'."},
    };
    AUTO_JUDGE j = judge_new();
    struct xml_schema *s = example(&j);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct xml_findings f = {0};
        check_doc(s, str_of(rows[i].octets), &a, &f);
        CHECK_ROW(rows[i].row, f.count > 0);
        CHECK_STR(f.at[0].rule, STR("xsd"));
        CHECK_STR(f.at[0].where, str_of(rows[i].where));
        bool seen = false;
        for (size_t k = 0; k < f.count; k++) {
            seen = seen || str_is(f.at[k].text, rows[i].text);
            CHECK_ROW(rows[i].row, str_find(f.at[k].text, STR("nna")) == f.at[k].text.len);
        }
        if (!seen)
            fail_msg("row '%s': '%.*s'", rows[i].row, STR_ARG(f.at[0].text));
    }
    xml_schema_free(s);
}

static void long_base64(struct buf *out, const char *fill, const char *tail)
{
    sample_put(out, "<a xmlns='urn:x'><b>");
    for (size_t i = 0; i < 100000; i++)
        sample_put(out, fill);
    sample_put(out, tail);
    sample_put(out, "</b></a>");
}

TEST(a_cut_text_gets_the_verdict_the_whole_text_would_get)
{
    static const struct {
        const char *row, *fill, *tail;
        bool valid;
    } rows[] = {
        {"whole", "QUJD", "", true},
        {"padded", "QUJD", "QQ==", true},
        {"lines", "QUJD\r\n", "QQ=\n=", true},
        {"one too many", "QUJD", "Q", false},
        {"bits left over", "QUJD", "QR==", false},
        {"padding inside", "QU==", "", false},
        {"a letter of no alphabet", "QUJD", "-QUJ", false},
        {"words", "Hej, ", "", false},
    };
    AUTO_JUDGE j = judge_new();
    struct xml_schema *s = example(&j);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        AUTO_BUF doc = BUF(MOST);
        struct xml_findings f = {0};
        long_base64(&doc, rows[i].fill, rows[i].tail);
        check_doc(s, buf_str(&doc), &a, &f);
        CHECK_ROW(rows[i].row, (f.count == 0) == rows[i].valid);
    }
    xml_schema_free(s);
}

TEST(findings_beyond_the_maximum_are_counted)
{
    AUTO_JUDGE j = judge_new();
    AUTO_ARENA a = {0};
    AUTO_BUF doc = BUF(MOST);
    struct xml_findings f = {0};
    struct xml_schema *s = example(&j);
    sample_put(&doc, "<a xmlns='urn:x'>");
    for (size_t i = 0; i < XML_FINDINGS_MAX + 5; i++)
        sample_put(&doc, "<n>x</n>");
    sample_put(&doc, "</a>");
    check_doc(s, buf_str(&doc), &a, &f);
    CHECK(f.count == XML_FINDINGS_MAX && f.more == 5);
    xml_schema_free(s);
}

TEST(a_schema_loads_nothing_but_its_neighbours)
{
    static const char *const places[] = {"../outside.xsd", "sub/inner.xsd", "/etc/hostname",
                                         "http://127.0.0.1:9/x.xsd", "example.xml"};
    AUTO_JUDGE j = judge_new();
    struct xml_schema *s = example(&j);
    xml_schema_free(s);
    CHECK(judge_run(
        &j, "mkdir sub deep && sed s/urn:x/urn:y/g example.xsd > outside.xsd && cp outside.xsd "
            "deep/neighbour.xsd && mkdir deep/sub && cp outside.xsd deep/sub/inner.xsd && "
            "cp outside.xsd deep/example.xml"));
    char folder[128];
    snprintf(folder, sizeof(folder), "%s/deep", j.folder);
    use_folder(folder);
    for (size_t i = 0; i <= sizeof(places) / sizeof(places[0]); i++) {
        struct error e = {0};
        const char *place = i == 0 ? "neighbour.xsd" : places[i - 1];
        char text[512];
        snprintf(text, sizeof(text),
                 "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:y='urn:y'>"
                 "<xs:import namespace='urn:y' schemaLocation='%s'/>"
                 "<xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='y:a'/>"
                 "</xs:sequence></xs:complexType></xs:element></xs:schema>",
                 place);
        judge_put(&j, "deep/main.xsd", str_of(text));
        bool ok = xml_schema_new("main.xsd", &s, &e);
        CHECK_ROW(place, ok == (i == 0));
        CHECK_ROW(place, ok || e.kind == ERROR_BUG);
        if (ok)
            xml_schema_free(s);
    }
}

TEST(a_document_cannot_bring_its_own_schema)
{
    AUTO_JUDGE j = judge_new();
    AUTO_ARENA a = {0};
    struct xml_findings f = {0};
    struct xml_schema *s = example(&j);
    char text[512];
    CHECK(judge_run(&j, "sed s/urn:x/urn:y/g example.xsd > other.xsd"));
    snprintf(text, sizeof(text),
             "<y:a xmlns:y='urn:y' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
             "xsi:schemaLocation='urn:y %s/other.xsd'/>",
             j.folder);
    check_doc(s, str_of(text), &a, &f);
    CHECK(f.count > 0);
    xml_schema_free(s);
}

TEST(a_schema_that_is_not_there_or_broken_is_our_own_fault)
{
    struct error e = {0};
    struct xml_schema *s = NULL;
    AUTO_JUDGE j = judge_new();
    xml_setup();
    use_folder(j.folder);
    CHECK(!xml_schema_new("none.xsd", &s, &e) && e.kind == ERROR_BUG);
    judge_put(&j, "bad.xsd",
              STR("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:no/></xs:schema>"));
    CHECK(!xml_schema_new("bad.xsd", &s, &e) && e.kind == ERROR_BUG);
    CHECK(strstr(e.text, "bad.xsd, line 1") != NULL);
}

TEST(the_tree_s_own_schemas_take_the_official_files)
{
    static const struct {
        const char *schema, *file;
        bool valid;
    } rows[] = {
        {"sdk-message-3.xsd", "data/sdk/message/examples/messageWithAttachments3.xml", true},
        {"sdk-message-3.xsd", "data/sdk/message/testdata/min.xml", true},
        {"sdk-message-3.xsd", "data/sdk/message/testdata/TF2.4.1.xml", false},
        {"sdk-message-3.xsd", "data/sdk/message/testdata/TF2.4.2.xml", true},
        {"xhe-1.0.xsd", "data/sdk/xhe/examples/XHE-tm-base.xml", true},
        {"xhe-1.0.xsd", "data/sdk/xhe/examples/XHE-tm-base-ext-sigenc.xml", true},
        {"xhe-1.0.xsd", "data/sdk/message/testdata/min.xml", false},
        {"receipt-2.1.xsd", "data/sdk/receipt/examples/Kvittens_RE-SCHFel.xml", true},
    };
    const char *top = getenv("top_srcdir");
    char folder[512];
    snprintf(folder, sizeof(folder), "%s/schemas", top == NULL ? ".." : top);
    xml_setup();
    use_folder(folder);
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct xml_schema *s = NULL;
        struct xml_findings f = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF doc = BUF(MOST);
        CHECK_OK(xml_schema_new(rows[i].schema, &s, &e), e);
        if (sample_read(rows[i].file, &doc)) {
            check_doc(s, buf_str(&doc), &a, &f);
            CHECK_ROW(rows[i].file, (f.count == 0) == rows[i].valid);
            seen++;
        }
        xml_schema_free(s);
    }
    if (seen == 0)
        skip();
}

CHECK_MAIN
