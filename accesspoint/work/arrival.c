/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/arrival.h"

#include <stdio.h>

#include "accesspoint/work/directory.h"
#include "accesspoint/work/stage.h"
#include "runtime/base/text.h"

void arrival_release(struct arrival *a)
{
    if (a == NULL)
        return;
    xml_doc_free(a->envelope);
    temp_release(&a->octets);
    buf_release(&a->receipt);
    a->envelope = NULL;
    arrival_release_writers(a);
}

void arrival_make_writers(struct arrival *a, size_t count)
{
    a->writers = arena_array(a->arena, count, sizeof(struct store_writer *));
    a->writer_count = count;
}

void arrival_release_writers(struct arrival *a)
{
    for (size_t i = 0; i < a->writer_count; i++)
        store_writer_free(a->writers[i]);
    store_writer_free(a->evidence);
    a->writer_count = 0;
    a->evidence = NULL;
}

/* --- duplicates */

bool arrival_begin(struct arrival *a, struct error *e)
{
    AUTO_DIGEST_SINK all;
    AUTO_BUF hex = BUF(2 * DIGEST_SIZE_MAX);
    struct digest_value value;
    digest_sink_init(&all, DIGEST_SHA256, NULL);
    for (size_t i = 0; i < a->received->references.count; i++)
        if (!sink_write(&all.sink, digest_str(&a->received->references.at[i].digest), e))
            return false;
    if (!sink_finish(&all.sink, e))
        return false;
    digest_sink_value(&all, &value);
    if (!hex_encode(&hex, digest_str(&value), e))
        return false;
    a->fingerprint = arena_copy(a->arena, buf_str(&hex));
    return true;
}

struct twin {
    struct arrival *a;
    struct str id;
    struct attributes attributes;
};

static bool find_twin(struct store_tx *tx, void *ctx, struct error *e)
{
    struct twin *t = ctx;
    struct arrival *a = t->a;
    struct store_message m;
    if (!store_name_find(tx, a->arena, STR(SCOPE_AS4_IN), a->as4_name, &t->id, e))
        return false;
    return t->id.len == 0 || (store_message_get(tx, a->arena, t->id, &m, e) &&
                              attributes_read(m.attributes, a->arena, &t->attributes, e));
}

bool arrival_find_duplicate(struct arrival *a, bool *found, struct buf *receipt, struct error *e)
{
    struct twin t = {.a = a};
    struct sink_buf into;
    *found = false;
    if (!store_read(a->w->store, find_twin, &t, e))
        return false;
    if (t.id.len == 0)
        return true;
    if (!str_equal(t.attributes.references, a->fingerprint))
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "MessageId %.*s was used before for another message",
                          STR_ARG(a->message->message_id));
    sink_buf_init(&into, receipt);
    *found = true;
    return store_payload_read(a->w->store, t.id, STR(SLOT_AS4_RECEIPT), &into.sink, e);
}

/* --- served here? */

static bool not_serviced(struct error *e, const char *what)
{
    return error_code(e, ERROR_REJECT, EBMS_OTHER, "NOT_SERVICED: %s", what);
}

static bool action_is(const struct arrival *a, struct str document)
{
    struct str scheme = a->w->federation->document_scheme;
    struct str action = a->message->action;
    return action.len == scheme.len + 2 + document.len &&
           str_equal_nocase(str_upto(action, scheme.len), scheme) &&
           str_equal(str_upto(str_from(action, scheme.len), 2), STR("::")) &&
           str_equal_nocase(str_from(action, scheme.len + 2), document);
}

static bool check_served(struct arrival *a, struct error *e)
{
    const struct federation *f = a->w->federation;
    struct str to = as4_property_of(a->message, "finalRecipient");
    bool is_message = action_is(a, f->message_document);
    if (!is_message && !action_is(a, f->receipt_document))
        return not_serviced(e, "no such document type (Action) here");
    if (!str_equal(a->message->service, f->process) ||
        !str_equal_nocase(a->message->service_type, f->process_scheme))
        return not_serviced(e, "no such process (Service) here");
    if (workplace_participant(a->w, to) == NULL)
        return not_serviced(e, "finalRecipient has no services here");
    a->kind = is_message ? STR(KIND_SDK_IN) : STR(KIND_RECEIPT_IN);
    a->attributes.from = as4_property_of(a->message, "originalSender");
    a->attributes.to = to;
    a->attributes.as4_id = a->message->message_id;
    a->attributes.conversation_id = a->message->conversation_id;
    a->attributes.peer = a->message->from.id;
    a->attributes.references = a->fingerprint;
    return true;
}

/* --- the envelope against the header (spec/sdk.md 2.4 #9) */

static bool check_match(struct arrival *a, const struct xhe *x, struct error *e)
{
    const struct federation *f = a->w->federation;
    if (!str_equal_nocase(x->to, a->attributes.to))
        return not_serviced(e, "finalRecipient is not the envelope's ToParty");
    if (!str_equal_nocase(x->from, a->attributes.from))
        return not_serviced(e, "originalSender is not the envelope's FromParty");
    if (!str_equal(x->process, a->message->service) ||
        !str_equal_nocase(x->process_scheme, a->message->service_type))
        return not_serviced(e, "Service is not the envelope's PROCESSID");
    if (!str_equal_nocase(x->document_scheme, f->document_scheme) || !action_is(a, x->document))
        return not_serviced(e, "Action is not the envelope's DOCUMENTID");
    struct error unfit = {0};
    if (!xhe_fits(x, f, &unfit)) /* federation, process, DocumentTypeCode against DOCUMENTID */
        return not_serviced(e, arena_text(a->arena, str_of(unfit.text)));
    return true;
}

static bool check_envelope(struct arrival *a, struct error *e)
{
    struct xml_findings findings = {0};
    struct error fault = {0};
    if (!temp_read_xml(&a->octets, xml_limits_envelope, &a->envelope, &fault)) {
        if (fault.kind == ERROR_RETRY)
            return error_set(e, ERROR_RETRY, "%s", fault.text);
        snprintf(a->malformed, sizeof(a->malformed), "envelope: %s", fault.text);
        return true;
    }
    if (!xhe_check(a->w->judge_envelope, a->envelope, a->arena, &a->xhe, &findings, e))
        return false;
    if (findings.count > 0) {
        snprintf(a->malformed, sizeof(a->malformed), "envelope: %.*s at %.*s: %.*s",
                 STR_ARG(findings.at[0].rule), STR_ARG(str_upto(findings.at[0].where, 100)),
                 STR_ARG(str_upto(findings.at[0].text, 180)));
        return true;
    }
    a->attributes.xhe_id = a->xhe.id;
    a->attributes.to_address = a->xhe.handling_service;
    return check_match(a, &a->xhe, e);
}

bool arrival_check(struct arrival *a, struct error *e)
{
    struct sink_tee both;
    if (!check_served(a, e))
        return false;
    if (a->received->part_count != 1)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "one payload is expected, %zu came", a->received->part_count);
    uint64_t limit = a->received->mode->payload_octets_max;
    arrival_make_writers(a, 1);
    if (!store_writer_new(a->w->store, false, limit, &a->writers[0], e))
        return false;
    temp_open(&a->octets, a->w, limit);
    sink_tee_init(&both, &a->octets.sink, store_writer_sink(a->writers[0]));
    return as4_part_read(&a->received->parts[0], limit, &both.sink, e) && check_envelope(a, e);
}

/* --- into the store */

struct storing { /* in the arena, until it is committed */
    struct arrival *a;
    struct str attributes;
};

/* With the sender's certificates at hand it is ours from the start, to be opened when it is answered;
 * else accesspoint-send is asked for them. */
static bool put_message(struct store_tx *tx, struct storing *s, struct error *e)
{
    struct arrival *a = s->a;
    bool fresh = false;
    struct store_message m = {.id = uuid_str(&a->id),
                              .kind = a->kind,
                              .state = STR(STATE_RECEIVED),
                              .mailbox = a->attributes.to_address,
                              .attributes = s->attributes};
    if (a->malformed[0] != '\0') {
        m.state = STR(STATE_NOTED);
        m.due_ms = INT64_MAX;
        return store_message_insert(tx, &m, a->malformed, e);
    }
    if (!directory_is_fresh(tx, a->w, a->kind, &a->attributes, &fresh, e))
        return false;
    if (!fresh)
        return store_message_insert(tx, &m, "", e);
    m.state = STR(STATE_VOUCHED);
    return store_message_insert_leased(tx, a->arena, &m, STAGE_LEASE_MS, &a->held, e);
}

bool arrival_evidence(struct arrival *a, struct error *e)
{
    struct str envelope = a->received->envelope;
    return store_writer_new(a->w->store, true, envelope.len, &a->evidence, e) &&
           sink_write(store_writer_sink(a->evidence), envelope, e) &&
           sink_finish(store_writer_sink(a->evidence), e);
}

bool arrival_put_proof(struct store_tx *tx, struct arrival *a, struct error *e)
{
    struct str id = uuid_str(&a->id), existing;
    struct store_name name = {STR(SCOPE_AS4_IN), a->as4_name, id, 0};
    struct store_payload receipt = {.message = id,
                                    .slot = STR(SLOT_AS4_RECEIPT),
                                    .media_type = STR("application/soap+xml"),
                                    .open = true};
    if (!store_name_put(tx, a->arena, &name, &existing, e))
        return false;
    if (existing.len > 0) {
        a->held = (struct store_message){0};
        return error_set(e, ERROR_RETRY, "a message of this id was stored before");
    }
    return store_payload_attach(tx, id, STR(SLOT_EVIDENCE), STR("application/soap+xml"),
                                a->evidence, e) &&
           store_payload_put(tx, &receipt, buf_str(&a->receipt), e);
}

static bool write_arrival(struct store_tx *tx, void *ctx, struct error *e)
{
    struct storing *s = ctx;
    return put_message(tx, s, e) && arrival_put_proof(tx, s->a, e) &&
           store_payload_attach(tx, uuid_str(&s->a->id), STR(SLOT_XHE), STR("application/xml"),
                                s->a->writers[0], e);
}

bool arrival_store(struct arrival *a, struct stage_run *run, struct error *e)
{
    struct storing *s = arena_new(a->arena, sizeof(*s));
    s->a = a;
    if (!attributes_write(&a->attributes, a->arena, &s->attributes, e) || !arrival_evidence(a, e))
        return false;
    stage_hand_in(run, write_arrival, NULL, s);
    return true;
}
