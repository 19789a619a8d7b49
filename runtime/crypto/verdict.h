/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* verdict.h - inside runtime/crypto only: judges one certificate, without memory of others. */
#pragma once

#include <openssl/x509_vfy.h>

#include "runtime/crypto/trust.h"

struct verdict_rules {
    X509_STORE *store; /* anchors, intermediates and CRLs */
    enum trust_use use;
    enum trust_crl crl;
    int64_t skew_ms;
};

struct verdict {
    bool is_good;
    bool is_stale; /* good, but a revocation list was missing or too old */
    int code;      /* X509_V_* */
    struct error why;
};

void verdict_reach(const struct verdict_rules *rules, const struct cert *c,
                   const struct cert_list *others, int64_t at_ms, struct verdict *out);
/* As trust_check(), with all of the verdict; for TLS. */
void trust_judge(struct trust *t, const struct cert *c, const struct cert_list *others,
                 int64_t at_ms, struct verdict *out);
X509_STORE *trust_store(struct trust *t); /* the present one, one more owner */
const struct cert_list *trust_anchors(const struct trust *t);
