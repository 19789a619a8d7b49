/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/accesspoint/formats.h"

static void check(struct str text, enum judge_side side, const struct federation *federation,
                  struct arena *a, struct xml_findings *f)
{
    struct error e = {0};
    struct sdk_message m;
    AUTO_JUDGE j = NULL;
    AUTO_XML d = NULL;
    CHECK_OK(judge_new(JUDGE_MESSAGE, &j, &e), e);
    CHECK_OK(xml_read(text, &xml_limits_envelope, &d, &e), e);
    struct sdk_checks c = {j, federation, side, text.len};
    CHECK_OK(sdk_message_check(&c, d, a, &m, f, &e), e);
}

static void replace(struct str text, const char *from, const char *to, struct buf *out)
{
    struct error e = {0};
    size_t at = str_find(text, str_of(from));
    CHECK_OK(buf_add(out, str_upto(text, at), &e), e);
    if (at == text.len)
        return;
    CHECK_OK(
        buf_add(out, str_of(to), &e) && buf_add(out, str_from(text, at + str_of(from).len), &e), e);
}

TEST(each_fault_has_its_receipt_code)
{
    static const struct {
        const char *row, *from, *to, *received, *sending; /* codes; NULL: accepted */
    } rows[] = {
        {"as it is", "Inkorg", "Inkorg", NULL, NULL},
        {"no dateTime", "2026-01-31T10:00:00.123Z", "3 Sept. 2019", "SV/structure", "SV/structure"},
        {"no fraction", "10:00:00.123Z", "10:00:00Z", "BV/invariant", "BV/invariant"},
        {"no UUID", "<m:messageId>3a", "<m:messageId>\xc3\xa5", "BV/invariant", "BV/invariant"},
        {"other root", "iso6523-actorid-upis", "icke", "BV/invariant", "BV/invariant"},
        {"no subject", "<m:label>\xc3\x84rende</m:label>", "", NULL, "BV/invariant"},
        {"no base64", "JVBERi0xLjcgZm91cg==", "JVBERi0xLjcgZm91cg", "BV/invariant", "BV/invariant"},
        {"empty", "<m:label>B</m:label>", "<m:label> </m:label>", "BV/invariant", "BV/invariant"},
    };
    const struct federation federation = formats_federation();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF text = BUF(100000), changed = BUF(100000);
        struct formats_message m;
        struct sink_buf sink;
        sink_buf_init(&sink, &text);
        formats_message_init(&m);
        CHECK_OK(sdk_message_write(&m.message, &sink.sink, &e), e);
        replace(buf_str(&text), rows[i].from, rows[i].to, &changed);
        for (int side = 0; side < 2; side++) {
            AUTO_ARENA a = {0};
            struct xml_findings f = {0};
            const char *code = side == 0 ? rows[i].received : rows[i].sending;
            check(buf_str(&changed), side == 0 ? JUDGE_RECEIVED : JUDGE_SENDING, &federation, &a,
                  &f);
            CHECK_ROW(rows[i].row, (f.count == 0) == (code == NULL));
            CHECK_ROW(rows[i].row, code == NULL || str_is(f.at[0].code, code));
            CHECK_ROW(rows[i].row, code == NULL || (f.at[0].where.len > 0 && f.at[0].text.len > 0));
        }
    }
}

TEST(too_large_and_wrong_types_are_refused_by_the_federations_limits)
{
    struct error e = {0};
    AUTO_BUF text = BUF(100000);
    struct formats_message m;
    struct sink_buf sink;
    static struct str types[] = {STR_INIT("image/png")};
    sink_buf_init(&sink, &text);
    formats_message_init(&m);
    CHECK_OK(sdk_message_write(&m.message, &sink.sink, &e), e);
    for (int row = 0; row < 4; row++) {
        AUTO_ARENA a = {0};
        struct xml_findings f = {0};
        struct federation federation = formats_federation();
        federation.message_octets = row == 0 ? (int64_t)text.len - 1 : (int64_t)text.len;
        federation.content_octets = row == 1 ? 30 : 1000;
        if (row == 2)
            federation.content_types = (struct str_list){types, 1};
        check(buf_str(&text), JUDGE_RECEIVED, &federation, &a, &f);
        CHECK(f.count == (row == 3 ? 0 : 1));
        if (row < 3)
            CHECK_STR(f.at[0].code, row == 2 ? STR("BV/not-supported") : STR("BV/too-long"));
    }
}

TEST(a_message_must_be_who_its_envelope_says)
{
    struct formats_message m;
    formats_message_init(&m);
    for (int row = 0; row < 5; row++) {
        struct xml_findings f = {0};
        struct sdk_envelope x = {m.message.id, STR("0203:A.example"), STR("0203:b.example"),
                                 STR("sdk:inkorg:0203:b.example")};
        struct str *fields[] = {&x.id, &x.from, &x.to, &x.handling_service};
        if (row < 4)
            *fields[row] = STR("other");
        sdk_message_match(&m.message, &x, &f);
        CHECK(f.count == (row < 4 ? 1 : 0));
        if (row < 4)
            CHECK_STR(f.at[0].code, STR("BV/security"));
    }
}

TEST(official_messages_get_their_verdict)
{
    static const struct {
        const char *file, *code;
    } rows[] = {
        {"data/sdk/message/testdata/min.xml", NULL},
        {"data/sdk/message/examples/messageWithAttachments3.xml", NULL},
        {"data/sdk/message/testdata/TF2.4.1.xml", "SV/structure"},
        {"data/sdk/message/testdata/TF2.4.2.xml", "BV/invariant"},
    };
    const struct federation federation = formats_federation();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        struct xml_findings f = {0};
        if (!formats_shared(rows[i].file, &text))
            skip();
        check(buf_str(&text), JUDGE_RECEIVED, &federation, &a, &f);
        CHECK_ROW(rows[i].file, (f.count == 0) == (rows[i].code == NULL));
        CHECK_ROW(rows[i].file, f.count == 0 || str_is(f.at[0].code, rows[i].code));
    }
}

CHECK_MAIN
