/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_dsig.c */
#include "runtime/xml/dsig.h"

#define DSIG_URI "http://www.w3.org/2000/09/xmldsig#"

enum { CERT_OCTETS = 64 * 1024 };

static bool digest_node(const struct xml_doc *d, const struct xml_node *top,
                        const struct c14n_options *options, enum digest_type type,
                        struct digest_value *out, struct error *e)
{
    AUTO_DIGEST_SINK sink = {0};
    digest_sink_init(&sink, type, NULL);
    if (!c14n_write(d, top, options, &sink.sink, e) || !sink_finish(&sink.sink, e))
        return false;
    digest_sink_value(&sink, out);
    return true;
}

bool dsig_check_reference(const struct xml_doc *d, const struct dsig *s,
                          const struct dsig_reference *r, const struct xml_node *node,
                          struct error *e)
{
    struct c14n_options options = {.type = r->c14n,
                                   .inclusive_prefixes = r->prefixes,
                                   .without = r->enveloped ? s->signature : NULL};
    struct digest_value digest;
    if (r->attachment || (r->uri.len > 0) != (node != NULL))
        return error_set(e, ERROR_BUG, "not the node of the reference '%.*s'",
                         STR_ARG(str_upto(r->uri, 100)));
    if (!digest_node(d, node, &options, r->digest_type, &digest, e))
        return false;
    if (!digest_equal(&digest, r->digest))
        return error_set(e, ERROR_DENY, "the digest of '%.*s' does not match: it was altered",
                         STR_ARG(str_upto(r->uri, 100)));
    return true;
}

bool dsig_check_value(const struct xml_doc *d, const struct dsig *s, const struct cert *signer,
                      struct error *e)
{
    struct c14n_options options = {.type = s->c14n, .inclusive_prefixes = s->prefixes};
    struct digest_value digest;
    return digest_node(d, s->signed_info, &options, s->digest_type, &digest, e) &&
           cert_verify(signer, s->digest_type, &digest, s->value, e);
}

/* The certificate in ds:X509Data/ds:X509Certificate (first one). */
static bool read_cert(const struct dsig *s, struct arena *a, struct cert **out, struct error *e)
{
    struct str text;
    const struct xml_node *data = xml_first(s->key_info, DSIG_URI, "X509Data");
    const struct xml_node *n = xml_first(data, DSIG_URI, "X509Certificate");
    if (n == NULL)
        return error_set(e, ERROR_DENY,
                         "the signature has no certificate (KeyInfo/X509Data/X509Certificate)");
    if (xml_text(n, a, CERT_OCTETS, &text, e) && cert_from_text(text, out, e))
        return true;
    if (e->kind == ERROR_REJECT)
        e->kind = ERROR_DENY;
    return error_prefix(e, "the signature's certificate");
}

static bool check_shape(const struct xml_doc *d, const struct dsig *s, struct error *e)
{
    const struct xml_node *root = xml_root(d);
    if (xml_parent(s->signature) != root || xml_count(root, DSIG_URI, "Signature") != 1)
        return error_set(e, ERROR_DENY,
                         "the signature must be the one ds:Signature directly in the root");
    if (s->count != 1 || s->references[0].uri.len > 0 || !s->references[0].enveloped)
        return error_set(e, ERROR_DENY,
                         "the signature must have one Reference, URI=\"\", enveloped: it has %zu, "
                         "the first is '%.*s'",
                         s->count, STR_ARG(str_upto(s->references[0].uri, 100)));
    return true;
}

bool dsig_verify_enveloped(const struct xml_doc *d, const struct xml_node *signature,
                           struct arena *a, struct cert **signer, struct error *e)
{
    struct dsig s;
    AUTO_CERT struct cert *cert = NULL;
    if (!dsig_read(signature, a, &s, e) || !check_shape(d, &s, e) || !read_cert(&s, a, &cert, e) ||
        !dsig_check_reference(d, &s, &s.references[0], NULL, e) ||
        !dsig_check_value(d, &s, cert, e))
        return false;
    *signer = cert_hold(cert);
    return true;
}
