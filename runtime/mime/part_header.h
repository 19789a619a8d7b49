/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* part_header.h - the header lines of one part, and its transfer encoding. Inside runtime/mime. */
#pragma once

#include "runtime/crypto/base64.h"
#include "runtime/mime/multipart.h"

/* `block`: whole lines, each ended by CRLF (or LF where lenient; the scanner saw to that), without the
 * empty one. Folded lines are taken. Values are views into the block or the arena. */
MUST_USE bool part_header_read(struct str block, struct arena *a, struct part_header *out,
                               struct error *e);

/* Quoted-printable text in, octets out (RFC 2045 §6.7): soft line ends go, anything odd is refused. */
struct quoted_sink {
    struct sink sink;
    struct sink *next;
    char held[3]; /* an escape that is not whole yet */
    size_t held_len;
};
void quoted_sink_init(struct quoted_sink *s, struct sink *next);

/* What stands between the scanner and the part's sink. */
struct part_decoder {
    struct base64_sink base64;
    struct quoted_sink quoted;
};
/* *first is the sink to write raw octets to. Unknown encodings are refused. */
MUST_USE bool part_decoder_start(struct part_decoder *d, struct str encoding, struct sink *next,
                                 struct sink **first, struct error *e);
