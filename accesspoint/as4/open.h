/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* open.h - attachments decrypted and digested in one pass (spec/as4.md 6.2, 6.3). Every failure to
 * unwrap or to decrypt has one code and one text, and costs the same: no oracle. */
#pragma once

#include "accesspoint/as4/body.h"
#include "accesspoint/as4/in.h"
#include "accesspoint/as4/security.h"

struct as4_opened {
    struct str cid;
    struct str type;            /* media type of the stored octets */
    struct as4_octets stored;   /* decrypted, still compressed */
    struct digest_value digest; /* of canon(type, stored); len 0: no reference asks for it */
    bool was_encrypted;
};

struct as4_opener {
    const struct as4_in_config *config;
    const struct as4_envelope *envelope;
    const struct as4_security *security;
    struct as4_store *store;
    struct arena *arena;
};

/* *out has body->attachment_count entries, in the order of the body; in the opener's arena. DENY
 * EBMS:0102, or 0101 where a part is not what its media type says. */
MUST_USE bool as4_open_attachments(const struct as4_opener *o, const struct as4_body *body,
                                   struct as4_opened **out, struct error *e);
