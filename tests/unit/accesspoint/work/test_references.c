/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/work/references.h"
#include "tests/check.h"

TEST(what_is_written_reads_back)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct as4_reference at[2] = {{.uri = STR("#body")}, {.uri = STR("cid:part@ap")}};
    struct as4_references r = {at, 2}, back;
    struct str text;
    CHECK(digest_of(DIGEST_SHA256, STR("one"), &at[0].digest));
    CHECK(digest_of(DIGEST_SHA256, STR("two"), &at[1].digest));
    CHECK_OK(references_write(&r, &a, &text, &e), e);
    CHECK_OK(references_read(text, &a, &back, &e), e);
    CHECK(back.count == 2);
    for (size_t i = 0; i < 2; i++) {
        CHECK_STR(back.at[i].uri, at[i].uri);
        CHECK(digest_equal(&back.at[i].digest, digest_str(&at[i].digest)));
    }
    CHECK_OK(references_read(STR_NONE, &a, &back, &e), e);
    CHECK(back.count == 0);
    CHECK(!references_read(STR("#a xyz\n"), &a, &back, &e));
}

CHECK_MAIN
