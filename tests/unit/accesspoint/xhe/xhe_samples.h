/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* xhe_samples.h - envelopes for the tests of their writer, reader and seal. */
#pragma once

#include "accesspoint/xhe/seal.h"
#include "tests/unit/accesspoint/formats.h"

#define SAMPLE_PAYLOAD "<p:payload xmlns:p=\"urn:p\">text &amp; more</p:payload>"

UNUSED static struct xhe sample_xhe(const struct federation *f)
{
    return (struct xhe){
        .id = STR("3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9"),
        .created_ms = INT64_C(1769853600123),
        .document = f->message_document,
        .document_scheme = f->document_scheme,
        .process = f->process,
        .process_scheme = f->process_scheme,
        .federation = f->id,
        .from = STR("0203:kommun.example"),
        .to = STR("0203:myndighet.example"),
        .document_type = f->message_type,
        .content_type = STR("application/xml"),
        .handling_service = STR("sdk:inkorg:0203:myndighet.example"),
    };
}

/* Written in pieces of `step` octets. */
UNUSED static bool sample_write(const struct xhe_out_config *config, const struct xhe *x,
                                struct str payload, size_t step, struct buf *out, struct error *e)
{
    AUTO_XHE_OUT o = NULL;
    struct sink_buf sink;
    sink_buf_init(&sink, out);
    if (!xhe_out_new(config, x, &sink.sink, &o, e))
        return false;
    for (size_t at = 0; at < payload.len; at += step) {
        if (!sink_write(xhe_out_payload(o), str_upto(str_from(payload, at), step), e))
            return false;
    }
    return sink_finish(xhe_out_payload(o), e);
}

/* Read and judged; every finding is printed. */
UNUSED static bool sample_check(struct str text, struct arena *a, struct xml_doc **d,
                                struct xhe *out)
{
    struct error e = {0};
    struct xml_findings f = {0};
    AUTO_JUDGE j = NULL;
    CHECK_OK(judge_new(JUDGE_ENVELOPE, &j, &e), e);
    CHECK_OK(xml_read(text, &xml_limits_envelope, d, &e), e);
    CHECK_OK(xhe_check(j, *d, a, out, &f, &e), e);
    for (size_t i = 0; i < f.count; i++)
        print_message("%.*s %.*s: %.*s\n", STR_ARG(f.at[i].rule), STR_ARG(f.at[i].where),
                      STR_ARG(f.at[i].text));
    return f.count == 0;
}

/* The text with every `from` replaced. */
UNUSED static void sample_replace(struct str text, const char *from, const char *to,
                                  struct buf *out)
{
    struct error e = {0};
    for (;;) {
        size_t at = str_find(text, str_of(from));
        CHECK_OK(buf_add(out, str_upto(text, at), &e), e);
        if (at == text.len)
            return;
        CHECK_OK(buf_add(out, str_of(to), &e), e);
        text = str_from(text, at + str_of(from).len);
    }
}
