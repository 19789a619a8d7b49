/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* cipher.h - AES over streams, and key wrap. Decryption gives out octets before the tag is checked:
 * write them to a private place and use them only after finish() succeeded. */
#pragma once

#include "runtime/base/secret.h"
#include "runtime/base/sink.h"

/* WIRE: XML-Enc layouts, IV in front: GCM = IV(12) data TAG(16); CBC = IV(16) data, XML padding. */
enum cipher_type { CIPHER_AES128_GCM, CIPHER_AES256_GCM, CIPHER_AES256_CBC };
size_t cipher_key_size(enum cipher_type type);

struct cipher_sink {
    struct sink sink;
    struct sink *next;
    void *state;
};
#define AUTO_CIPHER_SINK __attribute__((cleanup(cipher_sink_release))) struct cipher_sink
/* Writes a fresh random IV first, the tag at finish. */
MUST_USE bool cipher_seal_sink_init(struct cipher_sink *s, enum cipher_type type, struct str key,
                                    struct sink *next, struct error *e);
/* Any failure (tag, padding, too short) is DENY with one and the same text. */
MUST_USE bool cipher_open_sink_init(struct cipher_sink *s, enum cipher_type type, struct str key,
                                    struct sink *next, struct error *e);
void cipher_sink_release(struct cipher_sink *s);

/* AES-256-GCM of small values with associated data: out = IV(12) data TAG(16). */
MUST_USE bool cipher_seal(struct str key, struct str aad, struct str plain, struct buf *out,
                          struct error *e);
MUST_USE bool cipher_open(struct str key, struct str aad, struct str sealed, struct buf *out,
                          struct error *e);
