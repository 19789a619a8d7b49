/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* message.h - the SDK message v3 (spec/sdk.md 4) as values: write, read, check. Texts are views into
 * the arena of whoever made or read them; what is absent is STR_NONE. Files are never held: their
 * octets flow from where they are to where they shall be. */
#pragma once

#include "accesspoint/sdk/federation.h"
#include "accesspoint/sdk/judge.h"

enum {
    SDK_DOCUMENTS_MAX = 100,
    SDK_PARTS_MAX = 500, /* files and texts of one document; persons; references */
    SDK_TEXT_MAX = 4096, /* octets of any value but files and texts */
};

struct sdk_ii { /* IIType */
    struct str root, extension;
};
struct sdk_person {
    struct sdk_ii id; /* root none: no id */
    struct str label;
};
struct sdk_reference {
    struct sdk_ii id;
    struct str label;
};
struct sdk_attention {
    struct sdk_person *persons;
    size_t person_count;
    struct sdk_ii organization; /* the function address: root is the federation's address_root */
    struct str organization_label;
    struct sdk_reference *references;
    size_t reference_count;
};
struct sdk_party {
    struct sdk_ii id; /* root is the participant scheme, extension "0203:..." */
    struct str label;
    bool has_attention; /* a recipient always has one */
    struct sdk_attention attention;
};

/* Octets: in memory, or where memory.at is NULL [offset, offset + len) of a file; or where they were
 * read from, then node alone is set and its document must live. */
struct sdk_content {
    struct str memory;
    int fd;
    uint64_t offset, len;
    const struct xml_node *node;
};
struct sdk_file {
    struct str name, type;
    struct sdk_content content; /* decoded octets */
};
struct sdk_text {
    struct sdk_content content; /* UTF-8 Markdown */
};
struct sdk_document {
    struct str id, name, index;
    struct sdk_file *files;
    size_t file_count;
    struct sdk_text *texts;
    size_t text_count;
};
struct sdk_message {
    int64_t created_ms;
    struct str id, conversation, ref_to; /* UUIDs */
    struct str label;                    /* the subject */
    bool confidential;
    struct sdk_ii generating_system; /* root none: absent */
    struct sdk_party recipient, sender;
    struct sdk_document *documents;
    size_t document_count;
};

/* Canonical XML without declaration, in constant memory: files are read and base64-encoded on the
 * way. Finishes the sink. REJECT where a text cannot stand in XML. */
MUST_USE bool sdk_message_write(const struct sdk_message *m, struct sink *out, struct error *e);
/* Of a document that its XSD accepts. REJECT beyond the limits above. */
MUST_USE bool sdk_message_read(const struct xml_doc *d, struct arena *a, struct sdk_message *out,
                               struct error *e);
/* The octets of a file (strictly base64-decoded, XML white space skipped) or of a text; finishes the
 * sink. REJECT, code "BV/invariant", where it is not base64. */
MUST_USE bool sdk_file_content(const struct sdk_file *f, struct sink *out, struct error *e);
MUST_USE bool sdk_text_content(const struct sdk_text *t, struct sink *out, struct error *e);

struct sdk_checks {            /* all borrowed */
    const struct judge *judge; /* JUDGE_MESSAGE */
    const struct federation *federation;
    enum judge_side side;
    uint64_t octets; /* of the document as it came */
};
/* Size, XSD, M1-M9 and our own rules, in that order; the first step that finds something ends it.
 * *out is read (views into the arena and the document) where f->count is 0 afterwards. */
MUST_USE bool sdk_message_check(const struct sdk_checks *c, const struct xml_doc *d,
                                struct arena *a, struct sdk_message *out, struct xml_findings *f,
                                struct error *e);

struct sdk_envelope { /* what the envelope around it says */
    struct str id, from, to, handling_service;
};
/* Steps 10 to 12 of spec/sdk.md 5.4: the message is who the envelope says. Codes BV/security. */
void sdk_message_match(const struct sdk_message *m, const struct sdk_envelope *x,
                       struct xml_findings *f);
