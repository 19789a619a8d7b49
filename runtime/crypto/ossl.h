/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* ossl.h - inside runtime/crypto only: OpenSSL's algorithms, fetched once per process (an implicit
 * fetch costs 1.6 us per use), and its errors as ours. */
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/cipher.h"
#include "runtime/crypto/digest.h"

const EVP_MD *ossl_digest(enum digest_type type);
const EVP_CIPHER *ossl_cipher(enum cipher_type type);
/* "<what>: <OpenSSL's last reason>"; empties OpenSSL's queue of errors. */
bool ossl_error(struct error *e, enum error_kind kind, const char *what);

/* OpenSSL's own objects behind our handles; borrowed. */
X509 *cert_native(const struct cert *c);
EVP_PKEY *cert_public_key(const struct cert *c);
/* Milliseconds since 1970 UTC; false where it is no time. */
bool ossl_time_ms(const ASN1_TIME *t, int64_t *ms);
MUST_USE bool cert_from_native(X509 *x509, struct cert **out, struct error *e);
struct key;
EVP_PKEY *key_native(const struct key *k);
