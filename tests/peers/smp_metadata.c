/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/peers/smp_metadata.h"

#include "runtime/crypto/base64.h"
#include "runtime/xml/write.h"

#define SMP_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"
#define DS_NS  "http://www.w3.org/2000/09/xmldsig#"
#define C14N   "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
enum { METADATA_MAX = 200 * 1024 };

/* Everything is written in canonical form, so that the octets are what is digested. */

static void put_cert(struct xml_writer *w, const struct cert *c)
{
    AUTO_BUF text = BUF(20000);
    if (!w->failed && !base64_encode(&text, cert_der(c), w->e))
        w->failed = true;
    xml_put(w, buf_str(&text));
}

static void put_endpoint(struct xml_writer *w, const struct smp_record *r)
{
    xml_put(w, STR("<ProcessList><Process><ProcessIdentifier scheme=\"urn:fdc:digg.se:edelivery:"
                   "process\">bdx:noprocess</ProcessIdentifier><ServiceEndpointList><Endpoint "
                   "transportProfile=\"digg-transport-as4-v1_0\">"));
    xml_put_element(w, "EndpointURI", r->endpoint);
    xml_put(w, STR("<Certificate>"));
    put_cert(w, r->ap);
    xml_put(w, STR("</Certificate><ServiceDescription>stand-in</ServiceDescription>"
                   "<TechnicalContactUrl>https://smp.example/</TechnicalContactUrl></Endpoint>"
                   "</ServiceEndpointList></Process></ProcessList>"));
}

static void put_published(struct xml_writer *w, const char *type, const struct cert *c)
{
    if (c == NULL)
        return;
    xml_put(w,
            STR("<Extension><ExtensionID>urn:fdc:digg.se:edelivery:xml-extension:smp-certpub:1.0"
                "</ExtensionID><smc:Certificate xmlns:smc=\"http://docs.oasis-open.org/bdxr/ns/"
                "SMP/2/AggregateComponents\"><smb:TypeCode xmlns:smb=\"http://docs.oasis-open.org/"
                "bdxr/ns/SMP/2/BasicComponents\">urn:fdc:digg.se:edelivery:certpub:"));
    xml_put(w, str_of(type));
    xml_put(w, STR("</smb:TypeCode><smb:ContentBinaryObject xmlns:smb=\"http://docs.oasis-open.org/"
                   "bdxr/ns/SMP/2/BasicComponents\" mimeCode=\"application/base64\">"));
    put_cert(w, c);
    xml_put(w, STR("</smb:ContentBinaryObject></smc:Certificate></Extension>"));
}

static void put_metadata(struct xml_writer *w, const struct smp_record *r, bool redirect)
{
    xml_put(w, STR("<ServiceMetadata>"));
    if (redirect) {
        xml_put(w, STR("<Redirect href=\"https://elsewhere.example/\"><CertificateUID>CN=X"
                       "</CertificateUID></Redirect></ServiceMetadata>"));
        return;
    }
    xml_put(w, STR("<ServiceInformation><ParticipantIdentifier scheme=\"iso6523-actorid-upis\">"));
    xml_put_text(w, r->participant);
    xml_put(w, STR("</ParticipantIdentifier><DocumentIdentifier scheme=\"busdox-docid-qns\">"));
    xml_put_text(w, r->document);
    xml_put(w, STR("</DocumentIdentifier>"));
    put_endpoint(w, r);
    put_published(w, "signing-cert", r->signing);
    put_published(w, "encryption-cert", r->encryption);
    xml_put(w, STR("</ServiceInformation></ServiceMetadata>"));
}

/* xmlns="SMP" is inherited and, C14N being inclusive, part of what is signed. */
static bool signed_info(const struct digest_value *digest, bool apart, struct buf *out,
                        struct error *e)
{
    AUTO_BUF text = BUF(200);
    return base64_encode(&text, digest_str(digest), e) &&
           buf_addf(out, e,
                    "<ds:SignedInfo%s><ds:CanonicalizationMethod Algorithm=\"" C14N
                    "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://"
                    "www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod>"
                    "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS_NS
                    "enveloped-signature\"></ds:Transform></ds:Transforms><ds:DigestMethod "
                    "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>"
                    "<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>",
                    apart ? " xmlns=\"" SMP_NS "\" xmlns:ds=\"" DS_NS "\"" : "", buf_text(&text));
}

static bool add_signature(const struct key *key, const struct cert *cert,
                          const struct digest_value *digest, struct buf *out, struct error *e)
{
    AUTO_BUF info = BUF(4096);
    AUTO_BUF value = BUF(1024);
    AUTO_BUF value64 = BUF(2048);
    AUTO_BUF cert64 = BUF(20000);
    struct digest_value info_digest;
    return signed_info(digest, true, &info, e) &&
           digest_of(DIGEST_SHA256, buf_str(&info), &info_digest) &&
           key_sign(key, DIGEST_SHA256, &info_digest, &value, e) &&
           base64_encode(&value64, buf_str(&value), e) &&
           base64_encode(&cert64, cert_der(cert), e) &&
           buf_addf(out, e, "<ds:Signature xmlns:ds=\"" DS_NS "\">") &&
           signed_info(digest, false, out, e) &&
           buf_addf(out, e,
                    "<ds:SignatureValue>%s</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
                    "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
                    "</ds:Signature>",
                    buf_text(&value64), buf_text(&cert64));
}

bool smp_metadata_write(const struct smp_record *r, const struct key *key, const struct cert *cert,
                        enum smp_flaw flaw, struct buf *out, struct error *e)
{
    AUTO_BUF body = BUF(METADATA_MAX);
    AUTO_BUF hold = BUF(METADATA_MAX);
    AUTO_BUF whole = BUF(METADATA_MAX);
    struct sink_buf into;
    struct digest_value digest;
    sink_buf_init(&into, &body);
    struct xml_writer w = xml_writer_on(&into.sink, &hold, e);
    put_metadata(&w, r, flaw == SMP_REDIRECT);
    if (!xml_flush(&w) ||
        !buf_addf(&whole, e,
                  "<SignedServiceMetadata xmlns=\"" SMP_NS "\">%s</SignedServiceMetadata>",
                  buf_text(&body)) ||
        !digest_of(DIGEST_SHA256, buf_str(&whole), &digest))
        return false;
    if (flaw == SMP_ALTERED) { /* one letter of the endpoint, after it was signed */
        size_t at = str_find(buf_str(&body), STR("<EndpointURI>https"));
        body.at[at + 13] = 'H';
    }
    return buf_addf(
               out, e,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SignedServiceMetadata xmlns=\"" SMP_NS
               "\">%s",
               buf_text(&body)) &&
           (flaw == SMP_UNSIGNED || add_signature(key, cert, &digest, out, e)) &&
           buf_add(out, STR("</SignedServiceMetadata>"), e);
}
