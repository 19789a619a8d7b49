/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/as4/signal.h"
#include "games.h"

static const struct payload one[] = {
    {"doc1@ap.kommun.example", "application/xml", STR_INIT("<a>first</a>"), false},
};

static const struct as4_signal_ids ids = {STR_INIT("s-1@ap.myndighet.example"), FIXTURE_NOW + 500};

struct exchange { /* kommun sent, myndighet took it and answered */
    struct sent *sent;
    struct buf answer;
};

static void exchange_release(struct exchange *x)
{
    sent_release(x->sent);
    buf_release(&x->answer);
}
#define AUTO_EXCHANGE __attribute__((cleanup(exchange_release))) struct exchange

static void exchange_init(struct exchange *x, const struct fixture *f, const struct side *signer)
{
    struct error e = {0};
    const struct send_options o = {0};
    const struct as4_in_config c = fixture_in(f);
    const struct as4_signer s = {signer->key, signer->certs.at[0], &signer->chain, AS4_TOKEN_BST};
    AUTO_AS4_RECEIVED r = {0};
    x->answer = BUF(1 << 20);
    x->sent = fixture_send(f, &o, one, 1);
    const struct as4_octets body = {.memory = buf_str(&x->sent->body)};
    CHECK_OK(as4_receive(&c, x->sent->wire.content_type, &body, &r, &e), e);
    CHECK_OK(as4_receipt_write(&s, &ids, &r, &x->answer, &e), e);
}

static bool read_answer(const struct fixture *f, const struct buf *answer, struct as4_received *r,
                        struct error *e)
{
    struct as4_in_config c = fixture_in(f);
    const struct as4_octets body = {.memory = buf_str(answer)};
    c.signals_only = true;
    return as4_receive(&c, STR(AS4_SIGNAL_CONTENT_TYPE), &body, r, e);
}

static const struct str id = STR_INIT("m-1@ap.kommun.example");

TEST(a_receipt_proves_what_was_sent)
{
    AUTO_FIXTURE f;
    AUTO_EXCHANGE x;
    AUTO_AS4_RECEIVED r = {0};
    struct error e = {0};
    fixture_init(&f);
    exchange_init(&x, &f, &f.myndighet);
    CHECK_OK(read_answer(&f, &x.answer, &r, &e), e);
    CHECK(r.messaging.signals[0].references.count == 3);
    CHECK_OK(as4_receipt_check(&r, id, &x.sent->wire.references, f.myndighet.certs.at[0], &e), e);
}

TEST(a_receipt_that_is_not_ours_is_invalid)
{
    AUTO_FIXTURE f;
    AUTO_EXCHANGE x;
    AUTO_AS4_RECEIVED r = {0};
    struct error e = {0};
    fixture_init(&f);
    exchange_init(&x, &f, &f.myndighet);
    CHECK_OK(read_answer(&f, &x.answer, &r, &e), e);
    const struct as4_references *sent = &x.sent->wire.references;
    CHECK(!as4_receipt_check(&r, STR("m-2@x"), sent, NULL, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0302"));
    CHECK(!as4_receipt_check(&r, id, sent, f.kommun.certs.at[0], &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0302"));
    struct as4_references none = {0};
    CHECK(!as4_receipt_check(&r, id, &none, NULL, &e));
    for (size_t i = 0; i < sent->count; i++) {
        sent->at[i].digest.octets[31] ^= 1;
        CHECK(!as4_receipt_check(&r, id, sent, NULL, &e));
        CHECK_STR(str_of(e.code), STR("EBMS:0302"));
        sent->at[i].digest.octets[31] ^= 1;
    }
    CHECK_OK(as4_receipt_check(&r, id, sent, NULL, &e), e);
    r.messaging.signals[0].references.count--;
    CHECK(!as4_receipt_check(&r, id, sent, NULL, &e));
}

TEST(a_receipt_that_was_altered_is_not_authentic)
{
    static const struct {
        const char *row;
        struct str from, to;
        const char *code;
    } rows[] = {
        {"reference id", STR_INIT("RefToMessageId>m-1@"), STR_INIT("RefToMessageId>m-2@"),
         "EBMS:0101"},
        {"time", STR_INIT("12:00:00.501"), STR_INIT("12:00:00.502"), "EBMS:0101"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_FIXTURE f;
        AUTO_EXCHANGE x;
        AUTO_AS4_RECEIVED r = {0};
        struct error e = {0};
        fixture_init(&f);
        exchange_init(&x, &f, &f.myndighet);
        game_replace(&x.answer, rows[i].from, rows[i].to);
        CHECK_ROW(rows[i].row, !read_answer(&f, &x.answer, &r, &e));
        CHECK_ROW(rows[i].row, strcmp(e.code, rows[i].code) == 0);
    }
}

TEST(a_receipt_must_be_signed)
{
    AUTO_FIXTURE f;
    AUTO_EXCHANGE x;
    AUTO_ARENA a = {0};
    AUTO_AS4_RECEIVED r = {0};
    struct error e = {0};
    fixture_init(&f);
    exchange_init(&x, &f, &f.myndighet);
    game_replace(&x.answer, game_copy(&x.answer, &a, SIGNATURE_AT, SIGNATURE_TO), STR(""));
    CHECK(!read_answer(&f, &x.answer, &r, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0103"));
}

TEST(an_error_is_read_signed_or_not)
{
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        AUTO_FIXTURE f;
        AUTO_AS4_RECEIVED r = {0};
        AUTO_BUF answer = BUF(1 << 20);
        struct error e = {0};
        fixture_init(&f);
        const struct as4_signer s = {f.myndighet.key, f.myndighet.certs.at[0], NULL, AS4_TOKEN_BST};
        const struct error why = {
            .kind = ERROR_REJECT, .code = "EBMS:0011", .text = "part 1 is elsewhere <&>"};
        struct as4_answer told = as4_answer_for(&why);
        CHECK_OK(as4_error_write(is_signed ? &s : NULL, &ids, id, &told, &answer, &e), e);
        CHECK_OK(read_answer(&f, &answer, &r, &e), e);
        const struct as4_signal *signal = as4_signal_for(&r, id);
        CHECK(signal != NULL && signal->kind == AS4_ERROR && signal->error_count == 1);
        CHECK_STR(signal->errors[0].code, STR("EBMS:0011"));
        CHECK_STR(signal->errors[0].detail, STR("part 1 is elsewhere <&>"));
        CHECK(r.is_signed == (is_signed == 1) && r.has_fault);
        CHECK(as4_signal_for(&r, STR("m-2@x")) == NULL);
    }
}

TEST(an_error_that_names_no_message_is_about_the_one_we_sent)
{
    AUTO_FIXTURE f;
    AUTO_AS4_RECEIVED r = {0};
    AUTO_BUF answer = BUF(1 << 20);
    struct error e = {0};
    fixture_init(&f);
    const struct error why = {.kind = ERROR_RETRY};
    struct as4_answer told = as4_answer_for(&why);
    CHECK_OK(as4_error_write(NULL, &ids, STR_NONE, &told, &answer, &e), e);
    CHECK_OK(read_answer(&f, &answer, &r, &e), e);
    CHECK(as4_signal_for(&r, id) == &r.messaging.signals[0]);
    CHECK_STR(r.messaging.signals[0].errors[0].code, STR("EBMS:0202"));
}

TEST(a_user_message_is_no_answer)
{
    AUTO_FIXTURE f;
    AUTO_EXCHANGE x;
    AUTO_AS4_RECEIVED r = {0};
    struct error e = {0};
    fixture_init(&f);
    exchange_init(&x, &f, &f.myndighet);
    struct as4_in_config c = fixture_in(&f);
    c.signals_only = true;
    const struct as4_octets body = {.memory = buf_str(&x.sent->body)};
    CHECK(!as4_receive(&c, x.sent->wire.content_type, &body, &r, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0003"));
}

TEST(a_pull_request_is_signed)
{
    AUTO_FIXTURE f;
    AUTO_AS4_RECEIVED r = {0};
    AUTO_BUF text = BUF(1 << 20);
    struct error e = {0};
    fixture_init(&f);
    const struct as4_signer s = {f.kommun.key, f.kommun.certs.at[0], NULL, AS4_TOKEN_SKI};
    CHECK_OK(as4_pull_request_write(&s, &ids, STR("urn:mpc"), &text, &e), e);
    CHECK_OK(read_answer(&f, &text, &r, &e), e);
    CHECK(r.messaging.signals[0].kind == AS4_PULL_REQUEST && r.is_signed);
    CHECK_STR(r.messaging.signals[0].mpc, STR("urn:mpc"));
}

CHECK_MAIN
