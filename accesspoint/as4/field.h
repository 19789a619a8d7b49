/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* field.h - how one text of eb:Messaging is read: trimmed, bounded, refused by the name of its
 * place. */
#pragma once

#include "runtime/xml/doc.h"

/* REJECT with the code, "<path>: <what is wrong>". Returns false. */
bool as4_field_refuse(const struct xml_node *n, struct error *e, const char *code,
                      const char *what);
/* The one eb: child; *out is NULL where it is missing and may be. */
MUST_USE bool as4_field_child(const struct xml_node *parent, const char *name, bool required,
                              const struct xml_node **out, struct error *e);
/* Text of that child; STR_NONE where it is missing and may be. Empty is refused unless `may_be_empty`. */
struct as4_field {
    const char *name;
    bool required, may_be_empty;
};
MUST_USE bool as4_field_text(const struct xml_node *parent, const struct as4_field *field,
                             struct arena *a, struct str *out, struct error *e);
/* Trimmed text of the element itself, 1 to `most` octets. */
MUST_USE bool as4_field_own_text(const struct xml_node *n, size_t most, struct arena *a,
                                 struct str *out, struct error *e);
/* An attribute without namespace; STR_NONE where it is missing; longer than AS4_TEXT_MAX refused. */
MUST_USE bool as4_field_attribute(const struct xml_node *n, const char *name, struct arena *a,
                                  struct str *out, struct error *e);
/* Every element child must be eb: and one of the names ("A|B|C"). */
MUST_USE bool as4_field_only(const struct xml_node *parent, const char *names, struct error *e);
