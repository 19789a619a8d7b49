/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>
#include <string.h>

#include "accesspoint/letter.h"
#include "accesspoint/work/opening.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"

/* An inbound SDK message: rules, inbox, and the signed receipt as a message of its own. */

#define RECEIPT_WHY     "receipt of an inbound message"
#define FILE_OCTETS_MAX (4ULL * 1024 * 1024 * 1024)
enum { LETTER_MAX = 64 * 1024 * 1024, RECEIPT_MAX = 60 * 1024 };

struct incoming { /* in the run's arena, until it is committed */
    struct stage_run *run;
    struct xhe xhe; /* its texts; its nodes go with the opening */
    struct sdk_message message;
    struct receipt receipt;
    bool has_receipt; /* some faults are never acknowledged (spec/sdk.md 5.4 steps 1, 2, 5) */
    bool is_repeated; /* the very same envelope again: acknowledged again, not delivered again */
    struct letter letter;
    struct store_writer **files;
    struct store_writer *letter_writer;
    struct buf receipt_xml;
    struct uuid receipt_id;
    struct stage_made *made; /* the receipt, sealed; NULL: that is still to be done */
    char why[400];
};

static void incoming_release(struct incoming *in)
{
    for (size_t i = 0; i < in->letter.file_count; i++)
        store_writer_free(in->files[i]);
    store_writer_free(in->letter_writer);
    buf_release(&in->receipt_xml);
    stage_made_free(in->made);
}

/* --- the verdict */

static void reject(struct incoming *in, const char *code, const char *text)
{
    receipt_add(&in->receipt, in->run->arena, str_of(code), STR_NONE, str_of(text));
}

static bool check_addresses(struct incoming *in, struct error *e)
{
    const struct accesspoint_settings *s = in->run->w->settings;
    struct sdk_envelope x = {in->xhe.id, in->xhe.from, in->xhe.to, in->xhe.handling_service};
    struct xml_findings findings = {0};
    (void)e;
    sdk_message_match(&in->message, &x, &findings);
    if (findings.count > 0) {
        receipt_add_findings(&in->receipt, &findings, in->run->arena);
        return true;
    }
    const struct mailbox_section *mailbox = accesspoint_mailbox(s, x.handling_service);
    if (mailbox == NULL || !str_equal_nocase(mailbox->participant, x.to))
        reject(in, "BV/not-found", "Wrong or unknown xha:HandlingServiceID");
    return true;
}

static bool check_content(struct incoming *in, const struct opening *o, struct error *e)
{
    const struct workplace *w = in->run->w;
    struct xml_findings findings = {0};
    struct sdk_checks checks = {w->judge_message, w->federation, JUDGE_RECEIVED,
                                o->payload_octets.octets};
    if (!sdk_message_check(&checks, o->payload, in->run->arena, &in->message, &findings, e))
        return false;
    receipt_add_findings(&in->receipt, &findings, in->run->arena);
    return findings.count > 0 || check_addresses(in, e);
}

/* What cannot be decrypted or is no XML gets no receipt, so that nobody learns why (step 5). */
static bool judge_message_in(struct incoming *in, struct opening *o, const struct error *denied,
                             struct error *e)
{
    struct error fault = {0};
    in->has_receipt = true;
    if (denied != NULL || !in->xhe.is_encrypted) {
        reject(in, "SIG/security",
               denied != NULL ? "Sender signature not validated"
                              : "The message is not encrypted as the transport model demands");
        snprintf(in->why, sizeof(in->why), "%s", denied == NULL ? "not encrypted" : denied->text);
        return true;
    }
    if (!opening_payload(o, &fault)) {
        if (fault.kind == ERROR_RETRY || fault.kind == ERROR_BUG)
            return error_set(e, fault.kind, "%s", fault.text);
        in->has_receipt = false;
        snprintf(in->why, sizeof(in->why), "%s", fault.text);
        log_error(&in->run->log, "sdk.unreadable", KV_ERROR(&fault));
        return true;
    }
    return check_content(in, o, e);
}

static bool is_for_inbox(const struct incoming *in)
{
    return in->has_receipt && in->receipt.line_count == 0 && !in->is_repeated;
}

/* --- the letter and its files, for the inbox */

static bool copy_file(struct incoming *in, struct letter_file *file, struct store_writer **out,
                      struct error *e)
{
    AUTO_BUF hex = BUF(64);
    if (!store_writer_new(in->run->w->store, false, FILE_OCTETS_MAX, out, e) ||
        !sdk_file_content(file->target, store_writer_sink(*out), e) ||
        !hex_encode(&hex, str_bytes(store_writer_sha256(*out), 32), e))
        return false;
    file->octets = store_writer_octets(*out);
    file->sha256 = arena_copy(in->run->arena, buf_str(&hex));
    return true;
}

static void list_files(struct incoming *in)
{
    size_t count = 0;
    struct sdk_message *m = &in->message;
    for (size_t i = 0; i < m->document_count; i++)
        count += m->documents[i].file_count;
    in->letter.files = arena_array(in->run->arena, count, sizeof(*in->letter.files));
    in->files = arena_array(in->run->arena, count, sizeof(*in->files));
    for (size_t i = 0; i < m->document_count; i++)
        for (size_t j = 0; j < m->documents[i].file_count; j++) {
            size_t n = in->letter.file_count++;
            in->letter.files[n].target = &m->documents[i].files[j];
            in->letter.files[n].slot = arena_format(in->run->arena, SLOT_FILE, n + 1);
        }
}

static bool write_letter(struct incoming *in, struct error *e)
{
    AUTO_BUF json = BUF(LETTER_MAX);
    list_files(in);
    for (size_t i = 0; i < in->letter.file_count; i++)
        if (!copy_file(in, &in->letter.files[i], &in->files[i], e))
            return false;
    in->letter.message = in->message;
    return letter_write(&in->letter, &json, e) &&
           store_writer_new(in->run->w->store, false, LETTER_MAX, &in->letter_writer, e) &&
           sink_write(store_writer_sink(in->letter_writer), buf_str(&json), e) &&
           sink_finish(store_writer_sink(in->letter_writer), e);
}

/* --- the receipt */

static bool write_receipt(struct incoming *in, struct error *e)
{
    struct sink_buf into;
    struct attributes *a = &in->run->attributes;
    buf_clear(&in->receipt_xml);
    in->receipt.id = uuid_str(&in->receipt_id);
    in->receipt.issued_ms = store_now_ms(in->run->w->store);
    in->receipt.sender = a->to;
    in->receipt.receiver = a->from;
    in->receipt.reference = in->xhe.id;
    in->receipt.is_accepted = in->receipt.line_count == 0;
    sink_buf_init(&into, &in->receipt_xml);
    return receipt_write(&in->receipt, &into.sink, e);
}

static struct attributes receipt_attributes(const struct incoming *in)
{
    const struct attributes *a = &in->run->attributes;
    return (struct attributes){
        .from = a->to,
        .to = a->from,
        .to_address = in->xhe.handling_service, /* copied: spec/sdk.md Q5 */
        .message_id = in->xhe.id,
        .xhe_id = uuid_str(&in->receipt_id),
        .outcome = in->receipt.is_accepted ? STR("ACCEPTED") : STR("REJECTED"),
    };
}

/* Here and now, where the directory's answer is at hand; else it goes the way of all that is sent. */
static void seal_receipt(struct incoming *in)
{
    struct attributes attributes = receipt_attributes(in);
    struct stage_made *made = mem_new(sizeof(*made));
    struct stage_run *run = &made->run;
    struct error unsealed = {0};
    int64_t now = store_now_ms(in->run->w->store);
    struct uuid id = uuid_timed(now);
    *run = (struct stage_run){
        .w = in->run->w,
        .message = {.id = arena_copy(&made->arena, uuid_str(&id)),
                    .kind = STR(KIND_RECEIPT_OUT),
                    .state = STR(STATE_SEALED),
                    .created_ms = now,
                    .last_why = STR(RECEIPT_WHY)},
        .attributes = attributes_copy(&attributes, &made->arena),
        .arena = &made->arena,
        .is_to_push = true,
    };
    run->log = (struct log_scope){
        .fields = {KV_STR("msg", run->message.id), KV_STR("kind", run->message.kind)}};
    if (stage_seal_receipt(run, buf_str(&in->receipt_xml), &unsealed))
        in->made = made;
    else
        stage_made_free(made);
}

static bool put_sealed(struct store_tx *tx, struct stage_run *run, struct error *e)
{
    struct store_message m = run->message;
    return store_message_insert_leased(tx, run->arena, &m, STAGE_LEASE_MS, &run->message, e) &&
           wire_put(tx, &run->wire, m.id, run->attributes.content_type, e);
}

static bool put_unsealed(struct store_tx *tx, const struct incoming *in, struct str id,
                         struct error *e)
{
    struct attributes attributes = receipt_attributes(in);
    struct store_message m = {
        .id = id, .kind = STR(KIND_RECEIPT_OUT), .state = STR(STATE_ACCEPTED)};
    return attributes_write(&attributes, in->run->arena, &m.attributes, e) &&
           store_message_insert(tx, &m, RECEIPT_WHY, e);
}

static bool put_receipt(struct store_tx *tx, struct incoming *in, struct error *e)
{
    struct uuid id = uuid_timed(store_now_ms(in->run->w->store));
    struct store_payload xml = {.message =
                                    in->made == NULL ? uuid_str(&id) : in->made->run.message.id,
                                .slot = STR(SLOT_RECEIPT),
                                .media_type = STR("application/xml")};
    bool ok =
        in->made == NULL ? put_unsealed(tx, in, xml.message, e) : put_sealed(tx, &in->made->run, e);
    return ok && store_payload_put(tx, &xml, buf_str(&in->receipt_xml), e);
}

/* --- one that came before */

static bool envelope_digest(struct store_tx *tx, struct arena *a, struct str message,
                            unsigned char out[32], struct error *e)
{
    struct store_payload *slots;
    size_t count;
    if (!store_payload_list(tx, a, message, &slots, &count, e))
        return false;
    for (size_t i = 0; i < count; i++)
        if (str_is(slots[i].slot, SLOT_XHE)) {
            memcpy(out, slots[i].sha256, 32);
            return true;
        }
    return error_set(e, ERROR_BUG, "message %.*s has no envelope", STR_ARG(message));
}

static bool is_same_envelope(struct store_tx *tx, const struct incoming *in, struct str before,
                             bool *same, struct error *e)
{
    unsigned char ours[32], theirs[32];
    *same = false;
    if (!in->run->w->federation->duplicate_repeats_receipt)
        return true;
    if (!envelope_digest(tx, in->run->arena, in->run->message.id, ours, e) ||
        !envelope_digest(tx, in->run->arena, before, theirs, e))
        return false;
    *same = str_equal(str_bytes(ours, sizeof(ours)), str_bytes(theirs, sizeof(theirs)));
    return true;
}

/* The same envelope again (its receipt was lost) is answered as before; another one under a used id is
 * refused (spec/sdk.md 5.6). */
static bool judge_duplicate(struct store_tx *tx, struct incoming *in, struct str before,
                            struct error *e)
{
    if (!is_same_envelope(tx, in, before, &in->is_repeated, e))
        return false;
    if (in->is_repeated)
        snprintf(in->why, sizeof(in->why), "the same envelope as %.*s: acknowledged again",
                 STR_ARG(before));
    else
        reject(in, "BV/duplicate", "messageId was used before");
    return true;
}

/* --- one transaction: inbox and receipt, or neither */

static void describe(struct incoming *in)
{
    struct attributes *a = &in->run->attributes;
    const struct sdk_message *m = &in->message;
    a->message_id = in->xhe.id;
    a->outcome = !in->has_receipt              ? STR("UNREADABLE")
                 : in->receipt.line_count == 0 ? STR("ACCEPTED")
                                               : arena_format(in->run->arena, "REJECTED %.*s/%.*s",
                                                              STR_ARG(in->receipt.lines[0].code),
                                                              STR_ARG(in->receipt.lines[0].detail));
    if (in->receipt.line_count > 0 && in->why[0] == '\0')
        snprintf(in->why, sizeof(in->why), "%.*s", STR_ARG(in->receipt.lines[0].text));
    if (in->receipt.line_count > 0 || !in->has_receipt)
        return;
    a->conversation_id = m->conversation;
    a->ref_id = m->ref_to;
    if (m->sender.has_attention)
        a->from_address = m->sender.attention.organization.extension;
}

static bool put_letter(struct store_tx *tx, struct incoming *in, struct error *e)
{
    struct str id = in->run->message.id;
    for (size_t i = 0; i < in->letter.file_count; i++) {
        struct letter_file *f = &in->letter.files[i];
        if (!store_payload_attach(tx, id, f->slot, str_upto(f->target->type, 200), in->files[i], e))
            return false;
    }
    return store_payload_attach(tx, id, STR(SLOT_LETTER), STR("application/json"),
                                in->letter_writer, e);
}

/* The name decides whether it came before: one that did is judged here, and is for the inbox no more. */
static bool put_name(struct store_tx *tx, struct incoming *in, struct error *e)
{
    struct str existing;
    struct store_name name = {
        .scope = STR(SCOPE_XHE_IN),
        .name =
            arena_format(in->run->arena, "%.*s %.*s", STR_ARG(in->xhe.from), STR_ARG(in->xhe.id)),
        .message = in->run->message.id,
    };
    if (!store_name_put(tx, in->run->arena, &name, &existing, e))
        return false;
    if (existing.len == 0 || str_equal(existing, name.message))
        return true;
    if (!judge_duplicate(tx, in, existing, e))
        return false;
    if (in->is_repeated)
        return true;
    stage_made_free(in->made); /* it says that the message was accepted */
    in->made = NULL;
    return write_receipt(in, e);
}

static bool write_incoming(struct store_tx *tx, void *ctx, struct error *e)
{
    struct incoming *in = ctx;
    if (is_for_inbox(in) && !put_name(tx, in, e))
        return false;
    if (is_for_inbox(in) && !put_letter(tx, in, e))
        return false;
    if (in->has_receipt && !put_receipt(tx, in, e))
        return false;
    describe(in);
    return stage_move(tx, in->run, is_for_inbox(in) ? STATE_INBOX : STATE_NOTED, INT64_MAX, in->why,
                      e);
}

static void was_written(void *ctx, bool ok)
{
    struct incoming *in = ctx;
    in->run->made = in->made;
    in->made = NULL;
    if (ok && in->run->made != NULL)
        log_info(&in->run->made->run.log, "work.sealed",
                 KV_STR("as4", in->run->made->run.attributes.as4_id),
                 KV_STR("to", in->run->made->run.attributes.to_party));
    if (ok)
        log_info(&in->run->log, is_for_inbox(in) ? "sdk.delivered" : "sdk.refused",
                 KV_STR("messageId", in->xhe.id), KV_STR("outcome", in->run->attributes.outcome),
                 KV_TEXT("why", in->why));
    incoming_release(in);
}

bool open_message(struct opening *o, const struct error *denied, struct error *e)
{
    struct incoming *in = arena_new(o->run->arena, sizeof(*in));
    *in = (struct incoming){
        .run = o->run, .xhe = o->xhe, .receipt_id = uuid_random(), .receipt_xml = BUF(RECEIPT_MAX)};
    if (judge_message_in(in, o, denied, e) && (!is_for_inbox(in) || write_letter(in, e)) &&
        (!in->has_receipt || write_receipt(in, e))) {
        if (in->has_receipt)
            seal_receipt(in);
        stage_hand_in(o->run, write_incoming, was_written, in);
        return true;
    }
    incoming_release(in);
    return false;
}
