/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stream_private.h - between a listener and its streams. Within runtime/loop only. */
#pragma once

#include "runtime/loop/address.h"
#include "runtime/loop/stream.h"

/* An accepted socket becomes a stream; fd is taken on success. With TLS, on_open comes after the
 * handshake; without, the stream is open. */
MUST_USE bool stream_adopt(struct loop *loop, int fd, const struct address *peer,
                           const struct tls *tls, struct stream **out, struct error *e);
/* released(ctx): the socket is closed. */
void stream_on_release(struct stream *s, loop_fn *released, void *ctx);
