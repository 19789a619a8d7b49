/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/interop/live_samples.py */
#include "accesspoint/work/partner_in.h"

struct keeping {
    struct arrival *a;
    struct store_writer **files; /* part_count of them */
    struct store_writer *evidence;
};

static bool read_parts(struct keeping *k, struct error *e)
{
    struct arrival *a = k->a;
    uint64_t limit = a->received->mode->payload_octets_max;
    k->files = arena_array(a->arena, a->received->part_count, sizeof(*k->files));
    for (size_t i = 0; i < a->received->part_count; i++) {
        struct sink *into;
        if (!store_writer_new(a->w->store, false, limit, &k->files[i], e))
            return false;
        into = store_writer_sink(k->files[i]);
        if (!as4_part_read(&a->received->parts[i], limit, into, e))
            return false;
    }
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
    struct keeping *k = ctx;
    struct arrival *a = k->a;
    if (!put_row(tx, a, e) || !arrival_put_proof(tx, a, k->evidence, e))
        return false;
    for (size_t i = 0; i < a->received->part_count; i++)
        if (!store_payload_attach(tx, uuid_str(&a->id), arena_format(a->arena, SLOT_FILE, i + 1),
                                  str_upto(a->received->parts[i].info.mime_type, 200), k->files[i],
                                  e))
            return false;
    return true;
}

bool partner_store(struct arrival *a, struct error *e)
{
    struct keeping k = {.a = a};
    bool ok = read_parts(&k, e) && arrival_evidence(a, &k.evidence, e) &&
              store_do(a->w->store, write_partner, &k, e);
    for (size_t i = 0; k.files != NULL && i < a->received->part_count; i++)
        store_writer_free(k.files[i]);
    store_writer_free(k.evidence);
    return ok;
}
