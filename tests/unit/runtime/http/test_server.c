/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* What is answered to which request. */
#include "tests/check.h"
#include "tests/unit/runtime/http/server_bench.h"
#include "tests/unit/runtime/loop/until.h"

TEST(requests_get_the_answers_of_their_routes)
{
    static const struct {
        const char *row, *request, *expected[3];
    } rows[] = {
        {"root",
         "GET / HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "\r\n\r\nhello"}},
        {"HEAD has the length and no body",
         "HEAD / HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "close\r\n\r\n"}},
        {"parameter and query are decoded",
         "GET /items/a%20b?q=x+y%26&r= HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"200 OK", "id=a b q=x y& tag=7", NULL}},
        {"method picks the route",
         "DELETE /items/1 HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"200 OK", "id=1 q= tag=8", NULL}},
        {"two parameters",
         "GET /items/1/parts/2 HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"200 OK", "tag=9", NULL}},
        {"unknown path", "GET /nothing HTTP/1.1\r\n" HOST CLOSE "\r\n", {"404 Not Found", NULL}},
        {"path goes on", "GET /items/1/2 HTTP/1.1\r\n" HOST CLOSE "\r\n", {"404 Not Found", NULL}},
        {"empty parameter", "GET /items/ HTTP/1.1\r\n" HOST CLOSE "\r\n", {"404 Not Found", NULL}},
        {"slash inside a parameter",
         "GET /items/a%2Fb HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"400 Bad Request", NULL}},
        {"dots as a parameter",
         "GET /items/%2E. HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"400 Bad Request", NULL}},
        {"NUL in a query",
         "GET /items/1?q=%00 HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"400 Bad Request", NULL}},
        {"a query twice",
         "GET /items/1?q=1&q=2 HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"400 Bad Request", "'q' twice", NULL}},
        {"method not there",
         "POST /items/1 HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n",
         {"405 Method Not Allowed", "Allow: GET, HEAD, DELETE\r\n", NULL}},
        {"body where none is taken",
         "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx",
         {"413 Content Too Large", "Connection: close\r\n", NULL}},
        {"body by length",
         "POST /echo HTTP/1.1\r\n" HOST CLOSE
         "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\nbody",
         {"200 OK", "\r\n\r\nbody", NULL}},
        {"body in chunks",
         "POST /echo HTTP/1.1\r\n" HOST CLOSE "Content-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n3\r\nchu\r\n4;x=y\r\nnked\r\n0\r\nTrailer: x\r\n\r\n",
         {"200 OK", "\r\n\r\nchunked", NULL}},
        {"empty body",
         "POST /echo HTTP/1.1\r\n" HOST CLOSE
         "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
         {"200 OK", "Content-Length: 0\r\n", NULL}},
        {"100 Continue",
         "POST /echo HTTP/1.1\r\n" HOST CLOSE "Expect: 100-continue\r\n"
         "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody",
         {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", "\r\n\r\nbody", NULL}},
        {"too large by length",
         "POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 21\r\n\r\n",
         {"413 Content Too Large", "Connection: close\r\n", NULL}},
        {"too large by chunks",
         "POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
         "\r\n10\r\n0123456789abcdef\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n",
         {"413 Content Too Large", "Connection: close\r\n", NULL}},
        {"wrong type",
         "POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/html\r\nContent-Length: 1\r\n\r\nx",
         {"415 Unsupported Media Type", "text/plain|application/json", NULL}},
        {"no type",
         "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx",
         {"415 Unsupported Media Type", NULL}},
        {"the sink fails",
         "POST /full HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody",
         {"503 Service Unavailable", "the disk is full", "Connection: close\r\n"}},
        {"file range",
         "GET /file HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"206 Partial Content", "ETag: \"1\"\r\n", "\r\n\r\n3456"}},
        {"HEAD of a file",
         "HEAD /file HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"206 Partial Content", "Content-Length: 4\r\n", "close\r\n\r\n"}},
        {"a field that would split the reply",
         "GET /bad HTTP/1.1\r\n" HOST CLOSE "\r\n",
         {"500 Internal Server Error", NULL}},
        {"HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", {"200 OK", "Connection: close\r\n", "hello"}},
        {"bad framing closes",
         "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\n\r\n",
         {"400 Bad Request", "Connection: close\r\n", NULL}},
        {"bad chunk in a body",
         "POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
         "\r\nzz\r\n",
         {"400 Bad Request", "Connection: close\r\n", NULL}},
        {"HTTP/2 preface",
         "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
         {"505 HTTP Version Not Supported", NULL}},
    };
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_reconnect(&b);
        bench_say(&b, rows[i].request);
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(rows[i].row,
                  bench_times(&b, "HTTP/1.1 ") == (bench_has(&b, "100 Continue") ? 2 : 1));
        CHECK_ROW(rows[i].row, !bench_has(&b, "Set-Cookie"));
        for (size_t k = 0; k < 3 && rows[i].expected[k] != NULL; k++)
            if (!bench_has(&b, rows[i].expected[k]))
                fail_msg("row '%s': no '%s' in:\n%s", rows[i].row, rows[i].expected[k],
                         buf_text(&b.got));
        bool is_head = str_starts(str_of(rows[i].request), STR("HEAD"));
        CHECK_ROW(rows[i].row, !is_head || str_ends(buf_str(&b.got), STR("\r\n\r\n")));
    }
    bench_end(&b);
}

TEST(a_body_that_breaks_the_rules_tells_the_handler_that_it_is_gone)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "POST /echo HTTP/1.1\r\n" HOST
                  "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n+1\r\n");
    UNTIL(b.loop, b.has_ended);
    CHECK(b.gone == 1 && bench_has(&b, "400 Bad Request"));
    bench_end(&b);
}

TEST(pipelined_requests_are_answered_in_order_also_octet_by_octet)
{
    static const char three[] =
        "GET / HTTP/1.1\r\n" HOST "\r\n"
        "POST /echo HTTP/1.1\r\n" HOST
        "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "GET /items/3 HTTP/1.1\r\n" HOST CLOSE "\r\n"
        "GET / HTTP/1.1\r\n" HOST "\r\n"; /* behind close: not answered */
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    for (unsigned by_octets = 0; by_octets < 2; by_octets++) {
        bench_reconnect(&b);
        for (size_t i = 0; by_octets && i < sizeof three - 1; i++) {
            stream_write(b.client, str_bytes(three + i, 1));
            loop_turn(b.loop, 0);
        }
        if (!by_octets)
            bench_say(&b, three);
        UNTIL(b.loop, b.has_ended);
        struct str got = buf_str(&b.got);
        size_t first = str_find(got, STR("hello")), second = str_find(got, STR("\r\n\r\nabc")),
               third = str_find(got, STR("id=3"));
        CHECK(first < second && second < third && third < got.len);
        CHECK(bench_times(&b, "HTTP/1.1 200") == 3);
    }
    bench_end(&b);
}

TEST(a_reply_may_come_later_and_the_next_request_waits_for_it)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    bench_say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.held != NULL);
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 1);
    CHECK(b.calls == 1 && b.got.len == 0);
    http_reply_text(b.held, 200, "text/plain", STR("late"));
    UNTIL(b.loop, b.has_ended);
    CHECK(b.calls == 2 && b.gone == 0);
    CHECK(bench_has(&b, "late") && bench_has(&b, "hello"));
    bench_end(&b);
}

CHECK_MAIN
