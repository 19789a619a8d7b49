/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* federation.h - what a federation decides (spec/sdk.md 1.3, 1.4, 4.6): identifiers, limits and code
 * words, read from a profile file (schemas/profiles). The fallbacks are those of the v1.0 documents, so
 * a profile holds what differs. Nothing of this stands in an `if`. The profile ids of envelope and
 * receipt (CustomizationID) are part of their format: the rules in schemas ask for them. */
#pragma once

#include "runtime/config/settings.h"

struct federation {        /* [federation] */
    struct str id;         /* FEDERATIONID of the envelope */
    struct str party_type; /* type of PartyId in AS4 */
    struct str initiator_role, responder_role;
    struct str mpc;
    struct str participant_scheme;      /* iso6523-actorid-upis */
    struct str process, process_scheme; /* AS4 Service and its type; SMP process */
    struct str document_scheme;         /* busdox-docid-qns; AS4 Action is <scheme>::<document> */
    struct str message_document, receipt_document; /* DocumentIdentifier */
    struct str message_type, receipt_type;         /* DocumentTypeCode: Q{namespace}local */
    struct str_list transport_profiles;            /* accepted in SMP, best first */
    struct str address_root;                       /* root of a function address */
    struct str certpub_extension, certpub_signing, certpub_encryption;
    bool gcm_accepted;              /* AES-256-GCM in an inbound envelope (11 Q11) */
    bool duplicate_repeats_receipt; /* an identical envelope again: repeat the receipt (5.6) */
    int64_t send_octets;            /* files and texts of a message we make, decoded (4.6) */
    int64_t message_octets;         /* messagePayload as received */
    int64_t content_octets;         /* its files and texts, decoded */
    struct str_list content_types;  /* of files taken; empty: all */
};

/* *out is a view into *owner (settings_free). */
MUST_USE bool federation_read(const char *path, struct settings **owner,
                              const struct federation **out, struct error *e);
