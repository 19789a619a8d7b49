/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/as4/compose.h"
#include "accesspoint/as4/header.h"
#include "games.h"

static struct as4_part_info part_infos[] = {
    {.cid = STR_INIT("doc1@x"),
     .mime_type = STR_INIT("application/xml"),
     .charset = STR_INIT("UTF-8"),
     .compressed = true},
    {.cid = STR_INIT("doc2@x"), .mime_type = STR_INIT("a/b")},
};

static void usual(struct buf *out)
{
    struct error e = {0};
    struct as4_user_message m = fixture_message();
    m.parts = part_infos;
    m.part_count = 2;
    m.ref_to_message_id = STR("m-0@x");
    m.agreement = STR("urn:agreement");
    m.agreement_type = STR("t");
    CHECK_OK(as4_compose_user(&m, out, &e), e);
}

static bool read_text(struct str text, struct arena *a, struct as4_messaging *out, struct error *e)
{
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(text, &xml_limits_envelope, &d, e), *e);
    return as4_header_read(xml_root(d), a, out, e);
}

TEST(what_is_composed_is_read_back)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(1 << 20);
    struct as4_messaging got = {0};
    struct as4_user_message want = fixture_message();
    usual(&text);
    CHECK_OK(read_text(buf_str(&text), &a, &got, &e), e);
    const struct as4_user_message *m = &got.user;
    CHECK(got.kind == AS4_USER_MESSAGE && m->part_count == 2 && m->property_count == 2);
    CHECK_STR(m->action, want.action);
    CHECK_STR(m->agreement, STR("urn:agreement"));
    CHECK_STR(m->agreement_type, STR("t"));
    CHECK_STR(m->ref_to_message_id, STR("m-0@x"));
    CHECK_STR(m->properties[1].type, STR("iso6523-actorid-upis"));
    CHECK_STR(m->parts[0].cid, STR("doc1@x"));
    CHECK_STR(m->parts[0].charset, STR("UTF-8"));
    CHECK(m->parts[0].compressed && m->parts[0].property_count == 0);
    CHECK(!m->parts[1].compressed && m->parts[1].charset.at == NULL);
    CHECK_STR(as4_messaging_id(&got), want.message_id);
}

#define TS "2026-11-21T12:00:00.001Z"

TEST(odd_but_legal_headers_are_taken)
{
    static const struct {
        const char *row;
        struct str from, to;
    } rows[] = {
        {"time with an offset", STR_INIT(TS), STR_INIT("2026-11-21T14:00:00.73+02:00")},
        {"time without a zone", STR_INIT(TS), STR_INIT("2026-11-21T12:00:00")},
        {"id without @", STR_INIT("m-1@ap.kommun.example"), STR_INIT("plain-id")},
        {"white space round a text", STR_INIT(">m-1@ap.kommun.example<"),
         STR_INIT(">\n  m-1@ap.kommun.example\t<")},
        {"empty ConversationId", STR_INIT(">c-1<"), STR_INIT("><")},
        {"no type on PartyId", STR_INIT("<eb:PartyId type=\"urn:type\">AP0001"),
         STR_INIT("<eb:PartyId>AP0001")},
        {"a foreign block beside the message", STR_INIT("</eb:Messaging>"),
         STR_INIT("<x xmlns=\"urn:x\"/></eb:Messaging>")},
        {"children in another order",
         STR_INIT("<eb:MessageProperties><eb:Property name=\"originalSender\""),
         STR_INIT("<eb:MessageProperties><eb:Property name=\"other\">v</eb:Property>"
                  "<eb:Property name=\"originalSender\"")},
        {"an escaped cid", STR_INIT("cid:doc1@x"), STR_INIT("cid:doc1%40x")},
        {"a blank before cid", STR_INIT("\"cid:doc1@x"), STR_INIT("\" cid:doc1@x")},
        {"Schema and Description", STR_INIT("<eb:PartInfo href=\"cid:doc2@x\">"),
         STR_INIT("<eb:PartInfo href=\"cid:doc2@x\"><eb:Schema location=\"urn:s\"/>"
                  "<eb:Description xml:lang=\"sv\">d</eb:Description>")},
        {"no mpc", STR_INIT(" mpc=\"" AS4_DEFAULT_MPC "\""), STR_INIT("")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        struct as4_messaging got = {0};
        usual(&text);
        game_replace(&text, rows[i].from, rows[i].to);
        bool ok = read_text(buf_str(&text), &a, &got, &e);
        if (!ok)
            fail_msg("row '%s': %s", rows[i].row, e.text);
        CHECK_ROW(rows[i].row, str_is(got.user.mpc, AS4_DEFAULT_MPC));
        CHECK_ROW(rows[i].row, str_is(got.user.parts[0].cid, "doc1@x"));
    }
}

TEST(what_is_wrong_has_its_code)
{
#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"
    static const struct {
        const char *row;
        struct str from, to;
        const char *code;
    } rows[] = {
        {"no MessageId", STR_INIT("<eb:MessageId>m-1@ap.kommun.example</eb:MessageId>"),
         STR_INIT(""), "EBMS:0009"},
        {"empty MessageId", STR_INIT("m-1@ap.kommun.example"), STR_INIT(" "), "EBMS:0009"},
        {"two MessageId", STR_INIT("<eb:RefToMessageId>"),
         STR_INIT("<eb:MessageId>x</eb:MessageId><eb:RefToMessageId>"), "EBMS:0009"},
        {"MessageId too long", STR_INIT("m-1@ap.kommun.example"),
         STR_INIT(LONG64 LONG64 LONG64 LONG64), "EBMS:0009"},
        {"an element in MessageId", STR_INIT(">m-1@"), STR_INIT("><x/>m-1@"), "EBMS:0009"},
        {"no Timestamp", STR_INIT("<eb:Timestamp>" TS "</eb:Timestamp>"), STR_INIT(""),
         "EBMS:0009"},
        {"a day without time", STR_INIT(TS), STR_INIT("2026-11-21"), "EBMS:0009"},
        {"two UserMessage", STR_INIT("</eb:Messaging>"),
         STR_INIT("<eb:UserMessage/></eb:Messaging>"), "EBMS:0009"},
        {"two PartyId", STR_INIT("<eb:Role>"), STR_INIT("<eb:PartyId>other</eb:PartyId><eb:Role>"),
         "EBMS:0009"},
        {"no Role", STR_INIT("<eb:Role>" AS4_INITIATOR "</eb:Role>"), STR_INIT(""), "EBMS:0009"},
        {"no Action", STR_INIT("<eb:Action>a::b##c&amp;&lt;\"d</eb:Action>"), STR_INIT(""),
         "EBMS:0009"},
        {"a stranger in CollaborationInfo", STR_INIT("<eb:Action>"),
         STR_INIT("<eb:Other/><eb:Action>"), "EBMS:0009"},
        {"text between elements", STR_INIT("<eb:Action>"), STR_INIT("text<eb:Action>"),
         "EBMS:0009"},
        {"empty MessageProperties", STR_INIT("<eb:MessageProperties>"),
         STR_INIT("<eb:MessageProperties></eb:MessageProperties><eb:MessageProperties>"),
         "EBMS:0009"},
        {"a Property without name", STR_INIT("name=\"originalSender\" "), STR_INIT(""),
         "EBMS:0009"},
        {"finalRecipient twice", STR_INIT("name=\"originalSender\""),
         STR_INIT("name=\"finalRecipient\""), "EBMS:0003"},
        {"CompressionType without MimeType",
         STR_INIT("<eb:Property name=\"MimeType\">application/xml</eb:Property>"), STR_INIT(""),
         "EBMS:0003"},
        {"another CompressionType", STR_INIT(">application/gzip<"),
         STR_INIT(">application/brotli<"), "EBMS:0303"},
        {"a charset that is none", STR_INIT(">UTF-8<"), STR_INIT(">!utf 8*<"), "EBMS:0003"},
        {"MimeType twice", STR_INIT("name=\"CharacterSet\""), STR_INIT("name=\"MimeType\""),
         "EBMS:0003"},
        {"two parts with one cid", STR_INIT("cid:doc2@x"), STR_INIT("cid:doc1%40x"), "EBMS:0009"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF text = BUF(1 << 20);
        struct as4_messaging got = {0};
        usual(&text);
        game_replace(&text, rows[i].from, rows[i].to);
        CHECK_ROW(rows[i].row, !read_text(buf_str(&text), &a, &got, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_REJECT && strcmp(e.code, rows[i].code) == 0);
    }
}

/* The answer to a wrong message can still name it. */
TEST(the_id_is_known_whatever_comes_after_it)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(1 << 20);
    struct as4_messaging got = {0};
    usual(&text);
    game_replace(&text, STR("PartyInfo"), STR("PartyInfo nothing=\"x\""));
    game_replace(&text, STR("<eb:From>"), STR("<eb:Other/><eb:From>"));
    CHECK(!read_text(buf_str(&text), &a, &got, &e));
    CHECK_STR(as4_messaging_id(&got), STR("m-1@ap.kommun.example"));
}

#define SIGNAL(inside)                                                                          \
    "<eb:Messaging xmlns:eb=\"" NS_EB "\"><eb:SignalMessage><eb:MessageInfo><eb:Timestamp>" TS  \
    "</eb:Timestamp><eb:MessageId>s-1</eb:MessageId><eb:RefToMessageId>m-1</eb:RefToMessageId>" \
    "</eb:MessageInfo>" inside "</eb:SignalMessage></eb:Messaging>"

TEST(signals_are_read_by_their_kind)
{
    static const struct {
        const char *row;
        struct str text;
        bool ok;
        enum as4_signal_kind kind;
    } rows[] = {
        {"receipt", STR_INIT(SIGNAL("<eb:Receipt><x xmlns=\"u\"/></eb:Receipt>")), true,
         AS4_RECEIPT},
        {"error", STR_INIT(SIGNAL("<eb:Error errorCode=\"EBMS:4001\" severity=\"Failure\"/>")),
         true, AS4_ERROR},
        {"pull request", STR_INIT(SIGNAL("<eb:PullRequest/>")), true, AS4_PULL_REQUEST},
        {"nothing", STR_INIT(SIGNAL("")), false, AS4_ERROR},
        {"receipt and error",
         STR_INIT(SIGNAL("<eb:Receipt/><eb:Error errorCode=\"EBMS:0004\" severity=\"failure\"/>")),
         false, AS4_ERROR},
        {"error without code", STR_INIT(SIGNAL("<eb:Error severity=\"failure\"/>")), false,
         AS4_ERROR},
        {"receipt with a reference that has no digest",
         STR_INIT(SIGNAL("<eb:Receipt><n:NonRepudiationInformation xmlns:n=\"" NS_EBBP
                         "\"><n:MessagePartNRInformation><d:Reference xmlns:d=\"" NS_DS
                         "\" URI=\"#x\"/></n:MessagePartNRInformation>"
                         "</n:NonRepudiationInformation></eb:Receipt>")),
         false, AS4_RECEIPT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct as4_messaging got = {0};
        CHECK_ROW(rows[i].row, read_text(rows[i].text, &a, &got, &e) == rows[i].ok);
        CHECK_ROW(rows[i].row, !rows[i].ok || got.signals[0].kind == rows[i].kind);
        CHECK_ROW(rows[i].row, str_is(got.signals[0].message_id, "s-1"));
    }
}

TEST(severity_has_no_case_and_unknown_codes_are_kept)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct as4_messaging got = {0};
    CHECK_OK(read_text(STR(SIGNAL("<eb:Error errorCode=\"EBMS:4001\" severity=\"WARNING\" "
                                  "refToMessageInError=\"m-9\"><eb:Description xml:lang=\"en\">d"
                                  "</eb:Description><eb:ErrorDetail> t </eb:ErrorDetail></eb:Error>"
                                  "<eb:Error errorCode=\"EBMS:0004\" severity=\"failure\"/>")),
                       &a, &got, &e),
             e);
    CHECK(got.signals[0].error_count == 2);
    CHECK(got.signals[0].errors[0].is_warning && !got.signals[0].errors[1].is_warning);
    CHECK_STR(got.signals[0].errors[0].code, STR("EBMS:4001"));
    CHECK_STR(got.signals[0].errors[0].detail, STR("t"));
    CHECK_STR(got.signals[0].errors[0].ref_to_message, STR("m-9"));
}

CHECK_MAIN
