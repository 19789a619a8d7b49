/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/sdk/test_message.c */
#include "accesspoint/sdk/message.h"
#include "accesspoint/sdk/names.h"
#include "runtime/base/clock.h"

#define NS SDK_MESSAGE_NS

struct reader {
    struct arena *arena;
    struct error *e;
};

/* An element's text; none where there is none. */
static bool read_optional(struct reader *r, const struct xml_node *parent, const char *name,
                          struct str *out)
{
    const struct xml_node *n = xml_first(parent, NS, name);
    *out = STR_NONE;
    return n == NULL || xml_text(n, r->arena, SDK_TEXT_MAX, out, r->e);
}

static bool read_text(struct reader *r, const struct xml_node *parent, const char *name,
                      struct str *out)
{
    const struct xml_node *n;
    return xml_one(parent, NS, name, &n, r->e) && xml_text(n, r->arena, SDK_TEXT_MAX, out, r->e);
}

static bool read_ii(struct reader *r, const struct xml_node *parent, const char *name,
                    struct sdk_ii *out)
{
    const struct xml_node *n = xml_first(parent, NS, name);
    *out = (struct sdk_ii){STR_NONE, STR_NONE};
    return n == NULL ||
           (read_text(r, n, "root", &out->root) && read_text(r, n, "extension", &out->extension));
}

/* How many children of that name; refuses more than SDK_PARTS_MAX. */
static bool count(struct reader *r, const struct xml_node *parent, const char *name, size_t *out)
{
    *out = xml_count(parent, NS, name);
    if (*out > SDK_PARTS_MAX)
        return error_code(r->e, ERROR_REJECT, "BV/too-long", "more than %d %s elements",
                          SDK_PARTS_MAX, name);
    return true;
}

static bool read_persons(struct reader *r, const struct xml_node *n, struct sdk_attention *out)
{
    if (!count(r, n, "person", &out->person_count))
        return false;
    out->persons = arena_array(r->arena, out->person_count, sizeof(*out->persons));
    const struct xml_node *one = xml_first(n, NS, "person");
    for (size_t i = 0; one != NULL; i++, one = xml_next(one, NS, "person")) {
        if (!read_ii(r, one, "personId", &out->persons[i].id) ||
            !read_optional(r, one, "label", &out->persons[i].label))
            return false;
    }
    return true;
}

static bool read_references(struct reader *r, const struct xml_node *n, struct sdk_attention *out)
{
    if (!count(r, n, "reference", &out->reference_count))
        return false;
    out->references = arena_array(r->arena, out->reference_count, sizeof(*out->references));
    const struct xml_node *one = xml_first(n, NS, "reference");
    for (size_t i = 0; one != NULL; i++, one = xml_next(one, NS, "reference")) {
        if (!read_ii(r, one, "referenceId", &out->references[i].id) ||
            !read_optional(r, one, "label", &out->references[i].label))
            return false;
    }
    return true;
}

static bool read_attention(struct reader *r, const struct xml_node *n, struct sdk_attention *out)
{
    const struct xml_node *organization;
    return read_persons(r, n, out) && xml_one(n, NS, "subOrganization", &organization, r->e) &&
           read_ii(r, organization, "organizationId", &out->organization) &&
           read_optional(r, organization, "label", &out->organization_label) &&
           read_references(r, n, out);
}

static bool read_party(struct reader *r, const struct xml_node *header, const char *name,
                       const char *id, struct sdk_party *out)
{
    const struct xml_node *n;
    if (!xml_one(header, NS, name, &n, r->e) || !read_ii(r, n, id, &out->id) ||
        !read_optional(r, n, "label", &out->label))
        return false;
    const struct xml_node *attention = xml_first(n, NS, "attention");
    out->has_attention = attention != NULL;
    return attention == NULL || read_attention(r, attention, &out->attention);
}

static bool read_header(struct reader *r, const struct xml_node *h, struct sdk_message *out)
{
    struct str created, confidential;
    if (!read_text(r, h, "creationDateTime", &created) ||
        !clock_parse(str_trim(created), &out->created_ms, NULL, r->e) ||
        !read_text(r, h, "messageId", &out->id) ||
        !read_text(r, h, "conversationId", &out->conversation) ||
        !read_optional(r, h, "refToMessageId", &out->ref_to) ||
        !read_optional(r, h, "label", &out->label) ||
        !read_text(r, h, "confidentiality", &confidential))
        return false;
    confidential = str_trim(confidential);
    out->confidential = str_is(confidential, "true") || str_is(confidential, "1");
    return read_ii(r, h, "generatingSystem", &out->generating_system) &&
           read_party(r, h, "recipient", "recipientID", &out->recipient) &&
           read_party(r, h, "sender", "senderID", &out->sender);
}

static bool read_files(struct reader *r, const struct xml_node *n, struct sdk_document *out)
{
    if (!count(r, n, "ContentFiles", &out->file_count))
        return false;
    out->files = arena_array(r->arena, out->file_count, sizeof(*out->files));
    const struct xml_node *one = xml_first(n, NS, "ContentFiles");
    for (size_t i = 0; one != NULL; i++, one = xml_next(one, NS, "ContentFiles")) {
        struct sdk_file *f = &out->files[i];
        if (!read_text(r, one, "fileName", &f->name) ||
            !read_text(r, one, "contentType", &f->type) ||
            !xml_one(one, NS, "content", &f->content.node, r->e))
            return false;
    }
    return true;
}

static bool read_texts(struct reader *r, const struct xml_node *n, struct sdk_document *out)
{
    if (!count(r, n, "ContentText", &out->text_count))
        return false;
    out->texts = arena_array(r->arena, out->text_count, sizeof(*out->texts));
    const struct xml_node *one = xml_first(n, NS, "ContentText");
    for (size_t i = 0; one != NULL; i++, one = xml_next(one, NS, "ContentText")) {
        if (!xml_one(one, NS, "characterSequence", &out->texts[i].content.node, r->e))
            return false;
    }
    return true;
}

static bool read_documents(struct reader *r, const struct xml_node *body, struct sdk_message *out)
{
    out->document_count = xml_count(body, NS, "documents");
    if (out->document_count > SDK_DOCUMENTS_MAX)
        return error_code(r->e, ERROR_REJECT, "BV/too-long", "more than %d documents",
                          SDK_DOCUMENTS_MAX);
    out->documents = arena_array(r->arena, out->document_count, sizeof(*out->documents));
    const struct xml_node *one = xml_first(body, NS, "documents");
    for (size_t i = 0; one != NULL; i++, one = xml_next(one, NS, "documents")) {
        struct sdk_document *d = &out->documents[i];
        if (!read_text(r, one, "documentID", &d->id) ||
            !read_optional(r, one, "documentName", &d->name) ||
            !read_optional(r, one, "index", &d->index) || !read_files(r, one, d) ||
            !read_texts(r, one, d))
            return false;
    }
    return true;
}

bool sdk_message_read(const struct xml_doc *d, struct arena *a, struct sdk_message *out,
                      struct error *e)
{
    struct reader r = {a, e};
    struct sdk_message got = {0};
    const struct xml_node *root = xml_root(d), *message, *header, *body;
    if (!xml_is(root, NS, "messagePayload"))
        return error_code(e, ERROR_REJECT, "SV/structure", "not an SDK message of version 3");
    if (!xml_one(root, NS, "message", &message, e) ||
        !xml_one(message, NS, "messageHeader", &header, e) ||
        !xml_one(message, NS, "messageBody", &body, e) || !read_header(&r, header, &got) ||
        !read_documents(&r, body, &got))
        return false;
    *out = got;
    return true;
}
