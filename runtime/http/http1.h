/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* http1.h - reads HTTP/1.1 requests, strictly (RFC 9112, RFC 9110): octets in, events out; no
 * socket, no clock. Any split of the input gives the same events. What could mean two things is
 * refused, and after a refusal the connection is to be closed: nothing behind it is a request. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct http1; /* one connection's reader */

struct http1_limits {
    size_t line_max;     /* octets of the request line: 414 */
    size_t head_max;     /* octets of request line and header: 431 */
    unsigned fields_max; /* header lines: 431 */
    size_t trailer_max;  /* octets behind the last chunk: 431 */
};
#define HTTP1_LIMITS ((struct http1_limits){8192, 32768, 64, 4096})

struct http1_field {
    struct str name; /* as sent; compare with http1_field_of() */
    struct str value; /* trimmed */
};
struct http1_head { /* views, valid until http1_next() begins the next request */
    struct str method;
    struct str target; /* as sent */
    struct str path;   /* begins with '/', or "*"; still percent-encoded */
    struct str query;  /* behind '?', still encoded; .at is NULL where there is none */
    struct str host;
    unsigned minor; /* HTTP/1.minor, 0 or 1 */
    struct http1_field *fields;
    size_t field_count;
    bool is_chunked;
    uint64_t content_length; /* 0 when chunked or without a body */
    bool has_body;           /* false: END follows at once */
    bool expects_continue;
    bool keeps_alive; /* what the client wants */
};

enum http1_event {
    HTTP1_MORE,    /* all input is used up */
    HTTP1_HEAD,    /* http1_head() is there; no body octet was read */
    HTTP1_BODY,    /* *body is a piece of the body, a view into *in */
    HTTP1_END,     /* the request is whole; the next call begins another one */
    HTTP1_REFUSED, /* for good: http1_status() and *e say why */
};

struct http1 *http1_new(const struct http1_limits *limits); /* copied */
void http1_free(struct http1 *h);
/* Takes octets off the front of *in until there is an event. */
enum http1_event http1_next(struct http1 *h, struct str *in, struct str *body, struct error *e);
const struct http1_head *http1_head(const struct http1 *h);
unsigned http1_status(const struct http1 *h);   /* 400, 413, 414, 417, 431, 501, 505 */
bool http1_is_between(const struct http1 *h);   /* no octet of the next request has come */
bool http1_in_head(const struct http1 *h);      /* the head has begun and is not whole */
/* The value of the only field of that name; STR_NONE: none or several. */
struct str http1_field_of(const struct http1_head *head, const char *name);
size_t http1_field_count(const struct http1_head *head, const char *name);

/* A query string "a=1&b=x%20y" ('+' is a blank) into names and values. REJECT: bad escape, control
 * characters, not UTF-8, a name twice, an empty name, more than 64. */
struct http1_query {
    struct http1_field *at;
    size_t count;
};
MUST_USE bool http1_query_read(struct arena *arena, struct str query, struct http1_query *out,
                               struct error *e);
/* One path segment, decoded. REJECT: bad escape, control characters, '/' or NUL inside, ".", "..".
 */
MUST_USE bool http1_segment_read(struct arena *arena, struct str segment, struct str *out,
                                 struct error *e);
/* May it be sent as a header's value? No control characters but HTAB, no blanks at the ends. */
bool http1_is_value(struct str value);
const char *http1_reason(unsigned status); /* "Not Found" */
