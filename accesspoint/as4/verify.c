/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/verify.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/part_info.h"

enum { REFERENCE_MAX = 64 * 1024 };

static bool refuse(struct error *e, const char *what)
{
    return error_code(e, ERROR_DENY, EBMS_POLICY, "%s", what);
}

static bool not_authentic(struct error *e)
{
    if ((e->kind == ERROR_DENY || e->kind == ERROR_REJECT) && e->code == NULL) {
        e->kind = ERROR_DENY;
        e->code = EBMS_FAILED_AUTHENTICATION;
    }
    return false;
}

/* --- what a reference names */

static const struct xml_node *node_of(const struct as4_verifier *v, const struct dsig_reference *r)
{
    if (!str_starts(r->uri, STR("#")))
        return NULL;
    return xml_ids_find(v->envelope->ids, str_from(r->uri, 1));
}

static const struct as4_opened *attachment_of(const struct as4_verifier *v,
                                              const struct dsig_reference *r)
{
    struct str cid;
    if (!as4_cid_of(r->uri, v->arena, &cid))
        return NULL;
    for (size_t i = 0; i < v->opened_count; i++) {
        if (str_equal(v->opened[i].cid, cid))
            return &v->opened[i];
    }
    return NULL;
}

static bool is_own_token(const struct as4_verifier *v, const struct xml_node *n)
{
    return xml_is(n, NS_WSSE, "BinarySecurityToken") && xml_parent(n) == v->envelope->security;
}

static bool check_node_reference(const struct as4_verifier *v, const struct dsig_reference *r,
                                 struct error *e)
{
    const struct xml_node *n = node_of(v, r);
    if (r->enveloped || r->attachment || !r->has_c14n || r->c14n != C14N_EXCLUSIVE)
        return refuse(e, "a reference into the envelope wants exclusive C14N alone");
    if (n == NULL)
        return refuse(e, "a reference names nothing in this envelope");
    if (n != v->envelope->messaging && n != v->envelope->body && n != v->security->timestamp &&
        !is_own_token(v, n))
        return refuse(e, "a reference names what AS4 does not sign; Messaging, Body, Timestamp, "
                         "tokens and attachments are signed");
    return true;
}

static bool check_attachment_reference(const struct as4_verifier *v, const struct dsig_reference *r,
                                       struct error *e)
{
    if (!r->attachment || r->has_c14n || r->enveloped)
        return refuse(e, "a cid: reference wants Attachment-Content-Signature-Transform alone");
    if (attachment_of(v, r) == NULL)
        return refuse(e, "a cid: reference names no attachment of this message");
    return true;
}

static bool check_reference(const struct as4_verifier *v, const struct dsig_reference *r,
                            struct error *e)
{
    unsigned other = AS4_LEGACY_RSA_SHA384 | AS4_LEGACY_RSA_SHA512;
    if (r->digest_type != DIGEST_SHA256 && !(v->mode->legacy & other))
        return refuse(e, "a reference's digest is not SHA-256");
    if (str_starts(r->uri, STR("#")))
        return check_node_reference(v, r, e);
    return check_attachment_reference(v, r, e);
}

static bool covers_node(const struct as4_verifier *v, const struct xml_node *n)
{
    const struct dsig *s = &v->security->signature;
    for (size_t i = 0; i < s->count; i++) {
        if (node_of(v, &s->references[i]) == n)
            return true;
    }
    return false;
}

static bool covers_attachments(const struct as4_verifier *v, struct error *e)
{
    for (size_t i = 0; i < v->opened_count; i++) {
        if (v->opened[i].digest.len == 0)
            return refuse(e, "an attachment is not signed");
    }
    return true;
}

bool as4_verify_coverage(const struct as4_verifier *v, struct error *e)
{
    const struct dsig *s = &v->security->signature;
    if (s->c14n != C14N_EXCLUSIVE)
        return refuse(e, "CanonicalizationMethod is not exclusive C14N");
    for (size_t i = 0; i < s->count; i++) {
        if (!check_reference(v, &s->references[i], e))
            return false;
    }
    if (!covers_node(v, v->envelope->messaging))
        return refuse(e, "eb:Messaging is not signed");
    if (!covers_node(v, v->envelope->body))
        return refuse(e, "the SOAP Body is not signed");
    return covers_attachments(v, e);
}

/* --- signer */

static bool check_signer(const struct as4_verifier *v, const struct as4_token_read *token,
                         bool *stale, struct error *e)
{
    if (!(v->mode->styles & (1U << token->style)))
        return error_code(e, ERROR_DENY, EBMS_POLICY, "token style %s is not agreed",
                          as4_token_style_name(token->style));
    if (!cert_is_rsa(token->cert) || cert_key_bits(token->cert) < v->mode->key_bits_min)
        return error_code(e, ERROR_DENY, EBMS_FAILED_AUTHENTICATION,
                          "the signer's key is not RSA of %u bits or more", v->mode->key_bits_min);
    if (v->config->trust == NULL)
        return true;
    return trust_check(v->config->trust, token->cert, &token->chain, v->config->now_ms, stale, e) ||
           not_authentic(e);
}

/* --- digests */

static bool check_digest(const struct as4_verifier *v, const struct dsig_reference *r,
                         struct error *e)
{
    if (!r->attachment)
        return dsig_check_reference(v->envelope->doc, &v->security->signature, r, node_of(v, r),
                                    e) ||
               not_authentic(e);
    const struct as4_opened *opened = attachment_of(v, r);
    if (opened != NULL && digest_equal(&opened->digest, r->digest))
        return true;
    return error_code(e, ERROR_DENY, EBMS_FAILED_AUTHENTICATION,
                      "the digest of attachment '%.*s' is another", STR_ARG(r->uri));
}

/* A deep copy for the receipt: the reference's own canonical form, with its namespace (P43). */
static bool copy_reference(const struct as4_verifier *v, const struct dsig_reference *r,
                           struct arena *a, struct str *out, struct error *e)
{
    const struct c14n_options options = {.type = C14N_EXCLUSIVE};
    AUTO_BUF text = BUF(REFERENCE_MAX);
    struct sink_buf sink;
    sink_buf_init(&sink, &text);
    if (!c14n_write(v->envelope->doc, r->node, &options, &sink.sink, e))
        return false;
    *out = arena_copy(a, buf_str(&text));
    return true;
}

static bool take_reference(const struct as4_verifier *v, const struct dsig_reference *in,
                           struct as4_received *r, struct error *e)
{
    size_t i = r->references.count;
    struct as4_reference *out = &r->references.at[i];
    if (!check_digest(v, in, e) || !copy_reference(v, in, &r->arena, &r->receipt_references[i], e))
        return false;
    out->uri = arena_copy(&r->arena, in->uri);
    out->digest_type = in->digest_type;
    out->digest.len = in->digest.len;
    for (size_t k = 0; k < in->digest.len && k < DIGEST_SIZE_MAX; k++)
        out->digest.octets[k] = (unsigned char)in->digest.at[k];
    r->references.count++;
    return true;
}

bool as4_verify_signature(const struct as4_verifier *v, struct as4_received *r, struct error *e)
{
    const struct dsig *s = &v->security->signature;
    AUTO_TOKEN_READ token = {0};
    if (!as4_token_resolve(s->key_info, v->envelope->ids, v->config->partners, v->arena, &token,
                           e) ||
        !check_signer(v, &token, &r->stale_crl, e))
        return false;
    if (!dsig_check_value(v->envelope->doc, s, token.cert, e))
        return not_authentic(e);
    r->references.at = arena_array(&r->arena, s->count, sizeof(r->references.at[0]));
    r->receipt_references = arena_array(&r->arena, s->count, sizeof(r->receipt_references[0]));
    for (size_t i = 0; i < s->count; i++) {
        if (!take_reference(v, &s->references[i], r, e))
            return false;
    }
    r->style = token.style;
    r->signer = cert_hold(token.cert);
    r->is_signed = true;
    return true;
}
