/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* envelope.h - the XHE envelope (spec/sdk.md 3): written in one pass, in canonical form as it goes, so
 * that its digest is ready when its last octet is; and read and checked. */
#pragma once

#include "accesspoint/sdk/federation.h"
#include "accesspoint/sdk/judge.h"
#include "runtime/crypto/key.h"

#define XHE_NS           "http://docs.oasis-open.org/bdxr/ns/XHE/1/ExchangeHeaderEnvelope"
#define XHE_AGGREGATE_NS "http://docs.oasis-open.org/bdxr/ns/XHE/1/AggregateComponents"
#define XHE_BASIC_NS     "http://docs.oasis-open.org/bdxr/ns/XHE/1/BasicComponents"

struct xhe {
    struct str id;      /* UUID; of an SDK message: its messageId */
    struct str created; /* as written; for writing use created_ms */
    int64_t created_ms;
    struct str document, document_scheme, process, process_scheme, federation;
    struct str from, to;         /* "0203:..." */
    struct str document_type;    /* Q{namespace}local */
    struct str content_type;     /* application/xml */
    struct str handling_service; /* the recipient's function address; may be none */
    bool is_encrypted;
    /* reading only: borrowed from the document */
    const struct xml_node *content;        /* xha:PayloadContent */
    const struct xml_node *encrypted_data; /* NULL: clear */
    const struct xml_node *signature;      /* NULL: none; the first one */
    size_t signature_count;
};

/* --- writing: xhe_out_new, write the payload's XML into xhe_out_payload and finish it: the signature
 * comes last, and `to` is finished. Clear payloads must be canonical XML with their own namespaces. */
struct xhe_out;
struct xhe_out_config {    /* borrowed until xhe_out_free */
    const struct key *key; /* signs; cert is its certificate */
    const struct cert *cert;
    const struct cert
        *recipient; /* encrypts to it, AES-256-CBC and RSA-OAEP (3.4); NULL: in clear */
};
/* x->is_encrypted is not read: config->recipient decides. */
MUST_USE bool xhe_out_new(const struct xhe_out_config *config, const struct xhe *x, struct sink *to,
                          struct xhe_out **out, struct error *e);
struct sink *xhe_out_payload(struct xhe_out *o);
void xhe_out_free(struct xhe_out *o);
void xhe_out_free_at(struct xhe_out **o);
#define AUTO_XHE_OUT __attribute__((cleanup(xhe_out_free_at))) struct xhe_out *

/* --- reading */
/* XSD and R1-R14; *out is read where f->count is 0 afterwards. Codes XHE/profile. False only for
 * RETRY and BUG. */
MUST_USE bool xhe_check(const struct judge *j, const struct xml_doc *d, struct arena *a,
                        struct xhe *out, struct xml_findings *f, struct error *e);
/* What xhe_check passed before, read again from where nobody else writes: no XSD, no rules. */
MUST_USE bool xhe_read(const struct xml_doc *d, struct arena *a, struct xhe *out, struct error *e);
enum xhe_kind { XHE_MESSAGE, XHE_RECEIPT, XHE_OTHER };
/* By DOCUMENTID and its scheme, without regard to case. */
enum xhe_kind xhe_kind_of(const struct xhe *x, const struct federation *f);
/* Beyond the profile: the federation's own values, and DocumentTypeCode fits DOCUMENTID. REJECT. */
MUST_USE bool xhe_fits(const struct xhe *x, const struct federation *f, struct error *e);
/* The clear payload (one element) as canonical XML that stands alone; finishes the sink. */
MUST_USE bool xhe_payload_write(const struct xml_doc *d, const struct xhe *x, struct sink *out,
                                struct error *e);
