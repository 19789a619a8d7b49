/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/server.h"

#include <stdio.h>

#include "runtime/base/mem.h"
#include "runtime/http/server_private.h"
#include "runtime/log/log.h"

enum {
    CONNECTIONS_MAX = 1000,
    HEAD_MS = 10 * 1000,
    IDLE_MS = 60 * 1000,
    BODY_MS = 30 * 1000,
    BODY_RATE = 1024,
    REPLY_MS = 120 * 1000,
};

static void feed(struct connection *c);

static void observe(struct connection *c)
{
    struct http_server *s = c->server;
    const struct http1_head *head = http1_head(c->reader);
    int64_t took_ms = loop_now_ms(s->loop) - c->begin_ms;
    char labels[128];
    if (s->config.metrics != NULL && c->status < 600) {
        struct metric **m = &s->by_status[c->status];
        (void)snprintf(labels, sizeof labels, "server=\"%s\",status=\"%u\"", s->config.metrics_name,
                       c->status);
        if (*m == NULL)
            *m = metrics_counter(s->config.metrics, "http_requests", labels, "Requests answered.");
        metric_add(*m, 1);
        metric_observe(s->seconds, (double)took_ms / 1000);
    }
    if (s->config.log_requests)
        log_info(NULL, "http.served", KV_STR("peer", stream_peer(c->stream)),
                 KV_STR("method", c->has_head ? head->method : STR_NONE),
                 KV_STR("path", c->has_head ? head->path : STR_NONE), KV_U64("status", c->status),
                 KV_U64("octets_in", c->received), KV_U64("octets_out", c->queued),
                 KV_I64("ms", took_ms));
}

static void arm(struct connection *c, int64_t wait_ms)
{
    loop_timer_set(c->timer, c->since_ms + wait_ms);
}

void connection_enter(struct connection *c, enum connection_state state)
{
    const struct http_server_config *config = &c->server->config;
    c->state = state;
    c->since_ms = loop_now_ms(c->server->loop);
    switch (state) {
    case CONNECTION_IDLE:
        c->has_head = false;
        arm(c, config->idle_ms);
        break;
    case CONNECTION_HEAD:
        c->begin_ms = c->since_ms;
        c->received = c->queued = 0;
        arm(c, config->head_ms);
        break;
    case CONNECTION_THINKING:
        arm(c, config->reply_ms);
        break;
    case CONNECTION_BODY:
    case CONNECTION_REPLYING:
        arm(c, config->body_ms);
        break;
    case CONNECTION_CLOSED:
        loop_timer_clear(c->timer);
        break;
    }
}

static void tell_drained(void *ctx)
{
    struct http_server *s = ctx;
    s->draining = NULL;
    loop_fn *drained = s->drained;
    s->drained = NULL;
    if (drained != NULL)
        drained(s->drained_ctx);
}

static void connection_free(void *ctx)
{
    struct connection *c = ctx;
    http1_free(c->reader);
    loop_timer_free(c->timer);
    mem_free(c);
}

static void forget(struct connection *c)
{
    struct http_server *s = c->server;
    request_end(c, true);
    connection_drop_pull(c);
    connection_enter(c, CONNECTION_CLOSED);
    loop_cancel(c->soon);
    c->soon = NULL;
    if (c->before == NULL)
        s->first = c->after;
    else
        c->before->after = c->after;
    if (c->after != NULL)
        c->after->before = c->before;
    s->connections--;
    metric_set(s->open, s->connections);
    loop_defer(s->loop, connection_free, c);
    if (s->is_draining && s->connections == 0 && s->draining == NULL)
        s->draining = loop_defer(s->loop, tell_drained, s);
}

void connection_close(struct connection *c)
{
    if (c->state == CONNECTION_CLOSED)
        return;
    struct stream *stream = c->stream;
    forget(c);
    stream_close(stream);
}

static void cut(struct connection *c)
{
    struct stream *stream = c->stream;
    forget(c);
    stream_free(stream);
}

static void on_soon(void *ctx)
{
    struct connection *c = ctx;
    c->soon = NULL;
    feed(c);
}

void connection_feed_soon(struct connection *c)
{
    if (c->soon == NULL && c->state != CONNECTION_CLOSED)
        c->soon = loop_defer(c->server->loop, on_soon, c);
}

void connection_reply_done(struct connection *c)
{
    observe(c);
    request_end(c, false);
    if (c->must_close || c->server->is_draining) {
        connection_close(c);
        return;
    }
    connection_enter(c, CONNECTION_IDLE);
    if (stream_peek(c->stream).len > 0)
        connection_feed_soon(c);
}

/* At least body_rate octets a second once body_ms are over; looked at when the timer fires. */
static bool is_fast_enough(struct connection *c, uint64_t octets)
{
    const struct http_server_config *config = &c->server->config;
    int64_t allowed_ms = config->body_ms + (int64_t)(octets / config->body_rate * 1000);
    if (loop_now_ms(c->server->loop) - c->since_ms >= allowed_ms)
        return false;
    arm(c, allowed_ms);
    return true;
}

/* What is unsent may be the head as well. */
static uint64_t sent_of_body(const struct connection *c)
{
    uint64_t unsent = stream_unsent(c->stream);
    return unsent < c->queued ? c->queued - unsent : 0;
}

static void on_timeout(void *ctx)
{
    struct connection *c = ctx;
    struct error e = {0};
    switch (c->state) {
    case CONNECTION_IDLE:
        connection_close(c);
        break;
    case CONNECTION_HEAD:
        error_set(&e, ERROR_REJECT, "the request's head took too long");
        connection_refuse(c, 408, &e);
        break;
    case CONNECTION_BODY:
        error_set(&e, ERROR_REJECT, "the request's body came too slowly");
        if (!is_fast_enough(c, c->received))
            connection_refuse(c, 408, &e);
        break;
    case CONNECTION_THINKING:
        error_set(&e, ERROR_RETRY, "no answer in time");
        connection_refuse(c, 503, &e);
        break;
    case CONNECTION_REPLYING:
        if (!is_fast_enough(c, sent_of_body(c)))
            cut(c);
        break;
    case CONNECTION_CLOSED:
        break;
    }
}

/* Hands one piece of input to the reader. False: nothing more to do now. */
static bool feed_piece(struct connection *c)
{
    struct str octets = stream_peek(c->stream), rest = octets, body;
    struct error e = {0};
    if (octets.len > 0 && c->state == CONNECTION_IDLE)
        connection_enter(c, CONNECTION_HEAD);
    enum http1_event event = http1_next(c->reader, &rest, &body, &e);
    switch (event) {
    case HTTP1_MORE:
        break;
    case HTTP1_HEAD:
        c->has_head = true;
        connection_on_head(c);
        break;
    case HTTP1_BODY:
        connection_on_body(c, body);
        break;
    case HTTP1_END:
        connection_on_whole(c);
        break;
    case HTTP1_REFUSED:
        connection_refuse(c, http1_status(c->reader), &e);
        return false;
    }
    if (c->state != CONNECTION_CLOSED)
        stream_consume(c->stream, octets.len - rest.len);
    return event != HTTP1_MORE || (rest.len == 0 && octets.len > 0);
}

/* Reads while a request is being read; what is behind it waits in the stream. */
static void feed(struct connection *c)
{
    if (c->is_feeding)
        return;
    c->is_feeding = true;
    bool more = true;
    while (more && c->state <= CONNECTION_BODY)
        more = feed_piece(c);
    c->is_feeding = false;
}

static void on_read(void *ctx)
{
    feed(ctx);
}

static void on_written(void *ctx)
{
    struct connection *c = ctx;
    if (c->state != CONNECTION_REPLYING)
        return;
    if (c->pull != NULL)
        connection_pump(c);
    else if (stream_unsent(c->stream) == 0)
        connection_reply_done(c);
}

static void on_end(void *ctx, const struct error *e)
{
    struct connection *c = ctx;
    if (e != NULL && c->state != CONNECTION_IDLE)
        log_debug(NULL, "http.connection_broke", KV_STR("peer", stream_peer(c->stream)),
                  KV_ERROR(e));
    cut(c);
}

static void on_accepted(void *ctx, struct stream *stream)
{
    static const struct stream_events events = {NULL, on_read, on_written, on_end};
    struct http_server *s = ctx;
    struct connection *c = mem_new(sizeof *c);
    c->server = s;
    c->stream = stream;
    c->reader = http1_new(&s->config.limits);
    c->timer = loop_timer_new(s->loop, on_timeout, c);
    c->after = s->first;
    if (s->first != NULL)
        s->first->before = c;
    s->first = c;
    s->connections++;
    metric_set(s->open, s->connections);
    stream_listen(stream, &events, c);
    connection_enter(c, CONNECTION_IDLE);
}

static void fill_config(struct http_server_config *c)
{
    if (c->limits.head_max == 0)
        c->limits = HTTP1_LIMITS;
    c->connections_max = c->connections_max ? c->connections_max : CONNECTIONS_MAX;
    c->head_ms = c->head_ms ? c->head_ms : HEAD_MS;
    c->idle_ms = c->idle_ms ? c->idle_ms : IDLE_MS;
    c->body_ms = c->body_ms ? c->body_ms : BODY_MS;
    c->body_rate = c->body_rate ? c->body_rate : BODY_RATE;
    c->reply_ms = c->reply_ms ? c->reply_ms : REPLY_MS;
    c->metrics_name = c->metrics_name ? c->metrics_name : "http";
    c->listen.streams_max = c->connections_max;
}

static void register_metrics(struct http_server *s)
{
    static const double bounds[] = {0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60};
    char labels[128];
    if (s->config.metrics == NULL)
        return;
    (void)snprintf(labels, sizeof labels, "server=\"%s\"", s->config.metrics_name);
    s->open = metrics_gauge(s->config.metrics, "http_connections", labels, "Open connections.");
    s->seconds = metrics_histogram(s->config.metrics, "http_request_seconds", labels,
                                   "From a request's first octet to its reply's last.", bounds,
                                   sizeof bounds / sizeof bounds[0]);
}

bool http_server_new(struct loop *loop, const struct http_server_config *config,
                     struct http_server **out, struct error *e)
{
    struct http_server *s = mem_new(sizeof *s);
    s->loop = loop;
    s->config = *config;
    fill_config(&s->config);
    if (!stream_listener_new(loop, &s->config.listen, on_accepted, s, &s->listener, e)) {
        mem_free(s);
        return false;
    }
    (void)snprintf(s->address, sizeof s->address, "%.*s",
                   STR_ARG(stream_listener_address(s->listener)));
    register_metrics(s);
    *out = s;
    return true;
}

struct str http_server_address(const struct http_server *s)
{
    return str_of(s->address);
}

void http_server_set_tls(struct http_server *s, const struct tls *tls)
{
    if (s->listener != NULL)
        stream_listener_set_tls(s->listener, tls);
}

void http_server_drain(struct http_server *s, loop_fn *drained, void *ctx)
{
    s->is_draining = true;
    s->drained = drained;
    s->drained_ctx = ctx;
    stream_listener_free(s->listener);
    s->listener = NULL;
    for (struct connection *c = s->first, *after; c != NULL; c = after) {
        after = c->after;
        if (c->state == CONNECTION_IDLE)
            connection_close(c);
    }
    if (s->connections == 0 && s->draining == NULL)
        s->draining = loop_defer(s->loop, tell_drained, s);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    s->drained = NULL;
    while (s->first != NULL)
        cut(s->first);
    loop_cancel(s->draining);
    stream_listener_free(s->listener);
    mem_free(s);
}
