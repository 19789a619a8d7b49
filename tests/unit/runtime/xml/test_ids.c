/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/xml/doc.h"
#include "tests/check.h"

#define WSU \
    "xmlns:w='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'"

static bool collect(const char *octets, struct xml_doc **d, struct arena *a, struct xml_ids **ids,
                    struct error *e)
{
    xml_setup();
    CHECK_OK(xml_read(str_of(octets), &xml_limits_envelope, d, e), *e);
    return xml_ids_collect(*d, a, ids, e);
}

TEST(every_kind_of_id_leads_to_its_element)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct xml_ids *ids;
    CHECK_OK(collect("<r " WSU " w:Id='r1'><a Id='a1'/><b ID='b1'/><c id='c1'/><d xml:id='d1'/>"
                     "<e w:Id='same' Id='same'/><f w:id='f1' Idx='f2' x='f3'/></r>",
                     &d, &a, &ids, &e),
             e);
    CHECK(xml_ids_find(ids, STR("r1")) == xml_root(d));
    CHECK(xml_is(xml_ids_find(ids, STR("a1")), NULL, "a"));
    CHECK(xml_is(xml_ids_find(ids, STR("b1")), NULL, "b"));
    CHECK(xml_is(xml_ids_find(ids, STR("c1")), NULL, "c"));
    CHECK(xml_is(xml_ids_find(ids, STR("d1")), NULL, "d"));
    CHECK(xml_is(xml_ids_find(ids, STR("same")), NULL, "e"));
    CHECK(xml_ids_find(ids, STR("f1")) == NULL && xml_ids_find(ids, STR("f2")) == NULL);
    CHECK(xml_ids_find(ids, STR("")) == NULL && xml_ids_find(ids, STR("r")) == NULL);
}

TEST(two_elements_of_one_id_are_refused_however_it_is_spelled)
{
    static const char *const rows[] = {
        "<r><a Id='x'/><b Id='x'/></r>",
        "<r><a Id='x'/><b ID='x'/></r>",
        "<r " WSU "><a w:Id='x'><b id='x'/></a></r>",
        "<r xml:id='x'><a Id='x'/></r>",
        "<r Id=''/>",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_XML d = NULL;
        AUTO_ARENA a = {0};
        struct xml_ids *ids = NULL;
        CHECK_ROW(rows[i], !collect(rows[i], &d, &a, &ids, &e) && e.kind == ERROR_REJECT);
        CHECK_ROW(rows[i], ids == NULL);
    }
}

TEST(a_document_without_ids_finds_nothing)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct xml_ids *ids;
    CHECK_OK(collect("<r/>", &d, &a, &ids, &e), e);
    CHECK(xml_ids_find(ids, STR("x")) == NULL);
}

CHECK_MAIN
