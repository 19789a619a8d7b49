/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* cert.h - X.509 certificates as values that are shared and counted. Thread-safe once made. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/crypto/digest.h"

struct cert;

/* A small cache (by SHA-256 of the DER) makes repeated reads cheap: d2i_X509 costs 77 us. */
MUST_USE bool cert_from_der(struct str der, struct cert **out, struct error *e);
/* Base64 DER, base64 of PEM, or PEM itself, white space anywhere (CertPub: spec/sdk.md Q21). */
MUST_USE bool cert_from_text(struct str text, struct cert **out, struct error *e);
struct cert *cert_hold(struct cert *c); /* one more owner */
void cert_free(struct cert *c);         /* NULL is fine */
void cert_free_at(struct cert **c);
#define AUTO_CERT __attribute__((cleanup(cert_free_at)))

struct cert_list {
    struct cert **at;
    size_t count;
};
void cert_list_release(struct cert_list *l);
#define AUTO_CERT_LIST __attribute__((cleanup(cert_list_release))) struct cert_list
MUST_USE bool cert_list_add(struct cert_list *l, struct cert *c); /* holds it; false past 1000 */
MUST_USE bool cert_list_read_pem(struct cert_list *l, const char *path, struct error *e);
/* Every certificate of PEM text; none is no error. */
MUST_USE bool cert_list_add_pem(struct cert_list *l, struct str text, struct error *e);
/* X509PKIPathv1: SEQUENCE OF Certificate, anchor side first (spec/as4.md 10.1); <= 10. */
MUST_USE bool cert_list_from_pkipath(struct cert_list *l, struct str der, struct error *e);
MUST_USE bool cert_to_pkipath(const struct cert_list *leaf_last, struct buf *der, struct error *e);

struct str cert_der(const struct cert *c);
struct str cert_sha256(const struct cert *c); /* 32 octets */
struct str cert_common_name(const struct cert *c); /* "" where there is none */
struct str cert_subject(const struct cert *c);     /* RFC 2253 text */
struct str cert_issuer(const struct cert *c);      /* RFC 2253 text, most specific first */
struct str cert_serial(const struct cert *c);      /* decimal */
struct str cert_key_id(const struct cert *c); /* SKI value; without the extension SHA-1 of the key bits */
int64_t cert_not_before_ms(const struct cert *c);
int64_t cert_not_after_ms(const struct cert *c);
unsigned cert_key_bits(const struct cert *c);
bool cert_is_rsa(const struct cert *c);
bool cert_equal(const struct cert *a, const struct cert *b);
/* Compared as parsed RDNs, either order, not as text (spec/as4.md P17). */
bool cert_issued_as(const struct cert *c, struct str issuer_rfc2253, struct str serial_decimal);

/* RSASSA-PKCS1-v1_5. DENY where it does not hold. */
MUST_USE bool cert_verify(const struct cert *c, enum digest_type type, const struct digest_value *digest,
                          struct str signature, struct error *e);
enum oaep_type { OAEP_SHA1_MGF_SHA1, OAEP_SHA256_MGF_SHA1, OAEP_SHA256_MGF_SHA256 };
MUST_USE bool cert_wrap_key(const struct cert *c, enum oaep_type type, struct str key, struct buf *out,
                            struct error *e);
