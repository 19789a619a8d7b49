/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* header.h - eb:Messaging read strictly (spec/as4.md 2, 3): structure, lengths, what contradicts
 * itself. What the P-Mode thinks of it is pmode.h. */
#pragma once

#include "accesspoint/as4/message.h"
#include "runtime/xml/doc.h"

/* Errors: REJECT with the EBMS code of spec/as4.md 14. Even then out->user.message_id or the first
 * signal's may be filled, for the answer. Texts live in the arena. */
MUST_USE bool as4_header_read(const struct xml_node *messaging, struct arena *a,
                              struct as4_messaging *out, struct error *e);
