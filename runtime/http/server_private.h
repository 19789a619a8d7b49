/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* server_private.h - one connection and the one request it may have. Within runtime/http only:
 *   server.c          listening, connections, deadlines, drain
 *   server_request.c  from a head to a handler, and the body to where it belongs
 *   server_reply.c    the way back */
#pragma once

#include "runtime/http/route.h"
#include "runtime/http/server.h"

enum connection_state {
    CONNECTION_IDLE,     /* nothing of the next request has come */
    CONNECTION_HEAD,     /* its first octet has */
    CONNECTION_BODY,     /* the body flows to its sink */
    CONNECTION_THINKING, /* all is read; the handler owes the reply */
    CONNECTION_REPLYING, /* the reply is on its way */
    CONNECTION_CLOSED,   /* its memory goes at the end of the turn */
};

struct http_request {
    struct connection *connection;
    const struct http_route *route;
    struct route_match match;
    struct http1_query query;
    struct arena arena;
    loop_fn *gone;
    void *gone_ctx;
    bool is_replied;
    /* the body */
    bool wants_body; /* a sink was named */
    bool has_whole_body;
    struct sink *sink;
    union {
        struct sink_buf buf;
        struct sink_file file;
    } own_sink;
    struct buf body;
    int fd;
    uint64_t size;
    http_body_done *done;
    void *done_ctx;
};

struct connection {
    struct http_server *server;
    struct stream *stream;
    struct http1 *reader;
    struct http_request *request; /* NULL: none, or one that no handler saw */
    enum connection_state state;
    struct loop_timer *timer;
    struct loop_call *soon;
    int64_t since_ms;  /* when this state began */
    int64_t begin_ms;  /* of the request: its first octet */
    uint64_t received; /* octets of this body */
    uint64_t queued;   /* octets of this reply, given to the stream */
    unsigned status;   /* of this reply */
    bool must_close;   /* after this reply */
    bool is_feeding;   /* the reader is at work: no second one inside it */
    bool has_head;     /* this request's head was whole */
    http_pull *pull;   /* the rest of the body, while there is more */
    void (*pull_end)(void *ctx);
    void *pull_ctx;
    bool is_chunked;
    bool has_length; /* of what pull gives */
    uint64_t pull_left;
    struct connection *before, *after;
};

struct http_server {
    struct loop *loop;
    struct http_server_config config;
    struct stream_listener *listener;
    char address[128];
    struct connection *first;
    unsigned connections;
    bool is_draining;
    loop_fn *drained;
    void *drained_ctx;
    struct loop_call *draining;
    int64_t date_s; /* of the text */
    char date[40];
    struct metric *open, *seconds, *by_status[600];
};

/* server.c */
void connection_enter(struct connection *c, enum connection_state state);
void connection_close(struct connection *c); /* what is unsent still goes out */
void connection_feed_soon(struct connection *c);
void connection_reply_done(struct connection *c); /* to the next request, or close */
/* server_request.c */
void connection_on_head(struct connection *c);
void connection_on_body(struct connection *c, struct str octets);
void connection_on_whole(struct connection *c);
/* What the server refuses itself: an open request is told that it is gone, the connection closes. */
void connection_refuse(struct connection *c, unsigned status, const struct error *e);
void request_end(struct connection *c, bool is_gone); /* no request: nothing */
/* server_reply.c */
void connection_reply(struct connection *c, const struct http_reply *reply);
void connection_fail(struct connection *c, struct http_request *r, unsigned status,
                     const struct error *e, struct http_field_list fields);
void connection_pump(struct connection *c); /* the next pieces of a pulled body */
void connection_drop_pull(struct connection *c);
