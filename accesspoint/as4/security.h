/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* security.h - the wsse:Security header read: which keys wrap what, which signature stands there.
 * Closed lists of algorithms; nothing is computed here (spec/as4.md 7, 8). */
#pragma once

#include "accesspoint/as4/envelope.h"
#include "accesspoint/as4/message.h"
#include "accesspoint/as4/pmode.h"
#include "runtime/xml/dsig.h"

struct as4_wrapped_key { /* xenc:EncryptedKey */
    const struct xml_node *node;
    const struct xml_node *key_info; /* names our certificate; NULL: none does */
    enum oaep_type oaep;
    unsigned legacy;  /* AS4_LEGACY_* it needs; 0: eDelivery 1.15 */
    struct str value; /* decoded */
};

struct as4_encrypted { /* xenc:EncryptedData of an attachment */
    struct str cid;
    struct str mime_type; /* STR_NONE: not given */
    size_t key;           /* index of the wrapped key */
};

struct as4_security {
    bool is_signed;
    struct dsig signature;
    const struct xml_node *timestamp; /* NULL: none */
    struct as4_wrapped_key *keys;
    size_t key_count;
    struct as4_encrypted *data;
    size_t data_count;
};

/* DENY EBMS:0103 says what was found and what is taken. */
MUST_USE bool as4_security_read(const struct as4_envelope *v, struct arena *a,
                                struct as4_security *out, struct error *e);
/* Are the algorithms and the size of the list what the mode allows? DENY EBMS:0103. */
MUST_USE bool as4_security_allowed(const struct as4_security *s, const struct as4_pmode *mode,
                                   struct error *e);
const struct as4_encrypted *as4_security_find(const struct as4_security *s, struct str cid);
