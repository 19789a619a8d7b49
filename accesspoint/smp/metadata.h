/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* metadata.h - a SignedServiceMetadata that an SMP answered (spec/sdk.md 6.3, 6.4), verified and read:
 * where to send, and the published O2O certificates. */
#pragma once

#include "accesspoint/sdk/federation.h"
#include "accesspoint/smp/url.h"
#include "runtime/crypto/trust.h"
#include "runtime/xml/dsig.h"

enum { SMP_ENDPOINTS_MAX = 64, SMP_CERTS_MAX = 32 };

struct smp_endpoint {
    struct str process, process_scheme;
    struct str transport_profile;
    struct str url;
    struct cert *cert; /* borrowed from the metadata; NULL where it cannot be read */
    bool has_activation, has_expiration;
    int64_t activation_ms, expiration_ms;
};
struct smp_published { /* CertPub */
    struct str type;
    struct cert *cert; /* borrowed from the metadata */
};
struct smp_metadata {
    struct smp_service service; /* as written in the answer */
    struct smp_endpoint *endpoints;
    size_t endpoint_count;
    struct smp_published *published;
    size_t published_count;
    struct cert_list certs; /* owns all of them */
};
void smp_metadata_release(struct smp_metadata *m);
#define AUTO_SMP_METADATA __attribute__((cleanup(smp_metadata_release))) struct smp_metadata

struct smp_question {           /* all borrowed */
    struct smp_service service; /* what was asked for: the answer must be about it */
    const struct federation *federation;
    struct trust *trust; /* who may sign metadata; NULL: arithmetic only (tests) */
    int64_t now_ms;
};
/* Signature (exactly one transform), signer, ids, then the content. DENY where it cannot be believed,
 * REJECT where it cannot be used (a Redirect, no ServiceInformation). */
MUST_USE bool smp_metadata_read(const struct xml_doc *d, const struct smp_question *q,
                                struct arena *a, struct smp_metadata *out, struct error *e);
/* The best endpoint: accepted transport profile in the federation's order, its process, active now,
 * with a certificate. REJECT says what was missing. */
MUST_USE bool smp_metadata_endpoint(const struct smp_metadata *m, const struct smp_question *q,
                                    const struct smp_endpoint **out, struct error *e);
/* Adds the certificates of that type (federation->certpub_signing, certpub_encryption); false where
 * there is none: REJECT. */
MUST_USE bool smp_metadata_certs(const struct smp_metadata *m, struct str type,
                                 struct cert_list *out, struct error *e);
