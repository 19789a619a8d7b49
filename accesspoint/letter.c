/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/letter.h"

#include "accesspoint/letter_value.h"

static const struct rule label_rule = {false, LETTER_LABEL_MAX, FORM_ANY};
static const struct rule needed_label = {true, LETTER_LABEL_MAX, FORM_ANY};

static struct sdk_ii read_identity(struct reading *r, const struct place *at,
                                   const struct json *value, const struct rule *rule)
{
    return (struct sdk_ii){value_text_member(r, at, value, "root", *rule),
                           value_text_member(r, at, value, "extension", *rule)};
}

static void read_person(struct reading *r, const struct place *at, const struct json *value,
                        struct sdk_person *out)
{
    if (!value_is_object(r, at, value, "root|extension|label"))
        return;
    out->id = read_identity(r, at, value, &label_rule);
    out->label = value_text_member(r, at, value, "label", label_rule);
    if ((out->id.root.at == NULL) != (out->id.extension.at == NULL))
        value_fault(r, at, "missing", "root and extension go together",
                    "root och extension hör ihop");
    else if (json_count(value) == 0)
        value_fault(r, at, "empty", "must hold root and extension, a label, or all three",
                    "ska innehålla root och extension, label, eller alla tre");
}

static void read_persons(struct reading *r, const struct place *in, const struct json *object,
                         struct sdk_attention *out)
{
    struct place at = place_inside(in, "persons");
    const struct json *list;
    out->person_count = value_list_member(r, &at, object, 100, &list);
    out->persons = arena_array(r->arena, out->person_count, sizeof(out->persons[0]));
    for (size_t i = 0; i < out->person_count; i++) {
        struct place each = place_nth(&at, i);
        read_person(r, &each, json_item(list, i), &out->persons[i]);
    }
}

static void read_references(struct reading *r, const struct place *in, const struct json *object,
                            struct sdk_attention *out)
{
    struct place at = place_inside(in, "references");
    const struct json *list;
    out->reference_count = value_list_member(r, &at, object, 100, &list);
    out->references = arena_array(r->arena, out->reference_count, sizeof(out->references[0]));
    for (size_t i = 0; i < out->reference_count; i++) {
        struct place each = place_nth(&at, i);
        const struct json *value = json_item(list, i);
        if (!value_is_object(r, &each, value, "root|extension|label"))
            continue;
        out->references[i].id = read_identity(r, &each, value, &needed_label);
        out->references[i].label = value_text_member(r, &each, value, "label", label_rule);
    }
}

static void read_party(struct reading *r, const struct place *root, const struct json *object,
                       const char *name, struct sdk_party *out)
{
    struct place at = place_inside(root, name);
    const struct json *value = json_member(object, name);
    bool is_sender = str_is(str_of(name), "sender");
    if (value == NULL) {
        value_missing(r, &at);
        return;
    }
    if (!value_is_object(r, &at, value,
                         "participant|label|address|addressLabel|persons|references"))
        return;
    struct rule participant = {!is_sender, 0, FORM_PARTICIPANT};
    struct rule address = {true, LETTER_LABEL_MAX, FORM_ANY};
    struct sdk_attention *attention = &out->attention;
    out->id.root = r->federation->participant_scheme;
    out->id.extension = value_text_member(r, &at, value, "participant", participant);
    out->label = value_text_member(r, &at, value, "label", label_rule);
    attention->organization.extension = value_text_member(r, &at, value, "address", address);
    attention->organization_label = value_text_member(r, &at, value, "addressLabel", label_rule);
    read_persons(r, &at, value, attention);
    read_references(r, &at, value, attention);
    out->has_attention = attention->organization.extension.len > 0;
    if (out->has_attention)
        attention->organization.root = r->federation->address_root;
}

/* --- documents */
static void read_file(struct reading *r, const struct place *at, const struct json *value,
                      struct letter_file *f)
{
    if (!value_is_object(r, at, value, "attachmentId|part|fileName|contentType"))
        return;
    f->pointer = place_pointer(r->arena, at);
    f->attachment_id =
        value_text_member(r, at, value, "attachmentId", (struct rule){false, 0, FORM_UUID});
    f->part = value_text_member(r, at, value, "part", (struct rule){false, 100, FORM_PART});
    f->target->name =
        value_text_member(r, at, value, "fileName", (struct rule){false, 255, FORM_FILE_NAME});
    f->target->type =
        value_text_member(r, at, value, "contentType", (struct rule){false, 255, FORM_TYPE});
    bool has_upload = json_member(value, "attachmentId") != NULL;
    if (has_upload == (json_member(value, "part") != NULL))
        value_fault(r, at, "missing", "must hold attachmentId of an upload or part, and not both",
                    "ska innehålla antingen attachmentId för en uppladdad fil eller part");
}

/* NULL: one too many, and said so. */
static struct letter_file *take_file(struct reading *r, const struct place *at,
                                     struct sdk_file *target)
{
    struct letter *l = r->letter;
    if (l->file_count < r->file_room) {
        struct letter_file *f = &l->files[l->file_count++];
        f->target = target;
        return f;
    }
    letter_fault(r->faults, r->arena, place_pointer(r->arena, at), "too-many",
                 "a message may have %zu attachments", "ett meddelande får ha %zu bilagor",
                 r->file_room);
    return NULL;
}

static void read_files(struct reading *r, const struct place *in, const struct json *object,
                       struct sdk_document *out)
{
    struct place at = place_inside(in, "attachments");
    const struct json *list;
    size_t count = value_list_member(r, &at, object, 100, &list);
    out->files = arena_array(r->arena, count, sizeof(out->files[0]));
    for (size_t i = 0; i < count; i++) {
        struct place each = place_nth(&at, i);
        struct letter_file *f = take_file(r, &each, &out->files[i]);
        if (f == NULL)
            return;
        read_file(r, &each, json_item(list, i), f);
        f->target->content = (struct sdk_content){.fd = -1};
        out->file_count++;
    }
}

static void read_texts(struct reading *r, const struct place *in, const struct json *object,
                       struct sdk_document *out)
{
    static const struct rule needed = {true, 0, FORM_ANY};
    struct place at = place_inside(in, "texts");
    const struct json *list;
    out->text_count = value_list_member(r, &at, object, 100, &list);
    out->texts = arena_array(r->arena, out->text_count, sizeof(out->texts[0]));
    for (size_t i = 0; i < out->text_count; i++) {
        struct place each = place_nth(&at, i);
        struct str text = value_text(r, &each, json_item(list, i), &needed);
        out->texts[i].content = (struct sdk_content){.memory = text, .fd = -1, .len = text.len};
    }
}

static void read_document(struct reading *r, const struct place *at, const struct json *value,
                          struct sdk_document *out)
{
    if (!value_is_object(r, at, value, "documentId|name|texts|attachments"))
        return;
    out->id = value_text_member(r, at, value, "documentId", label_rule);
    out->name = value_text_member(r, at, value, "name", label_rule);
    read_texts(r, at, value, out);
    read_files(r, at, value, out);
    if (r->faults->count == 0 && out->text_count + out->file_count == 0)
        value_fault(r, at, "empty", "must hold at least one text or attachment",
                    "ska innehålla minst en text eller bilaga");
}

static void read_documents(struct reading *r, const struct place *root, const struct json *object)
{
    struct sdk_message *m = &r->letter->message;
    struct place at = place_inside(root, "documents");
    const struct json *list;
    m->document_count = value_list_member(r, &at, object, SDK_DOCUMENTS_MAX, &list);
    m->documents = arena_array(r->arena, m->document_count, sizeof(m->documents[0]));
    if (m->document_count == 0 && r->faults->count == 0)
        value_fault(r, &at, "missing", "must hold at least one document",
                    "ska innehålla minst ett dokument");
    for (size_t i = 0; i < m->document_count; i++) {
        struct place each = place_nth(&at, i);
        struct sdk_document *d = &m->documents[i];
        read_document(r, &each, json_item(list, i), d);
        if (d->id.at == NULL)
            d->id = STR("SDK-Meddelande");
        if (m->document_count > 1) /* spec/sdk.md 4.1: set when there are several */
            d->index = arena_format(r->arena, "%zu", i + 1);
    }
}

/* --- the whole */
static void read_generating_system(struct reading *r, const struct place *root,
                                   const struct json *object, struct sdk_message *m)
{
    struct place at = place_inside(root, "generatingSystem");
    const struct json *value = json_member(object, "generatingSystem");
    if (value != NULL && value_is_object(r, &at, value, "root|extension"))
        m->generating_system = read_identity(r, &at, value, &needed_label);
}

static void read_whole(struct reading *r, const struct json *object)
{
    static const char names[] = "sender|recipient|subject|confidential|conversationId|replyTo|"
                                "generatingSystem|documents";
    struct place root = {NULL, STR_NONE, 0};
    struct sdk_message *m = &r->letter->message;
    struct rule uuid = {false, 0, FORM_UUID};
    if (!value_is_object(r, &root, object, names))
        return;
    m->conversation = value_text_member(r, &root, object, "conversationId", uuid);
    m->ref_to = value_text_member(r, &root, object, "replyTo", uuid);
    m->label = value_text_member(r, &root, object, "subject", needed_label);
    m->confidential = value_boolean_member(r, &root, object, "confidential");
    read_generating_system(r, &root, object, m);
    read_party(r, &root, object, "sender", &m->sender);
    read_party(r, &root, object, "recipient", &m->recipient);
    read_documents(r, &root, object);
}

static bool read_json(struct str json, struct reading *r, struct letter *out, struct error *e)
{
    AUTO_JSON doc = {0};
    struct letter l = {0};
    if (!json_read_with_nul(json, &doc, e))
        return false;
    r->letter = &l;
    r->file_room = LETTER_FILES_MAX;
    l.files = arena_array(r->arena, r->file_room, sizeof(l.files[0]));
    read_whole(r, doc.root);
    if (r->faults->count == 0)
        *out = l;
    return true;
}

bool letter_read_new(struct str json, const struct federation *federation, struct arena *a,
                     struct letter *out, struct letter_faults *faults, struct error *e)
{
    struct reading r = {.arena = a, .federation = federation, .faults = faults};
    faults->count = 0;
    return read_json(json, &r, out, e);
}
