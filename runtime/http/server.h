/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* server.h - the HTTP server: routes, bodies that stream to where the handler says, replies now or
 * later, deadlines that a slow peer cannot stretch. One request at a time per connection, in order;
 * what is pipelined waits. Loop thread only. */
#pragma once

#include "runtime/base/arena.h"
#include "runtime/base/sink.h"
#include "runtime/crypto/cert.h"
#include "runtime/http/http1.h"
#include "runtime/http/metrics.h"
#include "runtime/loop/loop.h"
#include "runtime/loop/stream.h"

struct http_server;
struct http_request; /* from the handler's call until the reply is given or on_gone came */

typedef void http_handler(void *ctx, struct http_request *r);

struct http_route {
    const char *methods; /* "GET" (HEAD comes with it), "POST", "GET|DELETE" */
    const char *path;    /* "/v1/messages/{id}/events": {x} is one segment, read by http_param() */
    /* Called when the head is there. Before it returns it replies, or says where the body goes with
     * http_body_to_*(), or (no body) keeps the request to reply later. */
    http_handler *handler;
    uint64_t body_max; /* octets; 0: no body is taken */
    const char *types; /* media types taken, "a/b|c/d"; NULL: any. Others get 415 */
    int tag;           /* the program's own */
};

struct http_field_list {
    const struct http1_field *at;
    size_t count;
};
struct http_file { /* octets [offset, offset + length) */
    int fd;        /* taken and closed; -1: no file */
    uint64_t offset;
    uint64_t length;
};
/* Gives the next piece of a body that is made while it is sent: at most out's room, which is
 * HTTP_PULL_PIECE; true with *more false at the end. False cuts the connection. It is called at most
 * twice before others have their turn. Nothing given and *more: it waits itself, and says when it goes on
 * by http_pull_resume(). */
enum { HTTP_PULL_PIECE = 64 * 1024 };
typedef bool http_pull(void *ctx, struct buf *out, bool *more, struct error *e);
struct http_pulling; /* a body on its way, until pull_end */
void http_pull_resume(struct http_pulling *p);
struct http_reply {
    unsigned status;
    struct str content_type; /* empty: no body */
    struct http_field_list fields;
    struct str body;       /* copied; or: */
    struct http_file file; /* used where file.fd >= 0 and file_is_set */
    bool file_is_set;
    http_pull *pull; /* or: from this; chunked where its length is not known */
    void (*pull_begin)(void *ctx, struct http_pulling *p); /* may be NULL: it never waits */
    void (*pull_end)(void *ctx);                           /* frees pull_ctx, exactly once */
    void *pull_ctx;
    bool pull_has_length;
    uint64_t
        pull_length; /* octets that pull gives, no more and no fewer: else the connection is cut */
    bool close;      /* the connection, after it */
};
/* Puts the text of an error reply into body and sets reply->content_type; may set fields. Called
 * for what the server refuses itself (r may be NULL: no request was readable; its route is NULL where
 * none was found) and by http_fail(). */
typedef void http_error_writer(void *ctx, struct http_request *r, unsigned status,
                               const struct error *e, struct buf *body, struct http_reply *reply);

struct http_server_config {
    struct stream_listen_config listen;
    const struct http_route *routes; /* ends with a zero row; must outlive the server */
    void *ctx;                       /* for handlers and error_writer */
    http_error_writer *error_writer; /* NULL: text/plain */
    struct http1_limits limits;      /* zero: HTTP1_LIMITS */
    unsigned connections_max;        /* 0: 1000 */
    int64_t head_ms;                 /* from the first octet to the last of a head; 0: 10 s */
    int64_t idle_ms;                 /* between requests; 0: 60 s */
    int64_t body_ms;                 /* grace; the deadline is this + octets / body_rate; 0: 30 s */
    uint32_t body_rate;              /* octets a second, least; also for replies; 0: 1024 */
    int64_t reply_ms;                /* a handler's longest thinking: 503 then; 0: 120 s */
    struct metrics *metrics;         /* may be NULL */
    const char *metrics_name;        /* value of the label "server"; NULL: "http" */
    bool log_requests;               /* one http.served event each */
};
MUST_USE bool http_server_new(struct loop *loop, const struct http_server_config *config,
                              struct http_server **out, struct error *e);
struct str http_server_address(const struct http_server *s);
void http_server_set_tls(struct http_server *s, const struct tls *tls);
/* Takes no connections and closes idle ones; drained(ctx) once all others have had their reply. */
void http_server_drain(struct http_server *s, loop_fn *drained, void *ctx);
void http_server_free(struct http_server *s); /* cuts all; on_gone comes for open requests */

/* --- the request: all borrowed until the reply is given */
const struct http1_head *http_head(const struct http_request *r);
const struct http_route *http_route(const struct http_request *r);
struct str http_param(const struct http_request *r, const char *name); /* decoded; empty: none */
struct str http_query(const struct http_request *r, const char *name); /* decoded; .at NULL: none */
const struct http1_query *http_query_all(const struct http_request *r);
struct str http_field(const struct http_request *r, const char *name); /* "" if not exactly one */
const struct cert *http_peer_cert(const struct http_request *r);       /* NULL: none */
struct str http_peer(const struct http_request *r);
struct arena *http_arena(struct http_request *r); /* freed with the request */

/* The body is whole (e NULL), or the sink refused it; the reply is then still to be given. Where
 * the peer breaks off or breaks the rules, on_gone comes instead. */
typedef void http_body_done(void *ctx, struct http_request *r, const struct error *e);
/* sink must live until done() or on_gone; it is finished before done(). */
void http_body_to_sink(struct http_request *r, struct sink *sink, http_body_done *done, void *ctx);
void http_body_to_buf(struct http_request *r, http_body_done *done, void *ctx);
struct str http_body(const struct http_request *r); /* of what is in memory; empty: in the file */
/* An unlinked file in dir, made before 100 Continue is sent, so a full disk refuses early. A body that
 * says it has at most memory_max octets needs none: it is http_body(). */
MUST_USE bool http_body_to_file(struct http_request *r, const char *dir, size_t memory_max,
                                http_body_done *done, void *ctx, struct error *e);
int http_body_fd(
    const struct http_request *r); /* borrowed, octets 0 to http_body_size(); -1: none */
uint64_t http_body_size(const struct http_request *r);

/* The peer is gone or was cut off: no reply is possible, r ends with this call. */
void http_on_gone(struct http_request *r, loop_fn *gone, void *ctx);
/* Once; r is gone after it. Headers with Content-Length, Date and so on are the server's. */
void http_reply(struct http_request *r, const struct http_reply *reply);
void http_reply_text(struct http_request *r, unsigned status, const char *content_type,
                     struct str body);
void http_fail(struct http_request *r, unsigned status, const struct error *e); /* error_writer */
unsigned http_status_for(enum error_kind kind); /* RETRY 503, REJECT 400, DENY 403, BUG 500 */
