/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* references.h - the digests an AS4 receipt must repeat, as text for the store: "uri hex\n" each. */
#pragma once

#include "accesspoint/as4/message.h"
#include "runtime/base/arena.h"

MUST_USE bool references_write(const struct as4_references *r, struct arena *a, struct str *text,
                               struct error *e);
MUST_USE bool references_read(struct str text, struct arena *a, struct as4_references *out,
                              struct error *e);
