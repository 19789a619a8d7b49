/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_server.c */
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/http/server_private.h"

enum { FILE_IN_MEMORY_MAX = 256 * 1024 };

static struct http_request *request_new(struct connection *c)
{
    struct http_request *r = mem_new(sizeof *r);
    r->connection = c;
    r->fd = -1;
    c->request = r;
    return r;
}

void request_end(struct connection *c, bool is_gone)
{
    struct http_request *r = c->request;
    if (r == NULL)
        return;
    c->request = NULL;
    if (is_gone && r->gone != NULL)
        r->gone(r->gone_ctx);
    arena_release(&r->arena);
    buf_release(&r->body);
    sys_close(&r->fd);
    mem_free(r);
}

void connection_refuse(struct connection *c, unsigned status, const struct error *e)
{
    struct http_request *r = c->request;
    if (c->state == CONNECTION_REPLYING || c->state == CONNECTION_CLOSED)
        return;
    c->must_close = true;
    connection_fail(c, r, status, e, (struct http_field_list){0});
    if (r != NULL && r->gone != NULL)
        r->gone(r->gone_ctx);
    if (r != NULL)
        r->gone = NULL;
}

/* The handler has said nothing about a body that is to come. */
static void refuse_unread_body(struct connection *c)
{
    struct error e = {0};
    error_set(&e, ERROR_BUG, "the handler does not read the body");
    connection_refuse(c, 500, &e);
}

static void call_handler(struct connection *c)
{
    const struct http1_head *head = http1_head(c->reader);
    struct http_request *r = c->request;
    if (!head->has_body)
        connection_enter(c, CONNECTION_THINKING);
    r->route->handler(c->server->config.ctx, r);
    if (r->is_replied)
        return;
    if (!head->has_body) {
        connection_on_whole(c);
        return;
    }
    if (!r->wants_body) {
        refuse_unread_body(c);
        return;
    }
    connection_enter(c, CONNECTION_BODY);
    if (head->expects_continue)
        stream_write(c->stream, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

static bool refuse_route(struct connection *c, unsigned status, struct str allow, struct error *e)
{
    const struct http1_field field = {STR("Allow"), allow};
    const struct http_field_list fields = {&field, status == 405 ? 1 : 0};
    if (status == 404)
        error_set(e, ERROR_REJECT, "there is nothing at this path");
    if (status == 405)
        error_set(e, ERROR_REJECT, "this method is not for this path; allowed: %.*s",
                  STR_ARG(allow));
    /* A request without a body is read to its end: the connection may go on. */
    c->must_close = c->must_close || http1_head(c->reader)->has_body;
    connection_fail(c, c->request, status, e, fields);
    return false;
}

static bool find_route(struct connection *c, struct http_request *r)
{
    const struct http1_head *head = http1_head(c->reader);
    struct error e = {0};
    AUTO_BUF allow = BUF(ROUTE_ALLOW_MAX);
    unsigned status = route_find(&r->arena, c->server->config.routes, head, &r->match, &allow, &e);
    if (status == 0 && head->query.len > 0 &&
        !http1_query_read(&r->arena, head->query, &r->query, &e))
        status = 400;
    if (status != 0)
        return refuse_route(c, status, buf_str(&allow), &e);
    r->route = r->match.route;
    return true;
}

static bool check_body(struct connection *c, const struct http_request *r)
{
    const struct http1_head *head = http1_head(c->reader);
    struct error e = {0};
    if (!head->has_body)
        return true;
    if (r->route->body_max == 0 || head->content_length > r->route->body_max) {
        error_set(&e, ERROR_REJECT, "the body is larger than %llu octets",
                  (unsigned long long)r->route->body_max);
        connection_refuse(c, 413, &e);
        return false;
    }
    if (!route_takes_type(r->route, http1_field_of(head, "Content-Type"))) {
        error_set(&e, ERROR_REJECT, "the Content-Type must be %s", r->route->types);
        connection_refuse(c, 415, &e);
        return false;
    }
    return true;
}

void connection_on_head(struct connection *c)
{
    struct http_request *r = request_new(c);
    const struct http1_head *head = http1_head(c->reader);
    c->must_close = !head->keeps_alive;
    if (find_route(c, r) && check_body(c, r))
        call_handler(c);
}

void connection_on_body(struct connection *c, struct str octets)
{
    struct http_request *r = c->request;
    struct error e = {0};
    if (c->state != CONNECTION_BODY || r == NULL)
        return;
    c->received += octets.len;
    if (c->received > r->route->body_max) {
        error_set(&e, ERROR_REJECT, "the body is larger than %llu octets",
                  (unsigned long long)r->route->body_max);
        connection_refuse(c, 413, &e);
        return;
    }
    if (sink_write(r->sink, octets, &e))
        return;
    c->must_close = true; /* the rest of the body is never read */
    connection_enter(c, CONNECTION_THINKING);
    r->done(r->done_ctx, r, &e);
}

void connection_on_whole(struct connection *c)
{
    struct http_request *r = c->request;
    struct error e = {0};
    if (r == NULL || !r->wants_body || r->has_whole_body || r->is_replied)
        return;
    r->has_whole_body = true;
    r->size = c->received;
    if (c->state == CONNECTION_BODY)
        connection_enter(c, CONNECTION_THINKING);
    bool ok = sink_finish(r->sink, &e);
    r->done(r->done_ctx, r, ok ? NULL : &e);
}

void http_body_to_sink(struct http_request *r, struct sink *sink, http_body_done *done, void *ctx)
{
    r->wants_body = true;
    r->sink = sink;
    r->done = done;
    r->done_ctx = ctx;
}

void http_body_to_buf(struct http_request *r, http_body_done *done, void *ctx)
{
    r->body = BUF(r->route->body_max);
    sink_buf_init(&r->own_sink.buf, &r->body);
    http_body_to_sink(r, &r->own_sink.buf.sink, done, ctx);
}

static bool is_at_most(const struct http1_head *head, size_t octets)
{
    return !head->is_chunked && head->content_length <= octets;
}

bool http_body_to_file(struct http_request *r, const char *dir, size_t memory_max,
                       http_body_done *done, void *ctx, struct error *e)
{
    const struct http1_head *head = http_head(r);
    if (is_at_most(head, memory_max)) {
        char *room;
        http_body_to_buf(r, done, ctx);
        return buf_room(&r->body, (size_t)head->content_length, &room, e);
    }
    bool is_small = is_at_most(head, FILE_IN_MEMORY_MAX);
    if (!(is_small ? sys_memory_file(&r->fd, e) : sys_temp_file(dir, &r->fd, e)))
        return false;
    sink_file_init(&r->own_sink.file, r->fd, r->route->body_max);
    http_body_to_sink(r, &r->own_sink.file.sink, done, ctx);
    return true;
}

struct str http_body(const struct http_request *r)
{
    return buf_str(&r->body);
}

int http_body_fd(const struct http_request *r)
{
    return r->fd;
}

uint64_t http_body_size(const struct http_request *r)
{
    return r->size;
}

const struct http1_head *http_head(const struct http_request *r)
{
    return http1_head(r->connection->reader);
}

const struct http_route *http_route(const struct http_request *r)
{
    return r->route;
}

static struct str value_of(const struct http1_field *fields, size_t count, const char *name,
                           struct str otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(fields[i].name, name))
            return fields[i].value;
    return otherwise;
}

struct str http_param(const struct http_request *r, const char *name)
{
    return value_of(r->match.params, r->match.param_count, name, STR(""));
}

struct str http_query(const struct http_request *r, const char *name)
{
    return value_of(r->query.at, r->query.count, name, STR_NONE);
}

const struct http1_query *http_query_all(const struct http_request *r)
{
    return &r->query;
}

struct str http_field(const struct http_request *r, const char *name)
{
    struct str value = http1_field_of(http_head(r), name);
    return value.at == NULL ? STR("") : value;
}

const struct cert *http_peer_cert(const struct http_request *r)
{
    return stream_peer_cert(r->connection->stream);
}

struct str http_peer(const struct http_request *r)
{
    return stream_peer(r->connection->stream);
}

struct arena *http_arena(struct http_request *r)
{
    return &r->arena;
}

void http_on_gone(struct http_request *r, loop_fn *gone, void *ctx)
{
    r->gone = gone;
    r->gone_ctx = ctx;
}
