/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/token.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"
#include "runtime/crypto/base64.h"

enum { TOKEN_TEXT_MAX = 256 * 1024, TOKEN_DER_MAX = 128 * 1024 };

static const char *const style_names[] = {
    [AS4_TOKEN_BST] = "bst",
    [AS4_TOKEN_PKIPATH] = "pkipath",
    [AS4_TOKEN_SKI] = "ski",
    [AS4_TOKEN_ISSUER_SERIAL] = "issuerserial",
};

const char *as4_token_style_name(enum as4_token_style s)
{
    return style_names[s];
}

bool as4_token_style_of(struct str name, enum as4_token_style *out, struct error *e)
{
    for (unsigned i = 0; i < sizeof(style_names) / sizeof(style_names[0]); i++) {
        if (str_is(name, style_names[i])) {
            *out = (enum as4_token_style)i;
            return true;
        }
    }
    return error_set(e, ERROR_REJECT,
                     "token style '%.*s' is not known; bst, pkipath, ski or issuerserial",
                     STR_ARG(name));
}

/* --- writing */

static bool path_der(const struct as4_token *t, struct buf *der, struct error *e)
{
    AUTO_CERT_LIST path = {0};
    size_t issuers = t->chain == NULL ? 0 : t->chain->count;
    for (size_t i = 0; i < issuers; i++) {
        if (!cert_list_add(&path, t->chain->at[i]))
            return error_set(e, ERROR_BUG, "a certificate path of %zu is too long", issuers);
    }
    /* The list only borrows for the time of this call, but counts: cert is const for us alone. */
    if (!cert_list_add(&path, t->cert))
        return error_set(e, ERROR_BUG, "a certificate path of %zu is too long", issuers);
    return cert_to_pkipath(&path, der, e);
}

static void put_token_begin(const struct as4_token *t, struct xml_writer *w)
{
    xml_put(w, STR("<wsse:BinarySecurityToken EncodingType=\"" TOKEN_BASE64 "\" ValueType=\""));
    xml_put(w, t->style == AS4_TOKEN_PKIPATH ? STR(TOKEN_PKIPATH) : STR(TOKEN_X509V3));
    xml_put(w, STR("\" wsu:Id=\""));
    xml_put(w, str_of(t->id));
    xml_put(w, STR("\">"));
}

bool as4_token_write(const struct as4_token *t, struct xml_writer *w, struct error *e)
{
    if (t->style == AS4_TOKEN_SKI || t->style == AS4_TOKEN_ISSUER_SERIAL)
        return true;
    AUTO_BUF der = BUF(TOKEN_DER_MAX);
    if (t->style == AS4_TOKEN_PKIPATH && !path_der(t, &der, e))
        return false;
    put_token_begin(t, w);
    xml_put_base64(w, t->style == AS4_TOKEN_PKIPATH ? buf_str(&der) : cert_der(t->cert));
    xml_put(w, STR("</wsse:BinarySecurityToken>"));
    return true;
}

static void put_issuer_serial(const struct as4_token *t, struct xml_writer *w)
{
    xml_put(w, STR("<ds:X509Data><ds:X509IssuerSerial>"));
    xml_put_element(w, "ds:X509IssuerName", cert_issuer(t->cert));
    xml_put_element(w, "ds:X509SerialNumber", cert_serial(t->cert));
    xml_put(w, STR("</ds:X509IssuerSerial></ds:X509Data>"));
}

static void put_key_id(const struct as4_token *t, struct xml_writer *w)
{
    xml_put(w, STR("<wsse:KeyIdentifier EncodingType=\"" TOKEN_BASE64 "\" ValueType=\"" TOKEN_SKI
                   "\">"));
    xml_put_base64(w, cert_key_id(t->cert));
    xml_put(w, STR("</wsse:KeyIdentifier>"));
}

static void put_direct(const struct as4_token *t, struct xml_writer *w)
{
    xml_put(w, STR("<wsse:Reference URI=\"#"));
    xml_put(w, str_of(t->id));
    xml_put(w, STR("\" ValueType=\""));
    xml_put(w, t->style == AS4_TOKEN_PKIPATH ? STR(TOKEN_PKIPATH) : STR(TOKEN_X509V3));
    xml_put(w, STR("\"></wsse:Reference>"));
}

void as4_token_write_reference(const struct as4_token *t, struct xml_writer *w)
{
    /* BSP R5215: whoever names a path says so at the reference too; WSS4J insists. */
    if (t->style == AS4_TOKEN_PKIPATH)
        xml_put(w, STR("<wsse:SecurityTokenReference xmlns:wsse11=\"" NS_WSSE11
                       "\" wsse11:TokenType=\"" TOKEN_PKIPATH "\">"));
    else
        xml_put(w, STR("<wsse:SecurityTokenReference>"));
    if (t->style == AS4_TOKEN_ISSUER_SERIAL)
        put_issuer_serial(t, w);
    else if (t->style == AS4_TOKEN_SKI)
        put_key_id(t, w);
    else
        put_direct(t, w);
    xml_put(w, STR("</wsse:SecurityTokenReference>"));
}

/* --- reading */

void as4_token_read_release(struct as4_token_read *t)
{
    cert_free_at(&t->cert);
    cert_list_release(&t->chain);
}

static bool unnamed(struct error *e, const char *how)
{
    return error_code(e, ERROR_DENY, EBMS_FAILED_AUTHENTICATION,
                      "no certificate is known that has the %s of the message", how);
}

static bool not_allowed(struct error *e, const char *what)
{
    return error_code(e, ERROR_DENY, EBMS_POLICY,
                      "%s; X509v3, X509PKIPathv1, SubjectKeyIdentifier and IssuerSerial are taken",
                      what);
}

static bool as_failed_token(struct error *e)
{
    error_prefix(e, "security token");
    if (e->kind == ERROR_REJECT || e->kind == ERROR_DENY) {
        e->kind = ERROR_DENY;
        e->code = EBMS_FAILED_AUTHENTICATION;
    }
    return false;
}

static bool read_octets(const struct xml_node *n, struct arena *a, struct buf *octets,
                        struct error *e)
{
    struct str text;
    return (xml_text(n, a, TOKEN_TEXT_MAX, &text, e) && base64_decode(octets, text, true, e)) ||
           as_failed_token(e);
}

static bool read_path(struct str der, struct as4_token_read *out, struct error *e)
{
    AUTO_CERT_LIST path = {0};
    if (!cert_list_from_pkipath(&path, der, e))
        return as_failed_token(e);
    if (path.count == 0)
        return error_code(e, ERROR_DENY, EBMS_FAILED_AUTHENTICATION, "an empty certificate path");
    for (size_t i = 0; i + 1 < path.count; i++) {
        if (!cert_list_add(&out->chain, path.at[i]))
            return error_code(e, ERROR_DENY, EBMS_FAILED_AUTHENTICATION, "path too long");
    }
    out->cert = cert_hold(path.at[path.count - 1]);
    out->style = AS4_TOKEN_PKIPATH;
    return true;
}

static bool read_binary(const struct xml_node *token, struct arena *a, struct as4_token_read *out,
                        struct error *e)
{
    struct str type = STR_NONE;
    bool typed = xml_attribute(token, NULL, "ValueType", a, &type);
    bool is_path = typed && str_is(type, TOKEN_PKIPATH);
    if (!is_path && !(typed && str_is(type, TOKEN_X509V3)))
        return not_allowed(e, "the BinarySecurityToken has another ValueType");
    AUTO_BUF der = BUF(TOKEN_DER_MAX);
    if (!read_octets(token, a, &der, e))
        return false;
    if (is_path)
        return read_path(buf_str(&der), out, e);
    out->style = AS4_TOKEN_BST;
    return cert_from_der(buf_str(&der), &out->cert, e) || as_failed_token(e);
}

static bool read_direct(const struct xml_node *reference, const struct xml_ids *ids,
                        struct arena *a, struct as4_token_read *out, struct error *e)
{
    struct str uri;
    if (!xml_attribute(reference, NULL, "URI", a, &uri) || !str_starts(uri, STR("#")))
        return not_allowed(e, "wsse:Reference names nothing in this message");
    const struct xml_node *token = xml_ids_find(ids, str_from(uri, 1));
    if (token == NULL || !xml_is(token, NS_WSSE, "BinarySecurityToken"))
        return not_allowed(e, "wsse:Reference does not name a BinarySecurityToken");
    return read_binary(token, a, out, e);
}

static bool read_key_id(const struct xml_node *n, const struct cert_list *known, struct arena *a,
                        struct as4_token_read *out, struct error *e)
{
    struct str type;
    if (!xml_attribute(n, NULL, "ValueType", a, &type) || !str_is(type, TOKEN_SKI))
        return not_allowed(e, "the KeyIdentifier has another ValueType");
    AUTO_BUF id = BUF(1024);
    if (!read_octets(n, a, &id, e))
        return false;
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        if (!str_equal(cert_key_id(known->at[i]), buf_str(&id)))
            continue;
        out->cert = cert_hold(known->at[i]);
        out->style = AS4_TOKEN_SKI;
        return true;
    }
    return unnamed(e, "SubjectKeyIdentifier");
}

static bool read_issuer_serial(const struct xml_node *n, const struct cert_list *known,
                               struct arena *a, struct as4_token_read *out, struct error *e)
{
    const struct xml_node *name, *number;
    struct str issuer, serial;
    if (!xml_one(n, NS_DS, "X509IssuerName", &name, e) ||
        !xml_one(n, NS_DS, "X509SerialNumber", &number, e) ||
        !xml_trimmed(name, a, 4096, &issuer, e) || !xml_trimmed(number, a, 64, &serial, e))
        return as_failed_token(e);
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        if (!cert_issued_as(known->at[i], issuer, serial))
            continue;
        out->cert = cert_hold(known->at[i]);
        out->style = AS4_TOKEN_ISSUER_SERIAL;
        return true;
    }
    return unnamed(e, "issuer and serial number");
}

static bool read_x509_data(const struct xml_node *data, const struct cert_list *known,
                           struct arena *a, struct as4_token_read *out, struct error *e)
{
    const struct xml_node *n = xml_first(data, NS_DS, "X509IssuerSerial");
    if (n != NULL)
        return read_issuer_serial(n, known, a, out, e);
    n = xml_first(data, NS_DS, "X509Certificate");
    if (n == NULL)
        return not_allowed(e, "X509Data without X509IssuerSerial or X509Certificate");
    AUTO_BUF der = BUF(TOKEN_DER_MAX);
    out->style = AS4_TOKEN_BST;
    return read_octets(n, a, &der, e) &&
           (cert_from_der(buf_str(&der), &out->cert, e) || as_failed_token(e));
}

bool as4_token_resolve(const struct xml_node *key_info, const struct xml_ids *ids,
                       const struct cert_list *known, struct arena *a, struct as4_token_read *out,
                       struct error *e)
{
    if (key_info == NULL)
        return not_allowed(e, "there is no ds:KeyInfo");
    const struct xml_node *holder = xml_first(key_info, NS_WSSE, "SecurityTokenReference");
    if (holder == NULL)
        holder = key_info;
    const struct xml_node *n = xml_first(holder, NS_WSSE, "Reference");
    if (n != NULL)
        return read_direct(n, ids, a, out, e);
    n = xml_first(holder, NS_WSSE, "KeyIdentifier");
    if (n != NULL)
        return read_key_id(n, known, a, out, e);
    n = xml_first(holder, NS_DS, "X509Data");
    if (n != NULL)
        return read_x509_data(n, known, a, out, e);
    return not_allowed(e, "ds:KeyInfo names no certificate");
}
