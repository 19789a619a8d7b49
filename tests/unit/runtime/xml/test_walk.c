/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/xml/doc.h"
#include "tests/check.h"

static struct xml_doc *sample(void)
{
    struct error e = {0};
    struct xml_doc *d = NULL;
    xml_setup();
    CHECK_OK(
        xml_read(STR("<a xmlns='urn:1' xmlns:p='urn:2' x='0'>\n<!-- c --><b/>t<p:b x='1' p:x='2'/>"
                     "<b><c/></b><?pi?><d>  </d><e>&#32;<![CDATA[y]]></e></a>"),
                 &xml_limits_envelope, &d, &e),
        e);
    return d;
}

TEST(elements_are_found_by_namespace_and_name)
{
    AUTO_XML d = sample();
    const struct xml_node *a = xml_root(d);
    CHECK(xml_is(a, "urn:1", "a") && !xml_is(a, "urn:2", "a") && !xml_is(a, NULL, "a"));
    CHECK(!xml_is(NULL, "urn:1", "a") && xml_is(a, NULL, NULL));
    CHECK_STR(xml_name(a), STR("a"));
    CHECK_STR(xml_ns(a), STR("urn:1"));
    CHECK(xml_count(a, "urn:1", "b") == 2 && xml_count(a, "urn:2", "b") == 1);
    CHECK(xml_count(a, NULL, NULL) == 5 && xml_count(a, "urn:1", "z") == 0);
    const struct xml_node *b = xml_first(a, "urn:1", "b");
    CHECK(xml_is(xml_next(b, NULL, NULL), "urn:2", "b"));
    CHECK(xml_first(xml_next(b, "urn:1", "b"), "urn:1", "c") != NULL);
    CHECK(xml_next(xml_next(b, "urn:1", "b"), "urn:1", "b") == NULL);
    CHECK(xml_parent(b) == a && xml_parent(a) == NULL);
    CHECK(xml_first(NULL, NULL, NULL) == NULL && xml_next(NULL, NULL, NULL) == NULL);
}

TEST(exactly_one_means_exactly_one)
{
    struct error e = {0};
    AUTO_XML d = sample();
    const struct xml_node *out = NULL;
    CHECK_OK(xml_one(xml_root(d), "urn:2", "b", &out, &e), e);
    CHECK(xml_is(out, "urn:2", "b"));
    CHECK(!xml_one(xml_root(d), "urn:1", "b", &out, &e) && e.kind == ERROR_REJECT);
    CHECK(strcmp(e.text, "/a: more than one b where exactly one must be") == 0);
    CHECK(!xml_one(xml_root(d), "urn:1", "z", &out, &e));
    CHECK(strcmp(e.text, "/a: no z where exactly one must be") == 0);
    CHECK(xml_is(out, "urn:2", "b"));
}

TEST(attributes_are_found_by_namespace_and_name)
{
    AUTO_XML d = sample();
    AUTO_ARENA a = {0};
    struct str value = STR("untouched");
    const struct xml_node *b = xml_first(xml_root(d), "urn:2", "b");
    CHECK(xml_attribute(b, NULL, "x", &a, &value));
    CHECK_STR(value, STR("1"));
    CHECK(xml_attribute(b, "urn:2", "x", &a, &value));
    CHECK_STR(value, STR("2"));
    CHECK(!xml_attribute(b, "urn:1", "x", &a, &value) && !xml_attribute(b, NULL, "y", &a, &value));
    CHECK_STR(value, STR("2"));
}

TEST(an_attribute_s_value_is_decoded)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct str value;
    xml_setup();
    CHECK_OK(
        xml_read(STR("<a x='&lt;&amp;&gt;&quot;&apos;&#229; &#10;&#x41;' y='' z='&amp;#38;'/>"),
                 &xml_limits_envelope, &d, &e),
        e);
    CHECK(xml_attribute(xml_root(d), NULL, "x", &a, &value));
    CHECK_STR(value, STR("<&>\"'\xc3\xa5 \nA"));
    CHECK(xml_attribute(xml_root(d), NULL, "y", &a, &value) && value.len == 0);
    CHECK(xml_attribute(xml_root(d), NULL, "z", &a, &value));
    CHECK_STR(value, STR("&#38;"));
}

TEST(paths_and_lines_say_where)
{
    AUTO_XML d = sample();
    AUTO_ARENA a = {0};
    const struct xml_node *b = xml_first(xml_root(d), "urn:1", "b");
    CHECK_STR(xml_path(xml_root(d), &a), STR("/a"));
    CHECK_STR(xml_path(b, &a), STR("/a/b[1]"));
    CHECK_STR(xml_path(xml_first(xml_next(b, "urn:1", "b"), NULL, NULL), &a), STR("/a/b[2]/c"));
    CHECK_STR(xml_path(xml_first(xml_root(d), "urn:2", "b"), &a), STR("/a/p:b"));
    CHECK(xml_line(xml_root(d)) == 1 && xml_line(b) == 2);
}

TEST(text_of_its_own_is_more_than_white_space)
{
    AUTO_XML d = sample();
    const struct xml_node *a = xml_root(d);
    CHECK(xml_has_text(a) && !xml_has_text(xml_first(a, "urn:1", "b")));
    CHECK(!xml_has_text(xml_first(a, "urn:1", "d")) && xml_has_text(xml_first(a, "urn:1", "e")));
}

CHECK_MAIN
