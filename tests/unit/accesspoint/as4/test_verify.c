/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Games of signature wrapping and of references: each is refused, by name. */
#include <string.h>

#include "accesspoint/as4/verify.h"
#include "games.h"

static const struct payload two[] = {
    {"doc1@ap.kommun.example", "application/xml", STR_INIT("<a>first</a>"), false},
    {"doc2@ap.kommun.example", "application/xml", STR_INIT("<a>second</a>"), false},
};

#define WRAPPED(inside) "<w:Wrapper xmlns:w=\"urn:w\">" inside "</w:Wrapper>"

/* The signed Messaging hides in a foreign block; another one, with `id`, takes its place. */
static void wrap_messaging(struct buf *body, const char *id)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, MESSAGING_AT, MESSAGING_TO);
    struct str fake = game_edited(&a, real, "m-1@ap.kommun.example", "m-2@evil.example");
    fake = game_edited(&a, fake, " wsu:Id=\"_messaging\"", id);
    game_replace(body, real,
                 arena_format(&a, "%.*s" WRAPPED("%.*s"), STR_ARG(fake), STR_ARG(real)));
}

static void wrap_with_other_id(struct buf *body)
{
    wrap_messaging(body, " wsu:Id=\"_other\"");
}

static void wrap_with_same_id(struct buf *body)
{
    wrap_messaging(body, " wsu:Id=\"_messaging\"");
}

static void wrap_without_id(struct buf *body)
{
    wrap_messaging(body, "");
}

static void wrap_with_plain_id(struct buf *body)
{
    wrap_messaging(body, " id=\"_messaging\"");
}

static void wrap_into_security(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, MESSAGING_AT, MESSAGING_TO);
    struct str fake = game_edited(&a, real, "m-1@ap.kommun.example", "m-2@evil.example");
    fake = game_edited(&a, fake, "_messaging", "_other");
    game_replace(body, real, fake);
    game_insert_before(body, "</wsse:Security>", real, &a);
}

static void wrap_into_body(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, MESSAGING_AT, MESSAGING_TO);
    struct str fake = game_edited(&a, real, "m-1@ap.kommun.example", "m-2@evil.example");
    fake = game_edited(&a, fake, "_messaging", "_other");
    game_replace(body, real, fake);
    game_insert_before(body, BODY_TO, real, &a);
}

static void wrap_body(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, BODY_AT, BODY_TO);
    game_replace(body, real, STR("<S12:Body></S12:Body>"));
    game_insert_before(body, "</S12:Header>", arena_format(&a, WRAPPED("%.*s"), STR_ARG(real)), &a);
}

static void two_messagings(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, MESSAGING_AT, MESSAGING_TO);
    game_insert_before(body, MESSAGING_AT, game_edited(&a, real, "_messaging", "_other"), &a);
}

static void two_securities(struct buf *body)
{
    AUTO_ARENA a = {0};
    game_insert_before(body, MESSAGING_AT,
                       STR("<wsse:Security xmlns:wsse=\"" NS_WSSE "\"></wsse:Security>"), &a);
}

static void two_signatures(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, SIGNATURE_AT, SIGNATURE_TO);
    game_insert_before(body, "</wsse:Security>", game_edited(&a, real, "_signature", "_second"),
                       &a);
}

static void signature_elsewhere(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, SIGNATURE_AT, SIGNATURE_TO);
    game_replace(body, real, STR(""));
    real = game_edited(&a, real, SIGNATURE_AT, SIGNATURE_AT "xmlns:wsse=\"" NS_WSSE "\" ");
    game_insert_before(body, MESSAGING_AT, real, &a);
}

static void drop_reference(struct buf *body, const char *uri)
{
    AUTO_ARENA a = {0};
    struct str begin = arena_format(&a, "<ds:Reference URI=\"%s\">%c", uri, 0);
    game_replace(body, game_copy(body, &a, begin.at, "</ds:Reference>"), STR(""));
}

static void drop_messaging_reference(struct buf *body)
{
    drop_reference(body, "#_messaging");
}

static void drop_body_reference(struct buf *body)
{
    drop_reference(body, "#_body");
}

static void drop_attachment_reference(struct buf *body)
{
    drop_reference(body, "cid:doc2@ap.kommun.example");
}

static void same_reference_twice(struct buf *body)
{
    AUTO_ARENA a = {0};
    game_insert_before(body, "<ds:Reference URI=\"#_body\">",
                       game_copy(body, &a, "<ds:Reference URI=\"#_body\">", "</ds:Reference>"), &a);
}

static void reference_to_everything(struct buf *body)
{
    game_replace(body, STR("<ds:Reference URI=\"#_messaging\">"), STR("<ds:Reference URI=\"\">"));
}

static void reference_outside(struct buf *body)
{
    game_replace(body, STR("<ds:Reference URI=\"#_messaging\">"),
                 STR("<ds:Reference URI=\"http://evil.example/messaging\">"));
}

static void reference_to_nothing(struct buf *body)
{
    game_replace(body, STR("<ds:Reference URI=\"#_messaging\">"),
                 STR("<ds:Reference URI=\"#_nothing\">"));
}

static void reference_to_an_attachment_that_is_not_there(struct buf *body)
{
    game_replace(body, STR("<ds:Reference URI=\"cid:doc2@"), STR("<ds:Reference URI=\"cid:doc3@"));
}

static void xpath_transform(struct buf *body)
{
    game_replace(body,
                 STR("URI=\"#_messaging\"><ds:Transforms><ds:Transform "
                     "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"),
                 STR("URI=\"#_messaging\"><ds:Transforms><ds:Transform "
                     "Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">"));
}

static void enveloped_transform(struct buf *body)
{
    game_replace(body, STR("URI=\"#_messaging\"><ds:Transforms>"),
                 STR("URI=\"#_messaging\"><ds:Transforms><ds:Transform Algorithm=\"" NS_DS
                     "enveloped-signature\"></ds:Transform>"));
}

static void attachment_transform_on_messaging(struct buf *body)
{
    game_replace(
        body,
        STR("URI=\"#_messaging\"><ds:Transforms><ds:Transform Algorithm=\"" ALG_EXC_C14N "\">"),
        STR("URI=\"#_messaging\"><ds:Transforms><ds:Transform "
            "Algorithm=\"" SWA_CONTENT_SIGNATURE "\">"));
}

static void c14n_on_attachment(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str r = game_copy(body, &a, "<ds:Reference URI=\"cid:doc1", "</ds:Reference>");
    game_replace(body, r, game_edited(&a, r, SWA_CONTENT_SIGNATURE, ALG_EXC_C14N));
}

static void signature_by_mac(struct buf *body)
{
    game_replace(body, STR("Algorithm=\"" ALG_RSA_SHA256 "\""),
                 STR("Algorithm=\"" NS_DS "hmac-sha1\""));
}

static void weak_digest(struct buf *body)
{
    game_replace(body, STR("<ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"></ds:DigestMethod><ds:D"),
                 STR("<ds:DigestMethod Algorithm=\"" ALG_SHA1 "\"></ds:DigestMethod><ds:D"));
}

static void inclusive_c14n(struct buf *body)
{
    game_replace(body, STR("<ds:CanonicalizationMethod Algorithm=\"" ALG_EXC_C14N "\">"),
                 STR("<ds:CanonicalizationMethod Algorithm=\"" C14N_1_0_URI "\">"));
}

static void other_value_in_the_header(struct buf *body)
{
    game_replace(body, STR("AP0002-OPEN-TEST"), STR("AP0003-OPEN-TEST"));
}

static void must_understand_dropped(struct buf *body)
{
    game_replace(body, STR(" wsu:Id=\"_messaging\" S12:mustUnderstand=\"true\""),
                 STR(" wsu:Id=\"_messaging\""));
}

static void text_in_the_body(struct buf *body)
{
    game_replace(body, STR("wsu:Id=\"_body\">"), STR("wsu:Id=\"_body\"><evil></evil>"));
}

static void other_prefix_list(struct buf *body)
{
    game_replace(body, STR("<ds:CanonicalizationMethod Algorithm=\"" ALG_EXC_C14N "\">"),
                 STR("<ds:CanonicalizationMethod Algorithm=\"" ALG_EXC_C14N
                     "\"><ec:InclusiveNamespaces xmlns:ec=\"" ALG_EXC_C14N
                     "\" PrefixList=\"wsu\"></ec:InclusiveNamespaces>"));
}

static void signer_of_another_name(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str last = game_copy(body, &a, "wsu:Id=\"_signer\">", "</wsse:BinarySecurityToken>");
    struct str other = game_copy(body, &a, "wsu:Id=\"_receiver\">", "</wsse:BinarySecurityToken>");
    game_replace(body, last, game_edited(&a, other, "_receiver", "_signer"));
}

static void token_of_the_receiver(struct buf *body)
{
    game_replace(body, STR("<wsse:Reference URI=\"#_signer\""),
                 STR("<wsse:Reference URI=\"#_receiver\""));
}

static void token_that_is_no_token(struct buf *body)
{
    game_replace(body, STR("<wsse:Reference URI=\"#_signer\""),
                 STR("<wsse:Reference URI=\"#_body\""));
}

static void attachment_added(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str delimiter = find_between(buf_str(body), "--", "\r\n");
    delimiter = arena_copy(&a, str_upto(delimiter, delimiter.len - 2));
    struct str end = arena_format(&a, "\r\n%.*s--\r\n", STR_ARG(delimiter));
    game_replace(body, end,
                 arena_format(&a, "\r\n%.*s\r\nContent-ID: <evil@x>\r\n\r\nevil%.*s",
                              STR_ARG(delimiter), STR_ARG(end)));
}

static void attachment_renamed(struct buf *body)
{
    game_replace(body, STR("Content-ID: <doc1@ap.kommun.example>"),
                 STR("Content-ID: <doc1@ap.kommun.exampl>"));
}

static void attachments_swapped(struct buf *body)
{
    game_replace(body, STR("Content-ID: <doc1@ap.kommun.example>"),
                 STR("Content-ID: <docX@ap.kommun.example>"));
    game_replace(body, STR("Content-ID: <doc2@ap.kommun.example>"),
                 STR("Content-ID: <doc1@ap.kommun.example>"));
    game_replace(body, STR("Content-ID: <docX@ap.kommun.example>"),
                 STR("Content-ID: <doc2@ap.kommun.example>"));
}

static void attachment_doubled(struct buf *body)
{
    game_replace(body, STR("Content-ID: <doc2@ap.kommun.example>"),
                 STR("Content-ID: <doc1@ap.kommun.example>"));
}

static void encrypted_data_dropped(struct buf *body)
{
    AUTO_ARENA a = {0};
    game_replace(body,
                 game_copy(body, &a, "<xenc:EncryptedData Id=\"_data1\"", "</xenc:EncryptedData>"),
                 STR(""));
}

static void encrypted_data_doubled(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str one =
        game_copy(body, &a, "<xenc:EncryptedData Id=\"_data1\"", "</xenc:EncryptedData>");
    game_insert_before(body, SIGNATURE_AT, game_edited(&a, one, "_data1", "_data9"), &a);
}

static void encrypted_with_cbc(struct buf *body)
{
    game_replace(body, STR("Algorithm=\"" ALG_AES128_GCM "\""),
                 STR("Algorithm=\"" NS_XENC "aes128-cbc\""));
}

static void doctype(struct buf *body)
{
    game_replace(body, STR("<S12:Envelope "),
                 STR("<!DOCTYPE e [<!ENTITY x \"y\">]><S12:Envelope "));
}

static void envelope_in_envelope(struct buf *body)
{
    AUTO_ARENA a = {0};
    struct str real = game_copy(body, &a, "<S12:Envelope ", "</S12:Envelope>");
    struct str messaging = game_copy(body, &a, MESSAGING_AT, MESSAGING_TO);
    messaging = game_edited(&a, messaging, "_messaging", "_other");
    game_replace(body, real,
                 arena_format(&a, "<S12:Envelope xmlns:S12=\"" NS_SOAP12 "\"><S12:Header>%.*s",
                              STR_ARG(messaging)));
    game_replace(body, messaging,
                 arena_format(&a,
                              "%.*s</S12:Header><S12:Body>MARK</S12:Body>"
                              "</S12:Envelope>",
                              STR_ARG(messaging)));
    game_replace(body, STR("MARK"), real);
}

static void header_to_be_understood(struct buf *body)
{
    AUTO_ARENA a = {0};
    game_insert_before(body, MESSAGING_AT,
                       STR("<x:Routing xmlns:x=\"urn:x\" S12:mustUnderstand=\"1\"></x:Routing>"),
                       &a);
}

static const struct {
    const char *row;
    void (*play)(struct buf *body);
    const char *code;
    const char *word; /* of the reason */
} games[] = {
    {"Messaging wrapped, another id", wrap_with_other_id, "EBMS:0103", "does not sign"},
    {"Messaging wrapped, the same id", wrap_with_same_id, "EBMS:0103", "_messaging"},
    {"Messaging wrapped, no id", wrap_without_id, "EBMS:0103", "does not sign"},
    {"Messaging wrapped, plain id", wrap_with_plain_id, "EBMS:0103", "_messaging"},
    {"Messaging wrapped into Security", wrap_into_security, "EBMS:0103", "does not sign"},
    {"Messaging wrapped into Body", wrap_into_body, "EBMS:0103", "does not sign"},
    {"Body wrapped", wrap_body, "EBMS:0103", "does not sign"},
    {"two Messaging", two_messagings, "EBMS:0009", "one eb:Messaging"},
    {"two Security", two_securities, "EBMS:0103", "more than one wsse:Security"},
    {"two signatures", two_signatures, "EBMS:0103", "more than one ds:Signature"},
    {"signature outside Security", signature_elsewhere, "EBMS:0103", "not signed"},
    {"Messaging not covered", drop_messaging_reference, "EBMS:0103", "Messaging is not signed"},
    {"Body not covered", drop_body_reference, "EBMS:0103", "Body is not signed"},
    {"attachment not covered", drop_attachment_reference, "EBMS:0103", "attachment is not signed"},
    {"a reference twice", same_reference_twice, "EBMS:0103", "two references"},
    {"reference to the document", reference_to_everything, "EBMS:0103", ""},
    {"reference to the network", reference_outside, "EBMS:0103", ""},
    {"reference to nothing", reference_to_nothing, "EBMS:0103", "names nothing"},
    {"reference to a missing part", reference_to_an_attachment_that_is_not_there, "EBMS:0103",
     "names no attachment"},
    {"XPath transform", xpath_transform, "EBMS:0103", ""},
    {"enveloped transform", enveloped_transform, "EBMS:0103", ""},
    {"attachment transform on Messaging", attachment_transform_on_messaging, "EBMS:0103", ""},
    {"C14N on an attachment", c14n_on_attachment, "EBMS:0103", ""},
    {"HMAC with the public key", signature_by_mac, "EBMS:0103", ""},
    {"SHA-1 digest", weak_digest, "EBMS:0103", ""},
    {"inclusive C14N of SignedInfo", inclusive_c14n, "EBMS:0103", ""},
    {"a value changed", other_value_in_the_header, "EBMS:0101", "_messaging"},
    {"mustUnderstand dropped", must_understand_dropped, "EBMS:0101", "_messaging"},
    {"something in the Body", text_in_the_body, "EBMS:0101", "_body"},
    {"PrefixList added", other_prefix_list, "EBMS:0101", ""},
    {"token content of another", signer_of_another_name, "EBMS:0101", ""},
    {"token of the receiver", token_of_the_receiver, "EBMS:0101", ""},
    {"token that is none", token_that_is_no_token, "EBMS:0103", "BinarySecurityToken"},
    {"attachment added", attachment_added, "EBMS:0103", "not encrypted"},
    {"attachment renamed", attachment_renamed, "EBMS:0103", "not encrypted"},
    {"attachments swapped", attachments_swapped, "EBMS:0101", "digest of attachment"},
    {"attachment doubled", attachment_doubled, "EBMS:0007", "one Content-ID"},
    {"EncryptedData dropped", encrypted_data_dropped, "EBMS:0103", "not encrypted"},
    {"EncryptedData doubled", encrypted_data_doubled, "EBMS:0103", "two EncryptedData"},
    {"CBC", encrypted_with_cbc, "EBMS:0103", "aes128-gcm"},
    {"DOCTYPE", doctype, "EBMS:0009", ""},
    {"an envelope in the Body", envelope_in_envelope, "EBMS:0103", "not signed"},
    {"a block to be understood", header_to_be_understood, "EBMS:0008", "Routing"},
};

static void check_refused(const struct as4_in_config *c, const struct sent *s, size_t i)
{
    struct error e = {0};
    AUTO_AS4_RECEIVED r = {0};
    const struct as4_octets body = {.memory = buf_str(&s->body)};
    bool taken = as4_receive(c, s->wire.content_type, &body, &r, &e);
    if (taken || e.code == NULL || strcmp(e.code, games[i].code) != 0)
        fail_msg("row '%s': %s %s %s", games[i].row, taken ? "taken" : "refused",
                 e.code == NULL ? "without code" : e.code, e.text);
    struct str text = str_of(e.text);
    if (str_find(text, str_of(games[i].word)) == text.len && games[i].word[0] != 0)
        fail_msg("row '%s': says '%s', not '%s'", games[i].row, e.text, games[i].word);
}

TEST(every_game_is_refused_by_name)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    const struct as4_in_config c = fixture_in(&f);
    const struct send_options o = {0};
    for (size_t i = 0; i < sizeof(games) / sizeof(games[0]); i++) {
        struct sent *s = fixture_send(&f, &o, two, 2);
        games[i].play(&s->body);
        check_refused(&c, s, i);
        sent_release(s);
    }
}

/* The type decides how the digest is made, not what is inside: a gzip stream has octets that a
 * text would have changed. */
TEST(another_media_type_gives_another_digest)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    struct error e = {0};
    const struct as4_in_config c = fixture_in(&f);
    const struct send_options o = {0};
    static const struct payload lines[] = {
        {"a@x", "application/octet-stream", STR_INIT("a\nb\n"), true}};
    struct sent *s = fixture_send(&f, &o, lines, 1);
    game_replace(&s->body, STR("MimeType=\"application/octet-stream\""),
                 STR("MimeType=\"text/plain\""));
    AUTO_AS4_RECEIVED r = {0};
    const struct as4_octets body = {.memory = buf_str(&s->body)};
    CHECK(!as4_receive(&c, s->wire.content_type, &body, &r, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0101"));
    sent_release(s);
}

/* Comments are not signed (C14N drops them): what is read must be what was signed. */
TEST(a_comment_inside_a_value_hides_nothing)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    struct error e = {0};
    const struct as4_in_config c = fixture_in(&f);
    const struct send_options o = {0};
    struct sent *s = fixture_send(&f, &o, two, 2);
    game_replace(&s->body, STR("m-1@ap.kommun.example"), STR("m-1@ap<!-- x -->.kommun.example"));
    AUTO_AS4_RECEIVED r = {0};
    const struct as4_octets body = {.memory = buf_str(&s->body)};
    CHECK_OK(as4_receive(&c, s->wire.content_type, &body, &r, &e), e);
    CHECK_STR(r.messaging.user.message_id, STR("m-1@ap.kommun.example"));
    sent_release(s);
}

TEST(who_may_sign_is_asked)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const struct {
        const char *who, *code;
    } rows[] = {
        {"bad/ap-expired.p12", "EBMS:0101"},           {"bad/ap-not-yet-valid.p12", "EBMS:0101"},
        {"bad/ap-wrong-environment.p12", "EBMS:0101"}, {"bad/ap-wrong-usage.p12", "EBMS:0101"},
        {"bad/ap-unknown-ca.p12", "EBMS:0101"},        {"bad/ap-wrong-name.p12", "EBMS:0101"},
    };
    f.mode.party_is_common_name = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct side bad = {0};
        side_init(&bad, &f.arena, rows[i].who);
        const struct as4_in_config c = fixture_in(&f);
        const struct send_options o = {.signer = &bad};
        struct sent *s = fixture_send(&f, &o, two, 2);
        AUTO_AS4_RECEIVED r = {0};
        const struct as4_octets body = {.memory = buf_str(&s->body)};
        CHECK_ROW(rows[i].who, !as4_receive(&c, s->wire.content_type, &body, &r, &e));
        CHECK_ROW(rows[i].who, e.code != NULL && strcmp(e.code, rows[i].code) == 0);
        sent_release(s);
        side_release(&bad);
    }
}

TEST(a_style_that_is_not_agreed_is_refused)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    f.mode.styles = AS4_STYLE_BST;
    for (unsigned style = AS4_TOKEN_BST; style <= AS4_TOKEN_ISSUER_SERIAL; style++) {
        struct error e = {0};
        const struct as4_in_config c = fixture_in(&f);
        const struct send_options o = {.style = (enum as4_token_style)style};
        struct sent *s = fixture_send(&f, &o, two, 2);
        AUTO_AS4_RECEIVED r = {0};
        const struct as4_octets body = {.memory = buf_str(&s->body)};
        bool taken = as4_receive(&c, s->wire.content_type, &body, &r, &e);
        CHECK_ROW(as4_token_style_name(o.style), taken == (style == AS4_TOKEN_BST));
        CHECK_ROW(as4_token_style_name(o.style), taken || strcmp(e.code, "EBMS:0103") == 0);
        sent_release(s);
    }
}

CHECK_MAIN
