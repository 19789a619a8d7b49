/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/xhe/seal.h"

#include "accesspoint/xhe/names.h"
#include "runtime/crypto/base64.h"
#include "runtime/crypto/cipher.h"
#include "runtime/xml/dsig.h"

enum { CERT_TEXT_MAX = 64 * 1024, WRAPPED_TEXT_MAX = 4096, WRAPPED_OCTETS_MAX = 2048 };

/* --- the signature */

static bool is_published(const struct cert *signer, const struct cert_list *published)
{
    bool is = false;
    for (size_t i = 0; i < published->count; i++)
        is = is || cert_equal(signer, published->at[i]);
    return is;
}

bool seal_verify(const struct xml_doc *d, const struct xhe *x, const struct cert_list *published,
                 struct arena *a, struct cert **signer, struct error *e)
{
    AUTO_CERT struct cert *got = NULL;
    if (x->signature_count != 1)
        return error_code(e, ERROR_DENY, "SIG/security",
                          "the envelope must have exactly one signature");
    if (!dsig_verify_enveloped(d, x->signature, a, &got, e)) {
        if (e->kind == ERROR_DENY || e->kind == ERROR_REJECT) {
            e->kind = ERROR_DENY;
            e->code = "SIG/security";
        }
        return false;
    }
    if (published != NULL && !is_published(got, published))
        return error_code(e, ERROR_DENY, "SIG/security",
                          "the signer is not among the sender's published certificates");
    *signer = cert_hold(got);
    return true;
}

/* --- decryption */

struct sealed { /* what EncryptedData says, before anything is decrypted */
    enum cipher_type cipher;
    enum oaep_type oaep;
    struct str wrapped; /* base64 of the content key */
    const struct seal_key *key;
    const struct xml_node *value; /* xenc:CipherValue of the content */
};

/* The Algorithm of the one child `method` of the namespace; *node is that child. */
static bool algorithm_of(const struct xml_node *parent, const char *method, struct arena *a,
                         const struct xml_node **node, struct str *out, struct error *e)
{
    const char *ns = str_is(str_of(method), "DigestMethod") ? DS_NS : XENC_NS;
    if (!xml_one(parent, ns, method, node, e))
        return false;
    if (!xml_attribute(*node, NULL, "Algorithm", a, out))
        return error_set(e, ERROR_REJECT, "%s without Algorithm", method);
    return true;
}

static bool read_cipher(const struct xml_node *data, const struct federation *f, struct arena *a,
                        struct sealed *out, struct error *e)
{
    const struct xml_node *method;
    struct str type, algorithm;
    if (!xml_attribute(data, NULL, "Type", a, &type) || !str_is(type, XENC_TYPE_ELEMENT))
        return error_set(e, ERROR_REJECT, "EncryptedData must have Type " XENC_TYPE_ELEMENT);
    if (!algorithm_of(data, "EncryptionMethod", a, &method, &algorithm, e))
        return false;
    if (str_is(algorithm, XENC_AES256_CBC)) {
        out->cipher = CIPHER_AES256_CBC;
        return true;
    }
    if (!f->gcm_accepted || !str_is(algorithm, XENC_AES256_GCM))
        return error_set(e, ERROR_REJECT, "the payload must be encrypted with " XENC_AES256_CBC);
    out->cipher = CIPHER_AES256_GCM;
    return true;
}

/* spec/sdk.md 3.4: DigestMethod absent, SHA-1 or SHA-256; the mask is SHA-1 always. */
static bool read_oaep(const struct xml_node *key, struct arena *a, struct sealed *out,
                      struct error *e)
{
    const struct xml_node *method, *digest;
    struct str algorithm, name;
    if (!algorithm_of(key, "EncryptionMethod", a, &method, &algorithm, e))
        return false;
    if (!str_is(algorithm, XENC_RSA_OAEP_MGF1P))
        return error_set(e, ERROR_REJECT, "the key must be encrypted with " XENC_RSA_OAEP_MGF1P);
    if (xml_first(method, XENC_NS, "OAEPparams") != NULL)
        return error_set(e, ERROR_REJECT, "OAEPparams are not taken");
    out->oaep = OAEP_SHA1_MGF_SHA1;
    if (xml_first(method, DS_NS, "DigestMethod") == NULL)
        return true;
    if (!algorithm_of(method, "DigestMethod", a, &digest, &name, e))
        return false;
    if (str_is(name, XENC_SHA256))
        out->oaep = OAEP_SHA256_MGF_SHA1;
    else if (!str_is(name, DS_SHA1))
        return error_set(e, ERROR_REJECT, "the OAEP digest must be SHA-1 or SHA-256");
    return true;
}

static bool choose_key(const struct xml_node *key, const struct seal_keys *keys, struct arena *a,
                       struct sealed *out, struct error *e)
{
    const struct xml_node *info, *data, *node;
    struct str text;
    AUTO_CERT struct cert *cert = NULL;
    if (!xml_one(key, DS_NS, "KeyInfo", &info, e) || !xml_one(info, DS_NS, "X509Data", &data, e) ||
        !xml_one(data, DS_NS, "X509Certificate", &node, e) ||
        !xml_text(node, a, CERT_TEXT_MAX, &text, e) || !cert_from_text(text, &cert, e))
        return false;
    for (size_t i = 0; i < keys->count; i++) {
        if (cert_equal(cert, keys->at[i].cert)) {
            out->key = &keys->at[i];
            return true;
        }
    }
    return error_set(e, ERROR_REJECT, "the payload is encrypted to a certificate that is not ours");
}

static bool cipher_value(const struct xml_node *parent, const struct xml_node **out,
                         struct error *e)
{
    const struct xml_node *data;
    return xml_one(parent, XENC_NS, "CipherData", &data, e) &&
           xml_one(data, XENC_NS, "CipherValue", out, e);
}

static bool read_sealed(const struct xhe *x, const struct seal_keys *keys,
                        const struct federation *f, struct arena *a, struct sealed *out,
                        struct error *e)
{
    const struct xml_node *info, *key, *wrapped;
    if (x->encrypted_data == NULL)
        return error_set(e, ERROR_REJECT, "the envelope's payload is not encrypted");
    return read_cipher(x->encrypted_data, f, a, out, e) &&
           xml_one(x->encrypted_data, DS_NS, "KeyInfo", &info, e) &&
           xml_one(info, XENC_NS, "EncryptedKey", &key, e) && read_oaep(key, a, out, e) &&
           cipher_value(key, &wrapped, e) &&
           xml_text(wrapped, a, WRAPPED_TEXT_MAX, &out->wrapped, e) &&
           choose_key(key, keys, a, out, e) && cipher_value(x->encrypted_data, &out->value, e);
}

static bool decrypt(const struct sealed *s, struct sink *out, struct error *e)
{
    AUTO_SECRET key = {0};
    AUTO_BUF wrapped = BUF(WRAPPED_OCTETS_MAX);
    AUTO_CIPHER_SINK cipher = {0};
    struct base64_sink base64;
    if (s->key == NULL)
        return error_set(e, ERROR_BUG, "no key was chosen");
    if (!base64_decode(&wrapped, s->wrapped, true, e) ||
        !key_unwrap(s->key->key, s->oaep, buf_str(&wrapped), cipher_key_size(s->cipher), &key, e) ||
        !cipher_open_sink_init(&cipher, s->cipher, secret_peek(&key), out, e))
        return false;
    base64_decode_sink_init(&base64, true, &cipher.sink);
    return xml_text_to(s->value, &base64.sink, e) && sink_finish(&base64.sink, e);
}

bool seal_open(const struct xhe *x, const struct seal_keys *keys, const struct federation *f,
               struct sink *out, struct error *e)
{
    AUTO_ARENA a = {0};
    struct sealed s = {0};
    struct sink_guard
        guard; /* the caller's sink may fail for its own reasons: full disk, a limit */
    sink_guard_init(&guard, out);
    if (!read_sealed(x, keys, f, &a, &s, e))
        return false;
    if (decrypt(&s, &guard.sink, e))
        return true;
    /* spec/sdk.md 3.4, oracle defence: one text for every reason */
    if (!guard.has_failed && (e->kind == ERROR_DENY || e->kind == ERROR_REJECT))
        return error_set(e, ERROR_DENY, "the payload cannot be decrypted");
    return false;
}
