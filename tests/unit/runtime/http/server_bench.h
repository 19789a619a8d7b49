/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* server_bench.h - a server on loopback with a route for each kind of answer, and one client that sends
 * what the test says, octet for octet. */
#pragma once

#include "runtime/http/server.h"

enum { BENCH_PULL_TOTAL = 3 * 1000 * 1000 };
struct bench {
    struct loop *loop;
    struct http_server *server;
    struct metrics *metrics;
    struct stream *client;
    struct buf got;
    uint64_t got_total;
    bool has_ended, is_drained, keeps_nothing;
    struct http_request *held; /* by /later */
    unsigned gone, calls, pull_ends;
    size_t pull_total; /* octets of /pull and its kind: BENCH_PULL_TOTAL, or what a test says */
    size_t pulled, pulled_now, pulled_most; /* in all, in this turn of the loop, in any turn */
    struct http_pulling *pulling;           /* of /pull-waits */
    bool has_waited;
    uint64_t file_size;
    char body[64];
    struct sink broken_sink;
};

#define HOST  "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"

void bench_start(struct bench *b, struct http_server_config config);
void bench_end(struct bench *b);
void bench_reconnect(struct bench *b);
void bench_say(struct bench *b, const char *text);
bool bench_has(const struct bench *b, const char *text); /* in what came */
unsigned bench_times(const struct bench *b, const char *text);
