/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/counts.h"
#include "tests/check.h"

static bool holds(struct metrics *m, const char *line)
{
    AUTO_BUF text = BUF(64 * 1024);
    struct error e = {0};
    CHECK_OK(metrics_write(m, &text, &e), e);
    return str_find(buf_str(&text), str_of(line)) < text.len;
}

TEST(each_kind_and_state_has_its_gauges)
{
    static const struct store_count rows[] = {
        {STR_INIT("sdk-out"), STR_INIT("parked"), 3, 1000},
        {STR_INIT("sdk-in"), STR_INIT("inbox"), 7, 60000},
    };
    struct metrics *m = metrics_new();
    struct counts *c = counts_new(m);
    counts_set(c, rows, 2, 61000);
    CHECK(holds(m, "posthorn_messages{kind=\"sdk-out\",state=\"parked\"} 3\n"));
    CHECK(holds(m, "posthorn_messages_oldest_seconds{kind=\"sdk-out\",state=\"parked\"} 60\n"));
    CHECK(holds(m, "posthorn_messages{kind=\"sdk-in\",state=\"inbox\"} 7\n"));
    counts_set(c, rows + 1, 1, 59000); /* nobody is parked any more; the clock went back */
    CHECK(holds(m, "posthorn_messages{kind=\"sdk-out\",state=\"parked\"} 0\n"));
    CHECK(holds(m, "posthorn_messages_oldest_seconds{kind=\"sdk-in\",state=\"inbox\"} 0\n"));
    counts_free(c);
    metrics_free(m);
}

CHECK_MAIN
