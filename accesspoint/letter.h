/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* letter.h - a message as JSON: as the API takes and gives it, and as the store keeps it in SLOT_LETTER.
 * The stored form names each file by its payload slot, with name, type, octets and sha256; the API's
 * form by attachmentId. Everything the SDK message carries is there (spec/sdk.md 4.1). */
#pragma once

#include "accesspoint/sdk/message.h"
#include "runtime/base/json.h"

struct letter_file {
    struct sdk_file *target;  /* in message.documents[..].files */
    struct str slot;          /* "file-1" */
    struct str attachment_id; /* API: of an upload; or */
    struct str part;          /* API: name of a part of the same request */
    uint64_t octets;
    struct str sha256; /* hex */
};

struct letter {
    struct sdk_message message; /* contents of files are not set: the caller opens the slots */
    struct letter_file *files;  /* in the order of the documents */
    size_t file_count;
};

/* The stored form. Texts are in memory (message.documents[..].texts[..].content.memory). */
MUST_USE bool letter_read(struct str json, struct arena *a, struct letter *out, struct error *e);
/* The same, from values: texts from memory or from their XML node. */
MUST_USE bool letter_write(const struct letter *letter, struct buf *out, struct error *e);
