/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* dsig.h - XML-DSig read and checked by hand: closed algorithm lists, no transform that computes,
 * no lookup outside the document. The caller decides which references and which signer are right;
 * nothing here trusts a certificate. Used by AS4, XHE and SMP alike. */
#pragma once

#include "runtime/crypto/key.h"
#include "runtime/xml/c14n.h"

#define DSIG_ATTACHMENT_URI \
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
enum { DSIG_REFERENCES_MAX = 128, DSIG_PREFIXES_MAX = 16 };
enum dsig_transform {
    DSIG_ENVELOPED,  /* xmldsig#enveloped-signature */
    DSIG_C14N,       /* one of c14n_type */
    DSIG_ATTACHMENT, /* SwA Attachment-Content-Signature-Transform */
};
struct dsig_reference {
    const struct xml_node *node; /* the ds:Reference itself, for receipts */
    struct str uri;              /* "", "#id", "cid:..." */
    bool enveloped, has_c14n, attachment;
    enum c14n_type c14n; /* implicit C14N_1_0 where has_c14n is false */
    const char *const *prefixes;
    enum digest_type digest_type;
    struct str digest; /* decoded octets */
};
struct dsig {
    const struct xml_node *signature, *signed_info, *key_info; /* key_info may be NULL */
    enum c14n_type c14n;
    const char *const *prefixes;
    enum digest_type digest_type; /* of rsa-sha256 / 384 / 512 */
    struct str value;             /* decoded octets */
    struct dsig_reference *references;
    size_t count;
};
/* ERROR_DENY with what was found and what is allowed. SHA-1, HMAC, XPath, XSLT, Manifest,
 * Object, unknown transforms, HMACOutputLength, duplicate or odd structure: refused before any
 * arithmetic. */
MUST_USE bool dsig_read(const struct xml_node *signature, struct arena *a, struct dsig *out,
                        struct error *e);
/* Digest of the node (NULL: whole document, URI "" alone) as the reference's transforms ask;
 * compares. */
MUST_USE bool dsig_check_reference(const struct xml_doc *d, const struct dsig *s,
                                   const struct dsig_reference *r, const struct xml_node *node,
                                   struct error *e);
MUST_USE bool dsig_check_value(const struct xml_doc *d, const struct dsig *s,
                               const struct cert *signer, struct error *e);
/* All of an enveloped signature with one Reference URI="" (XHE, SMP): shape, digest, value. The
 * signature must be a child of the root. *signer is held for the caller. */
MUST_USE bool dsig_verify_enveloped(const struct xml_doc *d, const struct xml_node *signature,
                                    struct arena *a, struct cert **signer, struct error *e);
