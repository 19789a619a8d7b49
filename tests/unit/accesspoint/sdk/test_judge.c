/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/judge.h"
#include "tests/check.h"

TEST(the_schema_comes_first_and_has_the_document_types_code)
{
    static const struct {
        enum judge_kind kind;
        const char *code;
    } rows[] = {
        {JUDGE_MESSAGE, "SV/structure"},
        {JUDGE_ENVELOPE, "XHE/profile"},
        {JUDGE_RECEIPT, "RECEIPT/profile"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct xml_findings f = {0};
        AUTO_ARENA a = {0};
        AUTO_JUDGE j = NULL;
        AUTO_XML d = NULL;
        CHECK_OK(judge_new(rows[i].kind, &j, &e), e);
        CHECK_OK(xml_read(STR("<a/>"), &xml_limits_envelope, &d, &e), e);
        CHECK_OK(judge_check(j, d, JUDGE_RECEIVED, &a, &f, &e), e);
        CHECK_ROW(rows[i].code, f.count > 0 && str_is(f.at[0].code, rows[i].code));
        CHECK_STR(f.at[0].rule, STR("xsd"));
    }
}

TEST(a_finding_of_ours_names_its_place)
{
    struct error e = {0};
    struct xml_findings f = {0};
    AUTO_ARENA a = {0};
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(STR("<a><b/></a>"), &xml_limits_envelope, &d, &e), e);
    judge_find(&f, &a, "X1", "BV/invariant", xml_first(xml_root(d), NULL, "b"), "text");
    judge_find(&f, &a, "X1", "BV/invariant", NULL, "text");
    CHECK(f.count == 2);
    CHECK_STR(f.at[0].where, STR("/a/b"));
    CHECK_STR(f.at[1].where, STR("/"));
}

CHECK_MAIN
