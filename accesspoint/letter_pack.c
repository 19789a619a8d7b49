/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The packed form, big-endian: "PHL1", then the fields in the order below. A text is its length (4
 * octets) and its octets; an absent one has none. A list is its count (4 octets) and its entries.
 * There is one way to write a letter, and nothing else is read. */
#include "accesspoint/letter.h"
#include "runtime/base/cursor.h"

#define MAGIC STR("PHL1")
enum { FILES_MAX = 4 * SDK_PARTS_MAX, ENTRY_MIN = 4 /* octets of the least entry of any list */ };

/* --- writing */
struct packer {
    struct buf *out;
    struct error *e;
    bool failed;
};

static void put(struct packer *p, struct str octets)
{
    if (!p->failed && !buf_add(p->out, octets, p->e))
        p->failed = true;
}

static void put_number(struct packer *p, uint64_t value, size_t octets)
{
    char text[8];
    for (size_t i = 0; i < octets; i++)
        text[i] = (char)(value >> 8 * (octets - 1 - i) & 0xff);
    put(p, str_bytes(text, octets));
}

static void put_count(struct packer *p, size_t count)
{
    put_number(p, count, 4);
}

static void put_text(struct packer *p, struct str text)
{
    if (text.len > UINT32_MAX && !p->failed)
        p->failed = !error_set(p->e, ERROR_REJECT, "a text of more than 4 GiB");
    put_count(p, text.len);
    put(p, text);
}

static void put_identity(struct packer *p, const struct sdk_ii *id, struct str label)
{
    put_text(p, id->root);
    put_text(p, id->extension);
    put_text(p, label);
}

static void put_party(struct packer *p, const struct sdk_party *party)
{
    const struct sdk_attention *n = &party->attention;
    put_text(p, party->id.extension);
    put_text(p, party->label);
    put_text(p, n->organization.extension);
    put_text(p, n->organization_label);
    put_count(p, n->person_count);
    for (size_t i = 0; i < n->person_count; i++)
        put_identity(p, &n->persons[i].id, n->persons[i].label);
    put_count(p, n->reference_count);
    for (size_t i = 0; i < n->reference_count; i++)
        put_identity(p, &n->references[i].id, n->references[i].label);
}

static void put_file(struct packer *p, const struct letter_file *f)
{
    put_text(p, f->slot);
    put_text(p, f->target->name);
    put_text(p, f->target->type);
    put_number(p, f->octets, 8);
    put_text(p, f->sha256);
}

static void put_document(struct packer *p, const struct sdk_document *d,
                         const struct letter_file *files)
{
    put_text(p, d->id);
    put_text(p, d->name);
    put_text(p, d->index);
    put_count(p, d->text_count);
    for (size_t i = 0; i < d->text_count; i++)
        put_text(p, d->texts[i].content.memory);
    put_count(p, d->file_count);
    for (size_t i = 0; i < d->file_count; i++)
        put_file(p, &files[i]);
}

bool letter_pack(const struct letter *l, struct buf *out, struct error *e)
{
    const struct sdk_message *m = &l->message;
    struct packer p = {.out = out, .e = e};
    size_t files = 0;
    put(&p, MAGIC);
    put_text(&p, m->id);
    put_text(&p, m->conversation);
    put_text(&p, m->ref_to);
    put_number(&p, (uint64_t)m->created_ms, 8);
    put_text(&p, m->label);
    put_number(&p, m->confidential, 1);
    put_identity(&p, &m->generating_system, STR_NONE);
    put_party(&p, &m->sender);
    put_party(&p, &m->recipient);
    put_count(&p, l->file_count);
    put_count(&p, m->document_count);
    for (size_t i = 0; i < m->document_count; i++) {
        files += m->documents[i].file_count;
        if (files > l->file_count)
            break;
        put_document(&p, &m->documents[i], l->files + files - m->documents[i].file_count);
    }
    if (files != l->file_count && !p.failed)
        return error_set(e, ERROR_BUG, "the documents do not hold the %zu files beside them",
                         l->file_count);
    return !p.failed;
}

/* --- reading */
struct unpacker {
    struct cursor left;
    struct arena *arena;
    const struct federation *federation;
    struct letter *letter;
    size_t file_room;
};

static bool take_text(struct unpacker *u, struct str *out)
{
    uint32_t len;
    struct str text;
    if (!cursor_u32(&u->left, &len) || !cursor_take(&u->left, len, &text))
        return false;
    *out = len == 0 ? STR_NONE : text;
    return true;
}

static bool take_count(struct unpacker *u, size_t most, size_t *out)
{
    uint32_t count;
    if (!cursor_u32(&u->left, &count) || count > most || count > u->left.left.len / ENTRY_MIN)
        return false;
    *out = count;
    return true;
}

static bool take_identity(struct unpacker *u, struct sdk_ii *id, struct str *label)
{
    return take_text(u, &id->root) && take_text(u, &id->extension) && take_text(u, label);
}

static bool take_persons(struct unpacker *u, struct sdk_attention *out)
{
    if (!take_count(u, SDK_PARTS_MAX, &out->person_count))
        return false;
    out->persons = arena_array(u->arena, out->person_count, sizeof(out->persons[0]));
    for (size_t i = 0; i < out->person_count; i++)
        if (!take_identity(u, &out->persons[i].id, &out->persons[i].label))
            return false;
    return true;
}

static bool take_references(struct unpacker *u, struct sdk_attention *out)
{
    if (!take_count(u, SDK_PARTS_MAX, &out->reference_count))
        return false;
    out->references = arena_array(u->arena, out->reference_count, sizeof(out->references[0]));
    for (size_t i = 0; i < out->reference_count; i++)
        if (!take_identity(u, &out->references[i].id, &out->references[i].label))
            return false;
    return true;
}

static bool take_party(struct unpacker *u, struct sdk_party *out)
{
    struct sdk_attention *n = &out->attention;
    if (!take_text(u, &out->id.extension) || !take_text(u, &out->label) ||
        !take_text(u, &n->organization.extension) || !take_text(u, &n->organization_label) ||
        !take_persons(u, n) || !take_references(u, n))
        return false;
    out->id.root = u->federation->participant_scheme;
    out->has_attention = n->organization.extension.len > 0;
    if (out->has_attention)
        n->organization.root = u->federation->address_root;
    return true;
}

static bool take_texts(struct unpacker *u, struct sdk_document *out)
{
    if (!take_count(u, SDK_PARTS_MAX, &out->text_count))
        return false;
    out->texts = arena_array(u->arena, out->text_count, sizeof(out->texts[0]));
    for (size_t i = 0; i < out->text_count; i++) {
        struct sdk_content *c = &out->texts[i].content;
        if (!take_text(u, &c->memory))
            return false;
        if (c->memory.at == NULL)
            c->memory = STR(""); /* a text in memory, though it says nothing */
        c->fd = -1;
        c->len = c->memory.len;
    }
    return true;
}

static bool take_file(struct unpacker *u, struct letter_file *out)
{
    struct sdk_file *file = out->target;
    if (!take_text(u, &out->slot) || !take_text(u, &file->name) || !take_text(u, &file->type) ||
        !cursor_u64(&u->left, &out->octets) || !take_text(u, &out->sha256))
        return false;
    file->content = (struct sdk_content){.fd = -1, .len = out->octets};
    return true;
}

static bool take_files(struct unpacker *u, struct sdk_document *out)
{
    struct letter *l = u->letter;
    if (!take_count(u, u->file_room - l->file_count, &out->file_count))
        return false;
    out->files = arena_array(u->arena, out->file_count, sizeof(out->files[0]));
    for (size_t i = 0; i < out->file_count; i++) {
        struct letter_file *f = &l->files[l->file_count++];
        f->target = &out->files[i];
        if (!take_file(u, f))
            return false;
    }
    return true;
}

static bool take_documents(struct unpacker *u)
{
    struct sdk_message *m = &u->letter->message;
    if (!take_count(u, FILES_MAX, &u->file_room) ||
        !take_count(u, SDK_DOCUMENTS_MAX, &m->document_count))
        return false;
    u->letter->files = arena_array(u->arena, u->file_room, sizeof(u->letter->files[0]));
    m->documents = arena_array(u->arena, m->document_count, sizeof(m->documents[0]));
    for (size_t i = 0; i < m->document_count; i++) {
        struct sdk_document *d = &m->documents[i];
        if (!take_text(u, &d->id) || !take_text(u, &d->name) || !take_text(u, &d->index) ||
            !take_texts(u, d) || !take_files(u, d))
            return false;
    }
    return u->letter->file_count == u->file_room;
}

static bool take_header(struct unpacker *u)
{
    struct sdk_message *m = &u->letter->message;
    struct str none;
    uint64_t created;
    uint8_t confidential;
    if (!cursor_skip(&u->left, MAGIC) || !take_text(u, &m->id) || !take_text(u, &m->conversation) ||
        !take_text(u, &m->ref_to) || !cursor_u64(&u->left, &created) || !take_text(u, &m->label) ||
        !cursor_u8(&u->left, &confidential) || confidential > 1 ||
        !take_identity(u, &m->generating_system, &none) || none.len > 0)
        return false;
    m->created_ms = (int64_t)created;
    m->confidential = confidential == 1;
    return take_party(u, &m->sender) && take_party(u, &m->recipient);
}

bool letter_unpack(struct str packed, const struct federation *federation, struct arena *a,
                   struct letter *out, struct error *e)
{
    struct letter l = {0};
    struct unpacker u = {cursor_of(packed), a, federation, &l, 0};
    if (!take_header(&u) || !take_documents(&u) || !cursor_done(&u.left))
        return error_set(e, ERROR_BUG, "stored letter: of another form, %zu octets from its end",
                         u.left.left.len);
    *out = l;
    return true;
}
