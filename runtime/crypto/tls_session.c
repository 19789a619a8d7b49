/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_stream.c */
#include "runtime/crypto/tls_session.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "runtime/base/mem.h"

struct tls_session {
    struct tls *tls; /* held: its owner may have gone on to another */
    SSL *ssl;
    struct cert *peer; /* held; read once */
    bool is_open;      /* shaken hands, nothing failed since */
};

/* SSL_set_tlsext_host_name() casts const away. */
static bool set_sni(SSL *ssl, const char *host)
{
    union {
        const char *read;
        void *given;
    } name = {.read = host};
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.given) == 1;
}

static bool prepare(SSL *ssl, int fd, const char *host)
{
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_RELEASE_BUFFERS);
    if (SSL_set_fd(ssl, fd) != 1)
        return false;
    if (SSL_is_server(ssl)) {
        SSL_set_accept_state(ssl);
        return true;
    }
    SSL_set_connect_state(ssl);
    return host == NULL || (set_sni(ssl, host) && SSL_set1_host(ssl, host) == 1);
}

bool tls_session_new(const struct tls *t, int fd, const char *host, struct tls_session **out,
                     struct error *e)
{
    SSL *ssl = SSL_new(tls_native(t));
    if (ssl == NULL || !prepare(ssl, fd, host)) {
        SSL_free(ssl);
        ERR_clear_error();
        return error_set(e, ERROR_BUG, "TLS: cannot begin a session");
    }
    struct tls_session *s = mem_new(sizeof *s);
    s->ssl = ssl;
    s->tls = tls_hold(t);
    *out = s;
    return true;
}

void tls_session_free(struct tls_session *s)
{
    if (s == NULL)
        return;
    cert_free(s->peer);
    SSL_free(s->ssl);
    tls_free(s->tls);
    mem_free(s);
}

static enum tls_step fail(struct tls_session *s, struct error *e)
{
    long verdict = SSL_get_verify_result(s->ssl);
    unsigned long code = ERR_peek_last_error();
    const char *why = ERR_reason_error_string(code);
    int number = errno;
    s->is_open = false;
    ERR_clear_error();
    if (verdict != X509_V_OK)
        error_set(e, ERROR_DENY, "TLS: the peer's certificate: %s",
                  X509_verify_cert_error_string(verdict));
    else if (ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
        error_set(e, ERROR_DENY, "TLS: the peer showed no certificate");
    else if (why != NULL)
        error_set(e, ERROR_RETRY, "TLS: %s", why);
    else
        error_set(e, ERROR_RETRY, "TLS: %s",
                  number == 0 ? "the peer closed without a word" : strerrordesc_np(number));
    return TLS_STEP_FAILED;
}

/* What an SSL_* call that did not succeed wants. */
static enum tls_step step_of(struct tls_session *s, int result, struct error *e)
{
    switch (SSL_get_error(s->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_STEP_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_STEP_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_STEP_END;
    default:
        return fail(s, e);
    }
}

enum tls_step tls_session_handshake(struct tls_session *s, struct error *e)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(s->ssl);
    if (result != 1) {
        enum tls_step step = step_of(s, result, e);
        return step == TLS_STEP_END ? fail(s, e) : step;
    }
    s->is_open = true;
    s->peer = tls_peer_cert(s->ssl);
    return TLS_STEP_DONE;
}

enum tls_step tls_session_read(struct tls_session *s, void *at, size_t room, size_t *got,
                               struct error *e)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_read_ex(s->ssl, at, room, got);
    if (result == 1)
        return TLS_STEP_DONE;
    /* HTTP frames its own ends: a peer that drops the connection without close_notify has just
     * closed it. */
    if (SSL_get_error(s->ssl, result) == SSL_ERROR_SSL &&
        ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        s->is_open = false;
        return TLS_STEP_END;
    }
    return step_of(s, result, e);
}

bool tls_session_holds(const struct tls_session *s)
{
    return SSL_has_pending(s->ssl) == 1;
}

enum tls_step tls_session_write(struct tls_session *s, struct str octets, size_t *sent,
                                struct error *e)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_write_ex(s->ssl, octets.at, octets.len, sent);
    return result == 1 ? TLS_STEP_DONE : step_of(s, result, e);
}

void tls_session_end(struct tls_session *s)
{
    if (!s->is_open)
        return;
    s->is_open = false;
    ERR_clear_error();
    SSL_shutdown(s->ssl);
    ERR_clear_error();
}

const struct cert *tls_session_peer(struct tls_session *s)
{
    return s->peer;
}
