/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_client_faults.c */
#include "runtime/http/client_call.h"

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

bool client_result(struct http_call *call, struct http_answer *answer, struct error *e)
{
    if (call->result == CURLE_OK && call->fault.kind == ERROR_NONE && !call->header.is_whole)
        error_set(&call->fault, ERROR_RETRY, "reading: the peer closed within the header");
    bool ok = call->result == CURLE_OK && call->fault.kind == ERROR_NONE;
    if (ok)
        *answer = answer_of(call);
    else
        explain(call, e);
    return ok;
}
