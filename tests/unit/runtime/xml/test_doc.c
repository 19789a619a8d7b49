/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/xml/c14n.h"
#include "runtime/xml/doc.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 8 * 1024 * 1024 };

static bool reads(struct str octets, struct error *e)
{
    AUTO_XML d = NULL;
    xml_setup();
    return xml_read(octets, &xml_limits_envelope, &d, e);
}

TEST(what_is_not_well_formed_is_refused_with_its_place)
{
    static const struct {
        const char *octets, *why;
    } rows[] = {
        {"<a></b>", "line 1, column"},
        {"<a>\n<b></a>", "line 2, column"},
        {"<a b='1' b='2'/>", "redefined"},
        {"<p:a/>", "prefix p"},
        {"<a p:b='1'/>", "prefix p"},
        {"<a xmlns:p='u:1' xmlns:q='u:1' p:b='' q:b=''/>", "redefined"},
        {"<a xmlns:p=''/>", "xmlns"},
        {"<a b=1/>", "AttValue"},
        {"<a b/>", "mandates value"},
        {"< a/>", "invalid element name"},
        {"<a>&#0;</a>", "xmlParseCharRef"},
        {"<a>&#xFFFF;</a>", "xmlParseCharRef"},
        {"<a>&#x;</a>", "xmlParseCharRef"},
        {"<a b='&#xD800;'/>", "xmlParseCharRef"},
        {"<a>]]></a>", "]]>"},
        {"<a/><?xml version='1.0'?>", "XML declaration"},
        {" <?xml version='1.0'?><a/>", "XML declaration"},
        {"<a/ >", "elements are open"},
        {"<a b='1'c='2'/>", "attributes construct"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        CHECK_ROW(rows[i].octets, !reads(str_of(rows[i].octets), &e));
        CHECK_ROW(rows[i].octets, e.kind == ERROR_REJECT);
        if (strstr(e.text, rows[i].why) == NULL || strstr(e.text, "line ") == NULL)
            fail_msg("'%s': '%s' does not say '%s'", rows[i].octets, e.text, rows[i].why);
    }
}

TEST(a_place_behind_a_cut_text_is_the_source_s_own)
{
    struct error e = {0};
    AUTO_BUF doc = BUF(MOST);
    sample_put(&doc, "<a><b>");
    for (size_t i = 0; i < 10000; i++)
        sample_put(&doc, "QUJD\n");
    sample_put(&doc, "</b></c></a>");
    CHECK(!reads(buf_str(&doc), &e));
    CHECK(strstr(e.text, "line 10001, column") != NULL);
}

/* --- the attack table of libxml2, each as large as its danger needs */

static void repeat(struct buf *b, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        sample_put(b, text);
}

static void billion_laughs(struct buf *b)
{
    sample_put(b, "<!DOCTYPE a [<!ENTITY a0 'ha'>");
    for (unsigned i = 1; i < 10; i++) {
        struct error e = {0};
        CHECK_OK(buf_addf(b, &e, "<!ENTITY a%u '&a%u;&a%u;&a%u;'>", i, i - 1, i - 1, i - 1), e);
    }
    sample_put(b, "]><a>&a9;</a>");
}

static void quadratic_entities(struct buf *b)
{
    sample_put(b, "<!DOCTYPE a [<!ENTITY x '");
    repeat(b, "x", 50000);
    sample_put(b, "'>]><a>");
    repeat(b, "&x;", 20000);
    sample_put(b, "</a>");
}

static void external_entity(struct buf *b)
{
    sample_put(b, "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>");
}

static void external_dtd(struct buf *b)
{
    sample_put(b, "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>");
}

static void deep(struct buf *b)
{
    repeat(b, "<a>", 100000);
    repeat(b, "</a>", 100000);
}

static void long_attribute(struct buf *b)
{
    sample_put(b, "<a b='");
    repeat(b, "xxxxxxxxxx", 500000);
    sample_put(b, "'/>");
}

static void many_attributes(struct buf *b)
{
    sample_put(b, "<a");
    for (unsigned i = 0; i < 100000; i++) {
        struct error e = {0};
        CHECK_OK(buf_addf(b, &e, " b%u=''", i), e);
    }
    sample_put(b, "/>");
}

static void many_namespaces(struct buf *b)
{
    sample_put(b, "<a");
    for (unsigned i = 0; i < 1000; i++) {
        struct error e = {0};
        CHECK_OK(buf_addf(b, &e, " xmlns:n%u='urn:%u'", i, i), e);
    }
    sample_put(b, ">");
    repeat(b, "<b/>", 1000);
    sample_put(b, "</a>");
}

static void namespaces_over_many_tags(struct buf *b)
{
    sample_put(b, "<a>");
    repeat(b, "<b xmlns='u:1'/>", 65);
    sample_put(b, "</a>");
}

static void many_elements(struct buf *b)
{
    sample_put(b, "<a>");
    repeat(b, "<b/>", 20001);
    sample_put(b, "</a>");
}

static void long_comment(struct buf *b)
{
    sample_put(b, "<a><!--");
    repeat(b, "xxxxxxxxxx", 200000);
    sample_put(b, "--></a>");
}

static void many_texts_that_cannot_be_cut(struct buf *b)
{
    sample_put(b, "<a>");
    for (unsigned i = 0; i < 400; i++) {
        repeat(b, "xxxxxxxxxx", XML_CUT_OCTETS / 10);
        sample_put(b, "<b/>");
    }
    sample_put(b, "</a>");
}

static void open_quotes(struct buf *b)
{
    sample_put(b, "<a>");
    repeat(b, "<a b='", 100000);
}

TEST(attacks_are_refused_in_linear_time)
{
    static const struct {
        const char *row;
        void (*make)(struct buf *b);
        const char *why;
    } rows[] = {
        {"billion laughs", billion_laughs, "DOCTYPE"},
        {"quadratic entities", quadratic_entities, "DOCTYPE"},
        {"external entity", external_entity, "DOCTYPE"},
        {"external DTD", external_dtd, "DOCTYPE"},
        {"depth 100000", deep, "deep"},
        {"attribute of 5 MB", long_attribute, "tag of more"},
        {"100000 attributes", many_attributes, "attributes"},
        {"1000 namespaces", many_namespaces, "namespace"},
        {"65 namespaces", namespaces_over_many_tags, "namespace"},
        {"20002 elements", many_elements, "elements"},
        {"comment of 2 MB", long_comment, "without its long texts"},
        {"texts just short enough", many_texts_that_cannot_be_cut, "without its long texts"},
        {"open quotes", open_quotes, "inside of an attribute"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF doc = BUF(MOST);
        rows[i].make(&doc);
        int64_t before = clock_monotonic_ms();
        CHECK_ROW(rows[i].row, !reads(buf_str(&doc), &e) && e.kind == ERROR_REJECT);
        if (strstr(e.text, rows[i].why) == NULL)
            fail_msg("row '%s': '%s' does not say '%s'", rows[i].row, e.text, rows[i].why);
        CHECK_ROW(rows[i].row, clock_monotonic_ms() - before < 1000);
    }
}

/* As bad as the limits let it be: 64 namespaces, 19998 elements, inclusive C14N. */
TEST(the_worst_that_is_allowed_is_canonicalised_soon)
{
    struct error e = {0};
    AUTO_BUF doc = BUF(MOST);
    AUTO_BUF out = BUF(64 * 1024 * 1024);
    AUTO_XML d = NULL;
    struct sink_buf into;
    sink_buf_init(&into, &out);
    xml_setup();
    sample_put(&doc, "<a");
    for (unsigned i = 0; i < 64; i++)
        CHECK_OK(buf_addf(&doc, &e, " xmlns:n%u='urn:%u'", i, i), e);
    sample_put(&doc, ">");
    repeat(&doc, "<n1:b/>", 19998);
    sample_put(&doc, "</a>");
    int64_t before = clock_monotonic_ms();
    CHECK_OK(xml_read(buf_str(&doc), &xml_limits_envelope, &d, &e), e);
    for (unsigned type = C14N_1_0; type <= C14N_EXCLUSIVE; type++) {
        struct c14n_options options = {.type = (enum c14n_type)type};
        buf_clear(&out);
        CHECK_OK(c14n_write(d, NULL, &options, &into.sink, &e), e);
    }
    CHECK(clock_monotonic_ms() - before < 2000);
}

TEST(a_document_beyond_its_octets_is_refused_unread)
{
    struct error e = {0};
    struct xml_limits limits = xml_limits_envelope;
    AUTO_XML d = NULL;
    limits.octets = 3;
    CHECK(!xml_read(STR("<a/>"), &limits, &d, &e) && e.kind == ERROR_REJECT);
    CHECK(!xml_read_file(-1, 0, 4, &limits, &d, &e) && e.kind == ERROR_REJECT);
    limits.octets = 4;
    CHECK_OK(xml_read(STR("<a/>"), &limits, &d, &e), e);
}

/* --- files and fragments */

TEST(a_document_is_read_from_the_middle_of_a_file)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    AUTO_XML d = NULL;
    xml_setup();
    CHECK(sample_to_file(STR("junk<a><b/></a>more"), &fd));
    CHECK_OK(xml_read_file(fd, 4, 11, &xml_limits_envelope, &d, &e), e);
    CHECK(xml_is(xml_root(d), NULL, "a") && xml_count(xml_root(d), NULL, "b") == 1);
    AUTO_XML none = NULL;
    CHECK(!xml_read_file(fd, 4, 100, &xml_limits_envelope, &none, &e));
}

TEST(a_long_file_is_read_without_its_long_texts)
{
    struct error e = {0};
    AUTO_FD int fd = -1;
    AUTO_XML d = NULL;
    AUTO_BUF doc = BUF(MOST);
    xml_setup();
    sample_put(&doc, "<a><b>");
    repeat(&doc, "QUJDREVG", 500000);
    sample_put(&doc, "</b><c>x</c></a>");
    CHECK(sample_to_file(buf_str(&doc), &fd));
    CHECK_OK(xml_read_file(fd, 0, doc.len, &xml_limits_envelope, &d, &e), e);
    CHECK(xml_text_length(xml_first(xml_root(d), NULL, "b")) == 4000000);
    AUTO_BUF out = BUF(MOST);
    struct sink_buf into;
    sink_buf_init(&into, &out);
    CHECK_OK(xml_text_to(xml_root(d), &into.sink, &e), e);
    CHECK(out.len == 4000001 && str_ends(buf_str(&out), STR("DREVGx")));
}

/* From memory as from a file. */
static bool read_fragment(const char *octets, const struct xml_node *context, struct xml_doc **out,
                          struct error *e)
{
    AUTO_FD int fd = -1;
    AUTO_XML twin = NULL;
    struct error other = {0};
    CHECK(sample_to_file(str_of(octets), &fd));
    bool ok = xml_read_fragment(fd, 0, strlen(octets), context, &xml_limits_envelope, out, e);
    CHECK(ok ==
          xml_read_fragment_text(str_of(octets), context, &xml_limits_envelope, &twin, &other));
    CHECK(ok || str_equal(str_of(e->text), str_of(other.text)));
    return ok;
}

TEST(a_fragment_sees_the_namespaces_it_stood_in)
{
    static const char *const rows[] = {
        "<n:m><k p:x='1'/></n:m>",
        "<?xml version='1.0' encoding='UTF-8'?>\n<n:m><k p:x='1'/></n:m>",
        "\xef\xbb\xbf<!-- c --><?pi?><n:m><k p:x='1'/></n:m> <!-- d -->",
        "<n:m xmlns:n='urn:n' xmlns:p='urn:p'><k p:x='1'/></n:m>",
    };
    struct error e = {0};
    AUTO_XML outer = NULL;
    xml_setup();
    CHECK_OK(
        xml_read(STR("<a xmlns='urn:d' xmlns:n='urn:n' xmlns:q='urn:q'><b xmlns:p='urn:p'/></a>"),
                 &xml_limits_envelope, &outer, &e),
        e);
    const struct xml_node *context = xml_first(xml_root(outer), "urn:d", "b");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_XML d = NULL;
        AUTO_ARENA a = {0};
        struct str value;
        CHECK_OK(read_fragment(rows[i], context, &d, &e), e);
        const struct xml_node *root = xml_root(d), *k = xml_first(root, "urn:d", "k");
        CHECK_ROW(rows[i], xml_is(root, "urn:n", "m") && xml_parent(root) == NULL && k != NULL);
        CHECK_ROW(rows[i], xml_attribute(k, "urn:p", "x", &a, &value) && str_is(value, "1"));
        CHECK_STR(xml_path(k, &a), STR("/n:m/k"));
        AUTO_BUF out = BUF(MOST);
        struct sink_buf into;
        sink_buf_init(&into, &out);
        struct c14n_options options = {.type = C14N_1_0};
        CHECK_OK(c14n_write(d, NULL, &options, &into.sink, &e), e);
        CHECK_STR(buf_str(&out),
                  STR("<n:m xmlns=\"urn:d\" xmlns:n=\"urn:n\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\">"
                      "<k p:x=\"1\"></k></n:m>"));
    }
}

TEST(a_fragment_is_one_element_and_cannot_leave_its_wrapper)
{
    static const char *const rows[] = {
        "<a/><b/>",
        "<a/>text",
        "text<a/>",
        "",
        " ",
        "<!-- c -->",
        "</posthorn-wrapper><a>",
        "<a/></posthorn-wrapper>",
        "<a>",
        "&amp;<a/>",
        "<![CDATA[x]]><a/>",
        "<!DOCTYPE a><a/>",
        "<p:a/>",
    };
    xml_setup();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        CHECK_ROW(rows[i], !read_fragment(rows[i], NULL, &d, &e) && e.kind == ERROR_REJECT);
        CHECK_ROW(rows[i], d == NULL);
    }
}

CHECK_MAIN
