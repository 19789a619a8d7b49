/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/attributes.h"
#include "tests/check.h"

TEST(what_is_written_reads_back)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct attributes in = {.from = STR("0203:a.example"),
                            .signer = STR("00ff"),
                            .outcome = STR("REJECTED \"BV\""),
                            .refetched = true};
    struct attributes out;
    struct str json;
    CHECK_OK(attributes_write(&in, &a, &json, &e), e);
    CHECK_OK(attributes_read(json, &a, &out, &e), e);
    CHECK_STR(out.from, in.from);
    CHECK_STR(out.signer, in.signer);
    CHECK_STR(out.outcome, in.outcome);
    CHECK(out.refetched && out.to.len == 0);
}

TEST(nothing_reads_as_nothing_and_bad_json_is_told)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct attributes out = {.refetched = true};
    CHECK_OK(attributes_read(STR_NONE, &a, &out, &e), e);
    CHECK(!out.refetched && out.from.len == 0);
    CHECK(!attributes_read(STR("{"), &a, &out, &e) && e.kind == ERROR_REJECT);
}

CHECK_MAIN
