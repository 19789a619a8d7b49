/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/uuid.h"

#include <sys/wait.h>
#include <unistd.h>

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

TEST(a_child_process_has_other_random_octets)
{
    struct uuid here = uuid_random(), there; /* some are in stock now */
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        there = uuid_random();
        _exit(write(ends[1], &there, sizeof(there)) == sizeof(there) ? 0 : 1);
    }
    here = uuid_random();
    CHECK(child > 0 && read(ends[0], &there, sizeof(there)) == sizeof(there));
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(uuid_is(uuid_str(&there)) && !str_equal(uuid_str(&here), uuid_str(&there)));
    close(ends[0]);
    close(ends[1]);
}

TEST(random_octets_are_never_given_twice)
{
    unsigned char got[400][16];
    for (size_t i = 0; i < 400; i++)
        random_octets(got[i], sizeof(got[i]));
    for (size_t i = 0; i < 400; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(!str_equal(str_bytes(got[i], 16), str_bytes(got[j], 16)));
}

CHECK_MAIN
