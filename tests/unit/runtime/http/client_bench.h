/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* client_bench.h - the client, and the peers it is tried on: our own server with a route for each kind of
 * answer, or a rough one that says what the test wants and no more. */
#pragma once

#include "runtime/http/client.h"
#include "runtime/http/server.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

enum { BENCH_LARGE = 5 << 20 }; /* octets of /large */
struct bench {
    struct loop *loop;
    struct tls *server_tls, *client_tls;
    struct http_server *server;
    struct http_client *client;
    struct http_peer *peer;
    struct stream_listener *rough; /* a peer that says rough_says and no more */
    struct stream *rough_stream;
    const char *rough_says;
    bool rough_closes;
    unsigned requests;
    struct http_request *held;
    char url[128];
};

struct outcome {
    unsigned done;
    unsigned status;
    bool is_new;
    uint64_t size;
    struct buf body;
    struct error why;
    char type[64], retry_after[64], last_modified[64];
};

/* Whose certificates, of the test world; server NULL: plain HTTP. */
void bench_start(struct bench *b, const char *server, const char *client);
void bench_end(struct bench *b);
/* From now on the URL is the rough peer's, over plain HTTP. */
void bench_go_rough(struct bench *b);
/* GET where nothing else is said; waits for the outcome. */
struct outcome bench_ask(struct bench *b, struct http_ask ask, const char *path);
void bench_answered(void *outcome, const struct http_answer *a, const struct error *e);
/* It came, with this status and body; releases the body. */
void check_answer(struct outcome *o, unsigned status, const char *body);
