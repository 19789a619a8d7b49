/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/in.h"

#include "fixture.h"

static const struct payload payloads[] = {
    {"doc1@ap.kommun.example", "application/xml", STR_INIT("<a>first</a>"), false},
    {"doc2@ap.kommun.example", "text/plain", STR_INIT("second\n\r\nline\r"), true},
    {"doc3@ap.kommun.example", "application/octet-stream", STR_INIT("\0\1\2--\r\n"), false},
};

static void check_payloads(const struct as4_received *r, size_t count)
{
    CHECK(r->part_count == count);
    for (size_t i = 0; i < count; i++) {
        struct error e = {0};
        AUTO_BUF got = BUF(1 << 20);
        struct sink_buf sink;
        sink_buf_init(&sink, &got);
        CHECK_OK(as4_part_read(&r->parts[i], 1 << 20, &sink.sink, &e), e);
        CHECK_STR(buf_str(&got), payloads[i].octets);
        CHECK_STR(r->parts[i].info.mime_type, str_of(payloads[i].type));
        CHECK(r->parts[i].info.compressed == !payloads[i].plain);
    }
}

static void check_message(const struct as4_user_message *m)
{
    struct as4_user_message want = fixture_message();
    CHECK_STR(m->message_id, want.message_id);
    CHECK_STR(m->from.id, want.from.id);
    CHECK_STR(m->from.type, want.from.type);
    CHECK_STR(m->to.role, want.to.role);
    CHECK_STR(m->service, want.service);
    CHECK_STR(m->service_type, want.service_type);
    CHECK_STR(m->action, want.action);
    CHECK_STR(m->conversation_id, want.conversation_id);
    CHECK_STR(m->mpc, want.mpc);
    CHECK_STR(as4_property_of(m, "finalRecipient"), STR("0203:myndighet.example"));
    CHECK(m->timestamp_ms == FIXTURE_NOW + 1);
}

static bool receive(const struct as4_in_config *c, const struct sent *s, struct as4_received *r,
                    struct error *e)
{
    const struct as4_octets body = {.memory = buf_str(&s->body)};
    return as4_receive(c, s->wire.content_type, &body, r, e);
}

TEST(what_goes_out_comes_in_in_every_style_and_number)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const size_t counts[] = {0, 1, 3};
    for (unsigned style = 0; style < 16; style++) {
        for (size_t k = 0; k < 3; k++) {
            struct error e = {0};
            const struct send_options o = {.style = (enum as4_token_style)(style & 3),
                                           .key_style = (enum as4_token_style)(style >> 2),
                                           .with_timestamp = style % 3 == 0};
            struct sent *s = fixture_send(&f, &o, payloads, counts[k]);
            const struct as4_in_config c = fixture_in(&f);
            AUTO_AS4_RECEIVED r = {0};
            CHECK_OK(receive(&c, s, &r, &e), e);
            check_message(&r.messaging.user);
            check_payloads(&r, counts[k]);
            CHECK(r.is_signed && r.is_encrypted == (counts[k] > 0) && r.style == o.style);
            CHECK(cert_equal(r.signer, f.kommun.certs.at[0]));
            CHECK(r.references.count == s->wire.references.count);
            sent_release(s);
        }
    }
}

CHECK_MAIN
