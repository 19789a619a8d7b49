/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_server.c */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "runtime/base/clock.h"
#include "runtime/base/sys.h"
#include "runtime/http/server_private.h"
#include "runtime/log/log.h"

enum {
    HEAD_MAX = 16 * 1024,
    /* Octets of a pulled body that wait in the stream. As many as a piece: a turn of the loop asks for
     * two pieces at most, which bounds what a source that decrypts does in it to 128 KiB. */
    PULL_AHEAD = HTTP_PULL_PIECE,
    ERROR_BODY_MAX = 64 * 1024,
};

static const char *date_of(struct http_server *s)
{
    int64_t now_s = clock_now_ms() / 1000;
    struct tm tm;
    time_t t = (time_t)now_s;
    if (now_s != s->date_s && gmtime_r(&t, &tm) != NULL) {
        (void)strftime(s->date, sizeof s->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        s->date_s = now_s;
    }
    return s->date;
}

static bool is_name(struct str name)
{
    static const char extra[] = "-_";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_letter && c != extra[0] && c != extra[1])
            return false;
    }
    return name.len > 0;
}

static bool add_fields(struct buf *out, struct http_field_list list, struct error *e)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct http1_field *f = &list.at[i];
        if (!is_name(f->name) || !http1_is_value(f->value))
            return error_set(e, ERROR_BUG, "a reply's field '%.*s' cannot be sent",
                             STR_ARG(str_upto(f->name, 64)));
        if (!buf_addf(out, e, "%.*s: %.*s\r\n", STR_ARG(f->name), STR_ARG(f->value)))
            return false;
    }
    return true;
}

/* RFC 9110 §8.6: no length where there can be no body. */
static bool may_have_body(unsigned status)
{
    return status != 204 && status != 304;
}

static bool add_length(struct connection *c, const struct http_reply *reply, struct buf *out,
                       struct error *e)
{
    uint64_t length = reply->pull != NULL  ? reply->pull_length
                      : reply->file_is_set ? reply->file.length
                                           : reply->body.len;
    if (!may_have_body(reply->status))
        return true;
    if (reply->pull == NULL || reply->pull_has_length)
        return buf_addf(out, e, "Content-Length: %" PRIu64 "\r\n", length);
    return !c->is_chunked || buf_add(out, STR("Transfer-Encoding: chunked\r\n"), e);
}

static bool write_head(struct connection *c, const struct http_reply *reply, struct error *e)
{
    AUTO_BUF out = BUF(HEAD_MAX);
    bool ok = buf_addf(&out, e, "HTTP/1.1 %u %s\r\nDate: %s\r\n", reply->status,
                       http1_reason(reply->status), date_of(c->server)) &&
              (reply->content_type.len == 0 ||
               buf_addf(&out, e, "Content-Type: %.*s\r\n", STR_ARG(reply->content_type))) &&
              add_length(c, reply, &out, e) && add_fields(&out, reply->fields, e) &&
              (!c->must_close || buf_add(&out, STR("Connection: close\r\n"), e)) &&
              buf_add(&out, STR("\r\n"), e);
    if (ok)
        stream_write(c->stream, buf_str(&out));
    return ok;
}

void connection_drop_pull(struct connection *c)
{
    void (*end)(void *ctx) = c->pull_end;
    c->pull = NULL;
    c->pull_end = NULL;
    if (end != NULL)
        end(c->pull_ctx);
}

static void write_piece(struct connection *c, struct str piece, bool is_last)
{
    char line[32];
    int len = snprintf(line, sizeof line, "%zx\r\n", piece.len);
    if (piece.len > 0) {
        if (c->is_chunked)
            stream_write(c->stream, str_bytes(line, (size_t)len));
        stream_write(c->stream, piece);
        if (c->is_chunked)
            stream_write(c->stream, STR("\r\n"));
        c->queued += piece.len;
    }
    if (is_last && c->is_chunked)
        stream_write(c->stream, STR("0\r\n\r\n"));
}

/* The next piece; it keeps to the length that was announced. */
static bool pull_piece(struct connection *c, struct buf *piece, bool *more, struct error *e)
{
    if (!c->pull(c->pull_ctx, piece, more, e))
        return false;
    if (!c->has_length)
        return true;
    if (piece->len > c->pull_left || (!*more && piece->len < c->pull_left))
        return error_set(e, ERROR_BUG, "the body is not as long as its head said");
    c->pull_left -= piece->len;
    return true;
}

void connection_pump(struct connection *c)
{
    struct error e = {0};
    AUTO_BUF piece = BUF(HTTP_PULL_PIECE);
    while (c->pull != NULL && stream_unsent(c->stream) < PULL_AHEAD) {
        bool more = false;
        buf_clear(&piece);
        if (!pull_piece(c, &piece, &more, &e)) {
            log_warning(NULL, "http.reply_broke_off", KV_STR("peer", stream_peer(c->stream)),
                        KV_ERROR(&e));
            /* The peer must not take it for whole: the connection is cut in the next turn. */
            stream_set_deadline(c->stream, loop_now_ms(c->server->loop), "reply");
            connection_drop_pull(c);
            return;
        }
        if (piece.len == 0 && more)
            return; /* it waits: http_pull_resume() */
        write_piece(c, buf_str(&piece), !more);
        if (!more) {
            stream_set_low_mark(c->stream, 0);
            connection_drop_pull(c);
        }
    }
}

/* A struct http_pulling is a connection that has a pull. */
void http_pull_resume(struct http_pulling *p)
{
    connection_pump((struct connection *)(void *)p);
}

static void begin_pull(struct connection *c, const struct http_reply *reply)
{
    c->pull = reply->pull;
    c->pull_end = reply->pull_end;
    c->pull_ctx = reply->pull_ctx;
    c->has_length = reply->pull_has_length;
    c->pull_left = reply->pull_length;
    stream_set_low_mark(c->stream, PULL_AHEAD / 2);
    if (reply->pull_begin != NULL)
        reply->pull_begin(c->pull_ctx, (struct http_pulling *)(void *)c);
    connection_pump(c);
}

static void drop_body(const struct http_reply *reply)
{
    int fd = reply->file_is_set ? reply->file.fd : -1;
    sys_close(&fd);
    if (reply->pull != NULL && reply->pull_end != NULL)
        reply->pull_end(reply->pull_ctx);
}

static void write_body(struct connection *c, const struct http_reply *reply)
{
    bool is_head = c->has_head && str_is(http1_head(c->reader)->method, "HEAD");
    if (is_head || !may_have_body(reply->status)) {
        drop_body(reply);
    } else if (reply->pull != NULL) {
        begin_pull(c, reply);
    } else if (reply->file_is_set) {
        c->queued = reply->file.length;
        stream_write_file(c->stream, reply->file.fd, reply->file.offset, reply->file.length);
    } else {
        c->queued = reply->body.len;
        stream_write(c->stream, reply->body);
    }
}

void connection_reply(struct connection *c, const struct http_reply *reply)
{
    struct error e = {0};
    struct http_request *r = c->request;
    const struct http1_head *head = http1_head(c->reader);
    if (c->state == CONNECTION_REPLYING || c->state == CONNECTION_CLOSED) {
        drop_body(reply);
        return;
    }
    if (r != NULL)
        r->is_replied = true;
    bool is_read = c->has_head && (!head->has_body || (r != NULL && r->has_whole_body));
    c->must_close = c->must_close || reply->close || !is_read || c->server->is_draining;
    c->is_chunked = c->has_head && head->minor == 1 && !reply->pull_has_length;
    if (reply->pull != NULL && !c->is_chunked && !reply->pull_has_length)
        c->must_close = true; /* HTTP/1.0: the end of the connection ends the body */
    c->status = reply->status;
    c->queued = 0;
    connection_enter(c, CONNECTION_REPLYING);
    if (write_head(c, reply, &e)) {
        write_body(c, reply);
        return;
    }
    log_error(NULL, "http.bad_reply", KV_ERROR(&e));
    drop_body(reply);
    c->must_close = true;
    stream_write(c->stream, STR("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n"
                                "Connection: close\r\n\r\n"));
}

static void write_plain_error(unsigned status, const struct error *e, struct buf *body,
                              struct http_reply *reply)
{
    struct error ignored = {0};
    reply->content_type = STR("text/plain; charset=utf-8");
    if (!buf_addf(body, &ignored, "%u %s: %s\n", status, http1_reason(status), e->text))
        buf_clear(body);
}

void connection_fail(struct connection *c, struct http_request *r, unsigned status,
                     const struct error *e, struct http_field_list fields)
{
    AUTO_BUF body = BUF(ERROR_BODY_MAX);
    struct http_reply reply = {.status = status, .fields = fields};
    if (c->server->config.error_writer != NULL)
        c->server->config.error_writer(c->server->config.ctx, r, status, e, &body, &reply);
    else
        write_plain_error(status, e, &body, &reply);
    reply.body = buf_str(&body);
    connection_reply(c, &reply);
}

void http_reply(struct http_request *r, const struct http_reply *reply)
{
    r->gone = NULL;
    connection_reply(r->connection, reply);
}

void http_reply_text(struct http_request *r, unsigned status, const char *content_type,
                     struct str body)
{
    struct http_reply reply = {
        .status = status, .content_type = str_of(content_type), .body = body};
    http_reply(r, &reply);
}

void http_fail(struct http_request *r, unsigned status, const struct error *e)
{
    r->gone = NULL;
    connection_fail(r->connection, r, status, e, (struct http_field_list){0});
}

unsigned http_status_for(enum error_kind kind)
{
    switch (kind) {
    case ERROR_NONE:
        return 200;
    case ERROR_RETRY:
        return 503;
    case ERROR_REJECT:
        return 400;
    case ERROR_DENY:
        return 403;
    case ERROR_BUG:
        break;
    }
    return 500;
}
