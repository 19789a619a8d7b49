/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* verdict.h - what a checker says of one file, for people and for programs. */
#pragma once

#include <stdint.h>

#include "runtime/xml/schema.h"

enum { VERDICT_PAYLOADS_MAX = 1000 };

struct verdict_payload {
    struct str href, mime_type, sha256; /* sha256 in hexadecimal */
    uint64_t octets;
};
struct verdict {
    const char *file;
    const char *kind;
    bool is_accepted;
    struct str code, why;  /* of the first finding */
    struct str message_id; /* none where it could not be read */
    struct verdict_payload *payloads;
    size_t payload_count;
    struct xml_findings findings;
};

/* One JSON object on a line, or a line and an indented one for each finding, to standard output. */
MUST_USE bool verdict_print(const struct verdict *v, bool as_json, struct error *e);
