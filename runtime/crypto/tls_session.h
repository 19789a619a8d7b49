/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tls_session.h - one TLS connection over a non-blocking socket, step by step; who waits for what is
 * the caller's (runtime/loop/stream.c). Never blocks. */
#pragma once

#include "runtime/crypto/tls.h"

struct tls_session;

enum tls_step {
    TLS_STEP_DONE,       /* went on; may be called again at once */
    TLS_STEP_WANT_READ,  /* when the socket is readable */
    TLS_STEP_WANT_WRITE, /* when the socket is writable */
    TLS_STEP_END,        /* the peer closed */
    TLS_STEP_FAILED,     /* *e: RETRY, or DENY where a certificate does not hold */
};

/* fd stays the caller's. host (clients; may be NULL): sent as SNI, and the certificate must name it. */
MUST_USE bool tls_session_new(const struct tls *t, int fd, const char *host,
                              struct tls_session **out, struct error *e);
void tls_session_free(struct tls_session *s); /* NULL is fine; sends nothing */
enum tls_step tls_session_handshake(struct tls_session *s, struct error *e);
/* DONE: *got > 0 octets. */
enum tls_step tls_session_read(struct tls_session *s, void *at, size_t room, size_t *got,
                               struct error *e);
/* Received and not read yet: the socket will not announce it again. */
bool tls_session_holds(const struct tls_session *s);
/* DONE: the first *sent > 0 octets are on their way; the rest may move in memory. */
enum tls_step tls_session_write(struct tls_session *s, struct str octets, size_t *sent,
                                struct error *e);
void tls_session_end(struct tls_session *s); /* close_notify, as far as it goes */
/* Verified; NULL where none was asked for. Borrowed. After the handshake. */
const struct cert *tls_session_peer(struct tls_session *s);
