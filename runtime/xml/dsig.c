/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/dsig.h"

#include "runtime/crypto/base64.h"

/* The reader: strict sequences of known elements. What is done with them is in dsig_check.c. */

#define DSIG_URI "http://www.w3.org/2000/09/xmldsig#"
#define EC_URI   "http://www.w3.org/2001/10/xml-exc-c14n#"

enum { URI_OCTETS = 1024, VALUE_OCTETS = 16 * 1024, PREFIX_OCTETS = 64 };

static bool deny(const struct xml_node *n, struct error *e, const char *words, struct str found)
{
    return error_set(e, ERROR_DENY, "the signature is refused: %s%s%.*s%s, line %u", words,
                     found.len > 0 ? ", not '" : "", STR_ARG(str_upto(found, 120)),
                     found.len > 0 ? "'" : "", xml_line(n));
}

/* What of a signature is not like it must be is a matter of trust, whatever found it. */
static bool as_denial(struct error *e)
{
    if (e->kind == ERROR_REJECT)
        e->kind = ERROR_DENY;
    return false;
}

/* --- walking a sequence */

/* The first child; elements alone, no text between them. */
static bool enter(const struct xml_node *parent, const struct xml_node **at, struct error *e)
{
    if (xml_has_text(parent))
        return deny(parent, e, "text between its elements", STR_NONE);
    *at = xml_first(parent, NULL, NULL);
    return true;
}

/* The element at hand must have this name; goes on to the next one. */
static bool take(const struct xml_node **at, const struct xml_node *parent, const char *name,
                 const struct xml_node **out, struct error *e)
{
    if (!xml_is(*at, DSIG_URI, name))
        return error_set(e, ERROR_DENY, "the signature is refused: %.40s in %.*s where %s must be",
                         *at == NULL ? "nothing" : xml_name(*at).at, STR_ARG(xml_name(parent)),
                         name);
    *out = *at;
    *at = xml_next(*at, NULL, NULL);
    return true;
}

static bool leave(const struct xml_node *at, struct error *e)
{
    return at == NULL || deny(at, e, "an element that is not expected", xml_name(at));
}

static bool take_leaf(const struct xml_node *n, struct error *e)
{
    const struct xml_node *child = xml_first(n, NULL, NULL);
    return child == NULL || deny(child, e, "no parameter is allowed here", xml_name(child));
}

static bool algorithm(const struct xml_node *n, struct arena *a, struct str *uri, struct error *e)
{
    if (!xml_attribute(n, NULL, "Algorithm", a, uri) || uri->len == 0)
        return deny(n, e, "an element without Algorithm", STR_NONE);
    return true;
}

static bool decode(const struct xml_node *n, struct arena *a, struct str *out, struct error *e)
{
    struct str text;
    AUTO_BUF octets = BUF(VALUE_OCTETS);
    if (!take_leaf(n, e))
        return false;
    if (!xml_text(n, a, VALUE_OCTETS, &text, e) || !base64_decode(&octets, text, true, e))
        return as_denial(e);
    if (octets.len == 0)
        return deny(n, e, "an empty value", STR_NONE);
    *out = arena_copy(a, buf_str(&octets));
    return true;
}

/* --- algorithms: closed lists */

struct algorithm_row {
    const char *uri;
    enum digest_type type;
};

static bool find_algorithm(const struct algorithm_row rows[static 3], struct str uri,
                           enum digest_type *out)
{
    for (size_t i = 0; i < 3; i++) {
        if (str_is(uri, rows[i].uri)) {
            *out = rows[i].type;
            return true;
        }
    }
    return false;
}

static bool read_method(const struct xml_node *n, struct arena *a, enum digest_type *out,
                        struct error *e)
{
    static const struct algorithm_row rows[] = {
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", DIGEST_SHA256},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", DIGEST_SHA384},
        {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", DIGEST_SHA512},
    };
    struct str uri;
    if (!algorithm(n, a, &uri, e) || !take_leaf(n, e))
        return false;
    return find_algorithm(rows, uri, out) ||
           deny(n, e, "the signature method must be rsa-sha256, -384 or -512", uri);
}

static bool read_digest_method(const struct xml_node *n, struct arena *a, enum digest_type *out,
                               struct error *e)
{
    static const struct algorithm_row rows[] = {
        {"http://www.w3.org/2001/04/xmlenc#sha256", DIGEST_SHA256},
        {"http://www.w3.org/2001/04/xmldsig-more#sha384", DIGEST_SHA384},
        {"http://www.w3.org/2001/04/xmlenc#sha512", DIGEST_SHA512},
    };
    struct str uri;
    if (!algorithm(n, a, &uri, e) || !take_leaf(n, e))
        return false;
    return find_algorithm(rows, uri, out) ||
           deny(n, e, "the digest must be sha256, sha384 or sha512", uri);
}

static bool read_prefixes(const struct xml_node *n, struct arena *a, const char *const **out,
                          struct error *e)
{
    struct str list, part;
    size_t count = 0;
    if (!xml_attribute(n, NULL, "PrefixList", a, &list))
        return deny(n, e, "InclusiveNamespaces without PrefixList", STR_NONE);
    const char **prefixes = arena_array(a, DSIG_PREFIXES_MAX + 1, sizeof(*prefixes));
    while (str_next(&list, ' ', &part)) { /* other white space is a blank in an attribute */
        part = str_trim(part);
        if (part.len == 0)
            continue;
        if (count == DSIG_PREFIXES_MAX || part.len > PREFIX_OCTETS)
            return deny(n, e, "more than 16 prefixes, or one too long", STR_NONE);
        prefixes[count++] = arena_text(a, part);
    }
    *out = prefixes;
    return true;
}

/* The children of a c14n method: nothing, or for the exclusive one a prefix list. */
static bool read_c14n_rest(const struct xml_node *n, struct arena *a, enum c14n_type type,
                           const char *const **prefixes, struct error *e)
{
    const struct xml_node *child = xml_first(n, NULL, NULL);
    if (child == NULL)
        return true;
    if (type != C14N_EXCLUSIVE || !xml_is(child, EC_URI, "InclusiveNamespaces") ||
        xml_next(child, NULL, NULL) != NULL)
        return deny(child, e, "no such parameter is allowed here", xml_name(child));
    return read_prefixes(child, a, prefixes, e);
}

static bool read_c14n(const struct xml_node *n, struct arena *a, enum c14n_type *type,
                      const char *const **prefixes, struct error *e)
{
    struct str uri;
    if (!algorithm(n, a, &uri, e))
        return false;
    if (!c14n_type_of(uri, type))
        return deny(n, e, "the canonicalisation must be C14N 1.0, 1.1 or exclusive, no comments",
                    uri);
    return read_c14n_rest(n, a, *type, prefixes, e);
}

/* --- references */

static bool read_transform(const struct xml_node *n, struct arena *a, struct dsig_reference *r,
                           struct error *e)
{
    struct str uri;
    if (r->has_c14n || r->attachment)
        return deny(n, e, "a transform behind the last one allowed", STR_NONE);
    if (!algorithm(n, a, &uri, e))
        return false;
    if (str_is(uri, DSIG_URI "enveloped-signature") && !r->enveloped) {
        r->enveloped = true;
        return take_leaf(n, e);
    }
    if (str_is(uri, DSIG_ATTACHMENT_URI) && !r->enveloped) {
        r->attachment = true;
        return take_leaf(n, e);
    }
    if (!c14n_type_of(uri, &r->c14n))
        return deny(n, e, "a transform that is not allowed (enveloped, C14N, attachment are)", uri);
    r->has_c14n = true;
    return read_c14n_rest(n, a, r->c14n, &r->prefixes, e);
}

static bool read_transforms(const struct xml_node *n, struct arena *a, struct dsig_reference *r,
                            struct error *e)
{
    const struct xml_node *at, *transform;
    if (!enter(n, &at, e))
        return false;
    if (at == NULL)
        return deny(n, e, "Transforms without a Transform", STR_NONE);
    while (at != NULL)
        if (!take(&at, n, "Transform", &transform, e) || !read_transform(transform, a, r, e))
            return false;
    return true;
}

static bool is_plain_id(struct str uri)
{
    for (size_t i = 1; i < uri.len; i++) {
        char c = uri.at[i];
        if (c == '(' || c == ')' || c == '#' || c == '/' || c == '%' || c == ' ')
            return false;
    }
    return uri.len > 1 && uri.at[0] == '#';
}

/* What is meant must be in this message, and say so in one way only. */
static bool check_uri(const struct dsig_reference *r, struct error *e)
{
    bool is_cid = str_starts(r->uri, STR("cid:")) && r->uri.len > 4;
    if (r->uri.len > URI_OCTETS || (r->uri.len > 0 && !is_cid && !is_plain_id(r->uri)))
        return deny(r->node, e, "a reference must be \"\", #id or cid:", r->uri);
    if (is_cid != r->attachment)
        return deny(r->node, e, "the attachment transform and a cid: reference go together",
                    r->uri);
    if (r->enveloped && r->uri.len > 0)
        return deny(r->node, e, "the enveloped transform needs the reference \"\"", r->uri);
    return true;
}

static bool read_reference(const struct xml_node *n, struct arena *a, struct dsig_reference *r,
                           struct error *e)
{
    static const size_t sizes[] = {
        [DIGEST_SHA256] = 32, [DIGEST_SHA384] = 48, [DIGEST_SHA512] = 64};
    const struct xml_node *at, *transforms, *method, *value;
    struct str type;
    r->node = n;
    if (!xml_attribute(n, NULL, "URI", a, &r->uri))
        return deny(n, e, "a Reference without URI", STR_NONE);
    if (xml_attribute(n, NULL, "Type", a, &type) && str_starts(type, STR(DSIG_URI)))
        return deny(n, e, "a Reference to a Manifest, Object or the like", type);
    if (!enter(n, &at, e))
        return false;
    if (xml_is(at, DSIG_URI, "Transforms") &&
        (!take(&at, n, "Transforms", &transforms, e) || !read_transforms(transforms, a, r, e)))
        return false;
    if (!take(&at, n, "DigestMethod", &method, e) ||
        !read_digest_method(method, a, &r->digest_type, e) ||
        !take(&at, n, "DigestValue", &value, e) || !decode(value, a, &r->digest, e) ||
        !leave(at, e))
        return false;
    if (r->digest.len != sizes[r->digest_type])
        return deny(value, e, "a DigestValue of the wrong length", STR_NONE);
    return check_uri(r, e);
}

static bool is_repeated(const struct dsig *s, struct str uri)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_equal(s->references[i].uri, uri))
            return true;
    return false;
}

static bool read_references(const struct xml_node *at, struct arena *a, struct dsig *out,
                            struct error *e)
{
    const struct xml_node *parent = out->signed_info, *n;
    if (at == NULL)
        return deny(parent, e, "no Reference", STR_NONE);
    size_t most = xml_count(parent, DSIG_URI, "Reference");
    if (most > DSIG_REFERENCES_MAX)
        return deny(parent, e, "more than 128 references", STR_NONE);
    out->references = arena_array(a, most, sizeof(*out->references));
    while (at != NULL) {
        struct dsig_reference r = {.c14n = C14N_1_0};
        if (!take(&at, parent, "Reference", &n, e) || !read_reference(n, a, &r, e))
            return false;
        if (is_repeated(out, r.uri))
            return deny(n, e, "two references to the same part", r.uri);
        out->references[out->count++] = r;
    }
    return true;
}

static bool read_signed_info(const struct xml_node *n, struct arena *a, struct dsig *out,
                             struct error *e)
{
    const struct xml_node *at, *method;
    return enter(n, &at, e) && take(&at, n, "CanonicalizationMethod", &method, e) &&
           read_c14n(method, a, &out->c14n, &out->prefixes, e) &&
           take(&at, n, "SignatureMethod", &method, e) &&
           read_method(method, a, &out->digest_type, e) && read_references(at, a, out, e);
}

bool dsig_read(const struct xml_node *signature, struct arena *a, struct dsig *out, struct error *e)
{
    struct dsig s = {.signature = signature};
    const struct xml_node *at, *value;
    if (!xml_is(signature, DSIG_URI, "Signature"))
        return error_set(e, ERROR_DENY, "there is no ds:Signature");
    if (!enter(signature, &at, e) || !take(&at, signature, "SignedInfo", &s.signed_info, e) ||
        !take(&at, signature, "SignatureValue", &value, e))
        return false;
    if (at != NULL && !take(&at, signature, "KeyInfo", &s.key_info, e))
        return false;
    if (!leave(at, e) || !read_signed_info(s.signed_info, a, &s, e) ||
        !decode(value, a, &s.value, e))
        return false;
    *out = s;
    return true;
}
