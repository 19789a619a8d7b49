/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/receipt/receipt.h"
#include "tests/unit/accesspoint/formats.h"

static struct receipt sample(void)
{
    return (struct receipt){
        .id = STR("7d7a9a4e-34a5-4c3f-9a52-0d2a8a6c1a11"),
        .issued_ms = INT64_C(1769853600123),
        .sender = STR("0203:b.example"),
        .receiver = STR("0203:a.example"),
        .reference = STR("3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9"),
        .is_accepted = true,
    };
}

static bool check(struct str text, struct arena *a, struct receipt *out)
{
    struct error e = {0};
    struct xml_findings f = {0};
    AUTO_JUDGE j = NULL;
    AUTO_XML d = NULL;
    CHECK_OK(judge_new(JUDGE_RECEIPT, &j, &e), e);
    CHECK_OK(xml_read(text, &xml_limits_envelope, &d, &e), e);
    CHECK_OK(receipt_check(j, d, a, out, &f, &e), e);
    for (size_t i = 0; i < f.count; i++)
        CHECK_STR(f.at[i].code, STR("RECEIPT/profile"));
    return f.count == 0;
}

static bool write(const struct receipt *r, struct buf *out, struct error *e)
{
    struct sink_buf sink;
    sink_buf_init(&sink, out);
    return receipt_write(r, &sink.sink, e);
}

TEST(accepted_and_rejected_read_back_as_written)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    for (size_t lines = 0; lines <= RECEIPT_LINES_MAX; lines += 10) {
        AUTO_BUF text = BUF(100000);
        struct receipt r = sample(), got = {0};
        for (size_t i = 0; i < lines; i++)
            receipt_add(&r, &a, STR("BV/invariant"), STR("/m:messagePayload"), STR("a & <b>"));
        CHECK_OK(write(&r, &text, &e), e);
        CHECK(check(buf_str(&text), &a, &got));
        CHECK_STR(got.id, r.id);
        CHECK_STR(got.sender, r.sender);
        CHECK_STR(got.receiver, r.receiver);
        CHECK_STR(got.reference, r.reference);
        CHECK(got.issued_ms == r.issued_ms && got.is_accepted == (lines == 0));
        CHECK(got.line_count == lines);
        if (lines == 0)
            continue;
        CHECK_STR(got.lines[lines - 1].where, STR("/m:messagePayload"));
        CHECK_STR(got.lines[lines - 1].code, STR("BV"));
        CHECK_STR(got.lines[lines - 1].detail, STR("invariant"));
        CHECK_STR(got.lines[lines - 1].text, STR("a & <b>"));
    }
}

TEST(what_is_written_is_its_own_canonical_form)
{
    static const struct c14n_options options = {.type = C14N_1_0};
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(100000), canonical = BUF(100000);
    AUTO_XML d = NULL;
    struct sink_buf sink;
    struct receipt r = sample();
    sink_buf_init(&sink, &canonical);
    receipt_add(&r, &a, STR("SIG/security"), STR_NONE, STR("Sender signature not validated"));
    CHECK_OK(write(&r, &text, &e), e);
    CHECK_OK(xml_read(buf_str(&text), &xml_limits_envelope, &d, &e), e);
    CHECK_OK(c14n_write(d, NULL, &options, &sink.sink, &e), e);
    CHECK_STR(buf_str(&canonical), buf_str(&text));
}

TEST(a_receipt_is_accepted_or_says_why_not)
{
    struct error e = {0};
    AUTO_BUF text = BUF(100000);
    struct receipt r = sample();
    r.is_accepted = false;
    CHECK(!write(&r, &text, &e) && e.kind == ERROR_BUG);
    r.is_accepted = true;
    r.line_count = 1;
    CHECK(!write(&r, &text, &e) && e.kind == ERROR_BUG);
}

TEST(findings_become_lines_twenty_at_most)
{
    AUTO_ARENA a = {0};
    struct xml_findings f = {0};
    struct receipt r = sample();
    for (int i = 0; i < 15; i++)
        xml_findings_add(&f,
                         (struct xml_finding){STR("M1"), STR("/x"), STR("t"), STR("SV/structure")});
    receipt_add_findings(&r, &f, &a);
    receipt_add_findings(&r, &f, &a);
    CHECK(r.line_count == RECEIPT_LINES_MAX && !r.is_accepted);
    CHECK_STR(r.lines[19].code, STR("SV"));
    CHECK_STR(r.lines[19].detail, STR("structure"));
}

TEST(a_long_finding_leaves_the_receipt_xml)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct str name = STR_NONE;
    for (size_t i = 0; i < 2100; i++)
        name = arena_format(&a, "%.*s\xc3\xa5", STR_ARG(name));
    for (size_t i = 0; i < 2; i++) {
        struct receipt r = sample(), got;
        AUTO_BUF text = BUF(100000);
        struct str words = str_from(arena_format(&a, "/%.*s", STR_ARG(name)), i == 0 ? 0 : 1);
        receipt_add(&r, &a, STR("SV/structure"), words, words);
        CHECK_OK(write(&r, &text, &e), e);
        CHECK(check(buf_str(&text), &a, &got));
        CHECK(got.lines[0].where.len > 4000 && got.lines[0].text.len > 1000);
    }
}

TEST(codes_become_lines)
{
    AUTO_ARENA a = {0};
    struct receipt r = sample();
    receipt_add(&r, &a, STR("SIG/security"), STR_NONE, STR("Sender signature not validated"));
    CHECK_STR(r.lines[0].where, STR("NA"));
    CHECK_STR(r.lines[0].code, STR("SIG"));
    CHECK_STR(r.lines[0].text, STR("Sender signature not validated"));
    receipt_add(&r, &a, STR("BV/too-long"), STR("/x"), STR_NONE);
    CHECK_STR(r.lines[1].detail, STR("too-long"));
    CHECK_STR(r.lines[1].text, STR("Not accepted."));
    receipt_add(&r, &a, STR("XHE/profile"), STR("/x"), STR("no"));
    CHECK_STR(r.lines[2].code, STR("BV"));
    CHECK_STR(r.lines[2].detail, STR("invariant"));
    CHECK(r.line_count == 3 && !r.is_accepted);
}

TEST(official_receipts_are_taken)
{
    static const struct {
        const char *file;
        size_t lines;
        const char *code;
    } rows[] = {
        {"data/sdk/receipt/examples/Kvittens_AP-Accepterat.xml", 0, ""},
        {"data/sdk/receipt/examples/Kvittens_RE-XSDFel.xml", 1, "SV"},
        {"data/sdk/receipt/examples/Kvittens_RE-SCHFel.xml", 2, "BV"},
        {"data/sdk/receipt/examples/Kvittens_RE-AnnatFel.xml", 2, "BV"},
        {"data/sdk/receipt/examples/Kvittens_RE-SIG.xml", 1, "SIG"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        struct receipt r = {0};
        if (!formats_shared(rows[i].file, &text))
            skip();
        CHECK_ROW(rows[i].file, check(buf_str(&text), &a, &r));
        CHECK_ROW(rows[i].file, r.line_count == rows[i].lines);
        CHECK_ROW(rows[i].file, r.is_accepted == (rows[i].lines == 0));
        CHECK_ROW(rows[i].file, rows[i].lines == 0 || str_is(r.lines[0].code, rows[i].code));
        CHECK_STR(r.reference, STR("ID-FROM-XHE-12354689"));
    }
}

CHECK_MAIN
