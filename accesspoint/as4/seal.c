/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_out.c */
#include "accesspoint/as4/seal.h"

#include "accesspoint/as4/compose.h"
#include "accesspoint/as4/names.h"
#include "runtime/base/clock.h"

enum { SIGNED_INFO_MAX = 256 * 1024, TIMESTAMP_LIFE_MS = 5 * 60 * 1000 };
#define ID_TIMESTAMP    "_timestamp"
#define ID_SIGNER_TOKEN "_signer"

/* --- encryption */

static bool put_encrypted_key(const struct as4_seal *s, struct xml_writer *w, struct error *e)
{
    xml_put(w,
            STR("<xenc:EncryptedKey Id=\"_key\"><xenc:EncryptionMethod Algorithm=\"" ALG_RSA_OAEP11
                "\"><ds:DigestMethod Algorithm=\"" ALG_SHA256
                "\"></ds:DigestMethod><xenc11:MGF xmlns:xenc11=\"" NS_XENC11
                "\" Algorithm=\"" ALG_MGF1_SHA256
                "\"></xenc11:MGF></xenc:EncryptionMethod><ds:KeyInfo>"));
    as4_token_write_reference(s->receiver, w);
    xml_put(w, STR("</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>"));
    xml_put_base64(w, s->wrapped_key);
    xml_put(w, STR("</xenc:CipherValue></xenc:CipherData><xenc:ReferenceList>"));
    for (size_t i = 0; i < s->part_count; i++) {
        AUTO_BUF line = BUF(96);
        if (!buf_addf(&line, e, "<xenc:DataReference URI=\"#_data%zu\"></xenc:DataReference>",
                      i + 1))
            return false;
        xml_put(w, buf_str(&line));
    }
    xml_put(w, STR("</xenc:ReferenceList></xenc:EncryptedKey>"));
    return true;
}

static bool put_encrypted_data(const struct as4_sealed_part *p, size_t number, struct xml_writer *w,
                               struct error *e)
{
    AUTO_BUF id = BUF(64);
    if (!buf_addf(&id, e, "<xenc:EncryptedData Id=\"_data%zu\" MimeType=\"", number))
        return false;
    xml_put(w, buf_str(&id));
    xml_put_attribute(w, p->type);
    xml_put(w, STR("\" Type=\"" SWA_CONTENT_ONLY
                   "\"><xenc:EncryptionMethod Algorithm=\"" ALG_AES128_GCM
                   "\"></xenc:EncryptionMethod><ds:KeyInfo><wsse:SecurityTokenReference "
                   "xmlns:wsse11=\"" NS_WSSE11 "\" wsse11:TokenType=\"" TOKEN_ENCRYPTED_KEY
                   "\"><wsse:Reference URI=\"#_key\"></wsse:Reference>"
                   "</wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData>"
                   "<xenc:CipherReference URI=\"cid:"));
    xml_put_attribute(w, p->cid);
    xml_put(w, STR("\"><xenc:Transforms><ds:Transform Algorithm=\"" SWA_CIPHERTEXT
                   "\"></ds:Transform></xenc:Transforms></xenc:CipherReference></xenc:CipherData>"
                   "</xenc:EncryptedData>"));
    return true;
}

static bool put_encryption(const struct as4_seal *s, struct xml_writer *w, struct error *e)
{
    if (s->receiver == NULL || s->part_count == 0)
        return true;
    if (!as4_token_write(s->receiver, w, e) || !put_encrypted_key(s, w, e))
        return false;
    for (size_t i = 0; i < s->part_count; i++) {
        if (!put_encrypted_data(&s->parts[i], i + 1, w, e))
            return false;
    }
    return true;
}

/* --- signature */

static bool timestamp_text(const struct as4_seal *s, struct buf *out, struct error *e)
{
    char created[CLOCK_TEXT_SIZE], expires[CLOCK_TEXT_SIZE];
    return buf_addf(out, e,
                    "<wsu:Timestamp xmlns:wsu=\"" NS_WSU "\" wsu:Id=\"" ID_TIMESTAMP
                    "\"><wsu:Created>%s</wsu:Created><wsu:Expires>%s</wsu:Expires></wsu:Timestamp>",
                    clock_format(s->now_ms, created),
                    clock_format(s->now_ms + TIMESTAMP_LIFE_MS, expires));
}

static bool digest_reference(struct as4_references *list, const char *id, struct str octets,
                             struct error *e)
{
    struct as4_reference *r = &list->at[list->count++];
    *r = (struct as4_reference){.uri = str_of(id), .digest_type = DIGEST_SHA256};
    return digest_of(DIGEST_SHA256, octets, &r->digest) ||
           error_set(e, ERROR_BUG, "SHA-256 is not to be had");
}

static bool collect_references(const struct as4_seal *s, struct str timestamp, struct arena *a,
                               struct as4_references *list, struct error *e)
{
    list->at = arena_array(a, s->part_count + 3, sizeof(list->at[0]));
    if (!digest_reference(list, "#" AS4_ID_MESSAGING, s->messaging, e) ||
        !digest_reference(list, "#" AS4_ID_BODY, s->body, e))
        return false;
    if (timestamp.len > 0 && !digest_reference(list, "#" ID_TIMESTAMP, timestamp, e))
        return false;
    for (size_t i = 0; i < s->part_count; i++) {
        struct as4_reference *r = &list->at[list->count++];
        r->uri = arena_format(a, "cid:%.*s", STR_ARG(s->parts[i].cid));
        r->digest_type = DIGEST_SHA256;
        r->digest = s->parts[i].digest;
    }
    return true;
}

static void put_reference(const struct as4_reference *r, struct xml_writer *w)
{
    bool is_attachment = str_starts(r->uri, STR("cid:"));
    xml_put(w, STR("<ds:Reference URI=\""));
    xml_put_attribute(w, r->uri);
    xml_put(w, STR("\"><ds:Transforms><ds:Transform Algorithm=\""));
    xml_put(w, is_attachment ? STR(SWA_CONTENT_SIGNATURE) : STR(ALG_EXC_C14N));
    xml_put(w, STR("\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"" ALG_SHA256
                   "\"></ds:DigestMethod><ds:DigestValue>"));
    xml_put_base64(w, digest_str(&r->digest));
    xml_put(w, STR("</ds:DigestValue></ds:Reference>"));
}

static bool write_signed_info(const struct as4_references *list, struct buf *out, struct error *e)
{
    struct xml_writer w = xml_writer_into(out, e);
    xml_put(&w, STR("<ds:SignedInfo xmlns:ds=\"" NS_DS
                    "\"><ds:CanonicalizationMethod Algorithm=\"" ALG_EXC_C14N
                    "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"" ALG_RSA_SHA256
                    "\"></ds:SignatureMethod>"));
    for (size_t i = 0; i < list->count; i++)
        put_reference(&list->at[i], &w);
    xml_put(&w, STR("</ds:SignedInfo>"));
    return xml_flush(&w);
}

static bool put_signature(const struct as4_seal *s, const struct as4_token *token,
                          const struct as4_references *list, struct xml_writer *w, struct error *e)
{
    AUTO_BUF info = BUF(SIGNED_INFO_MAX);
    AUTO_BUF value = BUF(4096);
    struct digest_value digest;
    if (!write_signed_info(list, &info, e))
        return false;
    if (!digest_of(DIGEST_SHA256, buf_str(&info), &digest))
        return error_set(e, ERROR_BUG, "SHA-256 is not to be had");
    if (!key_sign(s->signer->key, DIGEST_SHA256, &digest, &value, e))
        return false;
    xml_put(w, STR("<ds:Signature xmlns:ds=\"" NS_DS "\" Id=\"_signature\">"));
    xml_put(w, buf_str(&info));
    xml_put(w, STR("<ds:SignatureValue>"));
    xml_put_base64(w, buf_str(&value));
    xml_put(w, STR("</ds:SignatureValue><ds:KeyInfo>"));
    as4_token_write_reference(token, w);
    xml_put(w, STR("</ds:KeyInfo></ds:Signature>"));
    return true;
}

static bool put_security(const struct as4_seal *s, struct str timestamp,
                         const struct as4_references *list, struct xml_writer *w, struct error *e)
{
    struct as4_token token = {.style = s->signer->style,
                              .cert = s->signer->cert,
                              .chain = s->signer->chain,
                              .id = ID_SIGNER_TOKEN};
    xml_put(w, STR("<wsse:Security xmlns:ds=\"" NS_DS "\" xmlns:wsse=\"" NS_WSSE
                   "\" xmlns:wsu=\"" NS_WSU "\" xmlns:xenc=\"" NS_XENC
                   "\" S12:mustUnderstand=\"true\">"));
    if (!put_encryption(s, w, e) || !as4_token_write(&token, w, e) ||
        !put_signature(s, &token, list, w, e))
        return false;
    xml_put(w, timestamp);
    xml_put(w, STR("</wsse:Security>"));
    return true;
}

bool as4_seal_write(const struct as4_seal *s, struct arena *a, struct buf *envelope,
                    struct as4_references *references, struct error *e)
{
    AUTO_BUF timestamp = BUF(1024);
    struct as4_references list = {0};
    struct xml_writer w = xml_writer_into(envelope, e);
    if (s->with_timestamp && s->signer != NULL && !timestamp_text(s, &timestamp, e))
        return false;
    if (!collect_references(s, buf_str(&timestamp), a, &list, e))
        return false;
    xml_put(&w, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?><S12:Envelope xmlns:S12=\"" NS_SOAP12
                    "\"><S12:Header>"));
    if (s->signer != NULL && !put_security(s, buf_str(&timestamp), &list, &w, e))
        return false;
    xml_put(&w, s->messaging);
    xml_put(&w, STR("</S12:Header>"));
    xml_put(&w, s->body);
    xml_put(&w, STR("</S12:Envelope>"));
    if (!xml_flush(&w))
        return false;
    if (references != NULL)
        *references = list;
    return true;
}
