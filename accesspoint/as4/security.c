/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_in.c */
#include "accesspoint/as4/security.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/part_info.h"
#include "runtime/crypto/base64.h"

enum { WRAPPED_KEY_MAX = 1024 /* RSA-8192 */, WRAPPED_TEXT_MAX = 4 * WRAPPED_KEY_MAX };

static bool refuse(struct error *e, const char *what)
{
    return error_code(e, ERROR_DENY, EBMS_POLICY, "%s", what);
}

static struct str algorithm_of(const struct xml_node *n, struct arena *a)
{
    struct str uri = STR_NONE;
    if (n == NULL || !xml_attribute(n, NULL, "Algorithm", a, &uri))
        return STR_NONE;
    return uri;
}

/* --- EncryptedKey */

/* Absent children have SHA-1 as their default (spec/as4.md P44). */
static bool read_oaep11(const struct xml_node *method, struct arena *a, struct as4_wrapped_key *out,
                        struct error *e)
{
    const struct xml_node *mgf_node = xml_first(method, NS_XENC11, "MGF");
    const struct xml_node *digest_node = xml_first(method, NS_DS, "DigestMethod");
    struct str mgf = algorithm_of(mgf_node, a), digest = algorithm_of(digest_node, a);
    bool mgf256 = str_is(mgf, ALG_MGF1_SHA256), digest256 = str_is(digest, ALG_SHA256);
    bool mgf1 = mgf_node == NULL || str_is(mgf, ALG_MGF1_SHA1);
    bool digest1 = digest_node == NULL || str_is(digest, ALG_SHA1);
    if (mgf256 && digest256)
        out->oaep = OAEP_SHA256_MGF_SHA256;
    else if (mgf1 && digest256)
        out->oaep = OAEP_SHA256_MGF_SHA1;
    else if (mgf1 && digest1)
        out->oaep = OAEP_SHA1_MGF_SHA1;
    else
        return refuse(e, "key transport: rsa-oaep with another digest or MGF; SHA-256 and "
                         "mgf1sha256 are taken");
    out->legacy = mgf256 ? 0 : AS4_LEGACY_OAEP11_SHA1;
    return true;
}

static bool read_mgf1p(const struct xml_node *method, struct arena *a, struct as4_wrapped_key *out,
                       struct error *e)
{
    const struct xml_node *digest_node = xml_first(method, NS_DS, "DigestMethod");
    struct str digest = algorithm_of(digest_node, a);
    out->legacy = AS4_LEGACY_OAEP_MGF1P;
    if (digest_node == NULL || str_is(digest, ALG_SHA1))
        out->oaep = OAEP_SHA1_MGF_SHA1;
    else if (str_is(digest, ALG_SHA256))
        out->oaep = OAEP_SHA256_MGF_SHA1;
    else
        return refuse(e, "key transport: rsa-oaep-mgf1p with another digest");
    return true;
}

static bool read_transport(const struct xml_node *key, struct arena *a, struct as4_wrapped_key *out,
                           struct error *e)
{
    const struct xml_node *method = xml_first(key, NS_XENC, "EncryptionMethod");
    struct str algorithm = algorithm_of(method, a);
    if (method != NULL && xml_first(method, NS_XENC, "OAEPparams") != NULL)
        return refuse(e, "key transport: OAEPparams are not taken");
    if (str_is(algorithm, ALG_RSA_OAEP11))
        return read_oaep11(method, a, out, e);
    if (str_is(algorithm, ALG_RSA_OAEP_MGF1P))
        return read_mgf1p(method, a, out, e);
    return refuse(e, "key transport is not xmlenc11 rsa-oaep");
}

static bool read_wrapped_value(const struct xml_node *key, struct arena *a,
                               struct as4_wrapped_key *out, struct error *e)
{
    const struct xml_node *data = xml_first(key, NS_XENC, "CipherData");
    const struct xml_node *value = data == NULL ? NULL : xml_first(data, NS_XENC, "CipherValue");
    struct str text;
    struct error why = {0};
    AUTO_BUF octets = BUF(WRAPPED_KEY_MAX);
    if (value == NULL || !xml_text(value, a, WRAPPED_TEXT_MAX, &text, &why) ||
        !base64_decode(&octets, text, true, &why))
        return refuse(e, "EncryptedKey has no CipherValue that is base64 of a wrapped key");
    out->value = arena_copy(a, buf_str(&octets));
    return true;
}

static bool read_key(const struct xml_node *n, struct arena *a, struct as4_wrapped_key *out,
                     struct error *e)
{
    out->node = n;
    out->key_info = xml_first(n, NS_DS, "KeyInfo");
    return read_transport(n, a, out, e) && read_wrapped_value(n, a, out, e);
}

static bool read_keys(const struct as4_envelope *v, struct arena *a, struct as4_security *out,
                      struct error *e)
{
    size_t count = xml_count(v->security, NS_XENC, "EncryptedKey");
    if (count > AS4_PARTS_MAX)
        return refuse(e, "more EncryptedKey than payloads may be");
    out->keys = arena_array(a, count + 1, sizeof(out->keys[0]));
    const struct xml_node *n = xml_first(v->security, NS_XENC, "EncryptedKey");
    for (; n != NULL; n = xml_next(n, NS_XENC, "EncryptedKey")) {
        if (!read_key(n, a, &out->keys[out->key_count++], e))
            return false;
    }
    return true;
}

/* --- EncryptedData */

static bool find_key_by_node(const struct as4_security *s, const struct xml_node *n, size_t *index)
{
    for (size_t i = 0; n != NULL && i < s->key_count; i++) {
        if (s->keys[i].node == n) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool lists(const struct as4_wrapped_key *key, struct str id)
{
    AUTO_ARENA a = {0};
    const struct xml_node *list = xml_first(key->node, NS_XENC, "ReferenceList");
    if (list == NULL || id.len == 0)
        return false;
    const struct xml_node *n = xml_first(list, NS_XENC, "DataReference");
    for (; n != NULL; n = xml_next(n, NS_XENC, "DataReference")) {
        struct str uri;
        if (xml_attribute(n, NULL, "URI", &a, &uri) && str_starts(uri, STR("#")) &&
            str_equal(str_from(uri, 1), id))
            return true;
    }
    return false;
}

/* By the STR in its KeyInfo, else (some peers leave that out) by a key's ReferenceList. */
static bool find_key(const struct as4_envelope *v, const struct as4_security *s,
                     const struct xml_node *data, struct arena *a, size_t *index)
{
    const struct xml_node *n = xml_first(data, NS_DS, "KeyInfo");
    struct str uri, id = STR_NONE;
    n = n == NULL ? NULL : xml_first(n, NS_WSSE, "SecurityTokenReference");
    n = n == NULL ? NULL : xml_first(n, NS_WSSE, "Reference");
    if (n != NULL && xml_attribute(n, NULL, "URI", a, &uri))
        return str_starts(uri, STR("#")) &&
               find_key_by_node(s, xml_ids_find(v->ids, str_from(uri, 1)), index);
    if (!xml_attribute(data, NULL, "Id", a, &id))
        return false;
    for (size_t i = 0; i < s->key_count; i++) {
        if (lists(&s->keys[i], id)) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool read_cipher_reference(const struct xml_node *data, struct arena *a, struct str *cid,
                                  struct error *e)
{
    const struct xml_node *cipher = xml_first(data, NS_XENC, "CipherData");
    const struct xml_node *n =
        cipher == NULL ? NULL : xml_first(cipher, NS_XENC, "CipherReference");
    struct str uri;
    if (n == NULL || !xml_attribute(n, NULL, "URI", a, &uri) || !as4_cid_of(uri, a, cid))
        return refuse(e, "EncryptedData names no attachment (CipherReference cid:)");
    const struct xml_node *transforms = xml_first(n, NS_XENC, "Transforms");
    const struct xml_node *transform =
        transforms == NULL ? NULL : xml_first(transforms, NS_DS, "Transform");
    if (transform == NULL || xml_next(transform, NULL, NULL) != NULL ||
        !str_is(algorithm_of(transform, a), SWA_CIPHERTEXT))
        return refuse(e, "CipherReference wants Attachment-Ciphertext-Transform alone");
    return true;
}

static bool read_data(const struct as4_envelope *v, const struct xml_node *n, struct arena *a,
                      struct as4_security *s, struct error *e)
{
    struct as4_encrypted *out = &s->data[s->data_count];
    struct str type = STR_NONE;
    const struct xml_node *method = xml_first(n, NS_XENC, "EncryptionMethod");
    if (!xml_attribute(n, NULL, "Type", a, &type) || !str_is(type, SWA_CONTENT_ONLY))
        return refuse(e, "EncryptedData is not of type Attachment-Content-Only");
    if (!str_is(algorithm_of(method, a), ALG_AES128_GCM))
        return refuse(e, "content encryption is not xmlenc11 aes128-gcm");
    if (!xml_attribute(n, NULL, "MimeType", a, &out->mime_type))
        out->mime_type = STR_NONE;
    if (!read_cipher_reference(n, a, &out->cid, e))
        return false;
    if (as4_security_find(s, out->cid) != NULL)
        return refuse(e, "two EncryptedData name one attachment");
    if (!find_key(v, s, n, a, &out->key))
        return refuse(e, "EncryptedData names no EncryptedKey of this message");
    s->data_count++;
    return true;
}

static bool read_all_data(const struct as4_envelope *v, struct arena *a, struct as4_security *s,
                          struct error *e)
{
    size_t count = xml_count(v->security, NS_XENC, "EncryptedData");
    if (count > AS4_PARTS_MAX)
        return refuse(e, "more EncryptedData than payloads may be");
    s->data = arena_array(a, count + 1, sizeof(s->data[0]));
    const struct xml_node *n = xml_first(v->security, NS_XENC, "EncryptedData");
    for (; n != NULL; n = xml_next(n, NS_XENC, "EncryptedData")) {
        if (!read_data(v, n, a, s, e))
            return false;
    }
    return true;
}

/* --- Signature */

static bool read_signature(const struct as4_envelope *v, struct arena *a, struct as4_security *s,
                           struct error *e)
{
    size_t count = xml_count(v->security, NS_DS, "Signature");
    if (count == 0)
        return true;
    if (count > 1)
        return refuse(e, "more than one ds:Signature");
    if (!dsig_read(xml_first(v->security, NS_DS, "Signature"), a, &s->signature, e)) {
        if (e->kind == ERROR_DENY || e->kind == ERROR_REJECT) {
            e->kind = ERROR_DENY;
            e->code = EBMS_POLICY;
        }
        return false;
    }
    s->is_signed = true;
    return true;
}

bool as4_security_read(const struct as4_envelope *v, struct arena *a, struct as4_security *out,
                       struct error *e)
{
    struct as4_security s = {0};
    if (v->security == NULL) {
        *out = s;
        return true;
    }
    if (xml_count(v->security, NS_WSU, "Timestamp") > 1)
        return refuse(e, "more than one wsu:Timestamp");
    s.timestamp = xml_first(v->security, NS_WSU, "Timestamp");
    if (!read_signature(v, a, &s, e) || !read_keys(v, a, &s, e) || !read_all_data(v, a, &s, e))
        return false;
    *out = s;
    return true;
}

bool as4_security_allowed(const struct as4_security *s, const struct as4_pmode *mode,
                          struct error *e)
{
    if (s->is_signed && s->signature.digest_type == DIGEST_SHA384 &&
        !(mode->legacy & AS4_LEGACY_RSA_SHA384))
        return refuse(e, "signature is rsa-sha384; rsa-sha256 is agreed");
    if (s->is_signed && s->signature.digest_type == DIGEST_SHA512 &&
        !(mode->legacy & AS4_LEGACY_RSA_SHA512))
        return refuse(e, "signature is rsa-sha512; rsa-sha256 is agreed");
    for (size_t i = 0; i < s->key_count; i++) {
        if (s->keys[i].legacy & ~mode->legacy)
            return refuse(e, "key transport is not rsa-oaep with SHA-256 and mgf1sha256");
    }
    return true;
}

const struct as4_encrypted *as4_security_find(const struct as4_security *s, struct str cid)
{
    for (size_t i = 0; i < s->data_count; i++) {
        if (str_equal(s->data[i].cid, cid))
            return &s->data[i];
    }
    return NULL;
}
