/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* attributes.h - what the store knows of a message beside its state: the JSON of flow.h's ATTR_*
 * names as a struct. Identifiers only, no content. */
#pragma once

#include <stdint.h>

#include "accesspoint/flow.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct attributes {                      /* absent: len 0 */
    struct str from, to;                 /* participants */
    struct str from_address, to_address; /* function addresses */
    struct str message_id, conversation_id, ref_id, xhe_id;
    struct str as4_id;
    struct str client;
    struct str endpoint, to_party, signer;
    struct str content_type;
    struct str outcome;
    struct str peer;       /* the other access point's PartyId, inbound */
    struct str references; /* what the AS4 receipt must repeat: "uri sha256-hex\n..." */
    bool refetched;        /* the directory's answer was asked for anew once */
};

/* Views into the arena. Unknown names are kept out; REJECT where it is no JSON of plain values. */
MUST_USE bool attributes_read(struct str json, struct arena *a, struct attributes *out,
                              struct error *e);
MUST_USE bool attributes_write(const struct attributes *attributes, struct arena *a,
                               struct str *json, struct error *e);

/* A copy whose texts live in the arena. */
struct attributes attributes_copy(const struct attributes *of, struct arena *a);

struct store_message;
/* A copy whose texts live in the arena: what a claim gave, on its own. */
struct store_message message_copy(const struct store_message *m, struct arena *a);
