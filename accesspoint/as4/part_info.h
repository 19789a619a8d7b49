/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* part_info.h - properties and PayloadInfo of a user message, read (spec/as4.md 2.2, 6.1). */
#pragma once

#include "accesspoint/as4/message.h"
#include "runtime/xml/doc.h"

/* The eb:Property children: at least one. */
MUST_USE bool as4_properties_read(const struct xml_node *container, struct arena *a,
                                  struct as4_property **out, size_t *count, struct error *e);
/* eb:PayloadInfo below the user message; count 0 where there is none. */
MUST_USE bool as4_parts_read(const struct xml_node *message, struct arena *a,
                             struct as4_part_info **out, size_t *count, struct error *e);
/* "cid:a%40b" as a Content-ID: without the scheme, percent-decoded once. False: not a cid URL. */
bool as4_cid_of(struct str href, struct arena *a, struct str *cid);
