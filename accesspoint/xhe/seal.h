/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* seal.h - end-to-end protection between organisations (O2O; spec/sdk.md 3.4-3.6): first the signature,
 * then, only when it holds, decryption. */
#pragma once

#include "accesspoint/xhe/envelope.h"

/* Shape, digest, value, and that the signer's certificate is one of those the sender published
 * (CertPub signing-cert). DENY, code "SIG/security". *signer is held for the caller: dates, chain and
 * revocation are his to ask (trust_check). `published` NULL: arithmetic only (checkers, tests). */
MUST_USE bool seal_verify(const struct xml_doc *d, const struct xhe *x,
                          const struct cert_list *published, struct arena *a, struct cert **signer,
                          struct error *e);

struct seal_key { /* an O2O key of ours; several during a change of certificates */
    const struct key *key;
    const struct cert *cert;
};
struct seal_keys {
    const struct seal_key *at;
    size_t count;
};
/* Decrypts into `out` (finished), chosen by the certificate EncryptedKey names. Nothing that was
 * written may be used when it fails. DENY without code and with one text, whatever was wrong; wrong
 * structure or algorithms are REJECT. Call after seal_verify, never before. What was written is a
 * fragment: prefixes declared outside of x->encrypted_data hold inside. */
MUST_USE bool seal_open(const struct xhe *x, const struct seal_keys *keys,
                        const struct federation *f, struct sink *out, struct error *e);
