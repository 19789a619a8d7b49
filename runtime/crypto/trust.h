/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* trust.h - who may vouch, per use: an explicit list of anchors and intermediates, and CRLs. */
#pragma once

#include "runtime/crypto/cert.h"

enum trust_use { TRUST_SIGN, TRUST_TLS_SERVER, TRUST_TLS_CLIENT, TRUST_ANY };
enum trust_crl { TRUST_CRL_NONE, TRUST_CRL_SOFT /* stale or missing: warn */, TRUST_CRL_HARD };

struct trust;

struct trust_config {
    const char *anchors_path; /* PEM: roots and issuing CAs; every one of them is an anchor or intermediate */
    const char *crl_path;     /* PEM CRLs, NULL: none. Re-read when the file changes */
    enum trust_crl crl;
    enum trust_use use;
    int64_t skew_ms; /* +-60 s, spec/as4.md 10.2 */
};

MUST_USE bool trust_new(const struct trust_config *config, struct trust **out, struct error *e);
void trust_free(struct trust *t);
/* DENY with why: unknown issuer, expired on ..., not yet valid, revoked on ..., wrong key usage.
 * `others` are untrusted chain certificates (may be NULL). at_ms: the time to judge by. Results are
 * cached for a short while per certificate and CRL state. *stale_crl (may be NULL): soft pass. */
/* RETRY: the revocation list that TRUST_CRL_HARD asks for is missing or stale. */
MUST_USE bool trust_check(struct trust *t, const struct cert *c, const struct cert_list *others,
                          int64_t at_ms, bool *stale_crl, struct error *e);
