/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/test_letter.c */
#include "accesspoint/letter.h"
#include "runtime/base/clock.h"
#include "runtime/base/json.h"

static void put_optional(struct json_writer *w, const char *name, struct str text)
{
    if (text.len > 0)
        json_put_text(w, name, text);
}

static void put_identity(struct json_writer *w, const char *name, const struct sdk_ii *id,
                         struct str label)
{
    json_open_object(w, name);
    put_optional(w, "root", id->root);
    put_optional(w, "extension", id->extension);
    put_optional(w, "label", label);
    json_close(w);
}

static void put_party(struct json_writer *w, const char *name, const struct sdk_party *p)
{
    const struct sdk_attention *n = &p->attention;
    json_open_object(w, name);
    json_put_text(w, "participant", p->id.extension);
    put_optional(w, "label", p->label);
    put_optional(w, "address", n->organization.extension);
    put_optional(w, "addressLabel", n->organization_label);
    if (n->person_count > 0) {
        json_open_array(w, "persons");
        for (size_t i = 0; i < n->person_count; i++)
            put_identity(w, NULL, &n->persons[i].id, n->persons[i].label);
        json_close(w);
    }
    if (n->reference_count > 0) {
        json_open_array(w, "references");
        for (size_t i = 0; i < n->reference_count; i++)
            put_identity(w, NULL, &n->references[i].id, n->references[i].label);
        json_close(w);
    }
    json_close(w);
}

static void put_file(struct json_writer *w, const struct letter_file *f)
{
    json_open_object(w, NULL);
    json_put_text(w, "attachmentId", f->slot);
    json_put_text(w, "fileName", f->target->name);
    json_put_text(w, "contentType", f->target->type);
    json_put_integer(w, "size", (int64_t)f->octets);
    json_put_text(w, "digest", f->sha256);
    json_close(w);
}

static void put_text(struct json_writer *w, const struct sdk_text *t)
{
    if (t->content.node == NULL) {
        json_put_text(w, NULL, t->content.memory);
        return;
    }
    AUTO_BUF text = BUF(w->out->limit);
    struct sink_buf into;
    sink_buf_init(&into, &text);
    if (!w->failed && !sdk_text_content(t, &into.sink, w->e))
        w->failed = true;
    json_put_text(w, NULL, buf_str(&text));
}

static void put_document(struct json_writer *w, const struct sdk_document *d,
                         const struct letter_file *files)
{
    json_open_object(w, NULL);
    json_put_text(w, "documentId", d->id);
    put_optional(w, "name", d->name);
    put_optional(w, "index", d->index);
    json_open_array(w, "texts");
    for (size_t i = 0; i < d->text_count; i++)
        put_text(w, &d->texts[i]);
    json_close(w);
    json_open_array(w, "attachments");
    for (size_t i = 0; i < d->file_count; i++)
        put_file(w, &files[i]);
    json_close(w);
    json_close(w);
}

static void put_header(struct json_writer *w, const struct sdk_message *m)
{
    char time[CLOCK_TEXT_SIZE];
    json_put_text(w, "messageId", m->id);
    json_put_text(w, "conversationId", m->conversation);
    put_optional(w, "replyTo", m->ref_to);
    json_put_text(w, "createdAt", str_of(clock_format(m->created_ms, time)));
    put_optional(w, "subject", m->label);
    json_put_boolean(w, "confidential", m->confidential);
    if (m->generating_system.root.len > 0)
        put_identity(w, "generatingSystem", &m->generating_system, STR_NONE);
    put_party(w, "sender", &m->sender);
    put_party(w, "recipient", &m->recipient);
}

bool letter_write(const struct letter *l, struct buf *out, struct error *e)
{
    const struct sdk_message *m = &l->message;
    size_t files = 0;
    for (size_t i = 0; i < m->document_count; i++)
        files += m->documents[i].file_count;
    if (files != l->file_count)
        return error_set(e, ERROR_BUG, "%zu files in the documents, %zu beside them", files,
                         l->file_count);
    struct json_writer w = json_writer_on(out, e);
    json_open_object(&w, NULL);
    put_header(&w, m);
    json_open_array(&w, "documents");
    size_t next = 0;
    for (size_t i = 0; i < m->document_count; i++) {
        put_document(&w, &m->documents[i], l->files + next);
        next += m->documents[i].file_count;
    }
    json_close(&w);
    json_close(&w);
    return json_done(&w);
}
