/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/base64.h"
#include "runtime/xml/dsig.h"
#include "tests/check.h"
#include "tests/unit/runtime/crypto/judge.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 4 * 1024 * 1024 };
#define DS     "http://www.w3.org/2000/09/xmldsig#"
#define RSA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"

/* --- verdicts on documents */

static bool verify(struct str octets, struct error *e)
{
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    AUTO_CERT struct cert *signer = NULL;
    xml_setup();
    CHECK_OK(xml_read(octets, &xml_limits_envelope, &d, e), *e);
    const struct xml_node *signature = xml_first(xml_root(d), DS, "Signature");
    if (!dsig_verify_enveloped(d, signature, &a, &signer, e))
        return false;
    CHECK(signer != NULL && cert_is_rsa(signer));
    return true;
}

/* The text of the first element of this name, decoded from base64. */
static void payload_of(struct str octets, const char *name, struct buf *out)
{
    struct error e = {0};
    char open[40];
    snprintf(open, sizeof(open), "<%s", name);
    octets = str_from(octets, str_find(octets, str_of(open)));
    octets = str_from(octets, str_find_char(octets, '>') + 1);
    struct base64_sink decode;
    struct sink_buf into;
    sink_buf_init(&into, out);
    base64_decode_sink_init(&decode, true, &into.sink);
    struct str text = str_upto(octets, str_find_char(octets, '<'));
    CHECK_OK(sink_write(&decode.sink, text, &e) && sink_finish(&decode.sink, &e), e);
}

TEST(official_envelopes_get_their_verdicts)
{
    static const struct {
        const char *file;
        const char *inside; /* the element whose base64 text is the envelope */
        bool holds;         /* spec/sdk.md 10 */
    } rows[] = {
        {"data/sdk/message/examples/as4_xhe_encrypted.xml", "value", true},
        {"data/sdk/message/examples/xhe_unencrypted.xml", "value", true},
        {"data/sdk/xhe/examples/XHE-tm-base-ext-sigenc.xml", NULL, true},
        {"data/sdk/message/examples/xhe_encrypted_payload.xml", NULL, false},
        {"data/sdk/message/examples/xhe_unencrypted_payload.xml", NULL, false},
    };
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF file = BUF(MOST);
        AUTO_BUF envelope = BUF(MOST);
        if (!sample_read(rows[i].file, &file))
            continue;
        if (rows[i].inside != NULL)
            payload_of(buf_str(&file), rows[i].inside, &envelope);
        struct str octets = buf_str(rows[i].inside != NULL ? &envelope : &file);
        bool holds = verify(octets, &e);
        if (holds != rows[i].holds)
            fail_msg("%s: %s", rows[i].file, e.text);
        CHECK_ROW(rows[i].file, holds || e.kind == ERROR_DENY);
        seen++;
    }
    if (seen == 0)
        skip();
}

/* --- signatures made by xmlsec1 */

static const char c14n_1_0[] = C14N_1_0_URI;
struct recipe {
    const char *row, *c14n, *method, *digest, *transform;
};
static const struct recipe recipes[] = {
    {"DIGG's", c14n_1_0, RSA256, SHA256, NULL},
    {"Inera's", c14n_1_0, RSA256, SHA256, c14n_1_0},
    {"exclusive", C14N_EXCLUSIVE_URI, RSA256, SHA256, C14N_EXCLUSIVE_URI},
    {"1.1", C14N_1_1_URI, RSA256, SHA256, C14N_1_1_URI},
    {"384 and 512", c14n_1_0, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
     "http://www.w3.org/2001/04/xmlenc#sha512", NULL},
    {"512 and 384", c14n_1_0, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
     "http://www.w3.org/2001/04/xmldsig-more#sha384", NULL},
};

static void put_template(struct buf *out, const struct recipe *r, const char *payload)
{
    struct error e = {0};
    CHECK_OK(
        buf_addf(out, &e,
                 "<?xml version='1.0'?>\n<x:r xmlns:x='urn:x' xmlns:y='urn:y' b='2' a='1'>\r\n"
                 "<!-- a comment --><x:p>%s</x:p><ds:Signature xmlns:ds='" DS "'><ds:SignedInfo>"
                 "<ds:CanonicalizationMethod Algorithm='%s'/><ds:SignatureMethod Algorithm='%s'/>"
                 "<ds:Reference URI=''><ds:Transforms><ds:Transform Algorithm='" DS
                 "enveloped-signature'/>",
                 payload, r->c14n, r->method),
        e);
    if (r->transform != NULL)
        CHECK_OK(buf_addf(out, &e, "<ds:Transform Algorithm='%s'/>", r->transform), e);
    CHECK_OK(buf_addf(out, &e,
                      "</ds:Transforms><ds:DigestMethod Algorithm='%s'/><ds:DigestValue/>"
                      "</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
                      "<ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature></x:r>",
                      r->digest),
             e);
}

static bool sign_by_xmlsec1(const struct judge *j, const struct recipe *r, const char *payload,
                            struct buf *out)
{
    AUTO_BUF template = BUF(MOST);
    put_template(&template, r, payload);
    judge_put(j, "template.xml", buf_str(&template));
    if (!judge_run(j,
                   "test -f key.pem || openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem "
                   "-out cert.pem -subj /CN=signer -days 2") ||
        !judge_run(
            j, "xmlsec1 --sign --privkey-pem key.pem,cert.pem --output signed.xml template.xml"))
        return false;
    judge_get(j, "signed.xml", out);
    return true;
}

static void replace(struct buf *b, const char *what, const char *with)
{
    struct error e = {0};
    AUTO_BUF new = BUF(MOST);
    size_t at = str_find(buf_str(b), str_of(what));
    CHECK(at < b->len);
    CHECK_OK(buf_add(&new, str_upto(buf_str(b), at), &e), e);
    CHECK_OK(buf_add(&new, str_of(with), &e), e);
    CHECK_OK(buf_add(&new, str_from(buf_str(b), at + str_of(what).len), &e), e);
    buf_clear(b);
    CHECK_OK(buf_add(b, buf_str(&new), &e), e);
}

static bool has_xmlsec1(const struct judge *j)
{
    return judge_run(j, "command -v xmlsec1 && command -v openssl");
}

TEST(what_xmlsec1_signed_holds_until_one_octet_is_altered)
{
    AUTO_JUDGE j = judge_new();
    if (!has_xmlsec1(&j))
        skip();
    for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
        struct error e = {0};
        AUTO_BUF doc = BUF(MOST);
        CHECK_ROW(recipes[i].row, sign_by_xmlsec1(&j, &recipes[i], "pay&amp;load", &doc));
        if (!verify(buf_str(&doc), &e))
            fail_msg("row '%s': %s", recipes[i].row, e.text);
        replace(&doc, "load", "lord");
        CHECK_ROW(recipes[i].row, !verify(buf_str(&doc), &e) && e.kind == ERROR_DENY);
        CHECK_ROW(recipes[i].row, strstr(e.text, "digest") != NULL);
    }
}

TEST(a_long_payload_is_digested_from_its_source)
{
    struct error e = {0};
    AUTO_JUDGE j = judge_new();
    AUTO_BUF payload = BUF(MOST);
    AUTO_BUF doc = BUF(MOST);
    if (!has_xmlsec1(&j))
        skip();
    for (size_t i = 0; i < 30000; i++)
        CHECK_OK(buf_add(&payload, i % 19 == 0 ? STR("\r\n") : STR("QUJD"), &e), e);
    CHECK(sign_by_xmlsec1(&j, &recipes[0], buf_text(&payload), &doc));
    CHECK_OK(verify(buf_str(&doc), &e), e);
    doc.at[doc.len / 2] ^= 1;
    CHECK(!verify(buf_str(&doc), &e) && e.kind == ERROR_DENY);
}

/* --- games with references, transforms, structure (issue 7.3). Each takes a signature that holds
 * and changes one thing; the error must name it. */

static const struct {
    const char *row, *what, *with, *why;
} games[] = {
    {"reference to a part", "URI=\"\"", "URI=\"#x\"", "enveloped transform needs"},
    {"reference to a file", "URI=\"\"", "URI=\"file:///etc/hostname\"", "\"\", #id or cid:"},
    {"reference over the network", "URI=\"\"", "URI=\"http://x.example/\"", "\"\", #id or cid:"},
    {"XPointer to the root", "URI=\"\"", "URI=\"#xpointer(/)\"", "\"\", #id or cid:"},
    {"XPointer to an id", "URI=\"\"", "URI=\"#xpointer(id('x'))\"", "\"\", #id or cid:"},
    {"escaped id", "URI=\"\"", "URI=\"#%78\"", "\"\", #id or cid:"},
    {"empty fragment", "URI=\"\"", "URI=\"#\"", "\"\", #id or cid:"},
    {"no URI", " URI=\"\"", "", "without URI"},
    {"attachment without its transform", "URI=\"\"", "URI=\"cid:x\"", "go together"},
    {"Manifest", "URI=\"\"", "URI=\"\" Type=\"" DS "Manifest\"", "Manifest"},
    {"XSLT", DS "enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116",
     "transform that is not"},
    {"XPath", DS "enveloped-signature", "http://www.w3.org/TR/1999/REC-xpath-19991116",
     "transform that is not"},
    {"XPath filter 2", DS "enveloped-signature", "http://www.w3.org/2002/06/xmldsig-filter2",
     "transform that is not"},
    {"base64 transform", DS "enveloped-signature", DS "base64", "transform that is not"},
    {"STR transform", DS "enveloped-signature",
     "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
     "transform that is not"},
    {"enveloped twice", "</ds:Transforms>",
     "<ds:Transform Algorithm='" DS "enveloped-signature'/></ds:Transforms>",
     "transform that is not"},
    {"transform behind C14N", "</ds:Transforms>",
     "<ds:Transform Algorithm='" C14N_1_0_URI "'/><ds:Transform Algorithm='" C14N_1_0_URI
     "'/></ds:Transforms>",
     "behind the last"},
    {"attachment behind enveloped", "</ds:Transforms>",
     "<ds:Transform Algorithm='" DSIG_ATTACHMENT_URI "'/></ds:Transforms>",
     "transform that is not"},
    {"C14N with comments", C14N_1_0_URI, C14N_1_0_URI "#WithComments", "canonicalisation must"},
    {"unknown C14N", C14N_1_0_URI, "urn:none", "canonicalisation must"},
    {"prefixes under inclusive C14N", "<ds:SignatureMethod",
     "<ds:CanonicalizationMethod Algorithm=''/><ds:SignatureMethod", "SignatureMethod must be"},
    {"SHA-1 digest", SHA256, DS "sha1", "digest must"},
    {"MD5 digest", SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5", "digest must"},
    {"SHA-1 signature", RSA256, DS "rsa-sha1", "method must"},
    {"HMAC with the public key", RSA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
     "method must"},
    {"DSA", RSA256, DS "dsa-sha1", "method must"},
    {"HMACOutputLength", "<ds:SignatureMethod Algorithm=\"" RSA256 "\"/>",
     "<ds:SignatureMethod Algorithm=\"" RSA256
     "\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
     "no parameter"},
    {"Object", "</ds:Signature>", "<ds:Object><x:p/></ds:Object></ds:Signature>",
     "not expected, not 'Object'"},
    {"Object among references", "<ds:Reference URI", "<ds:Object/><ds:Reference URI",
     "Reference must be"},
    {"second SignedInfo", "<ds:SignatureValue>", "<ds:SignedInfo/><ds:SignatureValue>",
     "SignatureValue must be"},
    {"SignedInfo of another namespace", "<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds='urn:x'>",
     "SignedInfo must be"},
    {"text in SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo>x", "text between"},
    {"element in the value", "<ds:SignatureValue>", "<ds:SignatureValue><x:p/>", "no parameter"},
    {"two digests", "</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue/>", "not expected"},
    {"second signature", "</ds:Signature>", "</ds:Signature><ds:Signature xmlns:ds='" DS "'/>",
     "one ds:Signature"},
};

TEST(games_with_references_and_transforms_are_refused_by_name)
{
    AUTO_JUDGE j = judge_new();
    AUTO_BUF doc = BUF(MOST);
    if (!has_xmlsec1(&j))
        skip();
    CHECK(sign_by_xmlsec1(&j, &recipes[0], "payload", &doc));
    for (size_t i = 0; i < sizeof(games) / sizeof(games[0]); i++) {
        struct error e = {0};
        AUTO_BUF altered = BUF(MOST);
        CHECK_OK(buf_add(&altered, buf_str(&doc), &e), e);
        replace(&altered, games[i].what, games[i].with);
        CHECK_ROW(games[i].row, !verify(buf_str(&altered), &e) && e.kind == ERROR_DENY);
        if (strstr(e.text, games[i].why) == NULL)
            fail_msg("row '%s': '%s' does not say '%s'", games[i].row, e.text, games[i].why);
    }
}

static void cut(struct buf *b, const char *from, const char *behind)
{
    struct str s = buf_str(b);
    AUTO_BUF part = BUF(MOST);
    struct error e = {0};
    size_t at = str_find(s, str_of(from));
    size_t end = str_find(str_from(s, at), str_of(behind)) + str_of(behind).len;
    CHECK(at < s.len && at + end <= s.len);
    CHECK_OK(buf_add(&part, str_upto(str_from(s, at), end), &e), e);
    replace(b, buf_text(&part), "");
}

TEST(a_signature_without_its_parts_is_refused_by_name)
{
    static const struct {
        const char *from, *behind, *why;
    } rows[] = {
        {"<ds:KeyInfo>", "</ds:KeyInfo>", "no certificate"},
        {"<ds:Reference", "</ds:Reference>", "no Reference"},
        {"<ds:SignatureMethod", "/>", "SignatureMethod must be"},
        {"<ds:CanonicalizationMethod", "/>", "CanonicalizationMethod must be"},
        {"<ds:DigestMethod", "/>", "DigestMethod must be"},
        {"<ds:SignatureValue", "</ds:SignatureValue>", "SignatureValue must be"},
        {"<ds:Signature ", "</ds:Signature>", "no ds:Signature"},
        {"<ds:Transforms", "</ds:Transforms>", "enveloped"},
        {"<ds:Transform ", "/>", "without a Transform"},
    };
    AUTO_JUDGE j = judge_new();
    AUTO_BUF doc = BUF(MOST);
    if (!has_xmlsec1(&j))
        skip();
    CHECK(sign_by_xmlsec1(&j, &recipes[0], "payload", &doc));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF altered = BUF(MOST);
        CHECK_OK(buf_add(&altered, buf_str(&doc), &e), e);
        cut(&altered, rows[i].from, rows[i].behind);
        CHECK_ROW(rows[i].from, !verify(buf_str(&altered), &e) && e.kind == ERROR_DENY);
        if (strstr(e.text, rows[i].why) == NULL)
            fail_msg("'%s' does not say '%s'", e.text, rows[i].why);
    }
}

/* --- wrapping: the signed octets are moved, something else stands where they stood */

static struct str between(const struct buf *b, const char *from, const char *to)
{
    struct str s = str_from(buf_str(b), str_find(buf_str(b), str_of(from)));
    return str_upto(s, str_find(s, str_of(to)));
}

static bool verify_last_signature(struct str octets, struct error *e)
{
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    AUTO_CERT struct cert *signer = NULL;
    CHECK_OK(xml_read(octets, &xml_limits_envelope, &d, e), *e);
    const struct xml_node *inner = xml_first(xml_root(d), "urn:x", "r");
    return dsig_verify_enveloped(d, xml_first(inner, DS, "Signature"), &a, &signer, e);
}

TEST(wrapped_signatures_are_refused)
{
    AUTO_JUDGE j = judge_new();
    AUTO_BUF doc = BUF(MOST);
    AUTO_BUF nested = BUF(MOST);
    AUTO_BUF moved = BUF(MOST);
    struct error e = {0};
    if (!has_xmlsec1(&j))
        skip();
    CHECK(sign_by_xmlsec1(&j, &recipes[0], "payload", &doc));
    struct str root = between(&doc, "<x:r", "</x:r>"),
               signature = between(&doc, "<ds:Signature ", "</x:r>");
    CHECK_OK(buf_addf(&nested, &e, "<x:r xmlns:x='urn:x'><x:p>evil</x:p>%.*s</x:r></x:r>",
                      STR_ARG(root)),
             e);
    CHECK(!verify(buf_str(&nested), &e) && strstr(e.text, "no ds:Signature") != NULL);
    CHECK(!verify_last_signature(buf_str(&nested), &e) &&
          strstr(e.text, "directly in the root") != NULL);
    root.len -= signature.len;
    CHECK_OK(buf_addf(&moved, &e, "<x:r xmlns:x='urn:x'><x:p>evil</x:p>%.*s</x:r>%.*s</x:r>",
                      STR_ARG(root), STR_ARG(signature)),
             e);
    CHECK(!verify(buf_str(&moved), &e) && strstr(e.text, "digest") != NULL);
    CHECK(e.kind == ERROR_DENY);
}

TEST(reading_gives_all_of_the_references_of_a_soap_signature)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct dsig s;
    xml_setup();
    CHECK_OK(
        xml_read(
            STR("<Signature xmlns='" DS
                "'><SignedInfo><CanonicalizationMethod Algorithm='" C14N_EXCLUSIVE_URI
                "'><ec:InclusiveNamespaces xmlns:ec='" C14N_EXCLUSIVE_URI
                "' PrefixList=' eb3  #default\n'/></CanonicalizationMethod><SignatureMethod Algorithm='" RSA256
                "'/><Reference URI='#body'><Transforms><Transform Algorithm='" C14N_EXCLUSIVE_URI
                "'/></Transforms><DigestMethod Algorithm='" SHA256
                "'/><DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRk\n m5NMpJWZG3hSuFU=</DigestValue></Reference>"
                "<Reference URI='cid:a'><Transforms><Transform Algorithm='" DSIG_ATTACHMENT_URI
                "'/></Transforms><DigestMethod Algorithm='" SHA256
                "'/><DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</DigestValue></Reference>"
                "</SignedInfo><SignatureValue>QQ==</SignatureValue></Signature>"),
            &xml_limits_envelope, &d, &e),
        e);
    CHECK_OK(dsig_read(xml_root(d), &a, &s, &e), e);
    CHECK(s.count == 2 && s.key_info == NULL && s.c14n == C14N_EXCLUSIVE && s.value.len == 1);
    CHECK_STR(str_of(s.prefixes[0]), STR("eb3"));
    CHECK_STR(str_of(s.prefixes[1]), STR("#default"));
    CHECK(s.prefixes[2] == NULL);
    CHECK(s.references[0].has_c14n && s.references[0].c14n == C14N_EXCLUSIVE &&
          s.references[0].prefixes == NULL);
    CHECK(s.references[1].attachment && s.references[1].digest.len == 32);
    CHECK(!dsig_check_reference(d, &s, &s.references[1], NULL, &e) && e.kind == ERROR_BUG);
    CHECK(!dsig_check_reference(d, &s, &s.references[0], NULL, &e) && e.kind == ERROR_BUG);
}

CHECK_MAIN
