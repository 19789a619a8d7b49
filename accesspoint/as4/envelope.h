/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* envelope.h - a SOAP 1.2 envelope of AS4 as a tree: where its blocks stand, each of them once
 * (spec/as4.md 2, 7.2, 11 step 3). */
#pragma once

#include "runtime/xml/doc.h"

struct as4_envelope {
    struct xml_doc *doc; /* owned */
    struct xml_ids *ids;
    const struct xml_node *header, *body;
    const struct xml_node *messaging; /* the eb:Messaging that is a child of the header */
    const struct xml_node *security;  /* NULL: none */
    bool has_fault, body_is_empty;
};
void as4_envelope_release(struct as4_envelope *v);
#define AUTO_AS4_ENVELOPE __attribute__((cleanup(as4_envelope_release))) struct as4_envelope

/* Errors: REJECT EBMS:0009, 0008 for a header block that must be understood and is not, DENY 0103
 * for two security headers or an id that is there twice. */
MUST_USE bool as4_envelope_read(struct str octets, struct arena *a, struct as4_envelope *out,
                                struct error *e);
