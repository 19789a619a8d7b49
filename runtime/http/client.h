/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* client.h - the HTTP client: many requests at once on the loop, over connections that are kept. No
 * redirects, no guessing: the caller decides. Only client*.c know libcurl. */
#pragma once

#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/crypto/tls.h"
#include "runtime/http/http1.h"
#include "runtime/loop/loop.h"
#include "runtime/loop/networks.h"

struct http_client; /* one per loop */
struct http_peer;   /* one per trust and identity: connections and TLS sessions are shared in it */
struct http_call;   /* one request on its way */

struct http_peer_config {
    const struct tls *tls; /* prebuilt: our certificate, whom we trust. The peer holds it */
    /* Where addresses are given by others: connections go to the internet alone and to these networks
     * (copied); what a name was resolved to is judged. NULL: anywhere. */
    const struct networks *inside;
    bool may_plain;        /* http:// is allowed too */
    unsigned parallel_max; /* connections to one host; more requests wait. 0: 8 */
    int64_t connect_ms;    /* 0: 10 s; resolve, TCP and TLS together */
    uint32_t low_rate;     /* octets a second; slower than this for low_ms ends it. 0: 512 */
    int64_t low_ms;        /* 0: 30 s */
};
/* Fills all of at[0..len) with the octets from offset on; blocks the loop as long as it takes. False:
 * the request ends with this error. */
typedef bool http_piece_read(void *ctx, uint64_t offset, char *at, size_t len, struct error *e);
struct http_piece {    /* of a request body: memory, a file's octets, or what a function reads */
    struct str memory; /* borrowed until done() */
    int fd;            /* used when memory.at and read are NULL; borrowed until done() */
    uint64_t offset;
    uint64_t length;
    http_piece_read *read; /* if memory.at is NULL: in order, from offset again on a new try */
    void *ctx;
};
struct http_ask {
    const char *method; /* "GET", "POST", "PUT", "DELETE", "HEAD" */
    const char *url;
    const struct http1_field *fields;
    size_t field_count;
    const struct http_piece *pieces; /* copied (the octets are not) */
    size_t piece_count;              /* 0: no body */
    uint64_t answer_max;             /* octets; more is REJECT */
    int answer_fd;                   /* > 0: the body is written there; else into memory */
    int64_t total_ms;                /* 0: 60 s */
    /* "host:port:address": connect there, name and TLS stay the URL's; NULL: ask DNS */
    const char *resolve;
};
struct http_answer { /* borrowed until done() returns */
    unsigned status;
    struct str content_type;
    struct str retry_after;
    struct str last_modified;
    struct str location;
    struct str body; /* empty when answer_fd is used */
    uint64_t body_size;
    bool is_new_connection;
};
/* Exactly once, never from inside http_client_ask(). Any whole HTTP answer is success, whatever its
 * status. Failure: RETRY "<step>: why", step one of resolve, connect, TLS, sending, waiting,
 * reading; DENY for the peer's certificate or name ("TLS: ...") and, code "connect:inside", for an address
 * inside that `inside` does not name; REJECT: answer too large, bad URL. */
typedef void http_answered(void *ctx, const struct http_answer *answer, const struct error *e);

struct http_client *http_client_new(struct loop *loop);
void http_client_free(struct http_client *c); /* open calls are forgotten; peers must be gone */
struct http_peer *http_peer_new(struct http_client *c, const struct http_peer_config *config);
void http_peer_free(struct http_peer *p); /* open calls are forgotten */
/* Another has taken its place: it goes when its last call has ended. */
void http_peer_retire(struct http_peer *p);
struct http_call *http_client_ask(struct http_peer *p, const struct http_ask *ask,
                                  http_answered *done, void *ctx);
void http_client_cancel(struct http_call *call); /* done() will not come */
