/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>

#include "runtime/http/metrics.h"
#include "runtime/log/log.h"
#include "tests/check.h"

TEST(the_text_is_openmetrics_with_series_of_one_name_together)
{
    static const double bounds[] = {0.1, 1};
    struct metrics *m = metrics_new();
    struct metric *api = metrics_counter(m, "requests", "server=\"api\"", "Requests.");
    struct metric *open = metrics_gauge(m, "open_files", "", "Open files.");
    struct metric *as4 = metrics_counter(m, "requests", "server=\"as4\"", "Requests.");
    struct metric *took = metrics_histogram(m, "took_seconds", "", "Time.", bounds, 2);
    CHECK(metrics_counter(m, "requests", "server=\"api\"", "Requests.") == api);
    metric_add(api, 2);
    metric_add(as4, 3);
    metric_set(open, -4);
    metric_observe(took, 0.1);
    metric_observe(took, 0.5);
    metric_observe(took, 7);
    metric_add(NULL, 1);
    AUTO_BUF text = BUF(8192);
    struct error e = {0};
    CHECK_OK(metrics_write(m, &text, &e), e);
    CHECK_STR(str_upto(buf_str(&text), str_find(buf_str(&text), STR("# TYPE log_events"))),
              STR("# TYPE requests counter\n# HELP requests Requests.\n"
                  "requests_total{server=\"api\"} 2\nrequests_total{server=\"as4\"} 3\n"
                  "# TYPE open_files gauge\n# HELP open_files Open files.\nopen_files -4\n"
                  "# TYPE took_seconds histogram\n# HELP took_seconds Time.\n"
                  "took_seconds_bucket{le=\"0.1\"} 1\ntook_seconds_bucket{le=\"1\"} 2\n"
                  "took_seconds_bucket{le=\"+Inf\"} 3\ntook_seconds_sum 7.600000\n"
                  "took_seconds_count 3\n"));
    CHECK(str_ends(buf_str(&text), STR("# EOF\n")));
    AUTO_BUF small = BUF(100);
    CHECK(!metrics_write(m, &small, &e) && e.kind == ERROR_REJECT);
    metrics_free(m);
}

TEST(logged_events_are_counted_in_the_text)
{
    struct metrics *m = metrics_new();
    AUTO_BUF text = BUF(8192);
    struct error e = {0};
    for (unsigned i = 0; i < 3; i++)
        log_info(NULL, "metrics.tested", KV_U64("number", i));
    CHECK_OK(metrics_write(m, &text, &e), e);
    struct str all = buf_str(&text);
    CHECK(str_find(all, STR("log_events_total{event=\"metrics.tested\"} 3\n")) < all.len);
    metrics_free(m);
}

static void *count_up(void *ctx)
{
    for (unsigned i = 0; i < 10000; i++)
        metric_add(ctx, 1);
    return NULL;
}

TEST(threads_may_count_at_once)
{
    struct metrics *m = metrics_new();
    struct metric *c = metrics_counter(m, "jobs", "", "Jobs.");
    pthread_t threads[3];
    AUTO_BUF text = BUF(8192);
    struct error e = {0};
    for (size_t i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, count_up, c) == 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK_OK(metrics_write(m, &text, &e), e);
    CHECK(str_find(buf_str(&text), STR("jobs_total 30000\n")) < text.len);
    metrics_free(m);
}

CHECK_MAIN
