/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/admin.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

struct bench {
    struct loop *loop;
    struct admin *admin;
    struct stream *client;
    struct buf got;
    bool has_ended, is_failing;
};

static void check(void *ctx, struct json_writer *failing)
{
    struct bench *b = ctx;
    if (b->is_failing)
        json_put_text(failing, NULL, STR("store"));
}

static void on_read(void *ctx)
{
    struct bench *b = ctx;
    struct error e = {0};
    struct str octets;
    while ((octets = stream_peek(b->client)).len > 0) {
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

static void ask(struct bench *b, const char *path)
{
    static const struct stream_events events = {NULL, on_read, NULL, on_end};
    struct error e = {0};
    AUTO_BUF request = BUF(256);
    buf_clear(&b->got);
    b->has_ended = false;
    struct stream_connect_config to = {.address = admin_address(b->admin)};
    CHECK_OK(stream_connect(b->loop, &to, &b->client, &e), e);
    stream_listen(b->client, &events, b);
    CHECK_OK(
        buf_addf(&request, &e, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path), e);
    stream_write(b->client, buf_str(&request));
    UNTIL(b->loop, b->has_ended);
    stream_free(b->client);
}

static bool has(const struct bench *b, const char *text)
{
    return str_find(buf_str(&b->got), str_of(text)) < b->got.len;
}

TEST(an_operator_sees_metrics_life_and_readiness)
{
    struct bench b = {.loop = loop_new(), .got = BUF(1 << 20)};
    struct metrics *m = metrics_new();
    struct error e = {0};
    metric_set(metrics_gauge(m, "queue_length", "", "Jobs."), 5);
    struct admin_config config = {STR("127.0.0.1:0"), m, check, &b};
    CHECK_OK(admin_new(b.loop, &config, &b.admin, &e), e);
    ask(&b, "/metrics");
    CHECK(has(&b, "200 OK") && has(&b, "queue_length 5\n") && has(&b, METRICS_CONTENT_TYPE));
    ask(&b, "/health/live");
    CHECK(has(&b, "200 OK"));
    ask(&b, "/health/ready");
    CHECK(has(&b, "200 OK") && has(&b, "[]"));
    b.is_failing = true;
    ask(&b, "/health/ready");
    CHECK(has(&b, "503 Service Unavailable") && has(&b, "store"));
    ask(&b, "/else");
    CHECK(has(&b, "404 Not Found"));
    admin_free(b.admin);
    metrics_free(m);
    loop_free(b.loop);
    buf_release(&b.got);
}

CHECK_MAIN
