/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/client.h"

#include <stdlib.h>

#include "runtime/base/mem.h"
#include "runtime/http/client_call.h"

enum {
    PARALLEL_MAX = 8,
    CONNECT_MS = 10 * 1000,
    LOW_RATE = 512,
    LOW_MS = 30 * 1000,
    KEPT_MAX = 64, /* idle connections of a peer */
};

struct http_client {
    struct loop *loop;
    struct http_peer *retired; /* their last calls are under way */
};

struct wait { /* a socket that libcurl wants watched */
    struct http_peer *peer;
    struct loop_watch *watch;
    struct wait *before, *after;
};

/* --- what libcurl waits for */

static void collect(struct http_peer *p);

static void act(struct http_peer *p, curl_socket_t socket, int what)
{
    int running;
    curl_multi_socket_action(p->multi, socket, what, &running);
    collect(p);
}

static void on_timer(void *ctx)
{
    act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long wait_ms, void *ctx)
{
    struct http_peer *p = ctx;
    (void)multi;
    if (wait_ms == -1)
        loop_timer_clear(p->timer);
    else
        loop_timer_set(p->timer, loop_now_ms(p->client->loop) + wait_ms);
    return 0;
}

static void on_socket(void *ctx, int fd, unsigned ready)
{
    struct wait *w = ctx;
    act(w->peer, fd,
        (ready & LOOP_READ ? CURL_CSELECT_IN : 0) | (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void wait_free(struct wait *w)
{
    if (w->before == NULL)
        w->peer->waits = w->after;
    else
        w->before->after = w->after;
    if (w->after != NULL)
        w->after->before = w->before;
    loop_watch_free(w->watch);
    mem_free(w);
}

static struct wait *wait_new(struct http_peer *p, curl_socket_t socket)
{
    struct wait *w = mem_new(sizeof *w);
    w->peer = p;
    w->watch = loop_watch_new(p->client->loop, socket, 0, on_socket, w);
    w->after = p->waits;
    if (p->waits != NULL)
        p->waits->before = w;
    p->waits = w;
    curl_multi_assign(p->multi, socket, w);
    return w;
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *ctx, void *socket_ctx)
{
    struct wait *w = socket_ctx;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL)
            wait_free(w);
        return 0;
    }
    if (w == NULL)
        w = wait_new(ctx, socket);
    loop_watch_set(w->watch, (what & CURL_POLL_IN ? LOOP_READ : 0U) |
                                 (what & CURL_POLL_OUT ? LOOP_WRITE : 0U));
    return 0;
}

/* --- a call's life */

/* Out of its peer, with all that libcurl has of it. */
static void detach(struct http_call *call)
{
    struct http_peer *p = call->peer;
    if (call->before == NULL)
        p->first = call->after;
    else
        call->before->after = call->after;
    if (call->after != NULL)
        call->after->before = call->before;
    loop_cancel(call->finishing);
    curl_multi_remove_handle(p->multi, call->easy);
    curl_easy_cleanup(call->easy);
}

static void release(struct http_call *call)
{
    curl_slist_free_all(call->fields);
    curl_slist_free_all(call->resolve);
    client_body_release(&call->body);
    buf_release(&call->answer);
    mem_free(call);
}

static bool is_over(const struct http_peer *p)
{
    return p->is_retired && p->first == NULL;
}

static void on_finished(void *ctx)
{
    struct http_call *call = ctx;
    struct error e = {0};
    struct http_answer answer;
    bool ok = client_result(call, &answer, &e);
    call->finishing = NULL;
    detach(call); /* done() may free the peer, but not one that is retired */
    struct http_peer *over = is_over(call->peer) ? call->peer : NULL;
    call->done(call->ctx, ok ? &answer : NULL, ok ? NULL : &e);
    release(call);
    http_peer_free(over);
}

/* Deferred, so that done() may cancel calls and free peers. */
static void collect(struct http_peer *p)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(p->multi, &left)) != NULL) {
        struct http_call *call = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        call->result = message->data.result;
        call->finishing = loop_defer(p->client->loop, on_finished, call);
    }
}

struct http_call *http_client_ask(struct http_peer *p, const struct http_ask *ask,
                                  http_answered *done, void *ctx)
{
    struct http_call *call = mem_new(sizeof *call);
    call->peer = p;
    call->done = done;
    call->ctx = ctx;
    call->answer_fd = ask->answer_fd > 0 ? ask->answer_fd : -1;
    call->answer_max = ask->answer_max;
    call->answer = BUF(ask->answer_max);
    call->is_https = str_starts(str_of(ask->url), STR("https:"));
    call->after = p->first;
    if (p->first != NULL)
        p->first->before = call;
    p->first = call;
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        abort(); /* no memory */
    if (!client_set_up(call, ask, &call->fault))
        call->finishing = loop_defer(p->client->loop, on_finished, call);
    else
        curl_multi_add_handle(p->multi, call->easy);
    return call;
}

static void forget(struct http_call *call)
{
    detach(call);
    release(call);
}

void http_client_cancel(struct http_call *call)
{
    struct http_peer *p = call->peer;
    forget(call);
    if (is_over(p))
        http_peer_free(p);
}

/* --- clients and peers */

struct http_client *http_client_new(struct loop *loop)
{
    struct http_client *c = mem_new(sizeof *c);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort(); /* no memory */
    c->loop = loop;
    return c;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL)
        return;
    while (c->retired != NULL)
        http_peer_free(c->retired);
    mem_free(c);
    curl_global_cleanup();
}

static void fill_config(struct http_peer_config *c)
{
    c->parallel_max = c->parallel_max ? c->parallel_max : PARALLEL_MAX;
    c->connect_ms = c->connect_ms ? c->connect_ms : CONNECT_MS;
    c->low_rate = c->low_rate ? c->low_rate : LOW_RATE;
    c->low_ms = c->low_ms ? c->low_ms : LOW_MS;
}

struct http_peer *http_peer_new(struct http_client *c, const struct http_peer_config *config)
{
    struct http_peer *p = mem_new(sizeof *p);
    p->client = c;
    p->config = *config;
    p->tls = config->tls == NULL ? NULL : tls_hold(config->tls);
    if (config->inside != NULL) {
        p->inside = networks_copy(config->inside, &p->arena);
        p->config.inside = &p->inside;
    }
    fill_config(&p->config);
    p->multi = curl_multi_init();
    p->share = curl_share_init();
    if (p->multi == NULL || p->share == NULL)
        abort(); /* no memory */
    p->timer = loop_timer_new(c->loop, on_timer, p);
    curl_share_setopt(p->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
    curl_multi_setopt(p->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)p->config.parallel_max);
    curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_MAX);
    return p;
}

void http_peer_free(struct http_peer *p)
{
    if (p == NULL)
        return;
    struct http_peer **at = &p->client->retired;
    while (p->is_retired && *at != p)
        at = &(*at)->after;
    if (p->is_retired)
        *at = p->after;
    while (p->first != NULL)
        forget(p->first);
    curl_multi_cleanup(p->multi);
    curl_share_cleanup(p->share);
    while (p->waits != NULL)
        wait_free(p->waits);
    loop_timer_free(p->timer);
    tls_free(p->tls);
    arena_release(&p->arena);
    mem_free(p);
}

void http_peer_retire(struct http_peer *p)
{
    if (p->first == NULL) {
        http_peer_free(p);
        return;
    }
    p->is_retired = true;
    p->after = p->client->retired;
    p->client->retired = p;
}
