/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* seal.h - the SOAP envelope around a message that is composed: the wsse:Security header in the
 * order of spec/as4.md 7.1, the signature over the very octets that are written. */
#pragma once

#include "accesspoint/as4/out.h"

struct as4_sealed_part {
    struct str cid;
    struct str type; /* media type before encryption: EncryptedData/@MimeType */
    struct digest_value digest;
};

struct as4_seal {
    const struct as4_signer *signer; /* NULL: no security header */
    struct str messaging, body;      /* in canonical form, with the ids of compose.h */
    const struct as4_sealed_part *parts;
    size_t part_count;
    const struct as4_token *receiver; /* NULL: not encrypted */
    struct str wrapped_key;           /* for it */
    bool with_timestamp;
    int64_t now_ms;
};

/* *references (in arena) are those of the signature, in its order; may be NULL. */
MUST_USE bool as4_seal_write(const struct as4_seal *s, struct arena *a, struct buf *envelope,
                             struct as4_references *references, struct error *e);
