/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/as4/names.h"
#include "accesspoint/letter.h"
#include "accesspoint/receipt/receipt.h"
#include "accesspoint/work/directory.h"
#include "accesspoint/work/references.h"
#include "accesspoint/work/refetch.h"
#include "accesspoint/work/stage.h"
#include "accesspoint/work/temp.h"
#include "accesspoint/xhe/envelope.h"
#include "runtime/base/sys.h"
#include "runtime/base/text.h"

enum { LETTER_MAX = 64 * 1024 * 1024, FILES_MAX = 1000 };

struct sealing {
    struct stage_run *run;
    const struct workplace *w;
    struct directory_entry *entry;
    const struct smp_endpoint *endpoint;
    const struct participant *sender; /* ours */
    struct cert_list encryption;      /* of the recipient; empty for receipts */
    struct xhe xhe;
    struct as4_out *out;
    struct as4_wire wire;
    struct as4_user_message message;
    bool is_receipt, is_ping;
    struct str receipt; /* its XML; at NULL: it is in the store */
};

static void sealing_release(struct sealing *s)
{
    as4_out_free(s->out);
    directory_entry_free(s->entry);
    cert_list_release(&s->encryption);
}

/* --- whom to */

static bool check_o2o(struct sealing *s, const struct cert *c, struct error *e)
{
    int64_t now = store_now_ms(s->w->store);
    if (trust_check(s->w->o2o_trust, c, NULL, now, NULL, e))
        return true;
    if (s->w->settings->accesspoint->o2o_chain_enforced)
        return error_prefix(e, "encryption certificate of the recipient");
    log_warning(&s->run->log, "o2o.chain_unverified", KV_ERROR(e));
    error_clear(e);
    return true;
}

static bool find_recipient(struct sealing *s, struct error *e)
{
    const struct federation *f = s->w->federation;
    if (!directory_find(s->run, &s->entry, e) ||
        !directory_endpoint(s->w, s->entry, &s->endpoint, e))
        return false;
    if (s->is_receipt || s->is_ping)
        return true;
    return smp_metadata_certs(directory_metadata(s->entry), f->certpub_encryption, &s->encryption,
                              e) &&
           check_o2o(s, s->encryption.at[0], e);
}

/* --- what */

static bool set_envelope(struct sealing *s, struct error *e)
{
    const struct federation *f = s->w->federation;
    const struct attributes *a = &s->run->attributes;
    s->sender = workplace_participant(s->w, a->from);
    if (s->sender == NULL)
        return error_set(e, ERROR_REJECT, "sender %.*s is not a participant of this access point",
                         STR_ARG(a->from));
    s->xhe = (struct xhe){
        .id = s->is_receipt ? a->xhe_id : a->message_id,
        .created_ms = store_now_ms(s->w->store),
        .document = s->is_receipt ? f->receipt_document : f->message_document,
        .document_scheme = f->document_scheme,
        .process = f->process,
        .process_scheme = f->process_scheme,
        .federation = f->id,
        .from = a->from,
        .to = a->to,
        .document_type = s->is_receipt ? f->receipt_type : f->message_type,
        .content_type = STR("application/xml"),
        .handling_service = a->to_address,
    };
    return true;
}

static bool load_file(struct sealing *s, struct letter_file *file, struct error *e)
{
    uint64_t octets;
    int fd = -1;
    if (!temp_payload(s->w, s->run->message.id, file->slot, &fd, &octets, e))
        return error_prefix(e, "attachment %.*s", STR_ARG(file->slot));
    file->target->content = (struct sdk_content){.fd = fd, .len = octets};
    return true;
}

static void close_files(struct letter *letter)
{
    for (size_t i = 0; i < letter->file_count; i++)
        if (letter->files[i].target->content.memory.at == NULL)
            sys_close(&letter->files[i].target->content.fd);
}

static bool write_letter(struct sealing *s, struct letter *letter, struct sink *to, struct error *e)
{
    for (size_t i = 0; i < letter->file_count; i++)
        letter->files[i].target->content.fd = -1;
    for (size_t i = 0; i < letter->file_count; i++)
        if (!load_file(s, &letter->files[i], e))
            return false;
    letter->message.id = s->run->attributes.message_id;
    letter->message.conversation = s->run->attributes.conversation_id;
    if (letter->message.created_ms == 0)
        letter->message.created_ms = s->run->message.created_ms;
    return sdk_message_write(&letter->message, to, e);
}

static bool read_letter(const struct stage_run *run, struct sink *to, struct error *e)
{
    struct store *store = run->w->store;
    return run->letter.id.len > 0
               ? store_row_read(store, &run->letter, to, e)
               : store_payload_read(store, run->message.id, STR(SLOT_LETTER), to, e);
}

static bool write_message(struct sealing *s, struct sink *to, struct error *e)
{
    AUTO_BUF packed = BUF(LETTER_MAX); /* the letter's texts are views into it */
    struct sink_buf into;
    struct letter letter;
    sink_buf_init(&into, &packed);
    if (!read_letter(s->run, &into.sink, e) ||
        !letter_unpack(buf_str(&packed), s->w->federation, s->run->arena, &letter, e))
        return false;
    bool ok = write_letter(s, &letter, to, e);
    close_files(&letter);
    return ok;
}

static bool write_receipt(struct sealing *s, struct sink *to, struct error *e)
{
    bool ok = s->receipt.at != NULL
                  ? sink_write(to, s->receipt, e)
                  : store_payload_read(s->w->store, s->run->message.id, STR(SLOT_RECEIPT), to, e);
    return ok && sink_finish(to, e);
}

/* --- how: everything in one pass, payload -> (AES, base64) -> envelope -> gzip -> digest -> AES -> store */

static bool write_part(struct sealing *s, struct as4_part_info *info, struct error *e)
{
    struct xhe_out_config config = {
        .key = s->sender->o2o.key,
        .cert = identity_cert(&s->sender->o2o),
        .recipient = s->is_receipt ? NULL : s->encryption.at[0],
    };
    struct sink *in;
    AUTO_XHE_OUT envelope = NULL;
    if (!as4_out_part(s->out, info, wire_open(&s->run->wire, s->w->store), &in, e) ||
        !xhe_out_new(&config, &s->xhe, in, &envelope, e))
        return false;
    return s->is_receipt ? write_receipt(s, xhe_out_payload(envelope), e)
                         : write_message(s, xhe_out_payload(envelope), e);
}

/* From access point to access point; the properties are the four corners' (spec/as4.md 19). */
static void set_parties(struct sealing *s)
{
    const struct workplace *w = s->w;
    const struct federation *f = w->federation;
    struct attributes *a = &s->run->attributes;
    struct uuid id = uuid_random();
    struct str party = w->settings->accesspoint->party;
    struct as4_property *properties = arena_array(s->run->arena, 2, sizeof(*properties));
    properties[0] = (struct as4_property){STR("originalSender"), f->participant_scheme, a->from};
    properties[1] = (struct as4_property){STR("finalRecipient"), f->participant_scheme, a->to};
    a->as4_id = arena_format(s->run->arena, "%s@%.*s", id.text, STR_ARG(party));
    a->to_party = arena_copy(s->run->arena, cert_common_name(s->endpoint->cert));
    s->message = (struct as4_user_message){
        .mpc = f->mpc,
        .timestamp_ms = store_now_ms(w->store),
        .message_id = a->as4_id,
        .from = {party, f->party_type, f->initiator_role},
        .to = {a->to_party, f->party_type, f->responder_role},
        .properties = properties,
        .property_count = 2,
    };
}

static void set_message(struct sealing *s, struct as4_part_info *info)
{
    const struct federation *f = s->w->federation;
    const struct attributes *a = &s->run->attributes;
    struct as4_user_message *m = &s->message;
    set_parties(s);
    m->service = f->process;
    m->service_type = f->process_scheme;
    m->action = arena_format(s->run->arena, "%.*s::%.*s", STR_ARG(f->document_scheme),
                             STR_ARG(s->xhe.document));
    m->conversation_id = a->conversation_id.len > 0 ? a->conversation_id : s->xhe.id;
    m->parts = info;
    m->part_count = 1;
}

/* The test service: no payload, nothing to encrypt, but signed and receipted as any message; without a
 * type, which would be refused (spec/as4.md 16). */
static bool put_ping(struct sealing *s)
{
    (void)wire_open(&s->run->wire, s->w->store);
    set_parties(s);
    s->message.service = STR(AS4_TEST_SERVICE);
    s->message.action = STR(AS4_TEST_ACTION);
    s->message.conversation_id = s->run->message.id;
    return true;
}

static bool put_document(struct sealing *s, struct as4_part_info *info, struct error *e)
{
    if (!set_envelope(s, e) || !write_part(s, info, e))
        return false;
    set_message(s, info);
    return true;
}

static bool seal_all(struct sealing *s, struct error *e)
{
    const struct workplace *w = s->w;
    struct str party = cert_common_name(s->endpoint->cert);
    struct uuid cid = uuid_random();
    struct as4_part_info info = {
        .cid = arena_format(s->run->arena, "%s@posthorn", cid.text),
        .mime_type = STR("application/xml"),
        .charset = STR("UTF-8"),
        .compressed = true,
    };
    struct as4_out_config config = {
        .signer = workplace_signer(w, party),
        .receiver = s->endpoint->cert,
        .receiver_style = workplace_key_style(w, party),
    };
    return as4_out_new(&config, &s->out, e) &&
           (s->is_ping ? put_ping(s) : put_document(s, &info, e)) &&
           as4_out_seal(s->out, &s->message, s->message.timestamp_ms, &s->wire, e);
}

/* --- into the store */

static bool describe(struct sealing *s, struct error *e)
{
    struct attributes *a = &s->run->attributes;
    AUTO_BUF hex = BUF(64);
    if (!hex_encode(&hex, cert_sha256(s->endpoint->cert), e) ||
        !references_write(&s->wire.references, s->run->arena, &a->references, e))
        return false;
    a->signer = arena_copy(s->run->arena, buf_str(&hex));
    a->endpoint = arena_copy(s->run->arena, s->endpoint->url);
    a->content_type = arena_copy(s->run->arena, s->wire.content_type);
    return true;
}

static bool close_wire(struct sealing *s, struct str *attributes, struct error *e)
{
    struct stage_run *run = s->run;
    return wire_close(&run->wire, &s->wire, e) && describe(s, e) &&
           attributes_write(&run->attributes, run->arena, attributes, e);
}

struct sealed {
    struct stage_run *run;
    struct str attributes;
};

/* The message stays ours: it is pushed once this is committed. */
static bool write_sealed(struct store_tx *tx, void *ctx, struct error *e)
{
    struct sealed *sealed = ctx;
    struct stage_run *run = sealed->run;
    struct store_move move = {
        .to = STATE_SEALED,
        .attributes = sealed->attributes,
        .why = "",
        .lease_ms = STAGE_LEASE_MS,
        .kept = &run->kept,
    };
    return (!str_is(run->message.state, STATE_ACCEPTED) ||
            store_event_add_at(tx, run->message.id, run->addressed_ms, STATE_ADDRESSED, "", e)) &&
           wire_put(tx, &run->wire, run->message.id, run->attributes.content_type, e) &&
           store_message_move(tx, &run->message, &move, e);
}

static void was_sealed(void *ctx, bool ok)
{
    const struct sealed *sealed = ctx;
    if (ok)
        log_info(&sealed->run->log, "work.sealed", KV_STR("as4", sealed->run->attributes.as4_id),
                 KV_STR("to", sealed->run->attributes.to_party));
}

static bool hand_in(struct sealing *s, struct error *e)
{
    struct stage_run *run = s->run;
    struct sealed *sealed = arena_new(run->arena, sizeof(*sealed));
    sealed->run = run;
    if (!close_wire(s, &sealed->attributes, e))
        return false;
    run->is_to_push = true;
    stage_hand_in(run, write_sealed, was_sealed, sealed);
    return true;
}

static bool seal(struct sealing *s, struct error *e)
{
    struct error unfound = {0};
    if (!find_recipient(s, &unfound)) {
        if (!s->is_ping && refetch_is_due(s->run, &unfound))
            return refetch(s->run, STATE_ACCEPTED, &unfound, e);
        *e = unfound;
        return false;
    }
    s->run->addressed_ms = store_now_ms(s->w->store);
    return seal_all(s, e) && hand_in(s, e);
}

bool stage_seal(struct stage_run *run, struct error *e)
{
    struct sealing s = {
        .run = run,
        .w = run->w,
        .is_receipt = str_is(run->message.kind, KIND_RECEIPT_OUT),
        .is_ping = stage_is_ping(run),
    };
    bool ok = seal(&s, e);
    sealing_release(&s);
    return ok;
}

bool stage_seal_receipt(struct stage_run *run, struct str xml, struct error *e)
{
    struct sealing s = {.run = run, .w = run->w, .is_receipt = true, .receipt = xml};
    bool ok =
        find_recipient(&s, e) && seal_all(&s, e) && close_wire(&s, &run->message.attributes, e);
    sealing_release(&s);
    return ok;
}
