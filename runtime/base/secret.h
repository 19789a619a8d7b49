/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* secret.h - octets that are wiped when let go and cannot be logged: no KV type takes one. */
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/str.h"

struct secret {
    unsigned char *at;
    size_t len;
};

#define AUTO_SECRET __attribute__((cleanup(secret_release))) struct secret

void secret_release(struct secret *s);
void secret_set(struct secret *s, const void *at, size_t len); /* a copy; wipes what was there */
/* Constant time in the content (not in the lengths). */
bool secret_equal_octets(struct str a, struct str b);
struct str secret_peek(const struct secret *s); /* for the one call that needs the octets */
/* The same for content that is encrypted itself (PKCS#12 with a password): who may read it is not
 * looked at. */
MUST_USE bool secret_read_sealed_file(struct secret *s, const char *path, size_t most,
                                      struct error *e);
/* A file of at most `most` octets; one final newline is dropped. Refuses files others may read. */
MUST_USE bool secret_read_file(struct secret *s, const char *path, size_t most, struct error *e);
/* A key: exactly `octets` octets, whatever they are (one in 256 ends like a newline). */
MUST_USE bool secret_read_key(struct secret *s, const char *path, size_t octets, struct error *e);
