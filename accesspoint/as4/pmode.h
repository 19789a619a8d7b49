/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* pmode.h - what two parties agreed on, as data (spec/as4.md 23): which messages are taken, and how
 * they must be secured. A pure decision: facts in, verdict out. */
#pragma once

#include "accesspoint/as4/message.h"
#include "accesspoint/as4/token.h"
#include "runtime/crypto/key.h"

enum {
    AS4_STYLE_BST = 1U << AS4_TOKEN_BST,
    AS4_STYLE_PKIPATH = 1U << AS4_TOKEN_PKIPATH,
    AS4_STYLE_SKI = 1U << AS4_TOKEN_SKI,
    AS4_STYLE_ISSUER_SERIAL = 1U << AS4_TOKEN_ISSUER_SERIAL,
    AS4_STYLES_ALL = 15U,
};
enum { /* beyond eDelivery 1.15; each is off unless the profile names it */
       AS4_LEGACY_OAEP_MGF1P = 1U << 0, /* rsa-oaep-mgf1p, MGF1-SHA-1, SHA-1 or SHA-256 digest */
       AS4_LEGACY_OAEP11_SHA1 = 1U
                                << 1, /* xenc11 rsa-oaep whose MGF or digest is SHA-1 by default */
       AS4_LEGACY_RSA_SHA384 = 1U << 2,
       AS4_LEGACY_RSA_SHA512 = 1U << 3,
};
enum { AS4_ACTIONS_MAX = 16 };

/* An empty text (len 0) of the matching fields takes anything. */
struct as4_pmode {
    struct str name;
    struct str from_id, from_type, from_role;
    struct str to_id, to_type, to_role;
    struct str service, service_type;
    struct str actions[AS4_ACTIONS_MAX];
    size_t action_count;  /* 0: any */
    struct str agreement; /* one that is sent must equal it; none: any */
    bool agreement_required;
    struct str mpc;              /* none: the default MPC alone */
    bool party_is_common_name;   /* From/PartyId must be the signer's CN (SDK, spec/sdk.md 2.4) */
    bool encrypt;                /* payloads must be encrypted */
    bool four_corner;            /* originalSender and finalRecipient must be there */
    unsigned styles;             /* AS4_STYLE_*, of the signature */
    unsigned legacy;             /* AS4_LEGACY_* */
    unsigned key_bits_min;       /* of the signer's RSA key */
    uint64_t payload_octets_max; /* of one payload, after inflating */
    unsigned parts_max;
};

/* Takes any party, service and action on the default MPC; encryption demanded. */
struct as4_pmode as4_pmode_any(void);
/* EBMS:0001 for values nobody knows, 0010 where values are known but do not go together, 0003 for a
 * contradiction. The test service is matched by parties alone (spec/as4.md 16). */
MUST_USE bool as4_pmode_match(const struct as4_pmode *modes, size_t count,
                              const struct as4_user_message *m, const struct as4_pmode **out,
                              struct error *e);
/* [pmode NAME] sections of an INI file; texts live in the arena. */
MUST_USE bool as4_pmode_read(const char *path, struct arena *a, struct as4_pmode **modes,
                             size_t *count, struct error *e);
