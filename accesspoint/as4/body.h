/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* body.h - an HTTP body taken apart: the SOAP envelope and the attachments, plain SOAP or
 * multipart/related (spec/as4.md 5). */
#pragma once

#include "accesspoint/as4/place.h"

struct as4_attachment {
    struct str cid;
    struct str type; /* of its Content-Type, parameters and all */
    struct as4_octets
        octets; /* transfer encoding undone; in the body's own place where there is none */
};

struct as4_body {
    struct str envelope;
    struct as4_attachment *attachments;
    size_t attachment_count;
};

enum { AS4_ENVELOPE_MAX = 1024 * 1024 };

struct as4_body_source {
    struct str content_type;
    struct as4_octets octets;
    bool lenient; /* bare LF in the MIME structure: sample files, never the network */
};
/* Errors: REJECT EBMS:0007. The octets must live as long as *out. */
MUST_USE bool as4_body_split(const struct as4_body_source *source, struct as4_store *store,
                             struct arena *a, struct as4_body *out, struct error *e);
