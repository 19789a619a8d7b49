/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/place.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

static void fill(struct as4_place *p, size_t octets)
{
    struct error e = {0};
    for (size_t i = 0; i < octets; i++) {
        char c = (char)('a' + i % 26);
        CHECK_OK(sink_write(as4_place_sink(p), str_bytes(&c, 1), &e), e);
    }
    CHECK_OK(sink_finish(as4_place_sink(p), &e), e);
}

TEST(few_octets_rest_in_memory_and_many_in_a_file)
{
    static const struct {
        size_t octets;
        bool in_memory;
    } rows[] = {{0, true}, {1, true}, {AS4_PLACE_MEMORY, true}, {AS4_PLACE_MEMORY + 1, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        char last = 0;
        struct as4_store *s = as4_store_new("/tmp");
        struct as4_place *p = as4_place_new(s, UINT64_MAX);
        fill(p, rows[i].octets);
        struct as4_octets got = as4_place_octets(p);
        CHECK((got.memory.at != NULL) == rows[i].in_memory);
        CHECK((rows[i].in_memory ? got.memory.len : got.len) == rows[i].octets);
        if (!rows[i].in_memory) {
            CHECK_OK(sys_pread_all(got.fd, &last, 1, got.len - 1, &e), e);
            CHECK(last == (char)('a' + (rows[i].octets - 1) % 26));
        }
        as4_store_free(s);
    }
}

TEST(the_limit_holds)
{
    struct error e = {0};
    struct as4_store *s = as4_store_new("/tmp");
    struct as4_place *p = as4_place_new(s, 3);
    CHECK_OK(sink_write(as4_place_sink(p), STR("abc"), &e), e);
    CHECK(!sink_write(as4_place_sink(p), STR("d"), &e));
    CHECK(e.kind == ERROR_REJECT);
    as4_store_free(s);
}

TEST(a_full_disk_is_for_later)
{
    struct error e = {0};
    struct as4_store *s = as4_store_new("/tmp");
    struct as4_place *p = as4_place_new(s, UINT64_MAX);
    fill(p, AS4_PLACE_MEMORY);
    sys_fail_after(0, 28 /* ENOSPC */);
    CHECK(!sink_write(as4_place_sink(p), STR("x"), &e));
    sys_fail_never();
    CHECK(e.kind == ERROR_RETRY);
    as4_store_free(s);
}

CHECK_MAIN
