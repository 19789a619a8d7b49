/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/xhe/test_envelope.c */
/* payload -> [AES-CBC -> base64] -> body -> digest and `to`. What is written is its own canonical form:
 * namespaces on the root in C14N's order, no empty-element tags, no white space; so the digest of the
 * enveloped signature is that of the octets before it, and of the end tag behind it. */
#include "accesspoint/xhe/envelope.h"
#include "accesspoint/xhe/names.h"
#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/crypto/base64.h"
#include "runtime/crypto/cipher.h"
#include "runtime/xml/c14n.h"
#include "runtime/xml/write.h"

enum { HOLD_OCTETS = 16 * 1024, KEY_OCTETS = 32 };

#define ROOT_NAMESPACES \
    " xmlns:x=\"" XHE_NS "\" xmlns:xha=\"" XHE_AGGREGATE_NS "\" xmlns:xhb=\"" XHE_BASIC_NS "\""

struct body_sink { /* the digest and `to`; its finish does not reach them */
    struct sink sink;
    struct sink *next;
};

struct xhe_out {
    struct sink head; /* what the caller writes the payload into */
    struct sink *to;
    const struct key *key;
    const struct cert *cert;
    bool is_encrypted;
    struct digest_sink digest;
    struct sink_tee tee;
    struct body_sink body;
    struct base64_sink base64;
    struct cipher_sink cipher;
    struct sink *payload; /* cipher or body */
    struct buf hold;
};

static bool body_write(struct sink *s, struct str octets, struct error *e)
{
    return sink_write(((struct body_sink *)s)->next, octets, e);
}

static void put_criterion(struct xml_writer *w, struct str type, struct str value)
{
    xml_put(w, STR("<xha:BusinessScopeCriterion>"));
    xml_put_value(w, "xhb:BusinessScopeCriterionTypeCode", type);
    xml_put_value(w, "xhb:BusinessScopeCriterionValue", value);
    xml_put(w, STR("</xha:BusinessScopeCriterion>"));
}

static void put_party(struct xml_writer *w, const char *name, struct str id)
{
    xml_put(w, STR("<"));
    xml_put(w, str_of(name));
    xml_put(w, STR("><xha:PartyIdentification><xhb:ID schemeID=\"iso6523-actorid-upis\">"));
    xml_put_text(w, id);
    xml_put(w, STR("</xhb:ID></xha:PartyIdentification></"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
}

static void put_header(struct xml_writer *w, const struct xhe *x)
{
    char created[CLOCK_TEXT_SIZE];
    xml_put(w, STR("<x:XHE" ROOT_NAMESPACES "><xhb:XHEVersionID>1.0</xhb:XHEVersionID>"
                   "<xhb:CustomizationID>urn:fdc:digg.se:edelivery:xhe:1</xhb:CustomizationID>"
                   "<xha:Header>"));
    xml_put_value(w, "xhb:ID", x->id);
    xml_put_value(w, "xhb:CreationDateTime", str_of(clock_format(x->created_ms, created)));
    xml_put(w, STR("<xha:BusinessScope>"));
    put_criterion(w, STR("DOCUMENTID"), x->document);
    put_criterion(w, STR("DOCUMENTID_SCHEME"), x->document_scheme);
    put_criterion(w, STR("PROCESSID"), x->process);
    put_criterion(w, STR("PROCESSID_SCHEME"), x->process_scheme);
    put_criterion(w, STR("FEDERATIONID"), x->federation);
    xml_put(w, STR("</xha:BusinessScope>"));
    put_party(w, "xha:FromParty", x->from);
    put_party(w, "xha:ToParty", x->to);
    xml_put(w, STR("</xha:Header><xha:Payloads><xha:Payload>"));
    xml_put_value(w, "xhb:DocumentTypeCode", x->document_type);
    xml_put_value(w, "xhb:ContentTypeCode", x->content_type);
    xml_put_value(w, "xhb:HandlingServiceID", x->handling_service);
}

static void put_encrypted_key(struct xml_writer *w, const struct cert *recipient,
                              struct str wrapped)
{
    xml_put(w, STR("<xenc:EncryptedData xmlns:xenc=\"" XENC_NS "\" Type=\"" XENC_TYPE_ELEMENT "\">"
                   "<xenc:EncryptionMethod Algorithm=\"" XENC_AES256_CBC "\">"
                   "</xenc:EncryptionMethod>"
                   "<ds:KeyInfo xmlns:ds=\"" DS_NS "\"><xenc:EncryptedKey>"
                   "<xenc:EncryptionMethod Algorithm=\"" XENC_RSA_OAEP_MGF1P "\">"
                   "<ds:DigestMethod Algorithm=\"" DS_SHA1 "\"></ds:DigestMethod>"
                   "</xenc:EncryptionMethod>"
                   "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>"));
    xml_put_base64(w, cert_der(recipient));
    xml_put(w, STR("</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
                   "<xenc:CipherData><xenc:CipherValue>"));
    xml_put_base64(w, wrapped);
    xml_put(w, STR("</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
                   "<xenc:CipherData><xenc:CipherValue>"));
}

static bool start_encryption(struct xhe_out *o, const struct cert *recipient, struct xml_writer *w)
{
    unsigned char octets[KEY_OCTETS];
    AUTO_SECRET key = {0};
    AUTO_BUF wrapped = BUF(2048);
    random_octets(octets, sizeof(octets));
    secret_set(&key, octets, sizeof(octets));
    mem_wipe(octets, sizeof(octets));
    base64_encode_sink_init(&o->base64, &o->body.sink);
    if (!cert_wrap_key(recipient, OAEP_SHA1_MGF_SHA1, secret_peek(&key), &wrapped, w->e) ||
        !cipher_seal_sink_init(&o->cipher, CIPHER_AES256_CBC, secret_peek(&key), &o->base64.sink,
                               w->e))
        return false;
    put_encrypted_key(w, recipient, buf_str(&wrapped));
    o->payload = &o->cipher.sink;
    return true;
}

static bool write_front(struct xhe_out *o, const struct cert *recipient, const struct xhe *x,
                        struct error *e)
{
    struct xml_writer w = xml_writer_on(&o->body.sink, &o->hold, e);
    if (!sink_write(o->to, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), e))
        return false;
    put_header(&w, x);
    xml_put_value(&w, "xhb:InstanceEncryptionIndicator",
                  recipient == NULL ? STR("false") : STR("true"));
    xml_put(&w, STR("<xha:PayloadContent>"));
    if (w.failed || (recipient != NULL && !start_encryption(o, recipient, &w)))
        return false;
    return xml_flush(&w);
}

/* --- the end: the signature */

static bool sign(struct xhe_out *o, struct buf *signed_info, struct buf *signature, struct error *e)
{
    struct digest_value digest;
    struct xml_writer w = xml_writer_into(signed_info, e);
    digest_sink_value(&o->digest, &digest);
    /* Namespaces in scope come first and sorted; in the document the ancestors declare them. */
    xml_put(&w, STR("<ds:SignedInfo xmlns:ds=\"" DS_NS "\"" ROOT_NAMESPACES ">"
                    "<ds:CanonicalizationMethod Algorithm=\"" C14N_1_0_URI "\">"
                    "</ds:CanonicalizationMethod>"
                    "<ds:SignatureMethod Algorithm=\"" DS_RSA_SHA256 "\"></ds:SignatureMethod>"
                    "<ds:Reference URI=\"\"><ds:Transforms>"
                    "<ds:Transform Algorithm=\"" DS_ENVELOPED "\"></ds:Transform>"
                    "<ds:Transform Algorithm=\"" C14N_1_0_URI "\"></ds:Transform></ds:Transforms>"
                    "<ds:DigestMethod Algorithm=\"" XENC_SHA256 "\"></ds:DigestMethod>"
                    "<ds:DigestValue>"));
    xml_put_base64(&w, digest_str(&digest));
    xml_put(&w, STR("</ds:DigestValue></ds:Reference></ds:SignedInfo>"));
    return xml_flush(&w) && digest_of(DIGEST_SHA256, buf_str(signed_info), &digest) &&
           key_sign(o->key, DIGEST_SHA256, &digest, signature, e);
}

static bool write_signature(struct xhe_out *o, struct error *e)
{
    AUTO_BUF signed_info = BUF(8192), signature = BUF(2048);
    if (!sign(o, &signed_info, &signature, e))
        return false;
    struct xml_writer w = xml_writer_on(o->to, &o->hold, e);
    xml_put(&w, STR("<ds:Signature xmlns:ds=\"" DS_NS "\">"));
    xml_put(&w, buf_str(&signed_info));
    xml_put(&w, STR("<ds:SignatureValue>"));
    xml_put_base64(&w, buf_str(&signature));
    xml_put(&w, STR("</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"));
    xml_put_base64(&w, cert_der(o->cert));
    xml_put(&w, STR("</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></x:XHE>"));
    return xml_flush(&w);
}

static bool write_end(struct xhe_out *o, struct error *e)
{
    struct str end = STR("</xha:PayloadContent></xha:Payload></xha:Payloads>");
    if (o->is_encrypted &&
        !sink_write(&o->body.sink,
                    STR("</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"), e))
        return false;
    return sink_write(&o->body.sink, end, e) && sink_write(&o->digest.sink, STR("</x:XHE>"), e) &&
           sink_finish(&o->digest.sink, e);
}

static bool head_write(struct sink *s, struct str octets, struct error *e)
{
    return sink_write(((struct xhe_out *)s)->payload, octets, e);
}

static bool head_finish(struct sink *s, struct error *e)
{
    struct xhe_out *o = (struct xhe_out *)s;
    return sink_finish(o->payload, e) && write_end(o, e) && write_signature(o, e) &&
           sink_finish(o->to, e);
}

bool xhe_out_new(const struct xhe_out_config *config, const struct xhe *x, struct sink *to,
                 struct xhe_out **out, struct error *e)
{
    AUTO_XHE_OUT o = mem_new(sizeof(*o));
    o->head = (struct sink){head_write, head_finish};
    o->to = to;
    o->key = config->key;
    o->cert = config->cert;
    o->is_encrypted = config->recipient != NULL;
    o->hold = BUF(HOLD_OCTETS);
    digest_sink_init(&o->digest, DIGEST_SHA256, NULL);
    sink_tee_init(&o->tee, &o->digest.sink, to);
    o->body = (struct body_sink){{body_write, NULL}, &o->tee.sink};
    o->payload = &o->body.sink;
    if (!write_front(o, config->recipient, x, e))
        return false;
    *out = o;
    o = NULL;
    return true;
}

struct sink *xhe_out_payload(struct xhe_out *o)
{
    return &o->head;
}

void xhe_out_free(struct xhe_out *o)
{
    if (o == NULL)
        return;
    digest_sink_release(&o->digest);
    cipher_sink_release(&o->cipher);
    buf_release(&o->hold);
    mem_free(o);
}

void xhe_out_free_at(struct xhe_out **o)
{
    xhe_out_free(*o);
    *o = NULL;
}
