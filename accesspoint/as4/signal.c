/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/signal.h"

#include "accesspoint/as4/compose.h"
#include "accesspoint/as4/seal.h"

enum { SIGNAL_MAX = 1024 * 1024 };

static bool seal(const struct as4_signer *signer, struct str messaging,
                 const struct as4_answer *fault, struct buf *envelope, struct error *e)
{
    AUTO_ARENA arena = {0};
    AUTO_BUF body = BUF(4096);
    if (!as4_compose_body(fault, &body, e))
        return false;
    const struct as4_seal s = {.signer = signer, .messaging = messaging, .body = buf_str(&body)};
    return as4_seal_write(&s, &arena, envelope, NULL, e);
}

static struct as4_signal_head head_of(const struct as4_signal_ids *ids, struct str ref)
{
    return (struct as4_signal_head){ids->message_id, ref, ids->now_ms};
}

bool as4_receipt_write(const struct as4_signer *signer, const struct as4_signal_ids *ids,
                       const struct as4_received *of, struct buf *envelope, struct error *e)
{
    if (!of->is_signed || of->messaging.kind != AS4_USER_MESSAGE)
        return error_set(e, ERROR_BUG, "a receipt is for a signed user message");
    struct as4_signal_head head = head_of(ids, of->messaging.user.message_id);
    AUTO_BUF messaging = BUF(SIGNAL_MAX);
    return as4_compose_receipt(&head, of->receipt_references, of->references.count, &messaging,
                               e) &&
           seal(signer, buf_str(&messaging), NULL, envelope, e);
}

bool as4_error_write(const struct as4_signer *signer, const struct as4_signal_ids *ids,
                     struct str ref, const struct as4_answer *answer, struct buf *envelope,
                     struct error *e)
{
    struct as4_answer told = *answer;
    struct as4_signal_head head =
        head_of(ids, xml_text_is_legal(ref) && ref.len > 0 ? ref : STR_NONE);
    if (told.detail == NULL || !xml_text_is_legal(str_of(told.detail)))
        told.detail = told.code->short_description;
    AUTO_BUF messaging = BUF(SIGNAL_MAX);
    return as4_compose_error(&head, &told, &messaging, e) &&
           seal(signer, buf_str(&messaging), &told, envelope, e);
}

bool as4_pull_request_write(const struct as4_signer *signer, const struct as4_signal_ids *ids,
                            struct str mpc, struct buf *envelope, struct error *e)
{
    struct as4_signal_head head = head_of(ids, STR_NONE);
    AUTO_BUF messaging = BUF(SIGNAL_MAX);
    return as4_compose_pull(&head, mpc, &messaging, e) &&
           seal(signer, buf_str(&messaging), NULL, envelope, e);
}

/* --- the other side: what an answer says about our message */

static bool names(const struct as4_signal *s, struct str message_id)
{
    if (str_equal(s->ref_to_message_id, message_id))
        return true;
    for (size_t i = 0; i < s->error_count; i++) {
        if (str_equal(s->errors[i].ref_to_message, message_id))
            return true;
    }
    return false;
}

static bool names_nothing(const struct as4_signal *s)
{
    for (size_t i = 0; i < s->error_count; i++) {
        if (s->errors[i].ref_to_message.len > 0)
            return false;
    }
    return s->kind == AS4_ERROR && s->ref_to_message_id.len == 0;
}

const struct as4_signal *as4_signal_for(const struct as4_received *r, struct str message_id)
{
    const struct as4_messaging *m = &r->messaging;
    for (size_t i = 0; i < m->signal_count; i++) {
        if (m->signals[i].kind != AS4_PULL_REQUEST && names(&m->signals[i], message_id))
            return &m->signals[i];
    }
    return m->signal_count == 1 && names_nothing(&m->signals[0]) ? &m->signals[0] : NULL;
}

static bool invalid(struct error *e, const char *what)
{
    return error_code(e, ERROR_REJECT, EBMS_INVALID_RECEIPT, "the receipt %s", what);
}

static const struct as4_reference *find_reference(const struct as4_references *list, struct str uri)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->at[i].uri, uri))
            return &list->at[i];
    }
    return NULL;
}

static bool check_digests(const struct as4_references *sent, const struct as4_references *told,
                          struct error *e)
{
    for (size_t i = 0; i < sent->count; i++) {
        const struct as4_reference *want = &sent->at[i];
        const struct as4_reference *have = find_reference(told, want->uri);
        if (have == NULL)
            return error_code(e, ERROR_REJECT, EBMS_INVALID_RECEIPT,
                              "the receipt has no digest for %.*s", STR_ARG(want->uri));
        if (have->digest_type != want->digest_type ||
            !digest_equal(&have->digest, digest_str(&want->digest)))
            return error_code(e, ERROR_REJECT, EBMS_INVALID_RECEIPT,
                              "the receipt has another digest for %.*s", STR_ARG(want->uri));
    }
    return true;
}

bool as4_receipt_check(const struct as4_received *r, struct str message_id,
                       const struct as4_references *sent, const struct cert *expected,
                       struct error *e)
{
    const struct as4_signal *s = as4_signal_for(r, message_id);
    if (s == NULL || s->kind != AS4_RECEIPT)
        return invalid(e, "is not for this message");
    if (!r->is_signed || r->signer == NULL)
        return invalid(e, "is not signed");
    if (expected != NULL && !cert_equal(r->signer, expected))
        return invalid(e, "is signed by another certificate than the receiver's");
    if (s->references.count == 0 || sent->count == 0)
        return invalid(e, "has no digests (NonRepudiationInformation)");
    return check_digests(sent, &s->references, e);
}
