/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "runtime/xml/c14n.h"
#include "tests/check.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 4 * 1024 * 1024 };
static const char *const prefix_lists[][3] = {{"q", "r", NULL}, {"#default", "p", NULL}};

static void ours(const struct xml_doc *d, const struct xml_node *top,
                 const struct c14n_options *options, struct buf *out)
{
    struct error e = {0};
    struct sink_buf into;
    sink_buf_init(&into, out);
    CHECK_OK(c14n_write(d, top, options, &into.sink, &e), e);
}

/* --- the judge: libxml2's own */

static int is_below(void *top, xmlNode *n, xmlNode *parent)
{
    const xmlNode *at = n->type == XML_NAMESPACE_DECL ? parent : n;
    while (at != NULL && at != top)
        at = at->parent;
    return at != NULL;
}

static xmlNode *judge_root(xmlDoc *doc)
{
    return xmlDocGetRootElement(doc);
}

static void judge(xmlDoc *doc, xmlNode *top, const struct c14n_options *options, struct buf *out)
{
    static const int modes[] = {XML_C14N_1_0, XML_C14N_1_1, XML_C14N_EXCLUSIVE_1_0};
    struct error e = {0};
    xmlChar *list[4] = {NULL};
    for (size_t i = 0;
         options->inclusive_prefixes != NULL && options->inclusive_prefixes[i] != NULL; i++)
        list[i] = xmlStrdup((const xmlChar *)options->inclusive_prefixes[i]);
    xmlBuffer *text = xmlBufferCreate();
    xmlOutputBuffer *into = xmlOutputBufferCreateBuffer(text, NULL);
    CHECK(xmlC14NExecute(doc, top == NULL ? NULL : is_below, top, modes[options->type],
                         list[0] == NULL ? NULL : list, 0, into) >= 0);
    xmlOutputBufferClose(into);
    CHECK_OK(buf_add(out, str_bytes(xmlBufferContent(text), (size_t)xmlBufferLength(text)), &e), e);
    xmlBufferFree(text);
    for (size_t i = 0; i < 3; i++)
        xmlFree(list[i]);
}

static void show_difference(const char *name, unsigned type, unsigned list, struct str got,
                            struct str expected)
{
    size_t at = 0;
    while (at < got.len && at < expected.len && got.at[at] == expected.at[at])
        at++;
    if (at == got.len && at == expected.len)
        return;
    size_t from = at > 100 ? at - 100 : 0;
    fail_msg("%s, type %u, list %u, octet %zu:\n%.*s\nexpected:\n%.*s", name, type, list, at,
             STR_ARG(str_upto(str_from(got, from), 200)),
             STR_ARG(str_upto(str_from(expected, from), 200)));
}

static void compare(const char *name, const struct xml_doc *d, const struct xml_node *top,
                    xmlDoc *doc, xmlNode *judge_top)
{
    for (unsigned type = C14N_1_0; type <= C14N_EXCLUSIVE; type++) {
        for (unsigned list = 0; list < (type == C14N_EXCLUSIVE ? 3 : 1); list++) {
            struct c14n_options options = {.type = (enum c14n_type)type};
            if (list > 0)
                options.inclusive_prefixes = prefix_lists[list - 1];
            AUTO_BUF got = BUF(MOST);
            AUTO_BUF expected = BUF(MOST);
            ours(d, top, &options, &got);
            judge(doc, judge_top, &options, &expected);
            show_difference(name, type, list, buf_str(&got), buf_str(&expected));
        }
    }
}

static xmlNode *next_element(xmlNode *n, xmlNode *root)
{
    if (xmlFirstElementChild(n) != NULL)
        return xmlFirstElementChild(n);
    while (n != root && xmlNextElementSibling(n) == NULL)
        n = n->parent;
    return n == root ? NULL : xmlNextElementSibling(n);
}

static const struct xml_node *our_next(const struct xml_node *n)
{
    if (xml_first(n, NULL, NULL) != NULL)
        return xml_first(n, NULL, NULL);
    while (n != NULL && xml_next(n, NULL, NULL) == NULL)
        n = xml_parent(n);
    return xml_next(n, NULL, NULL);
}

static void compare_all(const char *name, struct str octets)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    struct xml_limits limits = xml_limits_envelope;
    limits.namespaces = 10000;
    CHECK_OK(xml_read(octets, &limits, &d, &e), e);
    xmlDoc *doc =
        xmlReadMemory(octets.at, (int)octets.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);
    CHECK(doc != NULL);
    compare(name, d, NULL, doc, NULL);
    xmlNode *theirs = judge_root(doc);
    const struct xml_node *mine = xml_root(d);
    for (size_t i = 0; theirs != NULL && i < 60; i++) {
        compare(name, d, mine, doc, theirs);
        theirs = next_element(theirs, judge_root(doc));
        mine = our_next(mine);
        CHECK((theirs == NULL) == (mine == NULL) || i >= 59);
    }
    xmlFreeDoc(doc);
}

TEST(generated_documents_come_out_as_libxml2_writes_them)
{
    xml_setup();
    for (unsigned seed = 0; seed < 300; seed++) {
        char name[40];
        AUTO_BUF doc = BUF(MOST);
        sample_document(seed, &doc);
        snprintf(name, sizeof(name), "seed %u", seed);
        compare_all(name, buf_str(&doc));
    }
}

TEST(official_files_come_out_as_libxml2_writes_them)
{
    xml_setup();
    if (!sample_each(compare_all))
        skip();
}

TEST(a_subtree_can_be_left_out)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    xml_setup();
    CHECK_OK(
        xml_read(STR("<a xmlns='urn:u'><s><x/>y</s>t<b/><s/></a>"), &xml_limits_envelope, &d, &e),
        e);
    struct c14n_options options = {.without = xml_first(xml_root(d), "urn:u", "s")};
    AUTO_BUF got = BUF(MOST);
    ours(d, NULL, &options, &got);
    CHECK_STR(buf_str(&got), STR("<a xmlns=\"urn:u\">t<b></b><s></s></a>"));
}

TEST(cut_texts_are_put_back_from_memory_and_from_files)
{
    struct error e = {0};
    AUTO_BUF doc = BUF(MOST);
    xml_setup();
    sample_put(&doc, "<a xmlns='urn:u'><b>");
    for (size_t i = 0; i < 60000; i++)
        sample_put(&doc, i % 19 == 18   ? "\r\n"
                         : i % 101 == 1 ? "\r"
                         : i % 103 == 1 ? "\xc3\xa5"
                                        : "QUJD");
    sample_put(&doc, "</b><c>");
    for (size_t i = 0; i < 300000; i++)
        sample_put(&doc, "QUJD");
    sample_put(&doc, "</c></a>");
    compare_all("two long texts", buf_str(&doc));
    AUTO_FD int fd = -1;
    CHECK(sample_to_file(buf_str(&doc), &fd));
    AUTO_XML one = NULL;
    AUTO_XML two = NULL;
    CHECK_OK(xml_read(buf_str(&doc), &xml_limits_envelope, &one, &e), e);
    CHECK_OK(xml_read_file(fd, 0, doc.len, &xml_limits_envelope, &two, &e), e);
    struct c14n_options options = {.type = C14N_EXCLUSIVE};
    AUTO_BUF first = BUF(MOST);
    AUTO_BUF second = BUF(MOST);
    ours(one, NULL, &options, &first);
    ours(two, NULL, &options, &second);
    CHECK(str_equal(buf_str(&first), buf_str(&second)));
}

TEST(relative_namespaces_are_refused)
{
    static const char *const rows[] = {"<a xmlns='u'/>", "<p:a xmlns:p='u/v'/>"};
    xml_setup();
    for (size_t i = 0; i < 2; i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        AUTO_BUF got = BUF(MOST);
        struct sink_buf into;
        sink_buf_init(&into, &got);
        struct c14n_options options = {.type = C14N_EXCLUSIVE};
        CHECK_OK(xml_read(str_of(rows[i]), &xml_limits_envelope, &d, &e), e);
        CHECK_ROW(rows[i], !c14n_write(d, NULL, &options, &into.sink, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT);
    }
}

/* libxml2 writes "&#38;" here, which no other canonicaliser does (C14N 1.0 section 2.3). */
TEST(an_ampersand_in_a_namespace_is_written_as_in_any_attribute)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_BUF got = BUF(MOST);
    xml_setup();
    CHECK_OK(xml_read(STR("<a xmlns='http://x/?a&amp;b'/>"), &xml_limits_envelope, &d, &e), e);
    struct c14n_options options = {.type = C14N_EXCLUSIVE};
    ours(d, NULL, &options, &got);
    CHECK_STR(buf_str(&got), STR("<a xmlns=\"http://x/?a&amp;b\"></a>"));
}

TEST(base_above_a_part_is_refused_under_1_1)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_BUF got = BUF(MOST);
    struct sink_buf into;
    sink_buf_init(&into, &got);
    xml_setup();
    CHECK_OK(xml_read(STR("<a xml:base='http://x/'><b/></a>"), &xml_limits_envelope, &d, &e), e);
    struct c14n_options options = {.type = C14N_1_1};
    CHECK(!c14n_write(d, xml_first(xml_root(d), NULL, "b"), &options, &into.sink, &e));
    CHECK(e.kind == ERROR_REJECT);
}

CHECK_MAIN
