/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/trace.h"
#include "tests/check.h"

#define ID "0af7651916cd43dd8448eb211c80319c"

TEST(a_sane_trace_goes_on_with_a_step_of_our_own)
{
    struct trace t = trace_continue(STR("00-" ID "-b7ad6b7169203331-01"));
    CHECK_STR(trace_id(&t), STR(ID));
    CHECK(!str_equal(str_upto(str_from(str_of(t.parent), 36), 16), STR("b7ad6b7169203331")));
    CHECK_STR(str_from(str_of(t.parent), 53), STR("01"));
    t = trace_continue(STR("00-" ID "-b7ad6b7169203331-00"));
    CHECK_STR(str_from(str_of(t.parent), 53), STR("00"));
}

TEST(what_is_missing_or_broken_is_replaced)
{
    static const struct str rows[] = {
        STR_INIT(""),
        STR_INIT("nonsense"),
        STR_INIT("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
        STR_INIT("00-" ID "-0000000000000000-01"),
        STR_INIT("ff-" ID "-b7ad6b7169203331-01"),
        STR_INIT("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
        STR_INIT("00-" ID "-b7ad6b7169203331-01-x"),
        STR_INIT("00_" ID "-b7ad6b7169203331-01"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trace t = trace_continue(rows[i]);
        struct trace again = trace_continue(str_of(t.parent));
        CHECK_ROW(rows[i].at, str_of(t.parent).len == TRACE_PARENT_LEN);
        CHECK_ROW(rows[i].at, !str_is(trace_id(&t), ID));
        CHECK_ROW(rows[i].at, str_equal(trace_id(&again), trace_id(&t)));
    }
}

CHECK_MAIN
