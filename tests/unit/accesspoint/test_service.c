/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/service.h"
#include "tests/check.h"

static const struct federation federation = {
    .participant_scheme = STR_INIT("iso6523-actorid-upis"),
    .document_scheme = STR_INIT("busdox-docid-qns"),
    .message_document = STR_INIT("urn:message"),
    .receipt_document = STR_INIT("urn:receipt"),
};

TEST(each_kind_asks_for_the_one_entry_it_needs)
{
    static const struct {
        const char *kind, *participant, *document;
    } rows[] = {
        {KIND_SDK_OUT, "0203:to.example", "urn:message"},
        {KIND_RECEIPT_OUT, "0203:to.example", "urn:receipt"},
        {KIND_SDK_IN, "0203:from.example", "urn:receipt"},
        {KIND_RECEIPT_IN, "0203:from.example", "urn:receipt"},
    };
    struct attributes a = {.from = STR("0203:from.example"), .to = STR("0203:to.example")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct smp_service service;
        CHECK_ROW(rows[i].kind, service_of(&federation, str_of(rows[i].kind), &a, &service, &e));
        CHECK_ROW(rows[i].kind, str_is(service.participant, rows[i].participant));
        CHECK_ROW(rows[i].kind, str_is(service.document, rows[i].document));
    }
}

TEST(other_kinds_have_no_entry)
{
    struct error e = {0};
    AUTO_ARENA arena = {0};
    struct attributes a = {0};
    struct str url;
    CHECK(!service_url(&federation, STR("https://smp.example"), STR(KIND_UPLOAD), &a, &arena, &url,
                       &e));
    CHECK(e.kind == ERROR_BUG);
    a.to = STR("0203:B.example");
    CHECK_OK(service_url(&federation, STR("https://smp.example"), STR(KIND_SDK_OUT), &a, &arena,
                         &url, &e),
             e);
    CHECK_STR(
        url,
        STR("https://smp.example/iso6523-actorid-upis%3A%3A0203%3Ab.example/services/busdox-docid-qns%3A%3Aurn%3Amessage"));
}

CHECK_MAIN
