/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* digest.h - SHA-2 over streams. */
#pragma once

#include "runtime/base/sink.h"

enum digest_type { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA1 /* OAEP only */ };
enum { DIGEST_SIZE_MAX = 64 };

struct digest_value {
    unsigned char octets[DIGEST_SIZE_MAX];
    size_t len;
};
struct str digest_str(const struct digest_value *d);
bool digest_equal(const struct digest_value *a, struct str octets);
bool digest_of(enum digest_type type, struct str octets, struct digest_value *out); /* false: abort-worthy */

/* Digests what flows by; next may be NULL. digest_sink_value once, after finish. */
struct digest_sink {
    struct sink sink;
    struct sink *next;
    void *state;
    enum digest_type type;
};
void digest_sink_init(struct digest_sink *s, enum digest_type type, struct sink *next);
void digest_sink_value(struct digest_sink *s, struct digest_value *out); /* before release */
void digest_sink_release(struct digest_sink *s);
#define AUTO_DIGEST_SINK __attribute__((cleanup(digest_sink_release))) struct digest_sink
