/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/smp/url.h"

#include "tests/check.h"

/* spec/sdk.md 6.2 gives this address letter by letter. */
TEST(the_address_is_encoded_part_by_part)
{
    struct error e = {0};
    AUTO_BUF url = BUF(2048);
    struct smp_service service = {
        STR("iso6523-actorid-upis"), STR("0203:TestA.testbed.inera.se"), STR("busdox-docid-qns"),
        STR("urn:riv:infrastructure:messaging:MessageWithAttachments:3::messagePayload##3.0"
            "::tm-base-ext-sigenc")};
    static const char path[] =
        "https://smp.example/iso6523-actorid-upis%3A%3A0203%3Atesta.testbed.inera.se/services/"
        "busdox-docid-qns%3A%3Aurn%3Ariv%3Ainfrastructure%3Amessaging%3AMessageWithAttachments%3A3"
        "%3A%3AmessagePayload%23%233.0%3A%3Atm-base-ext-sigenc";
    CHECK_OK(smp_service_url(STR("https://smp.example"), &service, &url, &e), e);
    CHECK_STR(buf_str(&url), str_of(path));
    buf_clear(&url);
    CHECK_OK(smp_service_url(STR("https://smp.example/"), &service, &url, &e), e);
    CHECK_STR(buf_str(&url), str_of(path));
    AUTO_BUF small = BUF(20);
    CHECK(!smp_service_url(STR("https://smp.example/"), &service, &small, &e));
}

CHECK_MAIN
