/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* fields.h - what callers write into header fields, read strictly. Text in, values out. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/error.h"

/* May the answer be of this type? RFC 9110 §12.5.1; an empty field accepts all. */
bool field_accepts(struct str accept, struct str type);
/* RFC 9110 §12.5.4: is Swedish wanted before English? An empty field: no. */
bool field_prefers_swedish(struct str accept_language);
/* 8 to 64 letters, digits and hyphens, with or without quotes. */
MUST_USE bool field_idempotency_key(struct str field, struct str *key);

enum file_name_verdict {
    FILE_NAME_GOOD,       /* or none: an empty one */
    FILE_NAME_UNREADABLE, /* the field is not what RFC 6266 has */
    FILE_NAME_WRONG,      /* no plain file name */
};
/* RFC 6266, attachment alone, parameters in any order: filename* (RFC 8187, UTF-8) wins over
 * filename, which may hold UTF-8 as it is (RFC 7578 §5.1); other parameters count for nothing. */
MUST_USE enum file_name_verdict field_file_name(struct str disposition, struct arena *a,
                                                struct str *name);
/* RFC 9530, sha-256 alone: "sha-256=:<base64>:". */
MUST_USE bool field_content_digest(struct str field, unsigned char sha256[static 32]);
/* "Bearer <token>"; empty: something else. */
struct str field_bearer(struct str authorization);
/* Does a list of entity tags hold this one (given with its quotes)? "*" holds all. Weak tags are
 * compared as strong ones (RFC 9110 §8.8.3.2). */
bool field_holds_etag(struct str field, struct str etag);

enum range_verdict { RANGE_WHOLE, RANGE_PART, RANGE_OUTSIDE };
/* RFC 9110 §14.2, one range of bytes. What is not understood, and several ranges, count as none. */
enum range_verdict field_range(struct str field, uint64_t size, uint64_t *offset, uint64_t *length);
