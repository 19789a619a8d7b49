/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/as4/token.h"
#include "fixture.h"

static void write_token(const struct fixture *f, enum as4_token_style style, struct buf *out)
{
    struct error e = {0};
    struct sink_buf sink;
    sink_buf_init(&sink, out);
    struct xml_writer w = xml_writer_on(&sink.sink, NULL, &e);
    const struct as4_token t = {style, f->kommun.certs.at[0], &f->kommun.chain, "tok"};
    xml_put(&w,
            STR("<x xmlns:wsse=\"" NS_WSSE "\" xmlns:wsu=\"" NS_WSU "\" xmlns:ds=\"" NS_DS "\">"));
    CHECK_OK(as4_token_write(&t, &w, &e), e);
    xml_put(&w, STR("<ds:KeyInfo>"));
    as4_token_write_reference(&t, &w);
    xml_put(&w, STR("</ds:KeyInfo></x>"));
    CHECK_OK(xml_flush(&w), e);
}

static bool resolve(struct str text, const struct cert_list *known, struct as4_token_read *out,
                    struct error *e)
{
    AUTO_ARENA a = {0};
    AUTO_XML d = NULL;
    struct xml_ids *ids = NULL;
    CHECK_OK(xml_read(text, &xml_limits_envelope, &d, e), *e);
    CHECK_OK(xml_ids_collect(d, &a, &ids, e), *e);
    return as4_token_resolve(xml_first(xml_root(d), NS_DS, "KeyInfo"), ids, known, &a, out, e);
}

TEST(each_style_names_its_certificate)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    for (unsigned i = AS4_TOKEN_BST; i <= AS4_TOKEN_ISSUER_SERIAL; i++) {
        struct error e = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_TOKEN_READ got = {0};
        write_token(&f, (enum as4_token_style)i, &text);
        CHECK_OK(resolve(buf_str(&text), &f.partners, &got, &e), e);
        CHECK(got.style == i && cert_equal(got.cert, f.kommun.certs.at[0]));
        CHECK(got.chain.count == (i == AS4_TOKEN_PKIPATH ? f.kommun.chain.count : 0));
    }
}

TEST(a_name_needs_a_known_certificate)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const enum as4_token_style styles[] = {AS4_TOKEN_SKI, AS4_TOKEN_ISSUER_SERIAL};
    for (size_t i = 0; i < 2; i++) {
        struct error e = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_TOKEN_READ got = {0};
        struct cert_list other = {.at = &f.partners.at[1], .count = 1};
        write_token(&f, styles[i], &text);
        CHECK(!resolve(buf_str(&text), &other, &got, &e));
        CHECK_STR(str_of(e.code), STR("EBMS:0101"));
        CHECK(!resolve(buf_str(&text), NULL, &got, &e));
    }
}

#define KI(inside)                                                                \
    "<x xmlns:wsse=\"" NS_WSSE "\" xmlns:wsu=\"" NS_WSU "\" xmlns:ds=\"" NS_DS    \
    "\"><wsse:BinarySecurityToken wsu:Id=\"t\" ValueType=\"" TOKEN_X509V3         \
    "\">AAAA</wsse:BinarySecurityToken><wsse:BinarySecurityToken wsu:Id=\"k\" "   \
    "ValueType=\"urn:kerberos\">AAAA</wsse:BinarySecurityToken><y wsu:Id=\"y\"/>" \
    "<ds:KeyInfo>" inside "</ds:KeyInfo></x>"
#define STR_TO(uri) \
    "<wsse:SecurityTokenReference><wsse:Reference URI=\"" uri "\"/></wsse:SecurityTokenReference>"

TEST(what_names_no_certificate_is_refused)
{
    static const struct {
        const char *row;
        struct str text;
        const char *code;
    } rows[] = {
        {"empty", STR_INIT(KI("")), "EBMS:0103"},
        {"a key", STR_INIT(KI("<ds:KeyValue/>")), "EBMS:0103"},
        {"external", STR_INIT(KI(STR_TO("http://x/"))), "EBMS:0103"},
        {"nothing there", STR_INIT(KI(STR_TO("#none"))), "EBMS:0103"},
        {"no token", STR_INIT(KI(STR_TO("#y"))), "EBMS:0103"},
        {"kerberos", STR_INIT(KI(STR_TO("#k"))), "EBMS:0103"},
        {"no certificate inside", STR_INIT(KI(STR_TO("#t"))), "EBMS:0101"},
        {"thumbprint",
         STR_INIT(KI("<wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType=\"urn:thumb\">AAAA"
                     "</wsse:KeyIdentifier></wsse:SecurityTokenReference>")),
         "EBMS:0103"},
        {"serial without issuer",
         STR_INIT(KI("<ds:X509Data><ds:X509IssuerSerial><ds:X509SerialNumber>1"
                     "</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>")),
         "EBMS:0101"},
        {"X509Data with a name alone",
         STR_INIT(KI("<ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName></ds:X509Data>")),
         "EBMS:0103"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_TOKEN_READ got = {0};
        CHECK_ROW(rows[i].row, !resolve(rows[i].text, NULL, &got, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_DENY && strcmp(e.code, rows[i].code) == 0);
        CHECK_ROW(rows[i].row, got.cert == NULL);
    }
}

TEST(style_names_go_both_ways)
{
    struct error e = {0};
    enum as4_token_style got;
    for (unsigned i = AS4_TOKEN_BST; i <= AS4_TOKEN_ISSUER_SERIAL; i++) {
        const char *name = as4_token_style_name((enum as4_token_style)i);
        CHECK_OK(as4_token_style_of(str_of(name), &got, &e), e);
        CHECK(got == i);
    }
    CHECK(!as4_token_style_of(STR("BST"), &got, &e));
}

CHECK_MAIN
