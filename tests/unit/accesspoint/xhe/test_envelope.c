/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/xhe/envelope.h"
#include "tests/unit/accesspoint/xhe/xhe_samples.h"

TEST(an_envelope_reads_back_as_it_was_written)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(100000);
    AUTO_XML d = NULL;
    AUTO_PAIR us = formats_pair("open-test/kommun/o2o");
    const struct federation f = formats_federation();
    struct xhe x = sample_xhe(&f), got;
    struct xhe_out_config config = {us.key, us.certs.at[0], NULL};
    x.handling_service = STR("a & <b>");
    CHECK_OK(sample_write(&config, &x, STR(SAMPLE_PAYLOAD), 7, &text, &e), e);
    CHECK(sample_check(buf_str(&text), &a, &d, &got));
    CHECK_STR(got.id, x.id);
    struct xhe again;
    CHECK_OK(xhe_read(d, &a, &again, &e), e);
    CHECK_STR(again.id, x.id);
    CHECK_STR(again.handling_service, x.handling_service);
    CHECK(again.content == got.content && again.signature == got.signature);
    CHECK_STR(got.created, STR("2026-01-31T10:00:00.123Z"));
    CHECK(got.created_ms == x.created_ms && !got.is_encrypted && got.encrypted_data == NULL);
    CHECK_STR(got.document, x.document);
    CHECK_STR(got.document_scheme, x.document_scheme);
    CHECK_STR(got.process, x.process);
    CHECK_STR(got.process_scheme, x.process_scheme);
    CHECK_STR(got.federation, x.federation);
    CHECK_STR(got.from, x.from);
    CHECK_STR(got.to, x.to);
    CHECK_STR(got.document_type, x.document_type);
    CHECK_STR(got.handling_service, x.handling_service);
    CHECK(got.signature_count == 1);
    CHECK(xhe_kind_of(&got, &f) == XHE_MESSAGE);
    CHECK_OK(xhe_fits(&got, &f, &e), e);
    AUTO_BUF payload = BUF(1000);
    struct sink_buf sink;
    sink_buf_init(&sink, &payload);
    CHECK_OK(xhe_payload_write(d, &got, &sink.sink, &e), e);
    CHECK(str_find(buf_str(&payload), STR("xmlns:p=\"urn:p\"")) < payload.len);
}

TEST(what_is_written_is_its_own_canonical_form)
{
    static const struct c14n_options options = {.type = C14N_1_0};
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    struct error e = {0};
    AUTO_PAIR us = formats_pair("open-test/kommun/o2o");
    const struct federation f = formats_federation();
    const struct xhe x = sample_xhe(&f);
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        AUTO_BUF text = BUF(100000), canonical = BUF(100000);
        AUTO_XML d = NULL;
        struct sink_buf sink;
        sink_buf_init(&sink, &canonical);
        struct xhe_out_config config = {us.key, us.certs.at[0], encrypted ? us.certs.at[0] : NULL};
        CHECK_OK(sample_write(&config, &x, STR(SAMPLE_PAYLOAD), 1000, &text, &e), e);
        CHECK_OK(xml_read(buf_str(&text), &xml_limits_envelope, &d, &e), e);
        CHECK_OK(c14n_write(d, NULL, &options, &sink.sink, &e), e);
        /* SignedInfo repeats the root's namespaces: there alone the two differ */
        struct str body = str_from(buf_str(&text), sizeof(declaration) - 1);
        size_t to = str_find(body, STR("<ds:SignedInfo"));
        CHECK_STR(str_upto(buf_str(&canonical), to), str_upto(body, to));
    }
}

TEST(values_that_xml_cannot_carry_are_refused)
{
    struct error e = {0};
    AUTO_BUF text = BUF(100000);
    AUTO_PAIR us = formats_pair("open-test/kommun/o2o");
    const struct federation f = formats_federation();
    struct xhe x = sample_xhe(&f);
    struct xhe_out_config config = {us.key, us.certs.at[0], NULL};
    x.handling_service = STR("a\x02");
    CHECK(!sample_write(&config, &x, STR(SAMPLE_PAYLOAD), 7, &text, &e));
    CHECK(e.kind == ERROR_REJECT);
}

TEST(what_another_federation_says_does_not_fit)
{
    const struct federation f = formats_federation();
    for (int row = 0; row < 8; row++) {
        struct error e = {0};
        struct xhe x = sample_xhe(&f);
        struct str *fields[] = {&x.federation,  &x.process,         &x.process_scheme,
                                &x.document,    &x.document_scheme, &x.document_type,
                                &x.content_type};
        if (row < 7)
            *fields[row] = STR("other");
        CHECK(xhe_fits(&x, &f, &e) == (row == 7));
        CHECK(row == 7 || (e.kind == ERROR_REJECT && str_is(str_of(e.code), "XHE/profile")));
    }
    struct xhe x = sample_xhe(&f);
    x.document = STR("URN:example:RECEIPT::ApplicationResponse##1");
    CHECK(xhe_kind_of(&x, &f) == XHE_RECEIPT);
}

TEST(rules_are_asked_and_the_official_examples_pass)
{
    static const struct {
        const char *file;
        bool ok;
    } rows[] = {
        {"data/sdk/xhe/examples/XHE-tm-base.xml", true},
        {"data/sdk/xhe/examples/XHE-NonXML-tm-base.xml", true},
        {"data/sdk/xhe/examples/XHE-tm-base-ext-sigenc.xml", true},
        {"data/sdk/message/examples/xhe_unencrypted_payload.xml", true},
        {"data/sdk/message/examples/xhe_encrypted_payload.xml", true},
        {"data/sdk/message/testdata/min.xml", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        AUTO_XML d = NULL;
        struct xhe x;
        if (!formats_shared(rows[i].file, &text))
            skip();
        CHECK_ROW(rows[i].file, sample_check(buf_str(&text), &a, &d, &x) == rows[i].ok);
    }
}

CHECK_MAIN
