/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* key.h - private keys as handles: no other file ever sees key octets. Thread-safe. */
#pragma once

#include "runtime/base/secret.h"
#include "runtime/crypto/cert.h"

struct key;

/* PEM key, or PKCS#12 (then `certs` gets its certificates, leaf first; may be NULL). password may be
 * NULL. The path decides by content, not by name. */
MUST_USE bool key_read(const char *path, const struct secret *password, struct key **out,
                       struct cert_list *certs, struct error *e);
void key_free(struct key *k);
void key_free_at(struct key **k);
#define AUTO_KEY __attribute__((cleanup(key_free_at)))
bool key_fits(const struct key *k, const struct cert *c); /* is it the certificate's key? */
size_t key_signature_size(const struct key *k);
MUST_USE bool key_sign(const struct key *k, enum digest_type type, const struct digest_value *digest,
                       struct buf *signature, struct error *e); /* RSASSA-PKCS1-v1_5 */
/* Unwraps a content key of exactly key_size octets. A wrong key, padding or length gives a RANDOM key
 * of that size and true: the cipher then fails the same way (spec/as4.md 8). False only for RETRY/BUG. */
MUST_USE bool key_unwrap(const struct key *k, enum oaep_type type, struct str wrapped, size_t key_size,
                         struct secret *out, struct error *e);
