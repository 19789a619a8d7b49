/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* letter.h - an SDK message as clients know it, in JSON: what one sends (schemas/openapi, NewMessage)
 * and what the inbox gives (Letter); and packed, as one that goes out waits in the store. Files are
 * named, never held. No clock, no store. */
#pragma once

#include "accesspoint/sdk/message.h"

enum { LETTER_FAULTS_MAX = 20, LETTER_FILES_MAX = 200, LETTER_LABEL_MAX = 256 /* characters */ };

/* What a client did wrong: where (RFC 6901), which kind, what would be right, in its language. */
struct letter_fault {
    struct str pointer;
    const char *code; /* static: "missing", "empty", "unknown", "type", "too-long", "form", ... */
    struct str detail;
};
struct letter_faults {
    struct letter_fault at[LETTER_FAULTS_MAX];
    size_t count; /* 0: none; what is beyond the room is left out */
    bool swedish; /* set before: the language of the details */
};
/* Adds one, in the one of both languages; pointer and code live as long as the faults. The two formats
 * take the same arguments. */
void letter_fault(struct letter_faults *f, struct arena *a, struct str pointer, const char *code,
                  const char *english, const char *swedish, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

struct letter_file {
    struct sdk_file *target;  /* in message.documents[..].files: its name and type */
    struct str slot;          /* stored: "file-1" */
    struct str attachment_id; /* new: of an upload; or */
    struct str part;          /* new: name of a part of the same request */
    struct str pointer;       /* new: where it stands, "/documents/0/attachments/1" */
    uint64_t octets;          /* stored */
    struct str sha256;        /* stored: 64 hexadecimal digits */
};
struct letter {
    struct sdk_message message; /* contents of files are not set: the caller opens the slots */
    struct letter_file *files;  /* in the order of the documents */
    size_t file_count;
};

/* A client's. False: not JSON; else *faults says what is wrong, and *out counts only
 * where there is none. Message id, conversation of a new one, time and sender's participant where
 * the client gave none are the caller's to set. */
MUST_USE bool letter_read_new(struct str json, const struct federation *federation, struct arena *a,
                              struct letter *out, struct letter_faults *faults, struct error *e);
/* JSON for the inbox. Texts are in memory or at their XML node. REJECT where out is full. */
MUST_USE bool letter_write(const struct letter *l, struct buf *out, struct error *e);
/* For the store: texts are in memory. REJECT where out is full. */
MUST_USE bool letter_pack(const struct letter *l, struct buf *out, struct error *e);
/* Texts are views into `packed`. BUG where it is not what letter_pack() writes. */
MUST_USE bool letter_unpack(struct str packed, const struct federation *federation, struct arena *a,
                            struct letter *out, struct error *e);
/* Shared with what else has participants in it: "0203:...", "0007:...", "0088:...". */
bool letter_participant_is_sane(struct str participant);
bool letter_media_type_is_sane(struct str type);
/* 1 to 255 characters that SDK can carry, and no way out of a folder, nor a turn of the
 * direction of writing, in them. */
bool letter_file_name_is_sane(struct str name);
