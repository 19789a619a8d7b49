/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/smp/metadata.h"
#include "runtime/crypto/base64.h"
#include "tests/unit/accesspoint/formats.h"

#define SMP_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"
#define DS     "http://www.w3.org/2000/09/xmldsig#"
#define NOW    INT64_C(1769853600000) /* 2026-01-31T10:00:00Z */

struct world {
    struct formats_pair smp, ap, o2o;
    struct federation federation;
};

static void world_release(struct world *w)
{
    formats_pair_release(&w->smp);
    formats_pair_release(&w->ap);
    formats_pair_release(&w->o2o);
}
#define AUTO_WORLD __attribute__((cleanup(world_release))) struct world

static struct world world(void)
{
    return (struct world){formats_pair("open-test/smp/smp"), formats_pair("open-test/myndighet/ap"),
                          formats_pair("open-test/myndighet/o2o"), formats_federation()};
}

static struct smp_question question(const struct world *w)
{
    return (struct smp_question){
        .service = {w->federation.participant_scheme, STR("0203:myndighet.example"),
                    w->federation.document_scheme, w->federation.message_document},
        .federation = &w->federation,
        .now_ms = NOW,
    };
}

static void add_cert(struct buf *out, const struct cert *c)
{
    struct error e = {0};
    CHECK_OK(base64_encode(out, cert_der(c), &e), e);
}

static void add(struct buf *out, const char *text)
{
    struct error e = {0};
    CHECK_OK(buf_add(out, str_of(text), &e), e);
}

/* One process with one endpoint; `dates` stand before the certificate. */
static void add_process(struct buf *out, const struct world *w, const char *process,
                        const char *profile, const char *dates, const char *url)
{
    struct error e = {0};
    CHECK_OK(buf_addf(out, &e,
                      "<Process><ProcessIdentifier scheme=\"urn:fdc:digg.se:edelivery:process\">%s"
                      "</ProcessIdentifier><ServiceEndpointList><Endpoint transportProfile=\"%s\">"
                      "<EndpointURI>%s</EndpointURI>%s<Certificate>",
                      process, profile, url, dates),
             e);
    add_cert(out, w->ap.certs.at[0]);
    add(out,
        "</Certificate><ServiceDescription>d</ServiceDescription>"
        "<TechnicalContactUrl>c</TechnicalContactUrl></Endpoint></ServiceEndpointList></Process>");
}

static void add_published(struct buf *out, const struct world *w, const char *type)
{
    struct error e = {0};
    CHECK_OK(
        buf_addf(out, &e,
                 "<Extension><ExtensionID>urn:fdc:digg.se:edelivery:xml-extension:smp-certpub:1.0"
                 "</ExtensionID><c:Certificate xmlns:c=\"http://docs.oasis-open.org/bdxr/ns/SMP/2/"
                 "AggregateComponents\"><b:TypeCode xmlns:b=\"http://docs.oasis-open.org/bdxr/ns/"
                 "SMP/2/BasicComponents\"> %s </b:TypeCode><b:ContentBinaryObject "
                 "xmlns:b=\"http://docs.oasis-open.org/bdxr/ns/SMP/2/BasicComponents\" "
                 "mimeCode=\"application/base64\">",
                 type),
        e);
    add_cert(out, w->o2o.certs.at[0]);
    add(out, "</b:ContentBinaryObject></c:Certificate></Extension>");
}

static void begin(struct buf *out, const char *participant)
{
    struct error e = {0};
    CHECK_OK(
        buf_addf(out, &e,
                 "<SignedServiceMetadata xmlns=\"" SMP_NS "\"><ServiceMetadata>"
                 "<ServiceInformation><ParticipantIdentifier scheme=\"iso6523-actorid-upis\">%s"
                 "</ParticipantIdentifier><DocumentIdentifier scheme=\"busdox-docid-qns\">"
                 "urn:riv:infrastructure:messaging:MessageWithAttachments:3::messagePayload##3.0"
                 "::tm-base-ext-sigenc</DocumentIdentifier><ProcessList>",
                 participant),
        e);
}

static void finish(struct buf *out)
{
    add(out, "</ProcessList>");
}

#define TRANSFORM "<Transform Algorithm=\"" DS "enveloped-signature\"></Transform>"

/* What `out` holds is canonical but for its end: signed with SHA-256 and one enveloped transform. */
static void sign(struct buf *out, const struct formats_pair *by, const char *transforms)
{
    struct error e = {0};
    struct digest_value digest;
    AUTO_BUF whole = BUF(1 << 20), text = BUF(100), info = BUF(4096), value = BUF(1024);
    add(out, "</ServiceInformation></ServiceMetadata>");
    add(&whole, buf_text(out));
    add(&whole, "</SignedServiceMetadata>");
    CHECK(digest_of(DIGEST_SHA256, buf_str(&whole), &digest));
    CHECK_OK(base64_encode(&text, digest_str(&digest), &e), e);
    CHECK_OK(
        buf_addf(&info, &e,
                 "<SignedInfo xmlns=\"" DS "\"><CanonicalizationMethod Algorithm=\"" C14N_1_0_URI
                 "\"></CanonicalizationMethod><SignatureMethod Algorithm=\"http://www.w3.org/2001/"
                 "04/xmldsig-more#rsa-sha256\"></SignatureMethod><Reference URI=\"\"><Transforms>%s"
                 "</Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\">"
                 "</DigestMethod><DigestValue>%s</DigestValue></Reference></SignedInfo>",
                 transforms, buf_text(&text)),
        e);
    CHECK(digest_of(DIGEST_SHA256, buf_str(&info), &digest));
    CHECK_OK(key_sign(by->key, DIGEST_SHA256, &digest, &value, &e), e);
    add(out, "<Signature xmlns=\"" DS "\">");
    add(out, buf_text(&info));
    add(out, "<SignatureValue>");
    CHECK_OK(base64_encode(out, buf_str(&value), &e), e);
    add(out, "</SignatureValue><KeyInfo><X509Data><X509Certificate>");
    add_cert(out, by->certs.at[0]);
    add(out, "</X509Certificate></X509Data></KeyInfo></Signature></SignedServiceMetadata>");
}

static void sample(struct buf *out, const struct world *w)
{
    begin(out, "0203:MYNDIGHET.example");
    add_process(out, w, "bdx:other", "digg-transport-as4-v1_0", "", "https://other.example/");
    add_process(out, w, "bdx:noprocess", "digg-transport-as4-v1_0", "", "https://ap.example/msh");
    finish(out);
    add_published(out, w, "urn:fdc:digg.se:edelivery:certpub:encryption-cert");
}

static bool read(const struct buf *text, const struct smp_question *q, struct arena *a,
                 struct smp_metadata *out, struct error *e)
{
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(buf_str(text), &xml_limits_envelope, &d, e), *e);
    return smp_metadata_read(d, q, a, out, e);
}

TEST(a_signed_answer_gives_endpoint_and_certificates)
{
    struct error e = {0};
    AUTO_WORLD w = world();
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(1 << 20);
    AUTO_SMP_METADATA m = {0};
    AUTO_CERT_LIST certs = {0};
    const struct smp_endpoint *endpoint;
    struct smp_question q = question(&w);
    sample(&text, &w);
    sign(&text, &w.smp, TRANSFORM);
    CHECK_OK(read(&text, &q, &a, &m, &e), e);
    CHECK(m.endpoint_count == 2 && m.published_count == 1);
    CHECK_OK(smp_metadata_endpoint(&m, &q, &endpoint, &e), e);
    CHECK_STR(endpoint->url, STR("https://ap.example/msh"));
    CHECK(cert_equal(endpoint->cert, w.ap.certs.at[0]));
    CHECK_OK(smp_metadata_certs(&m, w.federation.certpub_encryption, &certs, &e), e);
    CHECK(certs.count == 1 && cert_equal(certs.at[0], w.o2o.certs.at[0]));
    CHECK(!smp_metadata_certs(&m, w.federation.certpub_signing, &certs, &e));
    CHECK(e.kind == ERROR_REJECT);
}

TEST(the_signer_must_be_trusted_for_smp)
{
    static const struct {
        const char *pair, *why; /* NULL: trusted */
    } rows[] = {
        {"open-test/smp/smp", NULL},
        {"open-test/bad/smp-expired", "expired"},
        {"open-test/bad/smp-not-yet-valid", "not valid before"},
        {"open-test/bad/smp-revoked", "revoked"},
        {"open-test/bad/smp-wrong-usage", "key usage"},
        {"open-test/bad/smp-wrong-environment", "issuer"},
        {"open-test/bad/smp-unknown-ca", "signature"},
        {"open-test/kommun/ap", "issuer"},
    };
    AUTO_WORLD w = world();
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct trust *trust = NULL;
    struct trust_config config = {
        .anchors_path = formats_path(&a, "POSTHORN_WORLD", "open-test/trust/smp.pem"),
        .crl_path = formats_path(&a, "POSTHORN_WORLD", "open-test/crl/smp.pem"),
        .crl = TRUST_CRL_HARD,
        .use = TRUST_SIGN,
    };
    CHECK_OK(trust_new(&config, &trust, &e), e);
    struct smp_question q = question(&w);
    q.trust = trust;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_PAIR signer = formats_pair(rows[i].pair);
        struct error refusal = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_SMP_METADATA m = {0};
        sample(&text, &w);
        sign(&text, &signer, TRANSFORM);
        bool ok = read(&text, &q, &a, &m, &refusal);
        CHECK_ROW(rows[i].pair, ok == (rows[i].why == NULL));
        CHECK_ROW(rows[i].pair, ok || refusal.kind == ERROR_DENY);
        CHECK_ROW(refusal.text, ok || str_find(str_of(refusal.text), str_of(rows[i].why)) <
                                          str_of(refusal.text).len);
    }
    trust_free(trust);
}

TEST(unsigned_changed_and_foreign_answers_are_not_believed)
{
    struct error e = {0};
    AUTO_WORLD w = world();
    AUTO_ARENA a = {0};
    struct smp_question q = question(&w);
    for (int row = 0; row < 6; row++) {
        AUTO_BUF text = BUF(1 << 20), changed = BUF(1 << 20);
        AUTO_SMP_METADATA m = {0};
        sample(&text, &w);
        if (row == 0) /* unsigned */
            add(&text, "</ServiceInformation></ServiceMetadata></SignedServiceMetadata>");
        else
            sign(&text, &w.smp,
                 row == 1   ? TRANSFORM "<Transform Algorithm=\"" C14N_1_0_URI "\"></Transform>"
                 : row == 5 ? ""
                            : TRANSFORM);
        size_t at = str_find(buf_str(&text), STR("ap.example"));
        CHECK_OK(buf_add(&changed, str_upto(buf_str(&text), at), &e), e);
        add(&changed, row == 2 ? "ev" : "ap");
        CHECK_OK(buf_add(&changed, str_from(buf_str(&text), at + 2), &e), e);
        struct smp_question asked = q;
        if (row == 3)
            asked.service.participant = STR("0203:other.example");
        if (row == 4)
            asked.service.document = w.federation.receipt_document;
        CHECK(!read(&changed, &asked, &a, &m, &e));
        CHECK(e.kind == ERROR_DENY);
        CHECK(m.endpoint_count == 0 && m.certs.count == 0);
    }
}

TEST(a_redirect_is_refused)
{
    struct error e = {0};
    AUTO_WORLD w = world();
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(1 << 20);
    AUTO_SMP_METADATA m = {0};
    struct smp_question q = question(&w);
    begin(&text, "0203:myndighet.example");
    add(&text,
        "<Process><ProcessIdentifier scheme=\"urn:fdc:digg.se:edelivery:process\">bdx:noprocess"
        "</ProcessIdentifier><Redirect href=\"http://x\"></Redirect></Process>");
    finish(&text);
    sign(&text, &w.smp, TRANSFORM);
    CHECK(!read(&text, &q, &a, &m, &e) && e.kind == ERROR_REJECT);
}

TEST(the_best_active_endpoint_is_chosen)
{
    static const struct {
        const char *row, *process, *profile, *dates, *expected; /* NULL: the refusal's words */
        const char *missing;
    } rows[] = {
        {"newer profile", "bdx:noprocess", "digg-transport-as4-v1_2", "", "https://two/", NULL},
        {"unknown profile", "bdx:noprocess", "digg-transport-as4-v9", "", "https://one/", NULL},
        {"expired", "bdx:noprocess", "digg-transport-as4-v1_2",
         "<ServiceExpirationDate>2026-01-31T10:00:00Z</ServiceExpirationDate>", "https://one/",
         NULL},
        {"not yet active", "bdx:noprocess", "digg-transport-as4-v1_2",
         "<ServiceActivationDate>2026-01-31T10:00:01Z</ServiceActivationDate>", "https://one/",
         NULL},
        {"active", "bdx:noprocess", "digg-transport-as4-v1_2",
         "<ServiceActivationDate>2026-01-31T10:00:00Z</ServiceActivationDate>"
         "<ServiceExpirationDate>2026-01-31T10:00:01Z</ServiceExpirationDate>",
         "https://two/", NULL},
    };
    AUTO_WORLD w = world();
    struct smp_question q = question(&w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_SMP_METADATA m = {0};
        const struct smp_endpoint *endpoint;
        begin(&text, "0203:myndighet.example");
        add_process(&text, &w, "bdx:noprocess", "digg-transport-as4-v1_0", "", "https://one/");
        add_process(&text, &w, rows[i].process, rows[i].profile, rows[i].dates, "https://two/");
        finish(&text);
        sign(&text, &w.smp, TRANSFORM);
        CHECK_OK(read(&text, &q, &a, &m, &e), e);
        CHECK_OK(smp_metadata_endpoint(&m, &q, &endpoint, &e), e);
        CHECK_STR(endpoint->url, str_of(rows[i].expected));
    }
}

TEST(a_refusal_says_what_was_missing)
{
    static const struct {
        const char *process, *profile, *dates, *missing;
    } rows[] = {
        {"bdx:other", "digg-transport-as4-v1_0", "", "process"},
        {"bdx:noprocess", "other", "", "transport profile"},
        {"bdx:noprocess", "digg-transport-as4-v1_0",
         "<ServiceExpirationDate>2025-01-31T10:00:00Z</ServiceExpirationDate>", "not active"},
    };
    AUTO_WORLD w = world();
    struct smp_question q = question(&w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_SMP_METADATA m = {0};
        const struct smp_endpoint *endpoint = NULL;
        begin(&text, "0203:myndighet.example");
        add_process(&text, &w, rows[i].process, rows[i].profile, rows[i].dates, "https://one/");
        finish(&text);
        sign(&text, &w.smp, TRANSFORM);
        CHECK_OK(read(&text, &q, &a, &m, &e), e);
        CHECK_ROW(rows[i].missing, !smp_metadata_endpoint(&m, &q, &endpoint, &e));
        CHECK_ROW(rows[i].missing, e.kind == ERROR_REJECT && endpoint == NULL);
        CHECK_ROW(rows[i].missing,
                  str_find(str_of(e.text), str_of(rows[i].missing)) < str_of(e.text).len);
    }
}

CHECK_MAIN
