/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/runtime/http/server_bench.h"

#include <string.h>

#include "runtime/base/sys.h"
#include "tests/check.h"

enum { UPLOAD_IN_MEMORY = 5 };

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

static void on_turn_over(void *ctx)
{
    struct bench *b = ctx;
    b->pulled_now = 0;
}

static bool pull_some(void *ctx, struct buf *out, bool *more, struct error *e)
{
    struct bench *b = ctx;
    char *room;
    size_t left = b->pull_total - b->pulled;
    size_t n = left < out->limit ? left : out->limit;
    if (!buf_room(out, n, &room, e))
        return false;
    memset(room, 'p', n);
    buf_grew(out, n);
    b->pulled += n;
    if (b->pulled_now == 0)
        loop_defer(b->loop, on_turn_over, b);
    b->pulled_now += n;
    if (b->pulled_now > b->pulled_most)
        b->pulled_most = b->pulled_now;
    *more = b->pulled < b->pull_total;
    return true;
}

static void go_on(void *ctx)
{
    struct bench *b = ctx;
    if (b->pulling != NULL)
        http_pull_resume(b->pulling);
}

/* Every other call gives nothing, and goes on in a later turn. */
static bool pull_waiting(void *ctx, struct buf *out, bool *more, struct error *e)
{
    struct bench *b = ctx;
    b->has_waited = !b->has_waited;
    *more = true;
    if (!b->has_waited)
        return pull_some(b, out, more, e);
    loop_defer(b->loop, go_on, b);
    return true;
}

static void pull_begins(void *ctx, struct http_pulling *p)
{
    struct bench *b = ctx;
    b->pulling = p;
}

static void pull_over(void *ctx)
{
    struct bench *b = ctx;
    b->pulling = NULL;
    b->pull_ends++;
}

static struct http_reply pull_reply(struct bench *b)
{
    b->pulled = 0;
    return (struct http_reply){.status = 200,
                               .content_type = STR("text/plain"),
                               .pull = pull_some,
                               .pull_end = pull_over,
                               .pull_ctx = b};
}

static void answer_pull(void *ctx, struct http_request *r)
{
    struct http_reply reply = pull_reply(ctx);
    http_reply(r, &reply);
}

/* The tag: how many octets too many it announces. */
static void answer_known_pull(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    struct http_reply reply = pull_reply(b);
    reply.pull_has_length = true;
    reply.pull_length = b->pull_total + (uint64_t)http_route(r)->tag;
    http_reply(r, &reply);
}

static void answer_waiting(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    struct http_reply reply = pull_reply(b);
    reply.pull = pull_waiting;
    reply.pull_begin = pull_begins;
    reply.pull_has_length = true;
    reply.pull_length = b->pull_total;
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
    {"GET", "/pull-known", answer_known_pull, 0, NULL, 0},
    {"GET", "/pull-short", answer_known_pull, 0, NULL, +1},
    {"GET", "/pull-long", answer_known_pull, 0, NULL, -1},
    {"GET", "/pull-waits", answer_waiting, 0, NULL, 0},
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

void bench_reconnect(struct bench *b)
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

void bench_start(struct bench *b, struct http_server_config config)
{
    struct error e = {0};
    *b = (struct bench){
        .loop = loop_new(), .metrics = metrics_new(), .pull_total = BENCH_PULL_TOTAL};
    b->got = BUF(8 << 20);
    config.listen.address = STR("127.0.0.1:0");
    config.routes = routes;
    config.ctx = b;
    config.metrics = b->metrics;
    CHECK_OK(http_server_new(b->loop, &config, &b->server, &e), e);
    bench_reconnect(b);
}

void bench_end(struct bench *b)
{
    stream_free(b->client);
    http_server_free(b->server);
    loop_free(b->loop);
    metrics_free(b->metrics);
    buf_release(&b->got);
}

bool bench_has(const struct bench *b, const char *text)
{
    struct str got = buf_str(&b->got);
    return str_find(got, str_of(text)) < got.len;
}

void bench_say(struct bench *b, const char *text)
{
    stream_write(b->client, str_of(text));
}

/* How often `text` came. */
unsigned bench_times(const struct bench *b, const char *text)
{
    struct str rest = buf_str(&b->got);
    unsigned n = 0;
    for (size_t at; (at = str_find(rest, str_of(text))) < rest.len; n++)
        rest = str_from(rest, at + 1);
    return n;
}
