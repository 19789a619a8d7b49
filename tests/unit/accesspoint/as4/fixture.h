/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* fixture.h - two access points of the test world, and a message from one to the other. */
#pragma once

#include <stdlib.h>

#include "accesspoint/as4/in.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/out.h"
#include "accesspoint/as4/signal.h"
#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "tests/check.h"

#define FIXTURE_NOW INT64_C(1795262400000) /* 2026-11-21T12:00:00Z */

struct side {
    struct key *key;
    struct cert_list certs; /* leaf first */
    struct cert_list chain; /* issuers, anchor side first */
};

struct fixture {
    struct side kommun, myndighet;
    struct trust *trust;
    struct cert_list partners;
    struct as4_own_key own;
    struct as4_pmode mode;
    struct arena arena;
};

static inline const char *fixture_path(struct arena *a, const char *name)
{
    const char *world = getenv("POSTHORN_WORLD");
    return arena_format(a, "%s/open-test/%s%c", world == NULL ? "test-world" : world, name, 0).at;
}

static inline void side_init(struct side *s, struct arena *a, const char *name)
{
    struct error e = {0};
    struct secret password = {0};
    secret_set(&password, "test", 4);
    CHECK_OK(key_read(fixture_path(a, name), &password, &s->key, &s->certs, &e), e);
    secret_release(&password);
    for (size_t i = s->certs.count; i > 1; i--)
        CHECK(cert_list_add(&s->chain, s->certs.at[i - 1]));
}

static inline void fixture_init(struct fixture *f)
{
    struct error e = {0};
    *f = (struct fixture){0};
    xml_setup();
    side_init(&f->kommun, &f->arena, "kommun/ap.p12");
    side_init(&f->myndighet, &f->arena, "myndighet/ap.p12");
    const struct trust_config trust = {.anchors_path = fixture_path(&f->arena, "trust/ap.pem"),
                                       .use = TRUST_SIGN,
                                       .skew_ms = 60000};
    CHECK_OK(trust_new(&trust, &f->trust, &e), e);
    CHECK(cert_list_add(&f->partners, f->kommun.certs.at[0]));
    CHECK(cert_list_add(&f->partners, f->myndighet.certs.at[0]));
    f->own = (struct as4_own_key){f->myndighet.key, f->myndighet.certs.at[0]};
    f->mode = as4_pmode_any();
}

static inline void side_release(struct side *s)
{
    key_free(s->key);
    cert_list_release(&s->certs);
    cert_list_release(&s->chain);
}

static inline void fixture_release(struct fixture *f)
{
    side_release(&f->kommun);
    side_release(&f->myndighet);
    trust_free(f->trust);
    cert_list_release(&f->partners);
    arena_release(&f->arena);
}
#define AUTO_FIXTURE __attribute__((cleanup(fixture_release))) struct fixture

/* --- a message: given payloads, kommun to myndighet */

struct sent {
    struct as4_out *out;
    struct as4_wire wire;
    struct buf parts[AS4_PARTS_MAX];
    struct as4_octets octets[AS4_PARTS_MAX];
    struct buf body;
};

static inline void sent_release(struct sent *s)
{
    as4_out_free(s->out);
    for (size_t i = 0; i < AS4_PARTS_MAX; i++)
        buf_release(&s->parts[i]);
    buf_release(&s->body);
    mem_free(s);
}

struct payload {
    const char *cid, *type;
    struct str octets;
    bool plain; /* not compressed */
};

struct send_options {
    enum as4_token_style style, key_style;
    bool is_open; /* not encrypted */
    bool with_timestamp;
    size_t step;                            /* octets per write; 0: all at once */
    const struct as4_user_message *message; /* NULL: the usual one */
    const struct side *signer;              /* NULL: kommun */
    const struct side *receiver;            /* NULL: myndighet */
};

static inline struct as4_user_message fixture_message(void)
{
    static struct as4_property properties[] = {
        {STR_INIT("originalSender"), STR_INIT("iso6523-actorid-upis"),
         STR_INIT("0203:kommun.example")},
        {STR_INIT("finalRecipient"), STR_INIT("iso6523-actorid-upis"),
         STR_INIT("0203:myndighet.example")},
    };
    return (struct as4_user_message){
        .mpc = STR(AS4_DEFAULT_MPC),
        .timestamp_ms = FIXTURE_NOW,
        .message_id = STR("m-1@ap.kommun.example"),
        .from = {STR("AP0001-OPEN-TEST"), STR("urn:type"), STR(AS4_INITIATOR)},
        .to = {STR("AP0002-OPEN-TEST"), STR("urn:type"), STR(AS4_RESPONDER)},
        .service = STR("bdx:noprocess"),
        .service_type = STR("urn:process"),
        .action = STR("a::b##c&<\"d"),
        .conversation_id = STR("c-1"),
        .properties = properties,
        .property_count = 2,
    };
}

static inline void write_slowly(struct sink *in, struct str octets, size_t step)
{
    struct error e = {0};
    size_t n = step == 0 ? octets.len : step;
    while (octets.len > 0) {
        CHECK_OK(sink_write(in, str_upto(octets, n), &e), e);
        octets = str_from(octets, n);
    }
    CHECK_OK(sink_finish(in, &e), e);
}

static inline void send_part(struct sent *s, size_t i, const struct payload *p,
                             struct as4_part_info *info, size_t step)
{
    struct error e = {0};
    struct sink_buf to;
    struct sink *in;
    *info = (struct as4_part_info){.cid = str_of(p->cid),
                                   .mime_type = str_of(p->type),
                                   .charset = STR("UTF-8"),
                                   .compressed = !p->plain};
    s->parts[i] = BUF(8 * 1024 * 1024);
    sink_buf_init(&to, &s->parts[i]);
    CHECK_OK(as4_out_part(s->out, info, &to.sink, &in, &e), e);
    write_slowly(in, p->octets, step);
    struct str octets = buf_str(&s->parts[i]);
    s->octets[i] = (struct as4_octets){.memory = octets.at == NULL ? STR("") : octets};
}

/* *out with sent_release; the whole HTTP body is in ->body. */
static inline struct sent *fixture_send(const struct fixture *f, const struct send_options *o,
                                        const struct payload *payloads, size_t count)
{
    struct error e = {0};
    const struct side *signer = o->signer == NULL ? &f->kommun : o->signer;
    const struct side *receiver = o->receiver == NULL ? &f->myndighet : o->receiver;
    struct sent *s = mem_new(sizeof(*s));
    struct as4_part_info infos[AS4_PARTS_MAX];
    const struct as4_out_config config = {
        .signer = {signer->key, signer->certs.at[0], &signer->chain, o->style},
        .receiver = o->is_open ? NULL : receiver->certs.at[0],
        .receiver_chain = &receiver->chain,
        .receiver_style = o->key_style,
        .with_timestamp = o->with_timestamp,
    };
    struct as4_user_message m = o->message == NULL ? fixture_message() : *o->message;
    CHECK_OK(as4_out_new(&config, &s->out, &e), e);
    for (size_t i = 0; i < count; i++)
        send_part(s, i, &payloads[i], &infos[i], o->step);
    m.parts = infos;
    m.part_count = count;
    CHECK_OK(as4_out_seal(s->out, &m, FIXTURE_NOW, &s->wire, &e), e);
    s->body = BUF(16 * 1024 * 1024);
    struct sink_buf all;
    sink_buf_init(&all, &s->body);
    CHECK_OK(as4_wire_write(&s->wire, s->octets, &all.sink, &e), e);
    CHECK(s->body.len == s->wire.content_length);
    return s;
}

static inline struct as4_in_config fixture_in(const struct fixture *f)
{
    return (struct as4_in_config){
        .keys = &f->own,
        .key_count = 1,
        .trust = f->trust,
        .partners = &f->partners,
        .modes = &f->mode,
        .mode_count = 1,
        .temp_dir = "/tmp",
        .now_ms = FIXTURE_NOW,
    };
}

static inline struct str find_between(struct str text, const char *from, const char *to)
{
    size_t at = str_find(text, str_of(from));
    struct str rest = str_from(text, at);
    return str_upto(rest, str_find(rest, str_of(to)) + str_of(to).len);
}
