/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* c14n.h - canonical XML into a sink (usually a digest): cut texts are put back on the way. */
#pragma once

#include "runtime/xml/doc.h"

enum c14n_type { C14N_1_0, C14N_1_1, C14N_EXCLUSIVE };
#define C14N_1_0_URI       "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define C14N_1_1_URI       "http://www.w3.org/2006/12/xml-c14n11"
#define C14N_EXCLUSIVE_URI "http://www.w3.org/2001/10/xml-exc-c14n#"
bool c14n_type_of(struct str uri, enum c14n_type *out);

struct c14n_options {
    enum c14n_type type;
    const char *const *inclusive_prefixes; /* NULL-terminated; "#default" allowed; may be NULL */
    const struct xml_node *without; /* this subtree is left out (enveloped signature); NULL */
};
/* The subtree of `top`; top NULL: the whole document, comments never. Does not finish the sink. */
MUST_USE bool c14n_write(const struct xml_doc *d, const struct xml_node *top,
                         const struct c14n_options *options, struct sink *out, struct error *e);
