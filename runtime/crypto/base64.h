/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* base64.h - RFC 4648. Strict reading: only the alphabet, right padding; XML white space is skipped
 * where asked for. */
#pragma once

#include "runtime/base/sink.h"

MUST_USE bool base64_encode(struct buf *out, struct str octets, struct error *e); /* no line breaks */
MUST_USE bool base64_decode(struct buf *out, struct str text, bool skip_space, struct error *e);

/* Streams: octets in, text out to next (no line breaks); and text in, octets out. */
struct base64_sink {
    struct sink sink;
    struct sink *next;
    unsigned char held[4];
    size_t held_len;
    bool skip_space; /* decoding only */
    bool ended;      /* padding seen */
};
void base64_encode_sink_init(struct base64_sink *s, struct sink *next);
void base64_decode_sink_init(struct base64_sink *s, bool skip_space, struct sink *next);
