/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/runtime/http/client_bench.h"

#include <unistd.h>

#include "runtime/base/sys.h"
#include "tests/unit/runtime/loop/world.h"

void bench_answered(void *ctx, const struct http_answer *a, const struct error *e)
{
    struct outcome *o = ctx;
    struct error ignored = {0};
    o->done++;
    if (a == NULL) {
        o->why = *e;
        return;
    }
    o->status = a->status;
    o->is_new = a->is_new_connection;
    o->size = a->body_size;
    o->body = BUF(1 << 20);
    CHECK_OK(buf_add(&o->body, a->body, &ignored), ignored);
    snprintf(o->type, sizeof o->type, "%.*s", STR_ARG(a->content_type));
    snprintf(o->retry_after, sizeof o->retry_after, "%.*s", STR_ARG(a->retry_after));
    snprintf(o->last_modified, sizeof o->last_modified, "%.*s", STR_ARG(a->last_modified));
}

static void answer_about(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    struct error e = {0};
    AUTO_BUF text = BUF(1024);
    static const struct http1_field fields[] = {
        {STR_INIT("Retry-After"), STR_INIT("17")},
        {STR_INIT("Last-Modified"), STR_INIT("Fri, 20 Nov 2026 10:00:00 GMT")}};
    b->requests++;
    CHECK_OK(buf_addf(&text, &e, "%.*s expect=%.*s x=%.*s cert=%d", STR_ARG(http_head(r)->method),
                      STR_ARG(http_field(r, "Expect")), STR_ARG(http_field(r, "X")),
                      http_peer_cert(r) != NULL),
             e);
    struct http_reply reply = {.status = 200,
                               .content_type = STR("text/x-about"),
                               .fields = {fields, 2},
                               .body = buf_str(&text)};
    http_reply(r, &reply);
}

static void sum_up(void *ctx, struct http_request *r, const struct error *e)
{
    struct error ignored = {0};
    AUTO_BUF text = BUF(1024);
    (void)ctx;
    char first[4] = "", last[4] = "";
    CHECK(e == NULL && http_body_size(r) >= 6);
    CHECK_OK(sys_pread_all(http_body_fd(r), first, 3, 0, &ignored), ignored);
    CHECK_OK(sys_pread_all(http_body_fd(r), last, 3, http_body_size(r) - 3, &ignored), ignored);
    CHECK_OK(buf_addf(&text, &ignored, "%llu %s %s %.*s", (unsigned long long)http_body_size(r),
                      first, last, STR_ARG(http_field(r, "Content-Length"))),
             ignored);
    http_reply_text(r, 202, "text/plain", buf_str(&text));
}

static void take_upload(void *ctx, struct http_request *r)
{
    struct error e = {0};
    if (!http_body_to_file(r, "/tmp", 0, sum_up, ctx, &e))
        http_fail(r, 503, &e);
}

static void hold(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->held = r;
}

static void keep_silent(void *ctx, struct http_request *r, const struct error *e)
{
    (void)ctx, (void)r;
    CHECK(e == NULL);
}

static void take_and_keep_silent(void *ctx, struct http_request *r)
{
    http_body_to_buf(r, keep_silent, ctx);
}

static void redirect(void *ctx, struct http_request *r)
{
    static const struct http1_field field = {STR_INIT("Location"), STR_INIT("/about")};
    struct http_reply reply = {.status = 302, .fields = {&field, 1}};
    (void)ctx;
    http_reply(r, &reply);
}

static void answer_large(void *ctx, struct http_request *r)
{
    struct error e = {0};
    int fd = -1;
    (void)ctx;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK(ftruncate(fd, BENCH_LARGE) == 0);
    struct http_reply reply = {.status = 200,
                               .content_type = STR("application/octet-stream"),
                               .file = {fd, 0, BENCH_LARGE},
                               .file_is_set = true};
    http_reply(r, &reply);
}

static const struct http_route routes[] = {
    {"GET|POST|DELETE", "/about", answer_about, 100, NULL, 0},
    {"PUT|POST", "/upload", take_upload, 1 << 30, "application/x-thing", 0},
    {"GET", "/hold", hold, 0, NULL, 0},
    {"POST", "/silence", take_and_keep_silent, 1 << 20, NULL, 0},
    {"GET", "/redirect", redirect, 0, NULL, 0},
    {"GET", "/large", answer_large, 0, NULL, 0},
    {0},
};

static void serve(struct bench *b, const char *who)
{
    struct error e = {0};
    struct http_server_config config = {.routes = routes, .ctx = b};
    config.listen.address = STR("127.0.0.1:0");
    if (who != NULL)
        config.listen.tls = b->server_tls = world_tls(who, true, true);
    CHECK_OK(http_server_new(b->loop, &config, &b->server, &e), e);
    struct str address = http_server_address(b->server);
    snprintf(b->url, sizeof b->url, "%s://localhost%.*s", who == NULL ? "http" : "https",
             STR_ARG(str_from(address, str_find_char(address, ':'))));
}

void bench_start(struct bench *b, const char *server, const char *client)
{
    *b = (struct bench){.loop = loop_new()};
    serve(b, server);
    b->client = http_client_new(b->loop);
    if (server != NULL)
        b->client_tls = world_tls(client, false, true);
    struct http_peer_config config = {
        .tls = b->client_tls, .may_plain = server == NULL, .connect_ms = 2000, .parallel_max = 2};
    b->peer = http_peer_new(b->client, &config);
}

void bench_end(struct bench *b)
{
    http_peer_free(b->peer);
    http_client_free(b->client);
    http_server_free(b->server);
    stream_free(b->rough_stream);
    stream_listener_free(b->rough);
    loop_free(b->loop);
    tls_free(b->server_tls);
    tls_free(b->client_tls);
}

struct outcome bench_ask(struct bench *b, struct http_ask ask, const char *path)
{
    struct outcome o = {0};
    char url[256];
    snprintf(url, sizeof url, "%s%s", b->url, path);
    ask.url = url;
    ask.answer_max = ask.answer_max ? ask.answer_max : 1 << 20;
    ask.method = ask.method ? ask.method : "GET";
    http_client_ask(b->peer, &ask, bench_answered, &o);
    CHECK(o.done == 0);
    UNTIL(b->loop, o.done == 1);
    return o;
}

void check_answer(struct outcome *o, unsigned status, const char *body)
{
    if (o->status == 0)
        fail_msg("no answer: %s", o->why.text);
    CHECK(o->status == status);
    CHECK_STR(buf_str(&o->body), str_of(body));
    buf_release(&o->body);
}

/* --- the rough peer */

static void on_rough_read(void *ctx)
{
    struct bench *b = ctx;
    struct str octets;
    bool is_whole = false;
    while ((octets = stream_peek(b->rough_stream)).len > 0) {
        is_whole = is_whole || str_find(octets, STR("\r\n\r\n")) < octets.len;
        stream_consume(b->rough_stream, octets.len);
    }
    if (!is_whole)
        return;
    stream_write(b->rough_stream, str_of(b->rough_says));
    if (b->rough_closes) {
        stream_close(b->rough_stream);
        b->rough_stream = NULL;
    }
}

static void on_rough_end(void *ctx, const struct error *e)
{
    struct bench *b = ctx;
    (void)e;
    stream_free(b->rough_stream);
    b->rough_stream = NULL;
}

static void on_rough_accepted(void *ctx, struct stream *s)
{
    static const struct stream_events events = {NULL, on_rough_read, NULL, on_rough_end};
    struct bench *b = ctx;
    stream_free(b->rough_stream);
    b->rough_stream = s;
    stream_listen(s, &events, b);
}

void bench_go_rough(struct bench *b)
{
    struct error e = {0};
    struct stream_listen_config config = {.address = STR("127.0.0.1:0")};
    CHECK_OK(stream_listener_new(b->loop, &config, on_rough_accepted, b, &b->rough, &e), e);
    snprintf(b->url, sizeof b->url, "http://%.*s", STR_ARG(stream_listener_address(b->rough)));
}
