/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_client.c, test_client_faults.c */
#include <sys/socket.h>

#include "runtime/base/sys.h"
#include "runtime/http/client_call.h"

enum {
    TOTAL_MS = 60 * 1000,
    FIELD_MAX = 16384, /* octets of a field that is sent */
    SMALL = 64 * 1024, /* bodies below are sent with their header: libcurl's own limit for that */
    LARGE = 1 << 20,   /* bodies from here on are read in larger steps */
    LARGE_STEP = 512 * 1024,
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

bool client_set_up(struct http_call *call, const struct http_ask *ask, struct error *e)
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
