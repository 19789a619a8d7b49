/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Connections: long and slow ones, those that break off, the end of the server. */
#include <sys/resource.h>

#include "tests/check.h"
#include "tests/unit/runtime/http/server_bench.h"
#include "tests/unit/runtime/loop/until.h"

TEST(a_peer_that_leaves_while_the_handler_thinks_is_gone_once)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.held != NULL);
    stream_free(b.client);
    b.client = NULL;
    UNTIL(b.loop, b.gone == 1);
    bench_end(&b);
    CHECK(b.gone == 1);
}

TEST(slow_peers_are_cut_at_absolute_deadlines)
{
    static const struct {
        const char *row, *first, *more, *expected;
    } rows[] = {
        {"idle", "", "", NULL},
        {"head, one octet at a time", "GET / HTTP/1.1\r\nX: ", "y", "408 Request Timeout"},
        {"body, one octet at a time",
         "POST /upload HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n", "z",
         "408 Request Timeout"},
        {"handler that never replies", "GET /later HTTP/1.1\r\n" HOST "\r\n", "",
         "503 Service Unavailable"},
    };
    struct bench b;
    bench_start(
        &b, (struct http_server_config){
                .head_ms = 60, .idle_ms = 60, .body_ms = 60, .reply_ms = 60, .body_rate = 10000});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_reconnect(&b);
        int64_t begin_ms = clock_monotonic_ms();
        bench_say(&b, rows[i].first);
        while (!b.has_ended && clock_monotonic_ms() < begin_ms + 5000) {
            loop_turn(b.loop, 5);
            bench_say(&b, rows[i].more);
        }
        CHECK_ROW(rows[i].row, b.has_ended);
        CHECK_ROW(rows[i].row, clock_monotonic_ms() - begin_ms < 3000);
        CHECK_ROW(rows[i].row,
                  rows[i].expected == NULL ? b.got.len == 0 : bench_has(&b, rows[i].expected));
    }
    CHECK(b.gone == 1);
    bench_end(&b);
}

TEST(a_generated_body_waits_for_its_reader_and_ends_its_source_once)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    stream_pause(b.client, true);
    bench_say(&b, "GET /pull HTTP/1.1\r\n" HOST CLOSE "\r\n");
    for (unsigned i = 0; i < 50; i++)
        loop_turn(b.loop, 1);
    CHECK(b.pulled > 0);
    b.keeps_nothing = true;
    stream_pause(b.client, false);
    UNTIL(b.loop, b.has_ended);
    CHECK(b.pulled == BENCH_PULL_TOTAL && b.pull_ends == 1);
    CHECK(b.got_total > BENCH_PULL_TOTAL);
    bench_reconnect(&b); /* and one that leaves in the middle */
    stream_set_read_mark(b.client, 1000);
    stream_pause(b.client, true);
    bench_say(&b, "GET /pull HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.pulled > 0 && b.pulled < BENCH_PULL_TOTAL);
    stream_free(b.client);
    b.client = NULL;
    UNTIL(b.loop, b.pull_ends == 2);
    bench_end(&b);
}

TEST(a_generated_body_of_known_length_says_it_and_the_connection_goes_on)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "HEAD /pull-known HTTP/1.1\r\n" HOST "\r\nGET /pull-known HTTP/1.1\r\n" HOST
                  "\r\nGET / HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.has_ended);
    CHECK(bench_times(&b, "Content-Length: 3000000\r\n") == 2);
    CHECK(!bench_has(&b, "Transfer-Encoding") && bench_has(&b, "hello"));
    CHECK(b.pulled == BENCH_PULL_TOTAL && b.pull_ends == 2 && b.pulled_most <= 2 * HTTP_PULL_PIECE);
    bench_end(&b);
}

/* What is left for the last piece, and with it the place where the stream stands to its mark, is of every size. */
TEST(a_generated_body_of_any_length_ends_and_the_connection_goes_on)
{
    static const size_t rows[] = {1,     1000,  32767, 32768,  32769,  65535,  65536,
                                  65537, 98304, 98305, 131072, 131073, 196609, 1000003};
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char row[30];
        snprintf(row, sizeof row, "%zu octets", rows[i]);
        bench_reconnect(&b);
        b.pull_total = rows[i];
        bench_say(&b, "GET /pull-known HTTP/1.1\r\n" HOST "\r\nGET /pull HTTP/1.1\r\n" HOST
                      "\r\nGET /pull-known HTTP/1.1\r\n" HOST CLOSE "\r\n");
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(row, bench_times(&b, "200 OK") == 3 && b.pull_ends == 3 * (i + 1));
        CHECK_ROW(row, b.got.len > 3 * rows[i]);
    }
    bench_end(&b);
}

TEST(a_generated_body_may_wait_for_its_octets)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "GET /pull-waits HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.has_ended);
    CHECK(b.pulled == BENCH_PULL_TOTAL && b.pull_ends == 1);
    CHECK(bench_has(&b, "Content-Length: 3000000\r\n") && bench_has(&b, "hello"));
    bench_reconnect(&b); /* and one that leaves in the middle */
    bench_say(&b, "GET /pull-waits HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.pulled > 0 && b.pulled < BENCH_PULL_TOTAL);
    stream_free(b.client);
    b.client = NULL;
    UNTIL(b.loop, b.pull_ends == 2);
    bench_end(&b);
}

/* What is behind it could be taken for the body's rest, or the other way round. */
TEST(a_generated_body_of_another_length_than_announced_cuts_the_connection)
{
    static const char *const rows[] = {"/pull-short", "/pull-long"};
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    for (size_t i = 0; i < 2; i++) {
        char text[200];
        bench_reconnect(&b);
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
                 rows[i]);
        bench_say(&b, text);
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(rows[i], bench_times(&b, "200 OK") == 1 && !bench_has(&b, "hello"));
        CHECK_ROW(rows[i], b.pull_ends == i + 1);
    }
    bench_end(&b);
}

static long rss_kib(void)
{
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

TEST(a_body_that_says_it_is_small_stays_in_memory)
{
    static const struct {
        const char *row, *length, *body, *expected;
    } rows[] = {
        {"none", "Content-Length: 0", "", "201 Created"},
        {"as large as may be", "Content-Length: 5", "12345", "\r\n\r\n12345"},
        {"one octet more", "Content-Length: 6", "123456", "\r\n\r\nstored"},
        {"it does not say", "Transfer-Encoding: chunked", "1\r\nx\r\n0\r\n\r\n", "\r\n\r\nstored"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        char text[256];
        bench_start(&b, (struct http_server_config){0});
        snprintf(text, sizeof text, "POST /upload HTTP/1.1\r\n" HOST CLOSE "%s\r\n\r\n%s",
                 rows[i].length, rows[i].body);
        bench_say(&b, text);
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(rows[i].row, bench_has(&b, "201 Created") && bench_has(&b, rows[i].expected));
        bench_end(&b);
    }
}

TEST(an_upload_of_64_mib_goes_to_its_file_without_being_held_in_memory)
{
    enum { TOTAL = 64 << 20, PIECE = 1 << 20 };
    struct bench b;
    struct error e = {0};
    bench_start(&b, (struct http_server_config){0});
    AUTO_BUF piece = BUF(PIECE);
    char *room, head[128];
    CHECK_OK(buf_room(&piece, PIECE, &room, &e), e);
    buf_grew(&piece, PIECE);
    snprintf(head, sizeof head, "POST /upload HTTP/1.1\r\n" HOST CLOSE "Content-Length: %d\r\n\r\n",
             TOTAL);
    bench_say(&b, head);
    long before_kib = rss_kib();
    for (size_t sent = 0; sent < TOTAL;) {
        if (stream_unsent(b.client) < PIECE) {
            stream_write(b.client, buf_str(&piece));
            sent += PIECE;
        }
        loop_turn(b.loop, 10);
    }
    UNTIL(b.loop, b.has_ended);
    CHECK(bench_has(&b, "201 Created") && b.file_size == TOTAL);
    /* The client's own pieces are in it. The sanitizers keep freed memory for a while. */
    CHECK(sizeof POSTHORN_SANITIZER_FLAGS > 1 || rss_kib() - before_kib < 12 * 1024);
    bench_end(&b);
}

static void on_drained(void *ctx)
{
    struct bench *b = ctx;
    b->is_drained = true;
}

TEST(draining_answers_what_is_open_and_closes_the_rest)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.held != NULL);
    http_server_drain(b.server, on_drained, &b);
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 1);
    CHECK(!b.is_drained);
    http_reply_text(b.held, 200, "text/plain", STR("last"));
    UNTIL(b.loop, b.is_drained && b.has_ended);
    CHECK(bench_has(&b, "last") && bench_has(&b, "Connection: close\r\n"));
    bench_end(&b);
}

TEST(an_idle_server_drains_at_once_but_not_inside_the_call)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    UNTIL(b.loop, stream_is_open(b.client));
    http_server_drain(b.server, on_drained, &b);
    CHECK(!b.is_drained);
    UNTIL(b.loop, b.is_drained && b.has_ended);
    bench_end(&b);
}

static bool is_gauge_zero(struct bench *b)
{
    struct error e = {0};
    AUTO_BUF text = BUF(64 * 1024);
    CHECK_OK(metrics_write(b->metrics, &text, &e), e);
    return str_find(buf_str(&text), STR("http_connections{server=\"http\"} 0\n")) < text.len;
}

/* Each cut leaves nothing behind, and a handler hears of its request's end exactly once. */
TEST(a_client_may_leave_at_any_octet)
{
    static const char all[] =
        "GET /pull HTTP/1.1\r\n" HOST "\r\n"
        "POST /echo HTTP/1.1\r\n" HOST
        "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "PUT /upload HTTP/1.1\r\n" HOST "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n123456789"
        "GET /later HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    b.keeps_nothing = true;
    for (size_t cut = 0; cut < sizeof all; cut++) {
        bench_reconnect(&b);
        stream_write(b.client, str_bytes(all, cut));
        stream_pause(b.client, cut % 3 == 0);
        for (unsigned i = 0; i < cut % 7; i++)
            loop_turn(b.loop, 1);
        stream_free(b.client); /* with octets unread: a reset */
        b.client = NULL;
        for (unsigned i = 0; i < cut % 3; i++)
            loop_turn(b.loop, 1);
        b.held = NULL;
    }
    UNTIL(b.loop, is_gauge_zero(&b));
    CHECK(b.pull_ends <= sizeof all && b.held == NULL);
    bench_end(&b);
}

TEST(metrics_count_requests_by_status)
{
    struct bench b;
    struct error e = {0};
    bench_start(&b, (struct http_server_config){.metrics_name = "api"});
    bench_say(&b, "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST
                  "\r\nGET /x HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.has_ended);
    buf_clear(&b.got);
    CHECK_OK(metrics_write(b.metrics, &b.got, &e), e);
    CHECK(bench_has(&b, "http_requests_total{server=\"api\",status=\"200\"} 2\n"));
    CHECK(bench_has(&b, "http_requests_total{server=\"api\",status=\"404\"} 1\n"));
    CHECK(bench_has(&b, "http_request_seconds_count{server=\"api\"} 3\n"));
    CHECK(str_ends(buf_str(&b.got), STR("# EOF\n")));
    bench_end(&b);
}

CHECK_MAIN
