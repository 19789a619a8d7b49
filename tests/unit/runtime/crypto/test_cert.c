/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/cert.h"

#include <pthread.h>

#include "runtime/crypto/base64.h"
#include "tests/unit/runtime/crypto/judge.h"

static struct cert *read_first(const char *file)
{
    struct error e = {0};
    char path[512];
    AUTO_CERT_LIST list = {0};
    CHECK_OK(cert_list_read_pem(&list, world_path(file, path), &e), e);
    return cert_hold(list.at[0]);
}

TEST(a_certificate_is_read_from_der_pem_and_base64_of_either)
{
    struct error e = {0};
    AUTO_CERT struct cert *c = read_first("open-test/kommun/ap.pem");
    AUTO_BUF base64 = BUF(10000);
    AUTO_BUF pem = BUF(10000);
    AUTO_BUF base64_of_pem = BUF(20000);
    CHECK_OK(base64_encode(&base64, cert_der(c), &e), e);
    CHECK_OK(buf_addf(&pem, &e,
                      "subject=x\n-----BEGIN CERTIFICATE-----\r\n%.*s\n-----END CERTIFICATE-----\n",
                      STR_ARG(buf_str(&base64))),
             e);
    CHECK_OK(base64_encode(&base64_of_pem, buf_str(&pem), &e), e);
    CHECK_OK(buf_add(&base64, STR("\n  "), &e), e);
    const struct str forms[] = {buf_str(&base64), buf_str(&pem), buf_str(&base64_of_pem)};
    for (size_t i = 0; i < 3; i++) {
        AUTO_CERT struct cert *again = NULL;
        CHECK_OK(cert_from_text(forms[i], &again, &e), e);
        CHECK(cert_equal(c, again));
    }
}

TEST(the_parts_are_those_that_openssl_prints)
{
    char path[512];
    AUTO_JUDGE judge = judge_new();
    AUTO_BUF text = BUF(10000);
    AUTO_BUF mine = BUF(10000);
    struct error e = {0};
    AUTO_CERT struct cert *c = read_first("open-test/kommun/ap.pem");
    CHECK(judge_run(&judge,
                    "openssl x509 -in '%s' -noout -subject -nameopt "
                    "RFC2253,-esc_msb -ext subjectKeyIdentifier | grep -v X509v3 | tr -d ' :' | "
                    "tr A-F a-f >out; openssl x509 -in '%s' -noout -fingerprint -sha256 >>out",
                    world_path("open-test/kommun/ap.pem", path), path));
    judge_get(&judge, "out", &text);
    CHECK(cert_is_rsa(c) && cert_key_bits(c) >= 2048);
    CHECK(cert_sha256(c).len == 32);
    CHECK_OK(buf_add(&mine, STR("sha256 Fingerprint="), &e), e);
    for (size_t i = 0; i < 32; i++)
        CHECK_OK(buf_addf(&mine, &e, "%s%02X", i == 0 ? "" : ":",
                          (unsigned char)cert_sha256(c).at[i]),
                 e);
    CHECK(str_find(buf_str(&text), buf_str(&mine)) < text.len);
    buf_clear(&mine);
    for (size_t i = 0; i < cert_key_id(c).len; i++)
        CHECK_OK(buf_addf(&mine, &e, "%02x", (unsigned char)cert_key_id(c).at[i]), e);
    CHECK(str_find(buf_str(&text), buf_str(&mine)) < text.len);
    CHECK(str_starts(cert_common_name(c), STR("AP0001-OPEN-TEST")));
    CHECK(str_find(cert_subject(c), STR("CN=AP0001-OPEN-TEST")) < cert_subject(c).len);
    CHECK(cert_not_before_ms(c) == 1420070400000); /* 2015-01-01 */
    CHECK(cert_not_after_ms(c) == 2366841600000);  /* 2045-01-01 */
}

TEST(what_is_no_certificate_is_refused)
{
    static const struct str rows[] = {
        STR_INIT(""), STR_INIT("####"), STR_INIT("MIIB"), STR_INIT("0123456789ab"),
        STR_INIT("-----BEGIN CERTIFICATE-----"),
        STR_INIT("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct cert *c = NULL;
        CHECK_ROW(rows[i].at, !cert_from_text(rows[i], &c, &e));
        CHECK_ROW(rows[i].at, e.kind == ERROR_REJECT && c == NULL);
    }
    struct error e = {0};
    AUTO_CERT struct cert *good = read_first("open-test/kommun/ap.pem");
    AUTO_BUF der = BUF(10000);
    CHECK_OK(buf_add(&der, cert_der(good), &e), e);
    CHECK_OK(buf_add_char(&der, '\0', &e), e);
    struct cert *c = NULL;
    CHECK(!cert_from_der(buf_str(&der), &c, &e)); /* an octet behind it */
    for (size_t len = 0; len < cert_der(good).len; len += 7)
        CHECK(!cert_from_der(str_upto(cert_der(good), len), &c, &e) && e.kind == ERROR_REJECT);
}

TEST(reading_again_gives_the_cached_one)
{
    struct error e = {0};
    AUTO_CERT struct cert *c = read_first("open-test/kommun/ap.pem");
    AUTO_CERT struct cert *again = NULL;
    CHECK_OK(cert_from_der(cert_der(c), &again, &e), e);
    CHECK(c == again);
}

TEST(a_pkipath_has_the_anchor_side_first_and_openssl_reads_it)
{
    struct error e = {0};
    char path[512];
    AUTO_JUDGE judge = judge_new();
    AUTO_CERT_LIST list = {0};
    AUTO_CERT_LIST leaf_last = {0};
    AUTO_CERT_LIST back = {0};
    AUTO_BUF der = BUF(100000);
    CHECK_OK(cert_list_read_pem(&list, world_path("open-test/kommun/ap.pem", path), &e), e);
    CHECK(list.count == 2);
    CHECK(cert_list_add(&leaf_last, list.at[1]) && cert_list_add(&leaf_last, list.at[0]));
    CHECK_OK(cert_to_pkipath(&leaf_last, &der, &e), e);
    judge_put(&judge, "path", buf_str(&der));
    CHECK(judge_run(&judge, "openssl asn1parse -inform DER -in path | grep -q '1: *d=0.*SEQUENCE' || "
                            "openssl asn1parse -inform DER -in path | grep -q 'd=0.*SEQUENCE'"));
    CHECK_OK(cert_list_from_pkipath(&back, buf_str(&der), &e), e);
    CHECK(back.count == 2 && cert_equal(back.at[1], list.at[0]) &&
          cert_equal(back.at[0], list.at[1]));
    for (size_t len = 0; len < der.len; len += 11)
        CHECK(!cert_list_from_pkipath(&back, str_upto(buf_str(&der), len), &e) && back.count == 2);
    CHECK(!cert_list_from_pkipath(&back, cert_der(list.at[0]), &e));
    CHECK(!cert_list_from_pkipath(&back, str_bytes("\x30\x80\x00\x00", 4), &e));
    CHECK(!cert_list_from_pkipath(&back, str_bytes("\x30\x00", 2), &e));
    CHECK(back.count == 2);
}

/* A certificate whose issuer has what peers write differently. */
static struct cert *make_odd(const struct judge *judge)
{
    struct error e = {0};
    AUTO_CERT_LIST list = {0};
    AUTO_BUF pem = BUF(10000);
    CHECK(judge_run(
        judge, "openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -days 9 -utf8 "
               "-set_serial 0x00fedcba98765432100123456789abcdef01234567 -subj "
               "'/C=SE/O=Malm\xc3\xb6, stad/organizationIdentifier=2.5.4.97-SE/serialNumber=SE12"
               "/emailAddress=a@kommun.example/CN=A \\+ \"B\" CA'"));
    judge_get(judge, "c", &pem);
    CHECK_OK(cert_list_add_pem(&list, buf_str(&pem), &e), e);
    return cert_hold(list.at[0]);
}

TEST(an_issuer_is_compared_as_parsed_whatever_its_spelling)
{
    static const char serial[] = "1455006074498321127462099027960843956182170420583";
    static const struct {
        const char *issuer;
        bool is_it;
    } rows[] = {
        {"CN=A \\+ \\\"B\\\" CA,emailAddress=a@kommun.example,serialNumber=SE12,"
         "organizationIdentifier=2.5.4.97-SE,O=Malm\xc3\xb6\\, stad,C=SE", true},
        {"CN=A \\+ \\\"B\\\" CA, E=a@kommun.example, SERIALNUMBER=SE12, "
         "OID.2.5.4.97=2.5.4.97-SE, O=\"Malm\xc3\xb6, stad\", C=SE", true},
        {"C=SE;O=Malm\\C3\\B6\\2C stad;2.5.4.97=2.5.4.97-SE;2.5.4.5=#1304534531"
         "32;1.2.840.113549.1.9.1=a@kommun.example;cn=A \\2B \\22B\\22 CA", true},
        {"CN=A \\+ \\\"B\\\" CA,emailAddress=a@kommun.example,serialNumber=SE13,"
         "organizationIdentifier=2.5.4.97-SE,O=Malm\xc3\xb6\\, stad,C=SE", false},
        {"CN=A \\+ \\\"B\\\" CA", false},
        {"CN=A \\+ \\\"B\\\" CA+emailAddress=a@kommun.example,serialNumber=SE12,"
         "organizationIdentifier=2.5.4.97-SE,O=Malm\xc3\xb6\\, stad,C=SE", false},
        {"", false},
        {"CN", false},
        {"CN=,C=SE", false},
        {"2.5.4.5=#zz", false},
        {"2.5.4.5=#30800000", false},
        {"no.such.type=1", false},
        {"CN=A\\", false},
    };
    AUTO_JUDGE judge = judge_new();
    AUTO_CERT struct cert *c = make_odd(&judge);
    CHECK_STR(cert_serial(c), str_of(serial));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].issuer,
                  cert_issued_as(c, str_of(rows[i].issuer), str_of(serial)) == rows[i].is_it);
    CHECK(cert_issued_as(c, cert_issuer(c), cert_serial(c)));
    CHECK(cert_issued_as(c, cert_subject(c), STR(" 01455006074498321127462099027960843956182170420583\n")));
    CHECK(!cert_issued_as(c, cert_issuer(c), STR("1")));
}

TEST(the_issuer_is_written_as_rfc_4514_has_it)
{
    AUTO_JUDGE judge = judge_new();
    AUTO_CERT struct cert *c = make_odd(&judge);
    CHECK_STR(cert_issuer(c),
              STR("CN=A \\+ \\\"B\\\" CA,1.2.840.113549.1.9.1=#161061406B6F6D6D756E2E6578616D706C65,"
                  "2.5.4.5=#130453453132,2.5.4.97=#0C0B322E352E342E39372D5345,"
                  "O=Malm\xc3\xb6\\, stad,C=SE"));
}

TEST(a_list_knows_its_limit_and_a_file_without_certificates_is_refused)
{
    struct error e = {0};
    char path[512];
    AUTO_CERT struct cert *c = read_first("open-test/kommun/ap.pem");
    AUTO_CERT_LIST list = {0};
    for (size_t i = 0; i < 1000; i++)
        CHECK(cert_list_add(&list, c));
    CHECK(!cert_list_add(&list, c) && list.count == 1000);
    CHECK(!cert_list_read_pem(&list, world_path("open-test/kommun/ap.key", path), &e));
    CHECK(e.kind == ERROR_REJECT);
    CHECK(!cert_list_read_pem(&list, "/nonexistent.pem", &e) && e.kind == ERROR_RETRY);
}

static void *read_many(void *ctx)
{
    const struct cert_list *list = ctx;
    for (size_t i = 0; i < 500; i++) {
        struct error e = {0};
        AUTO_CERT struct cert *c = NULL;
        const struct cert *same = list->at[i % list->count];
        if (!cert_from_der(cert_der(same), &c, &e) || !cert_equal(c, same))
            return ctx;
    }
    return NULL;
}

TEST(threads_share_certificates)
{
    struct error e = {0};
    char path[512];
    AUTO_CERT_LIST list = {0};
    CHECK_OK(cert_list_read_pem(&list, world_path("open-test/trust/ap.pem", path), &e), e);
    CHECK_OK(cert_list_read_pem(&list, world_path("open-test/kommun/o2o.pem", path), &e), e);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, read_many, &list) == 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
}

CHECK_MAIN
