/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/http/server.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

enum { UPLOAD_IN_MEMORY = 5 };

/* A server on loopback with one client that sends what the test says, octet for octet. */
struct bench {
    struct loop *loop;
    struct http_server *server;
    struct metrics *metrics;
    struct stream *client;
    struct buf got;
    uint64_t got_total;
    bool has_ended, is_drained, keeps_nothing;
    struct http_request *held; /* by /later */
    unsigned gone, calls, pull_ends;
    size_t pulled;
    uint64_t file_size;
    char body[64];
    struct sink broken_sink;
};

static void answer_hello(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->calls++;
    http_reply_text(r, 200, "text/plain", STR("hello"));
}

static void answer_param(void *ctx, struct http_request *r)
{
    struct error e = {0};
    AUTO_BUF text = BUF(1024);
    (void)ctx;
    struct str q = http_query(r, "q");
    CHECK_OK(buf_addf(&text, &e, "id=%.*s q=%.*s tag=%d", STR_ARG(http_param(r, "id")), STR_ARG(q),
                      http_route(r)->tag),
             e);
    http_reply_text(r, 200, "text/plain", buf_str(&text));
}

static void on_gone(void *ctx)
{
    struct bench *b = ctx;
    b->gone++;
    b->held = NULL;
}

static void answer_later(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->calls++;
    b->held = r;
    http_on_gone(r, on_gone, b);
}

static void echo_body(void *ctx, struct http_request *r, const struct error *e)
{
    (void)ctx;
    if (e != NULL)
        http_fail(r, http_status_for(e->kind), e);
    else
        http_reply_text(r, 200, "text/plain", http_body(r));
}

static void answer_echo(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->calls++;
    http_on_gone(r, on_gone, b);
    http_body_to_buf(r, echo_body, b);
}

static void have_file(void *ctx, struct http_request *r, const struct error *e)
{
    struct bench *b = ctx;
    struct error ignored = {0};
    uint64_t size = 0;
    if (e != NULL) {
        http_fail(r, 500, e);
        return;
    }
    bool is_file = http_body_fd(r) != -1;
    if (is_file)
        CHECK_OK(sys_file_size(http_body_fd(r), &size, &ignored), ignored);
    CHECK(size + http_body(r).len == http_body_size(r));
    b->file_size = size;
    http_reply_text(r, 201, "text/plain", is_file ? STR("stored") : http_body(r));
}

static void answer_upload(void *ctx, struct http_request *r)
{
    struct error e = {0};
    if (!http_body_to_file(r, "/tmp", UPLOAD_IN_MEMORY, have_file, ctx, &e))
        http_fail(r, 503, &e);
}

static bool refuse_octets(struct sink *s, struct str octets, struct error *e)
{
    (void)s, (void)octets;
    return error_set(e, ERROR_RETRY, "the disk is full");
}

static void answer_full_disk(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->broken_sink = (struct sink){refuse_octets, NULL};
    http_body_to_sink(r, &b->broken_sink, echo_body, b);
}

static void answer_file(void *ctx, struct http_request *r)
{
    struct error e = {0};
    int fd = -1;
    (void)ctx;
    static const struct http1_field field = {STR_INIT("ETag"), STR_INIT("\"1\"")};
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("0123456789"), &e), e);
    struct http_reply reply = {.status = 206,
                               .content_type = STR("text/plain"),
                               .fields = {&field, 1},
                               .file = {fd, 3, 4},
                               .file_is_set = true};
    http_reply(r, &reply);
}

enum { PULL_TOTAL = 3 * 1000 * 1000 };

static bool pull_some(void *ctx, struct buf *out, bool *more, struct error *e)
{
    struct bench *b = ctx;
    char *room;
    size_t n = PULL_TOTAL - b->pulled < 10000 ? PULL_TOTAL - b->pulled : 10000;
    if (!buf_room(out, n, &room, e))
        return false;
    memset(room, 'p', n);
    buf_grew(out, n);
    b->pulled += n;
    *more = b->pulled < PULL_TOTAL;
    return true;
}

static void pull_over(void *ctx)
{
    struct bench *b = ctx;
    b->pull_ends++;
}

static void answer_pull(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->pulled = 0;
    struct http_reply reply = {.status = 200,
                               .content_type = STR("text/plain"),
                               .pull = pull_some,
                               .pull_end = pull_over,
                               .pull_ctx = b};
    http_reply(r, &reply);
}

static void answer_bad_field(void *ctx, struct http_request *r)
{
    static const struct http1_field field = {STR_INIT("X"), STR_INIT("a\r\nSet-Cookie: b")};
    struct http_reply reply = {.status = 200, .fields = {&field, 1}};
    (void)ctx;
    http_reply(r, &reply);
}

static const struct http_route routes[] = {
    {"GET", "/", answer_hello, 0, NULL, 0},
    {"GET", "/items/{id}", answer_param, 0, NULL, 7},
    {"DELETE", "/items/{id}", answer_param, 0, NULL, 8},
    {"GET", "/items/{id}/parts/{part}", answer_param, 0, NULL, 9},
    {"GET", "/later", answer_later, 0, NULL, 0},
    {"POST", "/echo", answer_echo, 20, "text/plain|application/json", 0},
    {"PUT|POST", "/upload", answer_upload, 1 << 30, NULL, 0},
    {"POST", "/full", answer_full_disk, 100, NULL, 0},
    {"GET", "/file", answer_file, 0, NULL, 0},
    {"GET", "/pull", answer_pull, 0, NULL, 0},
    {"GET", "/bad", answer_bad_field, 0, NULL, 0},
    {0},
};

static void on_read(void *ctx)
{
    struct bench *b = ctx;
    struct error e = {0};
    struct str octets;
    while ((octets = stream_peek(b->client)).len > 0) {
        b->got_total += octets.len;
        if (!b->keeps_nothing)
            CHECK_OK(buf_add(&b->got, octets, &e), e);
        stream_consume(b->client, octets.len);
    }
}

static void on_end(void *ctx, const struct error *e)
{
    struct bench *b = ctx;
    (void)e;
    b->has_ended = true;
}

static void reconnect(struct bench *b)
{
    static const struct stream_events events = {NULL, on_read, NULL, on_end};
    struct error e = {0};
    stream_free(b->client);
    buf_clear(&b->got);
    b->has_ended = false;
    struct stream_connect_config to = {.address = http_server_address(b->server)};
    CHECK_OK(stream_connect(b->loop, &to, &b->client, &e), e);
    stream_listen(b->client, &events, b);
}

static void bench_start(struct bench *b, struct http_server_config config)
{
    struct error e = {0};
    *b = (struct bench){.loop = loop_new(), .metrics = metrics_new()};
    b->got = BUF(8 << 20);
    config.listen.address = STR("127.0.0.1:0");
    config.routes = routes;
    config.ctx = b;
    config.metrics = b->metrics;
    CHECK_OK(http_server_new(b->loop, &config, &b->server, &e), e);
    reconnect(b);
}

static void bench_end(struct bench *b)
{
    stream_free(b->client);
    http_server_free(b->server);
    loop_free(b->loop);
    metrics_free(b->metrics);
    buf_release(&b->got);
}

static bool has(const struct bench *b, const char *text)
{
    struct str got = buf_str(&b->got);
    return str_find(got, str_of(text)) < got.len;
}

static void say(struct bench *b, const char *text)
{
    stream_write(b->client, str_of(text));
}

/* How often `text` came. */
static unsigned times(const struct bench *b, const char *text)
{
    struct str rest = buf_str(&b->got);
    unsigned n = 0;
    for (size_t at; (at = str_find(rest, str_of(text))) < rest.len; n++)
        rest = str_from(rest, at + 1);
    return n;
}

#define HOST  "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"

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
        reconnect(&b);
        say(&b, rows[i].request);
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(rows[i].row, times(&b, "HTTP/1.1 ") == (has(&b, "100 Continue") ? 2 : 1));
        CHECK_ROW(rows[i].row, !has(&b, "Set-Cookie"));
        for (size_t k = 0; k < 3 && rows[i].expected[k] != NULL; k++)
            if (!has(&b, rows[i].expected[k]))
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
    say(&b, "POST /echo HTTP/1.1\r\n" HOST
            "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n+1\r\n");
    UNTIL(b.loop, b.has_ended);
    CHECK(b.gone == 1 && has(&b, "400 Bad Request"));
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
        reconnect(&b);
        for (size_t i = 0; by_octets && i < sizeof three - 1; i++) {
            stream_write(b.client, str_bytes(three + i, 1));
            loop_turn(b.loop, 0);
        }
        if (!by_octets)
            say(&b, three);
        UNTIL(b.loop, b.has_ended);
        struct str got = buf_str(&b.got);
        size_t first = str_find(got, STR("hello")), second = str_find(got, STR("\r\n\r\nabc")),
               third = str_find(got, STR("id=3"));
        CHECK(first < second && second < third && third < got.len);
        CHECK(times(&b, "HTTP/1.1 200") == 3);
    }
    bench_end(&b);
}

TEST(a_reply_may_come_later_and_the_next_request_waits_for_it)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.held != NULL);
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 1);
    CHECK(b.calls == 1 && b.got.len == 0);
    http_reply_text(b.held, 200, "text/plain", STR("late"));
    UNTIL(b.loop, b.has_ended);
    CHECK(b.calls == 2 && b.gone == 0);
    CHECK(has(&b, "late") && has(&b, "hello"));
    bench_end(&b);
}

TEST(a_peer_that_leaves_while_the_handler_thinks_is_gone_once)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\n");
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
        reconnect(&b);
        int64_t begin_ms = clock_monotonic_ms();
        say(&b, rows[i].first);
        while (!b.has_ended && clock_monotonic_ms() < begin_ms + 5000) {
            loop_turn(b.loop, 5);
            say(&b, rows[i].more);
        }
        CHECK_ROW(rows[i].row, b.has_ended);
        CHECK_ROW(rows[i].row, clock_monotonic_ms() - begin_ms < 3000);
        CHECK_ROW(rows[i].row,
                  rows[i].expected == NULL ? b.got.len == 0 : has(&b, rows[i].expected));
    }
    CHECK(b.gone == 1);
    bench_end(&b);
}

TEST(a_generated_body_waits_for_its_reader_and_ends_its_source_once)
{
    struct bench b;
    bench_start(&b, (struct http_server_config){0});
    stream_pause(b.client, true);
    say(&b, "GET /pull HTTP/1.1\r\n" HOST CLOSE "\r\n");
    for (unsigned i = 0; i < 50; i++)
        loop_turn(b.loop, 1);
    CHECK(b.pulled > 0);
    b.keeps_nothing = true;
    stream_pause(b.client, false);
    UNTIL(b.loop, b.has_ended);
    CHECK(b.pulled == PULL_TOTAL && b.pull_ends == 1);
    CHECK(b.got_total > PULL_TOTAL);
    reconnect(&b); /* and one that leaves in the middle */
    stream_set_read_mark(b.client, 1000);
    stream_pause(b.client, true);
    say(&b, "GET /pull HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.pulled > 0 && b.pulled < PULL_TOTAL);
    stream_free(b.client);
    b.client = NULL;
    UNTIL(b.loop, b.pull_ends == 2);
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
        {"it does not say", "Transfer-Encoding: chunked", "1\r\nx\r\n0\r\n\r\n",
         "\r\n\r\nstored"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        char text[256];
        bench_start(&b, (struct http_server_config){0});
        snprintf(text, sizeof text, "POST /upload HTTP/1.1\r\n" HOST CLOSE "%s\r\n\r\n%s",
                 rows[i].length, rows[i].body);
        say(&b, text);
        UNTIL(b.loop, b.has_ended);
        CHECK_ROW(rows[i].row, has(&b, "201 Created") && has(&b, rows[i].expected));
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
    say(&b, head);
    long before_kib = rss_kib();
    for (size_t sent = 0; sent < TOTAL;) {
        if (stream_unsent(b.client) < PIECE) {
            stream_write(b.client, buf_str(&piece));
            sent += PIECE;
        }
        loop_turn(b.loop, 10);
    }
    UNTIL(b.loop, b.has_ended);
    CHECK(has(&b, "201 Created") && b.file_size == TOTAL);
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
    say(&b, "GET /later HTTP/1.1\r\n" HOST "\r\n");
    UNTIL(b.loop, b.held != NULL);
    http_server_drain(b.server, on_drained, &b);
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 1);
    CHECK(!b.is_drained);
    http_reply_text(b.held, 200, "text/plain", STR("last"));
    UNTIL(b.loop, b.is_drained && b.has_ended);
    CHECK(has(&b, "last") && has(&b, "Connection: close\r\n"));
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
        reconnect(&b);
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
    say(&b, "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST
            "\r\nGET /x HTTP/1.1\r\n" HOST CLOSE "\r\n");
    UNTIL(b.loop, b.has_ended);
    buf_clear(&b.got);
    CHECK_OK(metrics_write(b.metrics, &b.got, &e), e);
    CHECK(has(&b, "http_requests_total{server=\"api\",status=\"200\"} 2\n"));
    CHECK(has(&b, "http_requests_total{server=\"api\",status=\"404\"} 1\n"));
    CHECK(has(&b, "http_request_seconds_count{server=\"api\"} 3\n"));
    CHECK(str_ends(buf_str(&b.got), STR("# EOF\n")));
    bench_end(&b);
}

CHECK_MAIN
