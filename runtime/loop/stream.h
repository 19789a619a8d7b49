/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stream.h - a two-way stream of octets over TCP or a UNIX socket, with or without TLS, on the
 * loop. A stream is freed by its holder at any time, also inside its own callbacks: it falls silent
 * at once and its memory goes at the end of the turn. Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"
#include "runtime/crypto/tls.h"
#include "runtime/loop/loop.h"

struct stream;
struct stream_listener;

struct stream_events {
    void (*on_open)(void *ctx);    /* connected and, with TLS, shaken hands; may be NULL */
    void (*on_read)(void *ctx);    /* octets arrived: stream_peek(), stream_consume() */
    void (*on_written)(void *ctx); /* unsent octets fell to the low mark or below; may be NULL */
    /* The last call. Peer closed in order: e is NULL (what arrived can still be peeked). Else RETRY
     * with the step and why: connect, TLS, deadline, reading, writing; DENY for a certificate. */
    void (*on_end)(void *ctx, const struct error *e);
};
/* Must be called before control returns to the loop; again to change the reader. */
void stream_listen(struct stream *s, const struct stream_events *events, void *ctx);

/* "127.0.0.1:8443", "[::1]:443", "unix:/path" (a name is not looked up). */
struct stream_connect_config {
    struct str address;
    const struct tls *tls; /* NULL: plain */
    const char *host;      /* TLS: SNI and the name to verify; may be NULL */
};
MUST_USE bool stream_connect(struct loop *loop, const struct stream_connect_config *config,
                             struct stream **out, struct error *e);
void stream_free(struct stream *s); /* cuts; NULL is fine */
/* Lets unsent octets out first (until the deadline), then frees; no callback comes any more. */
void stream_close(struct stream *s);

/* The first piece of what has arrived, empty when all is consumed. Borrowed until the next call. */
struct str stream_peek(struct stream *s);
void stream_consume(struct stream *s, size_t n);  /* n <= the peeked piece's length */
void stream_pause(struct stream *s, bool paused); /* back-pressure: stops reading from the peer */
/* Kept in memory until it is sent: watch stream_unsent() and wait for on_written. */
void stream_write(struct stream *s, struct str octets); /* copied */
/* Octets [offset, offset + len) of fd behind what is written already; a file that turns out short
 * ends the stream. fd is taken and closed. Constant memory, with TLS too. */
void stream_write_file(struct stream *s, int fd, uint64_t offset, uint64_t len);
uint64_t stream_unsent(const struct stream *s);
/* Starts as 0. May change at any time: on_written comes for what is above it then. */
void stream_set_low_mark(struct stream *s, size_t octets);
/* Most octets read ahead; starts as 64 KiB. */
void stream_set_read_mark(struct stream *s, size_t octets);
/* When loop_now_ms() reaches at_ms the stream ends with RETRY "deadline: <step>"; 0: none. step is
 * static. */
void stream_set_deadline(struct stream *s, int64_t at_ms, const char *step);

bool stream_is_open(const struct stream *s); /* on_open was or could have been called */
/* Borrowed, NULL where the peer showed none; after on_open. */
const struct cert *stream_peer_cert(struct stream *s);
struct str stream_peer(const struct stream *s); /* "192.0.2.7:5211", "unix" */

/* --- accepting */
struct stream_listen_config {
    struct str address;    /* port 0: the kernel chooses; "unix:/path" replaces what is there */
    const struct tls *tls; /* NULL: plain. Its client certificate rule holds */
    bool reuse_port;       /* several processes share the port */
    mode_t unix_mode;      /* of the socket file; 0: 0600 */
    unsigned streams_max;  /* accepted and not yet freed; beyond it new ones wait in the kernel */
    int64_t handshake_ms;  /* deadline of the TLS handshake; 0: 10 s */
};
/* The stream is the callee's. With TLS it comes after the handshake. */
typedef void stream_accepted(void *ctx, struct stream *s);

/* An inherited socket (LISTEN_FDS, LISTEN_PID) bound to this address is used, not a new one. */
MUST_USE bool stream_listener_new(struct loop *loop, const struct stream_listen_config *config,
                                  stream_accepted *accepted, void *ctx,
                                  struct stream_listener **out, struct error *e);
/* Swaps the TLS context for new connections (reload); must outlive the listener. */
void stream_listener_set_tls(struct stream_listener *l, const struct tls *tls);
/* As in the configuration, with the port the kernel chose. Borrowed. */
struct str stream_listener_address(const struct stream_listener *l);
void stream_listener_free(struct stream_listener *l); /* accepted streams live on; NULL is fine */
