/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* as4_make - messages of ours as files, for foreign judges. Keys have the password "test".
 *   as4_make message KEY.p12 CA.pem STYLE RECEIVER.pem KEY-STYLE|none PAYLOADS >msg.as4
 *   as4_make receipt KEY.p12 CA.pem STYLE REQUEST.as4 PARTNER.pem        >receipt.as4
 *   as4_make error   KEY.p12 CA.pem STYLE MESSAGE-ID                     >error.as4
 *   as4_make pull    KEY.p12 CA.pem STYLE                                >pull.as4 */
#include <stdio.h>
#include <unistd.h>

#include "accesspoint/as4/names.h"
#include "accesspoint/as4/signal.h"
#include "posthorn/as4_file.h"
#include "runtime/base/clock.h"
#include "runtime/base/number.h"
#include "runtime/base/uuid.h"

enum { BODY_MAX = 64 * 1024 * 1024 };

struct maker {
    struct key *key;
    struct cert_list certs, chain, receiver, partners;
    struct as4_signer signer;
    struct arena arena;
    struct str id;
    int64_t now_ms;
    struct error e;
};

static bool open_signer(struct maker *m, char **argv)
{
    AUTO_SECRET password = {0};
    secret_set(&password, "test", 4);
    if (!key_read(argv[2], &password, &m->key, &m->certs, &m->e) ||
        !cert_list_read_pem(&m->chain, argv[3], &m->e) ||
        !as4_token_style_of(str_of(argv[4]), &m->signer.style, &m->e))
        return false;
    m->signer.key = m->key;
    m->signer.cert = m->certs.at[0];
    m->signer.chain = &m->chain;
    m->now_ms = clock_now_ms();
    struct uuid uuid = uuid_timed(m->now_ms);
    m->id = arena_format(&m->arena, "%s@as4-make.test", uuid.text);
    return true;
}

static bool print(struct maker *m, struct str content_type, struct str body)
{
    struct str head = arena_format(&m->arena, "Content-Type: %.*s\r\n\r\n", STR_ARG(content_type));
    struct sink_file out;
    sink_file_init(&out, STDOUT_FILENO, UINT64_MAX);
    return sink_write(&out.sink, head, &m->e) && sink_write(&out.sink, body, &m->e);
}

static struct as4_user_message message_of(const struct maker *m)
{
    static const char type[] = "urn:oasis:names:tc:ebcore:partyid-type:unregistered";
    static struct as4_property properties[] = {
        {STR_INIT("originalSender"), STR_INIT("iso6523-actorid-upis"), STR_INIT("0203:c1")},
        {STR_INIT("finalRecipient"), STR_INIT("iso6523-actorid-upis"), STR_INIT("0203:c4")},
    };
    return (struct as4_user_message){
        .mpc = STR(AS4_DEFAULT_MPC),
        .timestamp_ms = m->now_ms,
        .message_id = m->id,
        .from = {STR("c2-sample"), str_of(type), STR(AS4_INITIATOR)},
        .to = {STR("c3-sample"), str_of(type), STR(AS4_RESPONDER)},
        .agreement = STR("urn:as4:agreement"),
        .service = STR("urn:as4:sample:service"),
        .service_type = STR("tc"),
        .action = STR("urn:as4:sample:action"),
        .conversation_id = m->id,
        .properties = properties,
        .property_count = 2,
    };
}

/* XML, text, octets, in turn; every second one of the last two kinds is sent as it is. */
static bool make_part(struct maker *m, struct as4_out *o, size_t i, struct as4_part_info *info,
                      struct buf *octets)
{
    static const char *const types[] = {"application/xml", "text/plain",
                                        "application/octet-stream"};
    struct sink_buf to;
    struct sink *in;
    *info = (struct as4_part_info){
        .cid = arena_format(&m->arena, "doc%zu.%.*s", i + 1, STR_ARG(m->id)),
        .mime_type = str_of(types[i % 3]),
        .charset = i % 3 == 2 ? STR_NONE : STR("UTF-8"),
        .compressed = i % 3 == 0 || i % 2 == 0,
    };
    struct str text = arena_format(
        &m->arena, "<doc number=\"%zu\">r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s\n</doc>\n", i + 1);
    sink_buf_init(&to, octets);
    return as4_out_part(o, info, &to.sink, &in, &m->e) && sink_write(in, text, &m->e) &&
           sink_finish(in, &m->e);
}

static bool make_message(struct maker *m, char **argv)
{
    struct as4_part_info infos[AS4_PARTS_MAX];
    struct as4_octets octets[AS4_PARTS_MAX];
    AUTO_AS4_OUT o = NULL;
    AUTO_BUF body = BUF(BODY_MAX);
    struct sink_buf all;
    struct as4_wire wire;
    struct as4_user_message message = message_of(m);
    struct as4_out_config config = {.signer = m->signer, .receiver_chain = &m->chain};
    uint64_t count;
    bool is_open = str_is(str_of(argv[6]), "none");
    if (!cert_list_read_pem(&m->receiver, argv[5], &m->e) ||
        (!is_open && !as4_token_style_of(str_of(argv[6]), &config.receiver_style, &m->e)) ||
        !parse_u64(str_of(argv[7]), 0, AS4_PARTS_MAX, &count, &m->e))
        return false;
    config.receiver = is_open ? NULL : m->receiver.at[0];
    if (!as4_out_new(&config, &o, &m->e))
        return false;
    struct buf *parts = arena_array(&m->arena, count + 1, sizeof(parts[0]));
    for (size_t i = 0; i < count; i++) {
        parts[i] = BUF(BODY_MAX);
        if (!make_part(m, o, i, &infos[i], &parts[i]))
            return false;
        octets[i] = (struct as4_octets){.memory = buf_str(&parts[i])};
    }
    message.parts = infos;
    message.part_count = count;
    sink_buf_init(&all, &body);
    bool ok = as4_out_seal(o, &message, m->now_ms, &wire, &m->e) &&
              as4_wire_write(&wire, octets, &all.sink, &m->e) &&
              print(m, wire.content_type, buf_str(&body));
    for (size_t i = 0; i < count; i++)
        buf_release(&parts[i]);
    return ok;
}

static bool make_receipt(struct maker *m, char **argv)
{
    AUTO_AS4_FILE file = {0};
    AUTO_AS4_RECEIVED r = {0};
    AUTO_BUF envelope = BUF(1024 * 1024);
    struct as4_pmode any = as4_pmode_any();
    const struct as4_own_key own = {m->key, m->certs.at[0]};
    const struct as4_signal_ids ids = {m->id, m->now_ms};
    any.legacy = AS4_LEGACY_OAEP_MGF1P;
    any.encrypt = false;
    if (!as4_file_open(argv[5], &m->arena, &file, &m->e) ||
        !cert_list_read_pem(&m->partners, argv[6], &m->e))
        return false;
    const struct as4_in_config config = {.keys = &own,
                                         .key_count = 1,
                                         .partners = &m->partners,
                                         .modes = &any,
                                         .mode_count = 1,
                                         .temp_dir = "/tmp",
                                         .now_ms = m->now_ms};
    return as4_receive(&config, file.content_type, &file.body, &r, &m->e) &&
           as4_receipt_write(&m->signer, &ids, &r, &envelope, &m->e) &&
           print(m, STR(AS4_SIGNAL_CONTENT_TYPE), buf_str(&envelope));
}

static bool make_error(struct maker *m, char **argv)
{
    AUTO_BUF envelope = BUF(1024 * 1024);
    const struct as4_signal_ids ids = {m->id, m->now_ms};
    const struct error why = {.kind = ERROR_DENY, .code = EBMS_FAILED_DECRYPTION};
    struct as4_answer answer = as4_answer_for(&why);
    return as4_error_write(&m->signer, &ids, str_of(argv[5]), &answer, &envelope, &m->e) &&
           print(m, STR(AS4_SIGNAL_CONTENT_TYPE), buf_str(&envelope));
}

static bool make_pull(struct maker *m)
{
    AUTO_BUF envelope = BUF(1024 * 1024);
    const struct as4_signal_ids ids = {m->id, m->now_ms};
    return as4_pull_request_write(&m->signer, &ids, STR(AS4_DEFAULT_MPC), &envelope, &m->e) &&
           print(m, STR(AS4_SIGNAL_CONTENT_TYPE), buf_str(&envelope));
}

static bool make(struct maker *m, int argc, char **argv)
{
    struct str what = str_of(argc > 4 ? argv[1] : "");
    if (argc > 4 && !open_signer(m, argv))
        return false;
    if (str_is(what, "message") && argc == 8)
        return make_message(m, argv);
    if (str_is(what, "receipt") && argc == 7)
        return make_receipt(m, argv);
    if (str_is(what, "error") && argc == 6)
        return make_error(m, argv);
    if (str_is(what, "pull") && argc == 5)
        return make_pull(m);
    return error_set(&m->e, ERROR_REJECT, "usage: see the head of tests/interop/as4_make.c");
}

int main(int argc, char **argv)
{
    struct maker m = {0};
    xml_setup();
    bool ok = make(&m, argc, argv);
    if (!ok)
        fprintf(stderr, "as4_make: %s\n", m.e.text);
    key_free(m.key);
    cert_list_release(&m.certs);
    cert_list_release(&m.chain);
    cert_list_release(&m.receiver);
    cert_list_release(&m.partners);
    arena_release(&m.arena);
    return ok ? 0 : 1;
}
