/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/view.h"
#include "accesspoint/flow.h"
#include "tests/check.h"

TEST(states_are_seen_as_few_words)
{
    static const struct {
        const char *state;
        bool inbound;
        const char *status;
    } rows[] = {
        {STATE_ACCEPTED, false, "accepted"},
        {STATE_SEALED, false, "sealed"},
        {STATE_TRANSFERRED, false, "transferred"},
        {STATE_DELIVERED, false, "delivered"},
        {STATE_REFUSED, false, "refused"},
        {STATE_UNANSWERED, false, "unanswered"},
        {STATE_PARKED, false, "parked"},
        {STATE_INBOX, true, "new"},
        {STATE_ACKNOWLEDGED, true, "acknowledged"},
        {STATE_RECEIVED, true, ""},
        {STATE_VOUCHED, true, ""},
        {STATE_NOTED, true, ""},
        {STATE_PARKED, true, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].state, str_is(str_of(view_status(str_of(rows[i].state), rows[i].inbound)),
                                        rows[i].status));
}

TEST(a_status_is_all_states_behind_it)
{
    const char *states[VIEW_STATES_MAX];
    CHECK(view_states(STR("accepted"), false, states) == 1);
    CHECK_STR(str_of(states[0]), STR(STATE_ACCEPTED));
    CHECK(view_states(STR("delivered"), false, states) == 1);
    CHECK(view_states(STR("new"), false, states) == 0);
    CHECK(view_states(STR("new"), true, states) == 1);
    CHECK(view_states(STR(""), false, states) == 0);
}

TEST(an_outcome_is_a_code_and_reasons)
{
    static const struct {
        struct str outcome;
        const char *json;
    } rows[] = {
        {STR_INIT(""), "{}"},
        {STR_INIT("UNREADABLE"), "{}"},
        {STR_INIT("ACCEPTED"), "{\"outcome\":{\"code\":\"ACCEPTED\",\"reasons\":[]}}"},
        {STR_INIT("REJECTED BV/not-found No such address"),
         "{\"outcome\":{\"code\":\"REJECTED\",\"reasons\":[{\"code\":\"BV/not-found\",\"text\":\"No such address\"}]}}"},
        {STR_INIT("REJECTED SV/structure; BV/invariant x y"),
         "{\"outcome\":{\"code\":\"REJECTED\",\"reasons\":[{\"code\":\"SV/structure\",\"text\":\"\"},{\"code\":\"BV/invariant\",\"text\":\"x y\"}]}}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_BUF out = BUF(1024);
        struct error e = {0};
        struct json_writer w = json_writer_on(&out, &e);
        json_open_object(&w, NULL);
        view_put_outcome(&w, rows[i].outcome);
        json_close(&w);
        CHECK_OK(json_done(&w), e);
        CHECK_STR(buf_str(&out), str_of(rows[i].json));
    }
}

CHECK_MAIN
