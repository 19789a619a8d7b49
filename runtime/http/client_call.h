/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* client_call.h - the inside of the client: one request on its way, and what its peer gives it.
 * Only client*.c include it, and with it libcurl. */
#pragma once

#include <curl/curl.h>

#include "runtime/http/client.h"
#include "runtime/http/client_body.h"
#include "runtime/http/client_header.h"

/* One libcurl "multi" each: its connections and limits are its own. */
struct http_peer {
    struct http_client *client;
    struct http_peer_config config;
    CURLM *multi;
    CURLSH *share; /* TLS sessions */
    struct loop_timer *timer;
    struct wait *waits;
    struct http_call *first;
    struct tls *tls;        /* held; config.tls */
    struct networks inside; /* config.inside, if there is one */
    struct arena arena;
    bool is_retired;
    struct http_peer *after; /* of the retired */
};

struct http_call {
    struct http_peer *peer;
    CURL *easy;
    struct curl_slist *fields, *resolve;
    struct client_body body;
    int answer_fd; /* -1: into memory */
    uint64_t answer_max, answer_size;
    struct buf answer;
    struct client_header header;
    bool is_https;
    char reason[CURL_ERROR_SIZE];
    struct error fault;   /* of our own callbacks */
    struct error refused; /* an address, by open_socket(); another may have served */
    http_answered *done;
    void *ctx;
    CURLcode result;
    struct loop_call *finishing;
    struct http_call *before, *after;
};

/* client_setup.c: all that libcurl is told of a request. False: the call fails with *e. */
MUST_USE bool client_set_up(struct http_call *call, const struct http_ask *ask, struct error *e);
/* client_result.c: what libcurl says when it is done with it. The answer borrows from the call. */
MUST_USE bool client_result(struct http_call *call, struct http_answer *answer, struct error *e);
