/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/interop/live_samples.py */
#include "accesspoint/work/partner_in.h"

#include "accesspoint/work/stage.h"

static bool read_parts(struct arrival *a, struct error *e)
{
    uint64_t limit = a->received->mode->payload_octets_max;
    arrival_make_writers(a, a->received->part_count);
    for (size_t i = 0; i < a->writer_count; i++)
        if (!store_writer_new(a->w->store, false, limit, &a->writers[i], e) ||
            !as4_part_read(&a->received->parts[i], limit, store_writer_sink(a->writers[i]), e))
            return false;
    return true;
}

static bool put_row(struct store_tx *tx, struct arrival *a, struct error *e)
{
    a->attributes.from = as4_property_of(a->message, "originalSender");
    a->attributes.to = as4_property_of(a->message, "finalRecipient");
    a->attributes.as4_id = a->message->message_id;
    a->attributes.conversation_id = a->message->conversation_id;
    a->attributes.peer = a->message->from.id;
    a->attributes.references = a->fingerprint;
    struct store_message m = {
        .id = uuid_str(&a->id),
        .kind = STR(KIND_AS4_IN),
        .state = STR(STATE_INBOX),
        .mailbox = str_upto(a->attributes.to, 256),
        .due_ms = INT64_MAX,
    };
    return attributes_write(&a->attributes, a->arena, &m.attributes, e) &&
           store_message_insert(tx, &m, "from a partner outside of the federation", e);
}

static bool write_partner(struct store_tx *tx, void *ctx, struct error *e)
{
    struct arrival *a = ctx;
    if (!put_row(tx, a, e) || !arrival_put_proof(tx, a, e))
        return false;
    for (size_t i = 0; i < a->writer_count; i++)
        if (!store_payload_attach(tx, uuid_str(&a->id), arena_format(a->arena, SLOT_FILE, i + 1),
                                  str_upto(a->received->parts[i].info.mime_type, 200),
                                  a->writers[i], e))
            return false;
    return true;
}

bool partner_store(struct arrival *a, struct stage_run *run, struct error *e)
{
    if (!read_parts(a, e) || !arrival_evidence(a, e))
        return false;
    stage_hand_in(run, write_partner, NULL, a);
    return true;
}
