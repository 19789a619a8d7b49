/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* token.h - how a certificate is named in a SecurityTokenReference (spec/as4.md 10.1): written in
 * four styles, read in those and as an embedded certificate. */
#pragma once

#include "runtime/crypto/cert.h"
#include "runtime/xml/doc.h"
#include "runtime/xml/write.h"

enum as4_token_style { AS4_TOKEN_BST, AS4_TOKEN_PKIPATH, AS4_TOKEN_SKI, AS4_TOKEN_ISSUER_SERIAL };
const char *
as4_token_style_name(enum as4_token_style s); /* "bst", "pkipath", "ski", "issuerserial" */
MUST_USE bool as4_token_style_of(struct str name, enum as4_token_style *out, struct error *e);

struct as4_token {
    enum as4_token_style style;
    struct cert *cert;
    const struct cert_list
        *chain;     /* PKIPATH: issuers, anchor side first, without cert; may be NULL */
    const char *id; /* of the BinarySecurityToken */
};
/* wsse:BinarySecurityToken; nothing for SKI and ISSUER_SERIAL. Prefixes wsse and wsu in scope. */
MUST_USE bool as4_token_write(const struct as4_token *t, struct xml_writer *w, struct error *e);
/* wsse:SecurityTokenReference. Prefixes wsse and ds in scope. */
void as4_token_write_reference(const struct as4_token *t, struct xml_writer *w);

/* What a reference named. */
struct as4_token_read {
    enum as4_token_style style; /* X509Data with a certificate counts as BST */
    struct cert *cert;          /* held for the caller (cert_free) */
    struct cert_list chain;     /* PKIPath: the rest, untrusted */
};
void as4_token_read_release(struct as4_token_read *t);
#define AUTO_TOKEN_READ __attribute__((cleanup(as4_token_read_release))) struct as4_token_read

/* `key_info` is the ds:KeyInfo; `known` the certificates SKI and issuer/serial may name (may be
 * NULL). Errors: DENY EBMS:0101 where none is found, EBMS:0103 for a style that is not allowed. */
MUST_USE bool as4_token_resolve(const struct xml_node *key_info, const struct xml_ids *ids,
                                const struct cert_list *known, struct arena *a,
                                struct as4_token_read *out, struct error *e);
