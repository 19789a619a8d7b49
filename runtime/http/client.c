/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/http/client_body.h"
#include "runtime/http/client_header.h"

enum {
    PARALLEL_MAX = 8,
    CONNECT_MS = 10 * 1000,
    TOTAL_MS = 60 * 1000,
    LOW_RATE = 512,
    LOW_MS = 30 * 1000,
    KEPT_MAX = 64,          /* idle connections of a peer */
    FIELD_MAX = 16384, /* octets of a field that is sent */
    SMALL = 64 * 1024, /* bodies below are sent with their header: libcurl's own limit for that */
    LARGE = 1 << 20,   /* bodies from here on are read in larger steps */
    LARGE_STEP = 512 * 1024,
};

struct http_client {
    struct loop *loop;
    struct http_peer *retired; /* their last calls are under way */
};

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

struct wait { /* a socket that libcurl wants watched */
    struct http_peer *peer;
    struct loop_watch *watch;
    struct wait *before, *after;
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
    struct error fault; /* of our own callbacks */
    struct error refused; /* an address, by open_socket(); another may have served */
    http_answered *done;
    void *ctx;
    CURLcode result;
    struct loop_call *finishing;
    struct http_call *before, *after;
};

/* --- where it may go */

/* libcurl asks for each socket it connects, with the address that the name was resolved to: what DNS said
 * before or will say later is no matter. The next address, if there is one, is tried. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_call *call = ctx;
    const struct networks *inside = call->peer->config.inside;
    (void)purpose;
    if (inside != NULL && !networks_may_reach(inside, &to->addr, &call->refused))
        return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

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

/* --- octets in and out */

static size_t give_body(char *at, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    size_t got;
    if (!client_body_read(&call->body, at, size * count, &got, &call->fault))
        return CURL_READFUNC_ABORT;
    return got;
}

static int seek_body(void *ctx, curl_off_t offset, int origin)
{
    struct http_call *call = ctx;
    if (origin != SEEK_SET || !client_body_seek(&call->body, (uint64_t)offset, &call->fault))
        return CURL_SEEKFUNC_FAIL;
    return CURL_SEEKFUNC_OK;
}

static size_t take_body(char *at, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    struct str octets = str_bytes(at, size * count);
    struct error *e = &call->fault;
    bool ok = octets.len <= call->answer_max - call->answer_size
                  ? call->answer_fd >= 0 ? sys_write_all(call->answer_fd, octets, e)
                                         : buf_add(&call->answer, octets, e)
                  : error_set(e, ERROR_REJECT, "reading: the answer is larger than %llu octets",
                              (unsigned long long)call->answer_max);
    if (!ok)
        return octets.len + 1; /* not what was given: libcurl stops */
    call->answer_size += octets.len;
    return octets.len;
}

static size_t take_field(char *at, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    struct str line = str_bytes(at, size * count);
    return client_header_take(&call->header, line, &call->fault) ? line.len : line.len + 1;
}

/* A new connection: our key and chain and the check of the peer, parsed once (tls_lend: 0.5 ms and
 * not the 20 ms of reading a CA file). */
static CURLcode prepare_tls(CURL *easy, void *native, void *ctx)
{
    struct http_peer *p = ctx;
    struct error e = {0};
    (void)easy;
    return tls_lend(p->config.tls, native, &e) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* --- how it went */

static bool is_zero(CURL *easy, CURLINFO what)
{
    curl_off_t value = 0;
    curl_easy_getinfo(easy, what, &value);
    return value == 0;
}

static const char *step_of(const struct http_call *call)
{
    curl_off_t sent = 0;
    /* A kept connection has no times of its own but this one. */
    bool is_connected = !is_zero(call->easy, CURLINFO_PRETRANSFER_TIME_T);
    if (!is_connected && is_zero(call->easy, CURLINFO_NAMELOOKUP_TIME_T))
        return "resolve";
    if (!is_connected && is_zero(call->easy, CURLINFO_CONNECT_TIME_T))
        return "connect";
    if (!is_connected && call->is_https && is_zero(call->easy, CURLINFO_APPCONNECT_TIME_T))
        return "TLS";
    curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if ((uint64_t)sent < call->body.total)
        return "sending";
    return call->header.size == 0 ? "waiting" : "reading";
}

static const struct result { /* those whose step and kind do not depend on the time */
    CURLcode code;
    enum error_kind kind;
    const char *step;
} results[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERROR_RETRY, "resolve"},
    {CURLE_COULDNT_CONNECT, ERROR_RETRY, "connect"},
    {CURLE_PEER_FAILED_VERIFICATION, ERROR_DENY, "TLS"},
    {CURLE_SSL_ISSUER_ERROR, ERROR_DENY, "TLS"},
    {CURLE_SSL_CONNECT_ERROR, ERROR_RETRY, "TLS"},
    {CURLE_SSL_CERTPROBLEM, ERROR_RETRY, "TLS"},
    {CURLE_SSL_CIPHER, ERROR_RETRY, "TLS"},
    {CURLE_URL_MALFORMAT, ERROR_REJECT, "address"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_REJECT, "address"},
    {CURLE_FAILED_INIT, ERROR_BUG, "setting up"},
};

static void explain(const struct http_call *call, struct error *e)
{
    const char *why = call->reason[0] ? call->reason : curl_easy_strerror(call->result);
    if (call->fault.kind != ERROR_NONE) {
        *e = call->fault;
        return;
    }
    if (call->result == CURLE_COULDNT_CONNECT && call->refused.kind != ERROR_NONE) {
        *e = call->refused;
        return;
    }
    if (call->result == CURLE_UNSUPPORTED_PROTOCOL &&
        !is_zero(call->easy, CURLINFO_CONNECT_TIME_T)) {
        error_set(e, ERROR_RETRY, "reading: the answer is no HTTP/1.1");
        return;
    }
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].code == call->result) {
            error_set(e, results[i].kind, "%s: %s", results[i].step, why);
            return;
        }
    error_set(e, ERROR_RETRY, "%s: %s", step_of(call), why);
}

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

static struct http_answer answer_of(const struct http_call *call)
{
    long status = 0, connects = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &connects);
    return (struct http_answer){
        .status = (unsigned)status,
        .content_type = str_of(call->header.content_type),
        .retry_after = str_of(call->header.retry_after),
        .last_modified = str_of(call->header.last_modified),
        .location = str_of(call->header.location),
        .body = buf_str(&call->answer),
        .body_size = call->answer_size,
        .is_new_connection = connects > 0,
    };
}

static bool is_over(const struct http_peer *p)
{
    return p->is_retired && p->first == NULL;
}

static void on_finished(void *ctx)
{
    struct http_call *call = ctx;
    struct error e = {0};
    if (call->result == CURLE_OK && call->fault.kind == ERROR_NONE && !call->header.is_whole)
        error_set(&call->fault, ERROR_RETRY, "reading: the peer closed within the header");
    bool ok = call->result == CURLE_OK && call->fault.kind == ERROR_NONE;
    struct http_answer answer = answer_of(call);
    if (!ok)
        explain(call, &e);
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

/* --- a request */

static bool add_field(struct curl_slist **list, struct str name, struct str value, struct error *e)
{
    AUTO_BUF line = BUF(FIELD_MAX);
    if (name.len == 0 || !http1_is_value(value) || str_find_char(name, '\n') < name.len ||
        str_find_char(name, ':') < name.len)
        return error_set(e, ERROR_BUG, "a field that cannot be sent");
    /* "Name;" is libcurl's way to write a field without a value. */
    bool ok = value.len == 0 ? buf_addf(&line, e, "%.*s;", STR_ARG(name))
                             : buf_addf(&line, e, "%.*s: %.*s", STR_ARG(name), STR_ARG(value));
    struct curl_slist *longer = ok ? curl_slist_append(*list, buf_text(&line)) : NULL;
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool add_fields(struct http_call *call, const struct http_ask *ask, struct error *e)
{
    bool has_type = false;
    for (size_t i = 0; i < ask->field_count; i++) {
        if (!add_field(&call->fields, ask->fields[i].name, ask->fields[i].value, e))
            return false;
        has_type = has_type || str_equal_nocase(ask->fields[i].name, STR("Content-Type"));
    }
    struct curl_slist *longer = curl_slist_append(call->fields, "Expect:");
    call->fields = longer;
    if (!has_type) /* or libcurl says it is a form */
        call->fields = curl_slist_append(call->fields, "Content-Type:");
    return true;
}

static bool set_body(struct http_call *call, struct error *e)
{
    CURL *c = call->easy;
    curl_easy_setopt(c, CURLOPT_POST, 1L);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.total);
    if (call->body.total < SMALL) {
        struct str whole;
        bool ok = client_body_gather(&call->body, &whole, e);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, ok ? whole.at : NULL); /* not copied */
        return ok;
    }
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(c, CURLOPT_READDATA, call);
    curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, seek_body);
    curl_easy_setopt(c, CURLOPT_SEEKDATA, call);
    if (call->body.total >= LARGE)
        curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)LARGE_STEP);
    return true;
}

static bool set_method(struct http_call *call, const struct http_ask *ask, struct error *e)
{
    CURL *c = call->easy;
    bool is_post = str_is(str_of(ask->method), "POST");
    bool has_body = ask->piece_count > 0 || is_post || str_is(str_of(ask->method), "PUT");
    if (str_is(str_of(ask->method), "HEAD"))
        return curl_easy_setopt(c, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (has_body && !set_body(call, e))
        return false;
    return is_post || curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, ask->method) == CURLE_OK;
}

static void set_connection(struct http_call *call, const struct http_ask *ask)
{
    const struct http_peer_config *config = &call->peer->config;
    CURL *c = call->easy;
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, config->may_plain ? "http,https" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_ms);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(ask->total_ms ? ask->total_ms : TOTAL_MS));
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)config->low_rate);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)((config->low_ms + 999) / 1000));
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(c, CURLOPT_CAINFO, NULL); /* trust is tls_lend's */
    curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(c, CURLOPT_SHARE, call->peer->share);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, call);
    if (config->tls != NULL) {
        curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
        curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, call->peer);
    }
}

static bool set_up(struct http_call *call, const struct http_ask *ask, struct error *e)
{
    CURL *c = call->easy;
    if (!client_body_init(&call->body, ask->pieces, ask->piece_count, e) ||
        !add_fields(call, ask, e))
        return false;
    if (ask->resolve != NULL) {
        AUTO_BUF line = BUF(1024);
        if (!buf_addf(&line, e, "+%s", ask->resolve)) /* '+': may be told anew */
            return false;
        call->resolve = curl_slist_append(NULL, buf_text(&line));
        curl_easy_setopt(c, CURLOPT_RESOLVE, call->resolve);
    }
    set_connection(call, ask);
    if (!set_method(call, ask, e))
        return false;
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, call->fields);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_field);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, call->reason);
    curl_easy_setopt(c, CURLOPT_PRIVATE, call);
    return curl_easy_setopt(c, CURLOPT_URL, ask->url) == CURLE_OK ||
           error_set(e, ERROR_REJECT, "address: it cannot be used");
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
    if (!set_up(call, ask, &call->fault))
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
