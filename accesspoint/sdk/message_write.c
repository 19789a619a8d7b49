/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/sdk/test_message.c */
#include "accesspoint/sdk/message.h"
#include "accesspoint/sdk/names.h"
#include "runtime/base/clock.h"
#include "runtime/crypto/base64.h"
#include "runtime/xml/write.h"

enum { HOLD_OCTETS = 32 * 1024 };

/* A UTF-8 character may be cut between two writes: its beginning waits here. */
struct text_sink {
    struct sink sink;
    struct xml_writer *w;
    char held[4];
    size_t held_len;
};

static bool put_legal(struct xml_writer *w, struct str text, struct error *e)
{
    if (!xml_text_is_legal(text))
        return error_set(e, ERROR_REJECT, "a text holds characters that XML cannot carry");
    xml_put_text(w, text);
    return !w->failed;
}

static size_t character_size(char first)
{
    unsigned char c = (unsigned char)first;
    return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
}

/* How many octets at the end begin a character that is not whole. */
static size_t cut_tail(struct str octets)
{
    for (size_t n = 1; n <= 3 && n <= octets.len; n++) {
        char c = octets.at[octets.len - n];
        if (((unsigned char)c & 0xc0) != 0x80)
            return character_size(c) > n ? n : 0;
    }
    return 0;
}

static bool text_write(struct sink *s, struct str octets, struct error *e)
{
    struct text_sink *t = (struct text_sink *)s;
    while (t->held_len > 0 && octets.len > 0) {
        t->held[t->held_len++] = octets.at[0];
        octets = str_from(octets, 1);
        if (t->held_len < character_size(t->held[0]))
            continue;
        struct str character = str_bytes(t->held, t->held_len);
        t->held_len = 0;
        if (!put_legal(t->w, character, e))
            return false;
    }
    size_t tail = cut_tail(octets);
    for (size_t i = octets.len - tail; i < octets.len; i++)
        t->held[t->held_len++] = octets.at[i];
    return put_legal(t->w, str_upto(octets, octets.len - tail), e);
}

static bool text_finish(struct sink *s, struct error *e)
{
    const struct text_sink *t = (const struct text_sink *)s;
    if (t->held_len > 0)
        return error_set(e, ERROR_REJECT, "a text ends inside of a character");
    return true;
}

/* Raw octets (base64 text) into the writer. */
struct raw_sink {
    struct sink sink;
    struct xml_writer *w;
};

static bool raw_write(struct sink *s, struct str octets, struct error *e)
{
    (void)e; /* the writer has it */
    struct raw_sink *r = (struct raw_sink *)s;
    xml_put(r->w, octets);
    return !r->w->failed;
}

static void fail(struct xml_writer *w, const char *what)
{
    if (!w->failed)
        error_prefix(w->e, "%s", what);
    w->failed = true;
}

static void put(struct xml_writer *w, const char *name, struct str text)
{
    if (text.at == NULL || w->failed)
        return;
    if (!xml_text_is_legal(text)) {
        error_set(w->e, ERROR_REJECT, "%s holds characters that XML cannot carry", name + 2);
        w->failed = true;
    }
    xml_put_element(w, name, text);
}

static void open(struct xml_writer *w, const char *name)
{
    xml_put(w, STR("<"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
}

static void close(struct xml_writer *w, const char *name)
{
    xml_put(w, STR("</"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
}

static void put_ii(struct xml_writer *w, const char *name, const struct sdk_ii *ii)
{
    if (ii->root.at == NULL)
        return;
    open(w, name);
    put(w, "m:root", ii->root);
    put(w, "m:extension", ii->extension);
    close(w, name);
}

static void put_attention(struct xml_writer *w, const struct sdk_attention *a)
{
    open(w, "m:attention");
    for (size_t i = 0; i < a->person_count; i++) {
        open(w, "m:person");
        put_ii(w, "m:personId", &a->persons[i].id);
        put(w, "m:label", a->persons[i].label);
        close(w, "m:person");
    }
    open(w, "m:subOrganization");
    put_ii(w, "m:organizationId", &a->organization);
    put(w, "m:label", a->organization_label);
    close(w, "m:subOrganization");
    for (size_t i = 0; i < a->reference_count; i++) {
        open(w, "m:reference");
        put_ii(w, "m:referenceId", &a->references[i].id);
        put(w, "m:label", a->references[i].label);
        close(w, "m:reference");
    }
    close(w, "m:attention");
}

static void put_party(struct xml_writer *w, const char *name, const char *id,
                      const struct sdk_party *p)
{
    open(w, name);
    put_ii(w, id, &p->id);
    put(w, "m:label", p->label);
    if (p->has_attention)
        put_attention(w, &p->attention);
    close(w, name);
}

static void put_header(struct xml_writer *w, const struct sdk_message *m)
{
    char created[CLOCK_TEXT_SIZE];
    open(w, "m:messageHeader");
    put(w, "m:creationDateTime", str_of(clock_format(m->created_ms, created)));
    put(w, "m:messageId", m->id);
    put(w, "m:conversationId", m->conversation);
    put(w, "m:refToMessageId", m->ref_to);
    put(w, "m:label", m->label);
    put(w, "m:confidentiality", m->confidential ? STR("true") : STR("false"));
    put_ii(w, "m:generatingSystem", &m->generating_system);
    put_party(w, "m:recipient", "m:recipientID", &m->recipient);
    put_party(w, "m:sender", "m:senderID", &m->sender);
    close(w, "m:messageHeader");
}

static void put_file(struct xml_writer *w, const struct sdk_file *f)
{
    struct raw_sink raw = {{raw_write, NULL}, w};
    struct base64_sink encoder;
    base64_encode_sink_init(&encoder, &raw.sink);
    open(w, "m:ContentFiles");
    put(w, "m:fileName", f->name);
    put(w, "m:contentType", f->type);
    open(w, "m:content");
    if (!w->failed && !sdk_file_content(f, &encoder.sink, w->e))
        fail(w, "a file");
    close(w, "m:content");
    close(w, "m:ContentFiles");
}

static void put_text(struct xml_writer *w, const struct sdk_text *t)
{
    struct text_sink text = {.sink = {text_write, text_finish}, .w = w};
    open(w, "m:ContentText");
    open(w, "m:characterSequence");
    if (!w->failed && !sdk_text_content(t, &text.sink, w->e))
        fail(w, "a text");
    close(w, "m:characterSequence");
    close(w, "m:ContentText");
}

static void put_document(struct xml_writer *w, const struct sdk_document *d)
{
    open(w, "m:documents");
    put(w, "m:documentID", d->id);
    put(w, "m:documentName", d->name);
    put(w, "m:index", d->index);
    for (size_t i = 0; i < d->file_count; i++)
        put_file(w, &d->files[i]);
    for (size_t i = 0; i < d->text_count; i++)
        put_text(w, &d->texts[i]);
    close(w, "m:documents");
}

bool sdk_message_write(const struct sdk_message *m, struct sink *out, struct error *e)
{
    AUTO_BUF hold = BUF(HOLD_OCTETS);
    struct xml_writer w = xml_writer_on(out, &hold, e);
    xml_put(&w, STR("<m:messagePayload xmlns:m=\"" SDK_MESSAGE_NS "\"><m:message>"));
    put_header(&w, m);
    open(&w, "m:messageBody");
    for (size_t i = 0; i < m->document_count; i++)
        put_document(&w, &m->documents[i]);
    xml_put(&w, STR("</m:messageBody></m:message></m:messagePayload>"));
    return xml_flush(&w) && sink_finish(out, e);
}
