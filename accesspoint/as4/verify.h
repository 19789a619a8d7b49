/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* verify.h - who signed what: the references of the signature against what will be processed, the
 * certificate against trust (spec/as4.md 7.2, 10.2, 11 step 8). A node is compared by identity: the
 * eb:Messaging whose digest held is the one that was read. */
#pragma once

#include "accesspoint/as4/open.h"

struct as4_verifier {
    const struct as4_in_config *config;
    const struct as4_pmode *mode;
    const struct as4_envelope *envelope;
    const struct as4_security *security;
    const struct as4_opened *opened;
    size_t opened_count;
    struct arena *arena;
};

/* Every reference names Messaging, Body, the Timestamp, a token or an attachment; Messaging, Body
 * and all attachments are covered. DENY EBMS:0103. */
MUST_USE bool as4_verify_coverage(const struct as4_verifier *v, struct error *e);
/* Token, trust, digests, signature value. DENY EBMS:0101, 0103 for the token's style. Fills signer,
 * style, stale_crl, references and receipt_references of *r. */
MUST_USE bool as4_verify_signature(const struct as4_verifier *v, struct as4_received *r,
                                   struct error *e);
