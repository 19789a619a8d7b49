/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* handover.h - from the process that faces the network to the one that works, and back: questions
 * over a UNIX SOCK_SEQPACKET connection, many on their way, answered in any order. What is asked is
 * decided by head, a small text both sides agree on; the body goes with it, or is an open file. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"
#include "runtime/loop/loop.h"

enum { HANDOVER_HEAD_MAX = 32 * 1024, HANDOVER_BODY_MAX = 128 * 1024, HANDOVER_TYPE_MAX = 1024 };

/* --- the asking side, on the loop */
struct handover_client;
struct handover_call;

struct handover_client_config {
    const char *path;       /* of the worker's socket */
    unsigned in_flight_max; /* more are refused with RETRY: the worker is busy */
    int64_t reconnect_ms;   /* between attempts; 0: 200 ms */
};
struct handover_answer { /* borrowed until the callback returns */
    unsigned status;     /* HTTP's numbers */
    struct str content_type;
    struct str body; /* inline; empty when fd is there */
    int fd;          /* -1, or a file whose octets [0, size) are the body; dup() to keep it */
    uint64_t size;
};
/* Exactly once, never from inside handover_ask(). RETRY: not connected, broken, too late. */
typedef void handover_done(void *ctx, const struct handover_answer *answer, const struct error *e);

struct handover_client *handover_client_new(struct loop *loop,
                                            const struct handover_client_config *config);
void handover_client_free(struct handover_client *c); /* open calls are forgotten, without done() */
bool handover_client_is_connected(const struct handover_client *c);
struct handover_question { /* all borrowed until handover_ask() has returned */
    struct str head;
    struct str body;     /* over HANDOVER_BODY_MAX it goes as a memory file, REJECT beside fd */
    int fd;              /* -1: none */
    int64_t deadline_ms; /* loop_now_ms() scale */
};
/* NULL with *e RETRY where the worker is away or busy, REJECT where it is too large. */
struct handover_call *handover_ask(struct handover_client *c, const struct handover_question *q,
                                   handover_done *done, void *ctx, struct error *e);
/* done() will not come; the worker may still do what was asked. */
void handover_cancel(struct handover_call *call);

/* --- the answering side: asked on the loop, answered by any thread */
struct handover_server;
struct handover_request;
typedef void handover_asked(void *ctx, struct handover_request *request);

struct handover_server_config {
    const char *path; /* of the socket; one left there is replaced */
    mode_t mode;
    handover_asked *asked;
    void *ctx;
};
MUST_USE bool handover_server_new(struct loop *loop, const struct handover_server_config *config,
                                  struct handover_server **out, struct error *e);
/* Stops taking; requests not yet answered stay valid and their answers are dropped. */
void handover_server_free(struct handover_server *s);
unsigned handover_server_open(const struct handover_server *s); /* asked and not yet answered */
struct str handover_request_head(const struct handover_request *r);
struct str handover_request_body(const struct handover_request *r); /* what came inline */
int handover_request_fd(const struct handover_request *r);          /* borrowed, -1: none */
/* Any thread, once; the request is gone after it. A body over HANDOVER_BODY_MAX goes as a memory
 * file; with fd >= 0 (borrowed) that file's octets are the body. An asker that went away is no
 * error. */
void handover_answer(struct handover_request *r, unsigned status, struct str content_type,
                     struct str body, int fd);
