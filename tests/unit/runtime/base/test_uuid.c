/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/uuid.h"
#include "tests/check.h"

TEST(both_versions_are_well_formed_and_differ)
{
    struct uuid a = uuid_random(), b = uuid_random();
    CHECK(uuid_is(uuid_str(&a)) && uuid_is(uuid_str(&b)));
    CHECK(!str_equal(uuid_str(&a), uuid_str(&b)) && a.text[14] == '4');
    struct uuid early = uuid_timed(1000), late = uuid_timed(2000);
    CHECK(early.text[14] == '7' && str_compare(uuid_str(&early), uuid_str(&late)) < 0);
    CHECK_STR(str_upto(uuid_str(&early), 13), STR("00000000-03e8"));
}

TEST(other_shapes_are_not_uuids)
{
    static const char *const rows[] = {
        "",
        "3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e",
        "3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e90",
        "3a94b4eda-6d7-41e2-945d-b3fa91e8a6e9",
        "3a94b4ed-a6d7-41e2-945d-b3fa91e8a6eg",
        "{a94b4ed-a6d7-41e2-945d-b3fa91e8a6e}",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i], !uuid_is(str_of(rows[i])));
    CHECK(uuid_is(STR("3A94B4ED-a6d7-11e2-945d-b3fa91e8a6e9")));
}

CHECK_MAIN
